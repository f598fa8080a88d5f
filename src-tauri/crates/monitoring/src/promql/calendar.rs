//! Parts of a date, in UTC.

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// The function that takes a part of the date from seconds since 1970.
pub(super) fn part(name: &str) -> Option<fn(f64) -> f64> {
    Some(match name {
        "year" => |v| date(v, |d| f64::from(d.year())),
        "month" => |v| date(v, |d| f64::from(d.month())),
        "day_of_month" => |v| date(v, |d| f64::from(d.day())),
        "day_of_week" => |v| date(v, |d| f64::from(d.weekday().to_sunday_zero_offset())),
        "day_of_year" => |v| date(v, |d| f64::from(d.day_of_year())),
        "days_in_month" => |v| date(v, |d| f64::from(d.days_in_month())),
        "hour" => |v| date(v, |d| f64::from(d.hour())),
        "minute" => |v| date(v, |d| f64::from(d.minute())),
        _ => return None,
    })
}

fn date(seconds: f64, part: fn(jiff::Zoned) -> f64) -> f64 {
    #[expect(clippy::cast_possible_truncation, reason = "saturates, and what is out of range is refused")]
    let whole = seconds as i64;
    match Timestamp::from_second(whole) {
        Ok(time) if !seconds.is_nan() => part(time.to_zoned(TimeZone::UTC)),
        _ => f64::NAN,
    }
}
