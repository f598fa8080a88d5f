import { fireEvent, screen, waitFor, within } from "@testing-library/svelte";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { wireError } from "../dev/engine";
import { NOW, PROJECT } from "../dev/fixtures";
import { EXPORTED, kpis, plot } from "../dev/measure";
import { formatCoarse, formatDuration, formatShare, formatSize } from "$lib/i18n/amounts";
import { setLanguage } from "$lib/i18n/index.svelte";
import { adoptSvg, csvText } from "$lib/plots/svg";
import { excludedText, intervalText, markText, scaleOf, valueText } from "$lib/kpis/words";
import { missingWords, splitPath } from "$lib/reports/words";
import { pieces } from "$lib/shell/matches";
import { click, clipboard, open, press, type, violations } from "./stage";

beforeEach(() => void vi.useFakeTimers({ toFake: ["Date"], now: new Date(NOW) }));
const plain = (text: string) => text.replace(/[\u00a0\u202f]/g, " ");

async function kpiScreen(scenario: string, answers = {}, id = "kpi-deployment_cycle_time") {
  const opened = await open(scenario, answers);
  await click("nav-kpis");
  await screen.findByTestId(id);
  return opened;
}

describe("KPIs", () => {
  it.each(["full", "no-kpis", "few-kpis"])("%s is accessible", async (scenario) => {
    await kpiScreen(scenario);
    await waitFor(() => expect(document.querySelector("[data-testid='plot-frequency'] figcaption")).toBeTruthy());
    expect(await violations()).toEqual([]);
  });

  it.each([["deployments-loading", "skeleton"], ["deployments-error", "error-note"]])("%s is accessible", async (scenario, id) => {
    await kpiScreen(scenario, {}, id);
    expect(await violations()).toEqual([]);
  });

  it("never draws what it does not know as zero", async () => {
    await kpiScreen("no-kpis");
    const card = screen.getByTestId("kpi-deployment_success_rate");
    expect(card.textContent).toContain("No data");
    expect(card.textContent).not.toMatch(/\b0\s?%/);
    expect(card.querySelector(".hatched")).toBeTruthy();
    expect(screen.getByTestId("kpi-deployment_frequency").textContent).toContain("0 to 0.61");
    expect((await screen.findAllByText("No data")).length).toBeGreaterThan(5);
  });

  it("hollows the dot where there is no interval", async () => {
    await kpiScreen("few-kpis");
    const card = screen.getByTestId("kpi-deployment_cycle_time");
    expect(card.querySelector(".hollow")).toBeTruthy();
    expect(card.textContent).toContain("no interval below n = 6");
  });

  it("explains a number, opens its runs, and comes back", async () => {
    await kpiScreen("full");
    await click("kpi-deployment_cycle_time");
    const panel = await screen.findByTestId("explain");
    expect(panel.textContent).toContain("median(finished − requested)");
    expect(panel.textContent).toContain("Left out: 1 cancelled");
    expect(within(panel).getAllByTestId("kpi-event").length).toBe(12);
    expect(await violations()).toEqual([]);
    await fireEvent.click(within(panel).getAllByTestId("kpi-event")[0] as HTMLElement);
    expect((await screen.findByTestId("run-panel")).dataset["run"]).toBe("43");
    await press("Escape");
    await screen.findByTestId("explain");
    await fireEvent.keyDown(window, { key: "Escape" });
    await waitFor(() => expect(screen.queryByTestId("explain")).toBeNull());
    await waitFor(() => expect(document.activeElement).toBe(screen.getByTestId("kpi-deployment_cycle_time")));
  });

  it("asks for another environment and other days", async () => {
    const { calls } = await kpiScreen("full");
    await fireEvent.change(screen.getByTestId("kpi-environment"), { target: { value: "dev" } });
    await waitFor(() => expect(calls.filter((one) => one.name === "kpis").at(-1)?.params).toEqual({ dir: PROJECT.dir, environment: "dev" }));
    await click("kpi-window");
    expect((await screen.findByTestId<HTMLInputElement>("kpi-from")).value).toBe("2026-10-30");
    expect(screen.getByTestId<HTMLInputElement>("kpi-to").value).toBe("2026-11-19");
    await type("kpi-from", "2026-11-20");
    await click("kpi-apply");
    expect(await screen.findByText("The first day has to come before the last.")).toBeTruthy();
    await type("kpi-from", "2026-11-02");
    await type("kpi-to", "2026-11-15");
    await click("kpi-apply");
    await waitFor(() => expect(calls.filter((one) => one.name === "kpis").at(-1)?.params).toMatchObject({ from: "2026-11-02", to: "2026-11-16" }));
    expect(await violations()).toEqual([]);
  });

  it("moves a cross-hair with arrow keys, and shows the plot as a table", async () => {
    await kpiScreen("full");
    const figure = await screen.findByTestId("plot-cycle_time");
    const group = await within(figure).findByRole("group", { name: /median 5 min 56 s/ });
    await fireEvent.keyDown(group, { key: "ArrowRight" });
    expect(figure.textContent).toContain("v0.1.0: 400 s");
    await fireEvent.keyDown(group, { key: "End" });
    expect(figure.textContent).toContain("v0.5.1: 302 s");
    await click("table-cycle_time");
    expect(within(figure).getAllByRole("row").length).toBe(13);
    expect(await violations()).toEqual([]);
  });

  it("asks plots in the window's colours and language", async () => {
    const { calls } = await kpiScreen("full");
    await waitFor(() => expect(calls.filter((one) => one.name === "kpi_plot").length).toBe(3));
    expect(calls.find((one) => one.name === "kpi_plot")?.params).toMatchObject({ name: "frequency", theme: "light", language: "en", width: 1000 });
    await fireEvent.keyDown(window, { key: "L", ctrlKey: true, shiftKey: true });
    await waitFor(() => expect(calls.filter((one) => one.name === "kpi_plot").at(-1)?.params).toMatchObject({ theme: "dark" }));
  });
});

