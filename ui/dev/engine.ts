/** A stand-in for the engine behind `mockIPC`: named scenarios, answers from the fixtures. */
import { mockIPC } from "@tauri-apps/api/mocks";
import type { Commands, Keychain, Language, Overview, Milestones, Theme, WireError } from "../src/lib/api";
import * as d from "./delivery";
import * as f from "./fixtures";
import * as k from "./cluster";
import * as m from "./measure";
import * as o from "./observe";
import * as p from "./provision";
import { infrastructureAnswers } from "./infrastructure";
import { deliveryAnswers } from "./scenarios";

/** What the stand-in answers, by command. A function sees the params; a rejection is a thrown `WireError`. */
export type Answers = { [N in keyof Commands]?: (params: Commands[N]["params"], progress: (p: unknown) => void, id: number) => Commands[N]["result"] | Promise<Commands[N]["result"]> };

/** A wire error of a code. */
export function wireError(code: string, params: Record<string, string> = {}, message = `${code} happened`): WireError {
  return { code, params, message, hints: ["try again"] };
}

const never = () => new Promise<never>(() => {});
const OLD: Overview["stages"] = f.STAGES.map((s) => ({ ...s, state: s.deadline ? "unknown" : s.state, done: null, days_left: s.deadline ? -1090 : null, milestone: null, open: 0, closed: 0, finished_on: null, days_late: 0,
  start: s.start?.replace("2026", "2023") ?? null, deadline: s.deadline && { ...s.deadline, from: s.deadline.from.replace("2026", "2023"), to: s.deadline.to.replace("2026", "2023") } }));
const LATE = f.STAGES.map((s) => (s.key === "2" ? { ...s, state: "overdue" as const, done: 0.72, open: 3, closed: 8, finished_on: null, days_late: 6 } : s));
const NO_GITHUB = { ...f.PROJECT, github: null };

