//! A site's lists of people and datasets, identity verifications, and its numbers. Called by `service::directory`.

use serde_json::Value;
use uuid::Uuid;

use super::access::SettingRow;
use super::{Db, DbError, command, on_connection};
use crate::domain::access::Iva;
use crate::domain::refusal::Answer;

impl Db {
    /// Takes over a list of people.
    pub(crate) async fn sync_people(
        &self,
        command_id: Uuid,
        rows: &Value,
        dry_run: bool,
        complete: bool,
    ) -> Result<Answer, DbError> {
        command!(self, "sync_people($1, $2, $3, $4)", command_id, rows, dry_run, complete)
    }

    /// Takes over a list of datasets.
    pub(crate) async fn sync_datasets(
        &self,
        command_id: Uuid,
        rows: &Value,
        dry_run: bool,
        complete: bool,
    ) -> Result<Answer, DbError> {
        command!(self, "sync_datasets($1, $2, $3, $4)", command_id, rows, dry_run, complete)
    }

    /// Notes how a person's identity was verified.
    pub(crate) async fn set_iva(
        &self,
        command_id: Uuid,
        login: &str,
        kind: &str,
        verified: bool,
        iva: Option<Uuid>,
    ) -> Result<Answer, DbError> {
        command!(self, "set_iva($1, $2, $3, $4, $5)", command_id, login, kind, verified, iva)
    }

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

    /// Sets one of them.
    pub(crate) async fn set_setting(&self, command_id: Uuid, name: &str, value: &Value) -> Result<Answer, DbError> {
        command!(self, "set_setting($1, $2, $3)", command_id, name, value)
    }
}
