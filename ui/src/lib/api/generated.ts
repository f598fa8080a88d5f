// Generated from src-tauri/crates/engine/src/contract.rs by `cargo xtask generate`. Do not edit.

/**
 * Who acknowledged an alarm, and when.
 */
export type Acknowledgement = { 
/**
 * When, RFC 3339.
 */
at: string, 
/**
 * Login, where somebody is signed in.
 */
by: string | null, };

/**
 * One condition of an action.
 */
export type ActionCheck = { 
/**
 * `recent_deployment`, `previous_release`, `no_migration`, `cooldown`, `limit`, `state`.
 */
id: string, 
/**
 * Whether it is met.
 */
met: boolean, 
/**
 * English fact.
 */
message: string, 
/**
 * What the fact is about.
 */
params: { [key in string]?: string }, };

/**
 * Confirms an alarm's proposed action.
 */
export type AlarmAct = { 
/**
 * Folder of the project.
 */
dir: string, 
/**
 * The alarm.
 */
id: string, 
/**
 * The environment's name, typed.
 */
confirm?: string, };

/**
 * Names an alarm.
 */
export type AlarmId = { 
/**
 * Folder of the project.
 */
dir: string, 
/**
 * The alarm.
 */
id: string, };

/**
 * States of an alarm.
 */
export type AlarmState = "firing" | "recovering" | "pending" | "error" | "no_data" | "unknown" | "ok";

/**
 * One alarm.
 */
export type AlarmView = { 
/**
 * Names it in calls.
 */
id: string, 
/**
 * `jalon` or `prometheus`.
 */
source: string, 
/**
 * Indicator, or Prometheus' alert name.
 */
name: string, 
/**
 * Environment.
 */
environment: string | null, 
/**
 * Service.
 */
service: string | null, 
/**
 * How it is.
 */
state: AlarmState, 
/**
 * Since when, RFC 3339.
 */
since: string | null, 
/**
 * Last value.
 */
value: number | null, 
/**
 * Unit of the value.
 */
unit: string | null, 
/**
 * The rule, such as `> 1 for 2m, clears < 0.5`.
 */
rule: string, 
/**
 * English: what the error or missing data is about, or the alert's own words.
 */
message: string | null, 
/**
 * Until when it is silenced, RFC 3339.
 */
silenced_until: string | null, 
/**
 * When a person acknowledged it, and who.
 */
acknowledged: Acknowledgement | null, 
/**
 * What probably caused it: correlated, not proven.
 */
suspect: Suspect | null, 
/**
 * What could be done; none where nothing is allowed.
 */
action: ProposedAction | null, };

/**
 * All alarms of a project.
 */
export type Alarms = { 
/**
 * Jalon's and Prometheus' own, firing ones first.
 */
alarms: Array<AlarmView>, 
/**
 * When they were evaluated.
 */
as_of: string, 
/**
 * Why a Prometheus could not be asked for its alerts: its alarms are missing then.
 */
problems: Array<WireError>, };

/**
 * One attribute of a change.
 */
export type AttributeChange = { 
/**
 * Path, such as `scaling_config.0.desired_size`.
 */
path: string, 
/**
 * Before.
 */
before: ValueView, 
/**
 * After.
 */
after: ValueView, 
/**
 * Whether it is why the resource is replaced.
 */
forces_replacement: boolean, };

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
 * A candidate.
 */
export type Candidate = { 
/**
 * Surname and first name; empty until the student fills it in.
 */
name: string, 
/**
 * Login.
 */
login: string, 
/**
 * Surname and first name of the tutor.
 */
tutor: string, };

/**
 * A named cause.
 */
export type Cause = { 
/**
 * `crash_loop`, `out_of_memory`, `image`, `configuration`, `network`, `unschedulable`, `probe`, `quota`, `storage`,
 * `rollout_stuck`, `node`, `forbidden` or `unknown`.
 */
id: string, 
/**
 * Object it was seen at: `Pod/web-5c…`.
 */
object: string, 
/**
 * What the advice is about: `image`, `container`, `exit_code`, `missing`, `quota`, `reason` ….
 */
params: { [key in string]?: string }, 
/**
 * English sentence that names the cause.
 */
message: string, 
/**
 * Events, states and log lines that show it, in the cluster's own words.
 */
evidence: Array<string>, };

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
 * What the clone is at.
 */
export type CloneState = { 
/**
 * Commit checked out.
 */
head: CommitLine, 
/**
 * Branch checked out; none when detached.
 */
branch: string | null, 
/**
 * Files that are changed and not committed, at most 100.
 */
changed: Array<string>, 
/**
 * Versions that can be deployed, newest first: tags, branches, last commits.
 */
versions: Array<CommitLine>, };

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
 * What is new of a service on a cluster: of thousands of pods the one that changed.
 */
export type ClusterNews = { 
/**
 * The view. With a `since`, its workloads have those pods alone that are new or changed.
 */
view: ClusterView, 
/**
 * The revision that was asked with, to whose view this one is the difference; none where it is whole.
 */
since: number | null, 
/**
 * Names of pods that are gone since, by their workload: `Deployment/web`.
 */
gone: { [key in string]: Array<string> }, 
/**
 * Whether the events are those of before, and left out.
 */
same_events: boolean, };

/**
 * Where on a cluster an environment is.
 */
export type ClusterPlace = { 
/**
 * Context of the kubeconfig.
 */
context: string, 
/**
 * Namespace.
 */
namespace: string, 
/**
 * Whether this context may only read there.
 */
read_only: boolean, };

/**
 * Names a service in an environment.
 */
export type ClusterQuery = { 
/**
 * Folder of the project.
 */
dir: string, 
/**
 * Service.
 */
service: string, 
/**
 * Environment.
 */
environment: string, };

/**
 * A service on a cluster.
 */
export type ClusterView = { 
/**
 * Context of the kubeconfig.
 */
context: string, 
/**
 * Namespace.
 */
namespace: string, 
/**
 * Host of the API server.
 */
server: string, 
/**
 * Whether this context may only read here.
 */
read_only: boolean, 
/**
 * Why the cluster cannot be read; what was read before is shown then.
 */
error: WireError | null, 
/**
 * Worst of the workloads.
 */
health: WorkloadHealth, 
/**
 * Workloads of the service, worst first.
 */
workloads: Array<Workload>, 
/**
 * Events about them, newest first, at most 100.
 */
events: Array<EventLine>, 
/**
 * When it was read.
 */
as_of: string, 
/**
 * Changes whenever the view does.
 */
revision: number, };

/**
 * Waits for news of a service on a cluster.
 */
export type ClusterWatch = { 
/**
 * Folder of the project.
 */
dir: string, 
/**
 * Service.
 */
service: string, 
/**
 * Environment.
 */
environment: string, 
/**
 * The `revision` of the answer before, 0 at first.
 */
revision: number, };

/**
 * A commit as people see it.
 */
