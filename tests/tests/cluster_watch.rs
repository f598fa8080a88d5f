//! Rollouts, causes and live views on a real control plane.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use deployments::kubernetes::{
    CauseId, Health, Limits, Live, Progress, RolledOut, RolloutError, Selector, View, WorkloadRef, follow,
};
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{Pod, ResourceQuota};
use kube::Client;
use kube::api::{Api, DeleteParams, Patch, PatchParams, PostParams};
use serde_json::{Value, json};
use tests::cluster::{Access, Cluster, deployment, object};
use tokio_util::sync::CancellationToken;

/// What only a fault reaches.
const LONG: Duration = Duration::from_secs(120);

async fn apply(client: &Client, namespace: &str, manifest: Value) {
    let name = manifest["metadata"]["name"].as_str().unwrap().to_owned();
    let deployments: Api<Deployment> = Api::namespaced(client.clone(), namespace);
    let params = PatchParams::apply("jalon-test").force();
    deployments.patch(&name, &params, &Patch::Apply(manifest)).await.unwrap();
}

async fn rollout(
    client: &Client,
    namespace: &str,
    limits: Limits,
) -> (Result<RolledOut, RolloutError>, Vec<String>) {
    let mut lines = Vec::new();
    let workloads = [WorkloadRef::new("Deployment", "web")];
    let mut on_progress = |progress: Progress| lines.push(progress.to_string());
    let cancel = CancellationToken::new();
    let followed = follow(client.clone(), namespace, &workloads, limits, &cancel, &mut on_progress).await;
    (followed, lines)
}

