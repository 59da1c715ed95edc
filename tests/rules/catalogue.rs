//! The catalogue of a migrated database against a table written by hand: who may call what, who may touch which table,
//! how every function is pinned. A new function or grant that is not in the table fails here.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::Row;

use crate::support::pg::{Database, one};

/// Functions people may call.
const PERSON: &[&str] = &[
    "access_check",
    "add_comment",
    "add_credential",
    "add_grant",
    "add_key",
    "add_login",
    "add_membership",
    "add_person",
    "add_project",
    "add_service",
    "add_to_team",
    "allow_request",
    "amend_grant",
    "ask_destination",
    "ask_refresh",
    "ask_ticket",
    "ask_upload",
    "cast_vote",
    "changes_since",
    "claim",
    "claim_request",
    "close_project",
    "command",
    "comment_request",
    "confirm_key",
    "confirm_policy",
    "confirm_project",
    "confirm_renewal",
    "deliveries_waiting",
    "deny_request",
    "drop_project_change",
    "edit_request",
    "end_credential",
    "end_download",
    "end_in_team",
    "end_key",
    "end_membership",
    "end_service",
    "issue_permit",
    "journal_cases",
    "journal_heads",
    "journal_heads_after",
    "journal_page",
    "journal_releases",
    "journal_rows",
    "journal_unsealed",
    "last_change",
    "list_credentials",
    "list_datasets",
    "list_ivas",
    "list_keys",
    "list_memberships",
    "list_people",
    "list_policies",
    "list_projects",
    "list_renewals",
    "list_services",
    "list_settings",
    "move_permit",
    "move_project",
    "my_projects",
    "note_seen",
    "new_request",
    "patch_request",
    "pause_project",
    "read",
    "recall",
    "refresh_answer",
    "register_grant",
    "register_submission",
    "renew_proof",
    "report_workspace",
    "request_defaults",
    "restore",
    "resume_project",
    "revoke_grant",
    "rotate_credential",
    "schema_number",
    "set_iva",
    "set_policy",
    "set_setting",
    "submission_state",
    "submit_output",
    "switch_workspace",
    "sync_datasets",
    "sync_people",
    "system_status",
    "take_back_permit",
    "ticket_answer",
    "unclaim",
    "unclaim_request",
    "undo_vote",
    "whoami",
    "withdraw",
    "withdraw_submission",
];
/// Functions services may call.
const SERVICE: &[&str] = &[
    "changes_since_for",
    "command_for",
    "credential",
    "last_change",
    "note_seen_for",
    "portal_access",
    "portal_defaults",
    "portal_events",
    "portal_files",
    "portal_location",
    "portal_output",
    "portal_people",
    "portal_roles",
    "read_for",
    "refresh_answer_for",
    "schema_number",
    "submission_state_for",
    "system_status",
    "ticket_answer_for",
];
/// Functions the worker may call.
const WORKER: &[&str] = &[
    "add_head",
    "add_seals",
    "answer_ticket",
    "bind_registrations",
    "changes_since",
    "change_key",
    "claim_release",
    "end_blocking_sessions",
    "end_idle_sessions",
    "expire_tickets",
    "fail_delivery",
    "fail_release",
    "finish_delivery",
    "finish_recall",
    "finish_refresh",
    "finish_release",
    "foreign_object",
    "intake_known",
    "intake_missing",
    "intake_projects",
    "intake_register",
    "keep_refusals",
    "lapse_votes",
    "last_change",
    "last_head",
    "last_seal",
    "note_signature",
    "open_recalls",
    "open_refreshes",
    "open_tickets",
    "pause_permits",
    "project_fault",
    "refreshes_begun",
    "refuse_ticket",
    "release_state",
    "renew_lease",
    "schema_number",
    "sealed_rows",
    "settle_outputs",
    "system_status",
    "take_delivery",
    "unchecked_signatures",
    "unproved",
    "unsealed_journal",
    "whoami",
    "worker_beat",
];
/// Tables with a second wall, row by row, behind the first: nobody may read any.
const WALLED: &[&str] = &["cases", "comments", "file_versions", "projects", "votes"];

