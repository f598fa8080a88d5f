import { IntlMessageFormat } from "intl-messageformat";
import { describe, expect, it } from "vitest";
import en from "../messages/en.json";
import fr from "../messages/fr.json";
import { ERROR_CODES } from "$lib/api";
import { ERRORS, describeError } from "$lib/errors";
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
