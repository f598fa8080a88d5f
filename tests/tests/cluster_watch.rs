//! Rollouts, causes and live views on a real control plane.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use deployments::kubernetes::{
    CauseId, Health, Limits, Live, Progress, RolledOut, RolloutError, Selector, View, WorkloadRef, follow,
};
use engine::wire::{ClusterNews, ClusterQuery, ClusterWatch, NewCredential, WorkloadHealth};
use engine::{Engine, Work};
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{Event, Pod, ResourceQuota};
use kube::Client;
use kube::api::{Api, DeleteParams, Patch, PatchParams, PostParams};
use serde_json::{Value, json};
use tests::cluster::{Access, CONTEXT, Cluster, deployment, object};
use tests::project::Bench;
use tests::site::Site;
use tokio::net::TcpListener;
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

/// A jalon.toml with environments by name, context and namespace, which know one secret.
fn configure(bench: &Bench, environments: &[(&str, &str, &str)]) {
    let environment = |(name, context, namespace): &(&str, &str, &str)| {
        format!(
            "[[environment]]\nname = \"{name}\"\nsecrets = [\"DATABASE_URL\"]\n\
             target = {{ kind = \"kubernetes\", context = \"{context}\", namespace = \"{namespace}\" }}\n"
        )
    };
    let environments: String = environments.iter().map(environment).collect();
    let service = "[[service]]\nname = \"web\"\nmanifests = [\"k8s/*.yaml\"]\n";
    bench.write("jalon.toml", &format!("[project]\nname = \"app\"\n{environments}{service}"));
}

