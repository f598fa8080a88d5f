//! Restarting what serves on a cluster, as an alarm proposes it: new pods of the same release, and nothing else is changed.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use std::process::Stdio;

use serde_json::{Value, json};
use tests::cluster::team::{CANARY, MANIFESTS, Team};
use tests::cluster::{Access, until};
use tests::process::{Running, free_port, run};

/// An indicator of every environment that fires, because nobody answers there, and proposes a restart.
fn indicator() -> String {
    format!(
        "[[indicator]]\nname = \"health\"\nprobe = {{ http = \"http://127.0.0.1:{}/\" }}\nraise = \"< 1\"\n\
         action = {{ kind = \"restart\", mode = \"confirm\" }}\n",
        free_port()
    )
}

/// Watches until the alarms of both environments fire, and goes on watching.
async fn firing(team: &Team) -> Running {
    let site = &team.site;
    let mut watch = site.command("monitor watch --json");
    watch.env("JALON_SCRAPE_INTERVAL", "2").stdin(Stdio::null());
    let watching = Running::start(&mut watch, site.bench.path());
    until("both alarms firing", async || {
        let list = site.done("alarms list");
        let firing = list["alarms"].as_array()?.iter().filter(|alarm| alarm["state"] == "firing").count();
        (firing == 2).then_some(())
    })
    .await;
    watching
}

/// `jalonctl alarms act`: exit code, the run, and the error.
fn act(team: &Team, words: &str) -> (i32, Value, Value) {
    let mut command = team.site.command(&format!("alarms act {words} --json"));
    let output = run(command.env("JALON_SCRAPE_INTERVAL", "2"), "");
    let read = |bytes: &[u8]| serde_json::from_slice(bytes).unwrap_or(Value::Null);
    (output.status.code().unwrap(), read(&output.stdout), read(&output.stderr)["error"].clone())
}

fn pods(team: &Team, namespace: &str) -> Vec<String> {
    let ids = team.kubectl(namespace, "get pods -o jsonpath={.items[*].metadata.uid}");
    ids.split_whitespace().map(str::to_owned).collect()
}

