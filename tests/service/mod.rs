//! The service layer against a real local desk: lost connections, the change feed, rows
//! as SQL and the types have them, bytes that change under a reader.

mod bytes;
mod changes;
mod items;
mod journal;
mod lost;
mod revoked;
mod services;
pub mod still;
mod stop;
