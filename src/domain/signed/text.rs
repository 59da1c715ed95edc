//! The text a voter signs, version 1: one line a vote, so that one signature serves several. Composed by who signs from what they
//! saw, by the database from what it would keep, and by the worker from what is to be released: all three have to agree.

use sha2::{Digest as _, Sha256};
use uuid::Uuid;

/// Lines of one signed text at most, as the database has it: each vote is kept with the whole text.
pub const MOST_LINES: usize = 100;

/// What one line says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedVote<'a> {
    /// Which site.
    pub site: Uuid,
    /// The voter's login.
    pub person: &'a str,
    /// `approve`, `reject` or `changes`.
    pub kind: &'a str,
    /// The project's id.
    pub project: &'a str,
    /// The case's destination.
    pub destination: &'a str,
    /// The number of the policy it is cast under.
    pub policy: i32,
    /// The command's id: it serves once.
    pub command: Uuid,
    /// The file version.
    pub version: i64,
    /// Its bytes, in small hex digits.
    pub sha256: &'a str,
    /// What was written with it; empty if nothing.
    pub comment: &'a str,
}

impl SignedVote<'_> {
    /// What all lines of one text begin with: votes that differ in it are signed apart, so that a record of one tells nothing of
    /// another project or destination.
    #[must_use]
    pub fn head(&self) -> String {
        let Self { site, person, kind, project, destination, policy, .. } = self;
        format!(
            "exeat-vote-1 site={site} person={person} kind={kind} project={project} destination={destination} policy={policy} "
        )
    }

    /// The line, without its end.
    #[must_use]
    pub fn line(&self) -> String {
        let comment = hex::encode(Sha256::digest(self.comment));
        let (head, command, version, sha256) = (self.head(), self.command, self.version, self.sha256);
        format!("{head}command={command} version={version} sha256={sha256} comment={comment}")
    }

    /// Whether a signed text has the line of this vote. Values that could be mistaken for several are in none.
    #[must_use]
    pub fn is_in(&self, text: &str) -> bool {
        let words = [self.person, self.kind, self.project, self.destination, self.sha256];
        let plain = words.iter().all(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_graphic()));
        let line = self.line();
        plain && text.split('\n').any(|one| one == line)
    }
}
