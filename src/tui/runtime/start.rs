//! What a desk starts with: the signals it heeds, what the locale can show, randomness. Used by the runtime's loop and by the
//! one that waits until a desk can open.

use tokio::signal::unix::{Signal, SignalKind, signal};

use super::shell;

/// Whether the locale has more than ASCII: the first of these that is set decides, as in POSIX.
#[must_use]
pub fn utf8_locale() -> bool {
    let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(set).unwrap_or_default().to_ascii_lowercase();
    locale.contains("utf-8") || locale.contains("utf8")
}

/// Randomness for command ids.
pub(super) fn seed() -> [u8; 32] {
    let mut seed = [0; 32];
    seed[..16].copy_from_slice(uuid::Uuid::new_v4().as_bytes());
    seed[16..].copy_from_slice(uuid::Uuid::new_v4().as_bytes());
    seed
}

/// The signals a desk heeds.
pub(super) struct Signals {
    /// Whether stops from the terminal were ignored before these were taken.
    pub(super) ignores: bool,
    end: [Signal; 3],
    stop: Signal,
    go_on: Signal,
    size: Signal,
}

impl Signals {
    /// Takes them from now on.
    ///
    /// # Errors
    /// The system gives none.
    pub(super) fn new() -> std::io::Result<Self> {
        Ok(Self {
            ignores: shell::ignores_stops(),
            end: [signal(SignalKind::terminate())?, signal(SignalKind::hangup())?, signal(SignalKind::interrupt())?],
            stop: signal(SignalKind::from_raw(nix::sys::signal::Signal::SIGTSTP as i32))?,
            go_on: signal(SignalKind::from_raw(nix::sys::signal::Signal::SIGCONT as i32))?,
            size: signal(SignalKind::window_change())?,
        })
    }

    /// What the next signal asks for.
    pub(super) async fn next(&mut self) -> Asked {
        let [term, hup, int] = &mut self.end;
        tokio::select! {
            _ = term.recv() => Asked::End,
            _ = hup.recv() => Asked::End,
            _ = int.recv() => Asked::End,
            _ = self.stop.recv() => Asked::Stop,
            _ = self.go_on.recv() => Asked::GoOn,
            _ = self.size.recv() => Asked::Fit,
        }
    }
}

/// What a signal asks for.
pub(super) enum Asked {
    /// To leave.
    End,
    /// To stop.
    Stop,
    /// To go on after a stop.
    GoOn,
    /// The terminal has another size.
    Fit,
}
