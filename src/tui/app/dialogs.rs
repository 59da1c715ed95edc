//! Opening a dialog on one row or on the marked ones, judging what it holds, and what a confirmed or closed one does. Called
//! by `acts`, `keys` and `update`.

use super::actions::{Action, refusal_shown};
use super::dialog::{Dialog, Outcome};
use super::entry::{DESTINATION, Entry, Shape, Stop};
use super::guard::Guard;
use super::key::Key;
use super::layers::Layer;
use super::model::Model;
use super::msg::{Cmd, Order};
use super::row::{Row, Target};
use super::spec::{Inputs, Spec, Start};
use super::state::draft::Draft;
use super::statement::{alone, several};
use super::words::Tone;
use crate::domain::access::{Dataset, RequestDefaults};
use crate::domain::query::Known;
use crate::text::{Untrusted, shown};

/// Rows a dialog is about, each with what a command on it would name; and why others are not among them.
type Chosen = (Vec<Row>, Vec<Target>, Vec<String>);

impl Model {
    /// Opens the dialog of an action: on the marked rows where it takes several and some are marked, else on the row under
    /// the cursor.
    pub(super) fn open_dialog(&mut self, action: Action, spec: &'static Spec) -> Vec<Cmd> {
        // While a preview is open a verdict is about the file it shows, and not before it shows it.
        let shown = spec.decides && self.preview_here();
        if shown && self.preview.as_ref().is_some_and(|preview| preview.doc.is_none() && preview.failed.is_none()) {
            self.say_here(Tone::Warn, "It is being opened: decide once it is there.");
            return Vec::new();
        }
        let marks =
            if spec.several && self.area().command(action).is_some() { self.here().list.marks.len() } else { 0 };
        let marked = marks > 0 && !shown;
        if !marked && let Some(why) = self.why_not(action) {
            self.say_here(Tone::Warn, why);
            return Vec::new();
        }
        let mut choices = Vec::new();
        let (rows, targets, left_out) = if let Some(name) = spec.makes {
            (Vec::new(), vec![not_yet(name)], Vec::new())
        } else if marked {
            self.chosen(spec)
        } else {
            let Some(row) = self.here().list.current() else { return Vec::new() };
            choices = self.tab().targets(row, spec.command);
            (vec![row.clone()], choices.first().cloned().into_iter().collect(), Vec::new())
        };
        if targets.is_empty() {
            self.say(Tone::Warn, format!("None of the marked rows: {}", left_out.join(" ")));
            return Vec::new();
        }
        let fields = self.fields(spec, &rows, &choices);
        let of = self.of(targets[0].id, spec.command);
        let mut dialog = Dialog::new((action, spec), (rows, targets), fields, Guard::new(self.key, self.now));
        (dialog.choices, dialog.left_out) = (choices, left_out);
        if shown && marks > 0 {
            let things = self.area().things;
            dialog.left_out.push(format!(
                "The preview shows this one, and it alone is decided; {marks} marked {things} stay marked."
            ));
        }
        if let [_] = dialog.targets.as_slice()
            && let Some(words) = self.kept(&of)
        {
            dialog.restore(words);
            dialog.complaint = spec.makes.map(|_| "This is the draft you kept.".into());
        }
        let mut cmds = Vec::new();
        cmds.extend(dialog.fields.iter().filter_map(|entry| Some((entry.source?.list)())));
        cmds.extend(dialog.asks_about());
        let text = dialog.fields.iter().find(|entry| entry.shape == Shape::Text);
        cmds.extend(text.map(|entry| Cmd::Edit(entry.value().to_owned())));
        self.judge(&mut dialog);
        self.layers.push(Layer::Dialog(Box::new(dialog)));
        cmds
    }

    /// The marked rows the command is possible on, one case of each; why the others are left out.
    fn chosen(&self, spec: &Spec) -> Chosen {
        let tab = self.tab();
        let (mut rows, mut targets, mut left_out) = (Vec::new(), Vec::new(), Vec::new());
        for row in self.here().list.marked() {
            let name = tab.name(row);
            let mut all = tab.targets(row, spec.command).into_iter();
            if let Some(target) = all.next() {
                rows.push(row.clone());
                targets.push(target);
            } else {
                let why = tab.why_not(row, spec.command);
                let why = why.map_or_else(|| "it is not possible now".into(), |refusal| refusal_shown(&refusal));
                left_out.push(format!("{name} is left out: {why}"));
            }
            // One of a file at a time: the others are not decided unseen.
            left_out.extend(all.map(|other| {
                let dest = shown(&Untrusted::new(other.destination));
                format!("{name} for {dest} is left out: it is decided by itself.")
            }));
        }
        match self.here().list.hidden_marks() {
            0 => {}
            1 => left_out.push("1 marked row is hidden by the filter: it is left out.".into()),
            hidden => left_out.push(format!("{hidden} marked rows are hidden by the filter: they are left out.")),
        }
        (rows, targets, left_out)
    }

