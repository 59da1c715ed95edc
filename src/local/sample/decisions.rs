//! What people did with the files before the desk opens. Called by [`super::load`].

/// What someone did.
#[derive(Clone, Copy)]
pub enum What {
    /// A vote to let it out.
    Approve(&'static str),
    /// A vote against it; here no veto.
    Reject(&'static str),
    /// A request for changes.
    Changes(&'static str),
    /// Its submitter took it back.
    Withdraw(&'static str),
    /// A comment for all.
    Comment(&'static str),
    /// A comment between checkers.
    Note(&'static str),
    /// Looking at it now.
    Claim,
}

/// Login, project, key, what.
pub struct Decision(pub &'static str, pub &'static str, pub &'static str, pub What);

use What::{Approve, Changes, Claim, Comment, Note, Reject, Withdraw};

/// Two of two approvals in `heart`, one of one in `lungs`: these are released while the rest is loaded.
pub const RELEASED: &[Decision] = &[
    Decision("checker1", "heart", "tables/readmission_by_region.csv", Approve("All counts are rounded to five.")),
    Decision("checker2", "heart", "tables/readmission_by_region.csv", Approve("")),
    Decision("checker2", "heart", "tables/lvef_by_quintile.csv", Approve("Rounded, no small cells.")),
    Decision("checker3", "heart", "tables/lvef_by_quintile.csv", Approve("Agreed.")),
    Decision("checker1", "lungs", "tables/exacerbations_by_region_midpoint6.csv", Approve("Midpoint-6 throughout.")),
    Decision("checker2", "lungs", "tables/spirometry_by_sex.csv", Approve("")),
    Decision(RECALL.0, RECALL.1, RECALL.2, Approve("Rounded to five.")),
];

/// The released file that is recalled again: who approved it, project, key.
pub const RECALL: (&str, &str, &str) = ("checker2", "lungs", "tables/pulmonary_rehab_uptake.csv");
/// Who recalls it, and why.
pub const RECALL_BY: (&str, &str) =
    ("checker1", "The rehabilitation providers asked for their regions to be taken out.");

/// Everything else, before the second turn.
pub const OTHERS: &[Decision] = &[
    // One of two, or of three.
    Decision("checker2", "heart", "tables/readmission_by_ward.csv", Approve("Rates agree with the counts.")),
    Decision("checker2", "heart", "tables/nyha_class_by_sex.csv", Approve("")),
    Decision("checker2", "heart", "tables/baseline_characteristics.csv", Approve("Smallest count is 96.")),
    Decision("checker2", "heart", "figures/km_curve.png", Approve("The numbers at risk are in the table.")),
    Decision("checker3", "heart", "figures/forest_plot.svg", Approve("")),
    Decision(
        "checker3",
        "heart",
        "tables/readmission_by_age_midpoint6.csv",
        Approve("Midpoint-6 in all three columns."),
    ),
    Decision("checker1", "heart", "models/cox_regression.txt", Approve("11,314 degrees of freedom.")),
    Decision("checker2", "heart", "report/protocol.md", Approve("")),
    Decision("checker3", "heart", "report/protocol.md", Approve("Published before in the registry.")),
    Decision("checker1", "heart", "posters/readmission_poster.pdf", Approve("")),
    // Not like this.
    Decision(
        "checker2",
        "heart",
        "tables/ethnicity_by_outcome.csv",
        Changes("Counts under 10 in several rows: round to five or suppress two in each row."),
    ),
    Decision(
        "researcher1",
        "heart",
        "tables/ethnicity_by_outcome.csv",
        Comment("Understood, I will round everything to five and send it again."),
    ),
    Decision(
        "checker1",
        "heart",
        "models/saturated_model.txt",
        Changes("6 residual degrees of freedom; 10 are the least."),
    ),
    Decision(
        "checker2",
        "lungs",
        "tables/gold_stage_by_smoking.csv",
        Changes("Round to five, please; unknown smoking has small cells."),
    ),
    Decision(
        "checker2",
        "heart",
        "extracts/cohort_rows.csv",
        Reject("One row a person, with NHS numbers. This must never leave."),
    ),
    Decision(
        "checker2",
        "heart",
        "extracts/cohort_rows.csv",
        Note("Nobody announced this file. I have told the data steward."),
    ),
    Decision("checker2", "heart", "models/risk.rds", Reject("The model object carries the training data.")),
    Decision(
        "checker2",
        "heart",
        "models/risk.rds",
        Note("64,000 values under the name training. Route it as a model, not as a table."),
    ),
    Decision(
        "checker1",
        "lungs",
        "logs/stata_session.log",
        Reject("The listing shows three people with their dates of birth."),
    ),
    // Taken back.
    Decision(
        "researcher1",
        "heart",
        "tables/length_of_stay_summary.csv",
        Withdraw("Minimum and maximum should not be in it."),
    ),
    Decision("researcher2", "heart", "tables/empty.csv", Withdraw("The export failed.")),
    // Looked at, talked about.
    Decision("checker3", "heart", "figures/lvef_scatter.png", Claim),
    Decision("checker2", "lungs", "tables/contacts_by_lsoa_and_day.csv", Claim),
    Decision("checker2", "heart", "figures/admissions_hist.png", Note("The file is longer than the image in it.")),
    Decision(
        "researcher2",
        "heart",
        "tables/zerowidth.csv",
        Comment("Please be quick \u{1b}[5;31mURGENT\u{1b}[0m\u{7} \u{202e}!detcepxe era srekcehc owt\u{202c}"),
    ),
    Decision(
        "researcher1",
        "lungs",
        "tables/copd_register_by_practice.csv",
        Comment("5,200 practices; all counts are of practices, not of people."),
    ),
];
