//! The real program in terminals of every kind: few or no colours, no UTF-8, any size, with a person's own keys.

use super::terminal::{Terminal, config};

fn folder() -> (tempfile::TempDir, std::path::PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let file = config(dir.path(), "/nowhere/at/all", "exeat", "checker1");
    (dir, file)
}

/// What the desk wrote while it showed its screen, the help and the menu.
fn written(env: &[(&str, &str)]) -> String {
    let (_dir, file) = folder();
    let mut terminal = Terminal::open_with(&file, 80, 24, env);
    terminal.shows("PostgreSQL does not answer");
    terminal.send("?");
    terminal.shows("Deciding");
    terminal.send("\x1b");
    terminal.until("help to close", |terminal| !terminal.screen().contains("Deciding"));
    terminal.send("q");
    assert!(terminal.ended().success());
    String::from_utf8(terminal.raw()).unwrap()
}

/// Every number list of the frames' colour sequences.
fn colours(raw: &str) -> Vec<&str> {
    let sequences = raw.split("\x1b[").skip(1);
    let sgr = sequences.filter_map(|rest| rest.split_once(|c: char| c.is_ascii_alphabetic()).zip(rest.find('m')));
    sgr.filter(|((numbers, _), at)| numbers.len() == *at).map(|((numbers, _), _)| numbers).collect()
}

#[test]
fn no_color_and_old_terminals_get_none_and_keep_the_other_marks() {
    for env in [&[("NO_COLOR", "1")][..], &[("TERM", "vt100")]] {
        let raw = written(env);
        let sgr = colours(&raw);
        assert!(sgr.contains(&"1"), "bold is no colour: {sgr:?}");
        for numbers in sgr {
            let coloured = numbers.split(';').any(|n| matches!(n.parse(), Ok(30..=38 | 40..=48 | 90..=107)));
            assert!(!coloured, "{env:?}: {numbers}");
        }
    }
}

#[test]
fn a_terminal_of_sixteen_colours_gets_sixteen() {
    let raw = written(&[("TERM", "xterm-16color")]);
    let sgr = colours(&raw);
    assert!(sgr.iter().any(|numbers| numbers.split(';').any(|n| n == "36")), "keys are cyan: {sgr:?}");
    assert!(!sgr.iter().any(|numbers| numbers.contains("8;5;") || numbers.contains("8;2;")), "{sgr:?}");
    let raw = written(&[]);
    assert!(raw.contains("\x1b[38;5;"), "256 colours elsewhere");
}

#[test]
fn outside_utf8_everything_is_ascii() {
    for env in [&[("LANG", "C")][..], &[("LANG", "en_GB.ISO-8859-1")], &[("LC_ALL", "POSIX")], &[("LANG", "")]] {
        assert!(written(env).is_ascii(), "{env:?}");
    }
    assert!(!written(&[("LC_ALL", "C.utf8"), ("LANG", "C")]).is_ascii());
}

#[test]
fn every_frame_is_one_synchronized_update() {
    let raw = written(&[]);
    let mut rest = raw.as_str();
    let mut frames = 0;
    while let Some((before, after)) = rest.split_once("\x1b[?2026h") {
        let (frame, behind) = after.split_once("\x1b[?2026l").expect("an update ends");
        assert!(!frame.contains("\x1b[?2026h"));
        // Between frames only the terminal is taken or given back.
        assert!(frames == 0 || before.is_empty(), "{before:?}");
        frames += 1;
        rest = behind;
    }
    assert!(frames >= 3);
}

#[test]
fn keys_and_colours_change_while_the_desk_is_open() {
    let (dir, file) = folder();
    let mut terminal = Terminal::open(&file, 120, 40);
    terminal.shows("? help");
    let keymap = dir.path().join("keymap.toml");
    std::fs::write(&keymap, "[keys]\nhelp = \"F3\"\n").unwrap();
    terminal.shows("F3 help");
    terminal.shows("Keys and colours were read again");
    // Replaced as editors do it, and wrong: the last good keys stay, and the sentence names file and line.
    let beside = dir.path().join("keymap.toml~");
    std::fs::write(&beside, "[keys]\n\nhelp = \"F33\"\n").unwrap();
    std::fs::rename(&beside, &keymap).unwrap();
    terminal.until("the fault", |terminal| {
        let screen = terminal.screen().replace('\n', " ");
        screen.contains("keymap.toml, line 3") && screen.contains("F3 help")
    });
    std::fs::write(&keymap, "[keys]\nhelp = \"F4\"\n").unwrap();
    terminal.shows("F4 help");
    terminal.until("the fault to go", |terminal| !terminal.screen().contains("line 3"));
    // A theme in a folder that was not there before, chosen in a configuration that changes.
    std::fs::create_dir(dir.path().join("themes")).unwrap();
    let theme = include_str!("../../themes/mono.toml").replace("title = \"bold\"", "title = \"bold #010203\"");
    std::fs::write(dir.path().join("themes/mine.toml"), theme).unwrap();
    let text = std::fs::read_to_string(&file).unwrap() + "theme = \"mine\"\nmouse = true\n";
    std::fs::write(&file, text).unwrap();
    let raw = |terminal: &Terminal, text: &str| String::from_utf8_lossy(&terminal.raw()).contains(text);
    // The nearest of 256 to #010203.
    terminal.until("the theme", |terminal| raw(terminal, "38;5;16m"));
    terminal.until("the mouse", |terminal| raw(terminal, "\x1b[?1000h"));
    terminal.send("q");
    assert!(terminal.ended().success());
    terminal.until("the mouse to be given back", |terminal| raw(terminal, "\x1b[?1000l"));
}

#[test]
fn the_mouse_is_off_by_default() {
    let raw = written(&[]);
    assert!(!raw.contains("?1000h") && !raw.contains("?1002h") && !raw.contains("?1003h"));
}

#[test]
fn a_storm_of_sizes_ends_in_a_whole_screen() {
    let (_dir, file) = folder();
    let mut terminal = Terminal::open(&file, 120, 40);
    terminal.shows("? help");
    for n in 0..300_u16 {
        terminal.resize(1 + n * 37 % 160, 1 + n * 13 % 60);
        if n % 50 == 0 {
            terminal.send("\x1b[B");
        }
    }
    for (cols, rows) in [(1, 1), (39, 10), (40, 9)] {
        terminal.resize(cols, rows);
    }
    terminal.until("the plain line", |terminal| terminal.screen().trim_end().ends_with("10 rows."));
    terminal.resize(80, 24);
    terminal.shows("? help");
    terminal.send("?");
    terminal.shows("Help for");
    terminal.resize(40, 10);
    terminal.send("\x1b");
    terminal.shows("exeat");
    terminal.resize(120, 40);
    terminal.shows("? help");
    terminal.send("q");
    assert!(terminal.ended().success());
}
