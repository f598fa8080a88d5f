//! Applying a release: every object by server-side apply, in an order in which each finds what it needs, and without taking
//! fields away from others. Going back is applying an older release.

use std::collections::BTreeMap;
use std::time::Duration;

use credentials::{Masker, Secret};
use futures_util::{StreamExt, stream};
use http::Method;
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::Api;
use kube::runtime::wait::{await_condition, conditions};
use serde_json::{Value, json};

use super::autoscale::{Autoscaled, leave_replicas};
use super::diff::AT_ONCE;
use super::manifests::{MANAGED_BY, SERVICE, label_value};
use super::owner::other_owner;
use super::patch::{Patch, Sent};
use super::references::resolved;
use super::resources::{Resources, live};
use super::{Cluster, Error, Manifest, ObjectId, Owner, Result};

/// Under which name Jalon owns fields.
pub const FIELD_MANAGER: &str = "jalon";

/// What is applied.
#[derive(Clone, Copy)]
pub struct Applying<'a> {
    /// The release, labelled ([`super::label`]).
    pub manifests: &'a [Manifest],
    /// Values of the secrets that it refers to.
    pub secrets: &'a BTreeMap<String, Secret>,
    /// Service.
    pub service: &'a str,
}

/// What came of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It was not there.
    Created,
    /// It was changed.
    Changed,
    /// It was so already.
    Unchanged,
}

/// An object that was applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    /// Object, with its namespace if its kind has one.
    pub id: ObjectId,
    /// What came of it.
    pub outcome: Outcome,
    /// The server's id of it.
    pub uid: String,
    /// Which change of its specification this was, where its kind counts them: a rollout has to have seen it.
    pub generation: Option<i64>,
    /// Its state, where a watch begins.
    pub resource_version: String,
    /// What the server warned of.
    pub warnings: Vec<String>,
}

/// Applies a release. `on` hears of each object once it is there; of objects that need nothing of each other several are sent
/// at once. After the first refusal nothing more is begun. Dropping the future stops as well: an object is applied whole or
/// not at all.
///
/// # Errors
/// A secret without a value, an API that is gone (nothing was sent then), another owner, a conflict, a refusal, a server that
/// does not answer, or the limit passed.
pub async fn apply(
    cluster: &Cluster,
    applying: &Applying<'_>,
    limit: Duration,
    on: &mut (dyn FnMut(&Applied) + Send),
) -> Result<Vec<Applied>> {
    let work = applied(cluster, applying, on);
    tokio::time::timeout(limit, work)
        .await
        .unwrap_or_else(|_| Err(Error::timeout("apply the release", limit)))
}

async fn applied(
    cluster: &Cluster,
    applying: &Applying<'_>,
    on: &mut (dyn FnMut(&Applied) + Send),
) -> Result<Vec<Applied>> {
    let (resources, autoscaled) =
        tokio::try_join!(Resources::discover(cluster), Autoscaled::find(cluster, applying.manifests))?;
    let mut resources = resources;
    resources.announce(applying.manifests);
    let mask = Masker::new(applying.secrets.values().map(Secret::expose));
    let mut steps: BTreeMap<u8, Vec<Step<'_>>> = BTreeMap::new();
    for manifest in applying.manifests {
        let id = manifest.id();
        let resource = resources.find(&id, &manifest.at)?;
        steps.entry(order(manifest)).or_default().push(Step {
            cluster,
            manifest,
            object: resolved(manifest, applying.secrets)?,
            path: resource.path(cluster, &id),
            id: resource.placed(cluster, &id),
            service: applying.service,
            autoscaled: autoscaled.has(manifest),
            announced: resource.announced,
            mask: &mask,
        });
    }
    let mut all = Vec::new();
    for steps in steps.into_values() {
        let definitions: Vec<String> = steps
            .iter()
            .filter(|step| step.manifest.kind() == "CustomResourceDefinition")
            .map(|step| step.id.name.clone())
            .collect();
        let mut sent =
            stream::iter(steps.into_iter().map(Step::run).collect::<Vec<_>>()).buffer_unordered(AT_ONCE);
        while let Some(applied) = sent.next().await {
            let applied = applied?;
            on(&applied);
            all.push(applied);
        }
        for name in definitions {
            let api: Api<CustomResourceDefinition> = Api::all(cluster.watching());
            let served = await_condition(api, &name, conditions::is_crd_established());
            served.await.map_err(|error| cluster.unreachable(error.to_string()))?;
        }
    }
    Ok(all)
}

/// In which order kinds are applied: what others name first, what runs later, what leads to it last. Kinds that are not known
/// come before the workloads, which may need what they make.
fn order(manifest: &Manifest) -> u8 {
    match manifest.kind() {
        "CustomResourceDefinition" | "PriorityClass" | "StorageClass" | "IngressClass" | "RuntimeClass" => 0,
        "ServiceAccount" | "ResourceQuota" | "LimitRange" | "NetworkPolicy" | "Role" | "ClusterRole" => 1,
        "Secret"
        | "ConfigMap"
        | "PersistentVolume"
        | "PersistentVolumeClaim"
        | "PodDisruptionBudget"
        | "RoleBinding"
        | "ClusterRoleBinding"
        | "Service" => 2,
        "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet" | "Pod" | "Job" | "CronJob" => 4,
        "HorizontalPodAutoscaler"
        | "ScaledObject"
        | "Ingress"
        | "APIService"
        | "MutatingWebhookConfiguration"
        | "ValidatingWebhookConfiguration" => 5,
        _ => 3,
    }
}