/** Answers of every scenario; what is absent comes from the full project. */
export function answersOf(scenario: string): Answers {
  const over = (change: Partial<Overview>, more: Partial<Milestones> = {}): Answers => ({
    overview: () => f.overview(change),
    milestones: () => f.milestones({ ...(change.sync ? { sync: change.sync } : {}), ...more }),
  });
  const keychain = (state: Keychain["state"]): Answers => {
    const chain = { state, name: "Secret Service", reason: state === "absent" ? "no such name on the bus: org.freedesktop.secrets" : null };
    return {
      start: () => ({ ...f.START, keychain: chain }), keychain_retry: () => chain,
      credentials_list: () => ({ keychain: chain, credentials: f.CREDENTIALS.credentials.map((c) => ({ ...c, place: "memory" as const, set_at: "2026-11-19T13:12:00Z" })) }),
      auth_status: () => f.AUTH_OUT, overview: () => f.overview({ sync: f.REFUSED }),
    };
  };
  const bare = { stages: f.withoutGitHub(f.STAGES), risks: [], lately: [] };
  switch (scenario) {
    case "first": return { start: () => ({ ...f.START, project: null, recent: [] }) };
    case "recent": return { start: () => ({ ...f.START, project: null }) };
    case "first-error": return { start: () => ({ ...f.START, project: null, project_error: wireError("project.not_found", { dir: f.PROJECT.dir }) }) };
    case "failed": return { start: () => { throw wireError("store.newer", { path: "/home/student-a/.local/share/jalon/jalon.db" }); } };
    case "never": return { ...over({ ...bare, sync: f.NEVER }, { stages: f.withoutGitHubDetail(f.milestones().stages), unlinked: [], sync: f.NEVER }), auth_status: () => f.AUTH_OUT };
    case "signed-in": return over({ ...bare, sync: { ...f.NEVER, signed_in: true } });
    case "no-github": return { ...over({ ...bare, project: NO_GITHUB, sync: f.NEVER }, { project: NO_GITHUB, stages: f.withoutGitHubDetail(f.milestones().stages), unlinked: [], sync: f.NEVER }), start: () => ({ ...f.START, project: NO_GITHUB }), auth_status: () => f.AUTH_OUT };
    case "offline": return over({ sync: f.OFFLINE });
    case "refused": return over({ sync: f.REFUSED });
    case "empty": return over({ stages: [], risks: [], due_next: [], lately: [] }, { stages: [], preamble: [] });
    case "calm": return over({ risks: [] });
    case "late": return over({ stages: LATE, risks: [{ code: "overdue", severity: "bad", stage: "2", params: { days: "6", open: "3" }, message: "" }, ...f.RISKS] },
      { stages: f.milestones().stages.map((s) => (s.brief.key === "2" ? { ...s, brief: LATE[2] ?? s.brief, issues: f.issues(11, 3), risks: [{ code: "overdue", severity: "bad", stage: "2", params: { days: "6", open: "3" }, message: "" }] } : s)) });
    case "old": return over({ stages: OLD, risks: OLD.slice(0, 5).map((s) => ({ code: "nothing_tells", severity: "info", stage: s.key, params: { days: "1090" }, message: "" })), due_next: [], lately: [], sync: f.NEVER },
      { stages: f.withoutGitHubDetail(f.milestones().stages).map((s, n) => ({ ...s, brief: OLD[n] ?? s.brief })) });
    case "many": return over({}, { diagnostics: f.DIAGNOSTICS, stages: f.milestones().stages.map((s) => (s.brief.key === "4" ? { ...s, issues: f.issues(60, 22) } : s)) });
    case "loading": return { overview: never, milestones: never, credentials_list: never, doctor: never };
    case "error": return { overview: () => { throw wireError("project.config_invalid", { path: "jalon.toml", line: "3" }, "jalon.toml, line 3: unknown key plann, did you mean plan?"); }, milestones: () => { throw wireError("plan.missing", { dir: f.PROJECT.dir }); } };
    case "keychain-absent": return keychain("absent");
    case "keychain-locked": return keychain("locked");
    case "token-locked": {
      const chain = { state: "locked" as const, name: "Secret Service", reason: "Prompt dismissed" };
      return {
        ...over({ ...bare, sync: f.NEVER }), start: () => ({ ...f.START, keychain: chain }), keychain_retry: () => chain, auth_status: () => f.AUTH_LOCKED,
        credentials_list: () => ({ keychain: chain, credentials: f.CREDENTIALS.credentials.map((c) => ({ ...c, place: "unreadable" as const })) }),
      };
    }
    case "slow": return { auth_status: () => f.AUTH_OUT, auth_token: never, auth_gh: never, credentials_set: never, credentials_remove: never, doctor: never };
    case "slow-first": return { start: () => ({ ...f.START, project: null }), create_project: never };
    case "signed-out": return { auth_status: () => f.AUTH_OUT, credentials_list: () => ({ ...f.CREDENTIALS, credentials: [] }) };
    case "syncing": return { sync: (_, progress) => { setTimeout(() => progress({ step: "issues", done: 3, total: 7 }), 50); return never(); } };
    case "no-plan": return { start: () => ({ ...f.START, project: null }), inspect_project: () => ({ ...f.PROPOSAL, plans: [], git: false, github: null }) };
    default: return { ...deliveryAnswers(scenario), ...infrastructureAnswers(scenario) };
  }
}

