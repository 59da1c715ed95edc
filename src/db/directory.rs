//! A site's lists of people and datasets, identity verifications, and its numbers. Called by `service::directory`.

use super::access::SettingRow;
use super::{Db, DbError, on_connection};
use crate::domain::access::Iva;

impl Db {
    /// A person's identity verifications, one's own where none is named.
    pub(crate) async fn list_ivas(&self, login: Option<&str>) -> Result<Vec<Iva>, DbError> {
        on_connection!(self, |conn| sqlx::query_as!(
            Iva,
            r#"select id as "id!", kind as "kind!", verified as "verified!" from exeat.list_ivas($1)"#,
            login
        )
        .fetch_all(conn))
    }

    /// The site's numbers.
    pub(crate) async fn list_settings(&self) -> Result<Vec<SettingRow>, DbError> {
        on_connection!(self, |conn| sqlx::query_as!(
            SettingRow,
            r#"select name as "name!", value as "value!", is_default as "is_default!" from exeat.list_settings()"#
        )
        .fetch_all(conn))
    }
}
