import type { WireError } from "$lib/api";

/** After how long it is said what is being done, ms. */
export const SLOW_MS = 1000;

/** Work of the engine that may take over a second: when it began, and what cancels it. */
export class Running {
  /** When it began, ms since the epoch; null while nothing runs. */
  since = $state<number | null>(null);
  /** Whether it has run for longer than {@link SLOW_MS}. */
  slow = $state(false);
  #controller: AbortController | null = null;

  /** Whether something runs. */
  get busy(): boolean {
    return this.since !== null;
  }

  /** Runs the work and settles as it does. Of overlapping work the last one counts. */
  async run<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const controller = new AbortController();
    this.#controller = controller;
    this.since = Date.now();
    this.slow = false;
    const timer = setTimeout(() => {
      if (this.#controller === controller) this.slow = true;
    }, SLOW_MS);
    try {
      return await work(controller.signal);
    } finally {
      clearTimeout(timer);
      if (this.#controller === controller) {
        this.#controller = null;
        this.since = null;
        this.slow = false;
      }
    }
  }

  /** Asks the engine to cancel; the work then rejects with `engine.cancelled`. */
  cancel(): void {
    this.#controller?.abort();
  }
}

/** Whether work ended because the person cancelled it, which is no failure. */
export function wasCancelled(error: WireError): boolean {
  return error.code === "engine.cancelled";
}
