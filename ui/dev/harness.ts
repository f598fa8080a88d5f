/** The window without its engine: /dev/harness.html?s=late&lang=fr&theme=dark. Never part of the bundle. */
import "$lib/look/fonts.css";
import "$lib/look/tokens.css";
import "$lib/look/base.css";
import { mount } from "svelte";
import App from "../src/App.svelte";
import { answersOf, installEngine } from "./engine";
import { NOW } from "./fixtures";
import type { Language, Theme } from "../src/lib/api";

const query = new URLSearchParams(location.search);
// The fixtures' clock; it ticks on, so that seconds count.
const ahead = Date.parse(NOW) - Date.now();
const RealDate = Date;
class FixtureDate extends RealDate {
  constructor(...args: unknown[]) {
    if (args.length === 0) super(RealDate.now() + ahead);
    else super(...(args as [number]));
  }
  static override now(): number {
    return RealDate.now() + ahead;
  }
}
globalThis.Date = FixtureDate as DateConstructor;

installEngine(answersOf(query.get("s") ?? "full"), { language: (query.get("lang") as Language | null) ?? "en", theme: (query.get("theme") as Theme | null) ?? "light" });
const target = document.getElementById("app");
if (target) mount(App, { target });
