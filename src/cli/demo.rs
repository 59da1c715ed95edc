//! `exeat demo`: the desk on a fresh local desk with sample data, in a temporary folder that goes with it.

use std::os::unix::fs::PermissionsExt as _;
use std::process::Child;

use super::args::Global;
use super::{exit, output};
use crate::config::Config;
use crate::local::{people, up};
use crate::service::Service;

/// Who one is where `--as` does not say.
const WHO: &str = "checker1";

/// Runs the demo.
pub fn run(global: &Global) -> anyhow::Result<u8> {
    let mut demo = Demo::new()?;
    output::line("Making a local desk with sample data; it goes when you leave.")?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let dir = demo.above.path().join("desk");
    let desk = runtime.block_on(async {
        let (desk, supervisor) = up::up(&dir, true).await?;
        demo.supervisor = supervisor;
        people::settle(&desk, true).await?;
        Ok::<_, crate::local::LocalError>(desk)
    })?;
    let config = Config::read(&desk.config())?;
    let service = Service::open(config, Some(global.as_login.as_deref().unwrap_or(WHO)))?;
    crate::tui::run(service)?;
    Ok(exit::OK)
}

/// The temporary folder and the supervisor in it. Dropping it ends both; if this process is killed, the supervisor notices
/// by its standard input and does the same.
struct Demo {
    above: tempfile::TempDir,
    supervisor: Option<Child>,
}

impl Demo {
    fn new() -> anyhow::Result<Self> {
        let above = tempfile::Builder::new().prefix("exeat-").tempdir()?;
        // Another uid may run the servers: it has to pass through here, but nobody can look around.
        std::fs::set_permissions(above.path(), std::fs::Permissions::from_mode(0o711))?;
        Ok(Self { above, supervisor: None })
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        if let Some(supervisor) = &mut self.supervisor {
            drop(supervisor.stdin.take());
            supervisor.wait().ok();
        }
        let dir = self.above.path().join("desk");
        if dir.exists() {
            up::down(&dir).ok();
        }
    }
}
