import { call, toWireError, type ClusterView, type WireError } from "$lib/api";

/** How long answers that come at once are gathered, ms. */
const GATHER_MS = 60;
/** How often a failed question is asked again before it is shown as failed. */
const TRIES = 4;

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Which service in which environment. */
export interface Which { dir: string; service: string; environment: string }

/** A service on a cluster, kept fresh by asking the engine for what is new while it is in sight. */
export class ClusterFeed {
  /** What was last answered. */
  view = $state.raw<ClusterView | null>(null);
  /** Why nothing more comes, if it does not. */
  error = $state.raw<WireError | null>(null);
  #which: Which;
  #controller: AbortController | null = null;

  constructor(which: Which) {
    this.#which = which;
  }

  /** Asks until it is stopped. */
  async watch(): Promise<void> {
    if (this.#controller) return;
    const controller = new AbortController();
    this.#controller = controller;
    this.error = null;
    let failures = 0;
    while (!controller.signal.aborted) {
      try {
        const view = await call("cluster_watch", { ...this.#which, revision: this.view?.revision ?? 0 }, { signal: controller.signal });
        if (controller.signal.aborted) break;
        failures = 0;
        this.view = view;
        await pause(GATHER_MS);
      } catch (cause) {
        if (controller.signal.aborted) break;
        failures += 1;
        if (failures >= TRIES) {
          this.error = toWireError(cause);
          break;
        }
        await pause(250 * failures);
      }
    }
    if (this.#controller === controller) this.#controller = null;
  }

  /** Stops asking. */
  stop(): void {
    this.#controller?.abort();
    this.#controller = null;
  }
}
