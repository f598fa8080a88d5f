import { IntlMessageFormat } from "intl-messageformat";
import { describe, expect, it } from "vitest";
import en from "../messages/en.json";
import fr from "../messages/fr.json";
import { ERROR_CODES } from "$lib/api";
import { ERRORS, describeError } from "$lib/errors";
import { diagnosticWords } from "$lib/plan/diagnostics";
import { checkWords } from "$lib/settings/health";
import { setLanguage } from "$lib/i18n/index.svelte";

/** Names of a message's arguments. */
function argumentsOf(elements: ReturnType<IntlMessageFormat["getAst"]>, found = new Set<string>()): Set<string> {
  for (const element of elements) {
    // Type 0 is literal text; pounds have no value.
    if (element.type !== 0 && "value" in element) found.add(element.value);
    if ("options" in element) for (const option of Object.values(element.options)) argumentsOf(option.value, found);
  }
  return found;
}
const parse = (text: string) => new IntlMessageFormat(text, "en").getAst();

describe("messages", () => {
  const keys = Object.keys(en) as Array<keyof typeof en>;

  it("have the same keys in both languages", () => {
    expect(Object.keys(fr)).toEqual(keys);
  });

  it("are not empty, are valid ICU, and take the same arguments", () => {
    for (const key of keys) {
      expect(en[key].trim(), key).not.toBe("");
      expect(fr[key].trim(), key).not.toBe("");
      const english = argumentsOf(parse(en[key]));
      for (const name of argumentsOf(parse(fr[key]))) expect(english.has(name), `${key}: {${name}} is in French alone`).toBe(true);
    }
  });

  it("keep French marks with a narrow no-break space, and curly apostrophes", () => {
    for (const key of keys) {
      expect(fr[key], key).not.toMatch(/ [:;?!»%]|« /);
      expect(fr[key], key).not.toContain("'");
    }
  });

  it("have no exclamation marks, no “please”, no “successfully”", () => {
    for (const key of keys) expect(en[key], key).not.toMatch(/!|\bplease\b|\bsuccessfully\b/i);
  });
});

/** Codes of `doctor`, and whether something is to be done. */
const CHECKS: Array<[code: string, params: Record<string, string>, fix: boolean]> = [
  ["data_folder.ok", { path: "/p" }, false], ["data_folder.failed", { path: "/p", reason: "denied" }, true],
  ["keychain.ready", { name: "Secret Service" }, false], ["keychain.locked", { name: "Secret Service", reason: "r" }, true], ["keychain.absent", { reason: "r" }, true],
  ["github.signed_out", { host: "github.com" }, true], ["github.signed_in", { host: "github.com", login: "student-a" }, false],
  ["gh.missing", {}, false], ["gh.signed_out", { reason: "r" }, false], ["gh.ready", {}, false],
  ["project.ok", { name: "shop", dir: "/d" }, false], ["repository.ok", { repository: "o/n" }, false], ["repository.none", {}, true],
  ["plan.ok", { stages: "9" }, false], ["plan.odd", { stages: "9", odd: "2" }, true], ["plan.no_stages", {}, true], ["clock.fixed", { now: "2026-11-19T13:26:00Z" }, true],
];
const DIAGNOSTICS = [
  "plan.empty", "plan.binary", "plan.too_large", "plan.no_stage", "plan.duplicate_number", "plan.duplicate_milestone", "plan.date_impossible", "plan.date_unreadable", "plan.date_backward",
  "plan.weekday_mismatch", "plan.deadline_before_previous", "plan.deadline_repeated", "plan.milestone_elsewhere", "plan.year_unknown", "plan.not_utf8", "stage.link_unreadable",
];
const around = { now: new Date("2026-11-19T13:26:00Z"), timeZone: "Europe/Paris" };
const both = <T>(of: () => T) => (["en", "fr"] as const).map((lang) => { setLanguage(lang); return of(); });

