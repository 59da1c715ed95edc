//! A server on the shared desk, started on first use and ended with the test program, and ways to ask it.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, Command, Stdio};
use std::sync::{LazyLock, Mutex, OnceLock};

use serde_json::Value;

use crate::support::desk::{Desk, EXEAT, desk, text, unique};

/// A running server.
pub struct Served {
    pub url: String,
    pub service: String,
    /// A credential with every right that acts for everybody.
    pub all: Credential,
    child: Mutex<Child>,
}

/// What a program signs in with.
#[derive(Clone, Debug)]
pub struct Credential {
    pub name: String,
    pub secret: String,
}

/// Every right there is.
pub fn rights() -> String {
    exeat::serve::rights::ALL.iter().map(|(right, _)| *right).collect::<Vec<_>>().join(",")
}

/// The shared server.
pub fn served() -> &'static Served {
    static SERVED: OnceLock<Served> = OnceLock::new();
    SERVED.get_or_init(|| Served::start(""))
}

impl Served {
    /// Another server on the same database for the same programs, with more settings.
    pub fn another(&self, more: &str) -> Self {
        let (child, url) = run(desk(), &self.service, more);
        Self { url, service: self.service.clone(), all: self.all.clone(), child: Mutex::new(child) }
    }

    /// Tells it to stop; it ends when it has finished.
    pub fn stop(&self) {
        drop(self.child.lock().unwrap().stdin.take());
    }

    /// Ends it in the middle of whatever it does.
    pub fn kill(&self) {
        self.child.lock().unwrap().stdin.take().unwrap().write_all(b"KILL\n").unwrap();
    }

    /// Waits for its end.
    pub fn ended(&self) {
        assert!(self.child.lock().unwrap().wait().unwrap().success());
    }

    /// A server of its own, with more settings; its service is new.
    pub fn start(more: &str) -> Self {
        let desk = desk();
        let service = unique("gateway");
        let made = desk.json("admin1", &["services", "add", &service, "--role", &service]);
        desk.psql(&text(&made["sql"]));
        let (child, url) = run(desk, &service, more);
        let all = Credential::add(desk, "admin1", &service, &["--for", "*", "--right", &rights()]);
        Self { url, service, all, child: Mutex::new(child) }
    }

    /// A credential of this server's.
    pub fn credential(&self, args: &[&str]) -> Credential {
        Credential::add(desk(), "admin1", &self.service, args)
    }

    /// A request, signed in with everything.
    pub fn ask(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        self.ask_as(&self.all, method, path)
    }

    /// A request, signed in with a credential.
    pub fn ask_as(&self, who: &Credential, method: &str, path: &str) -> reqwest::RequestBuilder {
        self.plain(method, path).basic_auth(&who.name, Some(&who.secret))
    }

    /// A request that says nothing of who asks.
    pub fn plain(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        // One client for all tests: to make one costs more than to ask. Its connections end with each test's runtime, so it keeps none.
        static CLIENT: LazyLock<reqwest::Client> =
            LazyLock::new(|| reqwest::Client::builder().pool_max_idle_per_host(0).build().unwrap());
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        CLIENT.request(method, format!("{}{path}", self.url))
    }
}

/// The program as the service's; it ends when this process does.
fn run(desk: &Desk, service: &str, more: &str) -> (Child, String) {
    let (above, socket) = (desk.dir.parent().unwrap(), desk.dir.join("socket"));
    let config = above.join(format!("{}.toml", unique(service)));
    let mut text = format!(
        "[database]\nhost = {:?}\nuser = {service:?}\n[serve]\nlisten = \"127.0.0.1:0\"\nsite = \"https://tre.example\"\n",
        socket.to_str().unwrap()
    );
    // All tests at once are one program.
    for (setting, value) in [("per_second", 100_000), ("burst", 100_000), ("wrong_per_minute", 3_600)] {
        if !more.contains(setting) {
            text += &format!("{setting} = {value}\n");
        }
    }
    text += more;
    std::fs::write(&config, text).unwrap();
    let log = std::fs::File::options().append(true).create(true).open(above.join(format!("{service}.log"))).unwrap();
    // Ends with this process: the shell waits for its end of the pipe to close.
    let script = r#""$0" serve --config "$1" & pid=$!; exec >&-; read how; kill -${how:-TERM} $pid; wait $pid"#;
    let mut child = Command::new("sh")
        .args(["-c", script, EXEAT])
        .arg(&config)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(log)
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert!(line.starts_with("http"), "{line}: {}", Served::log_of(service));
    (child, line.trim().to_owned())
}

impl Served {
    /// What the server wrote to its log.
    pub fn log(&self) -> String {
        Self::log_of(&self.service)
    }

    fn log_of(service: &str) -> String {
        std::fs::read_to_string(desk().dir.parent().unwrap().join(format!("{service}.log"))).unwrap()
    }
}

impl Credential {
    /// Made by an administrator at the command line.
    pub fn add(desk: &Desk, admin: &str, service: &str, args: &[&str]) -> Self {
        let name = unique("portal");
        let made = desk.json(admin, &[&["credentials", "add", &name, "--service", service], args].concat());
        Self { name, secret: text(&made["secret"]) }
    }
}

/// Status and body of an answer; every body is JSON in ASCII, or empty.
pub async fn told(request: reqwest::RequestBuilder) -> (u16, Value) {
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    let kind = answer.headers().get("content-type").map(|kind| kind.to_str().unwrap().to_owned());
    let body = answer.text().await.unwrap();
    if body.is_empty() {
        return (status, Value::Null);
    }
    assert_eq!(kind.as_deref(), Some("application/json"), "{body}");
    assert!(body.is_ascii(), "{body}");
    (status, serde_json::from_str(&body).unwrap_or_else(|why| panic!("{why}: {body}")))
}

/// A person made for a credential, with roles: `role` or `role@project`.
pub fn person(roles: &[&str]) -> String {
    let (desk, login) = (desk(), unique("person"));
    desk.json("admin1", &["people", "add", &login, "--name", "A person of a test", "--mail", "p@example.org"]);
    for role in roles {
        let (role, project) = role.split_once('@').unwrap_or((role, ""));
        let mut args = vec!["people", "grant", &login, role];
        if !project.is_empty() {
            args.extend(["--project", project]);
        }
        desk.json("admin1", &args);
    }
    login
}

/// The UUID portals know a person by.
pub fn ext_id(login: &str) -> String {
    desk().psql(&format!("select ext_id from exeat.people where login = '{login}'"))
}
