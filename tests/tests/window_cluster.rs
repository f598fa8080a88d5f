//! A cluster in the real window: dev, a gate that asks GitHub, promotion by digest, a broken image, and back; with
//! pictures in `artefacts/screens`.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use tests::cluster::team::{CANARY, Team};
use tests::github::{GitHub, TOKEN};
use tests::window::Window;

async fn open(team: &Team, api: &str) -> Window {
    let home = team.site.bench.path().display().to_string();
    let mut variables: Vec<(&str, &str)> =
        team.site.variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
    // The clock runs: runs take time.
    variables.extend([("HOME", home.as_str()), ("JALON_NOW", "")]);
    Window::open(&team.site.bench, api, &variables).await
}

async fn deploy(window: &Window, version: &str) {
    window.click("deploy-dev").await;
    window.find("deploy-dialog").await;
    window.click(&format!("version-{version}")).await;
    window.click("confirm-run").await;
}

async fn ends(window: &Window, word: &str) {
    window.find("run-panel").await;
    window.says("run-state", word).await;
}

async fn looks(window: &Window, name: &str) {
    window.picture(name).await;
    window.accessible(name).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn dev_gate_promotion_broken_image_roll_back() {
    let github = GitHub::start(Vec::new(), Vec::new()).await;
    let mut team = Team::new("manifests = [\"k8s/*.yaml\"]").await;
    team.on_github(&github.api);
    team.manifests("registry.example/signed:1", "v1");
    team.manifests("registry.example/signed:broken", "v2");
    let sha = team.commit("v1");
    github.world().delivery.rules = Some(vec!["build", "test"]);
    let checks = [("build", "in_progress", None), ("test", "completed", Some("failure"))];
    github.world().delivery.runs(&sha, &checks);

    let window = open(&team, &github.api).await;
    window.resize(1280, 800).await;
    window.enter(&team.site.bench).await;
    window.look("en", "light").await;
    window.click("nav-deployments").await;
    window.find("env-dev").await;
    looks(&window, "60-cluster-empty").await;

    // Dev takes it, and the cluster names the image by its digest.
    deploy(&window, "v1").await;
    ends(&window, "Succeeded").await;
    assert_eq!(team.image(&team.dev), "registry.example/signed:1");
    let running = "get pods -o jsonpath={.items[0].status.containerStatuses[0].imageID}";
    let digested = team.kubectl(&team.dev, running);
    assert!(digested.starts_with("registry.example/signed:1@sha256:"), "{digested}");
    window.see("Told to team/app").await;
    looks(&window, "61-cluster-run").await;

    // Red and pending close the gate, in the window as in jalonctl.
    window.click("run-back").await;
    window.says("gate-prod", "Gate closed").await;
    for check in ["build", "test"] {
        let row = window.find(&format!("condition-check-{check}")).await;
        assert_ne!(row.attr("data-state").await.unwrap().as_deref(), Some("met"), "{check}");
    }
    let button = window.find("promote-prod").await;
    assert_eq!(button.attr("aria-disabled").await.unwrap().as_deref(), Some("true"));
    looks(&window, "62-cluster-gate-closed").await;
    button.click().await.unwrap();
    assert!(!window.has("promote-dialog").await);
    assert_eq!(team.site.refused("promote web --from dev --to prod --confirm prod", 3), "gate.closed");
    assert_eq!(team.image(&team.prod), "");

    // Green opens it, without anybody asking again; production wants its name.
    let checks = ["build", "test"].map(|name| (name, "completed", Some("success")));
    github.world().delivery.runs(&sha, &checks);
    window.says("gate-prod", "Gate open").await;
    looks(&window, "63-cluster-gate-open").await;
    window.click("promote-prod").await;
    window.fill("confirm-name", "dev").await;
    let button = window.find("confirm-run").await;
    assert_eq!(button.attr("aria-disabled").await.unwrap().as_deref(), Some("true"));
    window.fill("confirm-name", "prod").await;
    looks(&window, "64-cluster-promote").await;
    window.click("confirm-run").await;
    ends(&window, "Succeeded").await;
    window.says("run-log", "pinned to the digests that ran before").await;
    looks(&window, "65-cluster-promoted").await;
    // What the API server holds for production is the very image that ran in dev.
    assert_eq!(team.image(&team.prod), digested);
    window.see("Told to team/app").await;
    {
        let world = github.world();
        let all = &world.delivery.deployments;
        let told = all.iter().find(|one| one["environment"] == "prod" && one["sha"] == *sha).unwrap();
        let id = told["id"].as_u64().unwrap();
        assert_eq!(world.delivery.states(id).last().map(String::as_str), Some("success"));
    }

    // A broken image: the cause is named, in the run and where the environment stands.
    window.click("run-back").await;
    deploy(&window, "v2").await;
    ends(&window, "Failed").await;
    window.says("run-reason", "registry.example/signed:broken").await;
    looks(&window, "66-cluster-broken").await;
    window.click("run-back").await;
    window.says("cause", "The registry has no such image").await;
    looks(&window, "67-cluster-cause").await;
    window.click("open-cluster").await;
    window.find("workload-Deployment-web").await;
    looks(&window, "68-cluster-workloads").await;
    window.escape().await;

    // And back.
    window.click("rollback-dev").await;
    window.find("rollback-dialog").await;
    looks(&window, "69-cluster-rollback").await;
    window.click("confirm-run").await;
    ends(&window, "Succeeded").await;
    let back = team.image(&team.dev);
    assert_eq!(back, digested, "the very image that ran, whatever its tag means by now");
    assert_eq!(team.image(&team.prod), digested);

    // French, dark.
    window.look("fr", "dark").await;
    window.click("nav-deployments").await;
    window.find("history-row").await;
    looks(&window, "70-cluster-fr-dark").await;
    window.close().await;
    for secret in [CANARY, TOKEN] {
        tests::canary::nowhere(&team.site.bench, secret);
    }
}
