//! Contract A, row by row: status, body, order; and where the rules here are stricter than the service of the field.

use serde_json::{Value, json};

use super::kit::{Credential, Served, person, served, told};
use crate::support::desk::{desk, text, unique};

/// A project of its own, one approval for `trusted` and two for `world`, no hold; its people and a credential of the portal's.
pub(super) struct Project {
    pub(super) name: String,
    location: String,
    portal: Credential,
}

impl Project {
    pub(super) fn new() -> Self {
        let (desk, name) = (desk(), unique("egress").replace('_', "-"));
        let location = format!("s3://candidates/{name}/");
        let add = ["projects", "add", &name, "--title", "T", "--purpose", "P", "--location", &location];
        desk.of_two(&[&add[..], &["--shared", "s3://shared/"]].concat());
        for (destination, approvals) in [("trusted", "1"), ("world", "2")] {
            let set = ["policies", "set", &name, destination, "--approvals", approvals, "--hold-seconds", "0"];
            let more = ["--largest-file", "100000000", "--votes-via-services", "true"];
            desk.policy_of_two(&[&set[..], &more].concat());
        }
        for (login, role) in [("checker1", "checker"), ("checker2", "checker"), ("researcher1", "researcher")] {
            desk.json("admin1", &["people", "grant", login, role, "--project", &name]);
        }
        let own = person(&[&format!("researcher@{name}")]);
        let rights = "egress:read,egress:vote,egress:download";
        let portal = served().credential(&["--login", &own, "--for", "*", "--right", rights]);
        Self { name, location, portal }
    }

    /// A file that is out, for `trusted`.
    pub(super) async fn released(&self, key: &str, body: &str) -> String {
        let id = self.put(key, body).await;
        assert_eq!(self.vote("approve", &id, "checker1", "trusted", None).await, (204, Value::Null));
        id
    }

    /// A file that nobody announced.
    pub(super) async fn put(&self, key: &str, body: &str) -> String {
        let sdk = exeat::local::desk::Desk::at(&desk().dir).unwrap().loader().unwrap();
        let key = format!("{}/{key}", self.name);
        sdk.put_object().bucket("candidates").key(key).body(body.as_bytes().to_vec().into()).send().await.unwrap();
        let files = self.files().await;
        let file = files.as_array().unwrap().iter().rfind(|file| key_ends(file, body.len())).unwrap();
        text(&file["id"])
    }

    pub(super) fn ask(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        served().ask_as(&self.portal, method, &format!("/v1/{}{path}", self.name))
    }

    async fn files(&self) -> Value {
        let (status, files) = told(self.ask("GET", "/files").json(&json!({"files_location": self.location}))).await;
        assert_eq!(status, 200, "{files}");
        files
    }

    pub(super) async fn vote(
        &self,
        how: &str,
        id: &str,
        login: &str,
        destination: &str,
        comment: Option<&str>,
    ) -> (u16, Value) {
        let mut body = json!({"user_id": login, "destination": destination});
        if let Some(comment) = comment {
            body["comment"] = comment.into();
        }
        told(self.ask("PUT", &format!("/files/{id}/{how}")).json(&body)).await
    }

    pub(super) fn download(&self, id: &str, more: &Value) -> reqwest::RequestBuilder {
        self.download_from(served(), id, more)
    }

    pub(super) fn download_from(&self, server: &Served, id: &str, more: &Value) -> reqwest::RequestBuilder {
        let mut body = json!({"destination": "trusted", "required_approvals": 1, "files_location": self.location, "max_file_size": 1000});
        for (name, value) in more.as_object().unwrap() {
            body[name] = value.clone();
        }
        server.ask_as(&self.portal, "GET", &format!("/v1/{}/files/{id}", self.name)).json(&body)
    }
}

fn key_ends(file: &Value, size: usize) -> bool {
    file["size"] == size
}

