//! Sums that keep their small parts, and quantiles.

/// A sum after Kahan and Neumaier: adding many numbers loses nothing but the last bit.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sum {
    sum: f64,
    lost: f64,
}

impl Sum {
    pub(super) fn add(&mut self, value: f64) {
        let sum = self.sum + value;
        if sum.is_infinite() {
            self.lost = 0.0;
        } else if self.sum.abs() >= value.abs() {
            self.lost += (self.sum - sum) + value;
        } else {
            self.lost += (value - sum) + self.sum;
        }
        self.sum = sum;
    }

    pub(super) fn value(self) -> f64 {
        if self.sum.is_infinite() { self.sum } else { self.sum + self.lost }
    }
}

pub(super) fn sum(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut sum = Sum::default();
    values.into_iter().for_each(|v| sum.add(v));
    sum.value()
}

/// Mean of values; also where their sum is too large for a number.
pub(super) fn mean(values: impl IntoIterator<Item = f64> + Clone) -> f64 {
    let n = count(values.clone());
    let total = sum(values.clone());
    if total.is_infinite() && values.clone().into_iter().all(f64::is_finite) {
        return sum(values.into_iter().map(|v| v / n));
    }
    total / n
}

#[expect(clippy::cast_precision_loss, reason = "there are fewer values than that")]
pub(super) fn count(values: impl IntoIterator<Item = f64>) -> f64 {
    values.into_iter().count() as f64
}

/// Mean of the squared distances from the mean (Welford).
pub(super) fn variance(values: impl IntoIterator<Item = f64>) -> f64 {
    let (mut n, mut mean, mut squares) = (0.0, Sum::default(), Sum::default());
    for value in values {
        n += 1.0;
        let delta = value - mean.value();
        mean.add(delta / n);
        squares.add(delta * (value - mean.value()));
    }
    squares.value() / n
}

/// The least or the greatest; NaN only where there is nothing else.
pub(super) fn extreme(values: impl IntoIterator<Item = f64>, better: fn(f64, f64) -> bool) -> f64 {
    let best = |best: f64, value: f64| if better(value, best) || best.is_nan() { value } else { best };
    values.into_iter().fold(f64::NAN, best)
}

/// Quantile `q` of values, between its neighbours where it falls between two.
pub(super) fn quantile(q: f64, values: &mut [f64]) -> f64 {
    if values.is_empty() || q.is_nan() {
        return f64::NAN;
    }
    if q < 0.0 {
        return f64::NEG_INFINITY;
    }
    if q > 1.0 {
        return f64::INFINITY;
    }
    values.sort_by(|a, b| match (a.is_nan(), b.is_nan()) {
        (true, true) => std::cmp::Ordering::Equal,
        (true, false) => std::cmp::Ordering::Less,
        (false, true) => std::cmp::Ordering::Greater,
        _ => a.total_cmp(b),
    });
    let last = values.len() - 1;
    #[expect(clippy::cast_precision_loss, reason = "there are fewer values than that")]
    let rank = q * last as f64;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and the length")]
    let lower = (rank.floor() as usize).min(last);
    let weight = rank - rank.floor();
    let at = |index: usize| values.get(index.min(last)).copied().unwrap_or(f64::NAN);
    at(lower) * (1.0 - weight) + at(lower + 1) * weight
}

/// Slope a second and value at `origin` of the straight line through points (least squares).
pub(super) fn line(times: &[i64], values: &[f64], origin: i64) -> (f64, f64) {
    let Some(first) = values.first() else { return (f64::NAN, f64::NAN) };
    if values.iter().all(|v| v == first) {
        return if first.is_infinite() { (f64::NAN, f64::NAN) } else { (0.0, *first) };
    }
    let n = count(values.iter().copied());
    #[expect(clippy::cast_precision_loss, reason = "differences of times are small")]
    let x = || times.iter().map(|t| (t - origin) as f64 / 1000.0);
    let y = || values.iter().copied();
    let (sum_x, sum_y) = (sum(x()), sum(y()));
    let covariance = sum(x().zip(y()).map(|(x, y)| x * y)) - sum_x * sum_y / n;
    let variance = sum(x().map(|x| x * x)) - sum_x * sum_x / n;
    let slope = covariance / variance;
    (slope, sum_y / n - slope * sum_x / n)
}
