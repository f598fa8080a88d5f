import { fireEvent, screen, waitFor, within } from "@testing-library/svelte";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { GateCondition, PodView, Workload } from "$lib/api";
import en from "../messages/en.json";
import fr from "../messages/fr.json";
import { wireError } from "../dev/engine";
import * as d from "../dev/delivery";
import * as k from "../dev/cluster";
import { NOW, PROJECT } from "../dev/fixtures";
import { causeWords, imageWords, ownerWords, podState } from "$lib/deployments/causes";
import { ClusterFeed, renewed } from "$lib/deployments/cluster.svelte";
import { conditionState, nextDelivery } from "$lib/deployments/next";
import { setLanguage } from "$lib/i18n/index.svelte";
import { mockIPC } from "@tauri-apps/api/mocks";
import { click, open, press, violations } from "./stage";

beforeEach(() => void vi.useFakeTimers({ toFake: ["Date"], now: new Date(NOW) }));

async function deployments(scenario: string, answers = {}) {
  const opened = await open(scenario, answers);
  await click("nav-deployments");
  await screen.findByTestId("env-prod");
  return opened;
}

describe("deployments on a cluster", () => {
  it.each(["cluster", "cluster-broken", "cluster-read-only", "owned"])("%s is accessible", async (scenario) => {
    await deployments(scenario);
    expect(await violations()).toEqual([]);
  });

  it("name cluster, image, replicas and the cause of a failure with its advice and evidence", async () => {
    await deployments("cluster-broken");
    const card = screen.getByTestId("env-prod");
    for (const text of ["prod-eks / prod", "sha256:9b07…0f3c", "1 of 3 ready", "app ends again and again with exit code 1", "Read the log of before the last restart", "KeyError: 'DATABASE_URL'"]) expect(card.textContent).toContain(text);
    expect([...document.querySelectorAll("main .btn.primary")].map((button) => (button as HTMLElement).dataset["testid"])).toEqual(["rollback-prod"]);
  });

  it("leave the strategy to the workload", async () => {
    const { calls } = await deployments("cluster", { deploy: () => ({ run: null, notes: [] }) });
    expect(screen.getByTestId("env-prod").textContent).not.toContain("Strategy");
    await click("deploy-dev");
    expect((await screen.findByTestId("deploy-dialog")).textContent).not.toContain("Strategy");
    await click("confirm-run");
    const asked = calls.find((one) => one.name === "deploy")?.params;
    expect(asked).toMatchObject({ environment: "dev", kind: "planned" });
    expect(asked).not.toHaveProperty("strategy");
  });

  it("list each check of the gate by its name, with its page", async () => {
    await deployments("cluster");
    const gate = screen.getByTestId("gate-prod");
    expect(screen.getByTestId("condition-check-integration-tests").dataset["state"]).toBe("unmet");
    expect(screen.getByTestId("condition-check-lint").textContent).toContain("It is about c20d7b8, not about 7e1c9a4");
    expect(within(gate).getAllByRole("link").map((link) => link.getAttribute("href"))).toEqual(["https://github.com/DevOps-Boot/fastapi-k8s/actions/runs/1", "https://github.com/DevOps-Boot/fastapi-k8s/actions/runs/2"]);
    expect(gate.textContent).toContain("kubectl");
    // What GitHub still runs keeps the gate closed, and is not shown as red.
    const pending = k.CHECKED.conditions.find((one) => one.fact === "check.pending") as GateCondition;
    expect([pending.state, conditionState(pending).state]).toEqual(["unmet", "running"]);
  });

  it("change nothing through a context that may only read, nor what somebody else rolls out", async () => {
    await deployments("cluster-read-only");
    expect(screen.getByTestId("deploy-prod").getAttribute("aria-disabled")).toBe("true");
    expect(screen.getByTestId("deploy-dev").getAttribute("aria-disabled")).toBeNull();
    expect(screen.getByTestId("env-prod").textContent).toContain("Read only");
    const all = d.deployments({ environments: [{ ...k.C_DEV, release: null }, k.C_PROD] });
    expect(nextDelivery(all)).toMatchObject({ kind: "deploy" });
    expect(nextDelivery({ ...all, owner: { kind: "argo-cd", detail: null } })).toEqual({ kind: "none" });
  });

  it.each([["student-b", "student-b"], [null, "another computer"]])("say who brought what another computer brought: %s", async (by, said) => {
    const release = { ...(k.C_DEV.release as NonNullable<typeof k.C_DEV.release>), run: "", by, elsewhere: true };
    await deployments("cluster", { deployments: () => d.deployments({ environments: [{ ...k.C_DEV, release }, k.C_PROD] }) });
    expect(screen.getByTestId("env-dev").textContent).toContain(`By${said}`);
  });

  it("say who rolls the service out", async () => {
    await deployments("owned");
    expect(screen.getByTestId("owner").textContent).toContain("Argo CD (fastapi-app) rolls this service out");
    for (const id of ["deploy-dev", "deploy-prod", "promote-prod", "rollback-prod"]) expect(screen.getByTestId(id).getAttribute("aria-disabled"), id).toBe("true");
  });
});

