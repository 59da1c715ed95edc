//! The server of HTTP: the real program against the real database, store and worker of a local desk.

mod access;
mod attacks;
mod bearer;
mod claims;
mod credentials;
mod download;
mod egress;
mod events;
mod generic;
mod kit;
mod limits;
mod local;
mod matrix;
mod metrics;
mod outputs;
mod permits;
mod stop;
mod tls;
