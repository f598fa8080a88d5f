/** A cluster of an engine that is not there. */
import type { Cause, ClusterNews, ClusterView, Diff, EnvironmentView, EventLine, GateCondition, GateView, LogLine, PodView, Workload } from "../src/lib/api";
import { DEV, OPEN, PROD } from "./delivery";
import { NOW } from "./fixtures";

const IMAGE = (digest: string) => `ghcr.io/devops-boot/fastapi-app@sha256:${digest}${"0f3c".repeat(14)}`;
export const CAUSE: Cause = {
  id: "crash_loop", object: "Pod/fastapi-app-7c9d5b6f4-x2k8p", params: { container: "app", exit_code: "1", restarts: "4" }, message: "The container app ended with exit code 1",
  evidence: ["app: CrashLoopBackOff: back-off 40s restarting failed container", "app: Error, exit code 1: KeyError: 'DATABASE_URL'"],
};
export const C_DEV: EnvironmentView = {
  ...DEV, target: "kubernetes", address: null, cluster: { context: "dev-eks", namespace: "dev", read_only: false }, image: IMAGE("4f2a96d1"), replicas: [1, 1],
};
export const C_PROD: EnvironmentView = {
  ...PROD, target: "kubernetes", address: "https://campus.example", strategy: "rolling", slots: [], cluster: { context: "prod-eks", namespace: "prod", read_only: false }, image: IMAGE("9b07e3f4"), replicas: [3, 3],
};
export const C_BROKEN: EnvironmentView = { ...C_PROD, replicas: [1, 3], health: { state: "failing", detail: "1 of 3 ready", checked: NOW }, cause: CAUSE };

