/** Words of the interface: ICU messages in two languages, and which of them is on. */
import { IntlMessageFormat } from "intl-messageformat";
import en from "../../../messages/en.json";
import fr from "../../../messages/fr.json";
import type { Language } from "$lib/api";

/** Name of a message. Both files have the same ones; a test holds them to it. */
export type MessageKey = keyof typeof en;

/** Values of a message's arguments. */
export type MessageParams = Record<string, string | number | null | undefined>;

const TEXTS: Record<Language, Record<string, string>> = { en, fr };
/** BCP 47 tags behind the two languages: British dates, French of France. */
export const LOCALES: Record<Language, string> = { en: "en-GB", fr: "fr-FR" };

let language = $state<Language>(systemLanguage());
const formats = new Map<string, IntlMessageFormat>();

/** The system's language, as far as Jalon speaks it. */
export function systemLanguage(): Language {
  return typeof navigator !== "undefined" && navigator.language.toLowerCase().startsWith("fr") ? "fr" : "en";
}

/** The language that is on. */
export function currentLanguage(): Language {
  return language;
}

/** Switches the language; none means the system's. */
export function setLanguage(next: Language | null): void {
  language = next ?? systemLanguage();
  document.documentElement.lang = language;
}

/** A message in the language that is on. */
export function t(key: MessageKey, params: MessageParams = {}): string {
  return format(language, key, params);
}

/** A message in a given language. */
export function format(lang: Language, key: MessageKey, params: MessageParams = {}): string {
  const id = `${lang}:${key}`;
  let message = formats.get(id);
  if (!message) {
    message = new IntlMessageFormat(TEXTS[lang][key] ?? key, LOCALES[lang]);
    formats.set(id, message);
  }
  return String(message.format(params));
}

/** Whether a message of this name exists: codes come from outside. */
export function hasMessage(key: string): key is MessageKey {
  return key in en;
}
