//! Colours as red, green and blue: contrast by WCAG 2.2, and what a terminal of fewer colours has instead. Used by
//! [`super::theme`] and its tests.

use ratatui::style::Color;

/// Red, green and blue, 0 to 255.
pub type Rgb = (u8, u8, u8);

/// How many colours the terminal has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// Any of 16 million.
    Full,
    /// The 256 of xterm.
    Indexed,
    /// The sixteen with names.
    Sixteen,
    /// None.
    Mono,
}

impl Depth {
    /// What the environment says of the terminal; `get` reads a variable. `NO_COLOR` (see no-color.org) comes first.
    #[must_use]
    pub fn of(get: impl Fn(&str) -> Option<String>) -> Self {
        let set = |name: &str| get(name).filter(|value| !value.is_empty()).unwrap_or_default();
        if !set("NO_COLOR").is_empty() {
            return Self::Mono;
        }
        let term = set("TERM");
        if term == "dumb" || term.starts_with("vt") || term.ends_with("-m") || term.ends_with("-mono") {
            return Self::Mono;
        }
        if matches!(set("COLORTERM").as_str(), "truecolor" | "24bit") || term.ends_with("-direct") {
            return Self::Full;
        }
        // COLORTERM does not come over SSH; these terminals are known by their names.
        let known = ["kitty", "alacritty", "foot", "wezterm", "ghostty"];
        if term.contains("256color") || known.iter().any(|name| term.contains(name)) {
            return Self::Indexed;
        }
        Self::Sixteen
    }
}

/// The sixteen as xterm has them; a terminal may have others.
pub const XTERM: [Rgb; 16] = [
    (0, 0, 0),
    (205, 0, 0),
    (0, 205, 0),
    (205, 205, 0),
    (0, 0, 238),
    (205, 0, 205),
    (0, 205, 205),
    (229, 229, 229),
    (127, 127, 127),
    (255, 0, 0),
    (0, 255, 0),
    (255, 255, 0),
    (92, 92, 255),
    (255, 0, 255),
    (0, 255, 255),
    (255, 255, 255),
];

/// The names of the sixteen, in their order.
const NAMED: [Color; 16] = [
    Color::Black,
    Color::Red,
    Color::Green,
    Color::Yellow,
    Color::Blue,
    Color::Magenta,
    Color::Cyan,
    Color::Gray,
    Color::DarkGray,
    Color::LightRed,
    Color::LightGreen,
    Color::LightYellow,
    Color::LightBlue,
    Color::LightMagenta,
    Color::LightCyan,
    Color::White,
];

/// The place of a colour among the sixteen, if it is one of them.
fn place(color: Color) -> Option<usize> {
    match color {
        Color::Indexed(n @ 0..16) => Some(usize::from(n)),
        named => NAMED.iter().position(|known| *known == named),
    }
}

/// A colour's red, green and blue, the sixteen by a palette; none for the terminal's own.
#[must_use]
pub fn rgb(color: Color, palette: &[Rgb; 16]) -> Option<Rgb> {
    if let Some(place) = place(color) {
        return Some(palette[place]);
    }
    match color {
        Color::Rgb(r, g, b) => Some((r, g, b)),
        Color::Indexed(n @ 16..232) => {
            let step = |v: u8| if v == 0 { 0 } else { 55 + 40 * v };
            let n = n - 16;
            Some((step(n / 36), step(n / 6 % 6), step(n % 6)))
        }
        Color::Indexed(n) => {
            let gray = 8 + 10 * (n.max(232) - 232);
            Some((gray, gray, gray))
        }
        _ => None,
    }
}

