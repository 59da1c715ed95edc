//! The commands people and services have, against a table written by hand: the database's list, the functions psql calls, and
//! the type the programs send. A new command or field that is not in the table fails here.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use exeat::domain::access::{GrantId, RequestId, RevokeClass};
use exeat::domain::command::{Command, Renewal, RequestChanges, TicketUse};
use exeat::domain::egress::VersionId;
use exeat::domain::permit::{Move, PermitId};
use exeat::domain::vote::VoteKind;
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Row};
use uuid::Uuid;

use crate::support::door;
use crate::support::pg::{Answer, Database, literal, one};

/// Name, who may send it, its room, and its fields with their types; `!` where it is needed, `/` before another name in psql.
pub const COMMANDS: &[&str] = &[
    "cast_vote both plain version:int! destination:text kind:text! sha256:text comment:text seen_row_version:int coverage:json signed:text signature:text",
    "undo_vote both plain version:int! destination:text",
    "withdraw both plain version:int! destination:text reason:text",
    "withdraw_submission both plain submission:int!",
    "recall both plain version:int! destination:text reason:text!",
    "restore both plain version:int! destination:text reason:text!",
    "ask_destination both plain version:int! destination:text!",
    "claim both plain version:int!",
    "unclaim both plain version:int!",
    "add_comment both plain version:int! body:text! internal:bool",
    "register_submission both list project:text! destination:text! purpose:text! files:list!",
    "ask_upload both plain registration:int!",
    "ask_ticket both plain version:int! use:text!",
    "end_download both plain ticket:uuid! bytes:int sha256:text completed:bool",
    "ask_refresh both plain project:text",
    "new_request both text dataset:text! text:text! starts:time ends:end email:text iva:uuid",
    "edit_request both text request:int! changes:object! seen_row_version:int",
    "patch_request both text request:int! changes:object! status:text seen_row_version:int",
    "allow_request both text request:int! starts:time ends:end iva:uuid note:text seen_row_version:int",
    "deny_request both text request:int! reason:text! seen_row_version:int",
    "claim_request both plain request:int!",
    "unclaim_request both plain request:int!",
    "comment_request both text request:int! body:text!",
    "add_grant both plain login:text! dataset:text! from/starts:time until/ends:end! iva:uuid",
    "register_grant both plain login:text! dataset:text! from/starts:time! until/ends:end! iva:uuid",
    "amend_grant both plain grant/grant_id:int! until/ends:end! reason:text! seen_row_version:int",
    "revoke_grant both plain grant/grant_id:int! class:text! reason:text! seen_row_version:int",
    "add_person person plain login:text! full_name:text! mail:text",
    "add_login person plain role:text! login:text!",
    "add_membership person plain login:text! project:text role:text! valid_from:time valid_until:end",
    "end_membership person plain login:text! project:text role:text!",
    "add_service person plain name:text! role:text!",
    "end_service person plain name:text!",
    "add_credential person plain name:text! service:text! login:text acts_for:list! rights:list! secret:text!",
    "rotate_credential person plain name:text! secret:text!",
    "end_credential person plain name:text!",
    "add_key person plain public_key:text!",
    "confirm_key person plain key:int! fingerprint:text!",
    "end_key person plain key:int!",
    "add_project person plain id:text! title:text! purpose:text location:text! shared_location:text!",
    "move_project person plain project:text! location:text shared_location:text reason:text!",
    "close_project person plain project:text! reason:text!",
    "confirm_project person plain change:int!",
    "drop_project_change person plain change:int!",
    "pause_project both plain project:text! reason:text!",
    "resume_project person plain project:text! reason:text!",
    "set_policy person plain project:text! destination:text! values:object!",
    "confirm_policy person plain policy:int!",
    "renew_proof person plain why:text! public_key:text reason:text!",
    "confirm_renewal person plain renewal:int!",
    "set_setting person plain name:text! value:json!",
    "sync_people person list rows:list! dry_run:bool complete:bool",
    "sync_datasets person list rows:list! dry_run:bool complete:bool",
    "issue_permit both list project:text! title:text purpose:text request:int datasets:list grants:list team:list from/starts:time until/ends:end reference:text",
    "move_permit both plain permit:int! move:text! reason:text seen_row_version:int",
    "take_back_permit both plain permit:int! seen_row_version:int",
    "add_to_team both plain permit:int! login:text! role:text!",
    "end_in_team both plain permit:int! login:text! role:text!",
    "submit_output both plain permit:int! folder:text! description:text! output:int",
    "switch_workspace both plain permit:int! running:bool!",
    "report_workspace both plain permit:int! kind:text! generation:int! state:text! detail:text",
    "set_iva person plain login:text! kind:text! verified:bool iva:uuid",
];

