//! Round ticks: counts, durations on a logarithmic axis, and times in the project's zone.

use super::Language;
use super::days::{clock, day, day_of_year, month};
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

/// Two to four ticks from 0 to at least `max`, all multiples of 1, 2, 3 or 5 times a power of ten.
pub(super) fn counts(max: u32) -> Vec<u64> {
    let max = u64::from(max.max(1));
    let steps = (0..10).flat_map(|power| [1, 2, 3, 5].map(|m| m * 10_u64.pow(power)));
    let step = steps.into_iter().find(|step| max.div_ceil(*step) <= 3).unwrap_or(max);
    (0..=max.div_ceil(step)).map(|i| i * step).collect()
}

const SECOND: f64 = 1.0;
const MINUTE: f64 = 60.0;
const HOUR: f64 = 3600.0;
const DAY: f64 = 86_400.0;

/// Durations people say, seconds, from coarse to fine; the first that gives three ticks is taken.
const SAID: [&[f64]; 3] = [
    &[
        0.001,
        0.01,
        0.1,
        SECOND,
        6.0,
        MINUTE,
        600.0,
        HOUR,
        DAY,
        10.0 * DAY,
        100.0 * DAY,
        1000.0 * DAY,
        10_000.0 * DAY,
        100_000.0 * DAY,
    ],
    &[
        0.001,
        0.002,
        0.005,
        0.01,
        0.02,
        0.05,
        0.1,
        0.2,
        0.5,
        1.0,
        2.0,
        5.0,
        10.0,
        30.0,
        MINUTE,
        120.0,
        300.0,
        600.0,
        1800.0,
        HOUR,
        7200.0,
        21_600.0,
        43_200.0,
        DAY,
        2.0 * DAY,
        7.0 * DAY,
        14.0 * DAY,
        30.0 * DAY,
        90.0 * DAY,
        365.0 * DAY,
        1000.0 * DAY,
        2000.0 * DAY,
        5000.0 * DAY,
        10_000.0 * DAY,
        20_000.0 * DAY,
        50_000.0 * DAY,
    ],
    &[
        0.001,
        0.0015,
        0.002,
        0.003,
        0.004,
        0.006,
        0.008,
        0.01,
        0.015,
        0.02,
        0.03,
        0.04,
        0.06,
        0.08,
        0.1,
        0.15,
        0.2,
        0.3,
        0.4,
        0.6,
        0.8,
        1.0,
        2.0,
        3.0,
        4.0,
        6.0,
        8.0,
        12.0,
        20.0,
        30.0,
        40.0,
        MINUTE,
        120.0,
        180.0,
        240.0,
        360.0,
        480.0,
        720.0,
        1200.0,
        1800.0,
        2400.0,
        HOUR,
        7200.0,
        10_800.0,
        14_400.0,
        21_600.0,
        43_200.0,
        DAY,
        2.0 * DAY,
        3.0 * DAY,
        4.0 * DAY,
        6.0 * DAY,
        8.0 * DAY,
        12.0 * DAY,
        20.0 * DAY,
        30.0 * DAY,
        60.0 * DAY,
        90.0 * DAY,
        180.0 * DAY,
        365.0 * DAY,
        730.0 * DAY,
        1000.0 * DAY,
        1500.0 * DAY,
        2000.0 * DAY,
        3000.0 * DAY,
        5000.0 * DAY,
        10_000.0 * DAY,
        15_000.0 * DAY,
        20_000.0 * DAY,
        30_000.0 * DAY,
        50_000.0 * DAY,
    ],
];

/// Two to four durations between `low` and `high` seconds; fewer where the range is out of all measure.
pub(super) fn durations(low: f64, high: f64) -> Vec<f64> {
    let mut best = Vec::new();
    for said in SAID {
        let within: Vec<f64> = said.iter().copied().filter(|s| (low..=high).contains(s)).collect();
        // Every second, third … of a list that has more than four.
        let stride = within.len().div_ceil(4).max(1);
        let thinned: Vec<f64> = within.into_iter().step_by(stride).collect();
        if thinned.len() > best.len() {
            best = thinned;
        }
        if best.len() >= 3 {
            break;
        }
    }
    best
}

/// A tick of a time axis.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Tick {
    pub(super) at: Timestamp,
    pub(super) text: String,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Step {
    Minutes(i64),
    Days(i64),
    Weeks(i64),
    Months(i64),
    Years(i64),
}

const STEPS: [Step; 29] = [
    Step::Minutes(1),
    Step::Minutes(2),
    Step::Minutes(5),
    Step::Minutes(10),
    Step::Minutes(15),
    Step::Minutes(30),
    Step::Minutes(60),
    Step::Minutes(120),
    Step::Minutes(180),
    Step::Minutes(360),
    Step::Minutes(720),
    Step::Days(1),
    Step::Days(2),
    Step::Weeks(1),
    Step::Weeks(2),
    Step::Months(1),
    Step::Months(2),
    Step::Months(3),
    Step::Months(6),
    Step::Years(1),
    Step::Years(2),
    Step::Years(5),
    Step::Years(10),
    Step::Years(20),
    Step::Years(50),
    Step::Years(100),
    Step::Years(500),
    Step::Years(1000),
    Step::Years(5000),
];

