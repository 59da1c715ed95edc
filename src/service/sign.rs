//! Signing votes with the voter's own key, where a destination's policy asks for it. Called by the desk and the command line before
//! the votes go out. What is signed is composed here, from what the person saw and decided, never taken from the database.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::time::Duration;

use uuid::Uuid;

use super::agent::{Agent, AgentError, SIGNS};
use super::{KeyRow, Result, Service, ServiceError};
use crate::domain::command::Command;
use crate::domain::egress::{EgressItem, Signing};
use crate::domain::signed::{MOST_LINES, SignedVote, VoterKey, armored, signer, to_sign};
use crate::domain::vote::VoteKind;

/// Commands as they go out.
#[derive(Debug)]
pub struct Signed {
    /// Each under its id, votes with their signature where there is one.
    pub orders: Vec<(Uuid, Command)>,
    /// Why votes go out unsigned though a signature was wanted; none where all is as it was asked for.
    pub unsigned: Option<String>,
}

/// A vote to be signed: which of the orders, its line, and whether it counts only signed.
struct Wanted {
    order: usize,
    line: String,
    required: bool,
}

impl Service {
    /// Has the session's SSH agent sign the votes among the orders whose destinations ask for it; the others stay as they are.
    /// Votes on one destination are signed together, so that a security key is touched once.
    ///
    /// # Errors
    /// A signature is required and there is none: nothing may go out. See [`ServiceError`].
    pub async fn sign(&self, orders: Vec<(Uuid, Command)>) -> Result<Signed> {
        self.sign_with(orders, std::env::var_os("SSH_AUTH_SOCK"), SIGNS).await
    }

    /// The same with the agent at a socket, and another patience for one signature.
    ///
    /// # Errors
    /// See [`Service::sign`].
    pub async fn sign_with(
        &self,
        mut orders: Vec<(Uuid, Command)>,
        socket: Option<OsString>,
        patience: Duration,
    ) -> Result<Signed> {
        let together = self.wanted(&orders).await?;
        let mut unsigned = None;
        for lines in together.values().flat_map(|wanted| wanted.chunks(MOST_LINES)) {
            let text = lines.iter().flat_map(|wanted| [wanted.line.as_str(), "\n"]).collect::<String>();
            match self.signature(&text, socket.clone(), patience).await {
                Ok(armor) => {
                    for wanted in lines {
                        if let Some((_, Command::CastVote { signed, signature, .. })) = orders.get_mut(wanted.order) {
                            (*signed, *signature) = (Some(text.clone()), Some(armor.clone()));
                        }
                    }
                }
                Err(error) if lines.iter().any(|wanted| wanted.required) => return Err(error),
                Err(error) => unsigned = Some(error.to_string()),
            }
        }
        Ok(Signed { orders, unsigned })
    }

    /// The votes that ask for a signature, apart by what their texts have in common.
    async fn wanted(&self, orders: &[(Uuid, Command)]) -> Result<BTreeMap<String, Vec<Wanted>>> {
        let mut ids: Vec<i64> =
            orders.iter().filter_map(|(_, command)| Vote::of(command)).map(|vote| vote.version).collect();
        ids.dedup();
        let mut together: BTreeMap<String, Vec<Wanted>> = BTreeMap::new();
        let mut items = BTreeMap::new();
        for ids in ids.chunks(1_000) {
            items.extend(self.rows::<EgressItem>(ids).await?.into_iter().map(|item| (item.id.0, item)));
        }
        let asks = |item: &EgressItem| item.destinations.values().any(|view| view.signing.is_some());
        if !items.values().any(asks) {
            return Ok(together);
        }
        let me = self.whoami().await?.login;
        for (order, (command_id, command)) in orders.iter().enumerate() {
            let Some(Vote { version, destination, kind, seen, comment }) = Vote::of(command) else { continue };
            let Some(item) = items.get(&version) else { continue };
            let Some((destination, Signing { site, policy, required })) = terms(item, destination) else { continue };
            let Some(sha256) = seen.or(item.sha256.as_deref().filter(|_| kind != VoteKind::Approve)) else { continue };
            let signed = SignedVote {
                site: *site,
                person: &me,
                kind: kind.name(),
                project: &item.project,
                destination,
                policy: *policy,
                command: *command_id,
                version,
                sha256,
                comment,
            };
            // An objection counts unsigned too.
            let required = *required && kind == VoteKind::Approve;
            together.entry(signed.head()).or_default().push(Wanted { order, line: signed.line(), required });
        }
        Ok(together)
    }

