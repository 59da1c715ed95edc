//! Models, archives and documents, written byte by byte so that they never depend on a library's version. Called by
//! [`super::batches`].

use std::fmt::Write as _;

use super::SampleFile;
use super::figures::{crc32, stored};
use super::numbers::{Numbers, nhs_number};

/// gzip around stored blocks, without a time stamp.
fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3];
    out.extend(stored(bytes));
    out.extend(crc32(bytes).to_le_bytes());
    out.extend(length(bytes).to_le_bytes());
    out
}

fn length(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.len()).unwrap_or(u32::MAX)
}

/// R's serialisation in its binary form (XDR, version 2).
struct Rds(Vec<u8>);

impl Rds {
    fn int(&mut self, n: u32) {
        self.0.extend(n.to_be_bytes());
    }

    fn symbol_or_string(&mut self, text: &str) {
        self.int(0x0004_0009);
        self.int(length(text.as_bytes()));
        self.0.extend(text.as_bytes());
    }

    fn strings(&mut self, of: &[&str]) {
        self.int(16);
        self.int(u32::try_from(of.len()).unwrap_or_default());
        for text in of {
            self.symbol_or_string(text);
        }
    }

    fn reals(&mut self, of: &[f64]) {
        self.int(14);
        self.int(u32::try_from(of.len()).unwrap_or_default());
        for x in of {
            self.0.extend(x.to_be_bytes());
        }
    }
}

/// `list(coefficients, terms, training)` as `saveRDS` writes it: the training data is inside.
pub fn rds() -> SampleFile {
    let mut numbers = Numbers::of("models/risk.rds");
    let mut r = Rds(b"X\n".to_vec());
    for n in [2, 0x0004_0401, 0x0002_0300, 0x213, 3] {
        r.int(n);
    }
    r.reals(&[-4.21, 0.067, 0.312, 0.488, 0.295, 0.711]);
    r.strings(&["(Intercept)", "age", "male", "diabetes", "af", "prior_admission"]);
    let training: Vec<f64> = (0..64_000).map(|_| numbers.float(18_000, 99_000)).collect();
    r.reals(&training);
    r.int(0x402);
    r.int(1);
    r.symbol_or_string("names");
    r.strings(&["coefficients", "terms", "training"]);
    r.int(0xfe);
    SampleFile::new("models/risk.rds", gzip(&r.0))
}

/// A dictionary as Python's pickle (protocol 2) writes it.
pub fn pickle() -> SampleFile {
    let mut numbers = Numbers::of("models/risk_forest.pkl");
    let mut out = b"\x80\x02}(".to_vec();
    let text = |out: &mut Vec<u8>, text: &str| {
        out.push(b'X');
        out.extend(length(text.as_bytes()).to_le_bytes());
        out.extend(text.as_bytes());
    };
    text(&mut out, "model");
    text(&mut out, "sklearn.ensemble.RandomForestClassifier");
    text(&mut out, "n_features_in_");
    out.extend([b'K', 24]);
    for name in ["feature_importances_", "oob_decision_function_"] {
        text(&mut out, name);
        out.extend(b"](");
        for _ in 0..if name.starts_with('f') { 24 } else { 4096 } {
            out.push(b'G');
            out.extend(numbers.float(0, 1000).to_be_bytes());
        }
        out.push(b'e');
    }
    out.extend(b"u.");
    SampleFile::new("models/risk_forest.pkl", out)
}

/// A zip archive without compression; all its times are the format's first.
fn zip(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for (name, body) in entries {
        let at = length(&out);
        let mut facts = vec![20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0];
        for n in [crc32(body), length(body), length(body)] {
            facts.extend(n.to_le_bytes());
        }
        facts.extend(u16::try_from(name.len()).unwrap_or_default().to_le_bytes());
        facts.extend([0, 0]);
        out.extend(b"PK\x03\x04");
        out.extend(&facts);
        out.extend(name.as_bytes());
        out.extend(*body);
        directory.extend(b"PK\x01\x02\x14\x00");
        directory.extend(&facts);
        directory.extend([0; 10]);
        directory.extend(at.to_le_bytes());
        directory.extend(name.as_bytes());
    }
    let (count, at) = (u16::try_from(entries.len()).unwrap_or_default().to_le_bytes(), length(&out));
    out.extend(&directory);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend([count, count].as_flattened());
    out.extend(length(&directory).to_le_bytes());
    out.extend(at.to_le_bytes());
    out.extend([0, 0]);
    out
}

/// An archive of results with one member that climbs out of the folder it is unpacked in.
pub fn archive() -> SampleFile {
    SampleFile::new(
        "supplement/all_tables.zip",
        zip(&[
            ("tables/table_s1.csv", b"arm,n,events\nplacebo,610,88\ntreatment,604,61\n"),
            ("tables/table_s2.csv", b"site,n\nA,4\nB,112\nC,96\n"),
            ("../../.bashrc", b"# not from this study\n"),
            ("README.txt", b"Supplementary tables S1 and S2.\n"),
        ]),
    )
}

