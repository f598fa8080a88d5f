//! A deployment beside starting the same process and polling its health by hand, and the time that exports take: whole
//! processes, pair by pair.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a bench that cannot run fails")]
#![allow(clippy::disallowed_methods, reason = "measures time")]

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tests::measure::{compare, milliseconds};
use tests::process::{built, free_port, run};
use tests::site::{Site, http, kill};

const ROUNDS: usize = 15;
const EXPORTS: usize = 7;

fn main() {
    let site = Site::new();
    // The first one starts the host; those that are measured find it, as all but one do.
    site.done("deploy campus --env dev --version v1.0.0");
    by_hand(&site);
    let versions = ["v1.1.0", "v1.0.0"];
    let rounds: Vec<[Duration; 2]> =
        (0..ROUNDS).map(|round| [deploy(&site, versions[round % 2]), by_hand(&site)]).collect();
    let of = |which: usize| -> Vec<Duration> { rounds.iter().map(|round| round[which]).collect() };
    println!("deployment of a service on the local target, {ROUNDS} rounds, medians");
    println!("  jalonctl deploy           {}  ratio {}", milliseconds(&of(0)), compare(&of(0), &of(1)));
    println!("  start and poll by hand    {}", milliseconds(&of(1)));
    println!("export of the sample's documents with {} runs, {EXPORTS} rounds, medians", site.runs().len());
    for (document, file) in [("report", "report.docx"), ("slides", "slides.pptx")] {
        let path = site.bench.path().join(file);
        let format = file.split('.').next_back().unwrap();
        let words = format!("{document} export --format {format} --out {}", path.display());
        let times: Vec<Duration> = (0..EXPORTS).map(|_| timed(&mut site.command(&words))).collect();
        println!("  {document:<10}                {}", milliseconds(&times));
    }
}

fn timed(command: &mut Command) -> Duration {
    let begin = Instant::now();
    let output = run(command, "");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    begin.elapsed()
}

fn deploy(site: &Site, version: &str) -> Duration {
    timed(&mut site.command(&format!("deploy campus --env dev --version {version}")))
}

/// What a person would do without Jalon: start the process on a free port, ask for its health until it answers.
fn by_hand(site: &Site) -> Duration {
    let port = free_port();
    let begin = Instant::now();
    let mut child = Command::new(built("jalonctl"))
        .args(["sample-service", "--data", "service", "--port", &port.to_string()])
        .current_dir(site.dir())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    while http(port, "/health").is_err() {
        assert!(begin.elapsed() < Duration::from_secs(30), "it answers");
        std::thread::sleep(Duration::from_millis(5));
    }
    let took = begin.elapsed();
    kill(child.id());
    child.wait().unwrap();
    took
}