    /// A text signed by one of the person's registered keys, tried before it is believed.
    async fn signature(&self, text: &str, socket: Option<OsString>, patience: Duration) -> Result<String> {
        let agent = Agent::at(socket, patience)?;
        let (has, mine) = (agent.keys().await?, self.my_keys().await?);
        let key = chosen(&has, &mine)?;
        let wrong = |flaw: crate::domain::signed::Flaw| AgentError::Lied(flaw.to_string());
        let armor = armored(&key, &agent.sign(&key, &to_sign(text)).await?).map_err(wrong)?;
        if signer(text, &armor).map_err(wrong)? == key {
            Ok(armor)
        } else {
            Err(AgentError::Lied("it is by another key".to_owned()).into())
        }
    }

    /// One's own keys, ended ones too.
    async fn my_keys(&self) -> Result<Vec<KeyRow>> {
        let me = self.whoami().await?.login;
        Ok(self.keys().await?.into_iter().filter(|key| key.login == me).collect())
    }

    /// The keys of everybody, or one's own for who is no administrator or auditor.
    ///
    /// # Errors
    /// See [`ServiceError`].
    pub async fn keys(&self) -> Result<Vec<KeyRow>> {
        self.db.list_keys().await.map_err(|error| self.told(error))
    }
}

/// What of a vote is signed.
struct Vote<'a> {
    version: i64,
    destination: Option<&'a str>,
    kind: VoteKind,
    seen: Option<&'a str>,
    comment: &'a str,
}

impl<'a> Vote<'a> {
    /// None where the command is no vote.
    fn of(command: &'a Command) -> Option<Self> {
        let Command::CastVote { version, destination, kind, sha256, comment, .. } = command else { return None };
        let (destination, comment) = (destination.as_deref(), comment.as_deref().unwrap_or_default());
        Some(Self { version: version.0, destination, kind: *kind, seen: sha256.as_deref(), comment })
    }
}

/// The destination a vote means, as the database finds it, and what is asked for there.
fn terms<'a>(item: &'a EgressItem, destination: Option<&'a str>) -> Option<(&'a str, &'a Signing)> {
    use crate::domain::case::CaseState;
    let mut open = item.destinations.iter().filter(|(_, view)| view.state != CaseState::Withdrawn);
    let destination = destination.or_else(|| open.next().map(|(name, _)| name.as_str()))?;
    Some((destination, item.destinations.get(destination)?.signing.as_ref()?))
}

/// The first of the agent's keys that may sign; else why none may.
fn chosen(has: &[VoterKey], mine: &[KeyRow]) -> Result<VoterKey> {
    let of = |key: &VoterKey| mine.iter().rfind(|row| row.fingerprint == key.fingerprint());
    let found = has.iter().find(|key| of(key).is_some_and(KeyRow::signs));
    if let Some(key) = found {
        return Ok(key.clone());
    }
    let known: Vec<&KeyRow> = has.iter().filter_map(of).collect();
    let (code, sentence) = if let Some(key) = known.iter().find(|key| key.ended_at.is_none()) {
        let print = &key.fingerprint;
        (
            "key_unconfirmed",
            format!(
                "Your key {print} waits for an administrator, who confirms it with exeat people key confirm {} {print}.",
                key.key
            ),
        )
    } else if let [KeyRow { fingerprint, ended_at: Some(at), .. }, ..] = known.as_slice() {
        let at = at.format("%Y-%m-%d %H:%M UTC");
        (
            "key_ended",
            format!(
                "Your key {fingerprint} ended at {at}: add another to your SSH agent, and register it with exeat people key add."
            ),
        )
    } else if mine.iter().any(KeyRow::signs) {
        let prints: Vec<&str> = mine.iter().filter(|row| row.signs()).map(|row| row.fingerprint.as_str()).collect();
        (
            "key_missing",
            format!("The SSH agent has none of your registered keys ({}): add one with ssh-add.", prints.join(", ")),
        )
    } else {
        ("key_missing", "You have no key that signs votes: register one with exeat people key add, and have an administrator confirm it.".to_owned())
    };
    Err(ServiceError::refused(code, sentence))
}

impl From<AgentError> for ServiceError {
    fn from(error: AgentError) -> Self {
        Self::refused(error.code(), error.to_string())
    }
}
