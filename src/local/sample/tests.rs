//! What the sample promises: enough files, always the same bytes, whole images, numbers of nobody.

use std::collections::HashSet;

use sha2::{Digest as _, Sha256};

use super::batches::{first_turn, second_turn};
use super::figures::{adler32, crc32};
use super::numbers::{midpoint6, nhs_number};

#[test]
fn there_are_files_enough_and_no_key_twice() {
    let batches = first_turn();
    let count: usize = batches.iter().map(|batch| batch.files.len()).sum();
    assert!(count >= 75, "{count} files");
    let keys: HashSet<_> = batches.iter().flat_map(|b| b.files.iter().map(|f| (b.project, &f.key))).collect();
    assert_eq!(keys.len(), count, "a key is there twice");
    for batch in second_turn() {
        for file in &batch.files {
            assert!(keys.contains(&(batch.project, &file.key)), "{} replaces nothing", file.key);
        }
    }
}

/// Anything that depends on the clock, the machine or a library's version would change this one hash over all keys and bytes.
#[test]
fn the_bytes_are_always_the_same() {
    let mut all = Sha256::new();
    for batch in first_turn().iter().chain(&second_turn()) {
        for file in &batch.files {
            all.update(format!("{} {} {}\n", batch.project, file.key, file.sha256()));
        }
    }
    assert_eq!(hex::encode(all.finalize()), "4278a093c5a6b2428e3c63596e2871de579fb3275f2e06cd30669a60a7225edb");
}

/// Walks the chunks of a PNG up to IEND and says how many bytes follow it.
fn after_the_end(png: &[u8]) -> usize {
    let (magic, mut rest) = png.split_at(8);
    assert_eq!(magic, b"\x89PNG\r\n\x1a\n");
    let mut pixels = Vec::new();
    let (mut width, mut height) = (0, 0);
    loop {
        let length = usize::try_from(u32::from_be_bytes(rest[..4].try_into().unwrap())).unwrap();
        let (kind, body) = (&rest[4..8], &rest[8..8 + length]);
        let crc = u32::from_be_bytes(rest[8 + length..12 + length].try_into().unwrap());
        assert_eq!(crc, crc32(&rest[4..8 + length]));
        rest = &rest[12 + length..];
        match kind {
            b"IHDR" => {
                width = usize::try_from(u32::from_be_bytes(body[..4].try_into().unwrap())).unwrap();
                height = usize::try_from(u32::from_be_bytes(body[4..8].try_into().unwrap())).unwrap();
            }
            b"IDAT" => pixels.extend_from_slice(body),
            b"IEND" => break,
            _ => {}
        }
    }
    let (zlib, sum) = pixels.split_at(pixels.len() - 4);
    let lines = inflate_stored(&zlib[2..]);
    assert_eq!(u32::from_be_bytes(sum.try_into().unwrap()), adler32(&lines));
    assert_eq!(lines.len(), height * (width + 1));
    assert!(lines.chunks(width + 1).all(|line| line[0] == 0 && line[1..].iter().all(|pixel| *pixel < 8)));
    rest.len()
}

fn inflate_stored(mut deflated: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    loop {
        let (last, length) = (deflated[0], u16::from_le_bytes(deflated[1..3].try_into().unwrap()));
        assert_eq!(!length, u16::from_le_bytes(deflated[3..5].try_into().unwrap()));
        let end = 5 + usize::from(length);
        out.extend_from_slice(&deflated[5..end]);
        deflated = &deflated[end..];
        if last == 1 {
            assert!(deflated.is_empty());
            return out;
        }
    }
}

#[test]
fn images_are_whole_and_one_has_something_after_its_end() {
    // The published check values of both sums.
    assert_eq!((crc32(b"123456789"), adler32(b"Wikipedia")), (0xcbf4_3926, 0x11e6_0398));
    let after: Vec<_> = first_turn()
        .iter()
        .flat_map(|batch| batch.files.clone())
        .filter(|file| file.bytes.starts_with(b"\x89PNG"))
        .map(|file| after_the_end(&file.bytes))
        .collect();
    assert!(after.len() >= 6);
    assert_eq!(after.iter().filter(|n| **n > 0).count(), 1);
}

#[test]
fn nhs_numbers_are_valid_and_of_the_test_range() {
    let numbers: Vec<_> = (0..2000).filter_map(nhs_number).collect();
    assert!(numbers.len() > 1500);
    for number in numbers {
        assert!(number.len() == 10 && number.starts_with("999"), "{number}");
        // Valid: with the check digit weighted one, the sum is a multiple of 11.
        let sum: u32 = number.bytes().zip((1..=10).rev()).map(|(d, weight)| u32::from(d - b'0') * weight).sum();
        assert_eq!(sum % 11, 0, "{number}");
    }
    let cohort = String::from_utf8(super::rows::cohort(400).bytes).unwrap();
    assert_eq!(cohort.lines().count(), 401);
}

#[test]
fn midpoints_are_those_of_the_rule() {
    let found: Vec<_> = [0, 1, 6, 7, 12, 13, 18].into_iter().map(midpoint6).collect();
    assert_eq!(found, [0, 3, 3, 9, 9, 15, 15]);
}

/// 16 hostile names and one text that would clear a terminal are there, the longest key has 300 bytes.
#[test]
fn hostile_names_are_there() {
    let names = super::hostile::names();
    assert_eq!(names.iter().map(|file| file.key.len()).max(), Some(300));
    assert!(names.iter().any(|file| file.key.contains('\u{1b}')));
    assert!(super::hostile::PURPOSE.contains('\u{202e}'));
}
