//! Contract B: access grants as users and stewards read and revoke them.

use axum::Extension;
use axum::http::{HeaderMap, Method, StatusCode};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::access::{all_of, dataset_id, is_steward, of_user};
use crate::domain::access::Grant;
use crate::domain::page::Sort;
use crate::serve::fault::{Answered, Fault, Kind};
use crate::serve::generic::command_id;
use crate::serve::input::{Ids, Query};
use crate::serve::reply;
use crate::serve::routes::{Asker, Route, by};
use crate::service::Service;

/// Its routes.
pub const ROUTES: &[Route] = &[
    Route::new(Method::GET, "/access-grants", "grants:read", "access grants", |m| by(m, list)).query(ASKED),
    Route::new(Method::DELETE, "/access-grants/{grant}", "grants:write", "revokes a grant", |m| by(m, revoke)).ok(204),
];

pub(super) const ASKED: &[&str] = &["user_id", "iva_id", "dataset_id", "valid"];
pub(super) const MISSING: &str = "Access grant not found";

/// What a list of grants is asked for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    pub(super) user_id: Option<Uuid>,
    iva_id: Option<Uuid>,
    dataset_id: Option<String>,
    valid: Option<bool>,
}

impl Asked {
    /// As the database's filter. Revoked grants are in no list of these contracts.
    pub(super) fn filter(&self) -> Result<Map<String, Value>, Fault> {
        let mut filter = Map::new();
        if let Some(dataset) = &self.dataset_id {
            dataset_id(dataset)?;
            filter.insert("dataset".into(), json!([dataset]));
        }
        let states = match self.valid {
            Some(true) => json!(["active"]),
            Some(false) => json!(["upcoming", "expired"]),
            None => json!(["active", "upcoming", "expired"]),
        };
        filter.insert("state".into(), states);
        Ok(filter)
    }

    /// The grants of that filter, for one identity verification where it is named.
    pub(super) async fn grants(&self, service: &Service, filter: Value) -> Result<Vec<Grant>, Fault> {
        let mut grants = all_of::<Grant>(service, Sort::new("created", true), filter).await?;
        grants.retain(|grant| self.iva_id.is_none_or(|iva| grant.iva_id == Some(iva)));
        Ok(grants)
    }
}

async fn list(Extension(caller): Asker, query: Query) -> Answered {
    let asked: Asked = query.read()?;
    let filter = asked.filter()?;
    let service = caller.acting(caller.own()?)?;
    let grants = match of_user(&caller, &service, asked.user_id, filter).await? {
        Some(filter) => asked.grants(&service, filter).await?,
        None => Vec::new(),
    };
    let told = grants.iter().map(|grant| {
        let mut told = short(grant);
        told["dataset_title"] = json!(grant.dataset_title);
        told["dac_alias"] = json!(grant.dac_alias);
        told["dac_email"] = json!(grant.dac_email);
        told
    });
    reply::json(StatusCode::OK, &told.collect::<Vec<_>>())
}

/// A grant as both contracts have it.
pub(super) fn short(grant: &Grant) -> Value {
    json!({"id": grant.id, "user_id": grant.user_id, "iva_id": grant.iva_id, "dataset_id": grant.dataset_id,
        "created": grant.created, "valid_from": grant.valid_from, "valid_until": grant.valid_until,
        "user_name": grant.user_name, "user_email": grant.user_email, "user_title": grant.user_title})
}

async fn revoke(Extension(caller): Asker, ids: Ids, headers: HeaderMap) -> Answered {
    let service = caller.acting(caller.own()?)?;
    if !is_steward(&service).await? {
        return Err(Fault::new(Kind::Forbidden, "Only data stewards may revoke access grants."));
    }
    end(&service, &ids, &headers).await
}

/// Revokes; what is over already is not there, as in the lists.
pub(super) async fn end(service: &Service, ids: &Ids, headers: &HeaderMap) -> Answered {
    let id = ids.number(0, MISSING)?;
    // The contract has no word for why: that it came this way is what is known.
    let request = json!({"grant": id, "class": "ended", "reason": "Revoked over HTTP, without a reason."});
    let answer = service.carry_out_raw(command_id(headers)?, "revoke_grant", &request).await?;
    answer.into_result().map_err(|why| {
        let over = matches!(why.code.as_str(), "not_found" | "decided");
        if over { Fault::not_found(MISSING) } else { Fault::from(why) }
    })?;
    Ok(reply::nothing())
}
