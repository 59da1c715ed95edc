//! `exeat services …`, for administrators: the programs that act for people. The program makes no database roles: it prints the SQL
//! that makes one for the database administrator.

use serde_json::json;

use super::answers::{plain, print};
use super::args::{Global, ServiceAddArgs, ServicesCommand};
use super::{exit, output, service};
use crate::db::roles;
use crate::domain::command::Command;
use crate::service::{Service, ServiceRow};

/// Runs it.
pub async fn run(command: ServicesCommand, global: &Global) -> anyhow::Result<u8> {
    let service = service(global)?;
    match command {
        ServicesCommand::List(args) => {
            let services = service.services().await?;
            if args.json {
                output::json(&json!({"items": services}))?;
            } else {
                output::line(&table(&services))?;
            }
            Ok(exit::OK)
        }
        ServicesCommand::Add(args) => add(&service, args).await,
        ServicesCommand::End(args) => {
            let end = Command::EndService { name: args.service };
            print(service.carry_out(args.sent.id(), &end).await?, args.sent.output.json)
        }
    }
}

async fn add(service: &Service, args: ServiceAddArgs) -> anyhow::Result<u8> {
    let sql = roles::role_sql(&args.role, roles::SERVICES);
    let add = Command::AddService { name: args.service.clone(), role: args.role };
    let added = service.carry_out(args.sent.id(), &add).await?.into_result()?;
    if args.sent.output.json {
        output::json(&json!({"ok": true, "service": args.service, "message": added.sentence, "sql": sql}))?;
    } else {
        output::line(&plain(&added.sentence))?;
        output::line("The database administrator has to run this:")?;
        output::line(&sql)?;
    }
    Ok(exit::OK)
}

fn table(services: &[ServiceRow]) -> String {
    let rows: Vec<Vec<String>> = services
        .iter()
        .map(|row| {
            let ended = row.ended_at.map_or(String::new(), |at| format!("ended {}", at.format("%Y-%m-%d %H:%M")));
            let since = row.since.format("%Y-%m-%d %H:%M").to_string();
            vec![plain(&row.name), plain(&row.role), since, plain(&row.added_by), ended]
        })
        .collect();
    output::table(&["SERVICE", "DATABASE ROLE", "SINCE", "ADDED BY", ""], &rows)
}
