import { configure } from "@testing-library/svelte";
import { afterEach, beforeEach, vi } from "vitest";
import { setLanguage } from "$lib/i18n/index.svelte";

// What jsdom leaves out of dialogs and scrolling.
HTMLDialogElement.prototype.showModal ??= function (this: HTMLDialogElement) { this.open = true; };
HTMLDialogElement.prototype.close ??= function (this: HTMLDialogElement) { this.open = false; };
Element.prototype.scrollIntoView ??= () => {};
globalThis.ResizeObserver ??= class { observe() {} unobserve() {} disconnect() {} };
Object.defineProperty(HTMLElement.prototype, "clientWidth", { configurable: true, get: () => 1000 });

// Conditions are awaited until they hold; a limit that a busy machine can reach would make them flaky.
configure({ asyncUtilTimeout: 20_000 });

beforeEach(() => setLanguage("en"));
afterEach(() => {
  vi.useRealTimers();
  document.documentElement.removeAttribute("data-theme");
});
