//! What every plot has to keep, whatever it shows: read back from its SVG.

mod drawn;
mod odd;

use super::*;
use jiff::Timestamp;
use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use resvg::usvg::roxmltree::{Document, Node};
use std::sync::LazyLock;

/// Looks of the window and of documents, in both languages.
fn looks() -> Vec<Look> {
    let mut looks = vec![Look::document(Language::En), Look::document(Language::Fr)];
    for theme in [Theme::Light, Theme::Dark, Theme::Print] {
        for language in [Language::En, Language::Fr] {
            looks.push(Look::window(theme, language, 592, 168));
            looks.push(Look::window(theme, language, 356, 142));
        }
    }
    looks.push(Look::window(Theme::Light, Language::Fr, 280, 120));
    looks
}

fn monday(week: usize) -> Date {
    date(2025, 10, 27).checked_add(jiff::Span::new().days(7 * week as i64)).unwrap()
}

/// Weeks with zeros, failures and two that are not whole.
fn weeks(number: usize) -> Vec<Week> {
    (0..number)
        .map(|i| Week {
            label_date: monday(i),
            succeeded: [0, 3, 5, 12, 1][i % 5],
            failed: [0, 1, 0, 2, 0, 0, 4][i % 7],
            partial: i == 0 || i + 1 == number,
        })
        .collect()
}

/// Rates with weeks without data; the intervals are made up.
fn rates(number: usize) -> Vec<RateWeek> {
    let rate = |i: usize| {
        let finished = [0, 4, 5, 14, 1][i % 5];
        let succeeded = finished - u32::from(finished > 1 && i.is_multiple_of(2));
        let share = f64::from(succeeded) / f64::from(finished.max(1));
        Rate { succeeded, finished, interval: Some(((share - 0.3).max(0.0), (share + 0.2).min(1.0))) }
    };
    (0..number)
        .map(|i| RateWeek { label_date: monday(i), rate: Some(rate(i)), partial: i == 0 || i + 1 == number })
        .collect()
}

fn overall() -> Option<Rate> {
    Some(Rate { succeeded: 12, finished: 14, interval: Some((0.6006, 0.9599)) })
}

/// Cycle times over 17 days between 9 s and 25 min.
fn points(number: usize) -> Vec<Point> {
    let step = 17 * 86_400 / number.max(1) as i64;
    (0..number)
        .map(|i| Point {
            at: Timestamp::from_second(1_762_070_400 + step * i as i64).unwrap(),
            seconds: [356.0, 298.0, 1530.0, 400.0, 9.0, 330.5, 365.0][i % 7],
            label: format!("v0.{i}"),
            id: format!("run-{i}"),
        })
        .collect()
}

fn cycles(number: usize, look: &Look) -> Plot {
    let points = points(number);
    let median = (number > 0).then_some(356.0);
    let interval = (number >= 6).then_some((298.0, 400.0));
    cycle_times(&points, median, interval, &TimeZone::get("Europe/Paris").unwrap(), look).unwrap()
}

/// Every kind of plot with a good many amounts of data, in every look; drawn once for all tests.
static GALLERY: LazyLock<Vec<(String, Look, Plot)>> = LazyLock::new(gallery);

fn gallery() -> Vec<(String, Look, Plot)> {
    let mut plots = Vec::new();
    for look in looks() {
        let mut add = |name: String, plot: Plot| plots.push((format!("{name} in {look:?}"), look, plot));
        for number in [0, 1, 2, 3, 12, 26, 60] {
            let (weeks, rates) = (weeks(number), rates(number));
            add(format!("attempts, {number} weeks"), attempts_a_week(&weeks, &look).unwrap());
            add(format!("rate, {number} weeks"), success_rate(&rates, overall(), &look).unwrap());
            add(format!("rate alone, {number} weeks"), success_rate(&rates, None, &look).unwrap());
        }
        for number in [0, 1, 2, 5, 12, 60, 400, 3000] {
            add(format!("{number} cycle times"), cycles(number, &look));
        }
    }
    plots
}

/// A text of a plot and what it covers, pixels.
#[derive(Debug)]
struct Label {
    text: String,
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
}

fn number(node: &Node<'_, '_>, name: &str) -> f64 {
    node.attribute(name)
        .unwrap_or_else(|| panic!("{} without {name}", node.tag_name().name()))
        .parse()
        .unwrap()
}

/// Every text with the box it fills the way SVG places it, in a font `widening` times as wide as Liberation Sans.
fn labels(svg: &Document<'_>, widening: f64) -> Vec<Label> {
    let (regular, bold) = (fonts::Measure::new(false).unwrap(), fonts::Measure::new(true).unwrap());
    let texts = svg.descendants().filter(|node| node.has_tag_name("text"));
    texts
        .map(|node| {
            let (x, y, size) = (number(&node, "x"), number(&node, "y"), number(&node, "font-size"));
            let text = node.text().unwrap().to_owned();
            let face = if node.attribute("font-weight").is_some() { &bold } else { &regular };
            let width = face.width(&text).unwrap() * size * widening;
            let left = match node.attribute("text-anchor") {
                None => x,
                Some("middle") => x - width / 2.0,
                Some("end") => x - width,
                Some(other) => panic!("text-anchor {other}"),
            };
            Label { text, left, right: left + width, top: y - 0.72 * size, bottom: y + 0.02 * size }
        })
        .collect()
}
