/** Where everything of a line plot stands. Pure: one description for the window and for paper. */
import type { Tick, Unit } from "./scale";
import { timeTicks, valueTicks, valueWords } from "./scale";

/** A line: points `[seconds since 1970, value]`, oldest first; null where there is no data. */
export interface Line { label: string; points: ReadonlyArray<readonly [number, number | null]> }
/** A threshold, and what is written at it. */
export interface Limit { value: number; label: string }
/** Something that happened, on the time axis. */
export interface Mark { at: number; label: string; hollow: boolean }

/** What is drawn. */
export interface LineInput {
  /** Width in pixels. */
  width: number;
  height: number;
  /** Window, seconds since 1970. */
  from: number;
  to: number;
  unit: Unit;
  lines: readonly Line[];
  limits: readonly Limit[];
  /** Times `[from, to]` in which an alarm was firing; to null while it is. */
  firing: ReadonlyArray<readonly [number, number | null]>;
  marks: readonly Mark[];
  timeZone: string;
}

/** A drawing of it. All in pixels, y downwards. */
export interface LineDrawing {
  width: number;
  height: number;
  /** Edges of the plot's field. */
  left: number;
  right: number;
  top: number;
  bottom: number;
  ticksY: Array<{ y: number; label: string }>;
  ticksX: Array<{ x: number; label: string }>;
  /** One path a line, broken where data is missing. */
  paths: string[];
  /** Last value of each line, where it has one within the window; label beside it, where there are several lines. */
  ends: Array<{ line: number; x: number; y: number; label: string; labelX: number; labelY: number }>;
  alarms: Array<{ x: number; width: number }>;
  gaps: Array<{ x: number; width: number; from: number; to: number }>;
  limits: Array<{ y: number; label: string; labelY: number }>;
  marks: Array<{ x: number; label: string; hollow: boolean }>;
  /** Times of all points, oldest first: where the cross-hair stops. */
  times: number[];
  /** Pixels of a time, and of a value. */
  x: (at: number) => number;
  y: (value: number) => number;
}

/** More than so many usual distances without a point are a gap. */
const GAP = 2.5;
const round = (n: number) => Math.round(n * 10) / 10;

/** Works the drawing out. */
export function drawLines(input: LineInput): LineDrawing {
  const { width, height, from, to, unit, lines } = input;
  const values = lines.flatMap((line) => line.points.flatMap(([at, value]) => (value !== null && Number.isFinite(value) && at >= from && at <= to ? [value] : [])));
  const most = Math.max(...values, ...input.limits.map((limit) => limit.value), unit === "ratio" && values.length === 0 ? 0.01 : 0);
  // Room above a line that lies at its own top tick, as a share of 100 % does.
  const ticks: Tick[] = valueTicks(Math.min(...values, 0), Number.isFinite(most) ? most : 1, unit);
  const lowest = ticks[0]?.at ?? 0;
  const highest = ticks.at(-1)?.at ?? 1;
  const left = Math.max(38, Math.ceil(Math.max(...ticks.map((tick) => tick.label.length)) * 6.4) + 12);
  const right = Math.max(left + 40, width - 4);
  const top = 14;
  const bottom = height - 24;
  const x = (at: number) => round(left + ((Math.min(to, Math.max(from, at)) - from) / Math.max(1, to - from)) * (right - left));
  const y = (value: number) => round(bottom - ((value - lowest) / (highest - lowest || 1)) * (bottom - top));
  const times = [...new Set(lines.flatMap((line) => line.points.map(([at]) => at)))].filter((at) => at >= from && at <= to).sort((a, b) => a - b);
  const paths = lines.map((line) => pathOf(line, from, to, typical(line.points.map(([at]) => at)), x, y));
  return {
    width, height, left, right, top, bottom, x, y, times, paths,
    ticksY: ticks.map((tick) => ({ y: y(tick.at), label: tick.label })),
    ticksX: timeTicks(from, to, Math.floor((right - left) / 84), input.timeZone).map((tick) => ({ x: x(tick.at), label: tick.label })).filter((tick) => tick.x > left + 12 && tick.x < right - 12),
    ends: endsOf(lines, from, to, x, y, top, right),
    alarms: input.firing.flatMap(([start, end]) => {
      if (start > to || (end !== null && end < from)) return [];
      const at = x(start);
      return [{ x: at, width: Math.max(2, round(x(end ?? to) - at)) }];
    }),
    gaps: gapsOf(lines, times, from, to).map(([start, end]) => ({ x: x(start), width: round(x(end) - x(start)), from: start, to: end })).filter((gap) => gap.width >= 1),
    limits: input.limits.filter((limit) => limit.value >= lowest && limit.value <= highest).map((limit) => {
      const at = y(limit.value);
      return { y: at, label: limit.label, labelY: at - 4 < top + 8 ? at + 12 : at - 4 };
    }),
    marks: input.marks.filter((mark) => mark.at >= from && mark.at <= to).map((mark) => ({ x: x(mark.at), label: mark.label, hollow: mark.hollow })),
  };
}