const pod = (name: string, status: string, change: Partial<PodView> = {}): PodView => ({ name, status, ready: [1, 1], restarts: 0, node: "ip-10-0-3-17.eu-west-3", created: "2026-11-19T13:04:00Z", containers: ["app", "metrics"], cause: null, ...change });
export const WORKLOADS: Workload[] = [
  { kind: "Deployment", name: "fastapi-app", health: "degraded", message: "1 of 3 ready", ready: [1, 3], images: [IMAGE("9b07e3f4")], autoscaled: true, cause: CAUSE, pods: [pod("fastapi-app-7c9d5b6f4-x2k8p", "CrashLoopBackOff", { ready: [0, 1], restarts: 4, cause: CAUSE }), pod("fastapi-app-7c9d5b6f4-m4v2q", "CrashLoopBackOff", { ready: [0, 1], restarts: 3, cause: CAUSE }), pod("fastapi-app-5d8f7c9b2-aa11b", "Running", { created: "2026-11-18T16:22:00Z" })] },
  { kind: "StatefulSet", name: "postgres", health: "healthy", message: "1 of 1 ready", ready: [1, 1], images: ["postgres:16.4"], autoscaled: false, cause: null, pods: [pod("postgres-0", "Running", { containers: ["postgres"], created: "2026-11-03T08:00:00Z" })] },
  { kind: "CronJob", name: "database-backup", health: "suspended", message: "suspended", ready: null, images: ["postgres:16.4"], autoscaled: false, cause: null, pods: [] },
];
const event = (at: string, warning: boolean, object: string, reason: string, message: string, count = 1): EventLine => ({ at, warning, object, reason, message, count });
export const EVENTS: EventLine[] = [
  event("2026-11-19T13:25:40Z", true, "Pod/fastapi-app-7c9d5b6f4-x2k8p", "BackOff", "Back-off restarting failed container app in pod fastapi-app-7c9d5b6f4-x2k8p", 9),
  event("2026-11-19T13:24:10Z", false, "Pod/fastapi-app-7c9d5b6f4-x2k8p", "Pulled", "Container image already present on machine", 4),
  event("2026-11-19T13:04:02Z", false, "Deployment/fastapi-app", "ScalingReplicaSet", "Scaled up replica set fastapi-app-7c9d5b6f4 from 0 to 2"),
];
export function view(change: Partial<ClusterView> = {}): ClusterView {
  return { context: "prod-eks", namespace: "prod", server: "4F2A96.gr7.eu-west-3.eks.amazonaws.com", read_only: false, error: null, health: "degraded", workloads: WORKLOADS, events: EVENTS, as_of: NOW, revision: 1, ...change };
}
/** A view as the answer of who had none. */
export const whole = (all: ClusterView): ClusterNews => ({ view: all, since: null, gone: {}, same_events: false });
export const FINE = view({ health: "healthy", workloads: WORKLOADS.slice(1, 2).concat({ ...(WORKLOADS[0] as Workload), health: "healthy", ready: [3, 3], cause: null, pods: [pod("fastapi-app-5d8f7c9b2-aa11b", "Running")] }), events: EVENTS.slice(1) });
export const POD_LINES: LogLine[] = [
  { at: "2026-11-19T13:25:01Z", stream: "stdout", text: "INFO:     Started server process [1]", release: null }, { at: "2026-11-19T13:25:02Z", stream: "stderr", text: "Traceback (most recent call last):", release: null },
  { at: "2026-11-19T13:25:02Z", stream: "stderr", text: "KeyError: 'DATABASE_URL'", release: null },
];
export function diff(change: Partial<Diff> = {}): Diff {
  return {
    version: "v0.6.0", place: "prod-eks/prod", unchanged: 9, warnings: ["policy/v1beta1 PodDisruptionBudget is deprecated in v1.21+, unavailable in v1.25+"],
    objects: [
      { action: "delete", kind: "ConfigMap", name: "fastapi-app-legacy", namespace: "prod", fields: [{ path: "data.MODE", before: { kind: "value", text: "legacy" }, after: { kind: "absent" }, forces_replacement: false }], owner: null },
      { action: "update", kind: "Deployment", name: "fastapi-app", namespace: "prod", owner: null, fields: [
        { path: "spec.template.spec.containers[app].image", before: { kind: "value", text: IMAGE("9b07e3f4") }, after: { kind: "value", text: IMAGE("4f2a96d1") }, forces_replacement: false },
        { path: "spec.template.spec.containers[app].env[DB_POOL_SIZE].value", before: { kind: "value", text: "2" }, after: { kind: "value", text: "10" }, forces_replacement: false },
      ] },
      { action: "update", kind: "Secret", name: "fastapi-app", namespace: "prod", owner: null, fields: [{ path: "data.DATABASE_URL", before: { kind: "masked" }, after: { kind: "masked" }, forces_replacement: false }] },
      { action: "update", kind: "Service", name: "fastapi-app", namespace: "prod", owner: "argocd-controller", fields: [{ path: "spec.type", before: { kind: "value", text: "ClusterIP" }, after: { kind: "value", text: "LoadBalancer" }, forces_replacement: false }] },
      { action: "create", kind: "ClusterRole", name: "fastapi-app-reader", namespace: null, owner: null, fields: [{ path: "rules", before: { kind: "absent" }, after: { kind: "value", text: '[{"apiGroups":[""],"resources":["pods"],"verbs":["get"]}]' }, forces_replacement: false }] },
    ],
    ...change,
  };
}
const check = (name: string, state: GateCondition["state"], found: string, more: Record<string, string> = {}): GateCondition => ({ id: "check", state, fact: `check.${found}`, params: { name, commit: "7e1c9a4", state: found, ...more }, message: `${name} is ${found}` });
export const CHECKED: GateView = {
  ...OPEN, open: false,
  conditions: [
    ...OPEN.conditions.filter((one) => one.id === "ran_before"), check("build", "met", "green", { url: "https://github.com/DevOps-Boot/fastapi-k8s/actions/runs/1" }), check("integration-tests", "unmet", "red", { url: "https://github.com/DevOps-Boot/fastapi-k8s/actions/runs/2", word: "failure" }),
    check("security-scan", "unmet", "pending", { word: "in_progress" }), check("lint", "unknown", "wrong_commit", { about: "c20d7b80000" }), ...OPEN.conditions.filter((one) => one.id === "name_typed"),
  ],
};
