//! Asking for access: a form that starts from the dataset's defaults, shows exactly what it will send, and keeps its
//! draft until the request is there.

use super::entry::{Entry, Name};
use super::field::Field;
use super::form::{Form, What};
use super::forms::{moment, new_target, typed};
use super::guard::Guard;
use super::layers::Layer;
use super::model::Model;
use super::msg::{AskDraft, Cmd};
use super::row::Item;
use super::tab::{Fact, Tone};
use crate::domain::access::{Dataset, RequestDefaults};
use crate::domain::command::Command;
use crate::text::{Untrusted, full_time, shown};

impl Model {
    /// Opens the form: on the draft if there is one, else for the dataset of the row under the cursor.
    pub(super) fn open_ask(&mut self) -> Vec<Cmd> {
        let dataset = self.here().list.current().and_then(|row| match &row.item {
            Item::Request(item) => Some(item.dataset_id.clone()),
            Item::Grant(item) => Some(item.dataset_id.clone()),
            Item::Egress(_) => None,
        });
        let kept = self.ask_draft.clone();
        let draft =
            kept.clone().unwrap_or_else(|| AskDraft { dataset: dataset.unwrap_or_default(), ..AskDraft::default() });
        let fields = vec![
            Entry::line(Name::Dataset, "Dataset", draft.dataset.clone(), "its accession; ctrl-n goes through them"),
            Entry::line(Name::Starts, "Starts", draft.starts.clone(), "as in 2026-11-21, or now"),
            Entry::line(Name::Ends, "Ends", draft.ends.clone(), "as in 2027-11-21"),
            Entry::line(Name::Email, "Mail to", draft.email.clone(), "where you are written to about it"),
            Entry::line(Name::Text, "Text", draft.text.clone(), "what you need the data for"),
        ];
        let guard = Guard::new(self.key, self.now);
        let mut form =
            Form::new(What::Ask, "Ask for access".into(), vec![new_target("new request".into())], fields, guard);
        if kept.is_some() {
            form.complaint = Some("This is the draft you kept.".into());
        }
        let mut cmds = vec![Cmd::Edit(draft.text.clone()), Cmd::Datasets];
        if accession(&draft.dataset) {
            form.defaults_asked.clone_from(&draft.dataset);
            cmds.push(Cmd::Defaults(draft.dataset));
        }
        self.judge(&mut form);
        self.layers.push(Layer::Form(Box::new(form)));
        cmds
    }

    fn ask_form(&mut self) -> Option<&mut Form> {
        self.layers.iter_mut().find_map(|layer| match layer {
            Layer::Form(form) if form.what == What::Ask => Some(form.as_mut()),
            _ => None,
        })
    }

    /// The connection is back: what the form had asked for in vain is asked again.
    pub(super) fn ask_again(&mut self) -> Vec<Cmd> {
        let Some(form) = self.ask_form() else { return Vec::new() };
        let mut cmds = vec![Cmd::Datasets];
        if form.dataset_title.is_empty() && form.unknown.is_none() && accession(form.value(Name::Dataset)) {
            cmds.push(Cmd::Defaults(form.value(Name::Dataset).to_owned()));
        }
        cmds
    }

    /// The datasets there are, for the field to go through.
    pub(super) fn datasets_came(&mut self, datasets: &[Dataset]) -> Vec<Cmd> {
        let names = datasets.iter().filter(|one| !one.removed).map(|one| one.accession.clone()).collect();
        if let Some(entry) = self.ask_form().and_then(|form| form.entry_mut(Name::Dataset)) {
            entry.reasons = names;
        }
        Vec::new()
    }

