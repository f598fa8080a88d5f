//! Which headings open stages.
//!
//! Three ways, the first that finds a stage wins: a word and a number (`Stage 2`), numbered headings
//! (`2. Build`), headings with a known section or a deadline below.

use super::blocks::{Block, BlockKind};
use super::deadlines;
use super::sections::{self, Section};
use crate::fold::fold;

/// What a heading is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Role {
    /// Opens a stage.
    Stage {
        /// Its number.
        number: Option<u32>,
        /// Its title without the number.
        title: String,
    },
    /// Opens a known section of the stage; `whole` if the heading says nothing else.
    Section {
        /// Which one.
        section: Section,
        /// The heading is exactly the section's name.
        whole: bool,
    },
    /// Anything else.
    Other,
}

/// A heading's place, level and text, and what these say.
struct Heading<'a> {
    block: usize,
    level: u8,
    text: &'a str,
    /// Word, number and title of `Stage 2: Build`.
    numbered: Option<(&'static str, u32, &'a str)>,
    /// The section it names; no section has a number behind its first word.
    section: Option<Section>,
}

/// The role of every heading, by the index of its block.
pub(super) fn roles(blocks: &[Block]) -> Vec<(usize, Role)> {
    let headings: Vec<Heading<'_>> = blocks
        .iter()
        .enumerate()
        .filter_map(|(block, b)| match b.kind {
            BlockKind::Heading(level) => {
                let text = b.inline.text.as_str();
                let numbered = numbered(text);
                Some(Heading {
                    block,
                    level,
                    text,
                    section: numbered.is_none().then(|| sections::exact(text)).flatten(),
                    numbered,
                })
            }
            _ => None,
        })
        .collect();
    let outline = Outline { blocks, headings: &headings };
    let stages = outline.by_word().or_else(|| outline.by_number()).unwrap_or_else(|| outline.by_sections());
    headings
        .iter()
        .zip(stages)
        .map(|(heading, stage)| {
            let role = stage.unwrap_or_else(|| match heading.section {
                Some(section) => Role::Section { section, whole: true },
                None => match sections::loose(heading.text) {
                    Some(section) => Role::Section { section, whole: false },
                    None => Role::Other,
                },
            });
            (heading.block, role)
        })
        .collect()
}

/// `Stage 2: Build` as word, number and title.
pub(super) fn numbered(text: &str) -> Option<(&'static str, u32, &str)> {
    const WORDS: [&str; 17] = [
        "stage",
        "etape",
        "milestone",
        "jalon",
        "phase",
        "sprint",
        "semaine",
        "week",
        "step",
        "partie",
        "part",
        "lot",
        "iteration",
        "module",
        "bloc",
        "objectif",
        "chapitre",
    ];
    let rest = text.trim_start_matches(|c: char| !c.is_alphanumeric());
    let letters = rest.find(|c: char| !c.is_alphabetic() && !('\u{300}'..='\u{36f}').contains(&c))?;
    if letters > 16 {
        return None;
    }
    let written = &rest[..letters];
    let word = if written.is_ascii() {
        WORDS.into_iter().find(|word| word.eq_ignore_ascii_case(written))?
    } else {
        let folded = fold(written);
        WORDS.into_iter().find(|word| *word == folded)?
    };
    let mut rest = rest[letters..].trim_start();
    for mark in ["n°", "N°", "nº", "no.", "#"] {
        rest = rest.strip_prefix(mark).unwrap_or(rest).trim_start();
    }
    let (number, rest) = number(rest).or_else(|| roman(rest))?;
    Some((word, number, title(rest, text)))
}

/// A decimal number of up to four digits that stands alone: not `2.1`, not `2b`.
fn number(text: &str) -> Option<(u32, &str)> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let rest = &text[digits..];
    let mut next = rest.chars();
    let alone = match next.next() {
        Some('.' | ',' | '/') => !next.next().is_some_and(|c| c.is_ascii_digit()),
        Some(c) => !c.is_alphanumeric(),
        None => true,
    };
    if !(1..=4).contains(&digits) || !alone {
        return None;
    }
    Some((text[..digits].parse().ok()?, rest))
}

/// `II`, `IX`: capitals only, one to twelve.
fn roman(text: &str) -> Option<(u32, &str)> {
    const NUMBERS: [&str; 12] = ["I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII"];
    let end = text.find(|c: char| !c.is_alphanumeric()).unwrap_or(text.len());
    let at = NUMBERS.iter().position(|roman| *roman == &text[..end])?;
    Some((u32::try_from(at).ok()? + 1, &text[end..]))
}

