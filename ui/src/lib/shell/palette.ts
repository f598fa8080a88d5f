/** What the palette finds: commands first, then places. Commands that ask something say what. */
import ArrowRight from "@lucide/svelte/icons/arrow-right";
import ArrowRightToLine from "@lucide/svelte/icons/arrow-right-to-line";
import CircleStop from "@lucide/svelte/icons/circle-stop";
import FileText from "@lucide/svelte/icons/file-text";
import FolderOpen from "@lucide/svelte/icons/folder-open";
import Languages from "@lucide/svelte/icons/languages";
import Blocks from "@lucide/svelte/icons/blocks";
import Boxes from "@lucide/svelte/icons/boxes";
import FileDiff from "@lucide/svelte/icons/file-diff";
import Presentation from "@lucide/svelte/icons/presentation";
import RefreshCw from "@lucide/svelte/icons/refresh-cw";
import Rocket from "@lucide/svelte/icons/rocket";
import ScrollText from "@lucide/svelte/icons/scroll-text";
import Signpost from "@lucide/svelte/icons/milestone";
import SunMoon from "@lucide/svelte/icons/sun-moon";
import Undo2 from "@lucide/svelte/icons/undo-2";
import type { Drawing } from "$lib/components/Icon.svelte";
import { commandLine, recentRuns, type Ask } from "$lib/deployments/delivery.svelte";
import { inOrder, isThere } from "$lib/deployments/next";
import { formatMoment } from "$lib/i18n/dates";
import { t } from "$lib/i18n/index.svelte";
import { deedIcon, deedOf, outcomeOf, runTitle } from "$lib/runs/words";
import { mainKey } from "./keyboard";
import { SECTIONS, type Session } from "./session.svelte";

/** One line of the palette. */
export interface Item {
  id: string;
  label: string;
  /** What it is about, and what it will ask. */
  detail?: string;
  group: "do" | "go";
  icon: Drawing;
  keys?: string[];
  /** The line of `jalonctl` that does the same. */
  command?: string;
  run: () => unknown;
}

/** Every line, in order. */
export function paletteItems(session: Session): Item[] {
  return [...(session.project ? [...provisioning(session), ...delivering(session), ...documents(session)] : []), ...everywhere(session), ...places(session)];
}

function delivering(session: Session): Item[] {
  const data = session.delivery.deployments.data;
  const service = data?.service;
  if (!data || !service || data.trust) return [];
  // What somebody else rolls out is looked at, not changed.
  const own = !data.owner;
  const ask = (which: Ask) => () => session.go({ screen: "deployments", ask: which });
  const line = (...words: string[]) => commandLine(words, session.dir);
  const about = (environment: { confirm_name: boolean }, more = "") => [service, more, environment.confirm_name ? t("palette.asks_name") : ""].filter(Boolean).join(", ");
  const all: Item[] = [];
  const idle = own ? inOrder(data).filter((environment) => environment.running === null && !environment.cluster?.read_only) : [];
  for (const environment of idle) {
    const { name } = environment;
    const confirm = environment.confirm_name ? ["--confirm", name] : [];
    const gate = data.gates.find((one) => one.to === name);
    if (gate?.open && gate.candidate && !isThere(gate, environment)) {
      all.push({ id: `promote-${name}`, label: t("gate.promote", { version: gate.candidate.version, to: name }), detail: about(environment), group: "do", icon: ArrowRightToLine, command: line("promote", service, "--from", gate.from, "--to", name, ...confirm), run: ask({ kind: "promote", to: name }) });
    }
    all.push({ id: `deploy-${name}`, label: t("run.title.deploy", { version: service, environment: name }), detail: about({ confirm_name: environment.confirm_name }, t("palette.asks_version")).replace(`${service}, `, ""), group: "do", icon: Rocket, command: line("deploy", service, "--env", name, ...confirm), run: ask({ kind: "deploy", environment: name }) });
    if (environment.back_to) {
      all.push({ id: `rollback-${name}`, label: t("run.title.rollback", { environment: name, version: environment.back_to.version }), detail: about(environment), group: "do", icon: Undo2, command: line("rollback", service, "--env", name, "--to", environment.back_to.version, ...confirm), run: ask({ kind: "rollback", environment: name }) });
    }
    if (environment.release && environment.health.state !== "stopped") {
      all.push({ id: `stop-${name}`, label: t("run.title.stop", { name: service, environment: name }), detail: environment.confirm_name ? t("palette.asks_name") : t("palette.asks"), group: "do", icon: CircleStop, command: line("stop", service, "--env", name, ...confirm), run: ask({ kind: "stop", environment: name }) });
    }
  }
  for (const environment of data.environments) {
    const { name } = environment;
    if (environment.cluster) {
      all.push({ id: `diff-${name}`, label: t("environment.open_diff", { name }), detail: service, group: "do", icon: FileDiff, command: line("diff", service, "--env", name), run: () => session.go({ screen: "diff", environment: name, version: null }) });
      all.push({ id: `cluster-${name}`, label: t("environment.open_cluster", { name }), detail: service, group: "do", icon: Boxes, run: () => session.go({ screen: "cluster", environment: name }) });
    }
    all.push({ id: `logs-${environment.name}`, label: t("log.service_title", { service, environment: environment.name }), group: "do", icon: ScrollText, command: line("logs", service, "--env", environment.name), run: ask({ kind: "logs", environment: environment.name }) });
  }
  return all;
}

