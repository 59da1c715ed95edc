//! Files made to hide something: what a preview shows and says accounts for every byte, and no chunking changes a finding.

use exeat::inspect::{Body, Encoding, Held, Need, Page, PreviewRequest, WINDOW, preview};
use proptest::prelude::*;
use std::fmt::Write as _;
use std::ops::Range;

/// A page of the first bytes of a file of so many, and the ranges that were read for it, one for each time it asked.
fn page(file: &[u8], total: u64, asked: &PreviewRequest, media_type: Option<&str>) -> (Page, Vec<Range<u64>>) {
    let (mut held, mut read) = (Held::of(total), Vec::new());
    loop {
        match preview(&held, asked, media_type) {
            Ok(page) => return (page, read),
            Err(Need(ranges)) => {
                for range in ranges {
                    assert!(range.end - range.start <= 4 << 20 && range.end <= total);
                    let [from, to] = [range.start, range.end].map(|at| usize::try_from(at).unwrap());
                    held.take(range.start, file[from..to].to_vec());
                    read.push(range);
                }
            }
        }
    }
}

/// Reads a file page by page, as the service does.
fn pages(file: &[u8], media_type: Option<&str>, rows: u32) -> Vec<Page> {
    let mut pages = Vec::new();
    let mut request = Some(PreviewRequest { rows, ..PreviewRequest::default() });
    while let Some(asked) = request {
        let total = file.len() as u64;
        let (page, read) = page(file, total, &asked, media_type);
        assert!(read.len() <= 2, "{read:?}");
        request = page.next_request(rows);
        if let Some(next) = &request {
            assert!(next.offset > asked.offset && next.offset < total, "a page has to move on");
        }
        pages.push(page);
    }
    pages
}

fn lines(pages: &[Page]) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for page in pages {
        let Body::Lines { lines, .. } = &page.body else { panic!("{:?}", page.body) };
        for line in lines {
            match all.last_mut() {
                Some(last) if line.continues => last.push_str(line.text.raw()),
                _ => all.push(line.text.raw().to_owned()),
            }
        }
    }
    all
}

fn rows(pages: &[Page]) -> Vec<Vec<String>> {
    let texts = |row: &Vec<exeat::text::Untrusted>| row.iter().map(|cell| cell.raw().to_owned()).collect();
    pages
        .iter()
        .flat_map(|page| match &page.body {
            Body::Table { rows, .. } => rows.iter().map(texts).collect::<Vec<_>>(),
            other => panic!("{other:?}"),
        })
        .collect()
}

