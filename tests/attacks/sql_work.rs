//! What the work of a call tells: EXPLAIN (ANALYZE, BUFFERS) counts the pages a function read, the statistics of one's own
//! transaction the rows. Neither may depend on rows the caller may not see, or a search tells letter by letter what they say.

use serde_json::Value;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

use super::sql_reach::two_projects;
use crate::rules::access::{asked, site};
use crate::support::pg::{call, done, one};

/// Nobody is told these counts (`side_channels`); here they are, to see that they would tell nothing.
async fn with_counts(owner: &mut PgConnection) {
    let sql = "do $$ declare f regprocedure; begin
        for f in select oid from pg_proc where proname ~ '^pg_stat_get_xact_' loop execute format('grant execute on function %s to public', f); end loop; end $$";
    sqlx::raw_sql(sql).execute(owner).await.unwrap();
}

/// The pages and the rows of exeat's tables that a query of the caller's reads, everything being warm.
async fn work(own: &mut PgConnection, query: &str) -> (i64, i64) {
    let explain = format!("explain (analyze, buffers, format json, timing off, summary off) {query}");
    let read = "select coalesce(sum(seq_tup_read + coalesce(idx_tup_fetch, 0)), 0)::bigint from pg_stat_xact_all_tables
        where schemaname = 'exeat'";
    let (mut pages, mut rows) = (i64::MAX, i64::MAX);
    // The first plans are made for their values; later ones stay.
    for _ in 0..7 {
        let plan: Value = one(own, &explain).await;
        let plan = &plan[0]["Plan"];
        pages = pages.min(plan["Shared Hit Blocks"].as_i64().unwrap() + plan["Shared Read Blocks"].as_i64().unwrap());
        let mut transaction = own.begin().await.unwrap();
        let before: i64 = one(&mut transaction, read).await;
        sqlx::raw_sql(AssertSqlSafe(query)).execute(&mut *transaction).await.unwrap();
        let after: i64 = one(&mut transaction, read).await;
        transaction.rollback().await.unwrap();
        rows = rows.min(after - before);
    }
    (pages, rows)
}

/// How many rows of an area a filter matches.
fn counted(area: &str, filter: &str) -> String {
    format!("select (item->>'counted')::bigint from exeat.read('{area}', 'count', '{{\"filter\": {filter}}}')")
}

