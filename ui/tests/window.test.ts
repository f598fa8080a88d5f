import { fireEvent, screen, waitFor, within } from "@testing-library/svelte";
import { emit } from "@tauri-apps/api/event";
import { mockIPC } from "@tauri-apps/api/mocks";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { wireError } from "../dev/engine";
import { AUTH_IN, AUTH_LOCKED, AUTH_OUT, NOW, PROJECT, START, milestones } from "../dev/fixtures";
import { call } from "$lib/api";
import { click, open, type, violations } from "./stage";

// The fixtures' clock; timers stay real.
beforeEach(() => void vi.useFakeTimers({ toFake: ["Date"], now: new Date(NOW) }));

describe("accessibility", () => {
  it.each(["full", "late", "never", "signed-in", "offline", "refused", "empty", "calm", "no-github", "old"])("overview, %s", async (scenario) => {
    await open(scenario);
    expect(await violations()).toEqual([]);
  });

  it.each(["full", "late", "never", "many", "no-github", "empty", "old"])("milestones, %s", async (scenario) => {
    await open(scenario);
    await click("nav-milestones");
    await screen.findByTestId(scenario === "empty" ? "empty" : "stage-view");
    expect(await violations()).toEqual([]);
  });

  it.each(["first", "recent", "first-error"])("first start, %s", async (scenario) => {
    await open(scenario, {}, "first-open");
    expect(await violations()).toEqual([]);
    await click("first-open");
    await type("folder-input", "/home/student-a/fastapi-k8s");
    await click("folder-continue");
    await screen.findByTestId("create-project");
    expect(await violations()).toEqual([]);
  });

  it.each(["project", "credentials", "look", "keyboard", "health"])("settings, %s", async (section) => {
    await open("full");
    await click("nav-settings");
    await click(`settings-${section}`);
    if (section === "health") await screen.findByTestId("check-gh");
    if (section === "credentials") await screen.findByTestId("secret-add");
    expect(await violations()).toEqual([]);
  });

  it("credentials without a keychain, palette, keys", async () => {
    await open("keychain-absent");
    await click("keychain-state");
    await screen.findByTestId("keychain-notice");
    expect(await violations()).toEqual([]);
    await fireEvent.keyDown(window, { key: "k", ctrlKey: true });
    await screen.findByTestId("palette");
    expect(await violations()).toEqual([]);
  });
});

describe("first start", () => {
  it("opens a configured folder at once", async () => {
    const { calls } = await open("first", { inspect_project: () => ({ dir: "/p", configured: true, git: true, name: "p", github: null, plans: [], timezone: "UTC" }) }, "first-open");
    await fireEvent.keyDown(window, { key: "2" });
    await type("folder-input", " /p ");
    await click("folder-continue");
    await screen.findByTestId("headline");
    expect(calls.find((one) => one.name === "inspect_project")?.params).toEqual({ dir: "/p" });
    expect(calls.some((one) => one.name === "open_project")).toBe(true);
  });

  it("asks for a folder, and shows an error beneath the field", async () => {
    await open("first", { inspect_project: () => { throw wireError("project.not_found", { dir: "/nowhere" }); } }, "first-open");
    await click("first-open");
    await click("folder-continue");
    expect(await screen.findByText("Name a folder")).toBeTruthy();
    await type("folder-input", "/nowhere");
    await click("folder-continue");
    expect((await screen.findByTestId("error-note")).dataset["code"]).toBe("project.not_found");
    expect(screen.getByTestId("error-note").textContent).toContain("/nowhere");
  });

  it("makes a project from a plan of Jalon's", async () => {
    const { calls } = await open("no-plan", {}, "first-template");
    await fireEvent.keyDown(window, { key: "3" });
    await type("folder-input", "/p");
    await click("folder-continue");
    await type("project-github", "nonsense");
    await click("create-project");
    expect(await screen.findByText("Write owner/name, as in the repository’s address")).toBeTruthy();
    await type("project-github", "https://github.com/DevOps-Boot/demo.git");
    await type("first-day", "2026-11-30");
    await click("create-project");
    await screen.findByTestId("headline");
    expect(calls.find((one) => one.name === "create_project")?.params).toMatchObject({ github: "DevOps-Boot/demo", plan: { kind: "template", language: "en", starts_on: "2026-11-30" } });
  });
});

