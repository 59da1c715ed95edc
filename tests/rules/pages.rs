//! The lists page by page: whatever the order and the end they are read from, the pages together are the whole list, in order.

use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, PgConnection, Row};

use crate::support::pg::{Database, one, submitted};

type Read = (Vec<i64>, Vec<Value>);

/// One read of an area's list; its request as the text it is asked with.
async fn page(connection: &mut PgConnection, area: &str, request: &Value) -> Read {
    let rows = sqlx::query("select id, cursor from exeat.read($1, 'page', $2)")
        .bind(area)
        .bind(request)
        .fetch_all(connection)
        .await
        .unwrap_or_else(|error| panic!("{area} {request}: {error}"));
    (rows.iter().map(|row| row.get(0)).collect(), rows.iter().map(|row| row.get(1)).collect())
}

/// Every row by pages of seven; the whole list at once has to be the same, and the other direction the same backwards.
async fn pages(connection: &mut PgConnection, area: &str, filter: &str, sort: &str) -> Vec<i64> {
    let filter: Value = filter.parse().unwrap();
    let mut directions = Vec::new();
    for descending in [true, false] {
        let mut read = Vec::new();
        let mut request = json!({"filter": filter, "sort": sort, "descending": descending, "page": 7});
        loop {
            let (ids, cursors) = page(connection, area, &request).await;
            read.extend(&ids);
            match cursors.into_iter().last() {
                Some(cursor) if ids.len() == 7 => request["after"] = cursor,
                _ => break,
            }
        }
        let whole = json!({"filter": filter, "sort": sort, "descending": descending, "page": 1000});
        assert_eq!(read, page(connection, area, &whole).await.0, "{area} {filter} {sort} {descending}");
        directions.push(read);
    }
    let last = directions.pop().unwrap().into_iter().rev().collect::<Vec<_>>();
    assert_eq!(directions[0], last, "{area} {filter} {sort}");
    last
}

async fn sorted(owner: &mut PgConnection, table: &str, order: &str) -> Vec<i64> {
    one(owner, &format!("select array_agg(id order by {order} desc, id desc) from exeat.{table}")).await
}

