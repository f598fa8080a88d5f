/** Deployments and runs of an engine that is not there. */
import type { CommitLine, Deployments, EnvironmentView, GateCondition, GateView, LogLine, ReleaseRef, RunDetail, RunRow, RunStep, RunUpdate } from "../src/lib/api";
import { PROJECT } from "./fixtures";

const hash = (seed: string) => (seed + "4b825dc642cb6eb9a060e54bf8d69288fbee4904").slice(0, 40);
export const SHA = { v060: hash("7e1c9a4"), v051: hash("c20d7b8"), v050: hash("91ab3e0"), v042: hash("0f4d2c1"), head: hash("ab12f90") };
const commit = (version: string, sha: string, subject: string, committed: string, branch: string | null = null): CommitLine => ({ version, commit: sha, subject, committed, branch });
const release = (run: string, version: string, sha: string, at: string): ReleaseRef => ({ run, version, commit: sha, at });

export const RELEASES = {
  v060: release("41", "v0.6.0", SHA.v060, "2026-11-19T10:40:00Z"), v051: release("40", "v0.5.1", SHA.v051, "2026-11-19T13:04:00Z"),
  v050: release("36", "v0.5.0", SHA.v050, "2026-11-18T16:22:00Z"), v042: release("31", "v0.4.2", SHA.v042, "2026-11-17T14:31:00Z"),
};
const AHEAD = [
  commit("7e1c9a4", SHA.v060, "Schedule database backup", "2026-11-19T10:30:00Z"), commit("5d20c11", hash("5d20c11"), "Index on items.created_at", "2026-11-19T09:10:00Z"),
  commit("c83ff02", hash("c83ff02"), "Preview probe for blue/green", "2026-11-18T17:40:00Z"), commit("b0a7d3e", hash("b0a7d3e"), "Count requests by path", "2026-11-18T17:05:00Z"),
];

export function run(id: string, change: Partial<RunRow> = {}): RunRow {
  return {
    id, kind: "deploy", name: "fastapi-app", environment: "dev", production: false, promoted_from: null, version: "v0.6.0", commit: SHA.v060, dirty: false, by: "student-a",
    state: "succeeded", refused: false, attempt: 1, requested: "2026-11-19T10:38:48Z", started: "2026-11-19T10:38:48Z", finished: "2026-11-19T10:40:00Z", reason: null, deed: null, ...change,
  };
}
const prod = { environment: "prod", production: true };
const at = (requested: string, seconds: number) => ({ requested, started: requested, finished: new Date(Date.parse(requested) + seconds * 1000).toISOString() });
export const HISTORY: RunRow[] = [
  run("43", { ...prod, version: "v0.5.1", commit: SHA.v051, ...at("2026-11-19T13:04:00Z", 302) }),
  run("42", { ...prod, promoted_from: "dev", state: "cancelled", refused: true, by: "student-b", requested: "2026-11-19T11:18:00Z", started: null, finished: "2026-11-19T11:18:01Z", reason: { code: "local.tests_failed", params: { service: "fastapi-app", version: "v0.6.0", reason: "exit code 1" }, message: "the tests of fastapi-app failed for v0.6.0: exit code 1" } }),
  run("41", { by: "student-b", ...at("2026-11-19T10:38:48Z", 72) }),
  run("36", { ...prod, version: "v0.5.0", commit: SHA.v050, by: "student-c", ...at("2026-11-18T16:22:00Z", 288) }),
  run("31", { ...prod, version: "v0.4.2", commit: SHA.v042, attempt: 2, ...at("2026-11-17T14:31:00Z", 380) }),
  run("30", { ...prod, version: "v0.4.2", commit: SHA.v042, state: "failed", ...at("2026-11-17T14:11:00Z", 61), reason: { code: "local.never_healthy", params: {}, message: "503 from /health after 30 s" } }),
  run("24", { ...prod, kind: "rollback", version: "v0.3.1", commit: hash("77aa001"), by: "student-d", ...at("2026-11-13T15:04:00Z", 9) }),
  run("23", { kind: "action", version: "v0.3.2", commit: hash("77aa002"), by: null, state: "interrupted", ...at("2026-11-13T14:50:00Z", 40), reason: { code: "run.interrupted", params: {}, message: "its process is gone" } }),
];

