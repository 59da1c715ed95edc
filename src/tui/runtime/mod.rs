//! What the pure desk cannot have: the terminal, the clock, signals, tasks. Called by `cli`.
//!
//! The loop waits for a key, an answer, a signal or the next moment at which the screen changes by itself; it never waits
//! for a service, and it draws only when something changed.

mod access;
mod commands;
mod download;
mod draft;
mod hints;
mod keys;
mod lean;
mod link;
mod preview;
mod read;
mod settings;
mod shared;
mod shell;
mod start;
mod tasks;
mod terminal;
mod trouble;
mod watch;

use std::io::IsTerminal as _;
use std::sync::Arc;
use std::time::Duration;

use chrono::Utc;
use crossterm::event::{Event, EventStream, KeyEventKind, MouseButton, MouseEvent, MouseEventKind};
use futures::StreamExt as _;
use tokio::sync::{mpsc, watch as watched};

use self::settings::{Adapted, Settings};
pub use self::start::utf8_locale;
use self::start::{Asked, Signals, seed};
pub use self::tasks::Tasks;
use self::terminal::Screen;
pub use self::terminal::hook;
pub use self::trouble::until_it_opens;
use super::app::columns::places;
use super::app::key::Mouse;
use super::app::tab::{Tab, check};
use super::app::words::Tone;
use super::app::{Cmd, Model, Msg, first, update};
use super::tabs::TABS;
use super::ui::{Depth, Editor, Look, draw};
use crate::config::DeskConfig;
use crate::service::Service;

/// Opens the desk and stays until the person leaves.
///
/// # Errors
/// There is no terminal, or the configuration names a theme or time zone there is not.
pub fn run(service: Service) -> anyhow::Result<()> {
    if !std::io::stdin().is_terminal() || !std::io::stdout().is_terminal() {
        anyhow::bail!("The desk needs a terminal: run it in one, or use `exeat egress list` and its sisters.");
    }
    let config = service.config().desk.clone();
    let depth = Depth::of(|name| std::env::var(name).ok());
    let mut settings = Settings::new(service.config(), depth)?;
    let adapted = settings.read();
    let look = Look { theme: adapted.theme.clone(), ascii: !utf8_locale() };
    let zone = zone(&config)?;
    let (saved, columns) = (saved(&config)?, columns(&config)?);
    let title = config.title.clone().unwrap_or_else(|| "review desk".to_owned());
    let threads = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    // Before the terminal is taken: a signal in between would leave it taken.
    let signals = {
        let _in = threads.enter();
        Signals::new()?
    };
    let mut screen = Screen::enter(adapted.mouse)?;
    let size = Screen::size()?;
    let mut model = Model::new(TABS, title, seed(), Utc::now(), size);
    model.ascii = look.ascii;
    model.zone = zone;
    model.saved = saved;
    for (state, columns) in model.tabs.iter_mut().zip(columns) {
        state.columns = columns;
    }
    model.promised = config.promised_days.map(|days| chrono::TimeDelta::days(i64::from(days)));
    model.canned = config.reasons;
    model.keymap = adapted.keymap.clone();
    model.fault.clone_from(&adapted.fault);
    let ended = threads.block_on(stay(&mut screen, signals, model, look, Arc::new(service), (settings, adapted)));
    Screen::leave();
    threads.shutdown_timeout(Duration::from_millis(200));
    ended
}

/// Whether there are these tabs, named in a part of the configuration.
fn known<'a>(part: &str, mut names: impl Iterator<Item = &'a String>) -> anyhow::Result<()> {
    let all: Vec<&str> = TABS.iter().map(|tab| tab.area().id).collect();
    match names.find(|name| !all.contains(&name.as_str())) {
        Some(name) => {
            anyhow::bail!("There is no tab {name:?}, as [desk.{part}] has it; use one of {}.", all.join(", "))
        }
        None => Ok(()),
    }
}

