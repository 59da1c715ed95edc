//! Random command sequences by random people: the database must agree with the model on every answer, state and count.
//!
//! `EXEAT_SEED=N` replays one sequence, `EXEAT_SEQUENCES=N` runs more of them (default 2,000).

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Mutex;

use sqlx::{AssertSqlSafe, PgConnection, Row};
use uuid::Uuid;

use super::model::{Membership, Model, Policy, Role, Who};
use crate::support::pg::{Answer, Database, PEOPLE, SECOND, WORKER, literal};

/// `SplitMix64`: small, and the same everywhere, so that a seed replays.
pub struct Rng(pub u64);

impl Rng {
    pub fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((z ^ (z >> 31)) % n as u64).unwrap()
    }

    pub fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    pub fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }
}

pub const HASHES: [(&str, i64); 4] = [("one", 10), ("two", 10), ("three", 20), ("large", 2000)];
pub const KEYS: [&str; 3] = ["a.csv", "tables/b.csv", "tables/../c d.csv"];

/// How often each command had each answer: a test that reaches nothing proves nothing.
static REACHED: Mutex<BTreeMap<(String, String), u64>> = Mutex::new(BTreeMap::new());

/// One sequence: the model, the database in a transaction that is rolled back, and what was done so far.
pub struct Run<'a> {
    pub(super) model: Model,
    pub(super) db: &'a mut PgConnection,
    pub(super) rng: Rng,
    pub(super) log: String,
    /// Commands sent: person's login, id, call, answer.
    pub(super) sent: Vec<(String, Uuid, String, Answer)>,
    /// The row version at each of the model's moves, by version.
    pub(super) row_versions: Vec<Vec<i64>>,
    pub(super) recalls: usize,
}

/// A person by login.
pub fn person(login: &str) -> Who {
    PEOPLE.iter().position(|(name, _)| *name == login).unwrap()
}

