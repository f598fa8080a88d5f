/** Words for what was odd about the plan: `diagnostic.<code>` says what it means and what to do. */
import type { PlanDiagnostic } from "$lib/api";
import { hasMessage, t } from "$lib/i18n/index.svelte";
import { truncateMiddle } from "$lib/i18n/text";

/** Longest part of the document that a sentence quotes, in characters. */
const EXCERPT = 80;
/** With these nothing or next to nothing of the document was read. */
const UNREAD = new Set(["plan.empty", "plan.binary", "plan.too_large", "plan.no_stage"]);

/** A diagnostic in words; codes of a newer engine fall back to its English sentence. */
export function diagnosticWords(found: PlanDiagnostic): { text: string; english: boolean } {
  const key = `diagnostic.${found.code}`;
  if (!hasMessage(key)) return { text: found.message, english: true };
  // A path is no use when cut.
  const excerpt = isFile(found) ? found.excerpt : truncateMiddle(found.excerpt.trim(), EXCERPT);
  return { text: t(key, { excerpt: excerpt || "…" }), english: false };
}

/** Whether it is about a file of its own rather than a place in the document. */
export function isFile(found: PlanDiagnostic): boolean {
  return found.code.startsWith("stage.");
}

/** Whether the rest of the document was read all the same. */
export function restWasRead(diagnostics: PlanDiagnostic[]): boolean {
  return !diagnostics.some((found) => UNREAD.has(found.code));
}
