import { call, type Provisioning, type StackEnvironment, type StackView } from "$lib/api";
import { Resource } from "$lib/shell/resource.svelte";

/** What is asked of the provisioning screen when it opens: one of its dialogs. */
export type StackAsk = { kind: "destroy"; stack: string; environment: string };

/** A stack in one of its environments. */
export interface Place { stack: StackView; at: StackEnvironment }

/** Stacks of the open project, in each environment. */
export class Stacks {
  readonly provisioning: Resource<Provisioning>;

  constructor(dir: () => string) {
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

  /** Reads them again. */
  async load(): Promise<void> {
    await this.provisioning.load();
  }

  /** Forgets the project before. */
  clear(): void {
    this.provisioning.clear();
  }
}
