//! The numbers of the disclosure checks: a project's policy sets them, these are the defaults. Called by the scanner and by
//! whoever reads a policy.

use serde::{Deserialize, Serialize};

/// What the checks look for. From the policy's `checks`; what it leaves out has the default.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Checks {
    /// Counts from 1 up to one below this are small. 10: ACRO's `safe_threshold` and the Safe Data Access Professionals'
    /// Handbook on Statistical Disclosure Control; some sites use 5, or 8 with rounding.
    pub threshold: u64,
    /// A count of zero is worth a note. Off: the handbook calls zeros disclosive by class only, where a whole group has none;
    /// ACRO leaves it to the site (`zeros_are_disclosive`).
    pub zeros: bool,
    /// Counts have to be multiples of this; 0 or 1: no such rule. 0: rounding is a site's own rule (5 at NHS England,
    /// ACRO 1.x `safe_round_base`).
    pub round_base: u64,
    /// Words that make a column a count, compared with the words of its name. From the outputs of R, Stata and pandas
    /// (`n`, `count`, `freq`) and of epidemiology (`cases`, `deaths`).
    pub count_words: Vec<String>,
    /// Words that make a column an identifier of people, compared with its whole name, blanks and signs as `_`. From the data
    /// items of the NHS Data Dictionary and the direct identifiers of the ICO's anonymisation guidance.
    pub identifier_names: Vec<String>,
    /// A column of at least so many values is looked at for being almost unique. 100: our own; a table of groups is shorter.
    pub unique_values: u64,
    /// Share of different values from which such a column looks like single people. 0.95: our own; a few repeats are common in
    /// identifiers typed by hand.
    pub unique_share: f64,
    /// From so many rows on a table is called long. 1,000: our own; a table of groups a person can read is shorter.
    pub many_rows: u64,
    /// Findings kept of a file at most; the rest is counted. 50: our own; nobody judges more one by one.
    pub most_findings: usize,
}

impl Default for Checks {
    fn default() -> Self {
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        Self {
            threshold: 10,
            zeros: false,
            round_base: 0,
            count_words: words(&[
                "n",
                "count",
                "counts",
                "freq",
                "frequency",
                "total",
                "num",
                "number",
                "deaths",
                "cases",
                "events",
                "obs",
                "observations",
                "patients",
                "people",
                "persons",
                "participants",
                "admissions",
                "episodes",
                "births",
            ]),
            identifier_names: words(&[
                "id",
                "nhs",
                "nhs_no",
                "nhs_number",
                "nhsnumber",
                "nhsno",
                "chi",
                "chi_number",
                "mrn",
                "patient",
                "patient_id",
                "patientid",
                "patient_number",
                "person_id",
                "personid",
                "participant_id",
                "subject_id",
                "study_id",
                "pseudo_id",
                "pseudonym",
                "eid",
                "hospital_number",
                "postcode",
                "post_code",
                "zip",
                "address",
                "email",
                "e_mail",
                "mail",
                "phone",
                "telephone",
                "mobile",
                "name",
                "full_name",
                "surname",
                "forename",
                "first_name",
                "last_name",
                "dob",
                "date_of_birth",
                "birth_date",
                "birthdate",
                "dateofbirth",
                "ni_number",
                "nino",
            ]),
            unique_values: 100,
            unique_share: 0.95,
            many_rows: 1000,
            most_findings: 50,
        }
    }
}

impl Checks {
    /// The strictest of the `checks` of several policies, one for each destination of a project: a finding is a question, and
    /// the same file may go to all of them. Values that cannot be read count as the defaults.
    #[must_use]
    pub fn strictest(policies: &[serde_json::Value]) -> Self {
        let read = |value: &serde_json::Value| serde_json::from_value(value.clone()).unwrap_or_default();
        policies.iter().map(read).reduce(Self::and).unwrap_or_default()
    }

    fn and(self, other: Self) -> Self {
        let union = |mut words: Vec<String>, more: Vec<String>| {
            words.extend(more);
            words.sort();
            words.dedup();
            words
        };
        Self {
            threshold: self.threshold.max(other.threshold),
            zeros: self.zeros || other.zeros,
            round_base: self.round_base.max(other.round_base),
            count_words: union(self.count_words, other.count_words),
            identifier_names: union(self.identifier_names, other.identifier_names),
            unique_values: self.unique_values.min(other.unique_values),
            unique_share: self.unique_share.min(other.unique_share),
            many_rows: self.many_rows.min(other.many_rows),
            most_findings: self.most_findings.max(other.most_findings),
        }
    }
}

