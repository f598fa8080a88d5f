use serde_json::json;

use super::*;
use crate::kubernetes::stub::{Fault, Stub, objects};
use crate::kubernetes::{CauseId, WorkloadRef};

const LONG: Duration = Duration::from_secs(60);

fn live(stub: &Stub) -> Live {
    let clock: Clock = Arc::new(|| "2026-01-01T12:00:00Z".parse().unwrap());
    Live::start(stub.client(), "shop", Selector::Label("jalon.app/service=web".into()), clock)
}

/// The first view that is so.
async fn until(live: &Live, wanted: impl Fn(&View) -> bool) -> View {
    let begun = Instant::now();
    let mut view = live.view();
    while !wanted(&view) {
        assert!(begun.elapsed() < LONG, "never: {view:?}");
        view = live.changed(view.revision, Duration::from_secs(1)).await;
    }
    view
}

async fn shop() -> Stub {
    let stub = Stub::start().await;
    stub.put("replicasets", objects::set(1));
    stub.put("deployments", objects::deployment(1, 2, 2, 2));
    stub.put("pods", objects::running("web-1", "web-1-a", true));
    stub.put("pods", objects::running("web-1", "web-1-b", true));
    stub.put("pods", objects::running("other-1", "other-1-a", true));
    stub
}

#[tokio::test]
async fn a_view_holds_the_services_own_objects_and_follows_them() {
    let stub = shop().await;
    let live = live(&stub);
    let view = live.ready(LONG).await;
    assert!(view.complete && view.failure.is_none(), "{view:?}");
    assert_eq!((view.health, view.workloads.len()), (Health::Healthy, 1));
    assert_eq!(view.as_of, Some("2026-01-01T12:00:00Z".parse().unwrap()));
    let web = &view.workloads[0];
    assert_eq!(web.pods.iter().map(|pod| pod.name.as_str()).collect::<Vec<_>>(), ["web-1-a", "web-1-b"]);
    assert_eq!(
        (web.images.as_slice(), web.verdict.ready),
        (["web:1@sha256:aa11".to_owned()].as_slice(), Some((2, 2)))
    );
    assert!(!web.autoscaled);

    stub.put("deployments", objects::deployment(1, 2, 2, 1));
    stub.put("pods", objects::crashing("web-1", "web-1-b", 5));
    let view =
        until(&live, |view| view.workloads[0].cause.is_some() && view.health == Health::Degraded).await;
    let web = &view.workloads[0];
    assert_eq!(web.cause.as_ref().unwrap().id, CauseId::CrashLoop);
    assert_eq!(
        (web.pods[1].status.as_str(), web.pods[1].restarts, web.pods[1].ready),
        ("CrashLoopBackOff", 5, (0, 1))
    );

    stub.put("events", objects::event("e1", "Pod", "web-1-b", "BackOff", "Back-off restarting"));
    stub.put("events", objects::event("e2", "Pod", "other-1-a", "BackOff", "of another service"));
    let view = until(&live, |view| !view.events.is_empty()).await;
    assert_eq!(view.events.iter().map(|line| line.object.as_str()).collect::<Vec<_>>(), ["Pod/web-1-b"]);

    stub.put("horizontalpodautoscalers", json!({"metadata": {"name": "any"}, "spec": {"scaleTargetRef": {"kind": "Deployment", "name": "web"}}}));
    until(&live, |view| view.workloads[0].autoscaled).await;

    stub.delete("pods", "web-1-b");
    let view = until(&live, |view| view.workloads[0].pods.len() == 1).await;
    assert_eq!(view.events.len(), 1, "what happened to a pod that is gone is still told");
    stub.delete("deployments", "web");
    until(&live, |view| view.workloads.is_empty() && view.health == Health::Missing).await;
}

