//! Votes signed by the voter: the text that is signed, the signature as SSH writes it, and whose keys count. Pure. The database
//! composes the same text (`assets/sql/33_signed.sql`); `service::sign` has it signed, the worker judges it.

mod allowed;
mod key;
mod record;
mod sshsig;
mod text;

pub use allowed::AllowedSigners;
pub use key::VoterKey;
pub use record::{Decided, Released};
pub use sshsig::{NAMESPACE, armored, signer, to_sign};
pub use text::{MOST_LINES, SignedVote};

/// Why a signature is none of the vote it came with.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    /// It cannot be read.
    #[error("it is no SSH signature that can be read ({0})")]
    Unreadable(String),
    /// It was made for something else.
    #[error("it was made for {0} and not for {NAMESPACE}")]
    Namespace(String),
    /// The digest is not the one that is asked for.
    #[error("it uses another digest than sha512")]
    Digest,
    /// The key signs no votes.
    #[error("its key signs no votes: {0}")]
    Key(String),
    /// The security key was not touched.
    #[error("the security key was not touched for it")]
    Untouched,
    /// The signature does not fit key and text.
    #[error("it does not fit the text and the key")]
    Wrong,
    /// The signed text has no line of this vote.
    #[error("what was signed is another vote")]
    AnotherVote,
    /// It is by another key than the one that was named.
    #[error("it is by another key than the one that is registered")]
    AnotherKey,
    /// Who may sign is said in a file, and this key is not in it.
    #[error("its key is not among the allowed signers of {0}")]
    NotAllowed(String),
}

/// Where a key that signed is known from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// A file outside the database: who can write every table cannot add a key.
    AllowedSigners,
    /// The database alone.
    Database,
}

impl Trust {
    /// The name the database and records use.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::AllowedSigners => "allowed_signers",
            Self::Database => "database",
        }
    }
}

/// Whether a vote is signed by its voter, and where the key is known from. `registered`: the voter's key as the database has it.
/// Without a file of allowed signers that one is believed.
///
/// # Errors
/// What is wrong with it.
pub fn proven(
    vote: &SignedVote<'_>,
    (text, signature): (&str, &str),
    registered: &str,
    allowed: Option<&AllowedSigners>,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<(VoterKey, Trust), Flaw> {
    if !vote.is_in(text) {
        return Err(Flaw::AnotherVote);
    }
    let key = signer(text, signature)?;
    if key != VoterKey::parse(registered)? {
        return Err(Flaw::AnotherKey);
    }
    match allowed {
        None => Ok((key, Trust::Database)),
        Some(file) if file.allows(vote.person, &key, now) => Ok((key, Trust::AllowedSigners)),
        Some(_) => Err(Flaw::NotAllowed(vote.person.to_owned())),
    }
}
