//! Sync of 1,000 issues from loopback, beside the plain download of the same pages: the price of reading, checking and
//! storing, as ratios of one run.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a bench that cannot run fails")]
#![allow(clippy::disallowed_methods, reason = "measures time")]

use std::time::{Duration, Instant};

use engine::Work;
use engine::wire::ProjectDir;
use tests::github::{GitHub, TOKEN, issue};
use tests::measure::{compare, milliseconds};
use tests::project::Bench;
use tests::team;

const ISSUES: u32 = 1000;
const ROUNDS: usize = 15;

fn main() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(measure());
}

async fn measure() {
    let github = GitHub::start(team::milestones(), (1..=ISSUES).map(full_sized).collect()).await;
    let mut downloads = Vec::new();
    let mut firsts = Vec::new();
    let mut agains = Vec::new();
    for _ in 0..ROUNDS {
        downloads.push(download(&github.api).await);
        let bench = Bench::new().with_plan();
        let engine = bench.engine(&github.api, TOKEN);
        firsts.push(sync(&engine, &bench, 11, 0).await);
        agains.push(sync(&engine, &bench, 0, 11).await);
    }
    println!("sync of {ISSUES} issues in 11 pages, {ROUNDS} rounds, medians");
    println!("  plain download            {}", milliseconds(&downloads));
    println!("  first sync, stored        {}  ratio {}", milliseconds(&firsts), compare(&firsts, &downloads));
    println!("  again, nothing changed    {}  ratio {}", milliseconds(&agains), compare(&agains, &downloads));
}

/// An issue as heavy as GitHub's: about 4 kB with its text and the user objects that Jalon does not read.
fn full_sized(number: u32) -> serde_json::Value {
    let mut value = issue(number, "An issue with a title of ordinary length", 3, None, Some("student-a"));
    value["body"] = serde_json::json!("Steps, results, links. ".repeat(80));
    value["user"] = serde_json::json!({ "login": "student-a", "urls": vec!["https://api.github.com/users/student-a"; 16] });
    value
}

async fn download(api: &str) -> Duration {
    let start = Instant::now();
    let client = reqwest::Client::new();
    let issues =
        (1..=10).map(|page| format!("{api}/repos/team/app/issues?state=all&per_page=100&page={page}"));
    let pages =
        std::iter::once(format!("{api}/repos/team/app/milestones?state=all&per_page=100")).chain(issues);
    for page in pages {
        let answer = client.get(page).bearer_auth(TOKEN).send().await.unwrap();
        assert!(answer.bytes().await.unwrap().len() > 100);
    }
    start.elapsed()
}

async fn sync(engine: &engine::Engine, bench: &Bench, read: u32, unchanged: u32) -> Duration {
    let start = Instant::now();
    let outcome = engine::sync(engine, ProjectDir { dir: bench.dir() }, &Work::silent()).await.unwrap();
    let took = start.elapsed();
    assert_eq!((outcome.issues, outcome.pages_unchanged), (ISSUES, unchanged));
    assert!(outcome.pages_read >= read);
    took
}
