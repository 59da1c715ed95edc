//! The results of one command on several ids: one row each, and the worst exit code. Used by `egress`, `requests` and `grants`.

use std::fmt::Display;

use serde_json::{Value, json};
use uuid::Uuid;

use super::args::{SentArgs, SentEachArgs};
use super::{exit, output};
use crate::domain::refusal::{Answer, Refusal};
use crate::service::ServiceError;
use crate::text::{Untrusted, shown};

/// What became of each id.
#[derive(Default)]
pub struct Results {
    rows: Vec<Value>,
    sentences: Vec<(String, bool, String)>,
    worst: Option<(u8, String, String)>,
}

impl Results {
    /// Notes an answer of the database.
    ///
    /// # Errors
    /// The call failed in a way that will not be better for the next id: the server is gone, the person unknown.
    pub fn answer(&mut self, id: impl Display, result: Result<Answer, ServiceError>) -> anyhow::Result<()> {
        let answer = match result {
            Ok(answer) => answer,
            Err(ServiceError::Refused(refusal)) => return self.refusal(id, refusal),
            Err(error) => return Err(error.into()),
        };
        if !answer.ok {
            return self.refusal(id, Refusal { code: answer.code, message: answer.sentence });
        }
        self.rows.push(json!({
            "id": id.to_string(), "ok": true, "code": answer.code, "message": answer.sentence, "row_version": answer.version,
            "data": answer.data,
        }));
        self.sentences.push((id.to_string(), true, answer.sentence));
        Ok(())
    }

    /// Notes something done, with what there is to say about it.
    pub fn done(&mut self, id: impl Display, sentence: String, data: &Value) {
        self.rows.push(json!({"id": id.to_string(), "ok": true, "code": "done", "message": sentence, "data": data}));
        self.sentences.push((id.to_string(), true, sentence));
    }

    /// Notes a refusal.
    ///
    /// # Errors
    /// Never; so that it can stand where [`Results::answer`] stands.
    #[expect(clippy::unnecessary_wraps, reason = "it stands where `answer` stands")]
    pub fn refusal(&mut self, id: impl Display, refusal: Refusal) -> anyhow::Result<()> {
        let exit = exit::of_refusal(&refusal);
        if self.worst.as_ref().is_none_or(|(worst, ..)| *worst < exit) {
            self.worst = Some((exit, refusal.code.clone(), refusal.message.clone()));
        }
        self.rows.push(json!({"id": id.to_string(), "ok": false, "code": refusal.code, "message": refusal.message}));
        self.sentences.push((id.to_string(), false, refusal.message));
        Ok(())
    }

    /// Prints all of it; returns the worst exit code.
    ///
    /// # Errors
    /// See [`output::line`].
    pub fn print(self, as_json: bool) -> anyhow::Result<u8> {
        let several = self.sentences.len() > 1;
        if as_json {
            output::json(&json!({"results": self.rows}))?;
            if let Some((_, code, message)) = &self.worst {
                output::error(message, code, true);
            }
        } else {
            for (id, ok, sentence) in &self.sentences {
                let text = if several { format!("{id}  {sentence}") } else { sentence.clone() };
                if *ok {
                    output::line(&shown(&Untrusted::new(text)))?;
                } else {
                    output::error(&text, "", false);
                }
            }
        }
        Ok(self.worst.map_or(exit::OK, |(exit, ..)| exit))
    }
}

/// One value for each id, in order: those given, or `none` where none was given.
///
/// # Errors
/// Some but not all were given.
pub fn each<T: Clone>(ids: usize, given: &[T], name: &str) -> anyhow::Result<Vec<Option<T>>> {
    if given.is_empty() {
        return Ok(vec![None; ids]);
    }
    if given.len() != ids {
        return Err(ServiceError::Usage(format!(
            "There are {ids} ids and {} times --{name}: give one for each id, in order.",
            given.len()
        ))
        .into());
    }
    Ok(given.iter().cloned().map(Some).collect())
}

impl SentArgs {
    /// The command id given, or a new one.
    pub fn id(&self) -> Uuid {
        self.command_id.unwrap_or_else(Uuid::new_v4)
    }
}

impl SentEachArgs {
    /// A command id for each of so many: those given, or new ones.
    ///
    /// # Errors
    /// Some but not all were given.
    pub fn ids(&self, count: usize) -> anyhow::Result<Vec<Uuid>> {
        let given = each(count, &self.command_id, "command-id")?;
        Ok(given.into_iter().map(|id| id.unwrap_or_else(Uuid::new_v4)).collect())
    }
}
