//! Who owns a local desk's folder and runs its servers: the invoking user, or, where root starts it, a user without rights,
//! because PostgreSQL refuses root. Called by `up`, the supervisor and `local::postgres`.
//!
//! Root does two things and no more: it makes the folder, or takes an empty one of its own, for that user, and then becomes
//! the user for good ([`Owner::enter`]). Everything in the folder is touched, and every process ended, with the owner's
//! rights, so that no link planted there leads anywhere the owner could not go.

use std::fs::{self, Metadata};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, lchown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use nix::unistd::{Gid, Uid, User};

/// The users root drops to: the first there is.
const OTHERS: [&str; 2] = ["postgres", "nobody"];

/// The uid and gid that own a desk's folder and run its servers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owner {
    uid: Uid,
    gid: Gid,
}

/// Why a folder cannot hold a local desk.
#[derive(Debug, thiserror::Error)]
pub enum OwnerError {
    /// No other user to drop to.
    #[error(
        "started as root, and this machine has neither a user `postgres` nor `nobody` to run the servers as: run exeat as an ordinary user"
    )]
    NoOtherUser,
    /// A parent folder that the servers' user may not pass through.
    #[error(
        "the user {user} cannot reach {dir}: its parent folder {parent} lacks the x bit for it; run `chmod o+x {parent}` or choose another --dir"
    )]
    Unreachable {
        /// The folder wanted.
        dir: String,
        /// The first parent that cannot be passed.
        parent: String,
        /// The user that would have to.
        user: String,
    },
    /// Root would act where somebody else decides what lies there.
    #[error("root keeps no local desk in {dir}: {why}")]
    Unsafe {
        /// The folder wanted.
        dir: String,
        /// What is wrong with it or the way to it, and what to do.
        why: String,
    },
    /// The system refused.
    #[error("cannot prepare the folder {dir}: {source}; choose another --dir")]
    Io {
        /// The folder.
        dir: String,
        /// What the system said.
        source: std::io::Error,
    },
}

impl Owner {
    /// The owner for a desk in `dir`: the caller, or, for root, the one of the users it drops to who owns the folder
    /// already, else the first of them there is.
    ///
    /// # Errors
    /// If root has nobody to drop to.
    pub fn choose(dir: &Path) -> Result<Self, OwnerError> {
        let me = Uid::effective();
        if !me.is_root() {
            return Ok(Self { uid: me, gid: Gid::effective() });
        }
        let there = fs::symlink_metadata(dir).ok().map(|found| found.uid());
        let users: Vec<User> = OTHERS.iter().filter_map(|name| User::from_name(name).ok().flatten()).collect();
        let chosen = users.iter().find(|user| Some(user.uid.as_raw()) == there).or(users.first());
        chosen.map(|user| Self { uid: user.uid, gid: user.gid }).ok_or(OwnerError::NoOtherUser)
    }

    /// Whether servers have to be started under another uid than the caller's.
    #[must_use]
    pub fn is_other(self) -> bool {
        self.uid != Uid::effective()
    }

    /// The uid.
    #[must_use]
    pub fn uid(self) -> Uid {
        self.uid
    }

    /// The login name, or the number where there is none.
    #[must_use]
    pub fn name(self) -> String {
        user_name(self.uid.as_raw())
    }

    /// Makes `command` run as the owner, with no supplementary groups (the standard library clears them when root drops).
    pub fn applied(self, command: &mut Command) -> &mut Command {
        if self.is_other() {
            command.gid(self.gid.as_raw()).uid(self.uid.as_raw());
        }
        command
    }

    /// Turns this whole process into the owner of the desk in `dir`, for good; with `making` it makes the folder first.
    ///
    /// # Errors
    /// If the folder cannot be made or reached, or root would have to act where others can put something in its way.
    pub fn enter(dir: &Path, making: bool) -> Result<(), OwnerError> {
        let owner = Self::choose(dir)?;
        if owner.is_other() {
            owner.hand_over(dir, making)?;
            nix::unistd::setgroups(&[])
                .and_then(|()| nix::unistd::setgid(owner.gid))
                .and_then(|()| nix::unistd::setuid(owner.uid))
                .map_err(|errno| OwnerError::Io { dir: owner.name(), source: errno.into() })?;
        }
        Ok(())
    }

