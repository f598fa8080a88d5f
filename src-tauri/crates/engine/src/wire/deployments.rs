//! Deployments: environments, releases, the gate, and what can be asked of them.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{ProjectHeader, RunRow};

/// Which service the deployments screen shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DeploymentsQuery {
    /// Folder of the project.
    pub dir: String,
    /// Name of the service; the first by default.
    #[ts(optional)]
    pub service: Option<String>,
}

/// The deployments screen: environments side by side, the gate between them, the history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Deployments {
    /// The project.
    pub project: ProjectHeader,
    /// Names of all services, in jalon.toml's order; empty where it names none.
    pub services: Vec<String>,
    /// The service shown.
    pub service: Option<String>,
    /// What has to be trusted before anything of this repository runs; none once it is.
    pub trust: Option<TrustRequest>,
    /// What the clone is at; none until it is trusted, or where it is no clone.
    pub clone: Option<CloneState>,
    /// Why the clone cannot be read.
    pub clone_error: Option<super::WireError>,
    /// Environments in jalon.toml's order.
    pub environments: Vec<EnvironmentView>,
    /// Gates: one for each environment that promotes from another.
    pub gates: Vec<GateView>,
    /// Who rolls it out instead of Jalon; none where Jalon does.
    pub owner: Option<ServiceOwner>,
    /// Runs of this service, newest first, at most 50.
    pub history: Vec<RunRow>,
    /// How many runs of this service there are in all.
    pub runs: u32,
    /// How many of them in production.
    pub runs_production: u32,
}

/// Who rolls a service out instead of Jalon.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ServiceOwner {
    /// `github-actions`, `terraform` or `argo-cd`.
    pub kind: String,
    /// Its workflow, stack or application, where jalon.toml names one.
    pub detail: Option<String>,
}

/// Commands of a repository that Jalon would run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct TrustRequest {
    /// Digest of exactly these commands: what `trust` takes.
    pub digest: String,
    /// What would run, one line each, with where it stands in jalon.toml.
    pub commands: Vec<String>,
    /// Whether other commands of this project were trusted before: they have changed.
    pub changed: bool,
}

/// Trusts commands of a repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Trust {
    /// Folder of the project.
    pub dir: String,
    /// Digest that was shown; none trusts what is there now.
    #[ts(optional)]
    pub digest: Option<String>,
    /// Version whose commands are meant; those of the working tree by default.
    #[ts(optional)]
    pub version: Option<String>,
}

/// What is trusted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Trusted {
    /// Digest of the commands.
    pub digest: String,
    /// What may run now.
    pub commands: Vec<String>,
}

/// What the clone is at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CloneState {
    /// Commit checked out.
    pub head: CommitLine,
    /// Branch checked out; none when detached.
    pub branch: Option<String>,
    /// Files that are changed and not committed, at most 100.
    pub changed: Vec<String>,
    /// Versions that can be deployed, newest first: tags, branches, last commits.
    pub versions: Vec<CommitLine>,
}

/// A commit as people see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CommitLine {
    /// Version as people say it: its tag, else the short commit.
    pub version: String,
    /// Full commit.
    pub commit: String,
    /// First line of its message.
    pub subject: String,
    /// When it was committed.
    pub committed: String,
    /// Branch whose tip it is, where it is one.
    pub branch: Option<String>,
}

/// One environment with what runs in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct EnvironmentView {
    /// Name.
    pub name: String,
    /// Whether it is production.
    pub production: bool,
    /// Environment it promotes from.
    pub promotes_from: Option<String>,
    /// `local` or `kubernetes`.
    pub target: String,
    /// Address of the service; none while its target cannot be used yet.
    pub address: Option<String>,
    /// `rolling` or `blue-green`.
    pub strategy: String,
    /// Whether changes want its name typed.
    pub confirm_name: bool,
    /// What serves now.
    pub release: Option<ReleaseView>,
    /// How it is.
    pub health: Health,
    /// Slots of a blue/green service, live first.
    pub slots: Vec<Slot>,
    /// Release that roll back goes to without being told which.
    pub back_to: Option<ReleaseRef>,
    /// Releases that ran here and can be gone back to, newest first.
    pub releases: Vec<ReleaseRef>,
    /// Commits here that the environment promoted into does not have, newest first.
    pub ahead: Vec<CommitLine>,
    /// Where on a cluster it is; none for other targets.
    pub cluster: Option<ClusterPlace>,
    /// Image that serves, its digest included where it is known.
    pub image: Option<String>,
    /// Pods that are ready, and that are wanted.
    pub replicas: Option<(u32, u32)>,
    /// Why it is not healthy, as far as the cluster tells.
    pub cause: Option<super::Cause>,
    /// Run that is under way here.
    pub running: Option<String>,
    /// Last run here, where it did not succeed.
    pub last_failed: Option<RunRow>,
}

/// Where on a cluster an environment is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ClusterPlace {
    /// Context of the kubeconfig.
    pub context: String,
    /// Namespace.
    pub namespace: String,
    /// Whether this context may only read there.
    pub read_only: bool,
}

/// A release that serves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ReleaseView {
    /// Run that brought it.
    pub run: String,
    /// Version as people say it.
    pub version: String,
    /// Full commit.
    pub commit: String,
    /// Whether files were changed and not committed.
    pub dirty: bool,
    /// Since when it serves.
    pub since: String,
    /// Login of who brought it.
    pub by: Option<String>,
    /// Whether another computer's Jalon brought it: there is no run of it here.
    pub elsewhere: bool,
}

/// A release that ran in an environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ReleaseRef {
    /// Run that brought it: what `rollback` takes.
    pub run: String,
    /// Version as people say it.
    pub version: String,
    /// Full commit.
    pub commit: String,
    /// When it was brought.
    pub at: String,
}

