//! `exeat config show|check|example`.

use serde_json::json;

use super::args::{ConfigCommand, Global};
use super::{configuration, exit, output};
use crate::config::search_order;

/// A file with every setting and its default; kept beside the README too.
const EXAMPLE: &str = include_str!("../../config.example.toml");

/// Runs it.
pub fn run(command: &ConfigCommand, global: &Global) -> anyhow::Result<u8> {
    match command {
        ConfigCommand::Example => output::line(EXAMPLE.trim_end())?,
        ConfigCommand::Check(args) => {
            let config = configuration(global)?;
            let from = config.file.as_ref().map(|file| file.display().to_string());
            if args.json {
                output::json(&json!({"ok": true, "file": from}))?;
            } else if let Some(file) = from {
                output::line(&format!("{file} is right."))?;
            } else {
                let places: Vec<String> = search_order().iter().map(|file| file.display().to_string()).collect();
                output::line(&format!("There is no configuration at {}: the defaults hold.", places.join(" or ")))?;
            }
        }
        ConfigCommand::Show(args) => {
            let config = configuration(global)?;
            let from = config.file.as_ref().map(|file| file.display().to_string());
            if args.json {
                output::json(&json!({"file": from, "config": config}))?;
            } else {
                output::line(&format!("# from {}", from.as_deref().unwrap_or("the defaults")))?;
                output::line(config.to_toml()?.trim_end())?;
            }
        }
    }
    Ok(exit::OK)
}
