//! What single values are: numbers, dates, and the identifiers of people. Pure; called by the table preview and the scanner.

/// Whether a part stands somewhere in bytes.
pub(super) fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

/// Whether a cell stands for no value. From the defaults of R, pandas, SAS and Stata.
pub(super) fn is_missing(text: &str) -> bool {
    matches!(
        text.trim(),
        "" | "NA" | "N/A" | "n/a" | "NaN" | "nan" | "NULL" | "null" | "None" | "<NA>" | "." | "-" | "--" | "–" | "—"
    )
}

/// Whether a cell hides a count: `<10`, `≤7`, `[c]`, `*`, `suppressed`. From the habits of the ONS (`[c]`), NHS England (`*`)
/// and ACRO.
pub(super) fn is_hidden(text: &str) -> bool {
    let text = text.trim().to_lowercase();
    let bound = text.trim_start_matches(['<', '≤', '=', ' ']);
    matches!(text.as_str(), "[c]" | "c" | "*" | "**" | "x" | "suppressed" | "redacted" | "(suppressed)" | "[redacted]")
        || bound.len() < text.len() && number(bound).is_some()
}

/// A number as tables write it: sign, digits, thousands in groups of three by commas, decimals, exponent, per cent.
pub(super) fn number(text: &str) -> Option<f64> {
    let text = text.trim();
    let bare = text.strip_suffix('%').unwrap_or(text).trim_end();
    let plain = if bare.contains(',') { grouped(bare)? } else { bare.to_owned() };
    let first = plain.trim_start_matches(['+', '-']).chars().next()?;
    // `inf`, `nan` and `infinity` parse too, but they are words.
    (first.is_ascii_digit() || first == '.').then(|| plain.parse().ok())?
}

/// Digits in groups of three, the commas taken out.
fn grouped(text: &str) -> Option<String> {
    let (whole, decimals) = text.split_once('.').map_or((text, None), |(whole, part)| (whole, Some(part)));
    let mut groups = whole.split(',');
    let first = groups.next()?.trim_start_matches(['+', '-']);
    let right = (1..=3).contains(&first.len()) && groups.clone().all(|group| group.len() == 3);
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    (right && digits(first) && groups.all(digits) && decimals.is_none_or(digits)).then(|| text.replace(',', ""))
}

/// The whole number a cell counts: `12`, `12.0`, `1,204`, or the number before a share as in `12 (3.4%)`.
pub(super) fn counted(text: &str) -> Option<u64> {
    let text = text.trim();
    let value = match text.split_once('(') {
        Some((count, share)) => {
            number(share.trim_end_matches(')'))?;
            number(count)?
        }
        None if text.ends_with('%') => return None,
        None => number(text)?,
    };
    // Counts are far below 2^53, up to which a double holds every whole number.
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "checked: whole, not negative, below 2^53"
    )]
    (value >= 0.0 && value.fract() == 0.0 && value < 9e15).then_some(value as u64)
}

/// Whether a value is a date: `2026-11-21`, `21/11/2026`, `21.11.2026`, `21 Nov 2026`, with a time behind or not.
pub(super) fn is_date(text: &str) -> bool {
    let text = text.trim();
    let day = text.split(['T', ' ']).next().unwrap_or_default();
    for sign in ['-', '/', '.'] {
        let parts: Vec<&str> = day.split(sign).collect();
        if let [first, second, third] = parts.as_slice() {
            return date_parts(first, second, third);
        }
    }
    let words: Vec<&str> = text.split([' ', '-']).collect();
    matches!(words.as_slice(), [day, month, year, ..] if is_number(day, 31) && is_month(month) && is_year(year))
}

fn date_parts(first: &str, second: &str, third: &str) -> bool {
    if is_month(second) {
        return is_number(first, 31) && is_year(third);
    }
    let short = |text: &str| text.len() == 2 && is_number(text, 99);
    is_year(first) && is_number(second, 12) && is_number(third, 31)
        || is_number(first, 31) && is_number(second, 31) && (is_year(third) || short(third))
}

fn is_number(text: &str, most: u32) -> bool {
    (1..=2).contains(&text.len()) && text.parse::<u32>().is_ok_and(|number| (1..=most).contains(&number))
}

