//! Attempts a week: full bars for what succeeded, hollow ones for what failed.

use super::canvas::{self, Canvas, Frame, LABEL, Type, at};
use super::days::{day_of_year, period};
use super::key::{self, Item, Swatch};
use super::levels;
use super::numbers::count;
use super::ticks;
use super::weeks::{self, Slots};
use super::words::{self, words};
use super::{Error, Language, Look, Plot, PlotPoint};
use jiff::civil::Date;
use plotters::coord::types::RangedCoordf64;
use plotters::style::text_anchor::VPos;

/// A week's finished attempts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Week {
    /// Its Monday in the project's zone.
    pub label_date: Date,
    /// How many succeeded.
    pub succeeded: u32,
    /// How many failed.
    pub failed: u32,
    /// The period holds only a part of the week.
    pub partial: bool,
}

/// Bars of succeeded and failed attempts, week by week, with the count on each. A week without attempts is a zero, which
/// is known; no week at all is no data.
///
/// # Errors
/// [`Error::Weeks`] where a week is missing or out of order, [`Error::Size`] where the look has no room.
pub fn attempts_a_week(weeks: &[Week], look: &Look) -> Result<Plot, Error> {
    look.check()?;
    weeks::check(weeks.iter().map(|week| week.label_date))?;
    let (language, words) = (look.language, words(look.language));
    let header = words.head_attempts.map(str::to_owned).to_vec();
    let record = ["week", "succeeded", "failed", "partial"].map(str::to_owned).to_vec();
    let (Some(first), Some(last)) = (weeks.first(), weeks.last()) else {
        return canvas::empty(look, words.attempts, words.no_attempts, header, record);
    };

    let sum = |number: fn(&Week) -> u32| weeks.iter().map(|week| u64::from(number(week))).sum::<u64>();
    let (succeeded, failed) = (sum(|week| week.succeeded), sum(|week| week.failed));
    let alt = words::attempts_sentence(
        &words::weeks(weeks.len(), language),
        &period(first.label_date, last.label_date, language),
        (succeeded, failed),
        weeks.iter().map(|week| u64::from(week.succeeded) + u64::from(week.failed)).max().unwrap_or(0),
        language,
    );
    let drawing = canvas::draw(look, words.attempts, &alt, |canvas| {
        let key = [
            Item::new(Swatch::Full(canvas.colours.ok), words.succeeded, count(succeeded, language)),
            Item::new(Swatch::Hollow, words.failed, count(failed, language)),
        ];
        let top = key::draw(canvas, &key)? + canvas.px(18.0);
        bars(canvas, weeks, top)
    })?;

    let row = |week: &Week| {
        vec![
            day_of_year(week.label_date, language),
            count(week.succeeded.into(), language),
            count(week.failed.into(), language),
            if week.partial { words.yes.to_owned() } else { String::new() },
        ]
    };
    let raw = |week: &Week| {
        let cells = [week.succeeded.to_string(), week.failed.to_string(), week.partial.to_string()];
        std::iter::once(week.label_date.to_string()).chain(cells).collect()
    };
    Ok(Plot {
        svg: drawing.svg,
        width: look.width,
        height: look.height,
        title: words.attempts.to_owned(),
        alt,
        table: std::iter::once(header).chain(weeks.iter().map(row)).collect(),
        records: std::iter::once(record).chain(weeks.iter().map(raw)).collect(),
        points: drawing.outcome,
    })
}

/// A bar and the count above it.
struct Bar {
    frame: Frame,
    count: u32,
    failed: bool,
}

fn bars(canvas: &Canvas<'_>, weeks: &[Week], top: f64) -> Result<Vec<PlotPoint>, Error> {
    let px = |v: f64| canvas.px(v);
    let language = canvas.look.language;
    let partial: Vec<bool> = weeks.iter().map(|week| week.partial).collect();
    let dates: Vec<Date> = weeks.iter().map(|week| week.label_date).collect();
    let ticks = ticks::counts(weeks.iter().map(|week| week.succeeded.max(week.failed)).max().unwrap_or(0));
    let names: Vec<String> = ticks.iter().map(|tick| count(*tick, language)).collect();

    let left = levels::left(canvas, &names)?;
    let right = canvas.width() - px(2.0);
    let rows = if partial.contains(&true) { px(14.0) } else { 0.0 };
    let bottom = (canvas.height() - px(22.0) - rows).max(top + px(10.0));
    let frame = Frame { left, top, right, bottom };
    let highest = ticks.last().copied().unwrap_or(1) as f64;
    let chart = canvas.chart::<RangedCoordf64>(frame, 0.0..weeks.len() as f64, 0.0..highest);

    let height = |count: f64| at(&chart, (0.0, count)).1;
    let heights = ticks.iter().map(|tick| height(*tick as f64));
    let levels: Vec<(f64, String)> = heights.zip(names).collect();
    levels::draw(canvas, (left, right), &levels, Some(height(0.0)))?;

    let slots = Slots { left, right, number: weeks.len() };
    let bars = place(canvas, weeks, slots, bottom, |count| height(f64::from(count)));
    for bar in &bars {
        let edge =
            bar.failed.then_some((canvas.colours.bad, px(1.5).min((bar.frame.right - bar.frame.left) / 3.0)));
        let fill = if bar.failed { canvas.colours.bad_soft } else { canvas.colours.ok };
        canvas.rounded(bar.frame, px(2.0), true, fill, edge)?;
    }
    counts(canvas, &bars, weeks, slots, bottom, language)?;

    let bounds = (px(2.0), right);
    weeks::write(canvas, &weeks::date_row(canvas, &dates, slots, bounds)?, bottom + px(16.0))?;
    weeks::write(canvas, &weeks::part_row(canvas, &partial, slots, bounds)?, bottom + px(30.0))?;

    let point = |(slot, week): (usize, &Week)| {
        let y = height(f64::from(week.succeeded.max(week.failed)));
        PlotPoint { x: slots.centre(slot), y, label: name(week, language), id: week.label_date.to_string() }
    };
    Ok(weeks.iter().enumerate().map(point).collect())
}

