//! `histogram_quantile` over cumulative buckets.

use std::collections::BTreeMap;

use super::value::{ABSENT, Grid, Row, is_absent, merged};
use crate::answer::Labels;
use crate::error::Result;
use crate::exposition::NAME;

/// Counts this close are the same: rates of one counter differ in their last bits.
const SAME: f64 = 1e-12;

/// Quantiles of histograms, a row each.
pub(super) fn quantiles(quantiles: &[f64], rows: Vec<Row>, grid: Grid) -> Result<Vec<Row>> {
    let mut histograms: BTreeMap<Labels, Vec<(f64, Vec<f64>)>> = BTreeMap::new();
    for mut row in rows {
        row.labels.remove(NAME);
        // What has no bound is no bucket.
        let Some(bound) = row.labels.remove("le").and_then(|le| le.parse().ok()) else { continue };
        histograms.entry(row.labels).or_default().push((bound, row.values));
    }
    let mut answers = Vec::with_capacity(histograms.len());
    for (labels, mut buckets) in histograms {
        buckets.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut values = Vec::with_capacity(grid.steps);
        for step in 0..grid.steps {
            let count = |(bound, counts): &(f64, Vec<f64>)| {
                counts.get(step).copied().filter(|v| !is_absent(*v)).map(|count| (*bound, count))
            };
            let present: Vec<(f64, f64)> = buckets.iter().filter_map(count).collect();
            let q = quantiles.get(step).copied().unwrap_or(f64::NAN);
            values.push(if present.is_empty() { ABSENT } else { quantile(q, present) });
        }
        answers.push(Row { labels, values });
    }
    merged(answers)
}

/// Quantile `q` of cumulative buckets, sorted by upper bound: linear within a bucket.
fn quantile(q: f64, buckets: Vec<(f64, f64)>) -> f64 {
    if q.is_nan() {
        return f64::NAN;
    }
    if q < 0.0 {
        return f64::NEG_INFINITY;
    }
    if q > 1.0 {
        return f64::INFINITY;
    }
    if buckets.last().is_none_or(|(bound, _)| *bound != f64::INFINITY) {
        return f64::NAN;
    }
    // Buckets with the same bound, written differently, are one.
    let mut cumulative: Vec<(f64, f64)> = Vec::with_capacity(buckets.len());
    for (bound, count) in buckets {
        match cumulative.last_mut() {
            Some(last) if last.0 == bound => last.1 += count,
            _ => cumulative.push((bound, count)),
        }
    }
    // Scraped or calculated apart, a bucket may be a little below the one before it.
    let mut highest = f64::NEG_INFINITY;
    for (_, count) in &mut cumulative {
        if *count < highest || almost(*count, highest) {
            *count = highest;
        } else {
            highest = *count;
        }
    }
    let [.., (below, _), (_, observations)] = cumulative.as_slice() else { return f64::NAN };
    if *observations == 0.0 || observations.is_nan() {
        return f64::NAN;
    }
    let rank = q * observations;
    let last = cumulative.len() - 1;
    let place = cumulative.iter().take(last).position(|(_, count)| *count >= rank).unwrap_or(last);
    let Some((end, count)) = cumulative.get(place) else { return f64::NAN };
    if place == last {
        return *below;
    }
    let (start, before) = match place.checked_sub(1).and_then(|before| cumulative.get(before)) {
        Some(before) => *before,
        None if *end <= 0.0 => return *end,
        None => (0.0, 0.0),
    };
    start + (end - start) * ((rank - before) / (count - before))
}

fn almost(a: f64, b: f64) -> bool {
    if a == b {
        return true;
    }
    let size = a.abs() + b.abs();
    size.is_finite() && (a - b).abs() < SAME * size
}

#[cfg(test)]
mod tests {
    use super::*;

    const BUCKETS: [(f64, f64); 4] = [(0.1, 1.0), (0.5, 3.0), (1.0, 4.0), (f64::INFINITY, 5.0)];

    /// The facts' check.
    #[test]
    fn a_quantile_is_linear_within_its_bucket() {
        assert!((quantile(0.5, BUCKETS.to_vec()) - 0.4).abs() < 1e-12);
        assert_eq!(quantile(0.9, BUCKETS.to_vec()), 1.0);
    }

    #[test]
    fn what_is_no_histogram_has_no_quantile() {
        assert!(quantile(0.5, BUCKETS.get(..3).unwrap().to_vec()).is_nan());
        assert!(quantile(0.5, vec![(f64::INFINITY, 5.0)]).is_nan());
        assert!(quantile(0.5, vec![(1.0, 0.0), (f64::INFINITY, 0.0)]).is_nan());
        assert_eq!(quantile(-0.1, BUCKETS.to_vec()), f64::NEG_INFINITY);
        assert_eq!(quantile(1.1, BUCKETS.to_vec()), f64::INFINITY);
        assert!(quantile(f64::NAN, BUCKETS.to_vec()).is_nan());
    }

    #[test]
    fn a_bucket_below_the_one_before_is_lifted() {
        let odd = vec![(1.0, 4.0), (2.0, 3.0), (3.0, 8.0), (f64::INFINITY, 8.0)];
        assert!((quantile(0.75, odd) - 2.5).abs() < 1e-12);
    }
}
