//! A desk with the real tasks on a real database, without a terminal.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::time::Duration;

use chrono::{TimeDelta, Utc};
use exeat::config::Config;
use exeat::service::Service;
use exeat::tui::Tasks;
use exeat::tui::app::{Cmd, Key, Model, Msg, update};
use exeat::tui::tabs::TABS;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::timeout;

use super::Desk;
use super::sent::{Out, outs};
use crate::support::pg::Database;

/// How long anything may take before the test gives up; never what is measured.
const PATIENCE: Duration = Duration::from_secs(30);

/// The desk.
pub struct Live {
    desk: Desk,
    tasks: Tasks,
    heard: UnboundedReceiver<Msg>,
}

impl Deref for Live {
    type Target = Desk;

    fn deref(&self) -> &Desk {
        &self.desk
    }
}

impl DerefMut for Live {
    fn deref_mut(&mut self) -> &mut Desk {
        &mut self.desk
    }
}

impl Live {
    pub fn open(database: &Database, login: &str, seed: u8) -> Self {
        let mut config = Config::default();
        Database::host().clone_into(&mut config.database.host);
        config.database.name.clone_from(&database.name);
        config.database.user = Some(login.to_owned());
        let service = Arc::new(Service::open(config, None).unwrap());
        let (told, heard) = unbounded_channel();
        let (desk, cmds) = Desk::begun(Model::new(TABS, "Test TRE".into(), [seed; 32], Utc::now(), (120, 40)));
        let mut live = Self { desk, tasks: Tasks::new(service, told), heard };
        live.start(cmds);
        live
    }

    fn start(&mut self, cmds: Vec<Cmd>) {
        for cmd in cmds {
            // What an earlier desk left in a file is not of this test.
            if !matches!(cmd, Cmd::ReadDrafts | Cmd::EditKey(_) | Cmd::Edit(_)) {
                self.tasks.start(cmd);
            }
        }
    }

    /// One message in; how many commands it sent.
    pub fn say(&mut self, msg: Msg) -> usize {
        let cmds = update(&mut self.desk.model, msg);
        let editor = |cmd: &Cmd| matches!(cmd, Cmd::EditKey(_) | Cmd::EditPaste(_) | Cmd::Edit(_));
        let neutral = cmds.iter().filter(|cmd| !editor(cmd)).flat_map(|cmd| outs(cmd.clone()));
        let sent = neutral.filter(|out| matches!(out, Out::Sent(_))).count();
        self.start(cmds);
        sent
    }

    /// A key, an answer a second after its dialog opened; how many commands it sent.
    pub fn press(&mut self, key: char) -> usize {
        let later = TimeDelta::seconds(i64::from(key == 'y'));
        self.say(Msg::Clock(Utc::now() + later));
        self.say(Msg::Key(Key::char(key)))
    }

    /// A key by its name.
    pub fn key(&mut self, name: &str) {
        self.say(Msg::Key(Key::parse(name).unwrap()));
    }

    /// Takes what was heard until something is true.
    pub async fn until(&mut self, what: &str, fits: impl Fn(&Desk) -> bool) {
        while !fits(&self.desk) {
            let heard = timeout(PATIENCE, self.heard.recv()).await;
            let msg = heard.unwrap_or_else(|_| panic!("{what} never came; {:?}", self.toast())).unwrap();
            self.say(msg);
        }
    }

    /// Takes what was heard so far.
    pub fn catch_up(&mut self) {
        while let Ok(msg) = self.heard.try_recv() {
            self.say(msg);
        }
    }

    /// Until every command has its answer.
    pub async fn answered(&mut self) {
        self.until("the answer", |desk| !desk.waits()).await;
    }

    /// Until the list of the tab shown holds so many rows: goes down as far as it is read, again and again.
    pub async fn read_all(&mut self, count: usize) {
        self.until("the change feed", |desk| desk.link().starts_with("live")).await;
        while self.ids().len() < count {
            let have = self.ids().len();
            for _ in 0..have {
                self.press('j');
            }
            self.until("more rows", |desk| desk.ids().len() > have).await;
        }
    }

    /// Puts the cursor on a row that is up to date, and presses the key that opens a dialog on it.
    pub async fn ask(&mut self, id: i64, version: i64, opener: char) {
        self.until("the row", |desk| desk.version(id).is_some_and(|read| read >= version)).await;
        self.put_cursor(id);
        self.hush();
        assert_eq!(self.press(opener), 0);
        assert!(self.dialog().is_some(), "{:?}", self.toast());
    }
}
