//! A private PostgreSQL for the test program: started on first use, ended with the program however that ends. Each test
//! gets a database of its own, copied from a migrated template. Roles are shared by the cluster, so they are named after
//! the people of the sample: `checker1` and so on.

use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use exeat::db::schema;
use exeat::local::postgres::{Cluster, SUPERUSER};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};
use uuid::Uuid;

use super::door;

/// Everybody the tests know: login (which is the database role too) and full name.
pub const PEOPLE: [(&str, &str); 14] = [
    ("admin1", "Ada Admin"),
    ("admin2", "Ben Admin"),
    ("auditor1", "Cleo Auditor"),
    ("researcher1", "Dora Researcher"),
    ("researcher2", "Emil Researcher"),
    ("checker1", "Fay Checker"),
    ("checker2", "Gus Checker"),
    ("checker3", "Hal Checker and Researcher"),
    ("checker4", "Ida Checker"),
    ("checker5", "Jon Checker"),
    ("steward1", "Kim Steward"),
    ("steward2", "Mia of stewards, once given the role"),
    ("steward3", "Ned of stewards, once given the role"),
    ("nobody1", "Lou of no project"),
];
/// Who the tests of permits know beside them: login and role.
pub const PERMIT_PEOPLE: [(&str, &str); 10] = [
    ("manager1", "permit_manager"),
    ("manager2", "permit_manager"),
    ("preparator1", "data_preparator"),
    ("both1", "data_preparator"),
    ("datareviewer1", "data_reviewer"),
    ("engineer1", "setup_engineer"),
    ("setupreviewer1", "setup_reviewer"),
    ("setupreviewer2", "setup_reviewer"),
    ("holder1", "data_holder"),
    ("holder2", "data_holder"),
];
/// A second database login of checker1.
pub const SECOND: &str = "checker1_second";
/// A second database login of both1, who prepares and reviews.
pub const BOTH_AGAIN: &str = "both1_second";
/// The worker's login.
pub const WORKER: &str = "exeat_worker_login";
/// The login of a service, which a test adds where it has one.
pub const SERVICE: &str = "exeat_service_login";
/// A login of the cluster that is nobody to exeat, though in the group of people.
pub const STRANGER: &str = "stranger1";

/// What a command answered.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct Answer {
    pub ok: bool,
    pub code: String,
    pub sentence: String,
    pub version: Option<i64>,
    pub data: Option<serde_json::Value>,
}

impl Answer {
    /// The answer's data, of a command that must have succeeded.
    pub fn data(&self) -> &serde_json::Value {
        assert!(self.ok, "{self:?}");
        self.data.as_ref().unwrap_or(&serde_json::Value::Null)
    }
}

/// One test's database. It stays until the cluster goes.
#[derive(Clone, Debug)]
pub struct Database {
    pub name: String,
}

struct Server {
    host: String,
    // the server stops when this process's end of the pipe closes
    _guard: std::process::Child,
}

const TEMPLATE: &str = "template_exeat";

/// Starts the cluster and makes the template; on a thread of its own, for the caller may be inside a runtime.
fn server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(|| {
        std::thread::spawn(|| {
            let dir = tempfile::Builder::new().prefix("exeat-pg-").tempdir().unwrap().keep();
            std::fs::set_permissions(&dir, std::os::unix::fs::PermissionsExt::from_mode(0o711)).unwrap();
            let running = Cluster::at(&dir.join("c")).unwrap().without_fsync().start().unwrap();
            // The pipe closes when this program ends, however it does: then the server goes, and its folder after it.
            let script = "read _; kill -QUIT $1; while kill -0 $1 2>/dev/null; do sleep 0.1; done; rm -rf \"$2\"";
            let guard = Command::new("/bin/sh")
                .args(["-c", script, "guard", &running.pid().to_string()])
                .arg(&dir)
                .stdin(Stdio::piped())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .process_group(0)
                .spawn()
                .unwrap();
            let host = running.socket_dir().display().to_string();
            std::mem::forget(running);
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(make_template(&host));
            Server { host, _guard: guard }
        })
        .join()
        .unwrap()
    })
}

fn options(host: &str, database: &str, role: &str) -> PgConnectOptions {
    PgConnectOptions::new_without_pgpass()
        .host(host)
        .database(database)
        .username(role)
        .options([("synchronous_commit", "off")])
        .disable_statement_logging()
}