/// Waits until as many pods are there as before, none of them one of those.
async fn all_new(team: &Team, namespace: &str, before: &[String]) {
    until("new pods in the place of the old ones", async || {
        let now = pods(team, namespace);
        (now.len() == before.len() && now.iter().all(|id| !before.contains(id))).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pods_are_new_and_nothing_else_has_changed() {
    let mut team = Team::new(&format!("manifests = [\"k8s/*.yaml\"]\n{}", indicator())).await;
    team.manifests("registry.example/web:1", "v1");
    team.manifests("registry.example/web:2", "v2");
    team.site.done("trust --yes");
    team.site.done("deploy web --env dev --version v1");
    team.site.done("promote web --from dev --to prod --confirm prod");
    let watching = firing(&team).await;

    let before = pods(&team, &team.dev);
    assert_eq!(before.len(), 2);
    let (code, restarted, error) = act(&team, "dev/health");
    assert_eq!(code, 0, "{error} {restarted}");
    assert_eq!(
        (&restarted["kind"], &restarted["deed"], &restarted["state"], &restarted["version"]),
        (&json!("action"), &json!("restart"), &json!("succeeded"), &json!("v1")),
        "{restarted}"
    );
    all_new(&team, &team.dev, &before).await;
    let id = restarted["id"].as_str().unwrap();
    let shown = team.site.done(&format!("runs show {id}"));
    let steps: Vec<_> = shown["steps"].as_array().unwrap().iter().map(|step| step["id"].clone()).collect();
    assert_eq!((steps, &shown["left_behind"]), (vec![json!("restart"), json!("rollout")], &json!([])));
    let log = team.site.done(&format!("runs log {id}"))["lines"].to_string();
    assert!(log.contains("Deployment/web: its pods are replaced"), "{log}");

    // Neither a change that a deployment would take back, nor one that it would meet a conflict with.
    let noted = "get deployment web -o jsonpath={.spec.template.metadata.annotations.kubectl\\.kubernetes\\.io/restartedAt}";
    let at = team.kubectl(&team.dev, noted);
    assert!(!at.is_empty());
    assert_eq!(team.site.done("diff web --env dev --version v1")["objects"], json!([]));
    team.site.done("deploy web --env dev --version v2");
    assert_eq!(team.kubectl(&team.dev, noted), at);
    team.site.done("rollback web --env dev");
    assert_eq!(team.image(&team.dev), "registry.example/web:1");
    let (code, _, error) = act(&team, "dev/health");
    assert_eq!(
        (code, &error["code"]),
        (3, &json!("monitoring.action_refused")),
        "not twice within half an hour"
    );

    // Production wants its name, and who may only read does not restart.
    let before = pods(&team, &team.prod);
    let (code, _, error) = act(&team, "prod/health");
    assert_eq!((code, &error["code"]), (3, &json!("gate.unconfirmed")), "{error}");
    let reader = team.cluster.account(&team.prod, "reader", "view").await;
    let folder = tempfile::tempdir().unwrap();
    let kubeconfig = team.cluster.write_kubeconfig(folder.path(), &Access::Token(reader), &team.prod);
    team.site.variables.push(("KUBECONFIG", kubeconfig.display().to_string()));
    let (code, run, error) = act(&team, "prod/health --confirm prod");
    assert_eq!((code, &run["reason"]["code"]), (3, &json!("cluster.read_only")), "{error} {run}");
    assert_eq!(pods(&team, &team.prod), before);
    drop(watching);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_pods_say_is_masked_and_what_broke_off_is_not_restarted() {
    let team = Team::new(&format!("manifests = [\"k8s/*.yaml\"]\n{}", indicator())).await;
    let manifests = MANIFESTS.replace("name: web\n          image", "name: talks\n          image");
    for (tag, image) in [("v1", "registry.example/web:1"), ("v2", "registry.example/web:broken")] {
        team.site.bench.write("k8s/web.yaml", &manifests.replace("IMAGE", image));
        team.version(tag);
    }
    team.site.done("trust --yes");
    team.site.done("deploy web --env dev --version v1");
    let watching = firing(&team).await;

    assert_eq!(team.site.json("deploy web --env dev --version v2").0, 1);
    let (code, _, error) = act(&team, "dev/health");
    assert_eq!((code, &error["code"]), (1, &json!("deploy.release_unknown")), "{error}");
    assert!(error["message"].as_str().unwrap().contains("roll back first"), "{error}");
    team.site.done("rollback web --env dev");

    // New pods that crash, and print what they cannot reach.
    team.cluster.writes(&["listening on 8080", &format!("no way to postgres://web:{CANARY}@db")]);
    team.kubectl(&team.dev, "set image deployment/web talks=registry.example/web:crash");
    let (code, run, error) = act(&team, "dev/health");
    assert_eq!((code, &run["reason"]["params"]["cause"]), (1, &json!("crash_loop")), "{error} {run}");
    let id = run["id"].as_str().unwrap();
    let log = team.site.done(&format!("runs log {id}"))["lines"].to_string();
    assert!(log.contains("no way to postgres://web:•••@db"), "{log}");
    tests::canary::nowhere(&team.site.bench, CANARY);
    drop(watching);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_restart_is_interrupted_and_says_what_may_be_on_its_way() {
    let team = Team::new(&format!("manifests = [\"k8s/*.yaml\"]\n{}", indicator())).await;
    team.manifests("registry.example/web:1", "v1");
    let site = &team.site;
    site.done("trust --yes");
    site.done("deploy web --env dev --version v1");
    let watching = firing(&team).await;
    // New pods never become ready, so that the restart goes on.
    team.kubectl(&team.dev, "set image deployment/web web=registry.example/web:unready");
    let mut acts = site.command("alarms act dev/health --json");
    acts.env("JALON_SCRAPE_INTERVAL", "2").stdin(Stdio::null());
    let caller = Running::start(&mut acts, site.bench.path());
    until("the restart under way", async || {
        let newest = site.runs().first()?.clone();
        let shown = site.done(&format!("runs show {}", newest["id"].as_str()?));
        let rollout = shown["steps"].as_array()?.iter().find(|step| step["id"] == "rollout")?.clone();
        (newest["kind"] == "action" && rollout["state"] == "running").then_some(())
    })
    .await;
    assert_eq!(site.kill("run-process"), 1);
    assert_ne!(caller.ended(), Some(0), "it was not told as done");
    let run = site.done("runs show 2");
    assert_eq!((&run["state"], &run["reason"]["code"]), (&json!("interrupted"), &json!("run.interrupted")));
    assert!(run["left_behind"].to_string().contains("may be on their way"), "{run}");
    assert_eq!(site.runs().len(), 2, "no run is lost or doubled");
    drop(watching);
}

#[tokio::test(flavor = "multi_thread")]
async fn helms_workloads_are_restarted_and_those_of_others_are_not() {
    let team = Team::new(&format!("helm = \"chart\"\n{}", indicator())).await;
    let site = &team.site;
    site.bench.write("chart/Chart.yaml", "apiVersion: v2\nname: web\nversion: 0.1.0\n");
    for (tag, image) in [("v1", "registry.example/web:1"), ("v2", "registry.example/web:2")] {
        let workload = |kind: &str, name: &str, more: &str| {
            format!(
                "apiVersion: apps/v1\nkind: {kind}\nmetadata: {{name: {name}}}\nspec:\n  replicas: 1\n{more}  \
                 selector: {{matchLabels: {{app: {name}}}}}\n  template:\n    metadata: {{labels: {{app: {name}}}}}\n    \
                 spec: {{containers: [{{name: web, image: '{image}'}}]}}\n"
            )
        };
        let both =
            [workload("Deployment", "web", ""), workload("StatefulSet", "store", "  serviceName: store\n")];
        site.bench.write("chart/templates/web.yaml", &both.join("---\n"));
        team.version(tag);
    }
    site.done("trust --yes");
    site.done("deploy web --env dev --version v1");
    site.done("promote web --from dev --to prod --confirm prod");
    let watching = firing(&team).await;

    let before = pods(&team, &team.dev);
    assert_eq!(before.len(), 2);
    let (code, restarted, error) = act(&team, "dev/health");
    assert_eq!(code, 0, "{error} {restarted}");
    all_new(&team, &team.dev, &before).await;
    assert_eq!(site.done("diff web --env dev --version v1")["objects"], json!([]));
    site.done("deploy web --env dev --version v2");
    site.done("rollback web --env dev");
    assert_eq!(team.image(&team.dev), "registry.example/web:1");

    // Somebody else has taken one of them over: neither is touched.
    let mut label = team.cluster.kubectl(&["--namespace", &team.prod, "label", "statefulset", "store"]);
    assert!(run(label.arg("argocd.argoproj.io/instance=shop"), "").status.success());
    let before = pods(&team, &team.prod);
    let (code, run, error) = act(&team, "prod/health --confirm prod");
    assert_eq!((code, &run["reason"]["code"]), (3, &json!("cluster.owned")), "{error} {run}");
    assert!(run["reason"]["message"].as_str().unwrap().contains("Argo CD application shop"), "{run}");
    assert_eq!(pods(&team, &team.prod), before);
    drop(watching);
}
