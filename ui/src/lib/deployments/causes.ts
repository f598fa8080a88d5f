/** A cluster's objects in words: causes with their advice, health, what a deployment would change. */
import type { Cause, ObjectAction, ServiceOwner, WorkloadHealth } from "$lib/api";
import Pencil from "@lucide/svelte/icons/pencil";
import Plus from "@lucide/svelte/icons/plus";
import Trash from "@lucide/svelte/icons/trash-2";
import type { Drawing } from "$lib/components/Icon.svelte";
import type { State } from "$lib/components/Status.svelte";
import { hasMessage, t } from "$lib/i18n/index.svelte";

const PARAMS = ["container", "image", "exit_code", "restarts", "missing", "key", "quota", "resource", "limit", "node", "probe", "path", "port", "claim", "volume", "reason"];
/** Those of them that messages choose by: their absence has a name. */
const CHOSEN = new Set(["exit_code", "limit", "key", "resource", "claim"]);

/** A cause in words: what it is, and what to do. The engine's own sentence where this window has no words for it. */
export function causeWords(cause: Cause): { title: string; advice: string; english: boolean } {
  const params = Object.fromEntries(PARAMS.map((name) => [name, cause.params[name] || (CHOSEN.has(name) ? "none" : "")]));
  // The finest words that exist: by exit code, by reason, by the cause alone.
  const finer = [cause.params["exit_code"] ? `exit_${cause.params["exit_code"]}` : "", cause.params["reason"] ?? ""].filter(Boolean);
  const find = (of: "cause" | "cause_advice") => [...finer.map((one) => `${of}.${cause.id}.${one}`), `${of}.${cause.id}`].find(hasMessage);
  const [title, advice] = [find("cause"), find("cause_advice")];
  return { title: title && hasMessage(title) ? t(title, params) : cause.message, advice: advice && hasMessage(advice) ? t(advice, params) : "", english: title === undefined };
}

/** How a workload is: shape and word. */
export function workloadLook(health: WorkloadHealth): { state: State; label: string } {
  const states: Record<WorkloadHealth, State> = { degraded: "bad", missing: "warn", unknown: "unknown", progressing: "running", suspended: "stopped", healthy: "ok" };
  return { state: states[health], label: t(`workload.${health}`) };
}

/** How a pod is, by its status as kubectl words it. */
export function podState(status: string, ready: readonly [number, number]): State {
  if (/^(Running)$/.test(status)) return ready[0] >= ready[1] ? "ok" : "under_way";
  if (/^(Completed|Succeeded)$/.test(status)) return "ok";
  if (/^(Pending|ContainerCreating|PodInitializing|Init:\d+\/\d+|Terminating)$/.test(status)) return "under_way";
  return /Unknown/.test(status) ? "unknown" : "bad";
}

/** Drawing and colour of what happens to an object. */
export function objectLook(action: ObjectAction): { icon: Drawing; tone: "bad" | "run" | "ok" } {
  return { delete: { icon: Trash, tone: "bad" as const }, update: { icon: Pencil, tone: "run" as const }, create: { icon: Plus, tone: "ok" as const } }[action];
}

/** An image without its registry path's beginning; the digest cut in its middle. */
export function imageWords(image: string): { name: string; digest: string | null } {
  const [name = image, digest] = image.split("@");
  const short = digest && /^sha256:[0-9a-f]{12,}$/.test(digest) ? `${digest.slice(0, 11)}…${digest.slice(-4)}` : (digest ?? null);
  return { name: name.split("/").at(-1) ?? name, digest: short };
}

/** Who rolls a service out, where that is not Jalon. */
export function ownerWords(owner: ServiceOwner): string {
  const key = `owner.${owner.kind}`;
  const name = hasMessage(key) ? t(key) : owner.kind;
  return owner.detail ? `${name} (${owner.detail})` : name;
}
