//! A site's lists of people and datasets: what a dry run says, what a list does, and what a complete one takes away.

use serde_json::{Value, json};
use sqlx::PgConnection;

use super::{asked, grant, refused, request, site};
use crate::support::pg::{call, done, one};

async fn sync(admin: &mut PgConnection, of: &str, rows: &Value, dry: bool, complete: bool) -> Value {
    let (dry, complete) = (dry.to_string(), complete.to_string());
    done(admin, &format!("sync_{of}"), &[&rows.to_string(), &dry, &complete]).await
}

/// Everything there is of people, as text.
async fn people(owner: &mut PgConnection) -> String {
    one(owner, "select string_agg(concat_ws('|', login, full_name, mail, title, removed_at), E'\\n' order by login) from exeat.people").await
}

/// Everything there is of datasets, as text.
async fn datasets(owner: &mut PgConnection) -> String {
    one(owner, "select string_agg(concat_ws('|', accession, title, description, dac_alias, dac_email, removed_at), E'\\n' order by accession) from exeat.datasets").await
}

#[tokio::test]
async fn a_dry_run_says_what_the_list_then_does_and_a_second_turn_does_nothing() {
    let database = site().await;
    let (mut admin, mut owner) = (database.connect("admin1").await, database.owner().await);
    let list = json!([
        {"login": "new1", "full_name": "Nina New", "mail": "nina@example.org", "title": "Dr."},
        {"login": "researcher1", "full_name": "Renamed", "mail": "renamed@example.org"},
        {"login": "researcher2", "full_name": "Gone", "active": false},
        {"login": "never1", "full_name": "Never here", "active": false},
    ]);
    let before = people(&mut owner).await;
    let dry = sync(&mut admin, "people", &list, true, false).await;
    assert_eq!(people(&mut owner).await, before, "a dry run writes nothing");
    let mut did = sync(&mut admin, "people", &list, false, false).await;
    assert_eq!((&dry["dry_run"], &did["dry_run"]), (&json!(true), &json!(false)));
    did["dry_run"] = json!(true);
    assert_eq!(dry, did, "it does what the dry run said");
    assert_eq!(
        did,
        json!({"dry_run": true, "added": ["new1"], "changed": ["researcher1"], "removed": ["researcher2"], "restored": [], "unchanged": ["never1"]})
    );
    let after = people(&mut owner).await;
    assert!(after.contains("new1|Nina New|nina@example.org|Dr.") && after.contains("researcher1|Renamed|renamed@"));
    let again = sync(&mut admin, "people", &list, false, false).await;
    assert_eq!(again["unchanged"].as_array().unwrap().len(), 4, "{again}");
    assert_eq!(people(&mut owner).await, after);
    // Who is removed may do nothing, and comes back as who they were.
    let mut gone = database.connect("researcher2").await;
    assert_eq!(refused(&call(&mut gone, "new_request", &["AB001", "Text"]).await), "not_signed_in");
    let back = json!([{"login": "researcher2", "full_name": "Gone"}]);
    assert_eq!(sync(&mut admin, "people", &back, false, false).await["restored"], json!(["researcher2"]));
    assert!(call(&mut gone, "new_request", &["AB001", "Text"]).await.ok);
    // All of it is in the journal, dry runs and refusals too, each once.
    let bad = json!([{"login": "new2", "full_name": "N"}, {"login": "no login", "full_name": "N"}]);
    assert_eq!(refused(&call(&mut admin, "sync_people", &[&bad.to_string()]).await), "invalid");
    assert!(!people(&mut owner).await.contains("new2"), "one bad row and nothing is stored");
    let journalled: i64 =
        one(&mut owner, "select count(*) from exeat.journal where command = 'sync_people' and person = 'admin1'").await;
    assert_eq!(journalled, 5);
}

#[tokio::test]
async fn only_a_complete_list_takes_away_who_it_lacks() {
    let database = site().await;
    let (mut admin, mut owner) = (database.connect("admin1").await, database.owner().await);
    let everybody: Vec<String> = one(&mut owner, "select array_agg(login order by login) from exeat.people").await;
    let row = |login: &str| json!({"login": login, "full_name": login});
    let list = json!([row("researcher1")]);
    assert_eq!(sync(&mut admin, "people", &list, false, false).await["removed"], json!([]));
    let answer = call(&mut admin, "sync_people", &[&list.to_string(), "false", "true"]).await;
    assert_eq!(refused(&answer), "invalid");
    assert!(answer.sentence.contains("lacks you yourself"), "{}", answer.sentence);
    let list = json!([row("researcher1"), row("admin1"), row("steward1")]);
    let wanted: Vec<&String> =
        everybody.iter().filter(|login| !["researcher1", "admin1", "steward1"].contains(&login.as_str())).collect();
    assert_eq!(sync(&mut admin, "people", &list, true, true).await["removed"], json!(wanted));
    assert_eq!(sync(&mut admin, "people", &list, false, true).await["removed"], json!(wanted));
    assert_eq!(sync(&mut admin, "people", &list, false, true).await["removed"], json!([]), "once");
    let active: Vec<String> =
        one(&mut owner, "select array_agg(login order by login) from exeat.people where removed_at is null").await;
    assert_eq!(active, ["admin1", "researcher1", "steward1"]);
}

