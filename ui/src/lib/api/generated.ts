// Generated from src-tauri/crates/engine/src/contract.rs by `cargo xtask generate`. Do not edit.

/**
 * Who is signed in to GitHub, and how.
 */
export type AuthStatus = { 
/**
 * Whether a token is at hand.
 */
signed_in: boolean, 
/**
 * Login that GitHub gave for it, where it was asked.
 */
login: string | null, 
/**
 * Host the token is for, e.g. `github.com`.
 */
host: string, 
/**
 * Where the token is.
 */
place: CredentialPlace | null, 
/**
 * When it was set.
 */
set_at: string | null, 
/**
 * Whether sign-in by code is possible: a client id is set.
 */
device_ready: boolean, };

/**
 * One thing that `doctor` looked at.
 */
export type Check = { 
/**
 * Stable name: `data_folder`, `keychain`, `github`, `gh`, `project`, `repository`, `plan`, `clock`.
 */
id: string, 
/**
 * Stable name of what was found, e.g. `keychain.locked`; an error's code where there was one.
 */
code: string, 
/**
 * What the sentence is about.
 */
params: { [key in string]: string }, 
/**
 * How it is.
 */
state: CheckState, 
/**
 * English sentence: what was found.
 */
message: string, 
/**
 * English: what to do, where something is to be done.
 */
fix: string | null, };

/**
 * State of a [`Check`].
 */
export type CheckState = "ok" | "warn" | "fail";

/**
 * An issue that was closed.
 */
export type ClosedIssue = { 
/**
 * Number.
 */
number: number, 
/**
 * Title.
 */
title: string, 
/**
 * Page on GitHub.
 */
url: string, 
/**
 * When it was closed.
 */
closed_at: string, 
/**
 * Whether it is a pull request.
 */
is_pull_request: boolean, 
/**
 * Key of its stage.
 */
stage: string | null, };

/**
 * One stored secret: its name, never its value.
 */
export type Credential = { 
/**
 * Name, e.g. `GITHUB_TOKEN`.
 */
name: string, 
/**
 * When it was set, where that is known.
 */
set_at: string | null, 
/**
 * Where its value is.
 */
place: CredentialPlace, };

/**
 * Names a credential.
 */
export type CredentialName = { 
/**
 * Name, e.g. `DATABASE_URL`.
 */
name: string, };

/**
 * Where a secret's value is.
 */
export type CredentialPlace = "keychain" | "memory" | "environment" | "unreadable";

/**
 * `credentials list`.
 */
export type Credentials = { 
/**
 * Names and ages, never values.
 */
credentials: Array<Credential>, 
/**
 * Where a new one would go.
 */
keychain: Keychain, };

/**
 * What the person enters on GitHub.
 */
export type DeviceCode = { 
/**
 * The code to enter.
 */
user_code: string, 
/**
 * The page to enter it on.
 */
verification_uri: string, 
/**
 * When the code stops working.
 */
expires_at: string, };

/**
 * `doctor`: one line a thing that can be missing.
 */
export type Doctor = { 
/**
 * What was looked at.
 */
checks: Array<Check>, };

/**
 * Something due.
 */
export type Due = { 
/**
 * Key of the stage.
 */
stage: string, 
/**
 * Number of the stage.
 */
number: number | null, 
/**
 * Title of the stage.
 */
title: string, 
/**
 * Deadline.
 */
deadline: PlanDeadline, 
/**
 * Days from today to the last day.
 */
days_left: number, 
/**
 * Open issues; none where no milestone tells.
 */
open: number | null, };

/**
 * When a stage will probably be done.
 */
export type Forecast = { 
/**
 * Chance of being done by the deadline, 0..1.
 */
p_on_time: number, 
/**
 * Day by which it is done with 50 %.
 */
p50: string, 
/**
 * Day by which it is done with 85 %.
 */
p85: string, 
/**
 * Closed issues it was computed from.
 */
n: number, };

/**
 * An issue or pull request as GitHub has it.
 */
export type IssueFact = { 
/**
 * Number.
 */
number: number, 
/**
 * Title.
 */
title: string, 
/**
 * Page on GitHub.
 */
url: string, 
/**
 * Whether it is closed.
 */
is_closed: boolean, 
/**
 * Logins.
 */
assignees: Array<string>, 
/**
 * Label names.
 */
labels: Array<string>, 
/**
 * When it was closed.
 */
closed_at: string | null, };

/**
 * Where secrets go.
 */
export type Keychain = { 
/**
 * How the keychain is.
 */
state: KeychainState, 
/**
 * The platform's name for it, e.g. "Secret Service".
 */
name: string, 
/**
 * What the platform said, where it refused.
 */
reason: string | null, };

