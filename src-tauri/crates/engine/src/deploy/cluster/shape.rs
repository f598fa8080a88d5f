//! A cluster's view on the wire, whole or as what is new since another one, masked.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use credentials::Masker;
use deployments::kubernetes::{self, view};
use jiff::Timestamp;

use super::view::OnCluster;
use crate::Error;
use crate::deploy::{At, Place};
use crate::wire::*;

pub(super) fn unreadable(place: &Place, error: &Error, now: Timestamp) -> ClusterView {
    let (context, namespace) = match &place.at {
        At::Cluster { context, namespace } => (context.clone().unwrap_or_default(), namespace.clone()),
        At::Local { .. } => Default::default(),
    };
    ClusterView {
        context,
        namespace,
        server: String::new(),
        read_only: false,
        error: Some(error.to_wire()),
        health: WorkloadHealth::Unknown,
        workloads: Vec::new(),
        events: Vec::new(),
        as_of: now.to_string(),
        // Below those of every watch.
        revision: 1,
    }
}

/// A view that nothing is left out of.
pub(super) fn whole(view: ClusterView) -> ClusterNews {
    ClusterNews { view, since: None, gone: BTreeMap::new(), same_events: false }
}

/// What is new since `base`; everything where there is no view to compare with.
pub(super) fn news(seen: &OnCluster, base: Option<&view::View>, now: Timestamp) -> ClusterNews {
    let Some(base) = base else { return whole(on_wire(seen, now)) };
    let mut gone = BTreeMap::new();
    let workloads = seen.view.workloads.iter().map(|now| {
        let before = base.workloads.iter().find(|before| before.reference == now.reference);
        let known = before.map(|before| before.pods.as_slice()).unwrap_or_default();
        let (pods, lost) = changes(known, &now.pods);
        if !lost.is_empty() {
            gone.insert(now.reference.to_string(), lost);
        }
        workload(now, pods, &seen.mask)
    });
    let workloads = workloads.collect();
    let same_events = *base.events == *seen.view.events;
    let events = if same_events { &[][..] } else { &seen.view.events };
    let view = view_of(seen, workloads, events, now);
    ClusterNews { view, since: Some(seen.revision(base)), gone, same_events }
}

/// Of pods by name: those that are new or changed, and names of those that are gone.
fn changes<'a>(
    before: &[Arc<view::PodView>],
    now: &'a [Arc<view::PodView>],
) -> (Vec<&'a Arc<view::PodView>>, Vec<String>) {
    let known: BTreeMap<&str, &Arc<view::PodView>> =
        before.iter().map(|pod| (pod.name.as_str(), pod)).collect();
    let same = |pod: &Arc<view::PodView>| {
        known.get(pod.name.as_str()).is_some_and(|known| Arc::ptr_eq(known, pod) || **known == *pod)
    };
    let changed = now.iter().filter(|pod| !same(pod)).collect();
    let names: BTreeSet<&str> = now.iter().map(|pod| pod.name.as_str()).collect();
    let gone = known.into_keys().filter(|name| !names.contains(name)).map(str::to_owned);
    (changed, gone.collect())
}

pub(super) fn on_wire(seen: &OnCluster, now: Timestamp) -> ClusterView {
    let all = seen.view.workloads.iter().map(|one| workload(one, one.pods.iter().collect(), &seen.mask));
    view_of(seen, all.collect(), &seen.view.events, now)
}

fn view_of(
    seen: &OnCluster,
    workloads: Vec<Workload>,
    events: &[Arc<kubernetes::EventLine>],
    now: Timestamp,
) -> ClusterView {
    let view = &seen.view;
    ClusterView {
        context: seen.cluster.context().to_owned(),
        namespace: seen.cluster.namespace().to_owned(),
        server: seen.cluster.server().to_owned(),
        read_only: seen.read_only,
        error: view.failure.as_ref().map(|failure| Error::ClusterRead(failure.clone()).to_wire()),
        health: health(view.health),
        workloads,
        events: events.iter().map(|event| self::event(event, &seen.mask)).collect(),
        as_of: view.as_of.unwrap_or(now).to_string(),
        revision: seen.revision(view),
    }
}

fn health(health: kubernetes::Health) -> WorkloadHealth {
    match health {
        kubernetes::Health::Degraded => WorkloadHealth::Degraded,
        kubernetes::Health::Missing => WorkloadHealth::Missing,
        kubernetes::Health::Unknown => WorkloadHealth::Unknown,
        kubernetes::Health::Progressing => WorkloadHealth::Progressing,
        kubernetes::Health::Suspended => WorkloadHealth::Suspended,
        kubernetes::Health::Healthy => WorkloadHealth::Healthy,
    }
}

fn workload(workload: &view::Workload, pods: Vec<&Arc<view::PodView>>, mask: &Masker) -> Workload {
    Workload {
        kind: workload.reference.kind.clone(),
        name: workload.reference.name.clone(),
        health: health(workload.verdict.health),
        message: mask.apply(&workload.verdict.message),
        ready: workload.verdict.ready,
        images: workload.images.clone(),
        autoscaled: workload.autoscaled,
        cause: workload.cause.as_deref().map(|found| cause(found, mask)),
        pods: pods.into_iter().map(|pod| self::pod(pod, mask)).collect(),
    }
}

fn pod(pod: &view::PodView, mask: &Masker) -> PodView {
    PodView {
        name: pod.name.clone(),
        status: pod.status.clone(),
        ready: pod.ready,
        restarts: pod.restarts,
        node: pod.node.clone(),
        created: pod.created.map(|at| at.to_string()),
        containers: pod.containers.clone(),
        cause: pod.cause.as_deref().map(|found| cause(found, mask)),
    }
}

pub(super) fn cause(cause: &kubernetes::Cause, mask: &Masker) -> Cause {
    let params = cause.params.iter().map(|(name, value)| (name.clone(), mask.apply(value)));
    Cause {
        id: cause.id.as_str().to_owned(),
        object: cause.object.clone(),
        params: params.collect(),
        message: mask.apply(&cause.message),
        evidence: cause.evidence.iter().map(|line| mask.apply(line)).collect(),
    }
}

fn event(event: &kubernetes::EventLine, mask: &Masker) -> EventLine {
    EventLine {
        at: event.at.to_string(),
        warning: event.warning,
        object: event.object.clone(),
        reason: event.reason.clone(),
        message: mask.apply(&event.message),
        count: event.count,
    }
}
