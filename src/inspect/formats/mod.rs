//! The formats, one file each or a few that are alike, and their table. A new one is a file here and a line in the table.

mod archive;
pub(super) mod bytes;
mod csv;
mod document;
mod image;
mod json;
mod markup;
mod models;
mod text;

use super::format::Format;

/// Every format, in the order in which a file is held against them: the first that knows it has it. What is surely known by
/// its first bytes comes before text, and what is known by two letters behind it asks first whether it is text.
pub static FORMATS: &[&Format] = &[
    &bytes::EMPTY,
    &document::PDF,
    &image::PNG,
    &image::JPEG,
    &document::DOCUMENT,
    &models::MODEL,
    &models::DATA,
    &markup::HTML,
    &markup::SVG,
    &markup::XML,
    &json::NOTEBOOK,
    &json::JSON,
    &csv::TSV,
    &csv::CSV,
    &text::TEXT,
    &models::COLUMNAR,
    &image::IMAGE,
    &archive::OFFICE,
    &archive::ARCHIVE,
    &archive::ZIP,
    &bytes::PROGRAM,
    &bytes::MEDIA,
    UNKNOWN,
];

/// What no other format knows.
pub static UNKNOWN: &Format = &bytes::BINARY;
