//! Bearer tokens: those of the field work, and none of the attacks of RFC 8725 does.

use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use chrono::Utc;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::kit::{Served, ext_id, person, told};
use crate::support::desk::{desk, text};

/// A key pair: what signs, and the public half as PEM and as numbers of a JWK.
struct Key {
    signs: EncodingKey,
    public: String,
    jwk: Value,
}

fn pem(what: &str, der: &[u8]) -> String {
    let lines: Vec<_> =
        STANDARD.encode(der).into_bytes().chunks(64).map(|line| String::from_utf8(line.to_vec()).unwrap()).collect();
    format!("-----BEGIN {what}-----\n{}\n-----END {what}-----\n", lines.join("\n"))
}

fn p256(kid: &str) -> Key {
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
    let private = pair.to_pkcs8v1().unwrap();
    let point = pair.public_key().as_ref();
    let number = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let jwk = json!({"kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": kid,
        "x": number(&point[1..33]), "y": number(&point[33..65])});
    let public = pem("PUBLIC KEY", pair.public_key().as_der().unwrap().as_ref());
    Key { signs: EncodingKey::from_ec_pem(pem("PRIVATE KEY", private.as_ref()).as_bytes()).unwrap(), public, jwk }
}

fn rsa() -> Key {
    let pair = aws_lc_rs::rsa::KeyPair::generate(KeySize::Rsa2048).unwrap();
    let private = AsDer::<Pkcs8V1Der>::as_der(&pair).unwrap();
    let public = pem("PUBLIC KEY", pair.public_key().as_der().unwrap().as_ref());
    Key {
        signs: EncodingKey::from_rsa_pem(pem("PRIVATE KEY", private.as_ref()).as_bytes()).unwrap(),
        public,
        jwk: Value::Null,
    }
}

/// A server that knows three issuers: GHGA's (neither issuer nor audience), a login server with a key, one with JWKS.
struct Site {
    served: Served,
    ghga: Key,
    login: Key,
    keys: Keys,
    person: String,
}

fn site() -> &'static Site {
    static SITE: OnceLock<Site> = OnceLock::new();
    SITE.get_or_init(|| {
        let (ghga, login, keys) = (p256("own"), rsa(), Keys::serve());
        let folder = desk().dir.parent().unwrap().to_owned();
        for (name, key) in [("ghga.pem", &ghga), ("login.pem", &login)] {
            std::fs::write(folder.join(name), &key.public).unwrap();
        }
        let file = |name: &str| folder.join(name).display().to_string();
        let more = format!(
            "[[tokens]]\npublic_key = {:?}\nalgorithm = \"ES256\"\nsubject = \"id\"\nrequired = [\"name\", \"email\", \"iat\"]\nrights = [\"requests:read\", \"requests:write\", \"exeat:read\"]\n\
             [[tokens]]\nissuer = \"https://login.example\"\naudience = \"exeat\"\npublic_key = {:?}\nalgorithm = \"RS256\"\nrights = [\"exeat:read\", \"egress:vote\"]\n\
             [[tokens]]\nissuer = \"https://keys.example\"\naudience = \"exeat\"\njwks = \"{}\"\nalgorithm = \"ES256\"\nrights = [\"exeat:read\"]\n",
            file("ghga.pem"), file("login.pem"), keys.address
        );
        Site { served: Served::start(&more), ghga, login, keys, person: person(&["steward"]) }
    })
}

/// An issuer's address with its keys, and how often it was asked.
struct Keys {
    address: String,
    asked: Arc<AtomicUsize>,
    now: Arc<std::sync::Mutex<Vec<Value>>>,
    /// It takes questions and does not answer.
    silent: Arc<AtomicBool>,
}

