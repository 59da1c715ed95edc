//! The bounds of a period: inclusive, to the millisecond, in calendar days of the site's zone.

use chrono::{DateTime, TimeDelta, Utc};
use exeat::tui::app::rules::SiteRules;
use proptest::strategy::{Strategy as _, ValueTree as _};
use serde_json::json;
use sqlx::PgConnection;

use super::{asked, day, edit, refused, request, site};
use crate::support::pg::{call, done, one};

/// The code for a period; `-` where there is nothing against it.
async fn judged(owner: &mut PgConnection, starts: &str, ends: &str, now: &str, steward: bool) -> String {
    one(
        owner,
        &format!("select coalesce((exeat.period_why_not({starts}, {ends}, timestamptz '{now}', {steward})).code, '-')"),
    )
    .await
}

/// `moment` moved by some milliseconds, as SQL.
fn moved(moment: &str, milliseconds: i32) -> String {
    format!("timestamptz '{moment}' + interval '{milliseconds} ms'")
}

#[tokio::test]
async fn bounds_are_inclusive_to_the_millisecond() {
    let database = site().await;
    let mut owner = database.owner().await;
    let now = "2026-11-21 09:00:00+00";
    // start, end, the code one millisecond under, at and over the bound; which of the two is moved
    let table = [
        // 180 days of lead time
        ("2027-05-20 09:00:00+00", "2027-08-01 00:00:00+00", true, false, ["-", "-", "too_early"]),
        ("2027-05-20 09:00:00+00", "2027-08-01 00:00:00+00", true, true, ["-", "-", "-"]),
        // at least 7 days
        (now, "2026-11-28 09:00:00+00", false, false, ["too_short", "-", "-"]),
        (now, "2026-11-28 09:00:00+00", false, true, ["-", "-", "-"]),
        // at most 730 days, five times that for a steward
        (now, "2028-11-20 09:00:00+00", false, false, ["-", "-", "too_long"]),
        (now, "2028-11-20 09:00:00+00", false, true, ["-", "-", "-"]),
        (now, "2036-11-18 09:00:00+00", false, true, ["-", "-", "too_long"]),
        // the end after the start, and not passed
        (
            "2026-12-01 00:00:00+00",
            "2026-12-01 00:00:00+00",
            false,
            true,
            ["ends_before_start", "ends_before_start", "-"],
        ),
        ("2026-11-01 00:00:00+00", now, false, true, ["ends_invalid", "ends_invalid", "-"]),
    ];
    for (starts, ends, of_start, steward, codes) in table {
        for (by, code) in [-1, 0, 1].into_iter().zip(codes) {
            let (start_by, end_by) = if of_start { (by, 0) } else { (0, by) };
            let got = judged(&mut owner, &moved(starts, start_by), &moved(ends, end_by), now, steward).await;
            assert_eq!(got, code, "{starts} to {ends}, moved by {by} ms, steward: {steward}");
        }
    }
}

/// What the desk says before it asks is what the database would: the same bounds, over a year with its odd days.
#[tokio::test]
async fn the_desk_says_of_a_period_what_the_database_would() {
    let database = site().await;
    let mut owner = database.owner().await;
    done(&mut database.connect("admin1").await, "set_setting", &["site.zone", "\"Europe/Berlin\""]).await;
    let rules = SiteRules { zone: chrono_tz::Europe::Berlin, ..SiteRules::default() };
    let mut seeds = proptest::test_runner::TestRunner::deterministic();
    let mut said = std::collections::BTreeSet::new();
    for _ in 0..400 {
        let around = proptest::prop_oneof![-20..20_i64, 170..190_i64, 720..740_i64, 3640..3660_i64];
        let (lead, length, hour, steward) =
            (around.clone(), around, 0..48_i64, proptest::bool::ANY).new_tree(&mut seeds).unwrap().current();
        let now = "2026-10-18T00:30:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::hours(hour);
        let starts = now + TimeDelta::days(lead) + TimeDelta::minutes(hour * 7);
        let ends = starts.max(now) + TimeDelta::days(length) + TimeDelta::hours(hour / 16);
        let asked: Option<String> =
            sqlx::query_scalar("select (exeat.period_why_not(greatest($1, $3), $2, $3, $4)).code")
                .bind(starts)
                .bind(ends)
                .bind(now)
                .bind(steward)
                .fetch_one(&mut owner)
                .await
                .unwrap();
        let said_at_once = rules.period_why_not(starts, ends, now, steward).map(|refusal| refusal.code);
        assert_eq!(said_at_once, asked, "{starts} {ends} {now} {steward}");
        said.insert(asked);
    }
    assert_eq!(said.len(), 5, "each answer was given: {said:?}");
}

