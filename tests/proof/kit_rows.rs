//! A superuser's hand in the tables: votes, memberships, policies, files. The journal is left as it is.

use super::Site;
use super::kit::Found::At;
use super::kit::{Approve, Call, Changes, Claim, Lapse, Release, Sql, Via, Vote, Way};

const NOT_EARNED: &str = "to trusted was not earned: ";
const APPROVED: &str = "update exeat.cases set state = 'approved', approved_at = clock_timestamp() - interval '1 day', held_until = clock_timestamp() - interval '1 day' where id = {case}";

const VOTES: &[Way] = &[
    (
        "two votes put in",
        &[Vote("checker1", "approve"), Vote("checker2", "approve"), Sql(APPROVED), Release],
        At("claim_release", "checker2 has no sealed vote that stands"),
    ),
    (
        "a policy that counts votes through services",
        &[Approve(&["checker1"]), Sql("update exeat.policies set votes_via_services = true"), Via("checker2"), Claim],
        At("claim_release", "checker2 voted through a service, and the sealed policies count no such vote"),
    ),
    (
        "a third beside two",
        &[Approve(&["checker1", "checker2"]), Vote("checker4", "approve"), Claim],
        At("claim_release", "its record counts votes that no sealed entry does; checker4 has no sealed vote"),
    ),
    (
        "one of two put in",
        &[Approve(&["checker1"]), Vote("checker2", "approve"), Sql(APPROVED), Claim],
        At("claim_release", "1 of 2 approvals; checker2 has no sealed vote"),
    ),
    (
        "changes turned into an approval",
        &[
            Approve(&["checker1"]),
            Changes("checker2"),
            Sql("update exeat.votes set kind = 'approve'"),
            Sql(APPROVED),
            Claim,
        ],
        At("claim_release", "checker2 asks for changes"),
    ),
    (
        "a rejection turned into an approval",
        &[
            Approve(&["checker1"]),
            Call("checker2", "cast_vote", &["{v}", "trusted", "reject", "{sha}", "no"]),
            Sql("update exeat.votes set kind = 'approve'"),
            Sql(APPROVED),
            Claim,
        ],
        At("claim_release", "checker2 has no sealed vote"),
    ),
    (
        "changes taken away",
        &[
            Approve(&["checker1", "checker2"]),
            Changes("checker4"),
            Sql("delete from exeat.votes where kind = 'changes'"),
            Sql(APPROVED),
            Claim,
        ],
        At("claim_release", "checker4 asks for changes"),
    ),
    (
        "an undone vote that stands again",
        &[
            Approve(&["checker1", "checker2"]),
            Call("checker2", "undo_vote", &["{v}", "trusted"]),
            Sql("update exeat.votes set standing = true, ended_at = null"),
            Sql(APPROVED),
            Claim,
        ],
        At("claim_release", "checker2 has no sealed vote"),
    ),
    (
        "a vote given to another",
        &[
            Approve(&["checker1"]),
            Vote("checker5", "reject"),
            Sql(
                "update exeat.votes set voter = (select id from exeat.people where login = 'checker4'), kind = 'approve' where kind = 'reject'; insert into exeat.askers select id from exeat.people on conflict do nothing",
            ),
            Sql(APPROVED),
            Claim,
        ],
        At("claim_release", "checker4 has no sealed vote"),
    ),
    (
        "other bytes under the votes",
        &[
            Approve(&["checker1", "checker2"]),
            Sql(
                "update exeat.file_versions set sha256 = decode(repeat('ab', 32), 'hex'); update exeat.votes set sha256 = decode(repeat('ab', 32), 'hex')",
            ),
            Claim,
        ],
        At("claim_release", "its sha256 is not the one that intake sealed"),
    ),
    (
        "votes of before a recall that stand again",
        &[
            Approve(&["checker1", "checker2"]),
            Release,
            Call("checker1", "recall", &["{v}", "trusted", "stop"]),
            Sql("update exeat.recalls set removed_at = clock_timestamp(); update exeat.votes set standing = true"),
            Sql(APPROVED),
            Claim,
        ],
        At("claim_release", NOT_EARNED),
    ),
    (
        "restored by hand",
        &[
            Approve(&["checker1", "checker2"]),
            Release,
            Call("checker1", "recall", &["{v}", "trusted", "stop"]),
            Sql("update exeat.cases set state = 'pending'; update exeat.recalls set removed_at = clock_timestamp()"),
            Approve(&["checker4"]),
        ],
        At("cast_vote", "no two people had restored it"),
    ),
    (
        "restored by one, in the name of another",
        &[
            Approve(&["checker1", "checker2"]),
            Release,
            Call("checker1", "recall", &["{v}", "trusted", "stop"]),
            Sql("update exeat.cases set restore_by = (select id from exeat.people where login = 'checker4')"),
            Call("checker1", "restore", &["{v}", "trusted", "go"]),
        ],
        At("restore", "nobody else had proposed that"),
    ),
];

