//! `exeat config show|check|example`, for the desk's configuration, with `--worker` for the worker's, and with `--serve`
//! for the server's.

use std::path::Path;

use serde_json::json;

use super::args::{ConfigArgs, ConfigCommand, Global};
use super::{configuration, exit, output};
use crate::config::{ConfigError, ServeConfig, WorkerConfig, examples, search_order};
use crate::service::ServiceError;
use crate::worker::SigningKey;

/// Runs it.
pub fn run(command: &ConfigCommand, global: &Global) -> anyhow::Result<u8> {
    match command {
        ConfigCommand::Example(args) => {
            let example = match (args.worker, args.serve) {
                (true, _) => examples::WORKER,
                (_, true) => examples::SERVE,
                _ => examples::DESK,
            };
            output::line(example.trim_end())?;
        }
        ConfigCommand::Check(args) if args.serve => {
            let file = serve_file(global)?;
            ServeConfig::read(file)?;
            right(args, file)?;
        }
        ConfigCommand::Show(args) if args.serve => {
            let config = ServeConfig::read(serve_file(global)?)?;
            show(args, config.file.as_deref(), &config, &config.to_toml()?)?;
        }
        ConfigCommand::Check(args) if args.worker => check_worker(args, worker_file(global)?)?,
        ConfigCommand::Check(args) => check(args, global)?,
        ConfigCommand::Show(args) if args.worker => {
            let config = WorkerConfig::read(worker_file(global)?)?.without_secrets();
            show(args, config.file.as_deref(), &config, &config.to_toml()?)?;
        }
        ConfigCommand::Show(args) => {
            let config = configuration(global)?;
            show(args, config.file.as_deref(), &config, &config.to_toml()?)?;
        }
    }
    Ok(exit::OK)
}

/// The worker's configuration; it has no usual place.
pub(super) fn worker_file(global: &Global) -> Result<&Path, ServiceError> {
    global
        .config
        .as_deref()
        .ok_or_else(|| ServiceError::Usage("Name the worker's configuration: --worker --config worker.toml".into()))
}

/// The server's configuration; it has no usual place either.
pub(super) fn serve_file(global: &Global) -> Result<&Path, ServiceError> {
    global
        .config
        .as_deref()
        .ok_or_else(|| ServiceError::Usage("Name the server's configuration: --config serve.toml".into()))
}

/// Also the keymap and the theme it leads to.
fn check(args: &ConfigArgs, global: &Global) -> anyhow::Result<()> {
    let config = configuration(global)?;
    if let Some(fault) = crate::tui::fault(&config) {
        return Err(ServiceError::Config(fault).into());
    }
    let Some(file) = &config.file else {
        if args.output.json {
            return output::json(&json!({"ok": true, "file": null}));
        }
        let places: Vec<String> = search_order().iter().map(|file| file.display().to_string()).collect();
        return output::line(&format!("There is no configuration at {}: the defaults hold.", places.join(" or ")));
    };
    right(args, file)
}

/// Also the signing key it names.
fn check_worker(args: &ConfigArgs, file: &Path) -> anyhow::Result<()> {
    let config = WorkerConfig::read(file)?;
    SigningKey::read(&config.worker.signing_key).map_err(|why| {
        let mut sentence = format!("{}: {why}", file.display());
        sentence.push('.');
        ConfigError::Secret(sentence)
    })?;
    right(args, file)
}

fn right(args: &ConfigArgs, file: &Path) -> anyhow::Result<()> {
    if args.output.json {
        return output::json(&json!({"ok": true, "file": file}));
    }
    output::line(&format!("{} is right.", file.display()))
}

fn show(args: &ConfigArgs, from: Option<&Path>, config: &impl serde::Serialize, text: &str) -> anyhow::Result<()> {
    if args.output.json {
        return output::json(&json!({"file": from, "config": config}));
    }
    output::line(&format!("# from {}", from.map_or("the defaults".into(), |file| file.display().to_string())))?;
    if std::env::var_os("EXEAT_DATABASE_PASSWORD").is_some() {
        output::line("# the database password comes from EXEAT_DATABASE_PASSWORD")?;
    }
    output::line(text.trim_end())
}
