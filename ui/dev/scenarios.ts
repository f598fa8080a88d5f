/** Scenarios of deployments, runs, KPIs and reports for the stand-in engine. */
import type { Deployments, RunDetail } from "../src/lib/api";
import type { Answers } from "./engine";
import * as d from "./delivery";
import { NEVER, PROJECT, STAGES, START, overview, withoutGitHub } from "./fixtures";
import * as m from "./measure";

const never = () => new Promise<never>(() => {});
const fails = (code: string, message: string, params: Record<string, string> = {}) => () => { throw { code, params, message, hints: [] }; };
const show = (change: Partial<Deployments>): Answers => ({ deployments: () => d.deployments(change) });
const NO_GITHUB = { ...PROJECT, github: null };

/** A run that writes line by line, until it is asked to cancel. */
function live(): Answers {
  const row = d.run("44", { state: "running", started: "2026-11-19T13:25:20Z", requested: "2026-11-19T13:25:19Z", finished: null, environment: "dev" });
  let cancelled = false;
  const cancelledRun = (): RunDetail => d.detail({ ...row, state: "cancelled", finished: "2026-11-19T13:26:10Z", reason: { code: "run.cancelled", params: {}, message: "cancelled by student-a" } }, { left_behind: ["nothing: the new process was ended, v0.5.1 goes on serving"] });
  return {
    deployments: () => d.deployments({ environments: [{ ...d.DEV, running: cancelled ? null : "44" }, d.PROD], history: [cancelled ? cancelledRun() : row, ...d.HISTORY] }),
    run_watch: async (p) => {
      if (p.id !== "44") return d.update(d.detail(d.HISTORY.find((one) => one.id === p.id) ?? d.run(p.id)));
      if (p.revision > 0) for (let n = 0; n < 20 && !cancelled; n += 1) await new Promise((resolve) => setTimeout(resolve, 60));
      if (cancelled) return { run: cancelledRun(), lines: [], next: p.from, revision: 99, ended: true, waits: false };
      const lines = p.from === 0 ? d.LINES : d.flood(p.from + 1).slice(p.from);
      return { run: d.detail(row), lines, next: p.from + lines.length, revision: p.revision + 1, ended: false, waits: false };
    },
    run_cancel: () => { cancelled = true; return d.detail(row); },
  };
}

const failed = (code: string, message: string, left: string[] = []): Answers => {
  const row = d.run("44", { state: "failed", requested: "2026-11-19T13:25:19Z", started: "2026-11-19T13:25:20Z", finished: "2026-11-19T13:25:52Z", reason: { code, params: {}, message } });
  const steps = d.detail(row).steps.map((one) => (one.id === "health" ? { ...one, state: "failed" as const } : one.id === "switch" || one.id === "drain" ? { ...one, state: "skipped" as const, started: null, finished: null } : one));
  return {
    deployments: () => d.deployments({ environments: [{ ...d.DEV, last_failed: row }, d.PROD], history: [row, ...d.HISTORY] }),
    run_watch: () => d.update(d.detail(row, { steps, left_behind: left }), [...d.LINES, ...d.flood(200)]),
  };
};

