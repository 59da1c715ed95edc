//! Who owns a local desk's folder and runs its servers: the invoking user, or another uid when started as root,
//! because PostgreSQL refuses root. Called by `local::postgres` and the supervisor.

use std::fs;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use nix::unistd::{Gid, Uid, User};

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
    /// The owner for a desk in `dir`: the caller, or, for root, whoever owns the folder already, else `postgres`, else `nobody`.
    ///
    /// # Errors
    /// If root has nobody to drop to.
    pub fn choose(dir: &Path) -> Result<Self, OwnerError> {
        let me = Uid::effective();
        if !me.is_root() {
            return Ok(Self { uid: me, gid: Gid::effective() });
        }
        if let Ok(found) = fs::metadata(dir)
            && found.uid() != 0
        {
            let uid = Uid::from_raw(found.uid());
            let gid = User::from_uid(uid).ok().flatten().map_or_else(|| Gid::from_raw(found.gid()), |user| user.gid);
            return Ok(Self { uid, gid });
        }
        ["postgres", "nobody"]
            .iter()
            .find_map(|name| User::from_name(name).ok().flatten())
            .map(|user| Self { uid: user.uid, gid: user.gid })
            .ok_or(OwnerError::NoOtherUser)
    }

    /// Whether servers have to be started under another uid than the caller's.
    #[must_use]
    pub fn is_other(self) -> bool {
        self.uid != Uid::effective()
    }

    /// The login name, or the number where there is none.
    #[must_use]
    pub fn name(self) -> String {
        User::from_uid(self.uid).ok().flatten().map_or_else(|| self.uid.to_string(), |user| user.name)
    }

    /// Makes `command` run as the owner, with no supplementary groups (the standard library clears them when root drops).
    pub fn applied(self, command: &mut Command) -> &mut Command {
        if self.is_other() {
            command.gid(self.gid.as_raw()).uid(self.uid.as_raw());
        }
        command
    }

    /// Turns this whole process into the owner, for good.
    ///
    /// # Errors
    /// If the system refuses.
    pub fn become_it(self) -> Result<(), OwnerError> {
        if !self.is_other() {
            return Ok(());
        }
        nix::unistd::setgroups(&[])
            .and_then(|()| nix::unistd::setgid(self.gid))
            .and_then(|()| nix::unistd::setuid(self.uid))
            .map_err(|errno| OwnerError::Io { dir: self.name(), source: errno.into() })
    }

    /// Makes `dir` a 0700 folder of the owner, parents included, if it is not one yet.
    ///
    /// # Errors
    /// If it cannot be made or its parents cannot be passed by the owner.
    pub fn own_dir(self, dir: &Path) -> Result<(), OwnerError> {
        let failed = |source| OwnerError::Io { dir: dir.display().to_string(), source };
        if !dir.is_dir() {
            if let Some(parent) = dir.parent() {
                fs::create_dir_all(parent).map_err(failed)?;
            }
            fs::DirBuilder::new().mode(0o700).create(dir).map_err(failed)?;
        }
        self.own(dir)?;
        if fs::metadata(dir).map_err(failed)?.mode() & 0o777 != 0o700 {
            fs::set_permissions(dir, fs::Permissions::from_mode(0o700)).map_err(failed)?;
        }
        self.reachable(dir)
    }

    /// Hands a file or folder to the owner.
    ///
    /// # Errors
    /// If the system refuses.
    pub fn own(self, path: &Path) -> Result<(), OwnerError> {
        let failed = |source| OwnerError::Io { dir: path.display().to_string(), source };
        if self.is_other() && fs::metadata(path).map_err(failed)?.uid() != self.uid.as_raw() {
            nix::unistd::chown(path, Some(self.uid), Some(self.gid)).map_err(|errno| failed(errno.into()))?;
        }
        Ok(())
    }

    /// Whether the owner can pass through every parent of `dir`.
    fn reachable(self, dir: &Path) -> Result<(), OwnerError> {
        let failed = |source| OwnerError::Io { dir: dir.display().to_string(), source };
        let whole: PathBuf = fs::canonicalize(dir).map_err(failed)?;
        for parent in whole.ancestors().skip(1) {
            let found = fs::metadata(parent).map_err(failed)?;
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
