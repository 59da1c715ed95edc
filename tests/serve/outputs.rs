//! Contract D: an output is decided by votes on the bytes that were looked at, and fetched by who may download.

use reqwest::RequestBuilder;
use serde_json::{Value, json};

use super::egress::Project;
use super::kit::{Credential, served, told};
use crate::support::desk::{desk, text};

/// A way in for one of the desk's people.
fn of(login: &str, rights: &str) -> Credential {
    served().credential(&["--login", login, "--right", rights])
}

fn ask(who: &Credential, method: &str, path: &str) -> RequestBuilder {
    served().ask_as(who, method, path)
}

async fn post(who: &Credential, path: &str, body: Value) -> (u16, Value) {
    told(ask(who, "POST", path).json(&body)).await
}

/// A permit in its analysis.
fn permit(project: &str) -> String {
    let args = ["permits", "issue", "--project", project, "--title", "Outputs", "--until", "2099-01-01"];
    let with = ["--dataset", "GHGAD00020260000001", "--team", "investigator:researcher1"];
    let reviewers = ["--team", "egress_reviewer:checker1", "--team", "egress_reviewer:checker2"];
    let id = text(&desk().json("manager1", &[&args[..], &with, &reviewers].concat())["id"]);
    desk().psql(&format!("update exeat.permits set status = 'ANALYSIS_ACTIVE' where id = {id}"));
    id
}

/// What came of its files comes to the output with the worker's next round.
async fn becomes(who: &Credential, outputs: &str, status: &str) {
    for _ in 0..300 {
        let (_, all) = told(ask(who, "GET", outputs)).await;
        if all["outputs"][0]["status"] == status {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("the output never became {status}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_review_counts_for_the_version_that_was_looked_at() {
    let project = Project::new();
    let outputs = format!("/api/permits/{}/outputs", permit(&project.name));
    let (team, checker) =
        (of("researcher1", "permits:read,permits:write"), of("checker1", "permits:read,permits:write"));
    let submitted = json!({"folderPath": "out", "description": "Counts"});
    project.put("out/a.csv", "ward,n\nnorth,1\n").await;
    assert_eq!(post(&team, &outputs, submitted.clone()).await.0, 201);
    let review = format!("{outputs}/1/review");
    let rework = json!({"decision": "REWORK_REQUESTED", "comments": "too small"});
    let (status, said) = post(&checker, &review, rework).await;
    assert_eq!(status, 200, "{said}");
    becomes(&team, &outputs, "EGRESS_REWORK").await;
    // Other bytes under the same number: an approval of the first version, late or sent once more, is none of theirs.
    let second = project.put("out/a.csv", "ward,n\nnorth,120\n").await;
    let (status, said) = post(&team, &outputs, submitted).await;
    assert_eq!((status, &said["output"]["version"]), (201, &json!(2)), "{said}");
    let approved = |more: Value| {
        let mut body = json!({"decision": "APPROVED", "comments": "fine"});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    for late in [json!({}), json!({"version": 1}), json!({"version": 3})] {
        let (status, said) = post(&checker, &review, approved(late)).await;
        assert!(status == 409 && text(&said["message"]).contains("version 2 now"), "{status} {said}");
    }
    // Nor is it an approval for where else somebody asked them to go.
    assert_eq!(project.vote("approve", &second, "checker2", "world", None).await.0, 204);
    let (status, said) = post(&checker, &review, approved(json!({"version": 2}))).await;
    assert!(status == 409 && text(&said["message"]).contains("more than one destination"), "{status} {said}");
    let (status, said) = post(&checker, &review, approved(json!({"version": 2, "destination": "trusted"}))).await;
    assert_eq!(status, 200, "{said}");
    let votes = format!(
        "select string_agg(c.destination, ',') from exeat.votes v join exeat.cases c on c.id = v.case_id
        where c.version = {second} and v.voter = (select id from exeat.people where login = 'checker1')"
    );
    assert_eq!(desk().psql(&votes), "trusted");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_is_a_download_and_takes_the_right_to_one() {
    let project = Project::new();
    let outputs = format!("/api/permits/{}/outputs", permit(&project.name));
    let (team, checker) =
        (of("researcher1", "permits:read,permits:write"), of("checker1", "permits:read,permits:write"));
    let file = project.put("out/a.csv", "ward,n\nnorth,120\n").await;
    assert_eq!(post(&team, &outputs, json!({"folderPath": "out", "description": "Counts"})).await.0, 201);
    let (status, said) = post(&checker, &format!("{outputs}/1/review"), json!({"decision": "APPROVED"})).await;
    assert_eq!(status, 200, "{said}");
    desk().wait_for("researcher1", &file, "released");
    let link = format!("{outputs}/1/download-link");
    let down = of("researcher1", "egress:download");
    let asked =
        format!("select count(*) from exeat.journal where command = 'ask_ticket' and subject = 'version:{file}'");
    let before = desk().psql(&asked);
    assert_eq!(told(ask(&team, "GET", &link)).await.0, 403);
    assert_eq!(ask(&down, "HEAD", &link).send().await.unwrap().status().as_u16(), 405);
    assert_eq!(told(ask(&down, "GET", &format!("{outputs}/99/download-link"))).await.0, 404);
    assert_eq!(desk().psql(&asked), before, "nothing was asked for");
    becomes(&team, &outputs, "EGRESS_APPROVED").await;
    let (status, said) = told(ask(&down, "GET", &link)).await;
    assert_eq!(status, 200, "{said}");
    let bytes = reqwest::get(text(&said["url"])).await.unwrap().text().await.unwrap();
    assert_eq!(bytes, "ward,n\nnorth,120\n");
}
