//! The desk before there is a configuration it can use: the first frame comes all the same, says what is wrong, and `r`
//! tries again. Called by `cli` when the configuration cannot be read.

use std::io::IsTerminal as _;

use chrono::Utc;
use crossterm::event::{Event, EventStream, KeyEventKind};
use futures::StreamExt as _;

use super::terminal::Screen;
use super::{Asked, Signals, keys, seed, utf8_locale};
use crate::text::{Untrusted, shown};
use crate::tui::app::model::Link;
use crate::tui::app::{Action, Model};
use crate::tui::screens::TABS;
use crate::tui::ui::{Look, by_name, draw};

/// Shows the sentence until the person wants it tried again (true) or leaves (false). Without a terminal nobody is there
/// to correct anything: false at once.
///
/// # Errors
/// The terminal cannot be taken or written to.
pub fn again(sentence: &str) -> anyhow::Result<bool> {
    if !std::io::stdin().is_terminal() || !std::io::stdout().is_terminal() {
        return Ok(false);
    }
    let thread = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let signals = {
        let _in = thread.enter();
        Signals::new()?
    };
    let mut screen = Screen::enter(false)?;
    let asked = thread.block_on(wait(&mut screen, signals, sentence));
    Screen::leave();
    asked
}

async fn wait(screen: &mut Screen, mut signals: Signals, sentence: &str) -> anyhow::Result<bool> {
    // Which theme was meant may be the very thing that cannot be read.
    let look = Look { theme: by_name("mono")?, ascii: !utf8_locale() };
    let mut model = Model::new(TABS, "review desk".to_owned(), seed(), Utc::now(), Screen::size()?);
    model.link = Link::Lost(shown(&Untrusted::new(sentence)));
    let mut keys = EventStream::new();
    loop {
        screen.draw(|frame| draw(frame, &model, &look, None))?;
        tokio::select! {
            event = keys.next() => match event.transpose()? {
                Some(Event::Key(key)) if key.kind != KeyEventKind::Release => {
                    match keys::translate(key).and_then(|key| model.keymap.action(key)) {
                        Some(Action::Refresh) => return Ok(true),
                        Some(Action::Quit | Action::Back) => return Ok(false),
                        Some(Action::Suspend) => screen.suspend()?,
                        _ => {}
                    }
                }
                Some(Event::Resize(w, h)) => model.size = (w, h),
                Some(_) => {}
                None => return Ok(false),
            },
            asked = signals.next() => match asked {
                Asked::End => return Ok(false),
                Asked::Stop => screen.suspend()?,
                Asked::GoOn => screen.restart()?,
            },
        }
    }
}
