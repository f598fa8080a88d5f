/** Stacks and plans of an engine that is not there. */
import type { AttributeChange, HcpWorkspace, LogLine, PlanChange, Provisioning, ProvisionPlan, RunDetail, RunRow, RunStep, RunUpdate, StackEnvironment, StackView, ValueView } from "../src/lib/api";
import { run, update } from "./delivery";
import { PROJECT } from "./fixtures";

const SHA = "9d31f0c4b825dc642cb6eb9a060e54bf8d69288f";
const T0 = "2026-11-19T13:20:31Z";
const later = (seconds: number) => new Date(Date.parse(T0) + seconds * 1000).toISOString();
const row = (id: string, change: Partial<RunRow> = {}): RunRow => run(id, { kind: "provision", name: "cluster", environment: "prod", production: true, version: null, commit: SHA, requested: T0, started: T0, finished: null, ...change });

export const RUNS = {
  waiting: row("214", { state: "waiting_for_confirmation", deed: "apply" }),
  planned: row("215", { state: "running", deed: "apply" }),
  applied: row("210", { environment: "dev", production: false, deed: "apply", requested: "2026-11-18T15:00:00Z", started: "2026-11-18T15:00:00Z", finished: "2026-11-18T15:04:12Z" }),
  failed: row("208", { name: "network", environment: "dev", production: false, state: "failed", deed: "apply", requested: "2026-11-18T09:10:00Z", started: "2026-11-18T09:10:00Z", finished: "2026-11-18T09:10:31Z", reason: { code: "run.failed", params: {}, message: "aws_vpc.main: VpcLimitExceeded: the maximum number of VPCs has been reached" } }),
  drift: row("207", { deed: "drift", requested: "2026-11-17T07:00:00Z", started: "2026-11-17T07:00:00Z", finished: "2026-11-17T07:00:44Z" }),
};

const value = (text: string): ValueView => ({ kind: "value", text });
const masked: ValueView = { kind: "masked" };
const unknown: ValueView = { kind: "unknown" };
const absent: ValueView = { kind: "absent" };
const attribute = (path: string, before: ValueView, after: ValueView, forces_replacement = false): AttributeChange => ({ path, before, after, forces_replacement });
const change = (address: string, action: PlanChange["action"], attributes: AttributeChange[] = [], more: Partial<PlanChange> = {}): PlanChange => ({ address, previous_address: null, resource: address.split(".")[0] ?? "", action, create_first: false, reason: null, attributes, ...more });

export const CHANGES: PlanChange[] = [
  change("aws_security_group_rule.ssh_from_anywhere", "destroy", [attribute("cidr_blocks", value('["0.0.0.0/0"]'), absent), attribute("from_port", value("22"), absent)], { reason: "delete_because_no_resource_config" }),
  change("aws_eks_node_group.default", "replace", [attribute("instance_types", value('["t3.medium"]'), value('["t3.large"]'), true), attribute("scaling_config.desired_size", value("2"), value("3")), attribute("version", absent, unknown)], { create_first: true, reason: "replace_because_cannot_update" }),
  change("aws_db_instance.main", "update", [attribute("password", masked, masked), attribute("backup_retention_period", value("1"), value("7"))]),
  change("aws_security_group.nodes", "update", [attribute("description", value("Nodes"), value("Nodes of the cluster"))]),
  change("aws_backup_plan.database", "create", [attribute("name", absent, value("database")), attribute("arn", absent, unknown)]),
  change("aws_backup_vault.database", "create", [attribute("name", absent, value("database"))]),
  change("aws_iam_role.backup", "create", [attribute("assume_role_policy", absent, value('{"Statement":[{"Action":"sts:AssumeRole","Effect":"Allow","Principal":{"Service":"backup.amazonaws.com"}}],"Version":"2012-10-17"}'))]),
];
export const DRIFT: PlanChange[] = [change("aws_db_instance.main", "update", [attribute("deletion_protection", value("true"), value("false"))])];