describe("sync", () => {
  it("announces its outcome and reads the overview again", async () => {
    const { calls } = await open("full");
    await click("sync-button");
    await waitFor(() => expect(screen.getByTestId("announcer").textContent).toContain("7 milestones, 51 issues"));
    await waitFor(() => expect(calls.filter((one) => one.name === "overview").length).toBe(2));
  });

  it("can be cancelled, and keeps what is shown", async () => {
    await open("syncing");
    await click("sync-button");
    await screen.findByText(/page 3 of 7/);
    vi.setSystemTime(new Date(Date.now() + 2000));
    await fireEvent.click(await screen.findByText("Cancel"));
    await waitFor(() => expect(screen.getByTestId("announcer").textContent).toContain("cancelled"));
    expect(screen.getByTestId("headline").textContent).toContain("Stage 3");
  });

  it("of somebody else refreshes quietly, without moving the focus", async () => {
    const { calls } = await open("full");
    const button = screen.getByTestId("sync-button");
    button.focus();
    await emit("synced", { dir: PROJECT.dir });
    await waitFor(() => expect(calls.filter((one) => one.name === "overview").length).toBe(2));
    expect(document.activeElement).toBe(button);
  });

  it("shows why it failed where GitHub's part stands", async () => {
    await open("full", { sync: () => { throw wireError("github.timeout"); } });
    await click("sync-button");
    expect((await screen.findByTestId("error-note")).textContent).toContain("GitHub did not answer in time");
    expect(screen.getByTestId("sync-age").textContent).toContain("Shown as of 14:24");
  });
});

describe("secrets", () => {
  it("a token leaves the window when it is sent, whatever the answer", async () => {
    const { calls } = await open("signed-out", { auth_token: () => { throw wireError("github.token_refused"); } });
    await click("nav-settings");
    await click("settings-credentials");
    await type("token-input", "github_pat_secret");
    await click("token-save");
    expect(screen.getByTestId<HTMLInputElement>("token-input").value).toBe("");
    expect((await screen.findAllByTestId("error-note"))[0]?.dataset["code"]).toBe("github.token_refused");
    expect(document.body.innerHTML).not.toContain("github_pat_secret");
    expect(calls.find((one) => one.name === "auth_token")?.params).toEqual({ token: "github_pat_secret" });
  });

  it("signing in updates the row", async () => {
    let inside = false;
    await open("signed-out", { auth_status: () => (inside ? AUTH_IN : AUTH_OUT), auth_token: () => { inside = true; return AUTH_IN; } });
    await click("nav-settings");
    await click("settings-credentials");
    await type("token-input", "t");
    await click("token-save");
    await waitFor(() => expect(screen.queryByTestId("token-input")).toBeNull());
    expect(screen.getAllByText("Signed in as student-a").length).toBeGreaterThan(0);
  });

  it("tells of the missing keychain before there is a field", async () => {
    await open("keychain-absent");
    await click("keychain-state");
    const notice = await screen.findByTestId("keychain-notice");
    const field = await screen.findByTestId("token-input");
    expect(notice.compareDocumentPosition(field) & Node.DOCUMENT_POSITION_FOLLOWING).toBeTruthy();
  });

  it("asks before a secret is removed", async () => {
    const { calls } = await open("full");
    await click("nav-settings");
    await click("settings-credentials");
    await fireEvent.click(await screen.findByRole("button", { name: "Remove DATABASE_URL" }));
    expect(calls.some((one) => one.name === "credentials_remove")).toBe(false);
    await click("confirm-remove");
    await waitFor(() => expect(calls.find((one) => one.name === "credentials_remove")?.params).toEqual({ name: "DATABASE_URL" }));
  });
});

