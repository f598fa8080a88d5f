//! How fast a counter grows: rate(), increase() and delta(), extrapolated to the window's edges as Prometheus does
//! (`extrapolatedRate` in its `promql/functions.go`).

/// A gap to the window's edge of up to this many mean spacings is bridged.
const BRIDGED: f64 = 1.1;

/// Samples of a window, and the window.
#[derive(Debug, Clone, Copy)]
pub(super) struct Window<'a> {
    pub(super) times: &'a [i64],
    pub(super) values: &'a [f64],
    /// Samples behind each value, where they are not one each.
    pub(super) counts: Option<&'a [f64]>,
    /// Time before its first millisecond.
    pub(super) start: i64,
    /// Its last millisecond.
    pub(super) end: i64,
    /// When it is evaluated: the same, unless an offset moved the window.
    pub(super) now: i64,
}

#[expect(clippy::cast_precision_loss, reason = "differences of times are small")]
pub(super) fn seconds(milliseconds: i64) -> f64 {
    milliseconds as f64 / 1000.0
}

/// How much the values changed over the whole window. A counter's drops are starts from zero.
pub(super) fn change(window: Window, counter: bool) -> Option<f64> {
    let [first_at, .., last_at] = window.times else { return None };
    let [first, .., last] = window.values else { return None };
    let mut change = last - first;
    if counter {
        let pairs = window.values.iter().zip(window.values.iter().skip(1));
        change += pairs.filter(|(before, after)| after < before).map(|(before, _)| before).sum::<f64>();
    }
    let sampled = seconds(last_at - first_at);
    #[expect(clippy::cast_precision_loss, reason = "there are fewer values than that")]
    let spacing = sampled / (window.times.len() - 1) as f64;
    let to_edge = |gap: f64| if gap >= spacing * BRIDGED { spacing / 2.0 } else { gap };
    let mut to_start = to_edge(seconds(first_at - window.start));
    // A counter is extrapolated to zero at the earliest.
    if counter && change > 0.0 && *first >= 0.0 {
        to_start = to_start.min(sampled * (first / change));
    }
    let to_end = to_edge(seconds(window.end - last_at));
    Some(change * ((sampled + to_start + to_end) / sampled))
}

/// Change a second over the window.
pub(super) fn rate(window: Window) -> Option<f64> {
    Some(change(window, true)? / seconds(window.end - window.start))
}

/// Change between the last two samples, a second for a counter.
pub(super) fn instant(window: Window, counter: bool) -> Option<f64> {
    let [.., before_at, last_at] = window.times else { return None };
    let [.., before, last] = window.values else { return None };
    if !counter {
        return Some(last - before);
    }
    let change = if last < before { *last } else { last - before };
    (last_at != before_at).then(|| change / seconds(last_at - before_at))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The facts' check: [0, 60] with (5,100), (20,110), (35,5), (50,15).
    #[test]
    fn a_reset_is_made_good_and_the_edges_are_extrapolated() {
        let window = Window {
            times: &[5_000, 20_000, 35_000, 50_000],
            values: &[100.0, 110.0, 5.0, 15.0],
            counts: None,
            start: 0,
            end: 60_000,
            now: 60_000,
        };
        assert!((change(window, true).unwrap() - 33.333_333_333).abs() < 1e-8);
        assert!((rate(window).unwrap() - 0.555_555_555).abs() < 1e-8);
    }

    #[test]
    fn a_young_counter_is_not_extrapolated_below_zero() {
        let window = Window {
            times: &[10_000, 20_000],
            values: &[1.0, 11.0],
            counts: None,
            start: 0,
            end: 20_000,
            now: 20_000,
        };
        // A second before the first sample it was zero.
        assert!((change(window, true).unwrap() - 11.0).abs() < 1e-12);
        assert!((change(window, false).unwrap() - 20.0).abs() < 1e-12);
    }

    #[test]
    fn one_sample_has_no_rate() {
        let window = Window { times: &[1], values: &[1.0], counts: None, start: 0, end: 10, now: 10 };
        assert_eq!(rate(window), None);
        assert_eq!(instant(window, true), None);
    }
}