/** The usual distance between points: their median. */
function typical(times: readonly number[]): number {
  const distances = times.slice(1).map((at, n) => at - (times[n] ?? at)).filter((one) => one > 0).sort((a, b) => a - b);
  return distances[Math.floor(distances.length / 2)] ?? Infinity;
}

function pathOf(line: Line, from: number, to: number, usual: number, x: (at: number) => number, y: (value: number) => number): string {
  let path = "";
  let last: number | null = null;
  let alone = false;
  for (const [at, value] of line.points) {
    if (at < from || at > to || value === null || !Number.isFinite(value)) { if (value === null) last = null; continue; }
    if (last === null || at - last > usual * GAP) {
      // A point alone is a dot: the round end of a line without length.
      if (alone) path += "h0.1";
      path += `M${x(at)} ${y(value)}`;
      alone = true;
    } else {
      path += `L${x(at)} ${y(value)}`;
      alone = false;
    }
    last = at;
  }
  return alone ? `${path}h0.1` : path;
}

/** Where no line has data: from the last point before to the first after. The newest moments are still on their way. */
function gapsOf(lines: readonly Line[], times: readonly number[], from: number, to: number): Array<[number, number]> {
  const known = [...new Set(lines.flatMap((line) => line.points.flatMap(([at, value]) => (value !== null && Number.isFinite(value) && at >= from && at <= to ? [at] : []))))].sort((a, b) => a - b);
  if (known.length === 0) return [[from, to]];
  const usual = Math.min(typical(times), typical(known), (to - from) / 4);
  const gaps: Array<[number, number]> = [];
  let before = from;
  known.forEach((at, n) => {
    if (at - before > usual * GAP) gaps.push([n === 0 ? from : before, at]);
    before = at;
  });
  if (to - before > usual * GAP * 2) gaps.push([before, to]);
  return gaps;
}

function endsOf(lines: readonly Line[], from: number, to: number, x: (at: number) => number, y: (value: number) => number, top: number, right: number): LineDrawing["ends"] {
  const ends: LineDrawing["ends"] = [];
  lines.forEach((line, n) => {
    const last = [...line.points].reverse().find(([at, value]) => value !== null && Number.isFinite(value) && at >= from && at <= to);
    if (!last || last[1] === null) return;
    const at = { x: x(last[0]), y: y(last[1]) };
    ends.push({ line: n, ...at, label: lines.length > 1 ? line.label : "", labelX: Math.min(at.x - 10, right - 10), labelY: Math.max(top + 4, at.y - 9) });
  });
  // Labels that would cover each other: the lower one goes under its line.
  const byHeight = [...ends].sort((a, b) => a.labelY - b.labelY);
  byHeight.forEach((end, n) => {
    const above = byHeight[n - 1];
    if (above && end.labelY - above.labelY < 13) end.labelY = Math.max(end.y + 16, above.labelY + 13);
  });
  return ends;
}

/** The point of the cross-hair nearest to a pixel. */
export function nearestTime(drawing: LineDrawing, x: number): number | null {
  let best: number | null = null;
  for (const at of drawing.times) if (best === null || Math.abs(drawing.x(at) - x) < Math.abs(drawing.x(best) - x)) best = at;
  return best;
}

/** What every line has at a time, or nearest to it within a usual distance; null where there is no data. */
export function valuesAt(lines: readonly Line[], at: number): Array<number | null> {
  return lines.map((line) => {
    const reach = typical(line.points.map(([time]) => time)) * 0.75;
    let best: readonly [number, number | null] | null = null;
    for (const point of line.points) if (Math.abs(point[0] - at) <= reach && (best === null || Math.abs(point[0] - at) < Math.abs(best[0] - at))) best = point;
    const value = best?.[1] ?? null;
    return value !== null && Number.isFinite(value) ? value : null;
  });
}

/** Lowest and highest value within the window; none without data. */
export function extent(input: Pick<LineInput, "lines" | "from" | "to">): { low: number; high: number } | null {
  const values = input.lines.flatMap((line) => line.points.flatMap(([at, value]) => (value !== null && Number.isFinite(value) && at >= input.from && at <= input.to ? [value] : [])));
  return values.length === 0 ? null : { low: Math.min(...values), high: Math.max(...values) };
}

/** The plot as a table: time, then a column a line; empty where there is no data. */
export function tableOf(lines: readonly Line[], head: string, clock: (at: number) => string, unit: Unit | null): string[][] {
  const times = [...new Set(lines.flatMap((line) => line.points.map(([at]) => at)))].sort((a, b) => a - b);
  const columns = lines.map((line) => new Map(line.points));
  return [
    [head, ...lines.map((line) => line.label)],
    ...times.map((at) => [clock(at), ...columns.map((column) => { const value = column.get(at) ?? null; return value === null || !Number.isFinite(value) ? "" : unit === null ? String(value) : valueWords(value, unit); })]),
  ];
}
