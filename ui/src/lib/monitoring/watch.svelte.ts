import { call, type Alarms, type Monitoring } from "$lib/api";
import { t } from "$lib/i18n/index.svelte";
import { Resource } from "$lib/shell/resource.svelte";
import { isLoud } from "./words";

/** Ranges that can be shown, in seconds. */
export const RANGES = [3600, 21_600, 86_400, 604_800] as const;
/** How often the screen is read again where nothing says how often samples come, seconds. */
const AGAIN_S = 15;

/** What the window around it offers. */
export interface Around {
  /** Folder of the open project. */
  dir: () => string;
  /** Says something at once. */
  alert: (text: string) => void;
}

/** Signals and alarms of the open project, and which part of them is shown. It is kept while other screens are in sight. */
export class Watch {
  /** Service; none means the first. */
  service = $state<string | null>(null);
  /** Environment; none means production. */
  environment = $state<string | null>(null);
  /** Seconds up to now. */
  range = $state<number>(RANGES[0]);
  /** Whether a person stopped the refresh, to look at what is there. */
  paused = $state(false);
  /** Pixels of a plot. */
  width = 600;
  readonly monitoring: Resource<Monitoring>;
  readonly alarms: Resource<Alarms>;
  #around: Around;
  /** Alarms that were told; none before the first look. */
  #told: Set<string> | null = null;

  constructor(around: Around) {
    this.#around = around;
    this.monitoring = new Resource(() => call("monitoring", {
      dir: around.dir(), range: this.range, width: this.width,
      ...(this.service === null ? {} : { service: this.service }), ...(this.environment === null ? {} : { environment: this.environment }),
    }));
    this.alarms = new Resource(() => call("alarms", { dir: around.dir() }));
  }

  /** How many alarms ring: silenced ones do not. */
  get firing(): number {
    return this.alarms.data?.alarms.filter(isLoud).length ?? 0;
  }

  /** Seconds between two looks: as often as samples come, within reason. */
  get every(): number {
    const interval = this.monitoring.data?.source.interval ?? AGAIN_S;
    return Math.min(60, Math.max(5, interval));
  }

  /** Reads what the screen shows. */
  async load(): Promise<void> {
    await Promise.all([this.monitoring.load(), this.look()]);
  }

  /** Reads the alarms, and tells at once which of them are new. */
  async look(): Promise<void> {
    await this.alarms.load();
    if (this.alarms.data) this.take(this.alarms.data);
  }

  /** Takes alarms that came with another answer. */
  take(alarms: Alarms): void {
    this.alarms.set(alarms);
    const loud = alarms.alarms.filter(isLoud);
    for (const alarm of loud) {
      if (this.#told === null || this.#told.has(alarm.id)) continue;
      this.#around.alert(t("alarm.announce", { name: alarm.name, environment: alarm.environment ?? "", has: alarm.environment === null ? "no" : "yes" }));
    }
    this.#told = new Set(loud.map((alarm) => alarm.id));
  }

  /** Forgets the project before. */
  clear(): void {
    this.service = null;
    this.environment = null;
    this.paused = false;
    this.#told = null;
    this.monitoring.clear();
    this.alarms.clear();
  }
}
