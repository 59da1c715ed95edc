//! The house keeps to its own plan: who may use whom (the table in `src/lib.rs`), a comment on every module, no file with
//! two jobs, and nothing of the outside world in the pure rooms.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The service layer and everything it stands on.
const BELOW: [&str; 7] = ["service", "db", "objects", "inspect", "config", "domain", "text"];

/// What a room may use besides itself; none for rooms that may use everything.
fn may_use(room: &str) -> Option<Vec<&'static str>> {
    Some(match room {
        "text" => vec![],
        "domain" => vec!["text"],
        "inspect" | "config" => vec!["domain", "text"],
        "db" | "objects" => vec!["config", "domain", "text"],
        "service" | "worker" | "serve" => BELOW.to_vec(),
        "local" => [&["worker"], &BELOW[..]].concat(),
        "tui::app" => vec!["inspect", "domain", "text"],
        "tui::tabs" | "tui::ui" => vec!["tui::app", "inspect", "domain", "text"],
        "tui::runtime" | "tui" => [&["tui::app", "tui::tabs", "tui::ui", "tui::runtime"], &BELOW[..]].concat(),
        "main" => vec!["cli"],
        "cli" | "lib" => return None,
        other => panic!("src/{other} is not in the table of rooms: add it to src/lib.rs and here"),
    })
}

/// Names that mean the outside world: other processes, the network, the screen, the clock.
const OUTSIDE: [&str; 17] = [
    "tokio",
    "sqlx",
    "aws_sdk_s3",
    "aws_config",
    "hyper_rustls",
    "reqwest",
    "hyper",
    "ratatui",
    "crossterm",
    "s3s",
    "nix",
    "std::fs",
    "std::net",
    "std::process",
    "Utc::now",
    "Instant::now",
    "SystemTime::now",
];

/// Rooms in which none of those may be named.
const PURE: [&str; 4] = ["text", "domain", "inspect", "tui::app"];

pub(super) struct Source {
    /// Such as `src/tui/app/model.rs`.
    pub(super) name: String,
    /// Such as `["tui", "app", "model"]`.
    pub(super) module: Vec<String>,
    pub(super) text: String,
    /// The text without comments, strings and character literals.
    code: String,
}

impl Source {
    pub(super) fn room(&self) -> String {
        room_of(&self.module)
    }
}

fn room_of(module: &[String]) -> String {
    match module {
        [tui, room, ..] if tui == "tui" && matches!(room.as_str(), "app" | "tabs" | "ui" | "runtime") => {
            format!("tui::{room}")
        }
        [room, ..] => room.clone(),
        [] => "lib".to_owned(),
    }
}

pub(super) fn sources() -> Vec<Source> {
    below("src")
}

/// The Rust files below a folder of the repository.
fn below(folder: &str) -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (mut folders, mut files) = (vec![root.join(folder)], Vec::<PathBuf>::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    files.sort();
    files.into_iter().map(|path| source(root, &path)).collect()
}

fn source(root: &Path, path: &Path) -> Source {
    let text = fs::read_to_string(path).unwrap();
    let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
    let mut module: Vec<String> =
        name.trim_start_matches("src/").trim_end_matches(".rs").split('/').map(str::to_owned).collect();
    if matches!(module.last().map(String::as_str), Some("mod" | "lib")) {
        module.pop();
    }
    Source { name, module, code: code(&text), text }
}

/// The text with comments, strings and character literals blanked: they may name anything.
fn code(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let (mut out, mut at) = (String::new(), 0);
    let starts = |at: usize, what: &str| what.chars().enumerate().all(|(n, c)| chars.get(at + n) == Some(&c));
    while at < chars.len() {
        let raw_hashes = (chars[at] == 'r').then(|| chars[at + 1..].iter().take_while(|c| **c == '#').count());
        if starts(at, "//") {
            while at < chars.len() && chars[at] != '\n' {
                at += 1;
            }
        } else if let Some(hashes) = raw_hashes.filter(|n| chars.get(at + 1 + n) == Some(&'"')) {
            at += hashes + 2;
            let end = format!("\"{}", "#".repeat(hashes));
            while at < chars.len() && !starts(at, &end) {
                at += 1;
            }
            at += end.len();
        } else if chars[at] == '"' {
            at += 1;
            while at < chars.len() && chars[at] != '"' {
                at += if chars[at] == '\\' { 2 } else { 1 };
            }
            at += 1;
        } else if chars[at] == '\'' && (chars.get(at + 1) == Some(&'\\') || chars.get(at + 2) == Some(&'\'')) {
            at += 2;
            while at < chars.len() && chars[at] != '\'' {
                at += 1;
            }
            at += 1;
        } else {
            out.push(chars[at]);
            at += 1;
        }
    }
    out
}