#[tokio::test]
async fn a_dataset_that_a_complete_list_lacks_is_gone_and_what_hangs_on_it_stays_readable() {
    let database = site().await;
    let (mut admin, mut owner) = (database.connect("admin1").await, database.owner().await);
    let mut researcher = database.connect("researcher1").await;
    let mut steward = database.connect("steward1").await;
    let (decided, waits) = (asked(&mut researcher, "AB002").await, asked(&mut researcher, "AB002").await);
    let given = done(&mut steward, "allow_request", &[&decided]).await["grant"].as_str().unwrap().to_owned();
    let list = json!([{"accession": "AB001", "title": "Dataset 1"}, {"accession": "AB003", "title": "Third"}]);
    let before = datasets(&mut owner).await;
    let dry = sync(&mut admin, "datasets", &list, true, true).await;
    assert_eq!(datasets(&mut owner).await, before);
    assert_eq!((&dry["removed"], &dry["changed"]), (&json!(["AB002"]), &json!(["AB003"])));
    let empty = call(&mut admin, "sync_datasets", &["[]", "false", "true"]).await;
    assert_eq!(refused(&empty), "invalid");
    let mut told = Vec::new();
    for reader in [&mut steward, &mut researcher] {
        told.push(one::<String>(reader, "select exeat.last_change()").await);
    }
    sync(&mut admin, "datasets", &list, false, true).await;
    // Desks that are open hear of it: the request that waits and the grant, each under the reader's own rights.
    for (reader, since) in [&mut steward, &mut researcher].into_iter().zip(told) {
        let news = format!(
            "select array_agg(area || ':' || row_id order by area) from exeat.changes_since('{since}') where what = 'dataset changed'"
        );
        assert_eq!(one::<Vec<String>>(reader, &news).await, [format!("grant:{given}"), format!("request:{waits}")]);
    }
    assert_eq!(refused(&call(&mut researcher, "new_request", &["AB002", "Text"]).await), "not_found");
    for id in [&decided, &waits] {
        let item = request(&mut steward, id).await;
        assert_eq!((&item["dataset_removed"], &item["dataset_title"]), (&json!(true), &json!("Dataset 2")));
    }
    assert_eq!(request(&mut steward, &waits).await["why_not"]["allow"]["code"], "dataset_removed");
    let kept = grant(&mut researcher, &given).await;
    assert_eq!((&kept["dataset_removed"], &kept["state"]), (&json!(true), &json!("active")));
    // One dataset that is gone does not hide the others' grants.
    let listed: i64 = one(&mut steward, "select count(*) from exeat.read('grant', 'page')").await;
    assert_eq!(listed, 1);
    // Back again: it can be allowed again.
    let back = json!([{"accession": "AB002", "title": "Second"}]);
    assert_eq!(sync(&mut admin, "datasets", &back, false, false).await["restored"], json!(["AB002"]));
    let item = request(&mut steward, &waits).await;
    assert_eq!((&item["dataset_title"], &item["why_not"]["allow"]), (&json!("Second"), &Value::Null));
    assert_eq!(request(&mut steward, &decided).await["dataset_title"], "Dataset 2");
}

#[tokio::test]
async fn what_is_wrong_in_a_list_is_named_and_nothing_of_the_list_is_stored() {
    let database = site().await;
    let (mut admin, mut owner) = (database.connect("admin1").await, database.owner().await);
    let (people_before, datasets_before) = (people(&mut owner).await, datasets(&mut owner).await);
    let good = json!({"login": "good1", "full_name": "Good"});
    for (row, named) in [
        (json!({"login": "x y", "full_name": "X"}), "x y"),
        (json!({"full_name": "X"}), "(none)"),
        (json!({"login": "x"}), "full name"),
        (json!({"login": "x", "full_name": "n".repeat(201)}), "full name"),
        (json!({"login": "x", "full_name": "X", "title": "t".repeat(51)}), "title"),
        (json!({"login": "x", "full_name": "X", "mail": "nowhere"}), "mail"),
        (json!({"login": "x", "full_name": "X", "active": "maybe"}), "active"),
        (json!({"login": "good1", "full_name": "Twice"}), "twice"),
        (json!({"login": "admin1", "full_name": "Ada", "active": false}), "you yourself"),
    ] {
        let answer = call(&mut admin, "sync_people", &[&json!([good, row]).to_string()]).await;
        assert_eq!(refused(&answer), "invalid", "{row}");
        assert!(answer.sentence.contains(named), "{row}: {}", answer.sentence);
    }
    let good = json!({"accession": "AB009", "title": "Good"});
    for (row, named) in [
        (json!({"accession": "ab001", "title": "X"}), "ab001"),
        (json!({"title": "X"}), "(none)"),
        (json!({"accession": "AB008"}), "title"),
        (json!({"accession": "AB008", "title": "X", "dac_email": "nowhere"}), "mail"),
        (json!({"accession": "AB008", "title": "X", "active": 5}), "active"),
        (json!({"accession": "AB009", "title": "X"}), "twice"),
    ] {
        let answer = call(&mut admin, "sync_datasets", &[&json!([good, row]).to_string()]).await;
        assert_eq!(refused(&answer), "invalid", "{row}");
        assert!(answer.sentence.contains(named), "{row}: {}", answer.sentence);
    }
    for rows in ["{}", "null", "5", "\"AB001\""] {
        assert_eq!(refused(&call(&mut admin, "sync_people", &[rows]).await), "invalid", "{rows}");
        assert_eq!(refused(&call(&mut admin, "sync_datasets", &[rows]).await), "invalid", "{rows}");
    }
    assert_eq!((people(&mut owner).await, datasets(&mut owner).await), (people_before, datasets_before));
}
