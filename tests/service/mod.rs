//! The service layer against a real local desk: lost connections, the change feed, bytes that change under a reader.

mod bytes;
mod changes;
mod journal;
mod lost;
mod revoked;
mod services;
pub mod still;
mod stop;