export type CommitLine = { 
/**
 * Version as people say it: its tag, else the short commit.
 */
version: string, 
/**
 * Full commit.
 */
commit: string, 
/**
 * First line of its message.
 */
subject: string, 
/**
 * When it was committed.
 */
committed: string, 
/**
 * Branch whose tip it is, where it is one.
 */
branch: string | null, };

/**
 * How a condition stands.
 */
export type ConditionState = "met" | "unmet" | "pending" | "unknown" | "at_the_end";

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
 * Asks for a deployment.
 */
export type DeployRequest = { 
/**
 * Folder of the project.
 */
dir: string, 
/**
 * Service.
 */
service: string, 
/**
 * Environment.
 */
environment: string, 
/**
 * Tag, branch or commit; what is checked out by default.
 */
version?: string, 
/**
 * `rolling` or `blue-green`; the service's by default.
 */
strategy?: string, 
/**
 * `planned` (default) or `rework`: brought forward by an incident.
 */
kind?: string, 
/**
 * The environment's name, typed.
 */
confirm?: string, 
/**
 * Only what would happen.
 */
dry_run?: boolean, };

/**
 * A deployment on the time axis.
 */
export type DeploymentMark = { 
/**
 * Run.
 */
run: string, 
/**
 * Version.
 */
version: string, 
/**
 * When it was done, RFC 3339.
 */
at: string, 
/**
 * `deploy` or `rollback`.
 */
kind: string, 
/**
 * Whether it succeeded.
 */
succeeded: boolean, };

/**
 * The deployments screen: environments side by side, the gate between them, the history.
 */
export type Deployments = { 
/**
 * The project.
 */
project: ProjectHeader, 
/**
 * Names of all services, in jalon.toml's order; empty where it names none.
 */
services: Array<string>, 
/**
 * The service shown.
 */
service: string | null, 
/**
 * What has to be trusted before anything of this repository runs; none once it is.
 */
trust: TrustRequest | null, 
/**
 * What the clone is at; none until it is trusted, or where it is no clone.
 */
clone: CloneState | null, 
/**
 * Why the clone cannot be read.
 */
clone_error: WireError | null, 
/**
 * Environments in jalon.toml's order.
 */
environments: Array<EnvironmentView>, 
/**
 * Gates: one for each environment that promotes from another.
 */
gates: Array<GateView>, 
/**
 * Who rolls it out instead of Jalon; none where Jalon does.
 */
owner: ServiceOwner | null, 
/**
 * Runs of this service, newest first, at most 50.
 */
history: Array<RunRow>, 
/**
 * How many runs of this service there are in all.
 */
runs: number, 
/**
 * How many of them in production.
 */
runs_production: number, };

/**
 * Which service the deployments screen shows.
 */
export type DeploymentsQuery = { 
/**
 * Folder of the project.
 */
dir: string, 
/**
 * Name of the service; the first by default.
 */
service?: string, };

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
 * What a deployment would change: the server's own answer to a dry run.
 */
export type Diff = { 
/**
 * Version that was compared.
 */
version: string, 
/**
 * Where: `context/namespace`, or the local target's address.
 */
place: string, 
/**
 * Objects, deletions first, unchanged ones left out.
 */
objects: Array<ObjectChange>, 
/**
 * Objects that stay as they are.
 */
unchanged: number, 
/**
 * What the server warns of, deprecated APIs among them.
 */
warnings: Array<string>, };

/**
 * Asks what a deployment would change.
 */
export type DiffQuery = { 
/**
 * Folder of the project.
 */
dir: string, 
/**
 * Service.
 */
service: string, 
/**
 * Environment.
 */
environment: string, 
/**
 * Tag, branch or commit; what is checked out by default.
 */
version?: string, };

/**
 * `doctor`: one line a thing that can be missing.
 */
export type Doctor = { 
/**
 * What was looked at.
 */
checks: Array<Check>, };

/**
 * What a look at drift found.
 */
export type DriftView = { 
/**
 * Run that looked.
 */
run: string, 
/**
 * When.
 */
at: string, 
/**
 * Resources that are not as the state says.
 */
resources: number, 
/**
 * Outputs that would change.
 */
outputs: number, };

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
 * One environment with what runs in it.
 */
export type EnvironmentView = { 
/**
 * Name.
 */
name: string, 
/**
 * Whether it is production.
 */
production: boolean, 
/**
 * Environment it promotes from.
 */
promotes_from: string | null, 
/**
 * `local` or `kubernetes`.
 */
target: string, 
/**
 * Address of the service; none while its target cannot be used yet.
 */
address: string | null, 
/**
 * `rolling` or `blue-green`.
 */
strategy: string, 
/**
 * Whether changes want its name typed.
 */
confirm_name: boolean, 
/**
 * What serves now.
 */
release: ReleaseView | null, 
/**
 * How it is.
 */
health: Health, 
/**
 * Slots of a blue/green service, live first.
 */
slots: Array<Slot>, 
/**
 * Release that roll back goes to without being told which.
 */
back_to: ReleaseRef | null, 
/**
 * Releases that ran here and can be gone back to, newest first.
 */
releases: Array<ReleaseRef>, 
/**
 * Commits here that the environment promoted into does not have, newest first.
 */
ahead: Array<CommitLine>, 
/**
 * Where on a cluster it is; none for other targets.
 */
cluster: ClusterPlace | null, 
/**
 * Image that serves, its digest included where it is known.
 */
image: string | null, 
/**
 * Pods that are ready, and that are wanted.
 */
replicas: [number, number] | null, 
/**
 * Why it is not healthy, as far as the cluster tells.
 */
cause: Cause | null, 
/**
 * Run that is under way here.
 */
running: string | null, 
/**
 * Last run here, where it did not succeed.
 */
last_failed: RunRow | null, };

/**
 * An event of the cluster.
 */
export type EventLine = { 
/**
 * When it was last seen.
 */
at: string, 
/**
 * Whether it is a warning.
 */
warning: boolean, 
/**
 * `Pod/web-5c…`.
 */
object: string, 
/**
 * Reason.
 */
reason: string, 
/**
 * Message.
 */
message: string, 
/**
 * How often.
 */
count: number, };

/**
 * Asks for an export.
 */
export type ExportRequest = { 
/**
 * Folder of the project.
 */
dir: string, 
/**
 * `docx` or `pdf` for the report, `pptx` or `pdf` for the slides.
 */
format: string, 
/**
 * The file; one in the default folder by default.
 */
out?: string, 
/**
 * Login of the candidate, for the cover; all of them by default.
 */
candidate?: string, };

/**
 * A file that was written.
 */
export type Exported = { 
/**
 * Absolute path.
 */
path: string, 
/**
 * When.
 */
at: string, 
/**
 * Bytes.
 */
size: number, 
/**
 * Whether the file is still there as it was written.
 */
unchanged: boolean, 
/**
 * What is left out or left to fill in: English sentences.
 */
notes: Array<string>, };

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
 * One condition of a gate.
 */
