//! Cycle times as dots on a logarithmic axis, with their median and its interval.

use super::canvas::{self, Canvas, Chart, Frame, at};
use super::days::{clock, day_of_year, period};
use super::key::{self, Item, Swatch};
use super::levels;
use super::numbers::{duration, durations, tick};
use super::ticks;
use super::weeks;
use super::words::{self, words};
use super::{Error, Language, Look, Plot, PlotPoint};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use plotters::coord::combinators::{IntoLogRange, LogCoord};

/// One successful deployment, its retries merged.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    /// When it finished.
    pub at: Timestamp,
    /// From the first request to success, seconds.
    pub seconds: f64,
    /// How a person calls it: its release. Shown as text only.
    pub label: String,
    /// The caller's id, which [`PlotPoint::id`] gives back.
    pub id: String,
}

/// Below this an order statistic's interval cannot reach 95 %: hollow dots, no band.
const FEWEST: usize = 6;
/// From here on dots are specks, and the median lies over them.
const MANY: usize = 60;
/// The axis starts here at the earliest; what took less stands on its foot.
const SHORTEST: f64 = 0.001;
/// A hundred years: what is longer is no cycle time but a fault in the data.
const LONGEST: f64 = 3.2e9;

/// Cycle times over time, each a dot; `median` and `interval` in seconds as the caller computed them. Where there are
/// more than two a pixel, a line from the shortest to the longest of each pixel is drawn instead, and the table lists
/// those two. Days are those of `zone`. Without points it is the picture of no data.
///
/// # Errors
/// [`Error::Value`] for a duration that is negative, not finite or over a hundred years, and for an interval whose ends
/// are swapped; [`Error::Size`] where the look has no room.
pub fn cycle_times(
    points: &[Point],
    median: Option<f64>,
    interval: Option<(f64, f64)>,
    zone: &TimeZone,
    look: &Look,
) -> Result<Plot, Error> {
    look.check()?;
    let (shortest, longest) = check(points, median, interval)?;
    let (language, words) = (look.language, words(look.language));
    let header = words.head_cycle_times.map(str::to_owned).to_vec();
    let record = ["finished", "release", "seconds"].map(str::to_owned).to_vec();
    let mut order: Vec<&Point> = points.iter().collect();
    if !order.is_sorted_by_key(|point| point.at) {
        order.sort_by_key(|point| point.at);
    }
    let (Some(first), Some(last)) = (order.first(), order.last()) else {
        return canvas::empty(look, words.cycle_times, words.no_cycle_times, header, record);
    };

    let interval = interval.filter(|_| points.len() >= FEWEST && median.is_some());
    let day = |at: Timestamp| zone.to_datetime(at).date();
    let alt = words::cycle_sentence(
        points.len() as u64,
        &period(day(first.at), day(last.at), language),
        (&duration(shortest, language), &duration(longest, language)),
        median.map(|median| duration(median, language)).as_deref(),
        interval.map(|interval| durations(interval, language)).as_deref(),
        language,
    );
    let period = (first.at, last.at);
    let figures = Figures { shortest, longest, median, interval, period };
    let drawing = canvas::draw(look, words.cycle_times, &alt, |canvas| {
        let shown = Shown::new(&order, look.width);
        let top = key::draw(canvas, &items(&figures, &shown, language))? + canvas.px(10.0);
        Ok((paint(canvas, &shown, &figures, zone, top)?, shown.points))
    })?;

    let (places, shown) = drawing.outcome;
    let (mut table, mut records) = (vec![header], vec![record]);
    let mut points = Vec::with_capacity(shown.len());
    for (point, (x, y)) in shown.into_iter().zip(places) {
        let at = zone.to_datetime(point.at);
        let when = format!("{}\u{a0}{}", day_of_year(at.date(), language), clock(at.time()));
        let took = duration(point.seconds, language);
        let label = format!("{}, {when}{}{took}", point.label, words.colon);
        points.push(PlotPoint { x, y, label, id: point.id.clone() });
        table.push(vec![when, point.label.clone(), took]);
        records.push(vec![point.at.to_string(), point.label.clone(), point.seconds.to_string()]);
    }
    Ok(Plot {
        svg: drawing.svg,
        width: look.width,
        height: look.height,
        title: words.cycle_times.to_owned(),
        alt,
        table,
        records,
        points,
    })
}

