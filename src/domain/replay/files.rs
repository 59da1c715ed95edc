//! Replays files: what intake found, who submitted it, where a project's released files go.

use std::collections::HashMap;

use sha2::{Digest as _, Sha256};

use super::event::{Intake, ProjectAdded, RegisteredFile};
use super::taken_over::FileAsItWas;
use super::{Name, Names};

type Hash = [u8; 32];

/// One file version.
pub(super) struct File {
    pub(super) project: Name,
    /// The hash of its key, and of its bytes; none where nobody could read them.
    key: Hash,
    pub(super) sha256: Option<Hash>,
    /// Bytes.
    pub(super) size: i64,
    pub(super) blocked: bool,
    pub(super) origin_unknown: bool,
    /// Newer bytes came to the key, or the file was taken away.
    pub(super) gone: bool,
    last: i64,
}

/// All of them.
#[derive(Default)]
pub(super) struct Files {
    versions: HashMap<i64, File>,
    newest: HashMap<(Name, Hash), i64>,
    /// Who named bytes at a key of a project as theirs.
    registered: HashMap<(Name, Hash, Hash), Vec<Name>>,
    places: HashMap<Name, (String, String)>,
}

impl Files {
    pub(super) fn get(&self, version: i64) -> Option<&File> {
        self.versions.get(&version)
    }

    /// Whether an entry of the version with this id comes after all those there were; it is the last from now on.
    pub(super) fn is_next(&mut self, version: i64, id: i64) -> bool {
        self.versions.get_mut(&version).is_none_or(|file| id > std::mem::replace(&mut file.last, id))
    }

    pub(super) fn is_own(&self, person: &Name, file: &File) -> bool {
        let Some(sha256) = file.sha256 else { return false };
        self.registered.get(&(file.project.clone(), file.key, sha256)).is_some_and(|people| people.contains(person))
    }

    /// Whether a release of the version goes where the project's sealed location says.
    pub(super) fn is_place(&self, file: &File, version: i64, destination: &str, bucket: &str, key_hex: &str) -> bool {
        let Some((own, prefix)) = self.places.get(&file.project) else { return false };
        let below = format!("{prefix}{}/{destination}/{version}/", file.project);
        let key = hex::decode(key_hex).unwrap_or_default();
        own == bucket && key.strip_prefix(below.as_bytes()).is_some_and(|key| *Sha256::digest(key) == file.key)
    }

    /// Whether a place is among those released files go to.
    pub(super) fn is_shared(&self, bucket: &str, key: &[u8]) -> bool {
        self.places
            .iter()
            .any(|(project, (own, prefix))| own == bucket && key.starts_with(format!("{prefix}{project}/").as_bytes()))
    }

    pub(super) fn add_project(&mut self, names: &mut Names, added: &ProjectAdded) -> Result<(), String> {
        let place = added.shared_location.strip_prefix("s3://").and_then(|place| place.split_once('/'));
        let (bucket, prefix) = place.ok_or("its shared location is none.")?;
        if self.set_place(names.of(&added.id), bucket.to_owned(), prefix.to_owned()) {
            return Err(format!("there was a project {} already.", added.id));
        }
        Ok(())
    }

    /// Whether it had one.
    pub(super) fn set_place(&mut self, project: Name, bucket: String, prefix: String) -> bool {
        self.places.insert(project, (bucket, prefix)).is_some()
    }

    pub(super) fn registered(&mut self, project: &Name, by: &Name, files: Vec<RegisteredFile>) {
        for file in files {
            let key = Sha256::digest(file.key.as_bytes()).into();
            if let Some(sha256) = hash(&file.sha256) {
                self.own(project, key, sha256, by);
            }
        }
    }

    fn own(&mut self, project: &Name, key: Hash, sha256: Hash, by: &Name) {
        let people = self.registered.entry((project.clone(), key, sha256)).or_default();
        if !people.contains(by) {
            people.push(by.clone());
        }
    }

    pub(super) fn intake(&mut self, names: &mut Names, found: &Intake) -> Result<(), String> {
        let version = found.version.0;
        let file = File {
            project: names.of(&found.project),
            key: hash(&found.key_sha256).ok_or("its key_sha256 is none.")?,
            sha256: found.sha256.as_deref().map(|text| hash(text).ok_or("its sha256 is none.")).transpose()?,
            size: found.size,
            blocked: found.blocked.is_some(),
            origin_unknown: found.origin_unknown,
            gone: false,
            last: 0,
        };
        self.add(names, version, file, &found.registered_by)
    }

    pub(super) fn taken_over(&mut self, names: &mut Names, was: &FileAsItWas) -> Result<(), String> {
        let file = File {
            project: names.of(&was.project),
            key: hash(&was.key_sha256).ok_or("its key_sha256 is none.")?,
            sha256: Some(hash(&was.sha256).ok_or("its sha256 is none.")?),
            size: was.size,
            blocked: was.blocked.is_some(),
            origin_unknown: was.origin_unknown,
            gone: false,
            last: 0,
        };
        self.add(names, was.version.0, file, &was.registered_by)
    }

    fn add(&mut self, names: &mut Names, version: i64, file: File, registered_by: &[String]) -> Result<(), String> {
        if self.versions.contains_key(&version) {
            return Err(format!("version {version} was found before."));
        }
        if let Some(sha256) = file.sha256 {
            for login in registered_by {
                self.own(&file.project, file.key, sha256, &names.of(login));
            }
        }
        let older = self.newest.insert((file.project.clone(), file.key), version);
        if let Some(older) = older.and_then(|older| self.versions.get_mut(&older)) {
            older.gone = true;
        }
        self.versions.insert(version, file);
        Ok(())
    }

    pub(super) fn gone(&mut self, version: i64) {
        // One of before the proof that nobody could decide any more is not known.
        if let Some(file) = self.versions.get_mut(&version) {
            file.gone = true;
        }
    }
}

/// A hash from its 64 hexadecimal digits.
pub(super) fn hash(text: &str) -> Option<Hash> {
    let mut hash = [0; 32];
    hex::decode_to_slice(text, &mut hash).ok().map(|()| hash)
}
