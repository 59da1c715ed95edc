//! `exeat doctor`: one line for each thing, what to do where it does not work, and the exit code of the worst.

use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use serde_json::Value;

use crate::support::desk::{Desk, EXEAT, Ran, desk, text};

fn finding(ran: &Ran, what: &str) -> Value {
    let findings = ran.json()["findings"].clone();
    let found = findings.as_array().unwrap().iter().find(|found| found["what"] == what).cloned();
    found.unwrap_or_else(|| panic!("no {what}: {ran:?}"))
}

fn with(config: &str, mode: u32, args: &[&str]) -> Ran {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config.toml");
    std::fs::write(&file, config).unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
    let mut command = Command::new(EXEAT);
    command.args(["doctor", "--json"]).args(args).arg("--config").arg(&file).env_remove("EXEAT_DATABASE_PASSWORD");
    Ran::of(&command.output().unwrap(), args)
}

#[test]
fn a_desk_that_works_is_found_well() {
    let desk = desk();
    let ran = desk.run("checker1", &["doctor", "--json"]);
    assert_eq!(ran.exit, 0, "{ran:?}");
    for (what, part) in [
        ("configuration", "is right"),
        ("keys, colours", "can be used"),
        ("terminal", "This is no terminal"),
        ("database", "answers at the socket"),
        ("schema", "the one this exeat needs"),
        ("person", "by the database role checker1: checker of"),
        ("databases", "exeat lets you in and postgres does not"),
        ("transactions", "is 0"),
        ("disk", "temp_file_limit is 1GB"),
        ("connections", "for about 97 desks at once"),
        ("worker", "alive"),
        ("journal", "sealed"),
        ("store", "answers at http://"),
        ("ticket", "first byte of file"),
    ] {
        let found = finding(&ran, what);
        assert!(found["ok"] == true && text(&found["message"]).contains(part), "{found}");
        assert!(text(&found["message"]).ends_with('.'), "{found}");
    }
    // The look is journalled, and there is none where none is wanted.
    desk.json("admin1", &["people", "add", "looker1", "--name", "Look Er"]);
    desk.json("admin1", &["people", "grant", "looker1", "checker", "--project", "heart"]);
    let looks = || desk.psql("select count(*) from exeat.journal where command = 'ask_ticket' and person = 'looker1'");
    assert!(!desk.run("looker1", &["doctor", "--no-ticket"]).out.contains("first byte"));
    assert_eq!(looks(), "0");
    assert!(desk.run("looker1", &["doctor"]).out.contains("first byte"));
    assert_eq!(looks(), "1");
    // Who looks after messages reads what waits, and for what.
    let waiting = finding(&desk.run("steward1", &["doctor", "--no-ticket", "--json"]), "bus");
    let said = text(&waiting["message"]);
    assert!(
        waiting["level"] == "note" && said.contains(" events wait to be delivered") && said.contains("[bus]"),
        "{said}"
    );
    let lines = desk.run("checker1", &["doctor"]);
    assert!(lines.exit == 0 && lines.out.lines().all(|line| line.len() > 22), "{lines:?}");
}

#[test]
fn who_sees_nothing_is_told_what_is_missing() {
    let desk = desk();
    desk.json("admin1", &["people", "add", "newcomer1", "--name", "New Comer"]);
    let ran = desk.run("newcomer1", &["doctor", "--json"]);
    assert_eq!(ran.exit, 0, "{ran:?}");
    assert!(text(&finding(&ran, "person")["message"]).contains("ask an administrator"));
    assert_eq!(finding(&ran, "ticket")["level"], "note");
}

