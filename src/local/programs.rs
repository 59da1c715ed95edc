//! Where PostgreSQL's server programs are on this machine. Called by `local::postgres` and `up`.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

/// Oldest major version whose features the SQL uses.
pub const OLDEST: u32 = 15;

/// The folder of PostgreSQL's server programs.
#[derive(Clone, Debug)]
pub struct Programs {
    pub(super) bin: PathBuf,
    major: u32,
}

impl Programs {
    /// Finds the programs: `PATH` first, then the versioned folders of the distributions, newest first.
    /// With `major` only that version will do (an existing cluster needs its own).
    #[must_use]
    pub fn find(major: Option<u32>) -> Option<Self> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let mut found: Vec<Self> = std::env::split_paths(&path).filter_map(Self::in_folder).collect();
        let mut versioned: Vec<Self> = versioned_folders().into_iter().filter_map(Self::in_folder).collect();
        versioned.sort_by_key(|programs| std::cmp::Reverse(programs.major));
        found.append(&mut versioned);
        found.into_iter().find(|programs| match major {
            Some(major) => programs.major == major,
            None => programs.major >= OLDEST,
        })
    }

    /// The major version.
    #[must_use]
    pub fn major(&self) -> u32 {
        self.major
    }

    fn in_folder(bin: PathBuf) -> Option<Self> {
        if !bin.join("initdb").is_file() {
            return None;
        }
        let said = Command::new(bin.join("postgres")).arg("--version").output().ok()?;
        let said = String::from_utf8_lossy(&said.stdout).into_owned();
        let number = said.split_whitespace().find(|word| word.starts_with(|c: char| c.is_ascii_digit()))?;
        let digits: String = number.chars().take_while(char::is_ascii_digit).collect();
        Some(Self { bin, major: digits.parse().ok()? })
    }
}

/// Where Debian, PGDG's RPMs, SUSE, Gentoo, Alpine and Homebrew put each major version.
fn versioned_folders() -> Vec<PathBuf> {
    let places = [
        ("/usr/lib/postgresql", "", "bin"),
        ("/usr", "pgsql-", "bin"),
        ("/usr/lib", "postgresql", "bin"),
        ("/usr/lib64", "postgresql-", "bin"),
        ("/usr/libexec", "postgresql", ""),
        ("/opt/homebrew/opt", "postgresql", "bin"),
        ("/usr/local/opt", "postgresql", "bin"),
    ];
    let mut found = Vec::new();
    for (above, begin, below) in places {
        let Ok(entries) = fs::read_dir(above) else { continue };
        let names = entries.flatten().filter(|entry| entry.file_name().to_string_lossy().starts_with(begin));
        found.extend(names.map(|entry| entry.path().join(below)));
    }
    found
}
