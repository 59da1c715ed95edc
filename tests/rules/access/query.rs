//! The filter language of requests and grants.

use chrono::{DateTime, Utc};
use exeat::domain::query::{GRANT_FIELDS, Query, QueryError, REQUEST_FIELDS, When};
use serde_json::json;

fn now() -> DateTime<Utc> {
    "2026-11-21T09:00:00Z".parse().unwrap()
}

fn request(line: &str) -> Result<Query, QueryError> {
    Query::parse(REQUEST_FIELDS, line)
}

fn grant(line: &str) -> Result<Query, QueryError> {
    Query::parse(GRANT_FIELDS, line)
}

#[test]
fn a_line_becomes_the_databases_filter() {
    let line = r#"Status:pending,allowed dataset:AB001 by:researcher1 person:checker1 dac:DAC ticket:"T 1" created>=2026-11-01 age>5d ends>2027-01-01 starts<2026-12-01T00:00:00Z is:overdue is:mine id:3 heart "failure: late""#;
    let query = request(line).unwrap();
    let zone = chrono_tz::Europe::Berlin;
    assert_eq!(
        query.filter(now(), zone),
        json!({
            "state": ["pending", "allowed"], "dataset": ["AB001"], "by": ["researcher1", "checker1"], "dac": ["DAC"], "ticket": ["T 1"],
            "id": [3], "after": "2026-10-31T23:00:00Z", "before": "2026-11-16T09:00:00Z", "period_from": "2026-12-31T23:00:00Z",
            "period_until": "2026-12-01T00:00:00Z", "overdue": true, "mine": true, "words": ["heart", "failure: late"],
        })
    );
    let query = grant("state:active,revoked status:upcoming expiring<30d request:71 created<2026-11-01 atlas").unwrap();
    assert_eq!(
        query.filter(now(), chrono_tz::UTC),
        json!({
            "state": ["active", "revoked", "upcoming"], "request": [71], "before": "2026-10-31T23:59:59.999999Z",
            "expiring_days": 30, "words": ["atlas"],
        })
    );
}

#[test]
fn a_query_written_out_reads_the_same() {
    for line in [
        "status:pending,denied by:a,b created>2026-11-01 age<=90m is:mine is:claimed \"a word\"",
        "created<=2026-11-01T09:00:00Z starts<2027-01-01 ends>2026-01-01 ticket:\"T,1\" id:1,2",
    ] {
        let query = request(line).unwrap();
        assert_eq!(request(&query.to_string()).unwrap(), query, "{line}");
    }
    let query = grant("state:expired expiring<2w request:1 dataset:AB001 words").unwrap();
    assert_eq!(grant(&query.to_string()).unwrap(), query);
}

#[test]
fn mistakes_say_what_to_write() {
    for (line, named) in [
        ("status:maybe", "pending, allowed, denied"),
        ("shoe:43", "status, dataset"),
        ("created:2026-11-01", "created>2026-11-01"),
        ("created>yesterday", "2026-11-21"),
        ("age>3", "3d"),
        ("ends<2027-01-01", "ends>2027-01-01"),
        ("id:x", "whole number"),
        ("is:good", "is:claimed"),
        ("by:", "by:"),
        ("\"open", "quote"),
        ("expiring<30d", "no such field"),
    ] {
        let error = request(line).unwrap_err();
        assert!(error.sentence.contains(named), "{line}: {}", error.sentence);
    }
    assert!(grant("status:pending").unwrap_err().sentence.contains("active"));
    assert!(grant("age>3d").is_err());
}

#[test]
fn a_day_begins_where_the_zone_says() {
    let at = |day: &str, zone: chrono_tz::Tz| day.parse::<When>().unwrap().at(zone).to_rfc3339();
    assert_eq!(at("2026-07-01", chrono_tz::Europe::Berlin), "2026-06-30T22:00:00+00:00");
    // In Beirut the clocks went forward at midnight: that day began at one.
    assert_eq!(at("2022-03-27", chrono_tz::Asia::Beirut), "2022-03-26T22:00:00+00:00");
    assert_eq!(at("2026-11-21T09:00:00+01:00", chrono_tz::UTC), "2026-11-21T08:00:00+00:00");
    for wrong in ["soon", "2026-13-01", "21.11.2026", ""] {
        assert!(wrong.parse::<When>().is_err(), "{wrong}");
    }
}
