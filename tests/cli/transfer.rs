//! submit, refresh, download.

use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

use serde_json::json;

use crate::support::desk::{desk, text, unique};

#[test]
fn a_submission_is_bound_when_it_returns() {
    let desk = desk();
    let folder = tempfile::tempdir().unwrap();
    let name = unique("paper");
    let below = folder.path().join(&name).join("tables");
    std::fs::create_dir_all(&below).unwrap();
    std::fs::write(below.join("one.csv"), "a,b\n1,2\n").unwrap();
    std::fs::write(below.join("empty"), "").unwrap();
    symlink("/etc/passwd", below.join("link")).unwrap();
    let single = folder.path().join(name.clone() + ".txt");
    std::fs::write(&single, "text").unwrap();
    let paths = [folder.path().join(&name), single];
    let args: Vec<&str> = ["egress", "submit"]
        .into_iter()
        .chain(paths.iter().map(|path| path.to_str().unwrap()))
        .chain(["--project", "heart", "--destination", "trusted", "--purpose", "table 2 of the paper"])
        .collect();
    let made = desk.json("researcher1", &args);
    assert!(made["submission"].is_string());
    let items = made["items"].as_array().unwrap();
    let mut keys: Vec<String> = items.iter().map(|item| text(&item["key"])).collect();
    keys.sort();
    let mut wanted = vec![format!("{name}.txt"), format!("{name}/tables/empty"), format!("{name}/tables/one.csv")];
    wanted.sort();
    assert_eq!(keys, wanted, "the link was not followed");
    for item in items {
        assert_eq!(
            (&item["submission"], item["submitted_by"].as_str(), item["purpose"].as_str()),
            (&made["submission"], Some("researcher1"), Some("table 2 of the paper"))
        );
        assert!(item["destinations"]["trusted"].is_object());
    }
    // The same bytes again are bound at once to the new submission.
    let again = desk.json("researcher1", &args);
    assert_eq!(again["items"].as_array().unwrap().len(), 3);
    assert_ne!(again["submission"], made["submission"]);
    // For another destination: each says who asked and what for.
    let mut world = args.clone();
    world[args.len() - 3] = "world";
    world[args.len() - 1] = "the press release";
    let world = desk.json("researcher1", &world);
    let places = &world["items"][0]["destinations"];
    assert_eq!(places["trusted"]["asked"][0]["purpose"], "table 2 of the paper");
    // Asked for twice by the same person: the newest asking stands.
    assert_eq!(places["trusted"]["asked"].as_array().unwrap().len(), 1);
    assert_eq!(places["trusted"]["asked"][0]["submission"], again["submission"]);
    assert_eq!(
        places["world"]["asked"],
        json!([{"submission": world["submission"], "by": "researcher1", "purpose": "the press release"}])
    );
}

#[test]
fn what_cannot_be_submitted_is_refused_with_its_reason() {
    let desk = desk();
    let folder = tempfile::tempdir().unwrap();
    for part in ["a", "b"] {
        std::fs::create_dir(folder.path().join(part)).unwrap();
        std::fs::write(folder.path().join(part).join("same.txt"), part).unwrap();
    }
    let (a, b) = (folder.path().join("a/same.txt"), folder.path().join("b/same.txt"));
    let (a, b) = (a.to_str().unwrap(), b.to_str().unwrap());
    let rest = ["--project", "heart", "--destination", "trusted", "--purpose", "p"];
    let same = desk.run("researcher1", &[&["egress", "submit", a, b], &rest[..]].concat());
    assert!(same.exit == 2 && same.err.contains("same.txt"), "{same:?}");
    let dev = desk.run("researcher1", &[&["egress", "submit", "/dev/null"], &rest[..]].concat());
    assert_eq!(dev.exit, 2, "{dev:?}");
    let no_purpose = ["egress", "submit", a, "--project", "heart", "--destination", "trusted", "--purpose", " "];
    assert_eq!(desk.run("researcher1", &no_purpose).exit, 2);
    let no_place = ["egress", "submit", a, "--project", "heart", "--destination", "mars", "--purpose", "p"];
    assert_eq!(desk.run("researcher1", &no_place).exit, 2);
    let no_project = ["egress", "submit", a, "--project", "nowhere", "--destination", "trusted", "--purpose", "p"];
    assert_eq!(desk.run("researcher1", &no_project).exit, 5);
    assert_eq!(desk.run("checker1", &[&["egress", "submit", a], &rest[..]].concat()).exit, 5, "no researcher");
}

#[test]
fn only_released_files_are_downloaded() {
    let desk = desk();
    let item = desk.file();
    let to = tempfile::tempdir().unwrap();
    let id = text(&item["id"]);
    let args = ["egress", "download", &id, "--to", to.path().to_str().unwrap(), "--json"];
    for login in ["researcher1", "checker1"] {
        let ran = desk.run(login, &args);
        assert_eq!((ran.exit, ran.code().as_str()), (5, "not_released"), "{ran:?}");
    }
    assert_eq!(std::fs::read_dir(to.path()).unwrap().count(), 0, "not a byte");
}

