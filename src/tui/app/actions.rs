//! The one table of what can be done in the desk: key bar, help, action menu, palette, keymap file and README's key
//! table all come from it.

use std::fmt::Write as _;

use super::layers::{Layer, Picker};
use super::model::Model;
use super::msg::Cmd;
pub use super::state::action::{Action, Group, When};

/// One row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// The action.
    pub action: Action,
    /// Its name in the keymap file and the palette.
    pub id: &'static str,
    /// Its keys; the first is shown. None: palette and menu only.
    pub keys: &'static [&'static str],
    /// One or two words for the key bar.
    pub label: &'static str,
    /// One sentence for help and menu.
    pub help: &'static str,
    /// Where the help lists it.
    pub group: Group,
    /// When it makes sense.
    pub when: When,
    /// The command whose why-not the row answers; none if there is nothing to refuse.
    pub command: Option<&'static str>,
    /// Whether it belongs on the key bar, best first.
    pub bar: Option<u8>,
    /// What it does, once nothing stands in its way and the tab opens nothing for it.
    pub does: fn(&mut Model) -> Vec<Cmd>,
}

const fn entry(
    action: Action,
    id: &'static str,
    keys: &'static [&'static str],
    label: &'static str,
    help: &'static str,
    group: Group,
    does: fn(&mut Model) -> Vec<Cmd>,
) -> Entry {
    Entry { action, id, keys, label, help, group, when: When::Always, command: None, bar: None, does }
}

impl Entry {
    const fn when(self, when: When) -> Self {
        Self { when, ..self }
    }

    /// On a row, and only if the row's why-not for `command` is silent.
    const fn asks(self, command: &'static str) -> Self {
        Self { when: When::Row, command: Some(command), ..self }
    }

    const fn bar(self, place: u8) -> Self {
        Self { bar: Some(place), ..self }
    }
}

use Group::{Decide, Desk, Find, Move, See};

/// What the tab opens is all of it; or that hints are hidden is what was learned.
const NOTHING: fn(&mut Model) -> Vec<Cmd> = |_| Vec::new();

