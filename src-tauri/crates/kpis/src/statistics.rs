//! Medians, and 95 % intervals that hold for small samples.

/// The normal quantile of the two-sided 95 % interval, rounded as textbooks have it.
const Z: f64 = 1.96;
/// What is left outside a 95 % interval on each side.
const TAIL: f64 = 0.025;

/// Arithmetic mean, the same to the last digit in whatever order the values come; none of nothing.
pub fn mean(values: &[f64]) -> Option<f64> {
    if values.is_empty() { None } else { Some(sorted(values).iter().sum::<f64>() / values.len() as f64) }
}

/// Median, type 7 of Hyndman and Fan (1996): of an even number the middle of the two in the middle. None of nothing.
pub fn median(values: &[f64]) -> Option<f64> {
    let sorted = sorted(values);
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => None,
        length if length % 2 == 1 => Some(sorted[middle]),
        _ => Some(f64::midpoint(sorted[middle - 1], sorted[middle])),
    }
}

/// The distribution-free 95 % interval of a median: the order statistics x(r) and x(n+1−r) with the largest r that still
/// covers 95 % under the binomial distribution (n, ½). None below n = 6, where even minimum and maximum do not.
pub fn median_interval(values: &[f64]) -> Option<(f64, f64)> {
    let rank = median_rank(values.len())?;
    let sorted = sorted(values);
    Some((sorted[rank - 1], sorted[sorted.len() - rank]))
}

/// The largest r for which x(r)..x(n+1−r) covers 95 %, counted from 1.
fn median_rank(n: usize) -> Option<usize> {
    let scale = n as f64 * std::f64::consts::LN_2;
    let (mut log_choices, mut below, mut rank) = (0.0_f64, 0.0_f64, 0);
    while rank < n {
        below += (log_choices - scale).exp();
        if below > TAIL {
            break;
        }
        log_choices += ((n - rank) as f64 / (rank + 1) as f64).ln();
        rank += 1;
    }
    (rank > 0).then_some(rank)
}

/// Wilson's 95 % score interval of a rate (Wilson 1927), z = 1.96. None of nothing.
pub fn wilson(count: u64, of: u64) -> Option<(f64, f64)> {
    if of == 0 || count > of {
        return None;
    }
    let (n, rate) = (of as f64, count as f64 / of as f64);
    let shrink = 1.0 + Z * Z / n;
    let centre = (rate + Z * Z / (2.0 * n)) / shrink;
    let half = Z / shrink * (rate * (1.0 - rate) / n + Z * Z / (4.0 * n * n)).sqrt();
    // At the ends the formula gives 0 and 1 exactly; floating point does not.
    let low = if count == 0 { 0.0 } else { (centre - half).max(0.0) };
    let high = if count == of { 1.0 } else { (centre + half).min(1.0) };
    Some((low, high))
}

/// The exact 95 % interval of the mean of a Poisson distribution of which `count` events were seen (Garwood 1936). The
/// lower bound makes `count` or more as rare as 2.5 %, the upper one `count` or fewer.
pub fn poisson_interval(count: u64) -> (f64, f64) {
    let k = count as f64;
    let low = if count == 0 { 0.0 } else { bisect(0.0, k, |mean| upper_tail(count, mean) < TAIL) };
    let beyond = k + 10.0 * (k + 1.0).sqrt() + 10.0;
    (low, bisect(k, beyond, |mean| lower_tail(count, mean) > TAIL))
}

/// Where a condition that holds at `low` and not at `high` stops to hold.
fn bisect(mut low: f64, mut high: f64, holds: impl Fn(f64) -> bool) -> f64 {
    for _ in 0..200 {
        let middle = f64::midpoint(low, high);
        if middle <= low || middle >= high {
            break;
        }
        if holds(middle) { low = middle } else { high = middle }
    }
    f64::midpoint(low, high)
}

/// P(X ≥ count) for a mean of at most `count`, where the terms only fall.
fn upper_tail(count: u64, mean: f64) -> f64 {
    let (mut term, mut sum, mut at) = (poisson(count, mean), 0.0, count as f64);
    while term > sum * f64::EPSILON {
        sum += term;
        at += 1.0;
        term *= mean / at;
    }
    sum
}

/// P(X ≤ count) for a mean of at least `count`, where the terms only fall.
fn lower_tail(count: u64, mean: f64) -> f64 {
    let (mut term, mut sum, mut at) = (poisson(count, mean), 0.0, count as f64);
    while term > sum * f64::EPSILON {
        sum += term;
        term *= at / mean;
        at -= 1.0;
    }
    sum
}

/// P(X = count).
fn poisson(count: u64, mean: f64) -> f64 {
    if mean <= 0.0 {
        return if count == 0 { 1.0 } else { 0.0 };
    }
    let k = count as f64;
    if count < 16 {
        let factorial: f64 = (1..=count).map(|factor| factor as f64).product();
        return mean.powf(k) * (-mean).exp() / factorial;
    }
    // Stirling's series, put together so that nothing large cancels.
    let series = 1.0 / (12.0 * k) - 1.0 / (360.0 * k.powi(3)) + 1.0 / (1260.0 * k.powi(5));
    (k - mean + k * (mean / k).ln() - series).exp() / (std::f64::consts::TAU * k).sqrt()
}

