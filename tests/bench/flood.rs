//! One person against all: the time of another person's vote while somebody floods the database, beside its quiet time. Quiet
//! and flood by turns, so that what else the machine does falls on both; fifty desks are open all the while. A flood has six
//! sessions, of the eight a person may have.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::home::Home;
use crate::{figure, percentile, votes};

/// A vote sent until it is through, as a person's program does: on one of 200 files, 23 of which a flood may hold.
const VOTE: &str = r"\set n random(1, 200)
select id, replace(sha, '''', '') as sha from public.bench_votes where n = :n \gset
do $$ begin loop exit when (exeat.cast_vote(gen_random_uuid(), :id, 'trusted', 'approve', ':sha', 'bench')).ok; end loop; end $$;
";
/// A desk that is open: it listens, and reads what changed about once a second.
const DESK: &str = r"\set pause random(500, 1500)
listen exeat;
select count(*) from exeat.changes_since(exeat.last_change());
\sleep :pause ms
";
/// Who floods, with what.
const FLOODS: &[(&str, &str, &str)] = &[
    ("refreshes", "checker2", "select (exeat.ask_refresh(gen_random_uuid(), 'heart')).ok;"),
    (
        "tickets",
        "checker2",
        "\\set n random(1, 200)\nselect (exeat.ask_ticket(gen_random_uuid(), (select id from public.bench_votes where n = :n), 'preview')).ok;",
    ),
    (
        "registrations",
        "researcher1",
        "select (exeat.register_submission(gen_random_uuid(), 'heart', 'trusted', 'bench', (select jsonb_agg(jsonb_build_object('key', 'flood/' || gen_random_uuid(),
            'sha256', repeat('0', 64), 'size', 1)) from generate_series(1, 100)))).ok;",
    ),
    ("refusals", "researcher1", "select (exeat.cast_vote(gen_random_uuid(), 1, 'trusted', 'approve', 'no', 'bench')).ok;"),
    ("notifications", "checker2", "select pg_notify('exeat', '1'), pg_notify('mine', repeat('x', 7000));"),
    (
        "long transactions",
        "checker2",
        "begin;\nselect count((exeat.claim(gen_random_uuid(), id)).ok) from public.bench_votes where n <= 23;\n\\sleep 20 s\ncommit;",
    ),
    ("slow searches", "checker2", "select * from exeat.read('egress', 'count', '{\"filter\": {\"words\": [\"a\", \"e\", \"r\"]}}');"),
];
/// Votes of one turn, and turns of each kind.
const EACH: u32 = 100;
const TURNS: usize = 5;

/// Prints a line for each kind. The rows of the votes' figures are there.
pub fn measure(home: &Home) {
    home.psql("exeat_admin", "alter role checker2 connection limit 8; alter role researcher1 connection limit 8; alter role steward1 connection limit -1;");
    let (mut alone, _) = turn(home);
    let _desks = Running(spawn(home, "steward1", "desks", DESK, 50));
    std::thread::sleep(Duration::from_secs(2));
    let (mut open, _) = turn(home);
    let (alone, open) = (percentile(&mut alone, 0.5), percentile(&mut open, 0.5));
    figure("a vote, and with fifty desks open", &format!("{alone:.2} ms; {open:.2} ms"), "-");
    // What the worker does twice a second.
    let watch = "select set_config('client_min_messages', 'error', false);\n\\sleep 500 ms\nselect count(*) from exeat.end_blocking_sessions();";
    let _ends = Running(spawn(home, "exeat_admin", "ends", watch, 1));
    for (name, login, script) in FLOODS {
        let (mut quiet, mut flood, mut slowest) = (Vec::new(), Vec::new(), 0.0_f64);
        for _ in 0..TURNS {
            quiet.append(&mut turn(home).0);
            let flooding = Running(spawn(home, login, name, script, 6));
            std::thread::sleep(Duration::from_millis(700));
            let (mut times, most) = turn(home);
            flood.append(&mut times);
            slowest = slowest.max(most);
            drop(flooding);
        }
        let (quiet, flood) = (percentile(&mut quiet, 0.5), percentile(&mut flood, 0.5));
        let value = format!("{flood:.2} ms beside {quiet:.2}; ratio {:.2}; slowest {slowest:.0} ms", flood / quiet);
        figure(&format!("a vote while one floods: {name}"), &value, "ratio 3");
    }
}

/// A pgbench that is ended with its owner, and the sessions it has.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

fn spawn(home: &Home, role: &str, name: &str, script: &str, clients: u32) -> Child {
    let path = home.file(&format!("{}.pgbench", name.replace(' ', "-")));
    std::fs::write(&path, script).unwrap();
    let mut command = Command::new(votes::pgbench());
    command.args(["-n", "-T", "3600", "-j", "1", "-c", &clients.to_string(), "-U", role, "-h"]).arg(home.socket());
    command.arg("-f").arg(&path).arg("exeat").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().unwrap()
}

/// The times of some votes of checker1, in milliseconds; and the longest.
fn turn(home: &Home) -> (Vec<f64>, f64) {
    let (path, prefix) = (home.file("vote.pgbench"), home.file("votes.log"));
    std::fs::write(&path, VOTE).unwrap();
    let out = Command::new(votes::pgbench())
        .args(["-n", "-t", &EACH.to_string(), "-c", "1", "-U", "checker1", "-l", "--log-prefix"])
        .arg(&prefix)
        .arg("-h")
        .arg(home.socket())
        .arg("-f")
        .arg(&path)
        .arg("exeat")
        .output()
        .unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let mut times = Vec::new();
    for entry in std::fs::read_dir(prefix.parent().unwrap()).unwrap().flatten() {
        if entry.file_name().to_string_lossy().starts_with("votes.log") {
            let log = std::fs::read_to_string(entry.path()).unwrap();
            // client, transaction, microseconds, …
            times.extend(
                log.lines().filter_map(|line| line.split(' ').nth(2)?.parse::<f64>().ok()).map(|time| time / 1e3),
            );
            std::fs::remove_file(entry.path()).unwrap();
        }
    }
    assert_eq!(times.len(), EACH as usize);
    let longest = times.iter().copied().fold(0.0, f64::max);
    (times, longest)
}