fn is_year(text: &str) -> bool {
    text.len() == 4 && text.parse::<u32>().is_ok_and(|year| (1800..=2200).contains(&year))
}

fn is_month(text: &str) -> bool {
    const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let lower = text.to_lowercase();
    lower.len() >= 3
        && MONTHS.iter().any(|month| lower.starts_with(month))
        && lower.bytes().all(|b| b.is_ascii_lowercase())
}

/// Whether ten digits are an NHS number: weights 10 to 2, 11 minus the remainder by 11 is the last digit, 11 counts as 0 and
/// 10 is never given. From the NHS Data Dictionary, NHS NUMBER.
pub(super) fn nhs_digits(digits: &[u8]) -> bool {
    let [first @ .., check] = digits else { return false };
    if first.len() != 9 || !digits.iter().all(u8::is_ascii_digit) || digits.iter().all(|digit| digit == check) {
        return false;
    }
    let sum: u32 = first.iter().zip((2..=10).rev()).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    let wanted = match 11 - sum % 11 {
        11 => 0,
        other => other,
    };
    wanted == u32::from(check - b'0')
}

/// Whether an NHS number stands in a text, alone or as 3-3-4 digits with blanks or hyphens.
pub(super) fn has_nhs_number(text: &str) -> bool {
    let bytes = text.as_bytes();
    let mut start = 0;
    while let Some(at) = bytes[start..].iter().position(u8::is_ascii_digit).map(|at| start + at) {
        let run = |from: usize| bytes[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        let end = at + run(at);
        // The last digit of a word (`A123`) or a decimal begins no number of its own.
        let free = at == 0 || !(bytes[at - 1].is_ascii_alphanumeric() || matches!(bytes[at - 1], b'.' | b'_'));
        let mut digits = bytes[at..end].to_vec();
        let mut tail = end;
        if end - at == 3 && matches!(bytes.get(end), Some(b' ' | b'-')) && run(end + 1) == 3 {
            let middle = end + 4;
            if matches!(bytes.get(middle), Some(b' ' | b'-')) && run(middle + 1) == 4 {
                digits.extend(&bytes[end + 1..middle]);
                digits.extend(&bytes[middle + 1..middle + 5]);
                tail = middle + 5;
            }
        }
        let open = match bytes.get(tail) {
            Some(b'.') => bytes.get(tail + 1).is_some_and(u8::is_ascii_digit),
            next => next.is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'_'),
        };
        if free && !open && nhs_digits(&digits) {
            return true;
        }
        start = end;
    }
    false
}

/// Whether an address of mail stands in a text.
pub(super) fn has_email(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.iter().enumerate().filter(|(_, byte)| **byte == b'@').any(|(at, _)| {
        let local = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'%' | b'+' | b'-');
        let before = at > 0 && bytes[at - 1].is_ascii_alphanumeric() | matches!(bytes[at - 1], b'_' | b'+' | b'-');
        let host: Vec<u8> =
            bytes[at + 1..].iter().take(254).take_while(|byte| local(byte) && **byte != b'%').copied().collect();
        let host = String::from_utf8_lossy(&host);
        let mut labels = host.trim_end_matches('.').rsplit('.');
        let top = labels.next().unwrap_or_default();
        before
            && top.len() >= 2
            && top.bytes().all(|byte| byte.is_ascii_alphabetic())
            && labels.next().is_some_and(|label| !label.is_empty())
    })
}

/// Whether a UK postcode stands in a text. In running text it has to be in capitals, with a blank or none inside.
///
/// Shapes from BS 7666 as Royal Mail gives them: A9 9AA, A99 9AA, AA9 9AA, AA99 9AA, A9A 9AA, AA9A 9AA; the last two letters are
/// never C, I, K, M, O or V.
pub(super) fn has_postcode(text: &str) -> bool {
    let whole = text.trim();
    let upper = whole.to_ascii_uppercase();
    if whole.len() <= 8 && postcode_at(upper.as_bytes(), 0) == Some(whole.len()) {
        return true;
    }
    let bytes = text.as_bytes();
    (0..bytes.len()).any(|at| {
        (at == 0 || !bytes[at - 1].is_ascii_alphanumeric())
            && postcode_at(bytes, at).is_some_and(|end| !bytes.get(end).is_some_and(u8::is_ascii_alphanumeric))
    })
}

