//! The session's SSH agent: which keys it has, and what it signs (draft-miller-ssh-agent, three of its messages). Used by `sign`.
//! Nothing it says is believed: a key is compared with those that are registered, a signature is tried before it goes anywhere.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixStream;

use crate::domain::signed::VoterKey;

/// How long an agent may take to say which keys it has.
const LISTS: Duration = Duration::from_secs(5);
/// How long a person has to touch a key or to confirm; security keys give up earlier themselves.
pub(super) const SIGNS: Duration = Duration::from_mins(2);
/// Bytes of an answer at most, as OpenSSH's own agent and client have it.
const MOST: usize = 256 << 10;

const LIST_KEYS: u8 = 11;
const KEYS: u8 = 12;
const SIGN: u8 = 13;
const SIGNATURE: u8 = 14;
/// Asks an RSA key for sha2-512; without a flag an agent uses sha1.
const RSA_SHA2_512: u32 = 4;

/// Why the agent signs nothing; each says what to do.
#[derive(Debug, thiserror::Error)]
pub enum AgentError {
    /// There is none.
    #[error(
        "This session has no SSH agent (SSH_AUTH_SOCK is not set): connect with ssh -A, or start one with ssh-agent, and add your key with ssh-add."
    )]
    None,
    /// Nobody is behind the socket.
    #[error(
        "The SSH agent of this session is gone ({0}: {1}): the connection it came with is over. Connect anew, or name a living one in SSH_AUTH_SOCK."
    )]
    Stale(String, std::io::Error),
    /// It lists no key.
    #[error(
        "The SSH agent shows no key: it is locked or empty. Unlock it with ssh-add -X, or add your key with ssh-add."
    )]
    Empty,
    /// It said no.
    #[error(
        "The SSH agent refused to sign with {0}: it was declined, not touched in time, or the key is bound to certain hosts (ssh-add -h) and has to be added without that."
    )]
    Refused(String),
    /// It says nothing.
    #[error("The SSH agent does not answer within {} s: see whether it waits for you elsewhere, or connect anew.", .0.as_secs())]
    Silent(Duration),
    /// What it says is no answer.
    #[error("The SSH agent gave no answer that can be read: it is no SSH agent, or a broken one. Connect anew.")]
    Garbled,
    /// The signature is none.
    #[error("The SSH agent gave a signature that is not good ({0}). Nothing was sent; do not trust this agent.")]
    Lied(String),
}

impl AgentError {
    /// A stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::None => "no_agent",
            Self::Stale(..) => "agent_gone",
            Self::Empty => "agent_empty",
            Self::Refused(_) => "agent_refused",
            Self::Silent(_) => "agent_silent",
            Self::Garbled | Self::Lied(_) => "agent_wrong",
        }
    }
}

/// An agent's socket. Each question is a connection of its own.
pub struct Agent {
    socket: PathBuf,
    signs: Duration,
}

impl Agent {
    /// The agent behind `SSH_AUTH_SOCK`'s value, which has so long for a signature.
    ///
    /// # Errors
    /// There is no such value.
    pub fn at(socket: Option<OsString>, signs: Duration) -> Result<Self, AgentError> {
        let socket = socket.filter(|socket| !socket.is_empty()).ok_or(AgentError::None)?;
        Ok(Self { socket: socket.into(), signs })
    }

    /// The keys it has of the kinds that sign votes.
    ///
    /// # Errors
    /// It does not answer, or has no key at all.
    pub async fn keys(&self) -> Result<Vec<VoterKey>, AgentError> {
        let answer = self.ask(&[LIST_KEYS], self.signs.min(LISTS)).await?;
        let mut rest = answer.strip_prefix(&[KEYS]).ok_or(AgentError::Garbled)?;
        let count = number(&mut rest)?;
        let mut keys = Vec::new();
        for _ in 0..count {
            let (blob, _comment) = (string(&mut rest)?, string(&mut rest)?);
            // Certificates and kinds that sign no votes are for other things.
            keys.extend(VoterKey::of_blob(blob));
        }
        if count == 0 { Err(AgentError::Empty) } else { Ok(keys) }
    }

    /// Has a key sign some data; the signature as SSH writes it.
    ///
    /// # Errors
    /// It does not answer, or refuses.
    pub async fn sign(&self, key: &VoterKey, data: &[u8]) -> Result<Vec<u8>, AgentError> {
        let blob = key.blob().map_err(|flaw| AgentError::Lied(flaw.to_string()))?;
        let mut request = vec![SIGN];
        for part in [&blob, data] {
            request.extend(u32::try_from(part.len()).map_err(|_| AgentError::Garbled)?.to_be_bytes());
            request.extend(part);
        }
        request.extend(if key.is_rsa() { RSA_SHA2_512 } else { 0 }.to_be_bytes());
        let answer = self.ask(&request, self.signs).await?;
        let mut rest = answer.strip_prefix(&[SIGNATURE]).ok_or_else(|| AgentError::Refused(key.fingerprint()))?;
        Ok(string(&mut rest)?.to_vec())
    }

    async fn ask(&self, request: &[u8], patience: Duration) -> Result<Vec<u8>, AgentError> {
        let gone = |why| AgentError::Stale(self.socket.display().to_string(), why);
        let asked = async {
            let mut socket = UnixStream::connect(&self.socket).await.map_err(gone)?;
            let size = u32::try_from(request.len()).map_err(|_| AgentError::Garbled)?;
            socket.write_all(&[&size.to_be_bytes(), request].concat()).await.map_err(gone)?;
            let size = socket.read_u32().await.map_err(gone)? as usize;
            if size == 0 || size > MOST {
                return Err(AgentError::Garbled);
            }
            let mut answer = vec![0; size];
            socket.read_exact(&mut answer).await.map_err(gone)?;
            Ok(answer)
        };
        tokio::time::timeout(patience, asked).await.unwrap_or(Err(AgentError::Silent(patience)))
    }
}

fn number(rest: &mut &[u8]) -> Result<u32, AgentError> {
    let (number, behind) = rest.split_first_chunk().ok_or(AgentError::Garbled)?;
    *rest = behind;
    Ok(u32::from_be_bytes(*number))
}

fn string<'a>(rest: &mut &'a [u8]) -> Result<&'a [u8], AgentError> {
    let size = number(rest)? as usize;
    let (string, behind) = rest.split_at_checked(size).ok_or(AgentError::Garbled)?;
    *rest = behind;
    Ok(string)
}