/// One field of the table.
pub struct Field {
    pub name: &'static str,
    /// What psql calls it.
    pub argument: &'static str,
    pub kind: &'static str,
    pub needed: bool,
}

/// A command of the table: its name and fields.
pub fn command(line: &'static str) -> (&'static str, Vec<Field>) {
    let mut words = line.split(' ');
    let name = words.next().unwrap();
    let fields = words.skip(2).map(|word| {
        let (names, kind) = word.split_once(':').unwrap();
        let (name, argument) = names.split_once('/').unwrap_or((names, names));
        Field { name, argument, kind: kind.trim_end_matches('!'), needed: kind.ends_with('!') }
    });
    (name, fields.collect())
}

/// A value of a type that is well formed and means nothing here.
pub fn meant(kind: &str) -> Value {
    match kind {
        "int" => json!("999999999"),
        "text" => json!("x"),
        "bool" => json!(true),
        "time" | "end" => json!("2026-12-01T09:00:00Z"),
        "uuid" => json!("1b4e28ba-2fa1-41d2-883f-0016d3cca427"),
        "list" => json!([]),
        _ => json!({}),
    }
}

#[tokio::test]
async fn the_list_is_the_table() {
    let database = Database::empty().await;
    let list: String = one(&mut database.owner().await, "select exeat.command_list()").await;
    assert_eq!(list.trim().lines().collect::<Vec<_>>(), COMMANDS);
}

#[tokio::test]
async fn psql_has_a_function_for_every_command_and_nothing_else_runs_a_body() {
    let database = Database::empty().await;
    let mut owner = database.owner().await;
    for line in COMMANDS {
        let (name, fields) = command(line);
        let found = sqlx::query(
            "select pg_get_function_arguments(oid) as arguments, pg_get_function_result(oid) as result, provolatile::text from pg_proc
             where pronamespace = 'exeat'::regnamespace and proname = $1",
        )
        .bind(name)
        .fetch_one(&mut owner)
        .await
        .unwrap();
        let optional = fields.iter().position(|field| !field.needed).unwrap_or(fields.len());
        let mut wanted = "command_id uuid".to_owned();
        for (n, field) in fields.iter().enumerate() {
            let kind = match field.kind {
                "int" => "bigint",
                "bool" => "boolean",
                "time" | "end" => "timestamp with time zone",
                "json" | "list" | "object" => "jsonb",
                kind => kind,
            };
            let name = if field.argument == "values" { "\"values\"" } else { field.argument };
            let default = if n < optional { String::new() } else { format!(" DEFAULT NULL::{kind}") };
            wanted.push_str(&format!(", {name} {kind}{default}"));
        }
        assert_eq!(found.get::<String, _>("arguments"), wanted, "{name}");
        assert_eq!(found.get::<String, _>("result"), "exeat.answer", "{name}");
        assert_eq!(found.get::<String, _>("provolatile"), "v", "{name}");
    }
    let bodies: Vec<String> = one(
        &mut owner,
        "select array_agg(substr(proname::text, 4) order by proname) from pg_proc where pronamespace = 'exeat'::regnamespace and starts_with(proname::text, 'do_')",
    )
    .await;
    let mut names: Vec<&str> = COMMANDS.iter().map(|line| command(line).0).collect();
    names.sort_unstable();
    assert_eq!(bodies, names);
}

