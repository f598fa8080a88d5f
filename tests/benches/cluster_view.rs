//! 1,500 pods on a real control plane: how long after a pod's change is sent the view and the window show it, beside how long
//! the API server itself takes to answer that change.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a bench that cannot run fails")]
#![allow(clippy::disallowed_methods, reason = "measures time")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use deployments::kubernetes::{Live, Selector, View};
use engine::Work;
use engine::wire::ProjectDir;
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::Pod;
use kube::api::{Api, Patch, PatchParams};
use serde_json::{Value, json};
use tests::cluster::{Cluster, deployment};
use tests::measure::milliseconds;
use tests::process::run;
use tests::project::Bench;
use tests::site::Site;
use tests::window::Window;

const PODS: usize = 1500;
const CHANGES: usize = 300;
/// Changes that the window shows.
const IN_WINDOW: usize = 100;
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
    let site = site(cluster, &namespace).await;
    let deployments: Api<Deployment> = Api::namespaced(client.clone(), &namespace);
    let scale = Patch::Merge(json!({"spec": {"replicas": PODS}}));
    deployments.patch_scale("web", &PatchParams::default(), &scale).await.unwrap();
    let clock = Arc::new(jiff::Timestamp::now);
    let live =
        Live::start(client.clone(), &namespace, Selector::Label("jalon.app/service=web".into()), clock);
    let up = |view: &View| {
        let web = view.workloads.iter().find(|workload| workload.reference.name == "web");
        web.is_some_and(|web| web.pods.len() == PODS && web.verdict.ready == Some((1500, 1500)))
    };
    let view = until(&live, up).await;
    let pods = Pods { api: Api::namespaced(client, &namespace), restarts: 0.into() };
    let names: Vec<String> = view.workloads[0].pods.iter().map(|pod| pod.name.clone()).collect();

    let (mut answered, mut shown) = (Vec::new(), Vec::new());
    for change in 1..=CHANGES {
        let index = (change * 7919) % PODS;
        let (restarts, patch) = pods.next(&names[index]).await;
        let begun = Instant::now();
        let sent = async {
            pods.send(&names[index], &patch).await;
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
    drop(live);
    println!("view of {PODS} pods, {CHANGES} changes, from sending the change; median [least..most]");
    println!("  the server's answer     {}", milliseconds(&answered));
    println!("  the view shows it       {}", milliseconds(&shown));
    of_a_hundred(shown);

    let window = open(&site).await;
    let in_sight: Vec<String> = window
        .driver
        .execute(
            "return [...document.querySelectorAll('[data-testid^=\"pod-web-\"]')].slice(0, 12).map((row) => row.dataset.testid.slice(4))",
            vec![],
        )
        .await
        .unwrap()
        .convert()
        .unwrap();
    let (mut written, mut shown) = (Vec::new(), Vec::new());
    for change in 0..IN_WINDOW {
        let name = &in_sight[change % in_sight.len()];
        let (restarts, patch) = pods.next(name).await;
        let wanted = vec![json!(name), json!(restarts.to_string())];
        window.driver.execute(EXPECT, wanted).await.unwrap();
        let begun = jiff::Timestamp::now().as_millisecond();
        pods.send(name, &patch).await;
        let times = window.driver.execute_async(PAINTED, vec![]).await.unwrap();
        let times: [f64; 2] = times.convert().unwrap();
        let [row, frame] = times.map(|at| Duration::from_secs_f64((at - begun as f64).max(0.0) / 1e3));
        written.push(row);
        shown.push(frame);
    }
    println!("window with {PODS} pods, {IN_WINDOW} changes, from sending the change; median [least..most]");
    println!("  the row says it         {}", milliseconds(&written));
    println!("  painted                 {} (goal: within 100 ms)", milliseconds(&shown));
    of_a_hundred(shown);
    window.close().await;
}

/// Remembers when the frame is painted in which a pod's row says so many restarts.
const EXPECT: &str = "const [pod, restarts] = arguments;
    window.painted = new Promise((resolve) => {
        const look = () => {
            const row = document.querySelector(`[data-testid=\"pod-${pod}\"]`);
            if (row?.cells[3].textContent !== restarts) return;
            watch.disconnect();
            const written = Date.now();
            requestAnimationFrame(() => setTimeout(() => resolve([written, Date.now()])));
        };
        const watch = new MutationObserver(look);
        watch.observe(document.body, { subtree: true, childList: true, characterData: true });
        look();
    });";
const PAINTED: &str = "window.painted.then(arguments[arguments.length - 1])";

/// A project whose service runs on the cluster, deployed with one pod.
async fn site(cluster: &Cluster, namespace: &str) -> Site {
    let bench = Bench::new();
    bench.write(
        "jalon.toml",
        &format!(
            "[project]\nname = \"app\"\n[[environment]]\nname = \"dev\"\n\
             target = {{ kind = \"kubernetes\", context = \"jalon-test\", namespace = \"{namespace}\" }}\n\
             [[service]]\nname = \"web\"\nmanifests = [\"web.json\"]\n"
        ),
    );
    bench.write("web.json", &deployment("web", "registry.example/web:1", 1).to_string());
    let site = Site::of(bench, vec![("KUBECONFIG", cluster.kubeconfig().display().to_string())]);
    for words in [
        "init --quiet",
        "add .",
        "-c user.name=student-a -c user.email=student-a@example.org commit --quiet --message v1",
    ] {
        let mut git = std::process::Command::new("git");
        assert!(run(git.args(words.split(' ')).current_dir(site.dir()), "").status.success());
    }
    site.done("deploy web --env dev");
    let dir = site.dir().display().to_string();
    engine::open_project(&site.engine(), ProjectDir { dir }, &Work::silent()).await.unwrap();
    site
}

/// The window with the cluster's screen open.
async fn open(site: &Site) -> Window {
    let home = site.bench.path().display().to_string();
    let mut variables = vec![("HOME", home.as_str()), ("JALON_NOW", "")];
    variables.extend(site.variables.iter().map(|(name, value)| (*name, value.as_str())));
    let window = Window::open(&site.bench, "http://127.0.0.1:9", &variables).await;
    window.resize(1280, 800).await;
    window.click("nav-deployments").await;
    window.click("cluster-dev").await;
    window.css("[data-testid^=\"pod-web-\"]").await;
    window
}

/// Pods whose restarts are counted on.
struct Pods {
    api: Api<Pod>,
    restarts: std::cell::Cell<u32>,
}

impl Pods {
    /// The next number of restarts, and the change that makes a pod say so.
    async fn next(&self, name: &str) -> (u32, Value) {
        let restarts = self.restarts.get() + 1;
        self.restarts.set(restarts);
        let mut states = self.api.get_status(name).await.unwrap().status.unwrap().container_statuses.unwrap();
        states[0].restart_count = i32::try_from(restarts).unwrap();
        (restarts, json!({"status": {"containerStatuses": states}}))
    }

    async fn send(&self, name: &str, patch: &Value) {
        self.api.patch_status(name, &PatchParams::default(), &Patch::Merge(patch)).await.unwrap();
    }
}

fn of_a_hundred(mut times: Vec<Duration>) {
    times.sort();
    let within = |share: usize| times[times.len() * share / 100].as_secs_f64() * 1e3;
    let shares = [90, 95, 99].map(|share| format!("{share}: {:.1} ms", within(share)));
    println!("  of 100 within           {}", shares.join(", "));
}
