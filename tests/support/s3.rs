//! Real S3 stores for the tests: SeaweedFS with an identity for each part, moto's server, and the local store.
//! Each runs once for the whole test program, on free ports of 127.0.0.1, and ends with it. Tests make buckets of
//! their own.

use std::io::{BufRead, BufReader};
use std::net::{TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use aws_sdk_s3::Client;
use aws_sdk_s3::config::{BehaviorVersion, Builder, Credentials, Region, RequestChecksumCalculation};
use aws_sdk_s3::types::{BucketVersioningStatus, VersioningConfiguration};
use exeat::config::{Secret, WorkerS3};

/// Runs a program until the pipe of its guard closes, which also happens when the test program is killed.
const GUARD: &str =
    r#"folder=$1; shift; "$@" >"$folder/log" 2>&1 & pid=$!; echo $pid; read -r _; kill -9 $pid; rm -rf "$folder""#;

/// Who asks: the identities SeaweedFS knows. moto believes everyone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// Makes buckets; stands for the site.
    Site,
    /// The worker: the only one that may write staging and shared.
    Worker,
    /// A researcher's tools inside the environment: reads and writes candidates.
    Tools,
    /// Another account that may read what was shared.
    Reader,
    /// Reads, writes and lists below `heart/` of one bucket, and may ask nothing of the bucket itself.
    Blind,
}

impl Who {
    const ALL: [Self; 5] = [Self::Site, Self::Worker, Self::Tools, Self::Reader, Self::Blind];

    fn name(self) -> &'static str {
        match self {
            Self::Site => "site",
            Self::Worker => "worker",
            Self::Tools => "tools",
            Self::Reader => "reader",
            Self::Blind => "blind",
        }
    }

    fn secret(self) -> String {
        format!("{}-secret-of-the-tests", self.name())
    }

    fn actions(self) -> &'static [&'static str] {
        match self {
            Self::Site => &["Admin", "Read", "Write", "List", "Tagging"],
            Self::Worker => &[
                "Read:candidates*",
                "List:candidates*",
                "Write:candidates*",
                "Read:staging*",
                "List:staging*",
                "Write:staging*",
                "Read:shared*",
                "List:shared*",
                "Write:shared*",
            ],
            Self::Tools => &["Read:candidates*", "List:candidates*", "Write:candidates*"],
            Self::Reader => &["Read:shared*", "List:shared*"],
            Self::Blind => &["Read:blind/heart*", "List:blind/heart*", "Write:blind/heart*"],
        }
    }
}

/// A running store.
pub struct S3 {
    /// For messages.
    pub name: &'static str,
    /// Its address.
    pub endpoint: String,
    // the program and its folder go when the test program ends
    _guard: Child,
}

/// The buckets of one test.
#[derive(Clone, Debug)]
pub struct Buckets {
    pub candidates: String,
    pub staging: String,
    pub shared: String,
}

impl S3 {
    /// The store as a worker's configuration names it.
    pub fn site(&self, who: Who) -> WorkerS3 {
        WorkerS3 {
            endpoint: Some(self.endpoint.clone()),
            region: "us-east-1".into(),
            access_key_id: Some(who.name().into()),
            secret_access_key: Some(Secret::new(who.secret())),
            path_style: true,
            staging: "s3://staging/".into(),
        }
    }

    /// exeat's own client.
    pub async fn store(&self, who: Who) -> exeat::objects::Store {
        exeat::objects::Store::open(&self.site(who)).await
    }

    /// The SDK's client, for what exeat never does.
    pub fn sdk(&self, who: Who) -> Client {
        let settings = Builder::new()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("us-east-1"))
            .endpoint_url(&self.endpoint)
            .force_path_style(true)
            .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
            .credentials_provider(Credentials::new(who.name(), who.secret(), None, None, "tests"));
        Client::from_conf(settings.build())
    }

    /// New buckets; candidates and shared keep versions if asked.
    pub async fn buckets(&self, versioned: bool) -> Buckets {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let n = format!("{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let buckets = Buckets {
            candidates: format!("candidates-{n}"),
            staging: format!("staging-{n}"),
            shared: format!("shared-{n}"),
        };
        let sdk = self.sdk(Who::Site);
        for bucket in [&buckets.candidates, &buckets.staging, &buckets.shared] {
            sdk.create_bucket().bucket(bucket).send().await.unwrap();
            if versioned && bucket != &buckets.staging {
                let on = VersioningConfiguration::builder().status(BucketVersioningStatus::Enabled).build();
                sdk.put_bucket_versioning().bucket(bucket).versioning_configuration(on).send().await.unwrap();
            }
        }
        buckets
    }

    /// Writes an object as someone.
    pub async fn put(&self, who: Who, bucket: &str, key: &str, body: &[u8]) {
        let body = aws_sdk_s3::primitives::ByteStream::from(body.to_vec());
        self.sdk(who).put_object().bucket(bucket).key(key).body(body).send().await.unwrap();
    }
}

