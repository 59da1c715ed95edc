//! All tests of exeat, one module a kind, in one program so that the stack is linked once and the engines start once.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::format_push_string,
    clippy::format_collect,
    clippy::cast_possible_wrap,
    clippy::large_stack_arrays,
    clippy::struct_excessive_bools,
    clippy::type_complexity,
    missing_docs,
    reason = "a test that cannot go on should say so and stop; its texts and numbers are small"
)]

mod attacks;
mod cli;
mod config;
mod desk;
mod proof;
mod pty;
mod rules;
mod serve;
mod service;
mod signed;
mod store;
mod support;
mod worker;
