//! The line above a plot that says what each mark is, with its figure: it is the legend and the answer in one.

use super::Error;
use super::canvas::{Canvas, Frame, LABEL, Type};
use plotters::style::RGBColor;
use plotters::style::text_anchor::{HPos, VPos};

/// A small picture of a mark.
#[derive(Clone, Copy)]
pub(super) enum Swatch {
    /// No mark: a figure alone.
    None,
    /// A full bar.
    Full(RGBColor),
    /// A hollow bar.
    Hollow,
    /// A full dot.
    Dot,
    /// A hollow dot.
    Ring,
    /// A vertical line: the span of many.
    Span,
    /// The black line.
    Line,
    /// An interval.
    Band,
    /// No data.
    Hatch,
}

/// A mark, what it is, and its number.
pub(super) struct Item {
    pub(super) swatch: Swatch,
    pub(super) words: String,
    pub(super) figure: String,
}

impl Item {
    pub(super) fn new(swatch: Swatch, words: impl Into<String>, figure: impl Into<String>) -> Self {
        Self { swatch, words: words.into(), figure: figure.into() }
    }
}

const ROW: f64 = 17.0;

/// Draws the key from the upper left, on as many rows as it takes; gives the height it took.
pub(super) fn draw(canvas: &Canvas<'_>, items: &[Item]) -> Result<f64, Error> {
    let (indent, space, apart) = (canvas.px(18.0), canvas.px(4.0), canvas.px(16.0));
    let right = canvas.width() - canvas.px(2.0);
    let (mut x, mut row) = (0.0, 0.0);
    for item in items {
        let words = canvas.measure(&item.words, LABEL, false)?;
        let figure = canvas.measure(&item.figure, LABEL, true)?;
        let mark = if matches!(item.swatch, Swatch::None) { 0.0 } else { indent };
        let between = if item.words.is_empty() || item.figure.is_empty() { 0.0 } else { space };
        let whole = mark + words + between + figure;
        if x > 0.0 && x + whole > right {
            (x, row) = (0.0, row + 1.0);
        }
        let y = |row: f64| canvas.px(ROW * row + 9.0);
        swatch(canvas, item.swatch, x, y(row))?;
        x += mark;
        let look = Type { across: HPos::Left, down: VPos::Center, ..canvas.centred() };
        if !item.words.is_empty() {
            canvas.text(&item.words, (x, y(row)), look)?;
            x += words + between;
        }
        if !item.figure.is_empty() {
            // An item that is wider than the plot breaks before its figure.
            if x > mark && x + figure > right {
                (x, row) = (mark, row + 1.0);
            }
            let look = Type { bold: true, colour: canvas.colours.text, ..look };
            canvas.text(&item.figure, (x, y(row)), look)?;
            x += figure;
        }
        x += apart;
    }
    Ok(if items.is_empty() { 0.0 } else { canvas.px(ROW * (row + 1.0)) })
}

fn swatch(canvas: &Canvas<'_>, swatch: Swatch, x: f64, y: f64) -> Result<(), Error> {
    let px = |v: f64| canvas.px(v);
    let frame = |width: f64, height: f64| Frame {
        left: x + px(6.5 - width / 2.0),
        top: y - px(height / 2.0),
        right: x + px(6.5 + width / 2.0),
        bottom: y + px(height / 2.0),
    };
    let middle = (x + px(6.5), y);
    let colours = &canvas.colours;
    match swatch {
        Swatch::None => Ok(()),
        Swatch::Full(colour) => canvas.rounded(frame(10.0, 10.0), px(2.0), false, colour, None),
        Swatch::Hollow => {
            let edge = Some((colours.bad, px(1.5)));
            canvas.rounded(frame(10.0, 10.0), px(2.0), false, colours.bad_soft, edge)
        }
        Swatch::Dot => canvas.dot(middle, px(4.0), colours.series),
        Swatch::Ring => canvas.ring(middle, px(4.0), colours.series),
        Swatch::Span => {
            canvas.line((middle.0, y - px(5.0)), (middle.0, y + px(5.0)), colours.series, px(1.75))
        }
        Swatch::Line => canvas.line((x, y), (x + px(13.0), y), colours.text, px(1.75)),
        Swatch::Band => {
            canvas.rounded(frame(13.0, 9.0), px(2.0), false, colours.band, Some((colours.edge, px(1.0))))
        }
        Swatch::Hatch => canvas.hatch(frame(12.0, 10.0), px(3.5)),
    }
}
