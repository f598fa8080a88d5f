//! The success rate: each week a dot on its interval, and all attempts together as the line they are compared with.

use super::canvas::{self, Canvas, Frame, LABEL, Type, at};
use super::days::{day_of_year, period};
use super::key::{self, Item, Swatch};
use super::levels;
use super::numbers::{percent, percents};
use super::weeks::{self, Slots};
use super::words::{self, words};
use super::{Error, Language, Look, Plot, PlotPoint};
use jiff::civil::Date;
use plotters::coord::types::RangedCoordf64;
use plotters::style::text_anchor::VPos;

/// How many of the finished attempts succeeded.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rate {
    /// At most `finished`.
    pub succeeded: u32,
    /// Succeeded and failed together; 0 is no data.
    pub finished: u32,
    /// The 95 % interval of the share, both ends 0 to 1, as the caller computed it (Wilson).
    pub interval: Option<(f64, f64)>,
}

impl Rate {
    /// 0 to 1; none without a finished attempt.
    pub fn share(&self) -> Option<f64> {
        (self.finished > 0).then(|| f64::from(self.succeeded) / f64::from(self.finished))
    }
}

/// A week's rate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RateWeek {
    /// Its Monday in the project's zone.
    pub label_date: Date,
    /// Without finished attempts there is no data: none, or a rate of 0 of 0.
    pub rate: Option<Rate>,
    /// The period holds only a part of the week.
    pub partial: bool,
}

impl RateWeek {
    fn known(&self) -> Option<(Rate, f64)> {
        self.rate.and_then(|rate| rate.share().map(|share| (rate, share)))
    }
}

/// Success rate by week from 0 to 100 %, and `overall` at the right end, where a black line leads to. A week without
/// data is hatched, and where no week and no overall rate has any, so is the whole picture.
///
/// # Errors
/// [`Error::Value`] for more successes than attempts or an interval that is none, [`Error::Weeks`] where a week is missing
/// or out of order, [`Error::Size`] where the look has no room.
pub fn success_rate(weeks: &[RateWeek], overall: Option<Rate>, look: &Look) -> Result<Plot, Error> {
    look.check()?;
    weeks::check(weeks.iter().map(|week| week.label_date))?;
    for week in weeks {
        check(week.rate, &format!("the week of {}", week.label_date))?;
    }
    check(overall, "all attempts")?;
    let (language, words) = (look.language, words(look.language));
    let header = words.head_success_rate.map(str::to_owned).to_vec();
    let record =
        ["week", "succeeded", "finished", "rate", "low", "high", "partial"].map(str::to_owned).to_vec();
    let overall = overall.and_then(|rate| rate.share().map(|share| (rate, share)));
    let known = weeks.iter().filter_map(RateWeek::known);
    if overall.is_none() && known.clone().next().is_none() {
        return canvas::empty(look, words.success_rate, words.no_attempts, header, record);
    }

    let lowest = known.clone().map(|(_, share)| share).reduce(f64::min);
    let highest = known.map(|(_, share)| share).reduce(f64::max);
    let by_week = match (weeks.first(), weeks.last(), lowest, highest) {
        (Some(first), Some(last), Some(lowest), Some(highest)) => Some((
            period(first.label_date, last.label_date, language),
            percent(lowest, language),
            percent(highest, language),
        )),
        _ => None,
    };
    let missing = weeks.iter().filter(|week| week.known().is_none()).count();
    let figures = overall.map(|(rate, share)| Figures::new(rate, share, language));
    let alt = words::rate_sentence(
        figures.as_ref().map(|f| (f.rate.as_str(), f.of.as_str(), f.interval.as_deref())),
        by_week.as_ref().map(|(period, low, high)| (period.as_str(), low.as_str(), high.as_str())),
        missing,
        language,
    );
    let drawing = canvas::draw(look, words.success_rate, &alt, |canvas| {
        let top = key::draw(canvas, &items(weeks, figures.as_ref(), missing, language))? + canvas.px(12.0);
        paint(canvas, weeks, overall, top)
    })?;

    let all = overall.map(|(rate, _)| rate);
    let rows = weeks.iter().map(|week| row(&day_of_year(week.label_date, language), week.rate, language));
    let raws = weeks.iter().map(|week| raw(&week.label_date.to_string(), week.rate, week.partial));
    Ok(Plot {
        svg: drawing.svg,
        width: look.width,
        height: look.height,
        title: words.success_rate.to_owned(),
        alt,
        table: std::iter::once(header)
            .chain(rows)
            .chain(all.map(|rate| row(words.overall, Some(rate), language)))
            .collect(),
        records: std::iter::once(record)
            .chain(raws)
            .chain(all.map(|rate| raw("overall", Some(rate), false)))
            .collect(),
        points: drawing.outcome,
    })
}

