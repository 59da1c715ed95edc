//! What makes no sense about access: one sentence that names the field, exit 2 or 5, nothing stored. A table of all of it.

use chrono::{TimeDelta, Utc};

use crate::support::desk::{Desk, desk, text, unique};

const DATASET: &str = "GHGAD00020260000024";

fn day(days: i64) -> String {
    (Utc::now() + TimeDelta::days(days)).format("%Y-%m-%d").to_string()
}

/// One wrong call: who, what, the exit code, what its sentence must name.
struct Wrong {
    who: &'static str,
    args: Vec<String>,
    exit: i32,
    names: &'static str,
}

fn wrong(who: &'static str, line: &str, exit: i32, names: &'static str) -> Wrong {
    // Words are parted by blanks; `_` stands for an empty one.
    let args = line.split_whitespace().map(|word| if word == "_" { String::new() } else { word.to_owned() }).collect();
    Wrong { who, args, exit, names }
}

/// Everything these commands could have stored, of one person and in all.
fn stored(desk: &Desk, person: &str) -> String {
    desk.psql(&format!(
        "select jsonb_build_object(
           'requests', (select jsonb_agg(to_jsonb(r) order by r.id) from exeat.access_requests r where r.person = p.id),
           'grants', (select jsonb_agg(to_jsonb(g) order by g.id) from exeat.grants g where g.person = p.id),
           'notes', (select jsonb_agg(to_jsonb(n)) from exeat.request_internal_notes n join exeat.access_requests r on r.id = n.request where r.person = p.id),
           'comments', (select count(*) from exeat.request_comments c join exeat.access_requests r on r.id = c.request where r.person = p.id),
           'ivas', (select count(*) from exeat.ivas i where i.person = p.id),
           'outbox', (select count(*) from exeat.outbox o join exeat.access_requests r on o.subject = 'request:' || r.id where r.person = p.id),
           'wrong', (select count(*) from exeat.datasets where accession in ('heart', 'GHGAD1') or dac_email = 'nobody'))
         from exeat.people p where p.login = '{person}'"
    ))
}

