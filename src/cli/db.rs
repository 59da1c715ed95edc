//! `exeat db migrate|status`, for the database administrator.

use std::time::Duration;

use serde_json::json;

use super::args::{DbCommand, Global, MigrateArgs};
use super::{configuration, exit, output};
use crate::db::connect_as;
use crate::db::schema::{self, Blocker, SchemaStatus};
use crate::text::{Untrusted, shown_sentence};

/// Runs it, as the administrator: on a local desk as its own superuser.
pub async fn run(command: DbCommand, global: &Global) -> anyhow::Result<u8> {
    let (args, wait) = match command {
        DbCommand::Migrate(MigrateArgs { wait, db }) => (db, Some(Duration::from_secs(wait.into()))),
        DbCommand::Status(args) => (args, None),
    };
    let config = configuration(global)?;
    let local = config.local.is_some();
    let chosen = args.role.as_deref().or(global.as_login.as_deref().filter(|_| local));
    let role = chosen.or(local.then_some("exeat_admin"));
    let mut connection = connect_as(&config.database, role, "exeat db").await?;
    let mut last = Vec::new();
    let tell = |blockers: &[Blocker]| {
        if !blockers.is_empty() && blockers != last {
            let told = format!("Waiting for {}.", schema::named(blockers));
            output::note(&shown_sentence(&Untrusted::new(told)));
            last = blockers.to_vec();
        }
    };
    let status = match wait {
        Some(wait) => schema::migrate_within(&mut connection, wait, tell).await?,
        None => schema::status(&mut connection).await?,
    };
    print(status, args.output.json)
}

fn print(status: SchemaStatus, as_json: bool) -> anyhow::Result<u8> {
    let SchemaStatus { found, needed } = status;
    if as_json {
        output::json(&json!({"found": found, "needed": needed, "current": status.is_current()}))?;
    } else {
        output::line(&match found {
            Some(found) if found == needed => format!("The database has schema {found}, the one this exeat needs."),
            Some(found) => {
                format!("The database has schema {found} and this exeat needs {needed}: run `exeat db migrate`.")
            }
            None => "The database has nothing of exeat: run `exeat db migrate`.".to_owned(),
        })?;
    }
    Ok(if status.is_current() { exit::OK } else { exit::CONFIG })
}
