//! Keys and signed votes as the database has them: who may register and confirm, what it refuses, and when a vote counts.

use exeat::domain::vote::VoteKind;
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use super::{file, line, person, registered, signatures, vote};
use crate::support::pg::{Answer, Database, SERVICE, WORKER, call, call_with, done, literal, one, sha};
use crate::support::ssh::{Key, SshAgent};

/// An approval under a command id, with a text and a signature (`null` for none).
async fn cast(
    database: &Database,
    login: &str,
    command: Uuid,
    version: i64,
    (text, signature): (&str, &str),
) -> Answer {
    let (id, hash) = (version.to_string(), sha("a.csv"));
    let arguments = [&id, "trusted", "approve", &hash, "I looked", "null", "null", text, signature];
    call_with(&mut database.connect(login).await, "cast_vote", command, &arguments).await
}

/// As the worker notes it, without looking.
async fn noted(database: &Database, why: &str) {
    let waiting = "select exeat.note_signature(vote, case when w is null then 'database' end, w)
        from exeat.unchecked_signatures() cross join (select nullif($1, '')) x (w)";
    sqlx::query(waiting).bind(why).execute(&mut database.connect(WORKER).await).await.unwrap();
}

async fn count(database: &Database, version: i64) -> (i32, String) {
    let sql = "select (exeat.tally(id)).count, state from exeat.cases where version = $1 and destination = 'trusted'";
    sqlx::query_as(sql).bind(version).fetch_one(&mut database.owner().await).await.unwrap()
}

#[tokio::test]
async fn a_key_is_registered_by_its_person_and_confirmed_by_an_administrator() {
    let database = Database::fresh().await;
    let (mut checker, mut admin) = (database.connect("checker1").await, database.connect("admin1").await);
    let key = Key::new("ed25519");
    for (kind, code) in [("rsa -b 2048", "invalid"), ("ecdsa -b 384", "invalid"), ("dsa", "invalid")] {
        assert_eq!(call(&mut checker, "add_key", &[&Key::new(kind).public()]).await.code, code, "{kind}");
    }
    for text in [
        "",
        "ssh-ed25519",
        "ssh-ed25519 AAAA",
        "ssh-rsa !!!",
        &key.public().replace("ssh-ed25519", "ssh-rsa"),
        &"x".repeat(9000),
    ] {
        assert_eq!(call(&mut checker, "add_key", &[text]).await.code, "invalid", "{text}");
    }
    for kind in ["ecdsa -b 256", "rsa -b 3072"] {
        assert!(call(&mut checker, "add_key", &[&format!("{} laptop", Key::new(kind).public())]).await.ok, "{kind}");
    }
    let made = done(&mut checker, "add_key", &[&key.public()]).await;
    assert_eq!(made["fingerprint"], key.fingerprint());
    let number = made["key"].to_string();
    let print = key.fingerprint();
    assert_eq!(
        call(&mut database.connect("checker2").await, "add_key", &[&key.public()]).await.code,
        "invalid",
        "one person's"
    );
    assert_eq!(call(&mut checker, "confirm_key", &[&number, &print]).await.code, "forbidden");
    assert_eq!(call(&mut admin, "confirm_key", &[&number, "SHA256:other"]).await.code, "invalid");
    assert!(call(&mut admin, "confirm_key", &[&number, &print]).await.ok);
    // An administrator's own needs another one.
    let own = Key::new("ed25519");
    let made = done(&mut admin, "add_key", &[&own.public()]).await["key"].to_string();
    assert_eq!(call(&mut admin, "confirm_key", &[&made, &own.fingerprint()]).await.code, "second_person_needed");
    // What is another's is not there, and what ended stays ended.
    assert_eq!(call(&mut database.connect("checker2").await, "end_key", &[&number]).await.code, "not_found");
    assert!(call(&mut admin, "end_key", &[&number]).await.ok);
    assert_eq!(call(&mut checker, "add_key", &[&key.public()]).await.code, "key_ended");
    assert_eq!(call(&mut admin, "confirm_key", &[&number, &print]).await.code, "not_pending");
    // No service registers a key for a person.
    done(&mut admin, "add_service", &["portal", SERVICE]).await;
    let sql = format!(
        "select code from exeat.command_for('checker1', gen_random_uuid(), 'add_key', jsonb_build_object('public_key', {}))",
        literal(&own.public())
    );
    assert_eq!(one::<String>(&mut database.connect(SERVICE).await, &sql).await, "not_by_service");
}

