//! Looks out for changes of the settings' files (inotify), so that they are read again without a restart and without
//! looking again and again. Editors replace files: the folders are watched, and for a missing one the folder above it.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use nix::sys::inotify::{AddWatchFlags, InitFlags, Inotify};
use tokio::sync::{mpsc, watch};

use super::settings::{Adapted, Settings};

/// How long a change is given to come to its end before the files are read.
const SETTLE: Duration = Duration::from_millis(60);

/// Reads the settings again after every change of their files and whenever `asked` changes; sends what is new, and with a
/// request the answer whatever it is. Where the kernel has no watches left, or the folder is on another machine, asking is
/// the only way.
pub async fn follow(
    mut settings: Settings,
    mut last: Adapted,
    mut asked: watch::Receiver<u64>,
    told: mpsc::UnboundedSender<Adapted>,
) {
    let (stirred, mut stirs) = mpsc::channel(1);
    let inotify = Inotify::init(InitFlags::IN_CLOEXEC).ok().map(Arc::new);
    if let Some(inotify) = inotify.clone() {
        // It sleeps in the kernel until something changes, and ends with the desk.
        std::thread::spawn(move || {
            while inotify.read_events().is_ok() {
                if matches!(stirred.try_send(()), Err(mpsc::error::TrySendError::Closed(()))) {
                    return;
                }
            }
        });
    }
    let mut watched = BTreeSet::new();
    let mut by_hand = false;
    loop {
        // Once more where a folder has come to be watched since: what changed in it before that told nobody.
        loop {
            let read = tokio::task::spawn_blocking(move || {
                let adapted = settings.read();
                (settings, adapted)
            });
            let Ok((back, adapted)) = read.await else { return };
            settings = back;
            if std::mem::take(&mut by_hand) || adapted != last {
                // No receiver: the desk is closing.
                if told.send(adapted.clone()).is_err() {
                    return;
                }
                last = adapted;
            }
            let Some(inotify) = &inotify else { break };
            let now = arm(inotify, &settings);
            if now == watched {
                break;
            }
            watched = now;
        }
        by_hand = tokio::select! {
            changed = asked.changed() => match changed {
                Ok(()) => true,
                Err(_) => return,
            },
            Some(()) = stirs.recv() => {
                tokio::time::sleep(SETTLE).await;
                let _ = stirs.try_recv();
                false
            }
        };
    }
}

/// Watches the folder of each file, and of what it links to; a folder that is watched already stays so. Returns them.
fn arm(inotify: &Inotify, settings: &Settings) -> BTreeSet<PathBuf> {
    let changes = AddWatchFlags::IN_CLOSE_WRITE
        | AddWatchFlags::IN_CREATE
        | AddWatchFlags::IN_DELETE
        | AddWatchFlags::IN_MOVED_FROM
        | AddWatchFlags::IN_MOVED_TO;
    let mut folders: BTreeSet<PathBuf> = BTreeSet::new();
    for file in settings.files() {
        for file in file.canonicalize().into_iter().chain([file]) {
            folders.extend(file.ancestors().skip(1).find(|folder| folder.is_dir()).map(PathBuf::from));
        }
    }
    for folder in &folders {
        let _ = inotify.add_watch(folder, changes);
    }
    folders
}
