/** Plans in words: what happens to a resource, why, and how far an apply is. */
import Eye from "@lucide/svelte/icons/eye";
import Import from "@lucide/svelte/icons/import";
import MoveRight from "@lucide/svelte/icons/move-right";
import Pencil from "@lucide/svelte/icons/pencil";
import Plus from "@lucide/svelte/icons/plus";
import Replace from "@lucide/svelte/icons/replace";
import Trash from "@lucide/svelte/icons/trash-2";
import Unlink from "@lucide/svelte/icons/unlink";
import type { LogLine, PlanAction, PlanChange, ProvisionPlan, RunReason, RunRow, StackEnvironment } from "$lib/api";
import type { Drawing } from "$lib/components/Icon.svelte";
import type { State } from "$lib/components/Status.svelte";
import { hasMessage, t } from "$lib/i18n/index.svelte";
import type { Place } from "./stacks.svelte";

/** Colour class of an action. */
type Tone = "bad" | "warn" | "run" | "ok" | "idle";
const LOOKS: Record<PlanAction, { icon: Drawing; tone: Tone }> = {
  destroy: { icon: Trash, tone: "bad" }, replace: { icon: Replace, tone: "warn" }, update: { icon: Pencil, tone: "run" }, create: { icon: Plus, tone: "ok" },
  read: { icon: Eye, tone: "idle" }, forget: { icon: Unlink, tone: "warn" }, move: { icon: MoveRight, tone: "idle" }, import: { icon: Import, tone: "run" },
};
/** Actions, the most dangerous first. */
const DANGER: PlanAction[] = ["destroy", "replace", "forget", "update", "create", "import", "move", "read"];

/** Drawing and colour of an action. */
export function actionLook(action: PlanAction): { icon: Drawing; tone: Tone } {
  return LOOKS[action];
}

/** Changes, the most dangerous first; those of a kind stay in the tool's order. */
export function byDanger(changes: readonly PlanChange[]): PlanChange[] {
  return [...changes].sort((a, b) => DANGER.indexOf(a.action) - DANGER.indexOf(b.action));
}

/** Why a resource is touched, in words; the tool's own name where Jalon has none for it. */
export function changeWhy(change: PlanChange): string {
  const because = change.reason === null ? "" : hasMessage(`plan_reason.${change.reason}`) ? t(`plan_reason.${change.reason}` as never) : change.reason;
  if (change.action === "replace") return [t(change.create_first ? "plan_why.create_first" : "plan_why.destroy_first"), because].filter(Boolean).join(", ");
  if (because) return because;
  if (change.action === "update") return t("plan_why.update", { n: change.attributes.length });
  if (change.action === "move" && change.previous_address) return t("plan_why.moved", { from: change.previous_address });
  return t(`plan_why.${change.action}`);
}

/** Whether a plan changes nothing. */
export function isEmptyPlan(plan: ProvisionPlan): boolean {
  const { create, update, replace, destroy } = plan.counts;
  return create + update + replace + destroy === 0 && plan.changes.every((change) => change.action === "read") && plan.outputs.length === 0;
}

/** What an apply does to a resource at this moment. */
export type Deed = "to_come" | "running" | "done" | "failed";
/** How far it is with one resource. */
export interface Progress { state: Deed; seconds: number | null }

// Terraform's and OpenTofu's own words for a resource's progress; both print them in English whatever the locale.
const BEGUN = /^(?:Creating|Modifying|Destroying|Reading|Importing)\.\.\./;
const STILL = /^Still (?:creating|modifying|destroying|reading)\.\.\. \[(?:id=[^,\]]*, )?(?:(\d+)m)?(\d+)s elapsed/;
const DONE = /^(?:Creation|Modifications?|Destruction|Read|Import) complete(?: after (?:(\d+)m)?(\d+)s)?/;
const FAILED = /^(?:Creation|Modifications?|Destruction|Read) errored/;

/** A line of the tool's as address and words; an address may hold a colon of its own. */
function splitLine(text: string, known: ReadonlyMap<string, unknown>): { address: string; words: string } | null {
  for (let cut = text.indexOf(": "); cut >= 0; cut = text.indexOf(": ", cut + 1)) {
    // What was deposed while its successor was created is the same resource.
    const address = text.slice(0, cut).replace(/ \(deposed object [0-9a-f]+\)$/, "");
    if (known.has(address)) return { address, words: text.slice(cut + 2) };
  }
  return null;
}

/** How far an apply is with each resource, from what the tool wrote: lines that begin with an address. */
export function progressOf(changes: readonly PlanChange[], lines: readonly LogLine[]): Map<string, Progress> {
  const found = new Map<string, Progress>(changes.map((change) => [change.address, { state: "to_come", seconds: null }]));
  const replaced = new Map(changes.filter((change) => change.action === "replace").map((change) => [change.address, 0]));
  const spent = new Map<string, number>();
  for (const { text } of lines) {
    const line = splitLine(text, found);
    if (line === null) continue;
    const { address, words } = line;
    const seconds = (match: RegExpExecArray) => (match[2] === undefined ? null : Number(match[1] ?? 0) * 60 + Number(match[2]));
    const still = STILL.exec(words);
    const done = DONE.exec(words);
    if (BEGUN.test(words)) found.set(address, { state: "running", seconds: null });
    else if (still) found.set(address, { state: "running", seconds: seconds(still) });
    else if (FAILED.test(words)) found.set(address, { state: "failed", seconds: null });
    else if (done) {
      // A replacement is two deeds: it is done once both are.
      const deeds = replaced.get(address);
      if (deeds !== undefined) replaced.set(address, deeds + 1);
      const took = seconds(done);
      found.set(address, { state: deeds === 0 ? "running" : "done", seconds: took === null ? null : took + (spent.get(address) ?? 0) });
      spent.set(address, took ?? 0);
    }
  }
  return found;
}