/** Answers of a scenario by name; none for the full project. */
export function deliveryAnswers(scenario: string): Answers {
  switch (scenario) {
    case "sample": return { ...show({ environments: [d.EMPTY_DEV, d.EMPTY_PROD], gates: [d.IDLE], history: [], runs: 0, runs_production: 0, project: NO_GITHUB }), start: () => ({ ...START, project: NO_GITHUB }), overview: () => overview({ project: NO_GITHUB, sync: NEVER, risks: [], lately: [], stages: withoutGitHub(STAGES) }), kpis: () => m.noKpis() };
    case "gate-closed": return show({ gates: [d.CLOSED], environments: [d.DEV, { ...d.PROD, last_failed: d.HISTORY[1] ?? null }] });
    case "gate-asking": return show({ gates: [d.ASKING] });
    case "prod-failing": return show({ gates: [d.CLOSED], environments: [d.DEV, { ...d.PROD, health: { state: "failing", detail: "503 from /health", checked: "2026-11-19T13:25:58Z" } }] });
    case "dev-crashed": return show({ gates: [d.CLOSED], environments: [{ ...d.DEV, health: { state: "crashed", detail: "exit status 1", checked: "2026-11-19T13:25:58Z" } }, d.PROD] });
    case "untrusted": return show({ trust: d.TRUST, clone: null, environments: [], gates: [], history: [] });
    case "untrusted-changed": return show({ trust: { ...d.TRUST, changed: true }, clone: null, environments: [], gates: [], history: [] });
    case "no-services": return show({ services: [], service: null, environments: [], gates: [], history: [], runs: 0, runs_production: 0 });
    case "dirty": { const all = d.deployments(); return show({ clone: all.clone && { ...all.clone, changed: ["app/main.py", "jalon.toml"] } }); }
    case "not-a-clone": return show({ clone: null, clone_error: { code: "git.not_a_clone", params: { dir: PROJECT.dir }, message: `${PROJECT.dir} is no git clone`, hints: [] } });
    case "one-environment": return show({ environments: [d.DEV], gates: [], services: ["fastapi-app", "worker"] });
    case "three-environments": return show({
      environments: [d.DEV, { ...d.DEV, name: "preprod", promotes_from: "dev", confirm_name: false, address: "http://127.0.0.1:8082", release: d.PROD.release, ahead: [] }, { ...d.PROD, promotes_from: "preprod", target: "kubernetes" }],
      gates: [{ ...d.OPEN, to: "preprod" }, { ...d.CLOSED, from: "preprod", candidate: d.RELEASES.v050 }],
    });
    case "long-names": return show({ services: ["a-service-with-a-very-long-name-that-goes-on"], service: "a-service-with-a-very-long-name-that-goes-on", environments: [{ ...d.DEV, name: "development-of-the-team", release: d.DEV.release && { ...d.DEV.release, version: "2026.11.19-nightly.build.4711+ab12f90", dirty: true } }, { ...d.PROD, promotes_from: "development-of-the-team" }], gates: [{ ...d.OPEN, from: "development-of-the-team", candidate: d.OPEN.candidate && { ...d.OPEN.candidate, version: "2026.11.19-nightly.build.4711+ab12f90" } }] });
    case "running": return live();
    case "run-failed": return failed("local.never_healthy", "503 from /health after 30 s", ["the files of 7e1c9a4 in the runs' folder"]);
    case "run-tests-failed": return failed("local.tests_failed", "2 of 48 tests failed");
    case "refuses": return { deploy: fails("deploy.busy", "run 44 is under way in dev"), promote: fails("gate.closed", "the tests failed on 7e1c9a4"), rollback: fails("gate.confirm", "prdo is not prod"), stop: fails("local.host_lost", "the host is gone"), trust: fails("deploy.not_trusted", "the commands have changed") };
    case "deployments-error": return { deployments: fails("project.config_invalid", "jalon.toml, line 12: unknown key comand, did you mean command?", { path: "jalon.toml", line: "12" }), kpis: fails("store.failed", "the disk is full"), reports: fails("project.config_invalid", "jalon.toml, line 40: unknown key titel") };
    case "deployments-loading": return { deployments: never, kpis: never, reports: never, kpi_plot: never };
    case "no-kpis": return { kpis: () => m.noKpis(), kpi_plot: fails("kpis.no_plot", "nothing to draw") };
    case "few-kpis": return { kpis: () => m.fewKpis() };
    case "reports-missing": return { reports: () => m.reports({ title: null, candidates: [], missing: ["title", "candidates.name", "candidates.tutor", "school", "company", "logos", "course", "cohort", "sources"], report: null, slides: null, sources: [] }) };
    case "export-fails": return { export_report: fails("report.not_written", "permission denied", { path: m.EXPORTED.path }) };
    case "exporting": return { export_report: never, export_slides: never };
    default: return {};
  }
}
