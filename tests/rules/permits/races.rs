//! Two people decide on the same permit at once.

use super::World;
use crate::support::pg::{call, done};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_who_decide_at_once_one_wins_and_the_other_hears_who_and_when() {
    let mut world = World::new().await;
    let permit = world.issue("null").await;
    let id = permit.to_string();
    done(world.person("manager1").await, "add_to_team", &[&id, "setupreviewer2", "setup_reviewer"]).await;
    let mut own = world.database.connect("setupreviewer1").await;
    let mut other = world.database.connect("setupreviewer2").await;
    let mut wins = [0, 0];
    for round in 0..200 {
        world.put(permit, "WORKSPACE_SETUP_REVIEW_PENDING").await;
        let approve = [id.as_str(), "approve_setup", "fine"];
        let rework = [id.as_str(), "rework_setup", "no"];
        let (one, two) =
            tokio::join!(call(&mut own, "move_permit", &approve), call(&mut other, "move_permit", &rework));
        assert!(one.ok != two.ok, "round {round}: {one:?} {two:?}");
        let (lost, winner) = if one.ok { (&two, "setupreviewer1") } else { (&one, "setupreviewer2") };
        wins[usize::from(two.ok)] += 1;
        assert_eq!(lost.code, "not_pending", "round {round}: {lost:?}");
        assert!(lost.sentence.contains(winner) && lost.sentence.contains(" UTC"), "who and when: {lost:?}");
        let status = world.status(permit).await;
        assert_eq!(status, if one.ok { "ANALYSIS_ACTIVE" } else { "WORKSPACE_SETUP_REWORK" });
        let states: i64 = crate::support::pg::one(
            &mut world.owner,
            &format!("select count(*) from exeat.permit_states where permit = {permit} and previous is not null"),
        )
        .await;
        assert_eq!(states, 1, "moved once");
    }
    assert_eq!(wins[0] + wins[1], 200);
}
