//! Who gets in with HTTP Basic, with which rights, for whom, and for how long.

use base64::Engine as _;
use serde_json::json;

use super::kit::{Credential, person, served, told};
use crate::support::desk::{desk, text};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_gets_in_without_a_good_credential_and_is_told_the_same() {
    let served = served();
    let mut answers = Vec::new();
    let good = &served.all;
    let word = |text: &str| format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(text));
    for header in [
        None,
        Some(word(&format!("{}:wrong", good.name))),
        Some(word(&format!("nobody:{}", good.secret))),
        Some(word(&format!("{}:", good.name))),
        Some(word(&format!("{}:{}\0", good.name, good.secret))),
        Some(word(&good.name)),
        Some("Basic !".to_owned()),
        Some("Basic".to_owned()),
        Some("Bearer x".to_owned()),
        Some("Negotiate abc".to_owned()),
        Some(word(&format!("{}:{}", good.name.to_uppercase(), good.secret))),
    ] {
        let mut request = served.plain("GET", "/exeat/egress");
        if let Some(header) = &header {
            request = request.header("authorization", header);
        }
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 401, "{header:?}");
        let offered: Vec<_> = answer.headers().get_all("www-authenticate").iter().collect();
        assert_eq!(offered.len(), 2, "{offered:?}");
        answers.push(answer.text().await.unwrap());
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");
    let log = served.log();
    assert!(!log.contains(&good.secret) && !log.contains("wrong"), "the log has a secret");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rights_name_methods_and_a_credential_acts_for_its_people_only() {
    let served = served();
    let own = person(&["checker@heart"]);
    let few = served.credential(&["--login", &own, "--for", "checker1", "--right", "exeat:read"]);
    let ask = |path: String| told(served.ask_as(&few, "GET", &path));
    assert_eq!(ask("/exeat/whoami".into()).await.1["login"], own.as_str());
    assert_eq!(ask("/exeat/whoami?as=checker1".into()).await.1["login"], "checker1");
    assert_eq!(ask("/exeat/egress?as=checker1".into()).await.0, 200);
    for login in ["checker2", "no_such_person", "admin1"] {
        let (status, body) = ask(format!("/exeat/egress?as={login}")).await;
        assert_eq!((status, text(&body["error"]["code"])), (403, "forbidden".into()), "{login}: {body}");
    }
    let (status, body) =
        told(served.ask_as(&few, "POST", "/exeat/commands/claim").json(&json!({"version": "1"}))).await;
    assert_eq!(status, 403, "{body}");
    assert!(text(&body["error"]["message"]).contains("exeat:write"), "{body}");
    // Without a person of its own it has to name one.
    let none = served.credential(&["--for", "*", "--right", "exeat:read"]);
    assert_eq!(told(served.ask_as(&none, "GET", "/exeat/egress")).await.0, 403);
    assert_eq!(told(served.ask_as(&none, "GET", "/exeat/egress?as=checker1")).await.0, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_ended_or_rotated_credential_is_worth_nothing_at_once() {
    let (served, desk) = (served(), desk());
    let credential = served.credential(&["--for", "*", "--right", "exeat:read,exeat:write"]);
    let status = async |who: &Credential| told(served.ask_as(who, "GET", "/exeat/whoami?as=checker1")).await.0;
    assert_eq!((status(&credential).await, status(&credential).await), (200, 200), "the second is remembered");
    let made = desk.json("admin1", &["credentials", "rotate", &credential.name]);
    assert_eq!(status(&credential).await, 401);
    let fresh = Credential { secret: text(&made["secret"]), ..credential };
    assert_eq!(status(&fresh).await, 200);
    desk.json("admin1", &["credentials", "end", &fresh.name]);
    assert_eq!(status(&fresh).await, 401);
    let again = desk.run("admin1", &["credentials", "rotate", &fresh.name, "--json"]);
    assert_eq!((again.exit, again.code()), (5, "not_found".into()));
    // The database stands behind it: whatever a server remembers, an ended credential acts for nobody.
    let service = &served.service;
    let psql = |credential: &str| {
        let sql = format!(
            "set session authorization {service}; select count(*) from exeat.read_for('checker1', 'egress', 'count', '{{}}', '{credential}')"
        );
        std::panic::catch_unwind(|| desk.psql(&sql))
    };
    assert!(psql(&served.all.name).is_ok());
    assert!(psql(&fresh.name).is_err());
}

#[test]
fn only_administrators_make_credentials_and_their_secrets_are_nowhere() {
    let (served, desk) = (served(), desk());
    let args = ["credentials", "add", "x", "--service", &served.service, "--right", "exeat:read", "--json"];
    let refused = desk.run("checker1", &args);
    assert_eq!((refused.exit, refused.code()), (5, "forbidden".into()));
    let unknown =
        desk.run("admin1", &["credentials", "add", "x", "--service", &served.service, "--right", "x:y", "--json"]);
    assert_eq!(unknown.exit, 2, "{unknown:?}");
    let credential = served.credential(&["--right", "claims:read"]);
    let kept = desk.psql("select string_agg(to_json(c)::text, '') from exeat.credentials c");
    let journal =
        desk.psql("select string_agg(to_json(j)::text, '') from exeat.journal j where command ~ 'credential'");
    assert!(!kept.contains(&credential.secret) && !journal.contains(&credential.secret));
    let listed = desk.json("auditor1", &["credentials", "list"]);
    let row = listed["items"].as_array().unwrap().iter().find(|row| row["name"] == credential.name.as_str()).unwrap();
    assert_eq!((&row["rights"], &row["service"]), (&json!(["claims:read"]), &json!(served.service)));
    assert!(!listed.to_string().contains("argon2"), "{listed}");
    assert_eq!(desk.json("checker1", &["credentials", "list"])["items"], json!([]));
}