#[tokio::test]
async fn only_a_signature_of_this_very_vote_is_taken() {
    let database = Database::fresh().await;
    signatures(&database, "required").await;
    let (version, other) = (file(&database, "a.csv").await, file(&database, "b.csv").await);
    let mut owner = database.owner().await;
    let (key, stranger) = (Key::new("ed25519"), Key::new("ed25519"));
    registered(&database, "checker1", &key).await;
    registered(&database, "checker2", &stranger).await;
    let command = Uuid::new_v4();
    let good = line(&mut owner, "checker1", command, version, "a.csv").await;
    let signature = key.sign(&good);
    assert_eq!(cast(&database, "checker1", command, version, ("null", "null")).await.code, "signature_needed");
    let of = |text: String| {
        let signature = key.sign(&text);
        (text, signature)
    };
    for (why, code, (text, armor)) in [
        (
            "another command",
            "signature_differs",
            of(line(&mut owner, "checker1", Uuid::new_v4(), version, "a.csv").await),
        ),
        ("another version", "signature_differs", of(line(&mut owner, "checker1", command, other, "a.csv").await)),
        ("other bytes", "signature_differs", of(line(&mut owner, "checker1", command, version, "b.csv").await)),
        ("another person", "signature_differs", of(line(&mut owner, "checker2", command, version, "a.csv").await)),
        ("another kind", "signature_differs", of(good.replace("kind=approve", "kind=reject"))),
        ("another destination", "signature_differs", of(good.replace("destination=trusted", "destination=world"))),
        ("another policy", "signature_differs", of(good.replace("policy=2", "policy=1"))),
        ("another site", "signature_differs", of(good.replacen("site=", "site=0", 1))),
        ("more on the line", "signature_differs", of(good.replace('\n', " \n"))),
        ("a line of another project", "signature_differs", of(format!("{good}{}", good.replace("heart", "lungs")))),
        ("no end", "invalid", of(good.trim_end().to_owned())),
        ("no text", "invalid", ("null".to_owned(), signature.clone())),
        ("no signature", "invalid", (good.clone(), "null".to_owned())),
        (
            "nonsense",
            "invalid",
            (good.clone(), "-----BEGIN SSH SIGNATURE-----\nAAAA\n-----END SSH SIGNATURE-----\n".to_owned()),
        ),
        ("another's key", "key_unknown", (good.clone(), stranger.sign(&good))),
        ("nobody's key", "key_unknown", (good.clone(), Key::new("ed25519").sign(&good))),
    ] {
        // A refusal is kept under its command id; each is tried under the id of the text by undoing that.
        sqlx::raw_sql("delete from exeat.commands where command = 'cast_vote'").execute(&mut owner).await.unwrap();
        let answer = cast(&database, "checker1", command, version, (&text, &armor)).await;
        assert_eq!(answer.code, code, "{why}: {answer:?}");
    }
    sqlx::raw_sql("delete from exeat.commands where command = 'cast_vote'").execute(&mut owner).await.unwrap();
    let answer = cast(&database, "checker1", command, version, (&good, &signature)).await;
    assert!(answer.ok && answer.sentence.contains("once its signature is checked"), "{answer:?}");
    // The same once more is the same answer, with a new signature too; for another vote it serves no more.
    assert_eq!(cast(&database, "checker1", command, version, (&good, &key.sign(&good))).await, answer);
    assert_eq!(
        cast(&database, "checker1", Uuid::new_v4(), version, (&good, &signature)).await.code,
        "signature_differs"
    );
    assert_eq!(one::<i64>(&mut owner, "select count(*) from exeat.vote_signatures").await, 1);
}

