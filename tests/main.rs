//! All tests of exeat, one module a kind, in one program so that the stack is linked once and the engines start once.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    missing_docs,
    reason = "a test that cannot go on should say so and stop"
)]

mod attacks;
mod cli;
mod config;
mod desk;
mod pty;
mod rules;
mod service;
mod store;
mod support;
mod worker;
