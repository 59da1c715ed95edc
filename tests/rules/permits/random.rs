//! Random moves by random people, whose roles come and go: the database must agree with a small model of contracts D on every
//! answer and every status; four eyes are never broken; what is over or stands still never wants a running workspace; and no
//! workspace ever wants network and data together.
//!
//! `EXEAT_SEED=N` replays one sequence, `EXEAT_PERMIT_SEQUENCES=N` runs more of them (default 2,000; `make permits` runs 20,000).

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{LIFE, LIVE, TEAM, TWO, World, roles};
use crate::rules::random::Rng;
use crate::support::pg::{BOTH_AGAIN, call, one};

/// One permit as contracts D has it.
struct Model {
    status: &'static str,
    team: BTreeMap<&'static str, BTreeSet<&'static str>>,
    prepared: BTreeSet<&'static str>,
    set_up: BTreeSet<&'static str>,
    ever_preparator: BTreeSet<&'static str>,
    confirmed: BTreeSet<&'static str>,
    waits: Option<(&'static str, &'static str)>,
}

/// What a move comes to.
#[derive(Debug, PartialEq)]
enum Outcome {
    Refused,
    Waits,
    Moved,
}

impl Model {
    fn new() -> Self {
        let team = TEAM.iter().map(|(login, roles)| (*login, roles.iter().copied().collect()));
        Self {
            status: "AWAITING_INGRESS",
            team: team.collect(),
            prepared: BTreeSet::new(),
            set_up: BTreeSet::new(),
            ever_preparator: ["preparator1", "both1"].into(),
            confirmed: BTreeSet::new(),
            waits: None,
        }
    }

    fn holds(&self, who: &str, role: &str) -> bool {
        match role {
            "permit_manager" | "administrator" => roles(who).contains(&role),
            _ => self.team.get(who).is_some_and(|roles| roles.contains(role)),
        }
    }

    fn holders(&self) -> Vec<&'static str> {
        self.team.iter().filter(|(_, roles)| roles.contains("data_holder")).map(|(login, _)| *login).collect()
    }

    fn step(&mut self, who: &'static str, what: &'static str, reason: bool) -> Outcome {
        let line = LIFE.iter().find(|line| line.what == what).unwrap();
        let manages = self.holds(who, "permit_manager");
        let second = self.waits.is_some_and(|(waiting, _)| waiting == what);
        let allowed = line.from.contains(&self.status)
            && line.who.iter().any(|role| self.holds(who, role))
            && match what {
                "initiate_ingress" => !self.holders().is_empty(),
                "confirm_upload" => manages || !self.confirmed.contains(who),
                "approve_preparation" => !self.prepared.contains(who) && !self.ever_preparator.contains(who),
                "approve_setup" => !self.set_up.contains(who),
                _ => self.waits != Some((what, who)),
            }
            && (reason || !line.reason || second);
        if !allowed {
            return Outcome::Refused;
        }
        if TWO.contains(&what) && !second {
            self.waits = Some((what, who));
            return Outcome::Waits;
        }
        if what == "confirm_upload" {
            let all = self.holders();
            self.confirmed.extend(all.into_iter().filter(|holder| manages || *holder == who));
            if self.holders().iter().any(|holder| !self.confirmed.contains(holder)) {
                return Outcome::Waits;
            }
        }
        match what {
            "submit_preparation" => _ = self.prepared.insert(who),
            "submit_setup" => _ = self.set_up.insert(who),
            _ => {}
        }
        self.status = line.to;
        self.waits = None;
        Outcome::Moved
    }
}

/// Logins that act, each with the person it is.
const PEOPLE: &[(&str, &str)] = &[
    ("manager1", "manager1"),
    ("manager2", "manager2"),
    ("admin1", "admin1"),
    ("admin2", "admin2"),
    ("preparator1", "preparator1"),
    ("both1", "both1"),
    (BOTH_AGAIN, "both1"),
    ("datareviewer1", "datareviewer1"),
    ("researcher1", "researcher1"),
    ("checker3", "checker3"),
    ("engineer1", "engineer1"),
    ("setupreviewer1", "setupreviewer1"),
    ("holder1", "holder1"),
    ("holder2", "holder2"),
    ("checker1", "checker1"),
];

/// Roles that come and go: who, and as what.
const CHANGES: &[(&str, &str)] = &[
    ("both1", "preparator"),
    ("both1", "data_reviewer"),
    ("preparator1", "preparator"),
    ("datareviewer1", "data_reviewer"),
    ("holder2", "data_holder"),
];

async fn sequence(world: &mut World, seed: u64) {
    let mut rng = Rng(seed);
    let mut model = Model::new();
    let permit = world.issue("null").await;
    let mut log = format!("replay with EXEAT_SEED={seed}\n");
    // One in ten is a whole life; the others begin somewhere on the way, so that every part of it is walked often.
    let whole = rng.one_in(10);
    if !whole {
        model.status = LIVE[rng.below(LIVE.len())];
        world.put(permit, model.status).await;
    }
    for _ in 0..if whole { 20 + rng.below(25) } else { 4 + rng.below(8) } {
        let about = match rng.below(12) {
            0 => change(world, &mut rng, &mut model, permit).await,
            1 => take_back(world, &mut rng, &mut model, permit).await,
            _ => step(world, &mut rng, &mut model, permit).await,
        };
        log.push_str(&about);
        invariants(world, permit, model.status, &log).await;
    }
}

