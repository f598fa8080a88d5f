/** Cutting text so that what tells things apart stays. */

/** Cuts in the middle, at most `max` characters, keeping a bit more of the beginning. */
export function truncateMiddle(text: string, max: number): string {
  const chars = Array.from(text);
  if (chars.length <= max) return text;
  if (max <= 1) return "…";
  const tail = Math.floor((max - 1) * 0.4);
  const head = max - 1 - tail;
  const start = chars.slice(0, head).join("").trimEnd();
  const end = tail > 0 ? chars.slice(-tail).join("").trimStart() : "";
  return `${start}…${end}`;
}

const TRAILING = new Set(["and", "of", "the", "to", "for", "a", "an", "with", "et", "de", "des", "du", "la", "le", "les", "à", "en", "pour", "&", "-", "–"]);

/** The first words of a title, as a stage bar has room for: whole words, no trailing "and". */
export function firstWords(title: string, max: number): string {
  if (title.length <= max) return title;
  const words = title.split(/\s+/);
  const kept: string[] = [];
  for (const word of words) {
    const length = [...kept, word].join(" ").length;
    if (kept.length > 0 && length > max) break;
    kept.push(word);
  }
  while (kept.length > 1 && TRAILING.has((kept.at(-1) ?? "").toLowerCase())) kept.pop();
  return kept.join(" ").replace(/[,;:.–-]+$/u, "");
}

/** Letter on the disc of a login: the part after the last hyphen tells teammates apart ("student-a" → "A"). */
export function initialOf(login: string): string {
  const last = login.split("-").filter(Boolean).at(-1) ?? login;
  return (Array.from(last)[0] ?? "?").toUpperCase();
}
