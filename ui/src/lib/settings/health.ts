/** Words for what `doctor` found. Checks of its own have `health.found.<code>` and `health.fix.<code>`; errors have theirs. */
import type { Check } from "$lib/api";
import { ERRORS, describeError, type ErrorContext } from "$lib/errors";
import { dayAndClock } from "$lib/i18n/dates";
import { hasMessage, t, type MessageParams } from "$lib/i18n/index.svelte";

/** A check, ready to be shown. */
export interface CheckWords {
  found: string;
  fix: string;
  /** What the system said, in mono; its own language. */
  detail: string;
  /** Whether the words are the engine's English ones. */
  english: boolean;
}

/** Turns a check into words. Codes of a newer engine fall back to its English sentences. */
export function checkWords(check: Check, context: ErrorContext): CheckWords {
  const found = `health.found.${check.code}`;
  const fix = `health.fix.${check.code}`;
  if (hasMessage(found)) {
    const params = paramsOf(check, context);
    return { found: t(found, params), fix: hasMessage(fix) ? t(fix, params) : "", detail: check.params["reason"] ?? "", english: false };
  }
  if (check.code in ERRORS) {
    const view = describeError({ code: check.code, params: check.params, message: check.message, hints: check.fix ? [check.fix] : [] }, context);
    return { found: view.title, fix: view.text, detail: view.detail, english: false };
  }
  return { found: check.message, fix: check.fix ?? "", detail: "", english: true };
}

function paramsOf({ code, params }: Check, { timeZone }: ErrorContext): MessageParams {
  const text = (name: string) => params[name] || "?";
  const count = (name: string) => Number(params[name]) || 0;
  return {
    path: text("path"), name: text("name"), host: text("host"), login: text("login"), dir: text("dir"), repository: text("repository"),
    stages: count("stages"), odd: count("odd"),
    now: params["now"] ? dayAndClock(params["now"], timeZone, { long: true, year: true }) : "?",
    section: t(code === "repository.none" ? "settings.project" : "settings.credentials"),
    screen: t("milestones.title"),
  };
}