/// How a service is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Health {
    /// How.
    pub state: HealthState,
    /// English: the facts, such as `503 from /health` or `exit status 1`.
    pub detail: Option<String>,
    /// When it was last asked.
    pub checked: Option<String>,
}

/// How a service is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum HealthState {
    /// Answers its health check.
    Healthy,
    /// Does not.
    Failing,
    /// Its process ended by itself.
    Crashed,
    /// Nothing was ever deployed here.
    Empty,
    /// It was stopped.
    Stopped,
    /// What watched it is gone; deploy again.
    Lost,
    /// Nobody could be asked.
    Unknown,
}

/// One slot of a blue/green service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Slot {
    /// `blue` or `green`.
    pub name: String,
    /// Whether it serves; the other one is kept warm.
    pub live: bool,
    /// Version in it.
    pub version: String,
    /// Whether it answers its health check.
    pub healthy: bool,
    /// Share of traffic, 0..100.
    pub traffic: u32,
    /// Since when it is what it is.
    pub since: String,
}

/// The gate before an environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct GateView {
    /// Environment promoted from.
    pub from: String,
    /// Environment promoted to.
    pub to: String,
    /// Release that would be promoted.
    pub candidate: Option<ReleaseRef>,
    /// Whether a promotion may be asked for.
    pub open: bool,
    /// Every condition with its fact.
    pub conditions: Vec<GateCondition>,
}

/// One condition of a gate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct GateCondition {
    /// Which: `ran_before`, `checks`, `check` (one for each check of the repository), `clean_tree`, `name_typed`.
    pub id: String,
    /// How it stands.
    pub state: ConditionState,
    /// Names the fact: `ran_before.` healthy, earlier, unhealthy, dirty, failed, never, nowhere, unknown; `checks.` not_asked,
    /// passed, failed, running, will_run, no_command, unknown, and of the repository's: absent, all_unreadable,
    /// all_unnamed, unreadable; `check.` green, red, pending, cancelled, absent, unreadable, wrong_commit;
    /// `clean_tree.` clean, dirty, unknown; `name_typed`.
    pub fact: String,
    /// What the fact is about: `environment`, `commit`, `version`, `at`, `files`, `summary`, `name`; of a check also
    /// `state`, `url`, `word` (GitHub's own), `about` (the commit that it speaks of instead); of checks that cannot be
    /// read also `code` (an error's), `reason`, `fix`.
    #[ts(type = "{ [key in string]?: string }")]
    pub params: std::collections::BTreeMap<String, String>,
    /// English sentence of the fact.
    pub message: String,
}

/// How a condition stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ConditionState {
    /// Met.
    Met,
    /// Not met.
    Unmet,
    /// Being asked.
    Pending,
    /// Nobody can tell: the gate stays closed.
    Unknown,
    /// Asked when it is applied.
    AtTheEnd,
}

/// Asks for a deployment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DeployRequest {
    /// Folder of the project.
    pub dir: String,
    /// Service.
    pub service: String,
    /// Environment.
    pub environment: String,
    /// Tag, branch or commit; what is checked out by default.
    #[ts(optional)]
    pub version: Option<String>,
    /// `rolling` or `blue-green`; the service's by default.
    #[ts(optional)]
    pub strategy: Option<String>,
    /// `planned` (default) or `rework`: brought forward by an incident.
    #[ts(optional)]
    pub kind: Option<String>,
    /// The environment's name, typed.
    #[ts(optional)]
    pub confirm: Option<String>,
    /// Only what would happen.
    #[serde(default)]
    #[ts(optional, as = "Option<bool>")]
    pub dry_run: bool,
}

/// Asks for a promotion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PromoteRequest {
    /// Folder of the project.
    pub dir: String,
    /// Service.
    pub service: String,
    /// Environment that has the release.
    pub from: String,
    /// Environment that gets it.
    pub to: String,
    /// The environment's name, typed.
    #[ts(optional)]
    pub confirm: Option<String>,
    /// The commit that a person saw there: refused where another one serves by now.
    #[ts(optional)]
    pub commit: Option<String>,
}

/// Asks to go back to a release that ran before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RollbackRequest {
    /// Folder of the project.
    pub dir: String,
    /// Service.
    pub service: String,
    /// Environment.
    pub environment: String,
    /// Run, version or commit of the release; the one before by default.
    #[ts(optional)]
    pub to: Option<String>,
    /// The environment's name, typed.
    #[ts(optional)]
    pub confirm: Option<String>,
}

/// A service in an environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct StopRequest {
    /// Folder of the project.
    pub dir: String,
    /// Service.
    pub service: String,
    /// Environment.
    pub environment: String,
    /// The environment's name, typed.
    #[ts(optional)]
    pub confirm: Option<String>,
}

/// Asks for a service's log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LogQuery {
    /// Folder of the project.
    pub dir: String,
    /// Service.
    pub service: String,
    /// Environment.
    pub environment: String,
    /// Last so many lines; 500 by default.
    #[ts(optional)]
    pub lines: Option<u32>,
}

/// What a deployment would do; `run` names it once it was started.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Started {
    /// The run; none for a dry run.
    pub run: Option<String>,
    /// What it does, in English, one line each.
    pub plan: Vec<String>,
}

/// Where the sample is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct NewSample {
    /// Folder, not there yet or empty; one in the person's home by default.
    #[ts(optional)]
    pub dir: Option<String>,
    /// Language of its plan and texts.
    pub language: super::Language,
    /// Ports of dev and prod; free ones by default.
    #[ts(optional)]
    pub ports: Option<(u16, u16)>,
}
