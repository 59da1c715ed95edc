//! The local desk the figures are taken on, filled with as many file versions as wanted.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// A local desk that ends with its owner.
pub struct Home {
    folder: TempDir,
}

impl Home {
    /// Starts a desk with the sample people and files, whose worker rests: what is filled in is in no store, so that it would find
    /// all of it gone, and be busy with that.
    pub fn up() -> Self {
        let home = Self::working();
        home.psql(
            "exeat_admin",
            "alter role exeat_worker_login nologin;
             select pg_terminate_backend(pid) from pg_stat_activity where usename = 'exeat_worker_login';",
        );
        home
    }

    /// Starts a desk with the sample people and files.
    pub fn working() -> Self {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::Builder::new().prefix("exeat-bench-").tempdir_in("/tmp").unwrap();
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o711)).unwrap();
        let home = Self { folder };
        let done = Command::new(env!("CARGO_BIN_EXE_exeat"))
            .args(["local", "up", "--sample", "--dir"])
            .arg(home.dir())
            .status()
            .unwrap();
        assert!(done.success(), "the local desk did not start");
        home
    }

    /// The desk's folder.
    pub fn dir(&self) -> PathBuf {
        self.folder.path().join("desk")
    }

    /// A file beside the desk.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The desk's configuration file.
    pub fn config(&self) -> PathBuf {
        self.dir().join("config.toml")
    }

    /// Where PostgreSQL listens.
    pub fn socket(&self) -> PathBuf {
        self.dir().join("socket")
    }

    /// Runs SQL statements as a role and returns what psql prints.
    pub fn psql(&self, role: &str, sql: &str) -> String {
        self.psql_told(role, sql).0
    }

    /// The same with what PostgreSQL told besides.
    pub fn psql_told(&self, role: &str, sql: &str) -> (String, String) {
        let mut psql = Command::new("psql")
            .args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-U", role, "-d", "exeat", "-f", "-", "-h"])
            .arg(self.socket())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        psql.stdin.take().unwrap().write_all(sql.as_bytes()).unwrap();
        let out = psql.wait_with_output().unwrap();
        let told = String::from_utf8_lossy(&out.stderr).into_owned();
        assert!(out.status.success(), "{told}");
        (String::from_utf8(out.stdout).unwrap(), told)
    }

    /// Adds file versions of heart until `upto` were added in all, one in `every` of them open.
    pub fn fill(&self, from: u64, upto: u64, every: u64) {
        let fill = include_str!("fill.sql")
            .replace(":from", &from.to_string())
            .replace(":upto", &upto.to_string())
            .replace(":every", &every.to_string());
        self.psql("exeat_admin", &fill);
        for table in ["submissions", "files", "file_versions", "cases", "registrations"] {
            self.psql("exeat_admin", &format!("vacuum analyze exeat.{table};"));
        }
        self.psql("exeat_admin", "checkpoint;");
    }

    /// Adds so many access requests and their grants.
    pub fn fill_access(&self, upto: u64) {
        self.psql("exeat_admin", &include_str!("access.sql").replace(":upto", &upto.to_string()));
        for table in ["access_requests", "grants"] {
            self.psql("exeat_admin", &format!("vacuum analyze exeat.{table};"));
        }
    }

    /// Adds so many permits, with the same people on all of them.
    pub fn fill_permits(&self, there: u64, upto: u64) {
        let sql = include_str!("permits.sql").replace(":upto", &upto.to_string());
        self.psql("exeat_admin", &sql.replace(":there", &there.to_string()));
        for table in ["permits", "permit_team", "permit_datasets", "permit_states", "permit_workspaces"] {
            self.psql("exeat_admin", &format!("vacuum analyze exeat.{table};"));
        }
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let _ = Command::new(env!("CARGO_BIN_EXE_exeat")).args(["local", "down", "--dir"]).arg(self.dir()).status();
    }
}
