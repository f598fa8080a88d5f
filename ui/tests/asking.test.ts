import { fireEvent, screen, waitFor } from "@testing-library/svelte";
import { beforeEach, describe, expect, it, vi } from "vitest";
import * as d from "../dev/delivery";
import { wireError, type Answers } from "../dev/engine";
import { NOW } from "../dev/fixtures";
import type { Commands } from "$lib/api";
import { askingWords } from "$lib/deployments/next";
import { setLanguage } from "$lib/i18n/index.svelte";
import { click, open, press, type, violations } from "./stage";

beforeEach(() => void vi.useFakeTimers({ toFake: ["Date"], now: new Date(NOW) }));

interface Asking {
  command: "deploy" | "promote" | "rollback" | "stop" | "alarm_act";
  scenario: string;
  screen: string;
  button: string;
  dialog: string;
  en: string;
  fr: string;
  enter: () => Promise<unknown>;
  /** What of that the dialog shows. */
  entered: () => unknown;
  kept: unknown;
}

const checked = (id: string) => screen.getByTestId<HTMLInputElement>(id).checked;
const typed = () => screen.getByTestId<HTMLInputElement>("confirm-name").value;
const typeProd = () => type("confirm-name", "prod");
/** Every dialog that asks for a run, and what a person enters there. */
const DIALOGS: Asking[] = [
  {
    command: "deploy", scenario: "full", screen: "nav-deployments", button: "deploy-dev", dialog: "deploy-dialog", en: "Preparing the deployment to dev", fr: "Préparation du déploiement dans dev",
    enter: async () => { await click("version-v0.5.0"); await fireEvent.click(screen.getByText("Rework")); },
    entered: () => [checked("version-v0.5.0"), screen.getByRole("radio", { name: /^(Rework|Correctif)$/, hidden: true }).getAttribute("aria-checked")], kept: [true, "true"],
  },
  { command: "promote", scenario: "full", screen: "nav-deployments", button: "promote-prod", dialog: "promote-dialog", en: "Asking the conditions for prod", fr: "Vérification des conditions pour prod", enter: typeProd, entered: typed, kept: "prod" },
  {
    command: "rollback", scenario: "prod-failing", screen: "nav-deployments", button: "rollback-prod", dialog: "rollback-dialog", en: "Preparing to roll prod back to v0.4.2", fr: "Préparation du retour à v0.4.2 dans prod",
    enter: async () => { await click("release-v0.4.2"); await typeProd(); }, entered: () => [checked("release-v0.4.2"), typed()], kept: [true, "prod"],
  },
  { command: "stop", scenario: "full", screen: "nav-deployments", button: "stop-prod", dialog: "stop-dialog", en: "Preparing to stop fastapi-app in prod", fr: "Préparation de l’arrêt de fastapi-app dans prod", enter: typeProd, entered: typed, kept: "prod" },
  { command: "alarm_act", scenario: "full", screen: "nav-monitoring", button: "alarm-act", dialog: "act-dialog", en: "Asking the conditions again", fr: "Nouvelle vérification des conditions", enter: typeProd, entered: typed, kept: "prod" },
];
const DEPLOY = DIALOGS[0] as Asking;

type Invoke = (command: string, payload?: { id?: number }) => Promise<unknown>;

/** Opens a dialog and fills it in. The engine answers as told, or never; `cancelled` are the calls that it was asked to cancel. */
async function fill(of: Asking, answer: () => Promise<Commands["deploy"]["result"]> = () => new Promise(() => {}), deaf = false) {
  const ids: number[] = [];
  const { calls } = await open(of.scenario, { [of.command]: (_params: unknown, _progress: unknown, id: number) => { ids.push(id); return answer(); } } as Answers);
  const internals = (window as unknown as { __TAURI_INTERNALS__: { invoke: Invoke } }).__TAURI_INTERNALS__;
  const engine = internals.invoke;
  const asked: number[] = [];
  internals.invoke = async (command, payload) => {
    if (command === "cancel" && payload?.id !== undefined) asked.push(payload.id);
    return command === "cancel" && deaf ? undefined : engine(command, payload);
  };
  await click(of.screen);
  await click(of.button);
  await screen.findByTestId(of.dialog);
  await of.enter();
  return { calls, cancelled: () => asked.filter((id) => ids.includes(id)), ids };
}

/** Asks, and waits until it takes too long. */
async function wait(): Promise<HTMLElement> {
  await click("confirm-run");
  expect(screen.queryByTestId("ask-progress")).toBeNull();
  const line = await screen.findByTestId("ask-progress");
  vi.setSystemTime(new Date(Date.now() + 2000));
  await screen.findByTestId("ask-progress-cancel");
  return line;
}

