//! A draft: texts that were written and not sent, and what they are of. Kept by the model, on disk by `tui::runtime`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Texts by the names of the inputs they stand in.
pub type Words = BTreeMap<String, String>;

/// What a draft is of.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Of {
    /// The area, by the tab's id.
    pub area: String,
    /// The row; 0 where there is none yet.
    pub id: i64,
    /// What becomes of it: a command's name, an audience.
    pub kind: String,
}

/// Something not sent yet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// What it is of.
    pub of: Of,
    /// Its texts; where all are blank there is nothing to keep.
    pub words: Words,
}

impl Draft {
    /// Whether there is nothing to keep.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.words.values().all(|text| text.trim().is_empty())
    }
}