/** Progress as shape and word. */
export function progressLook(progress: Progress, active: boolean): { state: State; label: string } {
  if (progress.state === "running" && !active) return { state: "warn", label: t("apply.state.unfinished") };
  const states: Record<Deed, State> = { to_come: active ? "to_come" : "cancelled", running: "running", done: "ok", failed: "bad" };
  return { state: states[progress.state], label: t(progress.state === "to_come" && !active ? "apply.state.not_reached" : `apply.state.${progress.state}`) };
}

/** Whether a plan may no longer be applied although it was made. */
export function isStale(plan: ProvisionPlan): boolean {
  return !plan.applicable && plan.problem !== null && plan.run.state === "waiting_for_confirmation";
}

/** The lock that somebody holds, as the tool told it; nothing where that is not why. */
export function lockOf(reason: RunReason | null): { id: string; who: string; since: string; operation: string } | null {
  if (reason === null || !reason.code.includes("lock")) return null;
  const id = reason.params["lock"] ?? reason.params["id"];
  return id ? { id, who: reason.params["who"] ?? "", since: instantOf(reason.params["since"] ?? ""), operation: (reason.params["operation"] ?? "").replace(/^OperationType/, "").toLowerCase() } : null;
}

/** Terraform writes the beginning of a lock as Go prints a time: "2026-11-23 07:01:24.117241989 +0000 UTC". */
function instantOf(text: string): string {
  return text.replace(/^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.\d+)? \+0000 UTC$/, "$1T$2Z");
}

/** How a stack stands in an environment: shape and word. */
export function standing(at: StackEnvironment, last: RunRow | null): { state: State; label: string } {
  if (at.hcp) return { state: "info", label: t("stack.hcp") };
  if (at.problem) return { state: "warn", label: t("stack.unplannable") };
  if (at.running) return { state: "running", label: t("run.state.running") };
  if (at.waiting) return { state: "waiting", label: t("stack.waiting") };
  if (last?.state === "failed") return { state: "bad", label: t("stack.last_failed") };
  if (last?.state === "interrupted") return { state: "warn", label: t("stack.last_interrupted") };
  if (at.drift && at.drift.resources + at.drift.outputs > 0) return { state: "warn", label: t("stack.drifted") };
  if (at.applied) return { state: "ok", label: t("stack.applied") };
  return { state: "to_come", label: t("stack.never") };
}

/** The next right thing: the screen's one primary button. */
export type NextStack = { kind: "none" } | { kind: "review"; run: string } | { kind: "plan"; stack: string; environment: string };

/** What to offer first: a plan that waits (production before the rest), then what was never applied. */
export function nextStack(places: readonly Place[]): NextStack {
  const waiting = [...places].sort((a, b) => Number(b.at.production) - Number(a.at.production)).find(({ at }) => at.waiting !== null);
  if (waiting?.at.waiting) return { kind: "review", run: waiting.at.waiting };
  const first = places.find(({ stack, at }) => stack.program !== null && at.hcp === null && at.problem === null && at.running === null && at.applied === null);
  return first ? { kind: "plan", stack: first.stack.name, environment: first.at.environment } : { kind: "none" };
}

/** The screen's answer in a sentence, and a second one. */
export function stacksHeadline(places: readonly Place[]): { first: string; second: string } {
  const waiting = places.filter(({ at }) => at.waiting !== null);
  const drifted = places.filter(({ at }) => (at.drift?.resources ?? 0) + (at.drift?.outputs ?? 0) > 0);
  const failed = places.filter(({ at }) => at.last?.state === "failed" && at.running === null && at.waiting === null);
  const running = places.filter(({ at }) => at.running !== null);
  const one = (all: Place[]) => ({ n: all.length, stack: all[0]?.stack.name ?? "", environment: all[0]?.at.environment ?? "" });
  const first = waiting.length > 0 ? t("stacks.waiting", one(waiting)) : running.length > 0 ? t("stacks.running", one(running)) : failed.length > 0 ? t("stacks.failed", one(failed)) : drifted.length > 0 ? t("stacks.drifted", one(drifted)) : t("stacks.quiet");
  const looked = places.filter(({ at }) => at.drift !== null).length;
  const own = places.filter(({ at }) => at.hcp === null).length;
  const second = [
    waiting.length + running.length > 0 && drifted.length > 0 ? t("stacks.drifted", one(drifted)) : "",
    own > 0 && looked < own ? t("stacks.unlooked", { n: own - looked, total: own }) : "",
  ].filter(Boolean).join(" ");
  return { first, second };
}
