//! Two desks on one case, with the real tasks and the real database: who comes second decides nothing and is told why.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use chrono::{TimeDelta, Utc};
use exeat::config::Config;
use exeat::service::Service;
use exeat::tui::Tasks;
use exeat::tui::app::layers::Layer;
use exeat::tui::app::{Cmd, Key, Model, Msg, first, update};
use exeat::tui::screens::TABS;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::timeout;

use crate::support::pg::{Database, WORKER, one, submitted};

/// How long anything may take before the test gives up; never what is measured.
const PATIENCE: Duration = Duration::from_secs(30);
const ROUNDS: usize = 200;

/// A desk without a terminal.
pub struct Desk {
    pub model: Model,
    tasks: Tasks,
    heard: UnboundedReceiver<Msg>,
}

impl Desk {
    pub fn open(database: &Database, login: &str, seed: u8) -> Self {
        let mut config = Config::default();
        Database::host().clone_into(&mut config.database.host);
        config.database.name.clone_from(&database.name);
        config.database.user = Some(login.to_owned());
        let service = Arc::new(Service::open(config, None).unwrap());
        let (told, heard) = unbounded_channel();
        let mut model = Model::new(TABS, "Test TRE".into(), [seed; 32], Utc::now(), (120, 40));
        let cmds = first(&mut model);
        let mut desk = Self { model, tasks: Tasks::new(service, told), heard };
        desk.start(cmds);
        desk
    }

    fn start(&mut self, cmds: Vec<Cmd>) {
        for cmd in cmds {
            // What an earlier desk left in a file is not of this test.
            if !matches!(cmd, Cmd::ReadDraft | Cmd::EditKey(_) | Cmd::Edit(_)) {
                self.tasks.start(cmd);
            }
        }
    }

    pub fn say(&mut self, msg: Msg) -> usize {
        let cmds = update(&mut self.model, msg);
        let decided = cmds.iter().filter(|cmd| matches!(cmd, Cmd::Decide { .. } | Cmd::Deed { .. })).count();
        self.start(cmds);
        decided
    }

    /// A key, an answer a second after its dialog opened; how many decisions it sent.
    pub fn press(&mut self, key: char) -> usize {
        let later = TimeDelta::seconds(i64::from(key == 'y'));
        self.say(Msg::Clock(Utc::now() + later));
        self.say(Msg::Key(Key::char(key)))
    }

    /// Takes what was heard until something is true.
    pub async fn until(&mut self, what: &str, fits: impl Fn(&Model) -> bool) {
        while !fits(&self.model) {
            let heard = timeout(PATIENCE, self.heard.recv()).await;
            let msg = heard.unwrap_or_else(|_| panic!("{what} never came; {:?}", self.model.toast)).unwrap();
            self.say(msg);
        }
    }

    /// Takes what was heard so far.
    pub fn catch_up(&mut self) {
        while let Ok(msg) = self.heard.try_recv() {
            self.say(msg);
        }
    }

    /// Puts the cursor on a file whose row is up to date, and opens the dialog.
    async fn ask(&mut self, id: i64, version: i64) {
        let ready = |model: &Model| model.list.get(id).is_some_and(|row| row.version >= version);
        self.until("the row", ready).await;
        self.model.list.cursor = Some(id);
        self.model.toast = None;
        assert_eq!(self.press('a'), 0);
        assert!(self.dialog(), "{:?}", self.model.toast);
    }

    fn dialog(&self) -> bool {
        matches!(self.model.layers.last(), Some(Layer::Decide(_)))
    }

    pub fn toast(&self) -> String {
        self.model.toast.as_ref().map(|toast| toast.text.clone()).unwrap_or_default()
    }

    pub async fn answered(&mut self) {
        self.until("the answer", |model| model.sent.is_empty()).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_comes_second_decides_nothing_and_is_told_why_in_both_orders() {
    let database = Database::fresh().await;
    let mut researcher = database.connect("researcher1").await;
    let mut worker = database.connect(WORKER).await;
    let mut owner = database.owner().await;
    let mut ids = Vec::new();
    for n in 0..ROUNDS {
        let key = format!("race{n}.csv");
        ids.push(submitted(&mut researcher, &mut worker, "heart", "trusted", &key).await);
    }
    let mut desks = [Desk::open(&database, "checker1", 1), Desk::open(&database, "checker2", 2)];
    for desk in &mut desks {
        // All of them, also what one has voted on.
        desk.press('e');
        desk.until("the change feed", |model| model.link == exeat::tui::app::model::Link::Live).await;
        while desk.model.list.rows().len() < ROUNDS {
            let have = desk.model.list.rows().len();
            for _ in 0..have {
                desk.press('j');
            }
            desk.until("more rows", |model| model.list.rows().len() > have).await;
        }
    }
    let mut seen = BTreeSet::new();
    for (n, id) in ids.into_iter().enumerate() {
        // Who is first, and whether the other hears of it before pressing y.
        let (winner, hears, at_once) = (n % 2, n / 2 % 2 == 0, n % 8 >= 6);
        let version: i64 =
            one(&mut owner, &format!("select row_version from exeat.file_versions where id = {id}")).await;
        for desk in &mut desks {
            desk.catch_up();
            desk.ask(id, version).await;
        }
        let [a, b] = &mut desks;
        let (first, second) = if winner == 0 { (a, b) } else { (b, a) };
        let who = first.model.login().to_owned();
        assert_eq!(first.press('y'), 1);
        if at_once {
            // Neither has heard of the other: the database lets one through.
            assert_eq!(second.press('y'), 1);
            first.answered().await;
            second.answered().await;
            let refused = |desk: &Desk| desk.toast().contains("It changed since you looked");
            assert!(refused(first) != refused(second), "{n}: {} / {}", first.toast(), second.toast());
        } else {
            first.answered().await;
            if hears {
                second.until("the end of the dialog", |model| model.layers.is_empty()).await;
                second.until("who it was", |model| model.explain.is_none()).await;
                let said = second.toast();
                assert!(said.contains(&format!(": nothing was decided, {who} approved it")), "{n}: {said}");
                assert_eq!(second.press('y'), 0, "{n}: there is nothing to confirm any more");
            } else {
                assert_eq!(second.press('y'), 1);
                second.answered().await;
                let said = second.toast();
                assert!(said.contains("It changed since you looked") && said.contains(&who), "{n}: {said}");
            }
        }
        for desk in [&first, &second] {
            assert!(!desk.dialog(), "{n}");
        }
        let votes = format!("select count(*) from exeat.votes where version = {id} and standing");
        assert_eq!(one::<i64>(&mut owner, &votes).await, 1, "{n}: one vote stands");
        seen.insert((winner, hears, at_once));
    }
    assert_eq!(seen.len(), 6, "every order came: {seen:?}");
}
