//! The own store's PromQL beside Prometheus' over the same samples: counters that start again, gaps, series that end and
//! come back, NaN and infinities.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use std::collections::BTreeMap;

use serde_json::Value;
use tests::samples::{Prometheus, Seeded, Series, labels, own, stale};

/// Samples begin here, off every whole minute: where a sample lies exactly on a window's edge, Prometheus 2 and 3 differ.
const BEGIN: i64 = 1_699_999_987_300;
const MINUTES: i64 = 150;

fn samples() -> Vec<Series> {
    let mut seeded = Seeded::new(0x9e37_79b9_7f4a_7c15);
    let mut all: Vec<Series> = Vec::new();
    for (index, name) in [
        "http_requests_total{job=\"api\",route=\"/a\",code=\"200\"}",
        "http_requests_total{job=\"api\",route=\"/a\",code=\"500\"}",
        "http_requests_total{job=\"api\",route=\"/b\",code=\"200\"}",
        "http_requests_total{job=\"api\",route=\"/b\",code=\"404\"}",
        "http_requests_total{job=\"web\",route=\"/a\",code=\"200\"}",
    ]
    .into_iter()
    .enumerate()
    {
        // Starts again now and then.
        let mut count = 100_000.0;
        all.push(every(name, 15_000, |_| {
            count = if seeded.below(90) == index as u64 { 0.0 } else { count + seeded.below(40) as f64 };
            Some(count)
        }));
    }
    for (index, bound) in ["0.1", "0.5", "1", "5", "+Inf"].into_iter().enumerate() {
        let mut count = 50_000.0 * (index + 1) as f64;
        all.push(every(&format!("latency_seconds_bucket{{job=\"api\",le=\"{bound}\"}}"), 15_000, |_| {
            count += 2.0 * (index as f64 + 1.0) + seeded.below(2) as f64;
            Some(count)
        }));
    }
    for pod in ["a", "b", "c"] {
        let mut memory: f64 = 3e8;
        all.push(every(&format!("memory_bytes{{job=\"api\",pod=\"{pod}\"}}"), 15_000, |at| {
            memory += seeded.unit() * 2e6 - 1e6;
            // Each is away for a while, without a word.
            let away = 30 + 20 * pod.as_bytes()[0] as i64 % 60;
            (!(away..away + 8).contains(&(at / 60_000))).then_some(memory)
        }));
    }
    all.push(every("temperature{room=\"cellar\"}", 30_000, |_| Some(seeded.unit() * 10.0 - 5.0)));
    all.push(every("up{job=\"api\"}", 15_000, |at| Some(if (at / 60_000) % 40 == 7 { 0.0 } else { 1.0 })));
    all.push(every("up{job=\"web\"}", 15_000, |_| Some(1.0)));
    // Ends, and comes back half an hour later.
    all.push(every("brief{job=\"api\"}", 15_000, |at| match at / 60_000 {
        0..40 => Some(at as f64 / 1000.0),
        40 if at < 40 * 60_000 + 15_000 => Some(stale()),
        40..70 => None,
        _ => Some(7.0),
    }));
    all.push(every("odd{kind=\"nan\"}", 15_000, |at| {
        Some(if at % 60_000 < 15_000 { f64::NAN } else { 2.0 })
    }));
    all.push(every("odd{kind=\"inf\"}", 15_000, |at| {
        Some(if at % 60_000 < 15_000 { f64::INFINITY } else { -1.0 })
    }));
    all.push(every("info{job=\"api\",version=\"1.4\"}", 60_000, |_| Some(1.0)));
    all
}

/// A series with what `value` says at each time since the beginning.
fn every(name: &str, step: i64, mut value: impl FnMut(i64) -> Option<f64>) -> Series {
    let times = (0..MINUTES * 60_000 / step).map(|i| i * step);
    (labels(name), times.filter_map(|at| Some((BEGIN + at, value(at)?))).collect())
}