/** The dialog as it was before it was asked. */
async function expectBack(of: Asking): Promise<void> {
  await waitFor(() => expect(screen.getByTestId("confirm-run").getAttribute("aria-busy")).toBeNull());
  await waitFor(() => expect(screen.getByTestId(of.dialog).contains(document.activeElement)).toBe(true));
  expect(screen.queryByTestId("ask-progress")).toBeNull();
  expect(screen.queryByTestId("error-note")).toBeNull();
  expect(of.entered()).toEqual(of.kept);
}

describe("asking for a run", () => {
  it.each(DIALOGS)("$dialog says after a second what it waits for, and its button cancels that", async (of) => {
    const { calls, cancelled, ids } = await fill(of);
    const line = await wait();
    expect(line.textContent).toContain(of.en);
    expect(line.textContent).toContain("2 s");
    expect(screen.getByTestId("announcer").textContent).toContain(of.en);
    expect(await violations()).toEqual([]);
    await click("ask-progress-cancel");
    await expectBack(of);
    expect(cancelled()).toEqual(ids);
    expect(calls.filter((one) => one.name === of.command).length).toBe(1);
    // And it can be asked again.
    await click("confirm-run");
    await waitFor(() => expect(ids.length).toBe(2));
    expect(cancelled().length).toBe(1);
  });

  it.each(DIALOGS)("$dialog is cancelled by Esc, in French too, without losing the focus", async (of) => {
    const { cancelled, ids } = await fill(of);
    setLanguage("fr");
    expect((await wait()).textContent).toContain(of.fr);
    const button = screen.getByTestId("ask-progress-cancel");
    expect(button.textContent).toBe("Annuler");
    expect(await violations()).toEqual([]);
    button.focus();
    await press("Escape");
    await expectBack(of);
    expect(cancelled()).toEqual(ids);
    expect(ids.length).toBe(1);
  });

  it("takes one step at each press of Esc: cancel, then close", async () => {
    const { cancelled, ids } = await fill(DEPLOY);
    await click("confirm-run");
    await waitFor(() => expect(ids.length).toBe(1));
    // The window's own `cancel` must not follow: it would close the dialog.
    expect(await press("Escape")).toBe(false);
    await expectBack(DEPLOY);
    await press("Escape", { repeat: true });
    expect(screen.getByTestId("deploy-dialog")).toBeTruthy();
    await press("Escape");
    await waitFor(() => expect(screen.queryByTestId("deploy-dialog")).toBeNull());
    expect(cancelled()).toEqual(ids);
  });

  it("cancels nothing that has answered", async () => {
    const { cancelled, ids } = await fill(DEPLOY, async () => ({ run: "44", plan: [] }));
    await click("confirm-run");
    await screen.findByTestId("run-panel");
    expect(ids.length).toBe(1);
    expect(cancelled()).toEqual([]);
  });

  it("closes at once after a refusal, which stays in sight until then", async () => {
    const { cancelled } = await fill(DEPLOY, () => Promise.reject(wireError("deploy.busy")));
    await click("confirm-run");
    expect((await screen.findByTestId("error-note")).dataset["code"]).toBe("deploy.busy");
    await press("Escape");
    await waitFor(() => expect(screen.queryByTestId("deploy-dialog")).toBeNull());
    expect(cancelled()).toEqual([]);
  });

  it("is cancelled by Close; a run that began all the same is followed, but not jumped to", async () => {
    let began = (_: Commands["deploy"]["result"]): void => {};
    const { calls, cancelled, ids } = await fill(DEPLOY, () => new Promise((resolve) => (began = resolve)), true);
    await click("confirm-run");
    await waitFor(() => expect(ids.length).toBe(1));
    await fireEvent.click(screen.getByText("Close"));
    await waitFor(() => expect(screen.queryByTestId("deploy-dialog")).toBeNull());
    expect(cancelled()).toEqual(ids);
    began({ run: "44", plan: [] });
    await waitFor(() => expect(calls.find((one) => one.name === "run_watch")?.params).toMatchObject({ id: "44" }));
    expect(screen.queryByTestId("run-panel")).toBeNull();
    expect(screen.getByTestId("env-dev")).toBeTruthy();
  });

  it("names GitHub where the gate has checks of it", () => {
    const check = { id: "check", state: "met" as const, fact: "check.green", params: { name: "build", commit: "7e1c9a4" }, message: "" };
    const both = (gate = d.OPEN) => (["en", "fr"] as const).map((language) => { setLanguage(language); return askingWords(gate); });
    expect(both()).toEqual(["Asking the conditions for prod", "Vérification des conditions pour prod"]);
    expect(both({ ...d.OPEN, conditions: [...d.OPEN.conditions, check] })).toEqual(["Asking the conditions for prod, GitHub’s checks among them", "Vérification des conditions pour prod, contrôles de GitHub compris"]);
  });
});
