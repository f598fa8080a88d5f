/** What a new project's form checks before the engine does. */

/** `owner/name` from what people paste: the pair itself, an https or ssh address, with or without `.git`. Null if it is none. */
export function parseRepository(text: string): string | null {
  const trimmed = text.trim().replace(/[?#].*$/, "").replace(/\/+$/, "").replace(/\.git$/, "");
  const path = /^(?:https?:\/\/(?:www\.)?github\.com\/|git@github\.com:|ssh:\/\/git@github\.com\/)?([^/\s]+\/[^/\s]+)(?:\/.*)?$/.exec(trimmed)?.[1];
  return path?.split("/").every(isPart) ? path : null;
}

/** Whether an owner or a name is one that the Rust side takes. */
function isPart(part: string): boolean {
  return /^[A-Za-z0-9._-]{1,100}$/.test(part) && part !== "." && part !== "..";
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