fn name(week: &Week, language: Language) -> String {
    let words = words(language);
    let part = if week.partial { format!(", {}", words.part_week) } else { String::new() };
    format!(
        "{}{part}{}{}, {}",
        day_of_year(week.label_date, language),
        words.colon,
        words::succeeded(week.succeeded.into(), language),
        words::failed(week.failed.into(), language)
    )
}

/// One or two bars a week, side by side around the middle of its slot.
fn place(
    canvas: &Canvas<'_>,
    weeks: &[Week],
    slots: Slots,
    bottom: f64,
    top: impl Fn(u32) -> f64,
) -> Vec<Bar> {
    let room = slots.width() * 0.8;
    let gap = canvas.px(4.0).min(room * 0.1);
    let width = ((room - gap) / 2.0).min(canvas.px(32.0));
    let bar = |left: f64, count: u32, failed: bool| Bar {
        // One failure among thousands still shows.
        frame: Frame { left, top: top(count).min(bottom - canvas.px(2.0)), right: left + width, bottom },
        count,
        failed,
    };
    let mut bars = Vec::new();
    for (slot, week) in weeks.iter().enumerate() {
        let centre = slots.centre(slot);
        match (week.succeeded, week.failed) {
            (0, 0) => {}
            (succeeded, 0) => bars.push(bar(centre - width / 2.0, succeeded, false)),
            (0, failed) => bars.push(bar(centre - width / 2.0, failed, true)),
            (succeeded, failed) => {
                bars.push(bar(centre - gap / 2.0 - width, succeeded, false));
                bars.push(bar(centre + gap / 2.0, failed, true));
            }
        }
    }
    bars
}

/// The count on each bar and "0" where there is none. A count that would touch another or a bar is left out; where that
/// is more than one in eight, all are: a few at random would mislead.
fn counts(
    canvas: &Canvas<'_>,
    bars: &[Bar],
    weeks: &[Week],
    slots: Slots,
    bottom: f64,
    language: Language,
) -> Result<(), Error> {
    let zeros = weeks.iter().enumerate().filter(|(_, week)| week.succeeded == 0 && week.failed == 0);
    let mut wanted: Vec<(f64, f64, u32, bool)> =
        zeros.map(|(slot, _)| (slots.centre(slot), bottom, 0, false)).collect();
    wanted.extend(
        bars.iter()
            .map(|bar| ((bar.frame.left + bar.frame.right) / 2.0, bar.frame.top, bar.count, bar.failed)),
    );
    wanted.sort_by(|a, b| a.3.cmp(&b.3).then(a.0.total_cmp(&b.0)));

    let mut drawn: Vec<(Frame, String, bool)> = Vec::new();
    // Only neighbours can touch, so each slot's own are enough to look at.
    let mut near: Vec<Vec<Frame>> = vec![Vec::new(); weeks.len() + 2];
    let slot = |x: f64| (((x - slots.left) / slots.width()).floor().max(0.0) as usize).min(weeks.len()) + 1;
    for bar in bars {
        if let Some(frames) =
            near.get_mut(slot((bar.frame.left + bar.frame.right) / 2.0).min(weeks.len() + 1))
        {
            frames.push(bar.frame);
        }
    }
    let number = wanted.len();
    for (x, top, count_, _) in wanted {
        let text = count(count_.into(), language);
        let half = canvas.measure(&text, LABEL, false)? / 2.0;
        let frame = Frame {
            left: x - half,
            top: top - canvas.px(14.0),
            right: x + half,
            bottom: top - canvas.px(3.0),
        };
        let home = slot(x);
        // A label may be wider than its slot: as many neighbours on each side as it reaches.
        let reach = (half / slots.width()).ceil() as usize + 1;
        let around = near.iter().skip(home.saturating_sub(reach)).take(2 * reach + 1).flatten();
        if frame.left >= 0.0
            && frame.right <= canvas.width()
            && !around.into_iter().any(|f| f.overlaps(&frame))
        {
            if let Some(frames) = near.get_mut(home) {
                frames.push(frame);
            }
            drawn.push((frame, text, count_ == 0));
        }
    }
    if (number - drawn.len()) * 8 > number {
        return Ok(());
    }
    for (frame, text, zero) in drawn {
        let colour = if zero { canvas.colours.axis } else { canvas.colours.text };
        let look = Type { colour, down: VPos::Bottom, ..canvas.centred() };
        canvas.text(&text, ((frame.left + frame.right) / 2.0, frame.bottom - canvas.px(1.5)), look)?;
    }
    Ok(())
}
