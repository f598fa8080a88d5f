//! Runs: what was executed, by whom, with what outcome.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// `runs list --json`, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Runs {
    /// Newest first.
    pub runs: Vec<RunRow>,
}

/// What kind of thing a run does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
pub enum RunKind {
    /// Rolls a release out.
    Deploy,
    /// Goes back to a release that ran before.
    Rollback,
    /// Creates or changes what services run on.
    Provision,
    /// Saves data.
    Backup,
    /// Anything else: stops a service, runs a confirmed action.
    Action,
}

/// States of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    /// Journalled, not begun.
    Planned,
    /// A person has to confirm what it will do.
    WaitingForConfirmation,
    /// Under way.
    Running,
    /// Done, and checked to be so.
    Succeeded,
    /// Ended with an error; see its reason.
    Failed,
    /// Ended because a person, or a gate, said so.
    Cancelled,
    /// Its process is gone; how far it came is in its log.
    Interrupted,
}

/// One line of the list of runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RunRow {
    /// Names the run in calls; a number that grows.
    pub id: String,
    /// What it does.
    pub kind: RunKind,
    /// Finer than its kind: `restart` or `stop` of an action; `apply`, `destroy`, `drift` or `unlock` of provisioning.
    pub deed: Option<String>,
    /// Service or stack.
    pub name: String,
    /// Environment.
    pub environment: String,
    /// Whether that environment is production.
    pub production: bool,
    /// Environment whose release was promoted, for a promotion.
    pub promoted_from: Option<String>,
    /// Version as people say it: a tag, else the short commit; `-dirty` for changed files.
    pub version: Option<String>,
    /// Full commit.
    pub commit: Option<String>,
    /// Whether files were changed and not committed.
    pub dirty: bool,
    /// Login of who asked for it, where somebody is signed in.
    pub by: Option<String>,
    /// How it stands.
    pub state: RunState,
    /// Whether a gate refused it: state is then `cancelled`.
    pub refused: bool,
    /// How many attempts at this release in this environment, this one included.
    pub attempt: u32,
    /// When it was asked for.
    pub requested: String,
    /// When it began.
    pub started: Option<String>,
    /// When it ended.
    pub finished: Option<String>,
    /// Why it failed, was cancelled, refused or interrupted.
    pub reason: Option<RunReason>,
}

/// Why a run did not succeed: a code that the window has words for, and the English sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RunReason {
    /// Stable name: an error code, `run.cancelled`, `run.interrupted` or `run.refused`.
    pub code: String,
    /// What the sentence is about.
    #[ts(type = "{ [key in string]?: string }")]
    pub params: std::collections::BTreeMap<String, String>,
    /// English sentence.
    pub message: String,
}

/// Names a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RunId {
    /// The run's id.
    pub id: String,
}

/// Which runs to list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RunsQuery {
    /// Folder of the project.
    pub dir: String,
    /// At most so many; 200 by default.
    #[ts(optional)]
    pub limit: Option<u32>,
}

/// A run with its steps: `runs show`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RunDetail {
    /// The run.
    #[serde(flatten)]
    pub run: RunRow,
    /// Steps in order, those to come included.
    pub steps: Vec<RunStep>,
    /// Journalled changes of state, oldest first.
    pub journal: Vec<RunChange>,
    /// What a cancelled, failed or interrupted run left behind, or what holds the lock: English sentences.
    pub left_behind: Vec<String>,
    /// The `jalonctl` line that asks for the same.
    pub command: String,
    /// Whether it can be cancelled now.
    pub cancellable: bool,
}

/// One step of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RunStep {
    /// Which: `gate`, `tests`, `export`, `start`, `health`, `switch`, `drain`, `stop`.
    pub id: String,
    /// How it stands.
    pub state: StepState,
    /// When it began.
    pub started: Option<String>,
    /// When it ended.
    pub finished: Option<String>,
}

/// How a step stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum StepState {
    /// To come.
    ToCome,
    /// Under way.
    Running,
    /// Done.
    Done,
    /// Failed.
    Failed,
    /// Not needed, or never reached.
    Skipped,
}

/// One journalled change of state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RunChange {
    /// When.
    pub at: String,
    /// New state.
    pub state: RunState,
}

/// Asks for what is new about a run; answers as soon as something is, or after a few seconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RunWatch {
    /// The run's id.
    pub id: String,
    /// Where in the log to go on: the `next` of the answer before, 0 at first.
    pub from: u64,
    /// The `revision` of the answer before, 0 at first.
    pub revision: u64,
}

/// What is new about a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RunUpdate {
    /// The run now.
    pub run: RunDetail,
    /// Lines of its log from there on, about a megabyte at most.
    pub lines: Vec<LogLine>,
    /// What to give as `from` next.
    pub next: u64,
    /// Changes whenever the run does.
    pub revision: u64,
    /// Whether it has ended and all of its log is here.
    pub ended: bool,
}

/// One masked line of a log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LogLine {
    /// When it was written.
    pub at: String,
    /// Where it came from: `jalon`, `stdout` or `stderr`.
    pub stream: String,
    /// The text; masked values read `•••`.
    pub text: String,
    /// Release it belongs to, in the log of a service.
    pub release: Option<String>,
}

/// Part of a log: `runs log`, `logs`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Log {
    /// Oldest first.
    pub lines: Vec<LogLine>,
}
