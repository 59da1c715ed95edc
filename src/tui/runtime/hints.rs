//! Which first-run hints have gone, kept in a file of the person's own, whatever the desk.

use std::io;
use std::path::{Path, PathBuf};

use super::draft::replace;
use crate::tui::app::msg::Gone;

/// The file, in the person's state folder.
pub fn file() -> Option<PathBuf> {
    Some(directories::ProjectDirs::from("", "", "exeat")?.state_dir()?.join("hints.json"))
}

/// Reads it; where there is none, none have gone.
pub fn read(file: &Path) -> Gone {
    std::fs::read(file).ok().and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or_default()
}

/// Adds to it what has gone here; another desk may have added meanwhile.
pub fn add(file: &Path, gone: &Gone) -> io::Result<()> {
    let mut all = read(file);
    all.extend(gone.iter().cloned());
    replace(file, &serde_json::to_vec(&all)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_gone_stays_gone_and_two_desks_add_up() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("state/hints.json");
        assert!(read(&file).is_empty());
        let gone = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<Gone>();
        add(&file, &gone(&["look"])).unwrap();
        add(&file, &gone(&["filter"])).unwrap();
        assert_eq!(read(&file), gone(&["look", "filter"]));
        std::fs::write(&file, "no json").unwrap();
        assert!(read(&file).is_empty());
    }
}
