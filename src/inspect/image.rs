//! What a picture carries besides its pixels. Called by the preview and the scanner.

use super::preview::{Preview, Window};

/// Facts of a picture whose first bytes are in the window.
pub(super) fn show(_page: &mut Preview, _window: &Window) {}