describe("a cluster", () => {
  it.each(["cluster-broken", "cluster-fine", "cluster-read-only", "cluster-away"])("%s is accessible", async (scenario) => {
    await deployments(scenario);
    await click("cluster-prod");
    await screen.findByTestId("cluster-live");
    expect(await violations()).toEqual([]);
  });

  it("answers first, then shows workloads, pods and events, live", async () => {
    const { calls } = await deployments("cluster-broken");
    await click("cluster-prod");
    expect((await screen.findByTestId("headline")).textContent).toBe("1 of 3 workloads cannot come up as they are.");
    expect(screen.getByTestId("pod-fastapi-app-7c9d5b6f4-x2k8p").textContent).toContain("CrashLoopBackOff");
    expect(screen.getAllByTestId("event").length).toBe(3);
    await click("events-warnings");
    expect(screen.getAllByTestId("event").map((event) => event.dataset["warning"])).toEqual(["true"]);
    await waitFor(() => expect(calls.filter((one) => one.name === "cluster_watch").map((one) => (one.params as { revision: number }).revision)).toEqual([0, 1]));
    await press("Escape");
    await screen.findByTestId("env-prod");
  });

  it("shows the log of a pod, of before its last restart where it keeps ending", async () => {
    const { calls } = await deployments("cluster-broken");
    await click("cluster-prod");
    await click("log-fastapi-app-7c9d5b6f4-x2k8p");
    await screen.findByTestId("pod-log-lines");
    expect(calls.find((one) => one.name === "pod_log")?.params).toEqual({ dir: PROJECT.dir, service: "fastapi-app", environment: "prod", pod: "fastapi-app-7c9d5b6f4-x2k8p", container: "app", previous: true });
    expect(await violations()).toEqual([]);
    await fireEvent.change(screen.getByTestId("pod-container"), { target: { value: "metrics" } });
    await fireEvent.click(screen.getByText("Now"));
    await waitFor(() => expect(calls.filter((one) => one.name === "pod_log").at(-1)?.params).toEqual({ dir: PROJECT.dir, service: "fastapi-app", environment: "prod", pod: "fastapi-app-7c9d5b6f4-x2k8p", container: "metrics" }));
  });

  it("draws of 1,500 pods those in sight, and finds the others", async () => {
    const [workload] = k.FINE.workloads;
    const pods = Array.from({ length: 1500 }, (_, n) => ({ ...(workload?.pods[0] as PodView), name: `web-${n}` }));
    const workloads = [{ ...(workload as Workload), pods }];
    await deployments("cluster-fine", { cluster_watch: ({ revision }: { revision: number }) => (revision === 0 ? k.whole({ ...k.FINE, workloads }) : new Promise(() => undefined)) });
    await click("cluster-prod");
    await screen.findByTestId("pod-web-0");
    expect(document.querySelectorAll("[data-testid^='pod-web-']").length).toBeLessThan(100);
    expect(screen.getAllByRole("table")[0]?.getAttribute("aria-rowcount")).toBe("1501");
    expect(await violations()).toEqual([]);
    await fireEvent.input(screen.getByTestId("pod-search"), { target: { value: "web-1499" } });
    expect((await screen.findByTestId("pod-web-1499")).getAttribute("aria-rowindex")).toBe("2");
    expect(screen.queryByTestId("pod-web-0")).toBeNull();
    expect(screen.getByText("1 pod of 1500")).toBeTruthy();
    await fireEvent.keyDown(screen.getByTestId("pod-search"), { key: "Escape" });
    await screen.findByTestId("pod-web-0");
  });

  it("goes on showing what was read where the cluster does not answer, and says of when that is", async () => {
    await deployments("cluster-away");
    await click("cluster-prod");
    expect((await screen.findByTestId("cluster-live")).textContent).toContain("Shown as of 14:12");
    expect(screen.getByTestId("error-note").dataset["code"]).toBe("engine.timeout");
    expect(screen.getByTestId("pod-fastapi-app-7c9d5b6f4-x2k8p")).toBeTruthy();
  });

  it("waits before it shows grey lines, and says what failed", async () => {
    await deployments("cluster", { cluster_watch: () => { throw wireError("engine.timeout"); } });
    await click("cluster-prod");
    await screen.findByTestId("skeleton");
    expect((await screen.findByTestId("error-note")).dataset["code"]).toBe("engine.timeout");
    expect(await violations()).toEqual([]);
  });

  it("is asked from the revision it was last told, until it is left", async () => {
    const asked: number[] = [];
    mockIPC((cmd, payload) => {
      if (cmd !== "call") return undefined;
      const { params } = payload as { params: { revision: number } };
      asked.push(params.revision);
      return k.whole(k.view({ revision: params.revision + 1 }));
    });
    const feed = new ClusterFeed({ dir: "/d", service: "s", environment: "e" });
    void feed.watch();
    await waitFor(() => expect(asked.length).toBeGreaterThan(3));
    feed.stop();
    const told = asked.length;
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(asked.length).toBe(told);
    expect(asked.slice(0, 4)).toEqual([0, 1, 2, 3]);
  });
});

