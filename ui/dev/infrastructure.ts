/** Scenarios of provisioning, clusters and monitoring for the stand-in engine. */
import type { LogLine, RunUpdate } from "../src/lib/api";
import type { Answers } from "./engine";
import * as k from "./cluster";
import * as d from "./delivery";
import * as o from "./observe";
import * as p from "./provision";

const never = () => new Promise<never>(() => {});
const fails = (code: string, message: string, params: Record<string, string> = {}) => () => { throw { code, params, message, hints: [] }; };

/** A run that stands where it is: the first question is answered at once, the next one waits. */
const stands = (update: RunUpdate): NonNullable<Answers["run_watch"]> => (q) => (q.revision > 0 && !update.ended ? never() : update);

/** A plan that is confirmed, applied resource by resource, and done; or asked to cancel. */
function applying(): Answers {
  let phase: "confirm" | "apply" | "end" | "cancelled" = "confirm";
  let written = 0;
  const lines: LogLine[] = p.DONE_LINES;
  const row = () => (phase === "confirm" ? p.RUNS.waiting : phase === "apply" ? { ...p.RUNS.waiting, state: "running" as const } : { ...p.RUNS.waiting, state: phase === "end" ? ("succeeded" as const) : ("cancelled" as const), finished: "2026-11-19T13:26:00Z", reason: phase === "end" ? null : { code: "run.cancelled", params: {}, message: "cancelled" } });
  const detail = () => p.detail(row(), phase === "cancelled" ? "failed" : phase);
  let wake = () => {};
  return {
    provisioning: () => p.provisioning(phase === "confirm" ? {} : { stacks: [{ ...(p.STACKS[0] as (typeof p.STACKS)[number]), environments: [p.place("prod", { running: phase === "apply" ? "214" : null, last: row(), applied: "2026-11-19T13:26:00Z", outputs: p.OUTPUTS })] }] }),
    provision_show: () => p.plan(phase === "confirm" ? {} : { applicable: false, results: phase === "end" ? p.OUTPUTS : [] }),
    provision_apply: (q) => { phase = "apply"; wake(); return { run: q.run, plan: [] }; },
    provision_discard: () => { phase = "cancelled"; wake(); return detail(); },
    run_cancel: () => { phase = "cancelled"; wake(); return detail(); },
    run_watch: async (q) => {
      if (q.id !== "214") return d.update(d.detail(d.run(q.id)));
      if (q.revision > 0 && phase === "confirm") await new Promise<void>((resolve) => { wake = resolve; });
      if (q.revision > 0 && phase === "apply") await new Promise((resolve) => setTimeout(resolve, 120));
      const most = phase === "confirm" ? p.PLAN_LINES.length : lines.length;
      const until = q.revision === 0 ? p.PLAN_LINES.length : Math.min(most, Math.max(written, q.from) + 1);
      written = until;
      if (phase === "apply" && until === lines.length) phase = "end";
      return { run: detail(), lines: lines.slice(q.from, until), next: until, revision: q.revision + 1, waits: phase === "confirm", ended: phase === "end" || phase === "cancelled" };
    },
  };
}

const destroyed = p.CHANGES.slice(2).map((one) => ({ ...one, action: "destroy" as const }));
const on = (environments = [k.C_DEV, k.C_PROD], more = {}): Answers => ({ deployments: () => d.deployments({ environments, gates: [k.CHECKED], ...more }) });

