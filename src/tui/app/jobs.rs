//! Downloads that go on beside the work, and how the desk's parts are: the tasks page. `tui::runtime` carries them out.

use super::actions::Action;
use super::key::{Code, Key};
use super::layers::Layer;
use super::model::Model;
use super::msg::Cmd;
use super::state::job::{Job, News, Stand};
use super::words::Tone;
use crate::text::shown;

impl Model {
    /// Starts the download of the row under the cursor, unless it is under way.
    pub(super) fn download(&mut self) -> Vec<Cmd> {
        let Some(row) = self.here().list.current() else { return Vec::new() };
        let (file, name) = (row.id, self.tab().name(row));
        if self.jobs.iter().any(|job| job.file == file && !job.is_over()) {
            self.say(Tone::Plain, format!("{name} is being downloaded already."));
            return Vec::new();
        }
        let id = self.jobs.last().map_or(1, |job| job.id + 1);
        self.jobs.push(Job { id, file, name, far: None, stand: Stand::Runs });
        vec![Cmd::Download { job: id, id: file }]
    }

    /// Something is heard of a job.
    pub(super) fn job(&mut self, id: u64, news: News) {
        let Some(job) = self.jobs.iter_mut().find(|job| job.id == id) else { return };
        match news {
            News::Far(have, size) => job.far = Some((have, size)),
            News::Over(ok, text) => {
                let text = shown(&text);
                job.stand = Stand::Over(ok, text.clone());
                let said = format!("{}: {text}", job.name);
                self.say(if ok { Tone::Good } else { Tone::Stop }, said);
            }
        }
    }

    /// What runs, for the foot: the newest, and how many others.
    #[must_use]
    pub fn running(&self) -> Option<String> {
        let mut running = self.jobs.iter().rev().filter(|job| !job.is_over());
        let newest = running.next()?;
        let others = match running.count() {
            0 => String::new(),
            count => format!(", and {count} more"),
        };
        let key = self.keymap.key(Action::Tasks);
        Some(format!("Downloading {}: {}{others}; {key} lists and stops it", newest.name, newest.words()))
    }

    /// Opens the tasks page and asks how everything is.
    pub(super) fn tasks_page(&mut self) -> Vec<Cmd> {
        self.status = None;
        self.layers.push(Layer::Tasks(self.jobs.len().saturating_sub(1)));
        vec![Cmd::Status]
    }

    /// A key on the tasks page.
    pub(super) fn tasks_key(&mut self, mut at: usize, key: Key) -> Vec<Cmd> {
        let mut cmds = Vec::new();
        match (key.code, self.keymap.action(key)) {
            (Code::Esc | Code::Char('q'), _) | (_, Some(Action::Tasks)) => return cmds,
            (Code::Char('x'), _) => {
                if let Some(job) = self.jobs.get_mut(at).filter(|job| job.stand == Stand::Runs) {
                    job.stand = Stand::Stops;
                    cmds.push(Cmd::Stop(job.id));
                }
            }
            (_, Some(Action::Refresh)) => {
                self.status = None;
                cmds.push(Cmd::Status);
            }
            (_, Some(Action::Down)) => at = (at + 1).min(self.jobs.len().saturating_sub(1)),
            (_, Some(Action::Up)) => at = at.saturating_sub(1),
            _ => {}
        }
        self.layers.push(Layer::Tasks(at));
        cmds
    }
}
