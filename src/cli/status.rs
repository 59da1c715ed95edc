//! `exeat whoami`: who the database says one is, and with which roles. Called by `cli::run`.

use serde_json::Value;

use super::args::{Global, JsonArgs};
use super::{exit, output, service};
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