/** Installs the stand-in. Returns every call it was asked. */
export function installEngine(answers: Answers, look: { language: Language | null; theme: Theme } = { language: null, theme: "system" }): Array<{ name: string; params: unknown }> {
  const calls: Array<{ name: string; params: unknown }> = [];
  const waiting = new Map<number, (error: WireError) => void>();
  let settings = { ...f.START.settings, ...look };
  const full: Answers = {
    start: () => f.START, overview: () => f.overview(), milestones: () => f.milestones(), auth_status: () => f.AUTH_IN, credentials_list: () => f.CREDENTIALS, doctor: () => f.DOCTOR,
    inspect_project: () => f.PROPOSAL, create_project: () => f.PROJECT, open_project: () => f.PROJECT, close_project: () => null, forget_project: () => null,
    set_repository: (p) => ({ ...f.PROJECT, github: p.github }), link_stage: () => f.milestones(), auth_token: () => f.AUTH_IN, auth_gh: () => { throw wireError("github.gh_missing"); }, auth_logout: () => f.AUTH_OUT,
    auth_device_start: () => ({ user_code: "WDJB-MJHT", verification_uri: "https://github.com/login/device", expires_at: "2026-11-19T13:41:00Z" }), auth_device_finish: never,
    create_sample: () => f.PROJECT, trust: () => ({ digest: d.TRUST.digest, commands: d.TRUST.commands }), deployments: () => d.deployments(),
    deploy: () => ({ run: "44", plan: [] }), promote: () => ({ run: "44", plan: [] }), rollback: () => ({ run: "44", plan: [] }), stop: () => ({ run: "44", plan: [] }),
    service_log: () => ({ lines: d.LINES }), run_watch: (q) => p.watched(q) ?? d.update(d.detail(d.HISTORY.find((one) => one.id === q.id) ?? d.run(q.id))),
    run_show: (p) => d.detail(d.HISTORY.find((one) => one.id === p.id) ?? d.run(p.id)), run_log: () => ({ lines: d.LINES }), runs_list: () => ({ runs: d.HISTORY }), run_cancel: (p) => d.detail(d.run(p.id, { state: "running", finished: null })),
    provisioning: () => p.provisioning(), provision_plan: () => ({ run: p.RUNS.planned.id, plan: [] }), provision_show: () => p.plan(), provision_apply: (q) => ({ run: q.run, plan: [] }), provision_discard: () => d.detail({ ...p.RUNS.waiting, state: "cancelled" }), provision_unlock: () => ({ run: "44", plan: [] }),
    monitoring: () => o.monitoring(), alarms: () => o.alarms(), alarm_silence: () => o.alarms(), alarm_acknowledge: () => o.alarms(), alarm_act: () => ({ run: "44", plan: [] }),
    diff: () => k.diff(), cluster: () => k.view(), cluster_watch: (q) => (q.revision === 0 ? k.whole(k.view()) : never()), pod_log: () => ({ lines: k.POD_LINES }),
    kpis: () => m.kpis(), kpi_plot: (p) => m.plot(p), reports: () => m.reports(), export_report: () => m.EXPORTED, export_slides: () => ({ ...m.EXPORTED, path: m.EXPORTED.path.replace("report.docx", "slides.pptx") }),
    credentials_set: () => f.CREDENTIALS, credentials_remove: () => f.CREDENTIALS, keychain_retry: () => f.CREDENTIALS.keychain,
    sync: () => ({ repository: "DevOps-Boot/fastapi-k8s", synced_at: f.NOW, milestones: 7, issues: 51, pull_requests: 9, pages_read: 2, pages_unchanged: 1 }),
    change_settings: (c) => (settings = { ...settings, ...(c.theme ? { theme: c.theme } : {}), ...(c.single_keys === undefined ? {} : { single_keys: c.single_keys }), ...(c.language ? { language: c.language === "system" ? null : c.language } : {}), ...(c.device_client_id === undefined ? {} : { device_client_id: c.device_client_id || null }) }),
    ...answers,
  };
  const { start } = full;
  if (start) full.start = async (p, q, r) => { const answer = await start(p, q, r); return { ...answer, settings: { ...answer.settings, ...look } }; };
  mockIPC((cmd, payload) => {
    const args = (payload ?? {}) as { id: number; name: keyof Commands; params: never; progress?: { onmessage: (p: unknown) => void } };
    if (cmd === "cancel") { waiting.get(args.id)?.(wireError("engine.cancelled")); return undefined; }
    if (cmd !== "call") return undefined;
    calls.push({ name: args.name, params: args.params });
    const answer = full[args.name] as ((p: never, q: (p: unknown) => void, id: number) => unknown) | undefined;
    return new Promise((resolve, reject) => {
      waiting.set(args.id, reject);
      Promise.resolve().then(() => answer?.(args.params, (p) => args.progress?.onmessage(p), args.id)).then(resolve, reject);
    });
  }, { shouldMockEvents: true });
  return calls;
}