const base: EnvironmentView = {
  name: "dev", production: false, promotes_from: null, target: "local", address: "http://127.0.0.1:8080", strategy: "rolling", confirm_name: false, release: null,
  health: { state: "empty", detail: null, checked: null }, slots: [], back_to: null, releases: [], ahead: [], running: null, last_failed: null,
  cluster: null, image: null, replicas: null, cause: null,
};
export const DEV: EnvironmentView = {
  ...base, release: { run: "41", version: "v0.6.0", commit: SHA.v060, dirty: false, since: "2026-11-19T10:40:00Z", by: "student-b", elsewhere: false },
  health: { state: "healthy", detail: null, checked: "2026-11-19T13:25:58Z" }, back_to: RELEASES.v050, releases: [RELEASES.v050, RELEASES.v042], ahead: AHEAD,
};
export const PROD: EnvironmentView = {
  ...base, name: "prod", production: true, promotes_from: "dev", address: "http://127.0.0.1:8081", strategy: "blue-green", confirm_name: true,
  release: { run: "43", version: "v0.5.1", commit: SHA.v051, dirty: false, since: "2026-11-19T13:04:00Z", by: "student-a", elsewhere: false },
  health: { state: "healthy", detail: null, checked: "2026-11-19T13:25:58Z" },
  slots: [{ name: "green", live: true, version: "v0.5.1", healthy: true, traffic: 100, since: "2026-11-19T13:04:00Z" }, { name: "blue", live: false, version: "v0.5.0", healthy: true, traffic: 0, since: "2026-11-18T16:22:00Z" }],
  back_to: RELEASES.v050, releases: [RELEASES.v050, RELEASES.v042],
};
export const EMPTY_DEV = base;
export const EMPTY_PROD: EnvironmentView = { ...base, name: "prod", production: true, promotes_from: "dev", address: "http://127.0.0.1:8081", confirm_name: true };

const condition = (id: string, state: GateCondition["state"], fact: string, params: Record<string, string>): GateCondition => ({ id, state, fact, params, message: `${fact} ${Object.values(params).join(" ")}` });
const CONDITIONS: GateCondition[] = [
  condition("ran_before", "met", "ran_before.healthy", { version: "v0.6.0", environment: "dev", commit: "7e1c9a4", at: "2026-11-19T10:40:00Z" }),
  condition("checks", "pending", "checks.will_run", { commit: "7e1c9a4" }),
  condition("clean_tree", "met", "clean_tree.clean", {}),
  condition("name_typed", "at_the_end", "name_typed", { name: "prod" }),
];
export const OPEN: GateView = { from: "dev", to: "prod", candidate: RELEASES.v060, open: true, conditions: CONDITIONS };
const swap = (id: string, other: GateCondition) => CONDITIONS.map((one) => (one.id === id ? other : one));
export const CLOSED: GateView = { ...OPEN, open: false, conditions: swap("checks", condition("checks", "unmet", "checks.failed", { commit: "7e1c9a4", summary: "see run 42" })) };
export const ASKING: GateView = { ...OPEN, open: false, conditions: swap("checks", condition("checks", "pending", "checks.running", { commit: "7e1c9a4" })) };
export const IDLE: GateView = { from: "dev", to: "prod", candidate: null, open: false, conditions: [] };