struct Figures {
    shortest: f64,
    longest: f64,
    median: Option<f64>,
    interval: Option<(f64, f64)>,
    /// First and last.
    period: (Timestamp, Timestamp),
}

/// Gives the shortest and the longest cycle time in seconds, in one go over what may be many.
fn check(points: &[Point], median: Option<f64>, interval: Option<(f64, f64)>) -> Result<(f64, f64), Error> {
    let duration = |what, of: &str, value: f64| {
        if (0.0..=LONGEST).contains(&value) {
            Ok(())
        } else {
            Err(Error::Value { what, of: of.to_owned(), value, expected: "0 s to a hundred years" })
        }
    };
    let (mut shortest, mut longest) = (f64::INFINITY, 0.0_f64);
    for point in points {
        duration("the cycle time of", &point.label, point.seconds)?;
        (shortest, longest) = (shortest.min(point.seconds), longest.max(point.seconds));
    }
    if let Some(median) = median {
        duration("the median of", "the cycle times", median)?;
    }
    if let Some((low, high)) = interval {
        duration("the lower end of", "the median's interval", low)?;
        duration("the upper end of", "the median's interval", high)?;
        if low > high {
            let of = "the median's interval".to_owned();
            return Err(Error::Value {
                what: "the upper end of",
                of,
                value: high,
                expected: "above its lower end",
            });
        }
    }
    Ok((shortest, longest))
}

fn items(figures: &Figures, shown: &Shown<'_>, language: Language) -> Vec<Item> {
    let (words, number) = (words(language), shown.number);
    let n = words::n(number as u64, language);
    let mut items = vec![if shown.spans.is_some() {
        Item::new(Swatch::Span, words.span, n)
    } else if number < FEWEST {
        Item::new(Swatch::Ring, words.cycle_time, n)
    } else {
        Item::new(Swatch::Dot, words.cycle_time, n)
    }];
    if let Some(median) = figures.median {
        items.push(Item::new(Swatch::Line, words.median, duration(median, language)));
    }
    match figures.interval {
        Some(interval) => items.push(Item::new(Swatch::Band, words.interval, durations(interval, language))),
        None if number < FEWEST => items.push(Item::new(Swatch::None, words.few, "")),
        None => items.push(Item::new(Swatch::None, words.no_interval, "")),
    }
    items
}

/// What is drawn of the points.
struct Shown<'p> {
    /// How many there are.
    number: usize,
    /// All of them, or of each column the shortest and the longest, in order of time.
    points: Vec<&'p Point>,
    /// Instant in the middle of a column, its shortest and its longest, where there are too many for dots.
    spans: Option<Vec<(f64, f64, f64)>>,
}