/// News until they are as wanted.
async fn news(
    engine: &Engine,
    asks: &mut ClusterWatch,
    wanted: impl Fn(&ClusterNews) -> bool,
) -> ClusterNews {
    let begun = Instant::now();
    loop {
        let news = engine::cluster_watch(engine, asks.clone(), &Work::silent()).await.unwrap();
        asks.revision = news.view.revision;
        if wanted(&news) {
            return news;
        }
        assert!(begun.elapsed() < LONG, "never: {news:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn news_are_of_what_changed_and_of_everything_once_a_secret_became_known() {
    let cluster = Cluster::shared().await;
    let (client, namespace) = (cluster.client().await, cluster.namespace("news").await);
    let mut web = deployment("web", "registry.example/web:1", 3);
    web["metadata"]["labels"] = json!({"jalon.app/service": "web"});
    apply(&client, &namespace, web).await;
    assert!(rollout(&client, &namespace, Limits::within(LONG)).await.0.is_ok());
    let bench = Bench::new();
    configure(&bench, &[("dev", CONTEXT, &namespace)]);
    let (dir, environment, service) = (bench.dir(), "dev".to_owned(), "web".to_owned());
    let site = Site::of(bench, vec![("KUBECONFIG", cluster.kubeconfig().display().to_string())]);
    let engine = site.engine();

    let mut asks = ClusterWatch { dir, service, environment, revision: 0 };
    let whole =
        news(&engine, &mut asks, |news| news.view.workloads.iter().any(|web| web.pods.len() == 3)).await;
    let names: Vec<String> = whole.view.workloads[0].pods.iter().map(|pod| pod.name.clone()).collect();
    let first = whole.view.revision;

    // One pod says something new, and nothing is told of the others.
    let pods: Api<Pod> = Api::namespaced(client.clone(), &namespace);
    let mut states = pods.get_status(&names[1]).await.unwrap().status.unwrap().container_statuses.unwrap();
    states[0].restart_count = 7;
    let restarted = Patch::Merge(json!({"status": {"containerStatuses": states}}));
    pods.patch_status(&names[1], &PatchParams::default(), &restarted).await.unwrap();
    let mut before = first;
    let restarts = |news: &ClusterNews| news.view.workloads[0].pods.iter().any(|pod| pod.restarts == 7);
    let one = loop {
        let next = news(&engine, &mut asks, |_| true).await;
        assert_eq!(next.since, Some(before), "{next:?}");
        before = next.view.revision;
        if restarts(&next) {
            break next;
        }
    };
    let told: Vec<&str> = one.view.workloads[0].pods.iter().map(|pod| pod.name.as_str()).collect();
    assert_eq!((told, one.gone.len()), (vec![names[1].as_str()], 0), "{one:?}");

    // One is gone: another comes for it.
    pods.delete(&names[2], &DeleteParams::default().grace_period(0)).await.unwrap();
    let gone = news(&engine, &mut asks, |news| !news.gone.is_empty()).await;
    assert_eq!(gone.gone["Deployment/web"], [names[2].as_str()]);

    // What a watch of another time was told with is no base.
    let mut stale = ClusterWatch { revision: 3, ..asks.clone() };
    let all = news(&engine, &mut stale, |_| true).await;
    assert_eq!((all.since, all.view.workloads[0].pods.len() >= 2), (None, true), "{all:?}");

    // A secret that nobody knew stands in an event, until its value is set.
    let secret = "canary-of-a-database";
    let events: Api<Event> = Api::namespaced(client, &namespace);
    let event = json!({
        "metadata": {"name": "said", "namespace": namespace},
        "involvedObject": {"kind": "Pod", "name": names[1], "namespace": namespace},
        "reason": "Said", "type": "Warning", "message": format!("connected to {secret}"),
        "lastTimestamp": whole.view.as_of, "count": 1,
    });
    events.create(&PostParams::default(), &serde_json::from_value(event).unwrap()).await.unwrap();
    let says =
        |news: &ClusterNews, text: &str| news.view.events.iter().any(|event| event.message.contains(text));
    news(&engine, &mut asks, |news| says(news, secret)).await;
    let credential = json!({"name": "DATABASE_URL", "value": secret});
    let credential = serde_json::from_value::<NewCredential>(credential).unwrap();
    engine::credentials_set(&engine, credential, &Work::silent()).await.unwrap();
    let masked = news(&engine, &mut asks, |news| says(news, "connected to •••")).await;
    assert_eq!(
        (masked.since, masked.view.workloads[0].pods.len()),
        (None, 3),
        "what was told before shows it still"
    );
    assert!(!serde_json::to_string(&masked).unwrap().contains(secret));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_that_never_answers_keeps_nobody_from_another() {
    let cluster = Cluster::shared().await;
    let (client, namespace) = (cluster.client().await, cluster.namespace("beside").await);
    let mut web = deployment("web", "registry.example/web:1", 1);
    web["metadata"]["labels"] = json!({"jalon.app/service": "web"});
    apply(&client, &namespace, web).await;
    assert!(rollout(&client, &namespace, Limits::within(LONG)).await.0.is_ok());
    // It takes connections, and says nothing.
    let silent = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = format!("https://{}", silent.local_addr().unwrap());
    let bench = Bench::new();
    let away = bench.path().join("away.json");
    let good = std::fs::read_to_string(cluster.kubeconfig()).unwrap();
    std::fs::write(&away, good.replace(&cluster.address(), &address).replace(CONTEXT, "away")).unwrap();
    let both = std::env::join_paths([cluster.kubeconfig(), &away]).unwrap().into_string().unwrap();
    configure(&bench, &[("away", "away", "shop"), ("good", CONTEXT, &namespace)]);
    let (dir, service) = (bench.dir(), "web".to_owned());
    let site = Site::of(bench, vec![("KUBECONFIG", both)]);
    let engine = Arc::new(site.engine());

    let (asked, environment) = (Arc::clone(&engine), "away".to_owned());
    let question = ClusterWatch { dir: dir.clone(), service: service.clone(), environment, revision: 0 };
    let waits = tokio::spawn(async move { engine::cluster_watch(&asked, question, &Work::silent()).await });
    let held = tokio::time::timeout(LONG, silent.accept()).await.unwrap().unwrap();
    let question = ClusterQuery { dir, service, environment: "good".to_owned() };
    let view = engine::cluster(&engine, question, &Work::silent()).await.unwrap();
    assert!(!waits.is_finished(), "the other cluster was waited for, or gave up before it had to");
    assert_eq!((&view.error, view.health), (&None, WorkloadHealth::Healthy), "{view:?}");
    assert_eq!((view.namespace, view.workloads[0].pods.len()), (namespace, 1));
    waits.abort();
    let _ = waits.await;
    drop(held);
}