export type GateCondition = { 
/**
 * Which: `ran_before`, `checks`, `check` (one for each check of the repository), `clean_tree`, `name_typed`.
 */
id: string, 
/**
 * How it stands.
 */
state: ConditionState, 
/**
 * Names the fact: `ran_before.` healthy, earlier, unhealthy, dirty, failed, never, nowhere, unknown; `checks.` not_asked,
 * passed, failed, running, will_run, no_command, unknown, and of the repository's: absent, all_unreadable,
 * all_unnamed, unreadable; `check.` green, red, pending, cancelled, absent, unreadable, wrong_commit;
 * `clean_tree.` clean, dirty, unknown; `name_typed`.
 */
fact: string, 
/**
 * What the fact is about: `environment`, `commit`, `version`, `at`, `files`, `summary`, `name`; of a check also
 * `state`, `url`, `word` (GitHub's own), `about` (the commit that it speaks of instead); of checks that cannot be
 * read also `code` (an error's), `reason`, `fix`.
 */
params: { [key in string]?: string }, 
/**
 * English sentence of the fact.
 */
message: string, };

/**
 * The gate before an environment.
 */
export type GateView = { 
/**
 * Environment promoted from.
 */
from: string, 
/**
 * Environment promoted to.
 */
to: string, 
/**
 * Release that would be promoted.
 */
candidate: ReleaseRef | null, 
/**
 * Whether a promotion may be asked for.
 */
open: boolean, 
/**
 * Every condition with its fact.
 */
conditions: Array<GateCondition>, };

/**
 * A workspace of HCP Terraform.
 */
export type HcpWorkspace = { 
/**
 * Organization, where it is known.
 */
organization: string | null, 
/**
 * Workspace, by name or by tags.
 */
workspace: string, 
/**
 * Where that stands: `jalon.toml`, `cloud block` or a workflow's path.
 */
found_in: string, };

/**
 * How a service is.
 */
export type Health = { 
/**
 * How.
 */
state: HealthState, 
/**
 * English: the facts, such as `503 from /health` or `exit status 1`.
 */
detail: string | null, 
/**
 * When it was last asked.
 */
checked: string | null, };

/**
 * How a service is.
 */
export type HealthState = "healthy" | "failing" | "crashed" | "empty" | "stopped" | "lost" | "unknown";

/**
 * An indicator and how it is.
 */
export type IndicatorView = { 
/**
 * Name.
 */
name: string, 
/**
 * PromQL, or the probe in words.
 */
query: string, 
/**
 * Unit, as jalon.toml says.
 */
unit: string | null, 
/**
 * Rule that raises, such as `> 1`.
 */
raise: string, 
/**
 * Rule that clears.
 */
clear: string | null, 
/**
 * Seconds it has to hold.
 */
for_seconds: number, 
/**
 * Last value; none where there is none.
 */
value: number | null, 
/**
 * How it is.
 */
state: AlarmState, 
/**
 * Since when, RFC 3339.
 */
since: string | null, 
/**
 * Weight among the health points.
 */
weight: number, };

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
 * One KPI.
 */
export type Kpi = { 
/**
 * `deployment_cycle_time`, …
 */
id: string, 
/**
 * In `unit`; none without data.
 */
value: number | null, 
/**
 * `s`, `per_week` or `ratio`.
 */
unit: string, 
/**
 * What it was computed from.
 */
n: number, 
/**
 * 95 % interval in `unit`.
 */
interval: [number, number] | null, 
/**
 * What was left out and how often, by reason.
 */
excluded: { [key in string]: number }, 
/**
 * Whether there is data.
 */
state: KpiState, 
/**
 * Formula in words of code.
 */
formula: string, 
/**
 * Secondary figures by name, in `unit`.
 */
also: { [key in string]: number }, 
/**
 * DORA's band, where the interval fits in one.
 */
band: string | null, 
/**
 * What it was computed from, oldest first.
 */
events: Array<KpiEvent>, };

/**
 * One event behind a KPI.
 */
export type KpiEvent = { 
/**
 * Run, commit or incident.
 */
id: string, 
/**
 * Version or short commit.
 */
label: string, 
/**
 * When it ended.
 */
at: string, 
/**
 * Its value in the KPI's unit, or 1 and 0 for rates.
 */
value: number | null, 
/**
 * What is special: `rollback`, `rework`, `2 attempts`, `failed`.
 */
mark: string | null, };

/**
 * Which KPIs.
 */
export type KpiQuery = { 
/**
 * Folder of the project.
 */
dir: string, 
/**
 * Environment; all of production by default.
 */
environment?: string, 
/**
 * First day, `YYYY-MM-DD`; the project's first by default.
 */
from?: string, 
/**
 * Day after the last, `YYYY-MM-DD`; now by default.
 */
to?: string, };

/**
 * Whether there is data.
 */
export type KpiState = "ok" | "no_data";

/**
 * A week of attempts.
 */
export type KpiWeek = { 
/**
 * Its Monday, `YYYY-MM-DD`.
 */
monday: string, 
/**
 * Successful attempts.
 */
succeeded: number, 
/**
 * Failed attempts.
 */
failed: number, 
/**
 * Whether the window holds only part of it.
 */
partial: boolean, };

/**
 * `kpis --json`.
 */
export type Kpis = { 
/**
 * Start of the window, inclusive.
 */
from: string, 
/**
 * End of the window, exclusive.
 */
to: string, 
/**
 * Environment; none for all of production.
 */
environment: string | null, 
/**
 * Environments that have runs or are configured, production first.
 */
environments: Array<string>, 
/**
 * KPIs in the design's order.
 */
kpis: Array<Kpi>, 
/**
 * Attempts by week, oldest first.
 */
weeks: Array<KpiWeek>, };

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
 * Part of a log: `runs log`, `logs`.
 */
export type Log = { 
/**
 * Oldest first.
 */
lines: Array<LogLine>, };

/**
 * One masked line of a log.
 */
export type LogLine = { 
/**
 * When it was written.
 */
at: string, 
/**
 * Where it came from: `jalon`, `stdout` or `stderr`.
 */
stream: string, 
/**
 * The text; masked values read `•••`.
 */
text: string, 
/**
 * Release it belongs to, in the log of a service.
 */
release: string | null, };

/**
 * Asks for a service's log.
 */
export type LogQuery = { 
/**
 * Folder of the project.
 */
dir: string, 
/**
 * Service.
 */
service: string, 
/**
 * Environment.
 */
environment: string, 
/**
 * Last so many lines; 500 by default.
 */
lines?: number, };

/**
 * Answer of a PromQL query, in the shape of Prometheus' own HTTP API: `{ status, data: { resultType, result } }`.
 */
export type MetricsAnswer = { status: string, data: { resultType: string, result: unknown } };

/**
 * A PromQL query over the own store or the environment's Prometheus.
 */
export type MetricsQuery = { 
/**
 * Folder of the project.
 */
dir: string, 
/**
 * Environment; production by default, else the first.
 */
environment?: string, 
/**
 * PromQL.
 */
query: string, 
/**
 * For a range: its start, RFC 3339 or seconds since 1970.
 */
from?: string, 
/**
 * Its end, or the time of an instant query; now by default.
 */
to?: string, 
/**
 * Step of a range in seconds.
 */
step?: number, };

