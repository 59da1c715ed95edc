//! Reading rows, counts and facts, whichever the area. Tasks of `tui::runtime`.

use std::time::Duration;

use tokio::sync::watch;

use super::shared::Shared;
use crate::domain::item::RawRow;
use crate::domain::page::{Cursor, Sort, Wanted};
use crate::service::ServiceError;
use crate::tui::app::filter::Filter;
use crate::tui::app::msg::Fit;
use crate::tui::app::state::facts::Facts;
use crate::tui::app::tab::Tab;
use crate::tui::app::{Msg, Row};
use crate::tui::tabs::TABS;

/// How long the cursor rests before votes and comments are read.
const REST: Duration = Duration::from_millis(60);

/// A page of the list that is wanted.
#[derive(Clone, Debug)]
pub(super) struct Page {
    pub generation: u64,
    pub fit: Fit,
    pub filter: Filter,
    pub sort: Sort,
    pub after: Option<Cursor>,
    pub rows: u32,
}

type Rows = (Vec<Row>, Option<Cursor>);

/// The tab of an area.
fn tab_of(area: &str) -> Option<&'static dyn Tab> {
    TABS.iter().copied().find(|tab| tab.area().word == area)
}

fn read(area: &str, rows: &[RawRow]) -> Vec<Row> {
    tab_of(area).map_or_else(Vec::new, |tab| rows.iter().map(|raw| tab.read(raw)).collect())
}

impl Shared {
    pub(super) async fn list(self, mut wanted: watch::Receiver<Option<Page>>) {
        while wanted.changed().await.is_ok() {
            let Some(wish) = wanted.borrow_and_update().clone() else { continue };
            let (generation, fit) = (wish.generation, wish.fit);
            let answer = self.page(wish).await.map_err(|error| self.failed(&error));
            self.tell(Msg::Listed { generation, fit, answer });
        }
    }

    /// A page's rows with their places, in the list's order also where it was read from the other end.
    async fn page(&self, wish: Page) -> Result<Rows, ServiceError> {
        let back = matches!(wish.fit, Fit::Before | Fit::End);
        let sort = if back { wish.sort.turned() } else { wish.sort };
        let Filter { area, asks } = wish.filter;
        let wanted = Wanted { filter: asks, sort, after: wish.after, page: wish.rows };
        let page = self.service.page_of(area, &wanted).await?;
        let mut rows = read(area, &page.items);
        if back {
            rows.reverse();
        }
        Ok((rows, page.next))
    }

    pub(super) async fn count(self, mut wanted: watch::Receiver<Option<(u64, Filter)>>) {
        let mut before = None;
        while wanted.changed().await.is_ok() {
            // The rows go first; and what only changed here and there is counted once for many changes.
            let same = wanted.borrow().as_ref().map(|(_, filter)| filter) == before.as_ref();
            tokio::time::sleep(if same { 5 * REST } else { REST / 2 }).await;
            let Some((generation, filter)) = wanted.borrow_and_update().clone() else { continue };
            before = Some(filter.clone());
            let area = filter.area;
            // A count that fails leaves the old number away; the list says why.
            let Ok(total) = self.service.count(area, &filter.asks).await else { continue };
            self.tell(Msg::Counted { generation, total, all: None });
            let Ok(all) = self.service.count(area, &Filter::everything(area).asks).await else { continue };
            self.tell(Msg::Counted { generation, total, all: Some(all) });
        }
    }

    pub(super) async fn rows(self, area: &'static str, ids: Vec<i64>) {
        match self.service.rows_of(area, &ids).await {
            Ok(rows) => self.tell(Msg::Rows(read(area, &rows))),
            Err(error) => _ = self.failed(&error),
        }
    }

    pub(super) async fn facts(self, mut wanted: watch::Receiver<Option<(&'static str, i64)>>) {
        while wanted.changed().await.is_ok() {
            tokio::time::sleep(REST).await;
            let Some((area, id)) = *wanted.borrow_and_update() else { continue };
            let facts = match self.service.facts(area, id).await {
                Ok(facts) => Ok(tab_of(area).zip(facts).map_or_else(Facts::default, |(tab, facts)| tab.facts(facts))),
                Err(error) => Err(self.failed(&error)),
            };
            self.tell(Msg::Facts(area, id, facts));
        }
    }
}
