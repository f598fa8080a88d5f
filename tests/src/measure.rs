//! Figures of benches: medians with their range, and ratios pair by pair, because a machine's speed drifts.

use std::time::Duration;

/// Median and range in milliseconds.
pub fn milliseconds(times: &[Duration]) -> String {
    let ms: Vec<f64> = times.iter().map(|time| time.as_secs_f64() * 1e3).collect();
    spread(ms, 1, " ms")
}

/// Ratio of two series, pair by pair: median and range.
pub fn compare(these: &[Duration], those: &[Duration]) -> String {
    let ratios = these.iter().zip(those).map(|(a, b)| a.as_secs_f64() / b.as_secs_f64()).collect();
    spread(ratios, 2, "")
}

/// Median and range of figures.
pub fn spread(mut figures: Vec<f64>, digits: usize, unit: &str) -> String {
    figures.sort_by(f64::total_cmp);
    let (Some(first), Some(last)) = (figures.first(), figures.last()) else { return "no data".to_owned() };
    let median = figures[figures.len() / 2];
    format!("{median:.digits$}{unit} [{first:.digits$}..{last:.digits$}]")
}
