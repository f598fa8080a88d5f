//! Files that do not answer, as on a network that went away: a pipe that nobody writes to stands for them.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use std::fs::File;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use engine::Work;
use engine::wire::WireError;
use serde_json::{Value, json};
use tests::process::{LIMIT, run};
use tests::project::Bench;

/// `open` then does not wait for the other end.
const NON_BLOCKING: i32 = 0o4000;

/// A file that is there and never says anything.
struct Silent(PathBuf);

impl Silent {
    fn replace(path: &Path) -> Self {
        let _ = std::fs::remove_file(path);
        assert!(run(Command::new("mkfifo").arg(path), "").status.success());
        Self(path.to_owned())
    }

    fn end(&self) -> std::io::Result<File> {
        // Refused as long as nobody has it open for reading.
        File::options().write(true).custom_flags(NON_BLOCKING).open(&self.0)
    }

    /// Waits until somebody reads; the reader then waits for as long as the answer lives.
    async fn read_by_somebody(&self) -> File {
        let start = Instant::now();
        loop {
            if let Ok(end) = self.end() {
                return end;
            }
            assert!(start.elapsed() < LIMIT, "nobody reads {}", self.0.display());
            tokio::task::yield_now().await;
        }
    }

    /// Lets the reader see the end of the file, and waits until it has: it must not be taken for the next one.
    async fn let_go(&self, end: Option<File>) {
        drop(end);
        let start = Instant::now();
        while self.end().is_ok() {
            assert!(start.elapsed() < LIMIT, "somebody still reads {}", self.0.display());
            tokio::task::yield_now().await;
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Then {
    /// Time passes.
    Wait,
    /// The person cancels.
    Cancel,
}

/// Calls a use case as the window does, while a file is silent.
async fn call(bench: &Bench, command: &str, params: Value, silent: &Silent, then: Then) -> WireError {
    let engine = bench.engine("http://127.0.0.1:9", "");
    let work = Work::silent();
    let calling = engine::contract::dispatch(&engine, command, params, &work);
    let mut end = None;
    let happening = async {
        end = Some(silent.read_by_somebody().await);
        match then {
            Then::Wait => tokio::time::advance(engine::FOREGROUND).await,
            Then::Cancel => work.cancel.cancel(),
        }
    };
    // Time is paused, and stands still while a file is being read: it moves by the line above alone.
    let start = tokio::time::Instant::now();
    let (result, ()) = tokio::join!(calling, happening);
    assert!(start.elapsed() <= engine::FOREGROUND);
    silent.let_go(end).await;
    result.unwrap_err().to_wire()
}

const VIEWS: [&str; 2] = ["overview", "milestones"];

#[tokio::test(start_paused = true)]
async fn a_plan_that_does_not_answer_ends_every_view_in_time() {
    let bench = Bench::new().with_plan();
    let plan = bench.project().join("docs/planning.md");
    let silent = Silent::replace(&plan);
    let dir = json!({ "dir": bench.dir() });
    for command in VIEWS {
        let error = call(&bench, command, dir.clone(), &silent, Then::Wait).await;
        assert_eq!(error.code, "plan.unreadable", "{command}");
        assert!(error.message.contains("docs/planning.md"), "{}", error.message);
        assert!(error.message.contains("was not read within 8 s"), "{}", error.message);
        let error = call(&bench, command, dir.clone(), &silent, Then::Cancel).await;
        assert_eq!(error.code, "engine.cancelled", "{command}");
    }
    let link = json!({ "dir": bench.dir(), "stage": "1", "milestone": 1 });
    let error = call(&bench, "link_stage", link.clone(), &silent, Then::Wait).await;
    assert_eq!(error.code, "plan.unreadable");
    let error = call(&bench, "link_stage", link, &silent, Then::Cancel).await;
    assert_eq!(error.code, "engine.cancelled");
    assert!(!bench.project().join(".jalon").exists(), "nothing was written");
}

#[tokio::test(start_paused = true)]
async fn a_project_that_does_not_answer_is_not_opened() {
    let bench = Bench::new().with_plan();
    let silent = Silent::replace(&bench.project().join("jalon.toml"));
    let dir = json!({ "dir": bench.dir() });
    for command in ["open_project", "sync"].into_iter().chain(VIEWS) {
        let error = call(&bench, command, dir.clone(), &silent, Then::Wait).await;
        assert_eq!(error.code, "project.unreadable", "{command}");
        assert!(error.message.contains("jalon.toml"), "{}", error.message);
        let error = call(&bench, command, dir.clone(), &silent, Then::Cancel).await;
        assert_eq!(error.code, "engine.cancelled", "{command}");
    }
    let engine = bench.engine("http://127.0.0.1:9", "");
    let start = engine::start(&engine, (), &Work::silent()).await.unwrap();
    assert!(start.recent.is_empty(), "{:?}", start.recent);
}

#[tokio::test(start_paused = true)]
async fn a_link_that_does_not_answer_ends_the_view_in_time() {
    let bench = Bench::new().with_plan();
    std::fs::create_dir_all(bench.project().join(".jalon/stages")).unwrap();
    let silent = Silent::replace(&bench.project().join(".jalon/stages/3.toml"));
    let error = call(&bench, "overview", json!({ "dir": bench.dir() }), &silent, Then::Wait).await;
    assert_eq!(error.code, "project.unreadable");
    assert!(error.message.contains("stages"), "{}", error.message);
}

#[tokio::test(start_paused = true)]
async fn the_window_starts_without_the_last_project_where_that_does_not_answer() {
    let bench = Bench::new().with_plan();
    let engine = bench.engine("http://127.0.0.1:9", "");
    let dir = engine::wire::ProjectDir { dir: bench.dir() };
    engine::open_project(&engine, dir, &Work::silent()).await.unwrap();
    let silent = Silent::replace(&bench.project().join("jalon.toml"));
    let mut end = None;
    let passing = async {
        end = Some(silent.read_by_somebody().await);
        tokio::time::advance(engine::FOREGROUND).await;
    };
    let work = Work::silent();
    let (start, ()) = tokio::join!(engine::start(&engine, (), &work), passing);
    silent.let_go(end).await;
    let start = start.unwrap();
    assert_eq!((start.project, start.recent.len()), (None, 1));
    assert_eq!(start.project_error.unwrap().code, "project.unreadable");
}

/// Cancelled before it began, as when the window was faster than the engine.
#[tokio::test]
async fn what_was_cancelled_before_it_began_does_nothing() {
    let bench = Bench::new().with_plan();
    let engine = bench.engine("http://127.0.0.1:9", "");
    let work = Work::silent();
    work.cancel.cancel();
    let dir = json!({ "dir": bench.dir() });
    for command in ["inspect_project", "open_project", "overview", "milestones"] {
        let error = engine::contract::dispatch(&engine, command, dir.clone(), &work).await.unwrap_err();
        assert_eq!(error.code(), "engine.cancelled", "{command}");
    }
}