/**
 * Where samples come from, and how that is.
 */
export type MetricsSource = { 
/**
 * `own` (Jalon's scraper), `prometheus`, or `none` where nothing names metrics.
 */
kind: string, 
/**
 * Address of what is scraped or asked.
 */
address: string | null, 
/**
 * Seconds between two samples, where Jalon scrapes.
 */
interval: number | null, 
/**
 * When it last answered.
 */
last: string | null, 
/**
 * Why it did not answer the last time.
 */
error: WireError | null, 
/**
 * What it warns of.
 */
warnings: Array<string>, };

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
 * The monitoring screen.
 */
export type Monitoring = { 
/**
 * The project.
 */
project: ProjectHeader, 
/**
 * What has to be trusted before anything of this repository is scraped; none once it is.
 */
trust: TrustRequest | null, 
/**
 * Services of jalon.toml.
 */
services: Array<string>, 
/**
 * Environments of jalon.toml, in order, and whether each is production.
 */
environments: Array<[string, boolean]>, 
/**
 * Service shown.
 */
service: string | null, 
/**
 * Environment shown.
 */
environment: string | null, 
/**
 * Where the samples come from.
 */
source: MetricsSource, 
/**
 * Window shown, RFC 3339.
 */
from: string, 
/**
 * Its end.
 */
to: string, 
/**
 * The four golden signals: latency, errors, traffic, saturation.
 */
signals: Array<Signal>, 
/**
 * Deployments within the window.
 */
deployments: Array<DeploymentMark>, 
/**
 * Indicators of jalon.toml in this environment.
 */
indicators: Array<IndicatorView>, 
/**
 * Alarms of this service and environment, firing ones first.
 */
alarms: Array<AlarmView>, };

/**
 * Which part of monitoring is shown.
 */
export type MonitoringQuery = { 
/**
 * Folder of the project.
 */
dir: string, 
/**
 * Service; the first by default.
 */
service?: string, 
/**
 * Environment; production by default, else the first.
 */
environment?: string, 
/**
 * Seconds up to now; an hour by default.
 */
range?: number, 
/**
 * Pixels of a plot's width: how many points are worth sending; 600 by default.
 */
width?: number, };

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
 * Where the sample is written.
 */
export type NewSample = { 
/**
 * Folder, not there yet or empty; one in the person's home by default.
 */
dir?: string, 
/**
 * Language of its plan and texts.
 */
language: Language, 
/**
 * Ports of dev and prod; free ones by default.
 */
ports?: [number, number], };

/**
 * What happens to an object.
 */
export type ObjectAction = "delete" | "update" | "create";

/**
 * An object that would change.
 */
export type ObjectChange = { 
/**
 * What happens.
 */
action: ObjectAction, 
/**
 * Kind.
 */
kind: string, 
/**
 * Name.
 */
name: string, 
/**
 * Namespace; none for objects of the whole cluster.
 */
namespace: string | null, 
/**
 * Fields that change, by path; values of Secrets are masked.
 */
fields: Array<AttributeChange>, 
/**
 * Another owner of the object or of a field of it: then it is refused.
 */
owner: string | null, };

/**
 * An output.
 */
export type OutputValue = { 
/**
 * Name.
 */
name: string, 
/**
 * Value; masked where it is sensitive.
 */
value: ValueView, };

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
 * What happens to a resource.
 */
export type PlanAction = "destroy" | "replace" | "update" | "create" | "read" | "forget" | "move" | "import";

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
 * One change of a plan.
 */
export type PlanChange = { 
/**
 * Address of the resource.
 */
address: string, 
/**
 * Address before it moved.
 */
previous_address: string | null, 
/**
 * Type of the resource.
 */
resource: string, 
/**
 * What happens.
 */
action: PlanAction, 
/**
 * Whether a replacement is created before the old one is destroyed.
 */
create_first: boolean, 
/**
 * The tool's own name of the cause, such as `replace_because_tainted`; none where it gives none.
 */
reason: string | null, 
/**
 * Attributes that change, by path.
 */
attributes: Array<AttributeChange>, };

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
 * How many resources a plan touches.
 */
export type PlanCounts = { 
/**
 * Created.
 */
create: number, 
/**
 * Updated in place.
 */
update: number, 
/**
 * Replaced.
 */
replace: number, 
/**
 * Destroyed.
 */
destroy: number, 
/**
 * Left as they are.
 */
unchanged: number, };

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
 * A plot.
 */
export type Plot = { 
/**
 * The picture.
 */
svg: string, 
/**
 * Pixels.
 */
width: number, 
/**
 * Pixels.
 */
height: number, 
/**
 * Title, in the language asked for.
 */
title: string, 
/**
 * What it shows, as a sentence with its numbers.
 */
alt: string, 
/**
 * The same as a table; its first row is the header.
 */
table: Array<Array<string>>, 
/**
 * Where its points are, for a cross-hair.
 */
points: Array<PlotPoint>, };

/**
 * A point of a plot.
 */
export type PlotPoint = { 
/**
 * Pixels from the left.
 */
x: number, 
/**
 * Pixels from the top.
 */
y: number, 
/**
 * What it says.
 */
label: string, 
/**
 * Run or week behind it.
 */
id: string, };

/**
 * Which plot, and how it should look.
 */
export type PlotQuery = { 
/**
 * `frequency`, `cycle_time` or `success_rate`.
 */
name: string, 
/**
 * What it shows.
 */
kpis: KpiQuery, 
/**
 * Colours.
 */
theme: PlotTheme, 
/**
 * Language of its words.
 */
language: Language, 
/**
 * Width in pixels, 320..2000.
 */
width: number, 
/**
 * Height in pixels, 160..1200.
 */
height: number, };

/**
 * Colours of a plot.
 */
export type PlotTheme = "light" | "dark" | "print";

/**
 * Asks for a pod's log.
 */
export type PodLogQuery = { 
/**
 * Folder of the project.
 */
dir: string, 
/**
 * Service.
 */
service: string, 
/**
 * Environment.
 */
environment: string, 
/**
 * Pod.
 */
pod: string, 
/**
 * Container; its first by default.
 */
container?: string, 
/**
 * Whether the log of the container before its last restart is meant.
 */
previous?: boolean, };

/**
 * A pod.
 */
export type PodView = { 
/**
 * Name.
 */
name: string, 
/**
 * Status as `kubectl get pods` words it: `Running`, `CrashLoopBackOff`, `Pending` ….
 */
status: string, 
/**
 * Containers that are ready, and that there are.
 */
ready: [number, number], 
/**
 * Restarts of its containers.
 */
restarts: number, 
/**
 * Node, once it has one.
 */
node: string | null, 
/**
 * When it was created.
 */
created: string | null, 
/**
 * Containers, for their logs.
 */
containers: Array<string>, 
/**
 * Why it is not ready.
 */
cause: Cause | null, };

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
 * Asks for a promotion.
 */
