import { call, type Provisioning, type StackEnvironment, type StackView, type WireError } from "$lib/api";
import { Resource } from "$lib/shell/resource.svelte";

/** What is asked of the provisioning screen when it opens: its dialog, or to say why a plan was refused. */
export type StackAsk = { kind: "destroy"; stack: string; environment: string } | { kind: "refused"; error: WireError };

/** A stack in one of its environments. */
export interface Place { stack: StackView; at: StackEnvironment }

/** Stacks of the open project, in each environment. */
export class Stacks {
  readonly provisioning: Resource<Provisioning>;

  #dir: () => string;

  constructor(dir: () => string) {
    this.#dir = dir;
    this.provisioning = new Resource(() => call("provisioning", { dir: dir() }));
  }

  /** Every stack in every environment, in jalon.toml's order. */
  get places(): Place[] {
    return this.provisioning.data?.stacks.flatMap((stack) => stack.environments.map((at) => ({ stack, at }))) ?? [];
  }

  /** How many plans wait for confirmation. */
  get waiting(): number {
    return this.places.filter(({ at }) => at.waiting !== null).length;
  }

  /** Whether a stack is being worked on. */
  get busy(): boolean {
    return this.places.some(({ at }) => at.running !== null);
  }

  /** Reads them again. */
  async load(): Promise<void> {
    await this.provisioning.load();
  }

  /** Starts planning, or looking for drift. Resolves to the run; rejects with the reason. */
  async plan(stack: string, environment: string, mode: "apply" | "destroy" | "drift"): Promise<string | null> {
    const started = await call("provision_plan", { dir: this.#dir(), stack, environment, ...(mode === "apply" ? {} : { mode }) });
    void this.load();
    return started.run;
  }

  /** Forgets the project before. */
  clear(): void {
    this.provisioning.clear();
  }
}
