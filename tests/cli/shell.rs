//! The manual page and the completions say all there is: both are made from the program's own tables.

use std::io::Write as _;
use std::process::{Command, Stdio};

use exeat::cli::exit;
use exeat::tui::app::actions::ACTIONS;

use crate::support::desk::{EXEAT, Ran};

fn run(args: &[&str]) -> Ran {
    Ran::of(&Command::new(EXEAT).args(args).output().unwrap(), args)
}

/// What roff writes, as people read it.
fn plain(roff: &str) -> String {
    roff.replace("\\-", "-").replace("\\fB", "").replace("\\fR", "").replace("\\*(Aq", "'").replace("\\\\", "\\")
}

#[test]
fn the_manual_page_has_every_key_and_code() {
    let ran = run(&["man"]);
    assert_eq!((ran.exit, ran.err.as_str()), (0, ""));
    let page = plain(&ran.out);
    for entry in ACTIONS {
        assert!(page.contains(entry.help), "{} is not in the page:\n{page}", entry.help);
        assert!(entry.keys.is_empty() || page.contains(&entry.keys.join(", ")), "{:?}", entry.keys);
    }
    for (code, meaning) in exit::MEANINGS {
        assert!(page.contains(&format!("\n{code}\n{meaning}")), "{code} {meaning}");
        assert!(include_str!("../../README.md").contains(&format!("| {code} | {meaning} |")), "{code} in the README");
    }
    for part in ["exeat-egress(1)", "state:pending,approved", "EXEAT_DATABASE_PASSWORD", "keymap.toml", "--config"] {
        assert!(page.contains(part), "{part}");
    }
    assert!(!page.contains("supervise"), "what is hidden stays hidden");
}

#[test]
fn every_command_has_a_page() {
    let folder = tempfile::tempdir().unwrap();
    let ran = run(&["man", "--to", folder.path().to_str().unwrap()]);
    assert_eq!(ran.exit, 0, "{ran:?}");
    for page in ["exeat.1", "exeat-egress.1", "exeat-egress-approve.1", "exeat-local-up.1", "exeat-doctor.1"] {
        let text = std::fs::read_to_string(folder.path().join(page)).unwrap();
        assert!(text.contains(".SH NAME") && text.contains(".SH SYNOPSIS"), "{page}");
    }
    assert!(std::fs::read_to_string(folder.path().join("exeat.1")).unwrap().contains(".SH KEYS"));
    let ran = run(&["man", "--to", "/nowhere/at/all"]);
    assert!(ran.exit == 1 && ran.err.contains("/nowhere/at/all"), "{ran:?}");
}

#[test]
fn completions_know_every_command() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let ran = run(&["completions", shell]);
        assert_eq!((ran.exit, ran.err.as_str()), (0, ""));
        for word in ["egress", "request-changes", "doctor", "completions", "sha256"] {
            assert!(ran.out.contains(word), "{shell}: {word}");
        }
    }
    assert_eq!(run(&["completions", "tcsh"]).exit, 2);
    // The shell whose script we can try without installing one.
    let script = run(&["completions", "bash"]).out;
    let mut bash = Command::new("bash").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let asks = "\nCOMP_WORDS=(exeat egress app); COMP_CWORD=2; _exeat exeat app egress; echo \"${COMPREPLY[@]}\"\n";
    bash.stdin.take().unwrap().write_all((script + asks).as_bytes()).unwrap();
    let out = bash.wait_with_output().unwrap();
    assert_eq!(String::from_utf8(out.stdout).unwrap().trim(), "approve");
}
