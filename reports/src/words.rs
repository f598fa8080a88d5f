//! The documents' own words, from `text/{fr,en}.ftl`.

use std::cell::RefCell;

use fluent_bundle::{FluentArgs, FluentBundle, FluentResource, FluentValue};
use jiff::civil::Date;
use unic_langid::LanguageIdentifier;

use crate::Error;
use crate::content::{Language, StageState};
use crate::typography;

const FRENCH: &str = include_str!("../text/fr.ftl");
const ENGLISH: &str = include_str!("../text/en.ftl");

impl Language {
    /// Tag as Office wants it (BCP 47).
    pub(crate) fn tag(self) -> &'static str {
        match self {
            Language::Fr => "fr-FR",
            Language::En => "en-GB",
        }
    }

    fn text(self) -> &'static str {
        match self {
            Language::Fr => FRENCH,
            Language::En => ENGLISH,
        }
    }
}

/// Words of one language. A key that is missing is remembered and told by [`Words::complete`].
pub(crate) struct Words {
    language: Language,
    bundle: FluentBundle<FluentResource>,
    missing: RefCell<Option<String>>,
}

impl Words {
    /// Reads the words of a language.
    pub fn new(language: Language) -> Result<Self, Error> {
        let fault = |what: String| Error::Words { language: language.tag(), what };
        let text = typography::spaced(language, language.text());
        let resource = FluentResource::try_new(text).map_err(|(_, errors)| fault(format!("{errors:?}")))?;
        let identifier: LanguageIdentifier =
            language.tag().parse().map_err(|_| fault("no such language".to_owned()))?;
        let mut bundle = FluentBundle::new(vec![identifier]);
        // The marks that isolate directions would stand in the documents as characters.
        bundle.set_use_isolating(false);
        bundle.set_formatter(Some(match language {
            Language::Fr => |value: &FluentValue, _: &_| number(Language::Fr, value),
            Language::En => |value: &FluentValue, _: &_| number(Language::En, value),
        }));
        bundle.add_resource(resource).map_err(|errors| fault(format!("{errors:?}")))?;
        Ok(Self { language, bundle, missing: RefCell::new(None) })
    }

    /// Language of these words.
    pub fn language(&self) -> Language {
        self.language
    }

    /// The words of a key.
    pub fn get(&self, key: &str) -> String {
        self.with(key, &[])
    }

    /// The words of a key with its arguments.
    pub fn with(&self, key: &str, arguments: &[(&'static str, FluentValue<'_>)]) -> String {
        let Some(pattern) = self.bundle.get_message(key).and_then(|message| message.value()) else {
            self.missing.borrow_mut().get_or_insert_with(|| format!("no message `{key}`"));
            return String::new();
        };
        let mut known = FluentArgs::with_capacity(arguments.len());
        for (name, value) in arguments {
            known.set(*name, value.clone());
        }
        let mut errors = Vec::new();
        let words = self.bundle.format_pattern(pattern, Some(&known), &mut errors).into_owned();
        if let Some(error) = errors.first() {
            self.missing.borrow_mut().get_or_insert_with(|| format!("message `{key}`: {error}"));
        }
        words
    }

    /// The words of a key that counts something.
    pub fn count(&self, key: &str, n: usize) -> String {
        self.with(key, &[("n", FluentValue::from(n))])
    }

    /// The words of `prefix-value` where there are such, otherwise the value itself.
    pub fn term(&self, prefix: &str, value: &str) -> String {
        let key = format!("{prefix}-{value}");
        if self.bundle.has_message(&key) { self.get(&key) } else { value.to_owned() }
    }

    /// A day.
    pub fn day(&self, day: Date) -> String {
        typography::day(self.language, day)
    }

    /// How a stage stands: a shape that print keeps apart, then the word.
    pub fn stage_state(&self, state: StageState) -> (char, String) {
        // All six shapes are in Arial (they belong to WGL4), so no other font steps in.
        let (shape, key) = match state {
            StageState::Done => ('●', "state-done"),
            StageState::UnderWay => ('►', "state-under-way"),
            StageState::AtRisk => ('▲', "state-at-risk"),
            StageState::Overdue => ('■', "state-overdue"),
            StageState::ToCome => ('○', "state-to-come"),
            StageState::Unknown => ('◊', "state-unknown"),
        };
        (shape, self.get(key))
    }

