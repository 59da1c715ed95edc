//! Hostile names and texts: nothing a stranger writes drives a terminal, hides, passes for another, or leaves the download
//! folder (field notes, 2.3 and 2.4).

use std::collections::HashMap;
use std::path::Component;

use exeat::text::{
    Untrusted, fit, fit_end, json_ascii, safe_relative_path, shown, shown_ascii, shown_line, shown_lines, width,
};
use proptest::prelude::*;
use unicode_normalization::UnicodeNormalization as _;

fn show(text: &str) -> String {
    shown(&Untrusted::new(text))
}

/// Reads a visible form back; panics where it could be read in two ways.
fn read_back(form: &str) -> String {
    let mut out = String::new();
    let mut chars = form.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next().unwrap() {
            '\\' => out.push('\\'),
            'n' => out.push('\n'),
            'r' => out.push('\r'),
            't' => out.push('\t'),
            'u' => {
                assert_eq!(chars.next(), Some('{'));
                let hex: String = chars.by_ref().take_while(|c| *c != '}').collect();
                out.push(char::from_u32(u32::from_str_radix(&hex, 16).unwrap()).unwrap());
            }
            other => panic!("no escape: {other:?}"),
        }
    }
    out
}

/// Strings with what attackers use, often.
fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        3 => "[a-z]{1,3}",
        1 => "[ ./\\\\%-]{1,3}",
        3 => proptest::sample::select(vec![
            "\u{1b}[2J", "\u{1b}]52;c;aGk=\u{7}", "\u{9b}31m", "\u{7f}", "\0", "\n", "\r", "\t", "\u{202e}", "\u{2066}", "\u{200b}",
            "\u{200d}", "\u{feff}", "\u{ad}", "\u{fe0f}", "\u{e0041}", "\u{2028}", "\u{a0}", "\u{3000}", "e\u{301}", "é", "\u{212b}",
            "Å", "\u{301}", "\u{430}", "а", "\u{2800}", "\u{3164}", "\u{115f}", "\u{fffd}", "👩\u{200d}🔬", "👍🏽", "🇬🇧", "漢字", "\\u{202e}",
            "\u{e000}", "\u{378}", "x\u{300}\u{301}\u{302}\u{303}", "ﷺ", "ｆ", "\u{2044}", "\u{061c}", "\u{1160}", "한", "\u{1112}\u{1161}\u{11ab}",
        ]).prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
    ];
    proptest::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

#[test]
fn what_hides_or_drives_a_terminal_is_written_out() {
    for (text, form) in [
        ("tables/a.csv", "tables/a.csv"),
        ("a\u{1b}[2Jb", "a\\u{1b}[2Jb"),
        ("cod\u{202e}fdp.csv", "cod\\u{202e}fdp.csv"),
        ("a\u{200b}b", "a\\u{200b}b"),
        ("a\\u{200b}b", "a\\\\u{200b}b"),
        ("a\nb\t", "a\\nb\\t"),
        (" a b ", "\\u{20}a b\\u{20}"),
        ("  ", "\\u{20}\\u{20}"),
        ("tag\u{e0041}", "tag\\u{e0041}"),
        ("Müller", "Müller"),
        ("Mu\u{308}ller", "Mu\\u{308}ller"),
        ("\u{301}a", "\\u{301}a"),
        ("p\u{430}yroll", "p\\u{430}yroll"),
        ("отчёт.csv", "отчёт.csv"),
        ("α-level", "α-level"),
        ("漢字 🧪", "漢字 🧪"),
        ("a\u{a0}b", "a\\u{a0}b"),
        ("क्षि", "क्षि"),
    ] {
        assert_eq!(show(text), form, "{}", text.escape_unicode());
    }
    assert_eq!(shown_ascii(&"Müller".into()), "M\\u{fc}ller");
    assert_eq!(shown_lines(&"  a\r\nb\u{1b}\rc\n".into()), ["  a", "b\\u{1b}\\rc", ""]);
}

#[test]
fn json_is_ascii_and_true() {
    let text = "a\u{1b}\u{202e}é𝄞\u{7f}\"\\\n";
    let json = json_ascii(&serde_json::json!({ text: [text, 1.5, null] })).unwrap();
    assert!(json.bytes().all(|b| (b' '..=b'~').contains(&b)), "{json}");
    assert_eq!(
        serde_json::from_str::<serde_json::Value>(&json).unwrap(),
        serde_json::json!({ text: [text, 1.5, null] })
    );
}

