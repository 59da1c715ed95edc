//! support
pub mod desk;
pub mod pg;
pub mod proxy;
pub mod s3;
pub mod slow;
