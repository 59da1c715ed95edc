//! A download that goes on beside the work, and how one part of the system is. Held by the model, heard from `tui::runtime`.

use super::super::words::Tone;
use crate::text::{Untrusted, human_size};

/// Where a job stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stand {
    /// It runs.
    Runs,
    /// It was asked to stop.
    Stops,
    /// It is over: whether it went well, and the sentence.
    Over(bool, String),
}

/// A download.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// Its number on this desk.
    pub id: u64,
    /// The file version.
    pub file: i64,
    /// The file's name, safe to draw.
    pub name: String,
    /// Bytes that came, and of how many; none before the first.
    pub far: Option<(u64, u64)>,
    /// Where it stands.
    pub stand: Stand,
}

/// What is heard of a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    /// Bytes that are there, and of how many.
    Far(u64, u64),
    /// It is over: whether it went well, and what to say.
    Over(bool, Untrusted),
}

/// How one part of the system is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Which.
    pub name: &'static str,
    /// Whether it is well.
    pub ok: bool,
    /// In one sentence.
    pub text: Untrusted,
}

impl Job {
    /// How far it is, safe to draw: `45 %, 1.2 M of 2.7 M`.
    #[must_use]
    pub fn words(&self) -> String {
        match (&self.stand, self.far) {
            (Stand::Over(_, text), _) => text.clone(),
            (Stand::Stops, _) => "stopping ...".to_owned(),
            (Stand::Runs, None) => "asking for it ...".to_owned(),
            (Stand::Runs, Some((have, size))) => {
                let percent = (u128::from(have) * 100).checked_div(u128::from(size)).unwrap_or(100);
                format!("{percent} %, {} of {}", human_size(have), human_size(size))
            }
        }
    }

    /// How to read it.
    #[must_use]
    pub fn tone(&self) -> Tone {
        match self.stand {
            Stand::Over(true, _) => Tone::Good,
            Stand::Over(false, _) => Tone::Stop,
            _ => Tone::Plain,
        }
    }

    /// Whether it is.
    #[must_use]
    pub fn is_over(&self) -> bool {
        matches!(self.stand, Stand::Over(..))
    }
}