/// One object on its way.
struct Step<'a> {
    cluster: &'a Cluster,
    manifest: &'a Manifest,
    object: Value,
    path: String,
    id: ObjectId,
    service: &'a str,
    autoscaled: bool,
    announced: bool,
    mask: &'a Masker,
}

impl Step<'_> {
    async fn run(mut self) -> Result<Applied> {
        let before = live(self.cluster, &self.path, &self.id).await?;
        if let Some(before) = &before {
            self.free(before)?;
            if self.autoscaled {
                leave_replicas(&mut self.object, before);
            }
        }
        let answer = match self.send().await {
            // The autoscaler was faster: what it set now is left to it.
            Err(Error::Conflict { owners, .. })
                if self.autoscaled && owners.iter().all(|owner| owner.fields == [".spec.replicas"]) =>
            {
                if let Some(spec) = self.object.get_mut("spec").and_then(Value::as_object_mut) {
                    spec.remove("replicas");
                }
                self.send().await?
            }
            // A new kind is established a moment before it is served.
            Err(Error::Api { status: 404, .. }) if self.announced => self.send_until_served().await?,
            answer => answer?,
        };
        let text = |object: &Value, path: &str| {
            object.pointer(path).and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        const REVISION: &str = "/metadata/resourceVersion";
        let resource_version = text(&answer.body, REVISION);
        let outcome = match before {
            None => Outcome::Created,
            Some(before) if text(&before, REVISION) == resource_version => Outcome::Unchanged,
            Some(_) => Outcome::Changed,
        };
        Ok(Applied {
            outcome,
            uid: text(&answer.body, "/metadata/uid"),
            generation: answer.body.pointer("/metadata/generation").and_then(Value::as_i64),
            resource_version,
            warnings: answer.warnings.into_iter().collect(),
            id: self.id,
        })
    }

    /// Refuses what somebody else deploys, and what is on its way out.
    fn free(&self, before: &Value) -> Result<()> {
        let (id, at) = (self.id.clone(), self.manifest.at.clone());
        if let Some(owner) =
            other_owner(before, Owner::Jalon { service: self.service }, self.cluster.namespace())
        {
            return Err(Error::Owned { id, at, owner });
        }
        match before.pointer("/metadata/deletionTimestamp").and_then(Value::as_str) {
            Some(since) => {
                let reason = format!("it is being deleted since {since}; wait until it is gone");
                Err(Error::Rejected { id, at, reason })
            }
            None => Ok(()),
        }
    }

    async fn send(&self) -> Result<super::request::Answer> {
        let patch = Patch { manager: FIELD_MANAGER, dry_run: false, force: false };
        let sent = Sent {
            id: &self.id,
            at: &self.manifest.at,
            path: &self.path,
            object: &self.object,
            mask: self.mask,
        };
        patch.send(self.cluster, &sent).await
    }

    async fn send_until_served(&self) -> Result<super::request::Answer> {
        const TRIES: u32 = 20;
        let mut ticks = tokio::time::interval(Duration::from_millis(100));
        for _ in 1..TRIES {
            ticks.tick().await;
            match self.send().await {
                Err(Error::Api { status: 404, .. }) => {}
                answer => return answer,
            }
        }
        self.send().await
    }
}

/// Deletes what the release no longer has, after the new one has come up. Only objects that are marked as this service's are:
/// one that is gone, or that somebody took over meanwhile, is left out. What was deleted.
///
/// # Errors
/// The server refuses or does not answer, or the limit passed.
pub async fn prune(
    cluster: &Cluster,
    ids: &[ObjectId],
    service: &str,
    limit: Duration,
) -> Result<Vec<ObjectId>> {
    let work = pruned(cluster, ids, service);
    tokio::time::timeout(limit, work)
        .await
        .unwrap_or_else(|_| Err(Error::timeout("delete what is no longer there", limit)))
}

async fn pruned(cluster: &Cluster, ids: &[ObjectId], service: &str) -> Result<Vec<ObjectId>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let resources = Resources::discover(cluster).await?;
    let mut deleted = Vec::new();
    for id in ids {
        let Ok(resource) = resources.find(id, "the release before") else { continue };
        let path = resource.path(cluster, id);
        let Some(now) = live(cluster, &path, id).await? else { continue };
        let label = |name: &str| now.pointer("/metadata/labels")?.get(name)?.as_str();
        if label(MANAGED_BY) != Some("jalon") || label(SERVICE) != Some(&label_value(service)) {
            continue;
        }
        let options = json!({
            "apiVersion": "v1",
            "kind": "DeleteOptions",
            "propagationPolicy": "Background",
            // Not another object that has the name by now.
            "preconditions": { "uid": now.pointer("/metadata/uid") },
        });
        let answer = cluster.ask(Method::DELETE, &path, Some(("application/json", &options))).await?;
        match answer.status {
            404 | 409 => {}
            _ if answer.is_success() => deleted.push(resource.placed(cluster, id)),
            _ => return Err(cluster.told(&format!("delete {id}"), &answer)),
        }
    }
    Ok(deleted)
}