/// Every variant with every field there is; those of administrators stand below.
fn whole() -> Vec<Command> {
    let (at, uuid) = ("2026-12-01T09:00:00Z".parse::<DateTime<Utc>>().unwrap(), Uuid::from_u128(7));
    let (text, version, request, grant) = (|| Some("x".to_owned()), VersionId(1), RequestId(1), GrantId(1));
    let permit = PermitId(1);
    let x = || "x".to_owned();
    vec![
        Command::CastVote {
            version,
            destination: text(),
            kind: VoteKind::Changes,
            sha256: text(),
            comment: text(),
            seen_row_version: Some(1),
            coverage: Some(json!({"shown": "a"})),
            signed: text(),
            signature: text(),
        },
        Command::UndoVote { version, destination: text() },
        Command::Withdraw { version, destination: text(), reason: text() },
        Command::WithdrawSubmission { submission: 1 },
        Command::Recall { version, destination: text(), reason: text() },
        Command::Restore { version, destination: text(), reason: text() },
        Command::AskDestination { version, destination: x() },
        Command::Claim { version },
        Command::Unclaim { version },
        Command::AddComment { version, body: x(), internal: true },
        Command::RegisterSubmission { project: x(), destination: x(), purpose: x(), files: json!([]) },
        Command::AskUpload { registration: 1 },
        Command::AskTicket { version, purpose: TicketUse::Preview },
        Command::EndDownload { ticket: uuid, bytes: 1, sha256: text(), completed: true },
        Command::AskRefresh { project: text() },
        Command::NewRequest {
            dataset: x(),
            text: x(),
            starts: Some(at),
            ends: Some(at),
            email: text(),
            iva: Some(uuid),
        },
        Command::EditRequest { request, changes: RequestChanges::default(), seen_row_version: Some(1) },
        Command::PatchRequest {
            request,
            changes: RequestChanges::default(),
            status: text(),
            seen_row_version: Some(1),
        },
        Command::AllowRequest {
            request,
            starts: Some(at),
            ends: Some(at),
            iva: Some(uuid),
            note: text(),
            seen_row_version: Some(1),
        },
        Command::DenyRequest { request, reason: x(), seen_row_version: Some(1) },
        Command::ClaimRequest { request },
        Command::UnclaimRequest { request },
        Command::CommentRequest { request, body: x() },
        Command::AddGrant { login: x(), dataset: x(), from: Some(at), until: at, iva: Some(uuid) },
        Command::RegisterGrant { login: x(), dataset: x(), from: at, until: at, iva: Some(uuid) },
        Command::AmendGrant { grant, until: at, reason: x(), seen_row_version: Some(1) },
        Command::RevokeGrant { grant, class: RevokeClass::Ended, reason: x(), seen_row_version: Some(1) },
        Command::IssuePermit {
            project: x(),
            title: text(),
            purpose: text(),
            request: Some(request),
            datasets: json!([]),
            grants: json!([]),
            team: json!([]),
            from: Some(at),
            until: Some(at),
            reference: text(),
        },
        Command::MovePermit { permit, what: Move::Revoke, reason: text(), seen_row_version: Some(1) },
        Command::TakeBackPermit { permit, seen_row_version: Some(1) },
        Command::AddToTeam { permit, login: x(), role: x() },
        Command::EndInTeam { permit, login: x(), role: x() },
        Command::SubmitOutput { permit, folder: x(), description: x(), output: Some(1) },
        Command::SwitchWorkspace { permit, running: true },
        Command::ReportWorkspace { permit, kind: x(), generation: 1, state: x(), detail: text() },
        Command::SetIva { login: x(), kind: x(), verified: true, iva: Some(uuid) },
    ]
}