#[test]
fn no_key_leaves_the_folder_or_meets_another() {
    let long = "x".repeat(1024);
    let deep = "a/".repeat(512);
    let keys: Vec<&[u8]> = vec![
        b"a.csv",
        b"a.csv ",
        b" a.csv",
        b"A.csv",
        b"../../x",
        b"..",
        b".",
        b"./x",
        b"x/.",
        b"x/..",
        b"/etc/passwd",
        b"etc/passwd",
        b"a//b",
        b"a/b",
        b"a/b/",
        b"a%2Fb",
        b"a\\b",
        b"a\nb",
        b"a\0b",
        b"a\xffb",
        "aÿb".as_bytes(),
        b"",
        b"/",
        b"//",
        b"%2F",
        b"%2F/",
        b".ssh/authorized_keys",
        b"-rf",
        b"~root",
        long.as_bytes(),
        &long.as_bytes()[..1023],
        deep.as_bytes(),
        "e\u{301}".as_bytes(),
        "é".as_bytes(),
        "\u{202e}x".as_bytes(),
        b"a%",
        b"a%25",
    ];
    let mut seen = HashMap::new();
    for key in keys {
        let path = check_path(key);
        assert_eq!(seen.insert(path, key), None, "{key:?}");
    }
    assert_eq!(safe_relative_path(b"tables/ward 1.csv").to_str(), Some("tables/ward 1.csv"));
    assert_eq!(safe_relative_path(b"../../x").to_str(), Some("%2E./%2E./x"));
}

/// The path, after checking that it is one below the folder that any file system takes.
fn check_path(key: &[u8]) -> std::path::PathBuf {
    let path = safe_relative_path(key);
    assert!(
        path.components().all(|part| matches!(part, Component::Normal(name) if name.len() <= 255)),
        "{}",
        path.display()
    );
    assert!(path.as_os_str().len() <= 2_100);
    let text = path.to_str().unwrap();
    assert!(!text.is_empty() && !text.starts_with(['/', '.', '-', '~']) && !text.ends_with(['/', ' ']));
    assert_eq!(show(text), text, "a download's name is as safe to list as to create");
    path
}

/// Undoes [`safe_relative_path`] where it kept everything.
fn key_of(path: &str) -> Vec<u8> {
    let part = |part: &str| -> Vec<u8> {
        if part == "%2F" {
            return Vec::new();
        }
        let mut out = Vec::new();
        let mut bytes = part.bytes();
        while let Some(b) = bytes.next() {
            if b == b'%' {
                let digits = [bytes.next().unwrap(), bytes.next().unwrap()];
                out.push(u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap());
            } else {
                out.push(b);
            }
        }
        out
    };
    path.split('/').map(part).collect::<Vec<_>>().join(&b'/')
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn two_texts_never_have_one_form(text in hostile()) {
        let form = show(&text);
        prop_assert_eq!(read_back(&form), text.clone());
        prop_assert_eq!(read_back(&shown_line(&Untrusted::new(&*text))), text.clone());
        prop_assert_eq!(read_back(&shown_ascii(&Untrusted::new(&*text))), text);
        // Nor one that differs only in how the same marks are composed.
        prop_assert_eq!(form.nfc().collect::<String>(), form);
    }

    #[test]
    fn every_character_of_a_form_is_seen(text in hostile()) {
        let form = show(&text);
        let mut last = None;
        for c in form.chars() {
            let alone = width(&c.to_string());
            // A mark is only ever left on a letter.
            prop_assert!(alone > 0 || last.is_some_and(char::is_alphanumeric) , "{}", form.escape_unicode());
            prop_assert!(!c.is_control() && (c == ' ' || !c.is_whitespace()));
            if alone > 0 { last = Some(c); }
        }
        prop_assert!(!form.starts_with(' ') && !form.ends_with(' '));
        prop_assert!(shown_ascii(&Untrusted::new(text)).bytes().all(|b| (b' '..=b'~').contains(&b)));
    }

    #[test]
    fn fitted_text_fits_and_keeps_its_end(text in hostile(), cells in 0..30_usize) {
        let form = show(&text);
        for cut in [fit(&form, cells), fit_end(&form, cells)] {
            prop_assert!(width(&cut) <= cells);
            prop_assert!(cut == form || cells == 0 || cut.contains('…'));
        }
        let end = fit_end(&form, cells);
        prop_assert!(form.ends_with(end.trim_start_matches('…')) );
    }

    #[test]
    fn any_key_is_a_path_that_can_be_read_back(key in prop_oneof![
        hostile().prop_map(String::into_bytes),
        proptest::collection::vec(any::<u8>(), 0..300),
        proptest::collection::vec(proptest::sample::select(b"./a %\\\0\n\xff-~".to_vec()), 0..20),
    ]) {
        let path = check_path(&key);
        let text = path.to_str().unwrap();
        if !text.contains("%~") {
            prop_assert_eq!(key_of(text), key);
        }
    }
}