#[test]
fn a_download_is_private_verified_and_never_over_another_file() {
    let desk = desk();
    let item = desk.released();
    let (id, key) = (text(&item["id"]), text(&item["key"]));
    let to = tempfile::tempdir().unwrap();
    let args = ["egress", "download", &id, "--to", to.path().to_str().unwrap()];
    let done = desk.json("researcher1", &args);
    let path = to.path().join(&key);
    assert_eq!(text(&done["results"][0]["data"]["path"]), path.to_str().unwrap());
    assert_eq!(std::fs::read_to_string(&path).unwrap(), key, "its content is its name");
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(std::fs::read_dir(to.path()).unwrap().count(), 1, "no part is left");
    assert_eq!(desk.json("researcher1", &args)["results"][0]["data"]["already"], true);
    std::fs::write(&path, "something of mine").unwrap();
    let ran = desk.run("researcher1", &[&args[..], &["--json"]].concat());
    assert_eq!((ran.exit, ran.code().as_str()), (6, "exists"));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "something of mine");
    // Nor through a link, wherever it leads.
    std::fs::remove_file(&path).unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    symlink(elsewhere.path().join("caught"), &path).unwrap();
    assert_eq!(desk.run("researcher1", &args).exit, 6);
    assert_eq!(std::fs::read_dir(elsewhere.path()).unwrap().count(), 0);
    let history = desk.json("checker1", &["egress", "history", &id]).to_string();
    assert!(history.contains("ask_ticket") && history.contains("end_download"), "start and end are journalled");
}

#[test]
fn an_interrupted_download_goes_on_and_a_spoilt_part_does_not_get_through() {
    let desk = desk();
    let item = desk.released();
    let (id, key) = (text(&item["id"]), text(&item["key"]));
    for part in [&key.as_bytes()[..5], b"WRONG", b"far too long for what the whole file is, by quite a bit, really"] {
        let to = tempfile::tempdir().unwrap();
        let file = to.path().join(format!(".exeat-{id}.part"));
        std::fs::write(&file, part).unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
        desk.json("researcher1", &["egress", "download", &id, "--to", to.path().to_str().unwrap()]);
        assert_eq!(std::fs::read_to_string(to.path().join(&key)).unwrap(), key);
    }
    // A part somebody else prepared is not touched.
    let to = tempfile::tempdir().unwrap();
    let target = to.path().join("target");
    std::fs::write(&target, "precious").unwrap();
    symlink(&target, to.path().join(format!(".exeat-{id}.part"))).unwrap();
    assert_ne!(desk.run("researcher1", &["egress", "download", &id, "--to", to.path().to_str().unwrap()]).exit, 0);
    assert_eq!(std::fs::read_to_string(&target).unwrap(), "precious");
}

#[test]
fn a_hostile_key_stays_in_the_folder() {
    let desk = desk();
    // Straight into the store, as another tool would: the desk's own submit takes no such paths.
    let name = unique("x");
    let key = format!("../../{name}");
    put(desk, "candidates", &format!("heart/{key}"), b"out");
    desk.json("checker1", &["egress", "refresh", "--project", "heart"]);
    let list = desk.json("checker1", &["egress", "list", &name]);
    let item = &list["items"][0];
    assert_eq!(text(&item["key"]), key);
    let (id, sha) = (text(&item["id"]), text(&item["sha256"]));
    let preview = desk.json("checker1", &["egress", "preview", &id]);
    assert_eq!(preview["sha256"].as_str(), Some(sha.as_str()));
    // checker3 was a researcher of heart, and nobody knows who put it there.
    let vote = |login: &str| desk.run(login, &["egress", "approve", &id, "--sha256", &sha, "--unseen", "1", "--json"]);
    assert_eq!(vote("checker3").code(), "was_researcher");
    assert_eq!((vote("checker1").exit, vote("checker2").exit), (0, 0));
    desk.wait_for("checker1", &id, "released");
    let above = tempfile::tempdir().unwrap();
    let to = above.path().join("one/two");
    let done = desk.json("researcher1", &["egress", "download", &id, "--to", to.to_str().unwrap()]);
    let path = text(&done["results"][0]["data"]["path"]);
    let real = Path::new(&path).canonicalize().unwrap();
    assert!(real.starts_with(to.canonicalize().unwrap()), "{path}");
    assert!(!above.path().join(&name).exists());
}

/// Puts an object with the worker's keys.
fn put(desk: &crate::support::desk::Desk, bucket: &str, key: &str, bytes: &'static [u8]) {
    use aws_sdk_s3::config::{BehaviorVersion, Credentials, Region};
    let worker = exeat::config::WorkerConfig::read(&desk.dir.join("worker.toml")).unwrap().worker.s3;
    let secret = worker.secret_access_key.unwrap();
    let keys = Credentials::new(worker.access_key_id.unwrap(), secret.expose(), None, None, "test");
    let config = aws_sdk_s3::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .endpoint_url(worker.endpoint.unwrap())
        .region(Region::new(worker.region))
        .force_path_style(true)
        .credentials_provider(keys)
        .build();
    let client = aws_sdk_s3::Client::from_conf(config);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime
        .block_on(client.put_object().bucket(bucket).key(key).body(bytes.to_vec().into()).send())
        .unwrap_or_else(|error| panic!("{error:?}"));
}
