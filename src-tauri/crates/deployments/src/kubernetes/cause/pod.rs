//! Why a pod is not ready.

use k8s_openapi::api::core::v1::{Container, ContainerStatus, Pod, PodStatus};

use super::container::{self, Seen};
use super::{Cause, CauseId, Patience, scheduling};
use crate::kubernetes::events::Events;
use crate::kubernetes::health;

/// Why a pod is not ready, or none: it is, it ended as it should, it is being deleted, or it is on its way.
pub fn of_pod(pod: &Pod, events: &Events) -> Option<Cause> {
    let status = pod.status.as_ref()?;
    let phase = status.phase.as_deref().unwrap_or_default();
    if pod.metadata.deletion_timestamp.is_some() || phase == "Succeeded" || health::is_ready(pod) {
        return None;
    }
    let name = pod.metadata.name.as_deref().unwrap_or_default();
    let object = format!("Pod/{name}");
    let about = events.about("Pod", name, pod.metadata.uid.as_deref());
    if let Some(lost) = lost(pod, &object) {
        return Some(lost);
    }
    let conditions = status.conditions.as_deref().unwrap_or_default();
    let unscheduled = conditions.iter().find(|condition| {
        condition.type_ == "PodScheduled"
            && condition.status == "False"
            && condition.reason.as_deref() != Some("SchedulingGated")
    });
    if let Some(condition) = unscheduled {
        let message = condition.message.as_deref().unwrap_or_default();
        return Some(scheduling::cause(&object, message, &claims(pod), &about, events));
    }
    let seen = containers(pod, &object, &about);
    let broken = seen.iter().filter_map(container::cause).reduce(best);
    if broken.is_some() {
        return broken;
    }
    let waits = seen.is_empty() || seen.iter().any(|seen| is_waiting(seen.status));
    if waits && let Some(cause) = container::before_start(&object, &about) {
        return Some(cause);
    }
    if let Some(cause) = seen.iter().find_map(container::probing) {
        return Some(cause);
    }
    // The node controller says so at each of its pods.
    let unwell = about.iter().find(|event| event.reason == "NodeNotReady")?;
    Some(node_cause(pod, &object, "NotReady").shown(unwell.quoted()))
}

fn best(one: Cause, other: Cause) -> Cause {
    if other.is_before(&one) { other } else { one }
}

fn is_waiting(status: &ContainerStatus) -> bool {
    status.state.as_ref().is_some_and(|state| state.waiting.is_some())
}

/// A pod that its node, or the cluster, gave up.
fn lost(pod: &Pod, object: &str) -> Option<Cause> {
    let status = pod.status.as_ref()?;
    let reason = status.reason.as_deref()?;
    let known =
        ["Evicted", "NodeLost", "NodeShutdown", "Shutdown", "Terminated", "Preempting", "NodeAffinity"];
    let refused = ["OutOfcpu", "OutOfmemory", "OutOfpods", "UnexpectedAdmissionError"];
    if !known.contains(&reason) && !refused.contains(&reason) {
        return None;
    }
    Some(
        node_cause(pod, object, reason)
            .shown(format!("{reason}: {}", status.message.as_deref().unwrap_or_default())),
    )
}

fn node_cause(pod: &Pod, object: &str, reason: &str) -> Cause {
    let node = pod.spec.as_ref().and_then(|spec| spec.node_name.clone());
    let sentence = match &node {
        Some(node) => format!("The node {node} is not well or gave the pod up ({reason})."),
        None => format!("Its node gave the pod up ({reason})."),
    };
    Cause::new(CauseId::Node, object, sentence, Patience::Never).maybe("node", node).with("reason", reason)
}

fn claims(pod: &Pod) -> Vec<String> {
    let volumes = pod.spec.as_ref().and_then(|spec| spec.volumes.as_deref()).unwrap_or_default();
    volumes
        .iter()
        .filter_map(|volume| Some(volume.persistent_volume_claim.as_ref()?.claim_name.clone()))
        .collect()
}

/// Whether a container that runs was ready before: the pod's containers stopped being so after it was started. Until they are
/// ready for the first time, that condition is from before.
fn was_ready(pod: &PodStatus, container: &ContainerStatus) -> bool {
    let conditions = pod.conditions.as_deref().unwrap_or_default();
    let ready = conditions.iter().find(|condition| condition.type_ == "ContainersReady");
    let changed = ready.and_then(|condition| condition.last_transition_time.as_ref());
    let runs = container.state.as_ref().and_then(|state| state.running.as_ref());
    let started = runs.and_then(|runs| runs.started_at.as_ref());
    matches!((changed, started), (Some(changed), Some(started)) if changed.0 > started.0)
}

fn containers<'a>(
    pod: &'a Pod,
    object: &'a str,
    events: &'a [&'a crate::kubernetes::events::EventLine],
) -> Vec<Seen<'a>> {
    let (Some(spec), Some(status)) = (&pod.spec, &pod.status) else { return Vec::new() };
    let policy = spec.restart_policy.as_deref().unwrap_or("Always");
    let seen = |specs: &'a [Container], states: &'a [ContainerStatus], starts: bool| {
        states.iter().map(move |state| {
            let spec = specs.iter().find(|container| container.name == state.name);
            let sidecar = spec.and_then(|spec| spec.restart_policy.as_deref()) == Some("Always");
            Seen {
                object,
                spec,
                status: state,
                events,
                restarts_always: (policy == "Always" && !starts) || sidecar,
                restarts_failed: policy != "Never" || sidecar,
                ends: starts && !sidecar,
                was_ready: was_ready(status, state),
            }
        })
    };
    let init = seen(
        spec.init_containers.as_deref().unwrap_or_default(),
        status.init_container_statuses.as_deref().unwrap_or_default(),
        true,
    );
    let main = seen(&spec.containers, status.container_statuses.as_deref().unwrap_or_default(), false);
    init.chain(main).collect()
}
