//! How an object of a cluster is, told by its own status, as Argo CD and kstatus tell it. Pure. An object that says nothing is
//! not healthy for that: kinds that have no state are, all others are unknown.
//!
//! Sources: `kubectl rollout status` (kubectl/pkg/polymorphichelpers), kstatus (sigs.k8s.io/cli-utils), Argo CD's resource health.

use k8s_openapi::api::core::v1::Pod;
use kube::api::DynamicObject;
use serde_json::Value;

/// How an object is, worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Health {
    /// It cannot come up as it is, or does not serve.
    Degraded,
    /// It is not there.
    Missing,
    /// It does not say, or nobody could be asked.
    Unknown,
    /// On its way.
    Progressing,
    /// Paused or scaled to zero on purpose.
    Suspended,
    /// As it should be.
    Healthy,
}

/// How an object is, and the fact behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// How it is.
    pub health: Health,
    /// English: the fact, such as `2 of 3 ready`.
    pub message: String,
    /// Pods that are ready, and that are wanted; none for kinds without pods.
    pub ready: Option<(u32, u32)>,
}

impl Verdict {
    fn new(health: Health, message: impl Into<String>) -> Self {
        Self { health, message: message.into(), ready: None }
    }

    fn counting(mut self, ready: u32, wanted: u32) -> Self {
        self.ready = Some((ready, wanted));
        self
    }
}

/// How an object is. `kind` is the kind it was asked for: objects of a list do not name theirs.
pub fn of(kind: &str, object: &DynamicObject) -> Verdict {
    let seen = Status { object };
    if object.metadata.deletion_timestamp.is_some() {
        return Verdict::new(Health::Progressing, "it is being deleted");
    }
    match kind {
        "Deployment" => deployment(&seen),
        "StatefulSet" => stateful_set(&seen),
        "DaemonSet" => daemon_set(&seen),
        "ReplicaSet" => replica_set(&seen),
        "Job" => job(&seen),
        "CronJob" => cron_job(&seen),
        "PersistentVolumeClaim" => claim(&seen),
        "Service" => service(&seen),
        "Ingress" => ingress(&seen),
        "HorizontalPodAutoscaler" => autoscaler(&seen),
        "Namespace" => match seen.text("/status/phase") {
            Some("Active") => Verdict::new(Health::Healthy, "active"),
            Some(phase) => Verdict::new(Health::Progressing, phase.to_lowercase()),
            None => silent(),
        },
        kind if has_no_state(kind) => Verdict::new(Health::Healthy, "it is there"),
        _ => by_conditions(&seen),
    }
}

/// How a pod is.
pub fn pod(pod: &Pod) -> Verdict {
    let Some(status) = &pod.status else { return silent() };
    let wanted = pod.spec.as_ref().map_or(0, |spec| spec.containers.len());
    let states = status.container_statuses.as_deref().unwrap_or_default();
    let ready = states.iter().filter(|container| container.ready).count();
    let told = |health, message: String| Verdict::new(health, message).counting(small(ready), small(wanted));
    if pod.metadata.deletion_timestamp.is_some() {
        return told(Health::Progressing, "it is being deleted".to_owned());
    }
    let counted = format!("{ready} of {wanted} containers ready");
    let waiting =
        states.iter().filter_map(|container| container.state.as_ref()?.waiting.as_ref()?.reason.as_deref());
    match status.phase.as_deref() {
        Some("Succeeded") => told(Health::Healthy, "it ended as it should".to_owned()),
        Some("Failed") => {
            told(Health::Degraded, status.reason.clone().unwrap_or_else(|| "it failed".to_owned()))
        }
        Some("Running") if is_ready(pod) => told(Health::Healthy, counted),
        Some("Running" | "Pending") => match waiting.into_iter().find(|reason| is_broken(reason)) {
            Some(reason) => told(Health::Degraded, format!("{counted}, {reason}")),
            None => told(Health::Progressing, counted),
        },
        Some(phase) => told(Health::Unknown, phase.to_lowercase()),
        None => silent(),
    }
}

/// Whether a pod takes requests: its condition `Ready`.
pub fn is_ready(pod: &Pod) -> bool {
    let conditions = pod.status.as_ref().and_then(|status| status.conditions.as_deref()).unwrap_or_default();
    conditions.iter().any(|condition| condition.type_ == "Ready" && condition.status == "True")
}

/// Reasons of a waiting container that are no part of a normal start.
fn is_broken(reason: &str) -> bool {
    !matches!(reason, "ContainerCreating" | "PodInitializing")
}