/// The saved filters, each of them understood.
fn saved(config: &DeskConfig) -> anyhow::Result<Vec<(String, String, String)>> {
    known("filters", config.filters.keys())?;
    let mut all = Vec::new();
    for (id, filters) in &config.filters {
        for (name, filter) in filters {
            if let Some(tab) = TABS.iter().find(|tab| tab.area().id == id)
                && let Err((_, sentence)) = check(*tab, filter, Utc::now(), chrono_tz::Tz::UTC)
            {
                anyhow::bail!("The saved filter {name:?} in [desk.filters.{id}] is not understood: {sentence}");
            }
            all.push((id.clone(), name.clone(), filter.clone()));
        }
    }
    Ok(all)
}

/// The columns chosen in the configuration for each tab.
fn columns(config: &DeskConfig) -> anyhow::Result<Vec<Option<Vec<usize>>>> {
    known("columns", config.columns.keys())?;
    let chosen = |tab: &&'static dyn Tab| {
        let names = config.columns.get(tab.area().id);
        names.map(|names| places(*tab, names)).transpose()
    };
    let all: Result<_, String> = TABS.iter().map(chosen).collect();
    all.map_err(|why| anyhow::anyhow!("The columns in [desk.columns] cannot be shown: {why}"))
}

/// What is wrong with the person's keymap, theme, saved filters or columns, if anything. For `doctor` and `config check`.
#[must_use]
pub fn fault(config: &crate::config::Config) -> Option<String> {
    match Settings::new(config, Depth::Full) {
        Ok(mut settings) => {
            let saved = || saved(&config.desk).err().map(|why| why.to_string());
            let columns = || columns(&config.desk).err().map(|why| why.to_string());
            settings.read().fault.or_else(saved).or_else(columns)
        }
        Err(why) => Some(why.to_string()),
    }
}

fn zone(config: &DeskConfig) -> anyhow::Result<chrono_tz::Tz> {
    let Some(name) = &config.time_zone else { return Ok(chrono_tz::Tz::UTC) };
    name.parse().map_err(|_| {
        anyhow::anyhow!("There is no time zone {name:?}: correct time_zone in [desk], such as Europe/Berlin.")
    })
}

/// The desk while it is open: everything the loop's steps share.
struct Desk<'a> {
    screen: &'a mut Screen,
    model: Model,
    look: Look,
    editor: Option<Editor>,
    tasks: Tasks,
    reread: watched::Sender<u64>,
    leaving: bool,
    /// Whether stops were ignored when the desk began.
    ignores: bool,
}

async fn stay(
    screen: &mut Screen,
    mut signals: Signals,
    model: Model,
    look: Look,
    service: Arc<Service>,
    (settings, adapted): (Settings, Adapted),
) -> anyhow::Result<()> {
    let (told, mut heard) = mpsc::unbounded_channel();
    let tasks = Tasks::new(service, told);
    let (reread, asked) = watched::channel(0);
    let (read, mut settled) = mpsc::unbounded_channel();
    let ignores = signals.ignores;
    let mut desk = Desk { screen, model, look, editor: None, tasks, reread, leaving: false, ignores };
    // The first frame comes before anything is asked of anyone.
    let cmds = first(&mut desk.model);
    desk.draw()?;
    desk.carry_out(cmds)?;
    tokio::spawn(watch::follow(settings, adapted, asked, read));
    let mut keys = EventStream::new();
    while !desk.leaving {
        let pause = (desk.model.next_change() - Utc::now()).to_std().unwrap_or(Duration::ZERO);
        tokio::select! {
            event = keys.next() => match event {
                Some(event) => desk.event(event?)?,
                // The terminal is gone.
                None => break,
            },
            Some(msg) = heard.recv() => desk.say(msg)?,
            Some(adapted) = settled.recv() => desk.adapt(adapted)?,
            asked = signals.next() => desk.asked(&asked)?,
            () = tokio::time::sleep(pause + Duration::from_millis(5)) => desk.clock()?,
        }
        // What else is there is taken before the one frame that shows it all.
        for _ in 0..1000 {
            let Ok(msg) = heard.try_recv() else { break };
            desk.say(msg)?;
        }
        if Screen::panicked() {
            anyhow::bail!("A part of the desk failed; what it was about stands above.");
        }
        if desk.model.dirty && !desk.leaving {
            desk.draw()?;
        }
    }
    desk.tasks.end().await;
    Ok(())
}