function provisioning(session: Session): Item[] {
  if (session.stacks.provisioning.data?.trust) return [];
  const all: Item[] = [];
  for (const { stack, at } of session.stacks.places) {
    if (at.hcp || at.problem || at.running || stack.program === null) continue;
    const params = { stack: stack.name, environment: at.environment };
    const { waiting } = at;
    if (waiting) all.push({ id: `review-${stack.name}-${at.environment}`, label: t("palette.review_plan", params), detail: at.confirm_name ? t("palette.asks_name") : t("palette.asks"), group: "do", icon: Blocks, command: commandLine(["provision", "apply", stack.name, "--env", at.environment, "--plan", waiting, ...(at.confirm_name ? ["--confirm", at.environment] : ["--yes"])], session.dir), run: () => session.go({ screen: "provision", id: waiting, from: "provisioning" }) });
    else all.push({ id: `plan-${stack.name}-${at.environment}`, label: t("palette.plan", params), group: "do", icon: Blocks, command: commandLine(["provision", "plan", stack.name, "--env", at.environment], session.dir), run: () => session.plan(stack.name, at.environment) });
  }
  return all;
}

function documents(session: Session): Item[] {
  const folder = session.reports.data?.folder;
  const line = (what: string, format: string) => commandLine([what, "export", "--format", format, "--out", `${folder ?? "."}/${what}.${format}`], session.dir);
  return [
    { id: "export-report", label: t("palette.export_report"), detail: t("reports.format.docx"), group: "do", icon: FileText, command: line("report", "docx"), run: () => session.go({ screen: "reports" }) },
    { id: "export-slides", label: t("palette.export_slides"), detail: t("reports.format.pptx"), group: "do", icon: Presentation, command: line("slides", "pptx"), run: () => session.go({ screen: "reports" }) },
    { id: "sync", label: t("sync.button"), detail: session.project?.github ?? undefined, group: "do", icon: RefreshCw, command: commandLine(["sync"], session.dir), run: () => void session.synchronise() },
  ];
}

function everywhere(session: Session): Item[] {
  return [
    { id: "theme", label: t("palette.theme"), group: "do", icon: SunMoon, keys: [mainKey(session.platform), "Shift", "L"], run: () => void session.nextTheme() },
    { id: "language", label: t("palette.language"), group: "do", icon: Languages, run: () => void session.nextLanguage() },
  ];
}

function places(session: Session): Item[] {
  const all: Item[] = [];
  if (session.project) {
    const go = (id: string, label: string, key: string, run: () => void): Item => ({ id, label, group: "go", icon: ArrowRight, keys: ["G", key], run });
    all.push(
      go("overview", t("overview.title"), "O", () => session.go({ screen: "overview" })),
      go("milestones", t("milestones.title"), "M", () => session.go({ screen: "milestones", stage: null })),
      go("provisioning", t("provisioning.title"), "P", () => session.go({ screen: "provisioning", ask: null })),
      go("deployments", t("deployments.title"), "D", () => session.go({ screen: "deployments", ask: null })),
      go("kpis", t("kpis.title"), "K", () => session.go({ screen: "kpis" })),
      go("monitoring", t("monitoring.title"), "S", () => session.go({ screen: "monitoring" })),
      go("reports", t("reports.title"), "R", () => session.go({ screen: "reports" })),
    );
    for (const stage of session.overview.data?.stages ?? []) {
      const label = stage.number === null ? stage.title : `${t("stage.colon", { number: stage.number })} ${stage.title}`;
      all.push({ id: `stage-${stage.key}`, label, group: "go", icon: Signpost, run: () => session.go({ screen: "milestones", stage: stage.key }) });
    }
    for (const run of recentRuns(session.delivery.deployments.data)) {
      all.push({
        id: `run-${run.id}`, label: runTitle(run), detail: `${t("run.number", { id: run.id })}, ${formatMoment(run.requested, session.now, session.timeZone)}, ${outcomeOf(run).label}`, group: "go", icon: deedIcon(deedOf(run)),
        command: commandLine(["runs", "show", run.id], session.dir), run: () => session.go({ screen: "run", id: run.id, from: "deployments" }),
      });
    }
  }
  for (const section of SECTIONS) {
    if (section === "project" && !session.project) continue;
    all.push({ id: `settings-${section}`, label: t("palette.settings", { section: t(`settings.${section}`) }), group: "go", icon: ArrowRight, run: () => session.go({ screen: "settings", section }) });
  }
  for (const recent of session.recent) {
    if (recent.dir === session.dir) continue;
    all.push({ id: `project-${recent.dir}`, label: t("palette.open_project", { name: recent.name }), group: "go", icon: FolderOpen, run: () => session.open(recent.dir).catch(() => session.announce(t("announce.open_failed"))) });
  }
  return all;
}
