//! A scraper that is killed while it writes: what it had said was stored is there, and the file is sound. This program
//! is its own writer: `killed write FOLDER`.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test")]

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use monitoring::scrape::{Scrape, Target};
use monitoring::{Answer, Labels, Own, SampleStore, Scope};
use store::samples::Samples;

const SERIES: usize = 150;
const ROUNDS: i64 = 6;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    match arguments.as_slice() {
        [_, mode, folder] if mode == "write" => write(Path::new(folder)),
        _ => {
            a_kill_loses_nothing_that_was_stored();
            println!("a_kill_loses_nothing_that_was_stored ... ok");
        }
    }
}

fn open(folder: &Path) -> (SampleStore, Scope) {
    let scope = Scope { project: "/p".into(), environment: "dev".into() };
    (SampleStore::new(Samples::open(folder).unwrap()), scope)
}

/// Scrapes without an end, from the first that is not stored; says each one once it is.
fn write(folder: &Path) {
    let (store, scope) = open(folder);
    let target = Target {
        url: "http://127.0.0.1:1/metrics".parse().unwrap(),
        labels: Labels::from([("job".to_owned(), "campus".to_owned())]),
        interval: Duration::from_secs(1),
    };
    let first = store.sources(&scope).unwrap().first().map_or(0, |source| source.last / 1000 + 1);
    for second in first.. {
        let body: String =
            (0..SERIES).map(|i| format!("s{{i=\"{i}\"}} {}\n", second * 3 + i as i64)).collect();
        let result =
            monitoring::exposition::parse(monitoring::exposition::Format::Text, body.as_bytes(), SERIES);
        let scrape = Scrape { at: second * 1000, took: Duration::ZERO, result };
        store.record(&scope, &target, &scrape).unwrap();
        let mut out = std::io::stdout().lock();
        writeln!(out, "{second}").and_then(|()| out.flush()).unwrap();
    }
}

fn a_kill_loses_nothing_that_was_stored() {
    let folder = tempfile::tempdir().unwrap();
    let mut said = -1;
    for round in 0..ROUNDS {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["write".as_ref(), folder.path().as_os_str()])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        // Chunks are closed every 240: kills fall before, at and after that.
        let until = said + 1 + 37 * (round + 1);
        while said < until {
            said = lines.next().expect("the writer goes on").unwrap().parse().unwrap();
        }
        child.kill().unwrap();
        child.wait().unwrap();
        if let Some(Ok(last)) = lines.last() {
            said = last.parse().unwrap_or(said);
        }
        verify(folder.path(), said);
    }
}

fn verify(folder: &Path, said: i64) {
    let (store, scope) = open(folder);
    let last = store.sources(&scope).unwrap()[0].last / 1000;
    assert!(last == said || last == said + 1, "{last} is stored, {said} was said");
    let Answer::Matrix(series) = Own::new(store, scope).instant("s[30d]", last * 1000).unwrap() else {
        panic!("no matrix")
    };
    assert_eq!(series.len(), SERIES);
    for series in series {
        let i: i64 = series.labels["i"].parse().unwrap();
        let points: Vec<(i64, f64)> = series.points.iter().map(|p| (p.at, p.value)).collect();
        let expected: Vec<(i64, f64)> =
            (0..=last).map(|second| (second * 1000, (second * 3 + i) as f64)).collect();
        assert_eq!(points, expected);
    }
}
