import { describe, expect, it } from "vitest";
import { NEVER, PROJECT, REFUSED, STAGES, SYNCED, TODAY, overview, withoutGitHub } from "../dev/fixtures";
import { setLanguage } from "$lib/i18n/index.svelte";
import { headline, nextStep } from "$lib/plan/headline";
import { groupRisks, stageState, stageWord } from "$lib/plan/stages";
import { timescale } from "$lib/plan/timescale";
import type { Overview, StageBrief } from "$lib/api";

const words = (text: string) => text.replaceAll("\u00a0", " ").replaceAll("\u202f", " ");
const stage = (key: string, change: Partial<StageBrief> = {}): StageBrief => ({ ...STAGES.find((one) => one.key === key)!, ...change });
const due = (key: string, days: number, to: string) => ({ stage: key, number: Number(key), title: stage(key).title, deadline: { from: to, to, text: to }, days_left: days, open: 2 });
const late2 = stage("2", { state: "overdue", days_late: 6 });
const rest = STAGES.filter((one) => one.key !== "2");

describe("headline", () => {
  const cases: Array<[string, Partial<Overview>, string, string]> = [
    ["next on a weekday", {}, "Stage 3 is due on Monday.", "L’étape 3 est à rendre lundi."],
    ["next today", { due_next: [due("3", 0, TODAY)] }, "Stage 3 is due today.", "L’étape 3 est à rendre aujourd’hui."],
    ["next tomorrow", { due_next: [due("3", 1, "2026-11-20")] }, "Stage 3 is due tomorrow.", "L’étape 3 est à rendre demain."],
    ["next on a date", { due_next: [due("4", 9, "2026-11-28")] }, "Stage 4 is due on 28 November, in 9 days.", "L’étape 4 est à rendre le 28 novembre, dans 9 jours."],
    ["one late and one near", { stages: [...rest, late2] }, "Stage 2 is 6 days overdue, and stage 3 is due on Monday.", "L’étape 2 a 6 jours de retard, et l’étape 3 est à rendre lundi."],
    ["one late, none near", { stages: [...rest, late2], due_next: [due("4", 9, "2026-11-28")] }, "Stage 2 is 6 days overdue.", "L’étape 2 a 6 jours de retard."],
    ["two late", { stages: [stage("1", { state: "overdue", days_late: 17 }), late2], due_next: [] }, "Two stages are overdue.", "Deux étapes sont en retard."],
    ["two late and one near", { stages: [stage("1", { state: "overdue", days_late: 17 }), late2] }, "Two stages are overdue, and stage 3 is due on Monday.", "Deux étapes sont en retard, et l’étape 3 est à rendre lundi."],
    ["no stages", { stages: [], due_next: [] }, "The plan has no stages yet", "Le plan ne contient encore aucune étape"],
    ["all done", { stages: [stage("0"), stage("1")], due_next: [] }, "Every stage is done.", "Toutes les étapes sont terminées."],
    ["all passed, nothing tells", { stages: [stage("0", { state: "unknown" }), stage("1", { state: "unknown" })], due_next: [] }, "Two deadlines have passed, and nothing tells whether they were met.", "Deux échéances sont passées, et rien n’indique si elles ont été tenues."],
    ["no deadlines", { stages: [stage("6", { deadline: null, days_left: null })], due_next: [] }, "The stage has no deadline.", "L’étape n’a pas d’échéance."],
  ];
  it.each(cases)("%s", (_, change, en, fr) => {
    expect(words(headline(overview(change)).first)).toBe(en);
    setLanguage("fr");
    expect(words(headline(overview(change)).first)).toBe(fr);
  });

  it("an overdue stage with the same first sentence names unnumbered sections by title", () => {
    const last = STAGES.at(-2)!;
    const first = headline(overview({ due_next: [{ stage: last.key, number: null, title: "Defence", deadline: last.deadline!, days_left: 3, open: null }] })).first;
    expect(words(first)).toBe("“Defence” is due on 18 December, in 29 days.");
  });

  it.each([
    ["counts", {}, "Three of nine stages are done, two are under way. The last deadline is in 29 days."],
    ["never read", { sync: NEVER }, "GitHub has not been read yet, so nothing tells what is done. The last deadline is in 29 days."],
    ["no repository", { sync: NEVER, project: { ...PROJECT, github: null } }, "No GitHub repository is named, so nothing tells what is done. The last deadline is in 29 days."],
    ["none done", { stages: [stage("5")] }, "None of one stage is done. The last deadline is in 15 days."],
  ] as Array<[string, Partial<Overview>, string]>)("second sentence: %s", (_, change, text) => expect(words(headline(overview(change)).second)).toBe(text));
});

