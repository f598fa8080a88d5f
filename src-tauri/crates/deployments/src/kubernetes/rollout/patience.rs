//! How long causes are borne, under a clock that only the test moves.

use serde_json::{Value, json};
use tokio::time::advance;

use super::following::Following;
use super::*;
use crate::kubernetes::Patience;
use crate::kubernetes::cause::{MISSING, PLACING, PROBING};
use crate::kubernetes::feed::News;
use crate::kubernetes::stub::objects;
use crate::kubernetes::watch::Message;

const SECOND: Duration = Duration::from_secs(1);

fn known<T: serde::de::DeserializeOwned>(mut object: Value) -> T {
    object["metadata"]["namespace"] = json!("shop");
    serde_json::from_value(object).unwrap()
}

/// A deployment of two pods with a pod that is not ready, and an event about it.
fn tell(following: &mut Following<'_>, pod: Value, event: Option<Value>) {
    let set = News::Listed(vec![known(objects::set(1))]);
    let deployment = News::Listed(vec![known(objects::deployment(1, 2, 2, 1))]);
    let ready = objects::running("web-1", "web-1-a", true);
    for message in [
        Message::Object("ReplicaSet", set),
        Message::Object("Deployment", deployment),
        Message::Pod(News::Listed(vec![known(ready), known(pod)])),
        Message::Event(News::Listed(event.into_iter().map(known).collect())),
    ] {
        following.take_in(message).unwrap();
    }
}

/// Looks until the cause is final; how long that took, by the alarms that the rollout sets itself.
async fn borne(limits: Limits, pod: Value, event: Option<Value>) -> (Duration, Box<Cause>) {
    let client = kube::Client::try_from(kube::Config::new("http://127.0.0.1:1".parse().unwrap())).unwrap();
    let wanted = [WorkloadRef::new("Deployment", "web")];
    let mut on_progress = |_: Progress| {};
    let mut following = Following::new(&client, "shop", &wanted, limits, &mut on_progress);
    tell(&mut following, pod, event);
    let begun = Instant::now();
    loop {
        match following.look() {
            Ok(None) => {}
            Err(RolloutError::Failed { cause, .. }) => return (begun.elapsed(), cause),
            other => panic!("{other:?}"),
        }
        let alarm = following.alarm().expect("it looks again");
        let left = alarm.saturating_duration_since(Instant::now());
        assert!(!left.is_zero(), "it looks again and again");
        // Just before, it is not final yet.
        advance(left - SECOND / 10).await;
        assert!(matches!(following.look(), Ok(None)));
        advance(SECOND / 10).await;
    }
}

fn unready(probe: Value) -> Value {
    let mut pod = objects::running("web-1", "web-1-b", false);
    pod["spec"]["containers"][0]["readinessProbe"] = probe;
    pod
}

/// Its containers were ready for a while.
fn unready_again(probe: Value) -> Value {
    let mut pod = unready(probe);
    let changed =
        json!({"type": "ContainersReady", "status": "False", "lastTransitionTime": "2026-01-01T10:01:00Z"});
    pod["status"]["conditions"].as_array_mut().unwrap().push(changed);
    pod["status"]["containerStatuses"][0]["state"] =
        json!({"running": {"startedAt": "2026-01-01T10:00:00Z"}});
    pod
}

fn unhealthy(pod: &str) -> Option<Value> {
    Some(objects::event("probe", "Pod", pod, "Unhealthy", "Readiness probe failed: statuscode: 503"))
}

#[tokio::test(start_paused = true)]
async fn a_probe_that_never_succeeds_ends_it_well_before_the_limit() {
    let limits = Limits::within(SECOND * 300);
    for (probe, seconds) in [
        (json!({}), 180),
        (json!({"periodSeconds": 1, "failureThreshold": 1}), 180),
        (json!({"initialDelaySeconds": 30, "periodSeconds": 10, "failureThreshold": 18}), 210),
    ] {
        let (lasted, cause) = borne(limits, unready(probe), unhealthy("web-1-b")).await;
        assert_eq!((lasted, cause.id), (SECOND * seconds, CauseId::Probe));
        assert_eq!(cause.object, "Pod/web-1-b");
    }
    // Who gives the rollout more time gives it to slow starts, and the other way round.
    for (total, seconds) in [(600, 360), (150, 90)] {
        let limits = Limits::within(SECOND * total);
        let (lasted, _) = borne(limits, unready(json!({})), unhealthy("web-1-b")).await;
        assert_eq!(lasted, SECOND * seconds);
    }
}

#[tokio::test(start_paused = true)]
async fn what_answered_once_is_not_slow_to_start() {
    let limits = Limits::within(SECOND * 300);
    for (probe, seconds) in [
        (json!({}), 60),
        (json!({"initialDelaySeconds": 30, "periodSeconds": 10, "failureThreshold": 9}), 120),
    ] {
        let (lasted, cause) = borne(limits, unready_again(probe), unhealthy("web-1-b")).await;
        assert_eq!((lasted, cause.id), (SECOND * seconds, CauseId::Probe));
    }
    let short = Limits { probes: SECOND * 40, ..limits };
    for pod in [unready(json!({})), unready_again(json!({}))] {
        let (lasted, _) = borne(short, pod, unhealthy("web-1-b")).await;
        assert_eq!((lasted, PROBING), (SECOND * 40, SECOND * 60));
    }
}

#[tokio::test(start_paused = true)]
async fn pods_that_start_one_after_the_other_have_their_time_each() {
    let client = kube::Client::try_from(kube::Config::new("http://127.0.0.1:1".parse().unwrap())).unwrap();
    let wanted = [WorkloadRef::new("Deployment", "web")];
    let mut on_progress = |_: Progress| {};
    let limits = Limits::within(SECOND * 300);
    let mut following = Following::new(&client, "shop", &wanted, limits, &mut on_progress);
    for name in ["web-1-b", "web-1-c", "web-1-d"] {
        tell(&mut following, objects::running("web-1", name, false), unhealthy(name));
        assert!(matches!(following.look(), Ok(None)), "{name}");
        advance(SECOND * 45).await;
        assert!(matches!(following.look(), Ok(None)), "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_missing_and_what_no_node_takes_have_their_graces() {
    let limits = Limits::within(SECOND * 300);
    let secret = "secret \"database\" not found";
    let (lasted, cause) =
        borne(limits, objects::waiting("web-1", "web-1-b", "CreateContainerConfigError", secret), None).await;
    assert_eq!((lasted, cause.params["missing"].as_str()), (MISSING, "Secret/database"));

    let mut large = objects::running("web-1", "web-1-b", false);
    large["status"] = json!({"phase": "Pending", "conditions": [
        {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "0/2 nodes are available: 2 Insufficient cpu."}]});
    let (lasted, cause) = borne(limits, large.clone(), None).await;
    assert_eq!((lasted, cause.id), (PLACING, CauseId::Unschedulable));
    assert_eq!((cause.params["resource"].as_str(), cause.patience), ("cpu", Patience::After(PLACING)));

    // Where nodes are added it may take longer than the rollout's own limit.
    let grows = objects::event(
        "grows",
        "Pod",
        "web-1-b",
        "TriggeredScaleUp",
        "pod triggered scale-up: 1->2 (max: 4)",
    );
    let (lasted, _) = borne(limits, large, Some(grows)).await;
    assert_eq!(lasted, crate::kubernetes::cause::SCALING);
}