#[tokio::test]
async fn a_day_with_23_or_25_hours_is_a_day() {
    let database = site().await;
    let mut owner = database.owner().await;
    let mut admin = database.connect("admin1").await;
    done(&mut admin, "set_setting", &["site.zone", "\"Europe/Berlin\""]).await;
    // start, the first end that is 7 calendar days later: the same clock on the wall, another number of hours
    let table = [
        ("2026-03-25 12:00:00+01", "2026-04-01 12:00:00+02"), // 167 hours: the clocks go forward on 29 March
        ("2026-10-21 12:00:00+02", "2026-10-28 12:00:00+01"), // 169 hours: back on 25 October
        ("2026-06-01 12:00:00+02", "2026-06-08 12:00:00+02"),
        // the hour that is not there, and the hour that is there twice
        ("2026-03-22 02:30:00+01", "2026-03-29 03:00:00+02"),
        ("2026-10-18 02:30:00+02", "2026-10-25 02:30:00+02"),
    ];
    for (starts, first) in table {
        let now = starts;
        let start = moved(starts, 0);
        assert_eq!(judged(&mut owner, &start, &moved(first, -1), now, false).await, "too_short", "{starts}");
        assert_eq!(judged(&mut owner, &start, &moved(first, 0), now, false).await, "-", "{starts}");
        assert_eq!(judged(&mut owner, &start, &moved(first, 1), now, false).await, "-", "{starts}");
    }
    // The lead time and the longest length too: 180 days from here end in summer time, 730 in winter time.
    let now = "2026-11-21 12:00:00+01";
    let latest = "2027-05-20 12:00:00+02";
    assert_eq!(judged(&mut owner, &moved(latest, 0), "'2028-01-01'", now, false).await, "-");
    assert_eq!(judged(&mut owner, &moved(latest, 1), "'2028-01-01'", now, false).await, "too_early");
    let longest = "2028-05-19 12:00:00+02";
    let start = moved("2026-05-20 12:00:00+02", 0);
    assert_eq!(judged(&mut owner, &start, &moved(longest, 0), "2026-05-20 12:00:00+02", false).await, "-");
    assert_eq!(judged(&mut owner, &start, &moved(longest, 1), "2026-05-20 12:00:00+02", false).await, "too_long");
}

#[tokio::test]
async fn every_number_is_a_setting() {
    let database = site().await;
    let (mut owner, mut admin) = (database.owner().await, database.connect("admin1").await);
    let now = "2026-11-21 09:00:00+00";
    for (name, value) in [
        ("access.lead_days", "10"),
        ("access.shortest_days", "3"),
        ("access.longest_days", "20"),
        ("access.extension_factor", "2"),
    ] {
        done(&mut admin, "set_setting", &[name, value]).await;
    }
    for (starts, ends, steward, code) in [
        ("2026-12-01 09:00:00+00", "2026-12-04 09:00:00+00", false, "-"),
        ("2026-12-01 09:00:01+00", "2026-12-05 09:00:00+00", false, "too_early"),
        (now, "2026-11-24 08:59:59+00", false, "too_short"),
        (now, "2026-12-11 09:00:01+00", false, "too_long"),
        (now, "2026-12-31 09:00:00+00", true, "-"),
        (now, "2026-12-31 09:00:01+00", true, "too_long"),
    ] {
        assert_eq!(judged(&mut owner, &moved(starts, 0), &moved(ends, 0), now, steward).await, code, "{starts} {ends}");
    }
    // Not by just anybody, not to just anything.
    let mut steward = database.connect("steward1").await;
    assert_eq!(refused(&call(&mut steward, "set_setting", &["access.lead_days", "1"]).await), "forbidden");
    for (name, value) in [
        ("access.lead_days", "-1"),
        ("access.lead_days", "1.5"),
        ("access.lead_days", "\"7\""),
        ("access.longest_days", "36501"),
        ("access.extension_factor", "101"),
        ("access.iva_required", "1"),
        ("site.zone", "\"Mars/Olympus\""),
        ("access.nothing", "1"),
        ("access.text_limit", "null"),
    ] {
        assert_eq!(refused(&call(&mut admin, "set_setting", &[name, value]).await), "invalid", "{name} {value}");
    }
    let journalled: i64 =
        one(&mut owner, "select count(*) from exeat.journal where command = 'set_setting' and person = 'admin1'").await;
    assert_eq!(journalled, 4 + 9, "refusals are journalled too");
}

