//! Why a workload does not come up: what its pods tell, what its controller was refused, or that it does not go on.

use k8s_openapi::api::core::v1::Pod;
use kube::api::DynamicObject;
use serde_json::Value;

use super::{Cause, CauseId, MISSING, PLACING, Patience, between, missing_reference};
use crate::kubernetes::events::Events;

/// A workload with what belongs to it.
pub struct Owned<'a> {
    /// Its kind.
    pub kind: &'a str,
    /// The workload.
    pub object: &'a DynamicObject,
    /// Its current replica set, where it is a Deployment and that is known.
    pub replica_set: Option<&'a DynamicObject>,
    /// Causes of its pods.
    pub pods: Vec<&'a Cause>,
    /// Events of the namespace.
    pub events: &'a Events,
}

/// Why a workload does not come up; none where nothing is wrong.
pub fn of_workload(owned: &Owned<'_>) -> Option<Cause> {
    if owned.object.metadata.deletion_timestamp.is_some() {
        return None;
    }
    let pods = owned.pods.iter().copied().reduce(|one, other| if other.is_before(one) { other } else { one });
    let found = pods.cloned().into_iter().chain(not_created(owned));
    let found = found.reduce(|one, other| if other.is_before(&one) { other } else { one });
    match (found, stuck(owned)) {
        // What is final for the workload is final, however patient the pod's own cause is.
        (Some(mut cause), Some(stuck)) if stuck.patience == Patience::AtOnce => {
            cause.patience = Patience::AtOnce;
            cause.evidence.extend(stuck.evidence);
            Some(cause)
        }
        (found, stuck) => found.or(stuck),
    }
}

/// Why a Service reaches no pod. `pods` are those of the namespace.
pub fn of_service<'a>(service: &DynamicObject, pods: impl Iterator<Item = &'a Pod>) -> Option<Cause> {
    let selector =
        service.data.pointer("/spec/selector")?.as_object().filter(|selector| !selector.is_empty())?;
    let name = service.metadata.name.as_deref().unwrap_or_default();
    let matches = |pod: &&Pod| {
        let labels = pod.metadata.labels.as_ref();
        selector.iter().all(|(key, value)| {
            labels.and_then(|labels| labels.get(key)).map(String::as_str) == value.as_str()
        })
    };
    let mut selected = pods.filter(matches).peekable();
    let object = format!("Service/{name}");
    let words = selector.iter().map(|(key, value)| format!("{key}={}", value.as_str().unwrap_or_default()));
    let words = words.collect::<Vec<_>>().join(",");
    if selected.peek().is_none() {
        let sentence = format!("The service {name} reaches nothing: its selector matches no pod.");
        return Some(
            Cause::new(CauseId::Network, object, sentence, Patience::Never)
                .with("reason", "selector")
                .shown(format!("selector {words}")),
        );
    }
    let ports = service.data.pointer("/spec/ports")?.as_array()?;
    let named: Vec<&str> = ports.iter().filter_map(|port| port["targetPort"].as_str()).collect();
    let pod = selected.next()?;
    let containers = pod.spec.as_ref().map(|spec| spec.containers.as_slice()).unwrap_or_default();
    let offers = |wanted: &&&str| {
        containers
            .iter()
            .flat_map(|container| container.ports.as_deref().unwrap_or_default())
            .any(|port| port.name.as_deref() == Some(**wanted))
    };
    let lost = named.iter().find(|port| !offers(port))?;
    let sentence = format!("The service {name} sends to the port {lost}, which its pods do not name.");
    Some(
        Cause::new(CauseId::Network, object, sentence, Patience::Never)
            .with("reason", "port")
            .with("port", *lost)
            .shown(format!(
                "selector {words} matches Pod/{}",
                pod.metadata.name.as_deref().unwrap_or_default()
            )),
    )
}

fn number(object: &DynamicObject, pointer: &str) -> i64 {
    object.data.pointer(pointer).and_then(Value::as_i64).unwrap_or(0)
}

fn condition<'a>(object: &'a DynamicObject, kind: &str) -> Option<&'a Value> {
    object.data.pointer("/status/conditions")?.as_array()?.iter().find(|condition| condition["type"] == kind)
}

