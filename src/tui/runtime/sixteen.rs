//! Colours for terminals of sixteen: `30` to `37` and `90` to `97` in place of the `38;5;n` that crossterm writes for the
//! named colours too. Used by `terminal` on whole frames, in which every escape is the desk's own.

/// Writes the frame with its colours rewritten.
pub fn rewrite(frame: &[u8], out: &mut Vec<u8>) {
    let mut rest = frame;
    while let Some(at) = rest.windows(2).position(|pair| pair == b"\x1b[") {
        out.extend_from_slice(&rest[..at + 2]);
        rest = &rest[at + 2..];
        let end = rest.iter().position(|byte| (0x40..0x7f).contains(byte)).unwrap_or(rest.len());
        match rest.get(end) {
            Some(b'm') => out.extend(colours(&rest[..end])),
            _ => out.extend_from_slice(&rest[..end]),
        }
        rest = &rest[end..];
    }
    out.extend_from_slice(rest);
}

fn colours(parameters: &[u8]) -> Vec<u8> {
    let parts: Vec<&[u8]> = parameters.split(|byte| *byte == b';').collect();
    let number = |part: &[u8]| std::str::from_utf8(part).ok()?.parse::<u16>().ok();
    let mut out: Vec<Vec<u8>> = Vec::new();
    let mut at = 0;
    while at < parts.len() {
        let named = match (parts[at], parts.get(at + 1), parts.get(at + 2).and_then(|part| number(part))) {
            (b"38", Some(&b"5"), Some(n @ 0..8)) => Some(30 + n),
            (b"38", Some(&b"5"), Some(n @ 8..16)) => Some(82 + n),
            (b"48", Some(&b"5"), Some(n @ 0..8)) => Some(40 + n),
            (b"48", Some(&b"5"), Some(n @ 8..16)) => Some(92 + n),
            _ => None,
        };
        if let Some(named) = named {
            out.push(named.to_string().into_bytes());
            at += 3;
        } else {
            out.push(parts[at].to_vec());
            at += 1;
        }
    }
    out.join(&b';')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn named_colours_are_written_the_old_way_and_nothing_else_changes() {
        let written = |text: &str| {
            let mut out = Vec::new();
            rewrite(text.as_bytes(), &mut out);
            String::from_utf8(out).unwrap()
        };
        assert_eq!(written("a\x1b[38;5;1mb\x1b[38;5;15;48;5;8mc\x1b[0m"), "a\x1b[31mb\x1b[97;100mc\x1b[0m");
        assert_eq!(written("\x1b[38;5;7;49m\x1b[48;5;0m"), "\x1b[37;49m\x1b[40m");
        assert_eq!(written("\x1b[3;38H\x1b[?25l\x1b[38;5;16m"), "\x1b[3;38H\x1b[?25l\x1b[38;5;16m");
        assert_eq!(written("38;5;1m é漢 \x1b[1m\x1b["), "38;5;1m é漢 \x1b[1m\x1b[");
    }
}
