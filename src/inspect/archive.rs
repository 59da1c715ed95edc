//! What a zip archive lists. Called by the preview and the scanner.

use super::preview::{Preview, Window};

/// Shows the listing at the end of an archive; `false` if it is not in this window.
pub(super) fn show(_page: &mut Preview, _window: &Window) -> bool {
    false
}