    /// What a form for a dataset starts from came: fields the person did not touch take it.
    pub(super) fn defaults_came(&mut self, dataset: &str, answer: Result<RequestDefaults, String>) -> Vec<Cmd> {
        let zone = self.rules.zone;
        let Some(form) = self.ask_form().filter(|form| form.value(Name::Dataset) == dataset) else { return Vec::new() };
        let mut cmds = Vec::new();
        match answer {
            Err(sentence) => form.unknown = Some((dataset.to_owned(), shown(&Untrusted::new(sentence)))),
            Ok(defaults) => {
                form.unknown = None;
                form.dataset_title = shown(&defaults.dataset_title);
                let starts = [
                    (Name::Starts, "now".to_owned()),
                    (Name::Ends, typed(defaults.access_ends, zone)),
                    (Name::Email, defaults.email.raw().to_owned()),
                    (Name::Text, defaults.request_text.raw().to_owned()),
                ];
                for (name, text) in starts {
                    let Some(entry) = form.entry_mut(name).filter(|entry| !entry.moved()) else { continue };
                    // A draft's own words stay: they are as first as they were kept.
                    if entry.input.text().is_empty() || entry.prefilled {
                        entry.first.clone_from(&text);
                        entry.input = Field::with(text.clone());
                        entry.prefilled = true;
                        if name == Name::Text {
                            cmds.push(Cmd::Edit(text));
                        }
                    }
                }
            }
        }
        let at = self.layers.iter().position(|layer| matches!(layer, Layer::Form(form) if form.what == What::Ask));
        if let Some(at) = at
            && let Layer::Form(mut form) = self.layers.remove(at)
        {
            self.judge(&mut form);
            self.layers.insert(at, Layer::Form(form));
        }
        cmds
    }

    /// After a key: the draft is kept, and another dataset's defaults are asked for.
    pub(super) fn ask_moved(&mut self, form: &mut Form) -> Vec<Cmd> {
        let mut cmds = Vec::new();
        let draft = draft_of(form);
        let touched = form.fields.iter().any(Entry::moved);
        if touched && self.ask_draft.as_ref() != Some(&draft) {
            self.ask_draft = Some(draft.clone());
            cmds.push(Cmd::AskDraft(Some(draft)));
        }
        let dataset = form.value(Name::Dataset).to_owned();
        if accession(&dataset) && form.defaults_asked != dataset {
            form.defaults_asked.clone_from(&dataset);
            form.dataset_title.clear();
            cmds.push(Cmd::Defaults(dataset));
        }
        cmds
    }

    /// The text of the form, as the editor has it now.
    pub(super) fn ask_text(&mut self, text: String) -> Vec<Cmd> {
        let Some(Layer::Form(mut form)) = self.layers.pop() else { return Vec::new() };
        if let Some(entry) = form.entry_mut(Name::Text).filter(|entry| entry.input.text() != text) {
            entry.input = Field::with(text);
        }
        self.judge(&mut form);
        let cmds = self.ask_moved(&mut form);
        self.layers.push(Layer::Form(form));
        cmds
    }

    /// Esc on the form: what was typed is kept.
    pub(super) fn leave_ask(&mut self, form: &Form) -> Vec<Cmd> {
        if !form.fields.iter().any(Entry::moved) {
            return Vec::new();
        }
        let draft = draft_of(form);
        self.ask_draft = Some(draft.clone());
        let key = self.keymap.key(super::Action::Ask);
        self.say(Tone::Plain, format!("Nothing was sent. Your request is kept as a draft; {key} goes on with it."));
        vec![Cmd::AskDraft(Some(draft))]
    }

    /// The request exactly as the form sends it.
    pub(super) fn asked(&self, form: &Form) -> Option<Command> {
        if form.fields.iter().any(|entry| entry.wrong.is_some()) {
            return None;
        }
        let at = |name| moment(form.value(name), self.rules.zone, self.now).ok();
        // "now" is when it is sent: the database says when that was.
        let starts = at(Name::Starts).filter(|_| !matches!(form.value(Name::Starts).trim(), "" | "now"));
        let email = form.value(Name::Email).trim();
        Some(Command::NewRequest {
            dataset: form.value(Name::Dataset).trim().to_owned(),
            text: form.value(Name::Text).trim_end().to_owned(),
            starts,
            ends: Some(at(Name::Ends)?),
            email: (!email.is_empty()).then(|| email.to_owned()),
            iva: None,
        })
    }

