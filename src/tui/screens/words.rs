//! Short forms that several tabs share, beside those of `text`.

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
