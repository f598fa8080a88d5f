//! What is odd about a planning document, with the place to look at.

use serde::{Serialize, Serializer};

/// Something odd about the document. The import goes on all the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    /// What kind of oddity.
    pub code: DiagnosticCode,
    /// English sentences: what, where, and what to do.
    pub message: String,
    /// The document's words at that place, to the end of the line or 60 characters; empty where nothing was read.
    pub excerpt: String,
    /// 1-based line.
    pub line: u32,
    /// 1-based column, counted in characters (Unicode scalar values).
    pub column: u32,
}

/// Kind of a [`Diagnostic`]; serialised as [`DiagnosticCode::as_str`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DiagnosticCode {
    /// Nothing but white space.
    Empty,
    /// Not text: NUL bytes or mostly control characters.
    Binary,
    /// Over [`crate::MAX_BYTES`]; nothing was read.
    TooLarge,
    /// Text, but no stage in it.
    NoStage,
    /// Two stages with one number.
    DuplicateNumber,
    /// Two stages that link to one milestone.
    DuplicateMilestone,
    /// A day that no calendar has.
    DateImpossible,
    /// A deadline without a date that could be read.
    DateUnreadable,
    /// A span whose last day comes before its first.
    DateBackward,
    /// A weekday that does not match its date.
    WeekdayMismatch,
    /// A deadline before that of the previous stage.
    DeadlineBeforePrevious,
    /// A second, different deadline of one stage.
    DeadlineRepeated,
    /// A link to a milestone of another repository.
    MilestoneElsewhere,
    /// A date without a year, in a document without any.
    YearUnknown,
    /// Not UTF-8; read as far as possible.
    NotUtf8,
}

impl DiagnosticCode {
    /// The code's stable name, e.g. `plan.date_impossible`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Empty => "plan.empty",
            Self::Binary => "plan.binary",
            Self::TooLarge => "plan.too_large",
            Self::NoStage => "plan.no_stage",
            Self::DuplicateNumber => "plan.duplicate_number",
            Self::DuplicateMilestone => "plan.duplicate_milestone",
            Self::DateImpossible => "plan.date_impossible",
            Self::DateUnreadable => "plan.date_unreadable",
            Self::DateBackward => "plan.date_backward",
            Self::WeekdayMismatch => "plan.weekday_mismatch",
            Self::DeadlineBeforePrevious => "plan.deadline_before_previous",
            Self::DeadlineRepeated => "plan.deadline_repeated",
            Self::MilestoneElsewhere => "plan.milestone_elsewhere",
            Self::YearUnknown => "plan.year_unknown",
            Self::NotUtf8 => "plan.not_utf8",
        }
    }
}

impl Serialize for DiagnosticCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
