//! Which columns the table of a tab shows, and in which order: all of them, those the configuration names, or those chosen
//! here. Called by `keys`; the table and the dialog are drawn by `tui::ui`.

use super::actions::Action;
use super::key::{Code, Key};
use super::layers::Layer;
use super::model::Model;
use super::msg::Cmd;
use super::tab::{Head, Tab, Width};
use super::words::Tone;

/// A column's name in the configuration: its heading in small letters, `taken-by`.
#[must_use]
pub fn name(column: &Head) -> String {
    column.title.to_lowercase().replace(' ', "-")
}

/// The places of named columns in the tab's table.
///
/// # Errors
/// One sentence: a name is none, comes twice, or the column rows are known by is not among them.
pub fn places(tab: &dyn Tab, names: &[String]) -> Result<Vec<usize>, String> {
    let (title, heads) = (tab.area().title, tab.heads());
    let mut places = Vec::new();
    for wanted in names {
        let Some(at) = heads.iter().position(|head| name(head) == *wanted) else {
            let all: Vec<String> = heads.iter().map(name).collect();
            return Err(format!("{title} has no column {wanted:?}; there are {}.", all.join(", ")));
        };
        if places.contains(&at) {
            return Err(format!("The column {wanted:?} of {title} is named twice."));
        }
        places.push(at);
    }
    match heads.iter().position(stays) {
        Some(at) if !places.contains(&at) => {
            Err(format!("{title} cannot do without the column {:?}; name it too.", name(&heads[at])))
        }
        _ => Ok(places),
    }
}

/// Whether rows are known by it, so that it is always shown.
fn stays(column: &Head) -> bool {
    matches!(column.width, Width::Rest(_))
}

impl Model {
    /// The columns somebody chose for the tab shown, in order; none where all are shown as far as they fit.
    #[must_use]
    pub fn chosen_columns(&self) -> Option<&[usize]> {
        self.here().columns.as_deref()
    }

    /// Every column of the tab and whether it is shown: the shown ones in their order, then the others.
    #[must_use]
    pub fn all_columns(&self) -> Vec<(usize, bool)> {
        let all = 0..self.tab().heads().len();
        match self.chosen_columns() {
            None => all.map(|at| (at, true)).collect(),
            Some(chosen) => {
                let others = all.filter(|at| !chosen.contains(at)).map(|at| (at, false));
                chosen.iter().map(|at| (*at, true)).chain(others).collect()
            }
        }
    }

    /// The choice as a line of the configuration.
    #[must_use]
    pub fn columns_line(&self) -> String {
        let heads = self.tab().heads();
        let shown = self.all_columns().into_iter().filter(|(_, shown)| *shown);
        let names: Vec<String> = shown.map(|(at, _)| format!("{:?}", name(&heads[at]))).collect();
        format!("{} = [{}]", self.area().id, names.join(", "))
    }

    /// A key in the list of columns.
    pub(super) fn columns_key(&mut self, mut at: usize, key: Key) -> Vec<Cmd> {
        let all = self.all_columns();
        let shown = all.iter().filter(|(_, shown)| *shown).count();
        let last = all.len().saturating_sub(1);
        match (key.code, self.keymap.action(key)) {
            (Code::Esc | Code::Enter | Code::Char('q'), _) | (_, Some(Action::Columns)) => return Vec::new(),
            (Code::Char(' '), _) => self.turn_column(at),
            (Code::Char('J'), _) if at + 1 < shown => {
                self.swap_columns(at, at + 1);
                at += 1;
            }
            (Code::Char('K'), _) if at > 0 && at < shown => {
                self.swap_columns(at, at - 1);
                at -= 1;
            }
            (Code::Backspace, _) => {
                self.here_mut().columns = None;
                at = 0;
            }
            (_, Some(Action::Down)) => at = (at + 1).min(last),
            (_, Some(Action::Up)) => at = at.saturating_sub(1),
            _ => {}
        }
        self.layers.push(Layer::Columns(at));
        Vec::new()
    }

    /// Shows the column of that line, or no longer.
    fn turn_column(&mut self, at: usize) {
        let mut all = self.all_columns();
        let Some((column, shown)) = all.get_mut(at) else { return };
        let head = self.tab().heads()[*column];
        if *shown && stays(&head) {
            self.say(Tone::Warn, format!("{} is always shown: rows are known by it.", head.title));
            return;
        }
        *shown = !*shown;
        self.keep_columns(&all);
    }

    fn swap_columns(&mut self, one: usize, other: usize) {
        let mut all = self.all_columns();
        all.swap(one, other);
        self.keep_columns(&all);
    }

    fn keep_columns(&mut self, all: &[(usize, bool)]) {
        let shown = all.iter().filter(|(_, shown)| *shown).map(|(at, _)| *at).collect();
        self.here_mut().columns = Some(shown);
    }
}