impl Desk<'_> {
    fn clock(&mut self) -> anyhow::Result<()> {
        let cmds = update(&mut self.model, Msg::Clock(Utc::now()));
        self.carry_out(cmds)
    }

    fn say(&mut self, msg: Msg) -> anyhow::Result<()> {
        self.clock()?;
        let cmds = update(&mut self.model, msg);
        self.carry_out(cmds)
    }

    /// Takes the person's settings as they are now.
    fn adapt(&mut self, adapted: Adapted) -> anyhow::Result<()> {
        self.look.theme = adapted.theme;
        self.screen.mouse(adapted.mouse)?;
        self.say(Msg::Adapted { keymap: Box::new(adapted.keymap), fault: adapted.fault })
    }

    fn draw(&mut self) -> anyhow::Result<()> {
        // The size now, not that of an event: of a storm of events the last may be late or never come.
        let size = Screen::size()?;
        if size != self.model.size {
            self.say(Msg::Resize(size.0, size.1))?;
        }
        self.model.dirty = false;
        let (model, look, editor) = (&self.model, &self.look, self.editor.as_ref());
        self.screen.draw(|frame| draw(frame, model, look, editor))
    }

    fn event(&mut self, event: Event) -> anyhow::Result<()> {
        match event {
            Event::Key(key) if key.kind != KeyEventKind::Release => match keys::translate(key) {
                Some(key) => self.say(Msg::Key(key)),
                None => Ok(()),
            },
            Event::Paste(text) => self.say(Msg::Paste(text)),
            Event::Mouse(mouse) => self.mouse(mouse),
            _ => Ok(()),
        }
    }

    fn mouse(&mut self, mouse: MouseEvent) -> anyhow::Result<()> {
        let did = match mouse.kind {
            MouseEventKind::Down(MouseButton::Left) => Mouse::Press,
            MouseEventKind::ScrollUp => Mouse::WheelUp,
            MouseEventKind::ScrollDown => Mouse::WheelDown,
            _ => return Ok(()),
        };
        self.say(Msg::Mouse(did, mouse.column, mouse.row))
    }

    fn asked(&mut self, asked: &Asked) -> anyhow::Result<()> {
        match asked {
            Asked::End => self.leaving = true,
            Asked::Stop => self.suspend()?,
            // Stopped and brought back from outside: the shell may have drawn over the screen.
            Asked::GoOn => self.screen.restart()?,
            Asked::Fit => self.screen.anew()?,
        }
        self.model.dirty = true;
        Ok(())
    }

    /// Gives the terminal back and stops, until the shell brings the desk back; says why not where none would.
    fn suspend(&mut self) -> anyhow::Result<()> {
        if !shell::brings_back(self.ignores) {
            self.model.say(Tone::Warn, shell::WHY_NOT);
            self.model.dirty = true;
            return Ok(());
        }
        self.screen.suspend()?;
        let (w, h) = Screen::size()?;
        self.model.dirty = true;
        self.say(Msg::Resize(w, h))
    }

    fn carry_out(&mut self, cmds: Vec<Cmd>) -> anyhow::Result<()> {
        for cmd in cmds {
            match cmd {
                Cmd::Quit => self.leaving = true,
                Cmd::Suspend => self.suspend()?,
                Cmd::Redraw => self.screen.restart()?,
                Cmd::ReadSettings => self.reread.send_modify(|times| *times += 1),
                Cmd::Copy(text) => Screen::copy(&text)?,
                Cmd::Edit(text) => self.editor = Some(Editor::with(&text)),
                Cmd::EditKey(key) => self.edit(|editor| editor.key(key))?,
                Cmd::EditPaste(text) => self.edit(|editor| editor.paste(&text))?,
                other => self.tasks.start(other),
            }
        }
        Ok(())
    }

    fn edit(&mut self, change: impl FnOnce(&mut Editor)) -> anyhow::Result<()> {
        let Some(editor) = &mut self.editor else { return Ok(()) };
        change(editor);
        let text = editor.text();
        self.say(Msg::Edited(text))
    }
}
