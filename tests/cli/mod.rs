//! The real program against a real local desk: every shape of the command line, every exit code.

mod access;
mod access_errors;
mod access_filters;
mod access_seen;
mod admin;
mod broken;
mod decide;
mod doctor;
mod journal;
mod permits;
mod read;
mod shell;
mod signed;
mod told;
mod transfer;
mod usage;