#[tokio::test]
async fn a_vote_counts_once_its_signature_is_found_good_and_while_its_key_lasts() {
    let database = Database::fresh().await;
    signatures(&database, "required").await;
    let version = file(&database, "a.csv").await;
    let mut owner = database.owner().await;
    let mut keys = Vec::new();
    for login in ["checker1", "checker2"] {
        let key = Key::new("ed25519");
        keys.push(registered(&database, login, &key).await);
        let command = Uuid::new_v4();
        let text = line(&mut owner, login, command, version, "a.csv").await;
        assert!(cast(&database, login, command, version, (&text, &key.sign(&text))).await.ok);
        assert_eq!(
            count(&database, version).await,
            (i32::try_from(keys.len()).unwrap() - 1, "pending".into()),
            "not looked at yet"
        );
        noted(&database, "").await;
    }
    assert_eq!(count(&database, version).await, (2, "approved".into()));
    // Its key ends: it counts no more, and the worker's next round says so of the case.
    done(&mut database.connect("checker2").await, "end_key", &[&keys[1].to_string()]).await;
    assert_eq!(count(&database, version).await.0, 1);
    let _: i32 = one(&mut database.connect(WORKER).await, "select exeat.lapse_votes()").await;
    assert_eq!(count(&database, version).await, (1, "pending".into()));
    let claimed = "select count(*) from exeat.claim_release('w', 60)";
    assert_eq!(one::<i64>(&mut database.connect(WORKER).await, claimed).await, 0);
}

#[tokio::test]
async fn a_signature_that_is_not_good_counts_for_nothing_and_is_told() {
    let database = Database::fresh().await;
    signatures(&database, "required").await;
    let version = file(&database, "a.csv").await;
    let mut owner = database.owner().await;
    let key = Key::new("ed25519");
    registered(&database, "checker1", &key).await;
    let command = Uuid::new_v4();
    let text = line(&mut owner, "checker1", command, version, "a.csv").await;
    assert!(
        cast(&database, "checker1", command, version, (&text, &key.sign("something else\n"))).await.ok,
        "only the worker can tell"
    );
    noted(&database, "it does not fit the text and the key").await;
    assert_eq!(count(&database, version).await, (0, "pending".into()));
    let alarm = "select count(*) from exeat.outbox where topic = 'egress.alarm' and payload->>'voter' = 'checker1'";
    assert_eq!(one::<i64>(&mut owner, alarm).await, 1);
    let told = "select sentence from exeat.journal where command = 'check_signature'";
    assert!(one::<String>(&mut owner, told).await.contains("is not good"));
    // What was noted once stays.
    let vote: i64 = one(&mut owner, "select vote from exeat.vote_signatures").await;
    let again = format!("select exeat.note_signature({vote}, 'database', null)");
    assert!(!one::<bool>(&mut database.connect(WORKER).await, &again).await);
}

/// A policy that asks for less needs two administrators; what was cast unsigned before it asked for more counts no more.
#[tokio::test]
async fn asking_for_less_needs_a_second_administrator() {
    let database = Database::fresh().await;
    let version = file(&database, "a.csv").await;
    let mut admin = database.connect("admin1").await;
    assert!(cast(&database, "checker1", Uuid::new_v4(), version, ("null", "null")).await.ok);
    assert_eq!(count(&database, version).await.0, 1);
    for (word, proposed) in
        [("wanted", false), ("required", false), ("required", false), ("wanted", true), ("off", true)]
    {
        let values = format!("{{\"signatures\": \"{word}\"}}");
        let answer = done(&mut admin, "set_policy", &["heart", "trusted", &values]).await;
        assert_eq!(answer["proposed"], proposed, "{word}");
    }
    assert_eq!(count(&database, version).await.0, 0, "unsigned");
    assert_eq!(
        call(&mut admin, "set_policy", &["heart", "trusted", "{\"signatures\": \"maybe\"}"]).await.code,
        "invalid"
    );
    assert_eq!(call(&mut admin, "set_policy", &["heart", "trusted", "{\"signatures\": true}"]).await.code, "invalid");
    let policy: i64 =
        one(&mut database.owner().await, "select max(id) from exeat.policies where state = 'proposed'").await;
    assert_eq!(call(&mut admin, "confirm_policy", &[&policy.to_string()]).await.code, "second_person_needed");
    assert!(call(&mut database.connect("admin2").await, "confirm_policy", &[&policy.to_string()]).await.ok);
    assert_eq!(count(&database, version).await.0, 1, "it counts again");
}

