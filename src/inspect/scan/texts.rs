//! The rules for any stretch of text: a line, a cell, a name. No finding repeats what it found: findings are stored and shown
//! where the file itself is not. Called by the scans of text and tables.

use crate::domain::egress::Place;
use crate::inspect::found::{self, Found};
use crate::inspect::values::{has_email, has_nhs_number, has_postcode, is_invisible};

/// Looks at one text.
pub(super) fn check(text: &str, found: &mut Found, place: &dyn Fn() -> Place) {
    let bytes = text.as_bytes();
    if bytes.iter().any(|byte| *byte < 0x20 || *byte == 0x7F) || !text.is_ascii() {
        characters(text, found, place);
    }
    if bytes.contains(&b'@') && has_email(text) {
        found.add(found::EMAIL, place, || "A mail address stands here.".to_owned());
    }
    if bytes.iter().filter(|byte| byte.is_ascii_digit()).count() >= 10 && has_nhs_number(text) {
        found.add(found::NHS, place, || "Ten digits with the check digit of an NHS number stand here.".to_owned());
    }
    if bytes.len() >= 5 && bytes.iter().any(u8::is_ascii_digit) && has_postcode(text) {
        found.add(found::POSTCODE, place, || "A UK postcode stands here.".to_owned());
    }
}

fn characters(text: &str, found: &mut Found, place: &dyn Fn() -> Place) {
    if text.contains('\0') {
        let sentence = || "A NUL byte stands here; some programs show nothing behind it.".to_owned();
        found.add(found::NUL, place, sentence);
    }
    if let Some(c) = text.chars().find(|c| c.is_control() && !matches!(c, '\0' | '\t' | '\n' | '\r')) {
        let sentence =
            || format!("A control character (U+{:04X}) stands here; it may change what a screen shows.", u32::from(c));
        found.add(found::CONTROL, place, sentence);
    }
    if let Some(c) = text.chars().find(|c| is_invisible(*c)) {
        let sentence = || format!("An invisible or direction-changing character (U+{:04X}) stands here.", u32::from(c));
        found.add(found::INVISIBLE, place, sentence);
    }
}
