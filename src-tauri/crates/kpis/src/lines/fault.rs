//! What can be wrong with a line.

use std::fmt;

/// What is wrong on one line, in one place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// The bytes are no text.
    #[error("this is not UTF-8")]
    NotUtf8,
    /// The text is no JSON.
    #[error("this is not JSON: {reason}, at column {column}")]
    NotJson {
        /// What the parser says.
        reason: String,
        /// From 1, within the line without leading blanks, in bytes.
        column: usize,
    },
    /// It is JSON, but no object.
    #[error("this is not a JSON object")]
    NotAnObject,
    /// A key stands twice in the object.
    #[error("the key {key} is there twice")]
    RepeatedKey {
        /// The key, quoted.
        key: String,
    },
    /// A key that this type of line does not have.
    #[error("the key {key} is unknown{}", hint(*nearest))]
    UnknownKey {
        /// The key, quoted.
        key: String,
        /// The known one that looks most like it.
        nearest: Option<&'static str>,
    },
    /// A field is absent or null.
    #[error("`{field}` is missing")]
    Missing {
        /// The field.
        field: &'static str,
    },
    /// A field has a value of the wrong type.
    #[error("`{field}` is {found}, it must be {expected}")]
    WrongType {
        /// The field.
        field: &'static str,
        /// What it must be.
        expected: &'static str,
        /// What it is.
        found: String,
    },
    /// A field that must be one of a few words is another.
    #[error("`{field}` is {found}, it must be one of {known}{}", hint(*nearest))]
    UnknownWord {
        /// The field.
        field: &'static str,
        /// The word, quoted.
        found: String,
        /// The words that it may be.
        known: String,
        /// The known one that looks most like it.
        nearest: Option<&'static str>,
    },
    /// A time that cannot be read.
    #[error("`{field}` is {found}, it must be a time after RFC 3339 such as 2025-01-31T10:00:00Z")]
    NotATime {
        /// The field.
        field: &'static str,
        /// The text, quoted.
        found: String,
    },
    /// Two times in the wrong order.
    #[error("`{field}` is before `{other}`")]
    Before {
        /// The field that must be later.
        field: &'static str,
        /// The one that must be earlier.
        other: &'static str,
    },
    /// An attempt that is in progress has finished.
    #[error("`finished` is there, though `outcome` is in_progress")]
    FinishedInProgress,
    /// An id that another line has already.
    #[error("`{field}` is the same as on line {first}")]
    Duplicate {
        /// The field.
        field: &'static str,
        /// The other line.
        first: usize,
    },
    /// A commit whose time differs from another line's.
    #[error("`committed` of {sha} is another time than on line {line}")]
    OtherTime {
        /// The commit, quoted.
        sha: String,
        /// The other line.
        line: usize,
    },
    /// An incident or a commit that names no attempt.
    #[error("`attempt` is {named}, which is neither an attempt's id nor a commit that one deployed")]
    UnknownAttempt {
        /// What it names, quoted.
        named: String,
    },
}

impl Fault {
    /// A name that programs can match.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotUtf8 => "not_utf8",
            Self::NotJson { .. } => "not_json",
            Self::NotAnObject => "not_an_object",
            Self::RepeatedKey { .. } => "repeated_key",
            Self::UnknownKey { .. } => "unknown_key",
            Self::Missing { .. } => "missing",
            Self::WrongType { .. } => "wrong_type",
            Self::UnknownWord { .. } => "unknown_word",
            Self::NotATime { .. } => "not_a_time",
            Self::Before { .. } => "before",
            Self::FinishedInProgress => "finished_in_progress",
            Self::Duplicate { .. } => "duplicate",
            Self::OtherTime { .. } => "other_time",
            Self::UnknownAttempt { .. } => "unknown_attempt",
        }
    }

    /// The field that it is about; none where it is the line as a whole, or a key that is none.
    pub fn field(&self) -> Option<&'static str> {
        match self {
            Self::NotUtf8
            | Self::NotJson { .. }
            | Self::NotAnObject
            | Self::RepeatedKey { .. }
            | Self::UnknownKey { .. } => None,
            Self::Missing { field }
            | Self::WrongType { field, .. }
            | Self::UnknownWord { field, .. }
            | Self::NotATime { field, .. }
            | Self::Before { field, .. }
            | Self::Duplicate { field, .. } => Some(field),
            Self::FinishedInProgress => Some("finished"),
            Self::OtherTime { .. } => Some("committed"),
            Self::UnknownAttempt { .. } => Some("attempt"),
        }
    }
}

/// A line that could not be read, and one reason; a line with several reasons stands several times.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {fault}")]
pub struct BadLine {
    /// Its number, from 1, blank lines counted.
    pub line: usize,
    /// What is wrong.
    pub fault: Fault,
}

/// Everything that is wrong with a file of events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadLines {
    /// How many lines are bad.
    pub count: usize,
    /// What is wrong, by line. Never empty.
    pub lines: Vec<BadLine>,
}

impl fmt::Display for BadLines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines = if self.count == 1 { "line" } else { "lines" };
        write!(f, "the events have {} bad {lines}, and nothing was computed:", self.count)?;
        self.lines.iter().try_for_each(|line| write!(f, "\n{line}"))
    }
}

impl std::error::Error for BadLines {}

fn hint(nearest: Option<&'static str>) -> String {
    nearest.map(|known| format!("; the nearest known one is `{known}`")).unwrap_or_default()
}

/// Foreign text as messages quote it: control characters escaped, cut where it is long.
pub(super) fn shown(text: &str) -> String {
    const LONGEST: usize = 60;
    match text.char_indices().nth(LONGEST) {
        None => format!("{text:?}"),
        Some((end, _)) => format!("{:?} and more", &text[..end]),
    }
}
