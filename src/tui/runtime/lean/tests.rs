//! Whatever the frames, a terminal that gets the bytes shows them.

use proptest::prelude::*;
use ratatui::backend::Backend as _;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::{Color, Modifier, Style};
use ratatui::{Terminal, buffer::Cell};

use super::Lean;

const W: u16 = 24;
const H: u16 = 9;

/// A terminal and what it was told.
struct Told {
    screen: Terminal<Lean<Vec<u8>>>,
    parser: vt100::Parser,
}

impl Told {
    fn new() -> Self {
        let mut parser = vt100::Parser::new(H.try_into().unwrap(), W.try_into().unwrap(), 0);
        // What was there before must not shine through.
        parser.process(b"\x1b[31;44mwhat was there\r\nbefore\x1b[3;4r");
        Self { screen: Terminal::new(Lean::new(Vec::new(), || Ok((W, H)))).unwrap(), parser }
    }

    /// Draws a frame; the bytes it took.
    fn draw(&mut self, frame: &Buffer, cursor: Option<(u16, u16)>) -> usize {
        let drawn = self.screen.draw(|to| {
            to.buffer_mut().clone_from(frame);
            if let Some(at) = cursor {
                to.set_cursor_position(at);
            }
        });
        let drawn = drawn.unwrap().buffer.clone();
        self.screen.backend_mut().show(&drawn).unwrap();
        let bytes = std::mem::take(&mut self.screen.backend_mut().out);
        self.parser.process(&bytes);
        bytes.len()
    }

    fn assert_shows(&self, frame: &Buffer, cursor: Option<(u16, u16)>) {
        let screen = self.parser.screen();
        for y in 0..H {
            let mut x = 0;
            while x < W {
                let (want, have) = (&frame[(x, y)], screen.cell(y, x).unwrap());
                let columns = unicode_width::UnicodeWidthStr::width(want.symbol()).max(1);
                let text = if have.contents().is_empty() { " " } else { have.contents() };
                assert_eq!(text, want.symbol(), "at {x},{y}:\n{}", screen.contents());
                assert_looks(want, have, (x, y));
                x += u16::try_from(columns).unwrap();
            }
        }
        assert_eq!(screen.hide_cursor(), cursor.is_none());
        if let Some((x, y)) = cursor {
            assert_eq!(screen.cursor_position(), (y, x));
        }
        assert_eq!(screen.fgcolor(), vt100::Color::Default, "no ink is left behind");
        assert_eq!(screen.bgcolor(), vt100::Color::Default);
        assert!(!screen.inverse() && !screen.bold() && !screen.underline());
    }
}

fn color(color: Color) -> vt100::Color {
    match color {
        Color::Green => vt100::Color::Idx(2),
        Color::LightRed => vt100::Color::Idx(9),
        Color::Indexed(number) => vt100::Color::Idx(number),
        Color::Rgb(r, g, b) => vt100::Color::Rgb(r, g, b),
        _ => vt100::Color::Default,
    }
}

fn assert_looks(want: &Cell, have: &vt100::Cell, at: (u16, u16)) {
    let inverse = want.modifier.contains(Modifier::REVERSED);
    let underlined = want.modifier.contains(Modifier::UNDERLINED);
    assert_eq!((have.inverse(), have.underline()), (inverse, underlined), "at {at:?}");
    assert_eq!(have.bgcolor(), color(want.bg), "at {at:?}");
    if want.symbol() != " " || inverse || underlined {
        assert_eq!(have.fgcolor(), color(want.fg), "at {at:?}");
    }
    let (bold, dim) = (want.modifier.contains(Modifier::BOLD), want.modifier.contains(Modifier::DIM));
    // This terminal knows one of the two at a time.
    if want.symbol() != " " && !(bold && dim) {
        assert_eq!((have.bold(), have.dim()), (bold, dim), "at {at:?}");
    }
}

fn style() -> impl Strategy<Value = Style> {
    let ink = prop::sample::select(vec![
        Style::new(),
        Style::new(),
        Style::new().fg(Color::Green),
        Style::new().fg(Color::LightRed).add_modifier(Modifier::BOLD),
        Style::new().add_modifier(Modifier::DIM),
        Style::new().fg(Color::Indexed(200)).bg(Color::Rgb(1, 2, 3)),
        Style::new().add_modifier(Modifier::UNDERLINED),
    ]);
    (ink, any::<bool>()).prop_map(
        |(style, reversed)| {
            if reversed { style.add_modifier(Modifier::REVERSED) } else { style }
        },
    )
}

