import { describe, expect, it } from "vitest";
import { setLanguage } from "$lib/i18n/index.svelte";
import { drawLines, extent, nearestTime, tableOf, valuesAt, type LineInput } from "$lib/plots/line";
import { paperHeight, paperSvg } from "$lib/plots/paper";
import { timeTicks, valueTicks, valueWords } from "$lib/plots/scale";
import { adoptSvg } from "$lib/plots/svg";

const plain = (text: string) => text.replaceAll("\u00a0", " ").replaceAll("\u202f", " ");
const labels = (least: number, most: number, unit: string) => valueTicks(least, most, unit).map((tick) => plain(tick.label));
const at = (iso: string) => Date.parse(iso) / 1000;

describe("value ticks", () => {
  it.each([
    [0, 0.7, "s", ["0", "250 ms", "500 ms", "750 ms"]], [0, 0.05, "ratio", ["0 %", "2.5 %", "5 %"]], [0, 0.051, "ratio", ["0 %", "2 %", "4 %", "6 %"]], [0, 1, "ratio", ["0 %", "50 %", "100 %"]], [0, 49, "per_s", ["0", "25", "50"]],
    [0, 0, "1", ["0", "0.5", "1"]], [0, 2.4e9, "bytes", ["0", "1 GB", "2 GB", "3 GB"]], [0, 500, "s", ["0", "5 min", "10 min"]], [-4, 9, "1", ["-5", "0", "5", "10"]], [0, 100, "°C", ["0", "50 °C", "100 °C"]],
  ] as Array<[number, number, string, string[]]>)("from %d to %d in %s", (least, most, unit, expected) => expect(labels(least, most, unit)).toEqual(expected));

  it("are three to five, hold every value, and begin at zero where nothing is below", () => {
    for (const unit of ["s", "ratio", "per_s", "bytes", "1"]) {
      for (let power = -6; power < 9; power += 1) {
        for (const factor of [1, 1.7, 3.3, 6.2, 9.9]) {
          const most = factor * 10 ** power;
          const ticks = valueTicks(0, most, unit);
          expect(ticks.length).toBeGreaterThanOrEqual(3);
          expect(ticks.length).toBeLessThanOrEqual(5);
          expect(ticks[0]?.at).toBe(0);
          expect(ticks.at(-1)?.at ?? 0).toBeGreaterThanOrEqual(most * 0.999999);
          // No two of them may read the same.
          expect(new Set(ticks.map((tick) => tick.label)).size, `${most} ${unit}: ${ticks.map((tick) => tick.label).join()}`).toBe(ticks.length);
        }
      }
    }
  });

  it("say values in units people use", () => {
    expect([valueWords(0.672, "s"), valueWords(0.0481, "ratio"), valueWords(35.2, "per_s"), valueWords(null, "s"), valueWords(Number.NaN, "1"), valueWords(0, "s"), valueWords(604_800, "s"), valueWords(95, "s")].map(plain)).toEqual(["672 ms", "4.81 %", "35.2 /s", "No data", "No data", "0 s", "7 d", "1 min 35 s"]);
    setLanguage("fr");
    expect(plain(valueWords(0.048, "ratio"))).toBe("4,8 %");
  });
});

describe("time ticks", () => {
  it("are round in the project's zone", () => {
    expect(timeTicks(at("2026-11-19T12:26:00Z"), at("2026-11-19T13:26:00Z"), 5, "Europe/Paris").map((tick) => tick.label)).toEqual(["13:30", "13:45", "14:00", "14:15"]);
    expect(timeTicks(at("2026-11-19T12:26:00Z"), at("2026-11-19T13:26:00Z"), 5, "Asia/Kolkata").map((tick) => tick.label)).toEqual(["18:00", "18:15", "18:30", "18:45"]);
    expect(timeTicks(at("2026-11-18T13:26:00Z"), at("2026-11-19T13:26:00Z"), 5, "Europe/Paris").map((tick) => tick.label)).toEqual(["18:00", "00:00", "06:00", "12:00"]);
  });

  it("are midnights over a week, also where summer time ends", () => {
    const ticks = timeTicks(at("2026-10-22T12:00:00Z"), at("2026-10-29T12:00:00Z"), 7, "Europe/Paris");
    expect(ticks.map((tick) => plain(tick.label))).toEqual(["23 Oct", "24 Oct", "25 Oct", "26 Oct", "27 Oct", "28 Oct", "29 Oct"]);
    expect(ticks.map((tick) => new Date(tick.at * 1000).toISOString().slice(11, 13))).toEqual(["22", "22", "22", "23", "23", "23", "23"]);
  });
});

const input = (points: Array<[number, number | null]>, more: Partial<LineInput> = {}): LineInput => ({ width: 480, height: 164, from: 0, to: 600, unit: "1", lines: [{ label: "a", points }], limits: [], firing: [], marks: [], timeZone: "UTC", ...more });
const every = (from: number, to: number, step: number, value: number | null = 1): Array<[number, number | null]> => Array.from({ length: (to - from) / step + 1 }, (_, n) => [from + n * step, value]);

