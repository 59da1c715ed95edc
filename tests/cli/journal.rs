//! journal show, verify, export; and that a superuser with the triggers off cannot change it unseen.

use exeat::config::Config;
use exeat::domain::journal::{GENESIS, entry_hash};
use exeat::domain::verify::SealedRow;
use exeat::service::Service;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use sqlx::{AssertSqlSafe, PgConnection};

use crate::support::desk::{Desk, EXEAT, Ran, desk, text};

#[test]
fn verify_says_how_many_and_which_head() {
    let desk = desk();
    let verified = desk.json("auditor1", &["journal", "verify"]);
    assert!(verified["count"].as_i64().unwrap() > 100 && text(&verified["head"]).len() == 64, "{verified}");
    assert!(text(&verified["proof"]).contains("outside the database"), "{verified}");
    let plain = desk.run("admin1", &["journal", "verify"]);
    assert!(plain.exit == 0 && plain.out.contains("entries, head "), "{plain:?}");
    for login in ["checker1", "researcher1", "steward1"] {
        let ran = desk.run(login, &["journal", "verify", "--json"]);
        assert_eq!((ran.exit, ran.code().as_str()), (5, "forbidden"));
    }
}

#[test]
fn show_and_export_give_what_one_may_read() {
    let desk = desk();
    let refused = desk.file();
    let id = text(&refused["id"]);
    desk.run("researcher1", &["egress", "approve", &id, "--sha256", &text(&refused["sha256"])]);
    let shown = desk.json("auditor1", &["journal", "show", "--subject", &id, "--refused"]);
    let rows = shown["items"].as_array().unwrap();
    assert!(rows.len() == 1 && rows[0]["code"] == "not_checker" && rows[0]["person"] == "researcher1", "{shown}");
    let own = desk.json("checker1", &["journal", "show"]);
    assert!(
        own["items"].as_array().unwrap().iter().all(|row| row["person"] == "checker1"),
        "others see their own rows"
    );
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("journal.jsonl");
    let args = ["journal", "export", "--to", file.to_str().unwrap()];
    let count = desk.json("auditor1", &args)["count"].as_u64().unwrap();
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(text.is_ascii());
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let mut prev = GENESIS.to_owned();
    let entries: Vec<&Value> = lines.iter().filter(|line| line.get("seq").is_some()).collect();
    assert_eq!(entries.len() as u64, count);
    for (n, line) in (1..).zip(entries) {
        let entry = serde_json::from_value(line["entry"].clone()).unwrap();
        prev = entry_hash(&prev, n, &entry);
        assert_eq!(line["hash"].as_str(), Some(prev.as_str()), "anyone can recompute an export");
    }
    assert_eq!(desk.run("auditor1", &args).exit, 1, "an export is not written over");
    assert_eq!(desk.run("checker1", &["journal", "export"]).exit, 5);
}

/// Numbers that look random and can be replayed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: i64) -> i64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        i64::try_from(self.0 >> 1).unwrap() % n
    }
}

async fn sql(connection: &mut PgConnection, text: &str) {
    sqlx::raw_sql(AssertSqlSafe(text.to_owned()))
        .execute(connection)
        .await
        .unwrap_or_else(|why| panic!("{text}: {why}"));
}

/// One change by a superuser who knows the tables; what it was.
async fn tamper(superuser: &mut PgConnection, rows: &[SealedRow], dice: &mut Dice) -> String {
    let last = i64::try_from(rows.len()).unwrap();
    let seq = 1 + dice.below(last);
    let other = 1 + (seq + dice.below(last - 1)) % last;
    let row = |seq: i64| format!("(select journal_id from exeat.seals where seq = {seq})");
    let kind = dice.below(9);
    let text = match kind {
        0 | 1 => {
            let edits = [
                "person = coalesce(person, '') || 'x'",
                "session_role = session_role || 'x'",
                "command = 'cast_vote2'",
                "via = coalesce(via, '') || 'x'",
                "command_id = coalesce(command_id, '') || '0'",
                "subject = coalesce(subject, '') || '0'",
                "project = coalesce(project, '') || 'x'",
                "request = coalesce(request, '') || ' '",
                "ok = not ok",
                "code = code || 'x'",
                "sentence = sentence || '.'",
                "data = coalesce(data, '') || ' '",
                "at = at + interval '1 microsecond'",
            ];
            let edit = edits[usize::try_from(dice.below(13)).unwrap()];
            format!("update exeat.journal set {edit} where id = {}", row(seq))
        }
        2 => {
            let id = |seq: i64| rows[usize::try_from(seq).unwrap() - 1].entry.as_ref().unwrap().id.clone();
            [(seq, "-1".to_owned()), (other, id(seq)), (seq, id(other))]
                .map(|(seq, id)| format!("update exeat.seals set journal_id = {id} where seq = {seq};"))
                .concat()
        }
        3 => format!(
            "update exeat.seals s set hash = o.hash from exeat.seals o where (s.seq, o.seq) in (({seq}, {other}), ({other}, {seq}))"
        ),
        4 => format!("delete from exeat.journal where id = {}", row(seq)),
        5 => format!("delete from exeat.seals where seq = {seq}"),
        6 => format!("delete from exeat.journal where id = {0}; delete from exeat.seals where seq = {seq}", row(seq)),
        7 => format!(
            "delete from exeat.journal where id in (select journal_id from exeat.seals where seq >= {seq});
             delete from exeat.seals where seq >= {seq}; delete from exeat.heads where seq >= {seq}"
        ),
        // A whole new history from one entry on, its seals computed as they should be; only the key is missing.
        _ => {
            let before = usize::try_from(seq).unwrap().checked_sub(2).and_then(|at| rows.get(at));
            let mut prev = before.map_or(GENESIS.to_owned(), |row| row.hash.clone());
            let mut text = format!("update exeat.journal set sentence = sentence || ' (not)' where id = {};", row(seq));
            for (n, sealed) in (seq..).zip(&rows[usize::try_from(seq).unwrap() - 1..]) {
                let mut entry = sealed.entry.clone().unwrap();
                if n == seq {
                    entry.sentence.push_str(" (not)");
                }
                prev = entry_hash(&prev, n, &entry);
                text.push_str(&format!("update exeat.seals set hash = '{prev}' where seq = {n};"));
            }
            text + &format!("delete from exeat.heads where seq >= {seq}")
        }
    };
    sql(superuser, &text).await;
    format!("kind {kind}, entries {seq} and {other}: {}", &text[..text.len().min(300)])
}

