use store::samples::Samples;

use super::*;
use crate::answer::Labels;
use crate::samples::STALE;

/// Queries over samples every 15 s from 0 on, each series by its labels and values.
fn own(series: &[(&str, &[f64])]) -> Own {
    let store = SampleStore::new(Samples::in_memory().unwrap());
    let scope = Scope { project: "/p".into(), environment: "dev".into() };
    for (labels, values) in series {
        let points =
            values.iter().enumerate().map(|(i, v)| Point { at: i as i64 * 15_000, value: *v }).collect();
        store.append_series(&scope, &[(labels_of(labels), points)]).unwrap();
    }
    Own::new(store, scope)
}

/// `name{label="value"}` without commas in values.
fn labels_of(text: &str) -> Labels {
    let (name, rest) = text.split_once('{').unwrap_or((text, "}"));
    let mut labels = Labels::new();
    if !name.is_empty() {
        labels.insert("__name__".into(), name.into());
    }
    for pair in rest.trim_end_matches('}').split(',').filter(|p| !p.is_empty()) {
        let (label, value) = pair.split_once('=').unwrap();
        labels.insert(label.into(), value.trim_matches('"').into());
    }
    labels
}

/// Series and values of an instant query, by labels.
fn at(own: &Own, query: &str, seconds: i64) -> Vec<(Labels, f64)> {
    match own.instant(query, seconds * 1000).unwrap() {
        Answer::Vector(rows) => rows.into_iter().map(|(labels, point)| (labels, point.value)).collect(),
        Answer::Scalar(point) => vec![(Labels::new(), point.value)],
        other => panic!("{query}: {other:?}"),
    }
}

fn one(own: &Own, query: &str, seconds: i64) -> f64 {
    let answer = at(own, query, seconds);
    assert_eq!(answer.len(), 1, "{query}: {answer:?}");
    answer[0].1
}

fn refusal(own: &Own, query: &str) -> String {
    own.instant(query, 60_000).unwrap_err().to_string()
}

#[test]
fn a_sample_is_the_value_for_five_minutes() {
    let own = own(&[("up{job=\"a\"}", &[1.0])]);
    assert_eq!(one(&own, "up", 0), 1.0);
    assert_eq!(one(&own, "up", 299), 1.0);
    assert!(at(&own, "up", 300).is_empty());
    assert!(own.instant("up", -1).unwrap() == Answer::Vector(vec![]));
}

#[test]
fn a_marker_ends_a_series_at_once() {
    let own = own(&[("up", &[1.0, f64::from_bits(STALE)])]);
    assert_eq!(one(&own, "up", 14), 1.0);
    assert!(at(&own, "up", 15).is_empty());
    assert_eq!(one(&own, "count_over_time(up[1m])", 30), 1.0);
    assert_eq!(one(&own, "absent(up)", 15), 1.0);
}

#[test]
fn an_ordinary_nan_is_a_value() {
    let own = own(&[("v", &[f64::NAN])]);
    assert!(one(&own, "v", 0).is_nan());
}

