//! Who submits what, for what, and how long ago: all sample files in their submissions. Called by [`super::load`].

use super::{Batch, SampleFile, binaries, figures, hostile, rows, tables, texts};

/// Minutes of a day.
const DAY: i32 = 1440;

fn batch(
    by: Option<&'static str>,
    project: &'static str,
    destination: &'static str,
    minutes: i32,
    purpose: &str,
    files: Vec<SampleFile>,
) -> Batch {
    Batch { by, project, destination, minutes, purpose: purpose.to_owned(), files }
}

const R1: Option<&str> = Some("researcher1");
const R2: Option<&str> = Some("researcher2");
const C3: Option<&str> = Some("checker3");

/// The first turn: everything that lies there when the desk opens, but for what [`second_turn`] replaces.
#[must_use]
pub fn first_turn() -> Vec<Batch> {
    let mut batches = heart();
    batches.extend(lungs());
    batches
}

fn heart() -> Vec<Batch> {
    let mut paper = vec![tables::readmission_by_ward(false)];
    paper.extend(tables::heart());
    let mut baseline = tables::baseline();
    let linked = baseline.split_off(1);
    baseline.extend(tables::other());
    let mut models = vec![binaries::rds(), binaries::pickle()];
    models.extend(texts::models());
    let mut reports = texts::reports();
    reports.extend([binaries::archive(), binaries::workbook(), binaries::poster()]);
    let mut found = binaries::liars();
    found.extend([rows::cohort(400), rows::wide()]);
    let trusted = |by, minutes, purpose: &str, files| batch(by, "heart", "trusted", minutes, purpose, files);
    let world = |by, minutes, purpose: &str, files| batch(by, "heart", "world", minutes, purpose, files);
    vec![
        trusted(
            R1,
            6 * DAY - 95,
            "Readmission rates, paper table 2 and the tables behind it. Counts are as extracted unless the name says otherwise.",
            paper,
        ),
        trusted(R1, 4 * DAY + 130, "Table 1 of the paper and descriptive tables for the steering group.", baseline),
        trusted(
            R2,
            3 * DAY + 20,
            "The risk model for validation at the partner site, with its card and the regression behind it.",
            models,
        ),
        trusted(
            R1,
            2 * DAY + 410,
            "Figures 1 to 4 of the paper; underlying counts are in the tables submitted before.",
            figures::heart(),
        ),
        trusted(
            C3,
            2 * DAY + 15,
            "Code and logs of the sensitivity analysis, to be kept with the protocol.",
            texts::code(),
        ),
        world(R1, DAY + 600, "Supplement of the accepted paper, for the journal's site.", reports),
        world(
            C3,
            DAY + 45,
            "Baseline characteristics of those who consented to linkage, for the protocol paper.",
            linked,
        ),
        trusted(None, DAY + 60, "", found),
        trusted(
            R2,
            1100,
            "Exports of three spreadsheet programs, to see which one the partner can read.",
            rows::awkward(),
        ),
        trusted(R2, 640, hostile::PURPOSE, hostile::names()),
    ]
}

fn lungs() -> Vec<Batch> {
    let mut practice = vec![rows::tail_of_identifiers(), tables::large(), texts::session()];
    practice.extend(figures::lungs());
    let trusted = |by, minutes, purpose: &str, files| batch(by, "lungs", "trusted", minutes, purpose, files);
    let adhoc = SampleFile::text("exports/adhoc_query.csv", "band,n\nunder 40,18\n40-64,122\n65+,340\n".to_owned());
    vec![
        trusted(R2, 5 * DAY + 240, "Tables of the annual COPD report.", tables::lungs()),
        trusted(
            R1,
            2 * DAY + 900,
            "Counts by practice and by area, one figure each, and the session they were made in.",
            practice,
        ),
        trusted(
            R2,
            DAY + 200,
            "Outputs checked with ACRO; two cells fail because unknown status is kept.",
            texts::acro(),
        ),
        trusted(R1, 300, &hostile::long_purpose(), rows::encodings()),
        trusted(R1, 55, "Tables for the partners in Lyon, \u{6771}\u{4eac} and Cairo.", hostile::foreign()),
        trusted(None, 12, "", vec![adhoc]),
    ]
}

/// The second turn: newer bytes at two keys, one of which somebody had voted on.
#[must_use]
pub fn second_turn() -> Vec<Batch> {
    let revised = SampleFile::text(
        "tables/device_implants.csv",
        "device,n_2021,n_2022,n_2023\nICD,410,455,470\nCRT-P,120,135,150\nCRT-D,205,215,240\npacemaker,1130,1185,1215\nloop recorder,85,90,110\n".to_owned(),
    );
    vec![batch(
        Some("researcher1"),
        "heart",
        "trusted",
        7,
        "Second turn: ward B put right, device counts rounded to five.",
        vec![tables::readmission_by_ward(true), revised],
    )]
}