#[tokio::test]
async fn every_function_is_pinned_owned_and_granted_by_name() {
    let database = Database::empty().await;
    let mut owner = database.owner().await;
    let rows = sqlx::query(
        "select p.oid::regprocedure::text as name, p.proname::text as short, r.rolname::text as owner, p.prosecdef, coalesce(p.proconfig, '{}') as config,
            has_function_privilege('exeat_person', p.oid, 'execute') as person, has_function_privilege('exeat_worker', p.oid, 'execute') as worker,
            coalesce((select array_agg(coalesce(g.rolname::text, 'public') order by coalesce(g.rolname::text, 'public')) from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
                left join pg_roles g on g.oid = a.grantee), '{}') as grantees,
            coalesce((select bool_or(a.is_grantable and a.grantee <> p.proowner) from aclexplode(p.proacl) a), false) as passed_on
         from pg_proc p join pg_roles r on r.oid = p.proowner where p.pronamespace = 'exeat'::regnamespace",
    )
    .fetch_all(&mut owner)
    .await
    .unwrap();
    assert!(rows.len() > 100, "{} functions", rows.len());
    let mut seen = BTreeSet::new();
    for row in &rows {
        let (name, short): (String, String) = (row.get("name"), row.get("short"));
        assert_eq!(row.get::<String, _>("owner"), "exeat_owner", "{name}");
        assert!(row.get::<bool, _>("prosecdef"), "{name} runs with its caller's rights");
        let config: Vec<String> = row.get("config");
        assert!(
            config.iter().any(|set| set == "search_path=exeat, pg_catalog, pg_temp"),
            "{name} does not pin its search_path: {config:?}"
        );
        let mut wanted = vec!["exeat_owner".to_owned()];
        wanted.extend(PERSON.contains(&short.as_str()).then(|| "exeat_person".to_owned()));
        wanted.extend(SERVICE.contains(&short.as_str()).then(|| "exeat_service".to_owned()));
        wanted.extend(WORKER.contains(&short.as_str()).then(|| "exeat_worker".to_owned()));
        assert_eq!(row.get::<Vec<String>, _>("grantees"), wanted, "{name}");
        assert!(!row.get::<bool, _>("passed_on"), "{name} may be granted on");
        seen.insert(short);
    }
    for name in PERSON.iter().chain(SERVICE).chain(WORKER) {
        assert!(seen.contains(*name), "{name} is in the table and not in the database");
    }
}

#[tokio::test]
async fn nobody_but_the_owner_may_read_or_write_a_table() {
    let database = Database::empty().await;
    let mut owner = database.owner().await;
    let rows = sqlx::query(
        "select c.relname::text as name, c.relkind::text as kind, r.rolname::text as owner, c.relrowsecurity,
            coalesce((select array_agg(coalesce(g.rolname::text, 'public') || ' ' || a.privilege_type
                    order by coalesce(g.rolname::text, 'public') || ' ' || a.privilege_type)
                from aclexplode(c.relacl) a left join pg_roles g on g.oid = a.grantee where a.grantee <> c.relowner), '{}') as grants,
            (select count(*) from pg_attribute t where t.attrelid = c.oid and t.attacl is not null) as column_grants
         from pg_class c join pg_roles r on r.oid = c.relowner
         where c.relnamespace = 'exeat'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'S', 'f')",
    )
    .fetch_all(&mut owner)
    .await
    .unwrap();
    let mut tables = 0;
    for row in &rows {
        let name: String = row.get("name");
        assert_eq!(row.get::<Vec<String>, _>("grants"), Vec::<String>::new(), "{name}");
        assert_eq!(row.get::<i64, _>("column_grants"), 0, "{name}");
        assert_eq!(row.get::<String, _>("owner"), "exeat_owner", "{name}");
        assert_eq!(row.get::<bool, _>("relrowsecurity"), WALLED.contains(&name.as_str()), "row security of {name}");
        tables += i32::from(row.get::<String, _>("kind") == "r");
    }
    assert!(tables >= 25, "{tables} tables");
}

