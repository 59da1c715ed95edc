//! One file a subcommand. Called by `main`.

mod access_text;
mod answers;
pub mod args;
mod common;
mod config;
mod credentials;
mod db;
mod demo;
mod directory;
mod doctor;
mod egress;
mod egress_text;
pub mod exit;
mod grants;
mod journal;
mod keys;
mod local;
mod man;
pub mod output;
mod people;
mod permit_text;
mod permits;
mod preview;
mod projects;
mod requests;
mod results;
mod serve;
mod services;
mod status;
mod worker;

use std::ffi::OsString;
use std::future::Future;

use args::{Cli, Command, Global};

use crate::config::{Config, load};
use crate::service::Service;

/// Carries out what the command line says; returns the exit code.
///
/// # Errors
/// What [`output::fail`] tells the person.
pub fn run(cli: Cli) -> anyhow::Result<u8> {
    crate::tui::hook();
    let Cli { global, command } = cli;
    let Some(command) = command else {
        // Where the configuration cannot be used the desk opens all the same, says why, and reads it again on `r`.
        crate::tui::run(crate::tui::until_it_opens(|| service(&global))?)?;
        return Ok(exit::OK);
    };
    match command {
        Command::Egress(command) => wait(egress::run(command, &global)),
        Command::Whoami(args) => wait(status::whoami(args, &global)),
        Command::Doctor(args) => wait(doctor::run(args, &global)),
        Command::Requests(command) => wait(requests::run(command, &global)),
        Command::Grants(command) => wait(grants::run(command, &global)),
        Command::Permits(command) => wait(permits::run(command, &global)),
        Command::Workspaces(command) => wait(permits::workspaces(command, &global)),
        Command::Access(command) => wait(grants::access(command, &global)),
        Command::Datasets(command) => wait(directory::datasets(command, &global)),
        Command::Settings(command) => wait(directory::settings(command, &global)),
        Command::Journal(command) => wait(journal::run(command, &global)),
        Command::People(command) => wait(people::run(command, &global)),
        Command::Services(command) => wait(services::run(command, &global)),
        Command::Credentials(command) => wait(credentials::run(command, &global)),
        Command::Serve(args) => serve::run(&args, &global),
        Command::Projects(command) => wait(projects::run(command, &global)),
        Command::Policies(command) => wait(projects::policies(command, &global)),
        Command::Config(command) => config::run(&command, &global),
        Command::Db(command) => wait(db::run(command, &global)),
        Command::Local(command) => local::run(command),
        Command::Demo(_) => demo::run(&global),
        Command::Worker(args) => worker::run(&args, &global),
        Command::Man(args) => man::run(&args),
        Command::Completions(args) => man::completions(args.shell),
    }
}

/// The command line with the filter's own minus (`-state:released`) out of the way of the options': such words go to the
/// end, behind `--`.
pub fn arguments(given: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let mut given: Vec<OsString> = given.collect();
    let end = given.iter().position(|word| word == "--");
    let behind = end.map_or(Vec::new(), |end| given.split_off(end).split_off(1));
    let (terms, mut words): (Vec<_>, Vec<_>) =
        given.into_iter().partition(|word| word.to_str().is_some_and(|word| word.starts_with("-state:")));
    if !terms.is_empty() || end.is_some() {
        words.push("--".into());
    }
    words.extend(terms);
    words.extend(behind);
    words
}

/// Whether a command's output and errors are JSON.
#[must_use]
pub fn wants_json() -> bool {
    std::env::args_os().skip(1).take_while(|arg| arg != "--").any(|arg| arg == "--json")
}

/// Runs a subcommand to its end, or until it is interrupted (then 130).
fn wait(work: impl Future<Output = anyhow::Result<u8>>) -> anyhow::Result<u8> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let ended = runtime.block_on(async {
        tokio::select! {
            ended = work => ended,
            _ = tokio::signal::ctrl_c() => Ok(exit::INTERRUPTED),
        }
    });
    // A file being read must not hold up the end.
    runtime.shutdown_background();
    ended
}

/// The desk's configuration the command line asks for.
fn configuration(global: &Global) -> anyhow::Result<Config> {
    Ok(load(global.config.as_deref())?)
}

/// The service for the person the command line asks for.
fn service(global: &Global) -> anyhow::Result<Service> {
    Ok(Service::open(configuration(global)?, global.as_login.as_deref())?)
}
