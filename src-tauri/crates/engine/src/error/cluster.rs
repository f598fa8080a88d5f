//! Errors of clusters as code, params and hints.

use deployments::kubernetes::{self, LogError, ReadError, rollout::RolloutError};

use super::Parts;

const AS_IT_WAS: &str = "nothing was changed by this step";

pub(super) fn cluster_parts(error: &kubernetes::Error) -> Parts {
    let reason = vec![("reason", error.to_string())];
    match error.code() {
        "no_kubeconfig" | "kubeconfig_invalid" => (
            "cluster.no_kubeconfig",
            reason,
            vec!["kubectl config view shows what kubectl reads; KUBECONFIG names other files"],
        ),
        "unknown_context" => {
            ("cluster.unknown_context", reason, vec!["name one of them in the environment's target"])
        }
        "credential" | "credential_timeout" | "unauthorized" => (
            "cluster.unauthorized",
            reason,
            vec!["sign in to the cluster in a terminal: kubectl get pods has to work there", AS_IT_WAS],
        ),
        "certificate" => ("cluster.certificate", reason, vec!["renew it, or fetch the kubeconfig anew"]),
        "unreachable" => {
            ("cluster.unreachable", reason, vec!["check the network, a VPN, and that the cluster runs"])
        }
        "timeout" => ("cluster.timeout", reason, vec!["try again; check that the cluster answers kubectl"]),
        "forbidden" => {
            ("cluster.forbidden", reason, vec!["ask for the right in a Role of this namespace", AS_IT_WAS])
        }
        "namespace_ending" => (
            "cluster.namespace",
            reason,
            vec!["wait until it is gone, and create it again: kubectl create namespace NAME", AS_IT_WAS],
        ),
        "namespace_missing" => {
            ("cluster.namespace", reason, vec!["create it: kubectl create namespace NAME"])
        }
        "manifest" | "recorded" | "file" | "too_large" | "other_namespace" | "immutable" | "rejected" => {
            ("cluster.manifest", reason, vec!["correct the file and line that is named", AS_IT_WAS])
        }
        "denied" => (
            "cluster.denied",
            reason,
            vec!["change what the rule names, or ask who looks after the cluster", AS_IT_WAS],
        ),
        "duplicate" => ("cluster.duplicate", reason, vec!["rename one of them, or take it out", AS_IT_WAS]),
        "secret_in_text" | "secret_outside" | "secret_missing" => (
            "cluster.secret_in_text",
            reason,
            vec![
                "store it in the keychain and name it in the environment's secrets: its value then comes from there",
                AS_IT_WAS,
            ],
        ),
        "api_gone" => ("cluster.api_gone", reason, vec!["write the apiVersion that this cluster serves"]),
        "owned" => (
            "cluster.owned",
            reason,
            vec![
                "let its owner deploy it (deployed_by in jalon.toml), or take it from there first",
                AS_IT_WAS,
            ],
        ),
        "conflict" => (
            "cluster.conflict",
            reason,
            vec!["take the fields out of the manifests, or let go of them elsewhere", AS_IT_WAS],
        ),
        "helm_missing" | "helm_too_old" | "helm_unknown" => {
            ("cluster.helm_missing", reason, vec!["install Helm 3.13 or newer, on PATH"])
        }
        "chart_missing" | "chart_does_not_render" => {
            ("cluster.chart", reason, vec!["correct the template and line that is named", AS_IT_WAS])
        }
        "helm_pending" => (
            "cluster.helm_pending",
            reason,
            vec![
                "wait until it has ended",
                "if its process is gone: jalonctl rollback SERVICE --env E; a first installation that broke off goes with \
                 jalonctl stop SERVICE --env E",
            ],
        ),
        "helm" => ("cluster.helm_failed", reason, vec!["read Helm's words above"]),
        _ => ("cluster.api", reason, vec!["the cluster's own words are above"]),
    }
}

pub(super) fn rollout_parts(error: &RolloutError) -> Parts {
    let hint = "the release before it still serves what it can; roll back, or bring a version that is mended";
    let mut params = vec![("reason", error.to_string())];
    match error {
        RolloutError::Failed { workload, cause, .. } => {
            params.extend([("workload", workload.to_string()), ("cause", cause.id.as_str().to_owned())]);
            ("cluster.rollout_failed", params, vec![hint])
        }
        RolloutError::TimedOut { workload, cause, .. } => {
            params.push(("workload", workload.to_string()));
            params.extend(cause.as_ref().map(|cause| ("cause", cause.id.as_str().to_owned())));
            ("cluster.rollout_timed_out", params, vec![hint])
        }
        RolloutError::Missing { workload } => {
            params.push(("workload", workload.to_string()));
            ("cluster.rollout_failed", params, vec!["deploy again"])
        }
        RolloutError::Cancelled => ("engine.cancelled", vec![], vec![]),
        RolloutError::Read { error, .. } => read_parts(error),
    }
}

pub(super) fn read_parts(error: &ReadError) -> Parts {
    let reason = vec![("reason", error.to_string())];
    match error {
        ReadError::Unauthorized { .. } => {
            ("cluster.unauthorized", reason, vec!["sign in to the cluster in a terminal"])
        }
        ReadError::Forbidden { .. } => ("cluster.forbidden", reason, vec!["ask for the right to read it"]),
        ReadError::NoAnswer { .. } => ("cluster.timeout", reason, vec!["check that the cluster runs"]),
        ReadError::Unreachable { .. } => {
            ("cluster.unreachable", reason, vec!["check the network, a VPN, and that the cluster runs"])
        }
        _ => ("cluster.api", reason, vec!["the cluster's own words are above"]),
    }
}

pub(super) fn log_parts(error: &LogError) -> Parts {
    match error {
        LogError::Read(error) => read_parts(error),
        _ => ("cluster.no_log", vec![("reason", error.to_string())], vec!["choose another pod or container"]),
    }
}
