/** A line plot for paper and slides: white ground, text black, the same dashes and hatching. */
import type { LineDrawing } from "./line";

/** Colours of print, as the light theme has them. */
const INK = { text: "#1e1d1b", axis: "#56544f", grid: "#e3e1dc", alarm: "#cf3a17", limit: "#b02a0e", hatch: "#b9b5ad", series: ["#2b54c9", "#d0680f", "#128a72", "#8d4a9a"] };
/** Dashes of the series, in order: solid, dashed, solid, dotted. */
export const DASHES = ["", "5 3", "", "1 3.5"] as const;
const HEAD = 26;
const FONT = 'font-family="Inter, sans-serif"';

const escaped = (text: string) => text.replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c] ?? c);

/** The drawing as an SVG file, with its title and last value above. */
export function paperSvg(drawing: LineDrawing, title: string, figure: string): string {
  const d = drawing;
  const text = (x: number, y: number, words: string, more = "") => `<text x="${x}" y="${y}" ${FONT} font-size="11" fill="${INK.axis}" ${more}>${escaped(words)}</text>`;
  const body = [
    ...d.ticksY.map((tick) => `<line x1="${d.left}" y1="${tick.y}" x2="${d.right}" y2="${tick.y}" stroke="${INK.grid}" stroke-width="1"/>${text(d.left - 8, tick.y + 4, tick.label, 'text-anchor="end"')}`),
    ...d.alarms.map((one) => `<rect x="${one.x}" y="${d.top}" width="${one.width}" height="${d.bottom - d.top}" fill="${INK.alarm}" fill-opacity="0.09"/>`),
    ...d.gaps.map((one) => `<rect x="${one.x}" y="${d.top}" width="${one.width}" height="${d.bottom - d.top}" fill="url(#hatch)"/>`),
    ...d.limits.map((one) => `<line x1="${d.left}" y1="${one.y}" x2="${d.right}" y2="${one.y}" stroke="${INK.limit}" stroke-width="1.25" stroke-dasharray="2 3"/>${text(d.left + 4, one.labelY, one.label).replace(INK.axis, INK.limit)}`),
    ...d.paths.map((path, n) => `<path d="${path}" fill="none" stroke="${INK.series[n % 4]}" stroke-width="1.75" stroke-linejoin="round" stroke-linecap="round"${DASHES[n % 4] ? ` stroke-dasharray="${DASHES[n % 4]}"` : ""}/>`),
    ...d.ends.map((one) => `<circle cx="${one.x}" cy="${one.y}" r="3.5" fill="${INK.series[one.line % 4]}"/>${one.label ? text(one.labelX, one.labelY, one.label, 'text-anchor="end" font-weight="500"') : ""}`),
    ...d.marks.map((one) => `<line x1="${one.x}" y1="${d.top}" x2="${one.x}" y2="${d.bottom}" stroke="${INK.axis}" stroke-width="1" stroke-dasharray="1 3" stroke-linecap="round"/><path d="M${one.x - 4} ${d.bottom + 1}h8l-4 -6z" fill="${one.hollow ? "white" : INK.axis}" stroke="${INK.axis}"/>`),
    ...d.ticksX.map((tick) => text(tick.x, d.height - 7, tick.label, 'text-anchor="middle"')),
  ].join("");
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${d.width}" height="${d.height + HEAD}" viewBox="0 0 ${d.width} ${d.height + HEAD}"><title>${escaped(title)}</title><defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><path d="M0 0V6" stroke="${INK.hatch}" stroke-width="1.5"/></pattern></defs><rect width="${d.width}" height="${d.height + HEAD}" fill="white"/><text x="0" y="16" ${FONT} font-size="13" font-weight="600" fill="${INK.text}">${escaped(title)}</text><text x="${d.width}" y="17" ${FONT} font-size="16" font-weight="600" text-anchor="end" fill="${INK.text}">${escaped(figure)}</text><g transform="translate(0 ${HEAD})">${body}</g></svg>`;
}

/** Height of a drawing on paper. */
export const paperHeight = (drawing: LineDrawing) => drawing.height + HEAD;
