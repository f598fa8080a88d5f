/** Alarms, indicators and signals in words. */
import type { ActionCheck, AlarmState, AlarmView, IndicatorView, Monitoring, ProposedAction, Series, Signal } from "$lib/api";
import type { State } from "$lib/components/Status.svelte";
import { formatDuration, formatNumber } from "$lib/i18n/amounts";
import { hasMessage, t } from "$lib/i18n/index.svelte";
import { valueWords } from "$lib/plots/scale";

/** Whether an alarm waits for a person: it fires, and nobody silenced or acknowledged it. */
export function isLoud(alarm: AlarmView): boolean {
  return alarm.state === "firing" && alarm.silenced_until === null && alarm.acknowledged === null;
}

const ORDER: AlarmState[] = ["firing", "recovering", "pending", "error", "no_data", "unknown", "ok"];

/** Alarms, those that ring first. */
export function byUrgency(alarms: readonly AlarmView[]): AlarmView[] {
  return [...alarms].sort((a, b) => Number(isLoud(b)) - Number(isLoud(a)) || ORDER.indexOf(a.state) - ORDER.indexOf(b.state));
}

/** How an alarm or an indicator is: shape and word. No data and errors have shapes of their own. */
export function alarmLook(state: AlarmState): { state: State; label: string } {
  const states: Record<AlarmState, State> = { firing: "firing", recovering: "under_way", pending: "pending", error: "error", no_data: "no_data", unknown: "unknown", ok: "ok" };
  return { state: states[state], label: t(`alarm.state.${state}`) };
}

/** A value in the unit that jalon.toml names, which may be any word. */
export function indicatorValue(value: number | null, unit: string | null): string {
  if (value === null || !Number.isFinite(value)) return t("plot.no_data");
  if (unit === null || unit === "" || unit === "1") return formatNumber(value, 2);
  if (unit === "%") return t("amount.percent", { n: formatNumber(value, 2) });
  if (unit === "/s") return valueWords(value, "per_s");
  if (["s", "ratio", "per_s", "bytes"].includes(unit)) return valueWords(value, unit);
  return `${formatNumber(value, 2)}\u00a0${unit}`;
}

/** A comparison such as `> 1` in words: "above 1 %". */
function comparisonWords(text: string, unit: string | null): string {
  const found = /^\s*(>=|<=|==|!=|>|<)\s*(-?[\d.]+(?:e-?\d+)?)\s*$/i.exec(text);
  if (!found) return text;
  const words = { ">": "above", ">=": "at_least", "<": "below", "<=": "at_most", "==": "exactly", "!=": "other" } as const;
  return t(`compare.${words[found[1] as keyof typeof words]}`, { value: indicatorValue(Number(found[2]), unit) });
}

/** The rule of an indicator in words: "above 1 % for 2 min, clears below 0.5 %". */
export function ruleWords(indicator: Pick<IndicatorView, "raise" | "clear" | "for_seconds" | "unit">): string {
  if (indicator.raise.trim() === "") return t("rule.none");
  const raise = comparisonWords(indicator.raise, indicator.unit);
  const first = indicator.for_seconds > 0 ? t("rule.for", { raise, time: formatDuration(indicator.for_seconds) }) : raise;
  return indicator.clear ? t("rule.clears", { raise: first, clear: comparisonWords(indicator.clear, indicator.unit) }) : first;
}

/** Share of an indicator's weight that counts, by how it is; none where nothing is known. */
const SHARE: Record<AlarmState, number | null> = { ok: 1, pending: 0.5, recovering: 0.5, firing: 0, error: null, no_data: null, unknown: null };
/** One indicator's part of the health points. */
export interface Part { name: string; state: AlarmState; points: number | null; of: number | null }
/** Health of 100, and what it is made of; none without an indicator that has data. */
export interface Health { points: number | null; parts: Part[] }