const PEOPLE: &[Way] = &[
    (
        "a membership put in",
        &[
            Approve(&["checker1"]),
            Sql(
                "insert into exeat.memberships (person, project, role) select id, 1, 'checker' from exeat.people where login = 'nobody1'",
            ),
            Approve(&["nobody1"]),
            Claim,
        ],
        At("claim_release", "nobody1 is no checker by sealed memberships"),
    ),
    (
        "a membership that had ended",
        &[
            Approve(&["checker1", "checker2"]),
            Call("admin1", "end_membership", &["checker2", "heart", "checker"]),
            Sql("update exeat.memberships set ended_at = null"),
            Claim,
        ],
        At("claim_release", "checker2 is no checker"),
    ),
    (
        "a membership made longer",
        &[
            Call("admin1", "add_membership", &["nobody1", "heart", "checker", "2020-01-01", "2020-02-01"]),
            Sql("update exeat.memberships set valid_until = null"),
            Approve(&["checker1", "nobody1"]),
            Claim,
        ],
        At("claim_release", "nobody1 is no checker"),
    ),
    (
        "a role changed",
        &[
            Call("admin1", "add_membership", &["nobody1", "heart", "steward"]),
            Sql("update exeat.memberships set role = 'checker' where role = 'steward'"),
            Approve(&["checker1", "nobody1"]),
            Claim,
        ],
        At("claim_release", "nobody1 is no checker"),
    ),
    (
        "a removed person brought back",
        &[
            Approve(&["checker1", "checker2"]),
            Call(
                "admin1",
                "sync_people",
                &[r#"[{"login": "checker2", "full_name": "G", "active": false}]"#, "false", "false"],
            ),
            Sql("update exeat.people set removed_at = null"),
            Claim,
        ],
        At("claim_release", "checker2 is no checker"),
    ),
    (
        "a database login of one's own made another's",
        &[
            Sql("insert into exeat.logins select 'stranger1', id from exeat.people where login = 'checker1'"),
            Call("stranger1", "cast_vote", &["{v}", "trusted", "approve", "{sha}", "x"]),
        ],
        At("cast_vote", "no sealed entry gives them that login"),
    ),
    (
        "an administrator made by hand",
        &[
            Sql(
                "insert into exeat.memberships (person, role) select id, 'administrator' from exeat.people where login = 'nobody1'",
            ),
            Call("nobody1", "add_membership", &["steward1", "heart", "checker"]),
        ],
        At("add_membership", "whom no sealed entry made an administrator"),
    ),
    (
        "an own submission taken away",
        &[
            Sql(
                "delete from exeat.registrations; insert into exeat.memberships (person, project, role) select id, 1, 'checker' from exeat.people where login = 'researcher1'",
            ),
            Approve(&["checker1", "researcher1"]),
            Claim,
        ],
        At("claim_release", "researcher1 is no checker"),
    ),
    (
        "an own submission of a checker taken away",
        &[
            Call(
                "checker3",
                "register_submission",
                &["heart", "trusted", "mine", r#"[{"key": "a.csv", "sha256": "{sha}", "size": 10}]"#],
            ),
            Sql(
                "delete from exeat.registrations where person = (select id from exeat.people where login = 'checker3')",
            ),
            Approve(&["checker1", "checker3"]),
            Claim,
        ],
        At("claim_release", "checker3 submitted these bytes"),
    ),
];

const FILES: &[Way] = &[
    (
        "fewer approvals",
        &[Approve(&["checker1"]), Sql("update exeat.policies set approvals = 1"), Lapse, Sql(APPROVED), Claim],
        At("claim_release", "1 of 2 approvals"),
    ),
    (
        "no hold",
        &[
            Call("admin1", "set_policy", &["heart", "trusted", r#"{"hold_seconds": 3600}"#]),
            Approve(&["checker1", "checker2"]),
            Sql("update exeat.policies set hold_seconds = 0; update exeat.cases set held_until = approved_at"),
            Claim,
        ],
        At("claim_release", "its hold of 3600 s was not over"),
    ),
    (
        "a hold counted from yesterday",
        &[
            Call("admin1", "set_policy", &["heart", "trusted", r#"{"hold_seconds": 3600}"#]),
            Approve(&["checker1", "checker2"]),
            Sql(APPROVED),
            Claim,
        ],
        At("claim_release", "its hold of 3600 s was not over"),
    ),
    (
        "a hold counted from yesterday before the last vote",
        &[
            Call("admin1", "set_policy", &["heart", "trusted", r#"{"hold_seconds": 3600}"#]),
            Approve(&["checker1"]),
            Sql(APPROVED),
            Approve(&["checker2"]),
        ],
        At("cast_vote", "from another moment than its own"),
    ),
    (
        "a policy put in",
        &[
            Sql(
                "update exeat.policies set state = 'replaced' where project = 1; insert into exeat.policies (project, destination, number, approvals, largest_file, hold_seconds, rejection_vetoes, inspection_downloads, checks, state) values (1, 'trusted', 9, 1, 1000000, 0, false, false, '{}', 'active')",
            ),
            Approve(&["checker1"]),
        ],
        At("cast_vote", "no sealed entry set it"),
    ),
    (
        "a proposal made active",
        &[
            Call("admin1", "set_policy", &["heart", "trusted", r#"{"approvals": 1}"#]),
            Sql(
                "update exeat.policies set state = 'replaced' where state = 'active' and project = 1 and destination = 'trusted'; update exeat.policies set state = 'active' where state = 'proposed'",
            ),
            Approve(&["checker1"]),
        ],
        At("cast_vote", "no sealed entry set it"),
    ),
    (
        "a proposal confirmed by who made it",
        &[
            Call("admin1", "set_policy", &["heart", "trusted", r#"{"approvals": 1}"#]),
            Sql(
                "update exeat.policies set proposed_by = (select id from exeat.people where login = 'admin2') where state = 'proposed'",
            ),
            Call("admin1", "confirm_policy", &["4"]),
        ],
        At("confirm_policy", "who proposed it"),
    ),
    (
        "a weaker policy without a second person",
        &[
            Sql("update exeat.policies set approvals = 1 where state = 'active' and project = 1"),
            Call("admin1", "set_policy", &["heart", "trusted", r#"{"hold_seconds": 9}"#]),
        ],
        At("set_policy", "weaker than the one before"),
    ),
    (
        "another shared place",
        &[Approve(&["checker1", "checker2"]), Sql("update exeat.projects set shared_bucket = 'mine'"), Claim],
        At("claim_release", "it goes to mine, key "),
    ),
    (
        "another key",
        &[Approve(&["checker1", "checker2"]), Sql("update exeat.file_versions set key = 'b.csv'"), Claim],
        At("claim_release", "the sealed location of heart is another"),
    ),
    (
        "a block taken away",
        &[
            Sql(
                "select exeat.intake_register('heart', 1, '[{\"key_hex\": \"68656172742f622e637376\", \"version_id\": null, \"etag\": \"e\", \"sha256\": \"{sha}\", \"size\": 10, \"media_type\": \"t\", \"modified_at\": \"2026-11-21T09:00:00Z\", \"findings\": [], \"blocked\": \"a virus\", \"newest\": true}]'); update exeat.file_versions set blocked_reason = null; update exeat.cases set settled_at = 'epoch'",
            ),
            Lapse,
            Call("checker1", "cast_vote", &["2", "trusted", "approve", "{sha}", "x"]),
            Call("checker2", "cast_vote", &["2", "trusted", "approve", "{sha}", "x"]),
            Claim,
        ],
        At("claim_release", "intake blocked these bytes"),
    ),
    (
        "older bytes brought back",
        &[
            Sql(
                "select exeat.intake_register('heart', 1, '[{\"key_hex\": \"68656172742f612e637376\", \"version_id\": null, \"etag\": \"e\", \"sha256\": \"00000000000000000000000000000000000000000000000000000000000000aa\", \"size\": 10, \"media_type\": \"t\", \"modified_at\": \"2026-11-21T09:00:00Z\", \"findings\": [], \"blocked\": null, \"newest\": true}]'); update exeat.file_versions set newest = false; update exeat.file_versions set newest = true where id = {v}; update exeat.cases set state = 'pending' where id = {case}",
            ),
            Approve(&["checker1", "checker2"]),
            Claim,
        ],
        At("claim_release", "these bytes had been replaced"),
    ),
    (
        "a file that nobody announced given to somebody",
        &[
            Sql(
                "select exeat.intake_register('heart', 1, '[{\"key_hex\": \"68656172742f622e637376\", \"version_id\": null, \"etag\": \"e\", \"sha256\": \"{sha}\", \"size\": 10, \"media_type\": \"t\", \"modified_at\": \"2026-11-21T09:00:00Z\", \"findings\": [], \"blocked\": null, \"newest\": true}]'); update exeat.file_versions set origin_unknown = false",
            ),
            Call("checker1", "cast_vote", &["2", "trusted", "approve", "{sha}", "x"]),
            Call("checker3", "cast_vote", &["2", "trusted", "approve", "{sha}", "x"]),
            Claim,
        ],
        At("claim_release", "checker3 was a researcher"),
    ),
];

#[tokio::test]
async fn votes_put_into_the_tables_are_found() {
    Site::try_all(VOTES).await;
}

#[tokio::test]
async fn people_put_into_the_tables_are_found() {
    Site::try_all(PEOPLE).await;
}

#[tokio::test]
async fn policies_and_files_changed_in_the_tables_are_found() {
    Site::try_all(FILES).await;
}
