import { describe, expect, it } from "vitest";
import { dayNumber, formatAgo, formatDay, formatMoment, formatSpan, momentKind, nextMonday } from "$lib/i18n/dates";
import { setLanguage } from "$lib/i18n/index.svelte";
import { numberWord } from "$lib/i18n/numbers";
import { firstWords, initialOf, truncateMiddle } from "$lib/i18n/text";
import { parseRepository, isTimeZone } from "$lib/project/form";
import { matches } from "$lib/shell/matches";

const plain = (text: string) => text.replaceAll("\u00a0", " ");
const NOW = new Date("2026-11-19T13:26:00Z");

describe("days", () => {
  it.each([
    ["en", "2026-11-13", {}, "13 Nov"],
    ["fr", "2026-11-13", {}, "13 nov."],
    ["en", "2026-11-23", { weekday: true }, "Mon 23 Nov"],
    ["fr", "2026-12-01", { weekday: true }, "mar. 1er déc."],
    ["en", "2026-11-19", { weekday: true, long: true, year: true }, "Thursday 19 November 2026"],
    ["fr", "2026-11-19", { weekday: true, long: true, year: true }, "jeudi 19 novembre 2026"],
    ["en", "2023-10-25", { today: "2026-11-19" }, "25 Oct 2023"],
  ] as const)("%s %s %o is %s", (lang, day, style, text) => expect(plain(formatDay(day, style, lang))).toBe(text));

  it("spans", () => {
    expect(plain(formatSpan("2026-12-14", "2026-12-18", {}, "en"))).toBe("14–18 Dec");
    expect(plain(formatSpan("2026-11-28", "2026-12-02", {}, "en"))).toBe("28 Nov–2 Dec");
    expect(plain(formatSpan("2026-12-14", "2026-12-14", {}, "fr"))).toBe("14 déc.");
  });

  it("leaves what is no day as it is", () => expect(formatDay("soon")).toBe("soon"));

  it("finds the next Monday", () => {
    expect(nextMonday("2026-11-19")).toBe("2026-11-23");
    expect(nextMonday("2026-11-23")).toBe("2026-11-30");
    expect(nextMonday("2026-11-22")).toBe("2026-11-23");
    expect(dayNumber("1970-01-05")).toBe(4);
  });
});

describe("moments", () => {
  it.each([
    ["2026-11-19T13:25:40Z", "just now"],
    ["2026-11-19T13:24:00Z", "2 min ago"],
    ["2026-11-19T09:12:00Z", "10:12"],
    ["2026-11-16T08:00:00Z", "Monday"],
    ["2026-11-12T08:00:00Z", "12 Nov"],
    ["2025-11-12T08:00:00Z", "12 Nov 2025"],
  ])("%s is %s", (iso, text) => expect(plain(formatAgo(iso, NOW, "Europe/Paris"))).toBe(text));

  it("uses the project's zone for the day", () => {
    // 23:30 UTC is the next day in Paris.
    expect(formatMoment("2026-11-18T23:30:00Z", NOW, "Europe/Paris")).toBe("00:30");
    expect(formatMoment("2026-11-18T22:30:00Z", NOW, "Europe/Paris")).toBe("Wednesday");
    expect(momentKind("2026-11-18T23:30:00Z", NOW, "Europe/Paris")).toBe("clock");
  });

  it("does not fail on an unknown zone", () => expect(formatMoment("2026-11-19T09:12:00Z", NOW, "Mars/Olympus")).toBe("09:12"));
  it("speaks French", () => {
    setLanguage("fr");
    expect(formatAgo("2026-11-19T13:24:00Z", NOW, "Europe/Paris")).toBe("il y a 2 min");
    expect(formatAgo("2026-11-16T08:00:00Z", NOW, "Europe/Paris")).toBe("lundi");
  });
});

describe("text", () => {
  it("cuts in the middle and keeps both ends", () => {
    expect(truncateMiddle("short", 10)).toBe("short");
    const cut = truncateMiddle("Configure, deploy and secure application infrastructure", 30);
    expect(cut.length).toBeLessThanOrEqual(30);
    expect(cut.startsWith("Configure")).toBe(true);
    expect(cut.endsWith("structure")).toBe(true);
    expect(truncateMiddle("abc", 1)).toBe("…");
    expect(truncateMiddle("👩‍💻👩‍💻👩‍💻", 3)).toContain("…");
  });

  it.each([
    ["Configure, deploy and secure application infrastructure", 17, "Configure, deploy"],
    ["Requirements specifications and Project setup", 17, "Requirements"],
    ["Data ingestion and consumption", 18, "Data ingestion"],
    ["CI/CD pipelines", 17, "CI/CD pipelines"],
    ["Mise en place de la supervision", 17, "Mise en place"],
    ["Internationalisation", 8, "Internationalisation"],
  ])("takes the first words of %s", (title, max, words) => expect(firstWords(title, max)).toBe(words));

  it("tells teammates apart", () => {
    expect(initialOf("student-a")).toBe("A");
    expect(initialOf("octo")).toBe("O");
  });

  it("writes small numbers as words", () => {
    expect(numberWord(3, true, "en")).toBe("Three");
    expect(numberWord(1, false, "fr")).toBe("une");
    expect(numberWord(13, true, "en")).toBe("13");
  });

  it.each([
    ["owner/name", "owner/name"], ["https://github.com/owner/name", "owner/name"], ["https://github.com/owner/name.git", "owner/name"],
    ["git@github.com:owner/name.git", "owner/name"], ["https://github.com/owner/name/milestones/3", "owner/name"], ["un_der.score/na-me_1", "un_der.score/na-me_1"], ["_/_", "_/_"], [`${"o".repeat(100)}/n`, `${"o".repeat(100)}/n`], [`${"o".repeat(101)}/n`, null], ["./name", null], ["owner/..", null], ["owner/name.git/", "owner/name"], ["https://github.com/owner/name?tab=readme", "owner/name"],
    ["owner", null], ["", null], ["https://example.org/owner/name", null], ["owner/na me", null],
  ])("reads %s as %s", (text, repository) => expect(parseRepository(text)).toBe(repository));

  it("knows time zones", () => {
    expect(isTimeZone("Europe/Paris")).toBe(true);
    expect(isTimeZone("Europe/Atlantis")).toBe(false);
    expect(isTimeZone("")).toBe(false);
  });

  it("finds by beginnings of words, without accents", () => {
    expect(matches("etap 3", "Étape 3 : Données")).toBe(true);
    expect(matches("donn", "Étape 3 : Données")).toBe(true);
    expect(matches("onn", "Étape 3 : Données")).toBe(false);
    expect(matches("", "anything")).toBe(true);
  });
});