export function plan(more: Partial<ProvisionPlan> = {}): ProvisionPlan {
  return {
    run: RUNS.waiting, mode: "apply", program: "terraform 1.11.4", planned: later(40), serial: 87, commit: SHA, dirty: false, digest: "c41e5d9f0b7a",
    counts: { create: 3, update: 2, replace: 1, destroy: 1, unchanged: 42 }, changes: CHANGES, drift: DRIFT, outputs: [attribute("backup_vault_arn", absent, unknown)],
    diagnostics: [{ severity: "warning", summary: "Argument is deprecated", detail: "instance_tenancy will be removed in the next major version of the provider.", at: "network.tf line 12" }],
    results: [], applicable: true, problem: null, ...more,
  };
}

const step = (id: string, state: RunStep["state"], from: number, seconds: number | null): RunStep => ({ id, state, started: state === "to_come" || state === "skipped" ? null : later(from), finished: seconds === null || state === "to_come" || state === "skipped" ? null : later(from + seconds) });
/** Steps of a run that has come as far as `now`. */
export function steps(now: "plan" | "confirm" | "apply" | "end" | "failed"): RunStep[] {
  const reached = ["plan", "confirm", "apply", "end"].indexOf(now === "failed" ? "apply" : now);
  const at = (index: number): RunStep["state"] => (now === "failed" && index === 2 ? "failed" : reached > index ? "done" : reached === index ? "running" : "to_come");
  return [
    step("tools", "done", 0, 1), step("init", "done", 1, 6), step("validate", "done", 7, 2), step("plan", at(0), 9, reached > 0 ? 31 : null), step("confirm", at(1), 40, reached > 1 ? 60 : null),
    step("apply", at(2), 100, reached > 2 || now === "failed" ? 190 : null), step("outputs", now === "failed" ? "skipped" : reached > 2 ? "done" : "to_come", 290, 2),
  ];
}
export function detail(of: RunRow, now: Parameters<typeof steps>[0], more: Partial<RunDetail> = {}): RunDetail {
  return { ...of, steps: steps(now), journal: [], left_behind: [], command: `jalonctl provision plan ${of.name} --env ${of.environment} --project ${PROJECT.dir}`, cancellable: of.finished === null, ...more };
}

const line = (seconds: number, stream: string, text: string): LogLine => ({ at: later(seconds), stream, text, release: null });
export const PLAN_LINES: LogLine[] = [
  line(0, "jalon", "terraform 1.11.4"), line(1, "jalon", "init: terraform init -input=false"), line(7, "stdout", "Terraform has been successfully initialized"), line(9, "stdout", "Success! The configuration is valid."),
  line(10, "stdout", "TF_VAR_db_password=•••"), line(13, "stdout", "aws_vpc.main: Refreshing state... [id=vpc-0a1b]"), line(16, "stdout", "aws_eks_cluster.main: Refreshing state... [id=campus]"), line(21, "stdout", "aws_eks_node_group.default: Refreshing state... [id=campus:default]"),
  line(27, "stdout", "aws_db_instance.main: Refreshing state... [id=db-main]"), line(38, "stdout", "aws_db_instance.main: Drift detected (update)"), line(40, "jalon", "plan saved, sha256 c41e5d9f…90b7"), line(40, "stdout", "Plan: 3 to add, 2 to change, 1 to destroy."), line(41, "jalon", "waiting for confirmation"),
];
export const APPLY_LINES: LogLine[] = [
  ...PLAN_LINES, line(100, "jalon", "confirmed by student-a"), line(101, "stdout", "aws_security_group_rule.ssh_from_anywhere: Destroying... [id=sgr-1]"), line(101, "stdout", "aws_iam_role.backup: Creating..."),
  line(102, "stdout", "aws_security_group_rule.ssh_from_anywhere: Destruction complete after 1s"), line(103, "stdout", "aws_iam_role.backup: Creation complete after 2s [id=backup]"), line(103, "stdout", "aws_eks_node_group.default: Creating..."),
  line(104, "stdout", "aws_db_instance.main: Modifying... [id=db-main]"), line(113, "stdout", "aws_eks_node_group.default: Still creating... [10s elapsed]"), line(123, "stdout", "aws_eks_node_group.default: Still creating... [20s elapsed]"),
];
export const FAIL_LINES: LogLine[] = [...APPLY_LINES, line(130, "stdout", "aws_db_instance.main: Modifications errored after 26s"), line(131, "stderr", "Error: InvalidParameterCombination: Cannot modify backup retention while a snapshot is in progress")];
export const DONE_LINES: LogLine[] = [
  ...APPLY_LINES, line(200, "stdout", "aws_db_instance.main: Modifications complete after 1m36s [id=db-main]"), line(205, "stdout", "aws_security_group.nodes: Modifications complete after 1s [id=sg-1]"), line(206, "stdout", "aws_backup_vault.database: Creation complete after 1s [id=database]"),
  line(207, "stdout", "aws_backup_plan.database: Creation complete after 0s [id=bp-1]"), line(280, "stdout", "aws_eks_node_group.default: Creation complete after 2m57s [id=campus:default-2]"), line(289, "stdout", "aws_eks_node_group.default (deposed object 5f2a1c3d): Destruction complete after 8s"), line(292, "jalon", "done"),
];

