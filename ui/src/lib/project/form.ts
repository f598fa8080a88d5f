/** What a new project's form checks before the engine does. */

/** `owner/name` from what people paste: the pair itself, an https or ssh address, with or without `.git`. Null if it is none. */
export function parseRepository(text: string): string | null {
  const trimmed = text.trim().replace(/\.git$/, "").replace(/\/+$/, "");
  const path = /^(?:https?:\/\/(?:www\.)?github\.com\/|git@github\.com:|ssh:\/\/git@github\.com\/)?([^/\s]+\/[^/\s]+)(?:\/.*)?$/.exec(trimmed)?.[1];
  if (!path) return null;
  return /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})\/[A-Za-z0-9._-]{1,100}$/.test(path) ? path : null;
}

/** Whether this engine knows the IANA zone. The Rust side decides in the end. */
export function isTimeZone(text: string): boolean {
  if (text.trim() === "") return false;
  try {
    new Intl.DateTimeFormat("en", { timeZone: text.trim() });
    return true;
  } catch {
    return false;
  }
}

/** Time zones to choose from. */
export function timeZones(): string[] {
  return typeof Intl.supportedValuesOf === "function" ? Intl.supportedValuesOf("timeZone") : ["Europe/Paris", "UTC"];
}
