/** Runs in words: what they do, how they stand, why they ended. */
import ArrowRightToLine from "@lucide/svelte/icons/arrow-right-to-line";
import Archive from "@lucide/svelte/icons/archive";
import Blocks from "@lucide/svelte/icons/blocks";
import CircleStop from "@lucide/svelte/icons/circle-stop";
import LockKeyholeOpen from "@lucide/svelte/icons/lock-keyhole-open";
import RefreshCw from "@lucide/svelte/icons/refresh-cw";
import Rocket from "@lucide/svelte/icons/rocket";
import ScanSearch from "@lucide/svelte/icons/scan-search";
import Trash from "@lucide/svelte/icons/trash-2";
import Undo2 from "@lucide/svelte/icons/undo-2";
import type { RunReason, RunRow, RunState, RunStep } from "$lib/api";
import type { Drawing } from "$lib/components/Icon.svelte";
import type { State } from "$lib/components/Status.svelte";
import { ERRORS, describeError, type ErrorAction } from "$lib/errors";
import { hasMessage, t } from "$lib/i18n/index.svelte";

/** What a run does, finer than its kind: a promotion is a deployment of what runs elsewhere. */
export type Deed = "deploy" | "promote" | "rollback" | "stop" | "restart" | "provision" | "apply" | "destroy" | "drift" | "unlock" | "backup";

/** What a run does. */
export function deedOf(run: RunRow): Deed {
  if (run.kind === "deploy") return run.promoted_from === null ? "deploy" : "promote";
  // A finer name that this window has no words for falls back to the kind's.
  if (run.deed && Object.hasOwn(ICONS, run.deed)) return run.deed as Deed;
  return run.kind === "action" ? "stop" : run.kind;
}

const ICONS: Record<Deed, Drawing> = { deploy: Rocket, promote: ArrowRightToLine, rollback: Undo2, stop: CircleStop, restart: RefreshCw, provision: Blocks, apply: Blocks, destroy: Trash, drift: ScanSearch, unlock: LockKeyholeOpen, backup: Archive };

/** Drawing of a deed. */
export function deedIcon(deed: Deed): Drawing {
  return ICONS[deed];
}

/** Version as people say it; without one the first seven figures of the commit. */
export function versionOf(run: { version: string | null; commit: string | null }): string {
  return run.version ?? run.commit?.slice(0, 7) ?? "–";
}

/** A run as a title: "Promote v0.6.0 to prod". */
export function runTitle(run: RunRow): string {
  return t(`run.title.${deedOf(run)}`, { version: versionOf(run), environment: run.environment, name: run.name });
}

/** Whether a run may still change. */
export function isActive(state: RunState): boolean {
  return state === "planned" || state === "running" || state === "waiting_for_confirmation";
}

/** How a run stands: shape and word. */
export function outcomeOf(run: Pick<RunRow, "state" | "refused" | "attempt">): { state: State; label: string } {
  switch (run.state) {
    case "planned": return { state: "to_come", label: t("run.state.planned") };
    case "waiting_for_confirmation": return { state: "waiting", label: t("run.state.waiting") };
    case "running": return { state: "running", label: t("run.state.running") };
    case "succeeded": return { state: "ok", label: t("run.state.succeeded", { attempt: run.attempt }) };
    case "failed": return { state: "bad", label: t("run.state.failed") };
    case "cancelled": return run.refused ? { state: "bad", label: t("run.state.refused") } : { state: "cancelled", label: t("run.state.cancelled") };
    case "interrupted": return { state: "warn", label: t("run.state.interrupted") };
  }
}

/** Name of a step; one that a newer engine added keeps its own. */
export function stepName(step: RunStep): string {
  const key = `run.step.${step.id}`;
  return hasMessage(key) ? t(key) : step.id;
}

/** How a step stands: shape and word. */
export function stepState(step: RunStep): { state: State; label: string } {
  // A step that asks a person is not at work: it waits.
  if (step.id === "confirm" && step.state === "running") return { state: "waiting", label: t("run.step_state.asks") };
  const states: Record<RunStep["state"], State> = { to_come: "to_come", running: "running", done: "ok", failed: "bad", skipped: "cancelled" };
  return { state: states[step.state], label: t(`run.step_state.${step.state}`) };
}

/** Why a run did not succeed: what happened, what to do, and the engine's own sentence. */
export interface ReasonView {
  code: string;
  title: string;
  text: string;
  detail: string;
  actions: ErrorAction[];
}

/** Turns a reason into words; codes without words fall back to the engine's sentence. */
export function reasonOf(reason: RunReason, around: { now: Date; timeZone: string }): ReasonView {
  if (reason.code === "run.refused") return { code: reason.code, title: t("run.refused.title"), text: t("run.refused.text"), detail: reason.message, actions: [] };
  const params = Object.fromEntries(Object.entries(reason.params).filter((pair): pair is [string, string] => pair[1] !== undefined));
  const view = describeError({ code: reason.code, params, message: reason.message, hints: [] }, around);
  const detail = ERRORS[reason.code] && view.title !== reason.message ? reason.message : "";
  return { code: view.code, title: view.title, text: view.text, detail, actions: view.actions };
}