describe("work over a second", () => {
  /** Waits for the line, lets the fixtures' clock run, cancels. */
  async function cancel(id: string): Promise<void> {
    await screen.findByTestId(id);
    vi.setSystemTime(new Date(Date.now() + 2000));
    await click(`${id}-cancel`);
    await waitFor(() => expect(screen.queryByTestId(id)).toBeNull());
    expect(screen.queryByTestId("error-note")).toBeNull();
  }
  const credentials = async () => { await open("slow"); await click("nav-settings"); await click("settings-credentials"); };

  it("signing in with a token can be cancelled: the form is back, the token gone", async () => {
    await credentials();
    await type("token-input", "github_pat_secret");
    await click("token-save");
    screen.getByTestId("token-save").focus();
    expect(screen.queryByTestId("auth-progress")).toBeNull();
    await cancel("auth-progress");
    expect(screen.getByTestId<HTMLInputElement>("token-input").value).toBe("");
    expect(screen.getByTestId("token-save").getAttribute("aria-busy")).toBeNull();
    expect(document.activeElement).toBe(screen.getByTestId("token-save"));
    expect(screen.getByTestId("announcer").textContent).toContain("Asking GitHub whose token this is");
  });

  it("so can signing in with gh", async () => {
    await credentials();
    await click("signin-gh");
    await click("gh-use");
    await cancel("auth-progress");
    expect(screen.getByTestId("gh-use")).toBeTruthy();
  });

  it("so can saving and removing a secret", async () => {
    await credentials();
    await click("secret-add");
    await type("secret-name", "API_KEY");
    await type("secret-value", "v4lue");
    await click("secret-save");
    await cancel("secret-progress");
    expect(screen.getByTestId<HTMLInputElement>("secret-value").value).toBe("");
    await click("secret-remove-DATABASE_URL");
    await click("confirm-remove");
    await cancel("remove-progress");
    expect(screen.getByTestId("secret-DATABASE_URL")).toBeTruthy();
  });

  it("so can looking at the health, and making a project", async () => {
    const { unmount } = await open("slow");
    await click("nav-settings");
    await click("settings-health");
    await cancel("health-progress");
    expect(screen.getByTestId("health-again").getAttribute("aria-busy")).toBeNull();
    unmount();
    await open("slow-first", {}, "first-open");
    await click("first-open");
    await type("folder-input", "/p");
    await click("folder-continue");
    await click("create-project");
    await cancel("create-progress");
    expect(screen.getByTestId("create-project")).toBeTruthy();
  });
});

describe("a token in a locked keychain", () => {
  it("is unlocked, and when that fails the window says how", async () => {
    let chain = { state: "locked" as "locked" | "ready", name: "Secret Service", reason: null };
    const { calls } = await open("token-locked", { keychain_retry: () => chain, auth_status: () => (chain.state === "ready" ? AUTH_IN : AUTH_LOCKED) });
    expect(screen.queryByText("Sign in to GitHub")).toBeNull();
    await click("keychain-unlock");
    expect((await screen.findByTestId("still-locked")).textContent).toContain("KWalletManager");
    await click("nav-settings");
    await click("settings-credentials");
    await screen.findByTestId("keychain-unlock");
    expect(screen.queryByTestId("token-input")).toBeNull();
    expect(await violations()).toEqual([]);
    chain = { ...chain, state: "ready" };
    await click("keychain-unlock");
    await screen.findByText("Signed in as student-a");
    expect(calls.filter((one) => ["keychain_retry", "auth_status"].includes(one.name)).map((one) => one.name).slice(-2)).toContain("auth_status");
  });

  it("leaves another token possible", async () => {
    await open("token-locked");
    await click("keychain-state");
    await click("other-token");
    expect(await screen.findByTestId("token-input")).toBeTruthy();
  });
});

describe("the bridge", () => {
  it("gives every call a random 32-bit id", async () => {
    const ids: number[] = [];
    mockIPC((cmd, payload) => { if (cmd === "call") ids.push((payload as { id: number }).id); return null; });
    for (let n = 0; n < 20; n += 1) await call("close_project", null);
    expect(new Set(ids).size).toBe(20);
    expect(Math.max(...ids)).toBeGreaterThan(100_000);
    for (const id of ids) expect(Number.isInteger(id) && id >= 0 && id < 2 ** 32).toBe(true);
  });
});

