//! A chart on the control plane by `jalonctl` alone: dev, a gate that asks GitHub, promotion by digest, a broken image, its
//! cause, and back.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use serde_json::json;
use tests::cluster::team::{CANARY, Team};
use tests::github::{GitHub, TOKEN};
use tests::process::until;

const TEMPLATE: &str = "apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: {{ .Values.replicas }}
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      initContainers:
        - {name: first, image: 'registry.example/signed:init'}
      containers:
        - {name: web, image: {{ .Values.image }}, envFrom: [{secretRef: {name: web-secrets}}]}
";

/// A version of the chart, whose image production may have other values for.
fn chart(team: &Team, tag: &str, image: &str, in_production: &str) {
    let bench = &team.site.bench;
    bench.write("chart/Chart.yaml", "apiVersion: v2\nname: web\nversion: 0.1.0\n");
    bench.write("chart/templates/web.yaml", TEMPLATE);
    bench.write("chart/values-dev.yaml", &format!("replicas: 1\nimage: {image}\n"));
    bench.write("chart/values-prod.yaml", &format!("replicas: 2\nimage: {in_production}\n"));
    team.version(tag);
}

#[tokio::test(flavor = "multi_thread")]
async fn dev_gate_promotion_broken_image_roll_back() {
    let github = GitHub::start(Vec::new(), Vec::new()).await;
    let mut team = Team::new("helm = \"chart\"\nvalues = [\"chart/values-{environment}.yaml\"]").await;
    team.on_github(&github.api);
    let [good, broken] = ["1", "broken"].map(|tag| format!("registry.example/signed:{tag}"));
    chart(&team, "v1", &good, &good);
    chart(&team, "v2", &broken, &broken);
    chart(&team, "v3", &good, "registry.example/other:1");
    let other = format!("{good}@sha256:{}", "0".repeat(64));
    chart(&team, "v4", &good, &other);
    let site = &team.site;
    let commits = ["v1", "v3", "v4"].map(|tag| team.commit(tag));
    github.world().delivery.rules = Some(vec!["build", "test"]);
    let look = |test: Option<&'static str>| {
        let state = if test.is_some() { "completed" } else { "in_progress" };
        let checks = [("build", "completed", Some("success")), ("test", state, test)];
        commits.iter().for_each(|sha| github.world().delivery.runs(sha, &checks));
    };
    let promote = "promote web --from dev --to prod --confirm prod";

    site.done("deploy web --env dev --version v1");
    assert_eq!(team.image(&team.dev), good);
    for test in [None, Some("failure"), Some("cancelled")] {
        look(test);
        let (code, _, error) = site.full(promote);
        assert_eq!(code, 3, "{error}");
        assert!(error.to_string().contains("test"), "the check is named: {error}");
        assert_eq!(team.image(&team.prod), "", "{test:?}");
    }

    // Red while the chart is rendered and compared: nothing is applied.
    let run =
        |id, state| tests::github::delivery::check_run(id, &commits[0], "test", "completed", Some(state));
    let build = tests::github::delivery::check_run(1, &commits[0], "build", "completed", Some("success"));
    let [green, red] = [run(2, "success"), run(3, "failure")].map(|test| vec![build.clone(), test]);
    github.world().delivery.check_runs.insert(commits[0].clone(), green.clone());
    github.world().delivery.then = [green, red].map(|runs| (commits[0].clone(), runs)).into();
    let (code, closed) = site.json(promote);
    assert_eq!((code, &closed["reason"]["code"]), (3, &json!("gate.closed")), "{closed}");
    let at = closed["steps"].as_array().unwrap().iter().find(|step| step["state"] == "failed").unwrap();
    assert_eq!(at["id"], "apply", "{closed}");
    assert_eq!(team.image(&team.prod), "");

    // Green: production gets the very image that ran in dev, and Helm knows it so.
    look(Some("success"));
    let promoted = site.done(promote);
    assert_eq!(promoted["state"], "succeeded", "{promoted}");
    let ran = team.kubectl(&team.dev, "get pods -o jsonpath={.items[0].status.containerStatuses[0].imageID}");
    assert!(ran.starts_with(&format!("{good}@sha256:")), "{ran}");
    assert_eq!(team.image(&team.prod), ran);
    let init = "get deployment web -o jsonpath={.spec.template.spec.initContainers[0].image}";
    assert!(team.kubectl(&team.prod, init).starts_with("registry.example/signed:init@sha256:"));
    assert_eq!(team.kubectl(&team.prod, "get deployment web -o jsonpath={.spec.replicas}"), "2");
    let again = site.done("diff web --env prod --version v1");
    assert_eq!(again["objects"], json!([]), "what is pinned is no change: {again}");
    let told = || {
        let world = github.world();
        let of = |one: &&serde_json::Value| one["environment"] == "prod" && one["sha"] == *commits[0];
        let id = world.delivery.deployments.iter().rfind(of)?["id"].as_u64()?;
        world.delivery.states(id).last().cloned()
    };
    until("GitHub is told", || told().as_deref() == Some("success"));

    // A broken image: its cause is named, and the way back is open.
    let (code, run) = site.json("deploy web --env dev --version v2");
    assert_eq!((code, &run["reason"]["params"]["cause"]), (1, &json!("image")), "{run}");
    assert!(run["reason"]["message"].as_str().unwrap().contains(&broken), "{run}");
    assert_eq!(site.refused("deploy web --env prod --version v2 --confirm prod", 3), "gate.closed");
    site.done("rollback web --env dev --to v1");
    assert_eq!(team.image(&team.dev), good);

    // Values that bring another image to production than ran in dev.
    site.done("deploy web --env dev --version v3");
    let (code, run) = site.json(promote);
    assert_eq!((code, &run["reason"]["code"]), (3, &json!("gate.closed")), "{run}");
    assert!(run["reason"]["message"].as_str().unwrap().contains("registry.example/other:1"), "{run}");
    assert_eq!(team.image(&team.prod), ran, "production is as it was");
    // The same name by another digest.
    site.done("deploy web --env dev --version v4");
    let (code, run) = site.json(promote);
    assert_eq!((code, &run["reason"]["code"]), (3, &json!("gate.closed")), "{run}");
    assert!(run["reason"]["message"].as_str().unwrap().contains(&other), "{run}");
    assert_eq!(team.image(&team.prod), ran, "production is as it was");
    for secret in [CANARY, TOKEN] {
        tests::canary::nowhere(&site.bench, secret);
    }
}
