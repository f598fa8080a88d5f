/**
 * Takes a drawing from the engine into the page. It was made by Jalon, but labels in it come from repositories; only what
 * a plot needs is adopted, element by element: nothing that runs, loads or points elsewhere.
 */

const SVG = "http://www.w3.org/2000/svg";
const ELEMENTS = new Set(["svg", "g", "rect", "line", "polyline", "polygon", "path", "circle", "text", "tspan", "title", "defs", "pattern", "clipPath"]);
const ATTRIBUTES = new Set([
  "x", "y", "x1", "y1", "x2", "y2", "cx", "cy", "r", "rx", "ry", "dx", "dy", "width", "height", "d", "points", "transform", "viewBox", "id",
  "fill", "fill-opacity", "fill-rule", "stroke", "stroke-width", "stroke-opacity", "stroke-dasharray", "stroke-dashoffset", "stroke-linecap", "stroke-linejoin", "stroke-miterlimit",
  "opacity", "font-family", "font-size", "font-weight", "font-style", "font-variant-numeric", "letter-spacing", "text-anchor", "dominant-baseline", "alignment-baseline",
  "clip-path", "clip-rule", "clipPathUnits", "patternUnits", "patternContentUnits", "patternTransform", "preserveAspectRatio", "shape-rendering",
]);
/** A reference within the same drawing: the one use of url() that is let through. */
const LOCAL = /^url\(\s*["']?#([\w.-]+)["']?\s*\)$/;

let drawings = 0;

/** The drawing as elements of this page, or null if it cannot be read. Ids get a prefix of their own: two plots must not share them. */
export function adoptSvg(source: string): SVGSVGElement | null {
  const parsed = new DOMParser().parseFromString(source, "image/svg+xml");
  const root = parsed.documentElement;
  if (root.localName !== "svg" || root.namespaceURI !== SVG || parsed.querySelector("parsererror")) return null;
  drawings += 1;
  const adopted = adopt(root, `plot${drawings}-`);
  return adopted as SVGSVGElement | null;
}

function adopt(from: Element, prefix: string): Element | null {
  if (from.namespaceURI !== SVG || !ELEMENTS.has(from.localName)) return null;
  const to = document.createElementNS(SVG, from.localName);
  for (const { name, value } of Array.from(from.attributes)) {
    const safe = ATTRIBUTES.has(name) ? safeValue(name, value, prefix) : null;
    if (safe !== null) to.setAttribute(name, safe);
  }
  for (const child of Array.from(from.childNodes)) {
    if (child.nodeType === Node.TEXT_NODE) to.append(child.textContent ?? "");
    else if (child.nodeType === Node.ELEMENT_NODE) {
      const kept = adopt(child as Element, prefix);
      if (kept) to.append(kept);
    }
  }
  return to;
}

function safeValue(name: string, value: string, prefix: string): string | null {
  if (name === "id") return /^[\w.-]+$/.test(value) ? prefix + value : null;
  const local = LOCAL.exec(value.trim());
  if (local) return `url(#${prefix}${local[1]})`;
  return /url\s*\(|[a-z]+script\s*:|data\s*:|@import|expression\s*\(|\\/i.test(value) ? null : value;
}

/** The drawing as a file of its own. */
export function svgText(drawing: SVGSVGElement): string {
  return new XMLSerializer().serializeToString(drawing);
}

/** The drawing as a picture of twice its size, on white. Null where the window cannot draw it. */
export async function svgPicture(drawing: SVGSVGElement, width: number, height: number): Promise<Blob | null> {
  const image = new Image();
  const loaded = new Promise<boolean>((resolve) => {
    image.onload = () => resolve(true);
    image.onerror = () => resolve(false);
  });
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svgText(drawing))}`;
  if (!(await loaded)) return null;
  const canvas = document.createElement("canvas");
  canvas.width = width * 2;
  canvas.height = height * 2;
  const context = canvas.getContext("2d");
  if (!context) return null;
  context.fillStyle = "white";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
}

/** A table as CSV (RFC 4180). What a spreadsheet would compute stays text: labels come from repositories. */
export function csvText(table: string[][]): string {
  const cell = (text: string) => {
    const safe = /^[=+@\t\r]|^-(?![\d.])/.test(text) ? `'${text}` : text;
    return /[",\r\n;]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  return `${table.map((row) => row.map(cell).join(",")).join("\r\n")}\r\n`;
}
