//! SIGKILL in the middle of bringing a release to a cluster: nothing is lost or doubled, what stayed is named, and there is
//! a way on and a way back.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use std::process::Stdio;

use serde_json::{Value, json};
use tests::cluster::team::{MANIFESTS, Team};
use tests::cluster::{Access, until};
use tests::fault_proxy::{Fault, FaultProxy};
use tests::process::{Running, run};
use tests::site::kill;

const EXTRA: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: extra}\ndata: {a: b}\n";

/// Commits a version with this image, and with one more object or without.
fn version(team: &Team, tag: &str, image: &str, extra: bool) {
    let web = MANIFESTS.replace("IMAGE", image);
    let text = if extra { format!("{web}---\n{EXTRA}") } else { web };
    team.site.bench.write("k8s/web.yaml", &text);
    team.version(tag);
}

/// Starts a deployment and kills everything of it as soon as `begun` holds.
async fn killed(team: &Team, words: &str, mut begun: impl FnMut() -> bool) -> Value {
    let site = &team.site;
    let caller = Running::start(site.command(words).stdin(Stdio::null()), site.bench.path());
    until("the point at which it is killed", async || begun().then_some(())).await;
    // First who would tell the journal, then the run, then Helm, as a machine that loses its power does.
    kill(caller.id());
    assert_eq!(site.kill("run-process"), 1, "one process for one run");
    site.kill("upgrade");
    assert_ne!(caller.ended(), Some(0), "it was not told as done");
    let newest = site.runs()[0].clone();
    assert_eq!(
        (&newest["state"], &newest["reason"]["code"]),
        (&json!("interrupted"), &json!("run.interrupted"))
    );
    site.done(&format!("runs show {}", newest["id"].as_str().unwrap()))
}

fn left(run: &Value) -> String {
    run["left_behind"].to_string()
}

fn log(team: &Team, run: &str) -> String {
    team.site.done(&format!("runs log {run}"))["lines"].to_string()
}

