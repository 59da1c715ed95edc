//! The local desk's own engines: the private PostgreSQL, the S3 store, the supervisor.

mod demo;
mod local;
mod postgres;
mod s3;
mod sample;
