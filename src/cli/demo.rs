//! `exeat demo`: the desk on a fresh local desk with sample data, in a temporary folder that goes with it.

use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::{ChildStdin, Command, Stdio};
use std::time::{Duration, Instant};

use super::args::Global;
use super::{exit, output};
use crate::config::Config;
use crate::local::processes::own_file;
use crate::service::Service;

/// Who one is where `--as` does not say.
const WHO: &str = "checker1";
/// How long the desk's servers may take to end before they are made to.
const END: Duration = Duration::from_secs(30);

/// Runs the demo.
pub fn run(global: &Global) -> anyhow::Result<u8> {
    let mut demo = Demo::new()?;
    output::line("Making a local desk with sample data; it goes when you leave.")?;
    demo.bring_up()?;
    let config = Config::read(&demo.dir().join("config.toml"))?;
    let service = Service::open(config, Some(global.as_login.as_deref().unwrap_or(WHO)))?;
    crate::tui::run(service)?;
    Ok(exit::OK)
}

/// The temporary folder and the desk in it. Dropping it ends both; if this process is killed, the supervisor notices by the
/// pipe it holds and does the same.
struct Demo {
    above: tempfile::TempDir,
    held: Option<ChildStdin>,
}

impl Demo {
    fn new() -> anyhow::Result<Self> {
        // By its real path: root follows no links.
        let place = std::fs::canonicalize(std::env::temp_dir())?;
        let above = tempfile::Builder::new().prefix("exeat-").tempdir_in(place)?;
        // Another uid may run the servers: it has to pass through here, but nobody can look around.
        std::fs::set_permissions(above.path(), std::fs::Permissions::from_mode(0o711))?;
        Ok(Self { above, held: None })
    }

    fn dir(&self) -> PathBuf {
        self.above.path().join("desk")
    }

    /// By `exeat local up` in a process of its own, which becomes the desk's owner where root runs this.
    fn bring_up(&mut self) -> anyhow::Result<()> {
        let mut up = Command::new(own_file());
        up.args(["local", "up", "--sample", "--while-stdin", "--dir"]).arg(self.dir());
        let mut up = up.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn()?;
        self.held = up.stdin.take();
        let ended = up.wait_with_output()?;
        let said = String::from_utf8_lossy(&ended.stderr);
        anyhow::ensure!(ended.status.success(), "{}", said.trim());
        Ok(())
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let Some(held) = self.held.take() else { return };
        drop(held);
        let (dir, begun) = (self.dir(), Instant::now());
        while dir.exists() && begun.elapsed() < END {
            std::thread::sleep(Duration::from_millis(10));
        }
        if dir.exists() {
            let mut down = Command::new(own_file());
            down.args(["local", "down", "--dir"]).arg(dir).stdout(Stdio::null()).stderr(Stdio::null()).status().ok();
        }
    }
}
