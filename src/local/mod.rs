//! The local desk: private PostgreSQL, local S3 store, sample data, supervisor. Called by `cli`.

pub mod owner;
pub mod postgres;
pub mod store;
