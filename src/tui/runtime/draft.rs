//! What is written and not sent, each draft in a file of its own in a folder of the person's and the desk's own, so that a
//! dropped connection costs no words and no second draft, or second desk, touches the first.

use std::collections::HashMap;
use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};
use tokio::sync::mpsc::UnboundedReceiver;

use crate::tui::app::state::draft::{Draft, Of};

/// The folder: one for each database and role, in the person's state folder.
pub fn folder(database: &str, role: &str) -> Option<PathBuf> {
    let dirs = directories::ProjectDirs::from("", "", "exeat")?;
    // Where a database is can be longer than the name of a folder may be.
    let place = hex::encode(&Sha256::digest(database)[..8]);
    Some(dirs.state_dir()?.join("drafts").join(format!("{}@{place}", plain(role))))
}

/// A name that is one part of a path, whatever it holds.
fn plain(name: &str) -> String {
    let one = |byte: u8| match byte {
        b'-' | b'_' => char::from(byte).to_string(),
        byte if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
        byte => format!("%{byte:02x}"),
    };
    name.bytes().map(one).collect()
}

fn file(folder: &Path, Of { area, id, kind }: &Of) -> PathBuf {
    folder.join(format!("{}.{id}.{}.json", plain(area), plain(kind)))
}

/// Reads all there are; what cannot be read is no draft.
pub fn read(folder: &Path) -> Vec<Draft> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let files = paths.filter(|path| path.extension().is_some_and(|ending| ending == "json"));
    files.filter_map(|path| serde_json::from_slice(&fs::read(path).ok()?).ok()).collect()
}

/// Keeps a draft; a blank one removes what was kept of the same.
fn keep(folder: &Path, draft: &Draft) -> io::Result<()> {
    let file = file(folder, &draft.of);
    if draft.is_blank() {
        return match fs::remove_file(file) {
            Err(why) if why.kind() != io::ErrorKind::NotFound => Err(why),
            _ => Ok(()),
        };
    }
    replace(&file, &serde_json::to_vec(draft)?)
}

/// Keeps the newest of each until no more come; what cannot be kept is told.
pub async fn keep_all(folder: Option<PathBuf>, mut drafts: UnboundedReceiver<Draft>, told: impl Fn(String)) {
    let Some(folder) = folder else { return };
    while let Some(draft) = drafts.recv().await {
        let mut newest = HashMap::from([(draft.of.clone(), draft)]);
        while let Ok(draft) = drafts.try_recv() {
            newest.insert(draft.of.clone(), draft);
        }
        for draft in newest.values() {
            if let Err(why) = keep(&folder, draft) {
                told(format!("The draft cannot be kept in {} ({why}): send it before you leave.", folder.display()));
            }
        }
    }
}

/// Puts a file there whole, readable by its owner only, its folder too.
pub fn replace(file: &Path, bytes: &[u8]) -> io::Result<()> {
    if let Some(folder) = file.parent() {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    let beside = file.with_extension("new");
    // A leftover could have other rights: it is made anew.
    let _ = fs::remove_file(&beside);
    let mut out = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside)?;
    out.write_all(bytes)?;
    fs::rename(&beside, file)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn draft(id: i64, kind: &str, text: &str) -> Draft {
        let of = Of { area: "egress".into(), id, kind: kind.into() };
        Draft { of, words: [("text".to_owned(), text.to_owned())].into() }
    }

    #[test]
    fn drafts_come_back_each_for_itself_and_are_their_owners_alone() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("state/drafts/checker1@site");
        let (one, other) = (draft(7, "comment", "please\nround"), draft(8, "comment", "../../names"));
        let third = draft(7, "note ../x", "third");
        for draft in [&one, &other, &third] {
            keep(&folder, draft).unwrap();
        }
        let mut all = read(&folder);
        all.sort_by_key(|draft| draft.of.clone());
        assert_eq!(all, [one.clone(), third.clone(), other.clone()]);
        assert_eq!(fs::metadata(file(&folder, &one.of)).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700);
        keep(&folder, &draft(7, "comment", " ")).unwrap();
        keep(&folder, &draft(7, "comment", "")).unwrap();
        fs::write(folder.join("broken.json"), "{").unwrap();
        assert_eq!(read(&folder).len(), 2);
        assert!(read(&folder.join("none")).is_empty());
    }
}
