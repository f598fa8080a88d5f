/**
 * The one table that turns an error code into severity, words and actions. Nobody matches on a message.
 * Words are `error.<code>.title` (what happened) and `error.<code>.text` (what to do); what is intact follows from the room.
 */
import { formatExact, formatMoment, momentKind } from "./i18n/dates";
import { hasMessage, t, type MessageKey } from "./i18n/index.svelte";
import type { WireError } from "./api";

/** What a note can offer. Each is carried out by the session. */
export type ErrorAction =
  | "sign_in"
  | "retry"
  | "choose_folder"
  | "project_settings"
  | "credentials"
  | "health"
  | "deployments"
  | "create_token";

/** How an error looks. */
export type ErrorSeverity = "bad" | "warn" | "info";

interface Entry {
  severity: ErrorSeverity;
  actions: ErrorAction[];
  /** The engine's own sentence says where exactly, and is shown beneath. */
  detail?: boolean;
}

const bad = (...actions: ErrorAction[]): Entry => ({ severity: "bad", actions });
const warn = (...actions: ErrorAction[]): Entry => ({ severity: "warn", actions });
const precise = (entry: Entry): Entry => ({ ...entry, detail: true });

/** Every code of the contract. A test compares it with the generated list. */
export const ERRORS: Record<string, Entry> = {
  "project.not_found": bad("choose_folder"),
  "project.not_a_folder": bad("choose_folder"),
  "project.no_config": warn("choose_folder"),
  "project.config_invalid": precise(bad("retry")),
  "project.exists": warn(),
  "project.unreadable": precise(bad("retry", "choose_folder")),
  "project.repository_invalid": bad(),
  "project.timezone_unknown": bad(),
  "project.not_writable": precise(bad("choose_folder")),
  "plan.missing": bad("project_settings"),
  "plan.unreadable": precise(bad("retry")),
  "github.not_signed_in": warn("sign_in"),
  "github.token_refused": bad("sign_in", "create_token"),
  "github.forbidden": precise(bad("sign_in", "create_token")),
  "github.not_found": bad("project_settings", "sign_in"),
  "github.rate_limited": warn("retry"),
  "github.server": warn("retry"),
  "github.not_json": warn("retry"),
  "github.cut_off": warn("retry"),
  "github.redirect_elsewhere": bad("project_settings"),
  "github.unreachable": warn("retry"),
  "github.timeout": warn("retry"),
  "github.no_repository": warn("project_settings"),
  "github.device_unconfigured": warn(),
  "github.device_denied": warn("retry"),
  "github.device_expired": warn("retry"),
  "github.device_refused": precise(bad()),
  "github.gh_missing": warn(),
  "github.gh_not_signed_in": warn("retry"),
  "credentials.keychain_absent": warn("credentials"),
  "credentials.keychain_locked": warn("credentials"),
  "credentials.keychain_failed": precise(bad("retry")),
  "credentials.name_invalid": bad(),
  "credentials.value_invalid": bad(),
  "credentials.not_found": warn("retry"),
  "store.newer": bad(),
  "store.busy": warn("retry"),
  "store.damaged": precise(bad("health")),
  "store.failed": precise(bad("retry", "health")),
  "engine.cancelled": { severity: "info", actions: ["retry"] },
  "engine.timeout": warn("retry"),
  "engine.bad_request": precise(bad()),
  "stage.unknown": warn("retry"),
  "cluster.api": precise(bad("retry")),
  "cluster.api_gone": precise(bad("retry")),
  "cluster.certificate": precise(bad("retry")),
  "cluster.chart": precise(bad("retry")),
  "cluster.conflict": precise(bad("retry")),
  "cluster.denied": precise(bad("retry")),
  "cluster.duplicate": precise(bad("retry")),
  "cluster.forbidden": precise(bad("retry")),
  "cluster.helm_failed": precise(bad("retry")),
  "cluster.helm_missing": precise(bad("retry")),
  "cluster.helm_pending": precise(bad("retry")),
  "cluster.manifest": precise(bad("retry")),
  "cluster.namespace": precise(bad("retry")),
  "cluster.no_kubeconfig": precise(bad("retry")),
  "cluster.no_log": precise(warn("retry")),
  "cluster.not_a_cluster": warn("deployments"),
  "cluster.owned": precise(bad("deployments")),
  "cluster.read_only": precise(warn("deployments")),
  "cluster.rollout_failed": precise(bad("deployments")),
  "cluster.rollout_timed_out": precise(bad("deployments")),
  "cluster.secret_in_text": precise(bad("retry")),
  "cluster.timeout": precise(bad("retry")),
  "cluster.unauthorized": precise(bad("retry")),
  "cluster.unknown_context": precise(bad("retry")),
  "cluster.unreachable": precise(bad("retry")),
  "deploy.owned_elsewhere": precise(warn("deployments")),
  "deploy.brought_elsewhere": precise(warn("deployments")),
  "deploy.busy": warn("deployments"),
  "deploy.environment_unknown": precise(bad("retry")),
  "deploy.no_command": precise(bad("retry")),
  "deploy.no_services": warn("deployments"),
  "deploy.not_trusted": warn("deployments"),
  "deploy.nothing_runs": warn("deployments"),
  "deploy.release_unknown": precise(warn("deployments")),
  "deploy.secret_missing": precise(bad("credentials")),
  "deploy.service_unknown": precise(bad("deployments")),
  "deploy.strategy_unknown": precise(bad()),
  "deploy.not_for_target": precise(warn()),
  "deploy.variable_unset": precise(bad("retry")),
  "gate.closed": precise(bad("deployments")),
  "gate.confirm": warn(),
  "gate.dirty": precise(bad()),
  "gate.unconfirmed": warn("deployments"),
  "git.failed": precise(bad("retry")),
  "git.missing": bad("retry"),
  "git.no_commit": warn("retry"),
  "git.not_a_clone": precise(warn("retry")),
  "git.timeout": warn("retry"),
  "git.unknown_version": precise(bad("retry")),
  "kpis.bad_lines": precise(bad()),
  "kpis.bad_window": warn(),
  "kpis.no_plot": warn("retry"),
  "local.command_failed": precise(bad("retry")),
  "local.crashed": precise(bad("retry")),
  "local.host_lost": warn("deployments"),
  "local.never_healthy": precise(bad("retry")),
  "local.port_taken": precise(bad("retry")),
  "local.tests_failed": precise(bad()),
  "provision.disk_full": precise(bad()),
  "provision.failed": precise(bad()),
  "provision.folder_unreadable": precise(bad("retry")),
  "provision.hcp": precise(warn()),
  "provision.lock_unnamed": precise(warn()),
  "provision.locked": precise(warn("retry")),
  "provision.no_folder": precise(bad("retry")),
  "provision.no_plan": precise(warn("retry")),
  "provision.plan_unknown": precise(bad()),
  "provision.provider_missing": precise(bad("retry")),
  "provision.shared_folder": precise(warn()),
  "provision.stack_unknown": precise(bad("retry")),
  "provision.stale": precise(warn("retry")),
  "provision.state_damaged": precise(bad("retry")),
  "provision.stream_unknown": precise(bad()),
  "provision.superseded": { severity: "info", actions: [] },
  "provision.timeout": precise(bad("retry")),
  "provision.tool_failed": precise(bad("retry")),
  "provision.tool_missing": precise(bad("retry")),
  "provision.tool_too_old": precise(bad("retry")),
  "provision.tool_unsupported": precise(warn()),
  "provision.unconfirmed": precise(warn()),
  "monitoring.action_refused": precise(warn("retry")),
  "monitoring.action_unsupported": precise(warn()),
  "monitoring.address_invalid": precise(bad("retry")),
  "monitoring.alarm_unknown": warn("retry"),
  "monitoring.cut_off": warn("retry"),
  "monitoring.damaged": precise(bad("health")),
  "monitoring.elsewhere": precise(bad("retry")),
  "monitoring.no_action": warn(),
  "monitoring.not_metrics": precise(bad("retry")),
  "monitoring.not_prometheus": precise(bad("retry")),
  "monitoring.not_scraped": precise(warn("retry")),
  "monitoring.plain_token": precise(bad("credentials")),
  "monitoring.query": precise(bad()),
  "monitoring.server": precise(warn("retry")),
  "monitoring.timeout": precise(warn("retry")),
  "monitoring.token_refused": precise(bad("credentials")),
  "monitoring.too_large": precise(bad("retry")),
  "monitoring.unreachable": precise(warn("retry")),
  "report.candidate_unknown": precise(warn("retry")),
  "report.failed": precise(bad("retry")),
  "report.format_unknown": bad(),
  "report.not_written": precise(bad("retry", "choose_folder")),
  "report.source_unreadable": precise(bad("retry")),
  "run.cancelled": { severity: "info", actions: [] },
  "run.failed": precise(bad()),
  "run.interrupted": precise(warn("deployments")),
  "run.not_started": precise(bad("retry")),
  "run.unknown": warn("deployments"),
  "sample.failed": precise(bad("retry", "choose_folder")),
  "sample.not_empty": precise(warn("choose_folder")),
};

