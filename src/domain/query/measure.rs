//! Sizes and ages as people type them in filters: `10M`, `1.5G`, `3d`. Called by [`super::query`].

/// Bytes in each unit, the largest first: powers of 1,024, as `ls -h` and the desk's own sizes.
const SIZES: [(char, u64); 4] = [('T', 1 << 40), ('G', 1 << 30), ('M', 1 << 20), ('K', 1 << 10)];
/// Seconds in each unit, the largest first.
const AGES: [(char, u64); 4] = [('w', 604_800), ('d', DAY), ('h', 3_600), ('m', 60)];
/// Seconds in a day.
pub(super) const DAY: u64 = 86_400;
/// A hundred years: more is a slip of the finger and would leave the calendar.
const OLDEST: u64 = 36_500 * DAY;

/// Bytes from `512`, `10M`, `1.5G`, `10MB` or `10MiB`.
pub(super) fn parse_size(text: &str) -> Option<u64> {
    let upper = text.to_ascii_uppercase();
    let bare = upper.strip_suffix("IB").or_else(|| upper.strip_suffix('B')).unwrap_or(&upper);
    let (number, factor) = SIZES
        .iter()
        .find_map(|(unit, factor)| bare.strip_suffix(*unit).map(|number| (number, *factor)))
        .unwrap_or((bare, 1));
    let (whole, part) = number.split_once('.').unwrap_or((number, "0"));
    if [whole, part].iter().any(|digits| digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit())) {
        return None;
    }
    let scale = 10_u64.checked_pow(u32::try_from(part.len()).ok()?).filter(|scale| *scale <= 1_000_000)?;
    let whole = whole.parse::<u64>().ok()?.checked_mul(factor)?;
    // The database counts bytes in a signed 64-bit column.
    let bytes = whole.checked_add(part.parse::<u64>().ok()?.checked_mul(factor)? / scale)?;
    i64::try_from(bytes).is_ok().then_some(bytes)
}

/// Seconds from `90m`, `36h`, `3d` or `2w`.
pub(super) fn parse_age(text: &str) -> Option<u64> {
    AGES.iter().find_map(|(unit, factor)| {
        let number = text.strip_suffix(*unit).filter(|number| number.bytes().all(|b| b.is_ascii_digit()))?;
        number.parse::<u64>().ok()?.checked_mul(*factor).filter(|seconds| *seconds <= OLDEST)
    })
}

/// The shortest exact spelling of a size.
pub(super) fn size_text(bytes: u64) -> String {
    exact(bytes, &SIZES).unwrap_or_else(|| bytes.to_string())
}

/// The shortest exact spelling of an age made by [`parse_age`].
pub(super) fn age_text(seconds: u64) -> String {
    exact(seconds, &AGES).unwrap_or_else(|| format!("{}m", seconds / 60))
}

fn exact(value: u64, units: &[(char, u64)]) -> Option<String> {
    let (unit, factor) = units.iter().find(|(_, factor)| value != 0 && value.is_multiple_of(*factor))?;
    Some(format!("{}{unit}", value / factor))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_as_typed() {
        for (text, bytes) in [
            ("0", 0),
            ("512", 512),
            ("10M", 10 << 20),
            ("1.5k", 1536),
            ("2GiB", 2 << 30),
            ("3 MB", 0),
            ("10MB", 10 << 20),
        ] {
            assert_eq!(parse_size(text), (text != "3 MB").then_some(bytes), "{text}");
        }
        for text in ["", "M", "-1", "1e3", "9999999T", "18446744073709551615", ".5M", "1.M"] {
            assert_eq!(parse_size(text), None, "{text}");
        }
    }

    #[test]
    fn ages_need_a_unit_and_stay_in_the_calendar() {
        assert_eq!(parse_age("3d"), Some(3 * 86_400));
        assert_eq!(parse_age("0m"), Some(0));
        for text in ["3", "d", "-3d", "999999999w", "3y"] {
            assert_eq!(parse_age(text), None, "{text}");
        }
    }
}
