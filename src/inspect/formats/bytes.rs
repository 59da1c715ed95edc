//! Bytes that are shown as they are: files of no format that is known here, programs, sound and video, and empty files. Other
//! formats show themselves so, too, where they have nothing better.

use crate::domain::egress::Place;
use crate::inspect::format::{Asked, Format, Held, Need, Scan, Window};
use crate::inspect::found::{self, Found, Rule};
use crate::inspect::page::{Body, HEX_WIDTH, Page};

/// No bytes at all.
pub(super) static EMPTY: Format = Format {
    id: "empty",
    words: "an empty file",
    media: &["application/x-empty"],
    names: &[],
    is: |head| head.bytes.is_empty().then_some("application/x-empty"),
    page: as_bytes,
    scan: |_| Box::new(Says(Some((found::EMPTY, "The file is empty.")))),
};

/// A program.
pub(super) static PROGRAM: Format = Format {
    id: "program",
    words: "a program",
    media: &[
        "application/wasm",
        "application/x-executable",
        "application/vnd.microsoft.portable-executable",
        "application/java",
        "application/x-llvm",
        "application/x-mach-binary",
        "application/vnd.android.dex",
        "application/vnd.android.dey",
    ],
    names: &["exe", "dll", "so", "wasm", "class"],
    is: |head| head.guessed(PROGRAM.media),
    page: as_bytes,
    scan: |_| Box::new(Says(Some((found::PROGRAM, "It is a program; programs are not results.")))),
};

/// Sound or video.
pub(super) static MEDIA: Format = Format {
    id: "media",
    words: "sound or video",
    media: &["audio/", "video/"],
    names: &[],
    is: |head| head.guessed(MEDIA.media),
    page: as_bytes,
    scan: |_| Box::new(Says::opaque("It cannot be shown here and cannot be checked by hand.")),
};

/// Bytes nobody here knows.
pub static BINARY: Format = Format {
    id: "binary",
    words: "bytes of an unknown kind",
    media: &["application/octet-stream"],
    names: &[
        "dta",
        "sav",
        "sas7bdat",
        "npy",
        "sqlite",
        "db",
        "pkl",
        "pickle",
        "h5",
        "hdf5",
        "onnx",
        "safetensors",
        "gguf",
        "joblib",
        "model",
        "pt",
        "pth",
        "keras",
    ],
    is: |_| Some("application/octet-stream"),
    page: as_bytes,
    scan: |_| Box::new(Says::opaque("It cannot be shown here and cannot be checked by hand.")),
};

/// A page of the bytes as they are.
pub(super) fn as_bytes(held: &Held, asked: &Asked) -> Result<Page, Need> {
    let mut page = asked.page(held);
    show(&mut page, &asked.window(held)?, asked);
    Ok(page)
}

/// The same of something that has a look of its own, which is not to be seen here.
pub(super) fn as_bytes_only(held: &Held, asked: &Asked) -> Result<Page, Need> {
    let mut page = as_bytes(held, asked)?;
    say_bytes_only(&mut page, asked);
    Ok(page)
}

/// Says that a page of bytes is not what the file looks like.
pub(super) fn say_bytes_only(page: &mut Page, asked: &Asked) {
    if asked.offset == 0 {
        let what = asked.format.words;
        page.note(format!("This is {what}, shown as bytes: what it looks like is not to be seen here."));
    }
}

/// Shows the first bytes of a window as they are.
pub fn show(page: &mut Page, window: &Window, asked: &Asked) {
    let length = asked.rows.saturating_mul(HEX_WIDTH).min(window.bytes.len());
    page.read_on(length as u64, asked.carried());
    page.body = Body::Hex { offset: window.offset, bytes: window.bytes[..length].to_vec() };
}

/// Says one thing of a whole file, whatever is in it.
pub(super) struct Says(pub(super) Option<(Rule, &'static str)>);

impl Says {
    /// That it cannot be checked.
    pub(super) fn opaque(sentence: &'static str) -> Self {
        Self(Some((found::OPAQUE, sentence)))
    }
}

impl Scan for Says {
    fn feed(&mut self, _: &[u8], _: &mut Found) {}

    fn finish(self: Box<Self>, found: &mut Found) {
        if let Some((rule, sentence)) = self.0 {
            found.add(rule, || Place::Whole, || sentence.to_owned());
        }
    }
}