describe("the next right thing", () => {
  it.each([
    [{}, { kind: "open_stage", stage: "4" }],
    [{ risks: [] }, { kind: "none" }],
    [{ sync: NEVER }, { kind: "sign_in", again: false }],
    [{ sync: { ...NEVER, signed_in: true } }, { kind: "sync" }],
    [{ sync: REFUSED }, { kind: "sign_in", again: true }],
    [{ project: { ...PROJECT, github: null }, sync: NEVER }, { kind: "set_repository" }],
    [{ stages: [] }, { kind: "none" }],
    // Signed out after a sync: stored facts still tell what burns.
    [{ sync: { ...SYNCED, signed_in: false } }, { kind: "open_stage", stage: "4" }],
  ] as Array<[Partial<Overview>, ReturnType<typeof nextStep>]>)("%#", (change, step) => expect(nextStep(overview(change))).toEqual(step));
});

describe("a token in a locked keychain", () => {
  it("is unlocked, not signed in again", () => {
    expect(nextStep(overview({ sync: NEVER }), true)).toEqual({ kind: "unlock" });
    expect(nextStep(overview({ sync: { ...REFUSED, signed_in: false } }), true)).toEqual({ kind: "unlock" });
    expect(nextStep(overview(), true)).toEqual({ kind: "open_stage", stage: "4" });
  });
});

describe("stages", () => {
  it("keeps “late” on a finished stage", () => {
    expect(stageState(stage("2"))).toBe("late");
    expect(stageWord(stage("2"))).toBe("1 day late");
    expect(stageWord(stage("0"))).toBe("On time");
    expect(stageWord(stage("3"))).toBe("7 of 12");
  });

  it("says many risks of one kind in one row", () => {
    const stages = withoutGitHub(STAGES);
    const risks = stages.slice(0, 5).map((one) => ({ code: "nothing_tells" as const, severity: "info" as const, stage: one.key, params: { days: "9" }, message: "" }));
    const groups = groupRisks(risks, stages, TODAY);
    expect(groups).toHaveLength(1);
    expect(groups[0]?.title).toBe("Nothing tells whether five stages are done");
    expect(groups[0]?.text).toBe("Stages 0, 1, 2, 3, 4");
    expect(groupRisks(risks.slice(0, 2), stages, TODAY)).toHaveLength(2);
  });

  it("tells of every kind of risk in both languages", () => {
    for (const lang of ["en", "fr"] as const) {
      setLanguage(lang);
      for (const code of ["overdue", "behind_pace", "due_soon", "nothing_tells", "milestone_missing", "dates_differ", "no_deadline", "no_issues", "unassigned"] as const) {
        const [group] = groupRisks([{ code, severity: "warn", stage: "3", params: {}, message: "engine" }], STAGES, TODAY);
        expect(group?.title, code).not.toBe("engine");
        expect(group?.title, code).not.toContain("{");
      }
    }
  });
});

describe("timescale", () => {
  it("runs from the first bar to the last deadline, Mondays marked", () => {
    const scale = timescale(STAGES, TODAY, 10)!;
    expect(scale.today.off).toBeNull();
    expect(scale.position("2026-12-18")).toBeLessThanOrEqual(100);
    expect(scale.position("2026-10-21")).toBe(0);
    for (const mark of scale.ticks) expect(new Date(mark.day).getUTCDay()).toBe(1);
    expect(scale.ticks.length).toBeLessThanOrEqual(10);
  });

  it("leaves a far today off the axis", () => {
    expect(timescale(STAGES, "2029-01-01", 10)!.today).toEqual({ at: 100, off: "after" });
    expect(timescale(STAGES, "2020-01-01", 10)!.today).toEqual({ at: 0, off: "before" });
  });

  it("has no axis without deadlines", () => expect(timescale([stage("6", { deadline: null })], TODAY, 10)).toBeNull());
  it("survives a single day", () => expect(timescale([stage("0")], "2026-10-28", 10)!.position("2026-10-28")).toBeGreaterThan(0));
});
