//! Contract C: the claims repository, for services only. The grant's creator is the person the credential is.

use axum::Extension;
use axum::http::{HeaderMap, Method, StatusCode};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::access::{dataset_id, user};
use super::grants::{ASKED, Asked, end, short};
use crate::serve::auth::Caller;
use crate::serve::fault::{Answered, Fault, Kind};
use crate::serve::generic::command_id;
use crate::serve::input::{Body, Ids, Query};
use crate::serve::reply;
use crate::serve::routes::{Asker, Route, by};
use crate::service::Service;

/// Its routes.
pub const ROUTES: &[Route] = &[
    Route::new(
        Method::POST,
        "/download-access/users/{user}/ivas/{iva}/datasets/{dataset}",
        "claims:write",
        "grants access",
        |m| by(m, grant),
    )
    .body(&["valid_from!", "valid_until!"])
    .ok(201),
    Route::new(
        Method::POST,
        "/download-access/users/{user}/datasets/{dataset}",
        "claims:write",
        "grants access without an IVA, as the older service had it",
        |m| by(m, grant_older),
    )
    .body(&["access_starts!", "access_ends!"])
    .ok(204),
    Route::new(
        Method::GET,
        "/download-access/users/{user}/datasets/{dataset}",
        "claims:read",
        "until when a person has access, or null",
        |m| by(m, check),
    ),
    Route::new(
        Method::GET,
        "/download-access/users/{user}/datasets",
        "claims:read",
        "the datasets a person has access to, each with the end",
        |m| by(m, datasets),
    ),
    Route::new(Method::GET, "/download-access/grants", "claims:read", "grants", |m| by(m, list)).query(ASKED),
    Route::new(Method::DELETE, "/download-access/grants/{grant}", "claims:write", "revokes a grant", |m| by(m, revoke))
        .ok(204),
];

/// The way in of the service itself: people have no business here.
fn own(caller: &Caller) -> Result<Service, Fault> {
    if caller.person().is_some() {
        return Err(Fault::new(Kind::Forbidden, "This is for services only."));
    }
    caller.acting(caller.own()?)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Period {
    valid_from: DateTime<Utc>,
    valid_until: DateTime<Utc>,
}

async fn grant(Extension(caller): Asker, ids: Ids, headers: HeaderMap, body: Body) -> Answered {
    let given: Period = body.needed()?;
    let iva: Uuid = ids.at(1).parse().map_err(|_| Fault::invalid("The IVA's id is no UUID."))?;
    let id = give(&caller, (ids.at(0), Some(iva), ids.at(2)), &given, &headers).await?;
    reply::json(StatusCode::CREATED, &json!({"id": id}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OlderPeriod {
    access_starts: DateTime<Utc>,
    access_ends: DateTime<Utc>,
}

async fn grant_older(Extension(caller): Asker, ids: Ids, headers: HeaderMap, body: Body) -> Answered {
    let given: OlderPeriod = body.needed()?;
    let given = Period { valid_from: given.access_starts, valid_until: given.access_ends };
    give(&caller, (ids.at(0), None, ids.at(1)), &given, &headers).await?;
    Ok(reply::nothing())
}

async fn give(
    caller: &Caller,
    (of, iva, dataset): (&str, Option<Uuid>, &str),
    given: &Period,
    headers: &HeaderMap,
) -> Result<Value, Fault> {
    let service = own(caller)?;
    dataset_id(dataset)?;
    if given.valid_until <= given.valid_from {
        return Err(Fault::invalid("valid_until must be later than valid_from."));
    }
    let person = user(caller, of).await?;
    let mut request =
        json!({"login": person.login, "dataset": dataset, "from": given.valid_from, "until": given.valid_until});
    if let Some(iva) = iva {
        request["iva"] = json!(iva);
    }
    let answer = service.carry_out_raw(command_id(headers)?, "register_grant", &request).await?;
    let answer = answer.into_result().map_err(|why| match why.code.as_str() {
        "invalid" if why.message.starts_with("That IVA") => Fault::not_found("The IVA was not found."),
        "not_found" if why.message.starts_with("Dataset") => Fault::not_found("Dataset not found"),
        _ => Fault::from(why),
    })?;
    Ok(answer.data["grant"].clone())
}

async fn check(Extension(caller): Asker, ids: Ids) -> Answered {
    let service = own(&caller)?;
    dataset_id(ids.at(1))?;
    let person = user(&caller, ids.at(0)).await?;
    let access = service.portal_access(&person.login).await?;
    let until = access.iter().find(|(dataset, _)| dataset == ids.at(1)).map(|(_, until)| until);
    reply::json(StatusCode::OK, &until)
}

async fn datasets(Extension(caller): Asker, ids: Ids) -> Answered {
    let service = own(&caller)?;
    let person = user(&caller, ids.at(0)).await?;
    let access = service.portal_access(&person.login).await?;
    let told: Map<String, Value> = access.into_iter().map(|(dataset, until)| (dataset, json!(until))).collect();
    reply::json(StatusCode::OK, &told)
}

async fn list(Extension(caller): Asker, query: Query) -> Answered {
    let asked: Asked = query.read()?;
    let mut filter = asked.filter()?;
    let service = own(&caller)?;
    if let Some(id) = asked.user_id {
        let Some(person) = service.person(&id.to_string()).await? else {
            return reply::json(StatusCode::OK, &json!([]));
        };
        filter.insert("by".into(), json!([person.login]));
    }
    let grants = asked.grants(&service, Value::Object(filter)).await?;
    reply::json(StatusCode::OK, &grants.iter().map(short).collect::<Vec<_>>())
}

async fn revoke(Extension(caller): Asker, ids: Ids, headers: HeaderMap) -> Answered {
    end(&own(&caller)?, &ids, &headers).await
}
