/** Answers of an engine that is not there: for looking at the window, and for its tests. Logins are `student-a` … */
import type {
  AuthStatus, Credentials, Doctor, IssueFact, Milestones, Overview, PlanItem, PlanNote, ProjectHeader, Proposal, Risk, StageBrief, StageDetail, Start, SyncState,
} from "../src/lib/api";

export const TODAY = "2026-11-19";
export const NOW = "2026-11-19T13:26:00Z";
export const PROJECT: ProjectHeader = {
  dir: "/home/student-a/fastapi-k8s", name: "fastapi-k8s", github: "DevOps-Boot/fastapi-k8s", plan: "docs/project/planning.md", timezone: "Europe/Paris",
};
export const SYNCED: SyncState = { synced_at: "2026-11-19T13:24:00Z", tried_at: "2026-11-19T13:24:00Z", error: null, signed_in: true };
export const NEVER: SyncState = { synced_at: null, tried_at: null, error: null, signed_in: false };
export const OFFLINE: SyncState = {
  synced_at: "2026-11-19T09:12:00Z", tried_at: "2026-11-19T13:20:00Z", signed_in: true,
  error: { code: "github.unreachable", params: { host: "api.github.com", reason: "no route to host" }, message: "api.github.com cannot be reached", hints: [] },
};
export const REFUSED: SyncState = {
  ...OFFLINE, error: { code: "github.token_refused", params: { host: "api.github.com" }, message: "api.github.com refused the token", hints: [] },
};

const item = (text: string, line: number, children: PlanItem[] = [], done: boolean | null = null): PlanItem => ({ text, children, done, links: [], line });
const note = (kind: PlanNote["kind"], text: string, line: number, title: string | null = null): PlanNote => ({ kind, text, title, links: [], line });

interface Shape {
  number: number | null; title: string; start: string | null; from?: string; to: string | null; state: StageBrief["state"]; done: number | null;
  open: number; closed: number; finished?: string; left: number | null; late?: number; milestone: number | null; forecast?: StageBrief["forecast"];
}
function brief(s: Shape): StageBrief {
  return {
    key: s.number === null ? s.title.toLowerCase().replace(/[^a-z]+/g, "-") : String(s.number),
    number: s.number, title: s.title, start: s.start,
    deadline: s.to === null ? null : { from: s.from ?? s.to, to: s.to, text: s.to.replaceAll("-", ".") },
    state: s.state, done: s.done, open: s.open, closed: s.closed, finished_on: s.finished ?? null, days_left: s.left, days_late: s.late ?? 0,
    milestone: s.milestone, forecast: s.forecast ?? null,
  };
}

export const STAGES: StageBrief[] = [
  brief({ number: 0, title: "Project framing", start: null, to: "2026-10-28", state: "done", done: 1, open: 0, closed: 3, finished: "2026-10-28", left: -22, milestone: 1 }),
  brief({ number: 1, title: "Requirements specifications and Project setup", start: "2026-10-29", to: "2026-11-02", state: "done", done: 1, open: 0, closed: 7, finished: "2026-11-02", left: -17, milestone: 2 }),
  brief({ number: 2, title: "Configure, deploy and secure application infrastructure", start: "2026-11-03", to: "2026-11-13", state: "done", done: 1, open: 0, closed: 11, finished: "2026-11-14", left: -6, late: 1, milestone: 3 }),
  brief({ number: 3, title: "Data ingestion and consumption", start: "2026-11-14", to: "2026-11-23", state: "under_way", done: 0.58, open: 5, closed: 7, left: 4, milestone: 4 }),
  brief({ number: 4, title: "CI/CD pipelines", start: "2026-11-24", to: "2026-11-28", state: "at_risk", done: 0.33, open: 6, closed: 3, left: 9, milestone: 5 }),
  brief({ number: 5, title: "Monitoring and Observability", start: "2026-11-29", to: "2026-12-04", state: "to_come", done: 0, open: 9, closed: 0, left: 15, milestone: 6 }),
  brief({ number: 6, title: "Automation", start: "2026-12-05", to: "2026-12-08", state: "to_come", done: null, open: 0, closed: 0, left: 19, milestone: null }),
  brief({ number: null, title: "Training certification project demonstration and defense", start: "2026-12-09", from: "2026-12-14", to: "2026-12-18", state: "to_come", done: null, open: 0, closed: 0, left: 29, milestone: null }),
  brief({ number: null, title: "Final interview", start: null, to: null, state: "to_come", done: null, open: 0, closed: 0, left: null, milestone: null }),
];

