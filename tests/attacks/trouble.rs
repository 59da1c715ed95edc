//! A database in trouble: its disk full, a process of it killed for memory, its clock moved by hours. Nothing that was answered
//! is lost, nothing is released that should not be, and what a person is told is one sentence.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use exeat::local::owner::Owner;
use exeat::local::postgres::{Cluster, Programs, Running, SUPERUSER};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions as _};
use uuid::Uuid;

use crate::support::pg::{Answer, call, done, one, open_project, policy_of_two, sha, submitted};

const WORKER: &str = "worker_login";

/// A folder for a cluster of one's own, that its owner can reach.
fn folder() -> tempfile::TempDir {
    let dir = tempfile::Builder::new().prefix("exeat-trouble-").tempdir_in("/tmp").unwrap();
    std::fs::set_permissions(dir.path(), std::os::unix::fs::PermissionsExt::from_mode(0o711)).unwrap();
    dir
}

async fn connect(host: &Path, role: &str) -> Result<PgConnection, sqlx::Error> {
    let database = if role == "postgres" { "postgres" } else { "exeat" };
    let role = if role == "postgres" { SUPERUSER } else { role };
    let options = PgConnectOptions::new_without_pgpass().host(host.to_str().unwrap()).database(database).username(role);
    options.disable_statement_logging().connect().await
}

