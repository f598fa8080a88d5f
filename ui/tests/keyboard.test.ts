import { describe, expect, it } from "vitest";
import { CHORD_MS, KeyRouter, isTyping, type KeyPress } from "$lib/shell/keyboard";

const key = (name: string, more: Partial<KeyPress> = {}): KeyPress => ({ key: name, ctrlKey: false, metaKey: false, shiftKey: false, altKey: false, typing: false, ...more });
const on = { singleKeys: true, mac: false };

describe("keys", () => {
  it.each([
    [key("k", { ctrlKey: true }), "palette"], [key(",", { ctrlKey: true }), "settings"], [key("L", { ctrlKey: true, shiftKey: true }), "theme"],
    [key("F6"), "region"], [key("F6", { shiftKey: true }), "region-back"], [key("?", { shiftKey: true }), "keys"], [key("/"), "filter"],
    [key("j"), "next"], [key("k"), "previous"], [key("1"), "choose-1"], [key("2"), "choose-2"], [key("3"), "choose-3"], [key("c"), "copy-command"], [key("c", { ctrlKey: true }), null], [key(".", { ctrlKey: true }), "cancel-run"], [key("."), null],
    [key("x"), null], [key("k", { altKey: true }), null], [key("j", { typing: true }), null], [key("k", { ctrlKey: true, typing: true }), "palette"],
  ] as const)("%o is %s", (press, command) => expect(new KeyRouter().press(press, 0, on)).toBe(command));

  it("waits for the second key after G, but not for long", () => {
    const keys = new KeyRouter();
    expect(keys.press(key("g"), 0, on)).toBeNull();
    expect(keys.press(key("m"), 300, on)).toBe("go-milestones");
    expect(keys.press(key("m"), 400, on)).toBeNull();
    for (const [letter, command] of [["d", "go-deployments"], ["k", "go-kpis"], ["r", "go-reports"]] as const) {
      keys.press(key("g"), 500, on);
      expect(keys.press(key(letter), 600, on)).toBe(command);
    }
    keys.press(key("g"), 1000, on);
    expect(keys.press(key("o"), 1000 + CHORD_MS, on)).toBeNull();
    keys.press(key("g"), 5000, on);
    expect(keys.press(key("j"), 5100, on)).toBeNull();
  });

  it("leaves single keys alone when they are off, and uses ⌘ on a Mac", () => {
    expect(new KeyRouter().press(key("j"), 0, { singleKeys: false, mac: false })).toBeNull();
    expect(new KeyRouter().press(key("k", { metaKey: true }), 0, { singleKeys: false, mac: true })).toBe("palette");
    expect(new KeyRouter().press(key("k", { ctrlKey: true }), 0, { singleKeys: true, mac: true })).toBeNull();
  });

  it("knows where letters are text", () => {
    const box = Object.assign(document.createElement("input"), { type: "checkbox" });
    expect(isTyping(document.createElement("input"))).toBe(true);
    expect(isTyping(box)).toBe(false);
    expect(isTyping(document.body)).toBe(false);
  });
});