/// Kinds without a state of their own: there is all they can be.
fn has_no_state(kind: &str) -> bool {
    matches!(
        kind,
        "ConfigMap"
            | "Secret"
            | "ServiceAccount"
            | "Role"
            | "RoleBinding"
            | "ClusterRole"
            | "ClusterRoleBinding"
            | "NetworkPolicy"
            | "LimitRange"
            | "ResourceQuota"
            | "PriorityClass"
            | "StorageClass"
            | "IngressClass"
            | "RuntimeClass"
            | "PodDisruptionBudget"
            | "PodTemplate"
            | "Endpoints"
            | "EndpointSlice"
            | "Lease"
            | "ControllerRevision"
            | "MutatingWebhookConfiguration"
            | "ValidatingWebhookConfiguration"
    )
}

/// What an object says of itself.
struct Status<'a> {
    object: &'a DynamicObject,
}

impl<'a> Status<'a> {
    fn number(&self, pointer: &str) -> Option<i64> {
        self.object.data.pointer(pointer).and_then(Value::as_i64)
    }

    fn count(&self, pointer: &str) -> u32 {
        self.number(pointer).and_then(|number| u32::try_from(number).ok()).unwrap_or(0)
    }

    fn text(&self, pointer: &str) -> Option<&'a str> {
        self.object.data.pointer(pointer).and_then(Value::as_str)
    }

    fn is(&self, pointer: &str) -> bool {
        self.object.data.pointer(pointer).and_then(Value::as_bool).unwrap_or(false)
    }

    /// The replicas that are wanted: 1 where nothing is said.
    fn wanted(&self) -> u32 {
        self.number("/spec/replicas").map_or(1, |number| u32::try_from(number).unwrap_or(0))
    }

    /// `status`, `reason` and `message` of a condition.
    fn condition(&self, kind: &str) -> Option<(&'a str, &'a str, &'a str)> {
        let conditions = self.object.data.pointer("/status/conditions")?.as_array()?;
        let found = conditions.iter().find(|condition| condition["type"] == kind)?;
        let text = |key: &str| found[key].as_str().unwrap_or_default();
        Some((text("status"), text("reason"), text("message")))
    }

    /// The verdict on an object whose controller has not yet seen what is wanted now.
    fn unseen(&self) -> Option<Verdict> {
        let wanted = self.object.metadata.generation?;
        let seen = self.number("/status/observedGeneration");
        (seen.is_none_or(|seen| seen < wanted))
            .then(|| Verdict::new(Health::Progressing, "its controller has not seen the change yet"))
    }
}

fn silent() -> Verdict {
    Verdict::new(Health::Unknown, "it does not say how it is")
}

fn deployment(seen: &Status<'_>) -> Verdict {
    let wanted = seen.wanted();
    let [all, updated, ready, available] =
        ["replicas", "updatedReplicas", "readyReplicas", "availableReplicas"]
            .map(|field| seen.count(&format!("/status/{field}")));
    let told = |health, message: String| Verdict::new(health, message).counting(ready, wanted);
    if let Some(unseen) = seen.unseen() {
        return unseen.counting(ready, wanted);
    }
    if seen.is("/spec/paused") {
        return told(Health::Suspended, format!("paused, {ready} of {wanted} ready"));
    }
    let progressing = seen.condition("Progressing");
    if let Some(("False", "ProgressDeadlineExceeded", message)) = progressing {
        return told(Health::Degraded, format!("{ready} of {wanted} ready: {message}"));
    }
    if wanted == 0 && all == 0 {
        return told(Health::Suspended, "scaled to zero".to_owned());
    }
    if updated < wanted {
        return told(Health::Progressing, format!("{updated} of {wanted} updated, {ready} ready"));
    }
    if all > updated {
        let old = all - updated;
        return told(Health::Progressing, format!("{ready} of {wanted} ready, {old} old still to end"));
    }
    if available < wanted {
        let rolled_out = matches!(progressing, Some(("True", "NewReplicaSetAvailable", _)));
        let health = if rolled_out && ready == 0 { Health::Degraded } else { Health::Progressing };
        return told(health, awaiting(ready, available, wanted));
    }
    told(Health::Healthy, format!("{ready} of {wanted} ready"))
}