const risk = (code: Risk["code"], severity: Risk["severity"], stage: string, params: Record<string, string>): Risk => ({ code, severity, stage, params, message: `${code} ${stage}` });
export const RISKS: Risk[] = [
  risk("behind_pace", "warn", "4", { days: "9", open: "6", per_week: "3.5" }),
  risk("unassigned", "warn", "3", { count: "2" }),
  risk("dates_differ", "info", "5", { plan: "2026-12-04", github: "2026-12-01" }),
];

const issueUrl = (n: number) => `https://github.com/DevOps-Boot/fastapi-k8s/issues/${n}`;
const closedAt = (day: number, hour: number) => `2026-11-${String(day).padStart(2, "0")}T${String(hour).padStart(2, "0")}:04:00Z`;
export function overview(change: Partial<Overview> = {}): Overview {
  return {
    project: PROJECT, today: TODAY, stages: STAGES, risks: RISKS,
    due_next: STAGES.filter((s) => s.state !== "done" && s.deadline).map((s) => ({
      stage: s.key, number: s.number, title: s.title, deadline: s.deadline ?? { from: TODAY, to: TODAY, text: "" }, days_left: s.days_left ?? 0, open: s.milestone ? s.open : null,
    })),
    lately: [
      { number: 52, title: "Read uploads from the object storage", url: issueUrl(52), closed_at: closedAt(19, 13), is_pull_request: true, stage: "3" },
      { number: 50, title: "Ingest the sample data set on start", url: issueUrl(50), closed_at: closedAt(19, 10), is_pull_request: false, stage: "3" },
      { number: 48, title: "Read-only role for the reporting user", url: issueUrl(48), closed_at: closedAt(17, 15), is_pull_request: false, stage: "3" },
      { number: 44, title: "Create the database", url: issueUrl(44), closed_at: closedAt(16, 9), is_pull_request: false, stage: "3" },
      { number: 41, title: "Compare three data stores and choose one", url: issueUrl(41), closed_at: closedAt(12, 9), is_pull_request: true, stage: "3" },
    ],
    sync: SYNCED, diagnostics: 0, ...change,
  };
}

const WHO = ["student-a", "student-b", "student-c", "student-d"];
const TITLES = [
  "Schedule a backup of the application data", "Let users query what was ingested", "Keep logs for thirty days and rotate them", "Describe the data architecture with a diagram",
  "Query files for the three reports", "Define the data architecture", "State nature, velocity and volume of the data", "Choose the storage", "Create the database", "Set up access rights for readers and writers",
  "Ingest data in the application", "Restore a backup into an empty cluster, and measure how long it takes until the application answers again",
];
export function issues(count: number, open: number): IssueFact[] {
  return Array.from({ length: count }, (_, n) => ({
    number: 38 + n, title: TITLES[n % TITLES.length] ?? "", url: issueUrl(38 + n), is_closed: n >= open,
    assignees: n === 1 ? [] : n === 4 ? ["student-a", "student-c"] : [WHO[n % 4] ?? "student-a"], labels: n % 3 === 0 ? ["database"] : n % 5 === 0 ? ["documentation", "good first issue"] : [],
    closed_at: n >= open ? closedAt(Math.max(1, 18 - (n - open) % 17), 9 + (n % 8)) : null,
  }));
}

