//! Places and ways out that a superuser opens: what needs two administrators.

use super::Site;
use super::kit::Found::At;
use super::kit::{Entry, Way};

const PLACES: &[Way] = &[
    (
        "a project opened by one",
        &[Entry(
            Some("admin1"),
            "admin1",
            "add_project",
            "project:mine",
            r#"{"id": "mine", "shared_location": "s3://mine/"}"#,
            "",
        )],
        At("add_project", "opens mine, and nobody else confirmed it"),
    ),
    (
        "a project confirmed by who asked for it",
        &[
            Entry(
                Some("admin1"),
                "admin1",
                "add_project",
                "project:mine",
                r#"{"id": "mine", "shared_location": "s3://mine/"}"#,
                r#"{"change": 90, "proposed": true}"#,
            ),
            Entry(
                Some("admin1"),
                "admin1",
                "confirm_project",
                "project:mine",
                r#"{"change": 90}"#,
                r#"{"change": 90, "kind": "open", "bucket": "a", "prefix": "", "shared_bucket": "mine", "shared_prefix": ""}"#,
            ),
        ],
        At("confirm_project", "was confirmed by admin1, who asked for it"),
    ),
    (
        "another place than was asked for",
        &[
            Entry(
                Some("admin1"),
                "admin1",
                "move_project",
                "project:heart",
                r#"{"project": "heart", "shared_location": "s3://theirs/", "reason": "x"}"#,
                r#"{"change": 90, "proposed": true}"#,
            ),
            Entry(
                Some("admin2"),
                "admin2",
                "confirm_project",
                "project:heart",
                r#"{"change": 90}"#,
                r#"{"change": 90, "kind": "move", "bucket": "a", "prefix": "", "shared_bucket": "mine", "shared_prefix": ""}"#,
            ),
        ],
        At("confirm_project", "leads elsewhere than was asked for"),
    ),
    (
        "another place than a move of the other one asked for",
        &[
            Entry(
                Some("admin1"),
                "admin1",
                "move_project",
                "project:heart",
                r#"{"project": "heart", "location": "s3://theirs/", "reason": "x"}"#,
                r#"{"change": 90, "proposed": true}"#,
            ),
            Entry(
                Some("admin2"),
                "admin2",
                "confirm_project",
                "project:heart",
                r#"{"change": 90}"#,
                r#"{"change": 90, "kind": "move", "bucket": "a", "prefix": "", "shared_bucket": "mine", "shared_prefix": ""}"#,
            ),
        ],
        At("confirm_project", "leads elsewhere than was asked for"),
    ),
    (
        "a renewal that is another than was proposed",
        &[
            Entry(
                Some("admin1"),
                "admin1",
                "renew_proof",
                "journal",
                r#"{"why": "restored", "reason": "x"}"#,
                r#"{"renewal": 90}"#,
            ),
            Entry(
                Some("admin2"),
                "admin2",
                "confirm_renewal",
                "journal",
                r#"{"renewal": 90}"#,
                r#"{"renewal": 90, "why": "lost_key", "public_key": "00", "proposed_by": "admin1"}"#,
            ),
        ],
        At("confirm_renewal", "is another than was proposed"),
    ),
    (
        "an older schema, to let one administrator do it",
        &[Entry(None, "exeat_admin", "migrate", "database", r#"{"number": 8}"#, "")],
        At("migrate", "the database had schema"),
    ),
    (
        "a place that nobody asked for",
        &[Entry(
            Some("admin2"),
            "admin2",
            "confirm_project",
            "project:heart",
            r#"{"change": 90}"#,
            r#"{"change": 90, "kind": "move", "bucket": "a", "prefix": "", "shared_bucket": "mine", "shared_prefix": ""}"#,
        )],
        At("confirm_project", "no sealed entry asks for change 90"),
    ),
    (
        "a first policy by one",
        &[Entry(
            Some("admin1"),
            "admin1",
            "set_policy",
            "project:heart",
            r#"{"project": "heart", "destination": "press"}"#,
            r#"{"policy": 98, "proposed": false, "values": {"approvals": 1, "largest_file": 1, "hold_seconds": 0, "rejection_vetoes": false, "inspection_downloads": false}}"#,
        )],
        At("set_policy", "weaker than the one before or the first"),
    ),
];

#[tokio::test]
async fn what_one_administrator_alone_opens_is_found() {
    Site::try_all(PLACES).await;
}
