//! The worker lets nothing out that is not proved: whatever a superuser wrote into the tables, neither a first byte nor the
//! address of a copy leaves, and people are told.

use exeat::worker::release::Progress;
use sqlx::AssertSqlSafe;

use super::site::{Site, until};
use crate::support::pg::{Answer, call, done, one};
use crate::support::s3::{Who, local};

const BODY: &str = "a,10\n";
/// Two votes put in, and the case approved by hand.
const VOTES: &str = "insert into exeat.votes (case_id, version, project, voter, kind, comment, sha256, policy)
      select c.id, c.version, c.project, p.id, 'approve', 'x', v.sha256, o.id from exeat.cases c join exeat.file_versions v on v.id = c.version
      join exeat.policies o on o.project = c.project and o.destination = c.destination and o.state = 'active'
      cross join exeat.people p where p.login in ('checker1', 'checker2');
    insert into exeat.askers select id from exeat.people on conflict do nothing;
    update exeat.cases set state = 'approved', approved_at = clock_timestamp() - interval '1 day', held_until = clock_timestamp() - interval '1 day'";

/// The superuser, with triggers off.
async fn superuser(site: &Site, sql: &str) {
    let sql = format!("set session_replication_role = replica; {sql}");
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut site.database.owner().await).await.unwrap();
}

async fn count(site: &Site, of: &str) -> i64 {
    one(&mut site.database.owner().await, &format!("select count(*) from {of}")).await
}

/// One alarm, in the journal and as an event, with these words.
async fn assert_alarm(site: &Site, words: &str) {
    let journal = format!("exeat.journal where command = 'unproved' and sentence like '%{words}%'");
    let event = format!("exeat.outbox where topic = 'egress.alarm' and payload->>'why' like '%{words}%'");
    assert_eq!((count(site, &journal).await, count(site, &event).await), (1, 1), "{words}");
}

