//! Dates as people write them in plans, in French and in English.
//!
//! [`find`] reads; [`Written::at_year`] gives days once the year is known. The two are apart because a plan
//! may leave years out, and only its other deadlines tell them.

mod scan;
mod tokens;

use std::ops::Range;

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};

pub(crate) use scan::find;
pub(crate) use tokens::{Kind, Token, tokens};

/// A day as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Day {
    /// Year, where written.
    pub year: Option<i16>,
    /// Month, 1..=12.
    pub month: i8,
    /// Day of the month; valid for the month in some year.
    pub day: i8,
    /// Weekday, where written.
    pub weekday: Option<Weekday>,
}

/// A deadline as written. Either all of its days have a year or none has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Written {
    /// From one day to another, both included; a single day is twice the same.
    Days(Day, Day),
    /// The week, Monday to Sunday, that holds the day.
    Week(Day),
    /// Days that need no year: an ISO week.
    Fixed(Date, Date),
}

/// Why a date that was found gives no deadline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Problem {
    /// No calendar has this day.
    Impossible,
    /// The last day comes before the first.
    Backward,
}

/// A date inside a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Match {
    /// What it says.
    pub when: Result<Written, Problem>,
    /// Bytes of the text.
    pub range: Range<usize>,
}

impl Day {
    /// The date in `year`, whatever year was written.
    fn in_year(self, year: i16) -> Option<Date> {
        Date::new(year, self.month, self.day).ok()
    }
}

impl Written {
    /// The year that is written, of the first day.
    pub fn year(&self) -> Option<i16> {
        match self {
            Self::Days(from, _) => from.year,
            Self::Week(day) => day.year,
            Self::Fixed(from, _) => Some(from.year()),
        }
    }

    /// First and last day when the first day falls into `year` (a written year wins); none where that year
    /// lacks the day.
    pub fn at_year(&self, year: i16) -> Option<(Date, Date)> {
        match *self {
            Self::Fixed(from, to) => Some((from, to)),
            Self::Week(day) => {
                let date = day.in_year(day.year.unwrap_or(year))?;
                let monday =
                    date.checked_sub(i64::from(date.weekday().to_monday_zero_offset()).days()).ok()?;
                Some((monday, monday.checked_add(6.days()).ok()?))
            }
            Self::Days(from, to) => {
                let first = from.year.unwrap_or(year);
                let turns = (from.month, from.day) > (to.month, to.day);
                let last = to.year.unwrap_or(if turns { first.checked_add(1)? } else { first });
                Some((from.in_year(first)?, to.in_year(last)?))
            }
        }
    }

    /// The month of the first day.
    pub fn month(&self) -> i8 {
        match self {
            Self::Days(day, _) | Self::Week(day) => day.month,
            Self::Fixed(from, _) => from.month(),
        }
    }

    /// A written weekday that the resolved days contradict: the day it stands for, and the weekday.
    pub fn wrong_weekday(&self, from: Date, to: Date) -> Option<(Date, Weekday)> {
        match *self {
            Self::Days(first, last) => [(first.weekday, from), (last.weekday, to)]
                .into_iter()
                .find_map(|(written, date)| written.filter(|w| *w != date.weekday()).map(|w| (date, w))),
            Self::Week(_) | Self::Fixed(..) => None,
        }
    }
}

