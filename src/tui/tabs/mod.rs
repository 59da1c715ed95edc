//! The tabs of the desk, one folder a tab, and the only place where they are named. Handed to the model by `tui::runtime`;
//! `tui::app` and `tui::ui` read nothing of a tab but the [`Tab`] it is.

mod access;
mod egress;
mod grants;
mod requests;
mod words;

use super::app::tab::Tab;

/// The tabs of the desk, in order.
pub static TABS: &[&dyn Tab] = &[&egress::Egress, &requests::Requests, &grants::Grants];
