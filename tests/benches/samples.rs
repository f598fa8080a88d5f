//! The own store: bytes a sample, and range queries over 30 days of 20 series at 15 s beside Prometheus over the same
//! samples, its blocks compacted. Both end with the answer's JSON.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a bench that cannot run fails")]
#![allow(clippy::disallowed_methods, reason = "measures time")]

use std::time::{Duration, Instant};

use tests::measure::{compare, milliseconds};
use tests::samples::{Prometheus, Seeded, Series, labels, own};

const BEGIN: i64 = 1_700_000_000_000;
const STEP: i64 = 15_000;
const DAY: i64 = 86_400_000;
const ROUNDS: usize = 9;

const QUERIES: [(&str, i64); 4] = [
    ("rate(http_requests_total[5m])", 260_000),
    ("sum by (route) (rate(http_requests_total[1h]))", 3_600_000),
    ("avg_over_time(http_requests_total[1h])", 3_600_000),
    ("http_requests_total", 300_000),
];

fn main() {
    bytes_a_sample();
    range_queries();
}

/// Series as an application exposes them, by kind.
fn realistic(days: i64) -> Vec<(&'static str, Series)> {
    let mut seeded = Seeded::new(42);
    let mut times = Vec::new();
    for i in 0..days * DAY / STEP {
        // Most scrapes are on the grid, some wait for the machine.
        times.push(BEGIN + i * STEP + if seeded.below(20) == 0 { seeded.below(40) as i64 } else { 0 });
    }
    let mut all = Vec::new();
    for i in 0..200u64 {
        let (kind, share) = match i % 10 {
            0..4 => ("constant", 0.0),
            4..8 => ("counter", 0.0),
            8 => ("sum of seconds", 0.0),
            _ => ("gauge", seeded.unit()),
        };
        let (mut count, mut total, mut gauge) = (0.0, 0.0, 3e8 + share * 1e8);
        let mut value = |kind: &str| match kind {
            "constant" => i as f64,
            "counter" => {
                count += if seeded.below(3) == 0 { 0.0 } else { seeded.below(2 + i % 60) as f64 };
                count
            }
            "sum of seconds" => {
                for _ in 0..seeded.below(4) {
                    total += seeded.unit() * 0.05;
                }
                total
            }
            _ => {
                gauge += (seeded.unit() * 64.0 - 32.0).trunc() * 4096.0;
                gauge
            }
        };
        let points = times.iter().map(|at| (*at, value(kind))).collect();
        all.push((kind, (labels(&format!("m{i}{{job=\"campus\",instance=\"127.0.0.1:8080\"}}")), points)));
    }
    all
}

fn bytes_a_sample() {
    let all = realistic(3);
    println!("bytes a sample, 3 days at 15 s");
    for kind in ["constant", "counter", "sum of seconds", "gauge"] {
        let series: Vec<Series> = all.iter().filter(|(k, _)| *k == kind).map(|(_, s)| s.clone()).collect();
        println!("  {kind:<16} {:>4} series  {:.2}", series.len(), stored(&series).0);
    }
    let series: Vec<Series> = all.into_iter().map(|(_, series)| series).collect();
    let (chunks, file) = stored(&series);
    println!("  together         {:>4} series  {chunks:.2}, the whole file {file:.2}", series.len());
    assert!(file <= 3.0, "{file:.2} B a sample, more than 3");
}

/// Bytes a sample of the chunks, and of the whole file.
fn stored(series: &[Series]) -> (f64, f64) {
    let folder = tempfile::tempdir().unwrap();
    let store = monitoring::SampleStore::new(store::samples::Samples::open(folder.path()).unwrap());
    let scope = monitoring::Scope { project: "/project".into(), environment: "dev".into() };
    for (labels, points) in series {
        let points = points.iter().map(|(at, value)| monitoring::Point { at: *at, value: *value }).collect();
        store.append_series(&scope, &[(labels.clone(), points)]).unwrap();
    }
    let (samples, bytes) = store.size().unwrap();
    // Closed, the file holds what was in the log beside it.
    drop(store);
    let file = std::fs::metadata(folder.path().join("samples.sqlite")).unwrap().len();
    (bytes as f64 / samples as f64, file as f64 / samples as f64)
}

fn range_queries() {
    let mut seeded = Seeded::new(7);
    let series: Vec<Series> = (0..20)
        .map(|i| {
            let mut count = 0.0;
            let points = (0..30 * DAY / STEP)
                .map(|step| {
                    count = if seeded.below(40_000) == 0 { 0.0 } else { count + seeded.below(30) as f64 };
                    (BEGIN + step * STEP, count)
                })
                .collect();
            (labels(&format!("http_requests_total{{route=\"/{}\",pod=\"{i}\"}}", i % 4)), points)
        })
        .collect();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let prometheus = runtime.block_on(Prometheus::with_blocks(&series));
    let folder = tempfile::tempdir().unwrap();
    let own = own(folder.path(), &series);
    println!("range queries over 30 days of 20 series at 15 s, {ROUNDS} rounds, medians");
    for (query, step) in QUERIES {
        let (from, to) = (BEGIN, BEGIN + 30 * DAY);
        let theirs = || {
            let begin = Instant::now();
            let answer = runtime.block_on(prometheus.ask(query, from, to, step));
            (begin.elapsed(), answer.len())
        };
        let ours = || {
            let begin = Instant::now();
            let answer = serde_json::to_string(&own.range(query, from, to, step).unwrap()).unwrap();
            (begin.elapsed(), answer.len())
        };
        // Both have read their files once.
        let sizes = (ours().1, theirs().1);
        let rounds: Vec<[Duration; 2]> = (0..ROUNDS).map(|_| [ours().0, theirs().0]).collect();
        let of = |which: usize| -> Vec<Duration> { rounds.iter().map(|round| round[which]).collect() };
        println!("  {query}, step {} s ({} and {} bytes)", step / 1000, sizes.0, sizes.1);
        println!(
            "    own store    {}  ratio {} (goal: below 1)",
            milliseconds(&of(0)),
            compare(&of(0), &of(1))
        );
        println!("    Prometheus   {}", milliseconds(&of(1)));
    }
}