impl<'p> Shown<'p> {
    /// All, up to two a pixel; beyond that columns of two pixels. They are the same whatever the labels leave of the
    /// width: they only come a little closer.
    fn new(points: &[&'p Point], width: u32) -> Self {
        let (number, columns) = (points.len(), width as usize / 2);
        let all = || Self { number, points: points.to_vec(), spans: None };
        let (Some(first), Some(last)) = (points.first(), points.last()) else { return all() };
        if number <= 2 * width as usize {
            return all();
        }
        let (start, end) = (instant(first.at), instant(last.at));
        let column = (end - start).max(1e-6) / columns as f64;
        let mut ends: Vec<Option<(usize, usize)>> = vec![None; columns];
        for (i, point) in points.iter().enumerate() {
            let slot = (((instant(point.at) - start) / column) as usize).min(columns - 1);
            let Some(end) = ends.get_mut(slot) else { continue };
            let (low, high) = end.get_or_insert((i, i));
            if point.seconds < seconds(points, *low) {
                *low = i;
            }
            if point.seconds > seconds(points, *high) {
                *high = i;
            }
        }
        let (mut kept, mut spans) = (Vec::new(), Vec::new());
        for (slot, (low, high)) in ends.into_iter().enumerate().filter_map(|(slot, end)| Some((slot, end?))) {
            let middle = start + column * (slot as f64 + 0.5);
            spans.push((middle, seconds(points, low), seconds(points, high)));
            kept.extend(points.get(low.min(high)));
            kept.extend((low != high).then(|| points.get(low.max(high))).flatten());
        }
        Self { number, points: kept, spans: Some(spans) }
    }
}

fn seconds(points: &[&Point], i: usize) -> f64 {
    points.get(i).map_or(0.0, |point| point.seconds)
}

/// Draws everything under the key; gives where each point shown stands.
fn paint(
    canvas: &Canvas<'_>,
    shown: &Shown<'_>,
    figures: &Figures,
    zone: &TimeZone,
    top: f64,
) -> Result<Vec<(f64, f64)>, Error> {
    let points = &shown.points;
    let px = |v: f64| canvas.px(v);
    let language = canvas.look.language;
    let (low, high) = durations_shown(figures);
    let ticks = ticks::durations(low, high);
    let names: Vec<String> = ticks.iter().map(|seconds| tick(*seconds, language)).collect();
    let frame = Frame {
        left: levels::left(canvas, &names)?,
        top,
        right: canvas.width() - px(2.0),
        bottom: (canvas.height() - px(22.0)).max(top + px(10.0)),
    };
    let (from, to) = times_shown(figures.period);
    let chart: Chart<'_, LogCoord<f64>> =
        canvas.chart(frame, instant(from)..instant(to), (low..high).log_scale());

    let height = |seconds: f64| at(&chart, (instant(from), seconds.max(low))).1;
    let levels: Vec<(f64, String)> = ticks.into_iter().map(height).zip(names).collect();
    levels::draw(canvas, (frame.left, frame.right), &levels, None)?;
    if let Some((lower, upper)) = figures.interval {
        band(canvas, frame, height(upper), height(lower))?;
    }
    let place = |point: &Point| at(&chart, (instant(point.at), point.seconds.max(low)));
    let line = |y: f64, colour, width| canvas.line((frame.left, y), (frame.right, y), colour, px(width));
    let median = |rimmed: bool| {
        let Some(y) = figures.median.map(height) else { return Ok(()) };
        if rimmed {
            line(y, canvas.colours.ground, 4.0)?;
        }
        line(y, canvas.colours.text, 1.75)
    };
    if let Some(spans) = &shown.spans {
        // As wide as a column and a little more, so that neighbours leave no seam.
        let width = (canvas.width() / (canvas.look.width / 2) as f64) * 1.1;
        let bar = |(middle, shortest, longest): &(f64, f64, f64)| {
            let ((x, top), (_, bottom)) =
                (at(&chart, (*middle, longest.max(low))), at(&chart, (*middle, shortest.max(low))));
            // A column with one duration is a mark as high as the line is wide.
            let (half, y) = (((bottom - top) / 2.0).max(px(0.75)), (top + bottom) / 2.0);
            canvas.line((x, y - half), (x, y + half), canvas.colours.series, width)
        };
        spans.iter().try_for_each(bar)?;
        median(true)?;
    } else if shown.number > MANY {
        points.iter().try_for_each(|point| canvas.speck(place(point), px(2.5), canvas.colours.series))?;
        median(true)?;
    } else {
        median(false)?;
        let radius = px(if shown.number <= 30 { 4.0 } else { 3.25 });
        for point in points {
            if shown.number < FEWEST {
                canvas.ring(place(point), radius, canvas.colours.series)?;
            } else {
                canvas.dot(place(point), radius, canvas.colours.series)?;
            }
        }
    }
    dates(canvas, &chart, frame, (from, to), zone)?;

    Ok(points.iter().map(|point| place(point)).collect())
}

/// The interval, never thinner than 8 px: on a logarithmic axis a good one nearly vanishes behind the median's line.
fn band(canvas: &Canvas<'_>, frame: Frame, upper: f64, lower: f64) -> Result<(), Error> {
    let half = ((lower - upper) / 2.0).max(canvas.px(4.0));
    let middle = (lower + upper) / 2.0;
    let band = Frame { top: middle - half, bottom: middle + half, ..frame };
    canvas.rounded(
        band,
        canvas.px(2.0),
        false,
        canvas.colours.band,
        Some((canvas.colours.edge, canvas.px(1.0))),
    )
}

fn dates(
    canvas: &Canvas<'_>,
    chart: &Chart<'_, LogCoord<f64>>,
    frame: Frame,
    range: (Timestamp, Timestamp),
    zone: &TimeZone,
) -> Result<(), Error> {
    let bounds = (canvas.px(2.0), canvas.width() - canvas.px(2.0));
    let mut kept = Vec::new();
    let mut broken = None;
    let foot = chart.get_y_range().start;
    let calm = ((frame.right - frame.left) / canvas.px(90.0)).max(3.0) as usize;
    ticks::times(range, zone, canvas.look.language, calm, |ticks| {
        let labels = ticks.iter().map(|tick| (at(chart, (instant(tick.at), foot)).0, tick.text.clone()));
        match weeks::row(canvas, labels, bounds, false) {
            Ok(Some(row)) => kept = row,
            Ok(None) => return false,
            Err(error) => broken = Some(error),
        }
        true
    });
    if let Some(error) = broken {
        return Err(error);
    }
    weeks::write(canvas, &kept, frame.bottom + canvas.px(17.0))
}

/// Seconds of the Unix epoch.
fn instant(at: Timestamp) -> f64 {
    at.as_microsecond() as f64 / 1e6
}

/// The range of the duration axis: everything plotted with some air, and never so narrow that small differences look
/// large.
fn durations_shown(figures: &Figures) -> (f64, f64) {
    let ends = figures.interval.map_or([None, None], |(low, high)| [Some(low), Some(high)]);
    let all = [Some(figures.shortest), Some(figures.longest), figures.median, ends[0], ends[1]];
    let high = all.into_iter().flatten().fold(SHORTEST, f64::max);
    // Zero has no place on this axis: it stands at the foot, a decade under the longest if all the rest is zero too.
    let low = all.into_iter().flatten().filter(|s| *s >= SHORTEST).fold(high, f64::min);
    let low = if figures.shortest < SHORTEST { low / 2.0 } else { low };
    let air = (high / low).powf(0.09).max(1.25);
    let (low, high) = (low / air, high * air);
    let widen = (6.0 / (high / low)).sqrt().max(1.0);
    (low / widen, high * widen)
}

/// The range of the time axis: from the first to the last with room for their dots, ten minutes at least.
fn times_shown((first, last): (Timestamp, Timestamp)) -> (Timestamp, Timestamp) {
    let span = last.duration_since(first);
    let missing = SignedDuration::from_mins(10).saturating_sub(span).max(SignedDuration::ZERO) / 2;
    let air = span / 40 + missing;
    let from = first.checked_sub(air).unwrap_or(Timestamp::MIN);
    (from, last.checked_add(air).unwrap_or(Timestamp::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thinning_keeps_the_extremes_of_every_pixel() {
        let points: Vec<Point> = (0..10_000)
            .map(|i| Point {
                at: Timestamp::from_second(1_700_000_000 + i * 60).unwrap(),
                seconds: if i == 4321 { 90_000.0 } else { 100.0 + (i % 50) as f64 },
                label: String::new(),
                id: i.to_string(),
            })
            .collect();
        let order: Vec<&Point> = points.iter().collect();
        let shown = Shown::new(&order, 500);
        let kept = &shown.points;
        assert!(kept.len() <= 500 && shown.spans.as_ref().is_some_and(|spans| spans.len() == 250));
        assert!(kept.iter().any(|point| point.id == "4321"));
        assert!(kept.is_sorted_by_key(|point| point.at));
        let longest = |points: &[&Point]| points.iter().map(|p| p.seconds).fold(0.0, f64::max);
        let shortest = |points: &[&Point]| points.iter().map(|p| p.seconds).fold(f64::MAX, f64::min);
        assert_eq!((longest(kept), shortest(kept)), (longest(&order), shortest(&order)));
        assert_eq!(Shown::new(&order[..1000], 500).points.len(), 1000, "two a pixel are all drawn");
    }

    #[test]
    fn equal_durations_do_not_fill_the_axis() {
        let shown = |seconds, interval| {
            let period = (Timestamp::UNIX_EPOCH, Timestamp::UNIX_EPOCH);
            let figures =
                Figures { shortest: seconds, longest: seconds, median: Some(seconds), interval, period };
            durations_shown(&figures)
        };
        let (low, high) = shown(360.0, Some((360.0, 360.0)));
        assert!((5.9..6.5).contains(&(high / low)) && low < 360.0 && high > 360.0, "{low} {high}");
        let (low, high) = shown(0.0, None);
        assert!(low > 0.0 && high > low, "{low} {high}");
    }
}
