import { call, toWireError, type ClusterNews, type ClusterView, type PodView, type WireError } from "$lib/api";

/** Answers that come faster are gathered, ms: a rollout of hundreds of pods is no reason to draw for each of them. */
const GATHER_MS = 60;
/** How often a failed question is asked again before it is shown as failed. */
const TRIES = 4;

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Which service in which environment. */
export interface Which { dir: string; service: string; environment: string }

const byName = (a: PodView, b: PodView) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);

/** The pods of a workload after news of some; the same array where there is no news of it. */
function renewedPods(known: PodView[], news: PodView[], gone: string[]): PodView[] {
  if (news.length === 0 && gone.length === 0) return known;
  const pods = new Map(known.map((pod) => [pod.name, pod]));
  for (const name of gone) pods.delete(name);
  for (const pod of news) pods.set(pod.name, pod);
  return [...pods.values()].sort(byName);
}

/** The whole view after news of `known`; null where the news are of another view. */
export function renewed(known: ClusterView | null, news: ClusterNews): ClusterView | null {
  if (news.since === null) return news.view;
  if (known?.revision !== news.since) return null;
  const before = new Map(known.workloads.map((workload) => [`${workload.kind}/${workload.name}`, workload.pods]));
  const workloads = news.view.workloads.map((workload) => {
    const name = `${workload.kind}/${workload.name}`;
    return { ...workload, pods: renewedPods(before.get(name) ?? [], workload.pods, news.gone[name] ?? []) };
  });
  return { ...news.view, workloads, events: news.same_events ? known.events : news.view.events };
}

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
    let last = -GATHER_MS;
    let revision = this.view?.revision ?? 0;
    while (!controller.signal.aborted) {
      try {
        const news = await call("cluster_watch", { ...this.#which, revision }, { signal: controller.signal });
        if (controller.signal.aborted) break;
        failures = 0;
        const view = renewed(this.view, news);
        if (view) this.view = view;
        revision = view?.revision ?? 0;
        // The first after a quiet time is drawn at once, and so is the next one.
        const now = performance.now();
        if (now - last < GATHER_MS) await pause(GATHER_MS);
        last = now;
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
