//! The private PostgreSQL: made once, started, killed and started again.

use std::os::unix::fs::MetadataExt;
use std::time::{Duration, Instant};

use exeat::local::postgres::{Cluster, PostgresError, Running, SUPERUSER};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions, Connection, Row};

async fn connect(running: &Running) -> PgConnection {
    PgConnectOptions::new_without_pgpass()
        .host(running.socket_dir().to_str().unwrap())
        .username(SUPERUSER)
        .database("postgres")
        .connect()
        .await
        .unwrap()
}

#[tokio::test]
async fn starts_stops_and_keeps_what_was_committed() {
    let dir = tempfile::tempdir().unwrap();
    let cluster = Cluster::at(dir.path()).unwrap();
    let begun = Instant::now();
    let mut running = cluster.start().unwrap();
    println!("initdb and start: {:?}", begun.elapsed());
    let mut connection = connect(&running).await;
    sqlx::raw_sql("create table kept (n int); insert into kept values (7)").execute(&mut connection).await.unwrap();
    let listens: String = sqlx::query("show listen_addresses").fetch_one(&mut connection).await.unwrap().get(0);
    assert_eq!(listens, "", "no TCP");
    connection.close().await.unwrap();
    running.stop();
    assert!(!running.is_alive());
    let begun = Instant::now();
    let running = cluster.start().unwrap();
    println!("start: {:?}", begun.elapsed());
    let n: i32 = sqlx::query("select n from kept").fetch_one(&mut connect(&running).await).await.unwrap().get(0);
    assert_eq!(n, 7);
    let socket = std::fs::metadata(running.socket_dir()).unwrap();
    assert_eq!(socket.mode() & 0o777, 0o700, "the socket's folder is open to its owner only");
}

#[tokio::test]
async fn comes_back_after_a_kill() {
    let dir = tempfile::tempdir().unwrap();
    let cluster = Cluster::at(dir.path()).unwrap();
    let mut running = cluster.start().unwrap();
    let mut connection = connect(&running).await;
    sqlx::raw_sql("create table kept (n int)").execute(&mut connection).await.unwrap();
    kill(Pid::from_raw(i32::try_from(running.pid()).unwrap()), Signal::SIGKILL).unwrap();
    while running.is_alive() {
        std::thread::sleep(Duration::from_millis(5));
    }
    // A pid file naming a live process that is not PostgreSQL: the number was given to someone else.
    let pid_file = cluster.data_dir().join("postmaster.pid");
    let text = std::fs::read_to_string(&pid_file).unwrap();
    let (_, rest) = text.split_once('\n').unwrap();
    std::fs::write(&pid_file, format!("{}\n{rest}", std::process::id())).unwrap();
    let running = cluster.start().unwrap();
    sqlx::raw_sql("select n from kept").execute(&mut connect(&running).await).await.unwrap();
}

#[tokio::test]
async fn takes_over_from_a_killed_supervisor() {
    let dir = tempfile::tempdir().unwrap();
    let cluster = Cluster::at(dir.path()).unwrap().without_fsync();
    let mut orphan = cluster.start().unwrap();
    let second = cluster.start().unwrap();
    assert!(!orphan.is_alive(), "two servers never share a folder");
    sqlx::raw_sql("select 1").execute(&mut connect(&second).await).await.unwrap();
}

#[tokio::test]
async fn ends_with_the_process_that_watches() {
    let dir = tempfile::tempdir().unwrap();
    let cluster = Cluster::at(dir.path()).unwrap().without_fsync();
    let mut running = cluster.start().unwrap();
    let mut watcher = running.end_with_this_process().unwrap();
    drop(watcher.stdin.take());
    watcher.wait().unwrap();
    let begun = Instant::now();
    while running.is_alive() && begun.elapsed() < Duration::from_secs(20) {
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(!running.is_alive());
}

#[test]
fn a_socket_path_too_long_is_said_in_one_sentence() {
    let long = std::path::PathBuf::from(format!("/tmp/{}", "d".repeat(90)));
    let Err(error @ PostgresError::LongSocket { .. }) = Cluster::at(&long) else { panic!("it should not fit") };
    assert!(error.to_string().contains("shorter --dir"), "{error}");
}

#[test]
fn a_parent_folder_without_the_x_bit_is_named() {
    if !nix::unistd::Uid::effective().is_root() {
        return; // Only root drops to another uid; an ordinary user cannot make such a folder for itself.
    }
    let above = tempfile::tempdir().unwrap();
    std::fs::set_permissions(above.path(), std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    let Err(error) = Cluster::at(&above.path().join("desk")).unwrap().start() else { panic!("it should not start") };
    assert!(error.to_string().contains("lacks the x bit"), "{error}");
}
