//! One local desk with the sample for the whole test program, driven by the real program: started on first use, taken
//! down when the program ends, however it ends.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;

/// A running local desk.
pub struct Desk {
    /// Its folder.
    pub dir: PathBuf,
    /// The configuration to name with `--config`.
    pub config: PathBuf,
    // The desk goes down when this process's end of the pipe closes.
    _guard: Child,
}

/// The program.
pub const EXEAT: &str = env!("CARGO_BIN_EXE_exeat");

/// The shared desk, with the sample.
pub fn desk() -> &'static Desk {
    static DESK: OnceLock<Desk> = OnceLock::new();
    DESK.get_or_init(|| Desk::up(true))
}

impl Desk {
    /// A desk of one's own.
    pub fn up(sample: bool) -> Self {
        let above = tempfile::Builder::new().prefix("exeat-").tempdir_in("/tmp").unwrap().keep();
        std::fs::set_permissions(&above, std::os::unix::fs::PermissionsExt::from_mode(0o711)).unwrap();
        let dir = above.join("desk");
        let guard = Command::new("sh")
            .args(["-c", r#"read _; "$0" local down --dir "$1"; rm -rf "$2""#])
            .args([Path::new(EXEAT), &dir, &above])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut up = Command::new(EXEAT);
        up.args(["local", "up", "--dir"]).arg(&dir);
        if sample {
            up.arg("--sample");
        }
        let out = up.output().unwrap();
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        let desk = Self { config: dir.join("config.toml"), dir, _guard: guard };
        // All tests at once are the same few people.
        desk.psql(
            "do $$ declare r text; begin
               for r in select rolname from pg_roles where rolcanlogin and rolconnlimit >= 0 loop execute format('alter role %I connection limit -1', r); end loop;
             end $$",
        );
        desk
    }

    /// The program as a person.
    pub fn command(&self, login: &str, args: &[&str]) -> Command {
        let mut command = Command::new(EXEAT);
        command.args(args).arg("--config").arg(&self.config).args(["--as", login]);
        for name in ["EXEAT_CONFIG", "EXEAT_DATABASE_PASSWORD", "EXEAT_LOG"] {
            command.env_remove(name);
        }
        command
    }

    /// Runs the program as a person.
    pub fn run(&self, login: &str, args: &[&str]) -> Ran {
        Ran::of(&self.command(login, args).output().unwrap(), args)
    }

    /// Runs it with `--json`; it must succeed.
    pub fn json(&self, login: &str, args: &[&str]) -> Value {
        let ran = self.run(login, &[args, &["--json"]].concat());
        assert_eq!(ran.exit, 0, "{ran:?}");
        ran.json()
    }

    /// What about a project one administrator proposes with `args` and another confirms.
    pub fn of_two(&self, args: &[&str]) {
        let change = self.json("admin1", args)["data"]["change"].to_string();
        assert_eq!(self.run("admin1", &["projects", "confirm", &change]).exit, 5, "not the one who proposed it");
        self.json("admin2", &["projects", "confirm", &change]);
    }

    /// The same with a first or weaker policy.
    pub fn policy_of_two(&self, args: &[&str]) {
        let policy = self.json("admin1", args)["data"]["policy"].to_string();
        self.json("admin2", &["policies", "confirm", &policy]);
    }

    /// Submits a new file as a person; returns the item.
    pub fn submit(&self, login: &str, project: &str, destination: &str, name: &str, bytes: &[u8]) -> Value {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(name);
        std::fs::write(&file, bytes).unwrap();
        let args = ["egress", "submit", file.to_str().unwrap(), "--project", project, "--destination", destination];
        let made = self.json(login, &[&args[..], &["--purpose", "a test"]].concat());
        made["items"][0].clone()
    }

    /// A file of researcher1 in `heart` for `trusted`, its content its own name.
    pub fn file(&self) -> Value {
        let name = unique("file") + ".txt";
        self.submit("researcher1", "heart", "trusted", &name, name.as_bytes())
    }

    /// The item as a person sees it.
    pub fn item(&self, login: &str, id: &str) -> Value {
        self.json(login, &["egress", "show", id])
    }

    /// Waits until the item's state is this one.
    pub fn wait_for(&self, login: &str, id: &str, state: &str) -> Value {
        let since = Instant::now();
        loop {
            let item = self.item(login, id);
            if item["state"] == state {
                return item;
            }
            assert!(since.elapsed() < Duration::from_mins(1), "never {state}: {item}");
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// A file of researcher1 that was approved by two and released.
    pub fn released(&self) -> Value {
        let item = self.file();
        let (id, sha) = (text(&item["id"]), text(&item["sha256"]));
        for login in ["checker1", "checker2"] {
            self.json(
                login,
                &["egress", "approve", &id, "--destination", "trusted", "--sha256", &sha, "--unseen", "1"],
            );
        }
        self.wait_for("checker1", &id, "released")
    }

    /// The desk's superuser on its database.
    pub fn psql(&self, sql: &str) -> String {
        let out = Command::new("psql")
            .args(["-qtAX", "-v", "ON_ERROR_STOP=1", "-h"])
            .arg(self.dir.join("socket"))
            .args(["-U", "exeat_admin", "-d", "exeat", "-c", sql])
            .output()
            .unwrap();
        assert!(out.status.success(), "{sql}: {}", String::from_utf8_lossy(&out.stderr));
        String::from_utf8(out.stdout).unwrap().trim().to_owned()
    }
}

/// What a run of the program ended in.
#[derive(Debug)]
pub struct Ran {
    /// For messages of failed tests.
    #[expect(dead_code, reason = "only its debug form is read")]
    pub args: Vec<String>,
    pub exit: i32,
    pub out: String,
    pub err: String,
}

impl Ran {
    pub fn of(output: &Output, args: &[&str]) -> Self {
        Self {
            args: args.iter().map(ToString::to_string).collect(),
            exit: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout.clone()).unwrap(),
            err: String::from_utf8(output.stderr.clone()).unwrap(),
        }
    }

    /// Standard output as JSON.
    pub fn json(&self) -> Value {
        assert!(self.out.is_ascii(), "JSON is ASCII: {self:?}");
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The code of the JSON error on stderr.
    pub fn code(&self) -> String {
        assert!(self.err.is_ascii(), "JSON is ASCII: {self:?}");
        let error: Value = serde_json::from_str(&self.err).unwrap_or_else(|error| panic!("{error}: {self:?}"));
        assert!(!text(&error["error"]["message"]).is_empty());
        text(&error["error"]["code"])
    }
}

/// A JSON string's text.
pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no string: {value}")).to_owned()
}

/// A name no other test uses.
pub fn unique(word: &str) -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    format!("{word}_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}