describe("health", () => {
  it.each(CHECKS)("%s has words in both languages", (code, params, fix) => {
    const words = both(() => checkWords({ id: "x", state: "ok", code, params, message: "engine", fix: "engine" }, around));
    for (const one of words) {
      expect(one).toMatchObject({ english: false, detail: params["reason"] ?? "" });
      expect(one.found).not.toMatch(/engine|\{|\?$/);
      expect(one.fix !== "").toBe(fix);
      for (const [name, value] of Object.entries(params)) if (!["reason", "now"].includes(name)) expect(one.found, name).toContain(value);
    }
    expect(words[0]?.found).not.toBe(words[1]?.found);
    expect(() => checkWords({ id: "x", state: "ok", code, params: {}, message: "engine", fix: null }, around)).not.toThrow();
  });

  it("tells an error as everywhere else, and an unknown code as the engine does", () => {
    const check = { id: "github", state: "fail" as const, params: {}, message: "engine", fix: "do" };
    expect(both(() => checkWords({ ...check, code: "github.token_refused" }, around).found)).toEqual(["GitHub refused this token.", "GitHub a refusé ce jeton."]);
    expect(checkWords({ ...check, code: "moon.full" }, around)).toEqual({ found: "engine", fix: "do", detail: "", english: true });
  });

  it("tells a fixed clock by its day", () => expect(checkWords({ id: "clock", state: "warn", code: "clock.fixed", params: { now: "2026-11-19T13:26:00Z" }, message: "", fix: null }, around).found.replaceAll("\u00a0", " ")).toContain("Thursday 19 November 2026 at 14:26"));
});

describe("diagnostics", () => {
  it.each(DIAGNOSTICS)("%s has words in both languages", (code) => {
    const words = both(() => diagnosticWords({ code, excerpt: "31 November", message: "engine", line: 3, column: 1 }));
    expect(words.every((one) => !one.english && one.text !== "engine")).toBe(true);
    expect(words[0]?.text).not.toBe(words[1]?.text);
    for (const { text } of words) expect(text.includes("31 November")).toBe(!["plan.empty", "plan.binary", "plan.too_large", "plan.no_stage"].includes(code));
  });

  it("quotes the beginning and the end of a long place, and a path whole", () => {
    const long = "x".repeat(300);
    expect(diagnosticWords({ code: "plan.date_unreadable", excerpt: long, message: "", line: 1, column: 1 }).text.length).toBeLessThan(250);
    expect(diagnosticWords({ code: "stage.link_unreadable", excerpt: long, message: "", line: 1, column: 1 }).text).toContain(long);
  });

  it("falls back to the engine's sentence", () => expect(diagnosticWords({ code: "plan.new", excerpt: "", message: "engine", line: 1, column: 1 })).toEqual({ text: "engine", english: true }));
});

describe("errors", () => {
  it("cover the contract's codes, and nothing else", () => {
    expect(Object.keys(ERRORS).sort()).toEqual([...ERROR_CODES].sort());
  });

  it("have words for every code in both languages", () => {
    for (const code of ERROR_CODES) {
      for (const messages of [en, fr] as Array<Record<string, string>>) {
        expect(messages[`error.${code}.title`], code).toBeTruthy();
        expect(messages[`error.${code}.text`], code).toBeTruthy();
      }
    }
  });

  it("name what is intact and when to try again", () => {
    setLanguage("en");
    const context = { syncedAt: "2026-11-19T13:24:00Z", now: new Date("2026-11-19T14:00:00Z"), timeZone: "Europe/Paris" };
    const view = describeError({ code: "github.rate_limited", params: { retry_at: "2026-11-19T14:31:00Z" }, message: "m", hints: [] }, context);
    expect(view.text).toContain("15:31");
    expect(view.intact).toContain("14:24");
    const late = { ...context, now: new Date("2026-11-23T22:50:00Z") };
    const limited = { code: "github.rate_limited", params: { retry_at: "2026-11-23T23:10:00Z" }, message: "m", hints: [] };
    expect(both(() => describeError(limited, late).text.replaceAll("\u00a0", " "))).toEqual(["GitHub answers again on Tuesday 24 Nov at 00:10.", "GitHub répondra de nouveau le mardi 24 nov. à 00:10."]);
    setLanguage("en");
    expect(describeError({ code: "github.unreachable", params: {}, message: "m", hints: [] }, { ...context, syncedAt: null }).intact).toBe("Nothing was changed.");
  });

  it("fall back to the engine's sentence for a code of a newer engine", () => {
    const view = describeError({ code: "runs.odd", params: {}, message: "the run is odd", hints: ["look again"] }, { now: new Date(), timeZone: "UTC" });
    expect(view).toMatchObject({ title: "the run is odd", text: "look again", actions: ["retry"] });
  });

  it("needs no param to be there", () => {
    for (const code of ERROR_CODES) expect(() => describeError({ code, params: {}, message: "m", hints: [] }, { now: new Date(), timeZone: "UTC" })).not.toThrow();
  });
});
