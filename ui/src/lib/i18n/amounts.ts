/** Durations, shares and sizes as people say them. */
import { LOCALES, currentLanguage, t } from "./index.svelte";

const pad = (n: number) => String(n).padStart(2, "0");

/** A number with at most `digits` decimals, in the language that is on. */
export function formatNumber(value: number, digits = 1): string {
  return new Intl.NumberFormat(LOCALES[currentLanguage()], { maximumFractionDigits: digits }).format(value);
}

/** A duration of seconds: "0.4 s", "9 s", "5 min 02 s", "1 h 12 min", "3 d 4 h". */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return "–";
  const s = Math.max(0, seconds);
  // Rounding first keeps 59.7 s from being written as 60 s.
  if (s < 9.95) return t("duration.s", { s: formatNumber(s, 1) });
  const whole = Math.round(s);
  if (whole < 60) return t("duration.s", { s: String(whole) });
  if (whole < 3600 && whole % 60 === 0) return t("duration.m", { m: whole / 60 });
  if (whole < 3600) return t("duration.ms", { m: Math.floor(whole / 60), s: pad(whole % 60) });
  const minutes = Math.round(s / 60);
  if (minutes < 24 * 60 && minutes % 60 === 0) return t("duration.h", { h: minutes / 60 });
  if (minutes < 24 * 60) return t("duration.hm", { h: Math.floor(minutes / 60), m: pad(minutes % 60) });
  const hours = Math.round(s / 3600);
  return t("duration.dh", { d: Math.floor(hours / 24), h: hours % 24 });
}

/** A duration without its smaller part: "12 s", "22 min", "3 h", "2 d". */
export function formatCoarse(seconds: number): string {
  const s = Math.max(0, Math.floor(seconds));
  if (s < 60) return t("duration.s", { s: String(s) });
  if (s < 3600) return t("duration.m", { m: Math.floor(s / 60) });
  if (s < 48 * 3600) return t("duration.h", { h: Math.floor(s / 3600) });
  return t("duration.d", { d: Math.floor(s / 86_400) });
}

/** Seconds between two instants; to now where there is no second one. */
export function secondsBetween(from: string, to: string | null, now: Date): number {
  return ((to === null ? now.getTime() : Date.parse(to)) - Date.parse(from)) / 1000;
}

/** A share of 0..1: "85.7 %". */
export function formatShare(share: number): string {
  return t("amount.percent", { n: formatNumber(share * 100, 1) });
}

/** A size: "812 B", "42 kB", "1.3 MB". */
export function formatSize(bytes: number): string {
  if (bytes < 1000) return t("amount.bytes", { n: bytes });
  if (bytes < 1_000_000) return t("amount.kilobytes", { n: formatNumber(bytes / 1000, 0) });
  return t("amount.megabytes", { n: formatNumber(bytes / 1_000_000, 1) });
}
