//! What the service counts, in Prometheus' text format 0.0.4
//! (<https://prometheus.io/docs/instrumenting/exposition_formats/>).

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, PoisonError};

/// Upper bounds of the buckets, in seconds.
const BUCKETS: [f64; 10] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0];

/// Content type of the text.
pub(crate) const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Counters and histograms of requests. Labels are methods that the service knows, its own routes and status codes, so
/// there are never many.
#[derive(Debug, Default)]
pub(crate) struct Metrics {
    in_flight: AtomicI64,
    requests: Mutex<BTreeMap<(&'static str, &'static str, u16), u64>>,
    durations: Mutex<BTreeMap<(&'static str, &'static str), Histogram>>,
}

#[derive(Debug, Default)]
struct Histogram {
    buckets: [u64; BUCKETS.len()],
    count: u64,
    sum: f64,
}

/// Counts one request as being answered until it is dropped, whatever becomes of it.
pub(crate) struct InFlight<'a>(&'a Metrics);

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A gauge that the caller knows: name, help, value.
pub(crate) type Gauge = (&'static str, &'static str, f64);

impl Metrics {
    pub(crate) fn begin(&self) -> InFlight<'_> {
        self.in_flight.fetch_add(1, Ordering::Relaxed);
        InFlight(self)
    }

    pub(crate) fn record(&self, method: &'static str, route: &'static str, status: u16, seconds: f64) {
        let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        *requests.entry((method, route, status)).or_default() += 1;
        drop(requests);
        let mut durations = self.durations.lock().unwrap_or_else(PoisonError::into_inner);
        let histogram = durations.entry((method, route)).or_default();
        // Buckets are cumulative: a request counts in all that are large enough for it.
        for (bucket, bound) in histogram.buckets.iter_mut().zip(BUCKETS) {
            *bucket += u64::from(seconds <= bound);
        }
        histogram.count += 1;
        histogram.sum += seconds;
    }

    /// Everything, as text.
    pub(crate) fn text(&self, version: &str, gauges: &[Gauge]) -> String {
        let mut text = String::new();
        let head = |text: &mut String, name: &str, help: &str, kind: &str| {
            let _ = write!(text, "# HELP {name} {help}\n# TYPE {name} {kind}\n");
        };
        head(&mut text, "build_info", "Which version this is; always 1.", "gauge");
        let _ = writeln!(text, "build_info{{version=\"{}\"}} 1", escaped(version));
        for (name, help, value) in gauges {
            head(&mut text, name, help, "gauge");
            let _ = writeln!(text, "{name} {value}");
        }
        head(&mut text, "http_requests_in_flight", "Requests being answered.", "gauge");
        let _ = writeln!(text, "http_requests_in_flight {}", self.in_flight.load(Ordering::Relaxed));
        head(&mut text, "http_requests_total", "Requests answered.", "counter");
        for ((method, route, status), count) in
            self.requests.lock().unwrap_or_else(PoisonError::into_inner).iter()
        {
            let labels = format!("method=\"{method}\",route=\"{route}\",status=\"{status}\"");
            let _ = writeln!(text, "http_requests_total{{{labels}}} {count}");
        }
        let name = "http_request_duration_seconds";
        head(&mut text, name, "Time from a request's head to its answer.", "histogram");
        for ((method, route), histogram) in
            self.durations.lock().unwrap_or_else(PoisonError::into_inner).iter()
        {
            let labels = format!("method=\"{method}\",route=\"{route}\"");
            for (bucket, bound) in histogram.buckets.iter().zip(BUCKETS) {
                let _ = writeln!(text, "{name}_bucket{{{labels},le=\"{bound}\"}} {bucket}");
            }
            let _ = writeln!(text, "{name}_bucket{{{labels},le=\"+Inf\"}} {}", histogram.count);
            let _ = writeln!(text, "{name}_sum{{{labels}}} {}", histogram.sum);
            let _ = writeln!(text, "{name}_count{{{labels}}} {}", histogram.count);
        }
        text
    }
}

/// A label's value with `\`, `"` and line breaks escaped.
fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_are_cumulative_and_end_with_all() {
        let metrics = Metrics::default();
        for seconds in [0.0005, 0.001, 0.03, 9.0] {
            metrics.record("GET", "/users/{id}", 200, seconds);
        }
        let text = metrics.text("1.0.0", &[("up_seconds", "Test.", 1.5)]);
        for line in [
            "http_requests_total{method=\"GET\",route=\"/users/{id}\",status=\"200\"} 4",
            "http_request_duration_seconds_bucket{method=\"GET\",route=\"/users/{id}\",le=\"0.001\"} 2",
            "http_request_duration_seconds_bucket{method=\"GET\",route=\"/users/{id}\",le=\"0.05\"} 3",
            "http_request_duration_seconds_bucket{method=\"GET\",route=\"/users/{id}\",le=\"5\"} 3",
            "http_request_duration_seconds_bucket{method=\"GET\",route=\"/users/{id}\",le=\"+Inf\"} 4",
            "http_request_duration_seconds_count{method=\"GET\",route=\"/users/{id}\"} 4",
            "http_request_duration_seconds_sum{method=\"GET\",route=\"/users/{id}\"} 9.0315",
            "up_seconds 1.5",
        ] {
            assert!(text.lines().any(|found| found == line), "{line}\n{text}");
        }
    }

    #[test]
    fn a_request_is_in_flight_until_it_is_dropped() {
        let metrics = Metrics::default();
        let request = metrics.begin();
        assert!(metrics.text("1", &[]).contains("\nhttp_requests_in_flight 1\n"));
        drop(request);
        assert!(metrics.text("1", &[]).contains("\nhttp_requests_in_flight 0\n"));
    }

    #[test]
    fn versions_cannot_break_the_format() {
        let text = Metrics::default().text("a\"b\\c\nd", &[]);
        assert!(text.contains("build_info{version=\"a\\\"b\\\\c\\nd\"} 1\n"), "{text}");
    }
}