/// Through a service a signature is needed too, and it is the person's.
#[tokio::test]
async fn a_service_casts_no_vote_unsigned() {
    let database = Database::fresh().await;
    let version = file(&database, "a.csv").await;
    let mut admin = database.connect("admin1").await;
    done(&mut admin, "add_service", &["portal", SERVICE]).await;
    done(&mut admin, "set_policy", &["heart", "trusted", "{\"votes_via_services\": true}"]).await;
    let policy: i64 =
        one(&mut database.owner().await, "select max(id) from exeat.policies where state = 'proposed'").await;
    done(&mut database.connect("admin2").await, "confirm_policy", &[&policy.to_string()]).await;
    signatures(&database, "required").await;
    let key = Key::new("ed25519");
    registered(&database, "checker1", &key).await;
    let command = Uuid::new_v4();
    let text = line(&mut database.owner().await, "checker1", command, version, "a.csv").await;
    let mut service = database.connect(SERVICE).await;
    for (id, signed, code) in [(Uuid::new_v4(), None, "signature_needed"), (command, Some(key.sign(&text)), "done")] {
        let mut request = serde_json::json!({"version": version, "destination": "trusted", "kind": "approve", "sha256": sha("a.csv"), "comment": "I looked"});
        if let Some(signature) = signed {
            request["signed"] = text.clone().into();
            request["signature"] = signature.into();
        }
        let sql = format!(
            "select code from exeat.command_for('checker1', '{id}', 'cast_vote', {})",
            literal(&request.to_string())
        );
        assert_eq!(one::<String>(&mut service, &sql).await, code);
    }
}

/// One signature for a bulk: a line each, all of one kind, project and destination; those of others are signed apart.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_signature_serves_a_bulk() {
    let database = Database::fresh().await;
    signatures(&database, "required").await;
    done(&mut database.connect("admin1").await, "set_policy", &["heart", "world", "{\"signatures\": \"wanted\"}"])
        .await;
    let key = Key::new("ecdsa -b 256");
    registered(&database, "checker1", &key).await;
    let agent = SshAgent::with(&key);
    let mut orders = Vec::new();
    for n in 0..5 {
        let name = format!("{n}.csv");
        orders.push((Uuid::new_v4(), vote(file(&database, &name).await, &name, VoteKind::Approve)));
    }
    orders.push((Uuid::new_v4(), vote(file(&database, "r.csv").await, "r.csv", VoteKind::Reject)));
    let service = person(&database, "checker1");
    let signed = service.sign_with(orders, Some(agent.socket()), std::time::Duration::from_mins(1)).await.unwrap();
    assert_eq!(signed.unsigned, None);
    for (id, command) in &signed.orders {
        let answer = service.carry_out(*id, command).await.unwrap();
        assert!(answer.ok, "{answer:?}");
    }
    let mut owner = database.owner().await;
    let texts = "select count(distinct signature)::text || ' of ' || count(*) from exeat.vote_signatures where signed like '%kind=approve%'";
    assert_eq!(one::<String>(&mut owner, texts).await, "1 of 5");
    let apart =
        "select count(*) from exeat.vote_signatures where signed like '%kind=approve%' and signed like '%kind=reject%'";
    assert_eq!(one::<i64>(&mut owner, apart).await, 0);
    let lines = AssertSqlSafe(
        "select bool_and(exeat.ssh_string(exeat.key_of_signature(signature), 0) is not null) from exeat.vote_signatures",
    );
    assert!(sqlx::query_scalar::<_, bool>(lines).fetch_one(&mut owner).await.unwrap());
}
