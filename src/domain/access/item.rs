//! Requests and grants as rows of lists, and what their details show beside them. Part of [`super`].

use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use super::{AccessCheck, AccessRequest, Grant};
use crate::domain::item::{Item, understood};
use crate::domain::page::Sort;
use crate::domain::query::{Field, GRANT_FIELDS, REQUEST_FIELDS};
use crate::text::Untrusted;

impl Item for AccessRequest {
    const AREA: &'static str = "request";
    const THING: &'static str = "access request";
    const LISTED_BY: &'static str = "exeat requests list";
    const FIELDS: &'static [Field] = REQUEST_FIELDS;
    const SORTS: &'static [Sort] = &[
        Sort::new("created", true),
        Sort::new("waits", false),
        Sort::new("starts", false),
        Sort::new("ends", false),
        Sort::new("dataset", false),
        Sort::new("login", false),
    ];
    const NOTE: &'static str = "dataset_title";

    fn id(&self) -> i64 {
        self.id.0
    }

    fn row_version(&self) -> i64 {
        self.row_version
    }
}

impl Item for Grant {
    const AREA: &'static str = "grant";
    const THING: &'static str = "grant";
    const LISTED_BY: &'static str = "exeat grants list";
    const FIELDS: &'static [Field] = GRANT_FIELDS;
    const SORTS: &'static [Sort] = &[
        Sort::new("created", true),
        Sort::new("starts", false),
        Sort::new("ends", false),
        Sort::new("dataset", false),
        Sort::new("login", false),
    ];
    const NOTE: &'static str = "dataset_title";

    fn id(&self) -> i64 {
        self.id.0
    }

    fn row_version(&self) -> i64 {
        self.row_version
    }
}

/// What only those see who decide: all of it, or, in a row of one's own, nothing. Half of it is a mistake that must be said.
pub(super) fn internals<'de, T: DeserializeOwned, D: Deserializer<'de>>(from: D) -> Result<Option<T>, D::Error> {
    let parts = Map::deserialize(from)?;
    let open = ["changed_by", "created_by"].iter().any(|key| parts.contains_key(*key));
    open.then(|| serde_json::from_value(Value::Object(parts)).map_err(D::Error::custom)).transpose()
}

/// Beside a request or grant: all about its person and dataset.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PairFacts {
    /// The whole request text, where the row is a request.
    pub text: Option<Untrusted>,
    /// The person's requests for the dataset, newest first.
    pub requests: Vec<AccessRequest>,
    /// The person's grants on the dataset, the last to end first.
    pub grants: Vec<Grant>,
    /// Whether the person has access now; none where this exeat does not understand the answer.
    pub check: Option<AccessCheck>,
}

impl PairFacts {
    /// What the database said beside votes, comments and history.
    #[must_use]
    pub fn of(more: &Map<String, Value>) -> Self {
        Self {
            text: more.get("text").and_then(Value::as_str).map(Untrusted::from),
            requests: items(more.get("requests")),
            grants: items(more.get("grants")),
            check: more.get("check").and_then(|check| AccessCheck::deserialize(check).ok()),
        }
    }
}

fn items<T: Item>(items: Option<&Value>) -> Vec<T> {
    items.and_then(Value::as_array).into_iter().flatten().map(understood).collect()
}