/// Every path of ours that the code names, from the crate's root.
pub(super) fn used(source: &Source) -> BTreeSet<Vec<String>> {
    let mut all = BTreeSet::new();
    let ident = |c: char| c.is_alphanumeric() || c == '_';
    for (at, word) in source.code.match_indices("crate::").chain(source.code.match_indices("super::")) {
        let before = &source.code[..at];
        // `super::super::` is read from its first word; `pub(crate)` and macros' `$crate` are no paths of ours.
        if before.ends_with(|c| ident(c) || c == '$' || c == ':') {
            continue;
        }
        let mut rest = &source.code[at..];
        let mut base = source.module.clone();
        if word == "crate::" {
            base.clear();
            rest = &rest[word.len()..];
        }
        while let Some(next) = rest.strip_prefix("super::") {
            base.pop();
            rest = next;
        }
        for tail in heads(rest) {
            all.insert([base.clone(), tail].concat());
        }
    }
    all
}

/// The first two names of a path, or of each path in braces: `a::b::C` or `{a::b::C, d}`.
fn heads(rest: &str) -> Vec<Vec<String>> {
    let names = |path: &str| -> Vec<String> {
        path.split("::")
            .map(|name| name.trim().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>())
            .take_while(|name| !name.is_empty())
            .take(2)
            .collect()
    };
    let Some(list) = rest.strip_prefix('{') else {
        // A brace deeper in: `tui::{app, ui}`.
        if let Some((head, inner)) = rest.split_once("::{")
            && head.chars().all(|c| c.is_alphanumeric() || c == '_')
        {
            return heads(&format!("{{{inner}"))
                .into_iter()
                .map(|tail| [vec![head.to_owned()], tail].concat())
                .collect();
        }
        return vec![names(rest)];
    };
    let (mut depth, mut part, mut parts) = (0, String::new(), Vec::new());
    for c in list.chars() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(std::mem::take(&mut part));
                continue;
            }
            _ => {}
        }
        part.push(c);
    }
    parts.push(part);
    parts.iter().map(|part| part.trim()).filter(|part| !part.is_empty()).flat_map(heads).collect()
}

pub(super) fn complain(faults: &[String]) {
    assert!(faults.is_empty(), "\n  {}\n", faults.join("\n  "));
}

#[test]
fn every_room_uses_only_the_rooms_below_it() {
    let all = sources();
    let rooms: BTreeSet<String> = all.iter().map(Source::room).collect();
    assert!(rooms.contains("domain") && rooms.contains("text"), "the sources were not found");
    let mut faults = Vec::new();
    for source in &all {
        let room = source.room();
        let Some(allowed) = may_use(&room) else { continue };
        for path in used(source) {
            let other = room_of(&path);
            // What is no room is a name of the module itself, such as a type.
            if rooms.contains(&other) && other != room && other != "lib" && !allowed.contains(&other.as_str()) {
                faults.push(format!("{} uses {}: {room} may use {allowed:?}", source.name, path.join("::")));
            }
        }
    }
    complain(&faults);
}

#[test]
fn the_pure_rooms_name_nothing_of_the_outside() {
    let word = |c: char| c.is_alphanumeric() || c == '_';
    let mut faults = Vec::new();
    for source in sources().iter().filter(|source| PURE.contains(&source.room().as_str())) {
        for name in OUTSIDE {
            let named = source
                .code
                .match_indices(name)
                .any(|(at, _)| !source.code[..at].ends_with(word) && !source.code[at + name.len()..].starts_with(word));
            if named {
                faults.push(format!("{} names {name}", source.name));
            }
        }
    }
    complain(&faults);
}

fn too_long(name: &str, text: &str, faults: &mut Vec<String>) {
    let lines = text.lines().count();
    if lines > 400 {
        faults.push(format!("{name} has {lines} lines; 400 at the most"));
    }
}

