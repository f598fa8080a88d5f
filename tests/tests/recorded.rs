//! Answers that were recorded from the real GitHub, replayed by @octokit/fixtures-server.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use std::process::Command;

use engine::Work;
use engine::wire::ProjectDir;
use serde_json::{Value, json};
use tests::bridge::{self, Asked, Rules};
use tests::npm;
use tests::process::{Running, free_port, root};
use tests::project::Bench;

/// The recording answers exactly the request that was recorded: page size, headers and path.
fn as_recorded(path: &str) -> Option<Asked> {
    let path = match path {
        path if path.contains("/milestones") => return None,
        path if path.contains("per_page=100") => {
            "/repos/octokit-fixture-org/paginate-issues/issues?per_page=3"
        }
        path => path,
    };
    let headers = vec![
        ("accept", "application/vnd.github.v3+json"),
        ("authorization", "token 0000000000000000000000000000000000000001"),
    ];
    Some((path.to_owned(), headers))
}

/// The recorded links name the replaying server, whose address ends in the recording's id.
fn own_link(own: &str, _path: &str, link: Option<&str>) -> Option<String> {
    let links = link?.split('<').map(|part| match part.find("/repositories/") {
        Some(at) => format!("{own}{}", &part[at..]),
        None => part.to_owned(),
    });
    Some(links.collect::<Vec<_>>().join("<"))
}

#[tokio::test(flavor = "multi_thread")]
async fn recorded_pages_of_issues_are_read() {
    let bench = Bench::new().with_plan();
    bench.write("jalon.toml", "[project]\nname = \"a\"\ngithub = \"octokit-fixture-org/paginate-issues\"\nplan = \"docs/planning.md\"\n");
    let port = free_port();
    let mut server = Running::start(
        Command::new(npm::program("octokit-fixtures-server"))
            .args(["--port", &port.to_string(), "--log-level", "silent"])
            .current_dir(root().join("tests/peers")),
        bench.path(),
    );
    server.listening(port);
    let loaded: Value = reqwest::Client::new()
        .post(format!("http://127.0.0.1:{port}/fixtures"))
        .json(&json!({ "scenario": "paginate-issues" }))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    let recorded = loaded["url"].as_str().unwrap().replace("localhost", "127.0.0.1");

    let own = bridge::start(Rules { peer: recorded, request: as_recorded, link: own_link }).await;

    let engine = bench.engine(&own, "0000000000000000000000000000000000000001");
    let outcome = engine::sync(&engine, ProjectDir { dir: bench.dir() }, &Work::silent()).await.unwrap();
    assert_eq!((outcome.issues, outcome.pull_requests, outcome.pages_read), (13, 0, 6));
}