    /// The inputs: how many, which destination, then the spec's own.
    fn fields(&self, spec: &Spec, rows: &[Row], choices: &[Target]) -> Vec<Entry> {
        let mut fields = Vec::new();
        if rows.len() > 1 {
            fields.push(Entry::count(rows.len()));
        }
        if let ([row], true) = (rows, choices.len() > 1) {
            let words = |choice: &Target| {
                let stands = (spec.statement)(&self.inputs_of(&[], Some(row), choice), choice).stands;
                (choice.destination.clone(), stands.unwrap_or_default())
            };
            fields.push(Entry::choice(DESTINATION, "For", choices.iter().map(words).collect(), 0).first());
        }
        let own = || spec.at_hand.iter().map(|text| (*text).to_owned()).collect();
        let at_hand = self.canned.get(spec.command).cloned().unwrap_or_else(own);
        let mut known = Known::default();
        if let Some(row) = self.here().list.current() {
            self.tab().knows(row, &mut known);
        }
        let like = known.datasets.into_iter().next().unwrap_or_default();
        let zone = self.rules.zone;
        let opened = self.seen.keys().copied().collect();
        fields.extend((spec.inputs)(&Start {
            row: rows.first(),
            rows,
            opened,
            many: rows.len() > 1,
            zone,
            like,
            at_hand,
        }));
        fields
    }

