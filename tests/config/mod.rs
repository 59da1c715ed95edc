//! The configuration files: what is accepted, what is refused with which line, where they are looked for, and that
//! secrets are kept safely.

mod examples;
mod files;

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use exeat::config::{Config, ConfigError, TlsMode, WorkerConfig};

fn wrong(text: &str) -> (usize, String) {
    match Config::parse(text, Path::new("desk.toml")) {
        Err(error @ ConfigError::Wrong { line, .. }) => (line, error.to_string()),
        other => panic!("{other:?}"),
    }
}

const WORKER: &str = r#"
[database]
host = "/run/pg"
[worker]
signing_key = "/k/signing.key"
[worker.s3]
staging = "s3://staging/"
"#;

/// Which tabs there are the desk knows: it says what of the configuration is about none.
#[test]
fn a_tab_there_is_not_is_named_with_its_part() {
    let cases = [
        ("columns", "[desk.columns]\negres = [\"file\"]\n"),
        ("filters", "[desk.filters.egres]\nstale = \"age>3d\"\n"),
    ];
    for (part, text) in cases {
        let config = Config { file: None, ..Config::parse(text, Path::new("x")).unwrap() };
        let fault = exeat::tui::fault(&config).unwrap();
        assert!(fault.contains("no tab \"egres\"") && fault.contains(&format!("[desk.{part}]")), "{fault}");
        assert!(fault.ends_with("use one of egress, requests, grants."), "{fault}");
    }
}

#[test]
fn nothing_is_the_defaults() {
    let config = Config::parse("", Path::new("x")).unwrap();
    assert_eq!(config, Config { file: Some(PathBuf::from("x")), ..Config::default() });
    assert_eq!(config.database.tls, TlsMode::VerifyFull);
}

#[test]
fn the_example_is_the_defaults() {
    let example = Config::parse(include_str!("../../config.example.toml"), Path::new("x")).unwrap();
    assert_eq!(example, Config { file: Some(PathBuf::from("x")), ..Config::default() });
}

#[test]
fn a_written_configuration_reads_back() {
    let text = "[database]\nhost = \"/d/socket\"\nuser = \"u\"\n[s3]\nendpoint = \"http://127.0.0.1:9\"\n[local]\ndir = \"/d\"\n";
    let config = Config::parse(text, Path::new("x")).unwrap();
    assert_eq!(Config::parse(&config.to_toml().unwrap(), Path::new("x")).unwrap(), config);
    let worker = WorkerConfig::parse(WORKER, Path::new("x")).unwrap();
    assert_eq!(WorkerConfig::parse(&worker.to_toml().unwrap(), Path::new("x")).unwrap(), worker);
}

#[test]
fn what_is_wrong_is_named_by_its_line() {
    let cases = [
        ("[database]\nhost = \"/x\"\nhots = 1\n", 3, "hots here: did you mean host?"),
        ("[database]\nhost = \"/x\"\nconect_second = 1\n", 3, "did you mean connect_seconds?"),
        ("[database]\ntheme = \"mono\"\n", 2, "theme here: it belongs into [desk]"),
        ("title = \"x\"\n", 1, "it belongs into [desk]"),
        ("[dekstop]\n", 1, "there are database, s3, journal, desk, local"),
        ("[s3]\nkey = 1\n", 2, "key here: there are endpoint"),
        ("[database]\nport = \"many\"\n", 2, "invalid type"),
        ("[database]\nport = 70000\n", 2, "70000"),
        ("[database]\nhost = \"x\"\nport = 0\n", 3, "port must be"),
        ("[s3]\n\nendpoint = \"127.0.0.1:9000\"\n", 3, "endpoint must look like"),
        ("[s3]\nendpoint = \"ftp://x\"\n", 2, "endpoint must look like"),
        ("[desk]\npromised_days = 0\n", 2, "between 1 and 3650"),
        ("[desk]\ntime_zone = \"Mars/Base\"\n", 2, "no time zone"),
        ("[journal]\npublic_key = \"abc\"\n", 2, "64 hex digits"),
        ("[journal]\nheads = \"/h\"\n", 2, "public_key"),
        ("\n[local]\ndir = \"here\"\n", 3, "absolute path"),
        ("[database\n", 1, "config example"),
        ("[database]\ntls = \"perhaps\"\n", 2, "perhaps"),
        ("[database]\nclient_key = \"/k\"\n", 1, "belong together"),
    ];
    for (text, line, part) in cases {
        let (found, sentence) = wrong(text);
        assert_eq!(found, line, "{text:?}: {sentence}");
        assert!(sentence.contains(part) && sentence.starts_with("desk.toml, line "), "{text:?}: {sentence}");
        assert!(sentence.ends_with('.'), "a sentence ends: {sentence}");
    }
    let long = format!("[database]\nhost = \"/{}\"\n", "d".repeat(100));
    assert!(wrong(&long).1.contains("at most 92 bytes"));
}

