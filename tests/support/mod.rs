//! support
pub mod pg;
pub mod proxy;
pub mod s3;
