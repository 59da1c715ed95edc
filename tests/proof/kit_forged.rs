//! A superuser's hand in the journal: entries that the worker then seals as it seals every other, and that contradict what is
//! sealed before them.

use super::Site;
use super::kit::Found::{At, Row};
use super::kit::{Approve, Call, Claim, Entry, Release, Seal, Sql, Vote, Way};

pub const VOTE: &str =
    r#"{"version": "{v}", "destination": "trusted", "kind": "approve", "sha256": "{sha}", "comment": "x"}"#;
pub const COUNTED: &str = r#"{"destination": "trusted", "state": "pending", "approved_at": null, "policy": "1"}"#;
const RECORD: &str = r#"{"release": "11111111-1111-1111-1111-111111111111", "worker": "w1", "record": {"version": "{v}", "destination": "trusted", "sha256": "{sha}", "votes": [{"voter": "checker1", "counted": true}, {"voter": "checker2", "counted": true}]}}"#;
const PLACE: &str = r#"{"bucket": "shared", "key_hex": "68656172742f747275737465642f312f612e637376", "begun": "2026-11-21T09:00:00.000000Z"}"#;

pub const FORGED: &[Way] = &[
    (
        "a claim without votes",
        &[Entry(None, "exeat_worker_login", "claim_release", "version:{v}", RECORD, PLACE)],
        At("claim_release", "no sealed entry decides about it"),
    ),
    (
        "a claim with one vote",
        &[Approve(&["checker1"]), Entry(None, "exeat_worker_login", "claim_release", "version:{v}", RECORD, PLACE)],
        At("claim_release", "checker2 has no sealed vote"),
    ),
    (
        "a claim twice",
        &[
            Approve(&["checker1", "checker2"]),
            Release,
            Sql(
                "with made as (insert into exeat.journal (session_role, command, subject, project, request, ok, code, sentence, data) select session_role, command, subject, project, request, ok, code, sentence, data from exeat.journal where command = 'claim_release' returning id) insert into exeat.unsealed select id from made",
            ),
        ],
        At("claim_release", "it was claimed before"),
    ),
    (
        "a finish without a claim",
        &[Entry(
            None,
            "exeat_worker_login",
            "finish_release",
            "version:{v}",
            r#"{"release": "11111111-1111-1111-1111-111111111111", "worker": "w1"}"#,
            "",
        )],
        At("finish_release", "no sealed claim of it stands"),
    ),
    (
        "a finish by another worker",
        &[
            Approve(&["checker1", "checker2"]),
            Claim,
            Sql(
                "with made as (insert into exeat.journal (session_role, command, subject, project, request, ok, code, sentence) select 'x', 'finish_release', 'version:{v}', 'heart', jsonb_build_object('release', id, 'worker', 'w9')::text, true, 'done', 'Done.' from exeat.releases returning id) insert into exeat.unsealed select id from made",
            ),
        ],
        At("finish_release", "is finished by w9, and w1 had claimed it"),
    ),
    (
        "taken up without a claim",
        &[Entry(
            None,
            "exeat_worker_login",
            "claim_release",
            "version:{v}",
            r#"{"release": "11111111-1111-1111-1111-111111111111", "worker": "w1", "attempt": 2}"#,
            "",
        )],
        At("claim_release", "no first claim stands"),
    ),
    (
        "a vote for other bytes",
        &[Entry(
            Some("checker1"),
            "checker1",
            "cast_vote",
            "version:{v}",
            r#"{"version": "{v}", "kind": "approve", "sha256": "00"}"#,
            COUNTED,
        )],
        At("cast_vote", "another sha256 than intake sealed"),
    ),
    (
        "a vote through a stranger's login",
        &[Entry(Some("checker1"), "stranger1", "cast_vote", "version:{v}", VOTE, COUNTED)],
        At("cast_vote", "came through the database login stranger1"),
    ),
    (
        "a vote through a service that is none",
        &[Sql(
            "with made as (insert into exeat.journal (person, session_role, via, command, subject, project, request, ok, code, sentence, data)
               values ('checker1', 'x', 'gate', 'cast_vote', 'version:{v}', 'heart', '{\"version\": {v}, \"kind\": \"approve\", \"sha256\": \"{sha}\"}', true, 'done', 'Done.', '{\"destination\": \"trusted\", \"state\": \"pending\", \"policy\": 1}') returning id)
             insert into exeat.unsealed select id from made",
        )],
        At("cast_vote", "came through gate with the database login x, and no sealed entry lets it"),
    ),
    (
        "a vote of nobody",
        &[Entry(None, "checker1", "cast_vote", "version:{v}", VOTE, COUNTED)],
        At("cast_vote", "cast_vote of nobody"),
    ),
    (
        "a vote of one who is not there",
        &[Entry(Some("ghost"), "ghost", "cast_vote", "version:{v}", VOTE, COUNTED)],
        At("cast_vote", "no sealed entry gives them that login"),
    ),
    (
        "a vote under no policy",
        &[Entry(
            Some("checker1"),
            "checker1",
            "cast_vote",
            "version:{v}",
            VOTE,
            r#"{"destination": "trusted", "state": "pending", "policy": "77"}"#,
        )],
        At("cast_vote", "votes under policy 77 of heart for trusted"),
    ),
    (
        "a vote under the policy of another place",
        &[Entry(
            Some("checker1"),
            "checker1",
            "cast_vote",
            "version:{v}",
            VOTE,
            r#"{"destination": "trusted", "state": "pending", "policy": "3"}"#,
        )],
        At("cast_vote", "no sealed entry set it"),
    ),
    (
        "a vote on no file",
        &[Entry(
            Some("checker1"),
            "checker1",
            "cast_vote",
            "version:99",
            r#"{"version": "99", "kind": "approve", "sha256": "00"}"#,
            COUNTED,
        )],
        At("cast_vote", "what version 99 is"),
    ),
    (
        "a vote that says nothing",
        &[Entry(Some("checker1"), "checker1", "cast_vote", "version:{v}", VOTE, "")],
        At("cast_vote", "it is no cast_vote that exeat writes"),
    ),
    (
        "an approval dated back",
        &[Entry(
            None,
            "exeat_worker_login",
            "lapse_votes",
            "version:{v}",
            r#"{"version": "{v}"}"#,
            r#"{"destination": "trusted", "state": "approved", "approved_at": "2020-01-01T00:00:00.000000Z"}"#,
        )],
        At("lapse_votes", "from another moment than its own"),
    ),
    (
        "a recount by a person",
        &[Entry(
            Some("checker1"),
            "checker1",
            "lapse_votes",
            "version:{v}",
            r#"{"version": "{v}"}"#,
            r#"{"destination": "trusted", "state": "pending"}"#,
        )],
        At("lapse_votes", "only a machine does that"),
    ),
    (
        "a membership by a checker",
        &[Entry(
            Some("checker1"),
            "checker1",
            "add_membership",
            "person:nobody1",
            r#"{"login": "nobody1", "project": "heart", "role": "checker"}"#,
            r#"{"membership": 99, "valid_from": "2020-01-01T00:00:00.000000Z", "valid_until": null}"#,
        )],
        At("add_membership", "whom no sealed entry made an administrator"),
    ),
    (
        "a database login by a checker",
        &[Entry(
            Some("checker1"),
            "checker1",
            "add_login",
            "person:checker1",
            r#"{"login": "checker1", "role": "root"}"#,
            "",
        )],
        At("add_login", "whom no sealed entry made an administrator"),
    ),
    (
        "a database login that is another's",
        &[Entry(
            Some("admin1"),
            "admin1",
            "add_login",
            "person:nobody1",
            r#"{"login": "nobody1", "role": "checker1"}"#,
            "",
        )],
        At("add_login", "is checker1's already"),
    ),
    (
        "a first administrator once more",
        &[Entry(
            None,
            "exeat_admin",
            "bootstrap_admin",
            "person:nobody1",
            r#"{"login": "nobody1", "full_name": "Lou"}"#,
            "",
        )],
        At("bootstrap_admin", "there was an administrator already"),
    ),
    (
        "an end of no membership",
        &[Entry(None, "exeat_worker_login", "membership_ended", "person:nobody1", r#"{"membership": 999}"#, "")],
        At("membership_ended", "no sealed entry made this membership"),
    ),
    (
        "a policy that was set before",
        &[Entry(
            Some("admin1"),
            "admin1",
            "set_policy",
            "project:heart",
            r#"{"project": "heart", "destination": "trusted"}"#,
            r#"{"policy": 1, "proposed": false, "values": {"approvals": 1, "largest_file": 1, "hold_seconds": 0, "rejection_vetoes": false, "inspection_downloads": false}}"#,
        )],
        At("set_policy", "policy 1 was set before"),
    ),
    (
        "a weaker policy by one",
        &[Entry(
            Some("admin1"),
            "admin1",
            "set_policy",
            "project:heart",
            r#"{"project": "heart", "destination": "trusted"}"#,
            r#"{"policy": 98, "proposed": false, "values": {"approvals": 1, "largest_file": 1, "hold_seconds": 0, "rejection_vetoes": false, "inspection_downloads": false}}"#,
        )],
        At("set_policy", "weaker than the one before"),
    ),
    (
        "a policy by one that takes approvals of what nobody opened again",
        &[
            Entry(
                Some("admin1"),
                "admin1",
                "set_policy",
                "project:heart",
                r#"{"project": "heart", "destination": "trusted"}"#,
                r#"{"policy": 98, "proposed": false, "values": {"approvals": 9, "largest_file": 1, "hold_seconds": 9, "rejection_vetoes": true, "inspection_downloads": false, "unseen": "refuse"}}"#,
            ),
            Entry(
                Some("admin1"),
                "admin1",
                "set_policy",
                "project:heart",
                r#"{"project": "heart", "destination": "trusted"}"#,
                r#"{"policy": 99, "proposed": false, "values": {"approvals": 9, "largest_file": 1, "hold_seconds": 9, "rejection_vetoes": true, "inspection_downloads": false, "unseen": "allow"}}"#,
            ),
        ],
        At("set_policy", "policy 99 is weaker than the one before"),
    ),
    (
        "a policy confirmed that nobody proposed",
        &[Entry(Some("admin2"), "admin2", "confirm_policy", "project:heart", r#"{"policy": 98}"#, r#"{"policy": 98}"#)],
        At("confirm_policy", "no sealed entry proposes policy 98"),
    ),
    (
        "a project's place once more",
        &[Entry(
            Some("admin1"),
            "admin1",
            "add_project",
            "project:heart",
            r#"{"id": "heart", "shared_location": "s3://mine/"}"#,
            "",
        )],
        At("add_project", "there was a project heart already"),
    ),
    (
        "bytes found twice",
        &[Entry(
            None,
            "exeat_worker_login",
            "intake",
            "version:{v}",
            r#"{"version": "{v}", "sha256": "{sha}", "size": 1, "blocked": null, "key_sha256": "{sha}", "origin_unknown": false, "registered_by": []}"#,
            "",
        )],
        At("intake", "was found before"),
    ),
    (
        "a taking over after the first",
        &[Entry(
            None,
            "exeat_admin",
            "take_over",
            "version:98",
            r#"{"version": "98", "sha256": "{sha}", "size": 1, "blocked": null, "key_sha256": "{sha}", "origin_unknown": false, "registered_by": [], "cases": []}"#,
            "",
        )],
        At("take_over", "only the first migration"),
    ),
    (
        "a second beginning",
        &[Entry(
            None,
            "exeat_admin",
            "migrate",
            "database",
            r#"{"number": 9}"#,
            r#"{"logins": [], "services": [], "removed": [], "memberships": [], "projects": [], "policies": []}"#,
        )],
        At("migrate", "nothing is taken over twice"),
    ),
    (
        "a restore by one",
        &[
            Approve(&["checker1", "checker2"]),
            Release,
            Call("checker1", "recall", &["{v}", "trusted", "stop"]),
            Entry(
                Some("checker1"),
                "checker1",
                "restore",
                "version:{v}",
                r#"{"version": "{v}"}"#,
                r#"{"destination": "trusted", "state": "pending"}"#,
            ),
        ],
        At("restore", "nobody else had proposed that"),
    ),
    (
        "an entry of before the proof",
        &[Sql(
            "with made as (insert into exeat.journal (id, session_role, command, subject, request, ok, code, sentence) overriding system value values (-5, 'x', 'claim_release', 'version:{v}', '{}', true, 'done', 'Done.') returning id) insert into exeat.unsealed select id from made",
        )],
        Row("`exeat journal show` leaves it out"),
    ),
    (
        "an entry of before the proof, well made",
        &[Sql(
            "with made as (insert into exeat.journal (id, session_role, command, subject, request, ok, code, sentence) overriding system value values (-6, 'x', 'finish_release', 'version:{v}', '{\"release\": \"x\", \"worker\": \"w\"}', true, 'done', 'Done.') returning id) insert into exeat.unsealed select id from made",
        )],
        Row("`exeat journal show` leaves it out"),
    ),
    (
        "a vote put between afterwards",
        &[
            Sql("select nextval('exeat.journal_id_seq')"),
            Approve(&["checker1"]),
            Vote("checker2", "approve"),
            Sql(
                "update exeat.cases set state = 'approved', approved_at = clock_timestamp(), held_until = clock_timestamp()",
            ),
            Claim,
            Seal,
            Sql(
                "with made as (insert into exeat.journal (id, person, session_role, command, subject, project, request, ok, code, sentence, data) overriding system value select (select max(id) - 1 from exeat.journal j where not exists (select from exeat.journal k where k.id = j.id - 1)), 'checker2', 'checker2', command, subject, project, request, ok, code, sentence, data from exeat.journal where command = 'cast_vote' returning id) insert into exeat.unsealed select id from made",
            ),
        ],
        At("cast_vote", "put into the journal later, between entries of version"),
    ),
];

#[tokio::test]
async fn entries_that_contradict_what_is_sealed_are_found() {
    Site::try_all(FORGED).await;
}