/** Health points: the weight of what is fine, and half of what wavers, as a share of the weight of all that has data. */
export function healthOf(indicators: readonly IndicatorView[]): Health {
  const counted = indicators.filter((one) => one.weight > 0 && SHARE[one.state] !== null && one.raise.trim() !== "");
  const total = counted.reduce((sum, one) => sum + one.weight, 0);
  const parts = indicators.filter((one) => one.weight > 0 && one.raise.trim() !== "").map((one): Part => {
    const share = SHARE[one.state];
    if (share === null || total === 0) return { name: one.name, state: one.state, points: null, of: null };
    const of = (one.weight / total) * 100;
    return { name: one.name, state: one.state, points: of * share, of };
  });
  return { points: total === 0 ? null : parts.reduce((sum, part) => sum + (part.points ?? 0), 0), parts };
}

/** The screen's answer in words, where no alarm rings. */
export function calmWords(data: Monitoring): { first: string; second: string } {
  const ruled = data.indicators.filter((one) => one.raise.trim() !== "");
  const count = (state: AlarmState) => ruled.filter((one) => one.state === state).length;
  const [fine, dark, broken] = [count("ok"), count("no_data") + count("unknown"), count("error")];
  const quiet = data.alarms.filter((alarm) => alarm.state === "firing").length;
  if (ruled.length === 0 && data.alarms.length === 0) return { first: t("calm.nothing_watched"), second: t("calm.nothing_watched_text") };
  const first = quiet > 0 ? t("calm.known", { n: quiet }) : broken + dark > 0 ? t("calm.partly", { n: broken + dark }) : t("calm.nothing_fires");
  const wavering = count("pending") + count("recovering");
  const second = [
    fine > 0 ? t("calm.fine", { n: fine }) : "",
    wavering > 0 ? t("calm.wavering", { n: wavering }) : "",
    dark > 0 ? t("calm.no_data", { n: dark }) : "",
    broken > 0 ? t("calm.error", { n: broken }) : "",
  ].filter(Boolean).join(" ");
  return { first, second };
}

/** Title of an alarm: what is wrong, with its number where there is one. */
export function alarmTitle(alarm: AlarmView): string {
  // The value of an alert of Prometheus' own is that of its expression, which need not be what its name is about.
  return alarm.value === null || alarm.source === "prometheus" ? alarm.name : t("alarm.title", { name: alarm.name, value: indicatorValue(alarm.value, alarm.unit) });
}

/** What an action does, as its button says. */
export function actionWords(action: ProposedAction, environment: string, service: string): { title: string; button: string } {
  if (action.kind === "rollback") return { title: t("act.rollback", { environment, version: action.to ?? "" }), button: t("environment.rollback") };
  if (action.kind === "restart") return { title: t("act.restart", { environment, service }), button: t("act.restart_button") };
  return { title: action.kind, button: action.kind };
}

/** A condition of an action in words, or the engine's own sentence as English. */
export function checkWords(check: ActionCheck): { text: string; english: boolean } {
  const key = `act_check.${check.id}.${check.met ? "met" : check.params["reason"] ? "unknown" : "unmet"}`;
  const params = { version: "", minutes: "", limit: "", hour: "", day: "", files: "", ...check.params };
  return hasMessage(key) ? { text: t(key, params), english: false } : { text: check.message, english: true };
}

/** A line whose label is a word of Jalon's own, not a metric's name, in the person's language. */
export function inWords(series: Series): Series {
  const key = `signal.series.${series.label.replaceAll(" ", "_")}`;
  return hasMessage(key) ? { ...series, label: t(key) } : series;
}

/** Name of a signal, and what it shows. */
export function signalWords(signal: Signal): { title: string; detail: string } {
  const title = hasMessage(`signal.${signal.id}`) ? t(`signal.${signal.id}` as never) : signal.id;
  const labels = signal.series.map((one) => inWords(one).label).filter(Boolean).join(", ");
  const detail = signal.id === "errors" ? t("signal.errors.detail") : signal.id === "traffic" ? t("signal.traffic.detail") : labels;
  return { title, detail };
}