impl Run<'_> {
    pub(super) async fn sql(&mut self, sql: &str) {
        sqlx::raw_sql(AssertSqlSafe(sql))
            .execute(&mut *self.db)
            .await
            .unwrap_or_else(|e| panic!("{sql}: {e}\n{}", self.log));
    }

    /// As a login; the transaction stays the superuser's own.
    pub(super) async fn become_role(&mut self, role: &str) {
        self.sql(&format!("set session authorization {role}")).await;
    }

    pub(super) async fn one<T>(&mut self, sql: &str) -> T
    where
        T: Send + Unpin + for<'r> sqlx::Decode<'r, sqlx::Postgres> + sqlx::Type<sqlx::Postgres>,
    {
        let log = &self.log;
        sqlx::query_scalar(AssertSqlSafe(sql))
            .persistent(false)
            .fetch_one(&mut *self.db)
            .await
            .unwrap_or_else(|e| panic!("{sql}: {e}\n{log}"))
    }

    /// Sends a command as a person and holds its answer against what the model allows.
    pub(super) async fn command(&mut self, who: Who, name: &str, arguments: &[String], want: &[&str]) -> Answer {
        // checker1 has two logins and stays one person.
        let login = if who == person("checker1") && self.rng.one_in(3) { SECOND } else { PEOPLE[who].0 };
        let arguments: String = arguments.iter().map(|a| format!(", {}", literal(a))).collect();
        let id = Uuid::new_v4();
        let call = format!("{name}('{id}'{arguments})");
        let _ = writeln!(self.log, "{login}: {call} wants {want:?}");
        let answer = self.send(login, &call).await;
        let agreed = want.contains(&answer.code.as_str()) && answer.ok == (answer.code == "done");
        assert!(agreed, "the model wants {want:?}, the database says {answer:?}\n{}", self.log);
        assert!(!answer.sentence.is_empty());
        *REACHED.lock().unwrap().entry((name.to_owned(), answer.code.clone())).or_default() += 1;
        self.sent.push((PEOPLE[who].0.to_owned(), id, call, answer.clone()));
        answer
    }

    async fn send(&mut self, login: &str, call: &str) -> Answer {
        self.become_role(login).await;
        let sql = format!("select ok, code, sentence, version, data from exeat.{call}");
        let answer = sqlx::query_as(AssertSqlSafe(sql.as_str())).persistent(false).fetch_one(&mut *self.db).await;
        let answer = answer.unwrap_or_else(|e| panic!("{sql}: {e}\n{}", self.log));
        self.become_role("exeat_admin").await;
        answer
    }

    pub(super) async fn worker<T>(&mut self, call: &str) -> T
    where
        T: Send + Unpin + for<'r> sqlx::Decode<'r, sqlx::Postgres> + sqlx::Type<sqlx::Postgres>,
    {
        let _ = writeln!(self.log, "worker: {call}");
        self.become_role(WORKER).await;
        let value = self.one(&format!("select exeat.{call}")).await;
        self.become_role("exeat_admin").await;
        value
    }

    pub(super) fn someone(&mut self) -> Who {
        let checkers = ["checker1", "checker2", "checker3", "checker4", "checker5"];
        if self.rng.one_in(5) { self.rng.below(PEOPLE.len()) } else { person(self.rng.pick(&checkers)) }
    }

    pub(super) fn admin(&mut self) -> Who {
        if self.rng.one_in(12) { self.someone() } else { person(self.rng.pick(&["admin1", "admin2"])) }
    }

    /// A version (mostly the newest of a key) and a destination, mostly one it has a case for.
    pub(super) fn target(&mut self) -> Option<(usize, Option<&'static str>)> {
        let n = self.model.versions.len();
        if n == 0 {
            return None;
        }
        let mut version = self.rng.below(n);
        if self.rng.below(4) > 0 {
            version = self.model.newest(self.model.versions[version].key).unwrap_or(version);
        }
        let names: Vec<&'static str> = self.model.versions[version].cases.keys().copied().collect();
        let destination = match self.rng.below(10) {
            0 => None,
            1 => Some(self.rng.pick(&["trusted", "world", "party"])),
            _ => Some(self.rng.pick(&names)),
        };
        Some((version, destination))
    }

    async fn step(&mut self) {
        let out = |state: &str| ["released", "recalled"].contains(&state);
        let any_out = self.model.versions.iter().any(|v| v.cases.values().any(|case| out(case.state)));
        // What needs many steps before it would hardly be reached by chance alone.
        if (!self.model.releasable().is_empty() || !self.model.releases.is_empty()) && self.rng.one_in(3) {
            self.release().await;
        } else if any_out && self.rng.one_in(4) {
            self.recall().await;
        } else {
            match self.rng.below(100) {
                0..45 => self.vote().await,
                45..52 => self.undo_or_withdraw().await,
                52..58 => self.small_things().await,
                58..64 => self.register().await,
                64..69 => self.intake().await,
                69..77 => self.membership().await,
                77..83 => self.policy().await,
                83..88 => self.time_passes().await,
                88..94 => self.release().await,
                94..96 => self.recall().await,
                _ => self.retry().await,
            }
        }
        let moves: usize = self.model.versions.iter().map(|v| v.moves.len() + 1).sum();
        if moves != self.row_versions.iter().map(Vec::len).sum::<usize>() || self.rng.one_in(4) {
            self.compare().await;
        }
    }

    /// The same command again has the first answer and does nothing; another under its id is refused.
    async fn retry(&mut self) {
        if self.sent.is_empty() {
            return;
        }
        let (login, id, call, first) = self.sent[self.rng.below(self.sent.len())].clone();
        let _ = writeln!(self.log, "{login} again: {call}");
        assert_eq!(self.send(&login, &call).await, first, "{}", self.log);
        let other = format!("ask_refresh('{id}', 'lungs')");
        assert_eq!(self.send(&login, &other).await.code, "command_id_reused", "{}", self.log);
    }

    /// Every case's state and count, and whether each version moved when the model says so.
    pub(super) async fn compare(&mut self) {
        let rows = sqlx::query(
            "select v.id, v.row_version, c.destination, c.state, t.by, t.required
             from exeat.file_versions v join exeat.cases c on c.version = v.id cross join lateral exeat.tally(c.id) t
             where v.project = 1 order by v.id, c.destination",
        )
        .fetch_all(&mut *self.db)
        .await
        .unwrap();
        let mut want = Vec::new();
        for (index, v) in self.model.versions.iter().enumerate() {
            for (name, case) in &v.cases {
                let tally = self.model.tally(index, name);
                let by: Vec<String> = tally.by.iter().map(|who| PEOPLE[*who].0.to_owned()).collect();
                want.push((v.id, (*name).to_owned(), case.state.to_owned(), by, tally.required));
            }
        }
        let got: Vec<_> = rows.iter().map(|r| (r.get(0), r.get(2), r.get(3), r.get(4), r.get(5))).collect();
        assert_eq!(got, want, "states and counts\n{}", self.log);
        self.row_versions.resize(self.model.versions.len(), Vec::new());
        for (index, v) in self.model.versions.iter().enumerate() {
            let now: i64 = rows.iter().find(|r| r.get::<i64, _>(0) == v.id).unwrap().get(1);
            let seen = &mut self.row_versions[index];
            match seen.last() {
                Some(last) if seen.len() > v.moves.len() => assert_eq!(now, *last, "it moved unasked\n{}", self.log),
                Some(last) => assert!(now > *last, "it did not move\n{}", self.log),
                None => {}
            }
            seen.resize(v.moves.len() + 1, now);
        }
    }
}

