import { getContext, setContext, tick } from "svelte";
import {
  call, onMonitored, onSynced, toWireError, windowReady,
  type Keychain, type Milestones, type NewSample, type Overview, type Reports, type AuthStatus, type Progress, type ProjectHeader, type RecentProject,
  type Settings, type SettingsChange, type SyncOutcome, type WireError,
} from "$lib/api";
import { Delivery, type Ask } from "$lib/deployments/delivery.svelte";
import { currentLanguage, setLanguage, t } from "$lib/i18n/index.svelte";
import { KpiBoard } from "$lib/kpis/board.svelte";
import { Watch } from "$lib/monitoring/watch.svelte";
import { Stacks, type StackAsk } from "$lib/provisioning/stacks.svelte";
import { Resource } from "./resource.svelte";

/** Sections of the settings. */
export const SECTIONS = ["project", "credentials", "look", "keyboard", "health"] as const;
/** One of {@link SECTIONS}. */
export type Section = (typeof SECTIONS)[number];

/** Screens that a run is opened from, and gone back to. */
export type Origin = "deployments" | "kpis" | "overview" | "provisioning" | "monitoring";

/** What the panel shows. */
export type Route =
  | { screen: "overview" }
  | { screen: "milestones"; stage: string | null }
  | { screen: "deployments"; ask: Ask | null }
  | { screen: "run"; id: string; from: Origin }
  | { screen: "provisioning"; ask: StackAsk | null }
  | { screen: "provision"; id: string; from: Origin }
  | { screen: "cluster"; environment: string }
  | { screen: "diff"; environment: string; version: string | null }
  | { screen: "kpis" }
  | { screen: "monitoring" }
  | { screen: "reports" }
  | { screen: "settings"; section: Section }
  | { screen: "first_start"; step: "choose" | "open" | "template" };

/** A sync under way. */
export interface SyncRun {
  since: number;
  progress: Progress | null;
  controller: AbortController;
}

/** Commands that the screen in sight answers to. */
export type ScreenCommand = "next" | "previous" | "filter" | "choose-1" | "choose-2" | "choose-3" | "copy-command" | "cancel-run" | "confirm";

const NO_KEYCHAIN: Keychain = { state: "absent", name: "", reason: null };
const DEFAULTS: Settings = { language: null, theme: "system", single_keys: true, device_client_id: null };

/** How long the hidden window waits for the overview, ms. */
const FIRST_PAINT_MS = 400;

/** The system's wish for dark colours, where the page can ask. */
function systemDark(): MediaQueryList | null {
  return typeof matchMedia === "function" ? matchMedia("(prefers-color-scheme: dark)") : null;
}

/** Everything the window knows, and what it can ask the engine to do. One per window. */
export class Session {
  phase = $state<"starting" | "ready" | "failed">("starting");
  startError = $state.raw<WireError | null>(null);
  version = $state("");
  platform = $state("linux");
  settings = $state.raw<Settings>(DEFAULTS);
  project = $state.raw<ProjectHeader | null>(null);
  projectError = $state.raw<WireError | null>(null);
  recent = $state.raw<RecentProject[]>([]);
  keychain = $state.raw<Keychain>(NO_KEYCHAIN);
  route = $state.raw<Route>({ screen: "first_start", step: "choose" });
  sync = $state.raw<SyncRun | null>(null);
  syncError = $state.raw<WireError | null>(null);
  /** Whether the page is dark: plots come in the colours of the theme. */
  dark = $state(false);
  /** What a screen reader is told, politely. */
  announcement = $state("");
  /** What a screen reader is told at once: alarms. */
  alarm = $state("");
  /** The engine's clock, for "2 min ago"; days come from the engine ready made. */
  now = $state.raw(new Date());
  /** Engine's clock minus this page's, in ms. */
  ahead = $state(0);
  palette = $state(false);
  keys = $state(false);
  screenCommand: ((command: ScreenCommand) => void) | null = null;

