//! The time that KPIs are computed over, and the weeks in it.

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

/// A week in seconds.
const WEEK: f64 = 7.0 * 24.0 * 3_600.0;
/// Longer windows are not cut into weeks: a hundred years of them.
const MOST_WEEKS: f64 = 5_218.0;

/// Why there is no such window.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WindowError {
    /// Its end is not after its beginning.
    #[error("the window [{from}, {to}) is empty: its end must be after its beginning")]
    Empty {
        /// The beginning.
        from: Timestamp,
        /// The end.
        to: Timestamp,
    },
    /// A day whose midnight cannot be told in the time zone.
    #[error("the day {day} has no beginning that can be stored in that time zone")]
    Day {
        /// The day.
        day: Date,
    },
}

/// A half-open interval of time [from, to), never empty, and what is counted in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    from: Timestamp,
    to: Timestamp,
    timezone: TimeZone,
    environment: Option<String>,
}

impl Window {
    /// A window over production in a time zone (the project's own; it decides where weeks begin).
    ///
    /// # Errors
    /// [`WindowError::Empty`] where `to` is not after `from`.
    pub fn new(from: Timestamp, to: Timestamp, timezone: TimeZone) -> Result<Self, WindowError> {
        if from >= to {
            return Err(WindowError::Empty { from, to });
        }
        Ok(Self { from, to, timezone, environment: None })
    }

    /// A window from the beginning of a day to the beginning of another, which is no longer part of it.
    ///
    /// # Errors
    /// [`WindowError::Empty`] where `to` is not after `from`, [`WindowError::Day`] at the ends of the calendar.
    pub fn of_days(from: Date, to: Date, timezone: TimeZone) -> Result<Self, WindowError> {
        let begins = |day| beginning(day, &timezone).ok_or(WindowError::Day { day });
        Self::new(begins(from)?, begins(to)?, timezone)
    }

    /// The same over exactly one environment, production or not; none means everything that is production.
    #[must_use]
    pub fn in_environment(self, environment: Option<String>) -> Self {
        Self { environment, ..self }
    }

    /// The first instant in it.
    pub fn from(&self) -> Timestamp {
        self.from
    }

    /// The first instant after it.
    pub fn to(&self) -> Timestamp {
        self.to
    }

    /// Where its weeks begin.
    pub fn timezone(&self) -> &TimeZone {
        &self.timezone
    }

    /// The environment it is about; none for production.
    pub fn environment(&self) -> Option<&str> {
        self.environment.as_deref()
    }

    /// Whether an instant is in it.
    pub fn contains(&self, instant: Timestamp) -> bool {
        self.from <= instant && instant < self.to
    }

    /// Its length in weeks: its exact duration over seven times 24 hours. Always above zero.
    pub fn weeks_elapsed(&self) -> f64 {
        self.to.duration_since(self.from).as_secs_f64() / WEEK
    }

    /// The ISO weeks that it touches, in order, without counts. Empty for windows of more than a hundred years.
    pub(crate) fn weeks(&self) -> Vec<Week> {
        let mut weeks = Vec::new();
        if self.weeks_elapsed() > MOST_WEEKS {
            return weeks;
        }
        let mut monday = Some(monday_of(self.from, &self.timezone));
        while let Some(day) = monday {
            monday = day.checked_add(7.days()).ok();
            let (Some(from), Some(to)) =
                (beginning(day, &self.timezone), monday.and_then(|next| beginning(next, &self.timezone)))
            else {
                break;
            };
            if from >= self.to {
                break;
            }
            let partial = from < self.from || to > self.to;
            weeks.push(Week { week: IsoWeek::of_day(day), from, to, partial, success: 0, failure: 0 });
        }
        weeks
    }
}

/// A week's name: its year and number, after ISO 8601.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct IsoWeek {
    /// The year that the week belongs to, which near New Year is not always the day's.
    pub year: i16,
    /// 1 to 53.
    pub number: i8,
}

impl IsoWeek {
    /// The week that an instant is in, in a time zone.
    pub fn of(instant: Timestamp, timezone: &TimeZone) -> Self {
        Self::of_day(timezone.to_datetime(instant).date())
    }

    fn of_day(day: Date) -> Self {
        let date = day.iso_week_date();
        Self { year: date.year(), number: date.week() }
    }
}

