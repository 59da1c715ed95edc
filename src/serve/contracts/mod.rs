//! The interfaces that exist in the field, one file each, at their own paths and in their own words.

mod access;
mod claims;
mod download;
mod egress;
mod grants;
mod outputs;
mod permits;
mod requests;

use super::routes::Route;

/// The routes of all contracts.
pub const ALL: &[&[Route]] =
    &[egress::ROUTES, requests::ROUTES, grants::ROUTES, claims::ROUTES, permits::ROUTES, outputs::ROUTES];