/// A rate in words.
struct Figures {
    rate: String,
    of: String,
    interval: Option<String>,
}

impl Figures {
    fn new(rate: Rate, share: f64, language: Language) -> Self {
        Self {
            rate: percent(share, language),
            of: words::of(rate.succeeded.into(), rate.finished.into(), language),
            interval: rate.interval.map(|interval| percents(interval, language)),
        }
    }
}

fn check(rate: Option<Rate>, of: &str) -> Result<(), Error> {
    let Some(rate) = rate else { return Ok(()) };
    let wrong = |what, value, expected| Err(Error::Value { what, of: of.to_owned(), value, expected });
    if rate.succeeded > rate.finished {
        return wrong(
            "the number of successes in",
            rate.succeeded.into(),
            "at most the number of finished attempts",
        );
    }
    match rate.interval {
        Some((low, _)) if !(0.0..=1.0).contains(&low) => {
            wrong("the lower end of the interval of", low, "a share of 1")
        }
        Some((_, high)) if !(0.0..=1.0).contains(&high) => {
            wrong("the upper end of the interval of", high, "a share of 1")
        }
        Some((low, high)) if low > high => {
            wrong("the upper end of the interval of", high, "above its lower end")
        }
        _ => Ok(()),
    }
}

fn row(name: &str, rate: Option<Rate>, language: Language) -> Vec<String> {
    let words = words(language);
    let known = rate.and_then(|rate| rate.share().map(|share| (rate, share)));
    let Some((rate, share)) = known else {
        return vec![
            name.to_owned(),
            "0".to_owned(),
            "0".to_owned(),
            words.no_data.to_owned(),
            String::new(),
        ];
    };
    let interval = rate.interval.map_or_else(|| words.no_interval.to_owned(), |i| percents(i, language));
    let number = |n: u32| super::numbers::count(n.into(), language);
    vec![name.to_owned(), number(rate.succeeded), number(rate.finished), percent(share, language), interval]
}

fn raw(name: &str, rate: Option<Rate>, partial: bool) -> Vec<String> {
    let share = rate.and_then(|rate| rate.share());
    let ends = share.and(rate).and_then(|rate| rate.interval);
    let number = |value: Option<f64>| value.map(|value| value.to_string()).unwrap_or_default();
    vec![
        name.to_owned(),
        rate.map_or(0, |rate| rate.succeeded).to_string(),
        rate.map_or(0, |rate| rate.finished).to_string(),
        number(share),
        number(ends.map(|(low, _)| low)),
        number(ends.map(|(_, high)| high)),
        partial.to_string(),
    ]
}

fn items(weeks: &[RateWeek], overall: Option<&Figures>, missing: usize, language: Language) -> Vec<Item> {
    let words = words(language);
    let mut items = Vec::new();
    if let Some(figures) = overall {
        items.push(Item::new(Swatch::Line, words.overall, &*figures.rate));
        items.push(match &figures.interval {
            Some(interval) => Item::new(Swatch::Band, words.interval, &**interval),
            None => Item::new(Swatch::None, words.no_interval, ""),
        });
    }
    if missing < weeks.len() {
        items.push(Item::new(Swatch::Dot, words.week_rate, ""));
    }
    if missing > 0 {
        items.push(Item::new(Swatch::Hatch, words.no_data, ""));
    }
    items
}

