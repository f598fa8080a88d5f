//! `plan show`: a planning document as stages.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// `plan show`: the document's stages and what was odd about it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct PlanDocument {
    /// Stages in the document's order.
    pub stages: Vec<PlanStage>,
    /// What was odd, by position.
    pub diagnostics: Vec<PlanDiagnostic>,
    /// The document's own title, when it has one.
    pub title: Option<String>,
    /// Front matter as written, without its fences.
    pub front_matter: Option<String>,
    /// What stands before the first stage.
    pub preamble: Vec<PlanNote>,
}

/// One stage of the plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct PlanStage {
    /// The stage's number; none for sections such as the defence.
    pub number: Option<u32>,
    /// Title without `Stage N:`.
    pub title: String,
    /// GitHub milestone that the heading links to.
    pub milestone: Option<PlanMilestone>,
    /// First and last day of the deadline.
    pub deadline: Option<PlanDeadline>,
    /// Activities, nested as written.
    pub activities: Vec<PlanItem>,
    /// Deliverables.
    pub deliverables: Vec<PlanItem>,
    /// Extras.
    pub extras: Vec<PlanItem>,
    /// Bonus steps.
    pub bonus: Vec<PlanItem>,
    /// Everything else: emphasised statements, admonitions, paragraphs, tables, code, HTML.
    pub notes: Vec<PlanNote>,
    /// 1-based line of the heading.
    pub line: u32,
}

/// A milestone named by a link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PlanMilestone {
    /// `owner/name`.
    pub repository: String,
    /// Milestone number.
    pub number: u32,
    /// The link as written.
    pub url: String,
}

/// A deadline: one day (`from` = `to`) or a span of days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PlanDeadline {
    /// First day, `YYYY-MM-DD`.
    pub from: String,
    /// Last day, `YYYY-MM-DD`.
    pub to: String,
    /// As written in the plan.
    pub text: String,
}

/// An activity, deliverable, extra or bonus step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PlanItem {
    /// Plain text, markup removed.
    pub text: String,
    /// Items nested below.
    pub children: Vec<PlanItem>,
    /// Ticked or not, for task lists.
    pub done: Option<bool>,
    /// Links of the text.
    pub links: Vec<PlanLink>,
    /// 1-based line.
    pub line: u32,
}

/// Text that fits no list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PlanNote {
    /// Plain text; tables, code and HTML as written.
    pub text: String,
    /// What kind of text.
    pub kind: PlanNoteKind,
    /// Heading or admonition title above it.
    pub title: Option<String>,
    /// Links of the text.
    pub links: Vec<PlanLink>,
    /// 1-based line.
    pub line: u32,
}

/// Kind of a [`PlanNote`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum PlanNoteKind {
    /// A paragraph that opens with emphasis: what the stage is about.
    Statement,
    /// `!!! note` and its like.
    Admonition,
    /// Any other text.
    Paragraph,
    /// A list outside the known sections.
    List,
    /// A table, as written.
    Table,
    /// A code block, as written.
    Code,
    /// HTML, as written; never rendered.
    Html,
}

/// A link inside a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PlanLink {
    /// Words of the link.
    pub text: String,
    /// Target as written.
    pub url: String,
}

/// Something odd about the document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PlanDiagnostic {
    /// Stable name, e.g. `plan.date_impossible`.
    pub code: String,
    /// English sentence: what, and what to do.
    pub message: String,
    /// The document's words at that place.
    pub excerpt: String,
    /// 1-based line.
    pub line: u32,
    /// 1-based column, in characters.
    pub column: u32,
}
