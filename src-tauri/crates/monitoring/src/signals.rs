//! The four golden signals of a service (<https://sre.google/sre-book/monitoring-distributed-systems/>), found by the names
//! that its metrics have, and asked for in PromQL. Pure: names in, queries out.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;

use promql_parser::parser::{self, Expr, VectorSelector};
use promql_parser::util::{ExprVisitor, walk_expr};

use crate::{Answer, Series};

/// Labels that tell the status of an answer.
pub const STATUS_LABELS: [&str; 5] =
    ["status", "code", "status_code", "http_status_code", "http_response_status_code"];

/// What a service's series are called.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Catalogue {
    /// Names of its metrics.
    pub names: BTreeSet<String>,
    /// Label of its request counter that tells the status; none where there is no such label.
    pub status: Option<String>,
}

/// One golden signal, as it can be asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signal {
    /// `latency`, `errors`, `traffic` or `saturation`.
    pub id: &'static str,
    /// `s`, `ratio`, `per_s`, `bytes` or `1`.
    pub unit: &'static str,
    /// Its lines.
    pub lines: Vec<Line>,
    /// Why there are none, in English.
    pub problem: Option<String>,
    /// Metrics that it is made of: what an indicator has to mention to speak of it.
    metrics: Vec<String>,
    /// Label that sets errors apart among the same metric's series.
    status: Option<String>,
}

/// One line of a plot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Label, such as `p95`.
    pub label: String,
    /// PromQL.
    pub query: String,
}

impl Catalogue {
    /// Reads the names from the answer to `count by (__name__) ({…})`.
    pub fn of(answer: &Answer) -> Self {
        let Answer::Vector(series) = answer else { return Self::default() };
        let names = series.iter().filter_map(|(labels, _)| labels.get("__name__").cloned());
        Self { names: names.collect(), status: None }
    }

    /// The counter of requests, or the histogram's own count where there is none.
    pub fn requests(&self) -> Option<&str> {
        let known = ["http_requests_total", "http_server_requests_total"];
        let known = known.into_iter().find(|name| self.names.contains(*name));
        known.or_else(|| self.ending("requests_total")).or_else(|| self.ending("_duration_seconds_count"))
    }

    /// Notes which label tells the status, from the answer to a count of the requests by [`STATUS_LABELS`].
    pub fn note_status(&mut self, answer: &Answer) {
        let Answer::Vector(series) = answer else { return };
        let has =
            |label: &str| series.iter().any(|(labels, _)| labels.get(label).is_some_and(|v| !v.is_empty()));
        self.status = STATUS_LABELS.into_iter().find(|label| has(label)).map(str::to_owned);
    }

    /// The first name with an ending; one about HTTP before others.
    fn ending(&self, end: &str) -> Option<&str> {
        let all = || self.names.iter().map(String::as_str).filter(|name| name.ends_with(end));
        all().find(|name| name.contains("http")).or_else(|| all().next())
    }

    fn has(&self, name: &str) -> bool {
        self.names.contains(name)
    }
}

/// The four signals of the series that `selector` selects, such as `job="campus"`; rates over `window` seconds.
pub fn golden(catalogue: &Catalogue, selector: &str, window: u64) -> [Signal; 4] {
    let asked = Asked { catalogue, selector, window };
    [asked.latency(), asked.errors(), asked.traffic(), asked.saturation()]
}

struct Asked<'a> {
    catalogue: &'a Catalogue,
    selector: &'a str,
    window: u64,
}

