//! What can be done in the desk, by name: the words of the action table, without the deeds.

/// Everything a person can do here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs, reason = "each is described, for people, by its entry in ACTIONS")]
pub enum Action {
    Down,
    Up,
    First,
    Last,
    HalfDown,
    HalfUp,
    Open,
    Back,
    Mark,
    ClearMarks,
    MarkGroup,
    Fold,
    FoldAll,
    WholeGroup,
    History,
    Sort,
    Columns,
    Turn,
    NextUndecided,
    PrevUndecided,
    Filter,
    Home,
    Everything,
    Preview,
    PreviewDown,
    PreviewUp,
    PreviewRight,
    PreviewLeft,
    Find,
    NextUnseen,
    FirstColumn,
    LastColumn,
    Wrap,
    NextFinding,
    PrevFinding,
    Approve,
    Reject,
    Changes,
    Withdraw,
    Recall,
    Restore,
    Comment,
    Claim,
    Edit,
    InternalNote,
    NoteToRequester,
    Ask,
    Expiring,
    Undo,
    Download,
    CopyId,
    Refresh,
    Tasks,
    Menu,
    Palette,
    Help,
    NextTab,
    Tab1,
    Tab2,
    Tab3,
    Tab4,
    HideHints,
    ReadSettings,
    Redraw,
    Suspend,
    Quit,
}

impl Action {
    /// Whether only who decides on rows ever does it, whichever they are: others are not offered it.
    #[must_use]
    pub fn decides(self) -> bool {
        matches!(
            self,
            Self::Approve
                | Self::Reject
                | Self::Changes
                | Self::Claim
                | Self::Edit
                | Self::InternalNote
                | Self::NoteToRequester
        )
    }
}

/// When an action makes sense at all; whether it is allowed is the row's own answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// Always.
    Always,
    /// The list has a row under the cursor.
    Row,
    /// A preview is open.
    Preview,
    /// Rows are marked.
    Marks,
    /// First steps are still shown.
    Hints,
    /// Rows that were asked for together stand together under the cursor.
    Group,
    /// There is that tab, counted from 0.
    Tab(usize),
    /// Something was found in the file under the cursor at a row or a line.
    Place,
    /// The tab leads somewhere with it.
    Opens,
}

/// Headings of the help page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// Moving about.
    Move,
    /// Finding rows.
    Find,
    /// Looking inside.
    See,
    /// Deciding and the rest of the work.
    Decide,
    /// The desk itself.
    Desk,
}

impl Group {
    /// Their order where one wants to know what can be done.
    pub const BY_USE: [Self; 5] = [Self::Decide, Self::See, Self::Find, Self::Move, Self::Desk];

    /// The heading.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Move => "Moving",
            Self::Find => "Finding",
            Self::See => "Looking inside",
            Self::Decide => "Deciding",
            Self::Desk => "The desk",
        }
    }
}
