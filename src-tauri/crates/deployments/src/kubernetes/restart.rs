//! Restarting workloads, as `kubectl rollout restart` does it: their pods are replaced by new ones of the same release, by the
//! rollout that each kind has.

use std::time::Duration;

use http::Method;
use serde_json::{Value, json};

use super::apply::FIELD_MANAGER;
use super::owner::other_owner;
use super::resources::live;
use super::{Cluster, Error, ObjectId, Owner, Result, WorkloadRef};

/// Kinds that replace their pods when their template changes, with the name in their path.
const RESTARTED: [(&str, &str); 3] =
    [("Deployment", "deployments"), ("StatefulSet", "statefulsets"), ("DaemonSet", "daemonsets")];
/// The annotation that kubectl sets. Nobody applies it, so it changes no release and stays through the next ones.
const ANNOTATION: &str = "kubectl.kubernetes.io/restartedAt";

/// Whether a kind can be restarted; pods of others live and die by themselves.
pub fn is_restarted(kind: &str) -> bool {
    RESTARTED.iter().any(|(known, _)| *known == kind)
}

/// Restarts workloads of the cluster's namespace. Kinds that cannot be are left out. All are looked at before the first is
/// touched; `at` is noted as the time.
///
/// # Errors
/// One is not there, belongs to another owner, is paused, is on its way out, or replaces its pods only when they are deleted
/// (nothing was changed then); a right that is missing, a server that does not answer, or the limit passed.
pub async fn restart(
    cluster: &Cluster,
    workloads: &[WorkloadRef],
    owner: Owner<'_>,
    at: &str,
    limit: Duration,
) -> Result<Vec<WorkloadRef>> {
    let work = restarted(cluster, workloads, owner, at);
    tokio::time::timeout(limit, work)
        .await
        .unwrap_or_else(|_| Err(Error::timeout("restart the workloads", limit)))
}

async fn restarted(
    cluster: &Cluster,
    workloads: &[WorkloadRef],
    owner: Owner<'_>,
    at: &str,
) -> Result<Vec<WorkloadRef>> {
    let mut patches = Vec::new();
    for workload in workloads {
        let Some((_, plural)) = RESTARTED.iter().find(|(kind, _)| *kind == workload.kind) else { continue };
        let id = ObjectId {
            api_version: "apps/v1".to_owned(),
            kind: workload.kind.clone(),
            namespace: Some(cluster.namespace().to_owned()),
            name: workload.name.clone(),
        };
        let path = format!("/apis/apps/v1/namespaces/{}/{plural}/{}", cluster.namespace(), workload.name);
        let now = live(cluster, &path, &id).await?;
        let place = || "restart".to_owned();
        if let Some(owner) = now.as_ref().and_then(|now| other_owner(now, owner, cluster.namespace())) {
            return Err(Error::Owned { id: Box::new(id), at: place(), owner });
        }
        if let Some(reason) = hindrance(now.as_ref()) {
            return Err(Error::Rejected { id: Box::new(id), at: place(), reason: reason.to_owned() });
        }
        let patch = json!({
            // Not another object that has the name by now.
            "metadata": { "uid": now.as_ref().and_then(|now| now.pointer("/metadata/uid")) },
            "spec": { "template": { "metadata": { "annotations": { ANNOTATION: at } } } },
        });
        patches.push((workload, path, patch));
    }
    let mut done = Vec::new();
    for (workload, path, patch) in patches {
        // A patch, not an apply: an apply that names one field gives up all others.
        let path = format!("{path}?fieldManager={FIELD_MANAGER}");
        let body = Some(("application/strategic-merge-patch+json", &patch));
        let answer = cluster.ask(Method::PATCH, &path, body).await?;
        if !answer.is_success() {
            return Err(cluster.told(&format!("restart {workload}"), &answer));
        }
        done.push(workload.clone());
    }
    Ok(done)
}

/// Why a workload would not replace its pods.
fn hindrance(now: Option<&Value>) -> Option<&'static str> {
    let Some(now) = now else { return Some("it is not there any more; deploy again") };
    let is = |path: &str, value: Value| now.pointer(path) == Some(&value);
    if now.pointer("/metadata/deletionTimestamp").is_some() {
        return Some("it is being deleted");
    }
    if is("/spec/paused", json!(true)) {
        return Some("it is paused; kubectl rollout resume first");
    }
    if is("/spec/updateStrategy/type", json!("OnDelete")) {
        return Some(
            "it replaces its pods only when they are deleted (updateStrategy OnDelete); delete them",
        );
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_not_replace_its_pods_is_told() {
        let told = |object: Value| hindrance(Some(&object)).map(|reason| reason.split(' ').nth(2).unwrap());
        assert_eq!(told(json!({ "spec": { "paused": false } })), None);
        assert_eq!(told(json!({ "spec": { "paused": true } })), Some("paused;"));
        assert_eq!(told(json!({ "spec": { "updateStrategy": { "type": "OnDelete" } } })), Some("its"));
        assert_eq!(
            told(json!({ "metadata": { "deletionTimestamp": "2026-11-23T07:00:00Z" } })),
            Some("being")
        );
        assert!(hindrance(None).unwrap().contains("deploy again"));
    }
}
