//! Two stewards at the same instant: one wins, and the other is told who and when.

use super::{asked, request, site};
use crate::support::pg::{call, one};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn allow_against_deny_200_times_has_one_winner_and_a_grant_exactly_when_it_is_allow() {
    let database = site().await;
    let mut researcher = database.connect("researcher1").await;
    let mut allowing = database.connect("steward1").await;
    let mut denying = database.connect("steward2").await;
    let mut owner = database.owner().await;
    let mut won = [0, 0];
    for round in 0..200 {
        let id = asked(&mut researcher, "AB001").await;
        let start = std::sync::Arc::new(tokio::sync::Barrier::new(2));
        let (first, second) = (start.clone(), start);
        let (one_id, other_id) = (id.clone(), id.clone());
        let allow = tokio::spawn(async move {
            first.wait().await;
            let answer = call(&mut allowing, "allow_request", &[&one_id, "null", "null", "null", "null", "1"]).await;
            (allowing, answer)
        });
        let deny = tokio::spawn(async move {
            second.wait().await;
            let answer = call(&mut denying, "deny_request", &[&other_id, "No", "1"]).await;
            (denying, answer)
        });
        let (allowed, denied);
        (allowing, allowed) = allow.await.unwrap();
        (denying, denied) = deny.await.unwrap();
        assert!(allowed.ok != denied.ok, "round {round}: {allowed:?} {denied:?}");
        let item = request(&mut allowing, &id).await;
        let grants: i64 = one(&mut owner, &format!("select count(*) from exeat.grants where request = {id}")).await;
        let mails: Vec<String> =
            one(&mut owner, &format!("select array_agg(topic order by id) from exeat.outbox where subject = 'request:{id}' and topic <> 'access.requested'")).await;
        let (winner, word, loser) =
            if allowed.ok { ("steward1", "allowed", &denied) } else { ("steward2", "denied", &allowed) };
        won[usize::from(denied.ok)] += 1;
        assert_eq!(item["status"], word);
        assert_eq!(item["changed_by"], winner);
        assert_eq!(grants, i64::from(allowed.ok));
        assert_eq!(mails, [format!("access.{word}")]);
        assert_eq!(loser.code, "decided", "{loser:?}");
        let told = format!("Access request has already been processed: {winner} {word} it at 20");
        assert!(loser.sentence.starts_with(&told) && loser.sentence.ends_with(" UTC."), "{}", loser.sentence);
    }
    println!("allow won {} times, deny {} times", won[0], won[1]);
}