fn message(answer: &(u16, Value)) -> (u16, String) {
    (answer.0, text(&answer.1["message"]))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_is_listed_voted_on_and_downloaded() {
    let project = Project::new();
    let id = project.put("a.csv", "ward,n\na,10\n").await;
    let wanted = json!([{"file_name": "a.csv", "id": id, "size": 12, "approvals": []}]);
    assert_eq!(project.files().await, wanted);
    // Fields of a GET may stand in the query, too.
    let (status, files) = told(project.ask("GET", &format!("/files?files_location={}", project.location))).await;
    assert_eq!((status, files), (200, wanted));
    assert_eq!(project.vote("approve", &id, "checker1", "world", None).await, (204, Value::Null));
    assert_eq!(project.vote("approve", &id, "checker1", "trusted", Some("fine")).await, (204, Value::Null));
    assert_eq!(project.vote("approve", &id, "checker2", "world", Some("once")).await, (204, Value::Null));
    let answer = project.download(&id, &json!({})).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["content-type"], "application/octet-stream");
    assert_eq!(answer.text().await.unwrap(), "ward,n\na,10\n");
    let approvals = json!([{"user_id": "checker1", "destination": "world"},
        {"user_id": "checker1", "destination": "trusted", "comment": "fine"},
        {"user_id": "checker2", "destination": "world", "comment": "once"}]);
    assert_eq!(project.files().await[0]["approvals"], approvals);
    let (status, events) = told(project.ask("GET", "/events")).await;
    assert_eq!(status, 200);
    let told = |event: &Value| {
        (
            text(&event["user_id"]),
            event["action"].clone(),
            event["destination"].clone(),
            event["file_id"] == id.as_str(),
        )
    };
    let events: Vec<_> = events.as_array().unwrap().iter().map(told).collect();
    assert_eq!(events.len(), 4, "{events:?}");
    assert_eq!(events[0], ("checker1".into(), json!("Approval"), json!("world"), true));
    assert_eq!((&events[3].1, &events[3].2), (&json!("Download"), &json!("trusted")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn approvals_count_once_a_rejection_takes_them_back_and_new_bytes_have_none() {
    let project = Project::new();
    let id = project.put("b.csv", "n\n1\n").await;
    for comment in ["first", "second"] {
        assert_eq!(project.vote("approve", &id, "checker1", "world", Some(comment)).await.0, 204);
    }
    let approvals = json!([{"user_id": "checker1", "destination": "world", "comment": "second"}]);
    assert_eq!(project.files().await[0]["approvals"], approvals);
    // Stricter: a rejection says why.
    let refused = message(&project.vote("reject", &id, "checker1", "world", None).await);
    assert_eq!(refused, (400, "Say why: a reason is needed to reject.".into()));
    assert_eq!(project.vote("reject", &id, "checker1", "world", Some("no")).await.0, 204);
    assert_eq!(project.vote("reject", &id, "checker2", "world", Some("never approved it")).await.0, 204);
    assert_eq!(project.files().await[0]["approvals"], json!([]));
    assert_eq!(project.vote("approve", &id, "checker2", "world", None).await.0, 204);
    let newer = project.put("b.csv", "n\n10\n").await;
    assert_ne!(newer, id);
    let listed = project.files().await;
    assert_eq!(
        (&listed[0]["id"], &listed[0]["approvals"], listed.as_array().unwrap().len()),
        (&json!(newer), &json!([]), 1)
    );
    let (_, events) = told(project.ask("GET", "/events")).await;
    let actions: Vec<_> = events.as_array().unwrap().iter().map(|event| text(&event["action"])).collect();
    assert_eq!(actions, ["Approval", "Approval", "Rejection", "Rejection", "Approval"]);
    // Stricter: the older bytes are over.
    assert_eq!(project.vote("approve", &id, "checker2", "world", None).await.0, 400);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_there_is_404_and_what_may_not_be_is_400() {
    let (project, other) = (Project::new(), Project::new());
    let id = project.put("c.csv", "n\n10\n").await;
    for unknown in ["999999", "x", "-1", "0", &format!("0{id}")] {
        assert_eq!(project.vote("approve", unknown, "checker1", "trusted", None).await.0, 404, "{unknown}");
        assert_eq!(told(project.download(unknown, &json!({}))).await.0, 404, "{unknown}");
    }
    assert_eq!(other.vote("approve", &id, "checker1", "trusted", None).await.0, 404, "another project's");
    assert_eq!(told(other.download(&id, &json!({}))).await.0, 404, "another project's");
    for (body, why) in [
        (json!({"destination": "trusted"}), "user_id"),
        (json!({"user_id": "checker1"}), "destination"),
        (json!({"user_id": "checker1", "destination": "trusted", "colour": "red"}), "colour"),
        (json!({"user_id": 1, "destination": "trusted"}), "string"),
        (json!(["checker1"]), "object"),
    ] {
        let (status, message) = message(&told(project.ask("PUT", &format!("/files/{id}/approve")).json(&body)).await);
        assert!(status == 400 && message.contains(why), "{body}: {message}");
    }
    // Stricter: who may not vote here has no vote.
    let refused = message(&project.vote("approve", &id, "researcher1", "trusted", None).await);
    assert!(refused.0 == 400 && refused.1.contains("only checkers"), "{refused:?}");
    let refused = message(&project.vote("approve", &id, "checker1", "nowhere", None).await);
    assert!(refused.0 == 400 && refused.1.contains("no policy for nowhere"), "{refused:?}");
    for (more, why) in [
        (json!({}), "Too few approvals for trusted: 0 of 1."),
        (json!({"destination": "nowhere"}), "no approvals"),
        (json!({"required_approvals": 0}), "at least 1"),
        (json!({"max_file_size": -1}), "at least 0"),
        (json!({"files_location": "s3://candidates/"}), "files_location"),
        (json!({"files_location": other.location}), "files_location"),
        (json!({"max_file_size": 4}), "max_file_size"),
        (json!({"required_approvals": "one"}), "i64"),
    ] {
        let (status, message) = message(&told(project.download(&id, &more)).await);
        assert!(status == 400 && message.contains(why), "{more}: {message}");
    }
    assert_eq!(told(project.ask("GET", &format!("/files/{id}"))).await.0, 400, "no body");
    assert_eq!(told(project.ask("GET", "/files")).await.0, 400, "no location");
    assert_eq!(told(project.ask("GET", "/files").json(&json!({"files_location": other.location}))).await.0, 400);
    let differing = project.ask("GET", "/files?files_location=s3://x/");
    assert_eq!(told(differing.json(&json!({"files_location": project.location}))).await.0, 400);
    let (status, body) = told(served().plain("GET", &format!("/v1/{}/events", project.name))).await;
    assert_eq!((status, body["message"].is_string()), (401, true));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_stricter_of_the_callers_number_and_the_policy_counts() {
    let project = Project::new();
    let id = project.put("d.csv", "n\n10\n").await;
    assert_eq!(project.vote("approve", &id, "checker1", "world", None).await.0, 204);
    let one = message(&told(project.download(&id, &json!({"destination": "world"}))).await);
    assert_eq!(one, (400, "Too few approvals for world: 1 of 2.".into()), "the policy wants two");
    assert_eq!(project.vote("approve", &id, "checker2", "world", None).await.0, 204);
    let three = message(&told(project.download(&id, &json!({"destination": "world", "required_approvals": 3}))).await);
    assert_eq!(three, (400, "Too few approvals for world: 2 of 3.".into()), "the caller wants three");
    assert_eq!(
        project
            .download(&id, &json!({"destination": "world", "user_id": "researcher1"}))
            .send()
            .await
            .unwrap()
            .status(),
        200
    );
    let late = message(&project.vote("approve", &id, "checker1", "world", None).await);
    assert!(late.0 == 400 && late.1.contains("released"), "{late:?}");
}