#[test]
fn a_worker_needs_a_staging_place_and_both_keys() {
    let path = Path::new("worker.toml");
    for (from, to, part) in [
        ("s3://staging/", "s3://staging", "slash at the end"),
        ("s3://staging/", "staging/", "s3://bucket/"),
        ("staging = ", "access_key_id = \"a\"\nstaging = ", "belong together"),
        ("[worker]\n", "[worker]\nlease_seconds = 0\n", "lease_seconds must be"),
    ] {
        let error = WorkerConfig::parse(&WORKER.replace(from, to), path).unwrap_err().to_string();
        assert!(error.contains(part), "{error}");
    }
    assert!(WorkerConfig::parse("", path).is_err());
}

#[test]
fn servers_of_mail_and_bus_are_named_without_a_password() {
    let mail = "[mail]\nserver = \"smtp://mail.site:25\"\nfrom = \"exeat@site.example\"\n";
    let bus = "[bus]\nurl = \"amqps://bus.site:5671/tre\"\nexchange = \"exeat\"\n";
    let fine = format!("{WORKER}{mail}{bus}");
    WorkerConfig::parse(&fine, Path::new("x")).unwrap();
    for (from, to, part) in [
        ("smtp://mail.site:25", "mail.site:25", "server must look like smtp://"),
        ("smtp://mail.site:25", "smtp://user:word@mail.site:25", "settings of their own"),
        ("smtp://mail.site:25", "smtp://mail.site:25?tls=none", "server must look like"),
        ("exeat@site.example", "exeat\\r\\nBcc: a@b.example", "from must be a mail address"),
        ("[mail]\n", "[mail]\nuser = \"u\"\n", "belong together"),
        ("amqps://bus", "http://bus", "url must look like amqp://"),
        ("amqps://bus", "amqps://guest:guest@bus", "settings of their own"),
        ("\"exeat\"", "\"\"", "exchange must be a name"),
    ] {
        let error = WorkerConfig::parse(&fine.replace(from, to), Path::new("x")).unwrap_err().to_string();
        assert!(error.contains(part), "{to}: {error}");
    }
}

#[test]
fn secrets_do_not_show_in_debug_output() {
    let text = format!("{WORKER}access_key_id = \"AKIA\"\nsecret_access_key = \"hush-hush\"\n");
    let worker = WorkerConfig::parse(&text, Path::new("x")).unwrap();
    assert!(!format!("{worker:?}").contains("hush-hush"));
    assert_eq!(worker.worker.s3.secret_access_key.unwrap().expose(), "hush-hush");
}

#[test]
fn a_file_with_secrets_must_be_private() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("worker.toml");
    std::fs::write(&file, WORKER).unwrap();
    for mode in [0o644, 0o640, 0o604, 0o620, 0o601] {
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
        let error = WorkerConfig::read(&file).unwrap_err().to_string();
        assert!(error.contains("chmod 600"), "{mode:o}: {error}");
    }
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    WorkerConfig::read(&file).unwrap();

    let pipe = dir.path().join("pipe");
    nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRWXU).unwrap();
    assert!(WorkerConfig::read(&pipe).unwrap_err().to_string().contains("plain file"), "and it does not hang");
}

