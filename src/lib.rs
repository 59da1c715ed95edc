//! exeat: the review desk of a Trusted Research Environment, in a terminal.
//!
//! The folder tree is the architecture. From the ground up:
//!
//! | room | what it is for | may use |
//! |---|---|---|
//! | [`text`] | what strangers wrote, made safe to show; widths, sizes, times | nothing of ours |
//! | [`domain`] | the nouns: ids, egress, refusals, the query language, the journal's entry | `text` |
//! | [`inspect`] | what is inside a file: sniffing, previews, findings | `domain`, `text` |
//! | [`config`] | the configuration file, its merge and validation, paths, secrets | `domain`, `text` |
//! | [`db`] | PostgreSQL: connect, rows, one file an area, the change feed | `config`, `domain`, `text` |
//! | [`objects`] | S3: list, ranged read, put, copy, versions, presigned tickets | `config`, `domain`, `text` |
//! | [`service`] | the embedded service layer, one file a use case | all of the above |
//! | [`worker`] | intake, tickets, release, seal | `service` and below |
//! | [`serve`] | HTTP for portals and gateways: the field's contracts, and every command and list of exeat's own | `service` and below |
//! | [`local`] | the local desk: private PostgreSQL, local S3 store, sample data, supervisor | `service` and below, `worker` |
//! | [`tui`] | the desk: a pure app, a folder for each tab, drawing, and the runtime that drives them | see its own comment |
//! | [`cli`] | one file a subcommand | everything |
//!
//! The rules themselves live in the database, in `assets/sql`: every command is one SQL function that
//! locks, checks, applies and journals in one transaction.

pub mod cli;
pub mod config;
pub mod db;
pub mod domain;
pub mod inspect;
pub mod local;
pub mod objects;
pub mod serve;
pub mod service;
pub mod text;
pub mod tui;
pub mod worker;
