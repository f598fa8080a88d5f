//! Metrics, read by a parser that is stricter than any.

use std::collections::BTreeMap;

use http::header;

use super::Running;
use crate::Release;

/// A sample of the text format: name, labels, value.
pub(super) type Sample = (String, BTreeMap<String, String>, f64);

/// Reads the text format strictly: every sample has a type that came before, and every line is one of the grammar's.
pub(super) fn samples(text: &str) -> Vec<Sample> {
    let is_name = |name: &str| {
        name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
            && !name.starts_with(|c: char| c.is_ascii_digit())
    };
    let mut types: BTreeMap<String, String> = BTreeMap::new();
    let mut found = Vec::new();
    assert!(text.ends_with('\n'));
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').unwrap();
            assert!(types.insert(name.to_owned(), kind.to_owned()).is_none(), "{name} has two types");
            continue;
        }
        if line.starts_with("# HELP ") {
            continue;
        }
        let (head, value) = line.rsplit_once(' ').unwrap();
        let (name, mut rest) = match head.split_once('{') {
            Some((name, rest)) => (name, rest.strip_suffix('}').unwrap()),
            None => (head, ""),
        };
        let mut labels = BTreeMap::new();
        while !rest.is_empty() {
            let (label, after) = rest.split_once("=\"").unwrap();
            // No label of this service needs an escape in these tests.
            let (value, after) = after.split_once('"').unwrap();
            assert!(is_name(label), "{line}");
            assert!(labels.insert(label.to_owned(), value.to_owned()).is_none(), "{line}");
            rest = after.strip_prefix(',').unwrap_or(after);
        }
        let family = ["_bucket", "_sum", "_count"]
            .iter()
            .find_map(|end| name.strip_suffix(end).filter(|family| types.contains_key(*family)))
            .unwrap_or(name);
        assert!(is_name(name) && types.contains_key(family), "{line}");
        found.push((name.to_owned(), labels, value.parse().unwrap()));
    }
    found
}

pub(super) fn value(samples: &[Sample], name: &str, labels: &[(&str, &str)]) -> Option<f64> {
    let fits = |sample: &&Sample| {
        sample.0 == name
            && labels.iter().all(|(label, value)| sample.1.get(*label).is_some_and(|v| v == value))
    };
    samples.iter().find(fits).map(|sample| sample.2)
}

#[tokio::test]
async fn metrics_count_what_happened() {
    let service = Running::of(Release::V1_1_0).await;
    for path in ["/users/student-a", "/users/student-b", "/users/nobody", "/a/b/c", "/x"] {
        service.get(path).await;
    }
    service.enrol("git", "{\"user\": \"student-c\"}").await;
    let reply = service.get("/metrics").await;
    assert_eq!(reply.headers[header::CONTENT_TYPE], "text/plain; version=0.0.4; charset=utf-8");
    let samples = samples(&reply.text);
    let user = [("method", "GET"), ("route", "/users/{id}")];
    let requests = |status: &'static str| {
        value(&samples, "http_requests_total", &[user[0], user[1], ("status", status)])
    };
    assert_eq!((requests("200"), requests("404")), (Some(2.0), Some(1.0)));
    let unknown = [("route", "unknown"), ("status", "404")];
    assert_eq!(value(&samples, "http_requests_total", &unknown), Some(2.0));
    let joined = [("method", "POST"), ("route", "/courses/{id}/enrolments"), ("status", "201")];
    assert_eq!(value(&samples, "http_requests_total", &joined), Some(1.0));
    assert_eq!(value(&samples, "build_info", &[("version", "1.1.0")]), Some(1.0));
    assert_eq!(value(&samples, "process_start_time_seconds", &[]), Some(1_900_000_000.0));
    assert_eq!(value(&samples, "campus_enrolments", &[]), Some(6.0));
    // The one that asks.
    assert_eq!(value(&samples, "http_requests_in_flight", &[]), Some(1.0));
    let name = "http_request_duration_seconds";
    let buckets: Vec<f64> = samples
        .iter()
        .filter(|sample| sample.0 == format!("{name}_bucket") && sample.1["route"] == "/users/{id}")
        .map(|sample| sample.2)
        .collect();
    assert!(buckets.len() > 5 && buckets.is_sorted(), "{buckets:?}");
    assert_eq!(buckets.last().copied(), Some(3.0));
    assert_eq!(value(&samples, &format!("{name}_count"), &user), Some(3.0));
    let sum = value(&samples, &format!("{name}_sum"), &user).unwrap();
    assert!(sum > 0.0 && sum < 30.0, "{sum}");
    service.end().await.unwrap();
}