    fn inputs_of<'a>(&'a self, fields: &'a [Entry], row: Option<&'a Row>, target: &Target) -> Inputs<'a> {
        Inputs {
            fields,
            row,
            facts: self.here().facts.as_ref().filter(|(id, _)| *id == target.id).map(|(_, facts)| facts),
            seen: self.seen.get(&target.id).map(|looked| &looked.seen),
            about: None,
            exactly: false,
            rules: &self.rules,
            now: self.local(),
            me: self.login(),
        }
    }

    /// What a dialog's spec is asked with about the target of a place.
    fn inputs_at<'a>(&'a self, dialog: &'a Dialog, at: usize) -> Inputs<'a> {
        let about = dialog.about.as_ref();
        let inputs = self.inputs_of(&dialog.fields, dialog.rows.get(at), &dialog.targets[at]);
        Inputs { about, exactly: dialog.exactly, ..inputs }
    }

    /// Judges every input and says anew what exactly will happen.
    pub(super) fn judge(&self, dialog: &mut Dialog) {
        let wrongs: Vec<_> = dialog.fields.iter().map(|entry| self.wrong(dialog, entry)).collect();
        for (entry, wrong) in dialog.fields.iter_mut().zip(wrongs) {
            entry.wrong = wrong;
        }
        let spec = dialog.spec;
        let statements =
            (0..dialog.targets.len()).map(|at| (spec.statement)(&self.inputs_at(dialog, at), &dialog.targets[at]));
        let mut statements: Vec<_> = statements.collect();
        let (title, said) = match (dialog.targets.as_slice(), statements.pop()) {
            ([target], Some(statement)) => {
                let chooses = dialog.choices.len() > 1;
                let of = match (dialog.rows.first(), target.destination.as_str()) {
                    (None, _) => String::new(),
                    (Some(row), "") => format!(" {}", self.tab().name(row)),
                    (Some(_), dest) => format!(" for {}", shown(&Untrusted::new(dest))),
                };
                (of, alone(statement, chooses))
            }
            (many, last) => {
                statements.extend(last);
                (
                    format!(" {} {}", many.len(), self.area().things),
                    several(many, &statements, self.area().things, spec.mails),
                )
            }
        };
        dialog.title = if dialog.exactly { "Exactly this is sent".into() } else { format!("{}{title}", spec.heading) };
        dialog.said = said;
    }

    fn wrong(&self, dialog: &Dialog, entry: &Entry) -> Option<String> {
        if let Some((word, why)) = &entry.must {
            return (entry.value().trim() != word).then(|| why.clone());
        }
        let (spec, many) = (dialog.spec, dialog.targets.len());
        match entry.shape {
            Shape::Count => (entry.value().trim().parse() != Ok(many))
                .then(|| format!("Type {many} first: it is for that many {}.", self.area().things)),
            _ if entry.stop == Stop::Needed && entry.input.is_blank() => {
                Some(format!("To {} needs a reason.", spec.verb))
            }
            _ => (spec.wrong)(&self.inputs_at(dialog, 0), entry),
        }
    }

    /// What a dialog on top rests on was read: it is judged again.
    pub(super) fn judge_again(&mut self) {
        self.with_dialog(|_, _| ());
    }

    /// Changes the open dialog, wherever it lies, and judges it again.
    fn with_dialog<T>(&mut self, change: impl FnOnce(&Self, &mut Dialog) -> T) -> Option<T> {
        let at = self.layers.iter().position(|layer| matches!(layer, Layer::Dialog(_)))?;
        let Layer::Dialog(mut dialog) = self.layers.remove(at) else { return None };
        let came = change(self, &mut dialog);
        self.judge(&mut dialog);
        self.layers.insert(at, Layer::Dialog(dialog));
        Some(came)
    }

    /// The dialog that is open, whatever lies over it.
    #[must_use]
    pub fn dialog(&self) -> Option<&Dialog> {
        self.layers.iter().find_map(|layer| if let Layer::Dialog(dialog) = layer { Some(&**dialog) } else { None })
    }

    /// A key for the dialog on top, which was taken off the layers.
    pub(super) fn dialog_key(&mut self, mut dialog: Box<Dialog>, key: Key) -> Vec<Cmd> {
        match dialog.key(key, self.now) {
            Outcome::No if dialog.exactly => dialog.show_exactly(false, key, self.now),
            Outcome::No => {
                let mut cmds = self.declined(&dialog);
                cmds.extend(dialog.waits.map(|_| Cmd::StopSigning));
                return cmds;
            }
            Outcome::Yes if dialog.spec.makes.is_some() && !dialog.exactly => {
                dialog.show_exactly(true, key, self.now);
            }
            Outcome::Yes => return self.confirmed(dialog),
            Outcome::Write => {
                self.layers.push(Layer::Dialog(dialog));
                return vec![Cmd::EditKey(key)];
            }
            Outcome::Stay => {}
        }
        self.put_back(dialog)
    }

    /// Pasted text for the dialog on top.
    pub(super) fn dialog_paste(&mut self, text: &str) -> Vec<Cmd> {
        let Some(Layer::Dialog(mut dialog)) = self.layers.pop() else { return Vec::new() };
        if dialog.writes() {
            self.layers.push(Layer::Dialog(dialog));
            return vec![Cmd::EditPaste(text.to_owned())];
        }
        dialog.paste(text);
        self.put_back(dialog)
    }

    /// The text of the dialog on top, as the editor has it now.
    pub(super) fn dialog_text(&mut self, text: String) -> Vec<Cmd> {
        let Some(Layer::Dialog(mut dialog)) = self.layers.pop() else { return Vec::new() };
        let entry = dialog.fields.iter_mut().find(|entry| entry.shape == Shape::Text);
        if let Some(entry) = entry.filter(|entry| entry.input.text() != text) {
            entry.input = super::field::Field::with(text);
        }
        self.put_back(dialog)
    }

    /// After a key: judged again, its draft kept where it makes something, and asked about what it names now.
    fn put_back(&mut self, mut dialog: Box<Dialog>) -> Vec<Cmd> {
        self.judge(&mut dialog);
        let mut cmds = Vec::new();
        if dialog.spec.makes.is_some() && dialog.fields.iter().any(Entry::moved) {
            cmds.extend(self.keep(self.draft_of(&dialog)));
        }
        cmds.extend(dialog.asks_about());
        self.layers.push(Layer::Dialog(dialog));
        cmds
    }

    /// Its row moved on under it: what was written for one row is there when it opens again.
    pub(super) fn keep_words(&mut self, dialog: &Dialog) -> Vec<Cmd> {
        if dialog.targets.len() == 1 { self.keep(self.draft_of(dialog)) } else { Vec::new() }
    }

    fn draft_of(&self, dialog: &Dialog) -> Draft {
        let id = dialog.targets.first().map_or(0, |target| target.id);
        Draft { of: self.of(id, dialog.spec.command), words: dialog.words() }
    }

    /// It was closed without: nothing happens, and only what it makes is kept.
    fn declined(&mut self, dialog: &Dialog) -> Vec<Cmd> {
        let draft = self.draft_of(dialog);
        match dialog.spec.makes {
            Some(_) if !dialog.fields.iter().any(Entry::moved) => Vec::new(),
            Some(name) => {
                let key = self.keymap.key(dialog.action);
                let text = format!("Nothing was sent. Your {name} is kept as a draft; {key} goes on with it.");
                self.say(Tone::Plain, text);
                self.keep(draft)
            }
            None => {
                let (nothing, key) = (dialog.spec.nothing, self.keymap.key(dialog.action));
                if dialog.targets.len() != 1 || draft.is_blank() {
                    self.say(Tone::Plain, format!("Nothing was {nothing}."));
                    return self.drop_draft(draft.of);
                }
                self.say(Tone::Plain, format!("Nothing was {nothing}. What you wrote is kept; {key} has it again."));
                self.keep(draft)
            }
        }
    }

    fn confirmed(&mut self, dialog: Box<Dialog>) -> Vec<Cmd> {
        let (mut orders, mut signs) = (Vec::new(), false);
        for (at, target) in dialog.targets.iter().enumerate() {
            let inputs = self.inputs_at(&dialog, at);
            signs |= (dialog.spec.signs)(&inputs, target);
            let Some(command) = (dialog.spec.command_of)(&inputs, target) else {
                self.say(Tone::Plain, "Nothing was changed.");
                return Vec::new();
            };
            orders.push(Order { id: self.new_id(), command, target: target.clone() });
        }
        if signs { self.wait_for_key(dialog, orders) } else { self.go_out(&dialog, orders) }
    }

    /// What a dialog was confirmed for goes out.
    pub(super) fn go_out(&mut self, dialog: &Dialog, orders: Vec<Order>) -> Vec<Cmd> {
        let draft = (orders.len() == 1).then(|| self.draft_of(dialog));
        self.toast = None;
        let mut cmds = self.send(dialog.spec.verb, dialog.spec.decides, draft, orders);
        cmds.extend(self.keep_seen(true));
        cmds
    }

    /// What an input of the open dialog can hold was read.
    pub(super) fn datasets_came(&mut self, datasets: &[Dataset]) -> Vec<Cmd> {
        let names: Vec<_> = datasets.iter().filter(|one| !one.removed).map(|one| one.accession.clone()).collect();
        self.with_dialog(|_, dialog| {
            if let Some(entry) = dialog.fields.iter_mut().find(|entry| entry.source.is_some()) {
                entry.at_hand = names;
            }
        });
        Vec::new()
    }

    /// What the defaults of a value are was read: inputs the person did not touch take it.
    pub(super) fn defaults_came(&mut self, value: &str, answer: Result<RequestDefaults, String>) -> Vec<Cmd> {
        let text = self.with_dialog(|model, dialog| {
            let entry = dialog.fields.iter().find(|entry| entry.source.is_some())?;
            if entry.value() != value {
                return None;
            }
            let answer = answer.map(|defaults| (dialog.spec.fills)(&defaults, model.rules.zone));
            let (title, fills) = match answer {
                Ok((title, fills)) => (Ok(title), fills),
                Err(sentence) => (Err(shown(&Untrusted::new(sentence))), Vec::new()),
            };
            dialog.about = Some((value.to_owned(), title));
            // A draft's own words stay: they are as first as they were kept.
            let filled = fills.into_iter().filter_map(|(name, text)| dialog.entry_mut(name)?.prefill(text));
            filled.collect::<Vec<_>>().pop()
        });
        text.flatten().map(Cmd::Edit).into_iter().collect()
    }

    /// The connection is back: what the open dialog had asked for in vain is asked again.
    pub(super) fn ask_again(&mut self) -> Vec<Cmd> {
        let Some(dialog) = self.dialog() else { return Vec::new() };
        let Some((source, value)) = dialog.fields.iter().find_map(|entry| Some((entry.source?, entry.value()))) else {
            return Vec::new();
        };
        let mut cmds = vec![(source.list)()];
        cmds.extend((source.about)(value).filter(|_| dialog.about.is_none()));
        cmds
    }
}

/// The target of what is not there yet.
fn not_yet(name: &str) -> Target {
    Target { id: 0, seen: 0, destination: String::new(), sha256: String::new(), name: Untrusted::new(name) }
}