export type PromoteRequest = { 
/**
 * Folder of the project.
 */
dir: string, 
/**
 * Service.
 */
service: string, 
/**
 * Environment that has the release.
 */
from: string, 
/**
 * Environment that gets it.
 */
to: string, 
/**
 * The environment's name, typed.
 */
confirm?: string, 
/**
 * The commit that a person saw there: refused where another one serves by now.
 */
commit?: string, };

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
 * An action that a person may confirm.
 */
export type ProposedAction = { 
/**
 * `rollback` or `restart`.
 */
kind: string, 
/**
 * Version it goes back to, for a rollback.
 */
to: string | null, 
/**
 * What has to be true for it.
 */
checks: Array<ActionCheck>, 
/**
 * Whether all of them are.
 */
allowed: boolean, 
/**
 * Whether the environment's name has to be typed.
 */
confirm_name: boolean, };

/**
 * Applies a plan that was shown.
 */
export type ProvisionApply = { 
/**
 * Folder of the project.
 */
dir: string, 
/**
 * Run whose plan waits.
 */
run: string, 
/**
 * The environment's name, typed.
 */
confirm?: string, };

/**
 * A plan as a person reads it: of one run.
 */
export type ProvisionPlan = { 
/**
 * The run that planned, and applies it once it is confirmed.
 */
run: RunRow, 
/**
 * `apply`, `destroy` or `drift`.
 */
mode: string, 
/**
 * Program and version, such as `terraform 1.11.4`.
 */
program: string, 
/**
 * When it was planned.
 */
planned: string | null, 
/**
 * Serial number of the state it was made from; none where there was no state.
 */
serial: number | null, 
/**
 * Commit of the configuration, and whether files were changed beside it.
 */
commit: string | null, 
/**
 * Whether files were changed and not committed.
 */
dirty: boolean, 
/**
 * SHA-256 of the saved plan; none once it is deleted.
 */
digest: string | null, 
/**
 * How many resources are created, updated, replaced, destroyed, and left as they are.
 */
counts: PlanCounts, 
/**
 * Changes, the most dangerous first: destroy, replace, update, create, others.
 */
changes: Array<PlanChange>, 
/**
 * What is not as the state says.
 */
drift: Array<PlanChange>, 
/**
 * Changes of outputs.
 */
outputs: Array<AttributeChange>, 
/**
 * Outputs of the state, where they were read: after it was applied, or where nothing was to be done.
 */
results: Array<OutputValue>, 
/**
 * Warnings and errors of the tool.
 */
diagnostics: Array<ToolDiagnostic>, 
/**
 * Whether it can be applied now.
 */
applicable: boolean, 
/**
 * Why it cannot: stale, discarded, applied.
 */
problem: RunReason | null, };

/**
 * Asks for a plan.
 */
export type ProvisionRequest = { 
/**
 * Folder of the project.
 */
dir: string, 
/**
 * Stack.
 */
stack: string, 
/**
 * Environment.
 */
environment: string, 
/**
 * What is planned: `apply` (default), `destroy`, or `drift`, which only looks.
 */
mode?: string, };

/**
 * Takes a lock off that somebody left.
 */
export type ProvisionUnlock = { 
/**
 * Folder of the project.
 */
dir: string, 
/**
 * Stack.
 */
stack: string, 
/**
 * Environment.
 */
environment: string, 
/**
 * Id of the lock, as it was told.
 */
lock: string, 
/**
 * The environment's name, typed.
 */
confirm?: string, };

/**
 * The provisioning screen: every stack in every environment.
 */
export type Provisioning = { 
/**
 * The project.
 */
project: ProjectHeader, 
/**
 * What has to be trusted before anything of this repository runs; none once it is.
 */
trust: TrustRequest | null, 
/**
 * Stacks in jalon.toml's order; empty where it names none.
 */
stacks: Array<StackView>, 
/**
 * Provisioning runs, newest first, at most 50.
 */
history: Array<RunRow>, };

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
 * A release that ran in an environment.
 */
export type ReleaseRef = { 
/**
 * Run that brought it: what `rollback` takes.
 */
run: string, 
/**
 * Version as people say it.
 */
version: string, 
/**
 * Full commit.
 */
commit: string, 
/**
 * When it was brought.
 */
at: string, };

/**
 * A release that serves.
 */
export type ReleaseView = { 
/**
 * Run that brought it.
 */
run: string, 
/**
 * Version as people say it.
 */
version: string, 
/**
 * Full commit.
 */
commit: string, 
/**
 * Whether files were changed and not committed.
 */
dirty: boolean, 
/**
 * Since when it serves.
 */
since: string, 
/**
 * Login of who brought it.
 */
by: string | null, 
/**
 * Whether another computer's Jalon brought it: there is no run of it here.
 */
elsewhere: boolean, };

/**
 * How much of Jalon's facts there is to tell.
 */
export type ReportFacts = { 
/**
 * Stages of the plan.
 */
stages: number, 
/**
 * Runs of this project.
 */
runs: number, 
/**
 * Finished attempts in production.
 */
attempts: number, };

/**
 * A chapter of the team's own.
 */
export type ReportSource = { 
/**
 * Path below the project.
 */
path: string, 
/**
 * Its first heading, else the file's name.
 */
title: string, 
/**
 * Words in it.
 */
words: number, 
/**
 * Why it cannot be read.
 */
problem: string | null, };

/**
 * The reports screen: what can be exported, and what is missing in it.
 */
export type Reports = { 
/**
 * The project.
 */
project: ProjectHeader, 
/**
 * Title of the report.
 */
title: string | null, 
/**
 * Language the documents are written in.
 */
language: Language, 
/**
 * Candidates of jalon.toml.
 */
candidates: Array<Candidate>, 
/**
 * Chapters of the team's own, in order.
 */
sources: Array<ReportSource>, 
/**
 * What a jury asks for that jalon.toml leaves empty: keys of `[report]`.
 */
missing: Array<string>, 
/**
 * What the documents hold of Jalon's own facts.
 */
facts: ReportFacts, 
/**
 * The report's last export from this computer.
 */
report: Exported | null, 
/**
 * The slides' last export from this computer.
 */
slides: Exported | null, 
/**
 * Folder that exports go to by default.
 */
folder: string, };

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
 * Asks to go back to a release that ran before.
 */
export type RollbackRequest = { 
/**
 * Folder of the project.
 */
dir: string, 
/**
 * Service.
 */
service: string, 
/**
 * Environment.
 */
environment: string, 
/**
 * Run, version or commit of the release; the one before by default.
 */
to?: string, 
/**
 * The environment's name, typed.
 */
confirm?: string, };

/**
 * One journalled change of state.
 */
export type RunChange = { 
/**
 * When.
 */
at: string, 
/**
 * New state.
 */
state: RunState, };

/**
 * A run with its steps: `runs show`.
 */
