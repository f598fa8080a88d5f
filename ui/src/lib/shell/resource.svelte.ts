import { toWireError, type WireError } from "$lib/api";

/** Something fetched from the engine: what was last known stays in sight while it is fetched again. */
export class Resource<T> {
  /** Last answer. */
  data = $state.raw<T | null>(null);
  /** Why the last try failed, if it did. */
  error = $state.raw<WireError | null>(null);
  /** Whether an answer is awaited. */
  loading = $state(false);
  #turn = 0;
  #fetch: () => Promise<T>;

  constructor(fetch: () => Promise<T>) {
    this.#fetch = fetch;
  }

  /** Fetches again. Of overlapping fetches only the latest counts. */
  async load(): Promise<void> {
    const turn = ++this.#turn;
    this.loading = true;
    try {
      const data = await this.#fetch();
      if (turn === this.#turn) this.set(data);
    } catch (cause) {
      if (turn === this.#turn) this.error = toWireError(cause);
    } finally {
      if (turn === this.#turn) this.loading = false;
    }
  }

  /** Takes an answer that came with another command. */
  set(data: T): void {
    this.data = data;
    this.error = null;
  }

  /** Forgets everything, and answers still under way. */
  clear(): void {
    this.#turn += 1;
    this.data = null;
    this.error = null;
    this.loading = false;
  }
}