function detail(stage: StageBrief): StageDetail {
  const linked = stage.milestone !== null;
  const base: StageDetail = {
    brief: stage, activities: [item("Inception meeting", 14)], deliverables: [], extras: [], bonus: [], notes: [], line: 10,
    milestone: linked ? {
      number: stage.milestone ?? 0, title: `Stage ${stage.number}: ${stage.title}`, url: `https://github.com/DevOps-Boot/fastapi-k8s/milestone/${stage.milestone}`, is_closed: stage.state === "done",
      due_on: stage.key === "5" ? "2026-12-01" : (stage.deadline?.to ?? null), open: stage.open, closed: stage.closed, closed_at: null,
    } : null,
    link: linked ? (stage.key === "0" ? "number" : "link") : null, missing_milestone: null, issues: issues(stage.open + stage.closed, stage.open), pull_requests: [], risks: RISKS.filter((one) => one.stage === stage.key),
  };
  if (stage.key === "3") {
    base.activities = [
      item("Define the data architecture, and how data of different origin comes together", 60), item("State the nature, velocity and volume of the data", 61),
      item("Choose where data is stored, by application or by database:", 62, [item("Relational", 63), item("Documents or keys and values", 64), item("File system, block storage, object storage", 65)]),
      item("Create a database for application data where one is needed", 66), item("Schedule backups of application data", 67), item("Set up access rights", 68), item("Bring data into the application", 69), item("Let users read it", 70), item("Manage logs", 71),
    ];
    base.deliverables = [item("A document that describes and explains the architecture (UML)", 75), item("Files that set up database and storage", 76), item("Query files", 77)];
    base.pull_requests = [{ number: 52, title: "Read uploads from the object storage", url: issueUrl(52), is_closed: true, assignees: ["student-b"], labels: [], closed_at: closedAt(19, 13) }];
  }
  if (stage.key === "4") {
    base.notes = [
      note("admonition", "The heart of the course: plan more time for it than for the others.", 86, "Note"),
      note("statement", "Configure pipelines that build, test, deliver and deploy by themselves.", 90),
      note("paragraph", "Two environments at least: one to develop in and one for production. Virtual machines, containers, anything, as long as they are apart.", 98),
      note("table", "| Environment | Branch | Approval |\n|-------------|--------|----------|\n| dev         | any    | none     |\n| prod        | main   | one      |", 104, "Environments"),
      note("code", "helm upgrade --install app helm/fastapi-app --atomic --timeout 5m", 112),
      note("html", "<details><summary>More</summary><script>alert(1)</scr" + "ipt></details>", 116),
    ];
    base.activities = [item("Automated tests and integration tests", 92, [], true), item("Deploy to test and production with automated tools", 93, [], false), item("Blue/green, so that a delivery interrupts nobody", 94, [], false)];
    base.bonus = [item("Measure cycle time, frequency and success rate of deployments", 120)];
  }
  return base;
}
export function milestones(change: Partial<Milestones> = {}): Milestones {
  return {
    project: PROJECT, today: TODAY, stages: STAGES.map(detail),
    unlinked: [{ number: 9, title: "Documentation", url: "https://github.com/DevOps-Boot/fastapi-k8s/milestone/9", is_closed: false, due_on: null, open: 2, closed: 0, closed_at: null }],
    diagnostics: [], preamble: [], sync: SYNCED, ...change,
  };
}
export const DIAGNOSTICS: Milestones["diagnostics"] = [
  { code: "plan.date_unreadable", excerpt: "mid December, to be agreed", message: "Stage 6: the deadline \"mid December, to be agreed\" holds no date that could be read", line: 198, column: 1 },
  { code: "stage.link_unreadable", excerpt: ".jalon/stages/4.toml", message: ".jalon/stages/4.toml cannot be read", line: 1, column: 1 },
];
/** The same plan without GitHub: nothing tells what is done. */
export function withoutGitHub(stages: StageBrief[]): StageBrief[] {
  return stages.map((s) => ({ ...s, state: (s.days_left ?? 1) < 0 ? "unknown" : s.state === "done" || s.state === "at_risk" ? "under_way" : s.state, done: null, open: 0, closed: 0, finished_on: null, days_late: 0, milestone: null }));
}
export function withoutGitHubDetail(stages: StageDetail[]): StageDetail[] {
  const briefs = withoutGitHub(stages.map((s) => s.brief));
  return stages.map((s, n) => ({ ...s, brief: briefs[n] ?? s.brief, milestone: null, link: null, issues: [], pull_requests: [], risks: [] }));
}

