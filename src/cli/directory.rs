//! `exeat datasets …`, `exeat settings …`, `exeat people sync` and `people iva`.

use serde_json::{Value, json};

use super::answers::{plain, print};
use super::args::{DatasetArgs, DatasetsCommand, Global, IvaArgs, SettingsCommand, SyncArgs};
use super::common::read;
use super::{exit, output, service};
use crate::domain::command::Command;
use crate::service::{ListOf, Service};
use crate::text::shown;

/// Runs `datasets`.
pub async fn datasets(command: DatasetsCommand, global: &Global) -> anyhow::Result<u8> {
    let service = service(global)?;
    let args = match command {
        DatasetsCommand::List(args) => args,
        DatasetsCommand::Show(args) => return show(&service, &args).await,
        DatasetsCommand::Sync(args) => return sync(&service, args, ListOf::Datasets).await,
    };
    let items = service.datasets(&args.words, &args.after, args.limit).await?;
    let next = items.last().filter(|_| items.len() >= args.limit as usize).map(|last| last.accession.clone());
    if args.output.json {
        output::json(&json!({"items": items, "next": next}))?;
    } else {
        let rows: Vec<Vec<String>> = items
            .iter()
            .map(|item| {
                let offered = if item.removed { "no longer offered" } else { "" };
                vec![plain(&item.accession), shown(&item.dac_alias), offered.to_owned(), shown(&item.title)]
            })
            .collect();
        output::line(&output::table(&["ACCESSION", "DAC", "", "TITLE"], &rows))?;
        if let Some(next) = next {
            output::line(&format!("more with --after {next}"))?;
        }
    }
    Ok(exit::OK)
}

async fn show(service: &Service, args: &DatasetArgs) -> anyhow::Result<u8> {
    let item = service.dataset(&args.accession).await?;
    if args.output.json {
        output::json(&item)?;
        return Ok(exit::OK);
    }
    let committee = format!("{} <{}>", shown(&item.dac_alias), shown(&item.dac_email));
    let offered = if item.removed { "no longer" } else { "yes" };
    for (name, value) in [
        ("accession", plain(&item.accession)),
        ("title", shown(&item.title)),
        ("committee", committee),
        ("offered", offered.to_owned()),
        ("about", shown(&item.description)),
    ] {
        output::line(&format!("{name:<10} {value}"))?;
    }
    Ok(exit::OK)
}

/// Takes over a list of people or datasets.
pub async fn sync(service: &Service, args: SyncArgs, list: ListOf) -> anyhow::Result<u8> {
    let rows = list.rows(&read(&args.file)?)?;
    let answer = service.carry_out(args.sent.id(), &list.sync(rows, args.dry_run, args.complete)).await?;
    if !args.sent.output.json && answer.ok {
        for what in ["added", "changed", "removed", "restored"] {
            for name in answer.data[what].as_array().into_iter().flatten().filter_map(Value::as_str) {
                output::line(&format!("{what:<9} {}", plain(name)))?;
            }
        }
    }
    print(answer, args.sent.output.json)
}

/// Notes how a person's identity was verified.
pub async fn iva(service: &Service, args: IvaArgs) -> anyhow::Result<u8> {
    let set = Command::SetIva { login: args.login, kind: args.kind, verified: args.verified, iva: args.iva };
    print(service.carry_out(args.sent.id(), &set).await?, args.sent.output.json)
}

/// Runs `settings`.
pub async fn settings(command: SettingsCommand, global: &Global) -> anyhow::Result<u8> {
    let service = service(global)?;
    match command {
        SettingsCommand::List(args) => {
            let settings = service.settings().await?;
            if args.json {
                output::json(&json!({"items": settings}))?;
            } else {
                let rows: Vec<Vec<String>> = settings
                    .iter()
                    .map(|row| {
                        let value = row.value.as_str().map_or_else(|| row.value.to_string(), str::to_owned);
                        let default = if row.is_default { "default" } else { "" };
                        vec![plain(&row.name), plain(&value), default.to_owned()]
                    })
                    .collect();
                output::line(&output::table(&["NAME", "VALUE", ""], &rows))?;
            }
            Ok(exit::OK)
        }
        SettingsCommand::Set(args) => {
            // What is no number and no truth is a text.
            let value =
                serde_json::from_str(&args.value).ok().filter(|value: &Value| value.is_number() || value.is_boolean());
            let value = value.unwrap_or_else(|| Value::String(args.value));
            let set = Command::SetSetting { name: args.name, value };
            print(service.carry_out(args.sent.id(), &set).await?, args.sent.output.json)
        }
    }
}
