//! The description of the routes (`OpenAPI` 3.1), made from their table, for who is signed in.

use axum::http::{Method, StatusCode};
use serde_json::{Map, Value, json};

use super::fault::{Answered, Dialect, Kind};
use super::reply;
use super::routes::{self, Route, by};

/// Its route.
pub const ROUTES: &[Route] = &[Route::new(Method::GET, "/openapi.json", "", "this description", |m| by(m, describe))];

async fn describe() -> Answered {
    reply::json(StatusCode::OK, &document())
}

/// The whole document.
fn document() -> Value {
    let mut paths = Map::new();
    for (path, says) in [
        ("/health", "whether the server lives"),
        ("/ping", "whether the server lives"),
        ("/ready", "whether it can work"),
    ] {
        let mut responses = json!({"200": {"description": "it does"}});
        if path == "/ready" {
            responses["503"] = json!({"description": "it does not"});
        }
        paths.insert(path.to_owned(), json!({"get": {"summary": says, "security": [], "responses": responses}}));
    }
    for route in routes::all() {
        let methods = paths.entry(route.path).or_insert_with(|| json!({}));
        methods[route.method.as_str().to_ascii_lowercase()] = operation(route);
    }
    json!({
        "openapi": "3.1.0",
        "info": {"title": "exeat", "version": env!("CARGO_PKG_VERSION"),
            "description": "The review desk of a Trusted Research Environment: the same rules over HTTP."},
        "paths": paths,
        "security": [{"credential": []}, {"token": []}],
        "components": {"securitySchemes": {
            "credential": {"type": "http", "scheme": "basic"}, "token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}}},
    })
}

fn operation(route: &Route) -> Value {
    let dialect = Dialect::of(route.path);
    let ids = route.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let ids = ids.map(|id| json!({"name": id, "in": "path", "required": true, "schema": {"type": "string"}}));
    let query = route.query.iter().map(|name| json!({"name": name, "in": "query", "schema": {"type": "string"}}));
    let kinds = [
        Kind::Malformed,
        Kind::Invalid,
        Kind::NotSignedIn,
        Kind::Forbidden,
        Kind::NotFound,
        Kind::Conflict,
        Kind::Precondition,
        Kind::Range,
        Kind::TooLarge,
        Kind::Slow,
        Kind::TooMany,
        Kind::Busy,
        Kind::Failed,
    ];
    let mut responses = Map::new();
    for kind in kinds {
        let status = dialect.status(kind);
        responses.insert(status.as_str().to_owned(), json!({"description": status.canonical_reason()}));
    }
    responses.insert(route.ok.to_string(), json!({"description": "done"}));
    if route.path == "/v1/{project}/files/{file}" {
        responses.insert("206".to_owned(), json!({"description": "a range of it"}));
    }
    let mut told = json!({
        "summary": route.says, "parameters": ids.chain(query).collect::<Vec<_>>(), "responses": responses,
        "x-right": route.right,
    });
    if !route.body.is_empty() {
        told["requestBody"] = json!({"content": {"application/json": {"schema": schema(route.body)}}});
    }
    told
}

/// The fields of a body; `*` is whatever the command has.
fn schema(fields: &[&str]) -> Value {
    if fields == ["*"] {
        return json!({"type": "object"});
    }
    let names: Map<String, Value> =
        fields.iter().map(|field| (field.trim_end_matches('!').to_owned(), json!({}))).collect();
    let needed: Vec<&str> = fields.iter().filter_map(|field| field.strip_suffix('!')).collect();
    json!({"type": "object", "properties": names, "required": needed, "additionalProperties": false})
}