/// The release is tried, and stays where it is.
async fn assert_held_back(site: &Site, version: i64, words: &str) {
    for _ in 0..2 {
        site.leases_run_out().await;
        let mut release = site.hand().await.claim().await.expect("a release to claim");
        let why = release.advance().await.unwrap_err().to_string();
        assert!(why.contains("not proved") && why.contains(words), "{words}: {why}");
        assert_eq!(site.state(version).await, "releasing");
        site.assert_nothing_shared(version, "t.csv").await;
    }
    assert_alarm(site, words).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn votes_put_into_the_table_let_nothing_out() {
    let site = Site::new(local(), false).await;
    let version = site.submit("t.csv", BODY).await;
    superuser(&site, VOTES).await;
    assert_held_back(&site, version, "checker2 has no sealed vote that stands").await;
    // The worker itself does the same, and people read why.
    let worker = site.start();
    site.leases_run_out().await;
    let failure = "select failure from exeat.releases";
    until("the reason", || async {
        one::<Option<String>>(&mut site.database.owner().await, failure).await.filter(|why| why.contains("not proved"))
    })
    .await;
    worker.end().await;
    site.assert_nothing_shared(version, "t.csv").await;
    // Honest votes do not mend it: the release rests on its claim. Recalled, restored and decided anew, it leaves.
    let id = version.to_string();
    site.leases_run_out().await;
    done(&mut site.person("checker1").await, "recall", &[&id, "trusted", "nobody voted"]).await;
    superuser(&site, "update exeat.recalls set removed_at = clock_timestamp()").await;
    for login in ["checker1", "checker2"] {
        done(&mut site.person(login).await, "restore", &[&id, "trusted", "to be decided"]).await;
    }
    site.approve(version, BODY).await;
    assert_eq!(site.carry_through().await, Progress::Released);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_claim_changed_afterwards_lets_nothing_out() {
    for (sql, words) in [
        ("update exeat.releases set shared_key = 'mine'", "another place than its sealed claim"),
        ("update exeat.releases set shared_bucket = 'mine'", "another place than its sealed claim"),
        ("update exeat.releases set record = record || '{\"purpose\": \"other\"}'", "another record"),
        ("update exeat.releases set destination = 'world'", "another version or destination"),
        ("update exeat.file_versions set sha256 = sha256('b')", "other bytes"),
        ("update exeat.releases set id = gen_random_uuid()", "no sealed entry claims it"),
    ] {
        let site = Site::new(local(), false).await;
        let version = site.submit("t.csv", BODY).await;
        site.approve(version, BODY).await;
        drop(site.hand().await.claim().await.unwrap());
        superuser(&site, sql).await;
        assert_held_back(&site, version, words).await;
    }
}

/// What somebody gets who asks for the released file.
async fn download(site: &Site, version: i64) -> Result<String, String> {
    let mut person = site.person("checker1").await;
    let asked: Answer = call(&mut person, "ask_ticket", &[&version.to_string(), "download"]).await;
    let ticket = asked.data()["ticket"].as_str().unwrap().to_owned();
    let worker = site.start();
    let (url, refused) = until("an answer", || async {
        let sql = format!("select url, refused from exeat.ticket_answer('{ticket}')");
        let answer: (Option<String>, Option<String>) =
            sqlx::query_as(AssertSqlSafe(sql)).fetch_one(&mut site.person("checker1").await).await.unwrap();
        (answer.0.is_some() || answer.1.is_some()).then_some(answer)
    })
    .await;
    worker.end().await;
    url.ok_or_else(|| refused.unwrap())
}

async fn released(site: &Site) -> i64 {
    let version = site.submit("t.csv", BODY).await;
    site.approve(version, BODY).await;
    assert_eq!(site.carry_through().await, Progress::Released);
    version
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_released_copy_is_given_out_while_its_release_is_proved() {
    let site = Site::new(local(), false).await;
    let version = released(&site).await;
    let url = download(&site, version).await.unwrap();
    assert_eq!(reqwest::get(url).await.unwrap().text().await.unwrap(), BODY);
    // Recalled, and let out again by hand.
    done(&mut site.person("checker1").await, "recall", &[&version.to_string(), "trusted", "stop"]).await;
    superuser(&site, "delete from exeat.recalls; update exeat.cases set state = 'released'").await;
    let why = download(&site, version).await.unwrap_err();
    assert!(why.contains("not proved") && why.contains("it was recalled"), "{why}");
    assert_alarm(&site, "it was recalled").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_release_row_put_in_gives_no_address() {
    let site = Site::new(local(), false).await;
    let version = site.submit("t.csv", BODY).await;
    let key = format!("heart/trusted/{version}/t.csv");
    site.s3.put(Who::Worker, &site.buckets.shared, &key, BODY.as_bytes()).await;
    let row = format!(
        "insert into exeat.releases (case_id, version, project, destination, state, worker, lease_until, record, shared_bucket, shared_key)
         select id, version, project, destination, 'done', 'w1', clock_timestamp(), '{{}}', '{}', '{key}' from exeat.cases;
         update exeat.cases set state = 'released'",
        site.buckets.shared
    );
    superuser(&site, &row).await;
    let why = download(&site, version).await.unwrap_err();
    assert!(why.contains("no sealed entry claims its release"), "{why}");
    assert_alarm(&site, "no sealed entry claims its release").await;
    // A ticket that hides whose copy it is for.
    superuser(&site, "alter table exeat.tickets disable trigger all; create function exeat.hides() returns trigger language plpgsql as $$
        begin new.case_id := null; return new; end $$;
        create trigger hides before insert on exeat.tickets for each row execute function exeat.hides();
        alter table exeat.tickets enable always trigger hides").await;
    let why = download(&site, version).await.unwrap_err();
    assert!(why.contains("no release put it there"), "{why}");
}

/// The journal itself was changed: nothing leaves, and doctor says so.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_journal_that_proves_nothing_lets_nothing_out() {
    let chain = "update exeat.seals set hash = md5(hash) || md5(hash) where seq > 5";
    for (sql, words) in [
        ("update exeat.journal set sentence = 'x' where id = 7", "is not what was sealed"),
        ("delete from exeat.journal where id = 7", "its row is gone"),
        ("delete from exeat.seals where seq > 20; delete from exeat.heads where seq > 20", "is missing: a signed head"),
        (chain, "is not what was sealed"),
    ] {
        let site = Site::new(local(), false).await;
        let first = released(&site).await;
        superuser(&site, sql).await;
        let version = site.submit("other.csv", "b,20\n").await;
        site.approve(version, "b,20\n").await;
        let worker = site.start();
        let fault = "select fault from exeat.system_status()";
        let told =
            until("the fault", || async { one::<Option<String>>(&mut site.person("admin1").await, fault).await }).await;
        assert!(told.contains(words), "{words}: {told}");
        until("the alarm", || async {
            let alarms = "exeat.outbox where topic = 'egress.alarm' and subject = 'journal'";
            (count(&site, alarms).await == 1).then_some(())
        })
        .await;
        worker.end().await;
        assert_eq!(site.state(version).await, "releasing", "{words}");
        site.assert_shared(&[(first, "t.csv", BODY)]).await;
        assert!(download(&site, first).await.unwrap_err().contains(words));
    }
}

/// An alarm is mailed where the site named somebody for it.
#[tokio::test]
async fn an_alarm_goes_to_whom_the_site_names() {
    let site = Site::new(local(), false).await;
    let mut admin = site.person("admin1").await;
    assert!(!call(&mut admin, "set_setting", &["site.alarm_mail", "\"nowhere\""]).await.ok);
    done(&mut admin, "set_setting", &["site.alarm_mail", "\"security@example.org\""]).await;
    site.submit("t.csv", BODY).await;
    superuser(&site, VOTES).await;
    let mut release = site.hand().await.claim().await.unwrap();
    release.advance().await.unwrap_err();
    let mails = "exeat.deliveries where channel = 'mail' and recipient = 'alarms' and address = 'security@example.org'";
    assert_eq!(count(&site, mails).await, 1);
}
