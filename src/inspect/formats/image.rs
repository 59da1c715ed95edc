//! Pictures: what a PNG or JPEG carries besides its pixels, and what stands behind its end, read as a stream.

use super::bytes::{Says, as_bytes, as_bytes_only, say_bytes_only};
use crate::domain::egress::Place;
use crate::inspect::format::{Asked, Format, Held, Need, Scan};
use crate::inspect::found::{self, Found, part};
use crate::inspect::page::{Fact, Page};

/// A PNG image.
pub(super) static PNG: Format = Format {
    id: "png",
    words: "a PNG image",
    media: &["image/png"],
    names: &["png"],
    is: |head| if head.starts(&[b"\x89PNG\r\n\x1a\n"]) { Some("image/png") } else { head.guessed(PNG.media) },
    page: |held, asked| page(held, asked, Picture::new(false)),
    scan: |_| Box::new(Picture::new(false)),
};

/// A JPEG image.
pub(super) static JPEG: Format = Format {
    id: "jpeg",
    words: "a JPEG image",
    media: &["image/jpeg"],
    names: &["jpg", "jpeg"],
    is: |head| if head.starts(&[b"\xFF\xD8\xFF"]) { Some("image/jpeg") } else { head.guessed(JPEG.media) },
    page: |held, asked| page(held, asked, Picture::new(true)),
    scan: |_| Box::new(Picture::new(true)),
};

/// Another image.
pub(super) static IMAGE: Format = Format {
    id: "image",
    words: "an image",
    media: &["image/"],
    names: &["gif", "bmp", "tif", "tiff", "webp", "ico"],
    is: |head| head.guessed(IMAGE.media),
    page: as_bytes_only,
    scan: |_| Box::new(Says(None)),
};

/// Bytes kept of one text chunk or segment.
const KEPT: usize = 1024;

/// Walks through a PNG or JPEG of any size.
#[derive(Default)]
struct Picture {
    jpeg: bool,
    state: State,
    /// Bytes of the header or chunk being gathered.
    buffer: Vec<u8>,
    /// Pixels across and down.
    size: Option<(u32, u32)>,
    /// Names and texts it carries.
    carried: Vec<(String, String)>,
    /// Bytes behind its end.
    after: u64,
}

#[derive(Default, PartialEq)]
enum State {
    /// Gathers the signature.
    #[default]
    Start,
    /// Gathers the head of a chunk or segment.
    Head,
    /// Inside one: its name, and bytes still to come.
    Inside(String, u64),
    /// Inside the pixels of a JPEG; the last byte was 0xFF.
    Pixels(bool),
    /// Behind the end.
    End,
    /// Something that is no part of a picture.
    Lost,
}

impl Picture {
    fn new(jpeg: bool) -> Self {
        Self { jpeg, ..Self::default() }
    }

