//! How the desk stands to the database, and to what else it needs. Part of `model`, told by `tui::runtime`.

/// Where the connection stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Link {
    /// Nothing was heard yet.
    Connecting,
    /// Changes come in.
    Live,
    /// Lost, or never there; the sentence says what to do.
    Lost(String),
}

/// What is wrong beside the connection to the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// What there is not, as behind `live,`: `no worker`.
    pub lacks: &'static str,
    /// What that means and what to do, in one sentence.
    pub why: String,
}
