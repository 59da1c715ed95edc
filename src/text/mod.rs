//! What strangers wrote, made safe to show; widths; human sizes, times and dates. Pure; used by every room.

mod untrusted;

pub use untrusted::{Untrusted, shown};
