//! The gate asks GitHub: only a commit whose required checks are green enters production, by `jalonctl`.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use serde_json::{Value, json};
use tests::github::delivery::{check_run, commit_status};
use tests::github::{Fault, GitHub};
use tests::process::run;
use tests::site::Site;

const PROMOTE: &str = "promote campus --from dev --to prod --confirm prod";

/// A sample on GitHub whose v1.1.0 runs in dev, and the commit of it.
async fn ready() -> (GitHub, Site, String) {
    let github = GitHub::start(Vec::new(), Vec::new()).await;
    let mut site = Site::new();
    site.on_github(&github.api);
    let run = site.done("deploy campus --env dev --version v1.1.0");
    let sha = run["commit"].as_str().unwrap().to_owned();
    (github, site, sha)
}

/// Why the gate refused, before anything was started.
fn refusal(site: &Site) -> String {
    let before = site.runs().len();
    let (code, _, error) = site.full(PROMOTE);
    assert_eq!((code, &error["code"]), (3, &json!("gate.closed")), "{error}");
    assert_eq!(site.runs().len(), before, "what was refused changed nothing");
    assert_eq!(site.version("prod"), None);
    error["message"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn only_green_for_that_very_commit_opens() {
    let (github, site, sha) = ready().await;
    let other = "0".repeat(40);
    github.world().delivery.rules = Some(vec!["build", "test"]);
    let green = ("build", "completed", Some("success"));
    let cases: [(Vec<Value>, &str); 8] = [
        (vec![], "build is required, and"),
        (vec![check_run(1, &sha, green.0, green.1, green.2)], "test is required, and"),
        (vec![check_run(2, &sha, "test", "completed", Some("failure"))], "test is red for"),
        (vec![check_run(2, &sha, "test", "completed", Some("timed_out"))], "(timed_out)"),
        (vec![check_run(2, &sha, "test", "in_progress", None)], "test has not ended for"),
        (vec![check_run(2, &sha, "test", "completed", Some("cancelled"))], "test was cancelled for"),
        (vec![check_run(2, &sha, "test", "completed", Some("skipped"))], "test ran nothing for"),
        (
            vec![check_run(2, &other, "test", "completed", Some("success"))],
            "test is about 0000000, not about",
        ),
    ];
    for (runs, reason) in cases {
        let mut runs = runs;
        if !reason.starts_with("build") {
            runs.push(check_run(1, &sha, green.0, green.1, green.2));
        }
        github.world().delivery.check_runs.insert(sha.clone(), runs);
        let said = refusal(&site);
        assert!(said.contains(reason), "{reason}: {said}");
        assert!(reason.starts_with("build") || !said.contains("build"), "what is green is no reason: {said}");
    }
    // Run again: the newest run of a name counts.
    let again = [
        check_run(1, &sha, green.0, green.1, green.2),
        check_run(3, &sha, "test", "completed", Some("success")),
        check_run(2, &sha, "test", "completed", Some("failure")),
    ];
    github.world().delivery.check_runs.insert(sha.clone(), again.to_vec());
    let run = site.done(PROMOTE);
    assert_eq!((&run["state"], &run["commit"]), (&json!("succeeded"), &json!(sha)));
    assert_eq!(site.version("prod").as_deref(), Some("1.1.0"));
    let log = site.done(&format!("runs log {}", run["id"].as_str().unwrap())).to_string();
    assert!(log.contains("build is green for") && log.contains("test is green for"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nobody_says_which_all_checks_that_exist_are_required() {
    let (github, site, sha) = ready().await;
    {
        let mut world = github.world();
        world.delivery.rules = None;
        world.delivery.protection = None;
        world
            .delivery
            .runs(&sha, &[("build", "completed", Some("success")), ("deploy", "completed", Some("skipped"))]);
        world.delivery.statuses.insert(sha.clone(), vec![commit_status(7, "ci/legacy", "failure")]);
    }
    let said = refusal(&site);
    assert!(said.contains("ci/legacy is red"), "{said}");
    let gates = site.done("status");
    assert!(gates.is_object());
    github.world().delivery.statuses.insert(sha.clone(), vec![commit_status(8, "ci/legacy", "success")]);
    let run = site.done(PROMOTE);
    let log = site.done(&format!("runs log {}", run["id"].as_str().unwrap())).to_string();
    assert!(log.contains("may not be read, so all of"), "it is said: {log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_required_commit_status_counts_as_a_check_run_does() {
    let (github, site, sha) = ready().await;
    github.world().delivery.rules = Some(vec!["build", "ci/legacy"]);
    github.world().delivery.runs(&sha, &[("build", "completed", Some("success"))]);
    for (statuses, reason) in [
        (vec![], "ci/legacy is required, and"),
        (vec![commit_status(1, "ci/legacy", "pending")], "ci/legacy has not ended for"),
        (vec![commit_status(2, "ci/legacy", "failure")], "ci/legacy is red for"),
        (vec![commit_status(3, "ci/legacy", "error")], "ci/legacy is red for"),
        (vec![commit_status(4, "ci/legacy", "perhaps")], "ci/legacy"),
    ] {
        github.world().delivery.statuses.insert(sha.clone(), statuses);
        let said = refusal(&site);
        assert!(said.contains(reason) && !said.contains("build"), "{reason}: {said}");
    }
    github.world().delivery.statuses.insert(sha.clone(), vec![commit_status(5, "ci/legacy", "success")]);
    let run = site.done(PROMOTE);
    let log = site.done(&format!("runs log {}", run["id"].as_str().unwrap())).to_string();
    assert!(log.contains("ci/legacy is green for"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_red_check_on_the_last_page_is_seen() {
    let (github, site, sha) = ready().await;
    let mut runs: Vec<Value> = (1..=230)
        .map(|id| check_run(id, &sha, &format!("matrix {id}"), "completed", Some("success")))
        .collect();
    runs.push(check_run(231, &sha, "last", "completed", Some("failure")));
    github.world().delivery.check_runs.insert(sha.clone(), runs);
    assert!(refusal(&site).contains("last is red"));
    // A list that loses its next page is not taken for the whole.
    github.fail(Fault::NextAt("https://example.org/2".into()));
    assert!(refusal(&site).contains("cannot be read"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_is_closed_and_says_what_to_do() {
    let (github, mut site, sha) = ready().await;
    github.world().delivery.runs(&sha, &[("build", "completed", Some("success"))]);
    let only = |status, words| Fault::Only("GET", "check-runs", status, vec![], words);
    for (fault, reason) in [
        (only(403, "Resource not accessible by personal access token"), "read access to checks"),
        (only(404, "Not Found"), "check github = "),
        (only(500, "Oops"), "HTTP 500"),
        (Fault::Status(401, vec![], "Bad credentials"), "refused the token"),
        (Fault::Html, "a web page"),
        (Fault::HalfJson, "something other than"),
        (Fault::Only("GET", "/status", 403, vec![], "no"), "read access to checks"),
    ] {
        github.fail(fault.clone());
        let said = refusal(&site);
        assert!(said.contains("cannot be read") && said.contains(reason), "{fault:?}: {said}");
    }
    github.fail(Fault::None);
    github.world().delivery.unknown.push(sha.clone());
    assert!(refusal(&site).contains("push it"), "a commit that GitHub does not know");
    github.world().delivery.unknown.clear();

    let variables = std::mem::take(&mut site.variables);
    site.variables = vec![variables[0].clone()];
    let said = refusal(&site);
    assert!(said.contains("nobody is signed in") && said.contains("jalonctl auth login"), "{said}");
    site.variables = vec![("JALON_GITHUB_API", "http://127.0.0.1:9".into()), variables[1].clone()];
    assert!(refusal(&site).contains("cannot be reached"));
    site.variables = variables;
    site.done(PROMOTE);
}

#[tokio::test(flavor = "multi_thread")]
async fn checks_that_turn_red_on_the_way_refuse_in_the_run() {
    let (github, site, sha) = ready().await;
    github.world().delivery.runs(&sha, &[("build", "completed", Some("success"))]);
    let red = vec![check_run(9, &sha, "build", "completed", Some("failure"))];
    github.world().delivery.then = [(sha.clone(), red.clone())].into();
    let (code, run) = site.json(PROMOTE);
    assert_eq!((code, &run["state"], &run["refused"]), (3, &json!("cancelled"), &json!(true)), "{run}");
    assert_eq!(run["reason"]["code"], "gate.closed");
    assert!(run["reason"]["message"].as_str().unwrap().contains("build is red"), "{run}");
    assert_eq!(site.version("prod"), None);

    // And while the new release becomes healthy: it does not take over.
    let green = vec![check_run(10, &sha, "build", "completed", Some("success"))];
    github.world().delivery.check_runs.insert(sha.clone(), green.clone());
    let red = vec![check_run(11, &sha, "build", "completed", Some("failure"))];
    github.world().delivery.then = [(sha.clone(), green), (sha, red)].into();
    let (code, run) = site.json(PROMOTE);
    assert_eq!((code, &run["reason"]["code"]), (3, &json!("gate.closed")), "{run}");
    let at = run["steps"].as_array().unwrap().iter().find(|step| step["state"] == "failed").unwrap();
    assert_eq!(at["id"], "switch", "{run}");
    assert_eq!(site.version("prod"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_check_is_a_condition_and_the_token_stays_out_of_sight() {
    let (github, site, sha) = ready().await;
    github.world().delivery.rules = Some(vec!["build", "test"]);
    github.world().delivery.runs(&sha, &[("build", "completed", Some("success"))]);
    let engine = site.engine();
    let query = engine::wire::DeploymentsQuery { dir: site.dir().display().to_string(), service: None };
    let seen = engine::deployments(&engine, query, &engine::Work::silent()).await.unwrap();
    let gate = &seen.gates[0];
    assert!(!gate.open);
    let checks: Vec<(&str, &str)> = gate
        .conditions
        .iter()
        .filter(|condition| condition.id == "check")
        .map(|condition| (condition.params["name"].as_str(), condition.params["state"].as_str()))
        .collect();
    assert_eq!(checks, [("build", "green"), ("test", "absent")]);
    let build = gate.conditions.iter().find(|condition| condition.fact == "check.green").unwrap();
    assert_eq!(build.params["url"], "https://github.com/team/app/runs/1");
    drop(engine);

    github.world().delivery.rules = Some(vec!["build"]);
    let output = run(&mut site.command(&format!("{PROMOTE} --json")), "");
    assert!(output.status.success());
    tests::canary::nowhere(&site.bench, tests::github::TOKEN);
}
