//! `make bench`: the budgets of the desk, measured through a terminal on the real program, beside what `less` does with the
//! same rows and PostgreSQL with the same statements. Prints figures; asserts nothing about time.
//!
//! `cargo bench --bench budgets -- [ROWS…]` (default 100000), or `-- flood` for one person
//! against all alone, `-- permits` for their tab alone; needs PostgreSQL's server programs, pgbench and less.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    missing_docs,
    reason = "a measurement that cannot go on should say so and stop; its figures are for people"
)]

mod desk;
mod flood;
mod home;
mod less;
mod lists;
mod odd;
mod terminal;
mod votes;

/// Access requests behind the two tabs of access.
const REQUESTS: u64 = 100_000;
/// Permits behind their tab: what is flat costs the same with ten times as many.
const PERMITS: [u64; 2] = [10_000, 100_000];

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let rows: Vec<u64> = words.iter().filter_map(|word| word.replace('_', "").parse().ok()).collect();
    load();
    if words.iter().any(|word| word == "permits") {
        return permits(&home::Home::up());
    }
    if !words.iter().any(|word| word == "flood") {
        desk_and_lists(if rows.is_empty() { vec![100_000] } else { rows });
    }
    println!("\none person against all");
    let within = flood::measure();
    load();
    assert!(within, "one person can hold the others up for longer than is allowed: see the lines above");
}

/// What one person has before them, with so many file versions.
fn desk_and_lists(rows: Vec<u64>) {
    let home = home::Home::up();
    println!("unreachable database");
    desk::unreachable(&home);
    let mut there = 0;
    for wanted in rows {
        home.fill(there, wanted, 200);
        there = wanted;
        println!("\n{wanted} file versions: the lists in PostgreSQL");
        lists::measure(&home, "checker1", lists::FILES);
        lists::explain(&home);
        println!("\n{wanted} file versions: the desk");
        let held = desk::measure(&home);
        less::measure(&home, held);
    }
    home.fill_access(REQUESTS);
    println!("\n{REQUESTS} access requests");
    lists::measure(&home, "steward1", lists::ACCESS);
    desk::measure_access(&home);
    permits(&home);
    home.fill(there, there + votes::ROWS, 1);
    println!("\nvotes");
    votes::measure(&home);
    println!("\ntables made to be slow to scan");
    odd::measure();
}

/// The tab of permits, as who manages all of them and as who is on the teams of all.
fn permits(home: &home::Home) {
    let mut there = 0;
    for wanted in PERMITS {
        home.fill_permits(there, wanted);
        there = wanted;
        for login in ["manager1", "researcher1"] {
            println!("\n{wanted} permits, as {login}");
            lists::measure(home, login, lists::PERMITS);
            desk::measure_permits(home, login);
        }
    }
}

/// What else the machine does: figures of a busy one are of the others too.
fn load() {
    let load = std::fs::read_to_string("/proc/loadavg").unwrap();
    let processors = std::thread::available_parallelism().unwrap();
    println!("{processors} processors, load {}", load.split(' ').take(3).collect::<Vec<_>>().join(" "));
}

/// A line: what, how much, and what is allowed.
fn figure(name: &str, value: &str, budget: &str) {
    let budget = if budget == "-" { String::new() } else { format!(" (budget {budget})") };
    println!("  {name:<36} {value}{budget}");
}

/// The value below which `part` (0 to 1) of the sorted samples lie.
fn percentile(samples: &mut [f64], part: f64) -> f64 {
    samples.sort_by(f64::total_cmp);
    let last = samples.len().saturating_sub(1);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an index into a short list")]
    let at = (last as f64 * part).round() as usize;
    samples[at.min(last)]
}