export type RunDetail = { 
/**
 * Steps in order, those to come included.
 */
steps: Array<RunStep>, 
/**
 * Journalled changes of state, oldest first.
 */
journal: Array<RunChange>, 
/**
 * What a cancelled, failed or interrupted run left behind, or what holds the lock: English sentences.
 */
left_behind: Array<string>, 
/**
 * The `jalonctl` line that asks for the same.
 */
command: string, 
/**
 * Whether it can be cancelled now.
 */
cancellable: boolean, 
/**
 * Whether teammates see it on GitHub; none where it is not told of.
 */
shared?: SharedRun, 
/**
 * Names the run in calls; a number that grows.
 */
id: string, 
/**
 * What it does.
 */
kind: RunKind, 
/**
 * Finer than its kind: `restart` or `stop` of an action; `apply`, `destroy`, `drift` or `unlock` of provisioning.
 */
deed: string | null, 
/**
 * Service or stack.
 */
name: string, 
/**
 * Environment.
 */
environment: string, 
/**
 * Whether that environment is production.
 */
production: boolean, 
/**
 * Environment whose release was promoted, for a promotion.
 */
promoted_from: string | null, 
/**
 * Version as people say it: a tag, else the short commit; `-dirty` for changed files.
 */
version: string | null, 
/**
 * Full commit.
 */
commit: string | null, 
/**
 * Whether files were changed and not committed.
 */
dirty: boolean, 
/**
 * Login of who asked for it, where somebody is signed in.
 */
by: string | null, 
/**
 * How it stands.
 */
state: RunState, 
/**
 * Whether a gate refused it: state is then `cancelled`.
 */
refused: boolean, 
/**
 * How many attempts at this release in this environment, this one included.
 */
attempt: number, 
/**
 * When it was asked for.
 */
requested: string, 
/**
 * When it began.
 */
started: string | null, 
/**
 * When it ended.
 */
finished: string | null, 
/**
 * Why it failed, was cancelled, refused or interrupted.
 */
reason: RunReason | null, 
/**
 * Who knows of it: this computer, or GitHub alone (a teammate's, or one of another computer).
 */
origin?: RunOrigin, };

/**
 * Names a run.
 */
export type RunId = { 
/**
 * The run's id.
 */
id: string, };

/**
 * What kind of thing a run does.
 */
export type RunKind = "deploy" | "rollback" | "provision" | "backup" | "action";

/**
 * Who knows of a run.
 */
export type RunOrigin = "here" | "github";

/**
 * Why a run did not succeed: a code that the window has words for, and the English sentence.
 */
export type RunReason = { 
/**
 * Stable name: an error code, `run.cancelled`, `run.interrupted` or `run.refused`.
 */
code: string, 
/**
 * What the sentence is about.
 */
params: { [key in string]?: string }, 
/**
 * English sentence.
 */
message: string, };

/**
 * One line of the list of runs.
 */
export type RunRow = { 
/**
 * Names the run in calls; a number that grows.
 */
id: string, 
/**
 * What it does.
 */
kind: RunKind, 
/**
 * Finer than its kind: `restart` or `stop` of an action; `apply`, `destroy`, `drift` or `unlock` of provisioning.
 */
deed: string | null, 
/**
 * Service or stack.
 */
name: string, 
/**
 * Environment.
 */
environment: string, 
/**
 * Whether that environment is production.
 */
production: boolean, 
/**
 * Environment whose release was promoted, for a promotion.
 */
promoted_from: string | null, 
/**
 * Version as people say it: a tag, else the short commit; `-dirty` for changed files.
 */
version: string | null, 
/**
 * Full commit.
 */
commit: string | null, 
/**
 * Whether files were changed and not committed.
 */
dirty: boolean, 
/**
 * Login of who asked for it, where somebody is signed in.
 */
by: string | null, 
/**
 * How it stands.
 */
state: RunState, 
/**
 * Whether a gate refused it: state is then `cancelled`.
 */
refused: boolean, 
/**
 * How many attempts at this release in this environment, this one included.
 */
attempt: number, 
/**
 * When it was asked for.
 */
requested: string, 
/**
 * When it began.
 */
started: string | null, 
/**
 * When it ended.
 */
finished: string | null, 
/**
 * Why it failed, was cancelled, refused or interrupted.
 */
reason: RunReason | null, 
/**
 * Who knows of it: this computer, or GitHub alone (a teammate's, or one of another computer).
 */
origin?: RunOrigin, };

/**
 * States of a run.
 */
export type RunState = "planned" | "waiting_for_confirmation" | "running" | "succeeded" | "failed" | "cancelled" | "interrupted";

/**
 * One step of a run.
 */
export type RunStep = { 
/**
 * Which: `gate`, `tests`, `export`, `start`, `health`, `switch`, `drain`, `stop`; for provisioning `tools`, `init`,
 * `validate`, `plan`, `confirm`, `apply`, `outputs`, `unlock`.
 */
id: string, 
/**
 * How it stands.
 */
state: StepState, 
/**
 * When it began.
 */
started: string | null, 
/**
 * When it ended.
 */
finished: string | null, };

/**
 * What is new about a run.
 */
export type RunUpdate = { 
/**
 * The run now.
 */
run: RunDetail, 
/**
 * Lines of its log from there on, about a megabyte at most.
 */
lines: Array<LogLine>, 
/**
 * What to give as `from` next.
 */
next: number, 
/**
 * Changes whenever the run does.
 */
revision: number, 
/**
 * Whether it has ended and all of its log is here.
 */
ended: boolean, 
/**
 * Whether it waits for a person and all of its log until then is here.
 */
waits: boolean, };

/**
 * Asks for what is new about a run; answers as soon as something is, or after a few seconds.
 */
export type RunWatch = { 
/**
 * The run's id.
 */
id: string, 
/**
 * Where in the log to go on: the `next` of the answer before, 0 at first.
 */
from: number, 
/**
 * The `revision` of the answer before, 0 at first.
 */
revision: number, };

/**
 * `runs list --json`, newest first.
 */
export type Runs = { 
/**
 * Newest first.
 */
runs: Array<RunRow>, };

/**
 * Which runs to list.
 */
export type RunsQuery = { 
/**
 * Folder of the project.
 */
dir: string, 
/**
 * At most so many; 200 by default.
 */
limit?: number, };

/**
 * A line of a plot.
 */
export type Series = { 
/**
 * Label, such as `p95`.
 */
label: string, 
/**
 * Points `[seconds since 1970, value]`, oldest first; null where there is no data.
 */
points: Array<[number, number | null]>, };

/**
 * Who rolls a service out instead of Jalon.
 */
export type ServiceOwner = { 
/**
 * `github-actions`, `terraform` or `argo-cd`.
 */
kind: string, 
/**
 * Its workflow, stack or application, where jalon.toml names one.
 */
detail: string | null, };

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
 * How a run and GitHub stand.
 */
export type SharedRun = { 
/**
 * How.
 */
state: SharedState, 
/**
 * `owner/name`.
 */
repository: string, 
/**
 * Id of the deployment on GitHub.
 */
deployment: string | null, 
/**
 * Why it was given up.
 */
reason: RunReason | null, };

/**
 * Whether GitHub knows of a run.
 */
export type SharedState = "waiting" | "told" | "given_up";

