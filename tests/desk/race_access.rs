//! Two stewards at a desk each on one request, with the real tasks and the real database: one decides, the other is told
//! who and when; and what a dataset's end does to an open dialog.

use sqlx::PgConnection;

use super::harness::live::Live;
use crate::support::pg::{Database, call, done, one};

const ROUNDS: usize = 200;

/// Two stewards, two datasets, and requests of researcher1 for the first.
async fn site(requests: usize) -> (Database, Vec<i64>) {
    let database = Database::fresh().await;
    let mut admin = database.connect("admin1").await;
    done(&mut admin, "add_membership", &["steward2", "null", "steward"]).await;
    let list = r#"[{"accession": "AB001", "title": "First"}, {"accession": "AB002", "title": "Second"}]"#;
    done(&mut admin, "sync_datasets", &[list]).await;
    // No one person has more than a hundred waiting.
    let mut researchers = [database.connect("researcher1").await, database.connect("researcher2").await];
    let mut ids = Vec::new();
    for n in 0..requests {
        let data = done(&mut researchers[n % 2], "new_request", &["AB001", "For a paper"]).await;
        ids.push(data["request"].as_str().unwrap().parse().unwrap());
    }
    (database, ids)
}

/// A steward's desk on the requests, all of them read.
async fn open(database: &Database, login: &str, seed: u8, requests: usize) -> Live {
    let mut desk = Live::open(database, login, seed);
    desk.until("the change feed", |desk| desk.link().starts_with("live")).await;
    desk.press('2');
    desk.press('e');
    desk.read_all(requests).await;
    desk
}

/// Opens the dialog on a request, filled in, one key from being confirmed.
async fn ask(desk: &mut Live, id: i64, opener: char) {
    desk.ask(id, 0, opener).await;
    if opener == 'x' {
        desk.key("ctrl-n");
        desk.key("Enter");
    }
}

async fn granted(owner: &mut PgConnection, id: i64) -> (String, i64) {
    let status = one(owner, &format!("select status from exeat.access_requests where id = {id}")).await;
    (status, one(owner, &format!("select count(*) from exeat.grants where request = {id}")).await)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn allow_against_deny_from_two_desks_has_one_winner_and_the_other_is_told() {
    let (database, ids) = site(ROUNDS).await;
    let mut owner = database.owner().await;
    let mut desks = [open(&database, "steward1", 1, ROUNDS).await, open(&database, "steward2", 2, ROUNDS).await];
    let mut wins = [0, 0];
    let mut seen = std::collections::BTreeSet::new();
    for (n, id) in ids.into_iter().enumerate() {
        // Who is first, whether the other hears of it before pressing y, and whether both press at once.
        let (winner, hears, at_once) = (n % 2, n / 2 % 2 == 0, n % 8 >= 4);
        let allows = n / 3 % 2;
        for (at, desk) in desks.iter_mut().enumerate() {
            desk.catch_up();
            ask(desk, id, if at == allows { 'a' } else { 'x' }).await;
        }
        let [a, b] = &mut desks;
        let (first, second) = if winner == 0 { (a, b) } else { (b, a) };
        let who = first.login().to_owned();
        let word = if winner == allows { "allowed" } else { "denied" };
        assert_eq!(first.press('y'), 1);
        if at_once {
            assert_eq!(second.press('y'), 1);
            first.answered().await;
            second.answered().await;
            let lost = |desk: &Live| desk.toast().contains(": Access request has already been processed: ");
            assert!(lost(first) != lost(second), "{n}: {} / {}", first.toast(), second.toast());
            let (winner, loser) = if lost(first) { (&*second, &*first) } else { (&*first, &*second) };
            let told = loser.toast();
            assert!(told.contains(winner.login()) && told.contains(" it at 20"), "{n}: {told}");
        } else {
            first.answered().await;
            if hears {
                second.until("the end of the dialog", |desk| !desk.has_dialog()).await;
                let said = second.toast();
                assert!(said.contains(&format!(": nothing was done, meanwhile {who} {word} it at 20")), "{n}: {said}");
                assert_eq!(second.press('y'), 0, "{n}: there is nothing to confirm any more");
            } else {
                assert_eq!(second.press('y'), 1);
                second.answered().await;
                let told = format!("Access request has already been processed: {who} {word} it at 20");
                assert!(second.toast().contains(&told), "{n}: {}", second.toast());
            }
        }
        let (status, grants) = granted(&mut owner, id).await;
        assert_eq!(grants, i64::from(status == "allowed"), "{n}");
        assert!(at_once || status == word, "{n}: {status}");
        let decided: i64 = one(
            &mut owner,
            &format!("select count(*) from exeat.outbox where subject = 'request:{id}' and topic in ('access.allowed', 'access.denied')"),
        )
        .await;
        assert_eq!(decided, 1, "{n}: one mail");
        wins[usize::from(status == "denied")] += 1;
        seen.insert((winner, hears, at_once, allows));
        for desk in &mut desks {
            assert!(desk.is_clear(), "{n}: {}", desk.screen());
        }
    }
    assert!(wins.iter().all(|won| *won > 50), "{wins:?}");
    assert_eq!(seen.len(), 16, "every order came: {seen:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dataset_that_goes_while_the_dialog_is_open_closes_it_and_grants_nothing() {
    let (database, ids) = site(2).await;
    let mut admin = database.connect("admin1").await;
    let mut owner = database.owner().await;
    let mut desk = open(&database, "steward1", 3, 2).await;
    ask(&mut desk, ids[0], 'a').await;
    done(&mut admin, "sync_datasets", &[r#"[{"accession": "AB001", "title": "First, again"}]"#]).await;
    desk.until("the end of the dialog", |desk| !desk.has_dialog()).await;
    assert!(desk.toast().contains("meanwhile its dataset was changed"), "{}", desk.toast());
    ask(&mut desk, ids[0], 'a').await;
    done(&mut admin, "sync_datasets", &[r#"[{"accession": "AB001", "title": "First, again", "active": false}]"#]).await;
    desk.until("the end of the dialog", |desk| !desk.has_dialog()).await;
    assert!(desk.toast().contains("meanwhile its dataset is no longer offered"), "{}", desk.toast());
    assert_eq!(desk.press('y'), 0);
    // It can be denied, and allowed no more; the reason is the database's.
    desk.press('a');
    assert!(desk.is_clear() && desk.toast().starts_with("The dataset is no longer offered"), "{}", desk.toast());
    ask(&mut desk, ids[0], 'x').await;
    assert_eq!(desk.press('y'), 1);
    desk.answered().await;
    assert_eq!(granted(&mut owner, ids[0]).await, ("denied".to_owned(), 0));
    // Who had confirmed before the news came is refused by the database.
    let answer = call(&mut database.connect("steward2").await, "allow_request", &[&ids[1].to_string()]).await;
    assert_eq!(answer.code, "dataset_removed", "{answer:?}");
}
