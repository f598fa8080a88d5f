import { fireEvent, screen, waitFor, within } from "@testing-library/svelte";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { wireError } from "../dev/engine";
import * as d from "../dev/delivery";
import { NOW, PROJECT } from "../dev/fixtures";
import { commandLine } from "$lib/deployments/delivery.svelte";
import { conditionWords, inOrder, isTag, nextDelivery } from "$lib/deployments/next";
import { MAX_LINES, RunFeed } from "$lib/runs/feed.svelte";
import { outcomeOf, reasonOf, runTitle } from "$lib/runs/words";
import { pieces } from "$lib/components/LogView.svelte";
import { setLanguage } from "$lib/i18n/index.svelte";
import { mockIPC } from "@tauri-apps/api/mocks";
import { click, clipboard, open, press, type, violations } from "./stage";

beforeEach(() => void vi.useFakeTimers({ toFake: ["Date"], now: new Date(NOW) }));
const primary = () => document.querySelectorAll("main .btn.primary");

async function deployments(scenario: string, answers = {}, id = "env-dev") {
  const opened = await open(scenario, answers);
  await click("nav-deployments");
  await screen.findByTestId(id);
  return opened;
}

describe("deployments", () => {
  it.each([
    ["full", "promote-prod"], ["sample", "deploy-dev"], ["gate-closed", null], ["gate-asking", null], ["prod-failing", "rollback-prod"], ["dev-crashed", "rollback-dev"],
    ["running", null], ["dirty", "promote-prod"], ["one-environment", null], ["three-environments", "promote-preprod"], ["long-names", "promote-prod"], ["not-a-clone", "promote-prod"],
  ])("%s is accessible and has one primary button at most: %s", async (scenario, id) => {
    await deployments(scenario, {}, scenario === "long-names" ? "env-prod" : "env-dev");
    expect([...primary()].map((button) => (button as HTMLElement).dataset["testid"])).toEqual(id === null ? [] : [id]);
    expect(await violations()).toEqual([]);
  });

  it("tells why the gate is closed, and keeps its button off", async () => {
    const { calls } = await deployments("gate-closed");
    const gate = screen.getByTestId("gate-prod");
    expect(gate.textContent).toContain("1 of 4 conditions is not met");
    expect(screen.getByTestId("condition-checks").textContent).toContain("Failed on 7e1c9a4");
    expect(gate.textContent).toContain("Whoever can start programs on this computer");
    expect(gate.textContent).not.toContain("kubectl");
    await click("promote-prod");
    expect(screen.queryByTestId("promote-dialog")).toBeNull();
    expect(calls.some((one) => one.name === "promote")).toBe(false);
  });

  it("names kubectl only where there is a cluster", async () => {
    await deployments("three-environments");
    expect(screen.getByTestId("gate-prod").textContent).toContain("kubectl");
    expect(screen.getByTestId("gate-preprod").textContent).not.toContain("kubectl");
  });

  it("has nothing to promote where the release serves already", async () => {
    await deployments("full", { deployments: () => d.deployments({ environments: [d.DEV, { ...d.PROD, release: d.DEV.release }] }) });
    expect(screen.getByTestId("gate-prod").textContent).toContain("v0.6.0 runs in prod already");
    expect(screen.getByTestId("promote-prod").getAttribute("aria-disabled")).toBe("true");
  });

  it("promotes only with the name typed, and follows the run", async () => {
    const { calls } = await deployments("full");
    await click("promote-prod");
    const field = await screen.findByTestId("confirm-name");
    await waitFor(() => expect(document.activeElement).toBe(field));
    expect(await violations()).toEqual([]);
    const form = field.closest("form") as HTMLFormElement;
    await type("confirm-name", "prd");
    await fireEvent.submit(form);
    expect(calls.some((one) => one.name === "promote")).toBe(false);
    await type("confirm-name", " prod ");
    await fireEvent.submit(form);
    await screen.findByTestId("run-panel");
    expect(calls.find((one) => one.name === "promote")?.params).toEqual({ dir: PROJECT.dir, service: "fastapi-app", from: "dev", to: "prod", commit: d.SHA.v060, confirm: "prod" });
    expect(screen.queryByTestId("promote-dialog")).toBeNull();
  });

  it("deploys a version of the clone", async () => {
    const { calls } = await deployments("dirty");
    await click("deploy-dev");
    expect((await screen.findByTestId("deploy-dialog")).textContent).toContain("2 changed files");
    await type("version-search", "upload files");
    expect(screen.queryByTestId("version-v0.6.0")).toBeNull();
    await click("version-v0.5.0");
    await fireEvent.click(screen.getByText("Rework"));
    expect(await violations()).toEqual([]);
    await click("confirm-run");
    await screen.findByTestId("run-panel");
    expect(calls.find((one) => one.name === "deploy")?.params).toEqual({ dir: PROJECT.dir, service: "fastapi-app", environment: "dev", strategy: "rolling", kind: "rework", version: "v0.5.0" });
  });

  it("offers what is checked out without naming a version, but never with changed files to production", async () => {
    const { calls } = await deployments("dirty");
    await click("deploy-prod");
    expect((await screen.findByTestId<HTMLInputElement>("version-head")).disabled).toBe(true);
    await fireEvent.click(screen.getByText("Close"));
    await click("deploy-dev");
    expect((await screen.findByTestId<HTMLInputElement>("version-head")).checked).toBe(true);
    await click("confirm-run");
    await screen.findByTestId("run-panel");
    expect(calls.find((one) => one.name === "deploy")?.params).not.toHaveProperty("version");
  });

  it("rolls back and stops, each after saying what is lost", async () => {
    const { calls } = await deployments("prod-failing");
    await click("rollback-prod");
    expect((await screen.findByTestId("rollback-dialog")).textContent).toContain("v0.5.1 stops serving in prod, and v0.5.0 serves instead");
    await click("release-v0.4.2");
    await type("confirm-name", "prod");
    await click("confirm-run");
    await screen.findByTestId("run-panel");
    expect(calls.find((one) => one.name === "rollback")?.params).toMatchObject({ environment: "prod", to: "31", confirm: "prod" });
    await press("Escape");
    await click("stop-dev");
    expect((await screen.findByTestId("stop-dialog")).textContent).toContain("no longer answers in dev");
    expect(screen.queryByTestId("confirm-name")).toBeNull();
    await click("confirm-run");
    await waitFor(() => expect(calls.find((one) => one.name === "stop")?.params).toMatchObject({ environment: "dev" }));
  });

  it.each([["deploy-dev", "deploy-dialog", "deploy.busy"], ["rollback-dev", "rollback-dialog", "gate.confirm"], ["stop-dev", "stop-dialog", "local.host_lost"]])("shows a refusal of %s in its dialog", async (button, dialog, code) => {
    await deployments("refuses");
    await click(button);
    await click("confirm-run");
    expect((await within(await screen.findByTestId(dialog)).findByTestId("error-note")).dataset["code"]).toBe(code);
    expect(await violations()).toEqual([]);
  });

  it("shows other commands of a version, and deploys once they are trusted", async () => {
    let trusted = false;
    const { calls } = await deployments("full", {
      deploy: () => { if (trusted) return { run: "44", plan: [] }; throw wireError("deploy.not_trusted", { digest: "d1", commands: "app: command = [\"new\"]\napp: test = [\"t\"]" }); },
      trust: () => { trusted = true; return { digest: "d1", commands: [] }; },
    });
    await click("deploy-dev");
    await click("version-v0.5.0");
    await click("confirm-run");
    expect((await screen.findByTestId("trust-version")).querySelectorAll("li").length).toBe(2);
    await click("trust-commands");
    await waitFor(() => expect(screen.queryByTestId("trust-version")).toBeNull());
    expect(calls.find((one) => one.name === "trust")?.params).toEqual({ dir: PROJECT.dir, digest: "d1", version: "v0.5.0" });
    await click("confirm-run");
    await screen.findByTestId("run-panel");
  });

  it("shows the commands of an untrusted repository and nothing else", async () => {
    let trusted = false;
    const { calls } = await deployments("untrusted", { deployments: () => (trusted ? d.deployments() : d.deployments({ trust: d.TRUST, clone: null })), trust: () => { trusted = true; return { digest: "", commands: [] }; } }, "trust-panel");
    expect(screen.getByTestId("trust-panel").querySelectorAll("li").length).toBe(2);
    expect(screen.queryByTestId("env-dev")).toBeNull();
    expect(screen.queryByTestId("history-row")).toBeNull();
    expect(await violations()).toEqual([]);
    await click("trust-commands");
    await screen.findByTestId("env-dev");
    expect(calls.find((one) => one.name === "trust")?.params).toEqual({ dir: PROJECT.dir, digest: d.TRUST.digest });
  });

  it("says what to write where jalon.toml names no service", async () => {
    await deployments("no-services", {}, "service-example");
    expect(screen.getByTestId("service-example").textContent).toContain("[[service]]");
    expect(await violations()).toEqual([]);
  });

  it("waits for 200 ms, then shows grey lines; says what failed", async () => {
    await deployments("deployments-loading", {}, "skeleton");
    expect(await violations()).toEqual([]);
  });

  it("says what failed, and keeps nothing of it to click", async () => {
    await deployments("deployments-error", {}, "error-note");
    expect(screen.getByTestId("error-note").textContent).toContain("line 12");
    expect(await violations()).toEqual([]);
  });

  it("opens a run from the history, and comes back with Esc", async () => {
    await deployments("full");
    const rows = screen.getAllByTestId("history-row");
    expect(rows.map((row) => row.dataset["state"]).slice(0, 2)).toEqual(["succeeded", "refused"]);
    expect(rows[1]?.textContent).toContain("Refused by the gate");
    expect(rows[4]?.textContent).toContain("Succeeded at 2nd attempt");
    await fireEvent.keyDown(window, { key: "j" });
    expect(document.activeElement?.closest("tr")).toBe(rows[0]);
    await fireEvent.click(rows[1] as HTMLElement);
    await screen.findByTestId("run-reason");
    expect(screen.getByTestId("run-reason").textContent).toContain("The tests failed");
    expect(await violations()).toEqual([]);
    await press("Escape");
    await screen.findByTestId("env-dev");
  });

  it("shows the service's log", async () => {
    await deployments("full");
    await click("logs-dev");
    expect((await screen.findByTestId("service-log-lines")).textContent).toContain("48 passed");
    expect(await violations()).toEqual([]);
  });

  it("chooses among services", async () => {
    const { calls } = await deployments("one-environment");
    await fireEvent.change(screen.getByTestId("service-select"), { target: { value: "worker" } });
    await waitFor(() => expect(calls.filter((one) => one.name === "deployments").at(-1)?.params).toMatchObject({ service: "worker" }));
  });
});

