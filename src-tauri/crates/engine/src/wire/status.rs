//! Where the project stands: `status`, the overview, the milestones screen.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{PlanDeadline, PlanDiagnostic, PlanItem, PlanNote, ProjectHeader, WireError};

/// `status --json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Status {
    /// Project name.
    pub project: String,
    /// When GitHub was last read; none before the first sync.
    pub as_of: Option<String>,
    /// Stages in the plan's order.
    pub stages: Vec<StatusStage>,
}

/// One stage of `status --json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StatusStage {
    /// Number; none for sections such as the defence.
    pub number: Option<u32>,
    /// Title without `Stage N:`.
    pub title: String,
    /// First and last day.
    pub deadline: Option<PlanDeadline>,
    /// GitHub's milestone.
    pub milestone: Option<StatusMilestone>,
    /// Share of work done, 0..1; none where nothing tells.
    pub done: Option<f64>,
    /// Whether it was, or still can be, in time; none where nothing tells.
    pub on_time: Option<bool>,
    /// Forecast; none while there is none.
    pub forecast: Option<Forecast>,
    /// English sentences.
    pub risks: Vec<String>,
}

/// A milestone in `status --json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusMilestone {
    /// Number on GitHub.
    pub number: u32,
    /// `open` or `closed`.
    pub state: String,
    /// Open issues, pull requests not counted.
    pub open: u32,
    /// Closed issues, pull requests not counted.
    pub closed: u32,
}

/// When a stage will probably be done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Forecast {
    /// Chance of being done by the deadline, 0..1.
    pub p_on_time: f64,
    /// Day by which it is done with 50 %.
    pub p50: String,
    /// Day by which it is done with 85 %.
    pub p85: String,
    /// Closed issues it was computed from.
    pub n: u32,
}

/// The overview: where do we stand, what is due next, what is at risk.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Overview {
    /// The project.
    pub project: ProjectHeader,
    /// Today in the project's zone, `YYYY-MM-DD`.
    pub today: String,
    /// Stages in the plan's order.
    pub stages: Vec<StageBrief>,
    /// What needs attention, worst first.
    pub risks: Vec<Risk>,
    /// What is due next, nearest first; finished stages left out.
    pub due_next: Vec<Due>,
    /// Issues closed last, newest first.
    pub lately: Vec<ClosedIssue>,
    /// How old GitHub's part is.
    pub sync: SyncState,
    /// How many diagnostics the plan has.
    pub diagnostics: u32,
}

/// The milestones screen: the plan beside GitHub's state.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Milestones {
    /// The project.
    pub project: ProjectHeader,
    /// Today in the project's zone, `YYYY-MM-DD`.
    pub today: String,
    /// Stages in the plan's order.
    pub stages: Vec<StageDetail>,
    /// GitHub milestones that belong to no stage.
    pub unlinked: Vec<MilestoneFact>,
    /// What was odd about the plan.
    pub diagnostics: Vec<PlanDiagnostic>,
    /// What stands before the first stage.
    pub preamble: Vec<PlanNote>,
    /// How old GitHub's part is.
    pub sync: SyncState,
}

/// A stage as the stage bar and the timeline show it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct StageBrief {
    /// Names the stage in calls: its number (`3`), or for unnumbered sections the slug of its title.
    pub key: String,
    /// Number; none for sections such as the defence.
    pub number: Option<u32>,
    /// Title without `Stage N:`.
    pub title: String,
    /// Day after the previous deadline, `YYYY-MM-DD`; the plan names no starts.
    pub start: Option<String>,
    /// First and last day of the deadline.
    pub deadline: Option<PlanDeadline>,
    /// How it stands.
    pub state: StageState,
    /// Share of work done, 0..1; none where nothing tells.
    pub done: Option<f64>,
    /// Open issues of its milestone.
    pub open: u32,
    /// Closed issues of its milestone.
    pub closed: u32,
    /// Day it was finished, where it is.
    pub finished_on: Option<String>,
    /// Days from today to the deadline; negative once it passed.
    pub days_left: Option<i32>,
    /// Days it was finished after its deadline, or is overdue; 0 when in time.
    pub days_late: i32,
    /// Number of the milestone on GitHub.
    pub milestone: Option<u32>,
    /// Forecast, where one can be made.
    pub forecast: Option<Forecast>,
}

/// How a stage stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum StageState {
    /// Finished; `days_late` says whether in time.
    Done,
    /// Begun or due to be.
    UnderWay,
    /// Under way and probably late.
    AtRisk,
    /// Past its deadline and not finished.
    Overdue,
    /// Not begun, deadline ahead.
    ToCome,
    /// Past its deadline, and nothing tells whether it is finished.
    Unknown,
}

