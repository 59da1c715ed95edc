//! `exeat doctor`: whether everything answers, one line each, from what is nearest to what is farthest. What cannot be
//! asked because something before it does not answer is left out.
//!
//! | file | what is looked at | by whom |
//! |---|---|---|
//! | `person` | the configuration, the terminal, keys and passwords on this machine | a person |
//! | `servers` | database, worker, journal, messages, store, the way to the bytes | a person |
//! | `doors` | what one login could do to all others | a person |
//! | `channels` | mails and events that wait; with `--worker` whether their servers answer | both |
//! | `worker` | the worker's own configuration, database, buckets and store | who keeps the worker, with `--worker` |

mod channels;
mod doors;
mod person;
mod projects;
mod servers;
mod worker;

use serde_json::{Value, json};

use super::args::{DoctorArgs, Global};
use super::{exit, output};
use crate::objects::Location;
use crate::service::ServiceError;
use crate::text::{Untrusted, shown};

/// How something is.
enum How {
    Well,
    /// Worth a look; nothing fails because of it.
    Note,
    /// It does not work; the exit code.
    Wrong(u8),
}

/// What was looked at, how it is, and a sentence.
struct Finding(&'static str, How, String);

impl Finding {
    fn well(what: &'static str, text: impl Into<String>) -> Self {
        Self(what, How::Well, text.into())
    }

    fn note(what: &'static str, text: impl Into<String>) -> Self {
        Self(what, How::Note, text.into())
    }

    fn config(what: &'static str, text: impl Into<String>) -> Self {
        Self(what, How::Wrong(exit::CONFIG), text.into())
    }

    fn failed(what: &'static str, error: &ServiceError) -> Self {
        Self(what, How::Wrong(exit::of_service(error)), error.to_string())
    }

    fn word(&self) -> &'static str {
        match self.1 {
            How::Well => "ok",
            How::Note => "note",
            How::Wrong(_) => "NOT OK",
        }
    }
}

/// Runs it; the exit code is the worst finding's.
pub async fn run(args: DoctorArgs, global: &Global) -> anyhow::Result<u8> {
    let findings = if args.worker { worker::findings(global).await? } else { person::findings(&args, global).await };
    print(&findings, args.output.json)?;
    let worst = findings.iter().filter_map(|finding| if let How::Wrong(exit) = finding.1 { Some(exit) } else { None });
    Ok(worst.max().unwrap_or(exit::OK))
}

fn print(findings: &[Finding], as_json: bool) -> anyhow::Result<()> {
    if as_json {
        let row = |finding: &Finding| {
            let (ok, level) = match finding.1 {
                How::Well => (true, "ok"),
                How::Note => (true, "note"),
                How::Wrong(_) => (false, "wrong"),
            };
            json!({"what": finding.0, "ok": ok, "level": level, "message": finding.2})
        };
        return output::json(&json!({"findings": findings.iter().map(row).collect::<Vec<Value>>()}));
    }
    for finding in findings {
        let text = shown(&Untrusted::new(finding.2.as_str()));
        output::line(&format!("{:<14}{:<8}{text}", finding.0, finding.word()))?;
    }
    Ok(())
}

/// Shared locations that lie inside another's: one project's released files lie where the other's readers look. Equal ones
/// are fine, for the project's name keeps them apart.
fn nested(shared: &[(&str, Location)]) -> Option<Finding> {
    let inside = |inner: &Location, outer: &Location| {
        inner != outer && inner.overlaps(outer) && inner.prefix.len() > outer.prefix.len()
    };
    let pairs = shared.iter().flat_map(|(one, inner)| {
        let around = shared.iter().filter(move |(_, outer)| inside(inner, outer));
        around.map(move |(other, outer)| format!("{one}'s {inner} in {other}'s {outer}"))
    });
    let found: Vec<String> = pairs.collect();
    (!found.is_empty()).then(|| {
        Finding::note(
            "shared places",
            format!(
                "Shared locations lie inside another project's ({}): give each project a place of its own or all the same one.",
                found.join(", ")
            ),
        )
    })
}