fn postcode_at(bytes: &[u8], at: usize) -> Option<usize> {
    let letters = bytes[at..].iter().take(3).take_while(|byte| byte.is_ascii_uppercase()).count();
    let mut end = at + letters;
    if !(1..=2).contains(&letters) || !bytes.get(end)?.is_ascii_digit() {
        return None;
    }
    end += 1;
    let inward = |from: usize| {
        let rest = bytes.get(from..from + 3)?;
        let letter = |byte: u8| byte.is_ascii_uppercase() && !b"CIKMOV".contains(&byte);
        (rest[0].is_ascii_digit() && letter(rest[1]) && letter(rest[2])).then_some(from + 3)
    };
    // The outward part may have one more digit or letter; the blank may be missing.
    [end, end + 1].into_iter().find_map(|outward| {
        if outward > end && !bytes.get(end)?.is_ascii_alphanumeric() {
            return None;
        }
        let blank = usize::from(bytes.get(outward) == Some(&b' '));
        inward(outward + blank)
    })
}

/// Whether a character draws nothing, or turns the direction of what is around it.
pub(super) fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180E}'
        | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FEFF}'
        | '\u{FFA0}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E0FFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_counts_are_read_as_tables_write_them() {
        for (text, value) in
            [("12", 12.0), ("-1.5", -1.5), ("1,204", 1204.0), ("3%", 3.0), (".5", 0.5), ("1e3", 1000.0)]
        {
            assert_eq!(number(text), Some(value), "{text}");
        }
        for text in ["", "nan", "inf", "1,2", "12a", "2026-11-21", "-", "1,2345"] {
            assert_eq!(number(text), None, "{text}");
        }
        assert_eq!(counted("12 (3.4%)"), Some(12));
        assert_eq!(counted("3.0"), Some(3));
        for text in ["3.5", "-3", "3%", "<10", "3 (of some)", "[c]"] {
            assert_eq!(counted(text), None, "{text}");
        }
    }

    #[test]
    fn dates_are_told_from_numbers() {
        for text in
            ["2026-11-21", "21/11/2026", "1.2.1990", "21-Nov-2026", "3 March 1950", "2026-11-21T10:00:00Z", "01/02/90"]
        {
            assert!(is_date(text), "{text}");
        }
        for text in ["12", "1.2", "2026", "10.0.0.1", "99/99/99", "1-2", "n/a"] {
            assert!(!is_date(text), "{text}");
        }
    }

    #[test]
    fn nhs_numbers_need_their_check_digit() {
        // The example of the NHS Data Dictionary.
        assert!(
            has_nhs_number("9434765919") && has_nhs_number("Pat 943 476 5919, seen") && has_nhs_number("943-476-5919")
        );
        for text in
            ["9434765918", "94347659190", "19434765919", "x9434765919", "0.9434765919", "1111111111", "943 476 591"]
        {
            assert!(!has_nhs_number(text), "{text}");
        }
        assert!(has_nhs_number("id 123 9434765919."));
    }

    #[test]
    fn mail_and_postcodes_are_found_in_text() {
        for text in ["a@b.org", "write to jo.bloggs+x@nhs.example.uk.", "<jo@host.example>"] {
            assert!(has_email(text), "{text}");
        }
        for text in ["@home", "a@b", "x @ y.z", "model@0.9", "a@.org"] {
            assert!(!has_email(text), "{text}");
        }
        for text in ["SW1A 1AA", "sw1a1aa", "lives at M1 1AE now", "EC1A 1BB", "B33 8TH", "DN55 1PT", "CR2 6XH,"] {
            assert!(has_postcode(text), "{text}");
        }
        for text in ["sw1a", "A1 2CI", "see table B1 2", "in m1 1ae lower case", "ABC1 1AA", "COVID19 2AB"] {
            assert!(!has_postcode(text), "{text}");
        }
    }
}
