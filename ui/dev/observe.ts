/** Signals, indicators and alarms of an engine that is not there. */
import type { Alarms, AlarmView, IndicatorView, Monitoring, Signal } from "../src/lib/api";
import { NOW, PROJECT } from "./fixtures";

const TO = Date.parse(NOW) / 1000;
const STEP = 30;
const COUNT = 120;
const FROM = TO - COUNT * STEP;

/** Numbers of 0..1 that are the same every time. */
function noise(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}
const DEPLOYED = TO - 22 * 60;
const GAP = [TO - 45 * 60, TO - 42 * 60] as const;
/** A line that is `low` at first and climbs to `high` after the deployment. */
function line(label: string, seed: number, low: number, high: number, spread: number): { label: string; points: Array<[number, number | null]> } {
  const random = noise(seed);
  return {
    label,
    points: Array.from({ length: COUNT + 1 }, (_, n) => {
      const at = FROM + n * STEP;
      const rise = Math.min(1, Math.max(0, (at - DEPLOYED - 60) / 420));
      const value = low + (high - low) * rise + (random() - 0.5) * spread * (1 + rise);
      return [at, at > GAP[0] && at < GAP[1] ? null : Math.max(0, value)];
    }),
  };
}
const lastOf = (points: Array<[number, number | null]>) => points.at(-1)?.[1] ?? null;
const signal = (id: string, unit: string, series: Signal["series"], change: Partial<Signal> = {}): Signal => ({ id, unit, series, last: lastOf(series.at(-1)?.points ?? []), thresholds: [], queries: series.map(() => `sum(rate(http_${id}_total[5m]))`), firing: [], problem: null, ...change });

export const SIGNALS: Signal[] = [
  signal("latency", "s", [line("p50", 3, 0.048, 0.09, 0.01), line("p95", 5, 0.13, 0.672, 0.03)], { firing: [[TO - 540, null]] }),
  signal("errors", "ratio", [line("errors", 7, 0.002, 0.048, 0.003)], { thresholds: [{ indicator: "errors", value: 0.01 }], firing: [[TO - 540, null]] }),
  signal("traffic", "per_s", [line("requests", 11, 44, 35, 7)], {}),
  signal("saturation", "ratio", [line("database pool in use", 13, 0.31, 0.98, 0.04)], { thresholds: [{ indicator: "pool", value: 0.9 }], firing: [[TO - 540, null]] }),
];
export const CALM_SIGNALS: Signal[] = [
  signal("latency", "s", [line("p50", 3, 0.048, 0.05, 0.01), line("p95", 5, 0.13, 0.14, 0.03)]), signal("errors", "ratio", [line("errors", 7, 0.002, 0.002, 0.002)], { thresholds: [{ indicator: "errors", value: 0.01 }] }),
  signal("traffic", "per_s", [line("requests", 11, 44, 42, 7)]), signal("saturation", "ratio", [], { last: null, problem: "no metric that tells saturation" }),
];

const indicator = (name: string, state: IndicatorView["state"], value: number | null, change: Partial<IndicatorView> = {}): IndicatorView => ({ name, query: `sum(rate(${name}_total[5m]))`, unit: "%", raise: "> 1", clear: "< 0.5", for_seconds: 120, value, state, since: "2026-11-19T13:17:00Z", weight: 1, ...change });
export const INDICATORS: IndicatorView[] = [
  indicator("errors", "firing", 4.8, { weight: 40, query: '100 * sum(rate(http_requests_total{status=~"5.."}[5m])) / sum(rate(http_requests_total[5m]))' }),
  indicator("latency p95", "pending", 0.672, { unit: "s", raise: "> 0.5", clear: "< 0.4", weight: 25 }), indicator("pool", "firing", 100, { raise: "> 90", clear: null, weight: 15 }),
  indicator("availability", "ok", 1, { unit: null, raise: "< 1", clear: null, for_seconds: 0, weight: 20, query: "probe http /health" }), indicator("certificate", "no_data", null, { unit: "s", raise: "< 604800", clear: null, since: null, weight: 5, query: "probe tls campus.example:443" }),
  indicator("queue", "error", null, { unit: null, raise: "> 100", clear: null, weight: 5 }),
];
export const CALM: IndicatorView[] = INDICATORS.slice(0, 4).map((one) => ({ ...one, state: "ok" as const, value: one.name === "errors" ? 0.2 : one.name === "pool" ? 31 : one.name === "availability" ? 1 : 0.14 }));

const alarm = (id: string, name: string, state: AlarmView["state"], change: Partial<AlarmView> = {}): AlarmView => ({
  id, source: "jalon", name, environment: "prod", service: "fastapi-app", state, since: "2026-11-19T13:17:00Z", value: 4.8, unit: "%", rule: "> 1 for 2m, clears < 0.5", message: null, silenced_until: null, acknowledged: null, suspect: null, action: null, ...change,
});
export const FIRING: AlarmView = alarm("errors/prod", "errors", "firing", {
  suspect: { run: "43", version: "v0.5.1", seconds_before: 780 },
  action: {
    kind: "rollback", to: "v0.5.0", allowed: true, confirm_name: true,
    checks: [
      { id: "recent_deployment", met: true, message: "v0.5.1 was deployed 22 min ago", params: { version: "v0.5.1", minutes: "22", limit: "30" } }, { id: "previous_release", met: true, message: "v0.5.0 ran here before", params: { version: "v0.5.0" } }, { id: "no_migration", met: true, message: "no migration", params: {} },
    ],
  },
});
export const ALARMS: AlarmView[] = [
  FIRING, alarm("pool/prod", "pool", "firing", { value: 100, acknowledged: { at: "2026-11-19T13:20:00Z", by: "student-b" } }), alarm("latency/prod", "latency p95", "pending", { value: 0.672, unit: "s" }),
  alarm("queue/prod", "queue", "error", { value: null, unit: null, message: "unknown function qantile" }), alarm("certificate/prod", "certificate", "no_data", { value: null, unit: "s", message: "the host does not answer" }),
  alarm("p/NodeDown", "NodeDown", "firing", { source: "prometheus", environment: "prod", service: null, value: 0, unit: null, rule: "up == 0", message: "node-2 has been down for 5 minutes", silenced_until: "2026-11-19T15:00:00Z" }),
];
export const alarms = (change: Partial<Alarms> = {}): Alarms => ({ alarms: ALARMS, as_of: NOW, problems: [], ...change });
export function monitoring(change: Partial<Monitoring> = {}): Monitoring {
  return {
    project: PROJECT, trust: null, services: ["fastapi-app"], environments: [["dev", false], ["prod", true]], service: "fastapi-app", environment: "prod",
    source: { kind: "prometheus", address: "http://127.0.0.1:9090", interval: 15, last: NOW, error: null, warnings: [] }, from: new Date(FROM * 1000).toISOString(), to: NOW, signals: SIGNALS,
    deployments: [{ run: "43", version: "v0.5.1", at: new Date(DEPLOYED * 1000).toISOString(), kind: "deploy", succeeded: true }], indicators: INDICATORS, alarms: ALARMS, ...change,
  };
}
