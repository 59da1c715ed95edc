//! Tables of counts as researchers send them: raw, rounded, suppressed, and with the mistakes checkers look for. Called by
//! [`super::batches`].

use std::fmt::Write as _;

use super::SampleFile;
use super::numbers::{Numbers, decimals, midpoint6, to_five};

/// What was done to the counts.
#[derive(Clone, Copy)]
enum Counts {
    /// Nothing; all are large.
    Large,
    /// Nothing; some are below ten.
    Small,
    /// Rounded to five.
    Fives,
    /// Midpoint-6.
    Midpoint,
    /// Small ones replaced by `<10`, one in each of the rows they are in: the totals give them back.
    Suppressed,
}

/// A table of counts: its key, the header of the first column, the rows, the other columns, and the counts.
struct Table(&'static str, &'static str, &'static [&'static str], &'static [&'static str], Counts);

const REGIONS: &[&str] = &[
    "North East",
    "North West",
    "Yorkshire and The Humber",
    "East Midlands",
    "West Midlands",
    "East of England",
    "London",
    "South East",
    "South West",
];
const AGES: &[&str] = &["18-39", "40-49", "50-59", "60-69", "70-79", "80-89", "90+"];
const QUINTILES: &[&str] = &["1 (most deprived)", "2", "3", "4", "5 (least deprived)"];
const SEXES: &[&str] = &["female", "male", "not stated"];
const NYHA: &[&str] = &["I", "II", "III", "IV"];
const GOLD: &[&str] = &["GOLD 1", "GOLD 2", "GOLD 3", "GOLD 4"];
const SMOKING: &[&str] = &["never", "former", "current", "unknown"];
const ETHNICITY: &[&str] =
    &["White", "Mixed", "Asian or Asian British", "Black or Black British", "Other", "Not known"];
const READMITTED: &[&str] = &["admissions", "readmitted_30d", "readmitted_90d", "died_in_hospital"];
const BY_SEX: &[&str] = &["n", "n_female", "n_male"];
const MIDPOINT: &[&str] = &["n_midpoint6", "readmitted_30d_midpoint6", "died_midpoint6"];

const HEART: &[Table] = &[
    Table("tables/readmission_by_age_midpoint6.csv", "age_band", AGES, MIDPOINT, Counts::Midpoint),
    Table("tables/readmission_by_sex_midpoint6.csv", "sex", SEXES, MIDPOINT, Counts::Large),
    Table("tables/readmission_by_region.csv", "region", REGIONS, READMITTED, Counts::Fives),
    Table("tables/nyha_class_by_sex.csv", "nyha_class", NYHA, BY_SEX, Counts::Large),
    Table(
        "tables/lvef_by_quintile.csv",
        "imd_quintile",
        QUINTILES,
        &["lvef_reduced", "lvef_mildly_reduced", "lvef_preserved"],
        Counts::Fives,
    ),
    Table("tables/ethnicity_by_outcome.csv", "ethnicity", ETHNICITY, READMITTED, Counts::Small),
    Table(
        "tables/deprivation_by_region_suppressed.csv",
        "region",
        REGIONS,
        &["q1", "q2", "q3", "q4", "q5", "total"],
        Counts::Suppressed,
    ),
    Table(
        "tables/device_implants.csv",
        "device",
        &["ICD", "CRT-P", "CRT-D", "pacemaker", "loop recorder"],
        &["n_2021", "n_2022", "n_2023"],
        Counts::Small,
    ),
];
const LUNGS: &[Table] = &[
    Table("tables/gold_stage_by_age.csv", "age_band", AGES, GOLD, Counts::Large),
    Table("tables/gold_stage_by_smoking.csv", "smoking", SMOKING, GOLD, Counts::Small),
    Table(
        "tables/exacerbations_by_region_midpoint6.csv",
        "region",
        REGIONS,
        &["n_midpoint6", "exacerbations_midpoint6"],
        Counts::Midpoint,
    ),
    Table("tables/spirometry_by_sex.csv", "sex", SEXES, &["n", "fev1_below_80", "fev1_below_50"], Counts::Fives),
    Table(
        "tables/inhaler_class_by_quintile.csv",
        "imd_quintile",
        QUINTILES,
        &["SABA", "LABA", "LAMA", "ICS", "triple"],
        Counts::Large,
    ),
    Table("tables/pulmonary_rehab_uptake.csv", "region", REGIONS, &["referred", "started", "completed"], Counts::Fives),
    Table("tables/oxygen_therapy.csv", "age_band", AGES, &["n", "long_term_oxygen"], Counts::Small),
    Table(
        "tables/occupational_exposure_suppressed.csv",
        "exposure",
        &["asbestos", "silica", "coal dust", "welding fume"],
        &["n_under_50", "n_50_69", "n_70_plus", "total"],
        Counts::Suppressed,
    ),
];

