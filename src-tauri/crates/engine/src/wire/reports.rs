//! The written report and the slides.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::ProjectHeader;

/// The reports screen: what can be exported, and what is missing in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Reports {
    /// The project.
    pub project: ProjectHeader,
    /// Title of the report.
    pub title: Option<String>,
    /// Language the documents are written in.
    pub language: super::Language,
    /// Candidates of jalon.toml.
    pub candidates: Vec<Candidate>,
    /// Chapters of the team's own, in order.
    pub sources: Vec<ReportSource>,
    /// What a jury asks for that jalon.toml leaves empty: keys of `[report]`.
    pub missing: Vec<String>,
    /// What the documents hold of Jalon's own facts.
    pub facts: ReportFacts,
    /// The report's last export from this computer.
    pub report: Option<Exported>,
    /// The slides' last export from this computer.
    pub slides: Option<Exported>,
    /// Folder that exports go to by default.
    pub folder: String,
}

/// A candidate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Candidate {
    /// Surname and first name; empty until the student fills it in.
    pub name: String,
    /// Login.
    pub login: String,
    /// Surname and first name of the tutor.
    pub tutor: String,
}

/// A chapter of the team's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ReportSource {
    /// Path below the project.
    pub path: String,
    /// Its first heading, else the file's name.
    pub title: String,
    /// Words in it.
    pub words: u32,
    /// Why it cannot be read.
    pub problem: Option<String>,
}

/// How much of Jalon's facts there is to tell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ReportFacts {
    /// Stages of the plan.
    pub stages: u32,
    /// Runs of this project.
    pub runs: u32,
    /// Finished attempts in production.
    pub attempts: u32,
}

/// Asks for an export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ExportRequest {
    /// Folder of the project.
    pub dir: String,
    /// `docx` or `pdf` for the report, `pptx` or `pdf` for the slides.
    pub format: String,
    /// The file; one in the default folder by default.
    #[ts(optional)]
    pub out: Option<String>,
    /// Login of the candidate, for the cover; all of them by default.
    #[ts(optional)]
    pub candidate: Option<String>,
}

/// A file that was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Exported {
    /// Absolute path.
    pub path: String,
    /// When.
    pub at: String,
    /// Bytes.
    pub size: u64,
    /// Whether the file is still there as it was written.
    pub unchanged: bool,
    /// What is left out or left to fill in: English sentences.
    pub notes: Vec<String>,
}