/// Years that a text names: the first one, and the second of a school year (`2024-2025`, `2024/2025`).
pub(crate) fn years(text: &str) -> Option<(i16, Option<i16>)> {
    if !text.bytes().any(|b| b.is_ascii_digit()) {
        return None;
    }
    let tokens = tokens(text);
    let year_at = |i: usize| match tokens.get(i).map(|t| &t.kind) {
        Some(Kind::Number { value, digits: 4 }) if (1990..=2100).contains(value) => {
            i16::try_from(*value).ok()
        }
        _ => None,
    };
    (0..tokens.len()).find_map(|i| {
        let first = year_at(i)?;
        let second = year_at(i + 2).filter(|second| *second == first + 1);
        Some((first, second))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn days(text: &str) -> (Date, Date) {
        find(text).expect(text).when.expect(text).at_year(2022).expect(text)
    }

    #[test]
    fn every_way_to_write_one_day() {
        for text in [
            "2024.11.10",
            "2024-11-10",
            "2024/11/10",
            "10.11.2024",
            "10/11/2024",
            "10-11-2024",
            "10/11/24",
            "10 novembre 2024",
            "10 Nov 2024",
            "10 nov. 2024",
            "Nov 10th 2024",
            "Nov. 10, 2024",
            "November 10, 2024",
            "the 10th of November 2024",
            "dimanche 10 novembre 2024",
            "Sunday, 10 November 2024",
            "au plus tard le 10 novembre 2024 à 18h",
            "10-Nov-2024",
            "NOVEMBRE 10 2024",
        ] {
            assert_eq!(days(text), (date(2024, 11, 10), date(2024, 11, 10)), "{text}");
        }
        assert_eq!(days("1er décembre 2024").0, date(2024, 12, 1));
        assert_eq!(days("30 octobre 2024").0, date(2024, 10, 30));
        assert_eq!(days("3 févr. 2025").0, date(2025, 2, 3));
        assert_eq!(days("3 août 2025").0, date(2025, 8, 3));
        assert_eq!(days("3 aou\u{302}t 2025").0, date(2025, 8, 3));
    }

    #[test]
    fn day_comes_first_unless_that_is_impossible() {
        assert_eq!(days("03/04/2024").0, date(2024, 4, 3));
        assert_eq!(days("12/25/2024").0, date(2024, 12, 25));
    }

    #[test]
    fn spans_and_weeks() {
        let week = (date(2024, 12, 12), date(2024, 12, 16));
        for text in [
            "du 12 au 16 décembre 2024",
            "12–16 décembre 2024",
            "12-16 décembre 2024",
            "semaine du 12 au 16 décembre 2024",
            "semaine du jeudi 12 au lundi 16 décembre 2024",
            "12 December to 16 December 2024",
            "from 12 December 2024 to 16 December 2024",
            "December 12-16, 2024",
            "December 12 – December 16, 2024",
            "2024-12-12 to 2024-12-16",
            "12/12/2024 - 16/12/2024",
            "du 12/12 au 16/12/2024",
            "du 12 décembre jusqu’au 16 décembre 2024",
            "between 12 and 16 December 2024",
        ] {
            assert_eq!(days(text), week, "{text}");
        }
        assert_eq!(days("du 28 décembre au 3 janvier 2025"), (date(2024, 12, 28), date(2025, 1, 3)));
        assert_eq!(days("28 décembre 2024 au 3 janvier"), (date(2024, 12, 28), date(2025, 1, 3)));
        let monday = (date(2024, 12, 9), date(2024, 12, 15));
        for text in ["week of 12 December 2024", "Semaine du 12 Décembre 2024", "2024-W50", "2024W50"] {
            assert_eq!(days(text), monday, "{text}");
        }
        assert_eq!(days("semaine 50 de 2024"), monday);
        assert_eq!(days("Week 50, 2024"), monday);
    }

    #[test]
    fn years_may_be_missing() {
        for text in ["12 décembre", "lundi 12 décembre", "Dec. 12", "12/12"] {
            let found = find(text).expect(text).when.expect(text);
            assert_eq!(found.year(), None, "{text}");
            assert_eq!(days(text).0, date(2022, 12, 12), "{text}");
        }
        assert_eq!(days("Semaine du 12 Décembre"), (date(2022, 12, 12), date(2022, 12, 18)));
        assert_eq!(days("semaine du 12 au 16 décembre"), (date(2022, 12, 12), date(2022, 12, 16)));
        assert_eq!(days("du 28 décembre au 3 janvier"), (date(2022, 12, 28), date(2023, 1, 3)));
    }

    #[test]
    fn impossible_and_backward_dates_say_so() {
        for text in [
            "31 février 2024",
            "2024-13-40",
            "2023.02.29",
            "31/04/2024",
            "32 mars",
            "30 February",
            "2024-W54",
        ] {
            assert_eq!(find(text).expect(text).when, Err(Problem::Impossible), "{text}");
        }
        for text in ["du 16 au 12 décembre 2024", "2024-12-16 - 2024-12-12", "10 mars au 5 février 2024"] {
            assert_eq!(find(text).expect(text).when, Err(Problem::Backward), "{text}");
        }
    }

    #[test]
    fn other_numbers_are_no_dates() {
        for text in [
            "",
            "no later than 15 days before the session",
            "version 1.2.3",
            "127.0.0.1",
            "week 3",
            "20/30",
            "3 marches",
            "99999999999999999999",
            "between 3 and 4",
            "à 18h",
        ] {
            assert_eq!(find(text), None, "{text}");
        }
    }

    #[test]
    fn the_match_says_where_it_stands() {
        let text = "Rendu le 1er décembre 2024 à midi";
        assert_eq!(&text[find(text).unwrap().range], "1er décembre 2024");
    }

    #[test]
    fn weekdays_are_checked() {
        let written = find("lundi 12 décembre 2023").unwrap().when.unwrap();
        let day = date(2023, 12, 12);
        assert_eq!(written.wrong_weekday(day, day), Some((day, Weekday::Monday)));
    }

    #[test]
    fn years_of_a_title() {
        assert_eq!(years("Planning 2024-2025"), Some((2024, Some(2025))));
        assert_eq!(years("année 2024/2025"), Some((2024, Some(2025))));
        assert_eq!(years("date: 2024-09-01"), Some((2024, None)));
        assert_eq!(years("RNCP36061, 12345, 80 lines"), None);
    }
}
