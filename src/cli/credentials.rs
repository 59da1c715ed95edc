//! `exeat credentials …`, for administrators: what portals and gateways are known by over HTTP. A secret is made here, shown once, and
//! leaves this process only as its hash.

use serde_json::json;

use super::answers::{plain, print};
use super::args::{CredentialAddArgs, CredentialsCommand, Global, SentArgs};
use super::{exit, output, service};
use crate::domain::command::Command;
use crate::serve::rights;
use crate::serve::secret::{self, Made};
use crate::service::{CredentialRow, Service, ServiceError};

/// Runs it.
pub async fn run(command: CredentialsCommand, global: &Global) -> anyhow::Result<u8> {
    let service = service(global)?;
    match command {
        CredentialsCommand::List(args) => {
            let credentials = service.credentials().await?;
            if args.json {
                output::json(&json!({"items": credentials}))?;
            } else {
                output::line(&table(&credentials))?;
            }
            Ok(exit::OK)
        }
        CredentialsCommand::Add(args) => add(&service, args).await,
        CredentialsCommand::Rotate(args) => {
            let made = secret::make()?;
            let rotate = Command::RotateCredential { name: args.name.clone(), secret: made.hash.clone() };
            sent(&service, &args.name, &made, &rotate, &args.sent).await
        }
        CredentialsCommand::End(args) => {
            let end = Command::EndCredential { name: args.name };
            print(service.carry_out(args.sent.id(), &end).await?, args.sent.output.json)
        }
    }
}

async fn add(service: &Service, args: CredentialAddArgs) -> anyhow::Result<u8> {
    if let Some(unknown) = args.rights.iter().find(|right| !rights::is_known(right)) {
        let known: Vec<&str> = rights::ALL.iter().map(|(right, _)| *right).collect();
        return Err(ServiceError::Usage(format!("There is no right {unknown}; there are {}.", known.join(", "))).into());
    }
    let made = secret::make()?;
    let add = Command::AddCredential {
        name: args.name.clone(),
        service: args.service,
        login: args.login,
        acts_for: args.acts_for,
        rights: args.rights,
        secret: made.hash.clone(),
    };
    sent(service, &args.name, &made, &add, &args.sent).await
}

/// Sends it and shows the secret, which nobody can show again.
async fn sent(service: &Service, name: &str, made: &Made, command: &Command, args: &SentArgs) -> anyhow::Result<u8> {
    let answer = service.carry_out(args.id(), command).await?.into_result()?;
    if args.output.json {
        output::json(&json!({"ok": true, "credential": name, "message": answer.sentence, "secret": made.secret}))?;
    } else {
        output::line(&plain(&answer.sentence))?;
        output::line(&format!("Its secret, which nobody can show again: {}", made.secret))?;
    }
    Ok(exit::OK)
}

fn table(credentials: &[CredentialRow]) -> String {
    let rows: Vec<Vec<String>> = credentials
        .iter()
        .map(|row| {
            let ended = row.ended_at.map_or(String::new(), |at| format!("ended {}", at.format("%Y-%m-%d %H:%M")));
            let (own, acts_for) = (row.login.as_deref().unwrap_or_default(), row.acts_for.join(" "));
            [&row.name, &row.service, own, &acts_for, &row.rights.join(" "), &ended].map(plain).to_vec()
        })
        .collect();
    output::table(&["CREDENTIAL", "SERVICE", "IS", "ACTS FOR", "RIGHTS", ""], &rows)
}