/**
 * State of the platform's keychain.
 */
export type KeychainState = "ready" | "locked" | "absent";

/**
 * Language of the interface.
 */
export type Language = "en" | "fr";

/**
 * A language, or the system's.
 */
export type LanguageChoice = "en" | "fr" | "system";

/**
 * How a stage and a milestone were brought together.
 */
export type LinkKind = "hand" | "link" | "number";

/**
 * Brings a stage and a milestone together by hand.
 */
export type LinkStage = { 
/**
 * Project folder.
 */
dir: string, 
/**
 * Key of the stage.
 */
stage: string, 
/**
 * Milestone number; none undoes what was set by hand.
 */
milestone: number | null, };

/**
 * A milestone as GitHub has it.
 */
export type MilestoneFact = { 
/**
 * Number.
 */
number: number, 
/**
 * Title.
 */
title: string, 
/**
 * Page on GitHub.
 */
url: string, 
/**
 * Whether it is closed.
 */
is_closed: boolean, 
/**
 * Due day, `YYYY-MM-DD`, not shifted by the time zone.
 */
due_on: string | null, 
/**
 * Open issues, pull requests not counted.
 */
open: number, 
/**
 * Closed issues, pull requests not counted.
 */
closed: number, 
/**
 * When it was closed.
 */
closed_at: string | null, };

/**
 * The milestones screen: the plan beside GitHub's state.
 */
export type Milestones = { 
/**
 * The project.
 */
project: ProjectHeader, 
/**
 * Today in the project's zone, `YYYY-MM-DD`.
 */
today: string, 
/**
 * Stages in the plan's order.
 */
stages: Array<StageDetail>, 
/**
 * GitHub milestones that belong to no stage.
 */
unlinked: Array<MilestoneFact>, 
/**
 * What was odd about the plan.
 */
diagnostics: Array<PlanDiagnostic>, 
/**
 * What stands before the first stage.
 */
preamble: Array<PlanNote>, 
/**
 * How old GitHub's part is.
 */
sync: SyncState, };

/**
 * A credential to store. One way: it cannot be serialised.
 */
export type NewCredential = { 
/**
 * Name, e.g. `DATABASE_URL`.
 */
name: string, 
/**
 * The value.
 */
value: string, };

/**
 * Makes a project: writes jalon.toml, and the plan when one of Jalon's is chosen. Overwrites nothing.
 */
export type NewProject = { 
/**
 * Folder.
 */
dir: string, 
/**
 * Name.
 */
name: string, 
/**
 * `owner/name`, or none.
 */
github: string | null, 
/**
 * IANA time zone.
 */
timezone: string, 
/**
 * Where the plan comes from.
 */
plan: PlanChoice, };

/**
 * The overview: where do we stand, what is due next, what is at risk.
 */
export type Overview = { 
/**
 * The project.
 */
project: ProjectHeader, 
/**
 * Today in the project's zone, `YYYY-MM-DD`.
 */
today: string, 
/**
 * Stages in the plan's order.
 */
stages: Array<StageBrief>, 
/**
 * What needs attention, worst first.
 */
risks: Array<Risk>, 
/**
 * What is due next, nearest first; finished stages left out.
 */
due_next: Array<Due>, 
/**
 * Issues closed last, newest first.
 */
lately: Array<ClosedIssue>, 
/**
 * How old GitHub's part is.
 */
sync: SyncState, 
/**
 * How many diagnostics the plan has.
 */
diagnostics: number, };

/**
 * A token that was pasted. One way: it cannot be serialised.
 */
export type PastedToken = { 
/**
 * The token.
 */
token: string, };

/**
 * A document that reads as a plan.
 */
export type PlanCandidate = { 
/**
 * Relative to the folder, with `/`.
 */
path: string, 
/**
 * Its title.
 */
title: string | null, 
/**
 * How many stages it has.
 */
stages: number, 
/**
 * How many of them have a deadline.
 */
deadlines: number, };

/**
 * Where a new project's plan comes from.
 */
export type PlanChoice = { "kind": "existing", 
/**
 * Relative to the folder.
 */
path: string, } | { "kind": "template", 
/**
 * Language of the plan.
 */
language: Language, 
/**
 * First day, `YYYY-MM-DD`.
 */
starts_on: string, };

/**
 * A deadline: one day (`from` = `to`) or a span of days.
 */
export type PlanDeadline = { 
/**
 * First day, `YYYY-MM-DD`.
 */
from: string, 
/**
 * Last day, `YYYY-MM-DD`.
 */
to: string, 
/**
 * As written in the plan.
 */
text: string, };

