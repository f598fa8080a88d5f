//! Replicas belong to the autoscaler where there is one: a release that set them would fight it.

use std::collections::BTreeSet;

use http::Method;
use serde_json::Value;

use super::{Cluster, Manifest, Result};

/// Workloads (kind, name) whose replicas an autoscaler sets.
#[derive(Debug, Default)]
pub(super) struct Autoscaled(BTreeSet<(String, String)>);

impl Autoscaled {
    /// From the release's own autoscalers (HorizontalPodAutoscaler, KEDA's ScaledObject) and those of the namespace.
    pub(super) async fn find(cluster: &Cluster, manifests: &[Manifest]) -> Result<Self> {
        let mut found = Self::default();
        for manifest in manifests {
            if matches!(manifest.kind(), "HorizontalPodAutoscaler" | "ScaledObject") {
                found.target(&manifest.object);
            }
        }
        let scalable = |manifest: &Manifest| matches!(manifest.kind(), "Deployment" | "StatefulSet");
        if manifests.iter().any(scalable) {
            let path =
                format!("/apis/autoscaling/v2/namespaces/{}/horizontalpodautoscalers", cluster.namespace());
            let answer = cluster.ask(Method::GET, &path, None).await?;
            // Who may not list them deploys what the manifests say.
            if !answer.is_success() && answer.status != 403 && answer.status != 404 {
                return Err(cluster.told("list the autoscalers", &answer));
            }
            for item in answer.body.get("items").and_then(Value::as_array).into_iter().flatten() {
                found.target(item);
            }
        }
        Ok(found)
    }

    fn target(&mut self, autoscaler: &Value) {
        let get = |name: &str| autoscaler.pointer("/spec/scaleTargetRef")?.get(name)?.as_str();
        if let Some(name) = get("name") {
            self.0.insert((get("kind").unwrap_or("Deployment").to_owned(), name.to_owned()));
        }
    }

    pub(super) fn has(&self, manifest: &Manifest) -> bool {
        self.0.contains(&(manifest.kind().to_owned(), manifest.name().to_owned()))
    }
}

/// Leaves the replicas of an autoscaled workload as they are. Whoever gives up a field that nobody else owns loses its value,
/// and the default is one pod: as long as the field is ours, the value it has now is sent.
pub(super) fn leave_replicas(object: &mut Value, live: &Value) {
    let Some(spec) = object.get_mut("spec").and_then(Value::as_object_mut) else { return };
    match live.pointer("/spec/replicas").filter(|_| owns_replicas(live)) {
        Some(now) => spec.insert("replicas".into(), now.clone()),
        None => spec.remove("replicas"),
    };
}

fn owns_replicas(live: &Value) -> bool {
    let entries = live.pointer("/metadata/managedFields").and_then(Value::as_array);
    entries.into_iter().flatten().any(|entry| {
        let is = |name: &str, wanted: &str| entry.get(name).and_then(Value::as_str) == Some(wanted);
        is("manager", super::apply::FIELD_MANAGER)
            && is("operation", "Apply")
            && entry.pointer("/fieldsV1/f:spec/f:replicas").is_some()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn replicas_are_kept_while_they_are_ours_and_dropped_after() {
        let wanted = json!({ "spec": { "replicas": 3 } });
        let live = |manager: &str| {
            json!({
                "spec": { "replicas": 7 },
                "metadata": { "managedFields": [
                    { "manager": "jalon", "operation": "Apply", "fieldsV1": { "f:spec": { "f:selector": {} } } },
                    { "manager": manager, "operation": "Apply", "fieldsV1": { "f:spec": { "f:replicas": {} } } },
                ] },
            })
        };
        let mut ours = wanted.clone();
        leave_replicas(&mut ours, &live("jalon"));
        assert_eq!(ours, json!({ "spec": { "replicas": 7 } }));
        let mut theirs = wanted;
        leave_replicas(&mut theirs, &live("kube-controller-manager"));
        assert_eq!(theirs, json!({ "spec": {} }));
        let mut without = json!({ "spec": {} });
        leave_replicas(&mut without, &live("jalon"));
        assert_eq!(without, json!({ "spec": { "replicas": 7 } }));
    }
}
