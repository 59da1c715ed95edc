//! Texts: regression output, session logs, code, notebooks, reports, the output folder of a checking tool. The bytes are in
//! `assets/sample`. Called by [`super::batches`].

use super::SampleFile;

macro_rules! asset {
    ($key:expr, $file:literal) => {
        SampleFile::new($key, include_bytes!(concat!("../../../assets/sample/", $file)).to_vec())
    };
}

/// Models as text.
pub fn models() -> Vec<SampleFile> {
    vec![
        asset!("models/cox_regression.txt", "cox_regression.txt"),
        asset!("models/saturated_model.txt", "saturated_model.txt"),
        asset!("models/model_card.json", "model_card.json"),
    ]
}

/// Code and logs; values of single people slipped into them.
pub fn code() -> Vec<SampleFile> {
    vec![
        asset!("code/analysis.R", "analysis.R"),
        asset!("logs/pipeline.log", "pipeline.log"),
        asset!("notebooks/sensitivity.ipynb", "sensitivity.ipynb"),
    ]
}

/// Reports.
pub fn reports() -> Vec<SampleFile> {
    vec![asset!("report/readmission.html", "report.html"), asset!("report/protocol.md", "protocol.md")]
}

/// A statistics session with a listing of single people.
pub fn session() -> SampleFile {
    asset!("logs/stata_session.log", "stata_session.log")
}

/// An output folder of ACRO with its checksums; one of them is not that of its file.
pub fn acro() -> Vec<SampleFile> {
    let table = asset!("acro/gold_by_smoking.csv", "acro_gold_by_smoking.csv");
    let model = asset!("acro/output_1_0.csv", "acro_output_1_0.csv");
    let sums = [
        SampleFile::text("acro/checksums/gold_by_smoking.csv.txt", table.sha256()),
        SampleFile::text("acro/checksums/output_1_0.csv.txt", "0".repeat(64)),
    ];
    let mut files = vec![
        asset!("acro/results.json", "acro_results.json"),
        asset!("acro/config.json", "acro_config.json"),
        table,
        model,
    ];
    files.extend(sums);
    files
}