async fn make_template(host: &str) {
    let mut cluster = options(host, "postgres", SUPERUSER).connect().await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(format!("create database {TEMPLATE}"))).execute(&mut cluster).await.unwrap();
    let mut template = options(host, TEMPLATE, SUPERUSER).connect().await.unwrap();
    schema::migrate(&mut template).await.unwrap();
    for (login, _) in PEOPLE.iter().chain(&PERMIT_PEOPLE).chain(&[(STRANGER, ""), (SECOND, ""), (BOTH_AGAIN, "")]) {
        let sql = format!("create role {login} login in role exeat_person");
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut cluster).await.unwrap();
    }
    let sql =
        format!("create role {WORKER} login in role exeat_worker; create role {SERVICE} login in role exeat_service");
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut cluster).await.unwrap();
    template.close().await.unwrap();
    cluster.close().await.unwrap();
}

impl Database {
    /// A fresh database with exeat's schema and nobody in it.
    pub async fn empty() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("t{}", NEXT.fetch_add(1, Ordering::Relaxed));
        let host = &server().host;
        let mut cluster = options(host, "postgres", SUPERUSER).connect().await.unwrap();
        // Rights on the database itself are not copied from a template; everything inside it is.
        let sql = format!("create database {name} template {TEMPLATE}");
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut cluster).await.unwrap();
        let sql = format!(
            "revoke all on database {name} from public; grant connect on database {name} to exeat_person, exeat_service, exeat_worker"
        );
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut cluster).await.unwrap();
        cluster.close().await.unwrap();
        Self { name }
    }

    /// A fresh database with everybody of [`PEOPLE`], two administrators, an auditor, and the projects `heart` (two
    /// approvals for `trusted`, three for `world`) and `lungs` (one), hold 0 s, what was never opened may be approved. checker1 and 2 are checkers of both,
    /// checker3 of heart and researcher in it, checker4 and 5 of heart, researcher1 of heart, researcher2 of lungs.
    pub async fn fresh() -> Self {
        let database = Self::empty().await;
        let mut owner = database.owner().await;
        sqlx::query("select exeat.bootstrap_admin('admin1', 'Ada Admin')").execute(&mut owner).await.unwrap();
        let mut admin = database.connect("admin1").await;
        for (login, name) in &PEOPLE[1..] {
            done(&mut admin, "add_person", &[login, name, "x@example.org"]).await;
            done(&mut admin, "add_login", &[login, login]).await;
        }
        done(&mut admin, "add_login", &[SECOND, "checker1"]).await;
        if door::is_open() {
            done(&mut admin, "add_service", &["portal", SERVICE]).await;
        }
        let projects = [("heart", "Heart"), ("lungs", "Lungs")];
        done(&mut admin, "add_membership", &["admin2", "null", "administrator"]).await;
        let mut second = database.connect("admin2").await;
        for (id, title) in projects {
            let from = format!("s3://candidates/{id}/");
            open_project(&mut admin, &mut second, &[id, title, "For the tests", &from, "s3://shared/"]).await;
        }
        for (project, destination, approvals) in
            [("heart", "trusted", 2), ("heart", "world", 3), ("lungs", "trusted", 1)]
        {
            let via = door::is_open();
            let values = format!(
                r#"{{"approvals": {approvals}, "hold_seconds": 0, "largest_file": 1000000, "votes_via_services": {via}, "unseen": "allow"}}"#
            );
            policy_of_two(&mut admin, &mut second, &[project, destination, &values]).await;
        }
        for (login, project, role) in [
            ("researcher1", "heart", "researcher"),
            ("researcher2", "lungs", "researcher"),
            ("checker1", "heart", "checker"),
            ("checker1", "lungs", "checker"),
            ("checker2", "heart", "checker"),
            ("checker2", "lungs", "checker"),
            ("checker3", "heart", "checker"),
            ("checker3", "heart", "researcher"),
            ("checker4", "heart", "checker"),
            ("checker5", "heart", "checker"),
        ] {
            done(&mut admin, "add_membership", &[login, project, role]).await;
        }
        sqlx::raw_sql(
            "select exeat.add_membership(gen_random_uuid(), 'auditor1', null, 'auditor');
             select exeat.add_membership(gen_random_uuid(), 'steward1', null, 'steward')",
        )
        .execute(&mut admin)
        .await
        .unwrap();
        database
    }

    /// A connection as a role: a person, the worker, or anybody else of the cluster.
    pub async fn connect(&self, role: &str) -> PgConnection {
        options(&server().host, &self.name, role).connect().await.unwrap()
    }

    /// A connection as the cluster's superuser, for what no role of exeat may do.
    pub async fn owner(&self) -> PgConnection {
        self.connect(SUPERUSER).await
    }

    /// The folder of the cluster's socket, for programs that connect by themselves.
    pub fn host() -> &'static str {
        &server().host
    }
}

