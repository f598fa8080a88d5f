import { call, type KpiQuery, type Kpis } from "$lib/api";
import { Resource } from "$lib/shell/resource.svelte";

/** What the KPIs screen shows, and of which environment and days. It is kept while other screens are in sight. */
export class KpiBoard {
  /** Environment; none means all of production. */
  environment = $state<string | null>(null);
  /** First day, `YYYY-MM-DD`; none means the project's first. */
  from = $state<string | null>(null);
  /** Day after the last, `YYYY-MM-DD`; none means now. */
  to = $state<string | null>(null);
  /** The KPI that is explained. */
  chosen = $state<string | null>(null);
  readonly kpis: Resource<Kpis>;
  #dir: () => string;

  constructor(dir: () => string) {
    this.#dir = dir;
    this.kpis = new Resource(() => call("kpis", this.query));
  }

  /** The question, as the engine takes it. */
  get query(): KpiQuery {
    return {
      dir: this.#dir(),
      ...(this.environment === null ? {} : { environment: this.environment }),
      ...(this.from === null ? {} : { from: this.from }),
      ...(this.to === null ? {} : { to: this.to }),
    };
  }

  /** Reads the KPIs again. */
  async load(): Promise<void> {
    await this.kpis.load();
  }

  /** Forgets the project before. */
  clear(): void {
    this.environment = null;
    this.from = null;
    this.to = null;
    this.chosen = null;
    this.kpis.clear();
  }
}
