//! A site's lists of people and datasets as files, identity verifications, and the site's numbers. Called by `cli` and the
//! sample; the database lets administrators only.

use serde_json::{Map, Value};

use super::{Result, Service, ServiceError};
use crate::db::SettingRow;
use crate::domain::access::Iva;
use crate::domain::command::Command;

/// Whose list a file is: the columns it may have, each by its name here and the others it goes by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListOf {
    /// `login`, `full_name`, `mail`, `title`, `active`.
    People,
    /// `accession`, `title`, `description`, `dac_alias`, `dac_email`, `active`.
    Datasets,
}

impl ListOf {
    fn columns(self) -> &'static [(&'static str, &'static [&'static str])] {
        match self {
            Self::People => &[
                ("login", &[]),
                ("full_name", &["name"]),
                ("mail", &["email"]),
                ("title", &["academic_title"]),
                ("active", &[]),
            ],
            Self::Datasets => &[
                ("accession", &["dataset_id", "id"]),
                ("title", &[]),
                ("description", &[]),
                ("dac_alias", &["dac"]),
                ("dac_email", &[]),
                ("active", &[]),
            ],
        }
    }

    /// Takes the rows over; the answer's data has `added`, `changed`, `removed`, `restored`, `unchanged`. Who or what is not
    /// in the list stays as it is, unless the list is said to be complete: then they are removed.
    #[must_use]
    pub fn sync(self, rows: Value, dry_run: bool, complete: bool) -> Command {
        match self {
            Self::People => Command::SyncPeople { rows, dry_run, complete },
            Self::Datasets => Command::SyncDatasets { rows, dry_run, complete },
        }
    }

    /// The column's own name.
    fn column(self, name: &str) -> Result<&'static str> {
        let name = name.trim();
        let found = self.columns().iter().find(|(own, others)| {
            own.eq_ignore_ascii_case(name) || others.iter().any(|o| o.eq_ignore_ascii_case(name))
        });
        found.map(|(own, _)| *own).ok_or_else(|| {
            let names: Vec<&str> = self.columns().iter().map(|(own, _)| *own).collect();
            ServiceError::Usage(format!("There is no field {name:?}; a row may have {}.", names.join(", ")))
        })
    }

    /// The rows of a file: JSON (an array of objects, or an object with one such array) if it begins so, else CSV with a
    /// heading, at commas, semicolons or tabs, whichever the heading has most of.
    ///
    /// # Errors
    /// What is neither, has an unknown field, or a value that is no text, number, truth or null. The sentence names it.
    pub fn rows(self, bytes: &[u8]) -> Result<Value> {
        let text = std::str::from_utf8(bytes)
            .map_err(|why| ServiceError::Usage(format!("The list is not UTF-8 (byte {}).", why.valid_up_to())))?;
        let text = text.trim_start_matches('\u{feff}');
        let rows = if text.trim_start().starts_with(['[', '{']) { self.of_json(text)? } else { self.of_csv(text)? };
        Ok(Value::Array(rows.into_iter().map(Value::Object).collect()))
    }

    fn of_json(self, text: &str) -> Result<Vec<Map<String, Value>>> {
        let value: Value = serde_json::from_str(text)
            .map_err(|why| ServiceError::Usage(format!("The list is not valid JSON: {why}.")))?;
        let rows = match value {
            Value::Array(rows) => Some(rows),
            Value::Object(mut object) if object.len() == 1 => match object.values_mut().next().map(Value::take) {
                Some(Value::Array(rows)) => Some(rows),
                _ => None,
            },
            _ => None,
        };
        let rows = rows.ok_or_else(|| ServiceError::Usage("The list is no array of objects.".to_owned()))?;
        rows.into_iter()
            .enumerate()
            .map(|(n, row)| {
                let Value::Object(fields) = row else {
                    return Err(ServiceError::Usage(format!("Entry {} of the list is no object.", n + 1)));
                };
                fields.into_iter().map(|(name, value)| self.field(&name, value, n + 1)).collect()
            })
            .collect()
    }

    fn of_csv(self, text: &str) -> Result<Vec<Map<String, Value>>> {
        let heading = text.lines().next().unwrap_or_default();
        let most = |delimiter: &char| heading.matches(*delimiter).count();
        let delimiter = [',', ';', '\t'].into_iter().rev().max_by_key(most).map_or(b',', |c| c as u8);
        let mut reader =
            csv::ReaderBuilder::new().delimiter(delimiter).trim(csv::Trim::All).from_reader(text.as_bytes());
        let wrong = |why: csv::Error| ServiceError::Usage(format!("The list is not valid CSV: {why}."));
        let names = reader.headers().map_err(wrong)?.clone();
        let mut rows = Vec::new();
        for (n, record) in reader.records().enumerate() {
            let record = record.map_err(wrong)?;
            // An empty cell says nothing, so that a list need not know everything.
            let cells = names.iter().zip(&record).filter(|(_, cell)| !cell.is_empty());
            rows.push(cells.map(|(name, cell)| self.field(name, cell.into(), n + 2)).collect::<Result<_>>()?);
        }
        Ok(rows)
    }

    fn field(self, name: &str, value: Value, place: usize) -> Result<(String, Value)> {
        let column = self.column(name)?;
        let text = match value {
            Value::String(text) => text,
            Value::Bool(truth) => truth.to_string(),
            Value::Number(number) => number.to_string(),
            Value::Null => return Ok((column.to_owned(), Value::Null)),
            Value::Array(_) | Value::Object(_) => {
                return Err(ServiceError::Usage(format!("Row {place}: {column} is no text.")));
            }
        };
        if text.contains('\0') {
            return Err(ServiceError::Usage(format!("Row {place}: {column} has a NUL, which no text may have.")));
        }
        if column != "active" {
            return Ok((column.to_owned(), text.into()));
        }
        match text.to_ascii_lowercase().as_str() {
            "true" | "yes" | "1" => Ok((column.to_owned(), true.into())),
            "false" | "no" | "0" => Ok((column.to_owned(), false.into())),
            _ => Err(ServiceError::Usage(format!("Row {place}: active is true or false (or yes, no, 1, 0)."))),
        }
    }
}

