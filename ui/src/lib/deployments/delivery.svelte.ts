import { SvelteMap } from "svelte/reactivity";
import { call, type Deployments, type RunDetail, type RunRow } from "$lib/api";
import { t } from "$lib/i18n/index.svelte";
import { RunFeed } from "$lib/runs/feed.svelte";
import { isActive, outcomeOf, runTitle } from "$lib/runs/words";
import { Resource } from "$lib/shell/resource.svelte";

/** What the window around it offers. */
export interface Around {
  /** Folder of the open project. */
  dir: () => string;
  /** Says something politely. */
  announce: (text: string) => void;
  /** Called when a run has ended: what other screens show may have changed. */
  runEnded: () => void;
  /** Told when a provisioning run waits for a person, or goes on. */
  planMoved: () => void;
}

/** What is asked of the deployments screen when it opens: one of its dialogs. */
export type Ask =
  | { kind: "deploy"; environment: string }
  | { kind: "promote"; to: string }
  | { kind: "rollback"; environment: string }
  | { kind: "stop"; environment: string }
  | { kind: "logs"; environment: string };

/** Environments, releases and runs of the open project, and the runs that are under way. */
export class Delivery {
  /** The service shown; none means the first. */
  service = $state<string | null>(null);
  readonly deployments: Resource<Deployments>;
  /** Runs that are followed, by id: those under way, and the one in sight. */
  readonly feeds = new SvelteMap<string, RunFeed>();
  #around: Around;
  #told = new Map<string, string>();
  /** The run that is in sight. */
  #sight: string | null = null;

  constructor(around: Around) {
    this.#around = around;
    this.deployments = new Resource(() => call("deployments", { dir: around.dir(), ...(this.service === null ? {} : { service: this.service }) }));
  }

  /** Whether a run of a service is under way. */
  get busy(): boolean {
    for (const feed of this.feeds.values()) if (feed.detail && feed.detail.kind !== "provision" && isActive(feed.detail.state)) return true;
    return this.deployments.data?.history.some((run) => isActive(run.state)) ?? false;
  }

  /** Reads environments and history again, and follows what runs. */
  async load(): Promise<void> {
    await this.deployments.load();
    for (const run of this.deployments.data?.history ?? []) if (isActive(run.state)) this.follow(run.id);
  }

  /** Shows another service. */
  async choose(service: string): Promise<void> {
    this.service = service;
    await this.load();
  }

  /** Follows a run until it has ended. */
  follow(id: string): RunFeed {
    const known = this.feeds.get(id);
    if (known) {
      if (!known.watching) void known.watch((feed) => this.#changed(feed));
      return known;
    }
    const feed = new RunFeed(id);
    this.feeds.set(id, feed);
    void feed.watch((changed) => this.#changed(changed));
    return feed;
  }

  /** Follows a run and keeps its log, because it is in sight. */
  show(id: string): RunFeed {
    this.#sight = id;
    return this.follow(id);
  }

  /** The run in sight is left: what has ended is forgotten, what is under way goes on being followed without its screen. */
  leave(id: string): void {
    if (this.#sight === id) this.#sight = null;
    const feed = this.feeds.get(id);
    if (!feed || (feed.detail && isActive(feed.detail.state) && !feed.error)) return;
    feed.stop();
    this.feeds.delete(id);
  }

  /** Asks a run to cancel. */
  async cancel(id: string): Promise<RunDetail> {
    const detail = await call("run_cancel", { id });
    this.feeds.get(id)?.set(detail);
    return detail;
  }

  /** Forgets everything; runs go on by themselves. */
  clear(): void {
    for (const feed of this.feeds.values()) feed.stop();
    this.feeds.clear();
    this.#told.clear();
    this.service = null;
    this.deployments.clear();
  }

  /** Tells a change of state once, politely. A run that had ended before it was opened is no news. */
  #changed(feed: RunFeed): void {
    const run = feed.detail;
    if (!run) return;
    const before = this.#told.get(feed.id);
    if (before === run.state) return;
    this.#told.set(feed.id, run.state);
    if (before === undefined && !isActive(run.state)) return;
    this.#around.announce(t("run.announce", { title: runTitle(run), state: outcomeOf(run).label }));
    if (isActive(run.state)) {
      if (run.kind === "provision") this.#around.planMoved();
      else void this.deployments.load();
    } else {
      if (this.#sight !== feed.id) this.feeds.delete(feed.id);
      void this.load();
      this.#around.runEnded();
    }
  }
}

/** The command line that asks for the same. Names are quoted where a shell would split them. */
export function commandLine(words: string[], dir: string): string {
  return ["jalonctl", ...words, "--project", dir].map(shellWord).join(" ");
}

function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** Rows of the history that are worth a place in the palette, newest first. */
export function recentRuns(data: Deployments | null, most = 6): RunRow[] {
  return (data?.history ?? []).slice(0, most);
}
