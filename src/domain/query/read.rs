//! One word of a filter line as a term: which field, and what it has to be. Part of [`super`].

use super::fields::{self, Asks, Field, WORDS};
use super::measure::{DAY, parse_age, parse_size};
use super::token::{QueryError, Sign, Token};
use super::{Term, Value};

impl Token {
    /// The term; none for an empty pair of quotes.
    pub(super) fn term(&self, fields: &'static [Field]) -> Result<Option<Term>, QueryError> {
        let Some((typed, sign)) = self.field() else {
            let word = self.text();
            if self.begins_with_a_sign() && word.len() > 1 {
                return Err(self.error(format!("Words cannot be left out; write \"{word}\" to look for it as it is.")));
            }
            return Ok((!word.is_empty()).then_some(Term { field: &WORDS, value: Value::Words(vec![word]) }));
        };
        let field = fields::of(fields, &typed).ok_or_else(|| self.unknown(&typed, fields))?;
        let value = match sign {
            Some(sign) => self.compared(field, sign),
            None => self.named(field, &typed),
        };
        value.map(|value| Some(Term { field, value }))
    }

    fn named(&self, field: &Field, typed: &str) -> Result<Value, QueryError> {
        let values = self.values();
        if values.is_empty() {
            return Err(self.error(format!("Say which: a value has to follow {typed}:.")));
        }
        match field.asks {
            Asks::Words(_, read) => {
                let words = values.iter().map(|value| read(value)).collect::<Result<_, _>>();
                words.map(Value::Words).map_err(|sentence| self.error(sentence))
            }
            Asks::Ids(_) => {
                let ids = values.iter().map(|value| value.parse()).collect::<Result<_, _>>();
                ids.map(Value::Ids).map_err(|_| self.error("An id is a whole number.".to_owned()))
            }
            Asks::Flags(flags) => {
                let same = |word: &&str| values.iter().all(|value| value.eq_ignore_ascii_case(word));
                let word = flags.iter().map(|(word, _)| *word).find(same);
                word.map(|word| Value::Words(vec![word.to_owned()])).ok_or_else(|| {
                    let known: Vec<String> = flags.iter().map(|(word, _)| format!("{}:{word}", field.name)).collect();
                    let (last, rest) = known.split_last().map_or(("", &known[..]), |(last, rest)| (last, rest));
                    self.error(format!("Only {} and {last} are known.", rest.join(", ")))
                })
            }
            _ => Err(self.error(format!("Compare {} with > or <, as in {}.", field.name, field.example))),
        }
    }

    fn compared(&self, field: &Field, sign: Sign) -> Result<Value, QueryError> {
        let value = self.compared_with();
        let example = field.example;
        let age = || {
            parse_age(&value).ok_or_else(|| {
                self.error(format!("An age is a whole number with m, h, d or w, such as 3d; write it as in {example}."))
            })
        };
        match (field.asks, sign.is_less()) {
            (Asks::Size(..), _) => parse_size(&value)
                .map(|bytes| Value::Size(sign, bytes))
                .ok_or_else(|| self.error(format!("A size is a number with K, M, G or T, as in {example}."))),
            (Asks::Age(..), _) => age().map(|seconds| Value::Age(sign, seconds)),
            (Asks::Within(_), true) => age().map(|seconds| Value::Age(sign, seconds.div_ceil(DAY) * DAY)),
            (Asks::Moment(..), _) | (Asks::Until(_), true) | (Asks::From(_), false) => {
                value.parse().map(|when| Value::Moment(sign, when)).map_err(|sentence| self.error(sentence))
            }
            _ => Err(self.error(format!("Write {} as in {example}.", field.name))),
        }
    }

    fn unknown(&self, typed: &str, fields: &'static [Field]) -> QueryError {
        let known = typed.strip_prefix('-').is_some_and(|typed| fields::of(fields, typed).is_some());
        if let Some(excluded) = fields.iter().find(|field| known && field.name.starts_with('-')) {
            return self.error(format!("Only states can be excluded, as in {}.", excluded.example));
        }
        let names: Vec<_> = fields.iter().map(|field| field.name).filter(|name| !name.starts_with('-')).collect();
        self.error(format!("There is no such field; use {}, or put the word in quotes.", names.join(", ")))
    }
}
