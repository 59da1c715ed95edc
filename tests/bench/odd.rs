//! Tables made to be slow to scan: each kind costs no more a byte the longer it is, and hardly more than a plain table does.

use std::time::Instant;

use exeat::inspect::{Checks, Scanner};

use crate::figure;

/// Bytes; the larger is twice a row's limit.
const SMALL: usize = 128 * 1024;
const LARGE: usize = 4 * SMALL;
/// What an odd table may cost of a plain one of the same size. The dearest are measured at 3 (every second byte a row) and 4
/// (lone quotes, each of which has its row read again, a hundred times at most).
const DEARER: f64 = 8.0;

/// Repeats a stretch up to so many bytes, behind a header.
fn table(header: &str, stretch: &str, bytes: usize) -> Vec<u8> {
    let mut file = header.as_bytes().to_vec();
    file.extend(stretch.as_bytes().iter().copied().cycle().take(bytes.saturating_sub(file.len())));
    file
}

/// How long scanning takes, fed in the pieces a store sends.
fn took(key: &str, file: &[u8]) -> f64 {
    let begun = Instant::now();
    let mut scanner = Scanner::new(key, &Checks::default());
    for piece in file.chunks(64 * 1024) {
        scanner.feed(piece);
    }
    assert_eq!(scanner.finish().bytes, file.len() as u64);
    begun.elapsed().as_secs_f64() / f64::from(u32::try_from(file.len()).unwrap())
}

/// A kind: a name, the key, and the file at a size.
type Kind = (&'static str, &'static str, fn(usize) -> Vec<u8>);