impl Service {
    /// A person's identity verifications, one's own where none is named; nothing of whom one may not ask for.
    pub async fn ivas(&self, login: Option<&str>) -> Result<Vec<Iva>> {
        self.asked(self.db.list_ivas(login).await)
    }

    /// The site's numbers with their defaults.
    pub async fn settings(&self) -> Result<Vec<SettingRow>> {
        self.asked(self.db.list_settings().await)
    }
}

#[cfg(test)]
mod tests {
    use super::ListOf;
    use serde_json::json;

    #[test]
    fn csv_and_json_say_the_same() {
        let wanted = json!([{"login": "a", "full_name": "Ann; A", "mail": "a@example.org"}, {"login": "b", "full_name": "Bo", "active": false}]);
        for text in [
            "login,name,email,active\na,Ann; A,a@example.org,\nb,Bo,,no\n",
            "\u{feff}login;full_name;mail;active\r\na;\"Ann; A\";a@example.org;\r\nb;Bo;;0\r\n",
            "login\tname\tmail\tactive\na\tAnn; A\ta@example.org\t\nb\tBo\t\tFALSE\n",
            r#"[{"login": "a", "name": "Ann; A", "email": "a@example.org"}, {"login": "b", "full_name": "Bo", "active": false}]"#,
            r#" {"people": [{"login": "a", "name": "Ann; A", "mail": "a@example.org"}, {"login": "b", "full_name": "Bo", "active": "no"}]}"#,
        ] {
            assert_eq!(ListOf::People.rows(text.as_bytes()).unwrap(), wanted, "{text}");
        }
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (text, named) in [
            ("login,shoe_size\na,43\n", "shoe_size"),
            (r#"[{"login": "a", "shoe_size": 43}]"#, "shoe_size"),
            (r#"[{"login": ["a"]}]"#, "login"),
            (r#"[{"login": "a\u0000"}]"#, "NUL"),
            ("login,active\na,maybe\n", "active"),
            ("login,name\na\n", "CSV"),
            ("{\"a\": 1}", "array"),
            ("[1]", "Entry 1"),
            ("[", "JSON"),
        ] {
            let error = ListOf::People.rows(text.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(named), "{text}: {error}");
        }
        assert!(ListOf::People.rows(b"\xff").is_err());
    }
}