/// As soon as the server takes connections again.
async fn again(host: &Path, role: &str) -> PgConnection {
    for _ in 0..600 {
        if let Ok(connection) = connect(host, role).await {
            return connection;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the server did not come back");
}

/// Two checkers and a researcher of `heart`, where two approvals release after an hour; files `0.csv` and so on.
async fn fill(host: &Path, files: usize) -> Vec<i64> {
    let mut cluster = again(host, "postgres").await;
    sqlx::raw_sql("create database exeat").execute(&mut cluster).await.unwrap();
    let mut owner = connect(host, SUPERUSER).await.unwrap();
    exeat::db::schema::migrate(&mut owner).await.unwrap();
    for login in ["admin1", "admin2", "checker1", "checker2", "researcher1"] {
        let role = format!("create role {login} login in role exeat_person");
        sqlx::raw_sql(AssertSqlSafe(role)).execute(&mut owner).await.unwrap();
    }
    let role =
        format!("create role {WORKER} login in role exeat_worker; select exeat.bootstrap_admin('admin1', 'Ada')");
    sqlx::raw_sql(AssertSqlSafe(role)).execute(&mut owner).await.unwrap();
    let mut admin = connect(host, "admin1").await.unwrap();
    done(&mut admin, "add_person", &["admin2", "admin2"]).await;
    done(&mut admin, "add_login", &["admin2", "admin2"]).await;
    done(&mut admin, "add_membership", &["admin2", "null", "administrator"]).await;
    let mut second = connect(host, "admin2").await.unwrap();
    let places = ["heart", "Heart", "Tests", "s3://in/heart/", "s3://out/"];
    open_project(&mut admin, &mut second, &places).await;
    let values = r#"{"approvals": 2, "hold_seconds": 3600, "largest_file": 1000}"#;
    policy_of_two(&mut admin, &mut second, &["heart", "trusted", values]).await;
    for (login, role) in [("checker1", "checker"), ("checker2", "checker"), ("researcher1", "researcher")] {
        done(&mut admin, "add_person", &[login, login]).await;
        done(&mut admin, "add_login", &[login, login]).await;
        done(&mut admin, "add_membership", &[login, "heart", role]).await;
    }
    let (mut worker, mut researcher) =
        (connect(host, WORKER).await.unwrap(), connect(host, "researcher1").await.unwrap());
    let mut versions = Vec::new();
    for n in 0..files {
        versions.push(submitted(&mut researcher, &mut worker, "heart", "trusted", &format!("{n}.csv")).await);
    }
    versions
}

/// A vote on a connection that may break: the answer, or what went wrong.
async fn vote(own: &mut PgConnection, id: Uuid, version: i64, key: &str, comment: &str) -> Result<Answer, sqlx::Error> {
    let hash = sha(key);
    let sql = format!(
        "select ok, code, sentence, version, data from exeat.cast_vote('{id}', {version}, 'trusted', 'approve', '{hash}', '{comment}')"
    );
    sqlx::query_as(AssertSqlSafe(sql)).persistent(false).fetch_one(own).await
}

/// What a person reads of it.
fn told(error: sqlx::Error) -> String {
    let sentence = exeat::db::explain(error, "the socket", "checker1", "exeat").to_string();
    assert!(!sentence.contains('\n') && !sentence.contains("fault of exeat"), "{sentence}");
    sentence
}

/// A small disk of its own; it goes with its owner.
struct Disk(PathBuf);

impl Disk {
    fn mount(at: &Path, megabytes: u32) -> Self {
        let size = format!("size={megabytes}m");
        let said = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(at).output().unwrap();
        let why = String::from_utf8_lossy(&said.stderr);
        assert!(said.status.success(), "this test needs a small disk, and so the right to mount one (root): {why}");
        std::fs::set_permissions(at, std::os::unix::fs::PermissionsExt::from_mode(0o711)).unwrap();
        Self(at.to_owned())
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        Command::new("umount").arg("--lazy").arg(&self.0).status().ok();
    }
}

/// The disk is full in the middle of votes, then it is not: what was answered is there, and the rest is answered once when
/// it is sent again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_loses_no_vote() {
    let above = folder();
    let at = above.path().join("disk");
    std::fs::create_dir(&at).unwrap();
    let _disk = Disk::mount(&at, 160);
    let cluster = Cluster::at(&at.join("c")).unwrap();
    let mut running = cluster.start().unwrap();
    let host = running.socket_dir();
    let versions = fill(&host, 1).await;
    let mut checker = connect(&host, "checker1").await.unwrap();
    let stuffing = at.join("stuffing");
    let mut file = std::fs::File::create(&stuffing).unwrap();
    while file.write_all(&[0; 1 << 16]).is_ok() {}
    // Comments of 9 kB each, until there is no room for one.
    let (mut answered, mut failed) = (Vec::new(), None);
    for n in 0..5000 {
        let id = Uuid::new_v4();
        let comment = format!("{n} {}", hex::encode(sha(&n.to_string())).repeat(70));
        match vote(&mut checker, id, versions[0], "0.csv", &comment).await {
            Ok(answer) => {
                assert!(answer.ok, "{answer:?}");
                answered.push(id);
            }
            Err(error) => {
                failed = Some((id, comment, told(error)));
                break;
            }
        }
    }
    let (id, comment, sentence) = failed.expect("the disk was full");
    println!("after {} votes: {sentence}", answered.len());
    drop(file);
    std::fs::remove_file(&stuffing).unwrap();
    running = revived(&cluster, running).await;
    let mut checker = again(&host, "checker1").await;
    let mut owner = again(&host, SUPERUSER).await;
    for _ in 0..2 {
        assert!(vote(&mut checker, id, versions[0], "0.csv", &comment).await.unwrap().ok, "sent again");
    }
    answered.push(id);
    let kept: i64 = one(&mut owner, "select count(*) from exeat.commands where command = 'cast_vote'").await;
    let journalled: i64 =
        one(&mut owner, "select count(*) from exeat.journal where command = 'cast_vote' and ok").await;
    assert_eq!((kept, journalled), (answered.len() as i64, answered.len() as i64));
    let counted: i64 = one(&mut owner, "select count(*) from exeat.votes where standing").await;
    assert_eq!(counted, 1);
    assert_eq!(one::<String>(&mut owner, "select state from exeat.cases").await, "pending");
    drop(running);
}

/// The server as it comes back by itself, or started anew where it gave up.
async fn revived(cluster: &Cluster, mut running: Running) -> Running {
    tokio::time::sleep(Duration::from_secs(2)).await;
    if running.is_alive() { running } else { cluster.start().unwrap() }
}

/// A process of the server is killed, as a machine without memory does it: the server starts itself again, every session ends,
/// and each command is answered once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_process_loses_no_vote() {
    let above = folder();
    let cluster = Cluster::at(&above.path().join("c")).unwrap();
    let running = cluster.start().unwrap();
    let host = running.socket_dir();
    let versions = fill(&host, 6).await;
    let mut sentences = Vec::new();
    for (n, version) in versions.iter().enumerate() {
        let key = format!("{n}.csv");
        let mut victim = again(&host, "researcher1").await;
        let pid: i32 = one(&mut victim, "select pg_backend_pid()").await;
        let mut own = again(&host, "checker1").await;
        let id = Uuid::new_v4();
        let before = vote(&mut own, id, *version, &key, "fine").await;
        kill(Pid::from_raw(pid), Signal::SIGKILL).unwrap();
        let mut last = before.map(|answer| assert!(answer.ok));
        for tries in 0.. {
            assert!(tries < 600);
            match vote(&mut own, id, *version, &key, "fine").await {
                Ok(answer) if last.is_err() => {
                    assert!(answer.ok, "{answer:?}");
                    break;
                }
                Ok(_) => tokio::time::sleep(Duration::from_millis(5)).await,
                Err(error) => {
                    last = Err(sqlx::Error::WorkerCrashed);
                    sentences.push(told(error));
                    own = again(&host, "checker1").await;
                }
            }
        }
    }
    assert!(!sentences.is_empty());
    let mut owner = again(&host, SUPERUSER).await;
    let counts = "select count(*) from exeat.votes union all select count(*) from exeat.journal where command = 'cast_vote' and ok";
    let counts: Vec<i64> = sqlx::query_scalar(counts).fetch_all(&mut owner).await.unwrap();
    assert_eq!(counts, [6, 6]);
}

