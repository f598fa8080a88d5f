//! Why something does not come up: the cause named from what pods, their owners and events say. Pure. The most specific cause
//! wins and is told for the pod, then for its workload.
//!
//! A cause also tells how long to bear with it: a slow start is not a failure, but a crash loop is not a slow start.
//!
//! - *At once*: an invalid or wrong-architecture image, an image that a second pull did not find either, a quota that nothing
//!   will free, what admission or a policy denies, a Deployment whose own deadline passed, a Job that failed.
//! - *After restarts*: crash loops and memory that ran out, [`RESTARTS`] restarts.
//! - *After a time*: references to what is not there ([`MISSING`]; it may still be created), an image's first failure
//!   ([`MISSING`]), scheduling and volumes ([`PLACING`], or [`SCALING`] where an autoscaler said that it adds nodes), a
//!   registry or a network that does not answer ([`NETWORK`]).
//! - *After what it asks for itself*: probes that do not succeed, as long as the probe may fail by its own settings, but no
//!   less than [`PROBING`]. A container that was never ready and never restarted may just be slow to start (a JVM, a
//!   migration): the rollout gives it most of its own limit.
//! - *Never*: nodes that are not well and services that reach nothing; the rollout's own limits hold there.

mod container;
mod image;
mod pod;
mod scheduling;
mod workload;

use std::collections::BTreeMap;
use std::time::Duration;

pub use pod::of_pod;
pub use workload::{Owned, of_service, of_workload};

/// Restarts of a container after which a rollout is given up.
pub const RESTARTS: u32 = 3;
/// How long something that is referred to may be missing.
pub const MISSING: Duration = Duration::from_secs(20);
/// How long a pod may wait for a node or a volume: pods of the version before may have to end first.
pub const PLACING: Duration = Duration::from_secs(60);
/// How long a pod may wait for a node that a cluster autoscaler said it adds.
pub const SCALING: Duration = Duration::from_secs(600);
/// How long a running container may fail its probe, at least; longer where it has not been ready yet.
pub const PROBING: Duration = Duration::from_secs(60);
/// How long a registry or the pods' network may not answer.
pub const NETWORK: Duration = Duration::from_secs(90);

/// What is wrong. Most specific first: that order decides which of several is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CauseId {
    /// Something that the pod refers to is not there. `missing`, `key`.
    Configuration,
    /// The image cannot be had. `container`, `image`, `reason`: `not_found`, `denied`, `unreachable`, `rate_limited`,
    /// `architecture`, `invalid` or `unknown`.
    Image,
    /// The container used more memory than it may. `container`, `limit`.
    OutOfMemory,
    /// The container ends again and again. `container`, `exit_code`, `restarts`, `reason`.
    CrashLoop,
    /// A quota or limit of the namespace forbids pods. `quota`, `resource`.
    Quota,
    /// The cluster does not allow it. `reason`.
    Forbidden,
    /// A volume is not there. `claim`, `reason`.
    Storage,
    /// No node takes the pod. `reason`: `resources`, `taint`, `affinity`, `claim`, `no_nodes` or `other`; `resource`.
    Unschedulable,
    /// The pod has no network, or the service no pod. `reason`: `sandbox`, `selector` or `port`.
    Network,
    /// The container runs but does not answer its probe. `container`, `probe`, `path`, `port`.
    Probe,
    /// The node is not well. `node`, `reason`.
    Node,
    /// The rollout does not go on. `reason`.
    RolloutStuck,
    /// Something else. `reason`.
    Unknown,
}

impl CauseId {
    /// Its name for the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Configuration => "configuration",
            Self::Image => "image",
            Self::OutOfMemory => "out_of_memory",
            Self::CrashLoop => "crash_loop",
            Self::Quota => "quota",
            Self::Forbidden => "forbidden",
            Self::Storage => "storage",
            Self::Unschedulable => "unschedulable",
            Self::Network => "network",
            Self::Probe => "probe",
            Self::Node => "node",
            Self::RolloutStuck => "rollout_stuck",
            Self::Unknown => "unknown",
        }
    }
}

/// When a cause is final enough to give a rollout up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Patience {
    /// Nothing but a change helps.
    AtOnce,
    /// Once it has stood for so long.
    After(Duration),
    /// Once it has stood for so long, which is what a probe's settings allow, and no less than [`PROBING`].
    Probing(Duration),
    /// The same of a container that may still be starting, and no less than the rollout gives a start.
    Starting(Duration),
    /// Once the container restarted so often.
    Restarts(u32),
    /// It may pass; the limits of the rollout hold.
    Never,
}

