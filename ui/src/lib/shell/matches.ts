/** Finding by what one types: every word must begin a word of the label; accents and case don't count. */
export function matches(query: string, label: string): boolean {
  const words = fold(label).split(/[^\p{L}\p{N}]+/u);
  return fold(query)
    .split(/\s+/)
    .filter(Boolean)
    .every((part) => words.some((word) => word.startsWith(part)) || fold(label).includes(` ${part}`));
}

function fold(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}
