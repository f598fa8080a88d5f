//! A live view of 1,500 pods on a real control plane: how long after a pod's change is sent the view shows it, beside how long
//! the API server itself takes to answer that change.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a bench that cannot run fails")]
#![allow(clippy::disallowed_methods, reason = "measures time")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use deployments::kubernetes::{Live, Selector, View};
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::Pod;
use kube::api::{Api, Patch, PatchParams, PostParams};
use serde_json::json;
use tests::cluster::{Cluster, deployment, object};
use tests::measure::milliseconds;

const PODS: usize = 1500;
const CHANGES: usize = 300;
/// What only a fault reaches.
const LONG: Duration = Duration::from_secs(600);

fn main() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(measure());
}

async fn until(live: &Live, wanted: impl Fn(&View) -> bool) -> View {
    let begun = Instant::now();
    let mut view = live.view();
    while !wanted(&view) {
        assert!(begun.elapsed() < LONG, "the view never came");
        view = live.changed(view.revision, Duration::from_secs(1)).await;
    }
    view
}

async fn measure() {
    let cluster = Cluster::shared().await;
    let (client, namespace) = (cluster.client().await, cluster.namespace("many").await);
    let deployments: Api<Deployment> = Api::namespaced(client.clone(), &namespace);
    let mut web = deployment("web", "registry.example/web:1", 1500);
    web["metadata"]["labels"] = json!({"jalon.app/service": "web"});
    deployments.create(&PostParams::default(), &object(web)).await.unwrap();
    let clock = Arc::new(jiff::Timestamp::now);
    let live =
        Live::start(client.clone(), &namespace, Selector::Label("jalon.app/service=web".into()), clock);
    let up = |view: &View| {
        view.workloads
            .first()
            .is_some_and(|web| web.pods.len() == PODS && web.verdict.ready == Some((1500, 1500)))
    };
    let view = until(&live, up).await;
    let names: Vec<String> = view.workloads[0].pods.iter().map(|pod| pod.name.clone()).collect();

    let pods: Api<Pod> = Api::namespaced(client, &namespace);
    let (mut answered, mut shown) = (Vec::new(), Vec::new());
    for change in 1..=CHANGES {
        let index = (change * 7919) % PODS;
        let restarts = u32::try_from(change).unwrap();
        let current = pods.get_status(&names[index]).await.unwrap();
        let mut states = current.status.unwrap().container_statuses.unwrap();
        states[0].restart_count = i32::try_from(restarts).unwrap();
        let patch = json!({"status": {"containerStatuses": states}});
        let begun = Instant::now();
        let sent = async {
            pods.patch_status(&names[index], &PatchParams::default(), &Patch::Merge(patch)).await.unwrap();
            begun.elapsed()
        };
        let seen = async {
            until(&live, |view| view.workloads[0].pods[index].restarts == restarts).await;
            begun.elapsed()
        };
        let (sent, seen) = tokio::join!(sent, seen);
        answered.push(sent);
        shown.push(seen);
    }
    println!("view of {PODS} pods, {CHANGES} changes, from sending the change; median [least..most]");
    println!("  the server's answer     {}", milliseconds(&answered));
    println!("  the view shows it       {}", milliseconds(&shown));
    shown.sort();
    println!("  99 of 100 are shown in  {:.1} ms", shown[CHANGES * 99 / 100].as_secs_f64() * 1e3);
}
