//! Replays files: what intake found, who submitted it.

use std::collections::HashMap;

use sha2::{Digest as _, Sha256};

use super::event::{Intake, RegisteredFile};
use super::taken_over::FileAsItWas;
use super::{Name, Names};

type Hash = [u8; 32];

/// One file version.
pub(super) struct File {
    pub(super) project: Name,
    /// The hash of its key, and of its bytes; none where nobody could read them.
    pub(super) key: Hash,
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
