//! `exeat doctor --worker`: whose keys sign votes. Called by `doctor::worker`.

use super::Finding;
use crate::config::WorkerConfig;
use crate::domain::signed::AllowedSigners;

const WHAT: &str = "allowed signers";

/// The file of allowed signers; nothing where the site has none and asks for no signed approvals.
pub(super) fn findings(config: &WorkerConfig) -> Option<Finding> {
    let worker = &config.worker;
    let Some(file) = worker.allowed_signers.as_deref() else {
        return (!worker.signed_approvals.is_empty()).then(|| {
            Finding::note(
                WHAT,
                "Keys known only to the database are believed, so that who can write every table can sign for anybody: name a file in allowed_signers in [worker].",
            )
        });
    };
    let read = match std::fs::read_to_string(file) {
        Ok(text) => AllowedSigners::read(&text),
        Err(why) => {
            let sentence =
                format!("{} cannot be read ({why}): no signed vote is found good until it can.", file.display());
            return Some(Finding::config(WHAT, sentence));
        }
    };
    Some(if read.faults.is_empty() {
        Finding::well(WHAT, format!("{} names the keys that sign votes: {}.", file.display(), read.len()))
    } else {
        let sentence = format!("{}: some lines count for nothing ({}).", file.display(), read.faults.join("; "));
        Finding::config(WHAT, sentence)
    })
}
