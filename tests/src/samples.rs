//! Samples for monitoring, and a Prometheus that holds the same ones: what the own store answers is held against it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use crate::process::{Running, free_port, run};
use crate::programs::find;

/// Labels, the name among them.
pub type Labels = BTreeMap<String, String>;

/// A series with its samples: milliseconds since 1970, and values.
pub type Series = (Labels, Vec<(i64, f64)>);

/// The value that ends a series.
pub fn stale() -> f64 {
    f64::from_bits(0x7ff0_0000_0000_0002)
}

/// `name{label="value", …}` as labels; values hold no commas.
pub fn labels(text: &str) -> Labels {
    let (name, rest) = text.split_once('{').unwrap_or((text, "}"));
    let pairs = rest.trim_end_matches('}').split(',').filter(|pair| !pair.is_empty());
    let pair = |pair: &str| {
        let (label, value) = pair.split_once('=').unwrap();
        (label.trim().to_owned(), value.trim_matches('"').to_owned())
    };
    pairs.map(pair).chain([("__name__".to_owned(), name.to_owned())]).collect()
}

/// Numbers that look random and are the same in each run (xorshift).
pub struct Seeded(u64);

impl Seeded {
    /// Starts a sequence; any number but zero.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next one below `limit`.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }

    /// The next one in 0..1.
    pub fn unit(&mut self) -> f64 {
        self.below(1 << 53) as f64 / (1u64 << 53) as f64
    }
}

/// A Prometheus on loopback that scrapes nothing.
pub struct Prometheus {
    client: reqwest::Client,
    address: String,
    _process: Running,
    _folder: TempDir,
}

impl Prometheus {
    /// Starts one that takes samples by remote write, and sends them in the order of their times.
    pub async fn written(series: &[Series]) -> Self {
        let prometheus = Self::start(tempfile::tempdir().unwrap()).await;
        let mut samples: Vec<(i64, &Labels, f64)> = series
            .iter()
            .flat_map(|(labels, points)| points.iter().map(move |(at, v)| (*at, labels, *v)))
            .collect();
        samples.sort_by_key(|(at, ..)| *at);
        for batch in samples.chunks(5_000) {
            let request = prometheus.client.post(format!("{}/api/v1/write", prometheus.address));
            let request =
                request.header("Content-Encoding", "snappy").body(literal_snappy(&write_request(batch)));
            let response = request.send().await.unwrap();
            let status = response.status();
            assert!(status.is_success(), "{status}: {}", response.text().await.unwrap());
        }
        prometheus
    }

    /// Starts one over blocks that `promtool` makes of the samples, which have no markers of staleness.
    pub async fn with_blocks(series: &[Series]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut text = String::new();
        for (labels, points) in series {
            let name = &labels["__name__"];
            let pairs: Vec<String> =
                labels.iter().filter(|(l, _)| *l != "__name__").map(|(l, v)| format!("{l}={v:?}")).collect();
            for (at, value) in points {
                writeln!(text, "{name}{{{}}} {value} {}.{:03}", pairs.join(","), at / 1000, at % 1000)
                    .unwrap();
            }
        }
        text.push_str("# EOF\n");
        let file = folder.path().join("samples.txt");
        std::fs::write(&file, text).unwrap();
        let mut promtool = Command::new(find("promtool"));
        promtool.args(["tsdb", "create-blocks-from", "openmetrics", "--max-block-duration=744h"]);
        let output = run(promtool.arg(&file).arg(folder.path().join("data")), "");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        std::fs::remove_file(file).unwrap();
        Self::start(folder).await
    }

