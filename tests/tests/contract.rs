//! GitHub's own OpenAPI description, through Prism: every request that Jalon sends keeps the contract, and GitHub's
//! own examples can be read.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use std::process::Command;

use engine::Work;
use engine::wire::{PastedToken, ProjectDir, SecretText};
use tests::bridge::{self, Rules};
use tests::npm;
use tests::process::{Running, free_port};
use tests::project::Bench;

/// GitHub's examples name pages of its own host; this names one page more, so that its request is checked as well.
fn second_page(own: &str, path: &str, _link: Option<&str>) -> Option<String> {
    let more = path.contains("per_page=") && !path.contains("&page=");
    more.then(|| format!("<{own}{path}&page=2>; rel=\"next\""))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_request_keeps_githubs_contract() {
    let bench = Bench::new().with_plan();
    let port = free_port();
    let mut prism = Running::start(
        Command::new(npm::program("prism"))
            .args(["mock", "--errors", "--host", "127.0.0.1", "--port", &port.to_string()])
            .arg(npm::file("@octokit/openapi/generated/api.github.com.json")),
        bench.path(),
    );
    prism.listening(port);
    let api = format!("http://127.0.0.1:{port}");

    // The mock does refuse what the description does not allow: without this, the rest would prove nothing.
    let client = reqwest::Client::new();
    let wrong = client.get(format!("{api}/repos/team/app/milestones?state=sideways")).send().await.unwrap();
    assert_eq!(wrong.status(), 422);

    let as_sent = |path: &str| {
        // The description's example of a repository breaks the description itself: an invented one does not.
        let invented = if path == "/repos/team/app" { vec![("prefer", "dynamic=true")] } else { vec![] };
        Some((path.to_owned(), invented))
    };
    let api = bridge::start(Rules { peer: api, request: as_sent, link: second_page }).await;
    let engine = bench.engine(&api, "");
    let token = SecretText::new("ghp_contract".into());
    let status = engine::auth_token(&engine, PastedToken { token }, &Work::silent()).await.unwrap();
    assert_eq!(status.login.as_deref(), Some("octocat"));

    let engine = bench.engine(&api, "ghp_contract");
    let outcome = engine::sync(&engine, ProjectDir { dir: bench.dir() }, &Work::silent()).await.unwrap();
    assert!(outcome.milestones > 0 && outcome.issues + outcome.pull_requests > 0, "{outcome:?}");
    assert_eq!(outcome.pages_read, 4);
    let view = engine::milestones(&engine, ProjectDir { dir: bench.dir() }, &Work::silent()).await.unwrap();
    let known = view.stages.iter().filter_map(|s| s.milestone.as_ref()).chain(&view.unlinked).count();
    assert!(known > 0);

    // Deployments of the sync were read, too.
    let store = store::Store::open(&bench.home()).unwrap();
    let id = store::repository::RepositoryId { api: api.clone(), full_name: "team/app".into() };
    let read = store.deployments_of(&id).unwrap();
    assert!(read.iter().any(|one| one.statuses.as_ref().is_some_and(|all| !all.is_empty())), "{read:?}");

    checks_and_deployments(&api).await;
}

/// Every read of the gate and every write of the shared history.
async fn checks_and_deployments(api: &str) {
    let wrong = reqwest::Client::new()
        .post(format!("{api}/repos/team/app/deployments"))
        .json(&serde_json::json!({ "environment": "prod" }))
        .send();
    assert_eq!(wrong.await.unwrap().status(), 422, "a deployment without a ref breaks the contract");

    let token = credentials::Secret::new("ghp_contract".to_owned());
    let clock: store::Clock = std::sync::Arc::new(|| jiff::Timestamp::UNIX_EPOCH);
    let endpoint = github::Endpoint::parse(api).unwrap();
    let client = github::Client::new(endpoint, Some(&token), clock, Default::default()).unwrap();
    let sha = "a84d88e7554fc1fa21bcbc4efae3c782a70d2b9d";
    let found = github::read_checks(&client, "team/app", sha).await.unwrap();
    assert!(!found.checks.is_empty() && found.required.is_some(), "{found:?}");

    let more = serde_json::json!({ "attempt": 1, "kind": "planned", "rollback_of": null });
    let new = github::NewDeployment {
        sha: sha.to_owned(),
        environment: "prod".to_owned(),
        production: true,
        description: "campus ".repeat(40),
        run: "abcd-1".to_owned(),
        more: more.as_object().unwrap().clone(),
    };
    let id = github::create_deployment(&client, "team/app", &new).await.unwrap();
    use github::StatusState::*;
    for state in [Queued, InProgress, Success, Failure, Error, Inactive] {
        let address = Some("https://campus.example.org");
        github::create_status(&client, "team/app", id, state, &"live ".repeat(40), address).await.unwrap();
    }
    assert_eq!(github::find_deployment(&client, "team/app", sha, "prod", "abcd-1").await.unwrap(), None);
    assert!(!github::states_of(&client, "team/app", id).await.unwrap().is_empty());
}