impl Run<'_> {
    /// What the list of what needs somebody has, read in an index's order or whole.
    async fn compare_mine(&mut self) {
        let who = self.someone();
        let (login, sort) = (PEOPLE[who].0, self.rng.pick(&["waits", "size"]));
        let theirs: Vec<i64> = self
            .one(&format!(
                "select coalesce(array_agg(v.id), '{{}}') from exeat.file_versions v join exeat.people p on p.id = v.submitted_by
                 where p.login = '{login}' and v.state not in ('withdrawn', 'superseded')"
            ))
            .await;
        let waits = |v: &usize| self.model.waits_for(who, *v) || theirs.contains(&self.model.versions[*v].id);
        let want: Vec<i64> = (0..self.model.versions.len())
            .filter(|v| self.model.sees(who) && waits(v))
            .map(|v| self.model.versions[v].id)
            .collect();
        self.become_role(login).await;
        let got: Vec<i64> = self
            .one(&format!("select coalesce(array_agg(id order by id), '{{}}') from exeat.read('egress', 'page', '{{\"filter\": {{\"mine\": true}}, \"sort\": \"{sort}\"}}')"))
            .await;
        let counted: i64 = self.one("select (item->>'counted')::bigint from exeat.read('egress', 'count', '{\"filter\": {\"mine\": true}}')").await;
        self.become_role("exeat_admin").await;
        assert_eq!(got, want, "what needs {login}\n{}", self.log);
        assert_eq!(counted, i64::try_from(want.len()).unwrap(), "{}", self.log);
    }
}

fn start() -> Model {
    let member =
        |(login, role): &(&str, Role)| Membership { who: person(login), role: *role, future: false, ended: false };
    let members = [
        ("researcher1", Role::Researcher),
        ("checker1", Role::Checker),
        ("checker2", Role::Checker),
        ("checker3", Role::Checker),
        ("checker3", Role::Researcher),
        ("checker4", Role::Checker),
        ("checker5", Role::Checker),
    ];
    Model {
        admins: vec![person("admin1"), person("admin2")],
        readers: vec![person("auditor1")],
        members: members.iter().map(member).collect(),
        ..Model::default()
    }
}