fn notes(pages: &[Page]) -> String {
    pages.iter().flat_map(|page| &page.notes).map(|note| note.raw().to_owned()).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_first_page_of_a_huge_table_takes_one_window_and_the_next_goes_on() {
    let total = 10 * 1024 * 1024 * 1024;
    let first = PreviewRequest { rows: 50, ..PreviewRequest::default() };
    let mut file = String::from("ward,n\n");
    for row in 0..100_000 {
        writeln!(file, "w{row},{row}").unwrap();
    }
    let (one, read) = page(file.as_bytes(), total, &first, Some("text/csv"));
    assert_eq!((read.len(), &read[0]), (1, &(0..WINDOW)));
    let Body::Table { columns, rows, first_row, .. } = &one.body else { panic!() };
    assert_eq!((rows.len(), *first_row, columns[1].name.raw()), (50, Some(1), "n"));
    let next = one.next_request(50).unwrap();
    let (two, read) = page(file.as_bytes(), total, &next, Some("text/csv"));
    assert_eq!((read.len(), &read[0]), (1, &(next.offset..next.offset + WINDOW)));
    let Body::Table { columns, rows, first_row, .. } = &two.body else { panic!() };
    assert_eq!((rows[0][0].raw(), *first_row, columns[0].name.raw()), ("w50", Some(51), "ward"));
    // Both as one, as the desk keeps them: what was read is counted once, and the columns' facts are those of all rows.
    let mut both = one;
    both.go_on(two);
    assert_eq!(both.read_bytes, read[0].end);
    let Body::Table { columns, rows, .. } = &both.body else { panic!() };
    assert_eq!((rows.len(), columns[1].facts.values, columns[1].facts.longest), (100, 100, 2));
}

#[test]
fn every_row_of_a_table_is_shown_once_whatever_the_pages() {
    let mut file = String::from("ward,n\r\n");
    for row in 0..40_000 {
        write!(file, "\"w,{row}\",{row}\r\n").unwrap();
    }
    for page_rows in [37, 100_000] {
        let all = rows(&pages(file.as_bytes(), Some("text/csv"), page_rows));
        assert_eq!(all.len(), 40_000);
        assert!(all.iter().enumerate().all(|(at, row)| row[0] == format!("w,{at}") && row[1] == at.to_string()));
    }
}

#[test]
fn a_lone_quote_hides_no_row() {
    let mut file = String::from("ward,n\nA,\"12\n");
    for row in 0..30_000 {
        writeln!(file, "hidden{row},{row}").unwrap();
    }
    let read = pages(file.as_bytes(), Some("text/csv"), 500);
    let all = rows(&read);
    assert_eq!(all.len(), 30_001);
    assert_eq!(all[0], ["A", "\"12"]);
    assert!(notes(&read).contains("A quote is never closed and shown as it stands: row 1."), "{}", notes(&read));
}

#[test]
fn nul_uneven_rows_and_mixed_encodings_stay_in_sight() {
    let file = b"ward,n\nA,12\n\0B,3\nC\xE9,4,secret\nD\n\xC3\xA9,5\n";
    let read = pages(file, Some("text/csv"), 100);
    assert_eq!(
        rows(&read),
        [vec!["A", "12"], vec!["\0B", "3"], vec!["C\u{e9}", "4", "secret"], vec!["D"], vec!["\u{e9}", "5"]]
    );
    let said = notes(&read);
    for part in ["1 NUL byte", "row 3 has 3, row 4 has 1", "read so: row 5 (UTF-8)"] {
        assert!(said.contains(part), "{part} not in {said}");
    }
    let Body::Table { columns, .. } = &read[0].body else { panic!() };
    assert_eq!(columns.len(), 3);
}

#[test]
fn old_and_wide_tables_are_read() {
    assert_eq!(rows(&pages(b"a,b\r1,2\r3,4", Some("text/csv"), 10)), [["1", "2"], ["3", "4"]]);
    let wide: Vec<u8> = "\u{FEFF}ward;n\nÅ;12\n😀;3\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    for page_rows in [1, 100] {
        let read = pages(&wide, None, page_rows);
        assert_eq!(rows(&read), [["Å", "12"], ["😀", "3"]]);
        assert!(notes(&read).contains("UTF-16LE"));
    }
}

#[test]
fn a_line_of_megabytes_is_shown_in_pieces_without_a_gap() {
    let long = format!("start {} secret\nlast", "é".repeat(700_000));
    for page_rows in [7, 5000] {
        assert_eq!(lines(&pages(long.as_bytes(), Some("text/plain"), page_rows)).join("\n"), long);
    }
}

