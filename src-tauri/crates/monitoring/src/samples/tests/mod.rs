mod kept;
mod recorded;

use std::time::Duration;

use store::samples::Samples;

use super::*;
use crate::answer::{Answer, Point};
use crate::promql::Own;
use crate::scrape::{Scrape, Target};

const SECOND: i64 = 1000;
/// A midnight in UTC.
const MIDNIGHT: i64 = 1_700_006_400_000;

fn in_memory() -> SampleStore {
    SampleStore::new(Samples::in_memory().unwrap())
}

fn scope() -> Scope {
    Scope { project: "/p".into(), environment: "dev".into() }
}

fn own(store: &SampleStore) -> Own {
    Own::new(store.clone(), scope())
}

fn labels(pairs: &[(&str, &str)]) -> Labels {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn target() -> Target {
    Target {
        url: "http://127.0.0.1:8080/metrics".parse().unwrap(),
        labels: labels(&[("instance", "127.0.0.1:8080"), ("job", "campus")]),
        interval: Duration::from_secs(15),
    }
}

fn scraped(at: i64, text: &str) -> Scrape {
    let result = crate::exposition::parse(crate::exposition::Format::Text, text.as_bytes(), 1000);
    Scrape { at, took: Duration::from_millis(20), result }
}

fn failed(at: i64) -> Scrape {
    let error = Error::Unreachable { address: "x".into(), reason: "connection refused".into() };
    Scrape { at, took: Duration::from_millis(1), result: Err(error) }
}

/// Values of a query at a time, in the order of their labels.
fn values(store: &SampleStore, query: &str, at: i64) -> Vec<f64> {
    match own(store).instant(query, at).unwrap() {
        Answer::Vector(rows) => rows.into_iter().map(|(_, point)| point.value).collect(),
        other => panic!("{query}: {other:?}"),
    }
}

/// All samples of a query's series.
fn samples(store: &SampleStore, selector: &str, at: i64) -> Vec<Vec<Point>> {
    match own(store).instant(selector, at).unwrap() {
        Answer::Matrix(series) => series.into_iter().map(|s| s.points).collect(),
        other => panic!("{selector}: {other:?}"),
    }
}