fn sorted(values: &[f64]) -> Vec<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(found: (f64, f64), wanted: (f64, f64), tolerance: f64) {
        assert!(
            (found.0 - wanted.0).abs() <= tolerance && (found.1 - wanted.1).abs() <= tolerance,
            "{found:?} is not {wanted:?}"
        );
    }

    #[test]
    fn medians_interpolate_and_do_not_take_the_lower_middle() {
        assert_eq!(median(&[]), None);
        assert_eq!(median(&[7.0]), Some(7.0));
        assert_eq!(median(&[4.0, 2.0]), Some(3.0));
        assert_eq!(median(&[30.0, 10.0, 1000.0, 20.0]), Some(25.0));
        assert_eq!(median(&[5.0, 1.0, 3.0]), Some(3.0));
        assert_eq!(mean(&[10.0, 20.0, 30.0, 1000.0]), Some(265.0));
        assert_eq!(mean(&[]), None);
    }

    /// Ranks as printed in the tables of nonparametric textbooks.
    #[test]
    fn ranks_of_a_medians_interval() {
        let wanted = [
            (0, None),
            (1, None),
            (5, None),
            (6, Some(1)),
            (7, Some(1)),
            (8, Some(1)),
            (9, Some(2)),
            (10, Some(2)),
            (11, Some(2)),
            (12, Some(3)),
            (14, Some(3)),
            (15, Some(4)),
            (17, Some(5)),
            (20, Some(6)),
            (25, Some(8)),
            (30, Some(10)),
            (50, Some(18)),
            (100, Some(40)),
            (1_000, Some(469)),
        ];
        for (n, rank) in wanted {
            assert_eq!(median_rank(n), rank, "n = {n}");
        }
        // Beyond where ½ to the power of n is still a number: the normal approximation, give or take one.
        let n = 100_000.0_f64;
        let approximate = n / 2.0 - Z * n.sqrt() / 2.0;
        assert!((median_rank(100_000).unwrap() as f64 - approximate).abs() < 1.5);
    }

    #[test]
    fn a_medians_interval_is_made_of_its_own_values() {
        let values: Vec<f64> = (1..=12).rev().map(f64::from).collect();
        assert_eq!(median_interval(&values), Some((3.0, 10.0)));
        assert_eq!(median_interval(&values[..5]), None);
        assert_eq!(median_interval(&values[..6]), Some((7.0, 12.0)));
    }

    #[test]
    fn wilson_intervals() {
        assert_eq!(wilson(0, 0), None);
        assert_eq!(wilson(2, 1), None);
        near(wilson(2, 3).unwrap(), (0.2077, 0.9385), 5e-5);
        near(wilson(1, 2).unwrap(), (0.0945, 0.9055), 5e-5);
        near(wilson(1, 3).unwrap(), (0.0615, 0.7923), 5e-5);
        near(wilson(2, 2).unwrap(), (0.3424, 1.0), 5e-5);
        assert_eq!(wilson(2, 2).unwrap().1, 1.0);
        assert_eq!(wilson(0, 7).unwrap().0, 0.0);
        // Wilson's own worked size: 15 of 50.
        near(wilson(15, 50).unwrap(), (0.1910, 0.4375), 5e-5);
    }

    /// Garwood's intervals, worked out apart from this code by summing the distribution with 50 digits.
    #[test]
    fn poisson_intervals() {
        let wanted = [
            (0, (0.0, 3.688_879_454)),
            (1, (0.025_317_808, 5.571_643_391)),
            (2, (0.242_209_279, 7.224_687_668)),
            (5, (1.623_486_390, 11.668_332_079)),
            (10, (4.795_388_696, 18.390_356_042)),
            (12, (6.200_575_109, 20.961_585_048)),
            (15, (8.395_386_133, 24.740_218_871)),
            (16, (9.145_382_454, 25.982_997_598)),
            (20, (12.216_519_585, 30.888_377_903)),
            (100, (81.363_991_251, 121.626_793_792)),
            (1_000, (938.973_018_408, 1_063.952_136_016)),
        ];
        for (count, interval) in wanted {
            near(poisson_interval(count), interval, 1e-7);
        }
        // So many that the normal approximation does: n ± 1.96 √n, and about 2 for the skew.
        near(poisson_interval(1_000_000), (998_040.0, 1_001_960.0), 3.0);
    }

    #[test]
    fn the_two_forms_of_the_poisson_distribution_meet() {
        for mean in [3.0, 15.0, 16.0, 40.0] {
            let stepped = poisson(15, mean) * mean / 16.0;
            let direct = poisson(16, mean);
            assert!((stepped / direct - 1.0).abs() < 1e-9, "{mean}");
        }
    }
}
