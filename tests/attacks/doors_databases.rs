//! The cluster's doors beside the desk's database: a person's login gets into no other one. NOTIFY's queue is one for all
//! databases, so that from another one person could stop every ticket and refresh.

use exeat::local::desk::{Desk as Local, WORKER_ROLE};
use exeat::local::postgres::SUPERUSER;

use crate::support::desk::desk;

#[tokio::test]
async fn a_person_gets_into_no_other_database() {
    let desk = desk();
    let local = Local::at(&desk.dir).unwrap();
    desk.json("admin1", &["people", "add", "elsewhere1", "--name", "Else Where"]);
    let mut admin = local.connect_to(SUPERUSER, "postgres").await.unwrap();
    sqlx::raw_sql("create database beside").execute(&mut admin).await.unwrap();
    for login in ["researcher1", "admin1", "elsewhere1"] {
        local.connect(login).await.unwrap();
        for other in ["postgres", "template1", "beside"] {
            let error = local.connect_to(login, other).await.err();
            let said = error.unwrap_or_else(|| panic!("{login} is in {other}")).to_string();
            assert!(said.contains("pg_hba.conf rejects"), "{login} in {other}: {said}");
        }
    }
    // Who keeps the cluster gets everywhere, and the worker where it works.
    local.connect_to(SUPERUSER, "beside").await.unwrap();
    local.connect(WORKER_ROLE).await.unwrap();
    sqlx::raw_sql("drop database beside with (force)").execute(&mut admin).await.unwrap();
}