    /// An error if a key was asked for that these words do not have.
    pub fn complete(&self) -> Result<(), Error> {
        match self.missing.borrow_mut().take() {
            None => Ok(()),
            Some(what) => Err(Error::Words { language: self.language.tag(), what }),
        }
    }
}

fn number(language: Language, value: &FluentValue) -> Option<String> {
    match value {
        #[expect(clippy::cast_possible_truncation, reason = "counts of things in a document")]
        FluentValue::Number(number) => Some(typography::whole(language, number.value as i64)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    /// Variables of every message, by its key.
    fn variables(text: &str) -> BTreeMap<&str, BTreeSet<&str>> {
        let mut found = BTreeMap::<&str, BTreeSet<&str>>::new();
        let mut key = "";
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            if let Some((name, _)) = line.split_once(" = ")
                && !line.starts_with(' ')
            {
                key = name;
                assert!(!found.contains_key(key), "{key} stands there twice");
                found.entry(key).or_default();
            }
            for part in line.split('$').skip(1) {
                let end = part.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(part.len());
                found.entry(key).or_default().insert(&part[..end]);
            }
        }
        found
    }

    #[test]
    fn both_languages_have_the_same_keys() {
        let (french, english) = (variables(FRENCH), variables(ENGLISH));
        assert!(french.len() > 100, "only {} keys", french.len());
        assert_eq!(french.keys().collect::<Vec<_>>(), english.keys().collect::<Vec<_>>());
        for (key, names) in &french {
            let others = &english[key];
            // One language may need the count for its plural where the other does not.
            assert!(names.is_subset(others) || others.is_subset(names), "{key}: {names:?} and {others:?}");
        }
    }

    #[test]
    fn every_key_is_readable() {
        for language in [Language::Fr, Language::En] {
            let words = Words::new(language).unwrap();
            for (key, names) in variables(language.text()) {
                let known: Vec<_> =
                    names.iter().map(|name| ((*name).to_owned(), FluentValue::from(2))).collect();
                let mut arguments = FluentArgs::new();
                for (name, value) in &known {
                    arguments.set(name.as_str(), value.clone());
                }
                let pattern = words.bundle.get_message(key).and_then(|message| message.value());
                let pattern = pattern.unwrap_or_else(|| panic!("{key} cannot be read"));
                let mut errors = Vec::new();
                words.bundle.format_pattern(pattern, Some(&arguments), &mut errors);
                assert!(errors.is_empty(), "{key}: {errors:?}");
            }
        }
    }

    #[test]
    fn french_is_set_with_narrow_spaces_and_counts_like_french() {
        let words = Words::new(Language::Fr).unwrap();
        assert_eq!(words.with("fill-in", &[("what", "x".into())]), "[à compléter\u{202f}: x]");
        assert_eq!(words.count("late-by", 1), "1 jour de retard");
        assert_eq!(words.count("late-by", 12_000), "12\u{202f}000 jours de retard");
        // What others wrote is not touched.
        assert_eq!(
            words.with("image-missing", &[("path", "a :b ?".into())]),
            "[image non incluse\u{202f}: a :b ?]"
        );
        assert_eq!(words.term("kind", "deploy"), "Déploiement");
        assert_eq!(words.term("kind", "new"), "new");
        for state in [
            "planned",
            "waiting_for_confirmation",
            "running",
            "succeeded",
            "failed",
            "cancelled",
            "interrupted",
        ] {
            assert_ne!(words.term("run", state), state, "a state of a run has its word");
        }
    }

    #[test]
    fn a_missing_key_is_told() {
        let words = Words::new(Language::En).unwrap();
        assert_eq!(words.get("no-such-key"), "");
        assert_eq!(
            words.complete().unwrap_err().to_string(),
            "words of the documents (en-GB): no message `no-such-key`"
        );
        words.with("fill-in", &[]);
        assert!(words.complete().is_err(), "a missing variable is told too");
    }
}