  readonly overview: Resource<Overview> = new Resource(() => call("overview", { dir: this.dir }));
  readonly milestones: Resource<Milestones> = new Resource(() => call("milestones", { dir: this.dir }));
  readonly auth: Resource<AuthStatus> = new Resource(() => call("auth_status", null));
  readonly delivery: Delivery = new Delivery({
    dir: () => this.dir, announce: (text) => this.announce(text), runEnded: () => this.#runEnded(), planMoved: () => void this.stacks.load(),
  });
  readonly kpis: KpiBoard = new KpiBoard(() => this.dir);
  readonly stacks: Stacks = new Stacks(() => this.dir);
  readonly watch: Watch = new Watch({ dir: () => this.dir, alert: (text) => this.alert(text) });
  readonly reports: Resource<Reports> = new Resource(() => call("reports", { dir: this.dir }));

  /** Whether a token is stored that the keychain does not give out. */
  get tokenLocked(): boolean {
    const auth = this.auth.data;
    return auth !== null && !auth.signed_in && auth.place === "unreadable";
  }

  /** Folder of the open project. */
  get dir(): string {
    return this.project?.dir ?? "";
  }

  /** Zone in which instants are shown: the project's, or without one this computer's. */
  get timeZone(): string {
    return this.project?.timezone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
  }

  /** How old GitHub's part is, as the freshest answer has it. */
  get syncState() {
    return (this.route.screen === "milestones" ? this.milestones.data?.sync : null) ?? this.overview.data?.sync ?? this.milestones.data?.sync ?? null;
  }

  /** Why GitHub's part is as old as it is; nothing while a sync runs. */
  get syncTrouble(): WireError | null {
    return this.sync ? null : (this.syncError ?? this.syncState?.error ?? null);
  }

