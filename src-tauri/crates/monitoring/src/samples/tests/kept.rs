use jiff::Timestamp;

use super::*;

const HOUR: i64 = 3600 * SECOND;
const DAY: i64 = 24 * HOUR;

fn days_after(days: i64) -> Timestamp {
    Timestamp::from_millisecond(MIDNIGHT + days * DAY).unwrap()
}

fn fill(store: &SampleStore, name: &str, days: i64, value: impl Fn(i64) -> f64) {
    let points: Vec<Point> = (0..days * DAY / 60_000)
        .map(|i| Point { at: MIDNIGHT + i * 60_000 + 20_000, value: value(i) })
        .collect();
    store.append_series(&scope(), &[(labels(&[("__name__", name)]), points)]).unwrap();
}

/// A counter that starts again every 1,000 minutes, past what it was or not.
fn counter(i: i64) -> f64 {
    (i % 1000 * 7) as f64
}

#[test]
fn old_samples_become_rollups_and_answers_stay() {
    let store = in_memory();
    fill(&store, "c", 20, counter);
    fill(&store, "g", 20, |i| ((i * 7919) % 1000) as f64 / 10.0);
    let at = |days: i64| MIDNIGHT + days * DAY;
    let queries = [
        "increase(c[6h])",
        "min_over_time(g[6h])",
        "max_over_time(g[6h])",
        "sum_over_time(g[6h])",
        "count_over_time(g[6h])",
        "avg_over_time(g[6h])",
        "g",
        "c",
    ];
    let ask = |store: &SampleStore, at| queries.map(|query| values(store, query, at)[0]);
    let before = [at(3), at(5) + 6 * HOUR, at(6), at(10)].map(|at| ask(&store, at));
    let size = store.size().unwrap().1;
    let maintained = store.maintain(days_after(20)).unwrap();
    assert_eq!(maintained, Maintained { rolled: 2, removed: 0 });
    assert!(store.size().unwrap().1 < size * 3 / 4);
    let after = [at(3), at(5) + 6 * HOUR, at(6), at(10)].map(|at| ask(&store, at));
    for (before, after) in before.iter().zip(&after) {
        for ((query, before), after) in queries.iter().zip(before).zip(after) {
            // Growth within the five minutes at the edges is not known any more.
            let tolerance = if query.starts_with("increase") { 0.02 } else { 1e-9 };
            assert!((before - after).abs() <= tolerance * before.abs(), "{query}: {before} became {after}");
        }
    }
    // Nothing changes when there is nothing to do, and samples may still be appended.
    assert_eq!(store.maintain(days_after(20)).unwrap().rolled, 0);
    fill(&store, "c", 21, counter);
    assert_eq!(values(&store, "count_over_time(c[1h])", at(21)), [60.0]);
    assert_eq!(values(&store, "count_over_time(c[21d])", at(21)), [21.0 * 1440.0]);
}

#[test]
fn what_needs_single_samples_says_so_where_there_are_none() {
    let store = in_memory();
    fill(&store, "g", 20, |i| i as f64);
    store.maintain(days_after(20)).unwrap();
    for query in ["quantile_over_time(0.5, g[1h])", "irate(g[1h])", "stddev_over_time(g[1h])", "g[1h]"] {
        let error = own(&store).instant(query, MIDNIGHT + 2 * DAY).unwrap_err();
        assert!(matches!(error, Error::NeedsRaw { .. }), "{query}: {error}");
        assert!(own(&store).instant(query, MIDNIGHT + 15 * DAY).is_ok(), "{query}");
    }
}

#[test]
fn a_range_over_all_ages_has_no_holes_and_no_doubles() {
    let store = in_memory();
    fill(&store, "c", 110, |i| i as f64);
    for day in [30, 60, 100, 110] {
        store.maintain(days_after(day)).unwrap();
    }
    let Answer::Matrix(series) =
        own(&store).range("c", MIDNIGHT + HOUR, MIDNIGHT + 110 * DAY - HOUR, 15 * 60 * SECOND).unwrap()
    else {
        panic!()
    };
    // Every step has a value, no older than an hour and five minutes.
    assert_eq!(series[0].points.len() as i64, (110 * DAY - 2 * HOUR) / (15 * 60 * SECOND) + 1);
    for point in &series[0].points {
        let exact = (point.at - MIDNIGHT) as f64 / 60_000.0;
        assert!((exact - point.value) >= 0.0 && exact - point.value <= 65.0, "{point:?}, not {exact}");
    }
    assert_eq!(values(&store, "count_over_time(c[110d])", MIDNIGHT + 110 * DAY), [110.0 * 1440.0]);
    let increase = values(&store, "increase(c[100d])", MIDNIGHT + 110 * DAY - HOUR)[0];
    assert!((increase / (100.0 * 1440.0) - 1.0).abs() < 1e-3, "{increase}");
}

#[test]
fn what_is_too_old_goes_and_so_does_its_series() {
    let store = in_memory();
    fill(&store, "c", 2, |i| i as f64);
    store.maintain(days_after(20)).unwrap();
    assert_eq!(values(&store, "count_over_time(c[3d])", MIDNIGHT + 2 * DAY), [2880.0]);
    store.maintain(days_after(200)).unwrap();
    assert_eq!(values(&store, "count_over_time(c[3d])", MIDNIGHT + 2 * DAY), [2880.0]);
    assert_eq!(store.maintain(days_after(745)).unwrap().removed, 1);
    assert!(values(&store, "count_over_time(c[3d])", MIDNIGHT + 2 * DAY).is_empty());
}

#[test]
fn a_reset_within_a_bucket_is_made_good() {
    let points: Vec<Point> = [100.0, 110.0, 3.0, 5.0, 250.0, f64::from_bits(STALE), 260.0]
        .iter()
        .enumerate()
        .map(|(i, value)| Point { at: i as i64 * 60_000, value: *value })
        .collect();
    let buckets = super::super::rollup::buckets(&points, super::super::rollup::FINE, Some(90.0));
    assert_eq!(buckets.len(), 2);
    let first = buckets[0];
    // 20 up to the reset, then 250 from zero.
    assert_eq!(
        (first.increase, first.last, first.count, first.min, first.max),
        (270.0, 250.0, 5.0, 3.0, 250.0)
    );
    assert_eq!((buckets[1].increase, buckets[1].count), (10.0, 1.0));
}