/// A server whose clock a test sets, in hours from now.
struct Clock {
    server: Child,
    file: PathBuf,
    host: PathBuf,
}

impl Clock {
    fn start(dir: &Path) -> Self {
        let mut folders = std::fs::read_dir("/usr/lib").unwrap().flatten();
        let library = folders
            .find_map(|folder| Some(folder.path().join("faketime/libfaketime.so.1")).filter(|path| path.exists()))
            .expect("this test needs another clock: install the package libfaketime");
        let cluster = Cluster::at(&dir.join("c")).unwrap();
        let owner = Owner::choose(&dir.join("c")).unwrap();
        cluster.start().unwrap().stop();
        let file = dir.join("clock");
        std::fs::write(&file, "+0\n").unwrap();
        let major = std::fs::read_to_string(cluster.data_dir().join("PG_VERSION")).unwrap();
        assert!(Programs::find(Some(major.trim().parse().unwrap())).is_some());
        let mut command = Command::new(format!("/usr/lib/postgresql/{}/bin/postgres", major.trim()));
        command.arg("-D").arg(cluster.data_dir()).arg("-k").arg(cluster.socket_dir()).args(["-c", "listen_addresses="]);
        command.env("LD_PRELOAD", library).env("FAKETIME_TIMESTAMP_FILE", &file).env("FAKETIME_NO_CACHE", "1");
        // What waits must wait as long as ever.
        command.env("FAKETIME_DONT_FAKE_MONOTONIC", "1").env("DONT_FAKE_MONOTONIC", "1").current_dir("/");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let server = owner.applied(&mut command).spawn().unwrap();
        Self { server, file, host: cluster.socket_dir() }
    }

    /// Moves the clock: so many hours from what other clocks say.
    async fn set(&self, hours: i32) {
        let beside = self.file.with_extension("new");
        std::fs::write(&beside, format!("{hours:+}h\n")).unwrap();
        std::fs::rename(&beside, &self.file).unwrap();
        let mut own = again(&self.host, SUPERUSER).await;
        let off: f64 = one(&mut own, "select extract(epoch from clock_timestamp())::float8").await;
        let off = off - std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs_f64();
        assert!((off / 3600.0 - f64::from(hours)).abs() < 0.1, "the clock is {off} s off, not {hours} h");
    }
}

impl Drop for Clock {
    fn drop(&mut self) {
        if let Ok(pid) = i32::try_from(self.server.id()) {
            kill(Pid::from_raw(pid), Signal::SIGQUIT).ok();
        }
        self.server.wait().ok();
    }
}

