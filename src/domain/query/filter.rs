//! A query as the database takes it: a JSON object with the keys of the fields. Part of [`super`].

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use serde_json::{Map, json};

use super::fields::Asks;
use super::measure::DAY;
use super::{Query, Sign, Term, Value};

/// One end of a range; the narrower of two is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Bound {
    Number(u64),
    Moment(DateTime<Utc>),
}

#[derive(Default)]
struct Asked {
    whole: Map<String, serde_json::Value>,
    least: BTreeMap<&'static str, Bound>,
    most: BTreeMap<&'static str, Bound>,
}

impl Query {
    /// The database's filter: every key must match, a list matches if one of its values does, and what is not asked for has no
    /// key. Ages are counted back from `now`, days begin in `zone`.
    #[must_use]
    pub fn filter(&self, now: DateTime<Utc>, zone: Tz) -> serde_json::Value {
        let mut asked = Asked::default();
        for term in &self.terms {
            asked.take(term, now, zone);
        }
        let Asked { mut whole, least, most } = asked;
        for (key, bound) in least.into_iter().chain(most) {
            let bound = match bound {
                Bound::Number(number) => json!(number),
                Bound::Moment(at) => json!(at),
            };
            whole.insert(key.to_owned(), bound);
        }
        whole.into()
    }
}

impl Asked {
    fn take(&mut self, term: &Term, now: DateTime<Utc>, zone: Tz) {
        // The database keeps microseconds, so one of them is the difference between `>` and `>=`.
        let step = TimeDelta::microseconds(1);
        match (term.field.asks, &term.value) {
            (Asks::Words(key, _), Value::Words(words)) => self.list(key, words.iter().map(|word| json!(word))),
            (Asks::Ids(key), Value::Ids(ids)) => self.list(key, ids.iter().map(|id| json!(id))),
            (Asks::Flags(flags), Value::Words(words)) => {
                let keys = flags.iter().filter(|(word, _)| words.iter().any(|typed| typed == word));
                self.whole.extend(keys.map(|(_, key)| ((*key).to_owned(), true.into())));
            }
            (Asks::Size(least, most), Value::Size(sign, bytes)) => match sign {
                // The database's largest number is one that no file has.
                Sign::More => self.from(least, Bound::Number(bytes.saturating_add(1).min(i64::MAX.unsigned_abs()))),
                Sign::AtLeast => self.from(least, Bound::Number(*bytes)),
                Sign::AtMost => self.until(most, Bound::Number(*bytes)),
                // Nothing is smaller than nothing: the two bounds cross and no row matches.
                Sign::Less if *bytes == 0 => {
                    self.from(least, Bound::Number(1));
                    self.until(most, Bound::Number(0));
                }
                Sign::Less => self.until(most, Bound::Number(bytes - 1)),
            },
            (Asks::Age(from, until), Value::Age(sign, seconds)) => {
                let moment = Bound::Moment(now - TimeDelta::seconds(i64::try_from(*seconds).unwrap_or(0)));
                if sign.is_less() { self.from(from, moment) } else { self.until(until, moment) }
            }
            (Asks::Within(key), Value::Age(_, seconds)) => self.until(key, Bound::Number(seconds / DAY)),
            (Asks::Moment(from, until), Value::Moment(sign, when)) => match (sign, when.at(zone)) {
                (Sign::More, at) => self.from(from, Bound::Moment(at + step)),
                (Sign::AtLeast, at) => self.from(from, Bound::Moment(at)),
                (Sign::Less, at) => self.until(until, Bound::Moment(at - step)),
                // Up to a day is up to its end.
                (Sign::AtMost, _) => self.until(until, Bound::Moment(when.end(zone))),
            },
            (Asks::From(key), Value::Moment(_, when)) => self.from(key, Bound::Moment(when.at(zone))),
            (Asks::Until(key), Value::Moment(_, when)) => self.until(key, Bound::Moment(when.at(zone))),
            // The parser makes no such term.
            _ => {}
        }
    }

    fn list(&mut self, key: &str, values: impl Iterator<Item = serde_json::Value>) {
        if let Some(list) = self.whole.entry(key).or_insert_with(|| json!([])).as_array_mut() {
            list.extend(values);
        }
    }

    fn from(&mut self, key: &'static str, bound: Bound) {
        let kept = self.least.entry(key).or_insert(bound);
        *kept = bound.max(*kept);
    }

    fn until(&mut self, key: &'static str, bound: Bound) {
        let kept = self.most.entry(key).or_insert(bound);
        *kept = bound.min(*kept);
    }
}