impl Asked<'_> {
    fn series(&self, name: &str, more: &str) -> String {
        let comma = if self.selector.is_empty() || more.is_empty() { "" } else { "," };
        format!("{name}{{{}{comma}{more}}}", self.selector)
    }

    fn rate(&self, name: &str, more: &str) -> String {
        format!("sum(rate({}[{}s]))", self.series(name, more), self.window)
    }

    fn latency(&self) -> Signal {
        let names = self.catalogue;
        let preferred =
            ["http_request_duration_seconds_bucket", "http_server_request_duration_seconds_bucket"];
        let buckets = preferred.into_iter().find(|name| names.has(name));
        let buckets = buckets.or_else(|| names.ending("_duration_seconds_bucket"));
        if let Some(name) = buckets {
            let line = |quantile: &str, label: &str| {
                let rate = self.series(name, "");
                let window = self.window;
                Line {
                    label: label.to_owned(),
                    query: format!("histogram_quantile({quantile}, sum by (le) (rate({rate}[{window}s])))"),
                }
            };
            return Signal::new("latency", "s", vec![line("0.5", "p50"), line("0.95", "p95")], &[name]);
        }
        let counts = names.ending("_duration_seconds_count").and_then(|name| name.strip_suffix("_count"));
        let Some(base) = counts else {
            return Signal::missing("latency", "s", "no metric is called …_duration_seconds");
        };
        if names.has(base) {
            let line = |quantile: &str, label: &str| Line {
                label: label.to_owned(),
                query: format!("max({})", self.series(base, quantile)),
            };
            let lines = vec![line("quantile=\"0.5\"", "p50"), line("quantile=~\"0.9|0.95\"", "p95")];
            return Signal::new("latency", "s", lines, &[base]);
        }
        let (sum, count) = (self.rate(&format!("{base}_sum"), ""), self.rate(&format!("{base}_count"), ""));
        let mean = Line { label: "mean".to_owned(), query: format!("{sum} / {count}") };
        Signal::new("latency", "s", vec![mean], &[base])
    }

    fn errors(&self) -> Signal {
        let Some(name) = self.catalogue.requests() else {
            return Signal::missing("errors", "ratio", "no metric counts requests");
        };
        let Some(status) = &self.catalogue.status else {
            let problem = format!("{name} has no label that tells the status");
            return Signal { metrics: vec![name.to_owned()], ..Signal::missing("errors", "ratio", &problem) };
        };
        let all = self.rate(name, "");
        let failed = self.rate(name, &format!("{status}=~\"5..\""));
        // No error yet is no series: it counts as zero only while requests are counted at all.
        let query = format!("({failed} or 0 * {all}) / {all}");
        let line = Line { label: "5xx".to_owned(), query };
        Signal { status: Some(status.clone()), ..Signal::new("errors", "ratio", vec![line], &[name]) }
    }

    fn traffic(&self) -> Signal {
        let Some(name) = self.catalogue.requests() else {
            return Signal::missing("traffic", "per_s", "no metric counts requests");
        };
        let line = Line { label: "requests".to_owned(), query: self.rate(name, "") };
        Signal {
            status: self.catalogue.status.clone(),
            ..Signal::new("traffic", "per_s", vec![line], &[name])
        }
    }

    /// What there is, the most telling first: shares in use, processor time, requests under way, memory, and at last
    /// whether it answers at all.
    fn saturation(&self) -> Signal {
        let names = self.catalogue;
        let one = |unit, label: &str, query: String, metrics: &[&str]| {
            Signal::new("saturation", unit, vec![Line { label: label.to_owned(), query }], metrics)
        };
        let highest = |name: &str| format!("max({})", self.series(name, ""));
        let shares =
            ["_in_use_ratio", "_usage_ratio", "_utilization", "_utilization_ratio", "_saturation_ratio"];
        if let Some(name) = shares.into_iter().find_map(|end| names.ending(end)) {
            return one("ratio", name, highest(name), &[name]);
        }
        for (used, most) in
            [("_in_use", "_max"), ("_used", "_max"), ("_in_use", "_limit"), ("_active", "_max")]
        {
            let pair = names.names.iter().find_map(|name| {
                let other = format!("{}{most}", name.strip_suffix(used)?);
                names.has(&other).then_some((name.as_str(), other))
            });
            if let Some((name, other)) = pair {
                let query = format!("sum({}) / sum({})", self.series(name, ""), self.series(&other, ""));
                return one("ratio", name, query, &[name, &other]);
            }
        }
        let cpu = ["process_cpu_seconds_total", "container_cpu_usage_seconds_total"];
        if let Some(name) = cpu.into_iter().find(|name| names.has(name)) {
            return one("1", "cpu", self.rate(name, ""), &[name]);
        }
        if let Some(name) = names.ending("_in_flight").or_else(|| names.ending("_in_progress")) {
            return one("1", "in flight", format!("sum({})", self.series(name, "")), &[name]);
        }
        if let Some(name) = names.ending("_resident_memory_bytes") {
            return one("bytes", "memory", highest(name), &[name]);
        }
        if names.has("up") {
            return one("1", "up", format!("min({})", self.series("up", "")), &["up"]);
        }
        Signal::missing("saturation", "1", "no metric tells how much is in use")
    }
}

impl Signal {
    fn new(id: &'static str, unit: &'static str, lines: Vec<Line>, metrics: &[&str]) -> Self {
        let metrics = metrics.iter().map(|name| (*name).to_owned()).collect();
        Self { id, unit, lines, problem: None, metrics, status: None }
    }