impl std::fmt::Display for IsoWeek {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:04}-W{:02}", self.year, self.number)
    }
}

/// What finished in one week of a window. Weeks in which nothing did are there too, as zeros.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Week {
    /// Its name.
    pub week: IsoWeek,
    /// Its first instant, be it in the window or before it.
    pub from: Timestamp,
    /// The first instant after it, be it in the window or after it.
    pub to: Timestamp,
    /// Whether a part of it lies outside the window. Such weeks are left out of weekly medians.
    pub partial: bool,
    /// Successful attempts that finished in it and in the window.
    pub success: u64,
    /// Failed ones.
    pub failure: u64,
}

fn monday_of(instant: Timestamp, timezone: &TimeZone) -> Date {
    let day = timezone.to_datetime(instant).date();
    let back = i64::from(day.weekday().since(Weekday::Monday));
    day.checked_sub(back.days()).unwrap_or(day)
}

/// The first instant of a day; where clocks skip midnight, the first that there is.
fn beginning(day: Date, timezone: &TimeZone) -> Option<Timestamp> {
    day.to_zoned(timezone.clone()).ok().map(|zoned| zoned.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn zone(name: &str) -> TimeZone {
        TimeZone::get(name).unwrap()
    }

    #[test]
    fn an_empty_window_is_refused() {
        let noon = at("2025-01-01T12:00:00Z");
        assert_eq!(Window::new(noon, noon, TimeZone::UTC), Err(WindowError::Empty { from: noon, to: noon }));
        assert!(Window::of_days(Date::MIN, Date::MAX, zone("Asia/Tokyo")).is_err());
    }

    #[test]
    fn days_begin_where_the_zone_says() {
        let day = |text: &str| text.parse::<Date>().unwrap();
        let window = Window::of_days(day("2025-03-29"), day("2025-04-01"), zone("Europe/Paris")).unwrap();
        assert_eq!(window.from(), at("2025-03-28T23:00:00Z"));
        assert_eq!(window.to(), at("2025-03-31T22:00:00Z"));
        assert!(window.contains(window.from()) && !window.contains(window.to()));
        // Three days of which one has 23 hours.
        assert!((window.weeks_elapsed() - 71.0 / 168.0).abs() < 1e-12);
    }

    #[test]
    fn weeks_follow_the_zone_and_tell_which_are_cut() {
        // From a Wednesday to a Tuesday.
        let window =
            Window::new(at("2024-12-25T00:00:00Z"), at("2025-01-14T00:00:00Z"), TimeZone::UTC).unwrap();
        let weeks = window.weeks();
        let names: Vec<(String, bool)> =
            weeks.iter().map(|week| (week.week.to_string(), week.partial)).collect();
        let wanted = [("2024-W52", true), ("2025-W01", false), ("2025-W02", false), ("2025-W03", true)];
        assert_eq!(names, wanted.map(|(name, partial)| (name.to_owned(), partial)));
        assert!(weeks.windows(2).all(|pair| pair[0].to == pair[1].from));
    }

    #[test]
    fn weeks_of_a_whole_window_are_whole() {
        let window = Window::of_days(
            "2025-03-24".parse().unwrap(),
            "2025-04-07".parse().unwrap(),
            zone("Europe/Berlin"),
        )
        .unwrap();
        let weeks = window.weeks();
        assert_eq!(weeks.len(), 2);
        assert!(weeks.iter().all(|week| !week.partial));
        assert_eq!(weeks[0].to.duration_since(weeks[0].from).as_hours(), 7 * 24 - 1);
    }

    #[test]
    fn the_calendars_ends_and_endless_windows_do_no_harm() {
        let whole = Window::new(Timestamp::MIN, Timestamp::MAX, zone("Europe/Paris")).unwrap();
        assert!(whole.weeks().is_empty());
        let last = at("9999-12-20T00:00:00Z");
        let window = Window::new(last, Timestamp::MAX, zone("Asia/Tokyo")).unwrap();
        assert!(window.weeks().len() <= 2);
        let first =
            Window::new(Timestamp::MIN, Timestamp::MIN + 30.hours(), zone("America/New_York")).unwrap();
        assert!(first.weeks().len() <= 2);
    }
}
