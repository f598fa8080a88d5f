import { fireEvent, screen, waitFor, within } from "@testing-library/svelte";
import { beforeEach, describe, expect, it, vi } from "vitest";
import * as p from "../dev/provision";
import { NOW, PROJECT } from "../dev/fixtures";
import { byDanger, changeWhy, isEmptyPlan, lockOf, nextStack, progressOf, standing } from "$lib/provisioning/words";
import type { PlanChange } from "$lib/api";
import { click, clipboard, open, press, type, violations } from "./stage";

beforeEach(() => void vi.useFakeTimers({ toFake: ["Date"], now: new Date(NOW) }));
const primary = () => [...document.querySelectorAll("main .btn.primary")].map((button) => (button as HTMLElement).dataset["testid"]);

async function provisioning(scenario: string, id = "stack-cluster", answers = {}) {
  const opened = await open(scenario, answers);
  await click("nav-provisioning");
  await screen.findByTestId(id);
  return opened;
}
async function review(scenario: string, id = "plan-bar", answers = {}) {
  const opened = await provisioning(scenario, "stack-cluster", answers);
  await click("review-cluster-prod");
  await screen.findByTestId(id);
  return opened;
}
const change = (address: string, action: PlanChange["action"], more: Partial<PlanChange> = {}): PlanChange => ({ address, previous_address: null, resource: "", action, create_first: false, reason: null, attributes: [], ...more });
const log = (...texts: string[]) => texts.map((text) => ({ at: NOW, stream: "stdout", text, release: null }));

describe("stacks", () => {
  it.each([
    ["full", "stack-cluster", ["review-cluster-prod"]], ["no-stacks", "stack-example", []], ["stacks-untrusted", "trust-panel", ["trust-commands"]], ["tool-missing", "stack-cluster", ["review-cluster-prod"]], ["ansible", "stack-hosts", []],
    ["stacks-quiet", "stack-cluster", []], ["stacks-loading", "skeleton", []], ["stacks-error", "error-note", []],
  ])("%s is accessible and has one primary button at most", async (scenario, id, buttons) => {
    await provisioning(scenario, id);
    expect(primary()).toEqual(buttons);
    expect(await violations()).toEqual([]);
  });

  it("answers first, and counts what waits in the sidebar", async () => {
    await provisioning("full");
    expect(screen.getByTestId("headline").textContent).toBe("A plan waits for you: cluster in prod.");
    expect(screen.getByTestId("provisioning-waiting").textContent).toBe("11 plan waits for you");
    expect(screen.getByTestId("place-cluster-dev").dataset["state"]).toBe("ok");
    expect(screen.getByTestId("place-network-dev").textContent).toContain("Last run failed");
    expect(screen.getByTestId("place-network-prod").textContent).toContain("Not looked for");
  });

  it("does not plan what HCP Terraform owns, and says why", async () => {
    await provisioning("full");
    const row = screen.getByTestId("place-cluster-preprod");
    expect(row.textContent).toContain("Workspace provisioning-preprod of devops-boot holds the state");
    expect(row.textContent).toContain("cloud block");
    expect(row.querySelector("button")).toBeNull();
  });

  it("turns planning off without its tool, and says what is missing", async () => {
    const { calls } = await provisioning("tool-missing");
    expect(screen.getAllByTestId("tool-missing")[0]?.textContent).toContain("terraform is not installed");
    await click("plan-cluster-dev");
    expect(calls.some((one) => one.name === "provision_plan")).toBe(false);
  });

  it("plans, and shows the run", async () => {
    const { calls } = await provisioning("full");
    await click("plan-cluster-dev");
    await screen.findByTestId("provision-panel");
    expect(calls.find((one) => one.name === "provision_plan")?.params).toEqual({ dir: PROJECT.dir, stack: "cluster", environment: "dev" });
  });

  it("looks for drift and copies the line of jalonctl, from the row's menu", async () => {
    const copied = clipboard();
    const { calls } = await provisioning("full");
    await click("more-cluster-dev");
    expect(await violations()).toEqual([]);
    await press("ArrowDown");
    await press("Escape");
    expect(document.activeElement).toBe(screen.getByTestId("more-cluster-dev"));
    await click("more-cluster-dev");
    await click("more-cluster-dev-copy");
    await waitFor(() => expect(copied).toEqual([`jalonctl provision plan cluster --env dev --project ${PROJECT.dir}`]));
    await click("more-cluster-dev");
    await click("more-cluster-dev-drift");
    await waitFor(() => expect(calls.find((one) => one.name === "provision_plan")?.params).toMatchObject({ mode: "drift" }));
  });

  it("plans a destruction only after saying what that means", async () => {
    const { calls } = await provisioning("full");
    await click("more-cluster-dev");
    await click("more-cluster-dev-destroy");
    expect((await screen.findByTestId("destroy-plan-dialog")).textContent).toContain("This destroys nothing yet");
    expect(calls.some((one) => one.name === "provision_plan")).toBe(false);
    expect(await violations()).toEqual([]);
    await click("confirm-run");
    await screen.findByTestId("provision-panel");
    expect(calls.find((one) => one.name === "provision_plan")?.params).toMatchObject({ mode: "destroy", environment: "dev" });
  });

  it("shows outputs, sensitive ones masked and without a copy button", async () => {
    await provisioning("full");
    await click("outputs-cluster-dev");
    const outputs = await screen.findByTestId("outputs");
    expect(outputs.textContent).toContain("masked");
    expect(within(outputs).getAllByRole("button").length).toBe(2);
    expect(await violations()).toEqual([]);
  });

  it("says where it arose that a plan is refused", async () => {
    await provisioning("provision-refuses");
    await click("plan-cluster-dev");
    expect((await screen.findByTestId("error-note")).dataset["code"]).toBe("deploy.busy");
  });

  it("says what to write where jalon.toml names no stack", async () => {
    await provisioning("no-stacks", "stack-example");
    expect(screen.getByTestId("stack-example").textContent).toContain("[[stack]]");
  });

  it("opens a run's plan from the history, and comes back with Esc", async () => {
    await provisioning("full");
    await fireEvent.click(screen.getAllByTestId("history-row")[0] as HTMLElement);
    await screen.findByTestId("plan-counts");
    await press("Escape");
    await screen.findByTestId("stack-cluster");
  });
});