  /** First answer of the engine, then the window shows. Returns what ends the session. */
  begin(): () => void {
    const ticking = setInterval(() => { this.#tick(); this.#look(); }, 20_000);
    const system = systemDark();
    const repaint = () => this.#paint();
    system?.addEventListener("change", repaint);
    const stops: Array<() => void> = [];
    let ended = false;
    const hear = (listening: Promise<() => void>) => void listening.then((off) => (ended ? off() : void stops.push(off))).catch(() => {});
    hear(onSynced((dir) => { if (dir === this.dir) void this.refresh(); }));
    hear(onMonitored((dir) => { if (dir === this.dir) this.#monitored(); }));
    void this.#start();
    return () => {
      ended = true;
      clearInterval(ticking);
      system?.removeEventListener("change", repaint);
      for (const stop of stops) stop();
      this.sync?.controller.abort();
      this.delivery.clear();
    };
  }

  #tick(): void {
    this.now = new Date(Date.now() + this.ahead);
  }

  /** What waits for the person or rings is looked for on every screen. */
  #look(): void {
    if (!this.project || document.visibilityState === "hidden") return;
    if (!this.watch.alarms.loading) void this.watch.look();
  }

  /** The engine has looked: what rings now is told at once, and the screen that shows it is read again. */
  #monitored(): void {
    if (this.route.screen === "overview" && document.visibilityState !== "hidden" && !this.delivery.deployments.loading) void this.delivery.load();
    if (this.route.screen !== "monitoring" || this.watch.paused) this.#look();
    else if (document.visibilityState !== "hidden" && !this.watch.monitoring.loading) void this.watch.load();
  }

  async #start(): Promise<void> {
    try {
      const start = await call("start", null);
      this.ahead = Date.parse(start.now) - Date.now();
      this.#tick();
      this.version = start.version;
      this.platform = start.platform;
      this.recent = start.recent;
      this.keychain = start.keychain;
      this.projectError = start.project_error;
      this.#apply(start.settings);
      this.phase = "ready";
      // A plan that is slow to read must not keep the window hidden: after this time its grey lines show.
      if (start.project) await Promise.race([this.#enter(start.project), new Promise((resolve) => setTimeout(resolve, FIRST_PAINT_MS))]);
    } catch (cause) {
      this.startError = toWireError(cause);
      this.phase = "failed";
      this.#apply(DEFAULTS);
    }
    await tick();
    void windowReady();
  }

  /** Tries the first answer once more. */
  async restart(): Promise<void> {
    this.phase = "starting";
    this.startError = null;
    await this.#start();
  }

  #apply(settings: Settings): void {
    this.settings = settings;
    setLanguage(settings.language);
    this.#paint();
  }

  /** Marks the page light or dark; what the system says is asked here, so that the style sheet need not. */
  #paint(): void {
    const { theme } = this.settings;
    const system = systemDark()?.matches ? "dark" : "light";
    const painted = theme === "system" ? system : theme;
    this.dark = painted === "dark";
    document.documentElement.dataset["theme"] = painted;
  }

  /** Changes personal settings; the window changes at once and is put right if the engine refuses. */
  async change(change: SettingsChange): Promise<void> {
    const before = this.settings;
    const language = change.language === undefined ? before.language : change.language === "system" ? null : change.language;
    this.#apply({
      language,
      theme: change.theme ?? before.theme,
      single_keys: change.single_keys ?? before.single_keys,
      device_client_id: change.device_client_id === undefined ? before.device_client_id : change.device_client_id || null,
    });
    try {
      this.#apply(await call("change_settings", change));
    } catch (cause) {
      this.#apply(before);
      throw cause;
    }
  }

  /** Light, dark, system, light … */
  async nextTheme(): Promise<void> {
    const order = ["light", "dark", "system"] as const;
    const theme = order[(order.indexOf(this.settings.theme) + 1) % order.length] ?? "system";
    await this.change({ theme });
    this.announce(t("announce.theme", { theme }));
  }

  /** Switches between the two languages. */
  async nextLanguage(): Promise<void> {
    await this.change({ language: currentLanguage() === "en" ? "fr" : "en" });
  }

  /** Shows a screen. */
  go(route: Route): void {
    this.route = route;
    if (route.screen === "overview") void this.overview.load();
    if (route.screen === "milestones") void this.milestones.load();
    if (route.screen === "overview" || route.screen === "deployments") void this.delivery.load();
    if (route.screen === "provisioning") void this.stacks.load();
    if (route.screen === "kpis") void this.kpis.load();
    if (route.screen === "monitoring") void this.watch.load();
    if (route.screen === "reports") void this.reports.load();
  }

  /** Goes back to where a run was opened from. */
  back(from: Origin): void {
    this.go(from === "deployments" || from === "provisioning" ? { screen: from, ask: null } : { screen: from });
  }

  /** Starts a plan and shows its run; where that is refused, the screen that says why it cannot be. */
  async plan(stack: string, environment: string): Promise<void> {
    try {
      const run = await this.stacks.plan(stack, environment, "apply");
      if (run) this.go({ screen: "provision", id: run, from: "provisioning" });
    } catch (cause) {
      this.go({ screen: "provisioning", ask: { kind: "refused", error: toWireError(cause) } });
    }
  }

  /** What a run that ended has changed elsewhere. */
  #runEnded(): void {
    void this.stacks.load();
    void this.watch.look();
    if (this.route.screen === "monitoring") void this.watch.load();
    if (this.route.screen === "kpis") void this.kpis.load();
    if (this.route.screen === "reports") void this.reports.load();
  }

  /** Forgets what belonged to the project before. */
  #forgetProject(): void {
    this.sync?.controller.abort();
    this.overview.clear();
    this.milestones.clear();
    this.delivery.clear();
    this.stacks.clear();
    this.kpis.clear();
    this.watch.clear();
    this.reports.clear();
  }

  async #enter(project: ProjectHeader): Promise<void> {
    this.#forgetProject();
    this.syncError = null;
    this.project = project;
    this.projectError = null;
    this.recent = [
      { dir: project.dir, name: project.name, opened_at: this.now.toISOString() },
      ...this.recent.filter((other) => other.dir !== project.dir),
    ];
    this.route = { screen: "overview" };
    void this.auth.load();
    void this.delivery.load();
    void this.stacks.load();
    void this.watch.look();
    await this.overview.load();
  }

  /** Opens a project that has a jalon.toml. Rejects with the reason. */
  async open(dir: string, signal?: AbortSignal): Promise<void> {
    await this.#enter(await call("open_project", { dir }, { signal }));
  }

  /** Writes the sample project and enters it. Rejects with the reason. */
  async sample(params: NewSample, signal: AbortSignal): Promise<void> {
    await this.#enter(await call("create_sample", params, { signal }));
  }

  /** Enters a project that was just made. */
  async created(project: ProjectHeader): Promise<void> {
    await this.#enter(project);
  }

  /** Back to the first screen. Nothing in the folder changes. */
  async close(): Promise<void> {
    await call("close_project", null);
    this.#forgetProject();
    this.project = null;
    this.route = { screen: "first_start", step: "choose" };
  }

  /** Takes a project off the list of recent ones. */
  async forget(dir: string): Promise<void> {
    await call("forget_project", { dir });
    this.recent = this.recent.filter((other) => other.dir !== dir);
  }

  /** A header that changed on disk, e.g. after the repository was named. */
  replaceProject(project: ProjectHeader): void {
    this.project = project;
    void this.refresh();
  }

  /** Fetches what is in sight again, without moving focus. */
  async refresh(): Promise<void> {
    if (!this.project) return;
    this.#tick();
    const loads = [this.overview.load()];
    if (this.milestones.data || this.route.screen === "milestones") loads.push(this.milestones.load());
    if (this.delivery.deployments.data) loads.push(this.delivery.load());
    if (this.stacks.provisioning.data) loads.push(this.stacks.load());
    await Promise.all(loads);
  }

  /** Reads GitHub. The outcome is announced; an error is shown where GitHub's part stands. */
  async synchronise(): Promise<void> {
    if (this.sync || !this.project) return;
    const controller = new AbortController();
    const since = Date.now();
    this.sync = { since, progress: null, controller };
    this.syncError = null;
    try {
      const outcome = await call("sync", { dir: this.dir }, {
        signal: controller.signal,
        onProgress: (progress) => (this.sync = { since, progress, controller }),
      });
      this.announce(announcementOf(outcome));
    } catch (cause) {
      const error = toWireError(cause);
      if (error.code === "engine.cancelled") this.announce(t("announce.sync_cancelled"));
      else {
        this.syncError = error;
        this.announce(t("announce.sync_failed"));
      }
    } finally {
      this.sync = null;
      await this.refresh();
    }
  }

  /** Asks the sync under way to stop. */
  cancelSync(): void {
    this.sync?.controller.abort();
  }

  /** After signing in or out. */
  authChanged(auth: AuthStatus): void {
    this.auth.set(auth);
    this.syncError = null;
    void this.refresh();
  }

  /** Looks for the keychain again, which may ask the person to unlock it, then for the token in it. */
  async unlockKeychain(signal: AbortSignal): Promise<void> {
    this.keychain = await call("keychain_retry", null, { signal });
    this.authChanged(await call("auth_status", null, { signal }));
  }

  /** Says something politely, once. */
  announce(text: string): void {
    // The same words twice would not be read twice.
    this.announcement = this.announcement === text ? `${text}\u00a0` : text;
  }

  /** Says something at once, once: an alarm. */
  alert(text: string): void {
    this.alarm = this.alarm === text ? `${text}\u00a0` : text;
  }
}

function announcementOf(outcome: SyncOutcome): string {
  return t("announce.synced", { milestones: outcome.milestones, issues: outcome.issues });
}

const KEY = Symbol("session");

/** Gives the session to everything below. */
export function provideSession(session: Session): Session {
  return setContext(KEY, session);
}

/** The session of this window. */
export function useSession(): Session {
  return getContext<Session>(KEY);
}