/// Calls of every command about access, each with one mistake.
fn calls(person: &'static str, asked: &str, grant: &str, large: &str) -> Vec<Wrong> {
    let (name, note) = ("x".repeat(101), "y".repeat(10_001));
    let (past, soon, later, far) = (day(-30), day(40), day(70), "9999-12-31");
    let ask = format!("requests new --dataset {DATASET}");
    let edit = format!("requests edit {asked}");
    let allow = format!("requests allow {asked}");
    let give = format!("grants add --person {person} --dataset {DATASET}");
    let amend = format!("grants amend {grant}");
    let other = "00000000-0000-0000-0000-000000000001";
    vec![
        // Unknown fields.
        wrong(person, &format!("{ask} --text T --shoe-size 43"), 2, "--shoe-size"),
        wrong("steward1", &format!("{edit} --status allowed"), 2, "--status"),
        wrong("steward1", &format!("{give} --until {later} --level 3"), 2, "--level"),
        wrong("steward1", &edit, 2, "note_to_requester"),
        wrong("steward1", "requests list shoe:43", 2, "shoe"),
        wrong("steward1", "grants list ticket:T", 2, "ticket"),
        // Bad accession.
        wrong(person, "requests new --dataset heart --text T", 2, "dataset"),
        wrong(person, "requests new --dataset GHGAD1 --text T", 2, "accession"),
        wrong(person, "requests new --dataset GHGAD99999999999999 --text T", 5, "Dataset not found"),
        wrong(person, "requests new --text T", 2, "--dataset"),
        wrong("steward1", &format!("grants add --person {person} --dataset heart --until {later}"), 5, "Dataset"),
        wrong("steward1", &format!("access check --person {person} --dataset heart"), 5, "Dataset"),
        // Bad mail.
        wrong(person, &format!("{ask} --text T --email nobody"), 2, "contact mail"),
        wrong(person, &format!("{ask} --text T --email a@b@c.org"), 2, "contact mail"),
        wrong(person, &format!("{ask} --text T --email _"), 2, "contact mail"),
        wrong("admin1", "people add nobody8 --name N --mail nobody", 2, "mail"),
        // End before start, or no time at all.
        wrong(person, &format!("{ask} --text T --starts {later} --ends {soon}"), 5, "end date"),
        wrong(person, &format!("{ask} --text T --ends {past}"), 5, "end date"),
        wrong(person, &format!("{ask} --text T --starts {soon} --ends {soon}"), 5, "end date"),
        wrong(person, &format!("{ask} --text T --ends {}", day(3)), 5, "end date"),
        wrong(person, &format!("{ask} --text T --starts soon"), 2, "--starts"),
        wrong(person, &format!("{ask} --text T --ends 2027-02-30"), 2, "--ends"),
        wrong("steward1", &format!("{edit} --ends {past}"), 5, "end date"),
        wrong("steward1", &format!("{edit} --starts {later} --ends {soon}"), 5, "start date"),
        wrong("steward1", &format!("{allow} --ends {past}"), 5, "end date"),
        wrong("steward1", &format!("{give} --from {later} --until {soon}"), 5, "end date"),
        wrong("steward1", &give, 2, "--until"),
        wrong("steward1", &format!("{amend} --until {past} --reason R"), 5, "end date"),
        // 10,000 years ahead.
        wrong(person, &format!("{ask} --text T --ends {far}"), 5, "end date"),
        wrong(person, &format!("{ask} --text T --starts {far}"), 5, "start date"),
        wrong(person, &format!("{ask} --text T --ends 12026-01-01"), 2, "--ends"),
        wrong(person, &format!("{ask} --text T --starts 12026-01-01T00:00:00Z"), 2, "--starts"),
        wrong("steward1", &format!("{edit} --ends {far}"), 5, "end date"),
        wrong("steward1", &format!("{edit} --starts {far}"), 5, "start date"),
        wrong("steward1", &format!("{allow} --ends {far}"), 5, "end date"),
        wrong("steward1", &format!("{allow} --ends 12026-01-01"), 2, "--ends"),
        wrong("steward1", &format!("{give} --until {far}"), 5, "end date"),
        wrong("steward1", &format!("{give} --until 12026-01-01"), 2, "--until"),
        wrong("steward1", &format!("{amend} --until {far} --reason R"), 5, "end date"),
        wrong("steward1", &format!("{amend} --until 12026-01-01 --reason R"), 2, "--until"),
        wrong("steward1", &format!("access check --person {person} --dataset {DATASET} --at 12026-01-01"), 2, "--at"),
        // Text that is missing, or over the limit.
        wrong(person, &ask, 2, "--text"),
        wrong(person, &format!("{ask} --text _"), 2, "request text"),
        wrong(person, &format!("{ask} --text-file {large}"), 5, "request text"),
        wrong("steward1", &format!("{edit} --ticket {name}"), 5, "ticket_id"),
        wrong("steward1", &format!("{edit} --internal-note {note}"), 5, "internal_note"),
        wrong("steward1", &format!("{edit} --note {note}"), 5, "note_to_requester"),
        wrong("steward1", &format!("{allow} --note {note}"), 5, "note"),
        wrong("steward1", &format!("requests deny {asked}"), 2, "reason"),
        wrong("steward1", &format!("requests deny {asked} --reason _"), 2, "reason"),
        wrong("steward1", &format!("requests deny {asked} --reason {note}"), 5, "reason"),
        wrong("steward1", &format!("requests comment {asked} _"), 2, "comment"),
        wrong("steward1", &format!("requests comment {asked} {note}"), 5, "comment"),
        wrong("steward1", &format!("{amend} --until {later}"), 2, "reason"),
        wrong("steward1", &format!("{amend} --until {later} --reason _"), 2, "reason"),
        wrong("steward1", &format!("grants revoke {grant} --class ended"), 2, "reason"),
        wrong("steward1", &format!("grants revoke {grant} --class ended --reason {note}"), 5, "reason"),
        wrong("steward1", &format!("grants revoke {grant} --reason R"), 2, "--class"),
        wrong("steward1", &format!("grants revoke {grant} --class bored --reason R"), 2, "--class"),
        // An identity that is none, or somebody else's; a person there is not.
        wrong("steward1", &format!("{edit} --iva nope"), 2, "--iva"),
        wrong("steward1", &format!("{edit} --iva {other}"), 2, "IVA"),
        wrong("steward1", &format!("{allow} --iva {other}"), 2, "IVA"),
        wrong("steward1", &format!("{give} --until {later} --iva {other}"), 2, "IVA"),
        wrong("steward1", &format!("grants add --person nobody9 --dataset {DATASET} --until {later}"), 5, "nobody9"),
    ]
}

