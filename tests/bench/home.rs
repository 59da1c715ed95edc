//! The local desk the figures are taken on, filled with as many file versions as wanted.

use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;

/// A local desk that ends with its owner.
pub struct Home {
    folder: TempDir,
}

impl Home {
    /// Starts a desk with the sample people and files.
    pub fn up() -> Self {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::Builder::new().prefix("exeat-bench-").tempdir_in("/tmp").unwrap();
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o711)).unwrap();
        let home = Self { folder };
        Self::exeat(&["local", "up", "--sample", "--dir", home.dir().to_str().unwrap()]);
        home
    }

    /// The desk's folder.
    pub fn dir(&self) -> PathBuf {
        self.folder.path().join("desk")
    }

    /// The desk's configuration file.
    pub fn config(&self) -> PathBuf {
        self.dir().join("config.toml")
    }

    /// Where PostgreSQL listens.
    pub fn socket(&self) -> PathBuf {
        self.dir().join("socket")
    }

    fn exeat(words: &[&str]) {
        let done = Command::new(env!("CARGO_BIN_EXE_exeat")).args(words).status().unwrap();
        assert!(done.success(), "exeat {words:?} failed");
    }

    /// Runs SQL as the cluster's administrator and returns what psql prints.
    pub fn psql(&self, role: &str, sql: &str) -> String {
        let out = Command::new("psql")
            .args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-U", role, "-d", "exeat", "-h"])
            .arg(self.socket())
            .args(["-c", sql])
            .output()
            .unwrap();
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        String::from_utf8(out.stdout).unwrap()
    }

    /// Adds file versions of heart until `upto` were added in all; one in two hundred is open, as in a project of some years.
    pub fn fill(&self, from: u64, upto: u64) {
        let fill = include_str!("fill.sql").replace(":from", &from.to_string()).replace(":upto", &upto.to_string());
        self.psql("exeat_admin", &fill);
        self.psql("exeat_admin", "vacuum analyze exeat.file_versions");
        self.psql("exeat_admin", "vacuum analyze exeat.cases");
        // Only here: the votes a second are cast by a script that picks its file in SQL, over eight connections.
        self.psql(
            "exeat_admin",
            "grant select on exeat.file_versions to exeat_person; alter role checker1 connection limit -1",
        );
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let _ = Command::new(env!("CARGO_BIN_EXE_exeat")).args(["local", "down", "--dir"]).arg(self.dir()).status();
    }
}
