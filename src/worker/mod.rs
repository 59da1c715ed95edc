//! The worker: intake, tickets, release, lapsed votes, sealing. Called by `cli` and `local`.
