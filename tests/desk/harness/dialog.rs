//! A dialog as the tests of random hands judge it: what it is for, its targets exactly as seen, what its fields hold.
//! The one place that knows what the desk's dialogs and editors are made of.

use std::collections::BTreeMap;

use exeat::tui::app::dialog::Dialog as Inside;
use exeat::tui::app::entry::Entry;
use exeat::tui::app::layers::Layer;
use exeat::tui::app::{Key, Target};

use super::Desk;
use super::sent::Sent;

/// A dialog that confirms a command.
#[derive(Clone, Debug, PartialEq)]
pub struct Dialog {
    /// The command it makes, by the database's name.
    pub command: &'static str,
    /// Of a vote its kind.
    pub kind: Option<&'static str>,
    /// On what, exactly as shown.
    pub targets: Vec<Seen>,
    /// Its fields: of the count, the reason or comment, and what the database calls by the same name.
    pub inputs: BTreeMap<&'static str, Input>,
    /// The key that opened it, where it tells.
    pub opener: Option<Key>,
    /// Whether a confirm sends it: asking for access has a stage before.
    pub sends: bool,
}

/// A target as the person saw it.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    pub row: i64,
    pub version: i64,
    pub destination: String,
    pub sha256: String,
}

impl Seen {
    fn new(target: &Target) -> Self {
        let Target { id, seen, destination, sha256, .. } = target;
        Self { row: *id, version: *seen, destination: destination.clone(), sha256: sha256.clone() }
    }

    /// What a command says of its target.
    pub fn of(sent: &Sent) -> Self {
        let text = |field: &str| sent.text(field).to_owned();
        Self { row: sent.row, version: sent.seen, destination: text("destination"), sha256: text("sha256") }
    }
}

/// A field.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Input {
    /// What it holds.
    pub value: String,
    /// Whether the person changed it.
    pub changed: bool,
    /// Whether something is wrong with it.
    pub wrong: bool,
}

impl Dialog {
    /// What a field holds; nothing where there is no such field.
    pub fn value(&self, name: &str) -> &str {
        self.inputs.get(name).map_or("", |input| &input.value)
    }

    /// The same if the person changed it.
    pub fn changed(&self, name: &str) -> Option<&str> {
        self.inputs.get(name).filter(|input| input.changed).map(|input| input.value.as_str())
    }

    fn of(dialog: &Inside) -> Self {
        let (command, kind) = command_of(dialog.spec.command);
        let input = |entry: &Entry| Input {
            value: entry.value().to_owned(),
            changed: entry.moved(),
            wrong: entry.wrong.is_some(),
        };
        Self {
            command,
            kind,
            targets: dialog.targets.iter().map(Seen::new).collect(),
            inputs: dialog.fields.iter().map(|entry| (entry.name, input(entry))).collect(),
            opener: dialog.guard.opener(),
            sends: dialog.spec.makes.is_none() || dialog.exactly,
        }
    }
}

/// The command a dialog makes, by the name its rows answer to; of a vote its kind.
fn command_of(name: &str) -> (&'static str, Option<&'static str>) {
    match name {
        "approve" => ("cast_vote", Some("approve")),
        "reject" => ("cast_vote", Some("reject")),
        "changes" => ("cast_vote", Some("changes")),
        "withdraw" => ("withdraw", None),
        "recall" => ("recall", None),
        "restore" => ("restore", None),
        "allow" => ("allow_request", None),
        "deny" => ("deny_request", None),
        "edit" => ("edit_request", None),
        "amend" => ("amend_grant", None),
        "revoke" => ("revoke_grant", None),
        "ask" => ("new_request", None),
        other => panic!("no dialog is called {other}"),
    }
}

/// A text being written, and what ctrl-s makes of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Writing {
    /// The row it is about.
    pub row: i64,
    /// The command that carries it.
    pub command: &'static str,
    /// The field of that command's request, or of its `changes`.
    pub field: &'static str,
    /// The text so far.
    pub text: String,
}

fn dialog_of(layer: &Layer) -> Option<Dialog> {
    if let Layer::Dialog(dialog) = layer { Some(Dialog::of(dialog)) } else { None }
}

impl Desk {
    /// The dialog the keys go to, if they go to one.
    pub fn dialog(&self) -> Option<Dialog> {
        dialog_of(self.model.layers.last()?)
    }

    /// Whether one is open, whatever lies over it.
    pub fn has_dialog(&self) -> bool {
        self.model.layers.iter().any(|layer| dialog_of(layer).is_some())
    }

    /// The text the keys go to, if they go to one that is written by itself.
    pub fn writing(&self) -> Option<Writing> {
        let Some(Layer::Writing(open)) = self.model.layers.last() else { return None };
        let (command, field) = match (self.area(), open.spec.command) {
            ("egress", "comment") => ("add_comment", "body"),
            (_, "comment") => ("comment_request", "body"),
            (_, "note") => ("edit_request", "internal_note"),
            (_, "edit") => ("edit_request", "note_to_requester"),
            other => panic!("no text is written for {other:?}"),
        };
        Some(Writing { row: open.target.id, command, field, text: open.text.clone() })
    }

    /// Whether the keys go to the page, the action menu or the palette: where an action can be done.
    pub fn place(&self) -> Option<&'static str> {
        match self.model.layers.last() {
            None => Some("page"),
            Some(Layer::Menu(_)) => Some("menu"),
            Some(Layer::Palette(_)) => Some("palette"),
            Some(_) => None,
        }
    }

    /// Whether the filter line waits for the hands to rest before it asks.
    pub(super) fn is_typing(&self) -> bool {
        matches!(self.model.layers.last(), Some(Layer::Filter(edit)) if edit.due.is_some())
    }

    /// The lines of the help that is open, as its search leaves them: keys, sentence, and why not now.
    pub fn help(&self) -> Vec<(Option<String>, String, Option<String>)> {
        let Some(Layer::Help(help)) = self.model.layers.last() else { panic!("no help:\n{}", self.screen()) };
        self.model.help_lines(help).into_iter().map(|line| (line.keys, line.text, line.why_not)).collect()
    }
}