#[tokio::test]
async fn pages_of_files_are_the_list() {
    let database = Database::fresh().await;
    let (mut owner, mut worker) = (database.owner().await, database.connect("exeat_worker_login").await);
    let mut researcher = database.connect("researcher1").await;
    for n in 0..20 {
        submitted(&mut researcher, &mut worker, "heart", "trusted", &format!("{:02}.csv", n * 7 % 20)).await;
    }
    // Some are over, many came at the same moment: the id decides.
    sqlx::raw_sql(
        "update exeat.file_versions set size = id % 3, state = case when id % 4 = 0 then 'withdrawn' else state end,
           submitted_at = date_trunc('day', submitted_at) - make_interval(mins => (id % 5)::int),
           claimed_until = clock_timestamp() + make_interval(hours => (id % 3)::int - 1);
         update exeat.cases set state = 'withdrawn' where version % 4 = 0",
    )
    .execute(&mut owner)
    .await
    .unwrap();
    let mut checker = database.connect("checker1").await;
    for more in [false, true] {
        if more {
            // With many projects one index over all of them gives the order.
            sqlx::raw_sql(
                "insert into exeat.projects (name, title, bucket, prefix, shared_bucket, shared_prefix, opened_at) select 'p' || n, 'P', 'b-' || n, '', 's-' || n, '', now() from generate_series(1, 9) n;
                 insert into exeat.memberships (person, project, role) select p.id, x.id, 'checker' from exeat.people p, exeat.projects x where p.login = 'checker1' and x.name like 'p_'",
            )
            .execute(&mut owner)
            .await
            .unwrap();
        }
        for sort in ["submitted_at", "key", "size", "state"] {
            let want = sorted(&mut owner, "file_versions", sort).await;
            assert_eq!(pages(&mut checker, "egress", "{}", sort).await, want, "{sort}");
            let open: Vec<i64> = one(&mut owner, &format!("select array_agg(id order by {sort} desc, id desc) from exeat.file_versions where state = 'pending'")).await;
            for filter in [
                r#"{"mine": true}"#,
                r#"{"state": ["pending"]}"#,
                r#"{"mine": true, "state": ["pending", "approved"]}"#,
            ] {
                assert_eq!(pages(&mut checker, "egress", filter, sort).await, open, "{filter} {sort}");
            }
            let claimed: Vec<i64> = one(&mut owner, &format!("select array_agg(id order by {sort} desc, id desc) from exeat.file_versions where claimed_until > clock_timestamp()")).await;
            assert!(claimed.len() > 2);
            assert_eq!(pages(&mut checker, "egress", r#"{"claimed": true}"#, sort).await, claimed, "{sort}");
            // What one submitted oneself, and is not over.
            assert_eq!(pages(&mut researcher, "egress", r#"{"mine": true}"#, sort).await, open, "{sort}");
        }
        let open: i64 = one(&mut owner, "select count(*) from exeat.file_versions where state = 'pending'").await;
        for connection in [&mut checker, &mut researcher] {
            let counted: i64 = one(
                connection,
                r#"select (item->>'counted')::bigint from exeat.read('egress', 'count', '{"filter": {"mine": true}}')"#,
            )
            .await;
            assert_eq!(counted, open);
        }
    }
}

#[tokio::test]
async fn pages_of_requests_and_grants_are_the_list() {
    let database = super::access::site().await;
    let mut owner = database.owner().await;
    sqlx::raw_sql(
        "insert into exeat.access_requests (person, dataset, dataset_title, dataset_description, dac_alias, dac_email, email, request_text,
             access_starts, access_ends, created_at, status, status_changed)
           select (select id from exeat.people where login = 'researcher' || 1 + n % 2), d.id, d.title, '', 'DAC', 'd@x.org', 'r@x.org', 'paper ' || n,
             t.at + make_interval(days => n % 6), t.at + make_interval(days => 30 + n % 7), t.at, case when n % 3 = 0 then 'pending' else 'allowed' end,
             case when n % 3 <> 0 then t.at end
           from generate_series(1, 40) n cross join lateral (select timestamptz '2026-01-01' + make_interval(days => n * 7 % 13) as at) t
             join exeat.datasets d on d.id = 1 + n % 3;
         insert into exeat.grants (person, dataset, valid_from, valid_until, request, created_at, created_by, revoked_at, revoke_class)
           select person, dataset, access_starts, access_ends + make_interval(years => (id % 2)::int), id, created_at, person,
             case when id % 5 = 0 then access_starts end, case when id % 5 = 0 then 'ended' end from exeat.access_requests where status = 'allowed'",
    )
    .execute(&mut owner)
    .await
    .unwrap();
    let mut steward = database.connect("steward1").await;
    let (dataset, login) = (
        "(select accession from exeat.datasets where id = dataset)",
        "(select login from exeat.people where id = person)",
    );
    for (sort, order) in [
        ("created", "created_at"),
        ("waits", "(status <> 'pending') desc, created_at"),
        ("starts", "access_starts"),
        ("ends", "access_ends"),
        ("dataset", dataset),
        ("login", login),
    ] {
        let want = sorted(&mut owner, "access_requests", order).await;
        assert_eq!(pages(&mut steward, "request", "{}", sort).await, want, "{sort}");
        let pending: Vec<i64> = one(&mut owner, &format!("select array_agg(id order by {order} desc, id desc) from exeat.access_requests where status = 'pending'")).await;
        for filter in [r#"{"mine": true}"#, r#"{"state": ["pending"]}"#, r#"{"overdue": true}"#] {
            assert_eq!(pages(&mut steward, "request", filter, sort).await, pending, "{filter} {sort}");
        }
    }
    for (sort, order) in [
        ("created", "created_at"),
        ("starts", "valid_from"),
        ("ends", "valid_until"),
        ("dataset", dataset),
        ("login", login),
    ] {
        let want = sorted(&mut owner, "grants", order).await;
        assert_eq!(pages(&mut steward, "grant", "{}", sort).await, want, "{sort}");
        let active: Vec<i64> = one(&mut owner, &format!("select array_agg(id order by {order} desc, id desc) from exeat.grants where revoked_at is null and valid_until > now()")).await;
        assert_eq!(pages(&mut steward, "grant", r#"{"state": ["active"]}"#, sort).await, active, "{sort}");
    }
    // A requester has their own and no others, in each form of the question.
    let mut own = database.connect("researcher1").await;
    let theirs: Vec<i64> = one(&mut owner, &format!("select array_agg(id order by created_at desc, id desc) from exeat.access_requests where {login} = 'researcher1'")).await;
    for filter in
        ["{}", r#"{"by": ["researcher1"]}"#, r#"{"words": ["paper"]}"#, r#"{"dataset": ["AB001", "AB002", "AB003"]}"#]
    {
        assert_eq!(pages(&mut own, "request", filter, "created").await, theirs, "{filter}");
        let counted: i64 = one(
            &mut own,
            &format!(
                "select (item->>'counted')::bigint from exeat.read('request', 'count', '{{\"filter\": {filter}}}')"
            ),
        )
        .await;
        assert_eq!(counted, i64::try_from(theirs.len()).unwrap());
    }
    let theirs: Vec<i64> = one(
        &mut owner,
        &format!(
            "select array_agg(id order by created_at desc, id desc) from exeat.grants where {login} = 'researcher1'"
        ),
    )
    .await;
    assert_eq!(pages(&mut own, "grant", "{}", "created").await, theirs);
}

#[tokio::test]
async fn pages_of_permits_are_the_list_for_whoever_reads_all_some_or_their_own() {
    let mut world = super::permits::World::new().await;
    let first = world.issue("null").await;
    // Copies in every status and two projects; nothing waits for the same moment in all of them, and the id decides.
    sqlx::raw_sql(AssertSqlSafe(format!(
        "insert into exeat.permits (reference, project, title, purpose, created_at, created_by, valid_from, valid_until, status, status_since,
             second_move, second_by, second_at)
           select 'X-' || n, (select id from exeat.projects where name = case when n % 4 = 0 then 'lungs' else 'heart' end), 'T ' || n % 5, '', t.at, p.created_by,
             p.valid_from, p.valid_until + make_interval(days => n % 3), s.ids[1 + n % cardinality(s.ids)], t.at,
             case when n % 13 = 0 then 'revoke' end, case when n % 13 = 0 then p.created_by end, case when n % 13 = 0 then t.at end
           from exeat.permits p, generate_series(1, 60) n cross join lateral (select timestamptz '2026-01-01' + make_interval(days => n * 7 % 9) as at) t,
             (select array_agg(status order by status) as ids from exeat.permit_stages()) s where p.id = {first};
         insert into exeat.permit_team (permit, person, role, rests_on, added_by, confirmed_at)
           select x.id, t.person, t.role, t.rests_on, t.added_by, t.confirmed_at from exeat.permits x, exeat.permit_team t
           where t.permit = {first} and x.id % 3 = 0 and x.id <> t.permit;
         insert into exeat.memberships (person, project, role) select q.id, p.id, 'permit_manager' from exeat.people q, exeat.projects p
           where q.login = 'checker3' and p.name = 'lungs'"
    )))
    .execute(&mut world.owner)
    .await
    .unwrap();
    let idle = "(second_move is null and status not in ('AWAITING_INGRESS', 'INGRESS_IN_PROGRESS', 'DATA_PREPARATION_PENDING', 'DATA_PREPARATION_REWORK',
      'DATA_PREPARATION_REVIEW_PENDING', 'WORKSPACE_SETUP_PENDING', 'WORKSPACE_SETUP_REWORK', 'WORKSPACE_SETUP_REVIEW_PENDING'))";
    let named =
        "id in (select permit from exeat.permit_team t join exeat.people p on p.id = t.person where p.login = 'LOGIN')";
    for (login, theirs) in [
        ("auditor1", "true".to_owned()),
        ("preparator1", named.replace("LOGIN", "preparator1")),
        (
            "checker3",
            format!(
                "{} or project = (select id from exeat.projects where name = 'lungs')",
                named.replace("LOGIN", "checker3")
            ),
        ),
    ] {
        for (sort, order) in [
            ("created", "created_at".to_owned()),
            ("ends", "valid_until".to_owned()),
            ("reference", "reference collate \"C\"".to_owned()),
            ("title", "title collate \"C\"".to_owned()),
            ("waits", format!("{idle} desc, status_since")),
        ] {
            for (filter, which) in [
                ("{}", "true"),
                (r#"{"words": ["t 3"]}"#, "title = 'T 3'"),
                (r#"{"stage": ["over"]}"#, "status in ('ARCHIVED', 'REVOKED', 'DELETED')"),
            ] {
                let sql = format!(
                    "select coalesce(array_agg(id order by {order} desc, id desc), '{{}}') from exeat.permits where ({theirs}) and {which}"
                );
                let want: Vec<i64> = one(&mut world.owner, &sql).await;
                assert!(want.len() > 1, "{login} {filter}");
                let read = pages(world.person(login).await, "permit", filter, sort).await;
                assert_eq!(read, want, "{login} {filter} {sort}");
            }
        }
    }
}