/// Puts the history back as it was. What hundreds of rounds leave of dead rows is cleared, or each is slower than the one before.
async fn restored(superuser: &mut PgConnection) {
    for table in ["seals", "heads", "journal"] {
        let restore = format!(
            "delete from exeat.{table}; insert into exeat.{table} overriding system value table public.{table}"
        );
        sql(superuser, &restore).await;
        sql(superuser, &format!("vacuum exeat.{table}")).await;
    }
}

#[test]
fn five_hundred_ways_to_change_it_are_found() {
    let desk = Desk::up(true);
    let verified = desk.json("auditor1", &["journal", "verify"]);
    // Nobody seals or restarts anything from here on.
    let status = Ran::of(
        &std::process::Command::new(EXEAT)
            .args(["local", "status", "--json", "--dir"])
            .arg(&desk.dir)
            .output()
            .unwrap(),
        &[],
    )
    .json();
    for name in ["supervisor", "worker"] {
        let pid = i32::try_from(status["processes"][name].as_i64().unwrap()).unwrap();
        kill(Pid::from_raw(pid), Signal::SIGKILL).unwrap();
    }
    let seed = std::env::var("EXEAT_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or_else(rand_seed);
    println!("EXEAT_SEED={seed}");
    let mut dice = Dice(seed);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let config = Config::read(&desk.config).unwrap();
        let mut superuser = exeat::db::connect_as(&config.database, Some("exeat_admin"), "tampering").await.unwrap();
        let service = Service::open(config, Some("auditor1")).unwrap();
        sql(&mut superuser, "set session_replication_role = replica").await;
        // What the worker wrote last may have no seal, and nobody comes to give it one: it is no part of this history.
        let gone = "do $$ begin while exists (select from pg_stat_activity where usename = 'exeat_worker') loop \
                    perform pg_sleep(0.05), pg_stat_clear_snapshot(); end loop; end $$";
        sql(&mut superuser, gone).await;
        sql(&mut superuser, "delete from exeat.journal where id not in (select journal_id from exeat.seals)").await;
        for table in ["journal", "seals", "heads"] {
            sql(&mut superuser, &format!("create table public.{table} as table exeat.{table}")).await;
        }
        let rows = service.sealed(i64::MIN).await.unwrap();
        assert!(rows.len() as i64 >= verified["count"].as_i64().unwrap() && rows.len() > 100);
        for n in 0..500 {
            let what = tamper(&mut superuser, &rows, &mut dice).await;
            let found = service.verify_journal(None).await.unwrap_or_else(|error| panic!("{n}, {what}: {error}"));
            assert!(found.is_err(), "not found: seed {seed}, number {n}, {what}");
            restored(&mut superuser).await;
            if n % 100 == 0 {
                service.verify_journal(None).await.unwrap().unwrap_or_else(|bad| panic!("restored and still {bad}"));
            }
        }
        service.verify_journal(None).await.unwrap().unwrap();
        // The command says which entry, and exits 1.
        sql(&mut superuser, "update exeat.journal set sentence = 'nothing' where id = (select journal_id from exeat.seals where seq = 7)").await;
    });
    let ran = desk.run("auditor1", &["journal", "verify"]);
    assert!(ran.exit == 1 && ran.err.contains("Entry 7 "), "{ran:?}");
    let ran = desk.run("auditor1", &["journal", "verify", "--json"]);
    assert_eq!((ran.exit, ran.code().as_str(), ran.json()["seq"].as_i64()), (1, "journal_broken", Some(7)));
}

fn rand_seed() -> u64 {
    let bytes = uuid::Uuid::new_v4();
    bytes.as_u64_pair().0 | 1
}
