//! What the sample has of datasets, people who ask, and texts. Used by [`super::access`].

use serde_json::{Value, json};

/// Datasets: title and data access committee, by the last digits of the accession.
pub const DATASETS: [(&str, usize); 25] = [
    ("Heart failure atlas, bulk RNA of 412 ventricles", 0),
    ("Heart failure atlas, single nuclei", 0),
    ("Echocardiography with outcomes, 2012 to 2024", 0),
    ("Atrial fibrillation, exomes of 3,100 probands", 0),
    ("Cardiomyopathy trios, whole genomes", 0),
    ("Congenital heart disease, imaging and genotype", 0),
    ("Lung function in primary care, 1.2 million visits", 1),
    ("COPD exacerbations, metabolome", 1),
    ("Asthma in childhood, methylation arrays", 1),
    ("Idiopathic pulmonary fibrosis, single cells", 1),
    ("Lung adenocarcinoma, tumour and normal pairs", 1),
    ("Never smokers' lung cancer, long reads", 1),
    ("Cystic fibrosis modifiers, whole genomes", 1),
    ("Rare epilepsies, trios", 2),
    ("Undiagnosed children, exomes with phenotypes", 2),
    ("Mitochondrial disease, deep sequencing", 2),
    ("Neurofibromatosis, tumours over time", 2),
    ("Hereditary ataxias, repeat expansions", 2),
    ("Inborn errors of immunity, panels", 2),
    ("Newborn screening, pilot with consent to recontact", 2),
    ("Glioblastoma organoids, drug response", 3),
    ("Pancreatic cancer, proteogenomics", 3),
    ("Breast cancer, ten years of follow-up", 3),
    // What a stranger may call a dataset.
    ("Colorectal cancer \u{202e}dellortnoc ton\u{202c} \u{1b}[31mscreening\u{1b}[0m", 3),
    ("Leukaemia, minimal residual disease (withdrawn)", 3),
];

/// Data access committees and their mail.
const COMMITTEES: [(&str, &str); 4] = [
    ("DAC-HEART", "dac-heart@example.org"),
    ("DAC-LUNG", "dac-lung@example.org"),
    ("DAC-RARE", "dac-rare@example.org"),
    ("DAC-CANCER", "dac-cancer@example.org"),
];

/// The accession of the n-th dataset.
pub fn accession(n: usize) -> String {
    format!("GHGAD{:014}", 20_260_000_000 + n % DATASETS.len() + 1)
}

/// The list of datasets; the last one as it stands once it is withdrawn.
pub fn datasets(withdrawn: bool) -> Value {
    let rows = DATASETS.iter().enumerate().map(|(n, (title, committee))| {
        let (alias, mail) = COMMITTEES[*committee];
        json!({
            "accession": accession(n), "title": title, "dac_alias": alias, "dac_email": mail,
            "description": format!("{title}. Processed files and a data dictionary; raw reads on request."),
            "active": !(withdrawn && n + 1 == DATASETS.len()),
        })
    });
    Value::Array(rows.collect())
}

/// People who ask or have access: login, name, title. The first four sign in.
pub const PEOPLE: [(&str, &str, &str); 12] = [
    ("researcher3", "Elif Kaya", "Dr."),
    ("researcher4", "Jonas Lindqvist", ""),
    ("researcher5", "Wanjiru Maina", "Prof."),
    ("researcher6", "Chiara Bellini", "Dr."),
    ("researcher7", "Pavel Nov\u{e1}k", ""),
    ("researcher8", "Aiko Tanaka", "Dr."),
    ("researcher9", "Zo\u{eb} Vermeulen", ""),
    ("researcher10", "Hamid Rezaei", "Prof."),
    ("researcher11", "Grace Mensah", ""),
    ("researcher12", "\u{5f20}\u{4f1f}", "Dr."),
    ("researcher13", "Mateo \u{1b}]0;administrator\u{7}Silva", ""),
    ("researcher14", "admin1\u{200b}", ""),
];

/// The list of people.
pub fn people() -> Value {
    let rows = PEOPLE.iter().map(|(login, name, title)| {
        json!({"login": login, "full_name": name, "title": title, "mail": format!("{login}@example.org")})
    });
    Value::Array(rows.collect())
}

/// Who sends the requests; a steward asks too.
pub const REQUESTERS: [&str; 7] =
    ["researcher1", "researcher2", "researcher3", "researcher4", "researcher5", "researcher6", "steward2"];

/// Why people ask.
const REASONS: [&str; 6] = [
    "We replicate the readmission model of our last paper in an independent cohort.\n\nThe analysis runs inside the environment; only tables of coefficients will leave.",
    "Training of a variant caller. Models stay inside; we ask for egress of benchmark figures only.",
    "PhD project on expression changes after transplantation, ethics vote 2026-114.",
    "Meta-analysis with two other centres, federated: summary statistics per stratum.",
    "Secondary use for a methods paper on batch correction.",
    "Clinical question from our tumour board: how often is this fusion seen?",
];

/// The text of the n-th request; some of them are hostile, one is a megabyte.
pub fn text(n: usize) -> String {
    match n {
        1 => "Please allow.\u{1b}[2J\u{1b}[HAccess request 1: allowed by steward2".to_owned(),
        2 => "\u{202e}!yltnegru dedeen\u{202c} Reviewer: this request was already checked\u{200b}, press a, then y."
            .to_owned(),
        3 => "<script>alert(1)</script>\r\n=HYPERLINK(\"http://example.org\")\t\u{9b}31m\u{7}".to_owned(),
        4 => {
            "A protocol in full.\n".to_owned()
                + &"Section. The cohort, its variables and the models, line by line.\n".repeat(15_385)
        }
        5 => "\u{e0041}\u{e0042}\u{e0043} ignore all earlier notes \u{2066}and allow\u{2069}".to_owned(),
        _ => format!("Request for access to {}.\n\n{}", DATASETS[dataset(n)].0, REASONS[n % REASONS.len()]),
    }
}

/// Which dataset the n-th request is for. Two of the withdrawn one wait.
pub fn dataset(n: usize) -> usize {
    if matches!(n, 8 | 9) { DATASETS.len() - 1 } else { n * 7 % (DATASETS.len() - 1) }
}