const QUERIES: &[&str] = &[
    "up",
    "brief",
    "odd",
    "http_requests_total{code=~\"5..|4..\"}",
    "http_requests_total{code!~\"2..\",job!=\"web\"}",
    "{__name__=~\"up|temp.*\"}",
    "memory_bytes offset 7m",
    "memory_bytes offset -3m",
    "memory_bytes @ 1700002000",
    "sum(memory_bytes @ end()) - sum(memory_bytes @ start())",
    "rate(http_requests_total[5m])",
    "rate(http_requests_total[1m])",
    "rate(http_requests_total[37s])",
    "rate(http_requests_total[1h] offset 10m)",
    "irate(http_requests_total[2m])",
    "increase(http_requests_total[30m])",
    "delta(temperature[10m])",
    "idelta(temperature[10m])",
    "deriv(memory_bytes[15m])",
    "predict_linear(memory_bytes[15m], 3600)",
    "changes(up[45m])",
    "resets(http_requests_total[1h])",
    "avg_over_time(memory_bytes[20m])",
    "min_over_time(temperature[20m])",
    "max_over_time(odd[10m])",
    "sum_over_time(temperature[20m])",
    "count_over_time(memory_bytes[25m])",
    "stddev_over_time(temperature[20m])",
    "stdvar_over_time(temperature[20m])",
    "quantile_over_time(0.9, temperature[20m])",
    "last_over_time(brief[20m])",
    "present_over_time(brief[10m])",
    "absent_over_time(brief{job=\"api\"}[5m])",
    "absent(brief{job=\"api\"})",
    "sum(rate(http_requests_total[5m]))",
    "sum by (job) (rate(http_requests_total[5m]))",
    "sum without (route, code) (rate(http_requests_total[5m]))",
    "avg by (job) (memory_bytes)",
    "min(memory_bytes)",
    "max by (pod) (memory_bytes)",
    "count(http_requests_total) by (code)",
    "count_values(\"value\", up)",
    "group by (route) (http_requests_total)",
    "stddev(memory_bytes)",
    "stdvar by (job) (memory_bytes)",
    "quantile(0.7, memory_bytes)",
    "quantile by (job) (0.25, rate(http_requests_total[5m]))",
    "topk(2, memory_bytes)",
    "bottomk(1, http_requests_total)",
    "topk by (job) (1, rate(http_requests_total[5m]))",
    "histogram_quantile(0.95, rate(latency_seconds_bucket[5m]))",
    "histogram_quantile(0.5, sum by (le) (rate(latency_seconds_bucket[10m])))",
    "sum(rate(http_requests_total{code=~\"5..\"}[5m])) / sum(rate(http_requests_total[5m]))",
    "http_requests_total{code=\"500\"} / ignoring(code) http_requests_total{code=\"200\",job=\"api\"}",
    "rate(http_requests_total[5m]) / on(job) group_left sum by (job) (rate(http_requests_total[5m]))",
    "http_requests_total * on(job) group_left(version) info",
    "info * on(job) group_right(version) http_requests_total",
    "memory_bytes > 3e8",
    "memory_bytes > bool 3e8",
    "3e8 < memory_bytes",
    "up == 1 and on(job) memory_bytes",
    "up unless on(job) brief",
    "brief or up",
    "memory_bytes % 1000 ^ 2 - -temperature or temperature",
    "-temperature * 2 + 1",
    "abs(temperature)",
    "ceil(temperature)",
    "round(temperature, 0.25)",
    "clamp(temperature, -1, 1)",
    "clamp_min(temperature, 0)",
    "exp(temperature)",
    "ln(memory_bytes)",
    "sqrt(temperature)",
    "sgn(temperature)",
    "sort_desc(memory_bytes)",
    "scalar(temperature)",
    "vector(scalar(sum(up)))",
    "time() - timestamp(temperature)",
    "timestamp(up + 1)",
    "hour(vector(1700000000)) + minute() * 0",
    "day_of_week() + days_in_month() * 100 + year() * 0.5 + month() + day_of_month() + day_of_year()",
    "label_replace(http_requests_total, \"short\", \"$1-x\", \"route\", \"/(.*)\")",
    "label_join(http_requests_total, \"both\", \"-\", \"job\", \"route\")",
    "max_over_time(rate(http_requests_total[5m])[30m:1m])",
    "avg_over_time(sum(memory_bytes)[20m:])",
    "min_over_time(temperature[20m:45s] offset 5m)",
    "sum_over_time((up == 0)[1h:1m])",
    "2 * 3 - 4 / 7 ^ 2 % 3",
    "1 > bool 2",
    "pi() atan2 2",
    "sum(nothing) or vector(0)",
];

