//! Where the desk's configuration is looked for. Called by `cli`.

use std::path::{Path, PathBuf};

use super::{Config, ConfigError};

/// The places looked at when neither `--config` nor `EXEAT_CONFIG` names a file, first found wins: the user's own
/// (XDG), then the host's.
#[must_use]
pub fn search_order() -> Vec<PathBuf> {
    let own = directories::ProjectDirs::from("", "", "exeat").map(|dirs| dirs.config_dir().join("config.toml"));
    own.into_iter().chain([PathBuf::from("/etc/exeat/config.toml")]).collect()
}

/// The file to read: `--config` or `EXEAT_CONFIG` (`named`; it must be there), else the first that is there, else none.
#[must_use]
pub fn find(named: Option<&Path>) -> Option<PathBuf> {
    named.map(Path::to_owned).or_else(|| search_order().into_iter().find(|file| file.exists()))
}

/// Finds and reads the desk's configuration; the defaults where there is no file.
///
/// # Errors
/// A file that was named or found cannot be read or is wrong.
pub fn load(named: Option<&Path>) -> Result<Config, ConfigError> {
    find(named).map_or_else(|| Ok(Config::default()), |file| Config::read(&file))
}