/// The controller was refused when it made pods.
fn not_created(owned: &Owned<'_>) -> Option<Cause> {
    let name = owned.object.metadata.name.as_deref().unwrap_or_default();
    let failing = |object: &DynamicObject| {
        let condition =
            condition(object, "ReplicaFailure").filter(|condition| condition["status"] == "True")?;
        Some(condition["message"].as_str().unwrap_or_default().to_owned())
    };
    let (at, message) = match owned.kind {
        "Deployment" | "ReplicaSet" => {
            let set = owned.replica_set.and_then(|set| {
                let name = set.metadata.name.as_deref().unwrap_or_default();
                Some((format!("ReplicaSet/{name}"), failing(set)?))
            });
            set.or_else(|| Some((format!("{}/{name}", owned.kind), failing(owned.object)?)))?
        }
        // These have no condition: their last event about it counts, for as long as pods are wanting.
        kind => {
            let (wanted, there) = match kind {
                "StatefulSet" => ("/spec/replicas", "/status/replicas"),
                "DaemonSet" => ("/status/desiredNumberScheduled", "/status/currentNumberScheduled"),
                "Job" => ("/spec/parallelism", "/status/active"),
                _ => return None,
            };
            let wanted = owned.object.data.pointer(wanted).and_then(Value::as_i64).unwrap_or(1);
            if number(owned.object, there) >= wanted {
                return None;
            }
            let about = owned.events.about(kind, name, owned.object.metadata.uid.as_deref());
            let last = about
                .iter()
                .find(|event| matches!(event.reason.as_str(), "FailedCreate" | "SuccessfulCreate"))?;
            if last.reason == "SuccessfulCreate" {
                return None;
            }
            (format!("{kind}/{name}"), last.message.clone())
        }
    };
    Some(refused(&at, &message, frees_room(owned)))
}

/// Whether the rollout itself ends old pods, which gives room to new ones.
fn frees_room(owned: &Owned<'_>) -> bool {
    let old = number(owned.object, "/status/replicas") - number(owned.object, "/status/updatedReplicas");
    if owned.kind != "Deployment" || old <= 0 {
        return false;
    }
    let wanted = owned.object.data.pointer("/spec/replicas").and_then(Value::as_i64).unwrap_or(1);
    let share = |pointer: &str, up: bool| match owned.object.data.pointer(pointer) {
        Some(Value::String(percent)) => {
            let percent: i64 = percent.trim_end_matches('%').parse().unwrap_or(0);
            if up { (wanted * percent + 99) / 100 } else { wanted * percent / 100 }
        }
        Some(number) => number.as_i64().unwrap_or(0),
        None => wanted / 4,
    };
    let unavailable = share("/spec/strategy/rollingUpdate/maxUnavailable", false);
    unavailable > 0 || share("/spec/strategy/rollingUpdate/maxSurge", true) == 0
}