    fn walk(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            match &mut self.state {
                State::Start => {
                    if self.gather(&mut bytes, if self.jpeg { 2 } else { 8 }) {
                        self.buffer.clear();
                        self.state = State::Head;
                    }
                }
                State::Head => {
                    if self.jpeg {
                        self.segment(&mut bytes);
                    } else {
                        self.chunk(&mut bytes);
                    }
                }
                State::Inside(_, left) => {
                    let take = usize::try_from(*left).unwrap_or(usize::MAX).min(bytes.len());
                    *left -= take as u64;
                    let done = *left == 0;
                    let keep = KEPT.saturating_sub(self.buffer.len()).min(take);
                    self.buffer.extend_from_slice(&bytes[..keep]);
                    bytes = &bytes[take..];
                    if done {
                        self.close();
                    }
                }
                State::Pixels(_) => self.pixels(&mut bytes),
                State::End => {
                    self.after += bytes.len() as u64;
                    return;
                }
                State::Lost => return,
            }
        }
    }

    fn gather(&mut self, bytes: &mut &[u8], length: usize) -> bool {
        let take = length.saturating_sub(self.buffer.len()).min(bytes.len());
        self.buffer.extend_from_slice(&bytes[..take]);
        *bytes = &bytes[take..];
        self.buffer.len() >= length
    }

    /// PNG: four bytes of length, four of a name, the data and four of a checksum.
    fn chunk(&mut self, bytes: &mut &[u8]) {
        if !self.gather(bytes, 8) {
            return;
        }
        let length = u32::from_be_bytes([self.buffer[0], self.buffer[1], self.buffer[2], self.buffer[3]]);
        let name = String::from_utf8_lossy(&self.buffer[4..8]).into_owned();
        self.buffer.clear();
        let known = name.bytes().all(|byte| byte.is_ascii_alphabetic());
        self.state = if known { State::Inside(name, u64::from(length) + 4) } else { State::Lost };
    }

    /// JPEG: 0xFF and a marker; most have two bytes of length that count themselves.
    fn segment(&mut self, bytes: &mut &[u8]) {
        if !self.gather(bytes, 2) {
            return;
        }
        let marker = self.buffer[1];
        if self.buffer[0] != 0xFF {
            self.state = State::Lost;
        } else if marker == 0xFF {
            self.buffer.remove(0);
        } else if marker == 0xD9 {
            self.state = State::End;
        } else if matches!(marker, 0x01 | 0xD0..=0xD8) {
            self.buffer.clear();
        } else if self.gather(bytes, 4) {
            let length = u64::from(u16::from_be_bytes([self.buffer[2], self.buffer[3]])).saturating_sub(2);
            self.buffer.clear();
            self.state = State::Inside(format!("{marker:02X}"), length);
            if length == 0 {
                self.close();
            }
        }
    }

    fn pixels(&mut self, bytes: &mut &[u8]) {
        let State::Pixels(marked) = &mut self.state else { return };
        let byte = bytes[0];
        if !*marked {
            let at = bytes.iter().position(|byte| *byte == 0xFF).unwrap_or(bytes.len());
            *marked = at < bytes.len();
            *bytes = &bytes[(at + 1).min(bytes.len())..];
            return;
        }
        *bytes = &bytes[1..];
        match byte {
            0xFF => {}
            0x00 | 0xD0..=0xD7 => *marked = false,
            0xD9 => self.state = State::End,
            _ => {
                self.buffer = vec![0xFF, byte];
                self.state = State::Head;
            }
        }
    }

    /// A chunk or segment is complete; `buffer` holds its first bytes.
    fn close(&mut self) {
        let State::Inside(name, _) = std::mem::replace(&mut self.state, State::Head) else { return };
        let data = std::mem::take(&mut self.buffer);
        if self.jpeg { self.close_segment(&name, &data) } else { self.close_chunk(&name, &data) }
    }

    fn close_chunk(&mut self, name: &str, data: &[u8]) {
        match name {
            "IHDR" if data.len() >= 8 => {
                let number = |at: usize| u32::from_be_bytes([data[at], data[at + 1], data[at + 2], data[at + 3]]);
                self.size = Some((number(0), number(4)));
            }
            "IEND" => self.state = State::End,
            "tEXt" | "iTXt" | "zTXt" => {
                let text = data.strip_suffix(data.last_chunk::<4>().map_or(&[][..], |sum| sum)).unwrap_or(data);
                let (key, value) = split_text(text);
                self.carry(&key, if name == "zTXt" { "(compressed)".to_owned() } else { value });
            }
            "eXIf" => self.carry("EXIF", "present".to_owned()),
            "iCCP" | "PLTE" | "IDAT" | "tRNS" | "cHRM" | "gAMA" | "sBIT" | "sRGB" | "bKGD" | "hIST" | "pHYs"
            | "sPLT" | "tIME" | "acTL" | "fcTL" | "fdAT" | "cICP" | "mDCV" | "cLLI" | "IHDR" => {}
            other => self.carry(other, "a chunk no standard knows".to_owned()),
        }
    }

    fn close_segment(&mut self, name: &str, data: &[u8]) {
        match name {
            "DA" => self.state = State::Pixels(false),
            "C0" | "C1" | "C2" | "C3" if data.len() >= 5 => {
                let number = |at: usize| u32::from(data[at]) << 8 | u32::from(data[at + 1]);
                self.size = Some((number(3), number(1)));
            }
            "E1" if data.starts_with(b"Exif") => self.carry("EXIF", "present".to_owned()),
            "E1" => self.carry("XMP", "present".to_owned()),
            "ED" => self.carry("IPTC", "present".to_owned()),
            "FE" => self.carry("comment", String::from_utf8_lossy(data).into_owned()),
            _ => {}
        }
    }

    fn carry(&mut self, name: &str, value: String) {
        const MOST: usize = 50;
        if self.carried.len() < MOST {
            self.carried.push((name.to_owned(), value));
        }
    }
}

impl Scan for Picture {
    fn feed(&mut self, bytes: &[u8], _: &mut Found) {
        self.walk(bytes);
    }

    fn finish(self: Box<Self>, found: &mut Found) {
        if self.after > 0 {
            let sentence = || format!("{} bytes follow the end of the picture; no viewer shows them.", self.after);
            found.add(found::AFTER_END, || Place::End, sentence);
        } else if self.state != State::End {
            let sentence = || "The picture has no end: the file is cut, or something else stands in it.".to_owned();
            found.add(found::AFTER_END, || Place::End, sentence);
        }
        for (name, _) in &self.carried {
            let sentence = || "The picture carries this besides its pixels.".to_owned();
            found.add(found::METADATA, || part(name), sentence);
        }
    }
}

/// Key and text of a PNG text chunk, which a NUL parts.
fn split_text(data: &[u8]) -> (String, String) {
    let at = data.iter().position(|byte| *byte == 0).unwrap_or(data.len());
    let value = data.get(at + 1..).unwrap_or_default();
    (String::from_utf8_lossy(&data[..at]).into_owned(), String::from_utf8_lossy(value).into_owned())
}

/// The bytes of a picture, with what it carries where its first bytes are among them.
fn page(held: &Held, asked: &Asked, mut picture: Picture) -> Result<Page, Need> {
    let mut page = as_bytes(held, asked)?;
    if asked.offset > 0 {
        return Ok(page);
    }
    picture.walk(asked.window(held)?.bytes);
    if let Some((across, down)) = picture.size {
        page.facts.push(Fact::new("pixels", format!("{across} × {down}")));
    }
    for (name, value) in &picture.carried {
        page.facts.push(Fact::new("carries", format!("{name}: {value}")));
    }
    if picture.after > 0 {
        page.note(format!("{} of the bytes read follow the end of the picture; no viewer shows them.", picture.after));
    } else if picture.state != State::End {
        page.note("The end of the picture is not among the bytes read.");
    }
    say_bytes_only(&mut page, asked);
    Ok(page)
}