describe("a drawing of the engine's", () => {
  const draw = (inner: string, root = "") => adoptSvg(`<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" ${root}>${inner}</svg>`);

  it.each([
    ["a script", "<script>window.evil = 1</script>"], ["foreign content", "<foreignObject><div xmlns='http://www.w3.org/1999/xhtml'>x</div></foreignObject>"],
    ["an image", "<image href='https://example.org/x.png'/>"], ["a use", "<use xlink:href='https://example.org/#a'/>"], ["a style sheet", "<style>* { background: url(https://example.org) }</style>"],
    ["a link", "<a href='javascript:alert(1)'><text>x</text></a>"], ["an animation", "<animate attributeName='href' to='javascript:1'/>"], ["another namespace", "<rect xmlns='http://www.w3.org/1999/xhtml'/>"],
  ])("loses %s", (_, inner) => expect(draw(inner)?.children.length).toBe(0));

  it.each(["onload", "onclick", "href", "style", "class", "tabindex", "xlink:href"])("loses the attribute %s", (name) => {
    const drawn = draw(`<rect x="1" ${name}="javascript:alert(1)"/>`);
    expect(drawn?.querySelector("rect")?.getAttributeNames()).toEqual(["x"]);
  });

  it.each(["url(https://example.org/a)", "url('data:image/png;base64,AA')", "javascript:1", "URL (//x)", "u\\72l(x)"])("loses the value %s", (value) => {
    expect(draw(`<rect fill="${value.replaceAll('"', "&quot;")}"/>`)?.querySelector("rect")?.hasAttribute("fill")).toBe(false);
  });

  it("keeps what a plot needs, its own references included, under ids of its own", () => {
    const source = '<defs><pattern id="hatch" width="4" height="4" patternUnits="userSpaceOnUse"><path d="M0 0L4 4"/></pattern></defs><rect fill="url(#hatch)" x="1"/><text text-anchor="end">6 s</text>';
    const [one, two] = [draw(source), draw(source)];
    const id = one?.querySelector("pattern")?.id ?? "";
    expect(one?.querySelector("rect")?.getAttribute("fill")).toBe(`url(#${id})`);
    expect(two?.querySelector("pattern")?.id).not.toBe(id);
    expect(one?.querySelector("text")?.textContent).toBe("6 s");
    const drawn = adoptSvg(plot({ name: "cycle_time", kpis: { dir: "/" }, theme: "light", language: "en", width: 400, height: 200 }).svg);
    expect(drawn?.querySelectorAll("circle").length).toBe(12);
    expect(drawn?.querySelector("script")).toBeNull();
  });

  it.each(["", "<svg", "<html/>", "<svg/>"])("is refused where it is none: %s", (source) => expect(adoptSvg(source)).toBeNull());

  it("becomes a table that no spreadsheet computes", () => {
    expect(csvText([["a", "b, c"], ["=1+1", 'say "x"'], ["-4", "@x"]])).toBe("a,\"b, c\"\r\n'=1+1,\"say \"\"x\"\"\"\r\n-4,'@x\r\n");
  });
});

