//! support
pub mod pg;
pub mod s3;