/// The images of the pods that are not on their way out, once nothing else is there.
async fn pods(team: &Team, image: &str, count: usize) {
    until(&format!("{count} pods of {image}"), async || {
        let pods = team.kubectl(&team.dev, "get pods -o jsonpath={.items[*].spec.containers[0].image}");
        let images: Vec<&str> = pods.split_whitespace().collect();
        (images.len() == count && images.iter().all(|found| *found == image)).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_rollout_is_interrupted_and_what_it_left_is_named_and_replaced() {
    let team = Team::new("manifests = [\"k8s/*.yaml\"]").await;
    let site = &team.site;
    version(&team, "v1", "registry.example/web:1", false);
    version(&team, "v2", "registry.example/web:2-stuck", true);
    version(&team, "v3", "registry.example/web:3", false);
    let rolling = || team.image(&team.dev) == "registry.example/web:2-stuck";

    // The very first one: nothing serves, and what is there can be taken away.
    let run = killed(&team, "deploy web --env dev --version v2", rolling).await;
    assert!(left(&run).contains("Deployment/web") && left(&run).contains("ConfigMap/extra"), "{run:#}");
    site.done("stop web --env dev");
    let there = "get deployment,configmap/web,configmap/extra,secret/web-secrets --ignore-not-found -o name";
    assert_eq!(team.kubectl(&team.dev, there), "");

    site.done("deploy web --env dev --version v1");
    let run = killed(&team, "deploy web --env dev --version v2", rolling).await;
    for part in ["v2", &team.dev, "Deployment/web", "ConfigMap/extra"] {
        assert!(left(&run).contains(part), "{part}: {run:#}");
    }
    let steps = run["steps"].as_array().unwrap();
    assert!(steps.iter().all(|step| step["state"] != "running"), "{steps:#?}");
    assert_eq!(site.runs().len(), 4, "no run is lost or doubled");
    // What would be deleted is shown before it is.
    let diff = site.done("diff web --env dev --version v3")["objects"].clone();
    let deleted = diff.as_array().unwrap().iter().find(|object| object["action"] == "delete");
    assert!(deleted.unwrap().to_string().contains("extra"), "{diff:#}");

    // The next one says what it finds, does its work, and leaves nothing of the killed one.
    let id = run["id"].as_str().unwrap();
    let words = site.done("deploy web --env dev --version v3 --dry-run").to_string();
    assert!(words.contains(&format!("run {id} (v2) did not come to its end")), "{words}");
    let next = site.done("deploy web --env dev --version v3");
    assert!(log(&team, next["id"].as_str().unwrap()).contains(&format!("run {id} (v2)")));
    assert_eq!(left(&site.done(&format!("runs show {}", next["id"].as_str().unwrap()))), "[]");
    pods(&team, "registry.example/web:3", 2).await;
    assert_eq!(team.kubectl(&team.dev, "get configmap/extra --ignore-not-found -o name"), "");
    assert_eq!(site.done("diff web --env dev --version v3")["objects"], json!([]));

    // Once more, and back to what was recorded: first to what served, then to a release by its name.
    killed(&team, "deploy web --env dev --version v2", rolling).await;
    let back = site.done("rollback web --env dev");
    assert_eq!((&back["kind"], &back["version"]), (&json!("rollback"), &json!("v3")), "{back}");
    pods(&team, "registry.example/web:3", 2).await;
    assert_eq!(team.kubectl(&team.dev, "get configmap/extra --ignore-not-found -o name"), "");
    killed(&team, "deploy web --env dev --version v2", rolling).await;
    site.done("rollback web --env dev --to v1");
    pods(&team, "registry.example/web:1", 2).await;
    assert_eq!(site.processes("run-process"), Vec::<u32>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_killed_while_it_applies_leaves_a_part_that_the_next_one_completes() {
    let mut team = Team::new("manifests = [\"k8s/*.yaml\"]").await;
    version(&team, "v1", "registry.example/web:1", true);
    let proxy = FaultProxy::start().await;
    let folder = tempfile::tempdir().unwrap();
    let kubeconfig = proxy.write_kubeconfig(folder.path(), &Access::Administrator, &team.dev);
    team.site.variables.push(("KUBECONFIG", kubeconfig.display().to_string()));
    // The dry run passes; the real thing comes after what the pods need, and hangs.
    proxy.fail_on(Some("PATCH"), "/deployments/web?", Fault::CutAfterBytes(usize::MAX), 1);
    proxy.fail_on(Some("PATCH"), "/deployments/web?", Fault::Hang, usize::MAX);
    let applying = || {
        let seen = proxy.seen();
        let real = seen.iter().filter(|seen| seen.method == "PATCH" && !seen.path.contains("dryRun"));
        real.filter(|seen| seen.path.contains("/deployments/web?")).count() == 1
    };
    let run = killed(&team, "deploy web --env dev --version v1", applying).await;
    assert!(left(&run).contains("may be in") && left(&run).contains("ConfigMap/extra"), "{run:#}");
    assert_eq!(team.image(&team.dev), "");
    assert_eq!(team.kubectl(&team.dev, "get configmap/extra -o name").trim(), "configmap/extra");
    proxy.heal();
    proxy.cut();
    team.site.done("deploy web --env dev --version v1");
    pods(&team, "registry.example/web:1", 2).await;
    assert_eq!(team.site.done("diff web --env dev --version v1")["objects"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_helm_release_that_was_killed_is_named_and_has_a_way_out() {
    let team = Team::new("helm = \"chart\"").await;
    let site = &team.site;
    site.bench.write("chart/Chart.yaml", "apiVersion: v2\nname: web\nversion: 0.1.0\n");
    let chart = |tag: &str, image: &str, hook: &str| {
        let web = format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web}}\nspec:\n  replicas: 1\n  \
             selector: {{matchLabels: {{app: web}}}}\n  template:\n    metadata: {{labels: {{app: web}}}}\n    \
             spec: {{containers: [{{name: web, image: '{image}'}}]}}\n"
        );
        site.bench.write("chart/templates/web.yaml", &web);
        let before = format!(
            "apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: before\n  annotations: {{helm.sh/hook: 'pre-install,pre-upgrade'}}\n\
             spec:\n  template:\n    spec: {{restartPolicy: Never, containers: [{{name: job, image: '{hook}'}}]}}\n"
        );
        site.bench.write("chart/templates/before.yaml", &before);
        team.version(tag);
    };
    chart("v1", "registry.example/web:1", "registry.example/job:1");
    // Its hook never ends, so that Helm waits in the middle of its work.
    chart("v2", "registry.example/web:2", "registry.example/job:2-stuck");
    chart("v3", "registry.example/web:3", "registry.example/job:3");
    let status = |status: &str| {
        let label = format!("get secret -l owner=helm,status={status} -o name");
        team.kubectl(&team.dev, &label)
    };
    let hook = || {
        let image = "get job before --ignore-not-found -o jsonpath={.spec.template.spec.containers[0].image}";
        team.kubectl(&team.dev, image) == "registry.example/job:2-stuck"
    };
    let pending = |state: &str| {
        let (code, run) = site.json("deploy web --env dev --version v3");
        assert_eq!((code, &run["reason"]["code"]), (1, &json!("cluster.helm_pending")), "{run}");
        assert!(run["reason"]["message"].as_str().unwrap().contains(state), "{run}");
    };

    // The first installation: nothing to go back to, so it is taken away.
    let run = killed(&team, "deploy web --env dev --version v2", hook).await;
    assert!(left(&run).contains("Helm release web") && left(&run).contains("jalonctl stop"), "{run:#}");
    assert!(!status("pending-install").is_empty());
    pending("pending-install");
    site.done("stop web --env dev");
    assert_eq!(team.kubectl(&team.dev, "get secret -l owner=helm -o name"), "");

    site.done("deploy web --env dev --version v1");
    let run = killed(&team, "deploy web --env dev --version v2", hook).await;
    assert!(left(&run).contains("jalonctl rollback web --env dev"), "{run:#}");
    assert!(!status("pending-upgrade").is_empty());
    pending("pending-upgrade");
    let back = site.done("rollback web --env dev");
    assert_eq!(back["version"], "v1", "{back}");
    // Helm keeps the one that broke off in its history; what counts is the last one.
    assert!(status("deployed").contains("sh.helm.release.v1.web.v3"), "{}", status("deployed"));
    assert_eq!(team.image(&team.dev), "registry.example/web:1");
    site.done("deploy web --env dev --version v3");
    assert_eq!(team.image(&team.dev), "registry.example/web:3");
    site.done("stop web --env dev");
    assert_eq!(team.kubectl(&team.dev, "get secret/web-secrets,deployment --ignore-not-found -o name"), "");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_namespace_on_its_way_out_is_told() {
    let team = Team::new("manifests = [\"k8s/*.yaml\"]").await;
    version(&team, "v1", "registry.example/web:1", false);
    // A finalizer that nobody serves keeps the namespace where it is.
    let keep = "{apiVersion: v1, kind: ConfigMap, metadata: {name: keep, finalizers: [example.org/keep]}}";
    let mut apply = team.cluster.kubectl(&["--namespace", &team.dev, "apply", "-f", "-"]);
    assert!(run(&mut apply, keep).status.success());
    team.kubectl(&team.dev, &format!("delete namespace {} --wait=false", team.dev));
    let (code, run) = team.site.json("deploy web --env dev --version v1");
    assert_eq!((code, &run["reason"]["code"]), (1, &json!("cluster.namespace")), "{run}");
    assert!(run["reason"]["message"].as_str().unwrap().contains("is being deleted"), "{run}");
    let release = r#"patch configmap keep --type=merge -p {"metadata":{"finalizers":null}}"#;
    team.kubectl(&team.dev, release);
}
