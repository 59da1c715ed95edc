//! `make bench`: the budgets of the desk, measured through a pty on the real program, and the list and the vote beside
//! what PostgreSQL itself does. Prints figures; asserts nothing about time.
//!
//! `cargo bench --bench budgets -- [ROWS…]` (default 100000); needs PostgreSQL's server programs and pgbench.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    missing_docs,
    reason = "a measurement that cannot go on should say so and stop; its figures are for people"
)]

mod desk;
mod home;
mod lists;
mod votes;

fn main() {
    let rows: Vec<u64> = std::env::args().skip(1).filter_map(|word| word.replace('_', "").parse().ok()).collect();
    let rows = if rows.is_empty() { vec![100_000] } else { rows };
    let home = home::Home::up();
    println!("unreachable database");
    desk::unreachable(&home);
    let mut there = 0;
    for wanted in rows {
        home.fill(there, wanted);
        there = wanted;
        println!("\n{wanted} file versions");
        lists::measure(&home);
        desk::measure(&home);
    }
    println!("\nvotes");
    votes::measure(&home);
}

/// The value below which `part` (0 to 1) of the sorted samples lie.
fn percentile(samples: &mut [f64], part: f64) -> f64 {
    samples.sort_by(f64::total_cmp);
    let last = samples.len().saturating_sub(1);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an index into a short list")]
    let at = (last as f64 * part).round() as usize;
    samples[at.min(last)]
}
