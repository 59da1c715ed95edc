//! A service's way in: many calls at once for many people, on a few connections.

use exeat::config::Config;
use exeat::domain::command::Command;
use exeat::domain::egress::VersionId;
use exeat::service::{Service, ServiceError};
use uuid::Uuid;

use crate::support::desk::{desk, text, unique};

/// A service of its own on the desk, as an administrator and the database's administrator add it.
fn added() -> Service {
    let desk = desk();
    let name = unique("portal");
    let made = desk.json("admin1", &["services", "add", &name, "--role", &name]);
    desk.psql(&text(&made["sql"]));
    let listed = desk.json("admin1", &["services", "list"]);
    let row = listed["items"].as_array().unwrap().iter().find(|row| row["name"] == name.as_str()).unwrap();
    assert_eq!((text(&row["role"]), text(&row["added_by"])), (name.clone(), "admin1".to_owned()));
    let mut config = Config::read(&desk.config).unwrap();
    config.database.user = Some(name);
    Service::for_service(config).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_calls_for_many_people_share_a_few_connections() {
    let (service, desk) = (added(), desk());
    let version: VersionId = text(&desk.file()["id"]).parse().unwrap();
    let calls = (0..60).map(|n| {
        let person = service.acting(["checker1", "checker2", "admin1"][n % 3]);
        async move {
            let comment = Command::AddComment { version, body: format!("call {n}"), internal: false };
            person.carry_out(Uuid::new_v4(), &comment).await.unwrap()
        }
    });
    let answers = futures::future::join_all(calls).await;
    for (n, answer) in answers.iter().enumerate() {
        assert_eq!(answer.ok, n % 3 < 2, "{n}: each is its own person's: {answer:?}");
    }
    let role = service.role();
    let open = desk.psql(&format!("select count(*) from pg_stat_activity where usename = '{role}'"));
    let open: u32 = open.trim().parse().unwrap();
    assert!((1..=4).contains(&open), "{open} connections");
    let kept = desk.psql(&format!("select count(distinct person) from exeat.journal where via = '{role}' and ok"));
    assert_eq!(kept.trim(), "2");
    // Cut, they are made again; ended, nobody is served.
    desk.psql(&format!("select pg_terminate_backend(pid) from pg_stat_activity where usename = '{role}'"));
    let comment = Command::AddComment { version, body: "once more".to_owned(), internal: false };
    assert!(service.acting("checker1").carry_out(Uuid::new_v4(), &comment).await.unwrap().ok);
    desk.json("admin1", &["services", "end", role]);
    let answer = service.acting("checker1").carry_out(Uuid::new_v4(), &comment).await.unwrap();
    assert_eq!(answer.code, "not_signed_in");
    let by_itself = service.carry_out(Uuid::new_v4(), &comment).await.unwrap_err();
    assert!(matches!(by_itself, ServiceError::Refused(_) | ServiceError::Other(_)), "{by_itself:?}");
}