export const AUTH_IN: AuthStatus = { signed_in: true, login: "student-a", host: "github.com", place: "keychain", set_at: "2026-11-03T09:00:00Z", device_ready: false };
export const AUTH_OUT: AuthStatus = { signed_in: false, login: null, host: "github.com", place: null, set_at: null, device_ready: false };
export const AUTH_LOCKED: AuthStatus = { signed_in: false, login: null, host: "github.com", place: "unreadable", set_at: "2026-11-03T09:00:00Z", device_ready: false };
export const CREDENTIALS: Credentials = {
  keychain: { state: "ready", name: "Secret Service", reason: null },
  credentials: [
    { name: "GITHUB_TOKEN", set_at: "2026-11-03T09:00:00Z", place: "keychain" },
    { name: "DATABASE_URL", set_at: "2026-11-19T13:12:00Z", place: "keychain" },
    { name: "REGISTRY_PASSWORD", set_at: "2026-11-16T08:00:00Z", place: "memory" },
    { name: "TF_VAR_db_password", set_at: "2026-11-01T08:00:00Z", place: "unreadable" },
    { name: "HCP_TOKEN", set_at: null, place: "environment" },
  ],
};
export const DOCTOR: Doctor = {
  checks: [
    { id: "data_folder", state: "ok", code: "data_folder.ok", params: { path: "/home/student-a/.local/share/jalon" }, message: "data is kept in /home/student-a/.local/share/jalon", fix: null },
    { id: "keychain", state: "warn", code: "keychain.locked", params: { name: "Secret Service", reason: "Prompt dismissed" }, message: "Secret Service is locked: Prompt dismissed", fix: "unlock it" },
    { id: "github", state: "fail", code: "github.token_refused", params: { host: "api.github.com" }, message: "api.github.com refused the token", fix: "sign in again with a new token: jalonctl auth login" },
    { id: "gh", state: "ok", code: "gh.missing", params: {}, message: "gh is not installed; it is not needed", fix: null },
    { id: "project", state: "ok", code: "project.ok", params: { name: "fastapi-k8s", dir: "/home/student-a/fastapi-k8s" }, message: "fastapi-k8s in /home/student-a/fastapi-k8s", fix: null },
    { id: "repository", state: "ok", code: "repository.ok", params: { repository: "DevOps-Boot/fastapi-k8s" }, message: "GitHub repository DevOps-Boot/fastapi-k8s", fix: null },
    { id: "plan", state: "warn", code: "plan.odd", params: { stages: "9", odd: "2" }, message: "9 stages, 2 odd places", fix: "jalonctl plan show lists them with line and column" },
  ],
};
export const PROPOSAL: Proposal = {
  dir: "/home/student-a/fastapi-k8s", configured: false, git: true, name: "fastapi-k8s", github: "DevOps-Boot/fastapi-k8s", timezone: "Europe/Paris",
  plans: [
    { path: "docs/project/planning.md", title: "Planning", stages: 9, deadlines: 8 },
    { path: "docs/appendices/directives/fil_rouge_devops.md", title: "Projet fil rouge", stages: 6, deadlines: 0 },
  ],
};
export const START: Start = {
  version: "0.1.0", platform: "linux", settings: { language: null, theme: "system", single_keys: true, device_client_id: null }, project: PROJECT, project_error: null,
  now: NOW,
  recent: [{ dir: PROJECT.dir, name: PROJECT.name, opened_at: "2026-11-19T13:00:00Z" }, { dir: "/home/student-a/courses/devops/shop-microservices", name: "shop-microservices", opened_at: "2026-11-12T08:00:00Z" }],
  keychain: CREDENTIALS.keychain,
};
