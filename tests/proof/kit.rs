//! What a superuser does to the tables and the journal, and where a verify finds it. Each way is a few steps on a database of
//! its own, with one file of researcher1 (`{v}`) that needs two approvals for `trusted`.

use super::Site;
use crate::support::pg::sha;

/// One step of a way; `{v}` is the file version, `{case}` its case, `{sha}` its hash.
#[derive(Clone, Copy)]
pub enum Step {
    /// Honest votes.
    Approve(&'static [&'static str]),
    Changes(&'static str),
    /// An approval through the service `portal`.
    Via(&'static str),
    /// An honest command.
    Call(&'static str, &'static str, &'static [&'static str]),
    /// By the superuser's hand.
    Sql(&'static str),
    /// A vote put into the table: who, what.
    Vote(&'static str, &'static str),
    /// An entry put into the journal: person (none: a machine), database login, command, subject, request, data.
    Entry(Option<&'static str>, &'static str, &'static str, &'static str, &'static str, &'static str),
    /// The worker's.
    Claim,
    Release,
    Lapse,
    Seal,
}
pub use Step::{Approve, Call, Changes, Claim, Entry, Lapse, Release, Seal, Sql, Via, Vote};

/// Where it is found.
#[derive(Clone, Copy)]
pub enum Found {
    /// At the newest entry of a command, in these words.
    At(&'static str, &'static str),
    /// In a row, in these words.
    Row(&'static str),
    /// Nowhere: only signatures of the people themselves end it.
    OnlySignedVotes,
}

pub type Way = (&'static str, &'static [Step], Found);

impl Site {
    /// Takes a step; what kept it from being taken.
    pub async fn step(&mut self, v: i64, step: Step) -> Result<(), String> {
        let filled = |text: &str| {
            let case = format!("(select id from exeat.cases where version = {v})");
            text.replace("{v}", &v.to_string()).replace("{case}", &case).replace("{sha}", &sha("a.csv"))
        };
        match step {
            Approve(logins) => self.approve(logins, v, "a.csv").await,
            Changes(login) => assert!(self.vote(login, v, "a.csv", "changes").await.ok),
            Call(login, name, arguments) => {
                let arguments: Vec<String> = arguments.iter().map(|text| filled(text)).collect();
                let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
                self.done(login, name, &arguments).await;
            }
            Via(login) => self.vote_via(login, v, "a.csv").await,
            Sql(text) => self.sql(&filled(text)).await,
            Vote(login, kind) => {
                let text = format!(
                    "insert into exeat.votes (case_id, version, project, voter, kind, comment, sha256, policy)
                     select c.id, c.version, c.project, p.id, '{kind}', 'x', v.sha256, o.id from exeat.cases c join exeat.file_versions v on v.id = c.version
                     join exeat.policies o on o.project = c.project and o.destination = c.destination and o.state = 'active'
                     cross join exeat.people p where p.login = '{login}' and c.id = {{case}};
                     insert into exeat.askers select id from exeat.people where login = '{login}' on conflict do nothing"
                );
                self.sql(&filled(&text)).await;
            }
            Entry(person, role, command, subject, request, data) => {
                let text =
                    |text: Option<&str>| text.map_or("null".into(), |text| format!("'{}'", text.replace('\'', "''")));
                let sql = format!(
                    "with made as (insert into exeat.journal (person, session_role, command, subject, project, request, ok, code, sentence, data)
                       values ({}, '{role}', '{command}', {}, 'heart', {}, true, 'done', 'Done.', {}) returning id)
                     insert into exeat.unsealed select id from made",
                    text(person),
                    text(Some(&filled(subject))),
                    text(Some(&filled(request))),
                    text(Some(filled(data).as_str()).filter(|data| !data.is_empty())),
                );
                self.sql(&sql).await;
            }
            Claim | Release => {
                let release = self.claim().await.ok_or("nothing to claim")?;
                if matches!(step, Release) {
                    assert!(self.finish_as("w1", &release).await.ok);
                }
            }
            Lapse => self.lapse().await,
            Seal => self.seal().await,
        }
        Ok(())
    }

    /// Goes through the ways; tells those that are not found where they should be.
    pub async fn try_all(ways: &[Way]) {
        let mut wrong = Vec::new();
        for (name, steps, found) in ways {
            let mut site = Self::new().await;
            let version = site.submit("a.csv").await;
            site.verify().await.unwrap_or_else(|bad| panic!("{name}, before: {bad}"));
            for step in *steps {
                if let Err(why) = site.step(version, *step).await {
                    wrong.push(format!("{name}: {why}"));
                }
            }
            let verified = site.verify().await;
            let told = verified.as_ref().map_or_else(
                |bad| [bad].into_iter().chain(&bad.more).map(|bad| (bad.seq, bad.sentence.clone())).collect(),
                |_| Vec::new(),
            );
            let right = match found {
                Found::At(command, words) => {
                    let seq = site.seq_of(command).await;
                    told.iter().any(|(at, sentence)| *at == seq && sentence.contains(words))
                }
                Found::Row(words) => told.iter().any(|(_, sentence)| sentence.contains(words)),
                Found::OnlySignedVotes => told.is_empty(),
            };
            if !right {
                wrong.push(format!("{name}: {told:?}"));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}
