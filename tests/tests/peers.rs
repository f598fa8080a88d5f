//! The peers themselves: each does what other tests rely on, and ends with the test process.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use std::process::Command;

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{Event, Pod};
use kube::api::{Api, ListParams, PostParams};
use tests::cluster::{Access, Cluster, Plugin, deployment, object, until};
use tests::process::{alive, run};
use tests::programs;

async fn deploy(cluster: &Cluster, namespace: &str, image: &str, replicas: i32) -> Api<Deployment> {
    let deployments: Api<Deployment> = Api::namespaced(cluster.client().await, namespace);
    deployments.create(&PostParams::default(), &object(deployment("web", image, replicas))).await.unwrap();
    deployments
}

#[tokio::test]
async fn the_api_answers_and_a_deployment_becomes_ready() {
    let cluster = Cluster::shared().await;
    let version = cluster.client().await.apiserver_version().await.unwrap();
    assert_eq!(version.major, "1");
    let namespace = cluster.namespace("ready").await;
    let deployments = deploy(cluster, &namespace, "registry.example/web:1", 3).await;
    until("three ready replicas", async || {
        let status = deployments.get("web").await.unwrap().status?;
        (status.ready_replicas == Some(3)).then_some(())
    })
    .await;
}

#[tokio::test]
async fn an_images_name_decides_how_its_pods_fare() {
    let cluster = Cluster::shared().await;
    let client = cluster.client().await;
    for (image, waiting, exit, event) in [
        ("broken", Some("ImagePullBackOff"), None, Some("Failed")),
        ("crash", Some("CrashLoopBackOff"), Some(1), Some("BackOff")),
        ("oomkilled", Some("CrashLoopBackOff"), Some(137), Some("BackOff")),
        ("misconfigured", Some("CreateContainerConfigError"), None, Some("Failed")),
        ("unready", None, None, Some("Unhealthy")),
        ("stuck", Some("ContainerCreating"), None, None),
    ] {
        let namespace = cluster.namespace(image).await;
        deploy(cluster, &namespace, &format!("registry.example/{image}:1"), 1).await;
        let pods: Api<Pod> = Api::namespaced(client.clone(), &namespace);
        let container = until(&format!("{image} in its last state"), async || {
            let pod = pods.list(&ListParams::default()).await.unwrap().items.pop()?;
            let container = pod.status?.container_statuses?.pop()?;
            let reason =
                container.state.as_ref()?.waiting.as_ref().and_then(|waiting| waiting.reason.clone());
            (reason.as_deref() == waiting).then_some(container)
        })
        .await;
        assert!(!container.ready);
        let ended = container.last_state.and_then(|state| state.terminated).map(|ended| ended.exit_code);
        assert_eq!(ended, exit, "{image}");
        let Some(event) = event else { continue };
        let events: Api<Event> = Api::namespaced(client.clone(), &namespace);
        until(&format!("the event {event} of {image}"), async || {
            let all = events.list(&ListParams::default()).await.unwrap();
            all.items.into_iter().find(|found| found.reason.as_deref() == Some(event))
        })
        .await;
    }
}

