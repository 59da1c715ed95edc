//! The lists as the desk asks for them, timed inside PostgreSQL as the people they are for.

use crate::home::Home;
use crate::{figure, percentile};

/// Of a million file versions, as a checker.
pub const FILES: &[(&str, &str)] = &[
    (
        "first view: mine, longest waiting",
        "read('egress', 'page', '{\"filter\": {\"mine\": true}, \"sort\": \"waits\", \"descending\": true}')",
    ),
    ("count of mine", "read('egress', 'count', '{\"filter\": {\"mine\": true}}')"),
    (
        "mine, by size",
        "read('egress', 'page', '{\"filter\": {\"mine\": true}, \"sort\": \"size\", \"descending\": true}')",
    ),
    (
        "everything, newest first",
        "read('egress', 'page', '{\"filter\": {}, \"sort\": \"submitted_at\", \"descending\": true}')",
    ),
    ("its other end", "read('egress', 'page', '{\"filter\": {}, \"sort\": \"submitted_at\", \"descending\": false}')"),
    ("by size", "read('egress', 'page', '{\"filter\": {}, \"sort\": \"size\", \"descending\": true}')"),
    ("by name", "read('egress', 'page', '{\"filter\": {}, \"sort\": \"key\", \"descending\": false}')"),
    ("by state", "read('egress', 'page', '{\"filter\": {}, \"sort\": \"state\", \"descending\": false}')"),
    (
        "state:pending",
        "read('egress', 'page', '{\"filter\": {\"state\": [\"pending\"]}, \"sort\": \"submitted_at\", \"descending\": true}')",
    ),
    (
        "a rare word",
        "read('egress', 'page', '{\"filter\": {\"words\": [\"table_4710\"]}, \"sort\": \"submitted_at\", \"descending\": true}')",
    ),
    (
        "a common word",
        "read('egress', 'page', '{\"filter\": {\"words\": [\"readmission\"]}, \"sort\": \"submitted_at\", \"descending\": true}')",
    ),
    ("count of everything, capped", "read('egress', 'count', '{\"filter\": {}}')"),
];

/// Of access requests and grants, as a steward.
pub const ACCESS: &[(&str, &str)] = &[
    (
        "requests: what needs me",
        "read('request', 'page', '{\"filter\": {\"mine\": true}, \"sort\": \"waits\", \"descending\": false}')",
    ),
    (
        "requests: everything, newest first",
        "read('request', 'page', '{\"filter\": {}, \"sort\": \"created\", \"descending\": true}')",
    ),
    (
        "requests: by dataset",
        "read('request', 'page', '{\"filter\": {}, \"sort\": \"dataset\", \"descending\": false}')",
    ),
    (
        "requests: a rare word",
        "read('request', 'page', '{\"filter\": {\"words\": [\"paper 4711\"]}, \"sort\": \"created\", \"descending\": true}')",
    ),
    ("requests: count of everything", "read('request', 'count', '{\"filter\": {}}')"),
    ("grants: newest first", "read('grant', 'page', '{\"filter\": {}, \"sort\": \"created\", \"descending\": true}')"),
    (
        "grants: active, first to end",
        "read('grant', 'page', '{\"filter\": {\"state\": [\"active\"]}, \"sort\": \"ends\", \"descending\": false}')",
    ),
    ("grants: count of active", "read('grant', 'count', '{\"filter\": {\"state\": [\"active\"]}}')"),
];

/// Of permits, as who manages all of them and as who is on the teams of all.
pub const PERMITS: &[(&str, &str)] = &[
    (
        "permits: what needs me",
        "read('permit', 'page', '{\"filter\": {\"mine\": true}, \"sort\": \"waits\", \"descending\": false}')",
    ),
    (
        "permits: everything, longest waiting",
        "read('permit', 'page', '{\"filter\": {}, \"sort\": \"waits\", \"descending\": false}')",
    ),
    (
        "permits: everything, newest first",
        "read('permit', 'page', '{\"filter\": {}, \"sort\": \"created\", \"descending\": true}')",
    ),
    ("permits: by title", "read('permit', 'page', '{\"filter\": {}, \"sort\": \"title\", \"descending\": false}')"),
    (
        "permits: a rare word",
        "read('permit', 'page', '{\"filter\": {\"words\": [\"paper 4711\"]}, \"sort\": \"created\", \"descending\": true}')",
    ),
    ("permits: count of what needs me", "read('permit', 'count', '{\"filter\": {\"mine\": true}}')"),
    ("permits: count of everything", "read('permit', 'count', '{\"filter\": {}}')"),
];

/// Prints the median of seven, all on one connection as the desk's are, after a first one.
pub fn measure(home: &Home, login: &str, lists: &[(&str, &str)]) {
    for (name, call) in lists {
        let asked =
            format!("explain (analyze, costs off, timing off, summary on) select * from exeat.{call};\n").repeat(8);
        let mut samples: Vec<f64> = home
            .psql(login, &asked)
            .lines()
            .filter_map(|line| line.strip_prefix("Execution Time: ")?.strip_suffix(" ms")?.parse().ok())
            .collect();
        assert_eq!(samples.len(), 8, "{name}");
        let first = samples.remove(0);
        let (fastest, slowest) = (percentile(&mut samples, 0.0), percentile(&mut samples, 1.0));
        let median = percentile(&mut samples, 0.5);
        let value = format!(
            "{median:.1} ms median of 7 ({fastest:.1} to {slowest:.1}); {first:.1} ms the first on a connection"
        );
        figure(name, &value, "-");
    }
}

/// Prints how PostgreSQL finds the first page of what needs checker1: the plan of the statement that the page is found with.
pub fn explain(home: &Home) {
    let sql = "load 'auto_explain';
        set auto_explain.log_min_duration = 0; set auto_explain.log_nested_statements = on; set auto_explain.log_analyze = on;
        set auto_explain.log_timing = off; set client_min_messages = log; set session authorization checker1;
        select count(*) from exeat.read('egress', 'page', '{\"filter\": {\"mine\": true}, \"sort\": \"waits\", \"descending\": true}');";
    let (_, told) = home.psql_told("exeat_admin", sql);
    let made = told.split("LOG:  duration").find(|plan| plan.contains("array_agg(y.id")).unwrap();
    println!("  how the first page of what needs checker1 is found:");
    made.lines()
        .skip_while(|line| !line.starts_with("Aggregate"))
        .take_while(|line| line.starts_with("Aggregate") || line.starts_with(' '))
        .for_each(|line| println!("    {line}"));
}
