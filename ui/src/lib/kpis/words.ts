/** KPIs in words and figures. */
import type { Kpi } from "$lib/api";
import { formatDuration, formatNumber } from "$lib/i18n/amounts";
import { hasMessage, t } from "$lib/i18n/index.svelte";

/** KPIs that the plan names, each with its plot; the rest is DORA's. */
export const NAMED = ["deployment_cycle_time", "deployment_frequency", "deployment_success_rate"] as const;

/** Below so many a median has no interval. */
const SMALL = 6;

/** Name of a KPI. */
export function kpiName(id: string): string {
  const key = `kpi.${id}`;
  return hasMessage(key) ? t(key) : id;
}

/** What a KPI says, in a sentence. */
export function kpiText(id: string): string {
  const key = `kpi.${id}.text`;
  return hasMessage(key) ? t(key) : "";
}

/** A value in its unit: the figure, and the unit where it stands apart. */
export function valueOf(value: number, unit: string): { figure: string; unit: string } {
  if (unit === "s") return { figure: formatDuration(value), unit: "" };
  if (unit === "ratio") return { figure: formatNumber(value * 100, 1), unit: "%" };
  if (unit === "per_week") return { figure: formatNumber(value, 2), unit: t("kpi.unit.per_week") };
  return { figure: formatNumber(value, 2), unit };
}

/** A value and its unit in one. */
export function valueText(value: number, unit: string): string {
  const { figure, unit: words } = valueOf(value, unit);
  if (words === "") return figure;
  return words === "%" ? t("amount.percent", { n: figure }) : `${figure}\u00a0${words}`;
}

/** The interval in words, or why there is none. */
export function intervalText(kpi: Kpi): string {
  if (kpi.state === "no_data") return t("kpi.no_data");
  if (kpi.interval === null) return kpi.n < SMALL ? t("kpi.no_interval_below", { n: SMALL }) : t("kpi.no_interval");
  const [low, high] = kpi.interval;
  return t("kpi.interval", { low: kpi.unit === "ratio" ? formatNumber(low * 100, 1) : kpi.unit === "per_week" ? formatNumber(low, 2) : formatDuration(low), high: kpi.unit === "per_week" ? formatNumber(high, 2) : valueText(high, kpi.unit) });
}

/** What was left out, by reason: "1 cancelled, 2 under way". */
export function excludedText(kpi: Kpi): string {
  return Object.entries(kpi.excluded).filter(([, n]) => n > 0).map(([reason, n]) => {
    const key = `kpi.excluded.${reason}`;
    return hasMessage(key) ? t(key, { n }) : `${n} ${reason}`;
  }).join(", ");
}

/** How many were left out. */
export function excludedCount(kpi: Kpi): number {
  return Object.values(kpi.excluded).reduce((sum, n) => sum + n, 0);
}

/** Secondary figures, each with its name. */
export function alsoOf(kpi: Kpi): Array<{ name: string; value: string }> {
  return Object.entries(kpi.also).map(([id, value]) => {
    const key = `kpi.also.${id}`;
    // Counts stand among the figures: they have no unit.
    return { name: hasMessage(key) ? t(key) : id, value: id === "chains_without_success" ? formatNumber(value, 0) : valueText(value, kpi.unit) };
  });
}

/** DORA's band in words. */
export function bandText(band: string): string {
  const key = `kpi.band.${band}`;
  return hasMessage(key) ? t(key) : band;
}

/** What is special about an event, in words. */
export function markText(mark: string): string {
  const attempts = /^(\d+) attempts?$/.exec(mark);
  if (attempts) return t("kpi.mark.attempts", { n: Number(attempts[1]) });
  const key = `kpi.mark.${mark}`;
  return hasMessage(key) ? t(key) : mark;
}

/** Whether an event is a run, here or at a teammate: runs are numbered, commits and incidents are not. */
export function isRun(id: string): boolean {
  return /^(?:github-)?\d{1,15}$/.test(id);
}

/** Where value and interval lie on a line of 0..1: shares from 0 to 100 %, durations by their logarithm, rates from zero. */
export function scaleOf(kpi: Kpi): { at: number; from: number; to: number } | null {
  if (kpi.value === null || kpi.state === "no_data") return null;
  const [low, high] = kpi.interval ?? [kpi.value, kpi.value];
  let place: (value: number) => number;
  if (kpi.unit === "ratio") place = (value) => value;
  else if (kpi.unit === "s") {
    const least = Math.log(Math.max(0.05, Math.min(low, kpi.value)) / 2.5);
    const most = Math.log(Math.max(0.1, high, kpi.value) * 2.5);
    place = (value) => (Math.log(Math.max(0.05, value)) - least) / (most - least);
  } else {
    const most = Math.max(high, kpi.value, 0.01) * 1.3;
    place = (value) => value / most;
  }
  const clamp = (value: number) => Math.min(1, Math.max(0, place(value)));
  return { at: clamp(kpi.value), from: clamp(low), to: clamp(high) };
}