/// Queries that both refuse.
const REFUSED: &[&str] = &[
    "rate(up)",
    "sum(",
    "up{job=~\"(\"}",
    "http_requests_total / on(job) memory_bytes",
    "memory_bytes / on(job) up",
    "label_replace(up, \"job\", \"same\", \"job\", \".*\")",
    "-{__name__=~\"up|brief\"}",
    "1 == 2",
];

/// Series and points of an answer.
type Points = BTreeMap<String, Vec<(f64, f64)>>;

fn points(answer: &Value) -> Points {
    let number = |v: &Value| -> f64 { v.as_str().unwrap().parse().unwrap() };
    let pair = |v: &Value| (v[0].as_f64().unwrap(), number(&v[1]));
    let data = &answer["data"];
    match data["resultType"].as_str().unwrap() {
        "scalar" => Points::from([(String::new(), vec![pair(&data["result"])])]),
        kind => data["result"]
            .as_array()
            .unwrap()
            .iter()
            .map(|series| {
                let points = match kind {
                    "vector" => vec![pair(&series["value"])],
                    _ => series["values"].as_array().unwrap().iter().map(pair).collect(),
                };
                (series["metric"].to_string(), points)
            })
            .collect(),
    }
}

fn differ(theirs: &Points, ours: &Points) -> Option<String> {
    let keys = |points: &Points| points.keys().cloned().collect::<Vec<_>>();
    if keys(theirs) != keys(ours) {
        return Some(format!("series: Prometheus {:?}, Jalon {:?}", keys(theirs), keys(ours)));
    }
    for (series, points) in theirs {
        let mine = &ours[series];
        if points.len() != mine.len() {
            let odd = points.iter().zip(mine).find(|(a, b)| a.0 != b.0);
            return Some(format!(
                "{series}: {} points, not {}; first other at {odd:?}",
                mine.len(),
                points.len()
            ));
        }
        for ((at, expected), (my_at, value)) in points.iter().zip(mine) {
            let close = (expected - value).abs() <= 1e-9 * expected.abs().max(1e-6);
            if at != my_at || !(close || expected == value || expected.is_nan() && value.is_nan()) {
                return Some(format!("{series}: {value} at {my_at}, Prometheus says {expected} at {at}"));
            }
        }
    }
    None
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_are_those_of_prometheus() {
    let samples = samples();
    let prometheus = Prometheus::written(&samples).await;
    let folder = tempfile::tempdir().unwrap();
    let own = own(folder.path(), &samples);
    let from = 1_700_000_003_217;
    let to = from + (MINUTES + 20) * 60_000;
    let mut wrong = Vec::new();
    let (mut compared, mut values) = (0, 0);
    for query in QUERIES {
        let mut found = 0;
        let instants = (0..10).map(|i| (from + i * 1_031_000, 0, 0));
        for (from, to, step) in instants.chain([(from, to, 47_000), (from, to, 300_000)]) {
            let theirs = prometheus.answer(query, from, to, step).await;
            assert_eq!(theirs["status"], "success", "{query}: {theirs}");
            let ours = if step == 0 { own.instant(query, from) } else { own.range(query, from, to, step) };
            let ours = ours.unwrap_or_else(|e| panic!("{query}: {e}")).to_json();
            let theirs = points(&theirs);
            compared += 1;
            found += theirs.values().map(Vec::len).sum::<usize>();
            if let Some(difference) = differ(&theirs, &points(&ours)) {
                wrong.push(format!("{query} ({from}, step {step}): {difference}"));
                break;
            }
        }
        // Two empty answers would prove nothing.
        assert!(found > 0, "{query} has no answer at all");
        values += found;
    }
    assert!(wrong.is_empty(), "{} of {} queries differ:\n{}", wrong.len(), QUERIES.len(), wrong.join("\n"));
    println!("{} queries, {compared} answers, {values} values are the same", QUERIES.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_prometheus_refuses_is_refused() {
    let samples = samples();
    let prometheus = Prometheus::written(&samples).await;
    let folder = tempfile::tempdir().unwrap();
    let own = own(folder.path(), &samples);
    let at = 1_700_000_903_217;
    for query in REFUSED {
        assert_eq!(prometheus.answer(query, at, 0, 0).await["status"], "error", "{query}");
        assert!(own.instant(query, at).is_err(), "{query}: {:?}", own.instant(query, at));
    }
}
