/** KPIs, plots and reports of an engine that is not there. */
import type { Exported, Kpi, KpiEvent, Kpis, Plot, PlotQuery, Reports } from "../src/lib/api";
import { PROJECT } from "./fixtures";

const VERSIONS: Array<[id: string, label: string, at: string, value: number, mark: string | null]> = [
  ["3", "v0.1.0", "2026-11-02T15:00:00Z", 400, null], ["5", "v0.1.1", "2026-11-04T11:00:00Z", 310, null], ["8", "v0.2.0", "2026-11-06T16:20:00Z", 1530, "2 attempts"], ["11", "v0.2.1", "2026-11-09T09:00:00Z", 372, null],
  ["14", "v0.3.0", "2026-11-10T13:30:00Z", 345, null], ["17", "v0.3.1", "2026-11-12T10:10:00Z", 388, null], ["21", "v0.4.0", "2026-11-13T09:40:00Z", 298, null], ["24", "v0.3.1", "2026-11-13T15:04:00Z", 9, "rollback"],
  ["28", "v0.4.1", "2026-11-16T10:00:00Z", 366, "rework"], ["31", "v0.4.2", "2026-11-17T14:31:00Z", 1310, "2 attempts"], ["36", "v0.5.0", "2026-11-18T16:22:00Z", 288, null], ["43", "v0.5.1", "2026-11-19T13:04:00Z", 302, null],
];
const EVENTS: KpiEvent[] = VERSIONS.map(([id, label, at, value, mark]) => ({ id, label, at, value, mark }));

const kpi = (id: string, unit: string, value: number | null, n: number, interval: [number, number] | null, more: Partial<Kpi> = {}): Kpi => ({
  id, unit, value, n, interval, excluded: {}, state: value === null ? "no_data" : "ok", formula: "", also: {}, band: null, events: [], ...more,
});
export function kpis(change: Partial<Kpis> = {}): Kpis {
  return {
    from: "2026-10-29T23:00:00Z", to: "2026-11-19T13:26:00Z", environment: null, environments: ["prod", "dev"],
    kpis: [
      kpi("deployment_cycle_time", "s", 356, 12, [298, 400], { formula: "median(finished − requested)", excluded: { cancelled: 1 }, also: { mean: 493.2 }, events: EVENTS }),
      kpi("deployment_frequency", "per_week", 4, 12, [2.07, 6.99], { formula: "successes ÷ weeks", also: { weekly_median: 4.5 }, events: EVENTS }),
      kpi("deployment_success_rate", "ratio", 0.857, 14, [0.601, 0.96], { formula: "S ÷ (S + F)", excluded: { cancelled: 1 }, also: { first_attempt_rate: 0.833, eventual_rate: 1 }, events: EVENTS.map((one) => ({ ...one, value: 1 })) }),
      kpi("change_lead_time", "s", 33600, 41, [18600, 50700], { formula: "median(live − committed)", excluded: { undeployed: 6 }, band: "under_day" }),
      kpi("change_fail_rate", "ratio", 0.182, 11, [0.051, 0.477], { formula: "failed ÷ deployments" }),
      kpi("recovery_time", "s", 2280, 1, null, { formula: "median(restored − finished)", excluded: { open: 1 }, events: [{ id: "24", label: "v0.3.1", at: "2026-11-13T15:04:00Z", value: 2280, mark: "rollback" }] }),
      kpi("rework_rate", "ratio", 0.083, 12, [0.015, 0.354], { formula: "rework ÷ successes" }),
    ],
    weeks: [{ monday: "2026-10-26", succeeded: 0, failed: 0, partial: true }, { monday: "2026-11-02", succeeded: 3, failed: 1, partial: false }, { monday: "2026-11-09", succeeded: 5, failed: 0, partial: false }, { monday: "2026-11-16", succeeded: 4, failed: 1, partial: true }],
    ...change,
  };
}
export const noKpis = (): Kpis => kpis({ weeks: [], kpis: kpis().kpis.map((one) => ({ ...one, value: one.id === "deployment_frequency" ? 0 : null, n: 0, interval: one.id === "deployment_frequency" ? [0, 0.61] : null, state: one.id === "deployment_frequency" ? "ok" : "no_data", events: [], excluded: {}, also: {}, band: null })) });
export const fewKpis = (): Kpis => kpis({ kpis: kpis().kpis.map((one) => ({ ...one, n: 3, interval: one.unit === "s" ? null : one.interval, events: one.events.slice(0, 3) })) });

