/** The window with a stand-in for its engine, and what the tests do with it. */
import { fireEvent, render, screen } from "@testing-library/svelte";
import axe from "axe-core";
import { answersOf, installEngine, type Answers } from "../dev/engine";
import App from "../src/App.svelte";

const look = { language: "en" as const, theme: "light" as const };

/** Opens the window in a scenario of the stand-in, and waits for an element. */
export async function open(scenario: string, answers: Answers = {}, expectId = "headline") {
  const calls = installEngine({ ...answersOf(scenario), ...answers }, look);
  const view = render(App);
  await screen.findByTestId(expectId);
  return { calls, ...view };
}

/** Clicks an element once it is there. */
export const click = async (id: string) => fireEvent.click(await screen.findByTestId(id));

/** Types into a field once it is there. */
export const type = async (id: string, value: string) => fireEvent.input(await screen.findByTestId(id), { target: { value } });

/** Presses a key where the focus is. */
export const press = async (key: string, more: KeyboardEventInit = {}) => fireEvent.keyDown(document.activeElement ?? window, { key, ...more });

/** A clipboard that keeps what it is given. */
export function clipboard(): string[] {
  const copied: string[] = [];
  Object.defineProperty(navigator, "clipboard", { configurable: true, value: { writeText: async (text: string) => void copied.push(text) } });
  return copied;
}

/** What axe finds. Contrast needs layout: it is checked in the real window. */
export async function violations(): Promise<string[]> {
  const { violations } = await axe.run(document.body, { rules: { "color-contrast": { enabled: false }, region: { enabled: false } } });
  return violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.html.slice(0, 160)).join(" | ")}`);
}