/// What there is to release: the version, its count, which attempt.
async fn claimed(worker: &mut PgConnection, name: &str) -> Option<(i64, i64, i32)> {
    let sql = format!("select version, (record->>'count')::bigint, attempt from exeat.claim_release('{name}', 60)");
    sqlx::query_as(AssertSqlSafe(sql)).fetch_optional(worker).await.unwrap()
}

/// The hold is a time by the database's clock, and so is a lease: a jump ends them early or late. It never changes who counts.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clock_that_jumps_releases_nothing_wrongly() {
    let above = folder();
    let clock = Clock::start(above.path());
    let versions = fill(&clock.host, 3).await;
    let host = &clock.host;
    let mut people = [connect(host, "checker1").await.unwrap(), connect(host, "checker2").await.unwrap()];
    let (mut admin, mut worker) = (connect(host, "admin1").await.unwrap(), connect(host, WORKER).await.unwrap());
    let mut owner = connect(host, SUPERUSER).await.unwrap();
    for n in [0, 1] {
        for own in &mut people {
            assert!(vote(own, Uuid::new_v4(), versions[n], &format!("{n}.csv"), "fine").await.unwrap().ok);
        }
    }
    assert_eq!(claimed(&mut worker, "one").await, None, "held for an hour");
    // Five hours back: held for longer, and still counted by who may vote.
    clock.set(-5).await;
    assert_eq!(claimed(&mut worker, "one").await, None);
    // Five hours on: the hold is over by the clock; the count is as it was, once for each.
    clock.set(5).await;
    assert_eq!(claimed(&mut worker, "one").await, Some((versions[0], 2, 1)));
    // A membership ends, by a clock that is then put back: it stays ended, in the count and for the next vote.
    done(&mut admin, "end_membership", &["checker2", "heart", "checker"]).await;
    // Before it began, that of checker1 does not count either.
    for (hours, wanted) in [(5, 1), (0, 1), (-5, 0), (30, 1)] {
        clock.set(hours).await;
        let _: i32 = one(&mut worker, "select exeat.lapse_votes()").await;
        let count: i64 = one(
            &mut owner,
            &format!("select (exeat.tally(id)).count::bigint from exeat.cases where version = {}", versions[1]),
        )
        .await;
        assert_eq!(count, wanted, "{hours} h");
        let refused = vote(&mut people[1], Uuid::new_v4(), versions[2], "2.csv", "again").await.unwrap();
        assert!(!refused.ok && refused.code == "not_found", "{hours} h: {refused:?}");
    }
    // The lease of the first worker ran out by the jump: another takes over, and whoever comes late finishes nothing.
    assert_eq!(claimed(&mut worker, "two").await, Some((versions[0], 2, 2)));
    assert_eq!(claimed(&mut worker, "three").await, None, "the other case has one approval");
    let (release, key): (Uuid, Vec<u8>) =
        sqlx::query_as("select id, shared_key from exeat.releases").fetch_one(&mut owner).await.unwrap();
    for (name, wanted) in [("one", false), ("two", true), ("one", false)] {
        let sql = format!(
            "select ok from exeat.finish_release('{release}', '{name}', '\\x{}', null, 'r', null)",
            hex::encode(&key)
        );
        assert_eq!(one::<bool>(&mut worker, &sql).await, wanted, "{name}");
    }
    let out: Vec<i64> = one(&mut owner, "select array_agg(version) from exeat.releases where state = 'done'").await;
    assert_eq!(out, [versions[0]]);
    // Seals go on in the order of commitment, whatever the entries say about time.
    let seal = "select exeat.add_seals(jsonb_agg(jsonb_build_object('seq', coalesce((select seq from exeat.last_seal()), 0) + n, 'journal_id', id::bigint,
        'hash', repeat('0', 64)) order by n)) from (select id, row_number() over () as n from exeat.unsealed_journal(2000)) x";
    clock.set(-30).await;
    assert!(one::<i32>(&mut worker, seal).await > 10);
    clock.set(0).await;
    assert!(call(&mut people[0], "claim", &[&versions[2].to_string()]).await.ok);
    assert_eq!(one::<i32>(&mut worker, seal).await, 1);
}
