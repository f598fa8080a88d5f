/** What the deployments screen says and offers, composed from data alone. */
import type { ConditionState, Deployments, EnvironmentView, GateCondition, GateView, Health } from "$lib/api";
import type { State } from "$lib/components/Status.svelte";
import { hasMessage, t } from "$lib/i18n/index.svelte";

/** The next right thing: the screen's one primary button. */
export type Next =
  | { kind: "none" }
  | { kind: "trust" }
  | { kind: "rollback"; environment: string; version: string; production: boolean }
  | { kind: "deploy"; environment: string }
  | { kind: "promote"; to: string; version: string };

/** Whether what runs there does harm now. */
export function isBroken(environment: EnvironmentView): boolean {
  return environment.health.state === "failing" || environment.health.state === "crashed";
}

/** What to offer first: repair (production before the rest), then begin, then go on. */
export function nextDelivery(data: Deployments): Next {
  if (data.services.length === 0) return { kind: "none" };
  if (data.trust) return { kind: "trust" };
  // What somebody else rolls out is not offered here.
  if (data.owner) return { kind: "none" };
  const idle = data.environments.filter((one) => one.running === null);
  const writable = idle.filter((one) => !one.cluster?.read_only);
  const broken = [...writable].sort((a, b) => Number(b.production) - Number(a.production)).find((one) => isBroken(one) && one.back_to !== null);
  if (broken?.back_to) return { kind: "rollback", environment: broken.name, version: broken.back_to.version, production: broken.production };
  const first = writable.find((one) => one.promotes_from === null && one.release === null);
  if (first) return { kind: "deploy", environment: first.name };
  const gate = data.gates.find((one) => {
    const target = writable.find((environment) => environment.name === one.to);
    const settled = idle.some((environment) => environment.name === one.from);
    return one.open && one.candidate !== null && target !== undefined && settled && !isThere(one, target);
  });
  if (gate?.candidate) return { kind: "promote", to: gate.to, version: gate.candidate.version };
  return { kind: "none" };
}

/** How a service is: shape and word. */
export function healthOf(health: Health): { state: State; label: string } {
  const states: Record<Health["state"], State> = { healthy: "ok", failing: "bad", crashed: "bad", empty: "to_come", stopped: "stopped", lost: "warn", unknown: "unknown" };
  return { state: states[health.state], label: t(`health_state.${health.state}`) };
}

/** Whether something is being found out about a condition at this moment; tests that only run on the way are still to come. A check that GitHub runs keeps the gate closed meanwhile. */
export function isAsking(condition: GateCondition): boolean {
  return condition.fact === "check.pending" || (condition.state === "pending" && condition.fact.endsWith(".running"));
}

/** What is waited for while the conditions of a gate are asked. */
export function askingWords(gate: GateView): string {
  return t("gate.asking_for", { environment: gate.to, github: gate.conditions.some((one) => one.id === "check") ? "yes" : "no" });
}

/** How a condition stands: shape and word. */
export function conditionState(condition: GateCondition): { state: State; label: string } {
  const states: Record<ConditionState, State> = { met: "ok", unmet: "bad", pending: "to_come", unknown: "unknown", at_the_end: "to_come" };
  return isAsking(condition) ? { state: "running", label: t("gate.state.running") } : { state: states[condition.state], label: t(`gate.state.${condition.state}`) };
}

/** A condition in words: its name and its fact. `english` marks a sentence of the engine's. */
export function conditionWords(condition: GateCondition): { name: string; fact: string; english: boolean } {
  // A check of the repository goes by its own name.
  const nameKey = condition.id === "check" ? "" : `gate.condition.${condition.id}`;
  const factKey = `gate.fact.${condition.fact}`;
  const known = hasMessage(factKey);
  const cause = `error.${condition.params["code"] ?? ""}.title`;
  const why = hasMessage(cause) ? t(cause, condition.params) : (condition.params["reason"] ?? "");
  const short = (name: string) => condition.params[name]?.slice(0, 7) ?? "";
  const params = { word: "", fix: "", reason: "", ...condition.params, why, commit: short("commit"), about: short("about") };
  const own = condition.id === "check" ? condition.params["name"] : null;
  return { name: hasMessage(nameKey) ? t(nameKey, params) : (own ?? condition.id), fact: known ? t(factKey, params) : condition.message, english: !known };
}

/** Conditions that keep the gate closed: what is asked on the way stands in nobody's way yet. */
export function unmetConditions(gate: GateView): GateCondition[] {
  return gate.conditions.filter((one) => one.state === "unmet" || one.state === "unknown");
}

/** Whether what would be promoted serves there already. */
export function isThere(gate: GateView, target: EnvironmentView | undefined): boolean {
  return gate.candidate !== null && target?.release?.commit === gate.candidate.commit && !target.release.dirty;
}

/** Environments as a way: each after the one it promotes from, the rest in jalon.toml's order. */
export function inOrder(data: Deployments): EnvironmentView[] {
  const placed: EnvironmentView[] = [];
  let waiting = [...data.environments];
  while (waiting.length > 0) {
    const last = placed.at(-1)?.name;
    const ready = waiting.filter((one) => one.promotes_from === null || !waiting.some((other) => other.name === one.promotes_from));
    // Environments that promote from each other in a ring are odd, but still shown.
    const next = ready.find((one) => one.promotes_from === last && last !== undefined) ?? ready[0] ?? waiting[0];
    if (!next) break;
    placed.push(next);
    waiting = waiting.filter((one) => one !== next);
  }
  return placed;
}

/** Whether a version is a tag: what has none is called by the beginning of its commit. */
export function isTag(line: { version: string; commit: string }): boolean {
  return !line.commit.startsWith(line.version);
}
