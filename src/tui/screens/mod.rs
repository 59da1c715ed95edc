//! What each tab shows, one small file a tab. Used by `tui::runtime` to fill the model; the generic screen in `tui::app`
//! and `tui::ui` reads nothing but the [`Tab`] made here.

mod access;
mod egress;
mod grants;
mod requests;
mod words;

use super::app::tab::Tab;

/// The tabs of the desk, in order. Tabs without a screen are not here.
pub static TABS: &[&dyn Tab] = &[&egress::Egress, &requests::Requests, &grants::Grants];