#[tokio::test]
async fn every_kind_of_access_does_what_its_name_says() {
    let cluster = Cluster::shared().await;
    let namespace = cluster.namespace("access").await;
    let viewer = cluster.account(&namespace, "viewer", "view").await;
    // Whether it may read and create, as kubectl is told.
    let may = |access: Access, input: &str| {
        let folder = tempfile::tempdir().unwrap();
        let config = cluster.write_kubeconfig(folder.path(), &access, &namespace);
        let act = |words: &[&str]| {
            let mut command = Command::new(programs::kubectl());
            command.arg("--kubeconfig").arg(&config).args(words);
            let output = run(&mut command, input);
            (output.status.success(), String::from_utf8(output.stderr).unwrap())
        };
        let (reads, _) = act(&["get", "configmaps"]);
        let (writes, said) = act(&["create", "configmap", "made", "--dry-run=server"]);
        (reads, writes, said)
    };
    let (reads, writes, said) = may(Access::Administrator, "");
    assert!(reads && writes, "{said}");
    for access in [Access::Token(viewer.clone()), Access::Exec(Plugin::Answers(viewer.clone()))] {
        let (reads, writes, said) = may(access, "");
        assert!(reads && !writes && said.contains("cannot create resource"), "{said}");
    }
    let (reads, writes, said) = may(Access::Certificate("student-a"), "");
    assert!(!reads && !writes && said.contains("\"student-a\" cannot create"), "{said}");
    let refused = [
        (Access::Expired, "Unauthorized"),
        (Access::Token("nonsense".to_owned()), "Unauthorized"),
        (Access::Exec(Plugin::Fails("no such profile")), "no such profile"),
        (Access::Exec(Plugin::Missing), "no such file"),
        // kubectl asks for a name.
        (Access::Nobody, "EOF"),
    ];
    for (access, words) in refused {
        let named = format!("{access:?}");
        let (reads, writes, said) = may(access, "");
        let said =
            said.replace("must be logged in", "Unauthorized").replace("provide credentials", "Unauthorized");
        assert!(!reads && !writes && said.contains(words), "{named}: {said}");
    }
}

#[tokio::test]
async fn a_plugin_can_hang_and_can_ask() {
    let cluster = Cluster::shared().await;
    let namespace = cluster.namespace("plugin").await;
    let folder = tempfile::tempdir().unwrap();
    let config = cluster.write_kubeconfig(folder.path(), &Access::Exec(Plugin::Hangs), &namespace);
    let mut command = Command::new("timeout");
    command.arg("1").arg(programs::kubectl()).arg("--kubeconfig").arg(&config).args(["get", "configmaps"]);
    assert_eq!(run(&mut command, "").status.code(), Some(124));
    let config = cluster.write_kubeconfig(folder.path(), &Access::Exec(Plugin::Asks), &namespace);
    // Without a terminal nobody can be asked: the plugin reads the end of its input.
    let mut command = Command::new(programs::kubectl());
    command.arg("--kubeconfig").arg(&config).args(["get", "configmaps"]);
    let output = run(&mut command, "");
    assert!(!output.status.success() && String::from_utf8_lossy(&output.stderr).contains("Enter the code"));
}

#[tokio::test]
async fn another_cluster_is_refused() {
    let cluster = Cluster::shared().await;
    let folder = tempfile::tempdir().unwrap();
    let own = std::fs::read_to_string(cluster.kubeconfig()).unwrap();
    let other = folder.path().join("other.json");
    std::fs::write(&other, own.replace("127.0.0.1", "cluster.example")).unwrap();
    let refused = tokio::spawn(async move { cluster.client_with(&other).await }).await;
    assert!(refused.is_err_and(|error| error.is_panic()));
}

/// Run by [`nothing_is_left_running`] in a process of its own.
#[tokio::test]
#[ignore = "fails on purpose; another test starts it"]
async fn a_test_that_fails_with_a_cluster() {
    let cluster = Cluster::shared().await;
    panic!("folder={} processes={:?}", cluster.folder().display(), cluster.processes());
}

#[tokio::test]
async fn nothing_is_left_running() {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--ignored", "--exact", "a_test_that_fails_with_a_cluster", "--nocapture"]);
    let output = run(&mut command, "");
    assert!(!output.status.success());
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let (_, rest) = said.split_once("folder=").unwrap();
    let (folder, rest) = rest.split_once(" processes=[").unwrap();
    let ids: Vec<u32> = rest.split_once(']').unwrap().0.split(", ").map(|id| id.parse().unwrap()).collect();
    assert!(ids.len() >= 5, "{ids:?}");
    until("their end", async || ids.iter().all(|id| !alive(*id)).then_some(())).await;
    until("the removal of their folder", async || (!std::path::Path::new(folder).exists()).then_some(()))
        .await;
}