impl Keys {
    fn serve() -> Self {
        let (asked, now) = (Arc::new(AtomicUsize::new(0)), Arc::new(std::sync::Mutex::new(Vec::new())));
        let silent = Arc::new(AtomicBool::new(false));
        let (counter, keys, says_nothing) = (Arc::clone(&asked), Arc::clone(&now), Arc::clone(&silent));
        let (tell, told) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
                tell.send(listener.local_addr().unwrap()).unwrap();
                let mut unanswered = Vec::new();
                loop {
                    let (mut stream, _) = listener.accept().await.unwrap();
                    counter.fetch_add(1, Ordering::SeqCst);
                    if says_nothing.load(Ordering::SeqCst) {
                        unanswered.push(stream);
                        continue;
                    }
                    let mut asked = [0; 4_096];
                    let _ = stream.read(&mut asked).await;
                    let body = json!({"keys": *keys.lock().unwrap()}).to_string();
                    let head =
                        format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
                    let _ = stream.write_all((head + &body).as_bytes()).await;
                }
            });
        });
        Self { address: format!("http://{}/keys", told.recv().unwrap()), asked, now, silent }
    }
}

fn now() -> i64 {
    Utc::now().timestamp()
}

fn ghga(login: &str) -> Value {
    json!({"id": ext_id(login), "name": "A person", "email": "p@example.org", "iat": now(), "exp": now() + 60})
}

fn of_login(login: &str) -> Value {
    json!({"iss": "https://login.example", "aud": "exeat", "sub": login, "iat": now(), "exp": now() + 60})
}

fn signed(algorithm: Algorithm, key: &Key, claims: &Value) -> String {
    encode(&Header::new(algorithm), claims, &key.signs).unwrap()
}

