//! The worker against real PostgreSQL and real stores, and what each store really does.

mod contract;
mod intake;
mod release;
mod running;
pub mod site;
