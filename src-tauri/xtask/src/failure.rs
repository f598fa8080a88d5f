//! What every job answers when it cannot go on.

use std::fmt;

/// What happened, and what to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    /// What happened, to what.
    pub what: String,
    /// What to do about it; empty where the output above says it all.
    pub next: String,
}

impl Failure {
    /// A failure with advice.
    pub(crate) fn new(what: impl Into<String>, next: impl Into<String>) -> Self {
        Self { what: what.into(), next: next.into() }
    }

    /// A file or folder that could not be read or written.
    pub(crate) fn file(path: &std::path::Path, error: &std::io::Error) -> Self {
        Self::new(
            format!("{}: {error}", path.display()),
            "check that the folder exists and is yours to write",
        )
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}", self.what)?;
        if self.next.is_empty() { Ok(()) } else { write!(out, "\n  what to do: {}", self.next) }
    }
}
