//! What a list holds, whichever the tab: a row knows its id and version; its tab knows the rest.

use crate::domain::access::{AccessRequest, Grant, GrantId, RequestId};
use crate::domain::egress::{EgressItem, VersionId};
use crate::domain::item::{Item as _, RawRow};
use crate::domain::page::Cursor;
use crate::domain::query::Field;
use crate::text::Untrusted;

/// What a tab's rows are; ids of two kinds may be equal and mean nothing to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// File versions that wait to go out.
    Egress,
    /// What people ask for.
    Request,
    /// What people have access to.
    Grant,
}

impl Kind {
    const ALL: [Self; 3] = [Self::Egress, Self::Request, Self::Grant];

    /// The area as the database and its change feed call it.
    #[must_use]
    pub fn area(self) -> &'static str {
        match self {
            Self::Egress => EgressItem::AREA,
            Self::Request => AccessRequest::AREA,
            Self::Grant => Grant::AREA,
        }
    }

    /// The kind of an area; none for one that no tab shows.
    #[must_use]
    pub fn of(area: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.area() == area)
    }

    /// The words of its filter line.
    #[must_use]
    pub fn fields(self) -> &'static [Field] {
        match self {
            Self::Egress => EgressItem::FIELDS,
            Self::Request => AccessRequest::FIELDS,
            Self::Grant => Grant::FIELDS,
        }
    }
}

/// The thing behind a row, one variant a kind.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// A file version on the Egress Files tab.
    Egress(Box<EgressItem>),
    /// A request on the Access Requests tab.
    Request(Box<AccessRequest>),
    /// A grant on the Access Grants tab.
    Grant(Box<Grant>),
}

/// One row of a list. Rows are found by `id`, never by place.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The id of the thing; it never moves to another thing.
    pub id: i64,
    /// Its version as it was last read; a command names it.
    pub version: i64,
    /// What it was asked for together with, where there is such a thing: the submission.
    pub group: Option<i64>,
    /// Where a page behind it would begin; none where it was read by its id.
    pub place: Option<Cursor>,
    /// The thing.
    pub item: Item,
}

impl Row {
    /// A row of a kind as the database gave it.
    #[must_use]
    pub fn read(kind: Kind, raw: &RawRow) -> Self {
        let row: Self = match kind {
            Kind::Egress => raw.read::<EgressItem>().into(),
            Kind::Request => raw.read::<AccessRequest>().into(),
            Kind::Grant => raw.read::<Grant>().into(),
        };
        Self { place: raw.cursor.clone(), ..row }
    }

    /// What it is.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self.item {
            Item::Egress(_) => Kind::Egress,
            Item::Request(_) => Kind::Request,
            Item::Grant(_) => Kind::Grant,
        }
    }
}

impl From<EgressItem> for Row {
    fn from(item: EgressItem) -> Self {
        Self {
            id: item.id.0,
            version: item.row_version,
            group: Some(item.submission),
            place: None,
            item: Item::Egress(Box::new(item)),
        }
    }
}

impl From<AccessRequest> for Row {
    fn from(item: AccessRequest) -> Self {
        Self { id: item.id.0, version: item.row_version, group: None, place: None, item: Item::Request(Box::new(item)) }
    }
}

impl From<Grant> for Row {
    fn from(item: Grant) -> Self {
        Self { id: item.id.0, version: item.row_version, group: None, place: None, item: Item::Grant(Box::new(item)) }
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
    /// The id as the egress service takes it.
    #[must_use]
    pub fn version_id(&self) -> VersionId {
        VersionId(self.id)
    }
    /// The id as the access service takes a request's.
    #[must_use]
    pub fn request_id(&self) -> RequestId {
        RequestId(self.id)
    }

    /// The id as the access service takes a grant's.
    #[must_use]
    pub fn grant_id(&self) -> GrantId {
        GrantId(self.id)
    }
}
