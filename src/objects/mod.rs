//! S3 through aws-sdk-s3: list, ranged read, put, copy, remove, versions, presigned tickets. Called by `worker`.
//!
//! A key is bytes here, as stores name things; it becomes a string only where the SDK wants one. Stores differ,
//! and each work-around says which one needs it (`tests/worker/contract.rs` shows what each really does).

mod bytes;
mod error;
mod list;
mod location;
mod presign;
mod put;
mod remove;
mod store;
mod trial;

pub use bytes::{Head, ObjectStream};
pub use error::ObjectsError;
pub use list::{Listed, ListedVersion, Page};
pub use location::Location;
pub use presign::{CHECKSUM, checksum};
pub use put::{Put, PutMode};
pub use remove::{MARK, Own, Removed, Unmarked};
pub use store::Store;
pub use trial::Trial;