#[tokio::test]
async fn a_rollout_is_followed_to_its_last_pod_and_the_next_one_too() {
    let cluster = Cluster::shared().await;
    let (client, namespace) = (cluster.client().await, cluster.namespace("rollout").await);
    apply(&client, &namespace, deployment("web", "registry.example/web:1", 3)).await;
    let (out, lines) = rollout(&client, &namespace, Limits::within(LONG)).await;
    assert_eq!(out.unwrap().workloads[0].message, "3 of 3 ready", "{lines:?}");
    apply(&client, &namespace, deployment("web", "registry.example/web:2", 3)).await;
    let (out, lines) = rollout(&client, &namespace, Limits::within(LONG)).await;
    let out = out.unwrap();
    assert!(
        out.workloads[0].images.iter().all(|image| image.image == "registry.example/web:2"),
        "{out:?} {lines:?}"
    );
    // Nothing to do is known at once.
    let begun = Instant::now();
    assert!(rollout(&client, &namespace, Limits::within(LONG)).await.0.is_ok());
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn what_cannot_come_up_fails_with_its_cause() {
    let cluster = Cluster::shared().await;
    let client = cluster.client().await;
    let cases = [
        ("broken", CauseId::Image, "reason", "not_found"),
        ("misconfigured", CauseId::Configuration, "missing", "ConfigMap/settings"),
        ("nosecret", CauseId::Configuration, "missing", "Secret/database"),
        ("unready", CauseId::Probe, "probe", "readiness"),
    ];
    let fails = cases.map(async |(word, id, key, value)| {
        let namespace = cluster.namespace("cause").await;
        apply(&client, &namespace, deployment("web", &format!("registry.example/{word}:1"), 2)).await;
        let limits = Limits { probes: Duration::from_secs(3), ..Limits::within(LONG) };
        let begun = Instant::now();
        match rollout(&client, &namespace, limits).await {
            (Err(RolloutError::Failed { cause, .. }), _) => {
                assert_eq!((cause.id, cause.params[key].as_str()), (id, value), "{cause:?}");
                assert!(!cause.evidence.is_empty());
            }
            (other, lines) => panic!("{word}: {other:?} {lines:?}"),
        }
        begun.elapsed()
    });
    let [.., probe] = futures_util::future::join_all(fails).await[..] else { unreachable!() };
    assert!(probe >= Duration::from_secs(3), "a slow start is no failure: {probe:?}");
}

#[tokio::test]
async fn a_crash_is_named_before_it_is_final() {
    let cluster = Cluster::shared().await;
    let (client, namespace) = (cluster.client().await, cluster.namespace("crash").await);
    apply(&client, &namespace, deployment("web", "registry.example/crash:1", 1)).await;
    let (out, lines) = rollout(&client, &namespace, Limits::within(Duration::from_secs(20))).await;
    let cause = match out.unwrap_err() {
        RolloutError::Failed { cause, .. } => *cause,
        RolloutError::TimedOut { cause, .. } => *cause.unwrap(),
        other => panic!("{other} {lines:?}"),
    };
    assert_eq!((cause.id, cause.params["exit_code"].as_str()), (CauseId::CrashLoop, "1"));
}

#[tokio::test]
async fn a_quota_fails_at_once_and_no_node_after_a_grace() {
    let cluster = Cluster::shared().await;
    let (client, namespace) = (cluster.client().await, cluster.namespace("quota").await);
    let quotas: Api<ResourceQuota> = Api::namespaced(client.clone(), &namespace);
    let quota = json!({"metadata": {"name": "few"}, "spec": {"hard": {"pods": "1"}}});
    quotas.create(&PostParams::default(), &object(quota)).await.unwrap();
    apply(&client, &namespace, deployment("web", "registry.example/web:1", 3)).await;
    let begun = Instant::now();
    match rollout(&client, &namespace, Limits::within(LONG)).await {
        (Err(RolloutError::Failed { cause, .. }), _) => {
            assert_eq!((cause.id, cause.params["quota"].as_str()), (CauseId::Quota, "few"), "{cause:?}");
        }
        (other, lines) => panic!("{other:?} {lines:?}"),
    }
    assert!(begun.elapsed() < Duration::from_secs(30), "{:?}", begun.elapsed());

    let namespace = cluster.namespace("large").await;
    let mut large = deployment("web", "registry.example/web:1", 1);
    large["spec"]["template"]["spec"]["containers"][0]["resources"] = json!({"requests": {"cpu": "4000"}});
    apply(&client, &namespace, large).await;
    match rollout(&client, &namespace, Limits::within(Duration::from_secs(8))).await {
        (Err(RolloutError::TimedOut { cause: Some(cause), .. }), _) => {
            assert_eq!(
                (cause.id, cause.params["resource"].as_str()),
                (CauseId::Unschedulable, "cpu"),
                "{cause:?}"
            );
        }
        (other, lines) => panic!("{other:?} {lines:?}"),
    }
}

#[tokio::test]
async fn who_may_not_look_is_told_and_who_may_only_look_sees() {
    let cluster = Cluster::shared().await;
    let namespace = cluster.namespace("reader").await;
    let folder = tempfile::tempdir().unwrap();
    apply(&cluster.client().await, &namespace, deployment("web", "registry.example/web:1", 1)).await;
    let stranger = cluster.write_kubeconfig(folder.path(), &Access::Certificate("student-a"), &namespace);
    let nobody = cluster.client_with(&stranger).await;
    assert_eq!(rollout(&nobody, &namespace, Limits::within(LONG)).await.0.unwrap_err().code(), "forbidden");
    let token = cluster.account(&namespace, "viewer", "view").await;
    let viewer = cluster
        .client_with(&cluster.write_kubeconfig(folder.path(), &Access::Token(token), &namespace))
        .await;
    assert!(rollout(&viewer, &namespace, Limits::within(LONG)).await.0.is_ok());
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

#[tokio::test]
async fn a_view_follows_what_happens() {
    let cluster = Cluster::shared().await;
    let (client, namespace) = (cluster.client().await, cluster.namespace("view").await);
    let mut web = deployment("web", "registry.example/web:1", 2);
    web["metadata"]["labels"] = json!({"jalon.app/service": "web"});
    apply(&client, &namespace, web.clone()).await;
    let clock = Arc::new(|| "2026-01-01T12:00:00Z".parse().unwrap());
    let live =
        Live::start(client.clone(), &namespace, Selector::Label("jalon.app/service=web".into()), clock);
    let view = until(&live, |view| view.complete && view.health == Health::Healthy).await;
    assert_eq!((view.workloads.len(), view.workloads[0].pods.len()), (1, 2));
    assert!(
        view.events.iter().any(|line| line.object == "Deployment/web" && line.reason == "ScalingReplicaSet")
    );

    web["spec"]["template"]["spec"]["containers"][0]["image"] = json!("registry.example/broken:2");
    apply(&client, &namespace, web).await;
    // Before the pods say why, only that the rollout does not come on is known.
    let image =
        |view: &View| view.workloads[0].cause.as_ref().is_some_and(|cause| cause.id == CauseId::Image);
    let view = until(&live, image).await;
    assert_eq!(view.health, Health::Degraded);

    let pods: Api<Pod> = Api::namespaced(client, &namespace);
    let name = view.workloads[0].pods[0].name.clone();
    pods.delete(&name, &DeleteParams::default()).await.unwrap();
    until(&live, |view| view.workloads[0].pods.iter().all(|pod| pod.name != name)).await;
}