#[test]
fn lines_are_numbered_over_pages_and_pieces() {
    let file = format!("one\n{}\nthree\nfour\n", "x".repeat(10_000));
    let read = pages(file.as_bytes(), Some("text/plain"), 2);
    let firsts: Vec<_> = read
        .iter()
        .map(|page| match &page.body {
            Body::Lines { first_line, lines, .. } => (*first_line, lines[0].continues),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(firsts, [(Some(1), false), (Some(2), true), (Some(3), false)]);
}

#[test]
fn other_bytes_are_shown_in_hex_to_the_last() {
    let file: Vec<u8> = (0..2000_u32).map(|n| u8::try_from(n * 7 % 251).unwrap()).collect();
    let read = pages(&file, Some("application/octet-stream"), 10);
    let all: Vec<u8> = read
        .iter()
        .flat_map(|page| match &page.body {
            Body::Hex { bytes, .. } => bytes.clone(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(all, file);
    assert_eq!(exeat::inspect::hex_line(16, b"AB\x00"), format!("00000010  {:<47}  AB.", "41 42 00"));
}

/// An archive of so many empty parts with names of 200 letters; it begins with bytes that are no part of it.
fn archive(parts: u32, before: &[u8]) -> Vec<u8> {
    let local = [&b"PK\x03\x04\x14\0"[..], &[0; 20], &[200, 0, 0, 0]].concat();
    let central = [&b"PK\x01\x02\x14\0\x14\0"[..], &[0; 20], &[200, 0, 0, 0], &[0; 14]].concat();
    let (mut file, mut listing) = (before.to_vec(), Vec::new());
    for part in 0..parts {
        let name = format!("{part:0200}");
        file.extend([local.as_slice(), name.as_bytes()].concat());
        listing.extend([central.as_slice(), name.as_bytes()].concat());
    }
    let count = u16::try_from(parts).unwrap().to_le_bytes();
    let place = [u32::try_from(listing.len()).unwrap(), u32::try_from(file.len() - before.len()).unwrap()];
    let end = [&b"PK\x05\x06\0\0\0\0"[..], &count, &count, &place.map(u32::to_le_bytes).concat(), &[0, 0]].concat();
    [file, listing, end].concat()
}

#[test]
fn an_archive_is_listed_however_long_its_listing_is() {
    let media_type = Some("application/zip");
    for (parts, times) in [(3, 1), (3000, 2)] {
        let file = archive(parts, b"");
        let (page, read) = page(&file, file.len() as u64, &PreviewRequest::default(), media_type);
        assert_eq!((rows(&[page]).len(), read.len()), (parts as usize, times));
    }
    // Nobody said that it is one: the first bytes do, and then the last ones are asked for.
    let file = archive(2000, b"");
    let (page, read) = page(&file, file.len() as u64, &PreviewRequest::default(), None);
    assert_eq!((page.kind.as_str(), rows(std::slice::from_ref(&page)).len(), read.len()), ("zip", 2000, 3));
}

#[test]
fn what_has_no_listing_is_shown_from_its_first_byte() {
    let mut file = archive(3000, b"");
    file.truncate(file.len() - 5);
    let read = pages(&file, Some("application/zip"), 10_000);
    assert!(notes(&read).contains("has no listing at its end"), "{}", notes(&read));
    let all: usize =
        read.iter().map(|page| if let Body::Hex { bytes, .. } = &page.body { bytes.len() } else { 0 }).sum();
    assert_eq!(all, file.len());
}

proptest! {
    #[test]
    fn text_comes_back_to_the_byte(text in "(\\PC|[\n\t\u{0}\u{202e}]){0,300}", page_rows in 1..20_u32) {
        let read = pages(text.as_bytes(), Some("text/plain"), page_rows);
        if !text.is_empty() {
            let mut shown = lines(&read).join("\n");
            if text.ends_with('\n') {
                shown.push('\n');
            }
            let bare = text.strip_prefix('\u{FEFF}').unwrap_or(&text);
            prop_assert_eq!(shown, bare);
        }
    }

    #[test]
    fn no_bytes_make_a_preview_fail_or_stand_still(
        bytes in proptest::collection::vec(prop_oneof![3 => proptest::sample::select(b",\"\n\r\t;ab1\0".to_vec()), 1 => any::<u8>()], 0..600),
        page_rows in 1..50_u32,
        kind in proptest::sample::select(vec![None, Some("text/csv"), Some("text/tab-separated-values"), Some("text/plain"),
            Some("text/plain; charset=utf-16le"), Some("text/csv; charset=utf-16be"), Some("application/json"),
            Some("image/png"), Some("image/jpeg"), Some("application/zip"), Some("nonsense")]),
    ) {
        let read = pages(&bytes, kind, page_rows);
        prop_assert!(!read.is_empty());
    }

    #[test]
    fn every_letter_of_a_table_is_in_a_cell(
        bytes in proptest::collection::vec(proptest::sample::select(b",\"\n\rab1\0\xE9".to_vec()), 0..400),
        page_rows in 1..50_u32,
    ) {
        let read = pages(&bytes, Some("text/csv; charset=utf-8"), page_rows);
        if !bytes.is_empty() {
            let header = read.iter().find_map(|page| match &page.body {
                Body::Table { columns, header: true, .. } => Some(columns.iter().map(|column| column.name.raw().to_owned()).collect::<String>()),
                _ => None,
            }).unwrap_or_default();
            let shown = header + &rows(&read).concat().concat();
            let letters = |wanted: char, text: &str| text.chars().filter(|c| *c == wanted).count();
            let file: String = bytes.iter().map(|byte| char::from(*byte)).collect();
            for letter in ['a', 'b', '\0', '\u{E9}'] {
                prop_assert_eq!(letters(letter, &shown), letters(letter, &file.clone()), "{}", letter.escape_default());
            }
        }
    }
}

#[test]
fn the_encoding_is_said() {
    let read = pages(b"caf\xE9\nbar", Some("text/plain; charset=windows-1252"), 10);
    let Body::Lines { encoding, .. } = &read[0].body else { panic!() };
    assert_eq!(*encoding, Encoding::Windows1252);
    assert_eq!(lines(&read), ["caf\u{e9}", "bar"]);
}
