//! The desk before there is a configuration it can use: the first frame comes all the same, says what is wrong, and `r`
//! tries again. Called by `cli` when the configuration cannot be read.

use std::io::IsTerminal as _;

use chrono::Utc;
use crossterm::event::{Event, EventStream, KeyEventKind};
use futures::StreamExt as _;

use super::start::{Asked, Signals, seed, utf8_locale};
use super::terminal::Screen;
use super::{keys, shell};
use crate::service::Service;
use crate::text::{Untrusted, shown};
use crate::tui::app::model::Link;
use crate::tui::app::words::Tone;
use crate::tui::app::{Action, Model};
use crate::tui::tabs::TABS;
use crate::tui::ui::{Look, by_name, draw};

/// The service, as soon as `open` gives one: what is wrong is shown until the person has corrected it and asks again, or
/// leaves. Without a terminal nobody is there to correct anything.
///
/// # Errors
/// What `open` said at first, if the person left; the terminal cannot be taken or written to.
pub fn until_it_opens(open: impl Fn() -> anyhow::Result<Service>) -> anyhow::Result<Service> {
    let first = open();
    let (Err(wrong), true) = (&first, std::io::stdin().is_terminal() && std::io::stdout().is_terminal()) else {
        return first;
    };
    let thread = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let signals = {
        let _in = thread.enter();
        Signals::new()?
    };
    let mut screen = Screen::enter(false)?;
    let opened = thread.block_on(wait(&mut screen, signals, wrong, &open));
    Screen::leave();
    opened?.map_or(first, Ok)
}

/// None: the person left.
async fn wait(
    screen: &mut Screen,
    mut signals: Signals,
    wrong: &anyhow::Error,
    open: &impl Fn() -> anyhow::Result<Service>,
) -> anyhow::Result<Option<Service>> {
    // Which theme was meant may be the very thing that cannot be read.
    let look = Look { theme: by_name("mono")?, ascii: !utf8_locale() };
    let lost = |wrong: &anyhow::Error| Link::Lost(shown(&Untrusted::new(wrong.to_string())));
    let mut model = Model::new(TABS, "review desk".to_owned(), seed(), Utc::now(), Screen::size()?);
    model.ascii = look.ascii;
    model.link = lost(wrong);
    let ignores = signals.ignores;
    let mut keys = EventStream::new();
    loop {
        model.size = Screen::size()?;
        screen.draw(|frame| draw(frame, &model, &look, None))?;
        tokio::select! {
            event = keys.next() => match event.transpose()? {
                Some(Event::Key(key)) if key.kind != KeyEventKind::Release => {
                    match keys::translate(key).and_then(|key| model.keymap.action(key)) {
                        Some(Action::Refresh) => match open() {
                            Ok(service) => return Ok(Some(service)),
                            Err(wrong) => model.link = lost(&wrong),
                        },
                        Some(Action::Quit | Action::Back) => return Ok(None),
                        Some(Action::Suspend) => suspend(screen, &mut model, ignores)?,
                        _ => {}
                    }
                }
                Some(_) => {}
                None => return Ok(None),
            },
            asked = signals.next() => match asked {
                Asked::End => return Ok(None),
                Asked::Stop => suspend(screen, &mut model, ignores)?,
                Asked::GoOn => screen.restart()?,
                Asked::Fit => screen.anew()?,
            },
        }
    }
}

/// Stops until the shell brings the desk back; says why not where none would.
fn suspend(screen: &mut Screen, model: &mut Model, ignores: bool) -> std::io::Result<()> {
    if shell::brings_back(ignores) {
        return screen.suspend();
    }
    model.say(Tone::Warn, shell::WHY_NOT);
    Ok(())
}