/// What follows the number, without the mark between; the whole heading where nothing does.
fn title<'a>(rest: &'a str, heading: &'a str) -> &'a str {
    let separators =
        |c: char| c.is_whitespace() || matches!(c, ':' | '-' | '–' | '—' | '.' | ')' | '|' | ',' | '·' | '/');
    let title = rest.trim_start_matches(separators).trim_end();
    // "Weeks 1-2: build" spans two numbers: the title alone would start with half of them.
    let ranged = rest.starts_with(['-', '–', '/']) && title.starts_with(|c: char| c.is_ascii_digit());
    if !title.contains(char::is_alphanumeric) || ranged { heading.trim() } else { title }
}

/// `2. Build`, `2) Build`, `2 - Build`, `2 : Build`.
fn outline_number(text: &str) -> Option<(u32, &str)> {
    let (number, rest) = number(text.trim_start())?;
    let after = rest.trim_start();
    let after = after.strip_prefix(['.', ')', '-', '–', '—', ':'])?;
    (number < 100 && after.starts_with(char::is_whitespace)).then(|| (number, title(after, text)))
}

struct Outline<'a> {
    blocks: &'a [Block],
    headings: &'a [Heading<'a>],
}

type Stages = Vec<Option<Role>>;

impl Outline<'_> {
    /// Stages by `Stage 2` and its like. The first such word of the document counts at every level; another
    /// only where it stands no deeper (`Sprint 1` inside `Phase 2` is none).
    fn by_word(&self) -> Option<Stages> {
        let (first, word) =
            self.headings.iter().find_map(|heading| Some((heading.level, heading.numbered?.0)))?;
        let numbers = self
            .headings
            .iter()
            .map(|heading| {
                let (own, number, title) = heading.numbered?;
                (own == word || heading.level <= first).then_some((number, title))
            })
            .collect();
        Some(self.with_unnumbered(numbers))
    }

    /// Stages by `2. Build`: the highest level with two such headings whose numbers do not fall; one is enough
    /// where a known section follows.
    fn by_number(&self) -> Option<Stages> {
        let found: Vec<_> = self.headings.iter().map(|heading| outline_number(heading.text)).collect();
        let level = (1..=6).find(|level| {
            let at = |i: &usize| self.headings[*i].level == *level && found[*i].is_some();
            let here: Vec<usize> = (0..found.len()).filter(at).collect();
            let numbers: Vec<u32> = here.iter().filter_map(|i| found[*i].as_ref().map(|f| f.0)).collect();
            numbers.first().is_some_and(|first| *first <= 1)
                && numbers.is_sorted()
                && (numbers.len() > 1 || self.has_section(here[0]))
        })?;
        let numbers = found
            .into_iter()
            .zip(self.headings)
            .map(|(found, heading)| found.filter(|_| heading.level == level && heading.section.is_none()))
            .collect();
        Some(self.with_unnumbered(numbers))
    }

    /// Adds stages without a number: headings beside numbered ones, such as the defence.
    fn with_unnumbered(&self, numbers: Vec<Option<(u32, &str)>>) -> Stages {
        let mut level = None;
        let mut stages = Vec::with_capacity(numbers.len());
        for (i, numbered) in numbers.into_iter().enumerate() {
            let heading = &self.headings[i];
            if let Some((number, title)) = numbered {
                level = Some(heading.level);
                stages.push(Some(Role::Stage { number: Some(number), title: title.to_owned() }));
                continue;
            }
            let stage = heading.section.is_none()
                && match level {
                    Some(level) if heading.level == level => true,
                    // A heading above the stages groups them, unless it holds a stage's parts itself.
                    Some(level) if heading.level < level => self.has_section(i),
                    Some(_) => false,
                    None => self.has_deadline(i),
                };
            stages.push(stage.then(|| self.unnumbered(i)));
        }
        stages
    }

    fn unnumbered(&self, i: usize) -> Role {
        Role::Stage { number: None, title: self.headings[i].text.trim().to_owned() }
    }

    /// Stages in a document without numbers.
    fn by_sections(&self) -> Stages {
        let strict = self.parents(false);
        // Two sections of a kind under one heading: it is the document's title, and the stages stand on
        // their sections' own level.
        let mut seen = std::collections::HashSet::new();
        let doubled =
            strict.iter().zip(self.headings).any(|(parent, heading)| match (parent, heading.section) {
                (Some(parent), Some(section)) => !seen.insert((*parent, section as u8)),
                _ => false,
            });
        let parents = if doubled { self.parents(true) } else { strict };
        let mut is_stage = vec![false; self.headings.len()];
        for parent in parents.into_iter().flatten() {
            is_stage[parent] = true;
        }
        for (i, heading) in self.headings.iter().enumerate() {
            let end = self.headings.get(i + 1).map_or(self.blocks.len(), |next| next.block);
            is_stage[i] |= heading.section.is_none() && self.deadline_between(heading.block + 1, end);
        }
        let mut level = None;
        (0..self.headings.len())
            .map(|i| {
                let heading = &self.headings[i];
                if is_stage[i] {
                    level = Some(heading.level);
                }
                let beside = heading.section.is_none() && level == Some(heading.level);
                (is_stage[i] || beside).then(|| self.unnumbered(i))
            })
            .collect()
    }

    /// For every section heading: the nearest heading before it that is none and stands higher, or
    /// (`beside`) at the same height.
    fn parents(&self, beside: bool) -> Vec<Option<usize>> {
        let mut latest: [Option<usize>; 7] = [None; 7];
        self.headings
            .iter()
            .enumerate()
            .map(|(i, heading)| {
                let level = usize::from(heading.level.min(6));
                if heading.section.is_none() {
                    latest[level] = Some(i);
                    latest[level + 1..].fill(None);
                    return None;
                }
                let top = if beside { level } else { level - 1 };
                latest[1..=top].iter().rev().flatten().next().copied()
            })
            .collect()
    }

    /// Headings below heading `i`, sections at its own level included.
    fn below(&self, i: usize) -> impl Iterator<Item = &Heading<'_>> {
        let level = self.headings[i].level;
        self.headings[i + 1..].iter().take_while(move |h| h.level > level || h.section.is_some())
    }

    fn has_section(&self, i: usize) -> bool {
        self.below(i).next().is_some_and(|heading| heading.section.is_some()) || self.has_deadline(i)
    }

    fn has_deadline(&self, i: usize) -> bool {
        let end = self.headings.get(i + 1).map_or(self.blocks.len(), |next| next.block);
        if self.deadline_between(self.headings[i].block + 1, end) {
            return true;
        }
        for heading in self.below(i) {
            if heading.numbered.is_some() {
                return false;
            }
            if heading.section == Some(Section::Deadline) {
                return true;
            }
        }
        false
    }

    /// Whether a labelled deadline (`Deadline: …`) stands between two blocks.
    fn deadline_between(&self, from: usize, to: usize) -> bool {
        self.blocks[from.min(to)..to].iter().any(|block| match &block.kind {
            BlockKind::Paragraph => deadlines::labelled(&block.inline.text, &block.inline.breaks).is_some(),
            BlockKind::List(items) => items
                .iter()
                .any(|item| deadlines::labelled(&item.item.text, &item.breaks).is_some_and(|l| l.leads)),
            _ => false,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn number_words() {
        let read = |text| numbered(text).map(|(_, number, title)| (number, title));
        let expected = |number, title: &'static str| Some((number, title));
        assert_eq!(read("Stage 2: Build it"), expected(2, "Build it"));
        assert_eq!(read("Étape 2 – Bâtir"), expected(2, "Bâtir"));
        assert_eq!(read("E\u{301}tape n° 2 : Bâtir"), expected(2, "Bâtir"));
        assert_eq!(read("🚀 PHASE 02 | Build"), expected(2, "Build"));
        assert_eq!(read("Phase II. Build"), expected(2, "Build"));
        assert_eq!(read("Jalon 3"), expected(3, "Jalon 3"));
        assert_eq!(read("Stage 0 (framing)"), expected(0, "(framing)"));
        assert_eq!(read("Week 1-2: build"), expected(1, "Week 1-2: build"));
        for text in [
            "Stage",
            "Stage two",
            "Stage 2.1: x",
            "Stage 2b",
            "Stages 2",
            "Backstage 2",
            "Semaine du 12",
            "2",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn outline_numbers() {
        assert_eq!(outline_number("2. Build"), Some((2, "Build")));
        assert_eq!(outline_number("2) Build"), Some((2, "Build")));
        assert_eq!(outline_number("2 – Build"), Some((2, "Build")));
        for text in ["2.1 Build", "2 Build", "2.Build", "2024 - Build", "Build"] {
            assert_eq!(outline_number(text), None, "{text}");
        }
    }
}