/// Contrast of two colours, 1 to 21 (WCAG 2.2, "contrast ratio").
#[must_use]
pub fn contrast(one: Rgb, other: Rgb) -> f64 {
    let part = |v: u8| {
        let v = f64::from(v) / 255.0;
        if v <= 0.04045 { v / 12.92 } else { ((v + 0.055) / 1.055).powf(2.4) }
    };
    let light = |(r, g, b): Rgb| 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
    let (one, other) = (light(one), light(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

fn far(one: Rgb, other: Rgb) -> i32 {
    let part = |a: u8, b: u8| (i32::from(a) - i32::from(b)).pow(2);
    part(one.0, other.0) + part(one.1, other.1) + part(one.2, other.2)
}

/// What a terminal of that depth has for a colour before a background: the nearest that can still be read there.
#[must_use]
pub fn fitted(color: Color, depth: Depth, behind: Rgb) -> Color {
    if depth == Depth::Mono {
        return Color::Reset;
    }
    let Some(wanted) = rgb(color, &XTERM).filter(|_| place(color).is_none()) else { return color };
    match depth {
        Depth::Full | Depth::Mono => color,
        // The first sixteen may be anything; the others are the same everywhere.
        Depth::Indexed => {
            let near = |n: &u8| rgb(Color::Indexed(*n), &XTERM).map_or(i32::MAX, |have| far(have, wanted));
            (16..=255).min_by_key(near).map_or(color, Color::Indexed)
        }
        Depth::Sixteen => {
            let legible = |n: &&usize| contrast(XTERM[**n], behind) >= 4.5;
            let all: Vec<usize> = (0..16).collect();
            let near = |n: &&usize| far(XTERM[**n], wanted);
            all.iter().filter(legible).min_by_key(near).map_or(Color::Reset, |n| NAMED[*n])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contrast_is_wcags() {
        assert!((contrast((0, 0, 0), (255, 255, 255)) - 21.0).abs() < 0.001);
        // The examples of the specification's own tools: #777 on white fails, #767676 passes.
        assert!(contrast((0x77, 0x77, 0x77), (255, 255, 255)) < 4.5);
        assert!(contrast((0x76, 0x76, 0x76), (255, 255, 255)) >= 4.5);
    }

    #[test]
    fn the_environment_says_how_many_colours() {
        let of = |pairs: &[(&str, &str)]| {
            Depth::of(|name| pairs.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned()))
        };
        assert_eq!(of(&[("TERM", "xterm-256color"), ("COLORTERM", "truecolor")]), Depth::Full);
        assert_eq!(of(&[("TERM", "tmux-256color")]), Depth::Indexed);
        assert_eq!(of(&[("TERM", "alacritty")]), Depth::Indexed);
        assert_eq!(of(&[("TERM", "xterm-16color")]), Depth::Sixteen);
        assert_eq!(of(&[("TERM", "linux")]), Depth::Sixteen);
        assert_eq!(of(&[]), Depth::Sixteen);
        assert_eq!(of(&[("TERM", "vt100")]), Depth::Mono);
        assert_eq!(of(&[("TERM", "xterm-mono"), ("COLORTERM", "truecolor")]), Depth::Mono);
        assert_eq!(of(&[("TERM", "xterm-256color"), ("NO_COLOR", "1")]), Depth::Mono);
        assert_eq!(of(&[("TERM", "xterm-256color"), ("NO_COLOR", "")]), Depth::Indexed, "empty means unset");
    }

    #[test]
    fn fewer_colours_stay_legible() {
        assert_eq!(fitted(Color::Rgb(0, 100, 0), Depth::Indexed, (255, 255, 255)), Color::Indexed(22));
        for behind in [(0, 0, 0), (255, 255, 255)] {
            for wish in [(200, 200, 200), (90, 90, 90), (0, 100, 0), (160, 0, 0), (10, 10, 200)] {
                let have = fitted(Color::Rgb(wish.0, wish.1, wish.2), Depth::Sixteen, behind);
                assert!(contrast(rgb(have, &XTERM).unwrap(), behind) >= 4.5, "{wish:?} on {behind:?} is {have}");
            }
        }
        assert_eq!(fitted(Color::Cyan, Depth::Sixteen, (255, 255, 255)), Color::Cyan, "a name is what was meant");
    }
}