#[tokio::test]
async fn roles_defaults_and_the_database_are_closed() {
    let database = Database::empty().await;
    let mut owner = database.owner().await;
    for role in ["exeat_owner", "exeat_person", "exeat_service", "exeat_worker"] {
        let open: bool = one(
            &mut owner,
            &format!(
                "select rolcanlogin or rolsuper or rolcreaterole or rolcreatedb or rolreplication or rolbypassrls from pg_roles where rolname = '{role}'"
            ),
        )
        .await;
        assert!(!open, "{role} may log in or more");
    }
    let above: Vec<String> = one(
        &mut owner,
        "select coalesce(array_agg(g.rolname::text || ' of ' || m.rolname::text order by g.rolname), '{}') from pg_auth_members a join pg_roles g on g.oid = a.roleid
            join pg_roles m on m.oid = a.member where m.rolname in ('exeat_owner', 'exeat_person', 'exeat_service', 'exeat_worker') or g.rolname = 'exeat_owner'",
    )
    .await;
    assert_eq!(above, ["pg_read_all_stats of exeat_owner", "pg_signal_backend of exeat_owner"]);
    // A function made tomorrow is nobody's until it is granted.
    sqlx::raw_sql("set role exeat_owner; create function exeat.tomorrow() returns int language sql as 'select 1'; create table exeat.later (n int); reset role")
        .execute(&mut owner)
        .await
        .unwrap();
    for role in ["exeat_person", "exeat_service", "exeat_worker", "public"] {
        let may: bool =
            one(&mut owner, &format!("select has_function_privilege('{role}', 'exeat.tomorrow()', 'execute')")).await;
        assert!(!may, "{role} may call what was never granted");
        let may: bool =
            one(&mut owner, &format!("select has_table_privilege('{role}', 'exeat.later', 'select')")).await;
        assert!(!may, "{role} may read what was never granted");
    }
    for (role, right) in [
        ("public", "temp"),
        ("public", "connect"),
        ("public", "create"),
        ("exeat_person", "temp"),
        ("exeat_person", "create"),
        ("exeat_service", "temp"),
        ("exeat_service", "create"),
        ("exeat_worker", "temp"),
        ("exeat_worker", "create"),
    ] {
        let may: bool =
            one(&mut owner, &format!("select has_database_privilege('{role}', current_database(), '{right}')")).await;
        assert!(!may, "{role} has {right} on the database");
    }
    for schema in ["exeat", "public"] {
        for role in ["exeat_person", "exeat_service", "exeat_worker", "public"] {
            let may: bool =
                one(&mut owner, &format!("select has_schema_privilege('{role}', '{schema}', 'create')")).await;
            assert!(!may, "{role} may create in {schema}");
        }
    }
}

#[tokio::test]
async fn row_security_calls_my_projects_once_a_statement() {
    let database = Database::empty().await;
    let mut owner = database.owner().await;
    let rows = sqlx::query(
        "select tablename::text as name, cmd, permissive, roles::text[] as roles, qual from pg_policies where schemaname = 'exeat'",
    )
    .fetch_all(&mut owner)
    .await
    .unwrap();
    let found: BTreeMap<String, String> = rows.iter().map(|row| (row.get("name"), row.get("qual"))).collect();
    assert_eq!(found.keys().map(String::as_str).collect::<Vec<_>>(), WALLED);
    for row in &rows {
        assert_eq!(row.get::<String, _>("cmd"), "SELECT");
        assert_eq!(row.get::<Vec<String>, _>("roles"), ["exeat_person"]);
        let qual: String = row.get("qual");
        assert!(qual.contains("ANY (( SELECT exeat.my_projects()"), "{qual}");
    }
}

#[tokio::test]
async fn migrating_again_changes_nothing() {
    let database = Database::empty().await;
    let mut owner = database.owner().await;
    let print = "select md5(string_agg(p.oid::regprocedure || md5(p.prosrc) || coalesce(p.proacl::text, ''), ',' order by p.oid::regprocedure::text)) from pg_proc p
        where pronamespace = 'exeat'::regnamespace";
    let before: String = one(&mut owner, print).await;
    let status = exeat::db::schema::migrate(&mut owner).await.unwrap();
    assert!(status.is_current());
    let after: String = one(&mut owner, print).await;
    assert_eq!(before, after);
    let role: String = one(&mut owner, "select current_user::text").await;
    assert_eq!(role, "exeat_admin", "the connection is the administrator's again");
}
