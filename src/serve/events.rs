//! What changes, as it does: server-sent events of the change feed, under the rights of whoever asks. The id of an event is a place in the
//! feed, so that any server goes on from it (`Last-Event-ID`) and nothing that committed late is lost; some may come twice.

use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderMap, Method, Response};
use futures::{Stream, StreamExt as _};
use hyper::body::Bytes;
use serde_json::json;
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio::time::Instant;

use super::App;
use super::fault::{Answered, Fault, Kind};
use super::limits::Held;
use super::routes::{Asker, Route, by};
use crate::service::{MOST_CHANGES, Service, Watch};
use crate::text::json_ascii;

/// Its route.
pub const ROUTES: &[Route] =
    &[Route::new(Method::GET, "/api/events", "events:read", "what changes, as it does", |m| by(m, events))];

/// How long one answer lasts; whoever wants more comes again, and is looked at anew.
const LASTS: Duration = Duration::from_mins(5);
/// Between two signs of life.
const BEAT: Duration = Duration::from_secs(15);

/// One answer.
struct Events {
    service: Service,
    watch: Watch,
    app: App,
    begun: Instant,
    said: Instant,
    _held: (Held<String>, OwnedSemaphorePermit),
}

async fn events(State(app): State<App>, Extension(caller): Asker, headers: HeaderMap) -> Answered {
    let service = caller.acting(caller.own()?)?;
    let after = headers.get("last-event-id").map(|id| id.to_str().unwrap_or("?"));
    let watch = service.watch(after.filter(|id| !id.is_empty())).await?;
    let share = app.limits.hold(caller.key(), "listeners", app.config.listeners_at_once);
    let share = share.ok_or_else(|| Fault::too_many("You listen too often. Wait until one answer ends.", 1))?;
    let place = Arc::clone(&app.listeners).try_acquire_owned();
    let place = place.map_err(|_| Fault::new(Kind::Busy, "Too many are listening at this moment. Try again later."))?;
    let now = Instant::now();
    let patience = Duration::from_secs(app.config.read_seconds);
    let state = Events { service, watch, app, begun: now, said: now, _held: (share, place) };
    // Apart from the answer: one that nobody reads is not asked for its next piece, and would keep its place for ever.
    let (tell, told) = mpsc::channel(1);
    let events = futures::stream::unfold(state, |mut state| async { state.next().await.map(|events| (events, state)) });
    tokio::spawn(async move { pass_on(events.boxed(), &tell, patience).await });
    let first = futures::stream::iter([Ok::<_, std::io::Error>(Bytes::from_static(b"retry: 1000\n\n"))]);
    let rest = futures::stream::unfold(told, |mut told| async { told.recv().await.map(|events| (Ok(events), told)) });
    Response::builder()
        .header(CONTENT_TYPE, "text/event-stream")
        .header(CACHE_CONTROL, "no-store")
        .body(Body::from_stream(first.chain(rest.boxed())))
        .map_err(|why| Fault::new(Kind::Failed, why.to_string()))
}

/// Passes on what comes until it ends, the listener goes, or takes nothing for so long.
async fn pass_on(mut events: impl Stream<Item = Bytes> + Unpin, tell: &mpsc::Sender<Bytes>, patience: Duration) {
    loop {
        let next = tokio::select! {
            next = events.next() => next,
            () = tell.closed() => None,
        };
        let Some(events) = next else { return };
        if tell.send_timeout(events, patience).await.is_err() {
            return;
        }
    }
}

impl Events {
    /// The next events as text; none where the answer ends.
    async fn next(&mut self) -> Option<Bytes> {
        while self.begun.elapsed() < LASTS {
            // Whoever left, or whose credential has ended, hears no more.
            let looked = tokio::select! {
                () = self.app.stop.cancelled() => return None,
                looked = async {
                    self.service.roles().await?;
                    self.service.watched(&mut self.watch).await
                } => looked,
            };
            let (place, rows) = looked.ok()?;
            if rows.len() >= MOST_CHANGES {
                self.said = Instant::now();
                return Some(Bytes::from(format!("id: {place}\nevent: resync\ndata: {{}}\n\n")));
            }
            if rows.is_empty() && self.said.elapsed() > BEAT {
                self.said = Instant::now();
                // A comment, which a client passes over.
                return Some(Bytes::from_static(b": still here\n\n"));
            }
            if !rows.is_empty() {
                self.said = Instant::now();
                let last = rows.len() - 1;
                let told = rows.iter().enumerate().map(|(n, row)| {
                    // Only behind the last of a look one can go on: the others have the place before, and come once more.
                    let id = if n == last { format!("id: {place}\n") } else { String::new() };
                    let data = json_ascii(&json!({"id": row.row_id.to_string(), "what": row.what})).unwrap_or_default();
                    format!("{id}event: {}\ndata: {data}\n\n", row.area)
                });
                return Some(Bytes::from(told.collect::<String>()));
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_takes_nothing_is_not_told_for_ever() {
        let (tell, mut told) = mpsc::channel(1);
        let patience = Duration::from_millis(50);
        pass_on(futures::stream::repeat(Bytes::from_static(b": x\n\n")), &tell, patience).await;
        assert!(told.try_recv().is_ok() && told.try_recv().is_err(), "one was waiting");
        drop(told);
        // Who went is noticed while nothing changes.
        pass_on(futures::stream::pending(), &tell, patience).await;
    }
}