#[test]
fn every_module_says_what_it_is_for_and_has_one_job() {
    let mut faults = Vec::new();
    for source in sources() {
        let comment: String = source.text.lines().take_while(|line| line.starts_with("//!")).collect();
        if comment.len() < 20 {
            faults.push(format!("{} does not begin with a comment that says what it is for", source.name));
        }
        too_long(&source.name, &source.text, &mut faults);
    }
    complain(&faults);
}

#[test]
fn tests_say_what_they_are_for_and_are_no_longer_than_sources() {
    let mut faults = Vec::new();
    for source in below("tests") {
        if !source.text.starts_with("//!") {
            faults.push(format!("{} does not begin with a comment that says what it is for", source.name));
        }
        too_long(&source.name, &source.text, &mut faults);
    }
    complain(&faults);
}

#[test]
fn sql_is_no_longer_than_sources_and_its_lines_are_read_without_scrolling() {
    let mut faults = Vec::new();
    for entry in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/assets/sql")).unwrap() {
        let path = entry.unwrap().path();
        let (text, name) = (std::fs::read_to_string(&path).unwrap(), path.file_name().unwrap().to_string_lossy());
        too_long(&name, &text, &mut faults);
        for (n, line) in text.lines().enumerate().filter(|(_, line)| line.chars().count() > 160) {
            faults.push(format!("{name}:{} has {} characters; 160 at the most", n + 1, line.chars().count()));
        }
    }
    complain(&faults);
}

/// What the desk is made of inside, which its tests do not name: they would hold its walls where they are.
const INSIDE: [&str; 14] = [
    "Layer::",
    "Cmd::",
    "Opens::",
    "Spec::",
    "Writing::",
    "app::Cmd",
    "app::Model",
    "app::layers",
    "app::dialog",
    "app::spec",
    "app::draft",
    "app::row",
    "app::tab_state",
    ".model.",
];

#[test]
fn tests_of_the_desk_speak_of_keys_and_screens() {
    let tests = below("tests/desk");
    let harness = |source: &&Source| source.name.starts_with("tests/desk/harness/");
    let names = |source: &Source| INSIDE.into_iter().filter(|name| source.code.contains(name)).collect::<Vec<_>>();
    assert!(tests.iter().filter(harness).any(|source| !names(source).is_empty()), "the harness was not found");
    let others = tests.iter().filter(|source| !harness(source));
    let faults: Vec<_> = others
        .flat_map(|source| names(source).into_iter().map(|name| format!("{} names {name}", source.name)))
        .map(|fault| format!("{fault}: say it by keys, the screen and commands, or in tests/desk/harness"))
        .collect();
    complain(&faults);
}

#[test]
fn the_table_in_the_crate_comment_names_every_room() {
    let all = sources();
    let lib = all.iter().find(|source| source.name == "src/lib.rs").unwrap();
    let faults: Vec<_> = all
        .iter()
        .filter_map(|source| source.module.first())
        .filter(|room| *room != "main")
        .collect::<BTreeSet<_>>()
        .into_iter()
        .filter(|room| !lib.text.contains(&format!("//! | [`{room}`] |")))
        .map(|room| format!("src/lib.rs does not say what {room} is for"))
        .collect();
    complain(&faults);
}

#[test]
fn the_reader_of_use_lines_sees_through_braces_comments_and_strings() {
    let text = r##"
        use crate::{domain::egress::{A, B}, text::shown, tui::{app, ui}};
        use super::super::runtime::Task; // use crate::db::Db;
        fn f() -> crate::config::Config { g("crate::worker::run", r#"crate::local"#, '"', crate::service::Service::new) }
        pub(crate) struct X;
    "##;
    let source = Source {
        name: String::new(),
        module: ["tui", "app", "model"].map(str::to_owned).to_vec(),
        code: code(text),
        text: text.to_owned(),
    };
    let paths: Vec<String> = used(&source).iter().map(|path| path.join("::")).collect();
    assert_eq!(
        paths,
        [
            "config::Config",
            "domain::egress",
            "service::Service",
            "text::shown",
            "tui::app",
            "tui::runtime::Task",
            "tui::ui"
        ]
    );
}