fn kinds() -> Vec<Kind> {
    vec![
        ("one long row", "t.csv", |n| table("a,b\n", "word 12,", n)),
        ("a column a byte", "t.csv", |n| table("a,b\n", ",", n)),
        ("a header of a column a byte", "t.csv", |n| table("", "a,", n)),
        ("names", "t.csv", |n| {
            let mut file: Vec<u8> = (0..n / 8).flat_map(|at| format!("c{at:06},").into_bytes()).collect();
            file.extend(b"\n1,2\n");
            file
        }),
        ("one cell", "t.csv", |n| table("a,b\n", "x", n)),
        ("one cell of blanks", "t.csv", |n| table("a,b\n", " ", n)),
        ("one quoted cell", "t.csv", |n| table("a,b\n\"", "x\n", n)),
        ("only quotes", "t.csv", |n| table("a,b\n", "\"", n)),
        ("quotes and breaks", "t.csv", |n| table("a,b\n", "\"\n", n)),
        ("quotes that open a cell", "t.csv", |n| table("a,b\n", "x,\"y\n", n)),
        ("quotes that never close", "t.csv", |n| table("a,b\n", "x\"y,\"z\n", n)),
        ("pairs of quotes", "t.csv", |n| table("a,b\n", "\"\",\"\"\n", n)),
        ("only @", "t.csv", |n| table("a,b\n", "@", n)),
        ("an @ and a host without end", "t.csv", |n| table("a,b\n", "a@b-c.d-e-", n)),
        ("@ with many labels", "t.csv", |n| table("a,b\n", &format!("a@{}1 ", "b.".repeat(120)), n)),
        ("half a mail address a cell", "t.csv", |n| table("a,b\n", "a@b,", n)),
        ("digits", "t.csv", |n| table("a,b\n", "1", n)),
        ("digits with hyphens", "t.csv", |n| table("a,b\n", "123-456-789-", n)),
        ("digits with blanks", "t.csv", |n| table("a,b\n", "943 476 591 ", n)),
        ("groups of three", "t.csv", |n| table("a;b\n", "1,000,", n)),
        ("nearly postcodes", "t.csv", |n| table("a,b\n", "SW1A 1A ", n)),
        ("only line breaks", "t.csv", |n| table("a,b\n", "\n", n)),
        ("only carriage returns", "t.csv", |n| table("a,b\r1,2\r", "\r", n)),
        ("carriage returns", "t.csv", |n| table("a,b\r", "1,2\r", n)),
        ("blanks before carriage returns in a cell", "t.csv", |n| table("a,b\n", "\"\t\r\",", n)),
        ("ranges", "t.csv", |n| table("a,b\n", "\"-1.5 (-2.0,\",", n)),
        ("ranges in a row", "t.csv", |n| table("a\n", "-1.5 (-2.0 to 0.3) ", n)),
        ("nearly ranges", "t.csv", |n| table("a,b\n", "\"-1.5 (-2.0, 0.3) to 4\",2\n", n)),
        ("formulas", "t.csv", |n| table("a,b\n", "=1+1,-2+3\n", n)),
        ("brackets", "t.csv", |n| table("a,n\n", "1,12 (((((((((\n", n)),
        ("hidden counts", "t.csv", |n| table("a,n\n", "<<<<<=10,<9\n", n)),
        ("dates", "t.csv", |n| table("a,dob\n", "1-2-3-4-5,21 Nov 2026\n", n)),
        ("capitals in a label", "t.csv", |n| table("a,b\n", "aBcDeFgH,1\n", n)),
        ("two bytes a letter", "t.csv", |n| table("a,b\n", "é,ü\n", n)),
        ("full width", "t.csv", |n| table("a,b\n", "＝＝,１２\n", n)),
        ("another encoding in each row", "t.csv", |n| {
            let mut file = b"a,b\nword,1\n".repeat(6 * 1024);
            file.extend(b"w\xC3rd,w\xE9rd\n".iter().copied().cycle().take(n.saturating_sub(file.len())));
            file
        }),
        ("NULs", "t.csv", |n| table("a,b\nword of many letters,and more\n", "a\0bcdefgh,xyz\n", n)),
        ("controls", "t.csv", |n| table("a,b\nword of many letters,and more\n", "a\u{1}bcdefgh\u{1b},xyz\n", n)),
        ("invisible", "t.csv", |n| table("a,b\n", "\u{200b}a\u{202e},\u{feff}\n", n)),
        ("16 bits a letter", "t.csv", |n| {
            let text = "\u{feff}a,b\n".to_owned() + &"é1,\"\n".repeat(n / 10);
            text.encode_utf16().flat_map(u16::to_le_bytes).collect()
        }),
        ("a long line of text", "t.txt", |n| table("", "a@b.", n)),
        ("a long line of markup", "t.html", |n| table("<!doctype html>", "<scrip java", n)),
        ("short lines of text", "t.txt", |n| table("", "a\n", n)),
        ("a document", "t.pdf", |n| table("%PDF-1.7\n", "/JavaScrip/EmbeddedFil/Launc", n)),
        ("a picture of markers", "t.jpg", |n| {
            let mut file = vec![0xFF, 0xD8];
            file.extend(std::iter::repeat_n(0xFF, n));
            file
        }),
        ("a picture of empty segments", "t.jpg", |n| {
            let mut file = vec![0xFF, 0xD8];
            file.extend([0xFF, 0xFE, 0, 2].iter().copied().cycle().take(n));
            file
        }),
        ("an archive", "t.zip", |n| table("PK\u{3}\u{4}", "PK\u{5}\u{6}PK\u{1}\u{2}", n)),
    ]
}

fn plain(bytes: usize) -> Vec<u8> {
    let rows = (0..bytes / 22).map(|at| format!("ward {},{},{}.5\n", at % 97, at % 1000, at % 31));
    let mut file: Vec<u8> = b"ward,deaths,rate\n".to_vec();
    file.extend(rows.flat_map(String::into_bytes).take(bytes));
    file
}

/// Prints the dearest kinds. Beside a plain table each time, the best of a few: others work on this machine too.
pub fn measure() {
    let usual = plain(SMALL);
    let mut all = Vec::new();
    for (name, key, make) in kinds() {
        let (small, large) = (make(SMALL), make(LARGE));
        let best = |measure: &dyn Fn() -> f64| (0..4).map(|_| measure()).fold(f64::MAX, f64::min);
        let dearer = best(&|| took(key, &large) / took("plain.csv", &usual));
        let grows = best(&|| took(key, &large) / took(key, &small));
        all.push((dearer, grows, name));
    }
    all.sort_by(|one, other| other.0.total_cmp(&one.0));
    let most = all.iter().map(|(_, grows, _)| *grows).fold(0.0, f64::max);
    for (dearer, grows, name) in &all[..3] {
        let value = format!("{dearer:.1} of a plain table; a byte costs {grows:.1} at four times the size");
        figure(name, &value, &format!("{DEARER:.0}"));
    }
    figure("the most a byte grows, of all kinds", &format!("{most:.1}"), "2");
}