/** An error, ready to be shown. */
export interface ErrorView {
  code: string;
  severity: ErrorSeverity;
  title: string;
  text: string;
  /** What is intact; empty where there is nothing to lose. */
  intact: string;
  /** The engine's sentence or a subject such as a path, in mono. */
  detail: string;
  hints: string[];
  actions: ErrorAction[];
  /** When "try again" makes sense, where GitHub said so. */
  retryAt: string | null;
}

/** What a note knows beyond the error. */
export interface ErrorContext {
  /** When GitHub was last read in full. */
  syncedAt?: string | null;
  now: Date;
  timeZone: string;
}

const SUBJECTS = ["path", "dir", "file", "repository", "github", "timezone", "name", "stage"];

/** Turns an error into words. Unknown codes fall back to the engine's sentence and hints. */
export function describeError(error: WireError, context: ErrorContext): ErrorView {
  const entry = ERRORS[error.code];
  const titleKey = `error.${error.code}.title`;
  const textKey = `error.${error.code}.text`;
  const known = entry !== undefined && hasMessage(titleKey) && hasMessage(textKey);
  const retryAt = error.params["retry_at"] || null;
  const params = {
    host: error.params["elsewhere"] || error.params["host"] || "?",
    status: error.params["status"] || "?",
    retry_at: retryAt ? formatExact(retryAt, context.now, context.timeZone) : "",
    retry_kind: retryAt ? momentKind(retryAt, context.now, context.timeZone) : "none",
  };
  const subject = SUBJECTS.map((name) => error.params[name]).find(Boolean) ?? "";
  return {
    code: error.code,
    severity: entry?.severity ?? "bad",
    title: known ? t(titleKey as MessageKey, params) : error.message,
    text: known ? t(textKey as MessageKey, params) : error.hints.join(" "),
    intact: intactOf(error.code, context),
    detail: entry?.detail ? error.message : subject,
    hints: known ? [] : error.hints,
    actions: entry?.actions ?? ["retry"],
    retryAt,
  };
}

function intactOf(code: string, context: ErrorContext): string {
  const room = code.split(".")[0];
  if (code === "engine.cancelled" || room === "github") {
    return context.syncedAt
      ? t("intact.stored", { when: formatMoment(context.syncedAt, context.now, context.timeZone) })
      : t("intact.nothing");
  }
  if (room === "project") return t("intact.folder");
  if (room === "plan") return t("intact.plan");
  if (room === "credentials") return t("intact.credentials");
  if (room === "deploy" || room === "gate") return t("intact.nothing_ran");
  if (code === "store.newer" || code === "store.busy") return t("intact.store");
  return "";
}
