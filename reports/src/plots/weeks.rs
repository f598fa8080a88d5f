//! The axis of weeks that the bars and the rates share: one slot a week, labels that never collide.

use super::canvas::{Canvas, Frame, Type};
use super::days::{day, day_of_year};
use super::words::words;
use super::{Error, Language};
use jiff::civil::Date;
use plotters::style::text_anchor::{HPos, VPos};

/// Least space between two labels, pixels of the window.
const APART: f64 = 8.0;

/// # Errors
/// [`Error::Weeks`] where two neighbours are not 1 to 7 days apart: a first week may be named by the day the period
/// starts.
pub(super) fn check(dates: impl IntoIterator<Item = Date>) -> Result<(), Error> {
    let mut last: Option<Date> = None;
    for next in dates {
        if let Some(week) = last {
            let days = next.duration_since(week).as_hours() / 24;
            if !(1..=7).contains(&days) {
                return Err(Error::Weeks { week, next });
            }
        }
        last = Some(next);
    }
    Ok(())
}

/// A label that has its place: where its text is anchored, and what it covers.
pub(super) struct Placed {
    pub(super) text: String,
    x: f64,
    across: HPos,
    left: f64,
    right: f64,
}

/// Puts labels on their centres, moved inwards at both ends of `(left, right)`. None if two of them come too close.
pub(super) fn row(
    canvas: &Canvas<'_>,
    labels: impl IntoIterator<Item = (f64, String)>,
    (left, right): (f64, f64),
    bold: bool,
) -> Result<Option<Vec<Placed>>, Error> {
    let mut placed: Vec<Placed> = Vec::new();
    for (centre, text) in labels {
        let width = canvas.measure(&text, super::canvas::LABEL, bold)?;
        let (x, across, start) = if centre - width / 2.0 < left {
            (left, HPos::Left, left)
        } else if centre + width / 2.0 > right {
            (right, HPos::Right, right - width)
        } else {
            (centre, HPos::Center, centre - width / 2.0)
        };
        let free = placed.last().is_none_or(|last| last.right + canvas.px(APART) <= start);
        if !free || start < left {
            return Ok(None);
        }
        placed.push(Placed { text, x, across, left: start, right: start + width });
    }
    Ok(Some(placed))
}

/// Of labels that may collide, those from the left that do not.
pub(super) fn sparse_row(
    canvas: &Canvas<'_>,
    labels: impl IntoIterator<Item = (f64, String)>,
    bounds: (f64, f64),
) -> Result<Vec<Placed>, Error> {
    let mut kept: Vec<Placed> = Vec::new();
    for label in labels {
        for next in row(canvas, [label], bounds, false)?.unwrap_or_default() {
            if kept.last().is_none_or(|last| last.right + canvas.px(APART) <= next.left) {
                kept.push(next);
            }
        }
    }
    Ok(kept)
}

/// Writes a row with its baseline at `y`.
pub(super) fn write(canvas: &Canvas<'_>, row: &[Placed], y: f64) -> Result<(), Error> {
    for label in row {
        let look = Type { across: label.across, down: VPos::Bottom, ..canvas.centred() };
        canvas.text(&label.text, (label.x, y), look)?;
    }
    Ok(())
}

/// Slots of equal width from `left` to `right`, pixels.
#[derive(Clone, Copy)]
pub(super) struct Slots {
    pub(super) left: f64,
    pub(super) right: f64,
    pub(super) number: usize,
}

impl Slots {
    pub(super) fn width(&self) -> f64 {
        (self.right - self.left) / self.number.max(1) as f64
    }

    pub(super) fn centre(&self, slot: usize) -> f64 {
        self.left + self.width() * (slot as f64 + 0.5)
    }

    pub(super) fn frame(&self, slots: std::ops::Range<usize>, top: f64, bottom: f64) -> Frame {
        let edge = |slot: usize| self.left + self.width() * slot as f64;
        Frame { left: edge(slots.start), top, right: edge(slots.end), bottom }
    }
}

/// The weeks' first days: each one if they fit, else every second, third, … as many as fit.
pub(super) fn date_row(
    canvas: &Canvas<'_>,
    dates: &[Date],
    slots: Slots,
    bounds: (f64, f64),
) -> Result<Vec<Placed>, Error> {
    let language = canvas.look.language;
    let years = dates.first().map(|d| d.year()) != dates.last().map(|d| d.year());
    for stride in [1, 2, 3, 4, 6, 8, 13, 26, 52, 104, 260, 520] {
        for months in [true, false] {
            let mut last = None;
            let labels = dates.iter().enumerate().step_by(stride).map(|(slot, date)| {
                let text = name(*date, last, years, months, language);
                last = Some(*date);
                (slots.centre(slot), text)
            });
            if let Some(row) = row(canvas, labels, bounds, false)? {
                return Ok(row);
            }
        }
    }
    Ok(Vec::new())
}

/// A week's name, with its month always or only where that is new, and its year where that is new and there are two.
fn name(date: Date, last: Option<Date>, years: bool, months: bool, language: Language) -> String {
    let new_year = last.is_none_or(|l| l.year() != date.year());
    if years && new_year {
        day_of_year(date, language)
    } else if months || new_year || last.is_none_or(|l| l.month() != date.month()) {
        day(date, language)
    } else {
        date.day().to_string()
    }
}

/// "Part week" under the weeks that are not whole.
pub(super) fn part_row(
    canvas: &Canvas<'_>,
    partial: &[bool],
    slots: Slots,
    bounds: (f64, f64),
) -> Result<Vec<Placed>, Error> {
    let words = words(canvas.look.language).part_week;
    let labels = partial.iter().enumerate().filter(|(_, partial)| **partial);
    sparse_row(canvas, labels.map(|(slot, _)| (slots.centre(slot), words.to_owned())), bounds)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn weeks_come_in_order_without_a_gap() {
        let days = [date(2025, 10, 30), date(2025, 11, 3), date(2025, 11, 10)];
        assert!(check(days).is_ok());
        assert!(check([]).is_ok());
        for wrong in [[days[1], days[0]], [days[0], days[0]], [days[0], days[2]], [Date::MIN, Date::MAX]] {
            let error = check(wrong).unwrap_err().to_string();
            assert!(error.contains(&wrong[1].to_string()), "{error}");
        }
    }
}