/// Those of administrators.
fn administering() -> Vec<Command> {
    let at = "2026-12-01T09:00:00Z".parse::<DateTime<Utc>>().unwrap();
    let text = || Some("x".to_owned());
    let x = || "x".to_owned();
    vec![
        Command::AddPerson { login: x(), full_name: x(), mail: text() },
        Command::AddLogin { role: x(), login: x() },
        Command::AddMembership { login: x(), project: text(), role: x(), valid_from: Some(at), valid_until: Some(at) },
        Command::EndMembership { login: x(), project: text(), role: x() },
        Command::AddService { name: x(), role: x() },
        Command::EndService { name: x() },
        Command::AddCredential {
            name: x(),
            service: x(),
            login: text(),
            acts_for: vec![x()],
            rights: vec![x()],
            secret: x(),
        },
        Command::RotateCredential { name: x(), secret: x() },
        Command::EndCredential { name: x() },
        Command::AddKey { public_key: x() },
        Command::ConfirmKey { key: 1, fingerprint: x() },
        Command::EndKey { key: 1 },
        Command::AddProject { id: x(), title: x(), purpose: x(), location: x(), shared_location: x() },
        Command::MoveProject { project: x(), location: text(), shared_location: text(), reason: x() },
        Command::CloseProject { project: x(), reason: x() },
        Command::ConfirmProject { change: 1 },
        Command::DropProjectChange { change: 1 },
        Command::PauseProject { project: x(), reason: x() },
        Command::ResumeProject { project: x(), reason: x() },
        Command::SetPolicy { project: x(), destination: x(), values: json!({}) },
        Command::ConfirmPolicy { policy: 1 },
        Command::RenewProof { why: Renewal::LostKey, public_key: text(), reason: x() },
        Command::ConfirmRenewal { renewal: 1 },
        Command::SetSetting { name: x(), value: json!(1) },
        Command::SyncPeople { rows: json!([]), dry_run: true, complete: true },
        Command::SyncDatasets { rows: json!([]), dry_run: true, complete: true },
    ]
}

/// Each has exactly the listed fields, in types the database takes; and a command read back is the one that was written.
#[tokio::test]
async fn every_variant_is_a_listed_command() {
    let database = Database::fresh().await;
    let mut own = database.connect("nobody1").await;
    let listed: BTreeMap<&str, Vec<Field>> = COMMANDS.iter().map(|line| command(line)).collect();
    let whole = [whole(), administering()].concat();
    assert_eq!(whole.len(), listed.len());
    for command in whole {
        let (name, request) = command.parts().unwrap();
        let mut sent: Vec<&str> = request.as_object().unwrap().keys().map(String::as_str).collect();
        let mut wanted: Vec<&str> = listed[name.as_str()].iter().map(|field| field.name).collect();
        sent.sort_unstable();
        wanted.sort_unstable();
        assert_eq!(sent, wanted, "{name}");
        let answer = raw(&mut own, &name, &request.to_string()).await;
        assert!(
            !answer.sentence.starts_with(&format!("{name} ")) && !answer.sentence.contains("no command"),
            "{name}: {answer:?}"
        );
        let written = json!({"command": name, "request": request});
        assert_eq!(serde_json::from_value::<Command>(written.clone()).unwrap(), command);
        let mut misspelt = written;
        misspelt["request"]["seen_row_versoin"] = json!(1);
        assert!(serde_json::from_value::<Command>(misspelt).is_err(), "{name} lets a misspelt field through");
    }
}

/// Sends a command as JSON under a new id.
pub async fn raw(connection: &mut sqlx::PgConnection, name: &str, request: &str) -> Answer {
    if let Some(answer) = door::raw(connection, name, request).await {
        return answer;
    }
    let sql = format!(
        "select ok, code, sentence, version, data from exeat.command(gen_random_uuid(), {}, {})",
        literal(name),
        literal(request)
    );
    sqlx::query_as(AssertSqlSafe(sql.as_str()))
        .persistent(false)
        .fetch_one(connection)
        .await
        .unwrap_or_else(|error| panic!("{name} {}: {error}", request.chars().take(300).collect::<String>()))
}
