//! The single steps of a random sequence: what one person or the worker does, and what the model says to it.

use uuid::Uuid;

use sqlx::Row;

use super::model::{Membership, Policy, Role, Who};
use super::random::{HASHES, KEYS, Run, person};
use crate::support::pg::{PEOPLE, WORKER, literal, sha};

impl Run<'_> {
    /// Holds and leases run out, by moving what is stored: nobody can move the database's clock.
    pub(super) async fn time_passes(&mut self) {
        self.model.now += 7200;
        self.sql(
            "update exeat.cases set approved_at = approved_at - interval '2 hours', held_until = held_until - interval '2 hours'
             where approved_at is not null;
             update exeat.releases set lease_until = lease_until - interval '2 hours', next_try_at = next_try_at - interval '2 hours'
             where state = 'claimed'",
        )
        .await;
        self.log.push_str("two hours pass\n");
    }

    pub(super) async fn vote(&mut self) {
        let Some((version, destination)) = self.target() else { return };
        let mut who = self.someone();
        let named = destination.unwrap_or("trusted");
        if self.rng.one_in(2) && self.model.versions[version].cases.contains_key(named) {
            // Somebody who may and has not yet.
            let tally = self.model.tally(version, named).by;
            let may = |who: &Who| self.model.vote_why_not(*who, version, named).is_none() && !tally.contains(who);
            let able: Vec<Who> = (0..PEOPLE.len()).filter(may).collect();
            if !able.is_empty() {
                who = self.rng.pick(&able);
            }
        }
        let kind =
            self.rng.pick(&["approve", "approve", "approve", "approve", "approve", "approve", "reject", "changes"]);
        let own_sha = self.model.versions[version].sha;
        let hash = match self.rng.below(12) {
            0 => None,
            1 => Some(self.rng.below(HASHES.len())),
            _ => own_sha,
        };
        let reason = !self.rng.one_in(8);
        let moves = self.model.versions[version].moves.len();
        let seen = match self.rng.below(6) {
            0 => {
                // Two moves in one step have one row version: the last of them.
                let all = &self.row_versions[version];
                let one = all[self.rng.below(moves + 1)];
                all.iter().rposition(|other| *other == one)
            }
            1 => Some(moves),
            _ => None,
        };
        let want = self.model.vote(who, version, destination, kind, hash, reason, seen);
        let arguments = [
            self.model.versions[version].id.to_string(),
            destination.unwrap_or("null").to_owned(),
            kind.to_owned(),
            hash.map_or("null".to_owned(), |h| sha(HASHES[h].0)),
            if reason { "because" } else { " " }.to_owned(),
            seen.map_or("null".to_owned(), |s| self.row_versions[version][s].to_string()),
        ];
        self.command(who, "cast_vote", &arguments, &[want]).await;
    }

    pub(super) async fn undo_or_withdraw(&mut self) {
        let Some((version, destination)) = self.target() else { return };
        let id = self.model.versions[version].id.to_string();
        let arguments = [id, destination.unwrap_or("null").to_owned()];
        if self.rng.below(3) > 0 {
            let who = self.someone();
            let want = self.model.undo(who, version, destination);
            self.command(who, "undo_vote", &arguments, &[want]).await;
        } else {
            let mut who = self.someone();
            if self.rng.one_in(2) {
                let v = &self.model.versions[version];
                who = (0..PEOPLE.len()).find(|who| self.model.is_own(*who, v)).unwrap_or(who);
            }
            let want = self.model.withdraw(who, version, destination);
            self.command(who, "withdraw", &arguments, &[want]).await;
        }
    }

    pub(super) async fn small_things(&mut self) {
        let Some((version, _)) = self.target() else { return };
        let who = self.someone();
        let id = self.model.versions[version].id.to_string();
        match self.rng.below(5) {
            0 => {
                let want = self.model.claim(who, version);
                self.command(who, "claim", &[id], &want).await;
            }
            1 => {
                let want = self.model.unclaim(who, version);
                self.command(who, "unclaim", &[id], &[want]).await;
            }
            2 => {
                let internal = self.rng.one_in(2);
                let want = self.model.comment(who, internal);
                self.command(who, "add_comment", &[id, "seen".into(), internal.to_string()], &[want]).await;
            }
            n => {
                let want = self.model.ticket(who, version, n == 3);
                self.command(who, "ask_ticket", &[id, if n == 3 { "download" } else { "preview" }.into()], &want).await;
            }
        }
    }

    pub(super) async fn register(&mut self) {
        let who = if self.rng.one_in(6) { self.someone() } else { person(self.rng.pick(&["researcher1", "checker3"])) };
        let (key, hash) = (self.rng.below(KEYS.len()), self.rng.below(HASHES.len()));
        let destination = self.rng.pick(&["trusted", "trusted", "world", "party"]);
        // Often what is there already.
        let there = self.model.newest(key).and_then(|v| self.model.versions[v].sha);
        let hash = there.filter(|_| self.rng.one_in(2)).unwrap_or(hash);
        let want = self.model.register(who, key, hash, HASHES[hash].1, destination);
        let files = serde_json::json!([{"key": KEYS[key], "sha256": sha(HASHES[hash].0), "size": HASHES[hash].1}]);
        let arguments = ["heart".to_owned(), destination.to_owned(), "for the paper".to_owned(), files.to_string()];
        let answer = self.command(who, "register_submission", &arguments, &[want]).await;
        if want == "done" {
            let submission = answer.data()["submission"].as_i64().unwrap();
            self.model.registrations.last_mut().unwrap().submission = submission;
        }
        match self.rng.below(6) {
            0 => self.withdraw_submission().await,
            // Who named bytes as theirs and votes on them before the worker has bound anything.
            1 | 2 => self.vote_on_own(who, key).await,
            _ => self.bind_waiting().await,
        }
    }

    async fn vote_on_own(&mut self, who: Who, key: usize) {
        let Some(version) = self.model.newest(key) else { return };
        let Some(destination) = self.model.versions[version].cases.keys().next().copied() else { return };
        let hash = self.model.versions[version].sha;
        let want = self.model.vote(who, version, Some(destination), "approve", hash, true, None);
        let hash = hash.map_or("null".to_owned(), |h| sha(HASHES[h].0));
        let id = self.model.versions[version].id.to_string();
        let arguments = [id, destination.to_owned(), "approve".to_owned(), hash, "mine".to_owned()];
        self.command(who, "cast_vote", &arguments, &[want]).await;
    }

    async fn withdraw_submission(&mut self) {
        let all = self.model.registrations.len();
        if all == 0 {
            return;
        }
        let r = self.model.registrations[self.rng.below(all)].clone();
        let who = if self.rng.one_in(4) { self.someone() } else { r.who };
        let want = self.model.withdraw_submission(who, r.submission);
        self.command(who, "withdraw_submission", &[r.submission.to_string()], &[want]).await;
    }

    /// The worker binds what was registered and is there.
    pub(super) async fn bind_waiting(&mut self) {
        let _: i32 = self.worker("bind_registrations()").await;
        self.model.bind_waiting();
    }

    pub(super) async fn intake(&mut self) {
        let key = self.rng.below(KEYS.len());
        if self.rng.one_in(6) {
            let was = i32::from(self.model.missing(key));
            let whole = hex::encode(format!("heart/{}", KEYS[key]));
            let before = hex::encode(&format!("heart/{}", KEYS[key]).as_bytes()[..5 + KEYS[key].len() - 1]);
            let found: i32 = self
                .worker(&format!("intake_missing('heart', 9000000000000000, '\\x{before}', '\\x{whole}', '{{}}')"))
                .await;
            assert_eq!(found, was, "objects gone\n{}", self.log);
            return;
        }
        let waiting: Vec<usize> =
            self.model.registrations.iter().filter(|r| !r.bound && r.key == key).map(|r| r.sha).collect();
        let hash = match self.rng.below(10) {
            0 => None,
            1..7 if !waiting.is_empty() => Some(self.rng.pick(&waiting)),
            _ => Some(self.rng.below(HASHES.len())),
        };
        let size = hash.map_or(10, |h| HASHES[h].1);
        let made = self.model.intake(key, hash, size);
        let entries = serde_json::json!([{
            "key_hex": hex::encode(format!("heart/{}", KEYS[key])), "version_id": null, "etag": Uuid::new_v4().to_string(),
            "sha256": hash.map(|h| sha(HASHES[h].0)), "size": size, "media_type": null, "modified_at": null, "findings": [],
            "blocked": hash.is_none().then_some("It cannot be read."), "newest": true,
        }]);
        let got: serde_json::Value =
            self.worker(&format!("intake_register('heart', 1, {})", literal(&entries.to_string()))).await;
        assert_eq!(got["versions"].as_array().unwrap().len(), usize::from(made), "{got}\n{}", self.log);
        if made {
            self.model.versions.last_mut().unwrap().id = got["versions"][0].as_i64().unwrap();
        }
    }

    pub(super) async fn membership(&mut self) {
        let admin = self.admin();
        let who = person(self.rng.pick(&[
            "checker1",
            "checker2",
            "checker3",
            "checker4",
            "checker5",
            "researcher1",
            "researcher2",
        ]));
        let (role, word) =
            if self.rng.one_in(4) { (Role::Researcher, "researcher") } else { (Role::Checker, "checker") };
        let login = PEOPLE[who].0.to_owned();
        if self.rng.one_in(2) {
            let future = self.rng.one_in(5);
            let want = if self.model.admins.contains(&admin) { "done" } else { "forbidden" };
            let from = if future { "2190-01-01" } else { "null" };
            self.command(admin, "add_membership", &[login, "heart".into(), word.into(), from.into()], &[want]).await;
            if want == "done" {
                self.model.members.push(Membership { who, role, future, ended: false });
            }
        } else {
            let mine = |m: &&mut Membership| m.who == who && m.role == role && !m.ended;
            let any = self.model.members.iter_mut().any(|mut m| mine(&mut m));
            let allowed = self.model.admins.contains(&admin);
            let want = if !allowed {
                "forbidden"
            } else if any {
                "done"
            } else {
                "not_held"
            };
            self.command(admin, "end_membership", &[login, "heart".into(), word.into()], &[want]).await;
            if want == "done" {
                self.model.members.iter_mut().filter(mine).for_each(|m| m.ended = true);
            }
        }
    }

    pub(super) async fn policy(&mut self) {
        let who = self.admin();
        if self.rng.one_in(2) && !self.model.proposals.is_empty() {
            let proposal = self.rng.below(self.model.proposals.len());
            let id = self.model.proposals[proposal].id;
            let want = self.model.confirm(who, proposal);
            self.command(who, "confirm_policy", &[id.to_string()], &[want]).await;
            return;
        }
        let destination = self.rng.pick(&["trusted", "trusted", "world", "party"]);
        let (approvals, hold) = (self.rng.pick(&[1, 2, 3]), self.rng.pick(&[0, 3600, 10_000]));
        let (largest, flag) = (self.rng.pick(&[100, 5000, 1_000_000]), self.rng.one_in(2));
        let (values, change): (serde_json::Value, Box<dyn Fn(&mut Policy)>) = match self.rng.below(5) {
            0 => (serde_json::json!({"approvals": approvals}), Box::new(move |p| p.approvals = approvals)),
            1 => (serde_json::json!({"hold_seconds": hold}), Box::new(move |p| p.hold = hold)),
            2 => (serde_json::json!({"largest_file": largest}), Box::new(move |p| p.largest = largest)),
            3 => (serde_json::json!({"rejection_vetoes": flag}), Box::new(move |p| p.veto = flag)),
            _ => (serde_json::json!({"inspection_downloads": flag}), Box::new(move |p| p.inspect = flag)),
        };
        let before = self.model.proposals.len();
        let want = self.model.propose(who, destination, change, 0);
        let arguments = ["heart".to_owned(), destination.to_owned(), values.to_string()];
        let answer = self.command(who, "set_policy", &arguments, &[want]).await;
        if self.model.proposals.len() > before {
            let proposal = self.model.proposals.last_mut().unwrap();
            proposal.id = answer.data()["policy"].as_i64().unwrap();
            assert_eq!(answer.data()["proposed"], proposal.open, "{}", self.log);
        }
    }

    pub(super) async fn release(&mut self) {
        if self.rng.one_in(3) {
            let _: i32 = self.worker("lapse_votes()").await;
            self.model.lapse();
            self.bind_waiting().await;
            return;
        }
        if !self.model.releases.is_empty() && self.rng.below(4) > 0 {
            self.end_release().await;
            return;
        }
        let ready = self.model.releasable();
        let now = self.model.now;
        let taken_up: Vec<Uuid> = self.model.releases.iter().filter(|r| r.free_at <= now).map(|r| r.id).collect();
        self.become_role(WORKER).await;
        self.log.push_str("worker: claim_release\n");
        let row = sqlx::query("select release, version, destination from exeat.claim_release('w', 600)")
            .fetch_optional(&mut *self.db)
            .await
            .unwrap();
        self.become_role("exeat_admin").await;
        let Some(row) = row else {
            assert!(ready.is_empty() && taken_up.is_empty(), "nothing was claimed of {ready:?}\n{}", self.log);
            let _: i32 = self.worker("lapse_votes()").await;
            self.model.lapse();
            return;
        };
        let (id, version, name): (Uuid, i64, String) = (row.get(0), row.get(1), row.get(2));
        if taken_up.contains(&id) {
            self.model.releases.iter_mut().find(|r| r.id == id).unwrap().free_at = now + 600;
        } else {
            let found = ready.iter().find(|(v, d)| self.model.versions[*v].id == version && *d == name);
            let (version, destination) =
                *found.unwrap_or_else(|| panic!("{version} {name} must not leave: {ready:?}\n{}", self.log));
            self.model.released_claim(id, version, destination, 600);
        }
        // The claim may have settled cases on its way.
        let _: i32 = self.worker("lapse_votes()").await;
        self.model.lapse();
    }

    pub(super) async fn end_release(&mut self) {
        let release = self.rng.below(self.model.releases.len());
        let id = self.model.releases[release].id;
        let wrong = self.rng.one_in(8);
        let worker = if wrong { "other" } else { "w" };
        let call = match self.rng.below(5) {
            0 => format!("(exeat.fail_release('{id}', '{worker}', 'altered', 'The hash differs.')).code"),
            _ => format!(
                "(exeat.finish_release('{id}', '{worker}', (select shared_key from pg_temp.keys), null, '_records/x', null)).code"
            ),
        };
        // The worker knows the key from its claim; the test takes it from the table.
        let key: String =
            self.one(&format!("select encode(shared_key, 'hex') from exeat.releases where id = '{id}'")).await;
        let call = call.replace("(select shared_key from pg_temp.keys)", &format!("'\\x{key}'"));
        let code: String = self.worker(&format!("schema_number() * 0 || '' || {call}")).await;
        assert_eq!(code.trim_start_matches('0'), if wrong { "not_held" } else { "done" }, "{}", self.log);
        if !wrong {
            self.model.finish(release, call.contains("fail_release"));
        }
    }

    pub(super) async fn recall(&mut self) {
        let Some((mut version, mut named)) = self.target() else { return };
        // Mostly something that is out.
        if self.rng.below(4) > 0 {
            let out = |state| ["releasing", "released", "recalled"].contains(&state);
            let all: Vec<(usize, &'static str)> = (0..self.model.versions.len())
                .flat_map(|v| self.model.versions[v].cases.iter().filter(|c| out(c.1.state)).map(move |c| (v, *c.0)))
                .collect();
            if !all.is_empty() {
                let (v, d) = self.rng.pick(&all);
                (version, named) = (v, Some(d));
            }
        }
        let destination = named.unwrap_or("trusted");
        // checker3 is a researcher too, so what they put there is theirs to review for nobody.
        let who = if self.rng.one_in(4) { person("checker3") } else { self.someone() };
        let reason = !self.rng.one_in(6);
        let why = if reason { "a mistake" } else { "" };
        let arguments = [self.model.versions[version].id.to_string(), destination.to_owned(), why.to_owned()];
        match self.rng.below(5) {
            0 => {
                let removed = self.one::<i64>("with r as (update exeat.recalls set removed_at = clock_timestamp() where removed_at is null returning 1) select count(*) from r").await;
                self.log.push_str("the copies are removed\n");
                assert_eq!(usize::try_from(removed).unwrap(), self.recalls, "{}", self.log);
                self.recalls = 0;
                for v in &mut self.model.versions {
                    v.cases.values_mut().for_each(|case| case.copy_to_remove = false);
                }
            }
            1..3 => {
                let want = self.model.recall(who, version, destination, reason);
                self.recalls += usize::from(want == "done");
                self.command(who, "recall", &arguments, &[want]).await;
            }
            _ => {
                let want = self.model.restore(who, version, destination, reason);
                self.command(who, "restore", &arguments, &[want]).await;
                if self.rng.one_in(2) {
                    // The same person again, and mostly then somebody else.
                    self.compare().await;
                    let other = if self.rng.one_in(2) { who } else { self.someone() };
                    let want = self.model.restore(other, version, destination, reason);
                    self.command(other, "restore", &arguments, &[want]).await;
                }
            }
        }
    }
}
