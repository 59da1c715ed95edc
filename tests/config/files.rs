//! `config show` and `config check`: what they show, and what they hold back.

use std::os::unix::fs::PermissionsExt as _;

use super::{WORKER, exeat, text};

#[test]
fn secrets_are_not_shown() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("worker.toml");
    let keys = "access_key_id = \"AKIA\"\nsecret_access_key = \"hush-hush\"\n";
    let mail = "[mail]\nserver = \"smtp://h\"\nfrom = \"a@b.example\"\nuser = \"u\"\npassword = \"hush-mail\"\n";
    let bus = "[bus]\nurl = \"amqp://h\"\nexchange = \"x\"\nuser = \"u\"\npassword = \"hush-bus\"\n";
    std::fs::write(&file, format!("{WORKER}{keys}{mail}{bus}")).unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    let file = file.to_str().unwrap();
    let password = [("EXEAT_DATABASE_PASSWORD", "hush-too")];
    for args in [&["config", "show", "--worker"][..], &["config", "show", "--worker", "--json"], &["config", "show"]] {
        let config = if args.contains(&"--worker") { &["--config", file][..] } else { &[] };
        let out = exeat(home.path(), &[args, config].concat(), &password);
        assert!(out.status.success(), "{}", text(&out.stderr));
        let said = text(&out.stdout) + &text(&out.stderr);
        assert!(!said.contains("hush"), "{said}");
        assert_eq!(said.contains("AKIA") && said.contains("(not shown)"), args.contains(&"--worker"), "{said}");
    }
}

#[test]
fn a_check_looks_at_the_files_it_names_too() {
    let home = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str, mode: u32| {
        let file = home.path().join(name);
        std::fs::write(&file, text).unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
        file.to_str().unwrap().to_owned()
    };
    let refused = |args: &[&str], part: &str| {
        let out = exeat(home.path(), args, &[]);
        let said = text(&out.stderr);
        assert_eq!(out.status.code(), Some(3), "{args:?}: {said}");
        assert!(said.contains(part) && said.trim_end().lines().count() == 1, "{said}");
    };
    let keymap = write("keys.toml", "[keys]\n\nfrobnicate = [\"x\"]\n", 0o600);
    let config = write("config.toml", &format!("[desk]\nkeymap = {keymap:?}\n"), 0o600);
    refused(&["config", "check", "--config", &config], "keys.toml, line 3");
    let worker = write("worker.toml", WORKER, 0o644);
    refused(&["config", "check", "--worker", "--config", &worker], "chmod 600");
    let worker = write("worker.toml", WORKER, 0o600);
    refused(&["config", "check", "--worker", "--config", &worker], "/k/signing.key");
    write("signing.key", "no key", 0o640);
    let named = WORKER.replace("/k/signing.key", home.path().join("signing.key").to_str().unwrap());
    let worker = write("worker.toml", &named, 0o600);
    refused(&["config", "check", "--worker", "--config", &worker], "others may read it");
    let out = exeat(home.path(), &["config", "check", "--worker"], &[]);
    assert_eq!(out.status.code(), Some(2), "{}", text(&out.stderr));
}
