//! rules

mod catalogue;
mod house;
mod model;
mod model_desk;
mod model_store;
mod query;
mod random;
mod random_steps;