describe("milestones", () => {
  it("moves with J and K and with arrows, and never renders the plan's HTML", async () => {
    await open("full");
    await click("nav-milestones");
    await screen.findByTestId("stage-view");
    expect(screen.getByTestId("stage-4").getAttribute("aria-selected")).toBe("true");
    expect(document.querySelector("article script, article details")).toBeNull();
    await fireEvent.keyDown(window, { key: "j" });
    expect(screen.getByTestId("stage-5").getAttribute("aria-selected")).toBe("true");
    screen.getByTestId("stage-5").focus();
    await fireEvent.keyDown(screen.getByTestId("stage-5"), { key: "ArrowUp" });
    await waitFor(() => expect(document.activeElement).toBe(screen.getByTestId("stage-4")));
  });

  it("draws a plan that says the same twice", async () => {
    const link = { text: "a", url: "https://example.org/a" };
    const item = { text: "Again", children: [], done: null, links: [link, link], line: 3 };
    const note = { text: "Again", kind: "paragraph" as const, title: null, links: [link, link], line: 3 };
    await open("full", { milestones: () => { const all = milestones(); return { ...all, stages: all.stages.map((stage) => ({ ...stage, activities: [item, item], notes: [note, note] })) }; } });
    await click("nav-milestones");
    await screen.findByTestId("stage-view");
    expect(screen.getAllByText("Again", { exact: false }).length).toBe(4);
  });

  it("says what was odd in the window's language", async () => {
    await open("many");
    await click("nav-milestones");
    await fireEvent.click(await screen.findByText("Show where"));
    expect(screen.getByTestId("diagnostics").textContent).toContain("“mid December, to be agreed” holds no date that can be read");
    expect(screen.getByTestId("diagnostics").querySelector("[lang]")).toBeNull();
  });

  it("links by hand", async () => {
    const { calls } = await open("full");
    await click("nav-milestones");
    await fireEvent.change(await screen.findByTestId("link-milestone"), { target: { value: "9" } });
    await waitFor(() => expect(calls.find((one) => one.name === "link_stage")?.params).toMatchObject({ stage: "4", milestone: 9 }));
  });

  it("shows the beginning of a long list, and filters it", async () => {
    await open("many");
    await click("nav-milestones");
    expect(await screen.findByText("Show 46 more")).toBeTruthy();
    await fireEvent.input(screen.getByLabelText("Filter issues"), { target: { value: "restore" } });
    expect(screen.getAllByText(/^Restore a backup/).length).toBe(5);
  });
});

describe("window", () => {
  it("goes by keys, finds in the palette, closes with Esc", async () => {
    await open("full");
    await fireEvent.keyDown(window, { key: "g" });
    await fireEvent.keyDown(window, { key: "m" });
    await screen.findByTestId("stage-view");
    await fireEvent.keyDown(window, { key: "k", ctrlKey: true });
    const input = within(await screen.findByTestId("palette")).getByRole("combobox", { hidden: true });
    await fireEvent.input(input, { target: { value: "stage 2" } });
    await fireEvent.keyDown(input, { key: "Enter" });
    await waitFor(() => expect(screen.getByTestId("stage-2").getAttribute("aria-selected")).toBe("true"));
    expect(screen.queryByTestId("palette")).toBeNull();
  });

  it("writes the keys of a Mac in the palette", async () => {
    await open("full", { start: () => ({ ...START, platform: "macos" }) });
    await fireEvent.keyDown(window, { key: "k", metaKey: true });
    expect((await screen.findByTestId("palette")).textContent).toContain("⌘Shift");
  });

  it("announces an error at once", async () => {
    await open("refused");
    expect((await screen.findAllByRole("alert")).length).toBeGreaterThan(0);
  });

  it("speaks French at once, and sets lang and theme", async () => {
    await open("full");
    await click("nav-settings");
    await click("settings-look");
    await click("lang-fr");
    expect(await screen.findByRole("heading", { name: "Réglages" })).toBeTruthy();
    expect(document.documentElement.lang).toBe("fr");
    await click("theme-dark");
    expect(document.documentElement.dataset["theme"]).toBe("dark");
  });

  it("shows what is wrong when the engine cannot start", async () => {
    await open("failed", {}, "error-note");
    expect(screen.getByTestId("error-note").textContent).toContain("newer version");
  });

  it("shows only screens that work", async () => {
    await open("full");
    const nav = screen.getByRole("navigation", { name: "Screens" });
    expect([...nav.querySelectorAll("button")].map((button) => button.dataset["testid"])).toEqual(["nav-overview", "nav-milestones", "nav-provisioning", "nav-deployments", "nav-kpis", "nav-monitoring", "nav-reports"]);
  });
});
