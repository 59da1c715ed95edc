//! The real program in a real terminal: what it writes, what it does on signals, two people at once.

mod flow;
mod signals;
mod terminal;