fn cell(numbers: &mut Numbers, base: u64, counts: Counts) -> u64 {
    match counts {
        Counts::Fives => to_five(base + 20),
        Counts::Midpoint => midpoint6(base + 7),
        Counts::Small if numbers.between(0, 4) == 0 => numbers.between(1, 9),
        Counts::Suppressed if numbers.between(0, 5) == 0 => numbers.between(2, 8),
        _ => base + 30,
    }
}

fn made(Table(key, by, rows, columns, counts): &Table) -> SampleFile {
    let mut numbers = Numbers::of(key);
    let mut text = format!("{by},{}\n", columns.join(","));
    for row in *rows {
        text.push_str(row);
        let mut total = 0;
        let whole = numbers.between(240, 4800);
        for (column, share) in columns.iter().zip(1..) {
            let base = if share == 1 { whole } else { whole * numbers.between(60, 340) / 1000 };
            let n = cell(&mut numbers, base, *counts);
            let hidden = n < 10 && matches!(counts, Counts::Suppressed);
            let _ = match *column {
                "total" => write!(text, ",{total}"),
                _ if hidden => write!(text, ",<10"),
                _ => write!(text, ",{n}"),
            };
            total += n;
        }
        text.push('\n');
    }
    SampleFile::text(key, text)
}

/// The count tables of `heart`.
pub fn heart() -> Vec<SampleFile> {
    HEART.iter().map(made).collect()
}

/// The count tables of `lungs`.
pub fn lungs() -> Vec<SampleFile> {
    LUNGS.iter().map(made).collect()
}

/// Deaths and rates by ward and quarter: two small counts near the top and a few far below, where nobody scrolls. The second
/// form of the file has one ward put right.
pub fn readmission_by_ward(corrected: bool) -> SampleFile {
    let mut numbers = Numbers::of("readmission_by_ward");
    let mut text = "ward,quarter,n,deaths,rate\n".to_owned();
    for row in 0_u64..212 {
        let ward = char::from(b'A' + u8::try_from(row % 26).unwrap_or_default());
        let n = numbers.between(44, 320);
        let deaths = match row {
            1 if !corrected => 3,
            8 => 7,
            _ if row > 150 && row % 23 == 0 => numbers.between(1, 9),
            _ => n * numbers.between(94, 140) / 1000 + 10,
        };
        let (site, year, quarter) = (1 + row / 26, 2021 + row / 104, 1 + row / 26 % 4);
        let _ = writeln!(text, "{ward}{site},{year}-Q{quarter},{n},{deaths},{:.1}", percent(deaths, n));
    }
    SampleFile::text("tables/readmission_by_ward.csv", text)
}

fn percent(part: u64, whole: u64) -> f64 {
    f64::from(u32::try_from(part * 1000 / whole).unwrap_or_default()) / 10.0
}

