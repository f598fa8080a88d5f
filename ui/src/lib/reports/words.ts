/** Reports in words. */
import type { Candidate } from "$lib/api";
import { hasMessage, t } from "$lib/i18n/index.svelte";

/** What is missing on the cover: its name, and what to write into jalon.toml. */
export function missingWords(key: string): { name: string; what: string } {
  const short = key.replace(/^report\./, "");
  const id = `missing.${short}`;
  const what = `missing.${short}.what`;
  return { name: hasMessage(id) ? t(id) : short, what: hasMessage(what) ? t(what) : t("missing.other", { key: short }) };
}

/** A candidate as the choice shows it: the name, else the login. */
export function candidateName(candidate: Candidate): string {
  return candidate.name.trim() || candidate.login;
}

/** A file's name and the folder it is in, whatever the platform's separator. */
export function splitPath(path: string): { folder: string; file: string } {
  const at = Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\"));
  return { folder: path.slice(0, Math.max(at, 0)), file: path.slice(at + 1) };
}