/// The table. Order is the order of the help page.
#[rustfmt::skip]
pub const ACTIONS: &[Entry] = &[
    entry(Action::Down, "down", &["j", "Down"], "down", "Go to the next row.", Move, |m| m.go(1)),
    entry(Action::Up, "up", &["k", "Up"], "up", "Go to the row before.", Move, |m| m.go(-1)),
    entry(Action::First, "first", &["g", "Home"], "first", "Go to the first row.", Move, Model::go_first),
    entry(Action::Last, "last", &["G", "End"], "last", "Go to the last row.", Move, Model::go_last),
    entry(Action::HalfDown, "half-down", &["ctrl-d", "PageDown"], "half page down", "Go down half a screen.", Move, |m| m.go_half(1)),
    entry(Action::HalfUp, "half-up", &["ctrl-u", "PageUp"], "half page up", "Go up half a screen.", Move, |m| m.go_half(-1)),
    entry(Action::Open, "open", &["Enter", "l", "Right"], "open", "Show the row's details and its preview; once more where it leads, such as to the files of a permit's output.", Move, Model::open).when(When::Row),
    entry(Action::Back, "back", &["Esc", "h", "Left"], "back", "Go one layer back; on the table to the first view.", Move, Model::back),
    entry(Action::Mark, "mark", &["Space"], "mark", "Mark the row, or take its mark away; a verdict then is for all marked rows.", Move, Model::mark).when(When::Row).bar(8),
    entry(Action::ClearMarks, "clear-marks", &["U"], "clear marks", "Take all marks away.", Move, Model::clear_marks).when(When::Marks),
    entry(Action::MarkGroup, "mark-group", &["M"], "mark group", "Mark every row of this submission that is in the list, or take these marks away.", Move, Model::mark_group).when(When::Row),
    entry(Action::Fold, "fold", &["z"], "fold", "Show this submission as one line and in one look, or as its files again.", Move, |m| m.fold(false)).when(When::Group),
    entry(Action::FoldAll, "fold-all", &["Z"], "fold all", "Show every submission as one line, or all as files again.", Move, |m| m.fold(true)),
    entry(Action::NextTab, "next-tab", &["Tab"], "next tab", "Go to the next tab.", Move, |m| m.go_tab((m.at + 1) % m.tabs.len())).when(When::Tab(1)),
    entry(Action::Tab1, "tab-1", &["1"], "first tab", "Go to the first tab.", Move, |m| m.go_tab(0)).when(When::Tab(1)),
    entry(Action::Tab2, "tab-2", &["2"], "second tab", "Go to the second tab.", Move, |m| m.go_tab(1)).when(When::Tab(1)),
    entry(Action::Tab3, "tab-3", &["3"], "third tab", "Go to the third tab.", Move, |m| m.go_tab(2)).when(When::Tab(2)),
    entry(Action::Tab4, "tab-4", &["4"], "fourth tab", "Go to the fourth tab.", Move, |m| m.go_tab(3)).when(When::Tab(3)),
    entry(Action::Filter, "filter", &["/"], "filter", "Change what the list shows, such as state:pending project:heart size>10M words.", Find, Model::filter_line).bar(9),
    entry(Action::Home, "mine", &["m"], "mine", "Show what needs me, longest waiting first.", Find, Model::go_home),
    entry(Action::Everything, "everything", &["e"], "everything", "Show every row I may see.", Find, |m| m.show_only("")),
    entry(Action::Sort, "sort", &["s"], "sort", "Show the list in its next order, such as by size or by name.", Find, |m| m.turn_order(true)),
    entry(Action::Turn, "turn-order", &["R"], "turn order", "Show the list from its other end.", Find, |m| m.turn_order(false)),
    entry(Action::Columns, "columns", &["C"], "columns", "Choose which columns the table shows, and in which order.", Find, |m| m.push(Layer::Columns(0))),
    entry(Action::WholeGroup, "submission", &["S"], "submission", "Show this whole submission and nothing else, or go back to the former list.", Find, Model::whole_group).when(When::Row),
    entry(Action::History, "history", &["v"], "history", "Show everything that happened to it, the newest first.", See, |m| m.push(Layer::History(0))).when(When::Row),
    entry(Action::NextUndecided, "next-undecided", &["n"], "next undecided", "Go to the next row that waits for me.", Find, |m| m.next_undecided(false)),
    entry(Action::PrevUndecided, "previous-undecided", &["N"], "previous undecided", "Go to the row before that waits for me.", Find, |m| m.next_undecided(true)),
    entry(Action::Preview, "preview", &["p"], "preview", "Look inside the file, or close the preview; that is the right to its bytes for a short time, and journalled.", See, Model::preview_key).asks("preview").bar(2),
    entry(Action::PreviewDown, "preview-down", &["J"], "scroll down", "Scroll the preview down; more is read as needed.", See, |m| m.scroll(1, 0)).when(When::Preview),
    entry(Action::PreviewUp, "preview-up", &["K"], "scroll up", "Scroll the preview up.", See, |m| m.scroll(-1, 0)).when(When::Preview),
    entry(Action::PreviewRight, "preview-right", &["L"], "scroll right", "Show the preview's columns further right.", See, |m| m.scroll(0, 1)).when(When::Preview),
    entry(Action::PreviewLeft, "preview-left", &["H"], "scroll left", "Show the preview's columns further left.", See, |m| m.scroll(0, -1)).when(When::Preview),
    entry(Action::LastColumn, "last-column", &[">"], "last column", "Show the last columns of the previewed table.", See, |m| m.show_column(true)).when(When::Preview),
    entry(Action::FirstColumn, "first-column", &["<"], "first column", "Show the first columns of the previewed table.", See, |m| m.show_column(false)).when(When::Preview),
    entry(Action::Wrap, "wrap", &["\\"], "wrap", "Let wide lines of a previewed text go on below, or cut them at the edge.", See, Model::wrap).when(When::Preview),
    entry(Action::NextUnseen, "next-unseen", &["."], "next unseen", "Show the next part of the file I have not seen: findings first, then rows, columns, and cut cells whole.", See, Model::next_unseen).asks("preview").bar(4),
    entry(Action::NextFinding, "next-finding", &["]"], "next finding", "Go to the next row or line a finding names, in the preview.", See, |m| m.next_finding(false)).when(When::Place).bar(5),
    entry(Action::PrevFinding, "previous-finding", &["["], "finding before", "Go to the row or line of the finding before.", See, |m| m.next_finding(true)).when(When::Place),
    entry(Action::Find, "find", &["ctrl-f"], "find", "Look for a text in the preview (/ too where it fills the screen); n and N go on there.", See, Model::find_field).when(When::Preview),
    entry(Action::Approve, "approve", &["a"], "approve", "Vote for letting a file out, allow a request, or make a permit's next step; asks first.", Decide, NOTHING).asks("approve").bar(0),
    entry(Action::Reject, "reject", &["x"], "reject", "Vote against a file, deny a request, or revoke a grant or a permit, with a reason; asks first.", Decide, NOTHING).asks("reject").bar(1),
    entry(Action::Changes, "request-changes", &["X"], "request changes", "Send it back with what should change; asks first.", Decide, NOTHING).asks("changes").bar(3),
    entry(Action::Undo, "undo", &["u"], "undo", "Take my vote back while that is possible.", Decide, NOTHING).asks("undo").bar(6),
    entry(Action::Comment, "comment", &["c"], "comment", "Write a comment; a draft survives a lost connection.", Decide, NOTHING).asks("comment").bar(4),
    entry(Action::Claim, "claim", &["t"], "claim", "Tell the others I am looking at it, or that I no longer am.", Decide, NOTHING).asks("claim"),
    entry(Action::Edit, "edit", &["E"], "edit", "Change a request's dates, IVA or ticket, or a grant's end; pause, archive or delete a permit; asks first.", Decide, NOTHING).asks("edit").bar(4),
    entry(Action::NoteToRequester, "note-to-requester", &["w"], "note to them", "Write the note that the requester reads, beside what they see.", Decide, NOTHING).asks("edit").bar(5),
    entry(Action::InternalNote, "internal-note", &["i"], "internal note", "Write the note that only stewards read.", Decide, NOTHING).asks("note").bar(5),
    entry(Action::Ask, "ask-for-access", &["+"], "ask for access", "Write a request for access to a dataset; a draft survives a lost connection.", Decide, NOTHING).bar(0),
    entry(Action::Expiring, "expiring", &["D"], "ending soon", "Show the grants that end within 90, 30, then 7 days, then all that are live.", Find, NOTHING).when(When::Opens).bar(7),
    entry(Action::Withdraw, "withdraw", &["W"], "withdraw", "Take my own file back, or what waits for a second person; asks first.", Decide, NOTHING).asks("withdraw"),
    entry(Action::Recall, "recall", &[], "recall", "Stop the downloads of a released file at once and take its shared copy away; asks first.", Decide, NOTHING).asks("recall"),
    entry(Action::Restore, "restore", &[], "restore", "Open a recalled file for votes, as one of the two it needs; asks first.", Decide, NOTHING).asks("restore"),
    entry(Action::Download, "download", &["d"], "download", "Fetch the file into the download folder, checked against its sha256.", Decide, Model::download).asks("download").bar(7),
    entry(Action::CopyId, "copy-id", &["y"], "copy id", "Copy the row's id to the clipboard of my terminal; ids only.", Desk, Model::copy_id).when(When::Row),
    entry(Action::Refresh, "refresh", &["r"], "refresh", "Look for new files now and read everything again; tries a lost connection again.", Desk, Model::refresh),
    entry(Action::Tasks, "tasks", &["T"], "tasks", "Downloads with how far they are, to stop one; and how database, worker and store are.", Desk, Model::tasks_page),
    entry(Action::Menu, "menu", &["o"], "actions", "Every action here, with its key or why not.", Desk, |m| m.push(Layer::Menu(Picker::default()))).bar(10),
    entry(Action::Palette, "palette", &[":"], "commands", "Find an action by its name.", Desk, |m| m.push(Layer::Palette(Picker::default()))).bar(11),
    entry(Action::Help, "help", &["?", "F1"], "help", "The keys of this place, searchable.", Desk, Model::open_help).bar(12),
    entry(Action::HideHints, "hide-hints", &[], "hide hints", "Show no first steps any more.", Desk, NOTHING).when(When::Hints),
    entry(Action::ReadSettings, "read-settings", &[], "read settings", "Read keymap and theme files again; where possible that happens by itself.", Desk, |_| vec![Cmd::ReadSettings]),
    entry(Action::Redraw, "redraw", &["ctrl-l"], "redraw", "Draw the screen again from nothing.", Desk, |_| vec![Cmd::Redraw]),
    entry(Action::Suspend, "suspend", &["ctrl-z"], "suspend", "Back to the shell; fg returns.", Desk, |_| vec![Cmd::Suspend]),
    entry(Action::Quit, "quit", &["q", "ctrl-c"], "quit", "Leave the desk.", Desk, Model::leave),
];