/** A drawing of its own: what the real one looks like is plotters' affair. */
export function plot(query: PlotQuery): Plot {
  const { width, height } = query;
  const dark = query.theme === "dark";
  const [axis, grid, mark] = dark ? ["#94918b", "#272624", "#90aaf8"] : ["#6b6862", "#eceae6", "#2b54c9"];
  const x = (n: number) => 44 + ((width - 60) * n) / (EVENTS.length - 1);
  const y = (value: number) => 18 + (height - 52) * (1 - Math.log(value / 6) / Math.log(1800 / 6));
  const ticks = [6, 60, 600].map((value) => `<line x1="44" y1="${y(value)}" x2="${width}" y2="${y(value)}" stroke="${grid}"/><text x="36" y="${y(value) + 4}" text-anchor="end" font-family="Inter" font-size="11" fill="${axis}">${value === 6 ? "6 s" : value === 60 ? "1 min" : "10 min"}</text>`).join("");
  const dots = EVENTS.map((one, n) => `<circle cx="${x(n)}" cy="${y(one.value ?? 6)}" r="4.5" fill="${mark}"/>`).join("");
  const titles: Record<string, string> = query.language === "fr"
    ? { frequency: "Tentatives par semaine", cycle_time: "Temps de cycle", success_rate: "Taux de réussite" }
    : { frequency: "Attempts a week", cycle_time: "Cycle times", success_rate: "Success rate" };
  return {
    svg: `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"><script>window.evil = 1</script>${ticks}<line x1="44" y1="${y(356)}" x2="${width}" y2="${y(356)}" stroke="${axis}" stroke-width="1.5"/>${dots}</svg>`,
    width, height, title: titles[query.name] ?? query.name, alt: "12 cycle times between 9 s and 25 min, median 5 min 56 s",
    table: [["Release", "When", "Took"], ...EVENTS.map((one) => [one.label, one.at.slice(0, 10), `${one.value} s`])],
    points: EVENTS.map((one, n) => ({ x: x(n), y: y(one.value ?? 6), label: `${one.label}: ${one.value} s`, id: one.id })),
  };
}

export const EXPORTED: Exported = {
  path: "/home/student-a/Documents/fastapi-k8s/report.docx", at: "2026-11-19T09:30:00Z", size: 412_331, unchanged: true, notes: ["the tutor of student-b is not named"],
};
export function reports(change: Partial<Reports> = {}): Reports {
  return {
    project: PROJECT, title: "Automated deployment of a data platform", language: "fr",
    candidates: [{ name: "Student A", login: "student-a", tutor: "Tutor T" }, { name: "", login: "student-b", tutor: "" }],
    sources: [
      { path: "docs/project/01-context.md", title: "Context and needs", words: 1240, problem: null }, { path: "docs/project/02-infrastructure.md", title: "Infrastructure as code", words: 2310, problem: null },
      { path: "docs/project/03-delivery.md", title: "Continuous delivery", words: 0, problem: null }, { path: "docs/project/04-monitoring.md", title: "04-monitoring", words: 0, problem: "permission denied" },
    ],
    missing: ["company", "candidates.tutor"], facts: { stages: 9, runs: 58, attempts: 14 }, report: EXPORTED, slides: null, folder: "/home/student-a/Documents/fastapi-k8s", ...change,
  };
}
