//! What one command of an administrator ended in, told. Used by `people`, `projects` and `policies`.

use serde_json::json;

use super::{exit, output};
use crate::domain::refusal::Answer;
use crate::text::{Untrusted, shown};

/// Prints an answer; a refusal becomes the error.
///
/// # Errors
/// The refusal; see [`output::line`].
pub fn print(answer: Answer, as_json: bool) -> anyhow::Result<u8> {
    let answer = answer.into_result()?;
    if as_json {
        output::json(&json!({"ok": true, "code": answer.code, "message": answer.sentence, "data": answer.data}))?;
    } else {
        output::line(&shown(&Untrusted::new(answer.sentence)))?;
    }
    Ok(exit::OK)
}

/// Text for people.
pub fn plain(text: &str) -> String {
    shown(&Untrusted::new(text))
}