describe("amounts", () => {
  it.each([[0.04, "0 s"], [0.42, "0.4 s"], [9, "9 s"], [9.96, "10 s"], [59.7, "1 min"], [302, "5 min 02 s"], [3599.6, "1 h"], [33600, "9 h 20 min"], [90_000, "1 d 1 h"]])("%d s is %s", (s, words) => expect(plain(formatDuration(s))).toBe(words));
  it("in French, coarse, and sizes", () => {
    expect(formatCoarse(1320)).toBe("22 min");
    expect(plain(formatSize(412_331))).toBe("412 kB");
    setLanguage("fr");
    expect(plain(formatDuration(2.44))).toBe("2,4 s");
    expect(plain(formatShare(0.048))).toBe("4,8 %");
    expect(plain(formatSize(1_340_000))).toBe("1,3 Mo");
  });

  it("write KPIs with their interval and what was left out", () => {
    const [cycle, frequency, rate] = kpis().kpis;
    if (!cycle || !frequency || !rate) throw new Error("fixture");
    expect(intervalText(cycle)).toBe("4 min 58 s to 6 min 40 s");
    expect(plain(intervalText(rate))).toBe("60.1 to 96 %");
    expect(plain(valueText(4, "per_week"))).toBe("4 a week");
    expect(excludedText({ ...cycle, excluded: { cancelled: 2, undeployed: 1, odd: 3 } })).toBe("2 cancelled, 1 not deployed yet, 3 odd");
    expect(scaleOf({ ...cycle, state: "no_data", value: null })).toBeNull();
    const place = scaleOf(rate);
    expect([place?.at, place?.from, place?.to]).toEqual([0.857, 0.601, 0.96]);
    expect(markText("2 attempts")).toBe("2 attempts");
    expect(markText("odd")).toBe("odd");
  });
});

describe("reports", () => {
  it.each(["full", "reports-missing"])("%s is accessible", async (scenario) => {
    await open(scenario);
    await click("nav-reports");
    await screen.findByTestId("export-docx");
    expect(await violations()).toEqual([]);
  });

  it.each([["deployments-loading", "skeleton"], ["deployments-error", "error-note"]])("%s is accessible", async (scenario, id) => {
    await open(scenario);
    await click("nav-reports");
    await screen.findByTestId(id);
    expect(await violations()).toEqual([]);
  });

  it("exports for a candidate, and says where the file is", async () => {
    const { calls } = await open("full");
    await click("nav-reports");
    await fireEvent.change(await screen.findByTestId("report-candidate"), { target: { value: "student-b" } });
    await click("export-docx");
    const result = await screen.findByTestId("export-result");
    expect(result.dataset["path"]).toBe(EXPORTED.path);
    expect(calls.find((one) => one.name === "export_report")?.params).toEqual({ dir: PROJECT.dir, format: "docx", candidate: "student-b" });
    expect(screen.getByTestId("announcer").textContent).toContain("report.docx is written");
    expect(await violations()).toEqual([]);
  });

  it("tells what hindered it where it arose, and shows the file before", async () => {
    await open("export-fails");
    await click("nav-reports");
    await click("export-docx");
    const note = await screen.findByTestId("error-note");
    expect(note.textContent).toContain("The file before is as it was");
    expect(note.textContent).toContain("Choose another folder");
    expect(screen.getByTestId("last-report").dataset["path"]).toBe(EXPORTED.path);
  });

  it("can be cancelled", async () => {
    await open("exporting");
    await click("nav-reports");
    await click("export-pptx");
    await screen.findByTestId("export-progress");
    vi.setSystemTime(new Date(Date.now() + 2000));
    await click("export-progress-cancel");
    await waitFor(() => expect(screen.queryByTestId("export-progress")).toBeNull());
    expect(screen.queryByTestId("error-note")).toBeNull();
  });

  it("names what is missing, each with what to write", () => {
    expect(missingWords("report.school")).toMatchObject({ name: "School" });
    expect(missingWords("candidates.tutor").what).toContain("tutor");
    expect(missingWords("moon")).toEqual({ name: "moon", what: "Fill in moon under [report] in jalon.toml." });
    expect(splitPath("C:\\a\\b.docx")).toEqual({ folder: "C:\\a", file: "b.docx" });
  });
});

