//! A service on a cluster: what would change, what runs, what happened, what is wrong.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::WireError;

/// Names a service in an environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ClusterQuery {
    /// Folder of the project.
    pub dir: String,
    /// Service.
    pub service: String,
    /// Environment.
    pub environment: String,
}

/// Waits for news of a service on a cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ClusterWatch {
    /// Folder of the project.
    pub dir: String,
    /// Service.
    pub service: String,
    /// Environment.
    pub environment: String,
    /// The `revision` of the answer before, 0 at first.
    pub revision: u64,
}

/// A service on a cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ClusterView {
    /// Context of the kubeconfig.
    pub context: String,
    /// Namespace.
    pub namespace: String,
    /// Host of the API server.
    pub server: String,
    /// Whether this context may only read here.
    pub read_only: bool,
    /// Why the cluster cannot be read; what was read before is shown then.
    pub error: Option<WireError>,
    /// Worst of the workloads.
    pub health: WorkloadHealth,
    /// Workloads of the service, worst first.
    pub workloads: Vec<Workload>,
    /// Events about them, newest first, at most 100.
    pub events: Vec<EventLine>,
    /// When it was read.
    pub as_of: String,
    /// Changes whenever the view does.
    pub revision: u64,
}

/// What is new of a service on a cluster: of thousands of pods the one that changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ClusterNews {
    /// The view. With a `since`, its workloads have those pods alone that are new or changed.
    pub view: ClusterView,
    /// The revision that was asked with, to whose view this one is the difference; none where it is whole.
    pub since: Option<u64>,
    /// Names of pods that are gone since, by their workload: `Deployment/web`.
    pub gone: BTreeMap<String, Vec<String>>,
    /// Whether the events are those of before, and left out.
    pub same_events: bool,
}

/// How a workload is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum WorkloadHealth {
    /// It cannot come up as it is, or does not serve.
    Degraded,
    /// It is not there.
    Missing,
    /// Nobody could be asked.
    Unknown,
    /// On its way.
    Progressing,
    /// Paused or scaled to zero on purpose.
    Suspended,
    /// As it should be.
    Healthy,
}

/// A workload: Deployment, StatefulSet, DaemonSet, Job, CronJob, or another object of the service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Workload {
    /// Kind.
    pub kind: String,
    /// Name.
    pub name: String,
    /// How it is.
    pub health: WorkloadHealth,
    /// English: the fact behind it, such as `2 of 3 ready`.
    pub message: String,
    /// Pods that are ready, and that are wanted; none for kinds without pods.
    pub ready: Option<(u32, u32)>,
    /// Images of its containers, digests included.
    pub images: Vec<String>,
    /// Whether an autoscaler sets its replicas.
    pub autoscaled: bool,
    /// Why it is not healthy.
    pub cause: Option<Cause>,
    /// Its pods.
    pub pods: Vec<PodView>,
}

/// A pod.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PodView {
    /// Name.
    pub name: String,
    /// Status as `kubectl get pods` words it: `Running`, `CrashLoopBackOff`, `Pending` ….
    pub status: String,
    /// Containers that are ready, and that there are.
    pub ready: (u32, u32),
    /// Restarts of its containers.
    pub restarts: u32,
    /// Node, once it has one.
    pub node: Option<String>,
    /// When it was created.
    pub created: Option<String>,
    /// Containers, for their logs.
    pub containers: Vec<String>,
    /// Why it is not ready.
    pub cause: Option<Cause>,
}

/// A named cause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Cause {
    /// `crash_loop`, `out_of_memory`, `image`, `configuration`, `network`, `unschedulable`, `probe`, `quota`, `storage`,
    /// `rollout_stuck`, `node`, `forbidden` or `unknown`.
    pub id: String,
    /// Object it was seen at: `Pod/web-5c…`.
    pub object: String,
    /// What the advice is about: `image`, `container`, `exit_code`, `missing`, `quota`, `reason` ….
    #[ts(type = "{ [key in string]?: string }")]
    pub params: BTreeMap<String, String>,
    /// English sentence that names the cause.
    pub message: String,
    /// Events, states and log lines that show it, in the cluster's own words.
    pub evidence: Vec<String>,
}

/// An event of the cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct EventLine {
    /// When it was last seen.
    pub at: String,
    /// Whether it is a warning.
    pub warning: bool,
    /// `Pod/web-5c…`.
    pub object: String,
    /// Reason.
    pub reason: String,
    /// Message.
    pub message: String,
    /// How often.
    pub count: u32,
}

/// Asks for a pod's log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PodLogQuery {
    /// Folder of the project.
    pub dir: String,
    /// Service.
    pub service: String,
    /// Environment.
    pub environment: String,
    /// Pod.
    pub pod: String,
    /// Container; its first by default.
    #[ts(optional)]
    pub container: Option<String>,
    /// Whether the log of the container before its last restart is meant.
    #[serde(default)]
    #[ts(optional, as = "Option<bool>")]
    pub previous: bool,
}

/// Asks what a deployment would change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DiffQuery {
    /// Folder of the project.
    pub dir: String,
    /// Service.
    pub service: String,
    /// Environment.
    pub environment: String,
    /// Tag, branch or commit; what is checked out by default.
    #[ts(optional)]
    pub version: Option<String>,
}

/// What a deployment would change: the server's own answer to a dry run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Diff {
    /// Version that was compared.
    pub version: String,
    /// Where: `context/namespace`, or the local target's address.
    pub place: String,
    /// Objects, deletions first, unchanged ones left out.
    pub objects: Vec<ObjectChange>,
    /// Objects that stay as they are.
    pub unchanged: u32,
    /// What the server warns of, deprecated APIs among them.
    pub warnings: Vec<String>,
}

/// What happens to an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ObjectAction {
    /// Deleted: it belongs to the release that runs and not to this one.
    Delete,
    /// Changed.
    Update,
    /// Created.
    Create,
}

/// An object that would change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ObjectChange {
    /// What happens.
    pub action: ObjectAction,
    /// Kind.
    pub kind: String,
    /// Name.
    pub name: String,
    /// Namespace; none for objects of the whole cluster.
    pub namespace: Option<String>,
    /// Fields that change, by path; values of Secrets are masked.
    pub fields: Vec<super::AttributeChange>,
    /// Another owner of the object or of a field of it: then it is refused.
    pub owner: Option<String>,
}
