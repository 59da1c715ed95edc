//! What the desk's tasks share: the service, and the way back to the desk. Each task is an `impl` beside what it does.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::mpsc::UnboundedSender;

use crate::service::{Service, ServiceError};
use crate::text::Untrusted;
use crate::tui::app::Msg;

/// What tasks share.
#[derive(Clone)]
pub(super) struct Shared {
    pub(super) service: Arc<Service>,
    pub(super) told: UnboundedSender<Msg>,
    /// A task is trying to reach the database again.
    pub(super) trying: Arc<AtomicBool>,
}

impl Shared {
    pub(super) fn tell(&self, msg: Msg) {
        // No receiver: the desk is closing.
        let _ = self.told.send(msg);
    }

    pub(super) fn note(&self, ok: bool, text: impl Into<String>) {
        self.tell(Msg::Note { ok, text: Untrusted::new(text) });
    }

    /// The error's sentence; if the database is away the desk is told, and a task tries until it is back.
    pub(super) fn failed(&self, error: &ServiceError) -> String {
        let sentence = error.to_string();
        let database = matches!(error, ServiceError::Unreachable { what, .. } if what == "PostgreSQL");
        if database {
            self.tell(Msg::Lost(sentence.clone()));
            if !self.trying.swap(true, Ordering::SeqCst) {
                tokio::spawn(self.clone().try_again());
            }
        }
        sentence
    }
}
