//! The server of HTTP: the real program against the real database, store and worker of a local desk.

mod access;
mod bearer;
mod claims;
mod credentials;
mod egress;
mod generic;
mod kit;