/**
 * One golden signal of a service.
 */
export type Signal = { 
/**
 * `latency`, `errors`, `traffic` or `saturation`.
 */
id: string, 
/**
 * `s`, `ratio`, `per_s`, `bytes` or `1`.
 */
unit: string, 
/**
 * Lines, in the order of the plot's styles.
 */
series: Array<Series>, 
/**
 * Value to show beside the title: the last of the most telling line.
 */
last: number | null, 
/**
 * Thresholds of indicators that speak of this signal.
 */
thresholds: Array<Threshold>, 
/**
 * Queries of the lines, in PromQL: what "explain" shows.
 */
queries: Array<string>, 
/**
 * Times `[from, to]` in seconds since 1970 in which an alarm about it was firing; `to` is null while it is.
 */
firing: Array<[number, number | null]>, 
/**
 * Why there is nothing, in English: no such metric, an error.
 */
problem: string | null, };

/**
 * Silences an alarm, or takes the silence off.
 */
export type Silence = { 
/**
 * Folder of the project.
 */
dir: string, 
/**
 * The alarm.
 */
id: string, 
/**
 * Seconds; 0 takes it off.
 */
seconds: number, };

/**
 * One slot of a blue/green service.
 */
export type Slot = { 
/**
 * `blue` or `green`.
 */
name: string, 
/**
 * Whether it serves; the other one is kept warm.
 */
live: boolean, 
/**
 * Version in it.
 */
version: string, 
/**
 * Whether it answers its health check.
 */
healthy: boolean, 
/**
 * Share of traffic, 0..100.
 */
traffic: number, 
/**
 * Since when it is what it is.
 */
since: string, };

/**
 * A stack in an environment.
 */
export type StackEnvironment = { 
/**
 * Environment.
 */
environment: string, 
/**
 * Whether it is production.
 */
production: boolean, 
/**
 * Whether changes want its name typed.
 */
confirm_name: boolean, 
/**
 * Folder of the configuration, relative, with `/`.
 */
dir: string, 
/**
 * Workspace that owns its state, where that is HCP Terraform's: nothing is planned here then.
 */
hcp: HcpWorkspace | null, 
/**
 * Why nothing can be planned here, such as a folder that is not there.
 */
problem: RunReason | null, 
/**
 * Run whose plan waits for confirmation.
 */
waiting: string | null, 
/**
 * Run that is under way.
 */
running: string | null, 
/**
 * Last run.
 */
last: RunRow | null, 
/**
 * When something was last applied.
 */
applied: string | null, 
/**
 * What the last look at drift found; none where nobody looked.
 */
drift: DriftView | null, 
/**
 * Outputs of the last apply.
 */
outputs: Array<OutputValue>, };

/**
 * A stack.
 */
export type StackView = { 
/**
 * Name.
 */
name: string, 
/**
 * `terraform`, `tofu`, `ansible` or `vagrant`.
 */
tool: string, 
/**
 * The program that was found and its version, such as `terraform 1.11.4`; none where there is none that can be used.
 */
program: string | null, 
/**
 * Why no program can be used.
 */
program_problem: RunReason | null, 
/**
 * The stack in each environment, in jalon.toml's order.
 */
environments: Array<StackEnvironment>, };

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
 * What a deployment would do; `run` names it once it was started.
 */
export type Started = { 
/**
 * The run; none for a dry run.
 */
run: string | null, 
/**
 * What it does, in English, one line each.
 */
plan: Array<string>, };

/**
 * Steps that report progress.
 */
export type Step = "inspecting" | "milestones" | "issues" | "storing" | "waiting_for_code";

/**
 * How a step stands.
 */
export type StepState = "to_come" | "running" | "done" | "failed" | "skipped";

/**
 * A service in an environment.
 */
export type StopRequest = { 
/**
 * Folder of the project.
 */
dir: string, 
/**
 * Service.
 */
service: string, 
/**
 * Environment.
 */
environment: string, 
/**
 * The environment's name, typed.
 */
confirm?: string, };

/**
 * A deployment shortly before an alarm.
 */
export type Suspect = { 
/**
 * Run that brought it.
 */
run: string, 
/**
 * Version.
 */
version: string, 
/**
 * Seconds between it and the alarm.
 */
seconds_before: number, };

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
 * A threshold line.
 */
export type Threshold = { 
/**
 * Indicator.
 */
indicator: string, 
/**
 * Value in the signal's unit.
 */
value: number, };

/**
 * What the tool warns of.
 */
export type ToolDiagnostic = { 
/**
 * `warning` or `error`.
 */
severity: string, 
/**
 * In a line.
 */
summary: string, 
/**
 * At length; empty where there is no more to say.
 */
detail: string, 
/**
 * Resource or file and line, where it names one.
 */
at: string | null, };

/**
 * Trusts commands of a repository.
 */
export type Trust = { 
/**
 * Folder of the project.
 */
dir: string, 
/**
 * Digest that was shown; none trusts what is there now.
 */
digest?: string, 
/**
 * Version whose commands are meant; those of the working tree by default.
 */
version?: string, };

/**
 * Commands of a repository that Jalon would run.
 */
export type TrustRequest = { 
/**
 * Digest of exactly these commands: what `trust` takes.
 */
digest: string, 
/**
 * What would run, one line each, with where it stands in jalon.toml.
 */
commands: Array<string>, 
/**
 * Whether other commands of this project were trusted before: they have changed.
 */
changed: boolean, };

/**
 * What is trusted.
 */
export type Trusted = { 
/**
 * Digest of the commands.
 */
digest: string, 
/**
 * What may run now.
 */
commands: Array<string>, };

/**
 * A value as it is shown.
 */
export type ValueView = { "kind": "value", 
/**
 * The text.
 */
text: string, } | { "kind": "absent" } | { "kind": "masked" } | { "kind": "unknown" };

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

/**
 * A workload: Deployment, StatefulSet, DaemonSet, Job, CronJob, or another object of the service.
 */
export type Workload = { 
/**
 * Kind.
 */
kind: string, 
/**
 * Name.
 */
name: string, 
/**
 * How it is.
 */
health: WorkloadHealth, 
/**
 * English: the fact behind it, such as `2 of 3 ready`.
 */
message: string, 
/**
 * Pods that are ready, and that are wanted; none for kinds without pods.
 */
ready: [number, number] | null, 
/**
 * Images of its containers, digests included.
 */
images: Array<string>, 
/**
 * Whether an autoscaler sets its replicas.
 */
autoscaled: boolean, 
/**
 * Why it is not healthy.
 */
cause: Cause | null, 
/**
 * Its pods.
 */
pods: Array<PodView>, };

/**
 * How a workload is.
 */
