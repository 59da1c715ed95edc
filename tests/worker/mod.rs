//! The worker against real PostgreSQL and real stores, and what each store really does.

mod bus;
mod contract;
mod deliver;
mod intake;
mod large;
mod release;
mod running;
pub mod site;
mod staging;
mod stuck;
mod trouble;
