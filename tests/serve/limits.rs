//! How often somebody may ask, and how many wrong secrets may come from one address.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use reqwest::Response;

use super::kit::{Credential, Served, rights, served};
use crate::support::desk::desk;

/// What tells a client what to do.
fn again(answer: &Response) -> u64 {
    answer.headers()["retry-after"].to_str().unwrap().parse().unwrap()
}

/// Asks until the answer has another status.
async fn until_not(server: &Served, who: &Credential, path: &str, status: u16) -> Response {
    let begun = Instant::now();
    loop {
        let answer = server.ask_as(who, "GET", path).send().await.unwrap();
        if answer.status() != status {
            return answer;
        }
        assert!(begun.elapsed() < Duration::from_mins(1), "{path} goes on with {status}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_asks_too_often_is_told_when_to_come_again_and_nobody_else_is() {
    let server = served().another("per_second = 1\nburst = 5\n");
    let often = served().credential(&["--for", "*", "--right", &rights()]);
    let path = "/exeat/whoami?as=checker1";
    let answer = until_not(&server, &often, path, 200).await;
    assert_eq!((answer.status().as_u16(), again(&answer)), (429, 1));
    assert_eq!(answer.json::<serde_json::Value>().await.unwrap()["error"]["code"], "too_many");
    let other = server.ask("GET", path).send().await.unwrap();
    assert_eq!(other.status(), 200, "another credential has its own");
    // In the words of each contract.
    for (path, field) in [("/v1/heart/events", "message"), ("/access-grants", "detail"), ("/api/permits", "message")] {
        let begun = Instant::now();
        let body = loop {
            let answer = server.ask_as(&often, "GET", path).send().await.unwrap();
            if answer.status() == 429 {
                break answer.json::<serde_json::Value>().await.unwrap();
            }
            assert!(begun.elapsed() < Duration::from_mins(1));
        };
        assert!(body[field].as_str().unwrap().contains("ask less often"), "{body}");
    }
    assert_eq!(until_not(&server, &often, path, 429).await.status(), 200, "it may again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_guesses_secrets_is_stopped_where_they_are() {
    let server = served().another("wrong_per_minute = 3\ntrusted_proxies = [\"127.0.0.1\"]\n");
    let good = served().credential(&["--for", "*", "--right", "exeat:read"]);
    let fresh = served().credential(&["--for", "*", "--right", "exeat:read"]);
    let wrong = Credential { secret: "wrong".into(), ..good.clone() };
    let nobody = Credential { name: "nobody".into(), secret: "wrong".into() };
    let ask = async |server: &Served, who: &Credential, from: &str| {
        let request = server.ask_as(who, "GET", "/exeat/whoami?as=checker1").header("x-forwarded-for", from);
        request.send().await.unwrap()
    };
    assert_eq!(ask(&server, &good, "198.51.100.1").await.status(), 200);
    for who in [&wrong, &nobody, &wrong] {
        assert_eq!(ask(&server, who, "198.51.100.1").await.status(), 401);
    }
    for who in [&wrong, &nobody, &fresh] {
        let answer = ask(&server, who, "198.51.100.1").await;
        assert_eq!((answer.status().as_u16(), again(&answer) <= 20), (429, true));
    }
    assert_eq!(ask(&server, &good, "198.51.100.1").await.status(), 200, "it was good before");
    assert_eq!(ask(&server, &wrong, "198.51.100.2").await.status(), 401, "another address is another's");
    assert_eq!(ask(&server, &fresh, "198.51.100.2").await.status(), 200);
    // A proxy nobody named says nothing of it: however many addresses a guesser makes up, it is one.
    let server = served().another("wrong_per_minute = 3\n");
    for n in 0..3 {
        assert_eq!(ask(&server, &wrong, &format!("198.51.100.{n}")).await.status(), 401);
    }
    assert_eq!(ask(&server, &wrong, "198.51.100.99").await.status(), 429);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_ipv6_a_network_is_one_address_and_who_guesses_there_asks_the_database_nothing() {
    let server = served().another("wrong_per_minute = 2\ntrusted_proxies = [\"127.0.0.1\"]\n");
    let wrong = Credential { name: "nobody".into(), secret: "wrong".into() };
    let ask = async |from: &str| {
        let request = server.ask_as(&wrong, "GET", "/exeat/whoami?as=checker1").header("x-forwarded-for", from);
        request.send().await.unwrap().status().as_u16()
    };
    assert_eq!((ask("2001:db8::1").await, ask("2001:db8::ffff:0:0:2").await), (401, 401));
    assert_eq!((ask("2001:db8::3").await, ask("2001:db8:0:1::1").await), (429, 401));
    // While nobody can read a credential: whoever would, has to wait.
    let mut psql = Command::new("psql")
        .args(["-qtAX", "-v", "ON_ERROR_STOP=1", "-U", "exeat_admin", "-d", "exeat", "-h"])
        .arg(desk().dir.join("socket"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut held = psql.stdin.take().unwrap();
    held.write_all(b"begin; lock table exeat.credentials in access exclusive mode; select 'held';\n").unwrap();
    let mut line = String::new();
    BufReader::new(psql.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert_eq!((line.as_str(), ask("2001:db8::4").await), ("held\n", 429));
    drop(held);
    assert!(psql.wait().unwrap().success());
}
