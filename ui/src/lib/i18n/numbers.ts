/** Small numbers as words, for sentences that would otherwise begin with a figure. */
import { currentLanguage } from "./index.svelte";

const WORDS = {
  en: ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"],
  // Feminine: what is counted in sentences are stages (étapes).
  fr: ["aucune", "une", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix", "onze", "douze"],
} as const;

/** "three", "trois"; figures above twelve. `start` gives the capital. */
export function numberWord(n: number, start = false, lang = currentLanguage()): string {
  const word = WORDS[lang][n] ?? String(n);
  return start ? word.charAt(0).toUpperCase() + word.slice(1) : word;
}
