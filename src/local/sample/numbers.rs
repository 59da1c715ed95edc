//! Numbers for the sample files: they look measured, and are the same on every machine and every day. Called by the files'
//! modules here.

/// A sequence that depends on its name only (FNV-1a into splitmix64). Not for secrets.
pub struct Numbers(u64);

impl Numbers {
    /// The sequence of a name.
    pub fn of(name: &str) -> Self {
        Self(
            name.bytes()
                .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)),
        )
    }

    /// The next 64 bits.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let x = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^ (x >> 31)
    }

    /// A number from `low` to `high`, both included.
    pub fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.next() % (high - low + 1)
    }

    /// One of several.
    pub fn one_of<'a>(&mut self, of: &[&'a str]) -> &'a str {
        let n = self.between(0, (of.len() as u64).saturating_sub(1));
        of.iter().zip(0..).find(|(_, i)| *i == n).map_or("", |(text, _)| text)
    }

    /// A byte.
    pub fn byte(&mut self) -> u8 {
        self.next().to_le_bytes()[0]
    }

    /// A number with decimals: `mean` and up to `spread` more or less, in thousandths.
    pub fn around(&mut self, mean: u32, spread: u32) -> String {
        decimals(self.between(u64::from(mean - spread), u64::from(mean + spread)))
    }

    /// The same as a float.
    pub fn float(&mut self, low: u32, high: u32) -> f64 {
        let thousandths = self.between(u64::from(low), u64::from(high));
        f64::from(u32::try_from(thousandths).unwrap_or_default()) / 1000.0
    }
}

/// Thousandths as a decimal number.
pub fn decimals(thousandths: u64) -> String {
    format!("{}.{:03}", thousandths / 1000, thousandths % 1000)
}

/// To the nearest five.
pub fn to_five(n: u64) -> u64 {
    (n + 2) / 5 * 5
}

/// Midpoint-6: 0, then 1–6 is 3, 7–12 is 9, 13–18 is 15.
pub fn midpoint6(n: u64) -> u64 {
    n.div_ceil(6) * 6 - if n == 0 { 0 } else { 3 }
}

/// An NHS number that is valid and belongs to nobody: the range 999 is for tests. `None` where the check digit would be 10.
pub fn nhs_number(n: u32) -> Option<String> {
    let digits = format!("999{:06}", n % 1_000_000);
    let sum: u32 = digits.bytes().zip((2..=10).rev()).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    match (11 - sum % 11) % 11 {
        10 => None,
        check => Some(format!("{digits}{check}")),
    }
}
