//! support
pub mod s3;