/// The same in files: a field there is not, and each field wrong.
fn lists(desk: &Desk) -> Vec<Wrong> {
    let mut table = Vec::new();
    for (name, body, names) in [
        ("p.json", r#"[{"login": "x1", "full_name": "X", "shoe": 43}]"#, "shoe"),
        ("p.json", r#"[{"login": "x 1", "full_name": "X"}]"#, "login"),
        ("p.json", r#"[{"login": "x1", "full_name": "X", "mail": "nobody"}]"#, "mail"),
        ("p.json", r#"[{"login": "x1"}]"#, "name"),
        ("d.json", r#"[{"accession": "heart", "title": "T"}]"#, "accession"),
        ("d.json", r#"[{"accession": "GHGAD00020260000999", "title": ""}]"#, "title"),
        ("d.json", r#"[{"accession": "GHGAD00020260000999", "title": "T", "dac_email": "nobody"}]"#, "mail"),
        ("d.json", r#"[{"accession": "GHGAD00020260000999", "title": "T", "colour": "red"}]"#, "colour"),
    ] {
        let path = desk.dir.parent().unwrap().join(unique("list") + name);
        std::fs::write(&path, body).unwrap();
        let what = if name == "p.json" { "people" } else { "datasets" };
        table.push(wrong("admin1", &format!("{what} sync {}", path.display()), 2, names));
    }
    table
}

#[test]
fn every_mistake_names_its_field_and_stores_nothing() {
    let desk = desk();
    // A requester of its own, so that nobody else's rows count.
    let login = unique("wrong");
    desk.json("admin1", &["people", "add", &login, "--name", "Often Wrong", "--mail", "wrong@example.org"]);
    let person: &'static str = Box::leak(login.into_boxed_str());
    let new = ["requests", "new", "--dataset", DATASET, "--text", "Right"];
    let asked = text(&desk.json(person, &new)["id"]);
    let add = ["grants", "add", "--person", person, "--dataset", DATASET, "--until", &day(100)];
    let grant = text(&desk.json("steward1", &add)["id"]);
    let large = desk.dir.parent().unwrap().join(unique("large"));
    std::fs::write(&large, "x".repeat(1_100_001)).unwrap();
    let mut table = calls(person, &asked, &grant, large.to_str().unwrap());
    table.extend(lists(desk));
    let before = stored(desk, person);
    for one in &table {
        let args: Vec<&str> = one.args.iter().map(String::as_str).collect();
        let ran = desk.run(one.who, &args);
        let said = ran.err.trim_end();
        assert!(ran.exit == one.exit && ran.out.is_empty(), "{ran:?}");
        assert!(said.to_lowercase().contains(&one.names.to_lowercase()), "{} is not named: {said}", one.names);
        assert!(said.lines().count() == 1 && said.ends_with('.') && said.len() < 400, "one sentence: {said}");
        let json = desk.run(one.who, &[&args[..], &["--json"]].concat());
        assert_eq!(json.exit, one.exit, "{json:?}");
        assert!(!json.code().is_empty());
        assert_eq!(stored(desk, person), before, "{:?} stored something", one.args);
    }
    assert!(table.len() > 60);
}
