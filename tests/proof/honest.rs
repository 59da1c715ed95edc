//! Honest histories of votes and releases: each is proved, none gives a false alarm.

use super::Site;
use crate::support::pg::{one, sha};

#[tokio::test]
async fn a_release_is_earned() {
    let mut site = Site::new().await;
    let version = site.submit("a.csv").await;
    site.approve(&["checker1", "checker2"], version, "a.csv").await;
    site.release().await;
    site.assert_earned(1).await;
}

#[tokio::test]
async fn votes_cast_again_in_the_hold() {
    let mut site = Site::new().await;
    let version = site.submit("a.csv").await;
    site.done("admin1", "set_policy", &["heart", "trusted", r#"{"hold_seconds": 1}"#]).await;
    site.approve(&["checker1", "checker2"], version, "a.csv").await;
    site.approve(&["checker1"], version, "a.csv").await;
    assert_eq!(site.claim().await, None, "held");
    // A change of mind and back begins the hold anew.
    assert!(site.vote("checker2", version, "a.csv", "changes").await.ok);
    site.approve(&["checker2"], version, "a.csv").await;
    site.done("checker1", "undo_vote", &[&version.to_string(), "trusted"]).await;
    site.approve(&["checker4", "checker1"], version, "a.csv").await;
    let release = loop {
        if let Some(release) = site.claim().await {
            break release;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    };
    assert!(site.finish_as("w1", &release).await.ok);
    site.assert_earned(1).await;
}

#[tokio::test]
async fn a_rejection_without_a_veto_and_changes_of_one_who_left() {
    let mut site = Site::new().await;
    let version = site.submit("a.csv").await;
    assert!(site.vote("checker4", version, "a.csv", "reject").await.ok);
    assert!(site.vote("checker5", version, "a.csv", "changes").await.ok);
    site.approve(&["checker1", "checker2"], version, "a.csv").await;
    assert_eq!(site.claim().await, None);
    site.done("admin1", "end_membership", &["checker5", "heart", "checker"]).await;
    site.lapse().await;
    site.release().await;
    site.assert_earned(1).await;
}

#[tokio::test]
async fn a_recall_a_restore_and_a_second_release() {
    let mut site = Site::new().await;
    let version = site.submit("a.csv").await;
    let id = version.to_string();
    site.approve(&["checker1", "checker2"], version, "a.csv").await;
    site.release().await;
    site.done("checker1", "recall", &[&id, "trusted", "a mistake"]).await;
    site.assert_earned(1).await;
    let _: bool = one(&mut site.worker, "select exeat.finish_recall(1, true)").await;
    site.done("checker1", "restore", &[&id, "trusted", "no mistake"]).await;
    site.done("admin1", "restore", &[&id, "trusted", "seen"]).await;
    assert_eq!(site.claim().await, None, "none of before counts");
    site.approve(&["checker4", "checker2"], version, "a.csv").await;
    site.release().await;
    site.assert_earned(2).await;
}

#[tokio::test]
async fn a_release_that_could_not_be_and_is_restored() {
    let mut site = Site::new().await;
    let version = site.submit("a.csv").await;
    let id = version.to_string();
    site.approve(&["checker1", "checker2"], version, "a.csv").await;
    for ends in ["foreign", "impossible", "unsigned"] {
        let release = site.claim().await.unwrap();
        for code in ["back", ends] {
            let fail = format!("select (f).ok from exeat.fail_release('{release}', 'w1', '{code}', 'why') f");
            assert!(one::<bool>(&mut site.worker, &fail).await);
        }
        site.done("checker1", "restore", &[&id, "trusted", "mended"]).await;
        site.done("checker2", "restore", &[&id, "trusted", "mended"]).await;
        site.approve(&["checker1", "checker2"], version, "a.csv").await;
    }
    site.release().await;
    site.assert_earned(4).await;
}

#[tokio::test]
async fn a_release_taken_up_again_rests_on_its_first_claim() {
    let mut site = Site::new().await;
    let version = site.submit("a.csv").await;
    site.approve(&["checker1", "checker2"], version, "a.csv").await;
    let release = site.claim().await.unwrap();
    site.sql("update exeat.releases set lease_until = clock_timestamp()").await;
    // What ends after the first claim changes nothing.
    site.done("admin1", "end_membership", &["checker1", "heart", "checker"]).await;
    site.done("admin1", "set_policy", &["heart", "trusted", r#"{"approvals": 4}"#]).await;
    assert_eq!(site.claim_as("w2").await, Some(release.clone()));
    assert!(!site.finish_as("w1", &release).await.ok);
    assert!(site.finish_as("w2", &release).await.ok);
    assert!(site.finish_as("w2", &release).await.ok, "twice is once");
    site.assert_earned(1).await;
}

#[tokio::test]
async fn a_recall_on_the_way_ends_it() {
    let mut site = Site::new().await;
    let version = site.submit("a.csv").await;
    site.approve(&["checker1", "checker2"], version, "a.csv").await;
    let release = site.claim().await.unwrap();
    site.sql("update exeat.releases set lease_until = clock_timestamp()").await;
    site.done("checker2", "recall", &[&version.to_string(), "trusted", "stop"]).await;
    assert!(!site.finish_as("w1", &release).await.ok);
    site.assert_earned(1).await;
}

#[tokio::test]
async fn one_of_two_submitters_takes_it_back() {
    let mut site = Site::new().await;
    site.done("admin1", "add_membership", &["researcher2", "heart", "researcher"]).await;
    let files = format!(r#"[{{"key": "a.csv", "sha256": "{}", "size": 10}}]"#, sha("a.csv"));
    for login in ["researcher2", "checker3"] {
        site.done(login, "register_submission", &["heart", "trusted", "The same table", &files]).await;
    }
    let version = site.submit("a.csv").await;
    let id = version.to_string();
    site.approve(&["checker1"], version, "a.csv").await;
    // Who registered it and took it back cannot vote either.
    for login in ["researcher2", "checker3"] {
        site.done(login, "withdraw", &[&id, "trusted", "not mine"]).await;
    }
    assert_eq!(site.vote("checker3", version, "a.csv", "approve").await.code, "own_submission");
    site.approve(&["checker2"], version, "a.csv").await;
    site.release().await;
    site.assert_earned(1).await;
}

#[tokio::test]
async fn withdrawn_and_submitted_again_begins_anew() {
    let mut site = Site::new().await;
    let version = site.submit("a.csv").await;
    let id = version.to_string();
    site.approve(&["checker1", "checker2"], version, "a.csv").await;
    site.done("researcher1", "withdraw", &[&id, "trusted", "wait"]).await;
    let files = format!(r#"[{{"key": "a.csv", "sha256": "{}", "size": 10}}]"#, sha("a.csv"));
    site.done("researcher1", "register_submission", &["heart", "trusted", "Now", &files]).await;
    let _: i32 = one(&mut site.worker, "select exeat.bind_registrations(true)").await;
    assert_eq!(site.claim().await, None);
    site.approve(&["checker2", "checker4"], version, "a.csv").await;
    site.release().await;
    site.assert_earned(1).await;
}

#[tokio::test]
async fn newer_bytes_and_a_file_that_nobody_announced() {
    let mut site = Site::new().await;
    let old = site.submit("a.csv").await;
    site.approve(&["checker1", "checker2"], old, "a.csv").await;
    let new = crate::support::pg::intake(&mut site.worker, "heart", "a.csv", &sha("newer"), 10).await.unwrap();
    assert_eq!(site.vote("checker3", new, "newer", "approve").await.code, "was_researcher");
    site.approve(&["checker4", "checker5"], new, "newer").await;
    site.release().await;
    assert_eq!(site.claim().await, None, "the older bytes are altered");
    site.assert_earned(1).await;
}

#[tokio::test]
async fn a_policy_weakened_by_two_and_the_stricter_of_two() {
    let mut site = Site::new().await;
    let (a, b) = (site.submit("a.csv").await, site.submit("b.csv").await);
    site.approve(&["checker1"], a, "a.csv").await;
    let made = site.done("admin1", "set_policy", &["heart", "trusted", r#"{"approvals": 1}"#]).await;
    assert_eq!(made["proposed"], true);
    site.done("admin2", "confirm_policy", &[&made["policy"].to_string()]).await;
    // What was voted on under two approvals needs two.
    site.lapse().await;
    assert_eq!(site.claim().await, None);
    site.approve(&["checker1"], b, "b.csv").await;
    site.release().await;
    site.approve(&["checker2"], a, "a.csv").await;
    site.release().await;
    site.assert_earned(2).await;
}

/// A portal without submissions names a destination with the first vote: what there is of a case stays as it is.
#[tokio::test]
async fn a_destination_is_asked_for_again_at_every_turn() {
    let mut site = Site::new().await;
    let version = site.submit("a.csv").await;
    let id = version.to_string();
    site.done("checker1", "ask_destination", &[&id, "trusted"]).await;
    site.approve(&["checker1", "checker2"], version, "a.csv").await;
    site.done("checker3", "ask_destination", &[&id, "trusted"]).await;
    site.release().await;
    for _ in 0..2 {
        site.done("checker1", "ask_destination", &[&id, "trusted"]).await;
        site.done("checker1", "ask_destination", &[&id, "world"]).await;
    }
    site.assert_earned(1).await;
}
