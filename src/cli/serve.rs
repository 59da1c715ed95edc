//! `exeat serve --config serve.toml`: answers over HTTP until it is told to stop. Called by `cli::run`.

use tokio::signal::unix::{SignalKind, signal};

use super::args::{Global, ServeArgs};
use super::config::serve_file;
use super::output;
use crate::config::ServeConfig;

/// Answers until SIGTERM or SIGINT; what is being answered then is finished.
pub(super) fn run(args: &ServeArgs, global: &Global) -> anyhow::Result<u8> {
    let mut config = ServeConfig::read(serve_file(global)?)?;
    if let Some(listen) = args.listen {
        config.serve.listen = listen;
    }
    // A service speaks without being asked to; its lines have no secrets and nothing personal.
    let log = tracing_subscriber::fmt().with_env_filter("exeat=info").with_writer(std::io::stderr);
    let _ = log.try_init();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let (mut term, mut int) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
        let shutdown = async move {
            tokio::select! {
                _ = term.recv() => {}
                _ = int.recv() => {}
            }
        };
        let server = crate::serve::Server::bind(config).await?;
        // Who started it on a free port has to learn which.
        output::line(&server.address())?;
        server.run(shutdown).await;
        anyhow::Ok(())
    })?;
    runtime.shutdown_timeout(std::time::Duration::from_secs(1));
    Ok(0)
}