/// A named cause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// What is wrong.
    pub id: CauseId,
    /// Object it was seen at: `Pod/web-5c…`.
    pub object: String,
    /// What the advice is about; keys at [`CauseId`].
    pub params: BTreeMap<String, String>,
    /// English sentence that names the cause.
    pub message: String,
    /// Events and states that show it, in the cluster's own words. Not masked.
    pub evidence: Vec<String>,
    /// How long to bear with it.
    pub patience: Patience,
    /// Restarts of the container; 0 where that is not what it is about.
    pub restarts: u32,
}

impl Cause {
    fn new(id: CauseId, object: impl Into<String>, message: impl Into<String>, patience: Patience) -> Self {
        Self {
            id,
            object: object.into(),
            params: BTreeMap::new(),
            message: message.into(),
            evidence: Vec::new(),
            patience,
            restarts: 0,
        }
    }

    fn with(mut self, key: &str, value: impl Into<String>) -> Self {
        self.params.insert(key.to_owned(), value.into());
        self
    }

    fn maybe(self, key: &str, value: Option<impl Into<String>>) -> Self {
        match value {
            Some(value) => self.with(key, value),
            None => self,
        }
    }

    fn shown(mut self, line: impl Into<String>) -> Self {
        let line = line.into();
        if !line.is_empty() && !self.evidence.contains(&line) {
            self.evidence.push(line);
        }
        self
    }

    fn after(mut self, restarts: u32) -> Self {
        self.restarts = restarts;
        self
    }

    /// Whether this one is told rather than another: the more specific, then the one that is nearer to its end.
    pub fn is_before(&self, other: &Self) -> bool {
        let nearness = |cause: &Self| match cause.patience {
            Patience::AtOnce => 0,
            Patience::Restarts(_) => 1,
            Patience::After(_) | Patience::Probing(_) | Patience::Starting(_) => 2,
            Patience::Never => 3,
        };
        let key = |cause: &Self| (cause.id, nearness(cause), std::cmp::Reverse(cause.restarts));
        key(self) < key(other)
    }

    /// Whether it says that the workload cannot come up as it is, rather than that it has not yet.
    pub fn is_failing(&self) -> bool {
        match self.patience {
            Patience::Probing(_) | Patience::Starting(_) | Patience::Never => false,
            Patience::After(_) => self.id != CauseId::RolloutStuck,
            Patience::AtOnce | Patience::Restarts(_) => true,
        }
    }

    /// Two causes of one key are one that lasts. Pods that start one after the other fail their probes one after the other:
    /// there it is one pod that lasts.
    pub fn key(&self) -> (CauseId, Option<&str>) {
        let reason = self.params.get("reason").map(String::as_str);
        (self.id, if self.id == CauseId::Probe { Some(self.object.as_str()) } else { reason })
    }
}

/// The words between two marks: `quoted("secret \"db\" not found", "secret \"", "\"")` is `db`.
fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    let start = text.find(before)? + before.len();
    let rest = text.get(start..)?;
    let end = if after.is_empty() { rest.len() } else { rest.find(after)? };
    rest.get(..end).filter(|found| !found.is_empty())
}

/// What a message says is missing, with its key: words of the kubelet and of the controllers.
fn missing_reference(message: &str) -> Option<(String, Option<String>)> {
    // couldn't find key KEY in ConfigMap NAMESPACE/NAME
    if let Some(rest) = between(message, "couldn't find key ", "") {
        let (key, rest) = rest.split_once(" in ")?;
        let (kind, rest) = rest.split_once(' ')?;
        let end =
            rest.find(|letter: char| letter.is_whitespace() || ",;:".contains(letter)).unwrap_or(rest.len());
        let path = rest.get(..end)?;
        let name = path.rsplit('/').next()?;
        return Some((format!("{kind}/{name}"), Some(key.to_owned())));
    }
    let kinds = [
        ("secret", "Secret"),
        ("configmap", "ConfigMap"),
        ("serviceaccount", "ServiceAccount"),
        ("persistentvolumeclaim", "PersistentVolumeClaim"),
    ];
    for (word, kind) in kinds {
        // `secret "x" not found` of the kubelet, `secrets "x" not found` of the API server.
        for before in [format!("{word} \""), format!("{word}s \"")] {
            if let Some(name) = between(message, &before, "\"")
                && message.contains(&format!("{before}{name}\" not found"))
            {
                return Some((format!("{kind}/{name}"), None));
            }
        }
    }
    None
}

#[cfg(test)]
mod tests;
