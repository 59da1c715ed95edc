//! Replays the sealed entries: was each release earned, by what the entries before it say and nothing else? Pure. Called by
//! `exeat journal verify`, after the chain has proved that the entries are what was written, and by the worker, which lets
//! nothing out that is not proved.
//!
//! Entries come in the order of their seals. Of two steps where one rests on the other, that is the order in which they came
//! and the order of their ids: whoever votes, counts or claims holds the version's lock, and a claim keeps still what it rests
//! on beside (`exeat.hold_still`). Entries of one version whose ids go back were put in later, which is a fault.
//!
//! The proof begins with the first `migrate` entry, which takes over what there was: claims before it were made by an exeat
//! that journalled less, and are counted as not proved. What it cannot find, for nothing in the entries contradicts it: a
//! vote, a membership or a policy that somebody who can write the journal entered whole, as a person who could have.

mod claims;
pub mod commands;
mod count;
mod event;
mod files;
mod memberships;
mod places;
mod policies;
mod read;
mod rows;
mod shared;
mod taken_over;
mod votes;
mod worker;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use self::claims::Claims;
use self::event::{Event, RenewalEvent};
use self::files::Files;
use self::memberships::People;
use self::places::Places;
use self::policies::Policies;
pub use self::rows::{CaseRow, ReleaseRow};
pub use self::shared::{Lies, Shared};
use self::votes::Cases;
use super::journal::JournalEntry;
use super::signed::AllowedSigners;
use super::verify::trust::Renewal;
use super::verify::{BadEntry, Fault, Verified};

/// A login, a project or a destination.
type Name = Arc<str>;

/// How many faults are told; the rest is counted.
const TOLD: usize = 100;

/// How many releases there were.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Releases {
    /// Claimed with everything that was needed.
    pub earned: u64,
    /// Claimed before the proof begins.
    pub unproved: u64,
    /// The entry the proof begins with; 0 where there is none.
    pub since: i64,
}

impl Releases {
    /// What was proved, in one sentence.
    #[must_use]
    pub fn sentence(self) -> String {
        let earned = format!(
            "Releases that were earned, by what is sealed before each from entry {} on: {}.",
            self.since, self.earned
        );
        match self.unproved {
            0 => earned,
            n => format!("{earned} Not proved: {n}, made by an exeat that did not journal what a proof needs."),
        }
    }
}

/// One entry's place.
#[derive(Clone, Copy, Debug)]
struct At {
    seq: i64,
    id: i64,
    /// Microseconds since 1970, by the database's clock.
    micros: i64,
}

/// The state of everything a release rests on, as the entries so far say it.
#[derive(Default)]
pub struct Replay {
    /// Whose keys count where votes have to be signed; none: the key a record names is believed.
    signers: Option<AllowedSigners>,
    names: Names,
    people: People,
    policies: Policies,
    files: Files,
    places: Places,
    /// Who proposed that heads count anew.
    renewals: HashMap<i64, (Name, Renewal, Option<String>)>,
    cases: Cases,
    claims: Claims,
    /// Where the proof begins.
    since: Option<At>,
    /// The database's schema by now: what is done is judged by the rules of its time.
    number: i64,
    /// Whether only what was taken over came since.
    taking_over: bool,
    releases: Releases,
    faults: Vec<BadEntry>,
    untold: usize,
}

impl Replay {
    /// One that believes no key but those of a file kept outside the database.
    #[must_use]
    pub fn with_signers(signers: Option<AllowedSigners>) -> Self {
        Self { signers, ..Self::default() }
    }

    /// Takes the next sealed entry.
    pub fn take(&mut self, seq: i64, entry: &JournalEntry) {
        let told = self.step(seq, entry);
        if let Err((fault, sentence)) = told {
            let sentence = format!("Entry {seq} (row {}): {sentence}", entry.id);
            self.fault(BadEntry::new(seq, Some(entry.id.clone()), fault, sentence));
        }
    }

    fn step(&mut self, seq: i64, entry: &JournalEntry) -> Result<(), (Fault, String)> {
        let impossible = |sentence: String| (Fault::Impossible, sentence);
        if entry.ok != "true" || !commands::counts(&entry.command) {
            return Ok(());
        }
        let event = read::event(entry).map_err(|why| {
            impossible(format!("it is no {} that exeat writes ({why}): somebody put it there.", entry.command))
        });
        let at =
            At { seq, id: entry.id.parse().unwrap_or(i64::MAX), micros: event::micros(&entry.at).unwrap_or(i64::MAX) };
        let Some(since) = self.since else {
            // Of an exeat that journalled less, nothing else is read.
            return match event {
                Ok(Event::Migrated { number, was: Some(was) }) => {
                    self.since = Some(at);
                    self.number = number;
                    self.releases.since = seq;
                    self.taking_over = true;
                    self.take_over(*was).map_err(impossible)
                }
                Ok(event) => {
                    self.before(at, event);
                    Ok(())
                }
                Err(_) => Ok(()),
            };
        };
        let event = event?;
        if at.id <= since.id {
            return Err(impossible(
                "its id is one of before the proof begins: it was put into the journal later.".into(),
            ));
        }
        if let Some(version) = event.version()
            && !self.files.is_next(version, at.id)
        {
            return Err(impossible(format!(
                "it was put into the journal later, between entries of version {version}."
            )));
        }
        if let Event::TakenOver(file) = event {
            if !self.taking_over {
                return Err(impossible("only the first migration takes over what was there.".into()));
            }
            return self.take_over_file(at, *file).map_err(impossible);
        }
        self.taking_over = false;
        let by = self.whose(entry, &event).map_err(impossible)?;
        self.apply(at, by, entry.via.is_some(), event)
    }

