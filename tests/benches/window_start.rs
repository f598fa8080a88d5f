//! Start of the window until its first useful frame, and the memory of all its processes, beside an almost empty Tauri
//! window: ratios of one run.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a bench that cannot run fails")]
#![allow(clippy::disallowed_methods, reason = "measures time")]

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use engine::Work;
use engine::wire::ProjectDir;
use tests::github::{GitHub, TOKEN};
use tests::measure::{compare, milliseconds, spread};
use tests::process::{alive, built, descendants, until};
use tests::project::Bench;
use tests::team;

const ROUNDS: usize = 9;

fn main() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (bench, api) = runtime.block_on(async {
        let github = GitHub::start(team::milestones(), team::issues()).await;
        let bench = Bench::new().with_plan();
        let engine = bench.engine(&github.api, TOKEN);
        let dir = ProjectDir { dir: bench.dir() };
        engine::sync(&engine, dir.clone(), &Work::silent()).await.unwrap();
        engine::open_project(&engine, dir, &Work::silent()).await.unwrap();
        (bench, github.api.clone())
    });
    let jalon = || {
        let mut command = Command::new(built("jalon"));
        command.envs(bench.variables(&api));
        command
    };
    let empty = || Command::new(built("examples/empty"));
    // One of each to warm the disk's cache.
    start(&mut jalon());
    start(&mut empty());
    let rounds: Vec<[(Duration, f64); 2]> =
        (0..ROUNDS).map(|_| [start(&mut jalon()), start(&mut empty())]).collect();
    let times = |which: usize| -> Vec<Duration> { rounds.iter().map(|round| round[which].0).collect() };
    let memory = |which: usize| -> Vec<f64> { rounds.iter().map(|round| round[which].1).collect() };
    let ratios = rounds.iter().map(|round| round[0].1 / round[1].1).collect();
    println!("start of the window with a synced project, {ROUNDS} rounds, medians");
    println!(
        "  overview painted          {}  ratio {}",
        milliseconds(&times(0)),
        compare(&times(0), &times(1))
    );
    println!("  empty window painted      {}", milliseconds(&times(1)));
    println!("  memory (PSS, all)         {}  ratio {}", spread(memory(0), 0, " MB"), spread(ratios, 2, ""));
    println!("  memory of the empty one   {}", spread(memory(1), 0, " MB"));
}

/// Starts a window, waits for its word that it is ready, measures, and ends it. Returns time and PSS in MB.
fn start(command: &mut Command) -> (Duration, f64) {
    let begin = Instant::now();
    let mut child =
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let ready = lines.map_while(Result::ok).any(|line| line.ends_with("window ready"));
    let took = begin.elapsed();
    assert!(ready, "the window said that it is ready");
    let mut all = descendants(child.id());
    all.push(child.id());
    let memory = all.iter().map(|id| pss(*id)).sum::<f64>() / 1024.0;
    child.kill().unwrap();
    child.wait().unwrap();
    until("the end of the window's processes", || all.iter().all(|id| !alive(*id)));
    (took, memory)
}

/// Proportional set size of a process in kB: shared pages are counted once among those that share them.
fn pss(id: u32) -> f64 {
    let text = std::fs::read_to_string(format!("/proc/{id}/smaps_rollup")).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("Pss:"));
    line.and_then(|line| line.trim().strip_suffix(" kB")?.trim().parse().ok()).unwrap_or(0.0)
}
