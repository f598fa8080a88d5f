/** Where days stand on the timeline, in percent of its width. */
import { dayNumber, dayOf } from "$lib/i18n/dates";
import type { StageBrief } from "$lib/api";

/** A day on the axis. */
export interface Tick {
  day: string;
  at: number;
}

/** The timeline's axis. */
export interface Timescale {
  /** Percent of a day's beginning, clipped to the axis. */
  position(day: string): number;
  ticks: Tick[];
  /** Where today stands; `before` and `after` when it lies off the axis. */
  today: { at: number; off: "before" | "after" | null };
}

const STEPS = [1, 2, 7, 14, 28, 56, 91, 182, 364];

/**
 * The axis of a plan: from the first start to the last deadline, with today on it while it is near.
 * `room` is how many labels fit. Null where no stage has a deadline.
 */
export function timescale(stages: StageBrief[], today: string, room: number): Timescale | null {
  const days: number[] = [];
  let first = Infinity;
  for (const stage of stages) {
    if (!stage.deadline) continue;
    days.push(dayNumber(stage.deadline.from), dayNumber(stage.deadline.to));
    if (stage.start) days.push(dayNumber(stage.start));
    if (stage.finished_on) days.push(dayNumber(stage.finished_on));
    if (stage.forecast) days.push(dayNumber(stage.forecast.p85));
    first = Math.min(first, dayNumber(stage.deadline.from));
  }
  if (days.length === 0) return null;
  let low = Math.min(...days);
  let high = Math.max(...days);
  // The first stage has no start of its own: a week before its deadline gives its bar a length.
  low = Math.min(low, first - 7);
  const now = dayNumber(today);
  const span = Math.max(high - low, 14);
  if (now < low && low - now <= span * 0.3) low = now - 1;
  if (now > high && now - high <= span * 0.3) high = now + 1;
  const pad = Math.max(1, Math.round((high - low) * 0.02));
  high += pad;
  const length = high - low;
  const clip = (percent: number) => Math.min(100, Math.max(0, percent));
  const position = (day: string) => clip(((dayNumber(day) - low) / length) * 100);

  const step = STEPS.find((candidate) => length / candidate <= room) ?? 364;
  const ticks: Tick[] = [];
  // Weekly steps fall on Mondays; day 4 after the epoch was one.
  const offset = step % 7 === 0 ? (((4 - low) % 7) + 7) % 7 : 0;
  for (let day = low + offset; day < high; day += step) {
    const at = ((day - low) / length) * 100;
    if (at > 97) break;
    ticks.push({ day: dayOf(day), at });
  }
  return {
    position,
    ticks,
    today: { at: clip(((now - low) / length) * 100), off: now < low ? "before" : now > high ? "after" : null },
  };
}