/// A stage with everything the plan and GitHub say of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct StageDetail {
    /// The stage.
    pub brief: StageBrief,
    /// Activities, nested as written.
    pub activities: Vec<PlanItem>,
    /// Deliverables.
    pub deliverables: Vec<PlanItem>,
    /// Extras.
    pub extras: Vec<PlanItem>,
    /// Bonus steps.
    pub bonus: Vec<PlanItem>,
    /// Everything else the plan says.
    pub notes: Vec<PlanNote>,
    /// 1-based line in the plan.
    pub line: u32,
    /// GitHub's milestone.
    pub milestone: Option<MilestoneFact>,
    /// How the milestone was found.
    pub link: Option<LinkKind>,
    /// Milestone the plan links to, though it is not on GitHub (or not read yet).
    pub missing_milestone: Option<u32>,
    /// Issues of the milestone, open first, pull requests left out.
    pub issues: Vec<IssueFact>,
    /// Pull requests of the milestone.
    pub pull_requests: Vec<IssueFact>,
    /// What needs attention.
    pub risks: Vec<Risk>,
}

/// How a stage and a milestone were brought together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum LinkKind {
    /// By hand, kept in `.jalon/stages/`.
    Hand,
    /// By the link in the plan's heading.
    Link,
    /// By the number in the milestone's title.
    Number,
}

/// A milestone as GitHub has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct MilestoneFact {
    /// Number.
    pub number: u32,
    /// Title.
    pub title: String,
    /// Page on GitHub.
    pub url: String,
    /// Whether it is closed.
    pub is_closed: bool,
    /// Due day, `YYYY-MM-DD`, not shifted by the time zone.
    pub due_on: Option<String>,
    /// Open issues, pull requests not counted.
    pub open: u32,
    /// Closed issues, pull requests not counted.
    pub closed: u32,
    /// When it was closed.
    pub closed_at: Option<String>,
}

/// An issue or pull request as GitHub has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct IssueFact {
    /// Number.
    pub number: u32,
    /// Title.
    pub title: String,
    /// Page on GitHub.
    pub url: String,
    /// Whether it is closed.
    pub is_closed: bool,
    /// Logins.
    pub assignees: Vec<String>,
    /// Label names.
    pub labels: Vec<String>,
    /// When it was closed.
    pub closed_at: Option<String>,
}

/// An issue that was closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ClosedIssue {
    /// Number.
    pub number: u32,
    /// Title.
    pub title: String,
    /// Page on GitHub.
    pub url: String,
    /// When it was closed.
    pub closed_at: String,
    /// Whether it is a pull request.
    pub is_pull_request: bool,
    /// Key of its stage.
    pub stage: Option<String>,
}

/// Something due.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Due {
    /// Key of the stage.
    pub stage: String,
    /// Number of the stage.
    pub number: Option<u32>,
    /// Title of the stage.
    pub title: String,
    /// Deadline.
    pub deadline: PlanDeadline,
    /// Days from today to the last day.
    pub days_left: i32,
    /// Open issues; none where no milestone tells.
    pub open: Option<u32>,
}

/// Something that needs attention. The window makes the sentence from `code` and `params`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Risk {
    /// What.
    pub code: RiskCode,
    /// What the sentence is about.
    pub params: BTreeMap<String, String>,
    /// How bad.
    pub severity: Severity,
    /// Key of the stage.
    pub stage: Option<String>,
    /// English sentence.
    pub message: String,
}

/// Kinds of [`Risk`], with their params.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum RiskCode {
    /// Deadline passed, work open: `days`, `open`.
    Overdue,
    /// Under a week left and more open than the pace of the last weeks closes: `days`, `open`, `per_week`.
    BehindPace,
    /// Due within three days with open issues: `days`, `open`.
    DueSoon,
    /// Past its deadline, and no milestone tells whether it is done: `days`.
    NothingTells,
    /// The plan links to a milestone that GitHub does not have: `number`.
    MilestoneMissing,
    /// Plan and GitHub name different days: `plan`, `github`.
    DatesDiffer,
    /// The stage has no deadline in the plan.
    NoDeadline,
    /// The milestone has no issues: nothing is planned on GitHub.
    NoIssues,
    /// Open issues without an assignee: `count`.
    Unassigned,
}

/// How bad a [`Risk`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Costs the deadline now.
    Bad,
    /// Will cost it if nothing happens.
    Warn,
    /// Worth knowing.
    Info,
}

/// How old GitHub's part is, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SyncState {
    /// When GitHub was last read in full.
    pub synced_at: Option<String>,
    /// When it was last tried.
    pub tried_at: Option<String>,
    /// What the last try said, if it failed.
    pub error: Option<WireError>,
    /// Whether a token is at hand.
    pub signed_in: bool,
}

/// What a sync did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SyncOutcome {
    /// Repository, `owner/name`.
    pub repository: String,
    /// When GitHub was read.
    pub synced_at: String,
    /// Milestones stored.
    pub milestones: u32,
    /// Issues stored, pull requests not counted.
    pub issues: u32,
    /// Pull requests stored.
    pub pull_requests: u32,
    /// Pages GitHub had to send.
    pub pages_read: u32,
    /// Pages GitHub answered with "not modified", which cost nothing.
    pub pages_unchanged: u32,
}

/// Brings a stage and a milestone together by hand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LinkStage {
    /// Project folder.
    pub dir: String,
    /// Key of the stage.
    pub stage: String,
    /// Milestone number; none undoes what was set by hand.
    pub milestone: Option<u32>,
}