async fn ask(token: &str, path: &str) -> (u16, Value) {
    told(site().served.plain("GET", path).bearer_auth(token)).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_persons_token_is_that_person_and_nobody_else() {
    let site = site();
    let token = signed(Algorithm::ES256, &site.ghga, &ghga(&site.person));
    let (status, who) = ask(&token, "/exeat/whoami").await;
    assert_eq!((status, text(&who["login"])), (200, site.person.clone()));
    assert_eq!(ask(&token, "/access-requests").await.0, 200);
    assert_eq!(ask(&token, "/exeat/requests?as=steward1").await.0, 403);
    assert_eq!(ask(&token, "/access-grants").await.0, 403, "its issuer's tokens have no such right");
    let token = signed(Algorithm::RS256, &site.login, &of_login("checker1"));
    assert_eq!(ask(&token, "/exeat/egress").await.0, 200);
    let vote = site.served.plain("PUT", "/v1/heart/files/1/approve").bearer_auth(&token);
    let (status, body) = told(vote.json(&json!({"user_id": "checker2", "destination": "trusted"}))).await;
    assert_eq!((status, text(&body["message"])), (400, "user_id is not the sub of the token.".into()));
    // Replayed after the person left: however long it is good.
    let gone = person(&[]);
    let token = signed(Algorithm::ES256, &site.ghga, &ghga(&gone));
    assert_eq!(ask(&token, "/access-requests").await.0, 200);
    desk().psql(&format!("update exeat.people set removed_at = now() where login = '{gone}'"));
    assert_eq!(ask(&token, "/access-requests").await.0, 401);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_what_it_has_to_be_is_nobodys() {
    let site = site();
    let good = of_login("checker1");
    let with = |name: &str, value: Value| {
        let mut claims = good.clone();
        claims[name] = value;
        claims
    };
    let without = |name: &str| {
        let mut claims = good.clone();
        claims.as_object_mut().unwrap().remove(name);
        claims
    };
    for (claims, why) in [
        (with("aud", json!("another")), "another audience"),
        (with("aud", json!(["another", "more"])), "other audiences"),
        (without("aud"), "no audience"),
        (with("iss", json!("https://evil.example")), "another issuer"),
        (without("iss"), "no issuer"),
        (with("exp", json!(now() - 60)), "expired"),
        (without("exp"), "without end"),
        (with("exp", json!("2099-01-01")), "an end that is no number"),
        (with("nbf", json!(now() + 600)), "not yet valid"),
        (with("iat", json!(now() + 600)), "made in the future"),
        (without("sub"), "nobody's"),
        (with("sub", json!("")), "nobody's"),
        (with("sub", json!(["checker1"])), "not a text"),
        (with("sub", json!("no_such_person")), "unknown"),
    ] {
        let token = signed(Algorithm::RS256, &site.login, &claims);
        assert_eq!(ask(&token, "/exeat/egress").await.0, 401, "{why}");
    }
    let mut missing = ghga(&site.person);
    missing.as_object_mut().unwrap().remove("email");
    let mut another = ghga(&site.person);
    another["aud"] = json!("elsewhere");
    for claims in [missing, another] {
        assert_eq!(ask(&signed(Algorithm::ES256, &site.ghga, &claims), "/access-requests").await.0, 401, "{claims}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_token_does_not_choose_how_it_is_checked() {
    let site = site();
    let good = signed(Algorithm::RS256, &site.login, &of_login("checker1"));
    let [head, claims, signature] = good.split('.').collect::<Vec<_>>()[..] else { panic!("{good}") };
    let header = |header: Value| URL_SAFE_NO_PAD.encode(header.to_string());
    let hmac = {
        let key = Key {
            signs: EncodingKey::from_secret(site.login.public.as_bytes()),
            public: String::new(),
            jwk: Value::Null,
        };
        signed(Algorithm::HS256, &key, &of_login("checker1"))
    };
    let foreign = rsa();
    let own = p256("mine");
    let embedded = {
        let mut header = Header::new(Algorithm::ES256);
        header.jwk = Some(serde_json::from_value(own.jwk.clone()).unwrap());
        encode(&header, &of_login("checker1"), &own.signs).unwrap()
    };
    let critical = {
        // Signed as it stands: the header itself is what is wrong.
        let mut claims = of_login("checker1");
        claims["x"] = json!(1);
        let token = signed(Algorithm::RS256, &site.login, &claims);
        let rest = token.split_once('.').unwrap().1.to_owned();
        format!("{}.{rest}", header(json!({"alg": "RS256", "crit": ["exp"], "exp": 1})))
    };
    let doubled = URL_SAFE_NO_PAD.encode(r#"{"alg":"RS256","alg":"none"}"#);
    for (token, why) in [
        (format!("{}.{claims}.", header(json!({"alg": "none"}))), "none"),
        (format!("{}.{claims}.", header(json!({"alg": "NoNe"}))), "NoNe"),
        (format!("{}.{claims}.{signature}", header(json!({"alg": "none"}))), "none with a signature"),
        (hmac, "HS256 with the public key"),
        (format!("{head}.{claims}."), "no signature"),
        (format!("{head}.{claims}.{}", URL_SAFE_NO_PAD.encode([0; 256])), "a signature of zeros"),
        (signed(Algorithm::RS256, &foreign, &of_login("checker1")), "another's key"),
        (signed(Algorithm::ES256, &site.ghga, &of_login("checker1")), "another issuer's key"),
        (embedded, "its own key"),
        (critical, "crit"),
        (format!("{doubled}.{claims}.{signature}"), "an algorithm twice"),
        (format!("{head}.{claims}"), "two parts"),
        (format!("{good}.x"), "four parts"),
        (format!("{head}.{}.{signature}", URL_SAFE_NO_PAD.encode(of_login("admin1").to_string())), "other claims"),
        ("x".repeat(20_000), "long"),
        ("..".to_owned(), "empty parts"),
    ] {
        assert_eq!(ask(&token, "/exeat/egress").await.0, 401, "{why}");
    }
    assert_eq!(ask(&good, "/exeat/egress").await.0, 200);
}

/// A token of the issuer that publishes its keys.
fn of_keys(key: &Key, kid: &str) -> String {
    let mut header = Header::new(Algorithm::ES256);
    header.kid = Some(kid.to_owned());
    let mut claims = of_login("checker1");
    claims["iss"] = json!("https://keys.example");
    encode(&header, &claims, &key.signs).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_issuer_that_is_silent_holds_up_no_token_of_a_known_key() {
    let (keys, key) = (Keys::serve(), p256("k1"));
    *keys.now.lock().unwrap() = vec![key.jwk.clone()];
    let served = Arc::new(Served::start(&format!(
        "[[tokens]]\nissuer = \"https://keys.example\"\naudience = \"exeat\"\njwks = \"{}\"\nalgorithm = \"ES256\"\nrights = [\"exeat:read\"]\n",
        keys.address
    )));
    let ask = |token: String| {
        let served = Arc::clone(&served);
        tokio::spawn(async move { told(served.plain("GET", "/exeat/egress").bearer_auth(token)).await.0 })
    };
    assert_eq!(ask(of_keys(&key, "k1")).await.unwrap(), 200);
    keys.silent.store(true, Ordering::SeqCst);
    let begun = std::time::Instant::now();
    let unknown = loop {
        let asks = ask(of_keys(&key, "none"));
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        if keys.asked.load(Ordering::SeqCst) == 2 {
            break asks;
        }
        assert!(begun.elapsed().as_secs() < 60, "it was never asked again");
    };
    assert_eq!(ask(of_keys(&key, "k1")).await.unwrap(), 200);
    assert!(!unknown.is_finished(), "it had to wait for the issuer");
    assert_eq!(unknown.await.unwrap(), 401);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_token_writes_lines_of_the_log() {
    let site = site();
    let claims = URL_SAFE_NO_PAD.encode(of_login("checker1").to_string());
    for more in [
        json!({"jwk": {"kty": "EC\nforged", "crv": "\nforged", "x": "", "y": ""}}),
        json!({"jwk": {"kty": "EC", "alg": "x\nforged"}}),
        json!({"jwk": {"kty": "EC", "key_ops": {"\nforged": 1}, "alg": {"\nforged": 1}}}),
        json!({"enc": {"\nforged": 1}, "zip": ["\nforged"]}),
        json!({"x\nforged": ["\nforged"], "typ": {"\nforged": "\nforged"}}),
    ] {
        let mut header = more.clone();
        header["alg"] = json!("RS256");
        let token = format!("{}.{claims}.{}", URL_SAFE_NO_PAD.encode(header.to_string()), "AAAA");
        assert_eq!(ask(&token, "/exeat/egress").await.0, 401, "{more}");
    }
    let log = site.served.log();
    assert!(!log.contains("\nforged"), "{log}");
    // In words of this program, whatever the library quotes of a token.
    assert!(log.contains(r#"a token was refused why="it is not understood""#), "{log}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_are_fetched_when_they_change_and_not_for_every_unknown_one() {
    let site = site();
    let (first, second) = (p256("k1"), p256("k2"));
    let token = of_keys;
    *site.keys.now.lock().unwrap() = vec![first.jwk.clone()];
    assert_eq!(ask(&token(&first, "k1"), "/exeat/egress").await.0, 200);
    for _ in 0..5 {
        assert_eq!(ask(&token(&first, "k1"), "/exeat/egress").await.0, 200);
    }
    assert_eq!(site.keys.asked.load(Ordering::SeqCst), 1, "they are remembered");
    // A storm of keys nobody has, which ask the issuer once at most.
    for n in 0..60 {
        assert_eq!(ask(&token(&second, &format!("none{n}")), "/exeat/egress").await.0, 401);
    }
    assert!(site.keys.asked.load(Ordering::SeqCst) <= 3, "{:?}", site.keys.asked);
    assert_eq!(ask(&token(&second, "k1"), "/exeat/egress").await.0, 401, "the name of a key is not the key");
    *site.keys.now.lock().unwrap() = vec![second.jwk.clone()];
    let begun = std::time::Instant::now();
    while ask(&token(&second, "k2"), "/exeat/egress").await.0 != 200 {
        assert!(begun.elapsed().as_secs() < 60, "the new key was never fetched");
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    }
    assert_eq!(ask(&token(&first, "k1"), "/exeat/egress").await.0, 401, "the one before is over");
}
