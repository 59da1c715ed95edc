//! What is away or wrong: each has its exit code and one sentence that says what to do.

use std::process::{Command, Stdio};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::support::desk::{Desk, EXEAT, Ran, desk, text};

/// Runs the program with a configuration of its own.
fn with(config: &str, args: &[&str], env: &[(&str, &str)]) -> Ran {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config.toml");
    std::fs::write(&file, config).unwrap();
    let mut command = Command::new(EXEAT);
    command.args(args).arg("--config").arg(&file).env_remove("EXEAT_DATABASE_PASSWORD").envs(env.iter().copied());
    Ran::of(&command.output().unwrap(), args)
}

fn one_sentence(ran: &Ran, exit: i32, part: &str) {
    assert_eq!(ran.exit, exit, "{ran:?}");
    assert!(ran.out.is_empty() && ran.err.trim_end().lines().count() == 1 && ran.err.contains(part), "{ran:?}");
}

#[test]
fn an_unreachable_database_exits_7() {
    let socket = "[database]\nhost = \"/nonexistent\"\n";
    // A port nobody listens on: taken for a moment and given back.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let tcp = format!("[database]\nhost = \"127.0.0.1\"\nport = {port}\ntls = \"disable\"\n");
    for config in [socket, &tcp] {
        for args in [
            &["whoami"][..],
            &["egress", "list"],
            &["egress", "show", "1"],
            &["journal", "verify"],
            &["projects", "list"],
            &["db", "status"],
            &["db", "migrate"],
        ] {
            one_sentence(&with(config, args, &[]), 7, "PostgreSQL does not answer at");
            let ran = with(config, &[args, &["--json"]].concat(), &[]);
            assert_eq!((ran.exit, ran.code().as_str()), (7, "unreachable"));
        }
    }
    // One that takes the connection and says nothing.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    let config = format!("[database]\nhost = \"127.0.0.1\"\nport = {port}\ntls = \"disable\"\nconnect_seconds = 1\n");
    one_sentence(&with(&config, &["whoami"], &[]), 7, "did not answer within 1 s");
}

#[test]
fn who_postgresql_does_not_know_exits_4() {
    let desk = desk();
    let socket = desk.dir.join("socket");
    let config = |rest: &str| format!("[database]\nhost = \"{}\"\n{rest}", socket.display());
    one_sentence(&with(&config("user = \"nobody_at_all\"\n"), &["whoami"], &[]), 4, "no role nobody_at_all");
    desk.psql("create role stranger_to_exeat login in role exeat_person");
    one_sentence(&with(&config("user = \"stranger_to_exeat\"\n"), &["whoami"], &[]), 4, "belongs to nobody here");
    // People get into no other database; who gets everywhere is told what is wrong with it.
    let other =
        |user: &str, name: &str| with(&config(&format!("user = \"{user}\"\nname = \"{name}\"\n")), &["whoami"], &[]);
    one_sentence(&other("checker1", "postgres"), 4, "does not let checker1 in");
    one_sentence(&other("exeat_admin", "elsewhere"), 3, "no database elsewhere");
    one_sentence(&other("exeat_admin", "postgres"), 3, "exeat db migrate");
}

#[test]
fn a_wrong_password_exits_4_and_is_not_repeated() {
    let desk = Desk::up(false);
    let database = desk.dir.join("postgres");
    let hba = find(&database, "pg_hba.conf");
    desk.psql("create role careful login in role exeat_person password 'right'");
    let rules = std::fs::read_to_string(&hba).unwrap();
    std::fs::write(&hba, format!("local all careful scram-sha-256\n{rules}")).unwrap();
    desk.psql("select pg_reload_conf()");
    std::thread::sleep(Duration::from_millis(300));
    let config = format!("[database]\nhost = \"{}\"\nuser = \"careful\"\n", desk.dir.join("socket").display());
    let wrong = with(&config, &["whoami"], &[("EXEAT_DATABASE_PASSWORD", "hush-wrong")]);
    one_sentence(&wrong, 4, "refused the password of careful");
    assert!(!wrong.err.contains("hush-wrong"));
    // The right one gets as far as the person, who is nobody.
    let right = with(&config, &["whoami"], &[("EXEAT_DATABASE_PASSWORD", "right")]);
    one_sentence(&right, 4, "belongs to nobody here");
}