    fn missing(id: &'static str, unit: &'static str, problem: &str) -> Self {
        Self { problem: Some(problem.to_owned()), ..Self::new(id, unit, vec![], &[]) }
    }

    /// Whether a query speaks of this signal: it mentions one of its metrics, and of the requests those that failed or
    /// all of them, whichever this signal is about.
    pub fn is_meant_by(&self, query: &str) -> bool {
        let mentioned = mentioned(query);
        let same = |name: &str| self.metrics.iter().any(|own| base(own) == base(name));
        let Some(status) = &self.status else { return mentioned.keys().any(|name| same(name)) };
        let about_status = mentioned.iter().any(|(name, labels)| same(name) && labels.contains(status));
        match self.id {
            "errors" => about_status,
            _ => !about_status && mentioned.keys().any(|name| same(name)),
        }
    }
}

/// A metric's name without the endings that its kinds add.
fn base(name: &str) -> &str {
    ["_bucket", "_count", "_sum"].into_iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name)
}

/// Metrics that a query mentions, with the labels it asks for; nothing of what is no PromQL.
fn mentioned(query: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut all = Mentioned::default();
    if let Ok(parsed) = parser::parse(query) {
        let _ = walk_expr(&mut all, &parsed);
    }
    all.0
}

#[derive(Default)]
struct Mentioned(BTreeMap<String, BTreeSet<String>>);

impl Mentioned {
    fn note(&mut self, selector: &VectorSelector) {
        let matchers = &selector.matchers.matchers;
        let named = matchers.iter().find(|matcher| matcher.name == "__name__").map(|matcher| &matcher.value);
        let Some(name) = selector.name.as_ref().or(named) else { return };
        let labels = self.0.entry(name.clone()).or_default();
        labels.extend(matchers.iter().map(|matcher| matcher.name.clone()));
    }
}

impl ExprVisitor for Mentioned {
    type Error = Infallible;

    fn pre_visit(&mut self, expr: &Expr) -> Result<bool, Infallible> {
        match expr {
            Expr::VectorSelector(selector) => self.note(selector),
            Expr::MatrixSelector(matrix) => self.note(&matrix.vs),
            _ => {}
        }
        Ok(true)
    }
}

