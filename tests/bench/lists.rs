//! The lists as the desk asks for them, timed inside PostgreSQL as the people they are for.

use crate::home::Home;
use crate::{figure, percentile};

/// Of a million file versions, as a checker.
pub const FILES: &[(&str, &str)] = &[
    ("first view: mine, longest waiting", "list_egress('{\"mine\": true}', 'waits', true, null, 100)"),
    ("count of mine", "count_egress('{\"mine\": true}')"),
    ("mine, by size", "list_egress('{\"mine\": true}', 'size', true, null, 100)"),
    ("everything, newest first", "list_egress('{}', 'submitted_at', true, null, 100)"),
    ("its other end", "list_egress('{}', 'submitted_at', false, null, 100)"),
    ("by size", "list_egress('{}', 'size', true, null, 100)"),
    ("by name", "list_egress('{}', 'key', false, null, 100)"),
    ("by state", "list_egress('{}', 'state', false, null, 100)"),
    ("state:pending", "list_egress('{\"state\": [\"pending\"]}', 'submitted_at', true, null, 100)"),
    ("a rare word", "list_egress('{\"words\": [\"table_4710\"]}', 'submitted_at', true, null, 100)"),
    ("a common word", "list_egress('{\"words\": [\"readmission\"]}', 'submitted_at', true, null, 100)"),
    ("count of everything, capped", "count_egress('{}')"),
];

/// Of access requests and grants, as a steward.
pub const ACCESS: &[(&str, &str)] = &[
    ("requests: what needs me", "list_requests('{\"mine\": true}', 'waits', false, null, 100)"),
    ("requests: everything, newest first", "list_requests('{}', 'created', true, null, 100)"),
    ("requests: by dataset", "list_requests('{}', 'dataset', false, null, 100)"),
    ("requests: a rare word", "list_requests('{\"words\": [\"paper 4711\"]}', 'created', true, null, 100)"),
    ("requests: count of everything", "count_requests('{}')"),
    ("grants: newest first", "list_grants('{}', 'created', true, null, 100)"),
    ("grants: active, first to end", "list_grants('{\"state\": [\"active\"]}', 'ends', false, null, 100)"),
    ("grants: count of active", "count_grants('{\"state\": [\"active\"]}')"),
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

/// Prints how PostgreSQL finds the first page of what needs checker1: the plan of the statement that `list_egress` makes.
pub fn explain(home: &Home) {
    let sql = "load 'auto_explain';
        set auto_explain.log_min_duration = 0; set auto_explain.log_nested_statements = on; set auto_explain.log_analyze = on;
        set auto_explain.log_timing = off; set client_min_messages = log; set session authorization checker1;
        select count(*) from exeat.list_egress('{\"mine\": true}', 'waits', true, null, 100);";
    let (_, told) = home.psql_told("exeat_admin", sql);
    let made = told.split("LOG:  duration").find(|plan| plan.contains("array_agg(y.id")).unwrap();
    println!("  how the first page of what needs checker1 is found:");
    made.lines()
        .skip_while(|line| !line.starts_with("Aggregate"))
        .take_while(|line| line.starts_with("Aggregate") || line.starts_with(' '))
        .for_each(|line| println!("    {line}"));
}