fn stateful_set(seen: &Status<'_>) -> Verdict {
    let wanted = seen.wanted();
    let [updated, ready] =
        ["updatedReplicas", "readyReplicas"].map(|field| seen.count(&format!("/status/{field}")));
    // Servers before 1.22 do not tell it.
    let available =
        seen.number("/status/availableReplicas").map_or(ready, |_| seen.count("/status/availableReplicas"));
    let told = |health, message: String| Verdict::new(health, message).counting(ready, wanted);
    if let Some(unseen) = seen.unseen() {
        return unseen.counting(ready, wanted);
    }
    if wanted == 0 && seen.count("/status/replicas") == 0 {
        return told(Health::Suspended, "scaled to zero".to_owned());
    }
    if available < wanted {
        return told(Health::Progressing, awaiting(ready, available, wanted));
    }
    let revisions = (seen.text("/status/currentRevision"), seen.text("/status/updateRevision"));
    let pending = revisions.1.is_some() && revisions.0 != revisions.1;
    if seen.text("/spec/updateStrategy/type") == Some("OnDelete") {
        let note = if pending { ", pods are replaced when they are deleted" } else { "" };
        return told(Health::Healthy, format!("{ready} of {wanted} ready{note}"));
    }
    let partition = seen.count("/spec/updateStrategy/rollingUpdate/partition");
    if partition > 0 {
        let due = wanted.saturating_sub(partition);
        return if updated < due {
            told(
                Health::Progressing,
                format!("{updated} of {due} updated below the partition, {ready} ready"),
            )
        } else {
            told(Health::Healthy, format!("{ready} of {wanted} ready, {due} updated as the partition asks"))
        };
    }
    if pending {
        return told(Health::Progressing, format!("{updated} of {wanted} updated, {ready} ready"));
    }
    told(Health::Healthy, format!("{ready} of {wanted} ready"))
}

fn daemon_set(seen: &Status<'_>) -> Verdict {
    let [wanted, updated, ready, available] =
        ["desiredNumberScheduled", "updatedNumberScheduled", "numberReady", "numberAvailable"]
            .map(|field| seen.count(&format!("/status/{field}")));
    let told = |health, message: String| Verdict::new(health, message).counting(ready, wanted);
    if let Some(unseen) = seen.unseen() {
        return unseen.counting(ready, wanted);
    }
    let on_delete = seen.text("/spec/updateStrategy/type") == Some("OnDelete");
    if updated < wanted && !on_delete {
        return told(Health::Progressing, format!("{updated} of {wanted} updated, {ready} ready"));
    }
    if available < wanted {
        return told(Health::Progressing, awaiting(ready, available, wanted));
    }
    told(Health::Healthy, format!("{ready} of {wanted} ready"))
}

fn replica_set(seen: &Status<'_>) -> Verdict {
    let wanted = seen.wanted();
    let [ready, available] =
        ["readyReplicas", "availableReplicas"].map(|field| seen.count(&format!("/status/{field}")));
    let told = |health, message: String| Verdict::new(health, message).counting(ready, wanted);
    if let Some(unseen) = seen.unseen() {
        return unseen.counting(ready, wanted);
    }
    if let Some(("True", _, message)) = seen.condition("ReplicaFailure") {
        return told(Health::Degraded, format!("{ready} of {wanted} ready: {message}"));
    }
    if wanted == 0 {
        return told(Health::Suspended, "scaled to zero".to_owned());
    }
    if available < wanted {
        return told(Health::Progressing, awaiting(ready, available, wanted));
    }
    told(Health::Healthy, format!("{ready} of {wanted} ready"))
}

/// Ready is not yet available while `minReadySeconds` runs.
fn awaiting(ready: u32, available: u32, wanted: u32) -> String {
    if ready >= wanted && available < wanted {
        format!("{ready} of {wanted} ready, {available} for as long as minReadySeconds asks")
    } else {
        format!("{ready} of {wanted} ready")
    }
}

fn job(seen: &Status<'_>) -> Verdict {
    let wanted = seen.number("/spec/completions").map_or(1, |_| seen.count("/spec/completions"));
    let [done, failed, running] =
        ["succeeded", "failed", "active"].map(|field| seen.count(&format!("/status/{field}")));
    if let Some(("True", reason, message)) = seen.condition("Failed") {
        return Verdict::new(Health::Degraded, format!("failed ({reason}): {message}"));
    }
    if let Some(("True", ..)) = seen.condition("Complete") {
        return Verdict::new(Health::Healthy, format!("{done} of {wanted} completed"));
    }
    if seen.is("/spec/suspend") {
        return Verdict::new(Health::Suspended, "suspended");
    }
    let failures = if failed > 0 { format!(", {failed} failed") } else { String::new() };
    Verdict::new(Health::Progressing, format!("{done} of {wanted} completed, {running} running{failures}"))
}

