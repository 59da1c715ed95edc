//! Server-sent events: what one may see, as it changes, and from where one left off.

use std::time::{Duration, Instant};

use super::kit::{Credential, person, served, told};
use crate::support::desk::{desk, text};

/// Reads events until one of them has the words; all that came.
async fn heard(who: &Credential, after: Option<&str>, words: &str) -> String {
    let mut request = served().ask_as(who, "GET", "/api/events");
    if let Some(after) = after {
        request = request.header("last-event-id", after);
    }
    let mut answer = request.send().await.unwrap();
    assert_eq!(
        (answer.status().as_u16(), answer.headers()["content-type"].to_str().unwrap()),
        (200, "text/event-stream")
    );
    let mut all = String::new();
    let listening = async {
        while !(all.contains(words) && all.ends_with("\n\n")) {
            all += std::str::from_utf8(&answer.chunk().await.unwrap().expect("it ended")).unwrap();
        }
    };
    tokio::time::timeout(Duration::from_secs(30), listening).await.expect("it was never told");
    all
}

/// The last place that was told.
fn place(events: &str) -> String {
    events.lines().rev().find_map(|line| line.strip_prefix("id: ")).unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changes_are_told_to_who_may_see_them_and_from_where_one_left_off() {
    let checker = served().credential(&["--login", &person(&["checker@heart"]), "--right", "events:read"]);
    let nobody = served().credential(&["--login", &person(&[]), "--right", "events:read"]);
    let listening = tokio::spawn(async move {
        let first = heard(&checker, None, "event: egress").await;
        (checker, first)
    });
    tokio::time::sleep(Duration::from_secs(1)).await;
    desk().file();
    let (checker, events) = listening.await.unwrap();
    assert!(events.starts_with("retry: "), "{events}");
    // What happened while nobody listened is told from there on.
    let second = text(&desk().file()["id"]);
    let words = format!("data: {{\"id\":\"{second}\"");
    let missed = heard(&checker, Some(&place(&events)), &words).await;
    assert!(missed.contains("event: egress"), "{missed}");
    for bad in ["x", "1:2", "5:3:", "1:9:12", "0:0:", "1:5:3,2"] {
        let request = served().ask_as(&checker, "GET", "/api/events").header("last-event-id", bad);
        assert_eq!(told(request).await.0, 400, "{bad}");
    }
    // Whoever may see nothing of it hears nothing of it.
    let request = served().ask_as(&nobody, "GET", "/api/events").header("last-event-id", place(&events));
    let mut answer = request.send().await.unwrap();
    let mut all = String::new();
    let quiet = async {
        while let Some(chunk) = answer.chunk().await.unwrap() {
            all += std::str::from_utf8(&chunk).unwrap();
        }
    };
    let ended = tokio::time::timeout(Duration::from_secs(3), quiet).await;
    assert!(ended.is_err() && !all.contains("egress"), "{all}");
    // An ended credential hears no more.
    desk().json("admin1", &["credentials", "end", &nobody.name]);
    let rest =
        tokio::time::timeout(Duration::from_secs(20), async { while answer.chunk().await.unwrap().is_some() {} });
    assert!(rest.await.is_ok(), "it goes on");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_caller_has_its_share_of_all_listeners() {
    let server = served().another("listeners_at_once = 4\n");
    let credential = || served().credential(&["--login", &person(&["checker@heart"]), "--right", "events:read"]);
    let (one, other) = (credential(), credential());
    let listen = async |who: &Credential| server.ask_as(who, "GET", "/api/events").send().await.unwrap();
    let (first, second, others) = (listen(&one).await, listen(&one).await, listen(&other).await);
    assert_eq!((first.status().as_u16(), second.status().as_u16(), others.status().as_u16()), (200, 429, 200));
    drop(first);
    let begun = Instant::now();
    while listen(&one).await.status() != 200 {
        assert!(begun.elapsed() < Duration::from_secs(30), "its share is never free again");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
