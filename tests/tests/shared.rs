//! The team's shared history: runs become deployments on GitHub, each once, and teammates' deployments are read.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tests::github::delivery::check_run;
use tests::github::{Fault, GitHub, TOKEN};
use tests::process::{run, until};
use tests::site::Site;

/// A sample on GitHub that tells it without waiting a second between two writes.
async fn ready() -> (GitHub, Site) {
    let github = GitHub::start(Vec::new(), Vec::new()).await;
    let mut site = Site::new();
    site.on_github(&github.api);
    site.variables.push(("JALON_GITHUB_PACE", "0".into()));
    (github, site)
}

fn writes(github: &GitHub) -> Vec<String> {
    github.world().seen.iter().filter(|seen| seen.method == "POST").map(|seen| seen.path.clone()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_run_becomes_a_deployment_with_its_states() {
    let (github, site) = ready().await;
    let first = site.done("deploy campus --env dev --version v1.0.0");
    let shared = &first["shared"];
    assert_eq!((&shared["state"], &shared["deployment"]), (&json!("told"), &json!("1")), "{first}");
    site.done("deploy campus --env dev --version v1.1.0 --kind rework");
    let (code, failed) = site.json("deploy campus --env dev --version v1.2.0-rc.2");
    assert_eq!((code, &failed["shared"]["state"]), (1, &json!("told")));
    site.done("rollback campus --env dev --to v1.0.0");
    {
        let world = github.world();
        let delivery = &world.delivery;
        assert_eq!(delivery.deployments.len(), 4);
        let one = &delivery.deployments[0];
        assert_eq!((&one["sha"], &one["environment"]), (&first["commit"], &json!("dev")));
        assert_eq!(one["production_environment"], false);
        let payload = |index: usize| delivery.deployments[index]["payload"].clone();
        assert_eq!(
            (&payload(0)["app"], &payload(0)["kind"], &payload(0)["attempt"], &payload(0)["service"]),
            (&json!("jalon"), &json!("planned"), &json!(1), &json!("campus"))
        );
        assert_eq!(payload(1)["kind"], "rework");
        assert_eq!(
            (&payload(3)["kind"], &payload(3)["rollback_of"]),
            (&json!("rollback"), &payload(1)["run"])
        );
        for id in [1, 2, 4] {
            assert_eq!(delivery.states(id), ["queued", "in_progress", "success"]);
        }
        assert_eq!(delivery.states(3), ["queued", "in_progress", "failure"]);
        let said = delivery.deployment_statuses[&3][2]["description"].as_str().unwrap();
        assert!(
            said.contains("local.crashed") && !said.contains("courses.json"),
            "no words of a service: {said}"
        );
    }
    let bodies: Vec<Value> = {
        let world = github.world();
        let made =
            world.seen.iter().filter(|seen| seen.method == "POST" && seen.path.ends_with("/deployments"));
        made.map(|seen| serde_json::from_str(&seen.body).unwrap()).collect()
    };
    assert_eq!(bodies[0]["transient_environment"], false);
    assert!(bodies.iter().all(|body| body["auto_merge"] == false && body["required_contexts"] == json!([])));
    assert!(
        !github.world().seen.iter().any(|seen| seen.body.contains("environment_url")),
        "nobody else can open it"
    );
    tests::canary::nowhere(&site.bench, TOKEN);
}

#[tokio::test(flavor = "multi_thread")]
async fn writes_come_one_at_a_time_a_second_apart() {
    let (github, mut site) = ready().await;
    site.variables.pop();
    site.done("deploy campus --env dev --version v1.0.0");
    let world = github.world();
    let at: Vec<_> = world.seen.iter().filter(|seen| seen.method == "POST").map(|seen| seen.at).collect();
    assert_eq!(at.len(), 4);
    for pair in at.windows(2) {
        assert!(pair[1] - pair[0] >= Duration::from_millis(950), "{:?}", pair[1] - pair[0]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_gate_refuses_is_inactive_and_no_failure() {
    let (github, site) = ready().await;
    let sha = site.done("deploy campus --env dev --version v1.1.0")["commit"].as_str().unwrap().to_owned();
    github.world().delivery.runs(&sha, &[("build", "completed", Some("success"))]);
    let red = vec![check_run(9, &sha, "build", "completed", Some("failure"))];
    github.world().delivery.then = [(sha, red)].into();
    assert_eq!(site.json("promote campus --from dev --to prod --confirm prod").0, 3);
    let world = github.world();
    assert_eq!(world.delivery.states(2), ["queued", "in_progress", "inactive"]);
    assert_eq!(world.delivery.deployments[1]["production_environment"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_between_the_write_and_its_note_doubles_nothing() {
    let (github, site) = ready().await;
    for (part, word) in [("/deployments", "the deployment"), ("/statuses", "a status")] {
        let before = github.world().delivery.deployments.len();
        let of_part = || writes(&github).iter().filter(|path| path.ends_with(part)).count();
        let written = of_part();
        github.keep_silent(part);
        site.fault("slow_start=60000");
        let caller = site.start("deploy campus --env dev --version v1.0.0");
        until(word, || of_part() > written);
        // GitHub has it, and nobody here knows: everybody is killed.
        drop(caller);
        site.kill("run-process");
        github.let_go();
        site.fault("none");
        let runs = site.runs();
        assert_eq!(runs[0]["state"], "interrupted", "{part}");
        let next = site.done("deploy campus --env dev --version v1.1.0");
        assert_eq!(next["shared"]["state"], "told");
        let world = github.world();
        let delivery = &world.delivery;
        assert_eq!(delivery.deployments.len(), before + 2, "{part}: one for each run");
        let mut names: Vec<&str> =
            delivery.deployments.iter().map(|one| one["payload"]["run"].as_str().unwrap()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), delivery.deployments.len());
        let id = before as u64 + 1;
        assert_eq!(delivery.states(id), ["queued", "in_progress", "error"], "{part}");
        assert_eq!(delivery.states(id + 1), ["queued", "in_progress", "success"], "{part}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_github_did_and_did_not_answer_is_not_done_again() {
    let (github, site) = ready().await;
    github.fail(Fault::Done("POST", "/deployments", 502));
    let run = site.done("deploy campus --env dev --version v1.0.0");
    assert_eq!((&run["state"], &run["shared"]["state"]), (&json!("succeeded"), &json!("waiting")));
    github.fail(Fault::None);
    let run = site.done("deploy campus --env dev --version v1.1.0");
    assert_eq!(run["shared"]["state"], "told");
    let world = github.world();
    assert_eq!(world.delivery.deployments.len(), 2, "the 502 was no reason to write twice");
    assert_eq!(world.delivery.states(1), ["queued", "in_progress", "success"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_network_it_waits_and_goes_out_with_the_next_call() {
    let (github, mut site) = ready().await;
    let online = site.variables.clone();
    github.fail(Fault::Status(503, vec![], "Unavailable"));
    let run = site.done("deploy campus --env dev --version v1.0.0");
    assert_eq!((&run["state"], &run["shared"]["state"]), (&json!("succeeded"), &json!("waiting")));
    github.fail(Fault::Only(
        "POST",
        "/deployments",
        403,
        vec![("retry-after", "3".into())],
        "secondary rate limit",
    ));
    site.variables.push(("JALON_NOW", "2026-11-23T09:00:00Z".into()));
    assert_eq!(site.refused("sync", 1), "github.rate_limited");
    let before = writes(&github).len();
    assert_eq!(site.refused("sync", 1), "github.rate_limited");
    assert_eq!(writes(&github).len(), before, "nobody is asked before the time");
    site.variables = online;
    site.variables.push(("JALON_NOW", "2026-11-23T09:00:04Z".into()));
    github.fail(Fault::None);
    site.done("sync");
    assert_eq!(github.world().delivery.states(1), ["queued", "in_progress", "success"]);
    let shown = site.done("runs show 1");
    assert_eq!(shown["shared"]["state"], "told");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_told_is_said_once_and_given_up() {
    let (github, site) = ready().await;
    // A commit that was not pushed.
    let sha = site.done("deploy campus --env dev --version v1.0.0")["commit"].as_str().unwrap().to_owned();
    github.world().delivery.unknown.push(sha);
    let run = site.done("deploy campus --env dev --version v1.0.0");
    assert_eq!(run["shared"]["state"], "given_up");
    assert!(run["shared"]["reason"]["message"].as_str().unwrap().contains("push it"), "{run}");
    // Files that no commit holds.
    std::fs::write(site.dir().join("README.md"), "changed\n").unwrap();
    let run = site.done("deploy campus --env dev");
    assert_eq!(run["shared"]["reason"]["code"], "share.dirty");
    // Somebody who may not: told once.
    github.fail(Fault::Only(
        "POST",
        "/deployments",
        403,
        vec![],
        "Resource not accessible by personal access token",
    ));
    let run = site.done("deploy campus --env dev --version v1.1.0");
    assert_eq!(run["shared"]["state"], "given_up");
    assert!(run["shared"]["reason"]["message"].as_str().unwrap().contains("write access to deployments"));
    let before = writes(&github).len();
    let run = site.done("deploy campus --env dev --version v1.1.0");
    assert_eq!((&run["state"], &run["shared"]), (&json!("succeeded"), &Value::Null));
    assert_eq!(writes(&github).len(), before, "they are not asked again");
    assert_eq!(github.world().delivery.deployments.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn teammates_and_other_computers_count_and_nobody_twice() {
    let (github, mut site) = ready().await;
    let own = site.done("deploy campus --env dev --version v1.1.0");
    let (sha, other) = (own["commit"].as_str().unwrap().to_owned(), "b".repeat(40));
    let about = |run: &str, kind: &str| json!({ "app": "jalon", "run": run, "attempt": 1, "kind": kind, "service": "campus", "version": "v2" });
    let began: Timestamp = own["requested"].as_str().unwrap().parse().unwrap();
    {
        let mut world = github.world();
        let add = &mut world.delivery;
        add.now = began - SignedDuration::from_hours(1);
        add.add(
            &other,
            "dev",
            "student-b",
            about("bbbb-1", "planned"),
            &["queued", "in_progress", "success"],
        );
        // The same number of the same person's other computer, as a text.
        let text = json!(about("cccc-1", "planned").to_string());
        add.add(&sha, "dev", "student-a", text, &["queued", "in_progress", "failure"]);
        // A workflow's, superseded only after it was live; a preview, which is no environment of the project.
        add.add(&other, "dev", "github-actions[bot]", json!(""), &["in_progress", "success", "inactive"]);
        add.add(&other, "pr-7", "github-actions[bot]", json!({}), &["success"]);
        add.add(&other, "dev", "student-b", about("bbbb-2", "planned"), &["queued", "inactive"]);
    }
    site.done("sync");
    let kpis = site.done("kpis --env dev");
    let rate =
        kpis["kpis"].as_array().unwrap().iter().find(|kpi| kpi["id"] == "deployment_success_rate").unwrap();
    assert_eq!((&rate["n"], &rate["excluded"]["cancelled"]), (&json!(4), &json!(1)), "{rate}");
    assert_eq!(rate["value"], 0.75);

    let engine = site.engine();
    let query = engine::wire::DeploymentsQuery { dir: site.dir().display().to_string(), service: None };
    let seen = engine::deployments(&engine, query, &engine::Work::silent()).await.unwrap();
    let theirs: Vec<&engine::wire::RunRow> =
        seen.history.iter().filter(|row| row.origin == engine::wire::RunOrigin::Github).collect();
    assert_eq!((seen.history.len(), theirs.len()), (5, 4));
    assert!(
        theirs
            .iter()
            .any(|row| row.by.as_deref() == Some("student-b") && row.version.as_deref() == Some("v2"))
    );
    assert_eq!(seen.environments[0].release.as_ref().unwrap().version, "v1.1.0", "what runs here is ours");
    // On the time axis of the measurements, too: all but the cancelled one.
    let query = json!({ "dir": site.dir(), "service": "campus", "environment": "dev", "range": 7200 });
    let watched =
        engine::contract::dispatch(&engine, "monitoring", query, &engine::Work::silent()).await.unwrap();
    let marks: Vec<(&str, bool)> = watched["deployments"]
        .as_array()
        .unwrap()
        .iter()
        .map(|mark| (mark["version"].as_str().unwrap(), mark["succeeded"] == true))
        .collect();
    assert_eq!(marks.len(), 4, "{marks:?}");
    assert!(marks.contains(&("v2", true)) && marks.contains(&("v2", false)), "{marks:?}");
    assert_eq!(marks.last(), Some(&("v1.1.0", true)));
    drop(engine);
    let shown = site.done(&format!("runs show {}", theirs[0].id));
    assert_eq!(shown["origin"], "github");
    assert_eq!(site.runs().len(), 1, "runs are this computer's");

    // Nothing changed: every answer is 304. Then an open one ends, and an old one falls.
    github.take_seen();
    site.done("sync");
    let asked = github.take_seen();
    let lists = asked.iter().filter(|seen| seen.path.contains("/deployments"));
    assert!(lists.clone().count() > 1 && lists.clone().all(|seen| seen.status == 304), "{asked:?}");
    github.world().delivery.add(
        &other,
        "dev",
        "student-b",
        about("bbbb-3", "planned"),
        &["queued", "in_progress"],
    );
    site.done("sync");
    let count = |site: &Site, what: &str| {
        let kpis = site.done("kpis --env dev");
        kpis["kpis"][2][what].clone()
    };
    assert_eq!(count(&site, "n"), 4);
    assert_eq!(count(&site, "excluded")["in_progress"], 1);
    site.variables.push(("JALON_NOW", (began + SignedDuration::from_hours(48)).to_string()));
    assert_eq!(count(&site, "excluded")["unknown"], 1, "after a day nobody knows");
    site.variables.pop();
    let at = json!({ "state": "success", "description": "", "created_at": (began - SignedDuration::from_mins(30)).to_string() });
    github.world().delivery.deployment_statuses.get_mut(&7).unwrap().push(at);
    site.done("sync");
    assert_eq!(count(&site, "n"), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_may_not_read_deployments_still_reads_the_rest() {
    let (github, site) = ready().await;
    github.fail(Fault::Only("GET", "/deployments", 403, vec![], "Resource not accessible"));
    let outcome = site.done("sync");
    assert_eq!(outcome["repository"], "team/app");
    let output = run(&mut site.command("kpis"), "");
    assert!(output.status.success());
}