/// What happens between two frames.
#[derive(Clone, Debug)]
enum Change {
    Write { x: u16, y: u16, text: String, style: Style },
    Wash { y: u16, style: Style },
    Empty { y: u16, h: u16 },
    Scroll { from: u16, until: u16, up: bool, by: u16 },
}

fn change() -> impl Strategy<Value = Change> {
    let text = prop::sample::select(vec!["heart", "漢字", "a", "tables/x.csv", "            ", "é漢b", "· 5d 22h"]);
    prop_oneof![
        4 => (0..W, 0..H, text, style()).prop_map(|(x, y, text, style)| Change::Write { x, y, text: text.into(), style }),
        1 => (0..H, style()).prop_map(|(y, style)| Change::Wash { y, style }),
        1 => (0..H, 1..4u16).prop_map(|(y, h)| Change::Empty { y, h }),
        2 => (0..H, 0..H, any::<bool>(), 1..4u16)
            .prop_map(|(a, b, up, by)| Change::Scroll { from: a.min(b), until: a.max(b) + 1, up, by }),
    ]
}

fn apply(frame: &mut Buffer, change: &Change) {
    match change {
        Change::Write { x, y, text, style } => {
            // As any drawing does: whole lines are put together anew, so that no half of a wide letter stays.
            frame.set_string(0, *y, " ".repeat(usize::from(W)), Style::reset());
            frame.set_stringn(*x, *y, text, usize::from(W - x), *style);
        }
        Change::Wash { y, style } => frame.set_style(Rect::new(0, *y, W, 1), *style),
        Change::Empty { y, h } => {
            for y in *y..(y + h).min(H) {
                for x in 0..W {
                    frame[(x, y)].reset();
                }
            }
        }
        Change::Scroll { from, until, up, by } => {
            let before = frame.clone();
            for y in *from..*until {
                let source = if *up { Some(y + by) } else { y.checked_sub(*by) };
                if let Some(source) = source.filter(|y| (*from..*until).contains(y)) {
                    for x in 0..W {
                        frame[(x, y)] = before[(x, source)].clone();
                    }
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn the_terminal_shows_every_frame(
        frames in prop::collection::vec((prop::collection::vec(change(), 0..6), prop::option::of((0..W, 0..H))), 1..12)
    ) {
        let mut told = Told::new();
        let mut frame = Buffer::empty(Rect::new(0, 0, W, H));
        for (changes, cursor) in frames {
            for change in &changes {
                apply(&mut frame, change);
            }
            told.draw(&frame, cursor);
            told.assert_shows(&frame, cursor);
        }
    }
}

#[test]
fn a_frame_that_changes_nothing_writes_nothing() {
    let mut told = Told::new();
    let mut frame = Buffer::empty(Rect::new(0, 0, W, H));
    frame.set_string(3, 3, "heart", Style::new().fg(Color::Green));
    assert!(told.draw(&frame, None) > 0);
    assert_eq!(told.draw(&frame, None), 0);
    // A blank's letters have a colour nobody sees.
    frame.set_style(Rect::new(0, 0, W, 2), Style::new().fg(Color::Green));
    assert_eq!(told.draw(&frame, None), 0);
}

#[test]
fn rows_that_moved_are_not_written_again() {
    let mut told = Told::new();
    let mut frame = Buffer::empty(Rect::new(0, 0, W, H));
    for y in 0..H {
        frame.set_string(0, y, format!("row {y} with some words"), Style::new());
    }
    told.draw(&frame, None);
    apply(&mut frame, &Change::Scroll { from: 1, until: H - 1, up: true, by: 1 });
    frame.set_string(0, H - 2, "row 9 with other words", Style::new());
    let bytes = told.draw(&frame, None);
    told.assert_shows(&frame, None);
    assert!(bytes < 60, "{bytes} bytes");
}

#[test]
fn what_another_wrote_is_wiped_out() {
    let mut told = Told::new();
    let mut frame = Buffer::empty(Rect::new(0, 0, W, H));
    frame.set_string(3, 3, "heart", Style::new());
    told.draw(&frame, Some((2, 2)));
    told.parser.process(b"\x1b[2;4r\x1b[H\x1b[1;31mshell$ \x1b[?25h");
    told.screen.resize(Rect::new(0, 0, W, H)).unwrap();
    told.draw(&frame, Some((2, 2)));
    told.assert_shows(&frame, Some((2, 2)));
    assert_eq!(told.screen.backend_mut().get_cursor_position().unwrap(), Position::new(2, 2));
}
