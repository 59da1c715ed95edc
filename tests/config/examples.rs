//! The examples: every setting in them is one, every setting there is is in them, and both load.

use std::path::Path;

use exeat::config::{Config, ServeConfig, WorkerConfig, examples};
use toml::{Table, Value};

/// The example with every line that looks like a setting or a section uncommented.
fn uncommented(example: &str) -> String {
    let setting = |line: &str| {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        let word = |name: &str| name.starts_with('"') && name.ends_with('"') || name.chars().all(plain);
        line.starts_with('[') || line.split_once(" = ").is_some_and(|(name, _)| word(name))
    };
    let lines = example.lines().map(|line| line.strip_prefix("# ").filter(|rest| setting(rest)).unwrap_or(line));
    lines.collect::<Vec<_>>().join("\n") + "\n"
}

/// Whether a text loads.
type Loads = fn(&str) -> Result<(), String>;

fn desk(text: &str) -> Result<(), String> {
    Config::parse(text, Path::new("x")).map(|_| ()).map_err(|error| error.to_string())
}

fn worker(text: &str) -> Result<(), String> {
    WorkerConfig::parse(text, Path::new("x")).map(|_| ()).map_err(|error| error.to_string())
}

fn serve(text: &str) -> Result<(), String> {
    ServeConfig::parse(text, Path::new("x")).map(|_| ()).map_err(|error| error.to_string())
}

#[test]
fn every_setting_of_the_examples_uncommented_loads() {
    for (example, loads) in [(examples::DESK, desk as Loads), (examples::WORKER, worker), (examples::SERVE, serve)] {
        loads(example).unwrap();
        loads(&uncommented(example)).unwrap();
    }
    let all = Config::parse(&uncommented(examples::DESK), Path::new("x")).unwrap();
    assert!(all.local.is_some() && all.database.keyring && all.desk.mouse && !all.desk.reasons.is_empty());
    let all = WorkerConfig::parse(&uncommented(examples::WORKER), Path::new("x")).unwrap();
    assert!(all.worker.s3.secret_access_key.is_some() && all.worker.heads.is_some());
}

/// The types themselves are asked: a table takes no setting it does not know, and the refusal lists those it does.
fn settings_of(all: &Table, path: &[&str], loads: Loads) -> Option<Vec<String>> {
    let mut tried = all.clone();
    let mut table = &mut tried;
    for name in path {
        table = table.get_mut(*name)?.as_table_mut()?;
    }
    // Nothing is near to it, so that all are listed.
    table.insert("qqqqqqqqqqqqqqqqqqqqqqqq".into(), Value::Integer(1));
    let error = loads(&tried.to_string()).err()?;
    let listed = error.split_once("there are ")?.1.split_once('.')?.0;
    Some(listed.split(", ").map(str::to_owned).collect())
}

fn walk(all: &Table, path: &[&str], loads: Loads, seen: &mut usize) {
    let table = path.iter().try_fold(all, |table, name| table.get(*name)?.as_table()).unwrap();
    // A table that takes any name, such as the reasons by command, has no settings of its own.
    let Some(settings) = settings_of(all, path, loads) else { return };
    for setting in &settings {
        assert!(table.contains_key(setting), "{setting} of {path:?} is not in the example");
        *seen += 1;
        if table[setting].is_table() {
            walk(all, &[path, &[setting]].concat(), loads, seen);
        }
    }
}

#[test]
fn every_setting_there_is_is_in_the_examples() {
    for (example, loads, least) in
        [(examples::DESK, desk as Loads, 26), (examples::WORKER, worker, 27), (examples::SERVE, serve, 20)]
    {
        let mut seen = 0;
        walk(&uncommented(example).parse().unwrap(), &[], loads, &mut seen);
        assert!(seen >= least, "only {seen} settings were looked at");
    }
}

#[test]
fn the_defaults_the_workers_example_names_are_the_defaults() {
    let least = "[worker]\nsigning_key = \"/etc/exeat/signing.key\"\n[worker.s3]\nstaging = \"s3://staging/\"\n";
    let (least, example) =
        (WorkerConfig::parse(least, Path::new("x")), WorkerConfig::parse(examples::WORKER, Path::new("x")));
    assert_eq!(least.unwrap(), example.unwrap());
}

#[test]
fn the_defaults_the_servers_example_names_are_the_defaults() {
    let (least, example) =
        (ServeConfig::parse("", Path::new("x")), ServeConfig::parse(examples::SERVE, Path::new("x")));
    assert_eq!(least.unwrap(), example.unwrap());
}
