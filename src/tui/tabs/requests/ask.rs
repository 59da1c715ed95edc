//! Asking for access: inputs that start from the dataset's defaults, and exactly what they will send.

use super::super::access::{end_time, typed_end};
use super::super::words::safe;
use crate::domain::command::Command;
use crate::text::{full_time, shown};
use crate::tui::app::entry::{Entry, Source};
use crate::tui::app::msg::Cmd;
use crate::tui::app::spec::{Inputs, Spec, Start, Statement};
use crate::tui::app::words::{Fact, Tone};

/// The dialog.
pub static ASK: Spec = Spec {
    command: "ask",
    verb: "Send request",
    heading: "Ask for access",
    makes: Some("new request"),
    inputs,
    wrong,
    statement: |inputs, _| {
        let about = if inputs.exactly { exactly(inputs) } else { vec![title(inputs)] };
        Statement { about, ..Statement::default() }
    },
    command_of: |inputs, _| request(inputs),
    fills: |defaults, zone| {
        let fills = vec![
            ("starts", "now".to_owned()),
            ("ends", typed_end(defaults.access_ends, zone)),
            ("email", defaults.email.raw().to_owned()),
            ("text", defaults.request_text.raw().to_owned()),
        ];
        (shown(&defaults.dataset_title), fills)
    },
    ..Spec::BLANK
};

/// The datasets there are, and the defaults of one.
const DATASETS: Source =
    Source { list: || Cmd::Datasets, about: |value| accession(value).then(|| Cmd::Defaults(value.to_owned())) };

fn inputs(start: &Start) -> Vec<Entry> {
    let dataset = Entry::word("dataset", "Dataset", start.like.clone(), "its accession; ctrl-n goes through them");
    vec![
        dataset.read("dataset", DATASETS).first(),
        Entry::word("starts", "Starts", "", "as in 2026-11-21, or now"),
        Entry::word("ends", "Ends", "", "as in 2027-11-21"),
        Entry::word("email", "Mail to", "", "where you are written to about it"),
        Entry::text("text", "Text", "", "what you need the data for").first(),
    ]
}

/// What was read about the dataset that stands there.
fn about<'a>(inputs: &Inputs<'a>) -> Option<&'a Result<String, String>> {
    inputs.about.filter(|(of, _)| of == inputs.value("dataset")).map(|(_, about)| about)
}

fn wrong(inputs: &Inputs, entry: &Entry) -> Option<String> {
    let (rules, now, value) = (inputs.rules, inputs.now.to_utc(), entry.value());
    match entry.name {
        "dataset" if !accession(value) => Some("An accession is 1 to 6 capital letters and 3 to 18 digits.".into()),
        "dataset" => about(inputs).and_then(|about| about.as_ref().err()).cloned(),
        "starts" => inputs.moment(value).err(),
        "ends" if value.trim().is_empty() => Some("Say until when, as in 2027-11-21.".into()),
        "ends" => match (inputs.moment(inputs.value("starts")), inputs.end(value)) {
            (_, Err(why)) => Some(why),
            (Err(_), _) => None,
            (Ok(starts), Ok(ends)) => rules.period_why_not(starts, ends, now, false).map(|no| no.message),
        },
        "email" => (!mail(value.trim())).then(|| "Write a mail address as name@host.".into()),
        "text" if value.trim().is_empty() => Some("The text is empty: say what the data is needed for.".into()),
        "text" if value.len() > rules.text_limit => {
            Some(format!("The text is longer than {} bytes.", rules.text_limit))
        }
        _ => None,
    }
}

/// The request exactly as it is sent.
fn request(inputs: &Inputs) -> Option<Command> {
    if !inputs.right() {
        return None;
    }
    let at = |name| inputs.moment(inputs.value(name)).ok();
    let email = inputs.value("email");
    Some(Command::NewRequest {
        dataset: inputs.value("dataset").to_owned(),
        text: inputs.whole("text").trim_end().to_owned(),
        // "now" is when it is sent: the database says when that was.
        starts: at("starts").filter(|_| !matches!(inputs.value("starts"), "" | "now")),
        ends: Some(inputs.end(inputs.value("ends")).ok()?),
        email: (!email.is_empty()).then(|| email.to_owned()),
        iva: None,
    })
}

fn exactly(inputs: &Inputs) -> Vec<Fact> {
    let Some(Command::NewRequest { dataset, text, starts, ends, email, .. }) = request(inputs) else {
        return vec![title(inputs)];
    };
    let zone = inputs.rules.zone;
    let title = about(inputs).and_then(|about| about.as_ref().ok()).map_or("", String::as_str);
    let past = starts.is_some_and(|at| at < inputs.now.to_utc());
    let past = if past { " (it has passed, so it becomes now)" } else { "" };
    let starts = starts.map_or_else(|| "the moment it is sent".to_owned(), |at| full_time(at, zone));
    let mut facts = vec![
        Fact::new("Dataset", format!("{} {title}", safe(&dataset))),
        Fact::new("From", format!("{starts}{past}")),
        Fact::new("Until", ends.map_or_else(String::new, |at| end_time(at, zone))),
        Fact::new("Mail to", safe(email.as_deref().unwrap_or_default())),
    ];
    for (n, line) in text.split('\n').enumerate() {
        facts.push(Fact::new(if n == 0 { "Text" } else { "" }, safe(line)));
    }
    let then = format!("it goes out in the name of {}; a data steward decides", safe(inputs.me));
    facts.push(Fact::new("Then", then).tone(Tone::Dim));
    facts
}

fn title(inputs: &Inputs) -> Fact {
    match about(inputs) {
        Some(Err(why)) => Fact::new("Title", why.clone()).tone(Tone::Stop),
        Some(Ok(title)) => Fact::new("Title", title.clone()),
        None => Fact::new("Title", "which dataset?"),
    }
}

/// `^[A-Z]{1,6}[0-9]{3,18}$`.
fn accession(text: &str) -> bool {
    let letters = text.bytes().take_while(u8::is_ascii_uppercase).count();
    let digits = text.bytes().skip(letters).take_while(u8::is_ascii_digit).count();
    (1..=6).contains(&letters) && (3..=18).contains(&digits) && letters + digits == text.len()
}

/// Enough to spare a way there and back; the database judges.
fn mail(text: &str) -> bool {
    let Some((name, host)) = text.split_once('@') else { return false };
    !name.is_empty() && host.contains('.') && !host.starts_with('.') && !host.ends_with('.') && !text.contains(' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accessions_and_mails() {
        for good in ["GHGAD12345678901234", "A123", "EGAD000000000000001"] {
            assert!(accession(good), "{good}");
        }
        for bad in ["", "A12", "ABCDEFG123", "ghgad123", "A1234567890123456789", "A123 ", "É123"] {
            assert!(!accession(bad), "{bad}");
        }
        assert!(mail("a@b.org") && !mail("a@b") && !mail("@b.org") && !mail("a b@c.org") && !mail("a@b.org."));
    }
}
