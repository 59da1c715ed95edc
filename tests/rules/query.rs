//! The filter language: what is typed is what is asked, and what is written back reads the same.

use chrono::{DateTime, TimeDelta, Utc};
use exeat::domain::case::CaseState;
use exeat::domain::query::{FIELDS, Known, Query, Sign, Term, complete};
use proptest::prelude::*;

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_000_000, 0).unwrap()
}

fn parse(line: &str) -> Query {
    line.parse().unwrap()
}

#[test]
fn the_line_of_the_design_becomes_one_filter() {
    let filter = parse(
        "state:pending project:heart size>10M age>3d by:researcher1 dest:world kind:CSV is:mine ward \"two words\"",
    )
    .filter(now());
    let json = serde_json::to_value(&filter).unwrap();
    let before = (now() - TimeDelta::days(3)).to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    assert_eq!(
        json,
        serde_json::json!({
            "state": ["pending"], "project": ["heart"], "destination": ["world"], "by": ["researcher1"], "kind": ["csv"],
            "size_min": 10 * 1024 * 1024 + 1, "before": before, "words": ["ward", "two words"], "mine": true,
        })
    );
    assert_eq!(serde_json::to_value(parse("").filter(now())).unwrap(), serde_json::json!({}));
}

#[test]
fn values_add_up_and_bounds_narrow() {
    let filter =
        parse("state:pending,approved state:Changes-Requested -state:released size<1K size<=2K size>=3 size>9")
            .filter(now());
    assert_eq!(filter.state, [CaseState::Pending, CaseState::Approved, CaseState::ChangesRequested]);
    assert_eq!(filter.not_state, [CaseState::Released]);
    assert_eq!((filter.size_min, filter.size_max), (Some(10), Some(1023)));
    let nothing = parse("size<0").filter(now());
    assert!(nothing.size_min > nothing.size_max);
}

#[test]
fn an_error_points_at_the_word_and_says_what_to_do() {
    for (line, word, part) in [
        ("ward state:pendng", "state:pendng", "no such state"),
        ("colour:red x", "colour:red", "no such field"),
        ("ü size>10X", "size>10X", "size>10M"),
        ("age>3", "age>3", "age>3d"),
        ("size:10M", "size:10M", "> or <"),
        ("-project:heart", "-project:heart", "Only states"),
        ("project>3", "project>3", "project:heart"),
        ("ward \"open", "\"open", "not closed"),
        ("is:yours", "is:yours", "is:claimed"),
        ("id:x", "id:x", "whole number"),
        ("state:", "state:", "a value"),
        ("sha256:xyz", "sha256:xyz", "hexadecimal"),
        ("size>-1", "size>-1", "size>10M"),
        ("size>99999999999999999999T", "size>99999999999999999999T", "size>10M"),
    ] {
        let error = line.parse::<Query>().unwrap_err();
        assert_eq!(&line[error.span.clone()], word, "{line}");
        assert!(error.sentence.contains(part), "{line}: {}", error.sentence);
    }
}

#[test]
fn the_word_at_the_cursor_is_completed() {
    let known = Known {
        projects: vec!["heart".into(), "head and neck".into()],
        destinations: vec!["world".into()],
        ..Known::default()
    };
    let choices = |line: &str| {
        let done = complete(FIELDS, line, line.len(), &known);
        (line[done.span].to_owned(), done.choices.into_iter().map(|choice| choice.text).collect::<Vec<_>>())
    };
    assert_eq!(choices("ward st"), ("st".into(), vec!["state:".into()]));
    assert_eq!(
        choices("state:pending,re"),
        ("re".into(), vec!["releasing".into(), "recalled".into(), "released".into(), "rejected".into()])
    );
    assert_eq!(choices("\"two words\" project:HE"), ("HE".into(), vec!["heart".into(), "\"head and neck\"".into()]));
    assert_eq!(choices("size"), ("size".into(), vec!["size>".into()]));
    assert_eq!(choices("DESTination:"), (String::new(), vec!["world".into()]), "another name of dest");
    assert_eq!(choices("ward ").1.len(), FIELDS.len());
    assert_eq!(choices("\"state:"), (String::new(), vec![]));
    assert_eq!(complete(FIELDS, "ü state:p", 1, &known).span, 0..0);
}

#[test]
fn every_example_of_the_help_parses() {
    for field in FIELDS {
        let example = field.example;
        assert!(example.starts_with(field.name), "{example}");
        assert_eq!(parse(example).terms.len(), 1, "{example}");
        assert!(!matches!(parse(example).terms[0], Term::Word(_)), "{example}");
    }
}

fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z-][a-z0-9./_-]{0,8}",
        "[ -~]{1,8}",
        "\\PC{1,6}",
        any::<String>().prop_filter("not empty", |s| !s.is_empty())
    ]
}

fn words() -> impl Strategy<Value = Vec<String>> {
    proptest::collection::vec(word(), 1..3)
}

fn sign() -> impl Strategy<Value = Sign> {
    prop_oneof![Just(Sign::More), Just(Sign::AtLeast), Just(Sign::Less), Just(Sign::AtMost)]
}

fn states() -> impl Strategy<Value = Vec<CaseState>> {
    proptest::sample::subsequence(CaseState::ALL.to_vec(), 1..4)
}

fn term() -> impl Strategy<Value = Term> {
    prop_oneof![
        word().prop_map(Term::Word),
        states().prop_map(Term::State),
        states().prop_map(Term::NotState),
        words().prop_map(Term::Project),
        words().prop_map(Term::Destination),
        words().prop_map(Term::By),
        words().prop_map(|w| Term::Kind(w.iter().map(|w| w.to_ascii_lowercase()).collect())),
        (sign(), 0..i64::MAX.unsigned_abs()).prop_map(|(s, n)| Term::Size(s, n)),
        (sign(), 0..50_000_000_u64).prop_map(|(s, n)| Term::Age(s, n * 60)),
        Just(Term::Mine),
        proptest::collection::vec(any::<i64>(), 1..3).prop_map(Term::Id),
        proptest::collection::vec(any::<i64>(), 1..3).prop_map(Term::Submission),
        proptest::collection::vec("[0-9a-f]{1,64}", 1..3).prop_map(Term::Sha256),
    ]
}

proptest! {
    #[test]
    fn a_query_written_out_reads_the_same(terms in proptest::collection::vec(term(), 0..6)) {
        let query = Query { terms };
        prop_assert_eq!(query.to_string().parse::<Query>(), Ok(query));
    }

    #[test]
    fn any_cursor_completes_within_the_line(line in any::<String>(), at in 0..40_usize) {
        let done = complete(FIELDS, &line, at, &Known::default());
        prop_assert!(line.get(done.span).is_some());
    }

    #[test]
    fn any_line_parses_or_points_into_itself(line in any::<String>()) {
        match line.parse::<Query>() {
            Ok(query) => { let _ = query.filter(now()); }
            Err(error) => prop_assert!(line.get(error.span).is_some_and(|word| !word.is_empty())),
        }
    }
}