export type WorkloadHealth = "degraded" | "missing" | "unknown" | "progressing" | "suspended" | "healthy";

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
  /** Writes the sample project, trusts it and opens it. */
  create_sample: { params: NewSample; result: ProjectHeader };
  /** Trusts the commands of a repository, by their digest. */
  trust: { params: Trust; result: Trusted };
  /** Environments, releases, gates and history of a service. */
  deployments: { params: DeploymentsQuery; result: Deployments };
  /** Starts a deployment. Follow it with `run_watch`. */
  deploy: { params: DeployRequest; result: Started };
  /** Starts the promotion of what runs in one environment to another. */
  promote: { params: PromoteRequest; result: Started };
  /** Starts going back to a release that ran before. */
  rollback: { params: RollbackRequest; result: Started };
  /** Stops a service; nothing of it stays behind. */
  stop: { params: StopRequest; result: Started };
  /** Last lines of a service's log. */
  service_log: { params: LogQuery; result: Log };
  /** What a deployment would change. */
  diff: { params: DiffQuery; result: Diff };
  /** A service's workloads and events on a cluster. */
  cluster: { params: ClusterQuery; result: ClusterView };
  /** The same once something about it is new; waits a few seconds for that. */
  cluster_watch: { params: ClusterWatch; result: ClusterNews };
  /** Last lines of a pod's log. */
  pod_log: { params: PodLogQuery; result: Log };
  /** Stacks, their plans and runs. */
  provisioning: { params: ProjectDir; result: Provisioning };
  /** Starts planning a stack. Follow it with `run_watch`. */
  provision_plan: { params: ProvisionRequest; result: Started };
  /** The plan of a run. */
  provision_show: { params: RunId; result: ProvisionPlan };
  /** Applies a plan that was shown, and nothing else. */
  provision_apply: { params: ProvisionApply; result: Started };
  /** Throws a plan away that waits. */
  provision_discard: { params: RunId; result: RunDetail };
  /** Takes a lock off that somebody left. */
  provision_unlock: { params: ProvisionUnlock; result: Started };
  /** Golden signals, indicators and alarms of a service. */
  monitoring: { params: MonitoringQuery; result: Monitoring };
  /** Alarms of a project. */
  alarms: { params: ProjectDir; result: Alarms };
  /** Silences an alarm. */
  alarm_silence: { params: Silence; result: Alarms };
  /** Notes that a person knows of an alarm. */
  alarm_acknowledge: { params: AlarmId; result: Alarms };
  /** Starts what an alarm proposes. Follow it with `run_watch`. */
  alarm_act: { params: AlarmAct; result: Started };
  /** A PromQL query, answered as Prometheus does. */
  monitor_query: { params: MetricsQuery; result: MetricsAnswer };
  /** Runs of a project, after looking whether their processes are still there. */
  runs_list: { params: RunsQuery; result: Runs };
  /** One run with its steps. */
  run_show: { params: RunId; result: RunDetail };
  /** All of a run's log. */
  run_log: { params: RunId; result: Log };
  /** What is new about a run; waits a few seconds for something. */
  run_watch: { params: RunWatch; result: RunUpdate };
  /** Asks a run to cancel. */
  run_cancel: { params: RunId; result: RunDetail };
  /** KPIs of a project's runs. */
  kpis: { params: KpiQuery; result: Kpis };
  /** A plot of a KPI. */
  kpi_plot: { params: PlotQuery; result: Plot };
  /** What can be exported, and what is missing. */
  reports: { params: ProjectDir; result: Reports };
  /** Writes the report. */
  export_report: { params: ExportRequest; result: Exported };
  /** Writes the slides. */
  export_slides: { params: ExportRequest; result: Exported };
}

/** Every code that a WireError can carry. */
export const ERROR_CODES = [
  "cluster.api",
  "cluster.api_gone",
  "cluster.certificate",
  "cluster.chart",
  "cluster.conflict",
  "cluster.denied",
  "cluster.duplicate",
  "cluster.forbidden",
  "cluster.helm_failed",
  "cluster.helm_missing",
  "cluster.helm_pending",
  "cluster.manifest",
  "cluster.namespace",
  "cluster.no_kubeconfig",
  "cluster.no_log",
  "cluster.not_a_cluster",
  "cluster.owned",
  "cluster.read_only",
  "cluster.rollout_failed",
  "cluster.rollout_timed_out",
  "cluster.secret_in_text",
  "cluster.timeout",
  "cluster.unauthorized",
  "cluster.unknown_context",
  "cluster.unreachable",
  "credentials.keychain_absent",
  "credentials.keychain_failed",
  "credentials.keychain_locked",
  "credentials.name_invalid",
  "credentials.not_found",
  "credentials.value_invalid",
  "deploy.brought_elsewhere",
  "deploy.busy",
  "deploy.environment_unknown",
  "deploy.no_command",
  "deploy.no_services",
  "deploy.not_for_target",
  "deploy.not_trusted",
  "deploy.nothing_runs",
  "deploy.owned_elsewhere",
  "deploy.release_unknown",
  "deploy.secret_missing",
  "deploy.service_unknown",
  "deploy.strategy_unknown",
  "deploy.variable_unset",
  "engine.bad_request",
  "engine.cancelled",
  "engine.timeout",
  "gate.closed",
  "gate.confirm",
  "gate.dirty",
  "gate.unconfirmed",
  "git.failed",
  "git.missing",
  "git.no_commit",
  "git.not_a_clone",
  "git.timeout",
  "git.unknown_version",
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
  "kpis.bad_lines",
  "kpis.bad_window",
  "kpis.no_plot",
  "local.command_failed",
  "local.crashed",
  "local.host_lost",
  "local.never_healthy",
  "local.port_taken",
  "local.tests_failed",
  "monitoring.action_refused",
  "monitoring.action_unsupported",
  "monitoring.address_invalid",
  "monitoring.alarm_unknown",
  "monitoring.cut_off",
  "monitoring.damaged",
  "monitoring.elsewhere",
  "monitoring.no_action",
  "monitoring.not_metrics",
  "monitoring.not_prometheus",
  "monitoring.not_scraped",
  "monitoring.plain_token",
  "monitoring.query",
  "monitoring.server",
  "monitoring.timeout",
  "monitoring.token_refused",
  "monitoring.too_large",
  "monitoring.unreachable",
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
  "provision.disk_full",
  "provision.failed",
  "provision.folder_unreadable",
  "provision.hcp",
  "provision.lock_unnamed",
  "provision.locked",
  "provision.no_folder",
  "provision.no_plan",
  "provision.plan_unknown",
  "provision.provider_missing",
  "provision.shared_folder",
  "provision.stack_unknown",
  "provision.stale",
  "provision.state_damaged",
  "provision.stream_unknown",
  "provision.superseded",
  "provision.timeout",
  "provision.tool_failed",
  "provision.tool_missing",
  "provision.tool_too_old",
  "provision.tool_unsupported",
  "provision.unconfirmed",
  "report.candidate_unknown",
  "report.failed",
  "report.format_unknown",
  "report.not_written",
  "report.source_unreadable",
  "run.cancelled",
  "run.failed",
  "run.interrupted",
  "run.not_started",
  "run.unknown",
  "sample.failed",
  "sample.not_empty",
  "stage.unknown",
  "store.busy",
  "store.damaged",
  "store.failed",
  "store.newer",
] as const;