#[tokio::test]
async fn a_search_tells_nothing_of_hidden_files() {
    let (database, ..) = two_projects().await;
    let mut owner = database.owner().await;
    with_counts(&mut owner).await;
    let fill = "with f as (insert into exeat.files (project, key) select p.id, convert_to('hidden/' || n, 'UTF8')
            from exeat.projects p, generate_series(1, 4000) n where p.name = 'heart' returning id, project, key)
        insert into exeat.file_versions (file, project, number, key, search_text, sha256, size, submission, submitted_by, origin_unknown, state)
        select f.id, f.project, 1, f.key, 'hidden ' || case when f.id % 9 = 0 then 'zebra' else 'stripe' end, sha256(f.key), 4711, s.id,
            s.submitted_by, false, 'pending' from f, exeat.submissions s, exeat.people q where s.submitted_by = q.id and q.login = 'researcher1'";
    sqlx::raw_sql(fill).execute(&mut owner).await.unwrap();
    sqlx::raw_sql("vacuum analyze").execute(&mut owner).await.unwrap();
    let hash: String =
        one(&mut owner, "select encode(sha256, 'hex') from exeat.file_versions where size = 4711 limit 1").await;
    let mut blind = database.connect("researcher2").await;
    let sha256 = format!(r#"{{"sha256": ["{hash}"]}}"#);
    for (hidden, nowhere) in [
        (r#"{"words": ["zebra"]}"#, r#"{"words": ["quoxl"]}"#),
        (r#"{"words": ["hidden", "zebra"]}"#, r#"{"words": ["quoxlv", "wxyzq"]}"#),
        (sha256.as_str(), r#"{"sha256": ["00000000"]}"#),
        (r#"{"by": ["researcher1"]}"#, r#"{"by": ["nobody1"]}"#),
        (r#"{"size_min": 4711, "size_max": 4711}"#, r#"{"size_min": 4712, "size_max": 4712}"#),
        (r#"{"state": ["pending"], "words": ["zebra"]}"#, r#"{"state": ["pending"], "words": ["quoxl"]}"#),
    ] {
        for what in ["page", "count"] {
            let sql =
                |filter: &str| format!("select * from exeat.read('egress', '{what}', '{{\"filter\": {filter}}}')");
            let (one, other) = (work(&mut blind, &sql(hidden)).await, work(&mut blind, &sql(nowhere)).await);
            assert_eq!(one, other, "{what} of {hidden}, and of {nowhere}");
        }
    }
    // Who may see them finds them, with every index (both projects) and without (one).
    for login in ["checker1", "researcher1"] {
        let mut own = database.connect(login).await;
        for (filter, wanted) in
            [(r#"{"words": ["ZEBRA"]}"#, 4000 / 9), (sha256.as_str(), 1), (r#"{"by": ["researcher1"]}"#, 4001)]
        {
            let n: i64 = one(&mut own, &counted("egress", filter)).await;
            assert!((wanted..=wanted + 1).contains(&n), "{login}: {n} of {filter}");
        }
    }
}

#[tokio::test]
async fn notes_are_not_counted_by_their_pages() {
    let (database, heart, lungs) = two_projects().await;
    let mut owner = database.owner().await;
    with_counts(&mut owner).await;
    let more = |version: i64, count: i32| {
        AssertSqlSafe(format!(
            "insert into exeat.internal_notes (version, project, author, body) select v.id, v.project, n.author, repeat('x', 400)
             from exeat.internal_notes n, exeat.file_versions v, generate_series(1, {count}) where n.version = {heart} and v.id = {version}"
        ))
    };
    // So many elsewhere that the plan stays the same; and all of it vacuumed, or the server does it between the two.
    sqlx::raw_sql(more(lungs, 5000)).execute(&mut owner).await.unwrap();
    sqlx::raw_sql("vacuum analyze").execute(&mut owner).await.unwrap();
    let comments = format!("select * from exeat.read('egress', 'facts', '{{\"id\": {heart}}}')");
    // In a project of their own and in one that is not: how many notes checkers wrote each other is not known.
    for login in ["researcher1", "researcher2"] {
        let mut blind = database.connect(login).await;
        let before = work(&mut blind, &comments).await;
        sqlx::raw_sql(more(heart, 20)).execute(&mut owner).await.unwrap();
        assert_eq!(before, work(&mut blind, &comments).await, "{login}");
    }
}

#[tokio::test]
async fn lists_of_access_tell_nothing_of_others() {
    let database = site().await;
    let mut owner = database.owner().await;
    with_counts(&mut owner).await;
    let mut researcher = database.connect("researcher1").await;
    let mut blind = database.connect("researcher2").await;
    let mut steward = database.connect("steward1").await;
    asked(&mut blind, "AB002").await;
    let id = asked(&mut researcher, "AB001").await;
    assert!(call(&mut steward, "comment_request", &[&id, "between stewards"]).await.ok);
    done(&mut steward, "allow_request", &[&id]).await;
    sqlx::raw_sql(
        "insert into exeat.access_requests (person, dataset, dataset_title, dataset_description, dac_alias, dac_email, email, request_text, access_starts, access_ends, ticket_id)
         select person, dataset, dataset_title, 'd', 'DAC', '', email, 'zebra ' || n, access_starts, access_ends, 'T-' || n % 7
         from exeat.access_requests, generate_series(1, 3000) n where status = 'allowed';
         insert into exeat.grants (person, dataset, valid_from, valid_until, created_by)
         select person, dataset, valid_from, valid_until, created_by from exeat.grants, generate_series(1, 3000) n where request is not null",
    )
    .execute(&mut owner)
    .await
    .unwrap();
    sqlx::raw_sql("vacuum analyze").execute(&mut owner).await.unwrap();
    for (area, what) in [("request", "page"), ("request", "count"), ("grant", "page"), ("grant", "count")] {
        for (hidden, nowhere) in [
            (r#"{"by": ["researcher1"]}"#, r#"{"by": ["nobody1"]}"#),
            (r#"{"dataset": ["AB001"], "words": ["zebra"]}"#, r#"{"dataset": ["AB001"], "words": ["quoxl"]}"#),
            (r#"{"dac": ["DAC"], "words": ["zebra"]}"#, r#"{"dac": ["DAC"], "words": ["quoxl"]}"#),
            (r#"{"dataset": ["AB001"]}"#, r#"{"dataset": ["AB003"]}"#),
        ] {
            let sql =
                |filter: &str| format!("select * from exeat.read('{area}', '{what}', '{{\"filter\": {filter}}}')");
            let (one, other) = (work(&mut blind, &sql(hidden)).await, work(&mut blind, &sql(nowhere)).await);
            assert_eq!(one, other, "{area} {what} of {hidden}, and of {nowhere}");
        }
    }
    let mine = counted("request", r#"{"state": ["pending"], "dataset": ["AB002"]}"#);
    assert_eq!(one::<i64>(&mut blind, &mine).await, 1, "one's own are found");
    let theirs = &counted("grant", r#"{"state": ["active"], "expiring_days": 3000, "words": ["ab001"]}"#);
    for (reader, wanted) in [(&mut researcher, 3001), (&mut steward, 3001), (&mut blind, 0)] {
        assert_eq!(one::<i64>(reader, theirs).await, wanted);
    }
    // One with a history, and one that was made without.
    let other: i64 = one(&mut owner, "select max(id) from exeat.access_requests").await;
    let sql = |id: &str| format!("select * from exeat.read('request', 'facts', '{{\"id\": {id}}}')");
    assert_eq!(work(&mut blind, &sql(&id)).await, work(&mut blind, &sql(&other.to_string())).await);
}
