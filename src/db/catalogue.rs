//! What PostgreSQL's catalogue says of everything that can change an answer of exeat's, a line each, alike on every version.
//! Read by `service::journal` to hold it against `assets/catalogue.txt`, which is what a migration makes. The bodies of
//! functions are compared by themselves.
//!
//! What a site adds for itself is left out: indexes, rights of its own roles, settings that change no answer.

use super::{Db, DbError, on_connection};

impl Db {
    /// The lines, in no order.
    pub(crate) async fn catalogue(&self) -> Result<Vec<String>, DbError> {
        // Names are written with their schema, and nothing but PostgreSQL's own is called.
        on_connection!(self, |conn| sqlx::query!(
            "select pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', false) as set"
        )
        .fetch_one(conn))?;
        on_connection!(self, |conn| sqlx::query_file_scalar!("assets/catalogue.sql").fetch_all(conn))
    }
}
