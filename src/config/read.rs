//! From a file's text to a value, with errors that name the line. Used by the two configuration types.

use std::io::Read as _;
use std::path::Path;

use serde::de::DeserializeOwned;
use toml::de::{DeTable, DeValue};

use super::{ConfigError, examples};

/// The most bytes a file of settings may have; the largest anybody needs has a hundredth of it.
const LARGEST: u64 = 1 << 20;

/// The text of a file of settings, whatever it really is: a device that never ends ends here.
///
/// # Errors
/// It cannot be read, is larger than a megabyte, or is not UTF-8.
pub fn settings_text(file: &Path) -> std::io::Result<String> {
    let mut bytes = Vec::new();
    std::fs::File::open(file)?.take(LARGEST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LARGEST {
        return Err(std::io::Error::other("it is larger than a megabyte"));
    }
    String::from_utf8(bytes).map_err(|_| std::io::Error::other("it is not UTF-8"))
}

/// The text of a configuration.
pub(super) fn text(file: &Path) -> Result<String, ConfigError> {
    settings_text(file).map_err(|why| ConfigError::Unreadable { file: file.to_owned(), why })
}

/// The value of a text; `example` is a file of that kind with every setting.
pub(super) fn parse<T: DeserializeOwned>(text: &str, file: &Path, example: &'static str) -> Result<T, ConfigError> {
    toml::from_str(text).map_err(|error| ConfigError::Wrong {
        file: file.to_owned(),
        line: line_of(text, error.span().map_or(0, |span| span.start)),
        sentence: unknown(error.message(), example).unwrap_or_else(|| sentence(error.message())),
    })
}

/// The error about the setting at `path`.
pub(super) fn wrong(text: &str, file: &Path, path: &[&str], sentence: String) -> ConfigError {
    ConfigError::Wrong { file: file.to_owned(), line: line_of(text, offset_of(text, path)), sentence }
}

/// Whether an address is one of an HTTP server.
pub(super) fn check_endpoint(endpoint: &str) -> Result<(), String> {
    let fine = endpoint.parse::<hyper::Uri>().is_ok_and(|address| {
        matches!(address.scheme_str(), Some("http" | "https"))
            && address.authority().is_some_and(|host| !host.host().is_empty() && !host.as_str().contains('@'))
    });
    if fine { Ok(()) } else { Err("endpoint must look like http://127.0.0.1:9000 or https://s3.site.".to_owned()) }
}

/// The sentence about a setting there is not: where it belongs, else the nearest there is.
fn unknown(message: &str, example: &'static str) -> Option<String> {
    let (name, expected) = message.strip_prefix("unknown field `")?.split_once('`')?;
    let here: Vec<&str> = expected.split('`').skip(1).step_by(2).collect();
    let elsewhere = examples::sections_of(example, name);
    let near = here.iter().map(|known| (strsim::damerau_levenshtein(name, known), *known)).min();
    let hint = match (elsewhere.first(), near) {
        (Some(section), _) if !section.is_empty() => format!("it belongs into {section}"),
        (_, Some((edits, known))) if edits <= 1 + known.len() / 4 => format!("did you mean {known}?"),
        _ => format!("there are {}", here.join(", ")),
    };
    let stop = if hint.ends_with('?') { "" } else { "." };
    Some(format!("There is no setting {name} here: {hint}{stop} `exeat config example` prints every setting."))
}

/// The parser's message as a sentence that ends in what to do.
fn sentence(message: &str) -> String {
    let message = message.trim().replace('\n', ", ");
    format!("{message}. `exeat config example` prints every setting.")
}

fn line_of(text: &str, offset: usize) -> usize {
    text.as_bytes().iter().take(offset).filter(|byte| **byte == b'\n').count() + 1
}

/// Where the setting stands; where it is absent, the table it would stand in, and else the start.
fn offset_of(text: &str, path: &[&str]) -> usize {
    let Ok(root) = DeTable::parse(text) else { return 0 };
    let mut offset = 0;
    let mut table = root.get_ref();
    for name in path {
        let Some((key, value)) = table.iter().find(|(key, _)| key.get_ref() == name) else { break };
        offset = key.span().start;
        match value.get_ref() {
            DeValue::Table(inner) => table = inner,
            _ => break,
        }
    }
    offset
}
