/** Finding by what one types: every word must begin a word of the label; accents and case don't count. */
export function matches(query: string, label: string): boolean {
  const words = fold(label).split(/[^\p{L}\p{N}]+/u);
  return fold(query)
    .split(/\s+/)
    .filter(Boolean)
    .every((part) => words.some((word) => word.startsWith(part)) || fold(label).includes(` ${part}`));
}

/** A label in pieces, those that were typed marked. Only beginnings of words are. */
export function pieces(label: string, query: string): Array<{ text: string; hit: boolean }> {
  const parts = fold(query).split(/\s+/).filter(Boolean).sort((a, b) => b.length - a.length);
  // Folding may change lengths ("é" in two characters): then nothing is marked rather than the wrong letters.
  const folded = fold(label);
  if (parts.length === 0 || folded.length !== label.length) return [{ text: label, hit: false }];
  const found: Array<{ text: string; hit: boolean }> = [];
  let from = 0;
  for (let at = 0; at < label.length; ) {
    const begins = at === 0 || !/[\p{L}\p{N}]/u.test(label[at - 1] ?? "");
    const part = begins ? parts.find((one) => folded.startsWith(one, at)) : undefined;
    if (part === undefined) { at += 1; continue; }
    if (at > from) found.push({ text: label.slice(from, at), hit: false });
    found.push({ text: label.slice(at, at + part.length), hit: true });
    at += part.length;
    from = at;
  }
  if (from < label.length) found.push({ text: label.slice(from), hit: false });
  return found;
}

function fold(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}
