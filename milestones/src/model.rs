//! The plan: stages in the document's order, and what stands around them.

use std::collections::HashSet;

use jiff::civil::Date;
use serde::Serialize;

use crate::fold::fold;

/// Deepest nesting of [`Item::children`]; items nested deeper in the document follow as siblings.
///
/// A bound, so that dropping or serialising a plan cannot exhaust the stack.
pub const MAX_DEPTH: usize = 32;

/// A planning document as read.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Plan {
    /// The document's own title: a heading before the first stage that is none itself.
    pub title: Option<String>,
    /// Front matter (YAML or TOML) as written, without its fences.
    pub front_matter: Option<String>,
    /// What stands before the first stage, in the document's order.
    pub preamble: Vec<Note>,
    /// Stages, in the document's order.
    pub stages: Vec<Stage>,
}

impl Plan {
    /// One key a stage, in order: [`Stage::key`], with `-2`, `-3` … where a plan repeats one.
    pub fn keys(&self) -> Vec<String> {
        let mut seen = HashSet::new();
        let mut next = std::collections::HashMap::<String, u32>::new();
        self.stages
            .iter()
            .map(|stage| {
                let base = stage.key();
                let mut key = base.clone();
                while !seen.insert(key.clone()) {
                    let n = next.entry(base.clone()).or_insert(1);
                    *n += 1;
                    key = format!("{base}-{n}");
                }
                key
            })
            .collect()
    }
}

/// One stage of the plan.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Stage {
    /// The stage's number; none for sections such as the defence.
    pub number: Option<u32>,
    /// Plain title, without `Stage N:`; the whole heading where nothing follows the number.
    pub title: String,
    /// GitHub milestone that the heading links to.
    pub milestone: Option<MilestoneLink>,
    /// When the stage is due.
    pub deadline: Option<Deadline>,
    /// Activities, nested as written; lists straight under the heading count as activities.
    pub activities: Vec<Item>,
    /// Deliverables.
    pub deliverables: Vec<Item>,
    /// Optional work.
    pub extras: Vec<Item>,
    /// Bonus steps.
    pub bonus: Vec<Item>,
    /// Everything else the stage holds, in the document's order.
    pub notes: Vec<Note>,
    /// 1-based line of the heading.
    pub line: u32,
}

impl Stage {
    /// Stable name of the stage: its number (`"3"`), else an ASCII slug of its title (`"final-interview"`).
    ///
    /// Not unique where a plan repeats a number or a title; [`Plan::keys`] is.
    pub fn key(&self) -> String {
        if let Some(number) = self.number {
            return number.to_string();
        }
        let mut slug = String::new();
        for word in fold(&self.title).split(|c: char| !c.is_ascii_alphanumeric()).filter(|w| !w.is_empty()) {
            if !slug.is_empty() {
                slug.push('-');
            }
            slug.push_str(word);
        }
        if slug.is_empty() { "stage".to_owned() } else { slug }
    }
}

/// A milestone named by a link, e.g. `https://github.com/owner/name/milestone/3`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MilestoneLink {
    /// `owner/name`.
    pub repository: String,
    /// Milestone number.
    pub number: u32,
    /// The link as written.
    pub url: String,
}

/// A deadline: one day (`from` = `to`) or a span of days, both included; `from <= to`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Deadline {
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
    /// The date as written in the plan.
    pub text: String,
    /// 1-based line of the date.
    pub line: u32,
}

/// An activity, deliverable, extra or bonus step.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Item {
    /// Plain text, markup removed; code and tables inside an item as written.
    pub text: String,
    /// Items nested below, at most [`MAX_DEPTH`] deep.
    pub children: Vec<Item>,
    /// Ticked or not, for task lists.
    pub done: Option<bool>,
    /// Links of the text.
    pub links: Vec<Link>,
    /// 1-based line.
    pub line: u32,
}

/// Text that fits no list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Note {
    /// Plain text; lists, tables, code and HTML as written.
    pub text: String,
    /// What kind of text.
    pub kind: NoteKind,
    /// Heading above the text, or the admonition's type and title.
    pub title: Option<String>,
    /// Links of the text.
    pub links: Vec<Link>,
    /// 1-based line.
    pub line: u32,
}

/// Kind of a [`Note`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NoteKind {
    /// A paragraph that opens with strong emphasis: what the stage is about.
    Statement,
    /// `!!! note`, `??? tip`, `> [!NOTE]` and their like.
    Admonition,
    /// Any other text: paragraphs, quotes, footnotes, link definitions, headings without text below.
    Paragraph,
    /// A list outside the known sections, as written.
    List,
    /// A table, as written.
    Table,
    /// A code block, as written, fences included.
    Code,
    /// HTML and comments, as written; never rendered.
    Html,
}

/// A link or an image inside a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Link {
    /// Words of the link; alternative text of an image. A link's own title follows as a second link.
    pub text: String,
    /// Target as written.
    pub url: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stage(number: Option<u32>, title: &str) -> Stage {
        Stage { number, title: title.to_owned(), ..Stage::default() }
    }

    #[test]
    fn key_is_the_number_or_a_slug() {
        assert_eq!(stage(Some(3), "Data").key(), "3");
        assert_eq!(stage(None, "Soutenance d’équipe & démo !").key(), "soutenance-d-equipe-demo");
        assert_eq!(stage(None, "決賽").key(), "stage");
    }

    #[test]
    fn keys_are_unique_whatever_the_plan_repeats() {
        let plan = Plan {
            stages: vec![stage(Some(1), "a"), stage(Some(1), "b"), stage(None, "1 2"), stage(Some(1), "c")],
            ..Plan::default()
        };
        assert_eq!(plan.keys(), ["1", "1-2", "1-2-2", "1-3"]);
    }
}