describe("a plan", () => {
  it.each([["full", ["plan-apply"]], ["plan-stale", ["plan-again"]], ["plan-empty", []], ["plan-destroy", []], ["plan-drift", ["plan-again"]], ["planning", []], ["apply-failed", ["plan-again"]], ["lock-held", ["plan-again"]], ["plan-many", ["plan-apply"]]])("%s is accessible and has one primary button at most", async (scenario, buttons) => {
    await review(scenario);
    await waitFor(() => expect(primary()).toEqual(buttons));
    expect(await violations()).toEqual([]);
  });

  it("shows the most dangerous first, with reasons, masks and what is known only later", async () => {
    await review("full");
    await screen.findByTestId("plan-counts");
    const rows = screen.getAllByTestId("change");
    expect(rows.map((row) => row.dataset["action"])).toEqual(["destroy", "replace", "update", "update", "create", "create", "create", "update"]);
    expect(rows[0]?.textContent).toContain("no longer in the code");
    expect(rows[1]?.textContent).toContain("forces replacement");
    expect(rows[1]?.textContent).toContain("known after apply");
    expect(rows[2]?.textContent).toContain("masked, changes");
    expect(screen.getByTestId("plan-counts").textContent).toContain("42 unchanged");
    expect(screen.getByTestId("plan-harm").textContent).toContain("1 resource is destroyed, 1 replaced");
    expect(screen.getByTestId("drift").textContent).toContain("aws_db_instance.main");
    expect(screen.getByTestId("tool-diagnostics").textContent).toContain("Argument is deprecated");
    expect(screen.getByTestId("run-step-confirm").textContent).toContain("waits for you");
  });

  it("unfolds and folds a row by mouse and by arrow key", async () => {
    await review("full");
    const row = (await screen.findAllByTestId("change"))[0] as HTMLElement;
    const button = row.querySelector("button") as HTMLElement;
    expect(button.getAttribute("aria-expanded")).toBe("false");
    await fireEvent.keyDown(window, { key: "j" });
    expect(document.activeElement).toBe(button);
    await press("ArrowRight");
    expect(row.textContent).toContain("cidr_blocks");
    await press("ArrowLeft");
    expect(row.textContent).not.toContain("cidr_blocks");
  });

  it("applies only with the name typed, by Ctrl Enter too, then follows it resource by resource to its outputs", async () => {
    const { calls } = await review("applying", "plan-confirm");
    expect(screen.getByTestId("plan-bar").textContent).toContain("Commit 9d31f0c, state serial 87. If either changes");
    await type("plan-confirm", "prd");
    await click("plan-apply");
    await fireEvent.keyDown(screen.getByTestId("plan-confirm"), { key: "Enter", ctrlKey: true });
    expect(calls.some((one) => one.name === "provision_apply")).toBe(false);
    await type("plan-confirm", " prod ");
    await fireEvent.keyDown(screen.getByTestId("plan-confirm"), { key: "Enter", ctrlKey: true });
    await screen.findByTestId("apply-count");
    expect(calls.filter((one) => one.name === "provision_apply").map((one) => one.params)).toEqual([{ dir: PROJECT.dir, run: "214", confirm: "prod" }]);
    expect(screen.queryByTestId("plan-confirm")).toBeNull();
    await waitFor(() => expect(screen.getAllByTestId("change").some((row) => row.dataset["progress"] === "running")).toBe(true));
    expect(await violations()).toEqual([]);
    await waitFor(() => expect(screen.getByTestId("run-state").dataset["state"]).toBe("succeeded"));
    await screen.findByTestId("outputs");
    expect(screen.getAllByTestId("change").slice(0, 7).every((row) => row.dataset["progress"] === "done")).toBe(true);
    expect(await violations()).toEqual([]);
  });

  it("is cancelled with Ctrl . while it is applied", async () => {
    const { calls } = await review("applying", "plan-confirm");
    await type("plan-confirm", "prod");
    await click("plan-apply");
    await screen.findByTestId("apply-count");
    await fireEvent.keyDown(window, { key: ".", ctrlKey: true });
    await waitFor(() => expect(screen.getByTestId("run-state").dataset["state"]).toBe("cancelled"));
    expect(calls.filter((one) => one.name === "run_cancel").length).toBe(1);
  });

  it("is discarded without being applied", async () => {
    const { calls } = await review("applying", "plan-confirm");
    await click("plan-discard");
    await waitFor(() => expect(screen.getByTestId("run-state").dataset["state"]).toBe("cancelled"));
    expect(calls.some((one) => one.name === "provision_apply")).toBe(false);
  });

  it("that is stale cannot be applied: planning again takes the button's place", async () => {
    const { calls } = await review("plan-stale");
    await screen.findByTestId("plan-again");
    expect(screen.queryByTestId("plan-apply")).toBeNull();
    expect(screen.queryByTestId("plan-confirm")).toBeNull();
    await fireEvent.keyDown(window, { key: "Enter", ctrlKey: true });
    expect(calls.some((one) => one.name === "provision_apply")).toBe(false);
    await click("plan-again");
    await waitFor(() => expect(calls.find((one) => one.name === "provision_plan")?.params).toEqual({ dir: PROJECT.dir, stack: "cluster", environment: "prod" }));
  });

  it("that destroys lists everything that goes, and asks for the name in a dialog", async () => {
    const { calls } = await review("plan-destroy", "plan-destroy");
    await fireEvent.keyDown(window, { key: "Enter", ctrlKey: true });
    const dialog = await screen.findByTestId("destroy-dialog");
    expect(dialog.querySelectorAll("li").length).toBe(5);
    expect(dialog.textContent).toContain("what they hold is lost");
    await click("confirm-run");
    expect(calls.some((one) => one.name === "provision_apply")).toBe(false);
    expect(await violations()).toEqual([]);
    await type("confirm-name", "prod");
    await click("confirm-run");
    await waitFor(() => expect(calls.find((one) => one.name === "provision_apply")?.params).toEqual({ dir: PROJECT.dir, run: "214", confirm: "prod" }));
  });

  it("that changes nothing says so and offers nothing to apply", async () => {
    await review("plan-empty");
    expect((await screen.findByTestId("headline")).textContent).toBe("Nothing is to be changed.");
    expect(screen.queryByTestId("plan-apply")).toBeNull();
  });

  it("says what was done and what was not where the apply failed", async () => {
    await review("apply-failed");
    await waitFor(() => expect(screen.getAllByTestId("change").find((row) => row.dataset["address"] === "aws_db_instance.main")?.dataset["progress"]).toBe("failed"));
    const text = document.querySelector(".rows")?.textContent ?? "";
    expect(text).toContain("Begun, end not known");
    expect(text).toContain("Not reached");
    expect(screen.getByTestId("run-reason").textContent).toContain("what was done is in it");
  });

  it("says who holds the lock, and takes it off with the name typed", async () => {
    const { calls } = await review("lock-held", "unlock");
    await click("unlock");
    const dialog = await screen.findByTestId("unlock-dialog");
    expect(dialog.textContent).toContain("student-b@lab");
    expect(dialog.textContent).toContain("46 min ago");
    expect(await violations()).toEqual([]);
    await type("confirm-name", "prod");
    await click("confirm-run");
    await waitFor(() => expect(calls.find((one) => one.name === "provision_unlock")?.params).toEqual({ dir: PROJECT.dir, stack: "cluster", environment: "prod", lock: "857ad25e-2f0a", confirm: "prod" }));
  });

  it("shows a refusal in its bar", async () => {
    await review("provision-refuses");
    await type("plan-confirm", "prod");
    await click("plan-apply");
    expect((await within(screen.getByTestId("plan-bar")).findByTestId("error-note")).dataset["code"]).toBe("gate.confirm");
  });

  it("is what a provisioning run opens to, wherever it is opened from", async () => {
    await open("full", { deployments: async () => { const d = await import("../dev/delivery"); return d.deployments({ history: [p.RUNS.waiting, ...d.HISTORY] }); } });
    await click("nav-deployments");
    await fireEvent.click((await screen.findAllByTestId("history-row"))[0] as HTMLElement);
    await screen.findByTestId("plan-counts");
    await press("Escape");
    await screen.findByTestId("env-dev");
  });
});