    async fn start(folder: TempDir) -> Self {
        let at = |name: &str| folder.path().join(name);
        std::fs::write(at("prometheus.yml"), "global: {}\n").unwrap();
        let port = free_port();
        let mut command = Command::new(find("prometheus"));
        command.arg(format!("--config.file={}", at("prometheus.yml").display()));
        command.arg(format!("--storage.tsdb.path={}", at("data").display()));
        command.arg(format!("--web.listen-address=127.0.0.1:{port}"));
        command.args([
            "--web.enable-remote-write-receiver",
            "--storage.tsdb.retention.time=100y",
            "--log.level=warn",
        ]);
        let mut process = Running::start(&mut command, folder.path());
        process.listening(port);
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let address = format!("http://127.0.0.1:{port}");
        let begun = std::time::Instant::now();
        loop {
            let ready = client.get(format!("{address}/-/ready")).send().await;
            if ready.is_ok_and(|response| response.status().is_success()) {
                return Self { client, address, _process: process, _folder: folder };
            }
            assert!(begun.elapsed() < crate::process::LIMIT, "Prometheus is not ready");
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    }

    /// What it answers to a query, as bytes: `query` with `time`, or `query_range` with `start`, `end` and `step`, all
    /// in milliseconds.
    pub async fn ask(&self, query: &str, from: i64, to: i64, step: i64) -> Vec<u8> {
        let seconds = |ms: i64| format!("{}.{:03}", ms / 1000, ms % 1000);
        let (path, times) = if step == 0 {
            ("query", vec![("time", seconds(from))])
        } else {
            ("query_range", vec![("start", seconds(from)), ("end", seconds(to)), ("step", seconds(step))])
        };
        let mut params = vec![("query", query.to_owned())];
        params.extend(times);
        let url =
            reqwest::Url::parse_with_params(&format!("{}/api/v1/{path}", self.address), &params).unwrap();
        self.client.get(url).send().await.unwrap().bytes().await.unwrap().to_vec()
    }

    /// The same, read.
    pub async fn answer(&self, query: &str, from: i64, to: i64, step: i64) -> Value {
        serde_json::from_slice(&self.ask(query, from, to, step).await).unwrap()
    }
}

/// A remote write request (<https://prometheus.io/docs/specs/prw/remote_write_spec/>), a time series a sample.
fn write_request(samples: &[(i64, &Labels, f64)]) -> Vec<u8> {
    let mut request = Vec::new();
    for (at, labels, value) in samples {
        let mut series = Vec::new();
        for (label, value) in *labels {
            let mut pair = Vec::new();
            field(&mut pair, 1, label.as_bytes());
            field(&mut pair, 2, value.as_bytes());
            field(&mut series, 1, &pair);
        }
        let mut sample = vec![0x09];
        sample.extend(value.to_bits().to_le_bytes());
        sample.push(0x10);
        varint(&mut sample, at.cast_unsigned());
        field(&mut series, 2, &sample);
        field(&mut request, 1, &series);
    }
    request
}

fn field(out: &mut Vec<u8>, number: u8, bytes: &[u8]) {
    out.push(number << 3 | 2);
    varint(out, bytes.len() as u64);
    out.extend(bytes);
}

fn varint(out: &mut Vec<u8>, mut number: u64) {
    while number > 0x7f {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// Snappy's block format without compressing: literals alone.
fn literal_snappy(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    varint(&mut out, bytes.len() as u64);
    for piece in bytes.chunks(1 << 16) {
        // A literal whose length minus one follows in two bytes.
        out.push(61 << 2);
        out.extend(((piece.len() - 1) as u16).to_le_bytes());
        out.extend(piece);
    }
    out
}

/// Puts the same samples into the own store.
pub fn own(folder: &Path, series: &[Series]) -> monitoring::Own {
    let store = monitoring::SampleStore::new(store::samples::Samples::open(folder).unwrap());
    let scope = monitoring::Scope { project: "/project".into(), environment: "dev".into() };
    for (labels, points) in series {
        let points = points.iter().map(|(at, value)| monitoring::Point { at: *at, value: *value }).collect();
        store.append_series(&scope, &[(labels.clone(), points)]).unwrap();
    }
    monitoring::Own::new(store, scope)
}
