/**
 * The boundary to the engine, and the only file that imports `@tauri-apps`.
 * Values cross as the generated wire types; failures always reject with a {@link WireError}.
 */
import { Channel, invoke } from "@tauri-apps/api/core";
import { listen } from "@tauri-apps/api/event";
import type { Commands, Progress, WireError } from "./generated";

export type * from "./generated";
export { ERROR_CODES } from "./generated";

/** What a caller of a long command can ask for. */
export interface CallOptions {
  /** Told about every step; never called after the call settled. */
  onProgress?: (progress: Progress) => void;
  /** Aborting asks the engine to cancel; the call then rejects with `engine.cancelled`. */
  signal?: AbortSignal;
}

/** A random 32-bit id: after a page reload the engine may still hold ids of the page before, some of them cancelled. */
function nextId(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
}

/** Runs one command of the engine. Rejects with a {@link WireError}, whatever went wrong. */
export async function call<N extends keyof Commands>(
  name: N,
  params: Commands[N]["params"],
  options: CallOptions = {},
): Promise<Commands[N]["result"]> {
  const id = nextId();
  const { onProgress, signal } = options;
  let settled = false;
  const cancel = () => void invoke("cancel", { id }).catch(() => {});
  try {
    const progress = new Channel<Progress>();
    progress.onmessage = (step) => {
      if (!settled) onProgress?.(step);
    };
    const answer = invoke<Commands[N]["result"]>("call", { id, name, params, progress });
    if (signal?.aborted) cancel();
    else signal?.addEventListener("abort", cancel, { once: true });
    return await answer;
  } catch (cause) {
    throw toWireError(cause);
  } finally {
    settled = true;
    signal?.removeEventListener("abort", cancel);
  }
}

/** Any rejection as a {@link WireError}: what is not one came from the bridge itself. */
export function toWireError(cause: unknown): WireError {
  if (typeof cause === "object" && cause !== null && "code" in cause && "message" in cause) {
    const error = cause as Partial<WireError>;
    return {
      code: String(error.code),
      params: error.params ?? {},
      message: String(error.message),
      hints: error.hints ?? [],
    };
  }
  return { code: "window.bridge", params: {}, message: String(cause), hints: [] };
}

/** Opens the platform's folder chooser; resolves to null when it was dismissed. */
export async function chooseFolder(title: string): Promise<string | null> {
  const { open } = await import("@tauri-apps/plugin-dialog");
  const chosen = await open({ directory: true, multiple: false, title });
  return typeof chosen === "string" ? chosen : null;
}

/** Opens the platform's dialog for naming a file to write; resolves to null when it was dismissed. Nothing is written. */
export async function chooseFile(title: string, path: string, kind: { name: string; extension: string }): Promise<string | null> {
  const { save } = await import("@tauri-apps/plugin-dialog");
  return save({ title, defaultPath: path, filters: [{ name: kind.name, extensions: [kind.extension] }] });
}

/** Opens a page in the person's browser. Addresses come from documents and from GitHub, hence https alone. */
export async function openUrl(url: string): Promise<boolean> {
  let address: URL;
  try {
    address = new URL(url);
  } catch {
    return false;
  }
  if (address.protocol !== "https:") return false;
  const opener = await import("@tauri-apps/plugin-opener");
  try {
    await opener.openUrl(address.href);
    return true;
  } catch {
    return false;
  }
}

/** Shows the window, which stays hidden until there is something to see. */
export async function windowReady(): Promise<void> {
  try {
    await invoke("window_ready");
  } catch {
    // Nothing here depends on the answer.
  }
}

/** Calls back after every sync that this window did not ask for. Returns what stops it. */
export async function onSynced(callback: (dir: string) => void): Promise<() => void> {
  return listen<{ dir: string }>("synced", (event) => callback(event.payload.dir));
}

/** Calls back after every look at a project: new samples, perhaps another alarm. Returns what stops it. */
export async function onMonitored(callback: (dir: string) => void): Promise<() => void> {
  return listen<{ dir: string }>("monitored", (event) => callback(event.payload.dir));
}