#[tokio::test]
async fn a_past_start_becomes_now_and_the_answer_says_so() {
    let database = site().await;
    let mut researcher = database.connect("researcher1").await;
    let mut steward = database.connect("steward1").await;
    let answer = call(&mut researcher, "new_request", &["AB001", "Text", "2020-01-01", "null"]).await;
    assert!(answer.ok && answer.sentence.contains("its start had passed, so it begins now"), "{answer:?}");
    let id = answer.data()["request"].as_str().unwrap().to_owned();
    let fresh: bool = one(
        &mut researcher,
        &format!("select (item->>'access_starts')::timestamptz > now() - interval '1 minute' from exeat.read('request', 'rows', '{{\"ids\": [{id}]}}')"),
    )
    .await;
    assert!(fresh);
    let answer = edit(&mut steward, &id, &serde_json::json!({"access_starts": "2021-01-01T00:00:00Z"})).await;
    assert!(answer.ok && answer.sentence.contains("the start had passed, so it is now"), "{answer:?}");
    let answer = call(&mut steward, "allow_request", &[&id]).await;
    assert!(answer.ok && answer.sentence.contains("the start had passed, so it is now"), "{answer:?}");
    // A start to come stays as it is, and nothing is said of it.
    let answer = call(&mut researcher, "new_request", &["AB002", "Text", "null", "null"]).await;
    assert_eq!(answer.sentence, format!("Request {} is sent.", answer.data()["request"].as_str().unwrap()));
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_by_name_and_stores_nothing() {
    let database = site().await;
    let mut researcher = database.connect("researcher1").await;
    let mut owner = database.owner().await;
    let long = "x".repeat(1_100_001);
    let (text, null) = ("Text", "null");
    for (arguments, code, named) in [
        ([text, null, null, null], "-", "is sent"),
        (["", null, null, null], "invalid", "request text"),
        ([" \n\t", null, null, null], "invalid", "request text"),
        ([&long, null, null, null], "too_large", "request text"),
        ([text, null, null, "no mail"], "invalid", "mail"),
        ([text, null, null, "a@b"], "invalid", "mail"),
        ([text, null, null, "a@b.c, d@e.f"], "invalid", "mail"),
        ([text, null, null, "<a@b.c>"], "invalid", "mail"),
        ([text, "2026-12-01", "2026-11-30", null], "ends_before_start", "end date"),
        ([text, null, "2020-01-01", null], "ends_before_start", "end date"),
        ([text, "12026-12-01", null, null], "starts_invalid", "start date"),
        ([text, null, "12026-12-01", null], "too_long", "duration"),
        ([text, "infinity", null, null], "starts_invalid", "start date"),
        ([text, null, "infinity", null], "ends_invalid", "end date"),
        ([text, "-infinity", "-infinity", null], "ends_invalid", "end date"),
    ] {
        let [text, starts, ends, mail] = arguments;
        let answer = call(&mut researcher, "new_request", &["AB001", text, starts, ends, mail]).await;
        let code_got = if answer.ok { "-" } else { &answer.code };
        assert_eq!(code_got, code, "{starts} {ends} {mail}: {}", answer.sentence);
        assert!(answer.sentence.contains(named), "{}", answer.sentence);
    }
    for (dataset, code) in [
        ("AB1", "invalid"),
        ("ab001", "invalid"),
        ("AB001; --", "invalid"),
        ("ABCDEFG001", "invalid"),
        ("AB999", "not_found"),
    ] {
        assert_eq!(refused(&call(&mut researcher, "new_request", &[dataset, text]).await), code, "{dataset}");
    }
    let stored: i64 = one(&mut owner, "select count(*) from exeat.access_requests").await;
    assert_eq!(stored, 1);
    let told: i64 = one(&mut owner, "select count(*) from exeat.outbox where topic = 'access.requested'").await;
    assert_eq!(told, 1);
    // A text as long as it may be.
    assert!(call(&mut researcher, "new_request", &["AB001", &"x".repeat(1_100_000)]).await.ok);
    assert!(!asked(&mut researcher, "AB001").await.is_empty());
}

/// A moment moved by some milliseconds, as a command takes it.
fn shifted(moment: &str, milliseconds: i64) -> String {
    let moment: DateTime<Utc> = moment.parse().unwrap();
    (moment + TimeDelta::milliseconds(milliseconds)).to_rfc3339()
}

#[tokio::test]
async fn the_commands_keep_the_bounds_to_the_millisecond_and_store_what_was_said() {
    let database = site().await;
    let mut researcher = database.connect("researcher1").await;
    let mut steward = database.connect("steward1").await;
    let mut owner = database.owner().await;
    let starts = day(30);
    let mut stored = 0;
    for (ends, codes) in [
        (day(30), ["ends_before_start", "ends_before_start", "too_short"]),
        (day(37), ["too_short", "-", "-"]),
        (day(760), ["-", "-", "too_long"]),
    ] {
        for (by, code) in [-1, 0, 1].into_iter().zip(codes) {
            let ends = shifted(&ends, by);
            let answer = call(&mut researcher, "new_request", &["AB001", "Text", &starts, &ends]).await;
            if code == "-" {
                stored += 1;
                let item = request(&mut steward, answer.data()["request"].as_str().unwrap()).await;
                let kept: DateTime<Utc> = item["access_ends"].as_str().unwrap().parse().unwrap();
                assert_eq!(kept, ends.parse::<DateTime<Utc>>().unwrap(), "to the millisecond");
            } else {
                assert_eq!(refused(&answer), code, "{starts} to {ends}");
            }
        }
    }
    assert_eq!(one::<i64>(&mut owner, "select count(*) from exeat.access_requests").await, stored);
    // A steward: five times as long, in each of the three commands that set an end.
    let id = asked(&mut researcher, "AB001").await;
    assert!(edit(&mut steward, &id, &json!({"access_starts": starts, "access_ends": day(100)})).await.ok);
    for (by, code) in [(1, "too_long"), (0, "-"), (-1, "-")] {
        let ends = shifted(&day(30 + 3_650), by);
        let by_edit = edit(&mut steward, &id, &json!({"access_ends": ends})).await;
        let by_hand = call(&mut steward, "add_grant", &["researcher1", "AB002", &starts, &ends]).await;
        let new = done(&mut steward, "add_grant", &["researcher1", "AB003", &starts, &day(60)]).await;
        let new = new["grant"].as_str().unwrap();
        let by_amending = call(&mut steward, "amend_grant", &[new, &ends, "Longer"]).await;
        for answer in [by_edit, by_hand, by_amending] {
            let got = if answer.ok { "-" } else { &answer.code };
            assert_eq!(got, code, "{ends}: {}", answer.sentence);
        }
    }
    let ends = shifted(&day(30 + 3_650), 1);
    assert_eq!(refused(&call(&mut steward, "allow_request", &[&id, &starts, &ends]).await), "too_long");
    assert!(call(&mut steward, "allow_request", &[&id, &starts, &day(30 + 3_650)]).await.ok);
}

#[tokio::test]
async fn the_commands_count_calendar_days_over_a_change_of_the_clocks() {
    let database = site().await;
    let mut steward = database.connect("steward1").await;
    let mut admin = database.connect("admin1").await;
    for (name, value) in
        [("access.longest_days", "180"), ("access.extension_factor", "1"), ("site.zone", "\"Europe/Berlin\"")]
    {
        done(&mut admin, "set_setting", &[name, value]).await;
    }
    // 180 days later the clock on the wall says the same: an hour less in spring, an hour more in autumn.
    for (starts, last) in [
        ("2430-01-15T12:00:00+01:00", "2430-07-14T12:00:00+02:00"),
        ("2430-07-14T12:00:00+02:00", "2431-01-10T12:00:00+01:00"),
    ] {
        let hours = last.parse::<DateTime<Utc>>().unwrap() - starts.parse::<DateTime<Utc>>().unwrap();
        assert_ne!(hours, TimeDelta::days(180));
        for (by, ok) in [(-1, true), (0, true), (1, false)] {
            let answer = call(&mut steward, "add_grant", &["researcher1", "AB001", starts, &shifted(last, by)]).await;
            assert_eq!(answer.ok, ok, "{starts} to {last}, moved by {by} ms: {}", answer.sentence);
        }
    }
}
