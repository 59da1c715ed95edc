//! Sizes, waiting times, hashes and dates as people read them. `now` is always an argument.

use chrono::{DateTime, Datelike as _, TimeDelta, Utc};
use chrono_tz::Tz;

/// `212 B`, `12.4 K`, `4.1 M`: powers of 1,024 with one decimal.
#[must_use]
pub fn human_size(bytes: u64) -> String {
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    // Tenths in whole numbers, so that 1,048,575 becomes 1.0 M and never 1024.0 K.
    let mut unit: u128 = 1024;
    let tenths = |unit: u128| (u128::from(bytes) * 10 + unit / 2) / unit;
    for name in ["K", "M", "G", "T", "P"] {
        if tenths(unit) < 10_240 {
            return format!("{}.{} {name}", tenths(unit) / 10, tenths(unit) % 10);
        }
        unit *= 1024;
    }
    format!("{}.{} E", tenths(unit) / 10, tenths(unit) % 10)
}

/// `4,310`: a number with its thousands set apart, so that its length is read at a glance.
#[must_use]
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let first = digits.len() % 3;
    let (head, rest) = digits.split_at(first);
    let mut groups: Vec<&str> = rest.as_bytes().chunks(3).filter_map(|chunk| std::str::from_utf8(chunk).ok()).collect();
    if !head.is_empty() {
        groups.insert(0, head);
    }
    groups.join(",")
}

/// How long something waits or lasts: `40s`, `5m`, `2h 5m`, `4d 2h`; the second unit only where it is not zero. Negative
/// times, from clocks that disagree, are `0s`.
#[must_use]
pub fn waited(time: TimeDelta) -> String {
    let seconds = time.num_seconds().max(0);
    let (minutes, hours, days) = (seconds / 60, seconds / 3_600, seconds / 86_400);
    let two = |a: i64, unit: char, b: i64, small: char| {
        if b == 0 { format!("{a}{unit}") } else { format!("{a}{unit} {b}{small}") }
    };
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds}s"),
        (0, 0, _) => format!("{minutes}m"),
        (0, _, _) => two(hours, 'h', minutes % 60, 'm'),
        _ => two(days, 'd', hours % 24, 'h'),
    }
}

/// `3f9a…c21e`: enough to compare by eye, never enough to decide by. What is no hash is left as it is.
#[must_use]
pub fn short_sha(hex: &str) -> String {
    match (hex.get(..4), hex.len().checked_sub(4).and_then(|at| hex.get(at..))) {
        (Some(head), Some(tail)) if hex.len() > 12 => format!("{head}…{tail}"),
        _ => hex.to_owned(),
    }
}

/// `09:41 UTC`: the time of day in a zone, with the zone's name at that moment.
#[must_use]
pub fn clock(at: DateTime<Utc>, zone: Tz) -> String {
    at.with_timezone(&zone).format("%H:%M %Z").to_string()
}

/// `17 Nov 09:12`, or `17 Nov 2025` in another year than `now`'s.
#[must_use]
pub fn day_time(at: DateTime<Utc>, now: DateTime<Utc>, zone: Tz) -> String {
    let (at, now) = (at.with_timezone(&zone), now.with_timezone(&zone));
    at.format(if at.year() == now.year() { "%-d %b %H:%M" } else { "%-d %b %Y" }).to_string()
}

/// `2026-11-17 09:12:33 GMT`: exact, for histories.
#[must_use]
pub fn full_time(at: DateTime<Utc>, zone: Tz) -> String {
    at.with_timezone(&zone).format("%Y-%m-%d %H:%M:%S %Z").to_string()
}

/// A sentence or words with a capital at their beginning.
#[must_use]
pub fn capital(words: &str) -> String {
    let mut rest = words.chars();
    rest.next().into_iter().flat_map(char::to_uppercase).chain(rest).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_one_decimal_and_never_four_digits() {
        for (bytes, text) in [
            (0, "0 B"),
            (1023, "1023 B"),
            (1024, "1.0 K"),
            (12_698, "12.4 K"),
            (1_048_575, "1.0 M"),
            (10 << 30, "10.0 G"),
            (u64::MAX, "16.0 E"),
        ] {
            assert_eq!(human_size(bytes), text);
        }
    }

    #[test]
    fn thousands_stand_apart() {
        for (number, text) in [(0, "0"), (999, "999"), (4310, "4,310"), (10_000, "10,000"), (1_234_567, "1,234,567")] {
            assert_eq!(thousands(number), text);
        }
    }

    #[test]
    fn waiting_times_have_two_units_at_most() {
        let text = |d: i64, h: i64, m: i64, s: i64| waited(TimeDelta::seconds(d * 86_400 + h * 3_600 + m * 60 + s));
        assert_eq!(text(4, 2, 59, 59), "4d 2h");
        assert_eq!(text(3, 0, 30, 0), "3d");
        assert_eq!(text(0, 2, 5, 0), "2h 5m");
        assert_eq!(text(0, 0, 5, 59), "5m");
        assert_eq!(text(0, 0, 0, 40), "40s");
        assert_eq!(text(0, 0, 0, -5), "0s");
    }

    #[test]
    fn dates_are_in_the_zone_and_name_the_year_when_it_is_another() {
        let at = DateTime::from_timestamp(1_784_106_753, 0).unwrap();
        let zone = Tz::Europe__London;
        assert_eq!(full_time(at, zone), "2026-07-15 10:12:33 BST");
        assert_eq!(day_time(at, at, zone), "15 Jul 10:12");
        assert_eq!(day_time(at, at + TimeDelta::days(365), zone), "15 Jul 2026");
        assert_eq!(clock(at, Tz::UTC), "09:12 UTC");
    }

    #[test]
    fn short_hashes_keep_both_ends() {
        assert_eq!(short_sha(&format!("3f9a{}c21e", "0".repeat(56))), "3f9a…c21e");
        assert_eq!(short_sha("3f9a"), "3f9a");
        assert_eq!(short_sha("üüüüüüüüüü"), "üü…üü");
    }
}