#[tokio::test]
async fn a_change_of_another_service_is_no_news() {
    let stub = shop().await;
    let live = live(&stub);
    let view = live.ready(LONG).await;
    stub.put("pods", objects::crashing("other-1", "other-1-a", 5));
    let after = live.changed(view.revision, Duration::from_millis(300)).await;
    assert_eq!(after.revision, view.revision);
}

#[tokio::test]
async fn what_cannot_be_read_is_told_beside_what_was_read_before() {
    let stub = shop().await;
    let live = live(&stub);
    live.ready(LONG).await;
    stub.always("watch pods", Fault::Status(401, 0));
    stub.cut("pods");
    let view = until(&live, |view| view.failure.is_some()).await;
    assert_eq!((view.failure.unwrap().code(), view.workloads[0].pods.len()), ("unauthorized", 2));
}

#[tokio::test]
async fn broken_watches_resume_and_what_is_gone_is_gone() {
    let stub = shop().await;
    let live = live(&stub);
    live.ready(LONG).await;
    stub.cut("pods");
    stub.put("pods", objects::running("web-1", "web-1-c", true));
    until(&live, |view| view.workloads[0].pods.len() == 3).await;
    assert_eq!(stub.count("list pods"), 1);
    stub.delete("pods", "web-1-a");
    stub.compact("pods");
    until(&live, |view| view.workloads[0].pods.len() == 2).await;
}

#[tokio::test]
async fn a_kind_that_may_not_be_read_is_left_out() {
    let stub = shop().await;
    for kind in ["events", "ingresses", "cronjobs"] {
        stub.always(&format!("list {kind}"), Fault::Status(403, 0));
    }
    let view = live(&stub).ready(LONG).await;
    assert!(view.complete && view.failure.is_none());
    let stub = shop().await;
    stub.always("list deployments", Fault::Status(403, 0));
    let view = until(&live(&stub), |view| view.failure.is_some()).await;
    assert_eq!(view.failure.unwrap().code(), "forbidden");
}

#[tokio::test]
async fn the_watches_end_with_the_last_who_looks() {
    let stub = shop().await;
    let live = live(&stub);
    let shared = live.clone();
    live.ready(LONG).await;
    drop(live);
    stub.put("pods", objects::running("web-1", "web-1-c", true));
    until(&shared, |view| view.workloads[0].pods.len() == 3).await;
    drop(shared);
    let begun = Instant::now();
    while stub.watchers() > 0 {
        assert!(begun.elapsed() < LONG, "{} watches are left", stub.watchers());
        stub.put("pods", objects::running("web-1", "web-1-c", true));
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn helm_releases_and_named_objects_are_found() {
    let stub = shop().await;
    let mut chart = objects::deployment(1, 2, 2, 2);
    chart["metadata"]["labels"] = json!({"app.kubernetes.io/managed-by": "Helm"});
    chart["metadata"]["annotations"]["meta.helm.sh/release-name"] = json!("shop-web");
    stub.put("deployments", chart);
    let clock: Clock = Arc::new(|| "2026-01-01T12:00:00Z".parse().unwrap());
    for (selector, wanted) in [
        (Selector::Helm("shop-web".into()), 1),
        (Selector::Helm("another".into()), 0),
        (Selector::Named(vec![WorkloadRef::new("Deployment", "web")]), 1),
        (Selector::Named(vec![WorkloadRef::new("StatefulSet", "web")]), 0),
    ] {
        let live = Live::start(stub.client(), "shop", selector.clone(), Arc::clone(&clock));
        let view = live.ready(LONG).await;
        assert_eq!(view.workloads.len(), wanted, "{selector:?}");
    }
}

#[tokio::test]
async fn a_list_of_many_pages_is_one_list() {
    let stub = shop().await;
    for number in 0..1200 {
        stub.put("pods", objects::running("web-1", &format!("web-1-{number:04}"), true));
    }
    let view = live(&stub).ready(LONG).await;
    assert_eq!(view.workloads[0].pods.len(), 1202);
    assert_eq!(stub.count("list pods"), 3);
}
