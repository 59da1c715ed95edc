//! `exeat whoami` and `exeat doctor`.

use serde_json::{Value, json};

use super::args::{Global, JsonArgs};
use super::{configuration, exit, output, service};
use crate::text::{Untrusted, shown};

/// Who the database says one is.
pub async fn whoami(args: JsonArgs, global: &Global) -> anyhow::Result<u8> {
    let me = service(global)?.whoami().await?;
    if args.json {
        output::json(&me)?;
    } else {
        output::line(&format!("{} ({})", shown(&Untrusted::new(&*me.login)), shown(&me.full_name)))?;
        for role in me.roles.as_array().into_iter().flatten() {
            let name = role.get("role").and_then(Value::as_str).unwrap_or_default();
            let project = role.get("project").and_then(Value::as_str).unwrap_or("all projects");
            output::line(&format!("  {} of {}", shown(&Untrusted::new(name)), shown(&Untrusted::new(project))))?;
        }
    }
    Ok(exit::OK)
}

/// What was looked at, and how it is: a remark, or an exit code and what to do.
type Finding = (&'static str, Result<String, (u8, String)>);

/// Whether everything answers; the exit code is the worst finding's.
pub async fn doctor(args: JsonArgs, global: &Global) -> anyhow::Result<u8> {
    let mut findings: Vec<Finding> = Vec::new();
    let failed = |error: &anyhow::Error| (exit::of(error).0, error.to_string());
    let config = configuration(global);
    findings.push((
        "configuration",
        match &config {
            Ok(config) => Ok(config.file.as_ref().map_or("defaults".to_owned(), |file| file.display().to_string())),
            Err(error) => Err(failed(error)),
        },
    ));
    if config.is_ok() {
        let service = service(global);
        match service {
            Err(error) => findings.push(("sign-in", Err(failed(&error)))),
            Ok(service) => {
                let place = service.config().database.place();
                let me = service.whoami().await;
                findings.push((
                    "database",
                    match &me {
                        Ok(me) => Ok(format!("schema {} at {place}, signed in as {}", me.schema_number, me.login)),
                        Err(error) => Err((exit::of_service(error), error.to_string())),
                    },
                ));
                if me.is_ok() {
                    findings.push((
                        "worker",
                        match service.system().await {
                            Ok(system) if system.worker_alive => Ok(format!(
                                "alive; {} waiting, {} journal entries not sealed yet",
                                system.waiting, system.unsealed
                            )),
                            Ok(_) => Err((exit::UNREACHABLE, "No worker is alive: start `exeat worker`.".to_owned())),
                            Err(error) => Err((exit::of_service(&error), error.to_string())),
                        },
                    ));
                }
                findings.push((
                    "store",
                    match (service.store().await, &service.config().s3.endpoint) {
                        (Ok(()), Some(endpoint)) => Ok(format!("answers at {endpoint}")),
                        (Ok(()), None) => Ok("not configured; tickets name it".to_owned()),
                        (Err(error), _) => Err((exit::of_service(&error), error.to_string())),
                    },
                ));
            }
        }
    }
    let worst = findings.iter().filter_map(|(_, found)| found.as_ref().err().map(|(exit, _)| *exit)).max();
    if args.json {
        let rows: Vec<Value> = findings
            .iter()
            .map(|(what, found)| match found {
                Ok(text) => json!({"what": what, "ok": true, "message": text}),
                Err((_, text)) => json!({"what": what, "ok": false, "message": text}),
            })
            .collect();
        output::json(&json!({"findings": rows}))?;
    } else {
        for (what, found) in &findings {
            let (word, text) = match found {
                Ok(text) => ("ok", text),
                Err((_, text)) => ("NOT OK", text),
            };
            output::line(&format!("{what:<14}{word:<8}{}", shown(&Untrusted::new(text.as_str()))))?;
        }
    }
    Ok(worst.unwrap_or(exit::OK))
}