/// The entry of an action.
#[must_use]
pub fn of(action: Action) -> &'static Entry {
    // Every action has an entry; a test walks them. The first one stands in so that no lookup can stop the desk.
    ACTIONS.iter().find(|entry| entry.action == action).unwrap_or(&ACTIONS[0])
}

/// A refusal's sentence, safe to draw: it may quote what strangers wrote.
#[must_use]
pub fn refusal_shown(refusal: &crate::domain::refusal::Refusal) -> String {
    crate::text::shown(&crate::text::Untrusted::new(refusal.message.clone()))
}

/// The keys as a table in Markdown, for the README.
#[must_use]
pub fn markdown() -> String {
    let mut table = String::from("| key | does |\n|---|---|\n");
    for entry in ACTIONS.iter().filter(|entry| !entry.keys.is_empty()) {
        let keys: Vec<String> = entry.keys.iter().map(|key| format!("`{key}`")).collect();
        // Writing to a string does not fail.
        let _ = writeln!(table, "| {} | {} |", keys.join(" "), entry.help);
    }
    table
}

/// The keys as the keymap file has them, each with what it does.
#[must_use]
pub fn keymap_file() -> String {
    let mut text = String::from(
        "# The desk's keys, as they are without a keymap of one's own. Made from the action table.\n\n[keys]\n",
    );
    for entry in ACTIONS {
        let keys: Vec<String> = entry.keys.iter().map(|key| format!("{key:?}")).collect();
        let _ = writeln!(text, "# {}\n{} = [{}]", entry.help, entry.id, keys.join(", "));
    }
    text
}
