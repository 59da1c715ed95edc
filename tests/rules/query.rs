//! The filter language: what is typed is what is asked, and what is written back reads the same.

use chrono::{DateTime, TimeDelta, Utc};
use exeat::domain::case::CaseState;
use exeat::domain::query::{FIELDS, Known, Query, QueryError, Sign, Term, Value, WORDS, complete};
use proptest::prelude::*;

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_000_000, 0).unwrap()
}

fn read(line: &str) -> Result<Query, QueryError> {
    Query::parse(FIELDS, line)
}

fn parse(line: &str) -> Query {
    read(line).unwrap()
}

fn filter(line: &str) -> serde_json::Value {
    parse(line).filter(now(), chrono_tz::UTC)
}

#[test]
fn the_line_of_the_design_becomes_one_filter() {
    let json = filter(
        "state:pending project:heart size>10M age>3d by:researcher1 dest:world kind:CSV is:mine ward \"two words\"",
    );
    let before = (now() - TimeDelta::days(3)).to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    assert_eq!(
        json,
        serde_json::json!({
            "state": ["pending"], "project": ["heart"], "destination": ["world"], "by": ["researcher1"], "kind": ["csv"],
            "size_min": 10 * 1024 * 1024 + 1, "before": before, "words": ["ward", "two words"], "mine": true,
        })
    );
    assert_eq!(filter(""), serde_json::json!({}));
}

#[test]
fn values_add_up_and_bounds_narrow() {
    assert_eq!(
        filter("state:pending,approved state:Changes-Requested -state:released size<1K size<=2K size>=3 size>9"),
        serde_json::json!({
            "state": ["pending", "approved", "changes_requested"], "not_state": ["released"], "size_min": 10, "size_max": 1023,
        })
    );
    let nothing = filter("size<0");
    assert!(nothing["size_min"].as_u64() > nothing["size_max"].as_u64());
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
        let error = read(line).unwrap_err();
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
        assert_eq!(parse(example).terms[0].field, field, "{example}");
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

fn states() -> impl Strategy<Value = Vec<String>> {
    proptest::sample::subsequence(CaseState::ALL.to_vec(), 1..4)
        .prop_map(|states| states.iter().map(ToString::to_string).collect())
}

/// A term of the field of this name.
fn of(name: &'static str) -> impl Fn(Value) -> Term {
    let field = FIELDS.iter().find(|field| field.name == name).unwrap();
    move |value| Term { field, value }
}

fn term() -> impl Strategy<Value = Term> {
    prop_oneof![
        word().prop_map(|word| Term { field: &WORDS, value: Value::Words(vec![word]) }),
        states().prop_map(Value::Words).prop_map(of("state")),
        states().prop_map(Value::Words).prop_map(of("-state")),
        words().prop_map(Value::Words).prop_map(of("project")),
        words().prop_map(Value::Words).prop_map(of("dest")),
        words().prop_map(Value::Words).prop_map(of("by")),
        words()
            .prop_map(|words| Value::Words(words.iter().map(|word| word.to_ascii_lowercase()).collect()))
            .prop_map(of("kind")),
        (sign(), 0..i64::MAX.unsigned_abs()).prop_map(|(s, n)| Value::Size(s, n)).prop_map(of("size")),
        (sign(), 0..50_000_000_u64).prop_map(|(s, n)| Value::Age(s, n * 60)).prop_map(of("age")),
        Just(Value::Words(vec!["mine".into()])).prop_map(of("is")),
        proptest::collection::vec(any::<i64>(), 1..3).prop_map(Value::Ids).prop_map(of("id")),
        proptest::collection::vec(any::<i64>(), 1..3).prop_map(Value::Ids).prop_map(of("submission")),
        proptest::collection::vec("[0-9a-f]{1,64}", 1..3).prop_map(Value::Words).prop_map(of("sha256")),
    ]
}

proptest! {
    #[test]
    fn a_query_written_out_reads_the_same(terms in proptest::collection::vec(term(), 0..6)) {
        let query = Query { terms };
        prop_assert_eq!(read(&query.to_string()), Ok(query));
    }

    #[test]
    fn any_cursor_completes_within_the_line(line in any::<String>(), at in 0..40_usize) {
        let done = complete(FIELDS, &line, at, &Known::default());
        prop_assert!(line.get(done.span).is_some());
    }

    #[test]
    fn any_line_parses_or_points_into_itself(line in any::<String>()) {
        match read(&line) {
            Ok(query) => { let _ = query.filter(now(), chrono_tz::UTC); }
            Err(error) => prop_assert!(line.get(error.span).is_some_and(|word| !word.is_empty())),
        }
    }
}