/// What the API server said to a controller that wanted to make a pod.
fn refused(object: &str, message: &str, frees_room: bool) -> Cause {
    let cause = if let Some(rest) = between(message, "exceeded quota: ", "") {
        let quota = rest.split(',').next().unwrap_or(rest).trim();
        let resource = between(message, "requested: ", "=").map(str::to_owned);
        let patience = if frees_room { Patience::After(PLACING) } else { Patience::AtOnce };
        let of = resource.as_deref().unwrap_or("what it limits");
        let sentence = format!("The quota {quota} leaves no room for another pod: {of} is used up.");
        Cause::new(CauseId::Quota, object, sentence, patience)
            .with("quota", quota)
            .with("reason", "exceeded")
            .maybe("resource", resource)
    } else if let Some(rest) = between(message, "failed quota: ", "") {
        let (quota, wants) = rest.split_once(": ").unwrap_or((rest, ""));
        let sentence = format!("The quota {quota} asks that every container {wants}.");
        Cause::new(CauseId::Quota, object, sentence, Patience::AtOnce)
            .with("quota", quota)
            .with("reason", "unspecified")
    } else if message.contains("usage per Container is") || message.contains("usage per Pod is") {
        let sentence = "The namespace's limit range does not allow what a container of the pod requests.";
        Cause::new(CauseId::Quota, object, sentence, Patience::AtOnce).with("reason", "limit_range")
    } else if message.contains("violates PodSecurity") {
        let sentence = "The namespace's pod security standard does not allow this pod.";
        Cause::new(CauseId::Forbidden, object, sentence, Patience::AtOnce).with("reason", "pod_security")
    } else if let Some((missing, _)) = missing_reference(message) {
        let sentence = format!("The pod needs {missing}, which is not there.");
        Cause::new(CauseId::Configuration, object, sentence, Patience::After(MISSING))
            .with("missing", missing)
    } else if message.contains("admission webhook") && message.contains("denied") {
        let webhook = between(message, "admission webhook \"", "\"").map(str::to_owned);
        let sentence = "A policy of the cluster denies this pod.";
        Cause::new(CauseId::Forbidden, object, sentence, Patience::AtOnce)
            .with("reason", "admission")
            .maybe("webhook", webhook)
    } else if message.contains("is forbidden") {
        let sentence = "The cluster does not allow this pod.";
        Cause::new(CauseId::Forbidden, object, sentence, Patience::AtOnce).with("reason", "forbidden")
    } else {
        let sentence = "The cluster does not create the pods.";
        Cause::new(CauseId::Unknown, object, sentence, Patience::After(PLACING))
            .with("reason", "FailedCreate")
    };
    cause.shown(format!("FailedCreate: {message}"))
}

/// What the workload says of itself: it failed, it is paused, its deadline passed, or its controller does not look at it.
fn stuck(owned: &Owned<'_>) -> Option<Cause> {
    let object = owned.object;
    let name = object.metadata.name.as_deref().unwrap_or_default();
    let at = format!("{}/{name}", owned.kind);
    let told = |reason: &str, sentence: String, patience| {
        Cause::new(CauseId::RolloutStuck, at.clone(), sentence, patience).with("reason", reason)
    };
    if owned.kind == "Job" {
        let failed = condition(object, "Failed").filter(|condition| condition["status"] == "True")?;
        let reason = failed["reason"].as_str().unwrap_or("Failed");
        let message = failed["message"].as_str().unwrap_or_default();
        let sentence = format!("The job {name} failed ({reason}).");
        return Some(told(reason, sentence, Patience::AtOnce).shown(format!("{reason}: {message}")));
    }
    if owned.kind == "Deployment" {
        let wanted = object.data.pointer("/spec/replicas").and_then(Value::as_i64).unwrap_or(1);
        let paused = object.data.pointer("/spec/paused").and_then(Value::as_bool).unwrap_or(false);
        if paused && number(object, "/status/updatedReplicas") < wanted {
            let sentence = format!("The deployment {name} is paused, so it does not roll out: resume it.");
            return Some(told("paused", sentence, Patience::AtOnce).shown("spec.paused: true"));
        }
    }
    let seen = object.data.pointer("/status/observedGeneration").and_then(Value::as_i64).unwrap_or(0);
    let behind = object.metadata.generation.is_some_and(|generation| seen < generation);
    if behind && ["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"].contains(&owned.kind) {
        let sentence =
            format!("The controller does not look at {at}: the change was stored and not acted on.");
        let generation = object.metadata.generation.unwrap_or_default();
        let line = format!("generation {generation}, observed {seen}");
        return Some(told("unobserved", sentence, Patience::After(PLACING)).shown(line));
    }
    let progressing = condition(object, "Progressing").filter(|condition| condition["status"] == "False")?;
    let reason = progressing["reason"].as_str().unwrap_or("Progressing");
    if owned.kind != "Deployment" || reason != "ProgressDeadlineExceeded" {
        return None;
    }
    let message = progressing["message"].as_str().unwrap_or_default();
    let sentence = format!("The deployment {name} did not come up within its own deadline.");
    Some(told(reason, sentence, Patience::AtOnce).shown(format!("{reason}: {message}")))
}