async fn step(world: &mut World, rng: &mut Rng, model: &mut Model, permit: i64) -> String {
    // Half of the time something that may work, so that a life comes far.
    let lines: Vec<_> = LIFE.iter().filter(|line| rng.one_in(2) || line.from.contains(&model.status)).collect();
    let mut line = lines.get(rng.below(lines.len().max(1))).copied().unwrap_or(&LIFE[0]);
    // Not every life ends early.
    if ["revoke", "pause", "archive"].contains(&line.what) && !rng.one_in(4) {
        line = LIFE.iter().find(|line| line.from.contains(&model.status)).unwrap_or(line);
    }
    let able: Vec<_> = PEOPLE.iter().filter(|(_, who)| line.who.iter().any(|role| model.holds(who, role))).collect();
    let (login, who) =
        if able.is_empty() || rng.one_in(4) { PEOPLE[rng.below(PEOPLE.len())] } else { *able[rng.below(able.len())] };
    let reason = !rng.one_in(5);
    let answer = world.step(login, permit, line.what, if reason { "because" } else { "" }).await;
    let got = match (answer.ok, answer.ok && answer.data()["waiting"] == Value::Bool(true)) {
        (false, _) => Outcome::Refused,
        (true, true) => Outcome::Waits,
        (true, false) => Outcome::Moved,
    };
    let about = format!("{login} {} in {}: {answer:?}\n", line.what, model.status);
    assert_eq!(got, model.step(who, line.what, reason), "seed log: {about}");
    about
}

async fn take_back(world: &mut World, rng: &mut Rng, model: &mut Model, permit: i64) -> String {
    let (login, who) = PEOPLE[rng.below(PEOPLE.len())];
    let answer = call(world.person(login).await, "take_back_permit", &[&permit.to_string()]).await;
    let may = model.waits.is_some_and(|(_, first)| first == who);
    assert_eq!(answer.ok, may, "{login} takes back {:?}: {answer:?}", model.waits);
    if may {
        model.waits = None;
    }
    format!("{login} takes back: {answer:?}\n")
}

async fn change(world: &mut World, rng: &mut Rng, model: &mut Model, permit: i64) -> String {
    let (login, role) = CHANGES[rng.below(CHANGES.len())];
    let over = ["ARCHIVED", "REVOKED", "DELETED"].contains(&model.status);
    let has = model.team[login].contains(role);
    let name = if has { "end_in_team" } else { "add_to_team" };
    let answer = call(world.person("manager2").await, name, &[&permit.to_string(), login, role]).await;
    assert_eq!(answer.ok, !over, "{name} {login} {role} in {}: {answer:?}", model.status);
    if answer.ok {
        let roles = model.team.get_mut(login).unwrap();
        _ = if has { roles.remove(role) } else { roles.insert(role) };
        // Named anew, a holder has confirmed nothing yet.
        if role == "data_holder" {
            model.confirmed.remove(login);
        }
    }
    format!("{name} {login} {role}: {answer:?}\n")
}

/// Where it stands, what of its workspaces must not be, and whether four eyes were broken: asked as one, for it is asked after every step.
async fn invariants(world: &mut World, permit: i64, stands: &str, log: &str) {
    let sql = format!(
        "select p.status || coalesce((select ', workspaces: ' || string_agg(w::text, ', ') from exeat.permit_workspaces w
           where w.permit = p.id and ((w.network <> 'none' and w.volumes <> '[]')
             or (w.state in ('running', 'frozen') and p.status in ('ANALYSIS_PAUSED', 'ARCHIVED', 'REVOKED', 'DELETED')))), '')
           || case when exists (select from exeat.permit_states a join exeat.permit_states s on s.permit = a.permit and s.actor = a.actor
             where a.permit = p.id and ((a.move, s.move) in (('approve_preparation', 'submit_preparation'), ('approve_setup', 'submit_setup'))
               or a.second = a.actor)) then ', four eyes' else '' end
         from exeat.permits p where p.id = {permit}"
    );
    assert_eq!(one::<String>(&mut world.owner, &sql).await, stands, "{log}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_database_agrees_with_the_model_of_permits() {
    if let Ok(seed) = std::env::var("EXEAT_SEED") {
        return sequence(&mut World::new().await, seed.parse().unwrap()).await;
    }
    let total: u64 = std::env::var("EXEAT_PERMIT_SEQUENCES").ok().and_then(|n| n.parse().ok()).unwrap_or(2000);
    let base = u64::from(std::process::id()) << 32
        | u64::from(std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().subsec_nanos());
    println!("base seed {base}, {total} sequences");
    let tasks = (0..2).map(|task| {
        tokio::spawn(async move {
            let mut world = World::new().await;
            for n in (task..total).step_by(2) {
                sequence(&mut world, base.wrapping_add(n)).await;
            }
            let reached: Vec<String> =
                one(&mut world.owner, "select array_agg(distinct status order by status) from exeat.permit_states")
                    .await;
            reached
        })
    });
    let mut reached = BTreeSet::new();
    for task in tasks.collect::<Vec<_>>() {
        reached.extend(task.await.unwrap());
    }
    if total >= 150 {
        assert_eq!(reached.len(), super::STATUSES.len(), "every status was reached: {reached:?}");
    }
}