/// Words of columns that hold whole numbers which count nobody.
const NO_COUNTS: [&str; 39] = [
    "year", "quarter", "month", "week", "day", "days", "date", "hour", "time", "age", "decile", "quintile", "quartile",
    "rank", "stage", "grade", "score", "code", "class", "group", "band", "df", "model", "step", "min", "max", "mean",
    "median", "sd", "se", "cost", "rate", "ratio", "percent", "pct", "share", "coef", "estimate", "mode",
];

/// Names of columns with dates of birth.
pub(super) const BIRTH_NAMES: [&str; 5] = ["dob", "date_of_birth", "birth_date", "birthdate", "dateofbirth"];

impl Checks {
    /// Whether a name, as [`words_of`] gives it, says that a column counts.
    pub(super) fn is_count(&self, name: &str) -> bool {
        name.split('_').any(|word| self.count_words.iter().any(|known| known == word)) && !self.is_identifier(name)
    }

    /// Whether a column of whole numbers with this name, as [`words_of`] gives it, may count people.
    pub(super) fn may_count(&self, name: &str) -> bool {
        !name.split('_').any(|word| NO_COUNTS.contains(&word)) && !self.is_identifier(name)
    }

    /// Whether a name, as [`words_of`] gives it, says that a column identifies people.
    pub(super) fn is_identifier(&self, name: &str) -> bool {
        let known = |part: &str| self.identifier_names.iter().any(|known| known == part);
        known(name)
            || name.strip_suffix("_id").is_some_and(|owner| matches!(owner, "person" | "patient" | "subject" | "row"))
    }
}

/// Whether a label, as [`words_of`] gives it, stands for all the others together.
pub(super) fn is_total(name: &str) -> bool {
    matches!(name, "total" | "totals" | "all" | "overall" | "sum" | "grand_total" | "row_total" | "column_total")
}

/// A column's name in lower case with `_` between its words: `nPatients (all)` is `n_patients_all`.
pub(super) fn words_of(name: &str) -> String {
    let mut words = String::new();
    let mut lower = false;
    for c in name.trim().chars() {
        if c.is_alphanumeric() {
            if c.is_uppercase() && lower {
                words.push('_');
            }
            words.extend(c.to_lowercase());
        } else if !words.ends_with('_') && !words.is_empty() {
            words.push('_');
        }
        lower = c.is_lowercase();
    }
    words.trim_end_matches('_').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_may_set_a_few_numbers_and_keep_the_rest() {
        let checks: Checks = serde_json::from_str(r#"{"threshold": 5, "nk_n": 2}"#).unwrap();
        assert_eq!(checks, Checks { threshold: 5, ..Checks::default() });
    }

    #[test]
    fn of_several_policies_the_strictest_numbers_hold() {
        let policies = [r#"{"threshold": 5, "zeros": true}"#, r#"{"threshold": 8}"#, r#"{"threshold": "ten"}"#];
        let values: Vec<_> = policies.iter().map(|policy| serde_json::from_str(policy).unwrap()).collect();
        let both = Checks::strictest(&values[..2]);
        assert_eq!((both.threshold, both.zeros, both.many_rows), (8, true, 1000));
        assert_eq!(Checks::strictest(&values).threshold, 10);
        assert_eq!(Checks::strictest(&[]), Checks::default());
    }

    #[test]
    fn names_are_compared_by_their_words() {
        let checks = Checks::default();
        for name in ["n", "N", "nPatients", "number of deaths", "deaths_2020", "Total (n)", "cases"] {
            assert!(checks.is_count(&words_of(name)), "{name}");
        }
        for name in ["ward", "nation", "rate", "age", "patient_id", "nhs_number", "phone"] {
            assert!(!checks.is_count(&words_of(name)), "{name}");
        }
        for name in ["ID", "NHS Number", "patientId", "dateOfBirth", "Postcode"] {
            assert!(checks.is_identifier(&words_of(name)), "{name}");
        }
        assert!(!checks.is_identifier(&words_of("covid")));
    }
}
