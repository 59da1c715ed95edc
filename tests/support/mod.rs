//! support
pub mod desk;
pub mod door;
pub mod gate;
pub mod pg;
pub mod proxy;
pub mod rabbit;
pub mod s3;
pub mod slow;
pub mod smtp;
