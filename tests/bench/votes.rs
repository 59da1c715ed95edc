//! Votes a second through the command function, beside the bare statements a vote comes to, sent one by one as the
//! cluster's administrator with none of the rules: pgbench drives both, each on rows of its own.

use std::process::Command;

use crate::figure;
use crate::home::Home;

/// What a vote reads and writes, and nothing else.
const BARE: &str = r"\set n :n + 1
select id, case_id, sha from public.bench_votes where n = :first + :client_id * :each + :n \gset
begin;
insert into exeat.commands (person, command_id, command, request) values (1, gen_random_uuid(), 'cast_vote', jsonb_build_object('version', :id));
select row_version, sha256 from exeat.file_versions where id = :id for no key update;
select c.id, p.approvals from exeat.cases c join exeat.policies p on p.project = c.project and p.destination = c.destination and p.state = 'active' where c.version = :id;
select count(*) from exeat.votes where case_id = :case_id and standing;
insert into exeat.votes (case_id, version, project, voter, kind, comment, sha256, policy) values (:case_id, :id, 1, 1, 'approve', '', decode(:sha, 'hex'), 1);
update exeat.file_versions set row_version = row_version + 1, changed_at = clock_timestamp() where id = :id;
insert into exeat.changes (project, area, row_id, what) values (1, 'bench', :id, 'bench');
select pg_notify('exeat', '0');
with j as (insert into exeat.journal (session_role, command, ok, code, sentence) values ('bench', 'cast_vote', true, 'done', 'bench') returning id)
insert into exeat.unsealed select id from j;
commit;
";

const VOTE: &str = r"\set n :n + 1
select id, sha from public.bench_votes where n = :first + :client_id * :each + :n \gset
select case when ok then 0 else (code || ': ' || sentence)::int end from exeat.cast_vote(gen_random_uuid(), :id::bigint, 'trusted', 'approve', :sha, 'bench');
";

/// Transactions of each client.
const EACH: u32 = 1000;

/// Prints both at one and at eight clients. Every vote is the first on its file, and one that is refused ends the run.
pub fn measure(home: &Home) {
    home.psql(
        "exeat_admin",
        "create table public.bench_votes as select row_number() over (order by v.id) as n, v.id, c.id as case_id, quote_literal(encode(v.sha256, 'hex')) as sha
           from exeat.file_versions v join exeat.cases c on c.version = v.id and c.state = 'pending' where v.search_text like 'paper-%';
         create unique index on public.bench_votes (n); analyze public.bench_votes;
         grant select on public.bench_votes to exeat_person; alter role checker1 connection limit -1;",
    );
    let mut first = 0;
    for clients in [1, 8] {
        let mut rates = [0.0; 2];
        for (rate, (role, script)) in rates.iter_mut().zip([("exeat_admin", BARE), ("checker1", VOTE)]) {
            *rate = run(home, role, script, clients, first);
            first += clients * EACH;
        }
        let [bare, vote] = rates;
        figure(
            &format!("votes, {clients} clients"),
            &format!("{vote:.0}/s; the bare statements {bare:.0}/s; ratio {:.2}", vote / bare),
            "-",
        );
    }
}

/// Rows [`measure`] needs.
pub const ROWS: u64 = 2 * 9 * EACH as u64;

fn run(home: &Home, role: &str, script: &str, clients: u32, first: u32) -> f64 {
    let path = home.file(&format!("{role}.pgbench"));
    std::fs::write(&path, script).unwrap();
    let out = Command::new(pgbench())
        .args(["-n", "-t", &EACH.to_string(), "-c", &clients.to_string(), "-j", "2", "-U", role])
        .args(["-D", "n=0", "-D", &format!("first={first}"), "-D", &format!("each={EACH}"), "-h"])
        .arg(home.socket())
        .arg("-f")
        .arg(&path)
        .arg("exeat")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    let rate = text.lines().find(|line| line.starts_with("tps")).and_then(|line| line.split_whitespace().nth(2));
    let complete = out.status.success() && text.contains(&format!("processed: {0}/{0}", clients * EACH));
    assert!(complete, "pgbench: {text}{}", String::from_utf8_lossy(&out.stderr));
    rate.and_then(|word| word.parse().ok()).unwrap()
}

/// The newest installed one.
pub fn pgbench() -> std::path::PathBuf {
    let mut versions: Vec<_> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path().join("bin/pgbench"))
        .filter(|path| path.exists())
        .collect();
    versions.sort();
    versions.pop().unwrap_or_else(|| "pgbench".into())
}
