import { call, toWireError, type LogLine, type RunDetail, type RunUpdate, type WireError } from "$lib/api";

/** Most lines of a log that are kept for showing; a service that floods its log must not fill the window's memory. */
export const MAX_LINES = 20_000;
/** How long answers that come at once are gathered, ms. */
const GATHER_MS = 60;
/** How often a failed question is asked again before it is shown as failed. */
const TRIES = 4;

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** What is known of one run, kept fresh by asking the engine for what is new until it has ended. */
export class RunFeed {
  readonly id: string;
  /** The run, once the first answer is here. */
  detail = $state.raw<RunDetail | null>(null);
  /** Its log, oldest first, at most {@link MAX_LINES}. */
  lines = $state.raw<LogLine[]>([]);
  /** Lines of the beginning that are no longer kept. */
  dropped = $state(0);
  /** Why nothing more comes, if it does not. */
  error = $state.raw<WireError | null>(null);
  /** Whether the run has ended and all of its log is here. */
  ended = $state(false);
  #from = 0;
  #revision = 0;
  #controller: AbortController | null = null;

  constructor(id: string) {
    this.id = id;
  }

  /** Whether it is being asked about. */
  get watching(): boolean {
    return this.#controller !== null;
  }

  /** Asks until the run has ended, or waits for a person. `onchange` is told about every answer. */
  async watch(onchange: (feed: RunFeed) => void = () => {}): Promise<void> {
    if (this.#controller || this.ended) return;
    const controller = new AbortController();
    this.#controller = controller;
    this.error = null;
    let failures = 0;
    while (!controller.signal.aborted && !this.ended) {
      try {
        const update = await call("run_watch", { id: this.id, from: this.#from, revision: this.#revision }, { signal: controller.signal });
        if (controller.signal.aborted) break;
        failures = 0;
        this.#take(update);
        onchange(this);
        // Nothing is new until a person has confirmed: whoever asks for that follows it again.
        if (update.waits) break;
        if (!this.ended) await pause(GATHER_MS);
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

  #take(update: RunUpdate): void {
    this.detail = update.run;
    this.#revision = update.revision;
    if (update.lines.length > 0) {
      const all = [...this.lines, ...update.lines];
      const over = Math.max(0, all.length - MAX_LINES);
      this.lines = over > 0 ? all.slice(over) : all;
      this.dropped += over;
    }
    this.#from = update.next;
    this.ended = update.ended;
  }

  /** Takes what another answer said of the run. */
  set(detail: RunDetail): void {
    this.detail = detail;
  }

  /** Stops asking. The run goes on. */
  stop(): void {
    this.#controller?.abort();
    this.#controller = null;
  }
}