#[test]
fn what_does_not_work_is_named_with_what_to_do() {
    let away = "[database]\nhost = \"/nonexistent\"\n";
    let ran = with(away, 0o600, &[]);
    assert_eq!(ran.exit, 7);
    assert!(text(&finding(&ran, "database")["message"]).contains("PostgreSQL does not answer at"));
    let ran = with(away, 0o666, &[]);
    assert!(text(&finding(&ran, "configuration")["message"]).contains("chmod go-w"), "{ran:?}");
    let ran = with("[database]\nhots = 1\n", 0o600, &[]);
    assert_eq!(ran.exit, 3);
    assert!(text(&finding(&ran, "configuration")["message"]).contains("did you mean host?"));
    // Keys and passwords that others may read, or that are not there.
    let folder = tempfile::tempdir().unwrap();
    let open = folder.path().join("open");
    std::fs::write(&open, "hush").unwrap();
    std::fs::set_permissions(&open, std::fs::Permissions::from_mode(0o644)).unwrap();
    let ran = with(&format!("{away}password_file = {open:?}\n"), 0o600, &[]);
    assert!(text(&finding(&ran, "password")["message"]).contains("chmod 600") && !ran.out.contains("hush"), "{ran:?}");
    let keys = format!("{away}client_key = {open:?}\nclient_certificate = \"/nowhere/me.pem\"\n");
    let ran = with(&keys, 0o600, &[]);
    assert!(text(&finding(&ran, "client_key")["message"]).contains("chmod 600"), "{ran:?}");
    assert!(text(&finding(&ran, "client_cert")["message"]).contains("/nowhere/me.pem cannot be read"), "{ran:?}");
    let ran = with(&format!("{away}[desk]\ntheme = \"plaid\"\n"), 0o600, &[]);
    assert!(text(&finding(&ran, "keys, colours")["message"]).contains("plaid"), "{ran:?}");
}

/// What one login could do to all others: open doors of the cluster, each with who closes it and how.
#[test]
fn an_open_door_is_named_with_who_closes_it() {
    let desk = Desk::up(false);
    let me = nix::unistd::User::from_uid(nix::unistd::Uid::current()).unwrap().unwrap().name;
    let looked = || desk.run(&me, &["doctor", "--json"]);
    let since = std::time::Instant::now();
    while looked().exit != 0 {
        // The first head is signed a moment after the desk is up.
        assert!(since.elapsed() < std::time::Duration::from_mins(1), "{:?}", looked());
    }

    // As a desk of before, or a site where anybody gets in everywhere.
    let hba = desk.dir.join("postgres/pg_hba.conf");
    std::fs::write(&hba, "local all all trust\n").unwrap();
    desk.psql("select pg_reload_conf()");
    desk.psql("alter system set max_prepared_transactions = 5");
    desk.psql("alter database exeat reset temp_file_limit");
    while finding(&looked(), "databases")["ok"] == true {
        assert!(since.elapsed() < std::time::Duration::from_mins(1), "it is never told: {:?}", looked());
    }
    let ran = looked();
    assert_eq!(ran.exit, 1, "{ran:?}");
    assert!(text(&finding(&ran, "databases")["message"]).contains("`local all +exeat_person reject`"), "{ran:?}");
    assert_eq!(finding(&ran, "disk")["level"], "note", "{ran:?}");
    assert_eq!(finding(&ran, "connections")["level"], "note", "{ran:?}");
    assert!(text(&finding(&ran, "disk")["message"]).contains("alter database exeat set temp_file_limit"), "{ran:?}");

    // The next start closes the first door again and opens, as asked for, the second.
    for what in ["down", "up"] {
        let ran = Command::new(EXEAT).args(["local", what, "--dir"]).arg(&desk.dir).output().unwrap();
        assert!(ran.status.success(), "{what}: {}", String::from_utf8_lossy(&ran.stderr));
    }
    let ran = looked();
    assert_eq!(finding(&ran, "databases")["level"], "ok", "{ran:?}");
    let prepared = finding(&ran, "transactions");
    assert!(prepared["level"] == "wrong" && text(&prepared["message"]).contains("set it to 0"), "{prepared}");

    // Who sees several projects is told of shared places inside one another.
    desk.psql(
        "insert into exeat.projects (name, title, bucket, prefix, shared_bucket, shared_prefix, opened_at)
         values ('one', 'One', 'candidates', 'one/', 'shared', '', now()), ('two', 'Two', 'candidates', 'two/', 'shared', 'two/', now())",
    );
    let nested = finding(&looked(), "shared places");
    assert!(
        nested["level"] == "note" && text(&nested["message"]).contains("two's s3://shared/two/ in one's s3://shared/")
    );
}