fn cron_job(seen: &Status<'_>) -> Verdict {
    let schedule = seen.text("/spec/schedule").unwrap_or("no schedule");
    if seen.is("/spec/suspend") {
        return Verdict::new(Health::Suspended, format!("suspended, scheduled at {schedule}"));
    }
    let last = seen.text("/status/lastScheduleTime");
    let last = last.map_or_else(|| "never yet".to_owned(), |at| format!("last at {at}"));
    Verdict::new(Health::Healthy, format!("scheduled at {schedule}, {last}"))
}

fn claim(seen: &Status<'_>) -> Verdict {
    match seen.text("/status/phase") {
        Some("Bound") => Verdict::new(Health::Healthy, "bound"),
        Some("Lost") => Verdict::new(Health::Degraded, "its volume is lost"),
        Some("Pending") => Verdict::new(Health::Progressing, "waiting for a volume"),
        _ => silent(),
    }
}

fn service(seen: &Status<'_>) -> Verdict {
    if seen.text("/spec/type") != Some("LoadBalancer") {
        return Verdict::new(Health::Healthy, "it is there");
    }
    match address(seen) {
        Some(address) => Verdict::new(Health::Healthy, format!("reachable at {address}")),
        None => Verdict::new(Health::Progressing, "waiting for a load balancer's address"),
    }
}

fn ingress(seen: &Status<'_>) -> Verdict {
    match address(seen) {
        Some(address) => Verdict::new(Health::Healthy, format!("reachable at {address}")),
        None => Verdict::new(Health::Progressing, "no controller has given it an address yet"),
    }
}

fn address<'a>(seen: &Status<'a>) -> Option<&'a str> {
    let first = seen.object.data.pointer("/status/loadBalancer/ingress/0")?;
    first["ip"].as_str().or_else(|| first["hostname"].as_str())
}

fn autoscaler(seen: &Status<'_>) -> Verdict {
    let (current, wanted) = (seen.count("/status/currentReplicas"), seen.count("/status/desiredReplicas"));
    let maximum = seen.count("/spec/maxReplicas");
    if let Some(("False", reason, message)) = seen.condition("AbleToScale") {
        return Verdict::new(Health::Degraded, format!("it cannot scale ({reason}): {message}"));
    }
    match seen.condition("ScalingActive") {
        None => Verdict::new(Health::Progressing, "it has not looked at its target yet"),
        Some(("False", "ScalingDisabled", _)) => {
            Verdict::new(Health::Suspended, "its target is scaled to zero")
        }
        Some(("False", reason, message)) => {
            Verdict::new(Health::Degraded, format!("it does not scale ({reason}): {message}"))
        }
        Some(_) if wanted >= maximum && maximum > 0 => {
            Verdict::new(Health::Healthy, format!("{current} replicas, the most it may set"))
        }
        Some(_) => Verdict::new(Health::Healthy, format!("{current} replicas, up to {maximum}")),
    }
}

/// Objects of other kinds, by the conditions that the API conventions and kstatus name.
fn by_conditions(seen: &Status<'_>) -> Verdict {
    let observed = seen.number("/status/observedGeneration");
    if observed.is_some()
        && let Some(unseen) = seen.unseen()
    {
        return unseen;
    }
    let told = |health, kind: &str, reason: &str, message: &str| {
        let why =
            [reason, message].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(": ");
        Verdict::new(health, if why.is_empty() { kind.to_owned() } else { format!("{kind}, {why}") })
    };
    for kind in ["Stalled", "Failed", "Degraded"] {
        if let Some(("True", reason, message)) = seen.condition(kind) {
            return told(Health::Degraded, &kind.to_lowercase(), reason, message);
        }
    }
    for kind in ["Reconciling", "Progressing"] {
        if let Some(("True", reason, message)) = seen.condition(kind) {
            return told(Health::Progressing, &kind.to_lowercase(), reason, message);
        }
    }
    for kind in ["Ready", "Available", "Healthy", "Established", "Complete", "Succeeded"] {
        let word = kind.to_lowercase();
        match seen.condition(kind) {
            Some(("True", ..)) => return Verdict::new(Health::Healthy, word),
            Some(("False", reason, message)) => {
                return told(Health::Progressing, &format!("not {word}"), reason, message);
            }
            Some((_, reason, message)) => return told(Health::Unknown, &word, reason, message),
            None => {}
        }
    }
    silent()
}

fn small(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