#[test]
fn matchers_select() {
    let own = own(&[("r{code=\"200\"}", &[1.0]), ("r{code=\"500\"}", &[2.0]), ("r", &[4.0])]);
    for (query, sum) in [
        ("sum(r)", 7.0),
        (r#"sum(r{code="200"})"#, 1.0),
        (r#"sum(r{code!="200"})"#, 6.0),
        (r#"sum(r{code=~"5.."})"#, 2.0),
        (r#"sum(r{code=~"5|2.*"})"#, 1.0),
        (r#"sum(r{code!~"5.."})"#, 5.0),
        (r#"sum(r{code=""})"#, 4.0),
        (r#"sum({__name__=~"r.*"})"#, 7.0),
    ] {
        assert_eq!(one(&own, query, 0), sum, "{query}");
    }
    assert!(at(&own, "sum(nothing)", 0).is_empty());
}

#[test]
fn windows_are_open_on_the_left() {
    let own = own(&[("v", &[1.0, 2.0, 3.0, 4.0, 5.0])]);
    assert_eq!(one(&own, "count_over_time(v[30s])", 60), 2.0);
    assert_eq!(one(&own, "sum_over_time(v[30s])", 59), 7.0);
    assert_eq!(one(&own, "v offset 30s", 60), 3.0);
    assert_eq!(one(&own, "v @ 15", 60), 2.0);
    assert_eq!(one(&own, "v offset -15s", 30), 4.0);
    assert_eq!(one(&own, "max_over_time(v[45s:15s])", 60), 5.0);
    assert_eq!(one(&own, "count_over_time(v[45s:15s])", 60), 3.0);
}

#[test]
fn a_range_has_a_value_at_each_step() {
    let own = own(&[("v", &[1.0, 2.0, 3.0, 4.0, 5.0])]);
    let Answer::Matrix(series) = own.range("v * 2", 0, 60_000, 30_000).unwrap() else { panic!() };
    assert_eq!(series.len(), 1);
    let points: Vec<(i64, f64)> = series[0].points.iter().map(|p| (p.at, p.value)).collect();
    assert_eq!(points, [(0, 2.0), (30_000, 6.0), (60_000, 10.0)]);
    assert!(matches!(own.range("v", 0, 11_000, 1), Err(Error::TooManySteps { steps: 11_001 })));
    assert!(own.range("v", 0, 10_999, 1).is_ok());
    assert!(own.range("v", 10, 9, 1).is_err());
    assert!(own.range("v", 0, 1, 0).is_err());
    assert!(own.range("v", i64::MIN, i64::MAX, 1).is_err());
}

#[test]
fn vectors_match_by_labels() {
    let own = own(&[
        ("errors{route=\"/a\",code=\"500\"}", &[1.0]),
        ("errors{route=\"/b\",code=\"500\"}", &[2.0]),
        ("requests{route=\"/a\"}", &[10.0]),
        ("requests{route=\"/b\"}", &[20.0]),
        ("team{route=\"/a\",team=\"x\"}", &[1.0]),
    ]);
    let ratio = at(&own, "errors / on(route) requests", 0);
    assert_eq!(ratio, [(labels_of("{route=\"/a\"}"), 0.1), (labels_of("{route=\"/b\"}"), 0.1)]);
    let ratio = at(&own, "errors / ignoring(code) requests", 0);
    assert_eq!(ratio[0].0, labels_of("{route=\"/a\"}"));
    let named = at(&own, "errors * on(route) group_left(team) team", 0);
    assert_eq!(named, [(labels_of("{code=\"500\",route=\"/a\",team=\"x\"}"), 1.0)]);
    assert_eq!(at(&own, "requests and on(route) team", 0).len(), 1);
    assert_eq!(at(&own, "requests unless on(route) team", 0)[0].0, labels_of("requests{route=\"/b\"}"));
    assert_eq!(at(&own, "requests or team", 0).len(), 3);
    assert!(refusal(&own, "sum(errors) by (code) / on() errors").contains("right side"));
    assert!(refusal(&own, "errors / on() sum(requests)").contains("group_left"));
    assert_eq!(at(&own, "requests > 15", 0), [(labels_of("requests{route=\"/b\"}"), 20.0)]);
    assert_eq!(
        at(&own, "15 < bool requests", 0),
        [(labels_of("{route=\"/a\"}"), 0.0), (labels_of("{route=\"/b\"}"), 1.0)]
    );
    assert_eq!(at(&own, "15 < requests", 0), [(labels_of("requests{route=\"/b\"}"), 20.0)]);
}

#[test]
fn absence_says_what_would_be_there() {
    let own = own(&[("up", &[1.0])]);
    let absent = at(&own, r#"absent(down{job="a",code=~"5.."})"#, 0);
    assert_eq!(absent, [(labels_of("{job=\"a\"}"), 1.0)]);
    assert!(at(&own, "absent(up)", 0).is_empty());
    assert_eq!(one(&own, "absent_over_time(down[5m])", 0), 1.0);
    assert!(at(&own, "absent_over_time(up[5m])", 0).is_empty());
}

#[test]
fn what_is_not_evaluated_is_named() {
    let own = own(&[]);
    for (query, named) in [
        ("histogram_count(x)", "histogram_count()"),
        ("info(x)", "info()"),
        ("limitk(1, x)", "limitk"),
        ("double_exponential_smoothing(x[5m], 0.5, 0.5)", "double_exponential_smoothing()"),
        (r#"{a="1" or b="2"}"#, "or between label matchers"),
    ] {
        let said = refusal(&own, query);
        assert!(said.contains(named), "{query}: {said}");
        assert!(matches!(check(query), Err(Error::Unsupported { .. })), "{query}");
    }
    assert!(matches!(check("sum("), Err(Error::Query { .. })));
    assert!(matches!(check("x[5m]"), Ok(())));
    assert!(refusal(&own, "nonsense(x)").contains("PromQL"));
}

#[test]
fn deep_and_endless_queries_are_refused() {
    let own = own(&[]);
    let deep = format!("{}1{}", "(".repeat(2000), ")".repeat(2000));
    assert!(refusal(&own, &deep).contains("deeper"));
    assert!(refusal(&own, &"1+".repeat(1500)).contains("operators"));
    assert!(refusal(&own, &format!("x{{a=\"{}\"}}", "-".repeat(5000))).contains("longer"));
    assert!(own.instant(&format!("x{{a=\"{}\"}}", "-".repeat(3000)), 0).is_ok());
    let most = format!("{}1{}", "(".repeat(50), ")".repeat(50));
    assert!(own.instant(&most, 0).is_ok());
    assert!(own.instant(&format!("1{}", "+1".repeat(300)), 0).is_ok());
}

#[test]
fn a_range_of_samples_answers_with_them() {
    let own = own(&[("v", &[1.0, 2.0, 3.0])]);
    let Answer::Matrix(series) = own.instant("v[20s]", 30_000).unwrap() else { panic!() };
    assert_eq!(series[0].points.len(), 2);
    assert!(own.range("v[20s]", 0, 30_000, 15_000).is_err());
}

#[test]
fn names_go_where_values_change_and_stay_where_they_don_t() {
    let own = own(&[("v{a=\"1\"}", &[1.0, 5.0])]);
    for (query, named) in [
        ("v", true),
        ("-v", false),
        ("v + 1", false),
        ("v > 0", true),
        ("v > bool 0", false),
        ("abs(v)", false),
        ("last_over_time(v[1m])", true),
        ("max_over_time(v[1m])", false),
        ("topk(1, v)", true),
        ("sum by (a) (v)", false),
        ("label_replace(v, \"b\", \"x\", \"\", \"\")", true),
    ] {
        assert_eq!(at(&own, query, 15)[0].0.contains_key("__name__"), named, "{query}");
    }
}

#[test]
fn series_that_would_be_the_same_are_an_error() {
    let own = own(&[("a{x=\"1\"}", &[1.0]), ("b{x=\"1\"}", &[2.0])]);
    assert!(refusal(&own, r#"-{__name__=~"a|b"}"#).contains("two series"));
}

#[test]
fn times_ahead_are_counted_near_and_far() {
    let times: Vec<i64> = (0..1000).map(|i| i * 3).collect();
    for from in [0, 1, 15, 16, 17, 500, 985, 1000] {
        for time in -1..3010 {
            let expected = times[from..].iter().filter(|t| **t <= time).count();
            assert_eq!(super::select::ahead(&times[from..], time), expected, "{from} {time}");
        }
    }
}