fn find(folder: &std::path::Path, name: &str) -> std::path::PathBuf {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.file_name().is_some_and(|found| found == name) {
            return path;
        }
        if path.is_dir() && path.join(name).exists() {
            return path.join(name);
        }
    }
    panic!("no {name} below {}", folder.display())
}

#[test]
fn one_thing_after_the_other_goes_away() {
    let desk = Desk::up(true);
    let items = desk.json("checker1", &["egress", "list", "state:pending", "kind:csv", "--limit", "1"]);
    let id = text(&items["items"][0]["id"]);
    let preview = ["egress", "preview", &id];
    assert_eq!(desk.run("checker1", &preview).exit, 0);

    // A bucket that is not there.
    let add = [
        "projects",
        "add",
        "lost",
        "--title",
        "Lost",
        "--location",
        "s3://no-such-bucket/lost/",
        "--shared",
        "s3://shared/",
    ];
    desk.of_two(&add);
    desk.policy_of_two(&["policies", "set", "lost", "trusted", "--approvals", "1"]);
    desk.json("admin1", &["people", "grant", "researcher1", "researcher", "--project", "lost"]);
    let submit = [
        "egress",
        "submit",
        desk.config.to_str().unwrap(),
        "--project",
        "lost",
        "--destination",
        "trusted",
        "--purpose",
        "p",
    ];
    one_sentence(&desk.run("researcher1", &submit), 3, "the project's bucket is there");

    // A worker that hangs.
    let process = |name: &str| {
        let out = Command::new(EXEAT).args(["local", "status", "--json", "--dir"]).arg(&desk.dir).output().unwrap();
        let status = Ran::of(&out, &[]).json();
        Pid::from_raw(i32::try_from(status["processes"][name].as_i64().unwrap()).unwrap())
    };
    let worker = process("worker");
    kill(worker, Signal::SIGSTOP).unwrap();
    let ran = desk.run("checker1", &preview);
    kill(worker, Signal::SIGCONT).unwrap();
    one_sentence(&ran, 7, "No worker is alive");
    assert_eq!(desk.run("checker1", &["egress", "list"]).exit, 0, "lists need no worker");

    // A store that is gone, with nobody to bring it back.
    let store = process("store");
    kill(process("supervisor"), Signal::SIGKILL).unwrap();
    kill(store, Signal::SIGKILL).unwrap();
    one_sentence(&desk.run("checker1", &preview), 7, "The store does not answer at http://127.0.0.1:");
    let doctor = desk.run("checker1", &["doctor", "--json"]);
    assert_eq!(doctor.exit, 7);
    let findings = doctor.json()["findings"].clone();
    let of =
        |what: &str| findings.as_array().unwrap().iter().find(|found| found["what"] == what).unwrap()["ok"].clone();
    assert_eq!((of("database"), of("store")), (true.into(), false.into()));

    // An older schema, and back.
    desk.psql("create or replace function exeat.schema_number() returns int language sql immutable as 'select 0'");
    one_sentence(&desk.run("checker1", &["egress", "list"]), 3, "has schema 0");
    let admin = ["db", "status", "--json", "--role", "exeat_admin"];
    assert_eq!(desk.run("checker1", &admin).exit, 3);
    assert_eq!(desk.run("checker1", &["db", "migrate", "--role", "exeat_admin"]).exit, 0);
    assert_eq!(desk.run("checker1", &["egress", "list"]).exit, 0);
    desk.psql("create or replace function exeat.schema_number() returns int language sql immutable as 'select 99'");
    one_sentence(&desk.run("checker1", &["egress", "list"]), 3, "use the newer exeat");
    assert_eq!(desk.run("checker1", &["db", "migrate", "--role", "exeat_admin"]).exit, 3, "never back in time");
    desk.psql("create or replace function exeat.schema_number() returns int language sql immutable as 'select 1'");

    // And the database.
    let down =
        Command::new(EXEAT).args(["local", "down", "--dir"]).arg(&desk.dir).stdout(Stdio::null()).status().unwrap();
    assert!(down.success());
    for args in [&["whoami"][..], &["egress", "list"], &preview, &["journal", "verify"]] {
        one_sentence(&desk.run("checker1", args), 7, "exeat local up --dir");
    }
    // Up again, and everything is there.
    assert!(
        Command::new(EXEAT)
            .args(["local", "up", "--dir"])
            .arg(&desk.dir)
            .stdout(Stdio::null())
            .status()
            .unwrap()
            .success()
    );
    assert_eq!(desk.run("checker1", &preview).exit, 0);
}
