//! Wrong usage: exit 2, one sentence, JSON where JSON was asked for. Needs no server.

use std::process::{Command, Stdio};

use crate::support::desk::{EXEAT, Ran};

fn run(args: &[&str]) -> Ran {
    let mut command = Command::new(EXEAT);
    command.args(args).env_remove("EXEAT_CONFIG").env("HOME", "/nonexistent").env_remove("XDG_CONFIG_HOME");
    Ran::of(&command.output().unwrap(), args)
}

#[test]
fn wrong_usage_exits_2() {
    for args in [
        &["egress", "show"][..],
        &["egress", "show", "heart"],
        &["egress", "approve"],
        &["egress", "frobnicate"],
        &["egress", "list", "--sort", "colour"],
        &["egress", "submit", "x", "--project", "heart"],
        &["egress", "download", "1"],
        &["egress", "approve", "1", "--command-id", "not-a-uuid"],
        &["egress", "list", "nothing:here"],
        &["egress", "list", "size>many"],
        &["egress", "approve", "1", "2", "--sha256", "aa"],
        &["egress", "approve", "1", "2", "--command-id", "7f3a3c52-90f4-4b52-9c4c-111111111111"],
        &["egress", "submit", "/nowhere/at/all", "--project", "p", "--destination", "d", "--purpose", "p"],
        &["policies", "set", "heart", "trusted"],
        &["whoami", "--as", "checker1"],
    ] {
        let ran = run(args);
        assert_eq!(ran.exit, 2, "{ran:?}");
        assert!(ran.out.is_empty() && !ran.err.is_empty(), "{ran:?}");
        let ran = run(&[args, &["--json"]].concat());
        assert_eq!((ran.exit, ran.code().as_str()), (2, "usage"), "{ran:?}");
    }
}

#[test]
fn help_and_version_are_answers() {
    for args in [
        &["--help"][..],
        &["--version"],
        &["egress", "--help"],
        &["egress", "approve", "--help"],
        &["journal", "--help"],
    ] {
        let ran = run(args);
        assert_eq!(ran.exit, 0, "{ran:?}");
        assert!(!ran.out.is_empty() && ran.err.is_empty(), "{ran:?}");
    }
}

#[test]
fn nobody_reading_is_no_error() {
    let mut child =
        Command::new(EXEAT).args(["config", "example"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let out = child.wait_with_output().unwrap();
    assert_eq!((out.status.code(), out.stderr.len()), (Some(0), 0));
}