/// More than this many ticks are not worth laying out.
const MOST_TIMES: f64 = 12.0;

impl Step {
    /// About.
    fn seconds(self) -> f64 {
        match self {
            Self::Minutes(n) => n as f64 * MINUTE,
            Self::Days(n) => n as f64 * DAY,
            Self::Weeks(n) => n as f64 * 7.0 * DAY,
            Self::Months(n) => n as f64 * 30.44 * DAY,
            Self::Years(n) => n as f64 * 365.25 * DAY,
        }
    }

    fn span(self) -> Option<Span> {
        let zero = Span::new();
        match self {
            Self::Minutes(n) => zero.try_minutes(n),
            Self::Days(n) => zero.try_days(n),
            Self::Weeks(n) => zero.try_weeks(n),
            Self::Months(n) => zero.try_months(n),
            Self::Years(n) => zero.try_years(n),
        }
        .ok()
    }

    /// The last round time at or before `at`.
    fn floor(self, at: DateTime) -> Option<DateTime> {
        let day = at.date();
        let back = |days: i64| day.checked_sub(Span::new().try_days(days).ok()?).ok();
        let midnight = |date: Date| date.to_datetime(Time::midnight());
        let epoch_day = day.duration_since(Date::new(1970, 1, 1).ok()?).as_secs().div_euclid(86_400);
        match self {
            Self::Minutes(n) => {
                let minutes = i64::from(at.hour()) * 60 + i64::from(at.minute());
                midnight(day).checked_add(Span::new().try_minutes(minutes - minutes % n).ok()?).ok()
            }
            Self::Days(n) => back(epoch_day.rem_euclid(n)).map(midnight),
            // 1970-01-05 was a Monday.
            Self::Weeks(n) => back((epoch_day - 4).rem_euclid(7 * n)).map(midnight),
            Self::Months(n) => {
                let month = i64::from(day.month()) - (i64::from(day.month()) - 1).rem_euclid(n);
                Date::new(day.year(), i8::try_from(month).ok()?, 1).ok().map(midnight)
            }
            Self::Years(n) => {
                let year = i64::from(day.year()) - i64::from(day.year()).rem_euclid(n);
                Date::new(i16::try_from(year).ok()?, 1, 1).ok().map(midnight)
            }
        }
    }

    /// Names a tick, with the day, month or year where that is new since the last one.
    fn text(self, at: DateTime, last: Option<Date>, years: bool, language: Language) -> String {
        let date = at.date();
        let new_year = last.is_none_or(|l| l.year() != date.year());
        let new_month = new_year || last.is_none_or(|l| l.month() != date.month());
        match self {
            Self::Minutes(_) if last == Some(date) => clock(at.time()),
            Self::Minutes(_) if at.time() == Time::midnight() && last.is_some() => day(date, language),
            Self::Minutes(_) => format!("{}\u{a0}{}", day(date, language), clock(at.time())),
            Self::Days(_) | Self::Weeks(_) if new_year && years => day_of_year(date, language),
            Self::Days(_) | Self::Weeks(_) if new_month => day(date, language),
            Self::Days(_) | Self::Weeks(_) => date.day().to_string(),
            Self::Months(_) if new_year => format!("{}\u{a0}{}", month(date, language), date.year()),
            Self::Months(_) => month(date, language).to_owned(),
            Self::Years(_) => date.year().to_string(),
        }
    }
}

/// The finest round ticks from `from` to `to` that are at most `calm` and whose labels fit, as `fits` says; rather more
/// than `calm` than a single one. None if not even one fits.
pub(super) fn times(
    (from, to): (Timestamp, Timestamp),
    zone: &TimeZone,
    language: Language,
    calm: usize,
    mut fits: impl FnMut(&[Tick]) -> bool,
) -> Vec<Tick> {
    let span = to.duration_since(from).as_secs_f64();
    let mut best = Vec::new();
    for step in STEPS.into_iter().filter(|step| span / step.seconds() <= MOST_TIMES) {
        let next = ticks(step, (from, to), zone, language);
        let enough = if best.is_empty() { 1 } else { 2 };
        if next.len() >= enough && fits(&next) {
            best = next;
        }
        if (1..=calm).contains(&best.len()) {
            break;
        }
    }
    best
}