describe("a run", () => {
  it("is followed live, marked in the sidebar, and cancelled when asked", async () => {
    const { calls } = await deployments("running");
    expect(screen.getByTestId("deployments-busy")).toBeTruthy();
    const focused = document.activeElement;
    await click("running-dev");
    await screen.findByTestId("run-step-health");
    expect(screen.getByTestId("run-step-health").dataset["state"]).toBe("running");
    await screen.findByText("48 passed in 20.71s");
    expect(screen.getByTestId("run-log").textContent).toContain("•••");
    expect(await violations()).toEqual([]);
    await fireEvent.keyDown(window, { key: ".", ctrlKey: true });
    await waitFor(() => expect(screen.getByTestId("run-state").dataset["state"]).toBe("cancelled"));
    expect(calls.filter((one) => one.name === "run_cancel").length).toBe(1);
    expect(screen.getByTestId("run-reason").textContent).toContain("Left behind");
    await waitFor(() => expect(screen.queryByTestId("deployments-busy")).toBeNull());
    expect(screen.getByTestId("announcer").textContent).toContain("Cancelled");
    // It never takes the focus from where it was.
    expect([focused, document.body, screen.getByRole("heading", { level: 1 })]).toContain(document.activeElement);
  });

  it("asks from where it stopped", async () => {
    const { calls } = await deployments("running");
    await click("running-dev");
    await screen.findByText("48 passed in 20.71s");
    await waitFor(() => expect(calls.filter((one) => one.name === "run_watch").length).toBeGreaterThan(2));
    const watched = calls.filter((one) => one.name === "run_watch").map((one) => one.params as { from: number; revision: number });
    expect(watched[0]).toMatchObject({ from: 0, revision: 0 });
    expect(watched[1]).toMatchObject({ from: d.LINES.length, revision: 1 });
  });

  it.each([["run-failed", "never became healthy"], ["run-tests-failed", "The tests failed"]])("%s tells why", async (scenario, words) => {
    await deployments(scenario);
    await fireEvent.click((await screen.findAllByTestId("history-row"))[0] as HTMLElement);
    expect((await screen.findByTestId("run-reason")).textContent).toContain(words);
    expect(screen.getByTestId("run-step-health").dataset["state"]).toBe("failed");
    expect(screen.queryByTestId("run-cancel")).toBeNull();
    expect(await violations()).toEqual([]);
  });

  it("searches its log and copies what is shown, masks included", async () => {
    const copied = clipboard();
    await deployments("run-failed");
    await fireEvent.click((await screen.findAllByTestId("history-row"))[0] as HTMLElement);
    await screen.findByText("48 passed in 20.71s");
    await fireEvent.input(screen.getByLabelText("Search the log"), { target: { value: "database_url" } });
    expect(screen.getByTestId("run-log").textContent).toContain("1 of 210 lines");
    await fireEvent.click(screen.getByLabelText(/^Copy the log/));
    await waitFor(() => expect(copied[0]).toContain("app:•••@127.0.0.1"));
    await fireEvent.keyDown(window, { key: "c" });
    await waitFor(() => expect(copied[1]).toContain("jalonctl deploy fastapi-app"));
  });

  it("keeps no more of a flood than the window can hold, and only draws what is in sight", async () => {
    const lines = d.flood(2000);
    let asked = 0;
    mockIPC((cmd) => {
      if (cmd !== "call") return undefined;
      asked += 1;
      return { run: d.detail(d.run("9")), lines, next: asked * 2000, revision: asked, ended: asked === 12, waits: false };
    });
    const feed = new RunFeed("9");
    await feed.watch();
    expect(feed.lines.length).toBe(MAX_LINES);
    expect(feed.dropped).toBe(12 * 2000 - MAX_LINES);
    expect(feed.ended).toBe(true);
  });

  it("says so when nothing more can be learnt of it, and asks again when told to", async () => {
    let broken = true;
    mockIPC((cmd) => {
      if (cmd !== "call") return undefined;
      if (broken) throw wireError("store.busy");
      return d.update(d.detail(d.run("9")));
    });
    const feed = new RunFeed("9");
    await feed.watch();
    expect(feed.error?.code).toBe("store.busy");
    broken = false;
    await feed.watch();
    expect(feed.error).toBeNull();
    expect(feed.ended).toBe(true);
  });
});

