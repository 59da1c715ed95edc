//! The worker against real PostgreSQL and real stores, and what each store really does.

mod bus;
mod contract;
mod deliver;
pub mod doctor;
mod intake;
mod large;
mod projects;
mod prove;
mod release;
pub mod running;
pub mod site;
mod stuck;
mod tickets;
mod trouble;
