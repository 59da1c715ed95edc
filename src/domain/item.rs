//! What a row of any list is, whichever the area: JSON as it left the database, and the type it is read into. Made in
//! `db::reads`; the desk, the command line and HTTP name an area only by its type here.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::page::{Cursor, Sort};
use super::query::Field;

/// A row of one area's list: everything that is said of an area outside SQL and the desk's tab.
pub trait Item: Serialize + DeserializeOwned + Clone + std::fmt::Debug + Default + PartialEq + Send + 'static {
    /// The area as SQL and the change feed call it.
    const AREA: &'static str;
    /// What one row is called in sentences.
    const THING: &'static str;
    /// The command that lists them.
    const LISTED_BY: &'static str;
    /// The words of its filter line.
    const FIELDS: &'static [Field];
    /// Its orders, each in its usual direction; the first is the usual one.
    const SORTS: &'static [Sort];
    /// The field of its JSON that says it where a row could not be read whole: a text the list shows.
    const NOTE: &'static str;

    /// A row of which nothing is known.
    #[must_use]
    fn blank() -> Self {
        Self::default()
    }
    /// The id; it never moves to another thing.
    fn id(&self) -> i64;
    /// Moves with every change; commands name the one that was seen.
    fn row_version(&self) -> i64;
    /// What it was asked for together with, where there is such a thing.
    fn group(&self) -> Option<i64> {
        None
    }
}

/// One row as it left the database.
#[derive(Clone, Debug, PartialEq)]
pub struct RawRow {
    /// The id.
    pub id: i64,
    /// The item as JSON.
    pub item: String,
    /// Where a page behind it would begin; none where it was read by its id.
    pub cursor: Option<Cursor>,
}

impl RawRow {
    /// The item as its type. What of it this program does not understand (the database is another exeat's) is left out and
    /// said: one row never ends the list of all. Fields this program does not know are let through.
    #[must_use]
    pub fn read<T: Item>(&self) -> T {
        serde_json::from_str(&self.item).unwrap_or_else(|why| {
            let parts = serde_json::from_str(&self.item).unwrap_or_default();
            mended(self.id, parts, &why.to_string())
        })
    }
}

/// An item that stands within other JSON, as [`RawRow::read`] has it.
pub(super) fn understood<T: Item>(item: &Value) -> T {
    T::deserialize(item).unwrap_or_else(|why| {
        let id = item["id"].as_str().and_then(|id| id.parse().ok()).unwrap_or_default();
        mended(id, item.as_object().cloned().unwrap_or_default(), &why.to_string())
    })
}

/// What can be understood of the parts, field by field.
fn mended<T: Item>(id: i64, parts: Map<String, Value>, why: &str) -> T {
    let Ok(Value::Object(mut whole)) = serde_json::to_value(T::blank()) else { return T::blank() };
    for (name, part) in parts {
        let before = whole.insert(name.clone(), part);
        if T::deserialize(&Value::Object(whole.clone())).is_err() {
            match before {
                Some(before) => whole.insert(name, before),
                None => whole.remove(&name),
            };
        }
    }
    let sentence = format!("This exeat cannot read the row whole ({why}): use the one the database was migrated with.");
    whole.insert("id".to_owned(), id.to_string().into());
    whole.insert(T::NOTE.to_owned(), sentence.into());
    serde_json::from_value(Value::Object(whole)).unwrap_or_else(|_| T::blank())
}
