//! Votes a second through the command function, beside pgbench's own insert of the same rows as the cluster's administrator.

use std::process::Command;

use crate::home::Home;

/// What a vote writes at the least, with none of the rules: the yardstick.
const BARE: &str = "\\set v random(1, 1000000)
begin;
select id from exeat.file_versions where state = 'pending' and id % 64 = :client_id limit 1 for update;
insert into exeat.outbox (topic, subject, payload) values ('bench', 'bench', jsonb_build_object('v', :v));
insert into exeat.changes (area, row_id, what) values ('bench', :v, 'bench');
select pg_notify('exeat', '0');
insert into exeat.journal (session_role, command, ok, code, sentence) values ('bench', 'bench', true, 'done', 'bench');
commit;";

/// A vote on one of the waiting versions, each client its own.
const VOTE: &str = "select id, quote_literal(encode(sha256, 'hex')) as sha from exeat.file_versions where state in ('pending', 'approved') and id % 64 = :client_id limit 1 \\gset
select ok from exeat.cast_vote(gen_random_uuid(), :id, 'trusted', 'approve', :sha, 'bench');";

/// Prints both at one and at eight clients.
pub fn measure(home: &Home) {
    for clients in [1, 8] {
        let bare = rate(home, "exeat_admin", BARE, clients);
        let vote = rate(home, "checker1", VOTE, clients);
        println!("  {clients} clients: {vote:.0} votes/s; the bare statements {bare:.0}/s; ratio {:.2}", vote / bare);
    }
}

fn rate(home: &Home, role: &str, script: &str, clients: u32) -> f64 {
    let path = home.dir().parent().unwrap().join(format!("{role}.pgbench"));
    std::fs::write(&path, script.replace("\\n", "\n")).unwrap();
    let out = Command::new(pgbench())
        .args(["-n", "-T", "5", "-c", &clients.to_string(), "-j", "2", "-U", role, "-h"])
        .arg(home.socket())
        .arg("-f")
        .arg(&path)
        .arg("exeat")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    let line = text.lines().find(|line| line.starts_with("tps"));
    assert!(line.is_some(), "pgbench: {text}{}", String::from_utf8_lossy(&out.stderr));
    line.and_then(|line| line.split_whitespace().nth(2)).and_then(|word| word.parse().ok()).unwrap()
}

fn pgbench() -> std::path::PathBuf {
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
