//! What strangers wrote, made safe to show; widths; human sizes, times and dates. Pure; used by every room.

mod draw;
mod fit;
mod human;
mod json;
mod path;
mod shown;
mod untrusted;

pub use draw::{drawn, forbidden, wrap};
pub use fit::{fit, fit_end, width};
pub use human::{capital, clock, day_time, full_time, human_size, short_sha, thousands, waited};
pub use json::json_ascii;
pub use path::safe_relative_path;
pub use shown::{shown, shown_ascii, shown_line, shown_lines, shown_sentence};
pub use untrusted::Untrusted;