#[test]
fn the_password_comes_from_a_private_file() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("password");
    std::fs::write(&file, "s3cret \n").unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    let mut config = Config::default();
    assert!(config.database.password("someone").unwrap().is_none(), "no source, no password");
    config.database.password_file = Some(file.clone());
    // Only the end of the line goes: a space may be part of it.
    assert_eq!(config.database.password("someone").unwrap().unwrap().expose(), "s3cret ");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
    assert!(config.database.password("someone").unwrap_err().to_string().contains("chmod 600"));
}

/// The program with an environment of its own.
fn exeat(home: &Path, args: &[&str], env: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_exeat"));
    command.args(args).env_clear().env("HOME", home).envs(env.iter().copied());
    command.output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn it_is_looked_for_in_order() {
    let home = tempfile::tempdir().unwrap();
    let write = |name: &str, title: &str| {
        let file = home.path().join(name);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, format!("[desk]\ntitle = \"{title}\"\n")).unwrap();
        file.to_str().unwrap().to_owned()
    };
    let shows = |args: &[&str], env: &[(&str, &str)], title: &str| {
        let out = exeat(home.path(), &[&["config", "show"], args].concat(), env);
        assert!(out.status.success(), "{}", text(&out.stderr));
        assert!(text(&out.stdout).contains(title), "{title}: {}", text(&out.stdout));
    };
    let named = write("named.toml", "by the option");
    let environment = write("environment.toml", "by the environment");
    write(".config/exeat/config.toml", "at home");
    let xdg = home.path().join("xdg");
    write("xdg/exeat/config.toml", "where XDG says");
    shows(&[], &[], "at home");
    shows(&[], &[("XDG_CONFIG_HOME", xdg.to_str().unwrap())], "where XDG says");
    shows(&[], &[("EXEAT_CONFIG", &environment)], "by the environment");
    shows(&["--config", &named], &[("EXEAT_CONFIG", &environment)], "by the option");
    let before = exeat(home.path(), &["--config", &named, "config", "show"], &[]);
    assert!(text(&before.stdout).contains("by the option"), "a global option may stand before the command");
}

#[test]
fn a_bad_configuration_exits_3_with_one_sentence() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("bad.toml");
    std::fs::write(&file, "[database]\nhots = 1\n").unwrap();
    let file = file.to_str().unwrap();
    for args in
        [&["config", "check"][..], &["egress", "list"], &["whoami"], &["journal", "verify"], &["projects", "list"]]
    {
        let out = exeat(home.path(), &[args, &["--config", file]].concat(), &[]);
        assert_eq!(out.status.code(), Some(3), "{args:?}");
        assert!(out.stdout.is_empty());
        let said = text(&out.stderr);
        assert!(
            said.contains("bad.toml, line 2") && said.contains("hots") && said.trim_end().lines().count() == 1,
            "{said}"
        );
        let out = exeat(home.path(), &[args, &["--json", "--config", file]].concat(), &[]);
        let error: serde_json::Value = serde_json::from_slice(&out.stderr).unwrap();
        assert_eq!(error["error"]["code"], "config");
        assert!(error["error"]["message"].as_str().unwrap().contains("line 2"));
    }
    let out = exeat(home.path(), &["whoami", "--config", "/nowhere/at/all.toml"], &[]);
    assert_eq!(out.status.code(), Some(3));
    assert!(text(&out.stderr).contains("/nowhere/at/all.toml"));
}

#[test]
fn the_example_it_prints_is_right() {
    let home = tempfile::tempdir().unwrap();
    let out = exeat(home.path(), &["config", "example"], &[]);
    let file = home.path().join("config.toml");
    std::fs::write(&file, out.stdout).unwrap();
    let out = exeat(home.path(), &["config", "check", "--config", file.to_str().unwrap()], &[]);
    assert!(out.status.success(), "{}", text(&out.stderr));
}

#[test]
fn as_is_refused_without_a_local_desk() {
    let home = tempfile::tempdir().unwrap();
    let out = exeat(home.path(), &["whoami", "--as", "checker1"], &[]);
    assert_eq!(out.status.code(), Some(2));
    assert!(text(&out.stderr).contains("local desk"), "{}", text(&out.stderr));
}
