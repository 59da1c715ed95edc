//! The real program in a real terminal: what it writes, what it does on signals, two people at once.

mod adapt;
mod flow;
mod hostile;
mod permits;
mod request;
mod signals;
mod slow;
mod store;
mod terminal;
mod trouble;
