//! rules

pub mod access;
mod asked;
mod catalogue;
pub mod commands;
mod house;
mod house_inspect;
mod house_tabs;
mod inside;
mod looks;
mod migrate;
mod model;
mod model_desk;
mod model_store;
mod pages;
mod pause;
pub mod permits;
mod projects;
mod query;
mod race;
pub mod random;
mod random_steps;
mod routes;
mod seen;
mod uploads;
