//! Replays projects: where a project's released files go, opened, moved and closed by two administrators.

use std::collections::HashMap;

use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use super::event::Id;
use super::files::File;
use super::{Name, Names};

/// The first schema with which two administrators open a project, and a destination's first policy needs two.
pub(super) const TWO: i64 = 9;

/// About a project.
pub(super) enum ProjectEvent {
    /// Asked for; an exeat of before [`TWO`] did it at once, and then there is no number of a change.
    Asked {
        change: Option<i64>,
        kind: Kind,
        project: String,
        shared: Option<String>,
    },
    Confirmed(Confirmed),
    Dropped {
        change: i64,
    },
}

/// What becomes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    Open,
    Move,
    Close,
}

/// A change that another administrator confirmed, with the places from then on.
#[derive(Deserialize)]
pub(super) struct Confirmed {
    pub(super) change: Id,
    pub(super) kind: Kind,
    pub(super) shared_bucket: String,
    pub(super) shared_prefix: String,
}

struct Asked {
    change: i64,
    kind: Kind,
    by: Name,
    shared: Option<(String, String)>,
}

#[derive(Default)]
struct Project {
    /// Where its released files went, the place of now last; empty where it never was open.
    places: Vec<(String, String)>,
    closed: bool,
    asked: Option<Asked>,
}

/// All of them.
#[derive(Default)]
pub(super) struct Places(HashMap<Name, Project>);

impl Places {
    /// Whether a release of the version goes where the project's sealed location says.
    pub(super) fn is_place(&self, file: &File, version: i64, destination: &str, bucket: &str, key_hex: &str) -> bool {
        let project = self.0.get(&file.project).filter(|project| !project.closed);
        let Some((own, prefix)) = project.and_then(|project| project.places.last()) else { return false };
        let below = format!("{prefix}{}/{destination}/{version}/", file.project);
        let key = hex::decode(key_hex).unwrap_or_default();
        own == bucket && key.strip_prefix(below.as_bytes()).is_some_and(|key| *Sha256::digest(key) == file.key)
    }

    /// Whether a place is among those released files go to, or went.
    pub(super) fn is_shared(&self, bucket: &str, key: &[u8]) -> bool {
        self.0.iter().any(|(project, known)| {
            let below = |prefix: &str| key.starts_with(format!("{prefix}{project}/").as_bytes());
            known.places.iter().any(|(own, prefix)| own == bucket && below(prefix))
        })
    }

    /// The places released files go to, or went.
    pub(super) fn shared(&self) -> impl Iterator<Item = (&str, &str)> {
        let places = self.0.values().flat_map(|known| &known.places);
        places.map(|(bucket, prefix)| (bucket.as_str(), prefix.as_str()))
    }

    pub(super) fn taken_over(&mut self, project: Name, bucket: String, prefix: String) {
        self.0.entry(project).or_default().places.push((bucket, prefix));
    }

    /// `two`: whether by the rules of its time two administrators are needed.
    pub(super) fn take(&mut self, names: &mut Names, by: Name, two: bool, event: ProjectEvent) -> Result<(), String> {
        match event {
            ProjectEvent::Asked { change, kind, project, shared } => {
                let shared =
                    shared.as_deref().map(|url| place(url).ok_or("its shared location is none.")).transpose()?;
                let known = self.0.entry(names.of(&project)).or_default();
                if (kind == Kind::Open) != known.places.is_empty() {
                    let how = if kind == Kind::Open { "was a" } else { "was no" };
                    return Err(format!("there {how} project {project} already."));
                }
                match (change, shared) {
                    (Some(change), shared) => known.asked = Some(Asked { change, kind, by, shared }),
                    (None, Some(shared)) if kind == Kind::Open && !two => known.places.push(shared),
                    _ => return Err(format!("{by} opens {project}, and nobody else confirmed it.")),
                }
            }
            ProjectEvent::Confirmed(Confirmed { change: Id(change), kind, shared_bucket, shared_prefix }) => {
                let is = |asked: &Asked| (asked.change, asked.kind) == (change, kind);
                let known = self.0.values_mut().find(|known| known.asked.as_ref().is_some_and(is));
                let Some((known, asked)) = known.and_then(|known| known.asked.take().map(|asked| (known, asked)))
                else {
                    return Err(format!("no sealed entry asks for change {change} of a project."));
                };
                if asked.by == by {
                    return Err(format!("change {change} of a project was confirmed by {by}, who asked for it."));
                }
                let made = (shared_bucket, shared_prefix);
                if asked.shared.or_else(|| known.places.last().cloned()).as_ref() != Some(&made) {
                    return Err(format!("change {change} of a project leads elsewhere than was asked for."));
                }
                match kind {
                    Kind::Close => known.closed = true,
                    Kind::Open | Kind::Move if known.places.last() != Some(&made) => known.places.push(made),
                    Kind::Open | Kind::Move => {}
                }
            }
            ProjectEvent::Dropped { change } => {
                let is = |asked: &Asked| asked.change == change;
                for known in self.0.values_mut() {
                    known.asked.take_if(|asked| is(asked));
                }
            }
        }
        Ok(())
    }
}

/// Bucket and prefix.
fn place(url: &str) -> Option<(String, String)> {
    let (bucket, prefix) = url.strip_prefix("s3://")?.split_once('/')?;
    Some((bucket.to_owned(), prefix.to_owned()))
}