fn paint(
    canvas: &Canvas<'_>,
    weeks: &[RateWeek],
    overall: Option<(Rate, f64)>,
    top: f64,
) -> Result<Vec<PlotPoint>, Error> {
    let px = |v: f64| canvas.px(v);
    let (language, words) = (canvas.look.language, words(canvas.look.language));
    let ticks = [0.0, 0.5, 1.0];
    let names = ticks.map(|share| percent(share, language).replace(",0", "").replace(".0", ""));
    let left = levels::left(canvas, &names)?;
    let total = match overall {
        Some((rate, _)) => {
            let of = words::of(rate.succeeded.into(), rate.finished.into(), language);
            canvas.measure(words.overall, LABEL, true)?.max(canvas.measure(&of, LABEL, false)?).max(px(28.0))
                + px(12.0)
        }
        None => px(2.0),
    };
    let right = (canvas.width() - total).max(left + px(10.0));
    let partial: Vec<bool> = weeks.iter().map(|week| week.partial).collect();
    let dates: Vec<Date> = weeks.iter().map(|week| week.label_date).collect();
    let slots = Slots { left, right, number: weeks.len() };
    let bounds = (px(2.0), right - px(6.0));
    let of = of_row(canvas, weeks, slots, bounds)?;
    let of_height = if of.is_empty() { 0.0 } else { px(14.0) };
    let part_height = if partial.contains(&true) { px(14.0) } else { 0.0 };
    let rows = (of_height + part_height).max(if overall.is_some() { px(14.0) } else { 0.0 });
    let bottom = (canvas.height() - px(22.0) - rows).max(top + px(10.0));
    let frame = Frame { left, top, right, bottom };
    let chart = canvas.chart::<RangedCoordf64>(frame, 0.0..weeks.len().max(1) as f64, 0.0..1.0);
    let height = |share: f64| at(&chart, (0.0, share)).1;

    let levels: Vec<(f64, String)> = ticks.into_iter().map(height).zip(names).collect();
    levels::draw(canvas, (left, canvas.width() - px(2.0)), &levels, Some(height(0.0)))?;
    gaps(canvas, weeks, slots, frame)?;
    let end = canvas.width() - total / 2.0 + px(2.0);
    let wide = (slots.width() * 0.5).min(px(10.0));
    let known = weeks.iter().enumerate();
    let known = known.filter_map(|(slot, week)| week.known().map(|known| (slots.centre(slot), known)));
    let marks: Vec<Mark> = known
        .map(|(x, (rate, share))| Mark { x, y: height(share), interval: rate.interval, wide, overall: false })
        .chain(overall.map(|(rate, share)| Mark {
            x: end,
            y: height(share),
            interval: rate.interval,
            wide: px(10.0),
            overall: true,
        }))
        .collect();
    for mark in &marks {
        mark.band(canvas, height)?;
    }
    // Over the bands, so that one sees which of them it crosses; under the dots.
    if let Some((_, share)) = overall {
        canvas.line((left, height(share)), (end, height(share)), canvas.colours.text, px(1.75))?;
    }
    for mark in &marks {
        mark.dot(canvas)?;
    }

    let point = |(slot, week): (usize, &RateWeek)| PlotPoint {
        x: slots.centre(slot),
        y: week.known().map_or((top + bottom) / 2.0, |(_, share)| height(share)),
        label: label(week, language),
        id: week.label_date.to_string(),
    };
    let mut points: Vec<PlotPoint> = weeks.iter().enumerate().map(point).collect();
    weeks::write(canvas, &weeks::date_row(canvas, &dates, slots, bounds)?, bottom + px(16.0))?;
    weeks::write(canvas, &of, bottom + px(30.0))?;
    let part = weeks::part_row(canvas, &partial, slots, bounds)?;
    weeks::write(canvas, &part, bottom + px(30.0) + of_height)?;

    if let Some((rate, share)) = overall {
        let head = Type { bold: true, colour: canvas.colours.text, down: VPos::Bottom, ..canvas.centred() };
        canvas.text(words.overall, (end, bottom + px(16.0)), head)?;
        let of = words::of(rate.succeeded.into(), rate.finished.into(), language);
        canvas.text(&of, (end, bottom + px(30.0)), Type { down: VPos::Bottom, ..canvas.centred() })?;
        let label = format!("{}{}{}", words.overall, words.colon, said(rate, share, language));
        points.push(PlotPoint { x: end, y: height(share), label, id: "overall".to_owned() });
    }
    Ok(points)
}