    /// Who did it: a person through a login of theirs, or a machine.
    fn whose(&mut self, entry: &JournalEntry, event: &Event) -> Result<Option<Name>, String> {
        match (&entry.person, event.is_persons()) {
            (None, false) => Ok(None),
            (Some(person), true) => {
                let (person, role) = (self.names.of(person), &entry.session_role);
                let through = match &entry.via {
                    None if self.people.has_login(&person, role) => None,
                    None => Some(format!("the database login {role}, and no sealed entry gives them that login.")),
                    Some(service) if self.people.is_service(service, role) && !event.is_administrators() => None,
                    Some(service) => {
                        Some(format!("{service} with the database login {role}, and no sealed entry lets it."))
                    }
                };
                if let Some(through) = through {
                    return Err(format!("{} of {person} came through {through}", entry.command));
                }
                if event.is_administrators() && !self.people.was_administrator(&person) {
                    return Err(format!("{} of {person}, whom no sealed entry made an administrator.", entry.command));
                }
                Ok(Some(person))
            }
            (Some(person), false) => Err(format!("{} of {person}, and only a machine does that.", entry.command)),
            (None, true) => Err(format!("{} of nobody, and only a person does that.", entry.command)),
        }
    }

    fn apply(&mut self, at: At, by: Option<Name>, via: bool, event: Event) -> Result<(), (Fault, String)> {
        let (by, two) = (by.unwrap_or_default(), self.number >= places::TWO);
        match event {
            Event::Person(event) => self.people.take(&mut self.names, at, event),
            Event::Project(event) => self.places.take(&mut self.names, by, two, event),
            Event::Policy(event) => self.policies.take(&mut self.names, by, two, event),
            Event::Renewal(event) => self.renewal(by, event),
            Event::Registered { project, files } => {
                self.files.registered(&self.names.of(&project), &by, files);
                Ok(())
            }
            Event::Intake(event) => self.files.intake(&mut self.names, &event),
            Event::Gone { version } => {
                self.files.gone(version);
                Ok(())
            }
            Event::Case(event) => self.case(at, (by, via), event),
            Event::Release(event) => return self.release(at, event),
            Event::TakenOver(_) => Ok(()),
            Event::Migrated { number, was: None } if number < self.number => {
                Err(format!("the database had schema {} already.", self.number))
            }
            Event::Migrated { number, was: None } => {
                self.number = number;
                Ok(())
            }
            Event::Migrated { was: Some(_), .. } => {
                Err("the proof began before: nothing is taken over twice.".to_owned())
            }
        }
        .map_err(|sentence| (Fault::Impossible, sentence))
    }

    /// Two administrators say that heads count anew; what becomes of the heads is the chain's own.
    fn renewal(&mut self, by: Name, event: RenewalEvent) -> Result<(), String> {
        match event {
            RenewalEvent::Proposed { renewal, why, public_key } => {
                self.renewals.insert(renewal, (by, why, public_key));
                Ok(())
            }
            RenewalEvent::Confirmed { renewal, why, public_key, proposed_by } => match self.renewals.remove(&renewal) {
                None => Err(format!("no sealed entry proposes renewal {renewal}.")),
                Some((proposer, ..)) if proposer == by => {
                    Err(format!("renewal {renewal} was confirmed by {by}, who proposed it."))
                }
                Some(asked) if asked == (Name::from(proposed_by.as_str()), why, public_key) => Ok(()),
                Some(_) => Err(format!("renewal {renewal} is another than was proposed.")),
            },
        }
    }

    /// Ends, and adds what was found to a chain that holds.
    ///
    /// # Errors
    /// The first fault, with the others.
    pub fn added_to(self, mut verified: Verified) -> Result<Verified, BadEntry> {
        let (releases, mut faults) = self.finish();
        verified.releases = releases;
        if faults.is_empty() {
            return Ok(verified);
        }
        let mut first = faults.remove(0);
        first.more = faults;
        Err(first)
    }

    /// Adds what was found wrong beside the entries.
    pub fn fault(&mut self, bad: BadEntry) {
        if self.faults.len() < TOLD {
            self.faults.push(bad);
        } else {
            self.untold += 1;
        }
    }

    /// Ends after the last entry and the rows that were held against them: how many releases were earned, and the faults in
    /// the order of their entries.
    #[must_use]
    pub fn finish(mut self) -> (Releases, Vec<BadEntry>) {
        if self.since.is_none() {
            let sentence = "No sealed entry says from when on releases are proved: the one that `exeat db migrate` wrote was taken away.";
            self.fault(BadEntry::new(0, None, Fault::Impossible, sentence.to_owned()));
        }
        self.faults.sort_by_key(|bad| bad.seq);
        if self.untold > 0 {
            let sentence = format!("{} more of these are not told.", self.untold);
            self.faults.push(BadEntry::new(i64::MAX, None, Fault::Unearned, sentence));
        }
        (self.releases, self.faults)
    }
}

/// Each text once.
#[derive(Default)]
struct Names(HashSet<Name>);

impl Names {
    fn of(&mut self, text: &str) -> Name {
        if let Some(name) = self.0.get(text) {
            return name.clone();
        }
        let name = Name::from(text);
        self.0.insert(name.clone());
        name
    }
}

/// A map by file version and destination.
type ByCase<T> = HashMap<(i64, Name), T>;
