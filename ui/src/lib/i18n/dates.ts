/**
 * Dates as people say them. Days (`YYYY-MM-DD`) have no time zone and are compared with the project's `today`;
 * instants (RFC 3339) are shown in the project's time zone.
 */
import { LOCALES, currentLanguage, format, t } from "./index.svelte";
import type { Language } from "$lib/api";

const DAY = 86_400_000;
const formats = new Map<string, Intl.DateTimeFormat>();

function formatter(lang: Language, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const id = lang + JSON.stringify(options);
  let known = formats.get(id);
  if (!known) {
    try {
      known = new Intl.DateTimeFormat(LOCALES[lang], options);
    } catch {
      // A zone this engine does not know: the plan's days stay right, clock times fall back to UTC.
      known = new Intl.DateTimeFormat(LOCALES[lang], { ...options, timeZone: "UTC" });
    }
    formats.set(id, known);
  }
  return known;
}

/** Parts joined by spaces: engines disagree on commas ("Mon, 23 Nov"), Jalon does not. */
function join(lang: Language, date: Date, options: Intl.DateTimeFormatOptions): string {
  const parts = new Map<string, string>();
  for (const part of formatter(lang, options).formatToParts(date)) parts.set(part.type, part.value);
  const day = parts.get("day");
  const first = lang === "fr" && day === "1" ? "1er" : day;
  return [parts.get("weekday"), first, parts.get("month"), parts.get("year")].filter(Boolean).join("\u00a0");
}

/** Days since the epoch of `YYYY-MM-DD`; NaN for anything else. */
export function dayNumber(day: string): number {
  return Math.round(Date.parse(`${day.slice(0, 10)}T00:00:00Z`) / DAY);
}

/** `YYYY-MM-DD` of a day number. */
export function dayOf(number: number): string {
  return new Date(number * DAY).toISOString().slice(0, 10);
}

/** How a day is written. */
export interface DayStyle {
  /** Weekday in front: "Mon 23 Nov". */
  weekday?: boolean;
  /** Whole words: "Monday 23 November". */
  long?: boolean;
  /** The project's today: its year is left out. */
  today?: string;
  /** Writes the year in any case. */
  year?: boolean;
}

/** A day: "23 Nov", "Mon 23 Nov", "Monday 23 November 2026". */
export function formatDay(day: string, style: DayStyle = {}, lang = currentLanguage()): string {
  const number = dayNumber(day);
  if (Number.isNaN(number)) return day;
  const width = style.long ? "long" : "short";
  const withYear = style.year || (style.today !== undefined && style.today.slice(0, 4) !== day.slice(0, 4));
  return join(lang, new Date(number * DAY), {
    timeZone: "UTC",
    day: "numeric",
    month: width,
    ...(style.weekday ? { weekday: width } : {}),
    ...(withYear ? { year: "numeric" } : {}),
  });
}

/** One day or a span: "14–18 Dec", "28 Nov–2 Dec". */
export function formatSpan(from: string, to: string, style: DayStyle = {}, lang = currentLanguage()): string {
  if (from === to) return formatDay(to, style, lang);
  const sameMonth = from.slice(0, 7) === to.slice(0, 7);
  const start = sameMonth ? String(Number(from.slice(8, 10))) : formatDay(from, { long: style.long }, lang);
  return `${start}–${formatDay(to, { ...style, weekday: false }, lang)}`;
}

/** Name of a weekday: "Monday". */
export function weekdayName(day: string, lang = currentLanguage()): string {
  return formatter(lang, { timeZone: "UTC", weekday: "long" }).format(new Date(dayNumber(day) * DAY));
}

/** The day in a time zone at an instant, `YYYY-MM-DD`. */
export function dayInZone(instant: Date, timeZone: string): string {
  const parts = new Map<string, string>();
  const numbers = formatter("en", { timeZone, year: "numeric", month: "2-digit", day: "2-digit" });
  for (const part of numbers.formatToParts(instant)) parts.set(part.type, part.value);
  return `${parts.get("year")}-${parts.get("month")}-${parts.get("day")}`;
}

/** The clock time in a time zone: "14:24". */
export function formatClock(instant: Date, timeZone: string, lang = currentLanguage()): string {
  return formatter(lang, { timeZone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(instant);
}

/** The clock time to the second, as logs want it: "14:24:07". */
export function formatSeconds(iso: string, timeZone: string, lang = currentLanguage()): string {
  const instant = new Date(iso);
  if (Number.isNaN(instant.getTime())) return iso;
  return formatter(lang, { timeZone, hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" }).format(instant);
}

/**
 * How long ago: relative under an hour, clock time today, weekday within a week, then the day.
 * "2 min ago", "14:24", "Monday", "13 Nov", "13 Nov 2025".
 */
export function formatAgo(iso: string, now: Date, timeZone: string, lang = currentLanguage()): string {
  const instant = new Date(iso);
  if (Number.isNaN(instant.getTime())) return iso;
  const minutes = Math.floor((now.getTime() - instant.getTime()) / 60_000);
  if (minutes < 1 && minutes > -60) return t("time.now");
  if (minutes >= 1 && minutes < 60) return t("time.minutes", { n: minutes });
  return formatMoment(iso, now, timeZone, lang);
}

/** A moment without "ago": clock time today, weekday within a week, then the day. */
export function formatMoment(iso: string, now: Date, timeZone: string, lang = currentLanguage()): string {
  const instant = new Date(iso);
  if (Number.isNaN(instant.getTime())) return iso;
  const day = dayInZone(instant, timeZone);
  const today = dayInZone(now, timeZone);
  const age = dayNumber(today) - dayNumber(day);
  if (age === 0) return formatClock(instant, timeZone, lang);
  if (age > 0 && age < 7) return weekdayName(day, lang);
  return formatDay(day, { today }, lang);
}

/** A day and its clock time: "Tuesday 24 Nov at 00:10". The weekday is written out; `long` does so with the month. */
export function dayAndClock(iso: string, timeZone: string, style: Pick<DayStyle, "long" | "year"> = {}, lang = currentLanguage()): string {
  const instant = new Date(iso);
  if (Number.isNaN(instant.getTime())) return iso;
  const day = join(lang, instant, {
    timeZone, weekday: "long", day: "numeric", month: style.long ? "long" : "short", ...(style.year ? { year: "numeric" } : {}),
  });
  return format(lang, "time.day_clock", { day, time: formatClock(instant, timeZone, lang) });
}

/** When something will be possible again: the clock time today, on any other day with that day. */
export function formatExact(iso: string, now: Date, timeZone: string, lang = currentLanguage()): string {
  const instant = new Date(iso);
  if (Number.isNaN(instant.getTime())) return iso;
  return momentKind(iso, now, timeZone) === "clock" ? formatClock(instant, timeZone, lang) : dayAndClock(iso, timeZone, {}, lang);
}

/** What {@link formatMoment} writes: French puts an article before a day alone ("depuis le 3 nov.", "depuis lundi"). */
export function momentKind(iso: string, now: Date, timeZone: string): "clock" | "weekday" | "day" {
  const age = dayNumber(dayInZone(now, timeZone)) - dayNumber(dayInZone(new Date(iso), timeZone));
  return age === 0 ? "clock" : age > 0 && age < 7 ? "weekday" : "day";
}

/** The Monday after a day: where a six-week plan begins unless somebody says otherwise. */
export function nextMonday(day: string): string {
  const number = dayNumber(day);
  // Day 0 was a Thursday, so Monday has remainder 4.
  const ahead = (4 - (number % 7) + 7) % 7 || 7;
  return dayOf(number + ahead);
}
