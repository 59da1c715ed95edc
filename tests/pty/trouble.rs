//! What is away or wrong when the desk opens: the first frame comes all the same, one sentence says what to do, and `r`
//! tries again.

use sqlx::AssertSqlSafe;

use super::terminal::{Terminal, config};
use crate::support::pg::{Database, done, one};

fn wait<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

fn fresh() -> Database {
    wait(Database::fresh())
}

#[test]
fn a_bad_configuration_is_said_and_read_again() {
    let database = fresh();
    let dir = tempfile::tempdir().unwrap();
    let file = config(dir.path(), Database::host(), &database.name, "checker1");
    let good = std::fs::read_to_string(&file).unwrap();
    // A file that is replaced is never seen half written.
    let write = |text: &str| {
        std::fs::write(dir.path().join("next"), text).unwrap();
        std::fs::rename(dir.path().join("next"), &file).unwrap();
    };
    write(&good.replace("host", "hots"));
    let mut terminal = Terminal::open(&file, 80, 24);
    terminal.shows("1 Egress Files");
    terminal.shows("no setting hots here");
    terminal.shows("r tries again");
    write(&good.replace("host", "hosd"));
    terminal.send("r");
    terminal.shows("no setting hosd here");
    write(&good);
    terminal.send("r");
    terminal.shows("live");
    terminal.send("q");
    assert!(terminal.ended().success());
}

#[test]
fn leaving_a_bad_configuration_says_it_once_more_and_fails() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("no.toml");
    let mut terminal = Terminal::open(&file, 80, 24);
    terminal.shows("Cannot read the configuration");
    terminal.send("q");
    assert_eq!(terminal.ended().exit_code(), 3);
    assert!(!terminal.alternate());
    terminal.shows("Cannot read the configuration");
}

#[test]
fn a_database_without_the_tables_names_the_command_that_makes_them() {
    let dir = tempfile::tempdir().unwrap();
    fresh();
    let mut terminal = Terminal::open(&config(dir.path(), Database::host(), "postgres", "checker1"), 80, 24);
    terminal.shows("exeat db migrate");
    terminal.send("q");
    assert!(terminal.ended().success());
}

#[test]
fn without_a_worker_it_says_what_cannot_be_done() {
    let database = fresh();
    let dir = tempfile::tempdir().unwrap();
    let mut terminal = Terminal::open(&config(dir.path(), Database::host(), &database.name, "checker1"), 80, 24);
    terminal.shows("No worker is alive");
    terminal.send("q");
    assert!(terminal.ended().success());
}

#[test]
fn an_older_schema_is_said_and_r_goes_on_once_it_is_migrated() {
    let database = fresh();
    let number = |body: &str| {
        let sql =
            format!("create or replace function exeat.schema_number() returns int language sql immutable as '{body}'");
        wait(async { sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut database.owner().await).await.unwrap() });
    };
    let now: i32 = wait(async { one(&mut database.owner().await, "select exeat.schema_number()").await });
    number("select 0");
    let dir = tempfile::tempdir().unwrap();
    let mut terminal = Terminal::open(&config(dir.path(), Database::host(), &database.name, "checker1"), 120, 30);
    terminal.shows("1 Egress Files");
    terminal.shows("schema 0");
    number(&format!("select {now}"));
    terminal.send("r");
    terminal.shows("live");
    terminal.send("q");
    assert!(terminal.ended().success());
}

#[test]
fn a_wrong_password_is_said_and_r_takes_the_right_one() {
    const ROLE: &str = "careful_of_the_desk";
    let database = fresh();
    let hba: String = wait(async {
        let mut owner = database.owner().await;
        let role = format!("create role {ROLE} login in role exeat_person password 'right'");
        sqlx::raw_sql(AssertSqlSafe(role)).execute(&mut owner).await.unwrap();
        let mut admin = database.connect("admin1").await;
        done(&mut admin, "add_login", &[ROLE, "nobody1"]).await;
        one(&mut owner, "show hba_file").await
    });
    let rules = std::fs::read_to_string(&hba).unwrap();
    std::fs::write(&hba, format!("local all {ROLE} scram-sha-256\n{rules}")).unwrap();
    wait(async {
        let mut owner = database.owner().await;
        assert!(one::<bool>(&mut owner, "select pg_reload_conf()").await);
        // The rules are those of the file once a connection without a password is refused.
        let refused = format!("select count(*) from pg_hba_file_rules where user_name = '{{{ROLE}}}'");
        assert_eq!(one::<i64>(&mut owner, &refused).await, 1);
    });
    std::thread::sleep(std::time::Duration::from_millis(300));
    let dir = tempfile::tempdir().unwrap();
    let secret = dir.path().join("password");
    let keep = |password: &str| {
        std::fs::write(&secret, password).unwrap();
        std::fs::set_permissions(&secret, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    };
    keep("hush-wrong");
    let file = config(dir.path(), Database::host(), &database.name, ROLE);
    let text = std::fs::read_to_string(&file).unwrap();
    let named = format!("[database]\npassword_file = \"{}\"", secret.display());
    std::fs::write(&file, text.replace("[database]", &named)).unwrap();
    let mut terminal = Terminal::open(&file, 120, 30);
    terminal.shows("1 Egress Files");
    terminal.shows("refused the password");
    keep("right");
    terminal.send("r");
    terminal.shows("live");
    terminal.send("q");
    assert!(terminal.ended().success());
    assert!(!String::from_utf8_lossy(&terminal.raw()).contains("hush"));
}
