/** Words and shapes of a stage's state, the same in stage bar, timeline and lists. */
import { formatDay, formatSpan } from "$lib/i18n/dates";
import { numberWord } from "$lib/i18n/numbers";
import { hasMessage, t } from "$lib/i18n/index.svelte";
import type { Risk, StageBrief } from "$lib/api";
import type { State } from "$lib/components/Status.svelte";

/** The outline of a stage's state. */
export function stageState(stage: StageBrief): State {
  switch (stage.state) {
    case "done":
      return stage.days_late > 0 ? "late" : "ok";
    case "under_way":
      return "under_way";
    case "at_risk":
      return "warn";
    case "overdue":
      return "bad";
    case "to_come":
      return "to_come";
    case "unknown":
      return "unknown";
  }
}

/** The word beside it; `short` for a stage bar's segment. "Late" stays on a finished stage. */
export function stageWord(stage: StageBrief, short = false): string {
  switch (stage.state) {
    case "done":
      return stage.days_late > 0 ? t(short ? "state.short_late" : "state.days_late", { days: stage.days_late }) : stage.finished_on ? t("state.on_time") : t("state.done");
    case "under_way":
      return stage.open + stage.closed > 0 ? t("state.closed_of", { closed: stage.closed, total: stage.open + stage.closed }) : t("state.under_way");
    case "at_risk":
      return t("state.at_risk");
    case "overdue":
      return t(short ? "state.short_overdue" : "state.days_overdue", { days: stage.days_late });
    case "to_come":
      return stage.days_left !== null ? t("state.in_days", { days: stage.days_left }) : t("state.to_come");
    case "unknown":
      return t("state.unknown");
  }
}

/** The deadline in few characters; a weekday while it is near. */
export function deadlineText(stage: StageBrief, today: string, weekday = true): string {
  if (!stage.deadline) return t("stage.no_deadline");
  const near = stage.days_left !== null && stage.days_left >= 0 && stage.days_left < 14;
  return formatSpan(stage.deadline.from, stage.deadline.to, { today, weekday: weekday && near });
}

/** A risk in words: what, and what it rests on. */
export function riskWords(risk: Risk, stage: StageBrief | undefined, today: string): { title: string; text: string } {
  const titleKey = `risk.${risk.code}.title`;
  const textKey = `risk.${risk.code}.text`;
  if (!hasMessage(titleKey) || !hasMessage(textKey)) return { title: risk.message, text: "" };
  const number = (name: string) => Number(risk.params[name] ?? 0) || 0;
  const day = (name: string) => {
    const value = risk.params[name];
    return value ? formatDay(value, { today, weekday: true }) : "?";
  };
  const params = {
    stage: stage ? (stage.number === null ? t("stage.quoted", { title: stage.title }) : t("stage.sentence", { number: stage.number })) : t("stage.some"),
    mid: stage ? (stage.number === null ? t("stage.quoted", { title: stage.title }) : t("stage.mid", { number: stage.number })) : t("stage.some"),
    days: number("days"),
    open: number("open"),
    count: number("count"),
    number: risk.params["number"] ?? "?",
    per_week: Number(risk.params["per_week"] ?? 0) || 0,
    deadline: stage?.deadline ? formatDay(stage.deadline.to, { today, long: true, weekday: true }) : "",
    plan: day("plan"),
    github: day("github"),
  };
  return { title: t(titleKey, params), text: t(textKey, params) };
}

/** Risks of one kind that are said in one row. */
export interface RiskGroup {
  risks: Risk[];
  title: string;
  text: string;
}

/** How many risks of a kind are told one by one; more become one row, or a plan of last year would be all rows. */
const SINGLE_ROWS = 2;

/** Groups risks of the same kind, keeping the order of the worst of each. */
export function groupRisks(risks: Risk[], stages: StageBrief[], today: string): RiskGroup[] {
  const stageOf = (risk: Risk) => stages.find((stage) => stage.key === risk.stage);
  const kinds = new Map<string, Risk[]>();
  for (const risk of risks) {
    const kind = `${risk.severity} ${risk.code}`;
    kinds.set(kind, [...(kinds.get(kind) ?? []), risk]);
  }
  return [...kinds.values()].flatMap((same) => {
    const first = same[0];
    if (!first || same.length <= SINGLE_ROWS) return same.map((risk) => ({ risks: [risk], ...riskWords(risk, stageOf(risk), today) }));
    const key = `risk.group.${first.code}`;
    const numbers = same.map((risk) => stageOf(risk)?.number).filter((number) => number !== null && number !== undefined);
    return [{
      risks: same,
      title: hasMessage(key) ? t(key, { n_word: numberWord(same.length, true), n_mid: numberWord(same.length) }) : first.message,
      text: t("risk.group_text", { numbers: numbers.length > 0 ? numbers.join(", ") : "none", more: numbers.length > 0 ? same.length - numbers.length : 0 }),
    }];
  });
}