fn ticks(step: Step, (from, to): (Timestamp, Timestamp), zone: &TimeZone, language: Language) -> Vec<Tick> {
    let (start, end) = (zone.to_datetime(from), zone.to_datetime(to));
    let years = start.year() != end.year();
    let mut ticks: Vec<Tick> = Vec::new();
    let mut last = None;
    // Before the first day that can be written there is no round one.
    let mut next = step.floor(start).or_else(|| step.floor(start.checked_add(step.span()?).ok()?));
    while let Some(civil) = next.filter(|civil| *civil <= end) {
        // A time that a clock change skips is told by the one it became, so that the label is what a clock showed.
        if let Ok(at) = zone.to_timestamp(civil)
            && (from..=to).contains(&at)
            && ticks.last().is_none_or(|tick| tick.at < at)
        {
            let shown = zone.to_datetime(at);
            ticks.push(Tick { at, text: step.text(shown, last, years, language) });
            last = Some(shown.date());
        }
        next = step.span().and_then(|span| civil.checked_add(span).ok());
    }
    ticks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_round_and_few() {
        let cases: [(u32, &[u64]); 8] = [
            (0, &[0, 1]),
            (1, &[0, 1]),
            (3, &[0, 1, 2, 3]),
            (5, &[0, 2, 4, 6]),
            (8, &[0, 3, 6, 9]),
            (12, &[0, 5, 10, 15]),
            (100, &[0, 50, 100]),
            (u32::MAX, &[0, 2_000_000_000, 4_000_000_000, 6_000_000_000]),
        ];
        for (max, expected) in cases {
            assert_eq!(counts(max), expected, "{max}");
        }
    }

    #[test]
    fn durations_are_said_by_people() {
        assert_eq!(durations(4.5, 2400.0), [6.0, 60.0, 600.0]);
        assert_eq!(durations(180.0, 720.0), [180.0, 360.0, 720.0]);
        for (low, high) in [(0.001, 1e10), (0.5, 2.0), (50.0, 90.0 * DAY), (1.0, 4.0), (1e8, 3e9)] {
            let ticks = durations(low, high);
            assert!((2..=4).contains(&ticks.len()), "{low} to {high}: {ticks:?}");
            assert!(ticks.is_sorted() && ticks.iter().all(|t| (low..=high).contains(t)));
        }
    }

    fn labels(from: &str, to: &str, zone: &str, most: usize) -> Vec<String> {
        let zone = TimeZone::get(zone).unwrap();
        let range = (from.parse().unwrap(), to.parse().unwrap());
        let ticks = times(range, &zone, Language::En, most, |ticks| ticks.len() <= 9);
        ticks.into_iter().map(|tick| tick.text.replace('\u{a0}', " ")).collect()
    }

    #[test]
    fn times_are_round_in_the_projects_zone() {
        assert_eq!(
            labels("2025-11-01T12:00:00Z", "2025-11-19T12:00:00Z", "Europe/Paris", 6),
            ["3 Nov", "10", "17"]
        );
        assert_eq!(
            labels("2025-11-13T13:02:00Z", "2025-11-13T13:14:00Z", "Europe/Paris", 4),
            ["13 Nov 14:05", "14:10"]
        );
        assert_eq!(
            labels("2025-11-13T20:00:00Z", "2025-11-14T05:00:00Z", "Europe/Paris", 4),
            ["13 Nov 21:00", "14 Nov", "03:00", "06:00"]
        );
        assert_eq!(
            labels("2025-11-20T00:00:00Z", "2026-02-10T00:00:00Z", "UTC", 4),
            ["Dec 2025", "Jan 2026", "Feb"]
        );
        assert_eq!(labels("2020-01-01T00:00:00Z", "2025-06-01T00:00:00Z", "UTC", 6).len(), 6);
        // One Monday alone would tell nothing about the scale.
        assert_eq!(
            labels("2025-11-04T12:00:00Z", "2025-11-14T12:00:00Z", "UTC", 3),
            ["6 Nov", "8", "10", "12", "14"]
        );
    }

    #[test]
    fn a_clock_change_neither_repeats_nor_invents_an_hour() {
        let spring = labels("2025-03-30T00:00:00Z", "2025-03-30T04:00:00Z", "Europe/Paris", 8);
        assert!(!spring.iter().any(|label| label.contains("02:")), "{spring:?}");
        let autumn = labels("2025-10-26T00:00:00Z", "2025-10-26T04:00:00Z", "Europe/Paris", 12);
        let mut distinct = autumn.clone();
        distinct.dedup();
        assert_eq!(autumn, distinct);
    }

    #[test]
    fn the_ends_of_time_are_no_trouble() {
        for zone in [TimeZone::UTC, TimeZone::get("Pacific/Auckland").unwrap()] {
            let ticks = times((Timestamp::MIN, Timestamp::MAX), &zone, Language::Fr, 6, |_| true);
            assert!(ticks.len() >= 2, "{ticks:?}");
            times((Timestamp::MAX, Timestamp::MAX), &zone, Language::Fr, 6, |_| true);
        }
    }
}