export const HCP: HcpWorkspace = { organization: "devops-boot", workspace: "provisioning-preprod", found_in: "cloud block" };
export function place(environment: string, more: Partial<StackEnvironment> = {}): StackEnvironment {
  return { environment, production: environment === "prod", confirm_name: environment === "prod", dir: `terraform/cluster/${environment}`, hcp: null, problem: null, waiting: null, running: null, last: null, applied: null, drift: null, outputs: [], ...more };
}
export const OUTPUTS: StackEnvironment["outputs"] = [{ name: "cluster_endpoint", value: value("https://4F2A96.gr7.eu-west-3.eks.amazonaws.com") }, { name: "db_password", value: masked }, { name: "node_count", value: value("2") }];
export const STACKS: StackView[] = [
  {
    name: "cluster", tool: "terraform", program: "terraform 1.11.4", program_problem: null,
    environments: [
      place("dev", { last: RUNS.applied, applied: "2026-11-18T15:04:12Z", drift: { run: "206", at: "2026-11-19T12:50:00Z", resources: 0, outputs: 0 }, outputs: OUTPUTS }),
      place("preprod", { hcp: HCP }),
      place("prod", { waiting: "214", last: RUNS.waiting, applied: "2026-11-14T10:12:00Z", drift: { run: "207", at: "2026-11-17T07:00:44Z", resources: 1, outputs: 0 }, outputs: OUTPUTS }),
    ],
  },
  { name: "network", tool: "terraform", program: "terraform 1.11.4", program_problem: null, environments: [place("dev", { dir: "terraform/network", last: RUNS.failed, applied: "2026-11-11T09:00:00Z" }), place("prod", { dir: "terraform/network" })] },
];
export const HISTORY: RunRow[] = [RUNS.waiting, RUNS.applied, RUNS.failed, RUNS.drift];
export function provisioning(more: Partial<Provisioning> = {}): Provisioning {
  return { project: PROJECT, trust: null, stacks: STACKS, history: HISTORY, ...more };
}

/** What `run_watch` answers of the provisioning runs; nothing for others. */
export function watched({ id, revision }: { id: string; revision: number }): RunUpdate | Promise<RunUpdate> | null {
  const answers: Record<string, RunUpdate> = {
    "214": update(detail(RUNS.waiting, "confirm", { cancellable: true }), PLAN_LINES), "215": update(detail(RUNS.planned, "plan"), PLAN_LINES.slice(0, 6)),
    "210": update(detail(RUNS.applied, "end"), DONE_LINES), "208": update(detail(RUNS.failed, "failed"), FAIL_LINES), "207": update(detail({ ...RUNS.drift, finished: "2026-11-17T07:00:44Z" }, "end"), PLAN_LINES),
  };
  const answer = answers[id];
  if (!answer) return null;
  return revision > 0 && !answer.ended ? new Promise(() => {}) : answer;
}
