//! Files that lie or leak: each rule finds its case with a place a person can follow, and no chunking changes a finding.

use exeat::domain::egress::Severity;
use exeat::inspect::{Checks, Scanned, Scanner};
use proptest::prelude::*;
use std::fmt::Write as _;

fn scan_with(key: &str, file: &[u8], chunk: usize, checks: &Checks) -> Scanned {
    let mut scanner = Scanner::new(key, checks);
    for piece in file.chunks(chunk.max(1)) {
        scanner.feed(piece);
    }
    let result = scanner.finish();
    assert_eq!(result.bytes, file.len() as u64);
    result
}

fn scan(key: &str, file: &[u8]) -> Scanned {
    scan_with(key, file, 1 << 20, &Checks::default())
}

/// `rule at place` of each finding.
fn found(key: &str, file: &[u8]) -> Vec<String> {
    scan(key, file).findings.iter().map(|finding| format!("{} at {}", finding.rule, finding.place.raw())).collect()
}

#[test]
fn an_honest_table_has_no_findings() {
    let file = b"ward,n,deaths,rate,change\nA,120,14,11.7,-3\nB,43,12,7.0,-1.5\nC,310,29,9.4,+2\n";
    assert_eq!(found("tables/rates.csv", file), [""; 0]);
    assert_eq!(found("notes.txt", b"Model fitted on 12 of 20 wards.\nNothing else.\n"), [""; 0]);
    assert_eq!(found("a.json", br#"{"a": [1, 2, 3]}"#), [""; 0]);
}

#[test]
fn small_counts_are_named_by_row_and_column() {
    let file = b"ward,n,deaths,rate\nA,120,14,1\nB,43,3,7\nC,1,0,2\nD,9.0,\"1,204\",3\nE,5 (4.1%),<10,3\n";
    let scanned = scan("t.csv", file);
    let places: Vec<_> = scanned.findings.iter().map(|finding| (finding.place.raw(), finding.sentence.raw())).collect();
    assert_eq!(
        places,
        [
            ("row 2, column deaths", "Small count: 3 is under 10."),
            ("row 3, column n", "Small count: 1 is under 10."),
            ("row 4, column n", "Small count: 9 is under 10."),
            ("row 5, column n", "Small count: 5 is under 10."),
        ]
    );
    assert!(scanned.findings.iter().all(|finding| finding.rule == "small_count"));
    let checks = Checks { threshold: 2, zeros: true, ..Checks::default() };
    let rules: Vec<_> = scan_with("t.csv", file, 9, &checks).findings.into_iter().map(|finding| finding.rule).collect();
    assert_eq!(rules, ["small_count", "zero_count"]);
}

#[test]
fn a_row_labelled_as_count_is_one_too() {
    assert_eq!(
        found("t.csv", b"measure,control,treated\nmean,3.1,4.2\nn,120,4\n"),
        ["small_count at row 2, column treated"]
    );
}

#[test]
fn a_table_of_categories_has_its_counts_under_their_names() {
    let file = b"smoking,GOLD 1,GOLD 2\nnever,412,377\nformer,98,4\n";
    assert_eq!(found("t.csv", file), ["possible_small_count at row 2, column GOLD 2"]);
    assert_eq!(scan("t.csv", file).findings[0].severity, Severity::Warn);
    let measured = b"smoking,fev,visits\nnever,3.1,3\nformer,2.9,4\n";
    assert_eq!(scan("t.csv", measured).findings[0].severity, Severity::Note);
    assert_eq!(found("t.csv", b"ward,year,age_band\nA,2021,3\nB,2022,4\n"), [""; 0]);
}

#[test]
fn a_lone_hidden_count_can_be_had_back_from_the_totals() {
    let file = b"region,q1,q2,total\nNorth,20,<10,25\nSouth,30,40,70\nEast,[c],*,40\n";
    assert_eq!(found("t.csv", file), ["secondary_disclosure at row 1"]);
    let down = b"region,q1,q2\nNorth,20,<10\nSouth,[c],*\nTotal,50,60\n";
    assert_eq!(found("t.csv", down), ["secondary_disclosure at column q1"]);
}

#[test]
fn midpoint_columns_and_rounding_are_recounted() {
    let file = b"ward,n_midpoint6\nA,3\nB,9\nC,0\nD,7\nE,15\nF,4.5\n";
    assert_eq!(
        found("t.csv", file),
        ["not_rounded at row 4, column n_midpoint6", "not_rounded at row 6, column n_midpoint6"]
    );
    let checks = Checks { round_base: 5, ..Checks::default() };
    let rounded = scan_with("t.csv", b"ward,n\nA,120\nB,43\n", 5, &checks);
    assert_eq!(rounded.findings[0].place.raw(), "row 2, column n");
}

#[test]
fn people_are_found_and_never_repeated() {
    let file = b"ward,comment\nA,seen 943 476 5919\nB,jo.bloggs@host.example\nC,lives at SW1A 1AA\nD,fine\n";
    let scanned = scan("t.csv", file);
    let rules: Vec<_> = scanned.findings.iter().map(|finding| finding.rule.as_str()).collect();
    assert_eq!(rules, ["nhs_number", "email", "postcode"]);
    assert_eq!(scanned.findings[0].severity, Severity::Stop);
    let told = serde_json::to_string(&scanned.findings).unwrap();
    for secret in ["5919", "bloggs", "SW1A"] {
        assert!(!told.contains(secret), "{secret} in {told}");
    }
    assert_eq!(found("run.log", b"start\ndone for jo@host.example\n"), ["email at line 2"]);
}

#[test]
fn row_level_data_is_told_from_results() {
    let mut people = String::from("patient_id,dob,age\n");
    let mut groups = String::from("ward,estimate,n\n");
    for row in 0..150 {
        writeln!(people, "p{row:05},{}-03-{:02},{}", 1930 + row % 60, 1 + row % 28, row % 40).unwrap();
        writeln!(groups, "ward {},0.{row},{}", row % 12, 100 + row).unwrap();
    }
    assert_eq!(
        found("p.csv", people.as_bytes()),
        [
            "date_of_birth at column dob",
            "almost_unique at column patient_id",
            "identifier_column at column patient_id",
            "identifier_column at column dob"
        ]
    );
    assert_eq!(found("g.csv", groups.as_bytes()), [""; 0]);
}

#[test]
fn formulas_and_spoofed_text_are_found() {
    let file = "ward,note\n=1+1,-3\n@x,-2+3\nA\u{202e}B,ok\n\u{200b}C,\u{1b}]52;c;x\u{7}\n".as_bytes();
    assert_eq!(
        found("t.csv", file),
        [
            "control_characters at row 4, column note",
            "formula at row 1, column ward",
            "formula at row 2, column ward",
            "formula at row 2, column note",
            "invisible_characters at row 3, column ward",
            "invisible_characters at row 4, column ward",
        ]
    );
}

#[test]
fn names_are_held_against_the_bytes() {
    let png = png(&[]);
    assert_eq!(found("table.csv", &png), ["type_mismatch at the name"]);
    // A table stored in a zip as it is, so that most of the bytes are text.
    let table = "ward,deaths\nA,12\n".repeat(6_000);
    let stored =
        [&b"PK\x03\x04\x14\0\0\0\0\0\0\0\0\0\x01\x02\x03\x04\0\0\0\0\0\0\0\0\x05\0\0\0t.csv"[..], table.as_bytes()]
            .concat();
    for key in ["table.csv", "table.txt"] {
        let found = found(key, &stored);
        assert!(found.contains(&"type_mismatch at the name".to_owned()), "{key}: {found:?}");
        assert!(!found.iter().any(|finding| finding.starts_with("control")), "{key}: {found:?}");
    }
    assert_eq!(found("plot.png", &png), [""; 0]);
    assert_eq!(found("run.log", b"ward,n,x\nA,20,11\nB,30,12\nC,40,13\n"), ["type_mismatch at the name"]);
    assert_eq!(found("x.csv", b"\x7fELF\x02\x01\x01")[0], "cannot_be_checked at the whole file");
    assert_eq!(found("risk.rds", b"\x1f\x8b\x08\0\0\0\0\0\0\x03\x01\x02"), ["cannot_be_checked at the whole file"]);
    assert_eq!(found("m.pkl", b"\x80\x04\x95\x10\0\0\0\0\0\0\0"), ["cannot_be_checked at the whole file"]);
    assert_eq!(found("empty.csv", b""), ["empty at the whole file"]);
}

fn chunk(name: [u8; 4], data: &[u8]) -> Vec<u8> {
    [&u32::try_from(data.len()).unwrap().to_be_bytes()[..], &name, data, &[0; 4]].concat()
}

fn png(extra: &[Vec<u8>]) -> Vec<u8> {
    let header = [&64_u32.to_be_bytes()[..], &48_u32.to_be_bytes(), &[8, 2, 0, 0, 0]].concat();
    [
        b"\x89PNG\r\n\x1a\n".to_vec(),
        chunk(*b"IHDR", &header),
        extra.concat(),
        chunk(*b"IDAT", &[7; 3000]),
        chunk(*b"IEND", b""),
    ]
    .concat()
}

#[test]
fn pictures_give_away_what_they_carry() {
    let mut file = png(&[chunk(*b"tEXt", b"Comment\0patient list"), chunk(*b"eXIf", b"II*\0")]);
    file.extend_from_slice(b"id,nhs\n1,2\n");
    for size in [1, 7, 100_000] {
        let scanned = scan_with("plot.png", &file, size, &Checks::default());
        let told: Vec<_> =
            scanned.findings.iter().map(|f| (f.rule.as_str(), f.place.raw(), f.sentence.raw())).collect();
        assert_eq!(
            told,
            [
                (
                    "data_after_end",
                    "the end of the file",
                    "11 bytes follow the end of the picture; no viewer shows them."
                ),
                ("metadata", "Comment", "The picture carries this besides its pixels."),
                ("metadata", "EXIF", "The picture carries this besides its pixels."),
            ]
        );
    }
    assert_eq!(found("plot.png", &png(&[])[..200]), ["data_after_end at the end of the file"]);
    let jpeg = b"\xFF\xD8\xFF\xE1\0\x0AExif\0\0xx\xFF\xC0\0\x0B\x08\0\x10\0\x20\x01\x01\x11\0\xFF\xDA\0\x02ab\xFF\0c\xFF\xD0d\xFF\xD9hidden";
    assert_eq!(found("p.jpg", jpeg), ["data_after_end at the end of the file", "metadata at EXIF"]);
    assert_eq!(found("p.jpg", &jpeg[..jpeg.len() - 6]), ["metadata at EXIF"]);
}

/// An archive with one stored part.
fn zip(name: &str, flags: u8, size: u32) -> Vec<u8> {
    let length = u16::try_from(name.len()).unwrap().to_le_bytes();
    let local = [&b"PK\x03\x04\x14\0"[..], &[flags, 0], &[0; 18], &length, &[0, 0], name.as_bytes(), b"data"].concat();
    let sizes = [&4_u32.to_le_bytes()[..], &size.to_le_bytes()].concat();
    let central =
        [&b"PK\x01\x02\x14\0\x14\0"[..], &[flags, 0], &[0; 10], &sizes, &length, &[0; 16], name.as_bytes()].concat();
    let place =
        [u32::try_from(central.len()).unwrap().to_le_bytes(), u32::try_from(local.len()).unwrap().to_le_bytes()];
    [local, central, b"PK\x05\x06\0\0\0\0\x01\0\x01\0".to_vec(), place.concat(), vec![0, 0]].concat()
}

#[test]
fn archives_are_listed_and_judged() {
    assert_eq!(found("a.zip", &zip("t.csv", 0, 4)), ["cannot_be_checked at the whole file"]);
    let whole = "cannot_be_checked at the whole file".to_owned();
    assert_eq!(found("a.zip", &zip("../t.csv", 0, 4)), ["archive_path at ../t.csv".to_owned(), whole.clone()]);
    assert_eq!(found("a.zip", &zip("t.csv", 1, 4)), ["encrypted at t.csv".to_owned(), whole.clone()]);
    assert_eq!(found("a.zip", &zip("t.csv", 0, 1 << 31)), ["zip_ratio at t.csv".to_owned(), whole.clone()]);
    assert_eq!(
        found("a.xlsm", &zip("xl/vbaProject.bin", 0, 4)),
        ["macro at xl/vbaProject.bin".to_owned(), whole.clone()]
    );
    let after = [zip("t.csv", 0, 4), b"more".to_vec()].concat();
    assert_eq!(found("a.zip", &after), ["data_after_end at the end of the file".to_owned(), whole]);
}

#[test]
fn nothing_hides_behind_a_quote_a_nul_or_far_down() {
    let mut file = String::from("ward,n\nA,\"12\n");
    for row in 0..6000 {
        writeln!(file, "w{row},{}", 100 + row).unwrap();
    }
    file.push_str("last\0,4\n");
    let told = found("t.csv", file.as_bytes());
    for wanted in ["lone_quote at row 1", "small_count at row 6002, column n", "nul_in_text at row 6002, column ward"] {
        assert!(told.iter().any(|one| one == wanted), "{wanted} not in {told:?}");
    }
    let wide = format!("a{}\n1{},jo@host.example\n", ",x".repeat(5000), ",20".repeat(4999));
    assert_eq!(found("w.csv", wide.as_bytes()), ["email at row 1, column 5001"]);
    let rows = b"ward,n\nA,\"12\nB,3\nC,4\"\nD,20\n";
    assert_eq!(found("q.csv", rows), ["rows_in_cell at row 1, column n"]);
    assert_eq!(found("u.csv", b"ward,n\nA,12,secret\nB\n"), ["uneven_rows at row 1", "uneven_rows at row 2"]);
    let wide16: Vec<u8> = "\u{FEFF}ward,n\nA,3\nB,40\n".encode_utf16().flat_map(u16::to_be_bytes).collect();
    assert_eq!(found("t.csv", &wide16), ["small_count at row 1, column n"]);
}

#[test]
fn a_line_without_end_is_looked_at_to_its_end() {
    let mut file = "lorem ipsum ".repeat(200_000);
    file.push_str("jo@host.example");
    let told = found("a.txt", file.as_bytes());
    assert_eq!(told, ["email at line 1", "long_line at line 1"]);
}

#[test]
fn a_name_with_a_nul_cannot_keep_its_findings_out_of_the_database() {
    let told = found("t.csv", b"ward,n\0umber n\nA,3\n");
    assert!(told.contains(&"small_count at row 1, column n\u{2400}umber n".to_owned()), "{told:?}");
    assert!(!serde_json::to_string(&scan("t.csv", b"ward,n\0umber n\nA,3\n").findings).unwrap().contains("\\u0000"));
}

#[test]
fn at_most_fifty_findings_and_a_count_of_the_rest() {
    let mut file = String::from("ward,n\n");
    for row in 0..5000 {
        writeln!(file, "w{},{}", row % 7, 1 + row % 9).unwrap();
    }
    file.push_str("=cmd,20\n");
    let scanned = scan("t.csv", file.as_bytes());
    assert_eq!(scanned.findings.len(), 50);
    assert!(scanned.findings.iter().any(|finding| finding.rule == "formula"));
    let last = scanned.findings.last().unwrap();
    assert_eq!((last.rule.as_str(), last.severity), ("more", Severity::Warn));
    assert_eq!(last.sentence.raw(), "More than can be listed; left out: 4953 small counts.");
}

proptest! {
    #[test]
    fn chunks_do_not_matter(
        parts in proptest::collection::vec(prop_oneof![
            5 => proptest::sample::select(vec!["ward,n\n", "A,3\n", "\"", ",", "\r\n", "=1", "943 476 5919", "a@b.org", "SW1A 1AA", "\0", "é", "\u{202e}", "PK\u{3}\u{4}", "{", "<svg>"]).prop_map(|part| part.as_bytes().to_vec()),
            1 => proptest::collection::vec(any::<u8>(), 0..20),
        ], 0..60),
        start in proptest::sample::select(vec![&b""[..], b"ward,n\n", b"\x89PNG\r\n\x1a\n", b"\xFF\xD8\xFF", b"PK\x03\x04", b"%PDF-1.4", b"\xFF\xFE", b"\x80\x04"]),
        key in proptest::sample::select(vec!["t.csv", "t.txt", "t.png", "noext"]),
        chunk in 1..40_usize,
    ) {
        let file = [start.to_vec(), parts.concat()].concat();
        let checks = Checks::default();
        prop_assert_eq!(scan_with(key, &file, chunk, &checks), scan_with(key, &file, file.len() + 1, &checks));
    }
}

#[test]
fn chunks_do_not_matter_in_large_files() {
    let mut text = String::from("ward,n,\"note\n");
    for row in 0..30_000 {
        write!(text, "w{row},{},\"a {} note\"\r\n", row % 50, if row % 5000 == 3 { "\"lone" } else { "" }).unwrap();
    }
    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let checks = Checks::default();
    for file in [text.as_bytes(), &wide, text.replace(['\n', '\r'], " ").as_bytes()] {
        for key in ["t.csv", "t.txt"] {
            let once = scan_with(key, file, file.len(), &checks);
            for chunk in [997, 65_536, 262_144] {
                assert_eq!(scan_with(key, file, chunk, &checks), once);
            }
        }
    }
}