describe("words of plans", () => {
  it("read progress from the tool's own lines", () => {
    const changes = [change("a.b", "create"), change('m["x: y"].c', "update"), change("r.s", "replace"), change("z.z", "destroy")];
    const found = progressOf(changes, log("a.b: Creating...", "a.b: Still creating... [1m10s elapsed]", 'm["x: y"].c: Modifying... [id=1]', "r.s: Destroying... [id=2]", "r.s: Destruction complete after 3s", "r.s: Creating...", "nobody: Creating...", "no colon"));
    expect(found.get("a.b")).toEqual({ state: "running", seconds: 70 });
    expect(found.get("r.s")).toEqual({ state: "running", seconds: null });
    expect(found.get("z.z")).toEqual({ state: "to_come", seconds: null });
    expect(progressOf(changes, log("r.s: Destruction complete after 3s", "r.s: Creation complete after 1m2s [id=3]")).get("r.s")).toEqual({ state: "done", seconds: 65 });
    expect(progressOf(changes, log("r.s: Creation complete after 2s", "r.s (deposed object 5f2a1c3d): Destruction complete after 1s")).get("r.s")).toEqual({ state: "done", seconds: 3 });
    expect(progressOf(changes, log("a.b: Creation errored after 2s")).get("a.b")?.state).toBe("failed");
  });

  it("find addresses that hold a colon", () => expect(progressOf([change('m["x: y"].c', "update")], log('m["x: y"].c: Modifications complete after 1s')).get('m["x: y"].c')?.state).toBe("done"));

  it("order by danger and give reasons, the tool's own where there are no better", () => {
    expect(byDanger([change("c", "create"), change("d", "destroy"), change("r", "replace"), change("f", "forget")]).map((one) => one.address)).toEqual(["d", "r", "f", "c"]);
    expect(changeWhy(change("r", "replace", { reason: "replace_because_tainted", create_first: false }))).toBe("destroyed first, then created, it is tainted");
    expect(changeWhy(change("d", "destroy", { reason: "delete_because_the_moon" }))).toBe("delete_because_the_moon");
    expect(changeWhy(change("m", "move", { previous_address: "a.old" }))).toBe("was a.old");
  });

  it("know an empty plan from one that only changes outputs", () => {
    const none = { create: 0, update: 0, replace: 0, destroy: 0, unchanged: 3 };
    expect(isEmptyPlan(p.plan({ counts: none, changes: [change("d", "read")], outputs: [] }))).toBe(true);
    expect(isEmptyPlan(p.plan({ counts: none, changes: [] }))).toBe(false);
    expect(isEmptyPlan(p.plan({ counts: none, changes: [change("m", "move")], outputs: [] }))).toBe(false);
  });

  it("offer what waits first, production before the rest, then what was never applied", () => {
    const stack = p.STACKS[0] as (typeof p.STACKS)[number];
    const place = (environment: string, more = {}) => ({ stack, at: p.place(environment, more) });
    expect(nextStack([place("dev", { waiting: "1" }), place("prod", { waiting: "2" })])).toEqual({ kind: "review", run: "2" });
    expect(nextStack([place("dev", { applied: NOW }), place("prod")])).toEqual({ kind: "plan", stack: "cluster", environment: "prod" });
    expect(nextStack([place("dev", { hcp: p.HCP })])).toEqual({ kind: "none" });
    expect(standing(p.place("dev", { drift: { run: "1", at: NOW, resources: 2, outputs: 0 }, applied: NOW }), null).label).toBe("Drifted");
  });

  it("see a lock only where one is told", () => {
    expect(lockOf(null)).toBeNull();
    expect(lockOf({ code: "run.failed", params: { id: "1" }, message: "" })).toBeNull();
    expect(lockOf({ code: "provision.locked", params: { lock: "l1", operation: "OperationTypeApply", since: "2026-11-23 07:01:24.117241989 +0000 UTC" }, message: "" })).toMatchObject({ id: "l1", operation: "apply", since: "2026-11-23T07:01:24Z" });
  });
});
