//! `exeat local up|status|down`, and the two commands the supervisor is made of.

use nix::unistd::Uid;

use super::args::{LocalArgs, LocalCommand, LocalUpArgs};
use super::{exit, output, wait};
use crate::local::LocalError;
use crate::local::desk::Desk;
use crate::local::owner::Owner;
use crate::local::up::{self, Status};
use crate::local::{gateway, people, supervisor};

/// Carries out `exeat local …`.
pub fn run(command: LocalCommand) -> anyhow::Result<u8> {
    match command {
        LocalCommand::Up(args) => wait(bring_up(args)),
        LocalCommand::Status(args) => wait(tell_status(args)),
        LocalCommand::Down(args) => take_down(&args),
        LocalCommand::Supervise(args) => {
            supervisor::supervise(&args.dir, args.while_stdin)?;
            Ok(exit::OK)
        }
        LocalCommand::Store(args) => wait(async move {
            supervisor::run_store(&args.dir).await?;
            Ok(exit::OK)
        }),
    }
}

async fn bring_up(args: LocalUpArgs) -> anyhow::Result<u8> {
    let me = Uid::current();
    let desk = up::up(&args.dir, args.while_stdin).await?;
    people::settle(&desk, args.sample, me).await?;
    let http = if args.serve { Some(format!("http://{}", gateway::settle(&desk).await?)) } else { None };
    let status = up::status(&desk).await;
    if args.output.json {
        let mut told = serde_json::to_value(&status)?;
        if let Some(address) = &http {
            told["http"] = address.clone().into();
        }
        output::json(&told)?;
    } else {
        output::line(&format!("The local desk in {} is up.", status.dir))?;
        if let Some(address) = http {
            let service = gateway::SERVICE;
            output::line(&format!(
                "It answers at {address} to what `exeat credentials add NAME --service {service}` makes."
            ))?;
        }
        let who = if people::has_sample(&desk) { " --as checker1" } else { "" };
        output::line(&format!("Open it with: exeat --config {}{who}", status.config))?;
    }
    Ok(exit::OK)
}

async fn tell_status(args: LocalArgs) -> anyhow::Result<u8> {
    Owner::enter(&args.dir, false).map_err(LocalError::from)?;
    let desk = Desk::at(&args.dir)?;
    let status = up::status(&desk).await;
    if args.output.json {
        output::json(&status)?;
    } else {
        output::line(&in_words(&status))?;
    }
    Ok(if all_answer(&status) { exit::OK } else { exit::UNREACHABLE })
}

/// Whether there is nothing to start: the supervisor says a moment later that all is ready.
fn all_answer(status: &Status) -> bool {
    status.supervisor && status.database && status.store && status.worker
}

fn in_words(status: &Status) -> String {
    let processes = &status.processes;
    let row = |name: &str, well: bool, pid: Option<u32>, remark: &str| {
        let pid = pid.map(|pid| format!("process {pid}")).unwrap_or_default();
        vec![name.to_owned(), if well { "answers" } else { "does not answer" }.to_owned(), pid, remark.to_owned()]
    };
    let supervisor = Some(processes.supervisor).filter(|pid| *pid != 0);
    let rows = [
        row("supervisor", status.supervisor, supervisor, &status.dir),
        row("database", status.database, processes.postgres, ""),
        row("store", status.store, processes.store, status.endpoint.as_deref().unwrap_or_default()),
        row("worker", status.worker, processes.worker, ""),
    ];
    let server = processes.serve.map(|_| row("http", true, processes.serve, ""));
    let rows: Vec<_> = rows.into_iter().chain(server).collect();
    let table = output::table(&["SERVER", "STATE", "PROCESS", ""], &rows);
    if all_answer(status) { table } else { format!("{table}\nStart it with: exeat local up --dir {}", status.dir) }
}

fn take_down(args: &LocalArgs) -> anyhow::Result<u8> {
    up::down(&args.dir)?;
    if args.output.json {
        output::json(&serde_json::json!({"running": false, "dir": args.dir}))?;
    } else {
        output::line(&format!("The local desk in {} is down.", args.dir.display()))?;
    }
    Ok(exit::OK)
}

#[cfg(test)]
mod tests {
    use super::in_words;
    use crate::local::desk::State;
    use crate::local::up::Status;

    #[test]
    fn nothing_is_to_be_started_where_all_four_answer() {
        let mut status = Status {
            running: false,
            supervisor: true,
            database: true,
            store: true,
            worker: true,
            dir: "/d".into(),
            config: "/d/config.toml".into(),
            endpoint: None,
            processes: State::default(),
        };
        assert!(!in_words(&status).contains("Start it"), "{}", in_words(&status));
        status.worker = false;
        assert!(in_words(&status).ends_with("Start it with: exeat local up --dir /d"));
    }
}
