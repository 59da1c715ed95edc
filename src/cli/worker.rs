//! `exeat worker --config worker.toml`: works until it is told to stop. Called by `cli::run`.

use tokio::signal::unix::{SignalKind, signal};

use super::args::{Global, WorkerArgs};
use crate::config::WorkerConfig;

/// Works until SIGTERM or SIGINT.
pub(super) fn run(args: &WorkerArgs, global: &Global) -> anyhow::Result<u8> {
    let Some(file) = &global.config else {
        anyhow::bail!("The worker needs its own configuration: exeat worker --config worker.toml");
    };
    let config = WorkerConfig::read(file)?;
    // a service speaks without being asked to; EXEAT_LOG says otherwise
    let log = tracing_subscriber::fmt().with_env_filter("exeat=info").with_writer(std::io::stderr);
    let _ = log.try_init();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(async {
        let (mut term, mut int) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
        let shutdown = async {
            tokio::select! {
                _ = term.recv() => {}
                _ = int.recv() => {}
            }
        };
        if let Some(file) = &args.new_key {
            let key = Box::pin(crate::worker::change_key(&config, file)).await?;
            super::output::line(&format!(
                "The key in {} takes over: {key}. Name it as signing_key in [worker] and start the worker again; who verifies keeps the old public key.",
                file.display()
            ))?;
        } else if args.once {
            Box::pin(crate::worker::once(config)).await?;
        } else {
            crate::worker::run(config, shutdown).await?;
        }
        anyhow::Ok(())
    })?;
    runtime.shutdown_timeout(std::time::Duration::from_secs(1));
    Ok(0)
}