    /// Judges every field, and says in the preview exactly what will be sent.
    pub(super) fn judge_ask(&self, form: &mut Form) {
        let wrongs: Vec<_> = form.fields.iter().map(|entry| self.wrong_in_ask(form, entry)).collect();
        for (entry, wrong) in form.fields.iter_mut().zip(wrongs) {
            entry.wrong = wrong;
        }
        form.plan = if form.preview { self.exactly(form) } else { heading(form) };
    }

    fn wrong_in_ask(&self, form: &Form, entry: &Entry) -> Option<String> {
        let (rules, now, value) = (&self.rules, self.now, entry.value());
        match entry.name {
            Name::Dataset if !accession(value) => {
                Some("An accession is 1 to 6 capital letters and 3 to 18 digits.".into())
            }
            Name::Dataset => form.unknown.as_ref().filter(|(of, _)| of == value).map(|(_, why)| why.clone()),
            Name::Starts => moment(value, rules.zone, now).err(),
            Name::Ends if value.trim().is_empty() => Some("Say until when, as in 2027-11-21.".into()),
            Name::Ends => match (moment(form.value(Name::Starts), rules.zone, now), moment(value, rules.zone, now)) {
                (_, Err(why)) => Some(why),
                (Err(_), _) => None,
                (Ok(starts), Ok(ends)) => rules.period_why_not(starts, ends, now, false),
            },
            Name::Email => (!mail(value.trim())).then(|| "Write a mail address as name@host.".into()),
            Name::Text if entry.input.is_blank() => Some("The text is empty: say what the data is needed for.".into()),
            Name::Text if value.len() > rules.text_limit => {
                Some(format!("The text is longer than {} bytes.", rules.text_limit))
            }
            _ => None,
        }
    }

    fn exactly(&self, form: &Form) -> Vec<Fact> {
        let Some(Command::NewRequest { dataset, text, starts, ends, email, .. }) = self.asked(form) else {
            return heading(form);
        };
        let zone = self.rules.zone;
        let past = if starts.is_some_and(|at| at < self.now) { " (it has passed, so it becomes now)" } else { "" };
        let starts = starts.map_or_else(|| "the moment it is sent".to_owned(), |at| full_time(at, zone));
        let ends = ends.map_or_else(String::new, |at| full_time(at, zone));
        let safe = |text: &str| shown(&Untrusted::new(text));
        let mut facts = vec![
            Fact::new("Dataset", format!("{} {}", safe(&dataset), form.dataset_title)),
            Fact::new("From", format!("{starts}{past}")),
            Fact::new("Until", ends),
            Fact::new("Mail to", safe(email.as_deref().unwrap_or_default())),
        ];
        for (n, line) in text.split('\n').enumerate() {
            facts.push(Fact::new(if n == 0 { "Text" } else { "" }, safe(line)));
        }
        let who = safe(self.login());
        facts.push(
            Fact::new("Then", format!("it goes out in the name of {who}; a data steward decides")).tone(Tone::Dim),
        );
        facts
    }
}

fn heading(form: &Form) -> Vec<Fact> {
    let unknown = form.unknown.as_ref().filter(|(of, _)| of == form.value(Name::Dataset));
    vec![match unknown {
        Some((_, why)) => Fact::new("Title", why.clone()).tone(Tone::Stop),
        None if form.dataset_title.is_empty() => Fact::new("Title", "which dataset?"),
        None => Fact::new("Title", form.dataset_title.clone()),
    }]
}

fn draft_of(form: &Form) -> AskDraft {
    let text = |name| form.value(name).to_owned();
    AskDraft {
        dataset: text(Name::Dataset),
        starts: text(Name::Starts),
        ends: text(Name::Ends),
        email: text(Name::Email),
        text: text(Name::Text),
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
