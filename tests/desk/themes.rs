//! The themes of the house can be read: contrast by WCAG 2.2, in full colour and in sixteen, and without any.

use exeat::tui::app::words::Tone;
use exeat::tui::ui::colour::{Rgb, XTERM, contrast, rgb};
use exeat::tui::ui::{Depth, Theme, by_name, of_house};
use ratatui::style::{Modifier, Style};

/// The sixteen of the Linux console, darker than xterm's.
const CONSOLE: [Rgb; 16] = [
    (0, 0, 0),
    (170, 0, 0),
    (0, 170, 0),
    (170, 85, 0),
    (0, 0, 170),
    (170, 0, 170),
    (0, 170, 170),
    (170, 170, 170),
    (85, 85, 85),
    (255, 85, 85),
    (85, 255, 85),
    (255, 255, 85),
    (85, 85, 255),
    (255, 85, 255),
    (85, 255, 255),
    (255, 255, 255),
];

const TONES: [Tone; 7] = [Tone::Plain, Tone::Dim, Tone::Title, Tone::Key, Tone::Good, Tone::Warn, Tone::Stop];

/// The contrast of a look, where the terminal's own colours are `ground` and black or white, whichever is read better.
fn of(style: Style, ground: Rgb, palette: &[Rgb; 16]) -> f64 {
    let text =
        if contrast(ground, (0, 0, 0)) > contrast(ground, (255, 255, 255)) { (0, 0, 0) } else { (255, 255, 255) };
    let before = style.fg.and_then(|color| rgb(color, palette)).unwrap_or(text);
    let behind = style.bg.and_then(|color| rgb(color, palette)).unwrap_or(ground);
    contrast(before, behind)
}

fn check(name: &str, theme: &Theme, ground: Rgb, palette: &[Rgb; 16], least: f64) {
    for tone in TONES {
        let have = of(theme.tone(tone), ground, palette);
        assert!(have >= least, "{name}: {tone:?} has {have:.1} on {ground:?}, needs {least}");
        // The row under the cursor: its look laid over the tone's.
        let under = of(theme.tone(tone).patch(theme.cursor), ground, palette);
        assert!(under >= least, "{name}: {tone:?} under the cursor has {under:.1} on {ground:?}");
    }
}

#[test]
fn every_theme_can_be_read() {
    for (name, least, grounds) in [
        ("dark", 4.5, [(0, 0, 0), (0x1e, 0x1e, 0x2e)]),
        ("light", 4.5, [(255, 255, 255), (0xfd, 0xf6, 0xe3)]),
        ("mono", 4.5, [(0, 0, 0), (255, 255, 255)]),
        ("high-contrast", 7.0, [(0, 0, 0), (255, 255, 255)]),
    ] {
        let full = by_name(name).unwrap();
        assert_eq!(full.ground, grounds[0], "{name}");
        for ground in grounds {
            check(name, &full, ground, &XTERM, least);
        }
        check(name, &of_house(name, Depth::Indexed).unwrap(), grounds[0], &XTERM, least);
        let few = of_house(name, Depth::Sixteen).unwrap();
        for palette in [&XTERM, &CONSOLE] {
            check(name, &few, grounds[0], palette, least);
        }
        assert!(of(full.rule, grounds[0], &XTERM) >= 3.0 && of(few.rule, grounds[0], &XTERM) >= 3.0, "{name}: rules");
    }
}

#[test]
fn the_contrast_test_can_fail() {
    let faint = include_str!("../../themes/light.toml").replace("#585858/black", "#888888");
    let theme = Theme::parse(&faint, Depth::Full).unwrap();
    assert!(of(theme.tone(Tone::Dim), (255, 255, 255), &XTERM) < 4.5);
}

#[test]
fn sixteen_colours_are_only_the_sixteen_and_mono_none() {
    for name in ["dark", "light", "high-contrast", "mono"] {
        let theme = of_house(name, Depth::Sixteen).unwrap();
        let mono = of_house(name, Depth::Mono).unwrap();
        for tone in TONES {
            let style = theme.tone(tone);
            for color in [style.fg, style.bg].into_iter().flatten() {
                assert!(
                    !color.to_string().starts_with('#') && color.to_string().parse::<u8>().is_err(),
                    "{name} {color}"
                );
            }
            let style = mono.tone(tone);
            let none = |color: Option<ratatui::style::Color>| color.is_none_or(|c| c == ratatui::style::Color::Reset);
            assert!(none(style.fg) && none(style.bg), "{name} {tone:?}");
        }
    }
    // Without colour the look of what stops, of keys and of the cursor still differs from plain text.
    let mono = by_name("mono").unwrap();
    assert!(mono.tone(Tone::Stop).add_modifier.contains(Modifier::UNDERLINED));
    assert!(mono.tone(Tone::Key).add_modifier.contains(Modifier::BOLD));
    assert!(mono.cursor.add_modifier.contains(Modifier::REVERSED));
}

#[test]
fn a_wrong_theme_names_its_line() {
    let dark = include_str!("../../themes/dark.toml");
    let line = |text: &str, of: &str| 1 + text.lines().position(|line| line.starts_with(of)).unwrap();
    let fault = |text: &str| Theme::parse(text, Depth::Full).unwrap_err();
    let wrong = dark.replace("warn = \"", "warn = \"blink ");
    assert_eq!(fault(&wrong).line, line(&wrong, "warn"));
    assert!(fault(&wrong).sentence.starts_with("\"blink\" is no colour or attribute"));
    let missing = dark.replace("\nstop = ", "\n# stop = ");
    assert!(fault(&missing).sentence.contains("the look stop is missing"), "{:?}", fault(&missing));
    let unknown = dark.replace("\nstop = ", "\nhalt = \"\"\nstop = ");
    assert_eq!(fault(&unknown).line, line(&unknown, "halt"));
    let broken = dark.replace("key = \"bold cyan\"", "key = \"bold cyan");
    assert_eq!(fault(&broken).line, line(&broken, "key"));
    assert_eq!(fault(&dark.replace("\"black\"", "\"space\"")).line, line(dark, "ground"));
}
