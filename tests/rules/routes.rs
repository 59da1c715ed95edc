//! Where messages go: the routes as they are, and that a channel of any name needs a route and nothing else in the database.

use exeat::config::{WorkerConfig, examples};
use exeat::worker::channels::CHANNELS;
use sqlx::AssertSqlSafe;
use sqlx::postgres::PgConnection;

use crate::support::pg::{Database, one};

/// What is written for each channel when something happens.
async fn written(owner: &mut PgConnection, topic: &str, payload: &str) -> Vec<String> {
    let tell = format!("select exeat.enqueue('{topic}', 'thing:1', '{payload}')");
    sqlx::raw_sql(AssertSqlSafe(tell)).execute(&mut *owner).await.unwrap();
    let sql = "select array_agg(concat_ws(' ', channel, recipient, address) order by id) from exeat.deliveries
        where message = (select max(id) from exeat.outbox)";
    one(owner, sql).await
}

/// Adds routes to those there are.
async fn with_routes(owner: &mut PgConnection, more: &str) {
    let there = "select prosrc from pg_proc where oid = 'exeat.routes()'::regprocedure";
    let body: String = one(owner, there).await;
    let sql = format!(
        "create or replace function exeat.routes() returns table (topic text, channel text, recipient text, address_key text)
         language sql immutable security definer set search_path = exeat, pg_catalog, pg_temp as $$ {body}, {more} $$"
    );
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(owner).await.unwrap();
}

#[tokio::test]
async fn every_event_goes_to_the_bus_and_a_mail_to_each_address_it_names() {
    let database = Database::empty().await;
    let mut owner = database.owner().await;
    let all = r#"{"mail_to": "r@a.example", "steward_mail_to": "s@a.example", "dac_mail_to": "d@a.example"}"#;
    for (topic, payload, wanted) in [
        ("egress.released", "{}", &["bus  "][..]),
        (
            "access.requested",
            all,
            &["bus  ", "mail requester r@a.example", "mail stewards s@a.example", "mail dac d@a.example"],
        ),
        (
            "access.requested",
            r#"{"mail_to": "r@a.example", "dac_mail_to": null}"#,
            &["bus  ", "mail requester r@a.example"],
        ),
        ("grant.created", r#"{"mail_to": ""}"#, &["bus  "]),
        ("permit.status.updated", r#"{"mail_to": []}"#, &["bus  "]),
        (
            "permit.status.updated",
            r#"{"mail_to": ["b@a.example", "a@a.example", "", "b@a.example"]}"#,
            &["bus  ", "mail team a@a.example", "mail team b@a.example"],
        ),
        ("grant.revoked", r#"{"mail_to": "r@a.example"}"#, &["bus  ", "mail requester r@a.example"]),
    ] {
        assert_eq!(written(&mut owner, topic, payload).await, wanted, "{topic} {payload}");
    }
}

#[tokio::test]
async fn routes_sections_and_the_list_of_channels_name_the_same() {
    let mut owner = Database::empty().await.owner().await;
    let mut listed: Vec<&str> = CHANNELS.iter().map(|kind| kind.name).collect();
    listed.sort_unstable();
    let routed = "select array_agg(distinct split_part(channel, ':', 1) order by split_part(channel, ':', 1)) from exeat.routes()";
    assert_eq!(one::<Vec<String>>(&mut owner, routed).await, listed);
    // The example shows every section there is, and nothing else belongs at its top (`config::examples` compares both ways).
    let example = examples::WORKER.lines().map(|line| line.trim_start_matches("# "));
    let sections = example.filter_map(|line| line.strip_prefix('[')?.strip_suffix(']'));
    let mut sections: Vec<&str> = sections.filter(|name| !name.starts_with("worker") && *name != "database").collect();
    sections.sort_unstable();
    assert_eq!(sections, listed);
    for name in listed {
        let wrong = format!("[{name}]\nqqqqqqqqqqqqqqqqqqqqqqqq = 1\n");
        let error = WorkerConfig::parse(&wrong, std::path::Path::new("x")).unwrap_err().to_string();
        assert!(error.contains("no setting qqqqqqqqqqqqqqqqqqqqqqqq here"), "{name} is a section: {error}");
    }
}

#[tokio::test]
async fn two_channels_of_one_kind_have_a_name_each() {
    let database = Database::empty().await;
    let mut owner = database.owner().await;
    with_routes(&mut owner, "('egress.%', 'webhook:lab', '', null), ('%', 'webhook:archive', 'board', 'board_hook')")
        .await;
    let hooked = written(&mut owner, "egress.released", r#"{"board_hook": "board"}"#).await;
    assert_eq!(hooked, ["bus  ", "webhook:lab  ", "webhook:archive board board"]);
    assert_eq!(written(&mut owner, "access.denied", "{}").await, ["bus  "]);
    // Each takes its own.
    for (channel, topic) in [("webhook:lab", "egress.released"), ("webhook:archive", "egress.released")] {
        let sql = format!("select topic from exeat.take_delivery('{channel}', 'w', 60)");
        assert_eq!(one::<String>(&mut owner, &sql).await, topic);
    }
}

#[tokio::test]
async fn routes_that_overlap_send_once_and_refuse_no_command() {
    let database = Database::empty().await;
    let mut owner = database.owner().await;
    with_routes(&mut owner, "('egress.%', 'bus', '', null), ('access.%', 'mail', 'requester', 'dac_mail_to')").await;
    assert_eq!(written(&mut owner, "egress.released", "{}").await, ["bus  "]);
    let payload = r#"{"mail_to": "r@a.example", "dac_mail_to": "d@a.example"}"#;
    assert_eq!(written(&mut owner, "access.denied", payload).await, ["bus  ", "mail requester r@a.example"]);
}

#[test]
fn who_brings_messages_and_who_asks_for_them_name_no_channel() {
    for file in ["worker/deliver.rs", "worker/tasks.rs", "cli/doctor/channels.rs", "cli/doctor/servers.rs"] {
        let path = format!("{}/src/{file}", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(path).unwrap();
        let named = text.split(|c: char| !c.is_alphanumeric()).find(|word| CHANNELS.iter().any(|of| of.name == *word));
        assert_eq!(named, None, "{file}: CHANNELS says it");
    }
}