/// SeaweedFS, started on first use.
pub fn seaweed() -> &'static S3 {
    static STORE: OnceLock<S3> = OnceLock::new();
    STORE.get_or_init(|| {
        let folder = tempfile::Builder::new().prefix("exeat-weed-").tempdir().unwrap().keep();
        let identities = Who::ALL.map(|who| {
            let keys = serde_json::json!([{"accessKey": who.name(), "secretKey": who.secret()}]);
            serde_json::json!({"name": who.name(), "credentials": keys, "actions": who.actions()})
        });
        let settings = folder.join("s3.json");
        std::fs::write(&settings, serde_json::json!({ "identities": identities }).to_string()).unwrap();
        let [master, volume, filer, s3] = free_ports();
        let arguments = [
            "weed".to_owned(),
            "server".into(),
            format!("-dir={}", folder.display()),
            "-ip=127.0.0.1".into(),
            "-ip.bind=127.0.0.1".into(),
            format!("-master.port={master}"),
            format!("-volume.port={volume}"),
            format!("-filer.port={filer}"),
            "-volume.max=5000".into(),
            // one percent of the disk otherwise, below which every volume is read-only and each write an InternalError
            "-volume.minFreeSpace=64MiB".into(),
            "-s3".into(),
            format!("-s3.port={s3}"),
            format!("-s3.config={}", settings.display()),
            // on fixed ports otherwise, so that two of them could not run beside each other
            "-s3.port.iceberg=0".into(),
            "-s3.port.lance=0".into(),
            format!("-filer.localSocket={}", folder.join("filer.sock").display()),
            format!("-s3.localSocket={}", folder.join("s3.sock").display()),
            "-master.telemetry=false".into(),
        ];
        start("SeaweedFS", &folder, &arguments, s3)
    })
}

/// moto's server, started on first use.
pub fn moto() -> &'static S3 {
    static STORE: OnceLock<S3> = OnceLock::new();
    STORE.get_or_init(|| {
        let folder = tempfile::Builder::new().prefix("exeat-moto-").tempdir().unwrap().keep();
        let [port, ..] = free_ports();
        let arguments = ["moto_server", "-H", "127.0.0.1", "-p", &port.to_string()].map(str::to_owned);
        start("moto", &folder, &arguments, port)
    })
}

/// The local desk's own store, started on first use on a thread of its own.
pub fn local() -> &'static S3 {
    static STORE: OnceLock<S3> = OnceLock::new();
    STORE.get_or_init(|| {
        let (tell, told) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let folder = tempfile::Builder::new().prefix("exeat-store-").tempdir().unwrap().keep();
            let guard = removed_at_the_end(&folder);
            let keys = Who::ALL.map(|who| exeat::local::store::AccessKey::all(who.name(), &who.secret())).to_vec();
            let store = exeat::local::store::Store::open(&folder, keys, false).unwrap();
            let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
            runtime.block_on(async {
                let mut server = exeat::local::store::serve(store, "127.0.0.1:0".parse().unwrap()).await.unwrap();
                tell.send((server.endpoint(), guard)).unwrap();
                server.ended().await;
            });
        });
        let (endpoint, guard) = told.recv().unwrap();
        S3 { name: "local", endpoint, _guard: guard }
    })
}

/// Whoever waits for the test program's end, to remove a folder: nothing of this program runs by then.
fn removed_at_the_end(folder: &std::path::Path) -> Child {
    Command::new("sh")
        .args(["-c", r#"read -r _; rm -rf "$1""#, "guard"])
        .arg(folder)
        .stdin(Stdio::piped())
        .process_group(0)
        .spawn()
        .unwrap()
}

fn start(name: &'static str, folder: &std::path::Path, arguments: &[String], port: u16) -> S3 {
    let mut guard = Command::new("sh")
        .args(["-c", GUARD, "guard"])
        .arg(folder)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut pid = String::new();
    BufReader::new(guard.stdout.take().unwrap()).read_line(&mut pid).unwrap();
    let store = S3 { name, endpoint: format!("http://127.0.0.1:{port}"), _guard: guard };
    let begun = Instant::now();
    let log = || std::fs::read_to_string(folder.join("log")).unwrap_or_default();
    while !answers(&store) {
        let gone = !std::path::Path::new(&format!("/proc/{}", pid.trim())).exists();
        assert!(!gone, "{name} ended: is it installed? `make engines` does that. {}", log());
        assert!(begun.elapsed() < Duration::from_mins(2), "{name} does not answer: {}", log());
        std::thread::sleep(Duration::from_millis(100));
    }
    store
}

/// Whether the store serves a signed request: an open port is not enough with SeaweedFS.
fn answers(store: &S3) -> bool {
    let address = store.endpoint.trim_start_matches("http://").parse().unwrap();
    if TcpStream::connect_timeout(&address, Duration::from_secs(1)).is_err() {
        return false;
    }
    let sdk = store.sdk(Who::Site);
    // on a thread of its own: the caller may already be inside a runtime
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let bucket = "answers";
        runtime.block_on(async {
            let _ = sdk.create_bucket().bucket(bucket).send().await;
            sdk.put_object().bucket(bucket).key("x").body(b"x".to_vec().into()).send().await.is_ok()
        })
    })
    .join()
    .unwrap()
}

/// Four free ports whose number plus 10,000 is free too: SeaweedFS takes that one for gRPC.
fn free_ports() -> [u16; 4] {
    let free = |port: u16| TcpListener::bind(("127.0.0.1", port)).is_ok();
    let mut found = Vec::new();
    while found.len() < 4 {
        let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
        let port = 20_000 + port % 12_000;
        if !found.contains(&port) && free(port) && free(port + 10_000) {
            found.push(port);
        }
    }
    [found[0], found[1], found[2], found[3]]
}
