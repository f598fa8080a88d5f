//! A cluster in the real window: what would change, dev, a pod's log, a gate that asks GitHub, promotion by digest, a broken
//! image, and back; in French, too; with pictures in `artefacts/screens`.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use tests::cluster::team::{CANARY, MANIFESTS, Team};
use tests::github::{GitHub, TOKEN};
use tests::window::Window;
use thirtyfour::By;

/// A version whose Deployment runs an image in a container that has a log.
fn version(team: &Team, image: &str, tag: &str) {
    let text = MANIFESTS.replace("- name: web", "- name: talks").replace("IMAGE", image);
    team.site.bench.write("k8s/web.yaml", &text);
    team.version(tag);
}

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

/// What would happen to each object of the diff in sight.
async fn actions(window: &Window) -> Vec<String> {
    let rows = window.driver.find_all(By::Css("[data-testid=\"object\"]")).await.unwrap();
    let mut actions = Vec::new();
    for row in rows {
        actions.push(row.attr("data-action").await.unwrap().unwrap());
    }
    actions
}

/// Before anything is in dev: all of it would be created, and a secret is shown to nobody.
async fn diff_before_the_first_deployment(window: &Window, team: &Team) {
    window.click("diff-dev").await;
    window.says("headline", "v2 would change 3 objects in dev.").await;
    assert_eq!(actions(window).await, ["create"; 3]);
    // Folded are the others: what is masked is the Secret's.
    assert!(!window.text_of("diff-panel").await.contains("masked"));
    window.css("[data-testid=\"object\"] [title=\"web-secrets\"]").await.click().await.unwrap();
    window.says("diff-panel", "data.DATABASE_URL").await;
    window.says("diff-panel", "masked").await;
    assert!(!window.text().await.contains(CANARY));
    looks(window, "60-cluster-diff-first").await;
    window.click("diff-back").await;
    window.find("env-dev").await;
    assert_eq!(team.image(&team.dev), "", "looking changes nothing");
}

/// While v1 runs in dev: one of its pods says what it does, and what is checked out would change one object.
async fn log_and_diff_of_what_runs(window: &Window, team: &Team) {
    team.cluster.writes(&["listening on 8080", &format!("connected to {CANARY}:5432"), "GET /health 200"]);
    let pod = team.kubectl(&team.dev, "get pods -o jsonpath={.items[0].metadata.name}");
    window.click("cluster-dev").await;
    window.says("headline", "The workload is as it should be.").await;
    window.click(&format!("log-{pod}")).await;
    window.says("pod-log", &format!("Log of {pod}")).await;
    for line in ["listening on 8080", "connected to •••:5432", "GET /health 200"] {
        window.says("pod-log-lines", line).await;
    }
    assert!(!window.text().await.contains(CANARY));
    looks(window, "71-cluster-pod-log").await;
    window.escape().await;
    window.gone("pod-log").await;

    window.click("cluster-diff").await;
    window.says("headline", "v2 would change 1 object in dev.").await;
    assert_eq!(actions(window).await, ["update"]);
    for words in ["Deployment", "registry.example/signed:1", "registry.example/signed:broken"] {
        window.says("object", words).await;
    }
    looks(window, "72-cluster-diff").await;
    window.css("[data-testid=\"diff-version\"] option[value=\"v1\"]").await.click().await.unwrap();
    window.says("headline", "dev is as v1 wants it.").await;
    assert!(!window.has("object").await);
    window.click("diff-back").await;
    window.find("env-dev").await;
}

/// The run of an outcome, from the history on the deployments' screen.
async fn open_run(window: &Window, state: &str) {
    let button = format!("[data-testid=\"history-row\"][data-state=\"{state}\"] button");
    let button = window.css(&button).await;
    button.scroll_into_view().await.unwrap();
    button.click().await.unwrap();
    window.find("run-panel").await;
}

/// The gate that refuses, the run, the cluster and the diff, for who reads French at night.
async fn in_french_and_dark(window: &Window) {
    window.look("fr", "dark").await;
    window.css("html[lang=\"fr\"][data-theme=\"dark\"]").await;
    window.click("nav-deployments").await;
    window.says("gate-prod", "Barrière fermée").await;
    window.says("condition-check-build", "Pas terminé pour").await;
    window.says("condition-check-test", "Rouge pour").await;
    looks(window, "73-cluster-gate-closed-fr-dark").await;

    open_run(window, "succeeded").await;
    window.says("run-state", "Réussi").await;
    window.says("run-step-rollout", "Suivre le déploiement").await;
    looks(window, "74-cluster-run-fr-dark").await;
    window.click("run-back").await;

    window.click("cluster-dev").await;
    window.says("headline", "La charge est comme elle doit être.").await;
    window.says("workload-Deployment-web", "Saine").await;
    looks(window, "75-cluster-workloads-fr-dark").await;

    window.click("cluster-diff").await;
    window.says("headline", "v2 changerait 1 objet dans dev.").await;
    window.says("object", "modifier").await;
    looks(window, "76-cluster-diff-fr-dark").await;

    window.look("en", "light").await;
    window.click("nav-deployments").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn dev_gate_promotion_broken_image_roll_back() {
    let github = GitHub::start(Vec::new(), Vec::new()).await;
    let mut team = Team::new("manifests = [\"k8s/*.yaml\"]").await;
    team.on_github(&github.api);
    version(&team, "registry.example/signed:1", "v1");
    version(&team, "registry.example/signed:broken", "v2");
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
    diff_before_the_first_deployment(&window, &team).await;

    // Dev takes it, and the cluster names the image by its digest.
    deploy(&window, "v1").await;
    ends(&window, "Succeeded").await;
    assert_eq!(team.image(&team.dev), "registry.example/signed:1");
    let running = "get pods -o jsonpath={.items[0].status.containerStatuses[0].imageID}";
    let digested = team.kubectl(&team.dev, running);
    assert!(digested.starts_with("registry.example/signed:1@sha256:"), "{digested}");
    window.see("Told to team/app").await;
    looks(&window, "61-cluster-run").await;

    window.click("run-back").await;
    log_and_diff_of_what_runs(&window, &team).await;

    // Red and pending close the gate, in the window as in jalonctl.
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
    in_french_and_dark(&window).await;

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
    open_run(&window, "failed").await;
    window.says("run-state", "Échoué").await;
    window.says("run-reason", "La version ne démarre pas.").await;
    window.says("run-reason", "registry.example/signed:broken").await;
    looks(&window, "77-cluster-run-broken-fr-dark").await;
    window.close().await;
    for secret in [CANARY, TOKEN] {
        tests::canary::nowhere(&team.site.bench, secret);
    }
}
