/** The overview's answer: two sentences and the next right thing, composed from data alone. */
import { dayNumber, formatDay, weekdayName } from "$lib/i18n/dates";
import { t } from "$lib/i18n/index.svelte";
import { numberWord } from "$lib/i18n/numbers";
import { truncateMiddle } from "$lib/i18n/text";
import type { Next } from "$lib/deployments/next";
import type { Overview, StageBrief } from "$lib/api";

/** The two sentences. */
export interface Headline {
  first: string;
  second: string;
}

/** The next right thing, in the order in which one blocks the other. */
export type NextStep =
  | { kind: "set_repository" }
  | { kind: "sign_in"; again: boolean }
  | { kind: "unlock" }
  | { kind: "sync" }
  | { kind: "deliver"; next: Next }
  | { kind: "open_stage"; stage: string }
  | { kind: "none" };

/** A stage in a sentence: "stage 3", "“Final interview”". `start` gives the capital. */
export function stageInSentence(stage: { number: number | null; title: string }, start = false): string {
  if (stage.number === null) return t("stage.quoted", { title: truncateMiddle(stage.title, 34) });
  return t(start ? "stage.sentence" : "stage.mid", { number: stage.number });
}

/** When something is due, seen from today: "today", "on Monday", "on 28 November, in 12 days". */
export function dueWhen(day: string, today: string): string {
  const days = dayNumber(day) - dayNumber(today);
  if (days === 0) return t("due.today");
  if (days === 1) return t("due.tomorrow");
  if (days > 1 && days < 7) return t("due.weekday", { weekday: weekdayName(day) });
  return t("due.date", { date: formatDay(day, { long: true, today }), days });
}

/** Composes the two sentences. */
export function headline(overview: Overview): Headline {
  return { first: firstSentence(overview), second: secondSentence(overview) };
}

function firstSentence({ stages, due_next, today }: Overview): string {
  if (stages.length === 0) return t("headline.no_stages");
  const late = stages.filter((stage) => stage.state === "overdue");
  const unknown = stages.filter((stage) => stage.state === "unknown");
  const next = due_next.find((due) => due.days_left >= 0);
  const nextStage = next ? { number: next.number, title: next.title } : null;
  const when = next ? dueWhen(next.deadline.to, today) : "";
  const single = late.length === 1 ? late[0] : undefined;

  if (single && nextStage && next && next.days_left < 7) {
    return t("headline.late_and_next", { late: stageInSentence(single, true), days: single.days_late, next: stageInSentence(nextStage), when });
  }
  if (single) return t("headline.late_one", { stage: stageInSentence(single, true), days: single.days_late });
  if (late.length > 1 && nextStage && next && next.days_left < 7) {
    return t("headline.late_many_and_next", { n_word: numberWord(late.length, true), next: stageInSentence(nextStage), when });
  }
  if (late.length > 1) return t("headline.late_many", { n_word: numberWord(late.length, true) });
  if (nextStage) return t("headline.next", { stage: stageInSentence(nextStage, true), when });
  if (stages.every((stage) => stage.state === "done")) return t("headline.all_done");
  if (unknown.length > 0) return t("headline.all_passed", { n: unknown.length, n_word: numberWord(unknown.length, true) });
  if (stages.every((stage) => stage.deadline === null)) return t("headline.no_deadlines", { n: stages.length });
  return t("headline.nothing_due");
}

function secondSentence({ stages, sync, today, project }: Overview): string {
  if (stages.length === 0) return t("headline.second.no_stages");
  const count = (state: StageBrief["state"]) => stages.filter((stage) => stage.state === state).length;
  const unknown = count("unknown");
  const sentences: string[] = [];
  if (sync.synced_at === null) {
    sentences.push(project.github === null ? t("headline.second.no_repository") : t("headline.second.never_synced"));
  } else {
    sentences.push(countSentence(count("done"), stages.length, count("under_way") + count("at_risk")));
    if (unknown > 0) sentences.push(t("headline.second.unknown", { n: unknown }));
  }
  const last = stages.reduce<string | null>((latest, stage) => (stage.deadline && (latest === null || stage.deadline.to > latest) ? stage.deadline.to : latest), null);
  if (last) {
    const days = dayNumber(last) - dayNumber(today);
    if (days > 6) sentences.push(t("headline.second.last", { days }));
  }
  return sentences.join(" ");
}

function countSentence(done: number, total: number, underway: number): string {
  return t("headline.second.count", { done, total, underway, done_word: numberWord(done, true), total_word: numberWord(total), underway_word: numberWord(underway) });
}

/**
 * What to offer as the one primary button. `tokenLocked`: a token is stored in a keychain that is locked.
 * `delivery`: the next right thing about deployments; production that needs repair comes before everything else.
 */
export function nextStep(overview: Overview, tokenLocked = false, delivery: Next = { kind: "none" }): NextStep {
  const { project, sync, risks, stages } = overview;
  if (delivery.kind === "rollback" && delivery.production) return { kind: "deliver", next: delivery };
  if (stages.length === 0) return { kind: "none" };
  // Without a repository there is still something to do here and now.
  if (project.github === null) return delivery.kind === "none" ? { kind: "set_repository" } : { kind: "deliver", next: delivery };
  if (tokenLocked && !sync.signed_in) return { kind: "unlock" };
  if (sync.error?.code === "github.token_refused") return { kind: "sign_in", again: true };
  if (!sync.signed_in && sync.synced_at === null) return { kind: "sign_in", again: false };
  if (sync.synced_at === null) return { kind: "sync" };
  const worst = risks.find((risk) => risk.stage !== null && risk.severity !== "info");
  if (worst?.stage) return { kind: "open_stage", stage: worst.stage };
  return delivery.kind === "none" ? { kind: "none" } : { kind: "deliver", next: delivery };
}