describe("news of a cluster", () => {
  const pod = (name: string, restarts = 0): PodView => ({ ...(k.FINE.workloads[0]?.pods[0] as PodView), name, restarts });
  const [first, second] = k.FINE.workloads as [Workload, Workload];
  const known = k.view({ revision: 7, workloads: [{ ...first, pods: [pod("a"), pod("b"), pod("d")] }, { ...second, pods: [pod("x")] }] });

  it("change the pods that they name, and no other object", () => {
    const workloads = [{ ...second, pods: [] }, { ...first, ready: [2, 4] as [number, number], pods: [pod("c"), pod("b", 3)] }];
    const after = renewed(known, { view: k.view({ revision: 8, workloads, events: [] }), since: 7, gone: { [`${first.kind}/${first.name}`]: ["d"] }, same_events: true });
    expect(after?.revision).toBe(8);
    expect(after?.workloads.map((one) => one.name)).toEqual([second.name, first.name]);
    expect(after?.workloads[1]?.ready).toEqual([2, 4]);
    expect(after?.workloads[1]?.pods.map((one) => [one.name, one.restarts])).toEqual([["a", 0], ["b", 3], ["c", 0]]);
    expect(after?.workloads[1]?.pods[0]).toBe(known.workloads[0]?.pods[0]);
    expect(after?.workloads[0]?.pods).toBe(known.workloads[1]?.pods);
    expect(after?.events).toBe(known.events);
  });

  it("replace everything where they are whole, and nothing where they are of another view", () => {
    const view = k.view({ revision: 9, events: [] });
    expect(renewed(known, k.whole(view))).toBe(view);
    expect(renewed(known, { view, since: 6, gone: {}, same_events: false })).toBeNull();
    expect(renewed(null, { view, since: 7, gone: {}, same_events: false })).toBeNull();
  });

  it("of another view make the window ask for everything", async () => {
    const asked: number[] = [];
    const view = k.view({ revision: 3 });
    mockIPC((cmd, payload) => {
      if (cmd !== "call") return undefined;
      asked.push((payload as { params: { revision: number } }).params.revision);
      if (asked.length > 2) return new Promise(() => undefined);
      return asked.length === 1 ? k.whole(view) : { view: k.view({ revision: 5 }), since: 4, gone: {}, same_events: true };
    });
    const feed = new ClusterFeed({ dir: "/d", service: "s", environment: "e" });
    void feed.watch();
    await waitFor(() => expect(asked).toEqual([0, 3, 0]));
    expect(feed.view).toStrictEqual(view);
    feed.stop();
  });
});

