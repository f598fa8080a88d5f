/** Axes: round ticks in units that people say, and clock times in the project's zone. Pure. */
import { formatDuration, formatNumber } from "$lib/i18n/amounts";
import { dayNumber, dayInZone, dayOf, formatClock, formatDay } from "$lib/i18n/dates";
import { t } from "$lib/i18n/index.svelte";

/** Unit of a plot's values: `s`, `ratio`, `per_s`, `bytes` or `1`; any other is written after the number. */
export type Unit = string;

/** A tick: where it stands, and what is written there. */
export interface Tick { at: number; label: string }

const STEPS = [1, 2, 2.5, 5, 10];

/** What a plot's unit is counted in, by its largest value: seconds as ms, bytes as MB. */
function shown(unit: Unit, most: number): { per: number; suffix: string } {
  const of = (table: Array<[number, string]>) => {
    const [per, suffix] = table.find(([from]) => Math.abs(most) >= from) ?? table.at(-1) ?? [1, ""];
    return { per, suffix };
  };
  if (unit === "s") return of([[86_400, "d"], [3600, "h"], [60, "min"], [1, "s"], [1e-3, "ms"], [1e-6, "µs"]]);
  if (unit === "bytes") return of([[1e12, "TB"], [1e9, "GB"], [1e6, "MB"], [1e3, "kB"], [1, t("unit.byte")]]);
  if (unit === "ratio") return { per: 0.01, suffix: "%" };
  return { per: 1, suffix: unit === "1" || unit === "per_s" ? "" : unit };
}

/** Decimals that a step needs to be written in full. */
function digitsOf(step: number): number {
  for (let digits = 0; digits < 6; digits += 1) if (Math.abs(step * 10 ** digits - Math.round(step * 10 ** digits)) < 1e-6) return digits;
  return 6;
}

/** Three or four round ticks from `least` (zero, unless something is below it) to what is above `most`. */
export function valueTicks(least: number, most: number, unit: Unit): Tick[] {
  const bottom = Math.min(0, least);
  const top = most > bottom ? most : bottom + (unit === "ratio" ? 0.01 : 1);
  const { per, suffix } = shown(unit, Math.max(Math.abs(top), Math.abs(bottom)));
  const [low, high] = [bottom / per, top / per];
  let best: { step: number; first: number; last: number } | null = null;
  const power = Math.floor(Math.log10((high - low) / 3));
  for (const decade of [power - 1, power, power + 1]) {
    for (const factor of STEPS) {
      const step = factor * 10 ** decade;
      const first = Math.floor(low / step + 1e-9);
      const last = Math.ceil(high / step - 1e-9);
      const count = last - first + 1;
      if (count < 3 || count > 5) continue;
      // Little empty room counts most, then fewer ticks.
      const cost = (candidate: { step: number; first: number; last: number }) => (candidate.last - candidate.first) * candidate.step + (candidate.last - candidate.first) * (high - low) * 0.02;
      const candidate = { step, first, last };
      if (best === null || cost(candidate) < cost(best)) best = candidate;
    }
  }
  if (best === null) return [{ at: bottom, label: "" }, { at: top, label: "" }];
  const { step, first, last } = best;
  const digits = digitsOf(step);
  return Array.from({ length: last - first + 1 }, (_, n) => {
    const value = (first + n) * step;
    return { at: value * per, label: withUnit(formatNumber(value, digits), value === 0 && suffix !== "%" ? "" : suffix) };
  });
}

function withUnit(figure: string, suffix: string): string {
  if (suffix === "") return figure;
  return suffix === "%" ? t("amount.percent", { n: figure }) : `${figure}\u00a0${suffix}`;
}

/** A value as its unit is said: "672 ms", "4.8 %", "35 /s", "1.3 GB". */
export function valueWords(value: number | null, unit: Unit): string {
  if (value === null || !Number.isFinite(value)) return t("kpi.no_data");
  if (unit === "s" && Math.abs(value) >= 60) return formatDuration(value);
  const { per, suffix } = shown(unit, value === 0 ? 1 : value);
  const figure = value / per;
  const size = Math.abs(figure);
  const words = formatNumber(figure, size >= 100 || size === 0 ? 0 : size >= 10 ? 1 : 2);
  return unit === "per_s" ? t("amount.per_s", { n: words }) : withUnit(words, suffix);
}

/** Distances between time ticks, seconds. */
const TIME_STEPS = [10, 30, 60, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400];

/** Seconds that a zone is ahead of UTC at an instant. */
function zoneOffset(at: number, timeZone: string): number {
  const instant = new Date(at * 1000);
  const [hours = "0", minutes = "0"] = formatClock(instant, timeZone, "en").split(":");
  const local = dayNumber(dayInZone(instant, timeZone)) * 86_400 + Number(hours) * 3600 + Number(minutes) * 60;
  return local - Math.floor(at / 60) * 60;
}

/** Round clock times between two instants (seconds since 1970), at most `most` of them; from a day's distance on, days. */
export function timeTicks(from: number, to: number, most: number, timeZone: string): Tick[] {
  const span = to - from;
  const step = TIME_STEPS.find((one) => span / one <= Math.max(2, most)) ?? 86_400 * Math.ceil(span / 86_400 / Math.max(2, most));
  const ticks: Tick[] = [];
  if (step >= 86_400) {
    const every = step / 86_400;
    const first = dayNumber(dayInZone(new Date(from * 1000), timeZone));
    for (let day = first; ; day += every) {
      // Midnight there; the offset is asked where the day begins, because summer time may begin between two of them.
      const at = day * 86_400 - zoneOffset(day * 86_400, timeZone);
      if (at > to) return ticks;
      if (at >= from) ticks.push({ at, label: formatDay(dayOf(day), { today: dayOf(day) }) });
    }
  }
  const offset = zoneOffset(from, timeZone);
  for (let at = Math.ceil((from + offset) / step) * step - offset; at <= to; at += step) ticks.push({ at, label: step < 60 ? clockSeconds(at, timeZone) : formatClock(new Date(at * 1000), timeZone) });
  return ticks;
}

function clockSeconds(at: number, timeZone: string): string {
  return `${formatClock(new Date(at * 1000), timeZone)}:${String(Math.floor(at) % 60).padStart(2, "0")}`;
}