    /// Makes `dir` a 0700 folder of the owner, parents included, if it is not one yet.
    ///
    /// # Errors
    /// If it cannot be made or its parents cannot be passed by the owner.
    pub fn own_dir(self, dir: &Path) -> Result<(), OwnerError> {
        if self.is_other() {
            return self.hand_over(dir, true);
        }
        let failed = failed(dir);
        if !dir.is_dir() {
            if let Some(parent) = dir.parent() {
                fs::create_dir_all(parent).map_err(&failed)?;
            }
            fs::DirBuilder::new().mode(0o700).create(dir).map_err(&failed)?;
        }
        if fs::metadata(dir).map_err(&failed)?.mode() & 0o777 != 0o700 {
            fs::set_permissions(dir, fs::Permissions::from_mode(0o700)).map_err(&failed)?;
        }
        self.reachable(dir)
    }

    /// Root's part: `dir` is the owner's already, or is made for the owner, or is an empty one of root's own. Every folder
    /// above it must be root's (or the owner's, who makes the rest) and closed to others, or sticky as `/tmp`: then nobody
    /// else can change what a name stands for between one step and the next.
    fn hand_over(self, dir: &Path, making: bool) -> Result<(), OwnerError> {
        let whole = std::path::absolute(dir).map_err(failed(dir))?;
        let mut ways: Vec<&Path> = whole.ancestors().collect();
        ways.reverse();
        for way in ways {
            let found = match fs::symlink_metadata(way) {
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                    if !making {
                        return Ok(());
                    }
                    self.make(way, way == whole).map_err(failed(way))?;
                    continue;
                }
                found => found.map_err(failed(way))?,
            };
            if let Some(why) = self.why_not(way, &found, (way == whole).then_some(making)) {
                return Err(OwnerError::Unsafe { dir: dir.display().to_string(), why });
            }
            if found.uid() == self.uid.as_raw() {
                break;
            }
            if way == whole {
                self.give(way).map_err(failed(way))?;
            }
        }
        if whole.exists() { self.reachable(&whole) } else { Ok(()) }
    }

    /// A new folder: of root's on the way, and the last for the owner.
    fn make(self, way: &Path, is_last: bool) -> std::io::Result<()> {
        fs::DirBuilder::new().mode(if is_last { 0o700 } else { 0o755 }).create(way)?;
        if is_last { self.give(way) } else { Ok(()) }
    }

    fn give(self, dir: &Path) -> std::io::Result<()> {
        fs::set_permissions(dir, fs::Permissions::from_mode(0o700))?;
        lchown(dir, Some(self.uid.as_raw()), Some(self.gid.as_raw()))
    }

    /// Why root must not go this way; `last` is the desk's folder itself, and whether it may be taken.
    fn why_not(self, way: &Path, found: &Metadata, last: Option<bool>) -> Option<String> {
        let name = way.display();
        if found.file_type().is_symlink() {
            let real = fs::canonicalize(way).unwrap_or_default();
            return Some(format!("{name} is a link; name the folder by its real path, through {}", real.display()));
        }
        if !found.is_dir() {
            return Some(format!("{name} is no folder; choose another --dir"));
        }
        if found.uid() == self.uid.as_raw() {
            return None;
        }
        if found.uid() != 0 {
            let whose = user_name(found.uid());
            return Some(format!(
                "{name} belongs to {whose}; run exeat as that user (runuser -u {whose}) or choose another --dir"
            ));
        }
        let is_full = || fs::read_dir(way).is_ok_and(|mut inside| inside.next().is_some());
        match last {
            None if found.mode() & 0o022 != 0 && found.mode() & 0o1000 == 0 => {
                Some(format!("others may write to {name}; run `chmod go-w {name}` or choose another --dir"))
            }
            Some(false) => Some(format!("{name} is root's, and a local desk's folder never is; choose another --dir")),
            Some(true) if is_full() => Some(format!("{name} is root's and not empty; choose another --dir")),
            _ => None,
        }
    }

    /// Whether the owner can pass through every parent of `dir`.
    fn reachable(self, dir: &Path) -> Result<(), OwnerError> {
        let failed = failed(dir);
        let whole: PathBuf = fs::canonicalize(dir).map_err(&failed)?;
        for parent in whole.ancestors().skip(1) {
            let found = fs::metadata(parent).map_err(&failed)?;
            let bit = if found.uid() == self.uid.as_raw() {
                0o100
            } else if found.gid() == self.gid.as_raw() {
                0o010
            } else {
                0o001
            };
            if found.mode() & bit == 0 {
                return Err(OwnerError::Unreachable {
                    dir: dir.display().to_string(),
                    parent: parent.display().to_string(),
                    user: self.name(),
                });
            }
        }
        Ok(())
    }
}

fn failed(dir: &Path) -> impl Fn(std::io::Error) -> OwnerError + '_ {
    move |source| OwnerError::Io { dir: dir.display().to_string(), source }
}

fn user_name(uid: u32) -> String {
    User::from_uid(Uid::from_raw(uid)).ok().flatten().map_or_else(|| uid.to_string(), |user| user.name)
}