describe("a diff", () => {
  it("shows deletions first, masks secrets, and names other owners", async () => {
    const { calls } = await deployments("cluster");
    await click("diff-dev");
    expect((await screen.findByTestId("headline")).textContent).toContain("v0.6.0 would change 5 objects in dev.");
    const objects = await screen.findAllByTestId("object");
    expect(objects.map((object) => object.dataset["action"])).toEqual(["delete", "update", "update", "update", "create"]);
    expect(screen.getByTestId("diff-deletes").textContent).toContain("1 object would be deleted");
    expect(objects[2]?.textContent).toContain("masked, changes");
    expect(screen.getByTestId("diff-owned").textContent).toContain("refused");
    expect(objects[3]?.textContent).toContain("owned by argocd-controller");
    expect(await violations()).toEqual([]);
    await fireEvent.change(screen.getByTestId("diff-version"), { target: { value: "v0.5.0" } });
    await waitFor(() => expect(calls.filter((one) => one.name === "diff").at(-1)?.params).toEqual({ dir: PROJECT.dir, service: "fastapi-app", environment: "dev", version: "v0.5.0" }));
    await press("Escape");
    await screen.findByTestId("env-prod");
  });

  it("says where nothing would change", async () => {
    await deployments("diff-same");
    await click("diff-prod");
    await waitFor(() => expect(screen.getByTestId("headline").textContent).toBe("prod is as v0.6.0 wants it."));
    expect(await violations()).toEqual([]);
  });

  it("says what failed", async () => {
    await deployments("cluster", { diff: () => { throw wireError("engine.timeout"); } });
    await click("diff-prod");
    expect((await screen.findByTestId("error-note")).dataset["code"]).toBe("engine.timeout");
  });
});

describe("words of clusters", () => {
  const IDS = ["crash_loop", "out_of_memory", "image", "configuration", "network", "unschedulable", "probe", "quota", "storage", "rollout_stuck", "node", "forbidden", "unknown"];

  it.each(IDS)("%s has a name and an advice in both languages, with and without params", (id) => {
    for (const params of [{}, { container: "app", exit_code: "1", image: "app:1", missing: "Secret db", key: "URL", quota: "team", resource: "cpu", limit: "128Mi", claim: "data", node: "n1", probe: "liveness", path: "/health", port: "8000" }]) {
      const said = (["en", "fr"] as const).map((lang) => { setLanguage(lang); return causeWords({ id, object: "Pod/x", params, message: "engine", evidence: [] }); });
      for (const words of said) {
        expect(words.english).toBe(false);
        expect(words.advice).not.toBe("");
        expect(words.title + words.advice).not.toMatch(/\{|none|engine/);
      }
      expect(said[0]?.title).not.toBe(said[1]?.title);
    }
  });

  it("are finer where the engine says more", () => {
    const words = (id: string, params: Record<string, string>) => causeWords({ id, object: "Pod/x", params: { container: "app", image: "app:1", ...params }, message: "engine", evidence: [] });
    expect(words("crash_loop", { exit_code: "127" }).title).toBe("The command of app was not found");
    expect(words("image", { reason: "denied" }).advice).toContain("pull secret");
    expect(words("moon", {})).toEqual({ title: "engine", advice: "", english: true });
  });

  it("know every reason that they have a name for, in both languages", () => {
    for (const key of Object.keys(en).filter((one) => one.startsWith("cause."))) expect(Object.hasOwn(fr, key), key).toBe(true);
  });

  it("shorten images to what tells them apart", () => {
    expect(imageWords("ghcr.io/team/app@sha256:4f2a96d1b6a2b30c9f0bc81d")).toEqual({ name: "app", digest: "sha256:4f2a…c81d" });
    expect(imageWords("registry:5000/app:1.2")).toEqual({ name: "app:1.2", digest: null });
    expect(ownerWords({ kind: "github-actions", detail: "deploy.yaml" })).toBe("GitHub Actions (deploy.yaml)");
    expect(ownerWords({ kind: "flux", detail: null })).toBe("flux");
  });

  it("take a pod's status as kubectl words it", () => {
    expect([podState("Running", [1, 1]), podState("Running", [0, 1]), podState("CrashLoopBackOff", [0, 1]), podState("Pending", [0, 1]), podState("Completed", [0, 1]), podState("Init:0/1", [0, 1]), podState("Unknown", [0, 1]), podState("ImagePullBackOff", [0, 1])]).toEqual(["ok", "under_way", "bad", "under_way", "ok", "under_way", "unknown", "bad"]);
  });
});
