//! Start of the window, projects, settings, health of the installation.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Keychain, WireError};

/// Everything the first frame of the window needs, in one answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Start {
    /// Jalon's version.
    pub version: String,
    /// `linux`, `macos` or `windows`.
    pub platform: String,
    /// The engine's time.
    pub now: String,
    /// Personal settings.
    pub settings: Settings,
    /// The project that was open last, if it still can be opened.
    pub project: Option<ProjectHeader>,
    /// Why the last project could not be opened.
    pub project_error: Option<WireError>,
    /// Projects opened before, newest first.
    pub recent: Vec<RecentProject>,
    /// Where secrets would go.
    pub keychain: Keychain,
}

/// What one person chose; kept in the data folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Settings {
    /// `en`, `fr`, or none for the system's.
    pub language: Option<Language>,
    /// Light, dark, or the system's.
    pub theme: Theme,
    /// Whether single keys such as G O act.
    pub single_keys: bool,
    /// Client id of the OAuth app for sign-in by code.
    pub device_client_id: Option<String>,
}

/// Changes to [`Settings`]; what is absent stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SettingsChange {
    /// New language; `system` clears it.
    #[ts(optional)]
    pub language: Option<LanguageChoice>,
    /// New theme.
    #[ts(optional)]
    pub theme: Option<Theme>,
    /// New value.
    #[ts(optional)]
    pub single_keys: Option<bool>,
    /// New client id; empty clears it.
    #[ts(optional)]
    pub device_client_id: Option<String>,
}

/// Language of the interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// English.
    En,
    /// French.
    Fr,
}

/// A language, or the system's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
pub enum LanguageChoice {
    /// English.
    En,
    /// French.
    Fr,
    /// What the system says.
    System,
}

/// Colours of the window.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
pub enum Theme {
    /// What the system says.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

/// The open project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ProjectHeader {
    /// Folder, absolute.
    pub dir: String,
    /// Name from jalon.toml.
    pub name: String,
    /// `owner/name` on GitHub.
    pub github: Option<String>,
    /// Planning document, relative to the folder.
    pub plan: Option<String>,
    /// IANA time zone.
    pub timezone: String,
}

/// A project opened before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RecentProject {
    /// Folder, absolute.
    pub dir: String,
    /// Name it had.
    pub name: String,
    /// When it was last opened.
    pub opened_at: String,
}

/// Names a project by its folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ProjectDir {
    /// Folder, absolute or relative to the working folder.
    pub dir: String,
}

/// What Jalon found in a folder, and proposes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Proposal {
    /// Folder, absolute.
    pub dir: String,
    /// Whether a jalon.toml is there already.
    pub configured: bool,
    /// Whether it is a git clone.
    pub git: bool,
    /// Proposed name.
    pub name: String,
    /// GitHub repository of the remote `origin`.
    pub github: Option<String>,
    /// Documents that read as plans, best first.
    pub plans: Vec<PlanCandidate>,
    /// Proposed IANA time zone.
    pub timezone: String,
}

/// A document that reads as a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PlanCandidate {
    /// Relative to the folder, with `/`.
    pub path: String,
    /// Its title.
    pub title: Option<String>,
    /// How many stages it has.
    pub stages: u32,
    /// How many of them have a deadline.
    pub deadlines: u32,
}

/// Makes a project: writes jalon.toml, and the plan when one of Jalon's is chosen. Overwrites nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct NewProject {
    /// Folder.
    pub dir: String,
    /// Name.
    pub name: String,
    /// `owner/name`, or none.
    pub github: Option<String>,
    /// IANA time zone.
    pub timezone: String,
    /// Where the plan comes from.
    pub plan: PlanChoice,
}

/// Where a new project's plan comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum PlanChoice {
    /// A document of the folder.
    Existing {
        /// Relative to the folder.
        path: String,
    },
    /// A plan of Jalon's own, dated from a first day.
    Template {
        /// Language of the plan.
        language: Language,
        /// First day, `YYYY-MM-DD`.
        starts_on: String,
    },
}

/// Names the project's repository in jalon.toml; the rest of the file stays as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SetRepository {
    /// Folder.
    pub dir: String,
    /// `owner/name`.
    pub github: String,
}

/// `doctor`: one line a thing that can be missing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Doctor {
    /// What was looked at.
    pub checks: Vec<Check>,
}

/// One thing that `doctor` looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Check {
    /// Stable name: `data_folder`, `keychain`, `github`, `gh`, `project`, `repository`, `plan`, `clock`.
    pub id: String,
    /// Stable name of what was found, e.g. `keychain.locked`; an error's code where there was one.
    pub code: String,
    /// What the sentence is about.
    pub params: BTreeMap<String, String>,
    /// How it is.
    pub state: CheckState,
    /// English sentence: what was found.
    pub message: String,
    /// English: what to do, where something is to be done.
    pub fix: Option<String>,
}

/// State of a [`Check`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum CheckState {
    /// As it should be.
    Ok,
    /// Works, with less.
    Warn,
    /// Does not work.
    Fail,
}
