//! What people are told where they would otherwise be lost.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::process::Command;

use crate::support::desk::{EXEAT, Ran, desk, text, unique};

#[test]
fn an_id_that_is_none_is_said_so() {
    let desk = desk();
    for args in [&["egress", "show", "abc"][..], &["requests", "show", "abc"], &["grants", "show", "1x"]] {
        let ran = desk.run("checker1", args);
        assert!(ran.exit == 2 && ran.err.contains("an id is a number"), "{ran:?}");
    }
}

#[test]
fn a_name_is_made_visible_once() {
    let folder = tempfile::tempdir().unwrap();
    let bad = folder.path().join(OsStr::from_bytes(b"bad\xff.csv"));
    std::fs::write(&bad, "x").unwrap();
    let mut submit = desk().command("researcher1", &["egress", "submit"]);
    submit.arg(&bad).args(["--project", "heart", "--destination", "trusted", "--purpose", "p"]);
    let ran = Ran::of(&submit.output().unwrap(), &[]);
    assert!(ran.exit == 2 && ran.err.contains(r"/bad\u{fffd}.csv is not UTF-8"), "{ran:?}");
}

#[test]
fn only_the_administrator_migrates() {
    let desk = desk();
    let ran = desk.run("checker1", &["db", "migrate"]);
    let told = "Only the database administrator may migrate, and checker1 is none";
    assert!(ran.exit == 5 && ran.err.starts_with(told) && ran.err.trim().lines().count() == 1, "{ran:?}");
    assert_eq!(desk.run("exeat_admin", &["db", "migrate"]).exit, 0);
}

#[test]
fn a_desk_with_sample_people_says_how_to_open_it_as_one() {
    let up = Command::new(EXEAT).args(["local", "up", "--dir"]).arg(&desk().dir).output().unwrap();
    let up = Ran::of(&up, &[]);
    assert!(up.exit == 0 && up.out.contains("--as checker1"), "{up:?}");
}

#[test]
fn a_corrected_file_can_go_under_its_folder() {
    let desk = desk();
    let folder = tempfile::tempdir().unwrap();
    let name = unique("results");
    let results = folder.path().join(&name);
    std::fs::create_dir(&results).unwrap();
    let table = results.join("table2.csv");
    std::fs::write(&table, "ward,n\nA,12\n").unwrap();
    let submit = |path: &str, under: &[&str]| {
        let rest = ["--project", "heart", "--destination", "trusted", "--purpose", "p"];
        desk.run("researcher1", &[&["egress", "submit", path, "--json"], &rest[..], under].concat())
    };
    let first = submit(results.to_str().unwrap(), &[]).json()["items"][0].clone();
    std::fs::write(&table, "ward,n\nA,13\n").unwrap();
    let table = table.to_str().unwrap();
    let second = submit(table, &["--under", &format!("/{name}/")]).json()["items"][0].clone();
    assert_eq!((&second["key"], &second["version"]), (&first["key"], &2.into()), "{second}");
    assert_eq!(text(&second["key"]), format!("{name}/table2.csv"));
    for bad in ["..", "a/../b", "a//b"] {
        assert_eq!(submit(table, &["--under", bad]).exit, 2, "{bad}");
    }
}

#[test]
fn what_cannot_be_drawn_says_how_it_can_be_looked_at() {
    let desk = desk();
    let project = unique("p");
    let location = format!("s3://candidates/{project}/");
    let add = ["projects", "add", &project, "--title", "Pictures", "--location", &location, "--shared", "s3://shared/"];
    desk.of_two(&add);
    desk.policy_of_two(&["policies", "set", &project, "trusted", "--approvals", "1", "--largest-file", "1000000"]);
    for (login, role) in [("researcher1", "researcher"), ("checker1", "checker")] {
        desk.json("admin1", &["people", "grant", login, role, "--project", &project]);
    }
    let item = desk.submit("researcher1", &project, "trusted", "plot.png", b"\x89PNG\r\n\x1a\n\0\0\0\0");
    let id = text(&item["id"]);
    let shown = |login| desk.run(login, &["egress", "preview", &id]).out;
    let set = format!("exeat policies set {project} trusted --inspection-downloads true");
    assert!(shown("checker1").contains(&set), "{}", shown("checker1"));
    assert!(!shown("researcher1").contains("inspection"), "of no use to who checks nothing here");
    // Allowing it is weaker, so a second administrator confirms.
    let proposed = desk.json("admin1", &["policies", "set", &project, "trusted", "--inspection-downloads", "true"]);
    desk.json("admin2", &["policies", "confirm", &proposed["data"]["policy"].to_string()]);
    let told = shown("checker1");
    assert!(told.contains(&format!("`exeat egress download {id} --to DIR`, fetches it, for looking only")), "{told}");
    let to = tempfile::tempdir().unwrap();
    let got = desk.run("checker1", &["egress", "download", &id, "--to", to.path().to_str().unwrap()]);
    assert!(got.exit == 0 && got.out.contains("Not released: for looking only."), "{got:?}");
    let released = desk.released();
    let (id, to) = (text(&released["id"]), to.path().to_str().unwrap());
    let got = desk.run("checker1", &["egress", "download", &id, "--to", to]);
    assert!(got.exit == 0 && !got.out.contains("looking"), "{got:?}");
}
