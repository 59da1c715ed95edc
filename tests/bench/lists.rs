//! The list as the desk asks for it, timed inside PostgreSQL as a checker.

use std::time::Instant;

use crate::{home::Home, percentile};

const PAGES: [(&str, &str); 5] = [
    ("first page, newest first", "select count(*) from exeat.list_egress('{}', 'submitted_at', true, null, 100)"),
    (
        "mine, longest waiting first",
        "select count(*) from exeat.list_egress('{\"mine\": true}', 'waits', true, null, 100)",
    ),
    (
        "state:pending",
        "select count(*) from exeat.list_egress('{\"state\": [\"pending\"]}', 'submitted_at', true, null, 100)",
    ),
    (
        "a rare word",
        "select count(*) from exeat.list_egress('{\"words\": [\"table_4711.csv\"]}', 'submitted_at', true, null, 100)",
    ),
    ("count, capped", "select * from exeat.count_egress('{}')"),
];

/// Prints the median of each list over one connection a question, the connection's own cost taken off.
pub fn measure(home: &Home) {
    let empty = median(home, "select 1");
    for (name, sql) in PAGES {
        println!(
            "  {name:<28}{:>8.1} ms (psql and connection {empty:.1} ms taken off)",
            (median(home, sql) - empty).max(0.0)
        );
    }
    println!(
        "{}",
        home.psql("checker1", &format!("explain (analyze, costs off, timing off, summary on) {}", PAGES[0].1))
            .trim_end()
    );
}

fn median(home: &Home, sql: &str) -> f64 {
    let mut samples: Vec<f64> = (0..7)
        .map(|_| {
            let at = Instant::now();
            home.psql("checker1", sql);
            at.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    percentile(&mut samples, 0.5)
}
