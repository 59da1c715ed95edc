//! Every command of the database has its class in `domain::replay::commands`, put there by hand; and whatever function can
//! change a count, a member or a policy writes an entry that the replay reads. A new command fails here until it has one.

use std::collections::{BTreeMap, BTreeSet};

use exeat::domain::replay::commands::{COUNTS, OTHERS};

/// What changes who may release what: the words of a statement, and another that has to stand in the same function.
const CHANGES: &[(&str, &str)] = &[
    ("insert into votes", ""),
    ("update votes", ""),
    ("delete from votes", ""),
    ("insert into cases", ""),
    ("update cases", ""),
    ("delete from cases", ""),
    ("insert into memberships", ""),
    ("update memberships", ""),
    ("delete from memberships", ""),
    ("insert into policies", ""),
    ("update policies", ""),
    ("delete from policies", ""),
    ("insert into logins", ""),
    ("update logins", ""),
    ("delete from logins", ""),
    ("insert into registrations", ""),
    ("delete from registrations", ""),
    ("insert into projects", ""),
    ("update projects", "shared_"),
    ("update projects", "opened_at ="),
    ("update projects", "closed_at ="),
    ("insert into project_changes", ""),
    ("update project_changes", ""),
    ("people", "removed_at ="),
    ("insert into file_versions", ""),
    ("update file_versions", "newest ="),
    ("update file_versions", "gone_at ="),
    ("insert into releases", ""),
    ("update releases", "set state ="),
];

/// Name and body of every function.
fn functions() -> BTreeMap<String, String> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/sql");
    let mut all: BTreeMap<String, String> = BTreeMap::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let sql = std::fs::read_to_string(file.unwrap().path()).unwrap();
        for part in
            sql.split("create or replace function exeat.").flat_map(|part| part.split("create function exeat.")).skip(1)
        {
            let name = part.split('(').next().unwrap().to_owned();
            let body = part.split("$$").nth(1).unwrap_or_default().replace("exeat.", "");
            all.entry(name).or_default().push_str(&body);
        }
    }
    all
}

/// The functions a body calls.
fn called<'a>(body: &str, all: &'a BTreeMap<String, String>) -> BTreeSet<&'a str> {
    let calls = |name: &str| {
        body.match_indices(&format!("{name}("))
            .any(|(at, _)| !body[..at].ends_with(|c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.'))
    };
    all.keys().map(String::as_str).filter(|name| calls(name)).collect()
}

/// A function and all it reaches.
fn reached<'a>(name: &'a str, all: &'a BTreeMap<String, String>) -> BTreeSet<&'a str> {
    let (mut found, mut next) = (BTreeSet::from([name]), vec![name]);
    while let Some(name) = next.pop() {
        for other in called(&all[name], all) {
            if found.insert(other) {
                next.push(other);
            }
        }
    }
    found
}

/// The commands a body journals.
fn journalled(body: &str) -> BTreeSet<String> {
    ["worker_journal('", "write_journal(null, '", "session_user::text, '"]
        .iter()
        .flat_map(|words| body.split(words).skip(1))
        .map(|rest| rest.split('\'').next().unwrap().to_owned())
        .collect()
}

fn between(text: &str, from: &str, to: &str) -> BTreeSet<String> {
    let list = text.split(from).nth(1).unwrap().split(to).next().unwrap();
    list.split('\'').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn every_command_has_its_class() {
    let all = functions();
    let list = all["command_list"].split('\'').nth(1).unwrap();
    let mut known: BTreeSet<String> = list
        .lines()
        .filter_map(|line| line.split(' ').next())
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect();
    assert!(known.len() > 30, "{known:?}");
    known.extend(all.values().flat_map(|body| journalled(body)));
    let classed: BTreeSet<String> = COUNTS.iter().chain(OTHERS).map(|name| (*name).to_owned()).collect();
    assert_eq!(classed.len(), COUNTS.len() + OTHERS.len(), "each once");
    assert_eq!(known, classed);
}

#[test]
fn whatever_changes_a_count_is_journalled_for_the_replay() {
    let all = functions();
    let access = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/assets/sql/90_access.sql")).unwrap();
    let workers = between(&access, "worker text[] := array[", "]");
    let ways = all.keys().filter(|name| {
        name.starts_with("do_") || workers.contains(*name) || ["bootstrap_admin", "migrated"].contains(&name.as_str())
    });
    let mut changing = 0;
    for way in ways {
        let reached = reached(way, &all);
        let changes = reached
            .iter()
            .any(|name| CHANGES.iter().any(|(words, also)| all[*name].contains(words) && all[*name].contains(also)));
        if !changes {
            continue;
        }
        changing += 1;
        let counts = match way.strip_prefix("do_") {
            Some(command) => COUNTS.contains(&command),
            None => {
                reached.iter().any(|name| journalled(&all[*name]).iter().any(|name| COUNTS.contains(&name.as_str())))
            }
        };
        assert!(counts, "exeat.{way} changes who may release what, and writes no entry that the replay reads");
    }
    assert!(changing >= 20, "{changing}: the words above no longer find the statements");
}