/**
 * Something odd about the document.
 */
export type PlanDiagnostic = { 
/**
 * Stable name, e.g. `plan.date_impossible`.
 */
code: string, 
/**
 * English sentence: what, and what to do.
 */
message: string, 
/**
 * The document's words at that place.
 */
excerpt: string, 
/**
 * 1-based line.
 */
line: number, 
/**
 * 1-based column, in characters.
 */
column: number, };

/**
 * An activity, deliverable, extra or bonus step.
 */
export type PlanItem = { 
/**
 * Plain text, markup removed.
 */
text: string, 
/**
 * Items nested below.
 */
children: Array<PlanItem>, 
/**
 * Ticked or not, for task lists.
 */
done: boolean | null, 
/**
 * Links of the text.
 */
links: Array<PlanLink>, 
/**
 * 1-based line.
 */
line: number, };

/**
 * A link inside a text.
 */
export type PlanLink = { 
/**
 * Words of the link.
 */
text: string, 
/**
 * Target as written.
 */
url: string, };

/**
 * Text that fits no list.
 */
export type PlanNote = { 
/**
 * Plain text; tables, code and HTML as written.
 */
text: string, 
/**
 * What kind of text.
 */
kind: PlanNoteKind, 
/**
 * Heading or admonition title above it.
 */
title: string | null, 
/**
 * Links of the text.
 */
links: Array<PlanLink>, 
/**
 * 1-based line.
 */
line: number, };

/**
 * Kind of a [`PlanNote`].
 */
export type PlanNoteKind = "statement" | "admonition" | "paragraph" | "list" | "table" | "code" | "html";

/**
 * One step of work that takes over a second.
 */
export type Progress = { 
/**
 * What is being done.
 */
step: Step, 
/**
 * Units done so far.
 */
done: number, 
/**
 * Units in all, when known.
 */
total: number | null, };

/**
 * Names a project by its folder.
 */
export type ProjectDir = { 
/**
 * Folder, absolute or relative to the working folder.
 */
dir: string, };

/**
 * The open project.
 */
export type ProjectHeader = { 
/**
 * Folder, absolute.
 */
dir: string, 
/**
 * Name from jalon.toml.
 */
name: string, 
/**
 * `owner/name` on GitHub.
 */
github: string | null, 
/**
 * Planning document, relative to the folder.
 */
plan: string | null, 
/**
 * IANA time zone.
 */
timezone: string, };

/**
 * What Jalon found in a folder, and proposes.
 */
export type Proposal = { 
/**
 * Folder, absolute.
 */
dir: string, 
/**
 * Whether a jalon.toml is there already.
 */
configured: boolean, 
/**
 * Whether it is a git clone.
 */
git: boolean, 
/**
 * Proposed name.
 */
name: string, 
/**
 * GitHub repository of the remote `origin`.
 */
github: string | null, 
/**
 * Documents that read as plans, best first.
 */
plans: Array<PlanCandidate>, 
/**
 * Proposed IANA time zone.
 */
timezone: string, };

/**
 * A project opened before.
 */
export type RecentProject = { 
/**
 * Folder, absolute.
 */
dir: string, 
/**
 * Name it had.
 */
name: string, 
/**
 * When it was last opened.
 */
opened_at: string, };

/**
 * Something that needs attention. The window makes the sentence from `code` and `params`.
 */
export type Risk = { 
/**
 * What.
 */
code: RiskCode, 
/**
 * What the sentence is about.
 */
params: { [key in string]: string }, 
/**
 * How bad.
 */
severity: Severity, 
/**
 * Key of the stage.
 */
stage: string | null, 
/**
 * English sentence.
 */
message: string, };

/**
 * Kinds of [`Risk`], with their params.
 */
export type RiskCode = "overdue" | "behind_pace" | "due_soon" | "nothing_tells" | "milestone_missing" | "dates_differ" | "no_deadline" | "no_issues" | "unassigned";

/**
 * Names the project's repository in jalon.toml; the rest of the file stays as it was.
 */
export type SetRepository = { 
/**
 * Folder.
 */
dir: string, 
/**
 * `owner/name`.
 */
github: string, };

/**
 * What one person chose; kept in the data folder.
 */
export type Settings = { 
/**
 * `en`, `fr`, or none for the system's.
 */
language: Language | null, 
/**
 * Light, dark, or the system's.
 */
theme: Theme, 
/**
 * Whether single keys such as G O act.
 */
single_keys: boolean, 
/**
 * Client id of the OAuth app for sign-in by code.
 */
device_client_id: string | null, };

