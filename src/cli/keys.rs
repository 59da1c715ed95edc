//! `exeat people key …`: the SSH keys that sign votes.

use anyhow::Context as _;
use serde_json::{Value, json};

use super::answers::{plain, print};
use super::args::KeyCommand;
use super::{exit, output};
use crate::domain::command::Command;
use crate::domain::signed::VoterKey;
use crate::service::{KeyRow, Service, ServiceError};

/// Runs it.
pub(super) async fn run(service: &Service, command: KeyCommand) -> anyhow::Result<u8> {
    let (command, sent) = match command {
        KeyCommand::List(args) => {
            let keys = service.keys().await?;
            if args.json {
                output::json(&json!({"items": keys.iter().map(item).collect::<Vec<_>>()}))?;
            } else {
                output::line(&table(&keys))?;
            }
            return Ok(exit::OK);
        }
        KeyCommand::Add(args) => {
            let text = std::fs::read_to_string(&args.file)
                .with_context(|| format!("{} cannot be read: name the file of a public key", args.file.display()))?;
            // A private key must not be sent anywhere, and least of all be journalled.
            let key = VoterKey::parse(&text).and_then(|key| key.line());
            let wrong = |why| ServiceError::Usage(format!("{} holds no key for votes: {why}.", args.file.display()));
            (Command::AddKey { public_key: key.map_err(wrong)? }, args.sent)
        }
        KeyCommand::Confirm(args) => (Command::ConfirmKey { key: args.key, fingerprint: args.fingerprint }, args.sent),
        KeyCommand::End(args) => (Command::EndKey { key: args.key }, args.sent),
    };
    print(service.carry_out(sent.id(), &command).await?, sent.output.json)
}

/// A key as JSON: ids are strings.
fn item(row: &KeyRow) -> Value {
    let mut value = serde_json::to_value(row).unwrap_or_default();
    value["key"] = Value::from(row.key.to_string());
    value
}

fn table(keys: &[KeyRow]) -> String {
    let rows: Vec<Vec<String>> = keys
        .iter()
        .map(|row| {
            let state = match (row.ended_at, &row.confirmed_by) {
                (Some(at), _) => format!("ended {}", at.format("%Y-%m-%d %H:%M")),
                (None, None) => "waits for an administrator".to_owned(),
                (None, Some(by)) => format!("confirmed by {}", plain(by)),
            };
            let kind = row.public_key.split(' ').next().unwrap_or_default();
            vec![row.key.to_string(), plain(&row.login), plain(kind), plain(&row.fingerprint), state]
        })
        .collect();
    output::table(&["ID", "LOGIN", "KIND", "FINGERPRINT", ""], &rows)
}
