/** Which keys do what, apart from what they do in a field. Pure: it reads events and answers with names. */

/** What a key asks for. */
export type Command =
  | "palette" | "settings" | "theme" | "region" | "region-back" | "keys"
  | "go-overview" | "go-milestones" | "go-provisioning" | "go-deployments" | "go-kpis" | "go-monitoring" | "go-reports"
  | "confirm"
  | "next" | "previous" | "filter" | "choose-1" | "choose-2" | "choose-3" | "copy-command" | "cancel-run";

/** The part of a keyboard event that counts. */
export interface KeyPress {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  shiftKey: boolean;
  altKey: boolean;
  /** Whether the focus is where letters are typed. */
  typing: boolean;
}

/** How long G waits for its second key, ms. */
export const CHORD_MS = 1200;

const SINGLE: Record<string, Command> = { j: "next", k: "previous", "/": "filter", "?": "keys", "1": "choose-1", "2": "choose-2", "3": "choose-3", c: "copy-command" };
const AFTER_G: Record<string, Command> = { o: "go-overview", m: "go-milestones", p: "go-provisioning", d: "go-deployments", k: "go-kpis", s: "go-monitoring", r: "go-reports" };

/** Follows key presses, because G waits for a second key. */
export class KeyRouter {
  #chordUntil = 0;

  /** The command of a key press, if it has one. `at` is the time in ms, for G's second key. */
  press(event: KeyPress, at: number, options: { singleKeys: boolean; mac: boolean }): Command | null {
    const main = options.mac ? event.metaKey : event.ctrlKey;
    const key = event.key.toLowerCase();
    if (event.key === "F6") return event.shiftKey ? "region-back" : "region";
    if (main && !event.altKey) {
      this.#chordUntil = 0;
      if (key === "k" && !event.shiftKey) return "palette";
      if (key === "," && !event.shiftKey) return "settings";
      if (key === "l" && event.shiftKey) return "theme";
      if (key === "." && !event.shiftKey) return "cancel-run";
      if (key === "enter" && !event.shiftKey) return "confirm";
      return null;
    }
    if (event.typing || event.ctrlKey || event.metaKey || event.altKey || !options.singleKeys) {
      this.#chordUntil = 0;
      return null;
    }
    if (at < this.#chordUntil) {
      this.#chordUntil = 0;
      return AFTER_G[key] ?? null;
    }
    if (key === "g") {
      this.#chordUntil = at + CHORD_MS;
      return null;
    }
    return SINGLE[key] ?? null;
  }
}

/** Whether letters typed into this element are text. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) return true;
  return target instanceof HTMLInputElement && !["checkbox", "radio", "button", "submit"].includes(target.type);
}

/** Keys as the list of keys shows them. */
export interface KeyRow {
  keys: string[];
  label: "keys.palette" | "keys.settings" | "keys.theme" | "keys.region" | "keys.list" | "keys.overview" | "keys.milestones" | "keys.provisioning" | "keys.deployments" | "keys.kpis" | "keys.monitoring" | "keys.confirm" | "keys.reports" | "keys.copy" | "keys.cancel" | "keys.move" | "keys.filter" | "keys.open" | "keys.escape" | "keys.choose";
  /** Whether it can be turned off with the single keys. */
  single: boolean;
}

/** The key that goes with others, as it is written on the platform's keyboards. */
export function mainKey(platform: string): "⌘" | "Ctrl" {
  return platform === "macos" ? "⌘" : "Ctrl";
}

/** The list of keys, in the order of use. */
export function keyRows(platform: string): KeyRow[] {
  const main = mainKey(platform);
  return [
    { keys: [main, "K"], label: "keys.palette", single: false },
    { keys: ["G", "O"], label: "keys.overview", single: true },
    { keys: ["G", "M"], label: "keys.milestones", single: true },
    { keys: ["G", "P"], label: "keys.provisioning", single: true },
    { keys: ["G", "D"], label: "keys.deployments", single: true },
    { keys: ["G", "K"], label: "keys.kpis", single: true },
    { keys: ["G", "S"], label: "keys.monitoring", single: true },
    { keys: ["G", "R"], label: "keys.reports", single: true },
    { keys: ["J", "K"], label: "keys.move", single: true },
    { keys: ["/"], label: "keys.filter", single: true },
    { keys: ["C"], label: "keys.copy", single: true },
    { keys: [main, "Enter"], label: "keys.confirm", single: false },
    { keys: [main, "."], label: "keys.cancel", single: false },
    { keys: ["1", "2", "3"], label: "keys.choose", single: true },
    { keys: ["Enter"], label: "keys.open", single: false },
    { keys: ["Esc"], label: "keys.escape", single: false },
    { keys: ["F6"], label: "keys.region", single: false },
    { keys: [main, ","], label: "keys.settings", single: false },
    { keys: [main, "Shift", "L"], label: "keys.theme", single: false },
    { keys: ["?"], label: "keys.list", single: true },
  ];
}