/// Calls `exeat.NAME(new id, arguments…)`; arguments are texts that PostgreSQL reads as the function's types.
pub async fn call(connection: &mut PgConnection, name: &str, arguments: &[&str]) -> Answer {
    call_with(connection, name, Uuid::new_v4(), arguments).await
}

/// The same with a command id of the caller's. The argument `null` is SQL's null.
pub async fn call_with(connection: &mut PgConnection, name: &str, id: Uuid, arguments: &[&str]) -> Answer {
    if let Some(answer) = door::call(connection, name, id, arguments).await {
        return answer;
    }
    let literals: Vec<String> = arguments.iter().map(|argument| literal(argument)).collect();
    let list = literals.iter().map(|argument| format!(", {argument}")).collect::<String>();
    let sql = format!("select ok, code, sentence, version, data from exeat.{name}('{id}'{list})");
    sqlx::query_as(AssertSqlSafe(sql.as_str()))
        .persistent(false)
        .fetch_one(connection)
        .await
        .unwrap_or_else(|error| panic!("{sql}: {error}"))
}

/// A text as an SQL literal of unknown type.
pub fn literal(text: &str) -> String {
    if text == "null" { text.to_owned() } else { format!("'{}'", text.replace('\'', "''")) }
}

/// Calls a command that must succeed; returns its data.
pub async fn done(connection: &mut PgConnection, name: &str, arguments: &[&str]) -> serde_json::Value {
    let answer = call(connection, name, arguments).await;
    assert!(answer.ok, "{name} {arguments:?}: {answer:?}");
    answer.data.unwrap_or_default()
}

/// A project that one administrator proposes and another opens.
pub async fn open_project(first: &mut PgConnection, second: &mut PgConnection, arguments: &[&str]) {
    let change = done(first, "add_project", arguments).await["change"].to_string();
    done(second, "confirm_project", &[&change]).await;
}

/// A policy that one administrator proposes and another confirms, where it needs that.
pub async fn policy_of_two(first: &mut PgConnection, second: &mut PgConnection, arguments: &[&str]) {
    let made = done(first, "set_policy", arguments).await;
    if made["proposed"] == true {
        done(second, "confirm_policy", &[&made["policy"].to_string()]).await;
    }
}

/// The one value of the one row of a query.
pub async fn one<T>(connection: &mut PgConnection, sql: &str) -> T
where
    T: Send + Unpin + for<'r> sqlx::Decode<'r, sqlx::Postgres> + sqlx::Type<sqlx::Postgres>,
{
    sqlx::query_scalar(AssertSqlSafe(sql))
        .persistent(false)
        .fetch_one(connection)
        .await
        .unwrap_or_else(|error| panic!("{sql}: {error}"))
}

/// A hash of 64 hexadecimal digits made from a word.
pub fn sha(word: &str) -> String {
    use sha2::Digest;
    hex::encode(sha2::Sha256::digest(word))
}

/// Registers an object as intake does, under its key below the project's prefix; returns the new file version, or none
/// where these bytes were there already.
pub async fn intake(worker: &mut PgConnection, project: &str, key: &str, sha256: &str, size: i64) -> Option<i64> {
    let entries = serde_json::json!([{
        "key_hex": hex::encode(format!("{project}/{key}")), "version_id": null, "etag": &sha256[..8], "sha256": sha256,
        "size": size, "media_type": "text/csv", "modified_at": "2026-11-21T09:00:00Z", "findings": [], "blocked": null,
        "newest": true,
    }]);
    let register = format!("select exeat.intake_register('{project}', 1, {})", literal(&entries.to_string()));
    let counts: serde_json::Value = one(worker, &register).await;
    counts["versions"][0].as_i64()
}

/// Announces one file as its researcher and lets intake find it; returns the file version.
pub async fn submitted(
    researcher: &mut PgConnection,
    worker: &mut PgConnection,
    project: &str,
    destination: &str,
    key: &str,
) -> i64 {
    let files = serde_json::json!([{"key": key, "sha256": sha(key), "size": 10}]).to_string();
    done(researcher, "register_submission", &[project, destination, "A table of the paper", &files]).await;
    intake(worker, project, key, &sha(key), 10).await.unwrap()
}
