//! The file of allowed signers, as `ssh-keygen` has it (its manual, ALLOWED SIGNERS): whose keys count, said outside the database.
//! What a line asks for that is not understood here makes the line count for nothing, and is told.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};

use super::{NAMESPACE, VoterKey};

/// The keys that count, by whose they are.
#[derive(Clone, Debug, Default)]
pub struct AllowedSigners {
    lines: Vec<Line>,
    /// Lines that count for nothing, and why.
    pub faults: Vec<String>,
}

#[derive(Clone, Debug)]
struct Line {
    principals: String,
    key: VoterKey,
    namespaces: Option<String>,
    after: Option<DateTime<Utc>>,
    before: Option<DateTime<Utc>>,
}

impl AllowedSigners {
    /// Reads the text of such a file.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let mut read = Self::default();
        let lines = text.lines().zip(1..).map(|(line, number)| (line.trim(), number));
        for (line, number) in lines.filter(|(line, _)| !line.is_empty() && !line.starts_with('#')) {
            match Line::read(line) {
                Ok(line) => read.lines.push(line),
                Err(why) => read.faults.push(format!("line {number}: {why}")),
            }
        }
        read
    }

    /// How many lines name a key that counts.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Whether the key counts as this person's now.
    #[must_use]
    pub fn allows(&self, login: &str, key: &VoterKey, now: DateTime<Utc>) -> bool {
        self.lines.iter().any(|line| {
            line.key == *key
                && among(&line.principals, login)
                && line.namespaces.as_ref().is_none_or(|names| among(names, NAMESPACE))
                && line.after.is_none_or(|after| after <= now)
                && line.before.is_none_or(|before| now < before)
        })
    }
}

impl Line {
    fn read(line: &str) -> Result<Self, String> {
        let mut words = words(line)?.into_iter();
        let principals = words.next().unwrap_or_default();
        let rest: Vec<String> = words.collect();
        let (options, key) = match rest.as_slice() {
            [kind, blob, ..] if VoterKey::parse(&format!("{kind} {blob}")).is_ok() => ("", format!("{kind} {blob}")),
            [options, kind, blob, ..] => (options.as_str(), format!("{kind} {blob}")),
            _ => return Err("it has no key".to_owned()),
        };
        let key = VoterKey::parse(&key).map_err(|flaw| flaw.to_string())?;
        let mut read = Self { principals, key, namespaces: None, after: None, before: None };
        for option in options_of(options) {
            match option.split_once('=') {
                Some(("namespaces", names)) => read.namespaces = Some(names.to_owned()),
                Some(("valid-after", time)) => read.after = Some(moment(time)?),
                Some(("valid-before", time)) => read.before = Some(moment(time)?),
                _ => return Err(format!("{option} is not understood here")),
            }
        }
        Ok(read)
    }
}

/// Words apart by blanks outside quotes; the quotes of an option's value stay, so that its commas are known for its own.
fn words(line: &str) -> Result<Vec<String>, String> {
    let (mut found, mut word, mut quoted) = (Vec::new(), String::new(), false);
    for letter in line.chars() {
        match letter {
            '"' => {
                quoted = !quoted;
                word.push(letter);
            }
            ' ' | '\t' if !quoted => found.extend((!word.is_empty()).then(|| std::mem::take(&mut word))),
            _ => word.push(letter),
        }
    }
    if quoted {
        return Err("a quote is not closed".to_owned());
    }
    found.extend((!word.is_empty()).then_some(word));
    if let Some(first) = found.first_mut() {
        *first = first.replace('"', "");
    }
    Ok(found)
}

/// Options apart by commas outside quotes, without the quotes.
fn options_of(options: &str) -> Vec<String> {
    let mut quoted = false;
    let split = |letter: char| {
        quoted ^= letter == '"';
        letter == ',' && !quoted
    };
    options.split(split).filter(|option| !option.is_empty()).map(|option| option.replace('"', "")).collect()
}

/// `20261128Z`, `202611280300Z` or `20261128030000Z`. Without the Z `ssh-keygen` takes the time of whichever machine it runs on.
fn moment(text: &str) -> Result<DateTime<Utc>, String> {
    let digits =
        text.strip_suffix('Z').ok_or_else(|| format!("write {text}Z: a time without Z is another on each machine"))?;
    let date = || NaiveDate::parse_from_str(digits, "%Y%m%d").ok()?.and_hms_opt(0, 0, 0);
    let moment = match digits.len() {
        8 => date(),
        12 => NaiveDateTime::parse_from_str(&format!("{digits}00"), "%Y%m%d%H%M%S").ok(),
        _ => NaiveDateTime::parse_from_str(digits, "%Y%m%d%H%M%S").ok(),
    };
    moment.map(|moment| moment.and_utc()).ok_or_else(|| format!("{text} is no time"))
}

/// Whether a name is among patterns apart by commas; `!` before one takes what it matches out of the whole.
fn among(patterns: &str, name: &str) -> bool {
    let mut found = false;
    for pattern in patterns.split(',') {
        match pattern.strip_prefix('!') {
            Some(pattern) if matches(pattern.as_bytes(), name.as_bytes()) => return false,
            Some(_) => {}
            None => found |= matches(pattern.as_bytes(), name.as_bytes()),
        }
    }
    found
}

/// `*` is any text, `?` any one letter. Goes back to the last `*` only: a pattern of many never takes long.
fn matches(pattern: &[u8], name: &[u8]) -> bool {
    let (mut p, mut n, mut star) = (0, 0, None);
    while n < name.len() {
        match pattern.get(p) {
            Some(b'*') => {
                star = Some((p, n));
                p += 1;
            }
            Some(letter) if *letter == b'?' || *letter == name[n] => (p, n) = (p + 1, n + 1),
            _ => match star {
                Some((at, from)) => {
                    (p, n) = (at + 1, from + 1);
                    star = Some((at, from + 1));
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|letter| *letter == b'*')
}
