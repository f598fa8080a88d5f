//! One line's object, field by field, with everything that is wrong with it.

use std::fmt;

use jiff::Timestamp;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;
use serde_json::error::Category;

use super::fault::{Fault, shown};

/// Likeness, 0 to 1, from which a word is taken for a slip of another.
const LIKE: f64 = 0.75;
/// Longer words are no slips, and comparing them takes long.
const LONGEST_SLIP: usize = 64;

/// The fields that were not taken yet, and what was found wrong so far.
pub(super) struct Fields {
    fields: Vec<(String, Value)>,
    faults: Vec<Fault>,
}

/// An object's members in their order. A map would drop a repeated key without a word.
struct Members(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Members;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Vec::with_capacity(12);
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Object)
    }
}

impl Fields {
    pub fn read(text: &str) -> Result<Self, Fault> {
        let Members(fields) = serde_json::from_str(text).map_err(|error| match error.classify() {
            Category::Data => Fault::NotAnObject,
            _ => {
                let said = error.to_string();
                // The parser knows one line only; its number would mislead.
                let reason = said.split(" at line ").next().unwrap_or(&said).to_owned();
                Fault::NotJson { reason, column: error.column() }
            }
        })?;
        Ok(Self { fields, faults: Vec::new() })
    }

    pub fn report(&mut self, fault: Fault) {
        self.faults.push(fault);
    }

    pub fn faults(self) -> impl Iterator<Item = Fault> {
        self.faults.into_iter()
    }

    pub fn peek(&self, field: &str) -> Option<&Value> {
        self.fields.iter().find(|(key, _)| key == field).map(|(_, value)| value)
    }

    /// Reports keys that are not among the known ones, and keys that are there twice.
    pub fn only(&mut self, known: &[&'static str]) {
        for (index, (key, _)) in self.fields.iter().enumerate() {
            if !known.contains(&key.as_str()) {
                let nearest = nearest(key, known.iter().copied());
                self.faults.push(Fault::UnknownKey { key: shown(key), nearest });
            } else if self.fields[..index].iter().any(|(other, _)| other == key) {
                self.faults.push(Fault::RepeatedKey { key: shown(key) });
            }
        }
    }

    /// Null is as good as absent.
    fn take(&mut self, field: &str) -> Option<Value> {
        let index = self.fields.iter().position(|(key, _)| key == field)?;
        Some(std::mem::take(&mut self.fields[index].1)).filter(|value| !value.is_null())
    }

    fn required(&mut self, field: &'static str) -> Option<Value> {
        let value = self.take(field);
        if value.is_none() {
            self.report(Fault::Missing { field });
        }
        value
    }

    /// Reports a field that something else makes necessary, unless its value was already found wrong.
    pub fn missing(&mut self, field: &'static str) {
        if !self.faults.iter().any(|fault| fault.field() == Some(field)) {
            self.report(Fault::Missing { field });
        }
    }

    fn wrong(&mut self, field: &'static str, expected: &'static str, value: &Value) {
        let found = match value {
            Value::Null => "null".to_owned(),
            Value::Bool(truth) => truth.to_string(),
            Value::Number(number) => shown(&number.to_string()).trim_matches('"').to_owned(),
            Value::String(text) if text.trim().is_empty() => "empty".to_owned(),
            Value::String(text) => format!("the text {}", shown(text)),
            Value::Array(_) => "a list".to_owned(),
            Value::Object(_) => "an object".to_owned(),
        };
        self.report(Fault::WrongType { field, expected, found });
    }

    fn as_text(&mut self, field: &'static str, value: Value) -> Option<String> {
        match value {
            Value::String(text) if !text.trim().is_empty() => Some(text),
            other => {
                self.wrong(field, "text", &other);
                None
            }
        }
    }

    fn as_time(&mut self, field: &'static str, value: Value) -> Option<Timestamp> {
        let text = self.as_text(field, value)?;
        let time = text.parse().ok();
        if time.is_none() {
            self.report(Fault::NotATime { field, found: shown(&text) });
        }
        time
    }

    pub fn text(&mut self, field: &'static str) -> Option<String> {
        let value = self.required(field)?;
        self.as_text(field, value)
    }

    pub fn optional_text(&mut self, field: &'static str) -> Option<String> {
        let value = self.take(field)?;
        self.as_text(field, value)
    }

    pub fn time(&mut self, field: &'static str) -> Option<Timestamp> {
        let value = self.required(field)?;
        self.as_time(field, value)
    }

    pub fn optional_time(&mut self, field: &'static str) -> Option<Timestamp> {
        let value = self.take(field)?;
        self.as_time(field, value)
    }

    pub fn truth(&mut self, field: &'static str) -> Option<bool> {
        let value = self.required(field)?;
        let truth = value.as_bool();
        if truth.is_none() {
            self.wrong(field, "true or false", &value);
        }
        truth
    }

    /// A whole number from 1.
    pub fn number(&mut self, field: &'static str) -> Option<u32> {
        let value = self.required(field)?;
        let number =
            value.as_u64().and_then(|number| u32::try_from(number).ok()).filter(|number| *number > 0);
        if number.is_none() {
            self.wrong(field, "a whole number from 1", &value);
        }
        number
    }

    /// One of a few words.
    pub fn choice<T>(
        &mut self,
        field: &'static str,
        known: impl IntoIterator<Item = (&'static str, T), IntoIter: Clone>,
    ) -> Option<T> {
        let value = self.required(field)?;
        let text = self.as_text(field, value)?;
        let known = known.into_iter();
        let words = known.clone().map(|(word, _)| word);
        if let Some((_, choice)) = known.clone().find(|(word, _)| *word == text) {
            return Some(choice);
        }
        let nearest = nearest(&text, words.clone());
        let known = words.collect::<Vec<_>>().join(", ");
        self.report(Fault::UnknownWord { field, found: shown(&text), known, nearest });
        None
    }

    pub fn in_order(
        &mut self,
        earlier: (&'static str, Option<Timestamp>),
        later: (&'static str, Option<Timestamp>),
    ) {
        if let ((other, Some(first)), (field, Some(second))) = (earlier, later)
            && second < first
        {
            self.report(Fault::Before { field, other });
        }
    }
}

/// The known word that looks most like another, if any does.
fn nearest(word: &str, known: impl Iterator<Item = &'static str>) -> Option<&'static str> {
    if word.len() > LONGEST_SLIP {
        return None;
    }
    let word = word.to_lowercase();
    known
        .map(|other| (strsim::jaro_winkler(&word, other), other))
        .filter(|(likeness, _)| *likeness >= LIKE)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, other)| other)
}