/**
 * Changes to [`Settings`]; what is absent stays.
 */
export type SettingsChange = { 
/**
 * New language; `system` clears it.
 */
language?: LanguageChoice, 
/**
 * New theme.
 */
theme?: Theme, 
/**
 * New value.
 */
single_keys?: boolean, 
/**
 * New client id; empty clears it.
 */
device_client_id?: string, };

/**
 * How bad a [`Risk`] is.
 */
export type Severity = "bad" | "warn" | "info";

/**
 * A stage as the stage bar and the timeline show it.
 */
export type StageBrief = { 
/**
 * Names the stage in calls: its number (`3`), or for unnumbered sections the slug of its title.
 */
key: string, 
/**
 * Number; none for sections such as the defence.
 */
number: number | null, 
/**
 * Title without `Stage N:`.
 */
title: string, 
/**
 * Day after the previous deadline, `YYYY-MM-DD`; the plan names no starts.
 */
start: string | null, 
/**
 * First and last day of the deadline.
 */
deadline: PlanDeadline | null, 
/**
 * How it stands.
 */
state: StageState, 
/**
 * Share of work done, 0..1; none where nothing tells.
 */
done: number | null, 
/**
 * Open issues of its milestone.
 */
open: number, 
/**
 * Closed issues of its milestone.
 */
closed: number, 
/**
 * Day it was finished, where it is.
 */
finished_on: string | null, 
/**
 * Days from today to the deadline; negative once it passed.
 */
days_left: number | null, 
/**
 * Days it was finished after its deadline, or is overdue; 0 when in time.
 */
days_late: number, 
/**
 * Number of the milestone on GitHub.
 */
milestone: number | null, 
/**
 * Forecast, where one can be made.
 */
forecast: Forecast | null, };

/**
 * A stage with everything the plan and GitHub say of it.
 */
export type StageDetail = { 
/**
 * The stage.
 */
brief: StageBrief, 
/**
 * Activities, nested as written.
 */
activities: Array<PlanItem>, 
/**
 * Deliverables.
 */
deliverables: Array<PlanItem>, 
/**
 * Extras.
 */
extras: Array<PlanItem>, 
/**
 * Bonus steps.
 */
bonus: Array<PlanItem>, 
/**
 * Everything else the plan says.
 */
notes: Array<PlanNote>, 
/**
 * 1-based line in the plan.
 */
line: number, 
/**
 * GitHub's milestone.
 */
milestone: MilestoneFact | null, 
/**
 * How the milestone was found.
 */
link: LinkKind | null, 
/**
 * Milestone the plan links to, though it is not on GitHub (or not read yet).
 */
missing_milestone: number | null, 
/**
 * Issues of the milestone, open first, pull requests left out.
 */
issues: Array<IssueFact>, 
/**
 * Pull requests of the milestone.
 */
pull_requests: Array<IssueFact>, 
/**
 * What needs attention.
 */
risks: Array<Risk>, };

/**
 * How a stage stands.
 */
export type StageState = "done" | "under_way" | "at_risk" | "overdue" | "to_come" | "unknown";

/**
 * Everything the first frame of the window needs, in one answer.
 */
export type Start = { 
/**
 * Jalon's version.
 */
version: string, 
/**
 * `linux`, `macos` or `windows`.
 */
platform: string, 
/**
 * The engine's time.
 */
now: string, 
/**
 * Personal settings.
 */
settings: Settings, 
/**
 * The project that was open last, if it still can be opened.
 */
project: ProjectHeader | null, 
/**
 * Why the last project could not be opened.
 */
project_error: WireError | null, 
/**
 * Projects opened before, newest first.
 */
recent: Array<RecentProject>, 
/**
 * Where secrets would go.
 */
keychain: Keychain, };

/**
 * Steps that report progress.
 */
export type Step = "inspecting" | "milestones" | "issues" | "storing" | "waiting_for_code";

/**
 * What a sync did.
 */
export type SyncOutcome = { 
/**
 * Repository, `owner/name`.
 */
repository: string, 
/**
 * When GitHub was read.
 */
synced_at: string, 
/**
 * Milestones stored.
 */
milestones: number, 
/**
 * Issues stored, pull requests not counted.
 */
issues: number, 
/**
 * Pull requests stored.
 */
pull_requests: number, 
/**
 * Pages GitHub had to send.
 */
pages_read: number, 
/**
 * Pages GitHub answered with "not modified", which cost nothing.
 */
pages_unchanged: number, };

/**
 * How old GitHub's part is, and why.
 */
