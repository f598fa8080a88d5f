/** Where a secret's value is and since when, in words. */
import type { CredentialPlace } from "$lib/api";
import { formatMoment, momentKind } from "$lib/i18n/dates";
import { t } from "$lib/i18n/index.svelte";

/** "in the keychain since 13 Nov", "in memory since 14:12". */
export function placeWords(place: CredentialPlace, setAt: string | null, now: Date, timeZone: string): string {
  const when = setAt ? formatMoment(setAt, now, timeZone) : "";
  return t(`place.${place}`, { when, since: setAt === null ? "no" : momentKind(setAt, now, timeZone) });
}

/** How a locked keychain is unlocked outside Jalon. */
export function howToUnlock(platform: string): string {
  return t(platform === "macos" ? "keychain.how_macos" : platform === "windows" ? "keychain.how_windows" : "keychain.unlock_linux");
}