/// One table with other treatments: baseline with percentages, costs that one trust dominates, minimum and maximum, two
/// tables that differ by a few people, a long series, codes with tabs.
pub fn other() -> Vec<SampleFile> {
    let mut numbers = Numbers::of("other");
    let mut costs = "trust,patients,cost_gbp,largest_invoice_gbp\n".to_owned();
    for trust in 1..=8 {
        let cost = if trust == 3 { 9_840_112 } else { numbers.between(41_000, 98_000) };
        let _ = writeln!(costs, "Trust {trust:02},{},{cost},{}", numbers.between(60, 400), cost * 9 / 10);
    }
    let mut stay = "ward,n,min_days,max_days,mean_days,median_days\n".to_owned();
    for ward in ["CCU", "Cardiology A", "Cardiology B", "Geriatrics", "General medicine"] {
        let (n, longest) = (numbers.between(80, 900), numbers.between(61, 214));
        let _ = writeln!(stay, "{ward},{n},0,{longest},{},{}", numbers.around(7400, 2100), numbers.between(4, 9));
    }
    let mut months = "month,admissions_rounded5,deaths_rounded5\n".to_owned();
    let mut codes = "icd10\tdescription\tfirst_diagnosis\tany_diagnosis\n".to_owned();
    for month in 0..108 {
        let (n, deaths) = (to_five(numbers.between(420, 910)), to_five(numbers.between(20, 75)));
        let _ = writeln!(months, "{}-{:02},{n},{deaths}", 2015 + month / 12, 1 + month % 12);
    }
    for (code, what) in [
        ("I50.0", "Congestive heart failure"),
        ("I50.1", "Left ventricular failure"),
        ("I50.9", "Heart failure, unspecified"),
        ("I42.0", "Dilated cardiomyopathy"),
        ("I42.6", "Alcoholic cardiomyopathy"),
        ("I41.1", "Myocarditis in viral diseases"),
        ("I11.0", "Hypertensive heart disease with failure"),
        ("I13.2", "Hypertensive heart and renal disease"),
    ] {
        let first = if code == "I41.1" { 4 } else { numbers.between(40, 5200) };
        let _ = writeln!(codes, "{code}\t{what}\t{first}\t{}", first + numbers.between(3, 900));
    }
    vec![
        SampleFile::text("tables/drug_costs_by_trust.csv", costs),
        SampleFile::text("tables/length_of_stay_summary.csv", stay),
        SampleFile::text("tables/monthly_admissions.csv", months),
        SampleFile::text("tables/icd10_frequencies.tsv", codes),
    ]
}

/// Baseline characteristics as papers print them, for all and for those who consented to linkage: the two differ by few people.
pub fn baseline() -> Vec<SampleFile> {
    let table = |fewer: [u64; 6]| {
        let mut text = "characteristic,level,n,percent\n".to_owned();
        for ((what, level, n), less) in [
            ("Sex", "female", 5213),
            ("Sex", "male", 6107),
            ("Diabetes", "yes", 3120),
            ("Atrial fibrillation", "yes", 4416),
            ("Prior stroke", "yes", 1288),
            ("On dialysis", "yes", 96),
        ]
        .into_iter()
        .zip(fewer)
        {
            let n: u64 = n - less;
            let _ = writeln!(text, "{what},{level},{n},{}", decimals(n * 100_000 / 11_320));
        }
        text
    };
    vec![
        SampleFile::text("tables/baseline_characteristics.csv", table([0; 6])),
        SampleFile::text("tables/baseline_characteristics_linked.csv", table([2, 5, 1, 4, 3, 2])),
    ]
}

/// Five million bytes of counts by area and day.
pub fn large() -> SampleFile {
    let mut numbers = Numbers::of("large");
    let mut text = String::with_capacity(5_100_000);
    text.push_str("lsoa,day,contacts_rounded5\n");
    let mut row = 0_u64;
    while text.len() < 5_000_000 {
        let n = to_five(numbers.between(10, 480));
        let _ = writeln!(text, "E010{:05},2023-{:02}-{:02},{n}", row / 336 + 1, row / 28 % 12 + 1, row % 28 + 1);
        row += 1;
    }
    SampleFile::text("tables/contacts_by_lsoa_and_day.csv", text)
}