/// A workbook with a sheet that opens and one that is hidden.
pub fn workbook() -> SampleFile {
    const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006";
    let head = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
    let sheet = |rows: &[Vec<String>]| {
        let mut text = format!("{head}<worksheet xmlns=\"{MAIN}\"><sheetData>");
        for row in rows {
            text.push_str("<row>");
            for cell in row {
                let _ = match cell.strip_prefix('=') {
                    Some(formula) => write!(text, "<c><f>{formula}</f></c>"),
                    None => write!(text, "<c t=\"inlineStr\"><is><t>{cell}</t></is></c>"),
                };
            }
            text.push_str("</row>");
        }
        text + "</sheetData></worksheet>"
    };
    let row = |cells: [&str; 3]| cells.map(str::to_owned).to_vec();
    let shown = sheet(&[
        row(["arm", "n", "events"]),
        row(["placebo", "610", "88"]),
        row(["treatment", "604", "=SUM(lookup!C1:C9)"]),
    ]);
    let hidden: Vec<_> = (1..)
        .filter_map(nhs_number)
        .take(40)
        .zip(1..)
        .map(|(nhs, n)| vec![format!("P{n:05}"), nhs, "1948-05-0".to_owned() + &(n % 9 + 1).to_string()])
        .collect();
    let types = format!(
        "{head}<Types xmlns=\"{PACKAGE}/content-types\"><Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/><Default Extension=\"xml\" ContentType=\"application/xml\"/><Override PartName=\"/xl/workbook.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml\"/><Override PartName=\"/xl/worksheets/sheet1.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml\"/><Override PartName=\"/xl/worksheets/sheet2.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml\"/></Types>"
    );
    let root = format!(
        "{head}<Relationships xmlns=\"{PACKAGE}/relationships\"><Relationship Id=\"rId1\" Type=\"{OFFICE}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
    );
    let book = format!(
        "{head}<workbook xmlns=\"{MAIN}\" xmlns:r=\"{OFFICE}\"><sheets><sheet name=\"Outcomes\" sheetId=\"1\" r:id=\"rId1\"/><sheet name=\"lookup\" sheetId=\"2\" state=\"hidden\" r:id=\"rId2\"/></sheets></workbook>"
    );
    let links = format!(
        "{head}<Relationships xmlns=\"{PACKAGE}/relationships\"><Relationship Id=\"rId1\" Type=\"{OFFICE}/worksheet\" Target=\"worksheets/sheet1.xml\"/><Relationship Id=\"rId2\" Type=\"{OFFICE}/worksheet\" Target=\"worksheets/sheet2.xml\"/></Relationships>"
    );
    let bytes = zip(&[
        ("[Content_Types].xml", types.as_bytes()),
        ("_rels/.rels", root.as_bytes()),
        ("xl/workbook.xml", book.as_bytes()),
        ("xl/_rels/workbook.xml.rels", links.as_bytes()),
        ("xl/worksheets/sheet1.xml", shown.as_bytes()),
        ("xl/worksheets/sheet2.xml", sheet(&hidden).as_bytes()),
    ]);
    SampleFile::new("supplement/outcomes.xlsx", bytes)
}

/// A one-page PDF.
fn pdf(lines: &[&str]) -> Vec<u8> {
    let mut page = "BT /F1 11 Tf 60 780 Td 14 TL\n".to_owned();
    for line in lines {
        let _ = writeln!(page, "({line}) '");
    }
    page.push_str("ET\n");
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>".to_owned(),
        format!("<< /Length {} >>\nstream\n{page}endstream", page.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
    ];
    let (mut out, mut places) = ("%PDF-1.4\n".to_owned(), "0000000000 65535 f \n".to_owned());
    for (object, n) in objects.iter().zip(1..) {
        let _ = writeln!(places, "{:010} 00000 n ", out.len());
        let _ = writeln!(out, "{n} 0 obj\n{object}\nendobj");
    }
    let at = out.len();
    let _ = write!(out, "xref\n0 6\n{places}trailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n{at}\n%%EOF\n");
    out.into_bytes()
}

/// A poster.
pub fn poster() -> SampleFile {
    SampleFile::new(
        "posters/readmission_poster.pdf",
        pdf(&[
            "Readmission after heart failure",
            "11,320 patients, 2015 to 2023",
            "30-day readmission 19.4 %",
            "Contact: cardiac research group",
        ]),
    )
}

/// Names that say one thing and bytes that say another.
pub fn liars() -> Vec<SampleFile> {
    vec![
        SampleFile::new("tables/summary_statistics.csv", pdf(&["This is not a table."])),
        SampleFile::new(
            "figures/overview.png",
            b"<!doctype html><title>overview</title><p>ward B: 3 deaths, ward F: 2 deaths\n".to_vec(),
        ),
        SampleFile::new("logs/session.txt", zip(&[("cohort.csv", b"patient_id,dob\nP00002,1947-02-11\n")])),
    ]
}