async fn sequence(db: &mut PgConnection, seed: u64) {
    let mut run = Run {
        model: start(),
        db,
        rng: Rng(seed),
        log: format!("replay with EXEAT_SEED={seed}\n"),
        sent: Vec::new(),
        row_versions: Vec::new(),
        recalls: 0,
    };
    run.sql("begin").await;
    for destination in ["trusted", "world"] {
        let policy = Policy {
            approvals: run.rng.pick(&[1, 2, 2, 3]),
            hold: run.rng.pick(&[0, 0, 3600]),
            largest: run.rng.pick(&[1000, 1_000_000, 1_000_000]),
            veto: run.rng.one_in(3),
            inspect: run.rng.one_in(3),
        };
        run.sql(&format!(
            "update exeat.policies set approvals = {}, hold_seconds = {}, largest_file = {}, rejection_vetoes = {}, inspection_downloads = {}
             where project = 1 and destination = '{destination}'",
            policy.approvals, policy.hold, policy.largest, policy.veto, policy.inspect
        ))
        .await;
        let _ = writeln!(run.log, "{destination}: {policy:?}");
        run.model.policies.insert(destination, policy);
    }
    for _ in 0..2 {
        run.register().await;
        run.intake().await;
        run.compare().await;
    }
    for _ in 0..8 + run.rng.below(20) {
        run.step().await;
    }
    run.compare().await;
    run.compare_mine().await;
    run.sql("rollback").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_database_agrees_with_the_model() {
    if let Ok(seed) = std::env::var("EXEAT_SEED") {
        let database = Database::fresh().await;
        sequence(&mut database.owner().await, seed.parse().unwrap()).await;
        return;
    }
    let total: u64 = std::env::var("EXEAT_SEQUENCES").ok().and_then(|n| n.parse().ok()).unwrap_or(2000);
    let base = u64::from(std::process::id()) << 32
        | u64::from(std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().subsec_nanos());
    println!("base seed {base}, {total} sequences");
    let tasks: Vec<_> = (0..4)
        .map(|task| {
            tokio::spawn(async move {
                let database = Database::fresh().await;
                let mut owner = database.owner().await;
                for n in (task..total).step_by(4) {
                    sequence(&mut owner, base.wrapping_add(n)).await;
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let reached = REACHED.lock().unwrap();
    let counts: Vec<String> = reached.iter().map(|((name, code), n)| format!("{name} {code} {n}")).collect();
    println!("{}", counts.join(", "));
    if total >= 2000 {
        for (name, codes) in WANTED {
            for code in codes.split(' ') {
                assert!(reached.contains_key(&((*name).to_owned(), code.to_owned())), "{name} never answered {code}");
            }
        }
    }
}

/// Every answer the rules know of, each of which must come up.
const WANTED: &[(&str, &str)] = &[
    (
        "cast_vote",
        "done not_found invalid not_checker own_submission was_researcher blocked too_large released decided not_pending \
         altered superseded recalled reason_required sha_missing sha_differs changed",
    ),
    ("undo_vote", "done not_found not_held"),
    ("withdraw", "done not_found not_submitter"),
    ("withdraw_submission", "done not_found not_pending"),
    ("claim", "done not_found not_checker busy"),
    ("add_comment", "done not_found not_checker forbidden"),
    ("ask_ticket", "done not_found forbidden not_released blocked superseded altered"),
    ("register_submission", "done not_found forbidden invalid too_large"),
    ("add_membership", "done forbidden"),
    ("end_membership", "done forbidden not_held"),
    ("set_policy", "done forbidden"),
    ("confirm_policy", "done forbidden not_pending second_person_needed"),
    ("recall", "done not_found not_checker not_released recalled reason_required"),
    (
        "restore",
        "done not_found not_checker not_pending second_person_needed reason_required own_submission was_researcher",
    ),
];
