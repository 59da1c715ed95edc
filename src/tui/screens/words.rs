//! Short forms for cells: sizes, waiting times, dates, hashes, lists. Used by the tabs.

use chrono::{DateTime, Datelike, TimeDelta, Utc};

/// `812`, `12.4 K`, `4.1 M`: bytes in steps of 1,000, one decimal.
#[must_use]
pub fn size(bytes: u64) -> String {
    let mut rest = bytes;
    let mut unit = "";
    let mut tenths = 0;
    for next in [" K", " M", " G", " T", " P"] {
        if rest < 1000 {
            break;
        }
        tenths = rest % 1000 / 100;
        rest /= 1000;
        unit = next;
    }
    if unit.is_empty() { rest.to_string() } else { format!("{rest}.{tenths}{unit}") }
}

/// `4d 2h`, `5h 10m`, `12m`: the two largest units, no seconds.
#[must_use]
pub fn waits(time: TimeDelta) -> String {
    let minutes = time.num_minutes().max(0);
    let (days, hours, rest) = (minutes / 1440, minutes % 1440 / 60, minutes % 60);
    match (days, hours, rest) {
        (0, 0, rest) => format!("{rest}m"),
        (0, hours, 0) => format!("{hours}h"),
        (0, hours, rest) => format!("{hours}h {rest}m"),
        (days, 0, _) => format!("{days}d"),
        (days, hours, _) => format!("{days}d {hours}h"),
    }
}

/// `17 Nov 09:12`, with the year where it is another than now's.
#[must_use]
pub fn when(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    if at.year() == now.year() { at.format("%-d %b %H:%M").to_string() } else { at.format("%-d %b %Y").to_string() }
}

/// The ends of a hash: `3f9a…c21e`.
#[must_use]
pub fn short_hash(hex: &str) -> String {
    match (hex.get(..4), hex.get(hex.len().saturating_sub(4)..)) {
        (Some(head), Some(tail)) if hex.len() > 8 => format!("{head}…{tail}"),
        _ => hex.to_owned(),
    }
}

/// A hash in groups of eight, to be read against another.
#[must_use]
pub fn long_hash(hex: &str) -> String {
    let chars: Vec<char> = hex.chars().collect();
    chars.chunks(8).map(|chunk| chunk.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
}

/// `1 finding`, `2 findings`.
#[must_use]
pub fn count(number: usize, one: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {one}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_forms() {
        assert_eq!([size(812), size(12_431), size(4_100_000)], ["812", "12.4 K", "4.1 M"]);
        assert_eq!(waits(TimeDelta::minutes(98 * 60)), "4d 2h");
        assert_eq!(waits(TimeDelta::minutes(310)), "5h 10m");
        assert_eq!(short_hash("3f9a0000c21e"), "3f9a…c21e");
    }
}
