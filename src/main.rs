//! The `exeat` program: parses the command line, starts logging, hands over to the library, returns the exit code.

use std::process::ExitCode;

use clap::Parser as _;
use clap::error::ErrorKind;
use exeat::cli::{self, args, exit, output};

fn main() -> ExitCode {
    let cli = match args::Cli::try_parse_from(cli::arguments(std::env::args_os())) {
        Ok(cli) => cli,
        Err(error) => return ExitCode::from(usage(&error)),
    };
    if let Ok(filter) = std::env::var("EXEAT_LOG") {
        // Logs go to stderr: standard output is for answers.
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    }
    ExitCode::from(cli::run(cli).unwrap_or_else(|error| output::fail(&error, cli::wants_json())))
}

/// Help and version are answers; everything else is wrong usage.
fn usage(error: &clap::Error) -> u8 {
    if !error.use_stderr() {
        let _ = error.print();
        return exit::OK;
    }
    let as_json = cli::wants_json();
    if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand && !as_json {
        let _ = error.print();
        return exit::USAGE;
    }
    // What is wrong and with what; the way to the rest of it is one word.
    let text = error.render().to_string();
    let message: Vec<&str> = text.lines().map(str::trim).take_while(|line| !line.is_empty()).collect();
    let message = message.join(" ");
    let message = message.trim_start_matches("error: ").trim_end_matches('.');
    output::error(&format!("{message}. --help tells what there is."), "usage", as_json);
    exit::USAGE
}
