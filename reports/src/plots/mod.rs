//! Plots of the delivery KPIs as SVG: attempts a week, cycle times, success rate.
//!
//! Plain data in, a [`Plot`] out: the picture, a sentence that says the same, a table, and where each point stands, so
//! that the window can draw a cross-hair and walk the points by keyboard. The window shows the SVG as it is, documents
//! also take the PNG of [`to_png`]. Nothing is computed here: medians and intervals come from the caller.
//!
//! The same input gives the same bytes. No data is drawn hatched and said in words, never as zero.

mod attempts;
mod canvas;
mod cycle_times;
mod days;
mod export;
pub mod fonts;
mod key;
mod levels;
mod look;
mod numbers;
mod success_rate;
mod svg;
mod ticks;
mod weeks;
mod words;

#[cfg(test)]
mod tests;

pub use attempts::{Week, attempts_a_week};
pub use cycle_times::{Point, cycle_times};
pub use export::{to_csv, to_png};
pub use look::{Language, Look, Medium, Theme};
pub use success_rate::{Rate, RateWeek, success_rate};

/// A finished picture and everything that belongs to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Plot {
    /// A whole SVG document with `role="img"`, a `<title>` and a `<desc>`; coordinates are pixels, the ground is drawn.
    /// It has no ids, so that several can stand in one page, and no text of the repository.
    pub svg: String,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// What is plotted, in the look's language: a heading or the start of a caption.
    pub title: String,
    /// What the picture says, with its numbers, in a full sentence of the look's language.
    pub alt: String,
    /// What is plotted as rows for a person, the first one the header, in the look's language.
    pub table: Vec<Vec<String>>,
    /// The same rows for a program, the first one the header: English names, ISO 8601, seconds, decimal points.
    pub records: Vec<Vec<String>>,
    /// What can be pointed at, from left to right. Without data it is empty.
    pub points: Vec<PlotPoint>,
}

/// One thing in a plot that can be pointed at.
#[derive(Debug, Clone, PartialEq)]
pub struct PlotPoint {
    /// Pixels from the left edge.
    pub x: f64,
    /// Pixels from the upper edge.
    pub y: f64,
    /// What it is and its numbers, in the look's language. May hold text of the repository: never HTML.
    pub label: String,
    /// The caller's id of it: [`Point::id`], or the week's first day as `2025-11-03`.
    pub id: String,
}

/// Why a plot could not be made. Missing data is no error.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The look asks for a picture that is too small for its labels, or larger than any screen.
    #[error(
        "a plot cannot be {width} × {height} pixels: it needs at least {least} × {least_height} here, and at most 8000 each way"
    )]
    Size {
        /// What was asked for.
        width: u32,
        /// What was asked for.
        height: u32,
        /// The least width in this medium.
        least: u32,
        /// The least height in this medium.
        least_height: u32,
    },
    /// A number that cannot be what it stands for, such as a negative duration.
    #[error("{what} {of} is {value}, which is not {expected}")]
    Value {
        /// Which number, such as "the cycle time of".
        what: &'static str,
        /// Whose.
        of: String,
        /// The number.
        value: f64,
        /// What would have been possible.
        expected: &'static str,
    },
    /// Weeks have to follow each other without a gap, or the axis would lie.
    #[error("the week of {next} does not follow the week of {week}: weeks come in order, 1 to 7 days apart")]
    Weeks {
        /// A week.
        week: jiff::civil::Date,
        /// The one that was given after it.
        next: jiff::civil::Date,
    },
    /// The embedded font could not be read.
    #[error("the embedded font cannot be read: {0}")]
    Font(&'static str),
    /// plotters could not draw.
    #[error("the plot cannot be drawn: {0}")]
    Drawing(String),
    /// The SVG could not be read for its PNG.
    #[error("the plot's SVG cannot be read: {0}")]
    Svg(#[from] resvg::usvg::Error),
    /// The PNG would have no pixels, or too many.
    #[error("a PNG of {width} × {height} pixels at {scale} times its size cannot be made")]
    Scale {
        /// The plot's.
        width: u32,
        /// The plot's.
        height: u32,
        /// What was asked for.
        scale: f32,
    },
    /// The PNG could not be encoded.
    #[error("the plot's PNG cannot be written: {0}")]
    Png(String),
}
