//! `exeat people …`, for administrators. The program makes no database roles: it prints the SQL that makes one for the
//! database administrator. Only on a local desk it runs it, as that desk's own superuser.

use serde_json::json;
use uuid::Uuid;

use super::answers::{plain, print};
use super::args::{Global, PeopleCommand, PersonAddArgs};
use super::{exit, output, service};
use crate::db::roles;
use crate::domain::command::Command;
use crate::service::{ListOf, MembershipRow, PersonRow, Service};
use crate::text::shown;

/// Runs it.
pub async fn run(command: PeopleCommand, global: &Global) -> anyhow::Result<u8> {
    let service = service(global)?;
    match command {
        PeopleCommand::List(args) => {
            let people = service.people().await?;
            if args.json {
                output::json(&json!({"items": people}))?;
            } else {
                output::line(&table(&people))?;
            }
            Ok(exit::OK)
        }
        PeopleCommand::Show(args) => {
            let found = service.people().await?.into_iter().find(|person| person.login == args.login);
            let person = found.ok_or_else(|| crate::domain::refusal::Refusal {
                code: "not_found".to_owned(),
                message: format!("There is no person {} that you may see: look with `exeat people list`.", args.login),
            })?;
            let memberships = service.memberships(Some(&args.login)).await?;
            let ivas = service.ivas(Some(&args.login)).await?;
            if args.output.json {
                let mut value = serde_json::to_value(&person)?;
                value["memberships"] = serde_json::to_value(&memberships)?;
                value["ivas"] = serde_json::to_value(&ivas)?;
                output::json(&value)?;
            } else {
                output::line(&table(&[person]))?;
                output::line(&membership_table(&memberships))?;
                for iva in ivas {
                    let verified = if iva.verified { "verified" } else { "not verified" };
                    output::line(&format!("IVA {} {} {verified}", iva.id, plain(&iva.kind)))?;
                }
            }
            Ok(exit::OK)
        }
        PeopleCommand::Add(args) => add(&service, args).await,
        PeopleCommand::Sync(args) => super::directory::sync(&service, args, ListOf::People).await,
        PeopleCommand::Iva(args) => super::directory::iva(&service, args).await,
        PeopleCommand::AddLogin(args) => {
            let add = Command::AddLogin { role: args.role, login: args.login };
            print(service.carry_out(args.sent.id(), &add).await?, args.sent.output.json)
        }
        PeopleCommand::Grant(args) => {
            let (login, project, role) = (args.login, args.project, args.role);
            let (valid_from, valid_until) = super::common::moments(&service, args.from, args.until).await?;
            let add = Command::AddMembership { login, project, role, valid_from, valid_until };
            print(service.carry_out(args.sent.id(), &add).await?, args.sent.output.json)
        }
        PeopleCommand::Key(command) => super::keys::run(&service, command).await,
        PeopleCommand::End(args) => {
            let end = Command::EndMembership { login: args.login, project: args.project, role: args.role };
            print(service.carry_out(args.sent.id(), &end).await?, args.sent.output.json)
        }
    }
}

async fn add(service: &Service, args: PersonAddArgs) -> anyhow::Result<u8> {
    let command_id = args.sent.id();
    let add = Command::AddPerson { login: args.login.clone(), full_name: args.name, mail: args.mail };
    let added = service.carry_out(command_id, &add).await?.into_result()?;
    // Derived, so that a retry of the whole is a retry of both.
    let second = Uuid::from_u128(command_id.as_u128().wrapping_add(1));
    let login = Command::AddLogin { role: args.login.clone(), login: args.login.clone() };
    service.carry_out(second, &login).await?.into_result()?;
    let sql = roles::role_sql(&args.login, roles::PEOPLE);
    let made = match &service.config().local {
        Some(_) => {
            make_role(service, &args.login).await?;
            true
        }
        None => false,
    };
    if args.sent.output.json {
        output::json(
            &json!({"ok": true, "login": args.login, "message": added.sentence, "sql": sql, "role_made": made}),
        )?;
    } else {
        output::line(&plain(&added.sentence))?;
        if made {
            output::line("The database role is made.")?;
        } else {
            output::line("The database administrator has to run this:")?;
            output::line(&sql)?;
        }
    }
    Ok(exit::OK)
}

/// Makes the role on a local desk, as the superuser only such a desk lets one be.
async fn make_role(service: &Service, login: &str) -> anyhow::Result<()> {
    const ADMIN: &str = "exeat_admin";
    let database = &service.config().database;
    let mut connection = crate::db::connect_as(database, Some(ADMIN), "exeat people").await?;
    let made = roles::make(&mut connection, login, roles::PEOPLE).await;
    Ok(made.map_err(|error| crate::db::explain(error, &database.place(), ADMIN, &database.name))?)
}

fn table(people: &[PersonRow]) -> String {
    let rows: Vec<Vec<String>> = people
        .iter()
        .map(|person| {
            vec![
                plain(&person.login),
                shown(&person.full_name),
                shown(&person.mail),
                plain(&person.roles.join(", ")),
                if person.removed_at.is_some() { "removed".to_owned() } else { String::new() },
            ]
        })
        .collect();
    output::table(&["LOGIN", "NAME", "MAIL", "DATABASE ROLES", ""], &rows)
}

fn membership_table(memberships: &[MembershipRow]) -> String {
    let rows: Vec<Vec<String>> = memberships
        .iter()
        .map(|row| {
            vec![
                plain(&row.role),
                plain(row.project.as_deref().unwrap_or("all projects")),
                row.valid_from.format("%Y-%m-%d %H:%M").to_string(),
                row.valid_until.map_or("-".to_owned(), |until| until.format("%Y-%m-%d %H:%M").to_string()),
                if row.valid_now { "now" } else { "not now" }.to_owned(),
            ]
        })
        .collect();
    output::table(&["ROLE", "PROJECT", "FROM", "UNTIL", "VALID"], &rows)
}