describe("a line", () => {
  it("is broken where there is no data, and that is hatched", () => {
    const drawing = drawLines(input([...every(0, 200, 10), ...every(210, 300, 10, null), ...every(310, 600, 10)]));
    expect(drawing.paths[0]?.match(/M/g)?.length).toBe(2);
    expect(drawing.gaps.map((gap) => [gap.from, gap.to])).toEqual([[200, 310]]);
  });

  it("is broken where points are missing altogether, at the beginning too", () => {
    const drawing = drawLines(input([...every(200, 300, 10), ...every(400, 600, 10)]));
    expect(drawing.paths[0]?.match(/M/g)?.length).toBe(2);
    expect(drawing.gaps.map((gap) => [gap.from, gap.to])).toEqual([[0, 200], [300, 400]]);
  });

  it("has no gap where another line has data, and one of the whole window without any", () => {
    const both = drawLines(input([], { lines: [{ label: "a", points: every(0, 600, 10) }, { label: "b", points: every(0, 600, 10, null) }] }));
    expect(both.gaps).toEqual([]);
    expect(drawLines(input([])).gaps.map((gap) => [gap.from, gap.to])).toEqual([[0, 600]]);
    expect(drawLines(input(every(0, 600, 10, Number.NaN))).paths).toEqual([""]);
  });

  it("of one point is a dot", () => expect(drawLines(input([[300, 1]])).paths[0]).toMatch(/^M[\d.]+ [\d.]+h0\.1$/));

  it("stays within its field, with labels that do not cover each other", () => {
    const drawing = drawLines(input([], { lines: [{ label: "p50", points: every(0, 600, 10, 5) }, { label: "p95", points: every(0, 600, 10, 5.1) }], unit: "s" }));
    const [first, second] = drawing.ends;
    expect(Math.abs((first?.labelY ?? 0) - (second?.labelY ?? 0))).toBeGreaterThanOrEqual(13);
    for (const path of drawing.paths) for (const y of path.matchAll(/[ML][\d.]+ ([\d.]+)/g)) expect(Number(y[1])).toBeLessThanOrEqual(drawing.bottom);
  });

  it("shows thresholds, alarms and deployments where they are, and none outside", () => {
    const drawing = drawLines(input(every(0, 600, 10), { limits: [{ value: 3, label: "raise at 3" }], firing: [[500, null], [-90, -30], [-30, 60]], marks: [{ at: 300, label: "v1", hollow: false }, { at: 900, label: "v2", hollow: true }] }));
    expect(drawing.limits[0]?.y).toBe(drawing.y(3));
    expect(drawing.alarms.map((one) => [one.x, one.x + one.width])).toEqual([[drawing.x(500), drawing.right], [drawing.left, drawing.x(60)]]);
    expect(drawing.marks).toEqual([{ x: drawing.x(300), label: "v1", hollow: false }]);
  });

  it("does not let a share go beyond 100 %", () => expect(drawLines(input(every(0, 600, 10, 1.004), { unit: "ratio" })).ticksY.map((tick) => plain(tick.label))).toEqual(["0 %", "50 %", "100 %"]));

  it("gives the cross-hair its points", () => {
    const one = input([[0, 1], [300, 2], [600, null]]);
    const drawing = drawLines(one);
    expect(nearestTime(drawing, drawing.x(310))).toBe(300);
    expect(valuesAt(one.lines, 300)).toEqual([2]);
    expect(valuesAt(one.lines, 600)).toEqual([null]);
    expect(extent(one)).toEqual({ low: 1, high: 2 });
    expect(extent(input([]))).toBeNull();
  });

  it("is a table with empty cells, never zeros, where there is no data", () => {
    const lines = [{ label: "a", points: [[0, 1], [10, null]] as Array<[number, number | null]> }, { label: "b", points: [[10, 0]] as Array<[number, number | null]> }];
    expect(tableOf(lines, "time", String, null)).toEqual([["time", "a", "b"], ["0", "1", ""], ["10", "", "0"]]);
  });

  it("comes onto paper, with names from outside as text alone", () => {
    const drawing = drawLines(input(every(0, 600, 10), { lines: [{ label: "<b>", points: every(0, 600, 10) }, { label: "b", points: every(0, 600, 10, 2) }], marks: [{ at: 300, label: "v1", hollow: true }], firing: [[500, null]], limits: [{ value: 1, label: 'a"&' }] }));
    const svg = paperSvg(drawing, "Errors <script>", "4.8 %");
    const adopted = adoptSvg(svg);
    expect(adopted?.getAttribute("height")).toBe(String(paperHeight(drawing)));
    expect(adopted?.querySelector("script")).toBeNull();
    expect(adopted?.textContent).toContain("Errors <script>");
    expect(svg).toContain('stroke-dasharray="5 3"');
  });
});
