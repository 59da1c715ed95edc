//! One person against all: the time of another person's vote while somebody floods the desk, beside its quiet time. Quiet
//! and flood by turns, so that what else the machine does falls on both; the worker works and fifty desks are open all the
//! while. A flood has all the sessions a person may have.

use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::home::Home;
use crate::{figure, percentile, votes};

/// A vote sent until it is through, as a person's program does: on one of 200 files, 23 of which a flood may hold.
const VOTE: &str = r"\set n random(1, 200)
select id, replace(sha, '''', '') as sha from public.bench_votes where n = :n \gset
do $$ begin loop exit when (exeat.cast_vote(gen_random_uuid(), :id, 'trusted', 'approve', ':sha', 'bench')).ok; end loop; end $$;
";
/// A desk that is open looks for changes twice a second.
const DESK: &str = r"\sleep 500 ms
select quote_literal(max(l.upto)) as last from (select exeat.last_change() as upto) l left join exeat.changes_since(:last) c on true \gset
";
/// Submits small tables that are slow to scan (a quote opens in every cell), 4 MB each and never the same twice, one after the other.
const SLOW_FILES: &str = r#"trap 'rm -rf "$dir"' EXIT; dir=$(mktemp -d); cd "$dir"; n=0
yes 'x,"y' | head -c 4000000 > rest
while :; do n=$((n + 1)); { echo "a,$dir $n"; cat rest; } > "slow-$$-$n.csv"
"$EXEAT" --config "$CONFIG" --as researcher1 egress submit "slow-$$-$n.csv" --project heart --destination trusted --purpose bench; rm "slow-$$-$n.csv"; done"#;

/// Who floods, with what; a list of statements, but for the files.
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
    ("slow files", "researcher1", SLOW_FILES),
    ("slow searches", "checker2", "select * from exeat.read('egress', 'count', '{\"filter\": {\"words\": [\"a\", \"e\", \"r\"]}}');"),
];
/// Sessions of a flood: all that a person may have.
const SESSIONS: u32 = 4;
/// Votes of one turn, and turns of each kind.
const EACH: u32 = 100;
const TURNS: usize = 5;
/// What a vote may take beside a flood, of its quiet time.
const MOST: f64 = 3.0;

/// Prints a line for each kind; whether all are within what is allowed.
pub fn measure() -> bool {
    let home = Home::working();
    fill(&home);
    let (mut alone, _) = turn(&home);
    let _desks = statements(&home, "checker3", "desks", DESK, 50);
    std::thread::sleep(Duration::from_secs(2));
    let (mut open, _) = turn(&home);
    let (alone, open) = (percentile(&mut alone, 0.5), percentile(&mut open, 0.5));
    figure("a vote, and with fifty desks open", &format!("{alone:.2} ms; {open:.2} ms"), "-");
    let ratios: Vec<f64> = FLOODS.iter().map(|(name, login, script)| beside(&home, name, login, script)).collect();
    ratios.iter().all(|ratio| *ratio <= MOST)
}

/// Two hundred small files that wait for votes.
fn fill(home: &Home) {
    let folder = home.file("votes");
    std::fs::create_dir(&folder).unwrap();
    for n in 0..200 {
        std::fs::write(folder.join(format!("paper-{n}.csv")), format!("ward,count\n{n},20\n")).unwrap();
    }
    let mut submit = Command::new(env!("CARGO_BIN_EXE_exeat"));
    submit.arg("--config").arg(home.config()).args(["--as", "researcher1", "egress", "submit"]).arg(&folder);
    submit.args(["--project", "heart", "--destination", "trusted", "--purpose", "bench"]);
    let done = submit.stdout(Stdio::null()).status().unwrap();
    assert!(done.success(), "the files were not submitted");
    home.psql(
        "exeat_admin",
        "create table public.bench_votes as select row_number() over (order by v.id) as n, v.id, quote_literal(encode(v.sha256, 'hex')) as sha
           from exeat.file_versions v join exeat.cases c on c.version = v.id and c.state = 'pending' where convert_from(v.key, 'UTF8') like '%paper-%';
         create unique index on public.bench_votes (n); analyze public.bench_votes; grant select on public.bench_votes to exeat_person;
         alter role checker3 connection limit -1;",
    );
    assert_eq!(home.psql("exeat_admin", "select count(*) from public.bench_votes;").trim(), "200");
}

/// Votes beside one flood: the ratio to its quiet time.
fn beside(home: &Home, name: &str, login: &str, script: &str) -> f64 {
    let (mut quiet, mut flood, mut slowest) = (Vec::new(), Vec::new(), 0.0_f64);
    for _ in 0..TURNS {
        quiet.append(&mut turn(home).0);
        let flooding = if script == SLOW_FILES { files(home) } else { statements(home, login, name, script, SESSIONS) };
        std::thread::sleep(Duration::from_millis(if script == SLOW_FILES { 3000 } else { 700 }));
        let (mut times, most) = turn(home);
        flood.append(&mut times);
        slowest = slowest.max(most);
        drop(flooding);
        if script == SLOW_FILES {
            settle(home);
        }
    }
    let (quiet, flood) = (percentile(&mut quiet, 0.5), percentile(&mut flood, 0.5));
    let over = if flood / quiet > MOST { "; OVER" } else { "" };
    let value = format!("{flood:.2} ms beside {quiet:.2}; ratio {:.2}; slowest {slowest:.0} ms{over}", flood / quiet);
    figure(&format!("a vote while one floods: {name}"), &value, &format!("ratio {MOST:.0}"));
    flood / quiet
}

/// Until the worker has looked at what the flood left behind.
fn settle(home: &Home) {
    let begun = Instant::now();
    let open = "select count(*) from exeat.refreshes where finished_at is null;";
    home.psql(
        "exeat_admin",
        "insert into exeat.refreshes (person, project) select p.id, r.id from exeat.people p, exeat.projects r
        where p.login = 'checker1' and r.name = 'heart';",
    );
    while home.psql("exeat_admin", open).trim() != "0" && begun.elapsed() < Duration::from_mins(1) {
        std::thread::sleep(Duration::from_millis(200));
    }
}

/// A program that is ended with its owner, and with all it began.
struct Running(Vec<Child>);

impl Drop for Running {
    fn drop(&mut self) {
        use nix::sys::signal::{Signal, killpg};
        for child in &mut self.0 {
            killpg(nix::unistd::Pid::from_raw(child.id().cast_signed()), Signal::SIGTERM).ok();
            child.wait().ok();
        }
    }
}

fn begin(command: &mut Command) -> Child {
    command.process_group(0).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

fn statements(home: &Home, role: &str, name: &str, script: &str, clients: u32) -> Running {
    let path = home.file(&format!("{}.pgbench", name.replace(' ', "-")));
    std::fs::write(&path, script).unwrap();
    let mut command = Command::new(votes::pgbench());
    command.args(["-n", "-T", "3600", "-j", "1", "-c", &clients.to_string(), "-U", role, "-D", "last='1:1:'", "-h"]);
    command.arg(home.socket());
    Running(vec![begin(command.arg("-f").arg(&path).arg("exeat"))])
}

fn files(home: &Home) -> Running {
    let submitting = |_| {
        let mut command = Command::new("bash");
        command.env("EXEAT", env!("CARGO_BIN_EXE_exeat")).env("CONFIG", home.config());
        begin(command.args(["-c", SLOW_FILES]))
    };
    Running((0..SESSIONS).map(submitting).collect())
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
