//! The peers themselves: each does what other tests rely on, and ends with the test process.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
#![allow(clippy::disallowed_methods, reason = "a test starts itself again and tells it so")]

use std::process::Command;
use std::time::Duration;

use futures_util::StreamExt;
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{ConfigMap, Event, Pod};
use kube::api::{Api, ListParams, PostParams, WatchEvent, WatchParams};
use tests::cluster::{Access, Cluster, Plugin, START, deployment, object, until};
use tests::fault_proxy::{Fault, FaultProxy};
use tests::process::{alive, run, run_within};
use tests::programs;
use tests::prometheus::{Setup, alertmanager, node_exporter, prometheus};

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

#[tokio::test]
async fn every_fault_reaches_the_client() {
    let proxy = FaultProxy::start().await;
    let cluster = Cluster::shared().await;
    let namespace = cluster.namespace("faults").await;
    let folder = tempfile::tempdir().unwrap();
    let config = proxy.write_kubeconfig(folder.path(), &Access::Administrator, &namespace);
    let maps: Api<ConfigMap> = Api::namespaced(cluster.client_with(&config).await, &namespace);
    let list = async || maps.list(&ListParams::default()).await;
    assert!(list().await.is_ok());
    for code in [401, 403, 404, 409, 410, 422, 503] {
        proxy.fail(Fault::Status(code));
        match list().await {
            Err(kube::Error::Api(status)) => assert_eq!(status.code, code),
            other => panic!("{code}: {other:?}"),
        }
        proxy.heal();
    }
    proxy.fail_on(Some("GET"), "/configmaps", Fault::RetryAfter(429, 7), 1);
    assert!(matches!(list().await, Err(kube::Error::Api(status)) if status.code == 429));
    assert!(list().await.is_ok(), "only once");
    proxy.fail(Fault::Close);
    assert!(!matches!(list().await, Ok(_) | Err(kube::Error::Api(_))));
    proxy.heal();
    proxy.fail(Fault::CutAfterBytes(20));
    assert!(!matches!(list().await, Ok(_) | Err(kube::Error::Api(_))));
    proxy.heal();
    proxy.fail(Fault::Hang);
    assert!(tokio::time::timeout(Duration::from_millis(300), list()).await.is_err());
    proxy.heal();
    assert!(list().await.is_ok());
    assert_eq!(proxy.count("/configmaps"), proxy.seen().len());
    let statuses: Vec<_> = proxy.seen().into_iter().map(|seen| seen.status).collect();
    let answered = |code| Some(code);
    let expected = [200, 401, 403, 404, 409, 410, 422, 503, 429, 200].map(answered);
    assert_eq!(statuses[..10], expected);
    assert_eq!(statuses[10..], [None, Some(200), None, Some(200)]);

    let stranger = proxy.write_untrusting_kubeconfig(folder.path(), &namespace);
    let maps: Api<ConfigMap> = Api::namespaced(cluster.client_with(&stranger).await, &namespace);
    let error = maps.list(&ListParams::default()).await.unwrap_err();
    assert!(format!("{error:?}").contains("UnknownIssuer"), "{error:?}");
}

#[tokio::test]
async fn a_watch_can_break_off_and_expire() {
    let proxy = FaultProxy::start().await;
    let cluster = Cluster::shared().await;
    let namespace = cluster.namespace("watch").await;
    let own: Api<ConfigMap> = Api::namespaced(cluster.client().await, &namespace);
    for name in ["one", "two"] {
        let map = object(serde_json::json!({ "metadata": { "name": name } }));
        own.create(&PostParams::default(), &map).await.unwrap();
    }
    let folder = tempfile::tempdir().unwrap();
    let config = proxy.write_kubeconfig(folder.path(), &Access::Administrator, &namespace);
    let maps: Api<ConfigMap> = Api::namespaced(cluster.client_with(&config).await, &namespace);
    // kube ends the stream where the connection breaks off, without an error.
    let watch = async |proxy: &FaultProxy, cut: bool| {
        let mut events = maps.watch(&WatchParams::default(), "0").await.unwrap().boxed();
        let mut kinds = Vec::new();
        while let Some(Ok(event)) = events.next().await {
            kinds.push(match event {
                WatchEvent::Added(_) => "added",
                WatchEvent::Error(status) if status.code == 410 => "expired",
                _ => "other",
            });
            if cut {
                proxy.cut();
            }
        }
        kinds
    };
    proxy.fail_on(None, "watch=", Fault::CutAfterEvents(1), 1);
    assert_eq!(watch(&proxy, false).await, ["added"]);
    proxy.fail_on(None, "watch=", Fault::Expired, 1);
    assert_eq!(watch(&proxy, false).await, ["expired"]);
    assert!(watch(&proxy, true).await.contains(&"added"));
}

#[tokio::test]
async fn prometheus_scrapes_evaluates_and_alerts() {
    let (nodes, alerts) = (node_exporter(), alertmanager());
    let mut setup = Setup::scraping(&[("node", &nodes.target())]);
    setup.alertmanager = Some(alerts.target());
    setup.groups = serde_json::json!([{
        "name": "always", "rules": [{ "alert": "NodeSeen", "expr": "up{job=\"node\"} == 1" }],
    }]);
    let server = prometheus(&setup);
    for (expression, series) in [("up == 1", 2), ("node_uname_info", 1)] {
        until(expression, async || {
            let answer = server.get("/api/v1/query", &[("query", expression)]).await;
            (answer["data"]["result"].as_array()?.len() == series).then_some(())
        })
        .await;
    }
    until("the alert", async || {
        let found = alerts.get("/api/v2/alerts", &[]).await;
        (found[0]["labels"]["alertname"] == "NodeSeen").then_some(())
    })
    .await;
    let ids = [nodes.id(), alerts.id(), server.id()];
    drop((nodes, alerts, server));
    assert!(!ids.into_iter().any(alive));
}

#[test]
fn helm_and_tofu_are_there_in_versions_that_are_supported() {
    let said = |program: std::path::PathBuf, word: &str| {
        let output = run(Command::new(program).arg(word), "");
        assert!(output.status.success());
        String::from_utf8(output.stdout).unwrap()
    };
    let helm = said(programs::helm(), "version");
    assert!(helm.contains("v3.") || helm.contains("v4."), "{helm}");
    let tofu = said(programs::tofu(), "version");
    assert!(tofu.contains("OpenTofu v1.") || tofu.contains("Terraform v1."), "{tofu}");
}

#[test]
fn a_missing_peer_says_how_to_get_it() {
    let panic = std::panic::catch_unwind(|| programs::find("no-such-peer")).unwrap_err();
    let said = panic.downcast_ref::<String>().unwrap();
    assert!(said.contains("no-such-peer") && said.contains("cargo xtask test peers-install"), "{said}");
}

#[tokio::test]
async fn nothing_is_left_running() {
    const FAILING: &str = "JALON_TEST_FAILS_HERE";
    if std::env::var_os(FAILING).is_some() {
        let cluster = Cluster::shared().await;
        panic!("folder={} processes={:?}", cluster.folder().display(), cluster.processes());
    }
    // Two that start at once hinder each other.
    Cluster::shared().await;
    // The same test in a process of its own, which fails with a control plane running.
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "nothing_is_left_running", "--nocapture"]).env(FAILING, "1");
    let output = run_within(START, &mut command, "");
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
