//! Two desks on one case, with the real tasks and the real database: who comes second decides nothing and is told why.

use std::collections::BTreeSet;

use super::harness::live::Live;
use crate::support::pg::{Database, WORKER, one, submitted};

const ROUNDS: usize = 200;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_comes_second_decides_nothing_and_is_told_why_in_both_orders() {
    let database = Database::fresh().await;
    let mut researcher = database.connect("researcher1").await;
    let mut worker = database.connect(WORKER).await;
    let mut owner = database.owner().await;
    let _: i32 = one(
        &mut owner,
        "with p as (update exeat.policies set unseen = 'allow' returning 1) select count(*)::int from p",
    )
    .await;
    let mut ids = Vec::new();
    for n in 0..ROUNDS {
        let key = format!("race{n}.csv");
        ids.push(submitted(&mut researcher, &mut worker, "heart", "trusted", &key).await);
    }
    let mut desks = [Live::open(&database, "checker1", 1), Live::open(&database, "checker2", 2)];
    for desk in &mut desks {
        // All of them, also what one has voted on.
        desk.press('e');
        desk.read_all(ROUNDS).await;
    }
    let mut seen = BTreeSet::new();
    for (n, id) in ids.into_iter().enumerate() {
        // Who is first, and whether the other hears of it before pressing y.
        let (winner, hears, at_once) = (n % 2, n / 2 % 2 == 0, n % 8 >= 6);
        let version: i64 =
            one(&mut owner, &format!("select row_version from exeat.file_versions where id = {id}")).await;
        for desk in &mut desks {
            desk.catch_up();
            desk.ask(id, version, 'a').await;
        }
        let [a, b] = &mut desks;
        let (first, second) = if winner == 0 { (a, b) } else { (b, a) };
        let who = first.login().to_owned();
        assert_eq!(first.press('y'), 1);
        if at_once {
            // Neither has heard of the other: the database lets one through.
            assert_eq!(second.press('y'), 1);
            first.answered().await;
            second.answered().await;
            let refused = |desk: &Live| desk.toast().contains("It changed since you looked");
            assert!(refused(first) != refused(second), "{n}: {} / {}", first.toast(), second.toast());
        } else {
            first.answered().await;
            if hears {
                second.until("the end of the dialog", |desk| !desk.has_dialog()).await;
                second.until("who it was", |desk| !desk.asks_who()).await;
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
            assert!(desk.is_clear(), "{n}");
        }
        let votes = format!("select count(*) from exeat.votes where version = {id} and standing");
        assert_eq!(one::<i64>(&mut owner, &votes).await, 1, "{n}: one vote stands");
        seen.insert((winner, hears, at_once));
    }
    assert_eq!(seen.len(), 6, "every order came: {seen:?}");
}
