//! Where a download lands: below one folder, by the sanitised key, through no link, over no other file. Used by
//! `download`.

use std::fs::File;
use std::os::fd::OwnedFd;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Component, Path, PathBuf};

use nix::errno::Errno;
use nix::fcntl::{AtFlags, OFlag, openat};
use nix::sys::stat::{Mode, mkdirat};
use nix::sys::statvfs::fstatvfs;
use nix::unistd::{UnlinkatFlags, fsync, linkat, unlinkat};

use super::submit::visible;
use super::{Result, ServiceError};
use crate::domain::egress::VersionId;
use crate::text::safe_relative_path;

/// The open folder a file goes to, and its name there.
pub(super) struct Target {
    folder: OwnedFd,
    name: PathBuf,
    path: PathBuf,
}

impl Target {
    /// Opens, and makes where missing, every folder on the way. Below the chosen one no link is followed: the names come
    /// from strangers, and a link there could lead anywhere.
    pub(super) fn open(folder: &Path, key: &[u8]) -> Result<Self> {
        let relative = safe_relative_path(key);
        let path = folder.join(&relative);
        std::fs::create_dir_all(folder).map_err(|why| unwritable(folder, &why))?;
        let flags = OFlag::O_DIRECTORY | OFlag::O_CLOEXEC | OFlag::O_RDONLY;
        let mut open = nix::fcntl::open(folder, flags, Mode::empty()).map_err(|why| unwritable(folder, &why.into()))?;
        let mut names: Vec<PathBuf> = Vec::new();
        for part in relative.components() {
            match part {
                Component::Normal(name) => names.push(name.into()),
                _ => return Err(ServiceError::Other(format!("{} leads out of the folder.", visible(&relative)))),
            }
        }
        let name = names.pop().ok_or_else(|| ServiceError::Other("The key makes no file name.".to_owned()))?;
        for part in names {
            match mkdirat(&open, &part, Mode::S_IRWXU) {
                Ok(()) | Err(Errno::EEXIST) => {}
                Err(why) => return Err(unwritable(&path, &why.into())),
            }
            open = openat(&open, &part, flags | OFlag::O_NOFOLLOW, Mode::empty()).map_err(|why| match why {
                Errno::ELOOP | Errno::ENOTDIR => in_the_way(&path, "a link or a file is in the way there"),
                why => unwritable(&path, &why.into()),
            })?;
        }
        Ok(Self { folder: open, name, path })
    }

    /// Where the file will be.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The file that is there already, if it is a plain one.
    pub(super) fn present(&self) -> Result<Option<File>> {
        // O_NONBLOCK: opening a named pipe must not hang.
        let flags = OFlag::O_RDONLY | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC | OFlag::O_NONBLOCK;
        match openat(&self.folder, &self.name, flags, Mode::empty()) {
            Ok(file) => {
                let file = File::from(file);
                let plain = file.metadata().is_ok_and(|facts| facts.is_file());
                if plain { Ok(Some(file)) } else { Err(self.exists()) }
            }
            Err(Errno::ENOENT) => Ok(None),
            Err(_) => Err(self.exists()),
        }
    }

    /// Another file has the name.
    pub(super) fn exists(&self) -> ServiceError {
        in_the_way(&self.path, "another file is there")
    }

    /// The file the bytes are gathered in, 0600, what an interrupted download left included. One download at a time.
    pub(super) fn part(&self, id: VersionId) -> Result<File> {
        let flags = OFlag::O_RDWR | OFlag::O_CREAT | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC | OFlag::O_NONBLOCK;
        let file = openat(&self.folder, &part_name(id), flags, Mode::S_IRUSR | Mode::S_IWUSR)
            .map_err(|why| unwritable(&self.path, &why.into()))?;
        let file = File::from(file);
        let facts = file.metadata().map_err(|why| unwritable(&self.path, &why))?;
        let mine = facts.is_file()
            && facts.uid() == nix::unistd::geteuid().as_raw()
            && facts.nlink() == 1
            && facts.mode() & 0o7777 == 0o600;
        if !mine {
            return Err(in_the_way(&self.path, "its .part file is not yours alone"));
        }
        file.try_lock().map_err(|_| in_the_way(&self.path, "another download of it is running"))?;
        Ok(file)
    }

    /// Whether so many more bytes fit.
    pub(super) fn room(&self, bytes: u64) -> Result<()> {
        let Ok(facts) = fstatvfs(&self.folder) else { return Ok(()) };
        let free = facts.blocks_available().saturating_mul(facts.fragment_size());
        if free < bytes {
            return Err(ServiceError::Other(format!(
                "There is room for {free} bytes at {} and it needs {bytes}: free space there or choose another folder.",
                visible(&self.path)
            )));
        }
        Ok(())
    }

    /// Gives the part its name. A link and not a renaming: that would overwrite.
    pub(super) fn finish(&self, id: VersionId) -> Result<()> {
        match linkat(&self.folder, &part_name(id), &self.folder, &self.name, AtFlags::empty()) {
            Ok(()) => {}
            Err(Errno::EEXIST) => return Err(self.exists()),
            Err(why) => return Err(unwritable(&self.path, &why.into())),
        }
        self.discard(id);
        // The name survives a power cut from here on.
        let _ = fsync(&self.folder);
        Ok(())
    }

    /// Takes the part away.
    pub(super) fn discard(&self, id: VersionId) {
        let _ = unlinkat(&self.folder, &part_name(id), UnlinkatFlags::NoRemoveDir);
    }
}

/// No sanitised key begins with a dot.
fn part_name(id: VersionId) -> PathBuf {
    PathBuf::from(format!(".exeat-{id}.part"))
}

fn in_the_way(path: &Path, what: &str) -> ServiceError {
    ServiceError::refused("exists", format!("{}: {what}. Choose another folder, or move that away.", visible(path)))
}

/// Why a file or folder could not be written.
pub(super) fn unwritable(path: &Path, why: &std::io::Error) -> ServiceError {
    ServiceError::Other(format!("Cannot write {}: {why}. Free space there or choose another folder.", visible(path)))
}
