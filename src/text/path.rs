//! Where a downloaded file goes: a relative path made from a key a stranger chose. Called by `service::bytes`.

use std::fmt::Write as _;
use std::path::PathBuf;

use sha2::{Digest, Sha256};

use super::shown::{is_plain, shown};

/// The longest name of one file or folder in bytes, on the file systems in use.
const LONGEST_NAME: usize = 255;
/// The longest path we make, in bytes; with the folder it goes below it stays under Linux's 4,096.
const LONGEST_PATH: usize = 2_048;
/// How much of a name that is too long stays readable, in bytes.
const READABLE: usize = 160;

/// A relative path that never leaves the folder it is joined to, for any key. Different keys have different paths.
///
/// Folders of the key stay folders. Bytes that are not plain text, `%`, a space at either end and a leading `.`, `-` or `~` are
/// written as `%XX`; an empty part is `%2F`; what is too long keeps its beginning and gets its SHA-256. A key that is also
/// the folder of another (`a` and `a/b`) makes a path that cannot be created beside the other's: an error at the
/// second, never an overwriting.
#[must_use]
pub fn safe_relative_path(key: &[u8]) -> PathBuf {
    let names: Vec<String> = key.split(|byte| *byte == b'/').map(safe_name).collect();
    let long = names.iter().map(|name| name.len() + 1).sum::<usize>() > LONGEST_PATH;
    if long { PathBuf::from(format!("%~{}", hex::encode(Sha256::digest(key)))) } else { names.iter().collect() }
}

fn safe_name(part: &[u8]) -> String {
    if part.is_empty() {
        // No other part makes this: a slash is never inside one.
        return "%2F".to_owned();
    }
    // Characters that are plain alone may still pass for others together: then only ASCII is kept.
    let name = Some(encoded(part, false)).filter(|name| shown(&name.as_str().into()) == *name);
    let name = name.unwrap_or_else(|| encoded(part, true));
    if name.len() <= LONGEST_NAME {
        return name;
    }
    let cut = (0..=READABLE).rev().find(|at| name.is_char_boundary(*at)).unwrap_or(0);
    // `%~` comes from nowhere else.
    format!("{}%~{}", &name[..cut], hex::encode(Sha256::digest(part)))
}

fn encoded(part: &[u8], ascii: bool) -> String {
    let mut name = String::with_capacity(part.len());
    let mut at = 0;
    for chunk in part.utf8_chunks() {
        for c in chunk.valid().chars() {
            let edge = at == 0 || at + c.len_utf8() == part.len();
            let leading = at == 0 && matches!(c, '.' | '-' | '~');
            if is_plain(c) && (c.is_ascii() || !ascii) && c != '%' && c != '\\' && !(c == ' ' && edge) && !leading {
                name.push(c);
            } else {
                percent(&mut name, c.encode_utf8(&mut [0; 4]).as_bytes());
            }
            at += c.len_utf8();
        }
        percent(&mut name, chunk.invalid());
        at += chunk.invalid().len();
    }
    name
}

fn percent(name: &mut String, bytes: &[u8]) {
    for byte in bytes {
        // Writing to a String cannot fail.
        let _ = write!(name, "%{byte:02X}");
    }
}