describe("words of deliveries", () => {
  it("name every state of a run", () => {
    const run = d.run("1");
    expect(outcomeOf({ ...run, attempt: 1 }).label).toBe("Succeeded");
    expect(outcomeOf({ ...run, attempt: 3 }).label).toBe("Succeeded at 3rd attempt");
    expect(outcomeOf({ ...run, state: "cancelled", refused: true }).label).toBe("Refused by the gate");
    expect(outcomeOf({ ...run, state: "interrupted" }).label).toBe("Interrupted");
    setLanguage("fr");
    expect(outcomeOf({ ...run, attempt: 2 }).label).toBe("Réussi à la 2e tentative");
    expect(runTitle({ ...run, promoted_from: "dev", environment: "prod" })).toBe("Promouvoir v0.6.0 dans prod");
  });

  it("have a reason for every code, and fall back to the engine's sentence", () => {
    const around = { now: new Date(NOW), timeZone: "UTC" };
    for (const code of ["run.refused", "run.cancelled", "run.interrupted", "local.crashed", "gate.closed"]) {
      expect(reasonOf({ code, params: {}, message: "engine" }, around).title, code).not.toBe("engine");
    }
    expect(reasonOf({ code: "moon.full", params: {}, message: "engine" }, around)).toMatchObject({ title: "engine", detail: "" });
  });

  it("find facts of the gate, or leave the engine's sentence as English", () => {
    expect(conditionWords({ id: "checks", state: "unmet", fact: "checks.failed", params: { commit: "7e1c9a4" }, message: "m" })).toMatchObject({ name: "Tests", english: false });
    const check = { id: "check", state: "unmet" as const, params: { name: "build", commit: "7e1c9a4", about: "0000000" }, message: "m" };
    for (const said of ["green", "red", "pending", "cancelled", "absent", "unreadable", "wrong_commit"]) {
      expect(conditionWords({ ...check, fact: `check.${said}` })).toMatchObject({ name: "build", english: false });
    }
    const hidden = { id: "checks", state: "unknown" as const, fact: "checks.unreadable", message: "m" };
    expect(conditionWords({ ...hidden, params: { commit: "7e1c9a4", code: "github.not_signed_in", reason: "r" } }).fact).toContain("You are not signed in to GitHub.");
    expect(conditionWords({ ...hidden, params: { commit: "7e1c9a4", code: "moon.full", reason: "the moon is full" } }).fact).toContain("the moon is full");
    expect(conditionWords({ id: "moon", state: "unmet", fact: "moon.full", params: {}, message: "the moon is full" })).toEqual({ name: "moon", fact: "the moon is full", english: true });
  });

  it("order environments as releases go", () => {
    const named = (name: string, promotes_from: string | null) => ({ ...d.DEV, name, promotes_from });
    const order = (...all: Array<ReturnType<typeof named>>) => inOrder(d.deployments({ environments: all })).map((one) => one.name);
    expect(order(named("prod", "preprod"), named("dev", null), named("preprod", "dev"))).toEqual(["dev", "preprod", "prod"]);
    expect(order(named("a", "b"), named("b", "a"))).toEqual(["a", "b"]);
    expect(order(named("lone", null), named("dev", null), named("prod", "dev"))).toEqual(["lone", "dev", "prod"]);
  });

  it("repair before they begin, begin before they go on", () => {
    const broken = { ...d.DEV, health: { state: "crashed" as const, detail: null, checked: null } };
    expect(nextDelivery(d.deployments({ environments: [broken, { ...d.PROD, health: broken.health }] }))).toMatchObject({ kind: "rollback", environment: "prod" });
    expect(nextDelivery(d.deployments({ environments: [{ ...broken, back_to: null }, d.PROD] }))).toMatchObject({ kind: "promote" });
    expect(nextDelivery(d.deployments({ environments: [{ ...broken, running: "9" }, d.PROD] }))).toEqual({ kind: "none" });
    expect(nextDelivery(d.deployments({ gates: [d.CLOSED] }))).toEqual({ kind: "none" });
  });

  it("quote what a shell would split", () => {
    expect(commandLine(["deploy", "my app", "--env", "it's"], "/home/a b")).toBe("jalonctl deploy 'my app' --env 'it'\\''s' --project '/home/a b'");
  });

  it("tell tags from commits", () => {
    expect(isTag({ version: "v1.0.0", commit: "abc" })).toBe(true);
    expect(isTag({ version: "abc1234", commit: "abc1234ffff" })).toBe(false);
  });

  it("split a line where it is masked and where it matches", () => {
    expect(pieces("a ••• b", "B")).toEqual([{ text: "a ", kind: "plain" }, { text: "•••", kind: "masked" }, { text: " ", kind: "plain" }, { text: "b", kind: "hit" }]);
    expect(pieces("", "x")).toEqual([]);
  });
});
