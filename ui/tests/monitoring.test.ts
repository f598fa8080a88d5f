import { emit } from "@tauri-apps/api/event";
import { fireEvent, screen, waitFor, within } from "@testing-library/svelte";
import { beforeEach, describe, expect, it, vi } from "vitest";
import * as o from "../dev/observe";
import { NOW, PROJECT } from "../dev/fixtures";
import { setLanguage } from "$lib/i18n/index.svelte";
import { byUrgency, calmWords, checkWords, healthOf, indicatorValue, inWords, isLoud, ruleWords } from "$lib/monitoring/words";
import { click, clipboard, open, press, type, violations } from "./stage";

beforeEach(() => void vi.useFakeTimers({ toFake: ["Date"], now: new Date(NOW) }));
const primary = () => [...document.querySelectorAll("main .btn.primary")].map((button) => (button as HTMLElement).dataset["testid"]);
const plain = (text: string | null) => (text ?? "").replaceAll("\u00a0", " ").replaceAll("\u202f", " ");

async function monitoring(scenario: string, id = "alarm-card", answers = {}) {
  const opened = await open(scenario, answers);
  await click("nav-monitoring");
  await screen.findByTestId(id);
  return opened;
}

describe("monitoring", () => {
  it.each([
    ["full", "alarm-card", ["alarm-act"]], ["watch-calm", "calm-card", []], ["watch-partly", "calm-card", []], ["watch-nothing", "calm-card", []], ["no-stacks", "metrics-example", []], ["alarm-blocked", "alarm-card", []],
    ["alarm-prometheus", "alarm-card", []], ["stacks-untrusted", "trust-panel", ["trust-commands"]], ["stacks-loading", "skeleton", []], ["stacks-error", "error-note", []],
  ])("%s is accessible and has one primary button at most", async (scenario, id, buttons) => {
    await monitoring(scenario, id);
    expect(primary()).toEqual(buttons);
    expect(await violations()).toEqual([]);
  });

  it("names a line in the person's language, and leaves a metric its name", () => {
    setLanguage("fr");
    const label = (label: string) => inWords({ label, points: [] }).label;
    expect([label("in flight"), label("memory"), label("p95"), label("db_pool_in_use")]).toEqual(["en cours", "mémoire", "p95", "db_pool_in_use"]);
    setLanguage("en");
    expect(label("in flight")).toBe("in flight");
  });

  it("answers first: what fires, why perhaps, what to do about it", async () => {
    await monitoring("full");
    const card = screen.getByTestId("alarm-card");
    expect(plain(screen.getByTestId("headline").textContent)).toBe("errors at 4.8 %");
    expect(plain(card.textContent)).toContain("above 1 % for 2 min, clears below 0.5 %");
    expect(card.textContent).toContain("Most likely v0.5.1.");
    expect(card.textContent).toContain("Correlated, not proven.");
    expect(card.textContent).toContain("Deployed 13 min before the alarm");
    expect(within(card).getAllByText("Met").length).toBe(3);
    expect(screen.getByTestId("monitoring-firing").textContent).toBe("11 alarm fires");
    await click("alarm-suspect");
    expect((await screen.findByTestId("run-panel")).dataset["run"]).toBe("43");
    await press("Escape");
    await screen.findByTestId("alarm-card");
  });

  it("acts only after the environment's name was typed, and follows the run", async () => {
    const { calls } = await monitoring("full");
    await click("alarm-act");
    expect((await screen.findByTestId("act-dialog")).textContent).toContain("Correlated, not proven.");
    expect(await violations()).toEqual([]);
    await click("confirm-run");
    expect(calls.some((one) => one.name === "alarm_act")).toBe(false);
    await type("confirm-name", "prod");
    await click("confirm-run");
    await screen.findByTestId("run-panel");
    expect(calls.find((one) => one.name === "alarm_act")?.params).toEqual({ dir: PROJECT.dir, id: "errors/prod", confirm: "prod" });
  });

  it("shows what the engine saw as soon as it has looked, and tells of it on every screen", async () => {
    let alarms = o.ALARMS.filter((alarm) => alarm.state !== "firing");
    const { calls } = await open("full", { alarms: () => o.alarms({ alarms }) });
    const asked = (name: string) => calls.filter((one) => one.name === name).length;
    await waitFor(() => expect(asked("alarms")).toBe(1));
    expect(screen.queryByTestId("monitoring-firing")).toBeNull();
    alarms = o.ALARMS;
    await emit("monitored", { dir: "/of/another/project" });
    await emit("monitored", { dir: PROJECT.dir });
    expect((await screen.findByTestId("monitoring-firing")).textContent).toContain("1 alarm fires");
    expect(screen.getByTestId("alarm-announcer").textContent).toContain("errors");
    expect([asked("alarms"), asked("monitoring")]).toEqual([2, 0]);
    await click("nav-monitoring");
    await screen.findByTestId("alarm-card");
    await emit("monitored", { dir: PROJECT.dir });
    await waitFor(() => expect(asked("monitoring")).toBe(2));
    await click("monitor-pause");
    await emit("monitored", { dir: PROJECT.dir });
    await waitFor(() => expect(asked("alarms")).toBe(4));
    expect(asked("monitoring")).toBe(2);
  });

  it("offers no action whose checks are not met", async () => {
    const { calls } = await monitoring("alarm-blocked");
    expect(screen.getByTestId("alarm-act").getAttribute("aria-disabled")).toBe("true");
    expect(screen.getByTestId("alarm-act").getAttribute("title")).toContain("A schema migration stands between them");
    await click("alarm-act");
    expect(screen.queryByTestId("act-dialog")).toBeNull();
    expect(calls.some((one) => one.name === "alarm_act")).toBe(false);
  });

  it("silences and acknowledges, and takes the answer at once", async () => {
    const quiet = o.ALARMS.map((alarm) => (alarm.id === "errors/prod" ? { ...alarm, acknowledged: { at: NOW, by: "student-a" } } : alarm));
    const { calls } = await monitoring("full", "alarm-card", { alarm_acknowledge: () => o.alarms({ alarms: quiet }) });
    await click("alarm-silence");
    await click("alarm-silence-7200");
    await waitFor(() => expect(calls.find((one) => one.name === "alarm_silence")?.params).toEqual({ dir: PROJECT.dir, id: "errors/prod", seconds: 7200 }));
    await click("alarm-acknowledge");
    await waitFor(() => expect(screen.getByTestId("alarm-card").textContent).toContain("Acknowledged by student-a"));
    expect(screen.queryByTestId("monitoring-firing")).toBeNull();
  });

  it("says beneath the card that it was refused", async () => {
    await monitoring("provision-refuses");
    await click("alarm-acknowledge");
    expect((await screen.findByTestId("error-note")).dataset["code"]).toBe("store.busy");
  });

  it("offers nothing for what has no data or an error, and shows each with a glyph of its own", async () => {
    await monitoring("full");
    const rows = screen.getAllByTestId("alarm-row");
    expect(rows.map((row) => row.dataset["state"])).toEqual(["firing", "firing", "firing", "pending", "error", "no_data"]);
    await fireEvent.click(rows[4] as HTMLElement);
    expect(screen.getByTestId("alarm-card").textContent).toContain("No action is offered while nothing is known.");
    expect(screen.queryByTestId("alarm-act")).toBeNull();
    expect(new Set(rows.map((row) => row.querySelector("svg")?.innerHTML)).size).toBe(4);
    expect(await violations()).toEqual([]);
  });

  it("says that nothing fires, and how sure that is", async () => {
    await monitoring("watch-calm", "calm-card");
    expect(screen.getByTestId("headline").textContent).toBe("Nothing fires.");
    expect(screen.getByTestId("calm-card").dataset["state"]).toBe("ok");
  });

  it("does not take silence of the source for calm", async () => {
    await monitoring("watch-partly", "calm-card");
    expect(screen.getByTestId("headline").textContent).toContain("2 indicators cannot be told");
    expect(screen.getByTestId("calm-card").dataset["state"]).toBe("error");
    expect(screen.getByTestId("error-note").textContent).toContain("engine.timeout");
    expect(screen.getByTestId("signal-saturation").textContent).toContain("No data");
    expect(screen.getByTestId("signal-saturation").textContent).not.toMatch(/\b0 %/);
    expect(screen.getByTestId("health-points").textContent).toContain("not counted");
  });

  it("explains the health points", async () => {
    await monitoring("full");
    const points = screen.getByTestId("health-points");
    expect(points.textContent).toContain("0 of 40");
    await click("points-how");
    expect(points.textContent).toContain("pending and recovering half");
  });

  it("moves one cross-hair over all plots by arrow keys, and says where it is", async () => {
    await monitoring("full");
    const plot = screen.getByTestId("signal-errors").querySelector<HTMLElement>(".plot") as HTMLElement;
    expect(plain(plot.getAttribute("aria-label"))).toContain("one gap without data, one alarm");
    plot.focus();
    await press("End");
    expect(plain(screen.getByTestId("signal-errors").querySelector("[aria-live]")?.textContent ?? "")).toMatch(/14:26:00, .*%, errors/);
    expect(screen.getByTestId("signal-latency").querySelector(".hair")).toBeTruthy();
    expect(screen.getByTestId("signal-latency").querySelector("[aria-live]")?.textContent).toBe("");
    await press("ArrowLeft");
    expect(screen.getByTestId("signal-errors").querySelector("[aria-live]")?.textContent).toContain("14:25:30");
    await press("Escape");
    expect(document.querySelector(".hair")).toBeNull();
  });

  it("shows a plot as a table and its queries, and copies it", async () => {
    const copied = clipboard();
    await monitoring("full");
    await click("menu-errors");
    await click("menu-errors-table");
    const figure = screen.getByTestId("signal-errors");
    expect(figure.querySelectorAll("tbody tr").length).toBe(121);
    expect(figure.textContent).toContain("No data");
    expect(await violations()).toEqual([]);
    await click("menu-errors");
    await click("menu-errors-query");
    expect(figure.textContent).toContain("sum(rate(");
    await click("menu-errors");
    await click("menu-errors-csv");
    await waitFor(() => expect(copied[0]).toMatch(/^time,errors\r\n2026-11-19T12:26:00.000Z,0\.00/));
    await click("menu-errors");
    await click("menu-errors-svg");
    await waitFor(() => expect(copied[1]).toContain("<svg"));
    expect(screen.getByTestId("announcer").textContent).toContain("SVG");
  });

  it("chooses range, environment and pauses", async () => {
    const { calls } = await monitoring("full");
    await click("range-86400");
    await waitFor(() => expect(calls.filter((one) => one.name === "monitoring").at(-1)?.params).toMatchObject({ range: 86_400 }));
    await fireEvent.change(screen.getByTestId("monitor-environment"), { target: { value: "dev" } });
    await waitFor(() => expect(calls.filter((one) => one.name === "monitoring").at(-1)?.params).toMatchObject({ environment: "dev" }));
    await click("monitor-pause");
    expect(screen.getByText(/paused at/)).toBeTruthy();
    expect(screen.getByTestId("monitor-pause").getAttribute("aria-label")).toBe("Go on refreshing");
  });

  it("unfolds an indicator to what it is computed from", async () => {
    await monitoring("full");
    const row = screen.getByTestId("indicator-errors");
    await fireEvent.click(row.querySelector("button") as HTMLElement);
    expect(row.textContent).toContain('status=~"5.."');
    expect(row.textContent).toContain("Weight 40");
  });

  it("tells a new alarm at once, and only once", async () => {
    let alarms = o.alarms({ alarms: [] });
    await monitoring("watch-calm", "calm-card", { alarms: () => alarms });
    expect(screen.getByTestId("alarm-announcer").textContent).toBe("");
    alarms = o.alarms({ alarms: [o.FIRING] });
    await click("range-21600");
    await waitFor(() => expect(screen.getByTestId("alarm-announcer").textContent).toBe("Alarm: errors in prod"));
    await screen.findByTestId("alarm-card");
  });

  it("says what to write where nothing is watched", async () => {
    await monitoring("no-stacks", "metrics-example");
    for (const word of ["metrics =", "prometheus =", "[[indicator]]"]) expect(screen.getByTestId("metrics-example").textContent).toContain(word);
  });

  it("is reached by G S", async () => {
    await open("full");
    await fireEvent.keyDown(window, { key: "g" });
    await fireEvent.keyDown(window, { key: "s" });
    await screen.findByTestId("alarm-card");
    await fireEvent.keyDown(window, { key: "g" });
    await fireEvent.keyDown(window, { key: "p" });
    await screen.findByTestId("stack-cluster");
  });
});