describe("the sample and the palette", () => {
  it("writes the sample in the window's language, and offers the first deployment", async () => {
    const { calls } = await open("sample", { start: () => ({ version: "1", platform: "linux", now: NOW, settings: { language: "en", theme: "light", single_keys: true, device_client_id: null }, project: null, project_error: null, recent: [], keychain: { state: "ready", name: "k", reason: null } }) }, "try-sample");
    await fireEvent.keyDown(window, { key: "1" });
    await screen.findByTestId("headline");
    expect(calls.find((one) => one.name === "create_sample")?.params).toEqual({ language: "en" });
    expect(await violations()).toEqual([]);
    await click("next-delivery");
    await screen.findByTestId("deploy-dialog");
  });

  it("says why the sample cannot be written", async () => {
    await open("first", { create_sample: () => { throw wireError("sample.not_empty", { dir: "/home/student-a/jalon-sample" }); } }, "try-sample");
    await click("try-sample");
    expect((await screen.findByTestId("error-note")).textContent).toContain("not empty");
    expect(await violations()).toEqual([]);
  });

  it("goes to the new screens by keys", async () => {
    await open("full");
    for (const [key, id] of [["d", "env-dev"], ["k", "kpi-deployment_cycle_time"], ["r", "export-docx"]] as const) {
      await fireEvent.keyDown(window, { key: "g" });
      await fireEvent.keyDown(window, { key });
      await screen.findByTestId(id);
    }
  });

  it("lists what can be done first, with what it asks, and copies it for jalonctl", async () => {
    const copied = clipboard();
    await open("full");
    await fireEvent.keyDown(window, { key: "k", ctrlKey: true });
    const palette = await screen.findByTestId("palette");
    await waitFor(() => expect(palette.textContent).toContain("Promote v0.6.0 to prod"));
    const input = within(palette).getByRole("combobox", { hidden: true });
    await fireEvent.input(input, { target: { value: "roll prod" } });
    expect(palette.querySelectorAll("[role=option]").length).toBe(1);
    expect(palette.textContent).toContain("asks for the name");
    expect(await violations()).toEqual([]);
    await fireEvent.keyDown(input, { key: "Enter", ctrlKey: true });
    await waitFor(() => expect(copied).toEqual([`jalonctl rollback fastapi-app --env prod --to v0.5.0 --confirm prod --project ${PROJECT.dir}`]));
    await fireEvent.keyDown(window, { key: "k", ctrlKey: true });
    await fireEvent.input(within(await screen.findByTestId("palette")).getByRole("combobox", { hidden: true }), { target: { value: "stop dev" } });
    await press("Enter");
  });

  it("marks beginnings of words", () => {
    expect(pieces("Roll back prod", "pr")).toEqual([{ text: "Roll back ", hit: false }, { text: "pr", hit: true }, { text: "od", hit: false }]);
    expect(pieces("Démarrer", "dem")).toEqual([{ text: "Dém", hit: true }, { text: "arrer", hit: false }]);
  });
});
