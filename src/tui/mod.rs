//! The desk. Called by `cli`.
