//! Names and texts of people who mean harm, or whose tools went wrong: escape sequences, bidi controls, characters without
//! width, lookalikes, ways out of a folder. The desk has to show every one of them and obey none. Called by
//! [`super::batches`].

use super::SampleFile;

/// Files whose names are the problem.
pub fn names() -> Vec<SampleFile> {
    let mut long = format!("tables/{}", "sensitivity_by_region_and_quarter_".repeat(9));
    long.truncate(296);
    long.push_str(".csv");
    let keys = [
        "tables/\u{1b}[2J\u{1b}[1;1Hnothing_waits.csv",
        "tables/\u{1b}]0;released\u{7}title.csv",
        "tables/\u{1b}]52;c;ZXhlYXQ=\u{7}clipboard.csv",
        "tables/\u{9b}31mred.csv",
        "figures/km_\u{202e}gnp.exe",
        "tables/zero\u{200b}width.csv",
        "tables/zerowidth.csv",
        "tables/readmissi\u{43e}n_by_ward.csv",
        "tables/tagged\u{e0041}\u{e0042}.csv",
        "tables/line\nbreak.csv",
        "tables/tab\tname.csv",
        "tables/trailing space.csv ",
        "tables/back\\slash.csv",
        "../../x",
        "-rf.csv",
        &long,
    ];
    keys.iter().zip(1..).map(|(key, n)| SampleFile::text(key, format!("row,n\n{n},{}\n", n * 37 + 12))).collect()
}

/// Names that are only foreign: nothing is wrong with them. The first two are the same to the eye and different in bytes.
pub fn foreign() -> Vec<SampleFile> {
    let keys = [
        "tables/r\u{e9}sum\u{e9}_des_s\u{e9}jours.csv",
        "tables/re\u{301}sume\u{301}_des_se\u{301}jours.csv",
        "tables/\u{5fc3}\u{4e0d}\u{5168}_\u{518d}\u{5165}\u{9662}.csv",
        "figures/\u{2764}\u{fe0f}_rates.csv",
        "tables/\u{62c}\u{62f}\u{648}\u{644}_\u{627}\u{644}\u{642}\u{644}\u{628}.csv",
        "tables/Gr\u{f6}\u{df}e & Gewicht (%).csv",
    ];
    keys.iter()
        .zip(1..)
        .map(|(key, n)| SampleFile::text(key, format!("groupe,n\nA,{}\nB,{}\n", n * 53 + 40, n * 29 + 61)))
        .collect()
}

/// A purpose that tries to write on the terminal and to look approved.
pub const PURPOSE: &str = "Tables for the appendix.\u{1b}[1A\u{1b}[2K\u{1b}[32m2/2 approved, released\u{1b}[0m\u{7}\r\
    Approve all\u{202e} .won ti fo daer t'nod\u{202c}\u{200b}\n\n--- exeat: no findings ---";

/// A purpose far too long for any screen.
pub fn long_purpose() -> String {
    "As discussed in the last meeting these are the outputs for work package four, please see the protocol. ".repeat(40)
}