/// A dot on its interval; hollow without one.
struct Mark {
    x: f64,
    y: f64,
    interval: Option<(f64, f64)>,
    wide: f64,
    overall: bool,
}

impl Mark {
    fn band(&self, canvas: &Canvas<'_>, height: impl Fn(f64) -> f64) -> Result<(), Error> {
        let Some((low, high)) = self.interval else { return Ok(()) };
        let (upper, lower) = (height(high), height(low));
        let (half, middle) = (((lower - upper) / 2.0).max(canvas.px(3.0)), (upper + lower) / 2.0);
        let band = Frame {
            left: self.x - self.wide / 2.0,
            right: self.x + self.wide / 2.0,
            top: middle - half,
            bottom: middle + half,
        };
        let edge = canvas.px(1.0).min(self.wide / 4.0);
        canvas.rounded(band, self.wide / 2.0, false, canvas.colours.band, Some((canvas.colours.edge, edge)))
    }

    fn dot(&self, canvas: &Canvas<'_>) -> Result<(), Error> {
        let colour = if self.overall { canvas.colours.text } else { canvas.colours.series };
        let radius = canvas.px(4.0).min(self.wide * 0.5).max(canvas.px(1.5));
        if self.interval.is_some() {
            canvas.dot((self.x, self.y), radius, colour)
        } else {
            canvas.ring((self.x, self.y), radius, colour)
        }
    }
}

/// Weeks without data, neighbours as one hatched piece, named where the words fit.
fn gaps(canvas: &Canvas<'_>, weeks: &[RateWeek], slots: Slots, frame: Frame) -> Result<(), Error> {
    let words = words(canvas.look.language);
    let mut start = 0;
    while start < weeks.len() {
        let rest = weeks.get(start..).unwrap_or_default();
        let long = rest.iter().take_while(|week| week.known().is_none()).count();
        if long > 0 {
            let piece = slots.frame(start..start + long, frame.top, frame.bottom);
            canvas.hatch(piece, canvas.px(6.0))?;
            canvas.label_hatched(words.no_data, piece)?;
        }
        start += long.max(1);
    }
    Ok(())
}

/// "2 of 3" under each week, a dash where there is no data; no row at all if not every one fits.
fn of_row(
    canvas: &Canvas<'_>,
    weeks: &[RateWeek],
    slots: Slots,
    bounds: (f64, f64),
) -> Result<Vec<weeks::Placed>, Error> {
    let of =
        |(rate, _): (Rate, f64)| words::of(rate.succeeded.into(), rate.finished.into(), canvas.look.language);
    let text = |week: &RateWeek| week.known().map_or_else(|| "–".to_owned(), of);
    let labels = weeks.iter().enumerate().map(|(slot, week)| (slots.centre(slot), text(week)));
    Ok(weeks::row(canvas, labels, bounds, false)?.unwrap_or_default())
}

fn label(week: &RateWeek, language: Language) -> String {
    let words = words(language);
    let part = if week.partial { format!(", {}", words.part_week) } else { String::new() };
    let value =
        week.known().map_or_else(|| words.no_data.to_owned(), |(rate, share)| said(rate, share, language));
    format!("{}{part}{}{value}", day_of_year(week.label_date, language), words.colon)
}

/// `66.7 %, 2 of 3, 95 % interval 20.8 to 93.9 %`.
fn said(rate: Rate, share: f64, language: Language) -> String {
    let words = words(language);
    let figures = Figures::new(rate, share, language);
    let interval = match figures.interval {
        Some(interval) => format!("{} {interval}", words.interval),
        None => words.no_interval.to_owned(),
    };
    format!("{}, {}, {interval}", figures.rate, figures.of)
}