export function deployments(change: Partial<Deployments> = {}): Deployments {
  return {
    project: PROJECT, services: ["fastapi-app"], service: "fastapi-app", trust: null, clone_error: null,
    clone: {
      head: commit("ab12f90", SHA.head, "Query the uploads by day", "2026-11-19T12:50:00Z", "main"), branch: "main", changed: [],
      versions: [
        commit("ab12f90", SHA.head, "Query the uploads by day", "2026-11-19T12:50:00Z", "main"), commit("v0.6.0", SHA.v060, "Schedule database backup", "2026-11-19T10:30:00Z"),
        commit("5d20c11", hash("5d20c11"), "Index on items.created_at", "2026-11-19T09:10:00Z"), commit("v0.5.1", SHA.v051, "Larger database pool", "2026-11-19T08:50:00Z"),
        commit("c83ff02", hash("c83ff02"), "Preview probe for blue/green", "2026-11-18T17:40:00Z", "feature/preview-probe"), commit("v0.5.0", SHA.v050, "Upload files", "2026-11-18T15:50:00Z"),
        commit("v0.4.2", SHA.v042, "Read-only role for the reporting user", "2026-11-17T13:50:00Z"),
      ],
    },
    environments: [DEV, PROD], gates: [OPEN], history: HISTORY, runs: 58, runs_production: 12, owner: null, ...change,
  };
}

export const TRUST = {
  digest: "sha256:4f2a96d1b6a2b30c9f0b0e7f1a8f6b7d0c2e5a4d3b1f9c8e7d6a5b4c3d2ec81d", changed: false,
  commands: ["fastapi-app starts: uvicorn app.main:app --port ${PORT}   (jalon.toml, line 21)", "fastapi-app tests: python -m pytest -q tests/unit   (jalon.toml, line 24)"],
};

const step = (id: string, state: RunStep["state"], started: string | null = null, seconds: number | null = null): RunStep => ({ id, state, started, finished: started && seconds !== null ? new Date(Date.parse(started) + seconds * 1000).toISOString() : null });
export function detail(row: RunRow, change: Partial<RunDetail> = {}): RunDetail {
  const t0 = row.started ?? row.requested;
  const later = (s: number) => new Date(Date.parse(t0) + s * 1000).toISOString();
  const ended = row.finished !== null;
  return {
    ...row,
    steps: [step("gate", "done", t0, 0.2), step("tests", "done", later(0.2), 21), step("export", "done", later(21.2), 0.6), step("start", "done", later(21.8), 1.2), step("health", ended ? "done" : "running", later(23), ended ? 3.4 : null), step("switch", ended ? "done" : "to_come", ended ? later(26.4) : null, 0.1), step("drain", ended ? "skipped" : "to_come")],
    journal: [{ at: row.requested, state: "planned" }, { at: t0, state: "running" }], left_behind: [],
    command: `jalonctl deploy ${row.name} --env ${row.environment} --version ${row.version ?? ""} --project ${PROJECT.dir}`, cancellable: !ended, ...change,
  };
}

const line = (seconds: number, stream: string, text: string): LogLine => ({ at: new Date(Date.parse("2026-11-19T13:25:20Z") + seconds * 1000).toISOString(), stream, text, release: null });
export const LINES: LogLine[] = [
  line(0, "jalon", "gate: every condition is met for 7e1c9a4"), line(0.2, "jalon", "tests: python -m pytest -q tests/unit"), line(2, "stdout", "................................................ [100%]"),
  line(21, "stdout", "48 passed in 20.71s"), line(21.2, "jalon", "export: 212 files of 7e1c9a4"), line(21.8, "jalon", "start: uvicorn app.main:app --port 41873"), line(22.6, "stderr", "INFO:     Started server process [20418]"),
  line(22.7, "stdout", "DATABASE_URL=postgresql://app:•••@127.0.0.1:5432/items"), line(22.9, "stderr", "INFO:     Waiting for application startup."), line(24, "jalon", "health: GET http://127.0.0.1:41873/health: 503, asked again"),
];
export const flood = (n: number): LogLine[] => Array.from({ length: n }, (_, i) => line(30 + i / 100, i % 7 === 0 ? "stderr" : "stdout", `request ${i} GET /items?page=${i % 40} ${i % 7 === 0 ? "500 the pool is exhausted, a connection was awaited for 30 s and never came" : "200"}`));
export const update = (run: RunDetail, lines: LogLine[] = LINES, change: Partial<RunUpdate> = {}): RunUpdate => ({ run, lines, next: lines.length, revision: 1, ended: run.finished !== null, waits: run.state === "waiting_for_confirmation", ...change });
