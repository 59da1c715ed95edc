//! The filter lines of requests and grants: every field is offered, completed from what is on screen, and asks the database
//! for what it says.

use exeat::domain::query::{Field, GRANT_FIELDS, Query, REQUEST_FIELDS};
use serde_json::json;

use super::harness::access::{HEART, grants, steward};
use super::harness::{Asked, Desk, noon};

/// What the list was last asked for.
fn asked(desk: &mut Desk) -> Asked {
    desk.wait(500);
    desk.asked("page").pop().expect("nothing was asked")
}

#[test]
fn every_field_is_offered_and_asks_for_what_it_says() {
    let tabs: [(fn(u16, u16) -> Desk, &str, &'static [Field]); 2] =
        [(steward, "requests", REQUEST_FIELDS), (grants, "grants", GRANT_FIELDS)];
    for (open, area, fields) in tabs {
        for field in fields {
            let mut desk = open(80, 24);
            desk.press("/ ctrl-u");
            desk.text(&field.name[..1]);
            let begins = desk.offers().into_iter().find(|offer| offer.starts_with(field.name));
            let begins = begins.unwrap_or_else(|| panic!("{} is not offered", field.name));
            assert!(field.example.starts_with(&begins), "{begins} is how {} goes on", field.example);
            desk.press("ctrl-u");
            desk.text(field.example);
            let asked = asked(&mut desk);
            assert_eq!(asked.area, area);
            let query = Query::parse(fields, field.example).unwrap();
            // Ages count back from now, and typing took a little.
            if field.name != "age" {
                assert_eq!(asked.with["filter"], query.filter(noon(), chrono_tz::UTC), "{}", field.example);
            }
            assert_ne!(asked.with["filter"], json!({}), "{} asks for nothing", field.example);
            desk.press("Enter");
            assert_eq!(desk.filter().trim(), field.example);
        }
    }
}

#[test]
fn values_complete_from_what_is_on_screen() {
    let mut desk = steward(120, 40);
    desk.press("/ ctrl-u");
    for (typed, whole) in [
        ("stat", "status:"),
        ("p", "status:pending"),
        (" dataset:G", &format!("status:pending dataset:{HEART}")[..]),
        (" by:res", "by:researcher1"),
        (" dac:D", "dac:DAC-HEART"),
        (" ticket:T", "ticket:TRE-12"),
        (" is:over", "is:overdue"),
    ] {
        desk.text(typed);
        desk.press("Tab");
        assert!(desk.filter().ends_with(whole), "{whole}: {}", desk.filter());
    }
    let mut desk = grants(120, 40);
    desk.press("/ ctrl-u");
    for (typed, whole) in [("state:up", "state:upcoming"), (" dataset:", HEART), (" person:", "person:researcher1")] {
        desk.text(typed);
        desk.press("Tab");
        assert!(desk.filter().ends_with(whole), "{whole}: {}", desk.filter());
    }
    desk.press("Enter");
    assert!(desk.is_clear());
    assert!(desk.screen().contains("n of") || desk.screen().contains(" of "), "{}", desk.screen());
}