/** Answers of a scenario by name; none for the full project. */
export function infrastructureAnswers(scenario: string): Answers {
  const quiet = { monitoring: () => o.monitoring({ signals: o.CALM_SIGNALS, indicators: o.CALM, alarms: [], deployments: [] }), alarms: () => o.alarms({ alarms: [] }) };
  switch (scenario) {
    case "sample": return { provisioning: () => p.provisioning({ stacks: [], history: [] }), ...quiet };
    case "no-stacks": return { provisioning: () => p.provisioning({ stacks: [], history: [] }), alarms: () => o.alarms({ alarms: [] }), monitoring: () => o.monitoring({ source: { kind: "none", address: null, interval: null, last: null, error: null, warnings: [] }, signals: [], indicators: [], alarms: [], deployments: [] }) };
    case "stacks-untrusted": return { provisioning: () => p.provisioning({ trust: d.TRUST }), monitoring: () => o.monitoring({ trust: d.TRUST }) };
    case "tool-missing": return { provisioning: () => p.provisioning({ stacks: p.STACKS.map((stack) => ({ ...stack, program: null, program_problem: { code: "run.failed", params: {}, message: "terraform is not installed, or not on the PATH" } })) }) };
    case "ansible": return { provisioning: () => p.provisioning({ stacks: [{ name: "hosts", tool: "ansible", program: null, program_problem: null, environments: [p.place("dev", { dir: "ansible" })] }], history: [] }) };
    case "stacks-quiet": return { provisioning: () => p.provisioning({ stacks: [{ ...(p.STACKS[0] as (typeof p.STACKS)[number]), environments: [p.place("dev", { applied: "2026-11-18T15:04:12Z", drift: { run: "206", at: "2026-11-19T12:50:00Z", resources: 0, outputs: 0 } }), p.place("prod", { problem: { code: "run.failed", params: {}, message: "terraform/cluster/prod is not there" } })] }], history: [] }) };
    case "stacks-error": return { provisioning: fails("project.config_invalid", "jalon.toml, line 9: unknown key directory, did you mean dir?"), provision_show: fails("store.failed", "the disk is full"), monitoring: fails("store.failed", "the disk is full"), cluster_watch: fails("engine.timeout", "the cluster did not answer within 10 s"), diff: fails("engine.timeout", "the cluster did not answer within 10 s") };
    case "stacks-loading": return { provisioning: never, provision_show: never, monitoring: never, cluster_watch: never, diff: never };
    case "applying": return applying();
    case "plan-stale": return { provision_show: () => p.plan({ applicable: false, problem: { code: "run.failed", params: {}, message: "the state is at serial 88, the plan was made from 87" } }) };
    case "plan-empty": return { provision_show: () => p.plan({ changes: [], drift: [], outputs: [], diagnostics: [], counts: { create: 0, update: 0, replace: 0, destroy: 0, unchanged: 49 } }) };
    case "plan-destroy": return { provision_show: () => p.plan({ mode: "destroy", changes: destroyed, outputs: [], drift: [], counts: { create: 0, update: 0, replace: 0, destroy: destroyed.length, unchanged: 0 } }), run_watch: stands(d.update(p.detail({ ...p.RUNS.waiting, deed: "destroy" }, "confirm"), p.PLAN_LINES)) };
    case "plan-drift": return { run_watch: stands(d.update(p.detail({ ...p.RUNS.drift }, "end"), p.PLAN_LINES)), provision_show: () => p.plan({ run: p.RUNS.drift, mode: "drift", changes: [], outputs: [], diagnostics: [], applicable: false }) };
    case "plan-many": return { provision_show: () => p.plan({ changes: Array.from({ length: 240 }, (_, n) => ({ ...(p.CHANGES[4] as (typeof p.CHANGES)[number]), address: `module.network_of_the_team["zone-${n}"].aws_route_table_association.private_subnet_of_the_availability_zone[${n}]` })), counts: { create: 240, update: 0, replace: 0, destroy: 0, unchanged: 0 } }) };
    case "planning": return { run_watch: stands(d.update(p.detail(p.RUNS.planned, "plan"), p.PLAN_LINES.slice(0, 6))) };
    case "apply-failed": return { run_watch: stands(d.update(p.detail({ ...p.RUNS.waiting, state: "failed", finished: "2026-11-19T13:25:00Z", reason: { code: "run.failed", params: {}, message: "aws_db_instance.main: InvalidParameterCombination" } }, "failed", { left_behind: ["the state is at serial 88: what was done is in it"] }), p.FAIL_LINES)), provision_show: () => p.plan({ applicable: false }) };
    case "lock-held": return { run_watch: stands(d.update(p.detail({ ...p.RUNS.waiting, state: "failed", finished: "2026-11-19T13:25:00Z", reason: { code: "provision.locked", params: { lock: "857ad25e-2f0a", who: "student-b@lab", since: "2026-11-19T12:40:00Z", operation: "OperationTypeApply" }, message: "the state is locked: held by student-b@lab" } }, "plan"), p.PLAN_LINES.slice(0, 3))) };
    case "provision-refuses": return { provision_plan: fails("deploy.busy", "run 214 is under way"), provision_apply: fails("gate.confirm", "prdo is not prod"), provision_discard: fails("run.unknown", "no such run"), alarm_silence: fails("store.busy", "busy"), alarm_acknowledge: fails("store.busy", "busy"), alarm_act: fails("gate.confirm", "prdo is not prod") };
    case "watch-calm": return quiet;
    case "watch-partly": return { monitoring: () => o.monitoring({ signals: o.CALM_SIGNALS, indicators: [...o.CALM, ...o.INDICATORS.slice(4)], alarms: o.ALARMS.slice(3, 5), deployments: [], source: { kind: "own", address: "http://127.0.0.1:8081/metrics", interval: 15, last: "2026-11-19T13:20:00Z", error: { code: "engine.timeout", params: {}, message: "http://127.0.0.1:8081/metrics did not answer within 10 s", hints: [] }, warnings: ["2 series were left out: more than 10,000"] } }), alarms: () => o.alarms({ alarms: o.ALARMS.slice(3, 5) }) };
    case "watch-nothing": return { monitoring: () => o.monitoring({ indicators: [], alarms: [], signals: o.CALM_SIGNALS.map((one) => ({ ...one, series: [], last: null, problem: "no samples yet" })), deployments: [] }), alarms: () => o.alarms({ alarms: [] }) };
    case "alarm-blocked": { const blocked = { ...o.FIRING, suspect: null, action: o.FIRING.action && { ...o.FIRING.action, allowed: false, checks: o.FIRING.action.checks.map((one) => (one.id === "no_migration" ? { ...one, met: false } : one)) } }; return { alarms: () => o.alarms({ alarms: [blocked] }), monitoring: () => o.monitoring({ alarms: [blocked], services: ["fastapi-app", "worker"] }) }; }
    case "alarm-prometheus": { const own = { ...(o.ALARMS[5] as (typeof o.ALARMS)[number]), silenced_until: null }; return { alarms: () => o.alarms({ alarms: [own] }), monitoring: () => o.monitoring({ alarms: [own] }) }; }
    case "cluster": return on();
    case "cluster-broken": return on([k.C_DEV, k.C_BROKEN]);
    case "cluster-fine": return { ...on(), cluster_watch: (q) => (q.revision === 0 ? k.whole(k.FINE) : never()) };
    case "cluster-read-only": return { ...on([k.C_DEV, { ...k.C_PROD, cluster: { context: "prod-eks", namespace: "prod", read_only: true } }]), cluster_watch: (q) => (q.revision === 0 ? k.whole(k.view({ read_only: true })) : never()) };
    case "cluster-away": return { ...on(), cluster_watch: (q) => (q.revision === 0 ? k.whole(k.view({ error: { code: "engine.timeout", params: {}, message: "the cluster did not answer within 10 s", hints: [] }, as_of: "2026-11-19T13:12:00Z", health: "unknown" })) : never()) };
    case "owned": return on([k.C_DEV, k.C_PROD], { owner: { kind: "argo-cd", detail: "fastapi-app" } });
    case "diff-same": return { ...on(), diff: () => k.diff({ objects: [], warnings: [], unchanged: 14 }) };
    default: return {};
  }
}
