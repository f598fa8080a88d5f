//! Where DORA's survey would put a value. DORA stopped naming performance levels in 2025; the answers of its survey
//! remain (<https://dora.dev/research/>).

const HOUR: f64 = 3_600.0;
const DAY: f64 = 24.0 * HOUR;
const WEEK: f64 = 7.0 * DAY;
/// A twelfth of 365.25 days.
const MONTH: f64 = 30.437_5 * DAY;

/// Upper bounds of durations, in seconds; each band excludes its own.
const DURATIONS: [(f64, &str); 6] = [
    (HOUR, "under_hour"),
    (DAY, "under_day"),
    (WEEK, "day_to_week"),
    (MONTH, "week_to_month"),
    (6.0 * MONTH, "month_to_half_year"),
    (f64::INFINITY, "over_half_year"),
];

/// Lower bounds of frequencies, in deployments a week; each band includes its own.
const FREQUENCIES: [(f64, &str); 6] = [
    (WEEK / HOUR, "on_demand"),
    (WEEK / DAY, "hourly_to_daily"),
    (1.0, "daily_to_weekly"),
    (WEEK / MONTH, "weekly_to_monthly"),
    (WEEK / (6.0 * MONTH), "monthly_to_half_yearly"),
    (0.0, "under_half_yearly"),
];

/// The band of a duration in seconds, where its whole interval lies within one.
pub(crate) fn duration(interval: Option<(f64, f64)>) -> Option<&'static str> {
    one(interval, |seconds| DURATIONS.iter().find(|(bound, _)| seconds < *bound).map(|(_, name)| *name))
}

/// The band of a frequency in deployments a week, where its whole interval lies within one.
pub(crate) fn frequency(interval: Option<(f64, f64)>) -> Option<&'static str> {
    one(interval, |weekly| FREQUENCIES.iter().find(|(bound, _)| weekly >= *bound).map(|(_, name)| *name))
}

fn one(interval: Option<(f64, f64)>, band: impl Fn(f64) -> Option<&'static str>) -> Option<&'static str> {
    let (low, high) = interval?;
    band(low).filter(|name| band(high) == Some(*name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_a_band_only_where_the_interval_fits() {
        assert_eq!(duration(None), None);
        assert_eq!(duration(Some((60.0, 3_599.0))), Some("under_hour"));
        assert_eq!(duration(Some((60.0, 3_600.0))), None);
        assert_eq!(duration(Some((3_600.0, 80_000.0))), Some("under_day"));
        assert_eq!(duration(Some((86_400.0, 600_000.0))), Some("day_to_week"));
        assert_eq!(duration(Some((700_000.0, 2_000_000.0))), Some("week_to_month"));
        assert_eq!(duration(Some((3_000_000.0, 15_000_000.0))), Some("month_to_half_year"));
        assert_eq!(duration(Some((16_000_000.0, 99_000_000.0))), Some("over_half_year"));
    }

    #[test]
    fn frequencies_have_a_band_only_where_the_interval_fits() {
        assert_eq!(frequency(Some((0.0, 0.61))), None);
        assert_eq!(frequency(Some((1.03, 3.49))), Some("daily_to_weekly"));
        assert_eq!(frequency(Some((7.0, 20.0))), Some("hourly_to_daily"));
        assert_eq!(frequency(Some((0.3, 0.9))), Some("weekly_to_monthly"));
        assert_eq!(frequency(Some((0.05, 0.2))), Some("monthly_to_half_yearly"));
        assert_eq!(frequency(Some((0.0, 0.03))), Some("under_half_yearly"));
        assert_eq!(frequency(Some((200.0, 300.0))), Some("on_demand"));
    }
}