export type SyncState = { 
/**
 * When GitHub was last read in full.
 */
synced_at: string | null, 
/**
 * When it was last tried.
 */
tried_at: string | null, 
/**
 * What the last try said, if it failed.
 */
error: WireError | null, 
/**
 * Whether a token is at hand.
 */
signed_in: boolean, };

/**
 * Colours of the window.
 */
export type Theme = "system" | "light" | "dark";

/**
 * What the window and `jalonctl` are told when something fails. The window turns `code` into words and an action of
 * its own language; `message` is the English sentence that `jalonctl` prints. Nobody matches on the message.
 */
export type WireError = { 
/**
 * Stable name, `room.what`, listed in [`crate::contract::ERROR_CODES`].
 */
code: string, 
/**
 * What the sentence is about: paths, names, counts, times. Never a secret.
 */
params: { [key in string]: string }, 
/**
 * English: what happened, to what.
 */
message: string, 
/**
 * English: what to do next, most useful first.
 */
hints: Array<string>, };

/** Every command, by name. */
export interface Commands {
  /** Everything the first frame needs. */
  start: { params: null; result: Start };
  /** Changes personal settings; what is absent stays. */
  change_settings: { params: SettingsChange; result: Settings };
  /** Looks through a folder and proposes a project. */
  inspect_project: { params: ProjectDir; result: Proposal };
  /** Writes jalon.toml (and a plan of Jalon's, when chosen) and opens the project. */
  create_project: { params: NewProject; result: ProjectHeader };
  /** Opens a project and remembers it. */
  open_project: { params: ProjectDir; result: ProjectHeader };
  /** Closes the open project: the next start begins with the choice. */
  close_project: { params: null; result: null };
  /** Takes a project out of the list of recent ones; its folder is left alone. */
  forget_project: { params: ProjectDir; result: null };
  /** Names the project's GitHub repository in jalon.toml. */
  set_repository: { params: SetRepository; result: ProjectHeader };
  /** Where the project stands. */
  overview: { params: ProjectDir; result: Overview };
  /** The plan beside GitHub's state. */
  milestones: { params: ProjectDir; result: Milestones };
  /** Brings a stage and a milestone together by hand. */
  link_stage: { params: LinkStage; result: Milestones };
  /** Reads milestones and issues from GitHub. Reports progress; can be cancelled. */
  sync: { params: ProjectDir; result: SyncOutcome };
  /** Who is signed in. */
  auth_status: { params: null; result: AuthStatus };
  /** Signs in with a pasted token, after asking GitHub whose it is. */
  auth_token: { params: PastedToken; result: AuthStatus };
  /** Signs in with the token of GitHub's command line. */
  auth_gh: { params: null; result: AuthStatus };
  /** Asks GitHub for a code to enter. */
  auth_device_start: { params: null; result: DeviceCode };
  /** Waits until the code is entered. Can be cancelled. */
  auth_device_finish: { params: null; result: AuthStatus };
  /** Removes the token. */
  auth_logout: { params: null; result: AuthStatus };
  /** Names and ages of credentials. */
  credentials_list: { params: null; result: Credentials };
  /** Stores or replaces a credential. */
  credentials_set: { params: NewCredential; result: Credentials };
  /** Removes a credential. */
  credentials_remove: { params: CredentialName; result: Credentials };
  /** Looks for the keychain again. */
  keychain_retry: { params: null; result: Keychain };
  /** What is in order, and what is missing. */
  doctor: { params: null; result: Doctor };
}

/** Every code that a WireError can carry. */
export const ERROR_CODES = [
  "credentials.keychain_absent",
  "credentials.keychain_failed",
  "credentials.keychain_locked",
  "credentials.name_invalid",
  "credentials.not_found",
  "credentials.value_invalid",
  "engine.bad_request",
  "engine.cancelled",
  "github.cut_off",
  "github.device_denied",
  "github.device_expired",
  "github.device_refused",
  "github.device_unconfigured",
  "github.forbidden",
  "github.gh_missing",
  "github.gh_not_signed_in",
  "github.no_repository",
  "github.not_found",
  "github.not_json",
  "github.not_signed_in",
  "github.rate_limited",
  "github.redirect_elsewhere",
  "github.server",
  "github.timeout",
  "github.token_refused",
  "github.unreachable",
  "plan.missing",
  "plan.unreadable",
  "project.config_invalid",
  "project.exists",
  "project.no_config",
  "project.not_a_folder",
  "project.not_found",
  "project.not_writable",
  "project.repository_invalid",
  "project.timezone_unknown",
  "project.unreadable",
  "stage.unknown",
  "store.busy",
  "store.damaged",
  "store.failed",
  "store.newer",
] as const;
