//! The comment or request being written, each kept in a file of the person's own, so that a dropped connection costs no words.

use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

/// The file: one for each kind of draft and database role, in the person's state folder.
pub fn file(what: &str, role: &str) -> Option<PathBuf> {
    let dirs = directories::ProjectDirs::from("", "", "exeat")?;
    let name: String = role
        .bytes()
        .map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02x}") })
        .collect();
    Some(dirs.state_dir()?.join(format!("{what}-{name}.json")))
}

/// Reads it; what cannot be read is no draft.
pub fn read<T: serde::de::DeserializeOwned>(file: &Path) -> Option<T> {
    serde_json::from_slice(&fs::read(file).ok()?).ok()
}

/// Writes it beside and renames it, readable by its owner only; none removes it.
pub fn write<T: serde::Serialize>(file: &Path, draft: Option<&T>) -> io::Result<()> {
    let Some(draft) = draft else {
        return match fs::remove_file(file) {
            Err(why) if why.kind() != io::ErrorKind::NotFound => Err(why),
            _ => Ok(()),
        };
    };
    replace(file, &serde_json::to_vec(draft)?)
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
    use crate::tui::app::msg::{Draft, DraftOf};

    #[test]
    fn a_draft_comes_back_and_is_its_owners_alone() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("state/draft-checker1.json");
        let draft = Draft { id: 7, internal: true, text: "please\nround".into(), of: DraftOf::Comment };
        write(&file, Some(&draft)).unwrap();
        assert_eq!(read(&file), Some(draft));
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        write(&file, None::<&Draft>).unwrap();
        write(&file, None::<&Draft>).unwrap();
        assert_eq!(read::<Draft>(&file), None);
    }
}
