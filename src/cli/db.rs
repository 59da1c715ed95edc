//! `exeat db migrate|status`, for the database administrator.

use std::time::Duration;

use serde_json::json;
use sqlx::postgres::PgConnection;
use sqlx::{ConnectOptions as _, Connection as _};

use super::args::{DbArgs, DbCommand, Global, MigrateArgs};
use super::{configuration, exit, output};
use crate::db::schema::{self, Blocker, SchemaStatus};
use crate::text::{Untrusted, shown_sentence};

/// Runs it.
pub async fn run(command: DbCommand, global: &Global) -> anyhow::Result<u8> {
    match command {
        DbCommand::Migrate(args) => {
            let MigrateArgs { wait, db: args } = args;
            let mut connection = connect(&args, global).await?;
            let mut last = Vec::new();
            let tell = |blockers: &[Blocker]| {
                if !blockers.is_empty() && blockers != last {
                    let told = format!("Waiting for {}.", schema::named(blockers));
                    output::note(&shown_sentence(&Untrusted::new(told)));
                    last = blockers.to_vec();
                }
            };
            let status = schema::migrate_within(&mut connection, Duration::from_secs(wait.into()), tell).await?;
            connection.close().await?;
            print(status, args.output.json)
        }
        DbCommand::Status(args) => {
            let mut connection = connect(&args, global).await?;
            let status = schema::status(&mut connection).await?;
            connection.close().await?;
            print(status, args.output.json)
        }
    }
}

/// Connects as the administrator: on a local desk as its own superuser.
async fn connect(args: &DbArgs, global: &Global) -> anyhow::Result<PgConnection> {
    let config = configuration(global)?;
    let local = config.local.is_some();
    let chosen = args.role.as_deref().or(global.as_login.as_deref().filter(|_| local));
    let role = chosen.or(local.then_some("exeat_admin"));
    let options = crate::db::options(&config.database, role, "exeat db")?;
    let told = |error| {
        let name = role.or(config.database.user.as_deref()).unwrap_or("your user");
        crate::db::explain(error, &config.database.place(), name, &config.database.name)
    };
    Ok(options.connect().await.map_err(told)?)
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
