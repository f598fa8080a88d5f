//! Rule sets: what a certification asks for, as data. So far the documents need its list of competences.

use serde::Deserialize;

use crate::Error;
use crate::content::Language;

/// The rule set of RNCP36061, "Administrateur Système DevOps".
pub const RNCP36061: &str = include_str!("../rules/rncp36061.toml");

/// A rule set. Unknown keys are for others to read.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Rules {
    /// Id, such as `rncp36061`.
    pub id: String,
    /// Version of this file: the day it was last checked against its sources.
    pub version: String,
    /// Name of the certification.
    pub name: Name,
    /// Types of activity with their competences.
    #[serde(rename = "activity")]
    pub activities: Vec<Activity>,
}

/// A name in both languages. The French one is official.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Name {
    /// French.
    pub fr: String,
    /// English; where there is none, the French one stands.
    pub en: Option<String>,
}

/// A type of activity.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Activity {
    /// Name.
    pub name: Name,
    /// Competences.
    #[serde(rename = "competence")]
    pub competences: Vec<Competence>,
}

/// A competence.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Competence {
    /// Number in the certification.
    pub number: u32,
    /// Name.
    pub name: Name,
    /// Whether a project must cover it.
    #[serde(default)]
    pub compulsory: bool,
}

impl Rules {
    /// Reads a rule set.
    pub fn parse(text: &str) -> Result<Self, Error> {
        toml_edit::de::from_str(text).map_err(|error| Error::Rules {
            name: text
                .lines()
                .find_map(|line| line.strip_prefix("id = "))
                .unwrap_or("without id")
                .replace('"', ""),
            what: error.to_string(),
        })
    }
}

impl Name {
    /// The name in a language.
    pub fn in_language(&self, language: Language) -> &str {
        match language {
            Language::Fr => &self.fr,
            Language::En => self.en.as_deref().unwrap_or(&self.fr),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_title_has_eleven_competences_three_of_them_compulsory() {
        let rules = Rules::parse(RNCP36061).unwrap();
        let all: Vec<&Competence> =
            rules.activities.iter().flat_map(|activity| &activity.competences).collect();
        assert_eq!(all.iter().map(|one| one.number).collect::<Vec<_>>(), (1..=11).collect::<Vec<_>>());
        let compulsory: Vec<u32> = all.iter().filter(|one| one.compulsory).map(|one| one.number).collect();
        assert_eq!(compulsory, [2, 7, 10]);
        assert_eq!(rules.activities.len(), 3);
        assert!(all.iter().all(|one| one.name.en.is_some()));
    }

    #[test]
    fn a_broken_rule_set_is_named() {
        let error = Rules::parse("id = \"x1\"\nname = 3").unwrap_err().to_string();
        assert!(error.starts_with("rule set x1: "), "{error}");
    }
}