describe("words of monitoring", () => {
  it("say rules in the unit of jalon.toml, in both languages", () => {
    const rule = { raise: ">= 0.5", clear: "<0.4", for_seconds: 90, unit: "s" };
    expect(plain(ruleWords(rule))).toBe("at least 500 ms for 1 min 30 s, clears below 400 ms");
    expect(plain(ruleWords({ raise: "== 0", clear: null, for_seconds: 0, unit: null }))).toBe("exactly 0");
    expect(ruleWords({ raise: "sometimes", clear: null, for_seconds: 0, unit: null })).toBe("sometimes");
    expect(ruleWords({ raise: "", clear: null, for_seconds: 0, unit: null })).toBe("only shown, raises nothing");
    setLanguage("fr");
    expect(plain(ruleWords(rule))).toBe("au moins 500 ms pendant 1 min 30 s, s’éteint en dessous de 400 ms");
  });

  it("say values in any unit", () => expect([indicatorValue(4.8, "%"), indicatorValue(3, "requests"), indicatorValue(null, "%"), indicatorValue(0.25, "ratio"), indicatorValue(2, "/s")].map(plain)).toEqual(["4.8 %", "3 requests", "No data", "25 %", "2 /s"]));

  it("count health from what has data alone", () => {
    const one = (state: (typeof o.INDICATORS)[number]["state"], weight: number) => ({ ...(o.INDICATORS[0] as (typeof o.INDICATORS)[number]), name: state, state, weight });
    expect(healthOf([one("ok", 3), one("firing", 1)]).points).toBe(75);
    expect(healthOf([one("ok", 1), one("pending", 1), one("no_data", 98)]).points).toBe(75);
    expect(healthOf([one("no_data", 1), one("error", 1), one("unknown", 1)]).points).toBeNull();
    expect(healthOf([one("ok", 0)]).points).toBeNull();
    expect(healthOf([]).points).toBeNull();
  });

  it("put first what rings, and know what does", () => {
    const [silent, loud] = [{ ...o.FIRING, id: "s", silenced_until: NOW }, o.FIRING];
    expect(byUrgency([{ ...o.FIRING, id: "p", state: "pending" }, silent, loud]).map((alarm) => alarm.id)).toEqual(["errors/prod", "s", "p"]);
    expect([silent, loud, { ...loud, acknowledged: { at: NOW, by: null } }].map(isLoud)).toEqual([false, true, false]);
  });

  it("never call an unwatched service fine", () => {
    expect(calmWords(o.monitoring({ indicators: [], alarms: [] })).first).toContain("nothing can fire");
    expect(calmWords(o.monitoring({ indicators: [{ ...(o.CALM[0] as (typeof o.CALM)[number]), state: "no_data" }], alarms: [] })).first).toContain("one indicator cannot be told");
    expect(calmWords(o.monitoring({ indicators: o.CALM, alarms: [{ ...o.FIRING, silenced_until: NOW }] })).first).toBe("One alarm fires, and somebody knows.");
  });

  it("leave a check that is not known as English", () => expect(checkWords({ id: "moon", met: true, message: "the moon is full", params: {} })).toEqual({ text: "the moon is full", english: true }));
});
