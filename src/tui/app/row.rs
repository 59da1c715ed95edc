//! What a list holds, whichever the tab: a row knows its id and version; its tab knows the rest.

use std::any::Any;
use std::fmt::Debug;
use std::sync::Arc;

use crate::domain::item::Item;
use crate::domain::page::Cursor;
use crate::text::Untrusted;

/// A thing of some type.
trait Thing: Any + Debug + Send + Sync {}
impl<T: Any + Debug + Send + Sync> Thing for T {}

/// One row of a list. Rows are found by `id`, never by place.
#[derive(Clone, Debug)]
pub struct Row {
    /// The word of its area.
    pub area: &'static str,
    /// The id of the thing.
    pub id: i64,
    /// Its version as it was last read; a command names it.
    pub version: i64,
    /// What it was asked for together with, where there is such a thing: the submission.
    pub group: Option<i64>,
    /// Where a page behind it would begin; none where it was read by its id.
    pub place: Option<Cursor>,
    thing: Arc<dyn Thing>,
}

impl Row {
    /// The same as one of a page that goes on behind it at a place.
    #[must_use]
    pub fn at(self, place: Option<Cursor>) -> Self {
        Self { place, ..self }
    }

    /// The thing behind it, as that of a type; none if it is another.
    #[must_use]
    pub fn thing<T: Item>(&self) -> Option<&T> {
        let thing: &dyn Any = &*self.thing;
        thing.downcast_ref()
    }
}

impl<T: Item + Sync> From<T> for Row {
    fn from(item: T) -> Self {
        let (id, version, group) = (item.id(), item.row_version(), item.group());
        Self { area: T::AREA, id, version, group, place: None, thing: Arc::new(item) }
    }
}

/// One thing a command is about, exactly as the person saw it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The row.
    pub id: i64,
    /// The row version seen.
    pub seen: i64,
    /// The case: which destination.
    pub destination: String,
    /// The bytes seen, in hex; empty where there are none.
    pub sha256: String,
    /// What to call it in results.
    pub name: Untrusted,
}

impl Target {
    /// A row that is no case of bytes: its id, the version seen, and what to call it in results.
    #[must_use]
    pub fn new(id: i64, seen: i64, name: String) -> Self {
        Self { id, seen, destination: String::new(), sha256: String::new(), name: Untrusted::new(name) }
    }
}