/// The one line of an answer over a range as a plot draws it: a value for each step, none where there is none.
pub fn on_grid(answer: &Answer, from: i64, to: i64, step: i64) -> Vec<(i64, Option<f64>)> {
    let mut values: BTreeMap<i64, f64> = BTreeMap::new();
    if let Answer::Matrix(series) = answer {
        for Series { points, .. } in series {
            values.extend(points.iter().filter(|p| !p.value.is_nan()).map(|point| (point.at, point.value)));
        }
    }
    let steps =
        std::iter::successors(Some(from), |at| at.checked_add(step.max(1))).take_while(|at| *at <= to);
    steps.map(|at| (at, values.get(&at).copied())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Labels, Point};

    fn catalogue(names: &[&str], status: Option<&str>) -> Catalogue {
        Catalogue {
            names: names.iter().map(|name| (*name).to_owned()).collect(),
            status: status.map(str::to_owned),
        }
    }

    fn queries(signal: &Signal) -> Vec<&str> {
        signal.lines.iter().map(|line| line.query.as_str()).collect()
    }

    /// What the sample's service counts.
    const SAMPLE: [&str; 7] = [
        "up",
        "http_requests_total",
        "http_request_duration_seconds_bucket",
        "http_request_duration_seconds_count",
        "http_request_duration_seconds_sum",
        "http_requests_in_flight",
        "build_info",
    ];

    #[test]
    fn the_sample_s_four_signals() {
        let [latency, errors, traffic, saturation] =
            golden(&catalogue(&SAMPLE, Some("status")), "job=\"campus\"", 60);
        assert_eq!(
            queries(&latency)[1],
            "histogram_quantile(0.95, sum by (le) (rate(http_request_duration_seconds_bucket{job=\"campus\"}[60s])))"
        );
        assert_eq!(
            queries(&errors),
            [
                "(sum(rate(http_requests_total{job=\"campus\",status=~\"5..\"}[60s])) or 0 * sum(rate(http_requests_total{job=\"campus\"}[60s]))) / sum(rate(http_requests_total{job=\"campus\"}[60s]))"
            ]
        );
        assert_eq!(queries(&traffic), ["sum(rate(http_requests_total{job=\"campus\"}[60s]))"]);
        assert_eq!(queries(&saturation), ["sum(http_requests_in_flight{job=\"campus\"})"]);
        assert_eq!([latency.unit, errors.unit, traffic.unit, saturation.unit], ["s", "ratio", "per_s", "1"]);
        for signal in [&latency, &errors, &traffic, &saturation] {
            assert_eq!(signal.problem, None);
            for query in queries(signal) {
                assert!(parser::parse(query).is_ok(), "{query}");
            }
        }
    }

    #[test]
    fn other_services_have_other_names() {
        let summary = ["rpc_duration_seconds", "rpc_duration_seconds_count", "rpc_duration_seconds_sum"];
        let [latency, errors, traffic, saturation] = golden(&catalogue(&summary, None), "", 300);
        assert_eq!(queries(&latency)[0], "max(rpc_duration_seconds{quantile=\"0.5\"})");
        assert_eq!(queries(&traffic), ["sum(rate(rpc_duration_seconds_count{}[300s]))"]);
        assert!(errors.problem.unwrap().contains("rpc_duration_seconds_count has no label"));
        assert!(saturation.problem.is_some());
        let mean = golden(&catalogue(&summary[1..], None), "", 60)[0].clone();
        assert_eq!(mean.lines[0].label, "mean");
        let saturation = |names: &[&str]| golden(&catalogue(names, None), "", 60)[3].clone();
        let pool = saturation(&["pool_in_use", "pool_max", "process_cpu_seconds_total", "up"]);
        assert_eq!((pool.unit, queries(&pool)), ("ratio", vec!["sum(pool_in_use{}) / sum(pool_max{})"]));
        assert_eq!(saturation(&["process_cpu_seconds_total", "up"]).lines[0].label, "cpu");
        assert_eq!(saturation(&["process_resident_memory_bytes", "up"]).unit, "bytes");
        assert_eq!(saturation(&["up"]).lines[0].query, "min(up{})");
        assert_eq!(saturation(&["disk_usage_ratio", "up"]).unit, "ratio");
    }

    #[test]
    fn nothing_counted_is_said() {
        for signal in golden(&Catalogue::default(), "job=\"x\"", 60) {
            assert!(signal.problem.is_some() && signal.lines.is_empty(), "{}", signal.id);
        }
    }

    #[test]
    fn indicators_find_their_signal() {
        let all = golden(&catalogue(&SAMPLE, Some("status")), "job=\"campus\"", 60);
        let meant = |query: &str| {
            let ids: Vec<&str> = all.iter().filter(|s| s.is_meant_by(query)).map(|s| s.id).collect();
            ids.join(" ")
        };
        assert_eq!(meant("sum(rate(http_requests_total{status=~\"5..\"}[5m]))"), "errors");
        assert_eq!(meant("sum(rate(http_requests_total[5m])) > 3"), "traffic");
        assert_eq!(meant("rate({__name__=\"http_requests_total\"}[5m])"), "traffic");
        assert_eq!(
            meant("histogram_quantile(0.9, sum by (le) (rate(http_request_duration_seconds_bucket[5m])))"),
            "latency"
        );
        assert_eq!(meant("max_over_time(http_requests_in_flight[1m:15s])"), "saturation");
        assert_eq!(meant("campus_users"), "");
        assert_eq!(meant("sum("), "");
        for signal in &all {
            for line in &signal.lines {
                assert!(signal.is_meant_by(&line.query), "{}", line.query);
            }
        }
    }

    #[test]
    fn names_and_status_come_from_answers() {
        let row = |pairs: &[(&str, &str)]| {
            let labels: Labels = pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
            (labels, Point { at: 0, value: 1.0 })
        };
        let mut found =
            Catalogue::of(&Answer::Vector(vec![row(&[("__name__", "http_requests_total")]), row(&[])]));
        assert_eq!(found.requests(), Some("http_requests_total"));
        found.note_status(&Answer::Vector(vec![row(&[("code", "200"), ("status", "")])]));
        assert_eq!(found.status.as_deref(), Some("code"));
        assert_eq!(Catalogue::of(&Answer::Matrix(vec![])), Catalogue::default());
    }

    #[test]
    fn gaps_stay_gaps() {
        let points = [(0, 1.0), (15, f64::NAN), (45, 2.0)].map(|(at, value)| Point { at, value });
        let answer = Answer::Matrix(vec![Series { labels: Labels::new(), points: points.to_vec() }]);
        assert_eq!(on_grid(&answer, 0, 50, 15), [(0, Some(1.0)), (15, None), (30, None), (45, Some(2.0))]);
        assert_eq!(on_grid(&Answer::Matrix(vec![]), 0, 15, 15), [(0, None), (15, None)]);
    }
}
