//! Shapes in pixels on plotters' drawing area, and the hatched picture of no data.

use super::fonts::{FAMILY, Measure};
use super::look::{Colours, Look};
use super::svg::{Svg, UNITS};
use super::words::words;
use super::{Error, Plot};
use plotters::coord::Shift;
use plotters::coord::types::RangedCoordf64;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters_backend::{BackendCoord, FontFamily};
use std::f64::consts::FRAC_PI_2;

/// Size of nearly every text, pixels of the window.
pub(super) const LABEL: f64 = 11.0;

/// Edges of a rectangle, pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Frame {
    pub(super) left: f64,
    pub(super) top: f64,
    pub(super) right: f64,
    pub(super) bottom: f64,
}

impl Frame {
    pub(super) fn overlaps(&self, other: &Self) -> bool {
        self.left < other.right
            && other.left < self.right
            && self.top < other.bottom
            && other.top < self.bottom
    }
}

/// How a text stands.
#[derive(Clone, Copy)]
pub(super) struct Type {
    /// Pixels of the window, before the canvas scales them.
    pub(super) size: f64,
    pub(super) bold: bool,
    pub(super) colour: RGBColor,
    pub(super) across: HPos,
    /// `Center` centres digits and capitals on the point, `Bottom` makes it the baseline.
    pub(super) down: VPos,
}

/// Data coordinates over a frame.
pub(super) type Chart<'a, Y> = DrawingArea<Svg<'a>, Cartesian2d<RangedCoordf64, Y>>;

/// A picture being drawn. Lengths are pixels, as they will be in the SVG.
pub(super) struct Canvas<'a> {
    area: DrawingArea<Svg<'a>, Shift>,
    pub(super) look: Look,
    pub(super) colours: Colours,
    /// Pixels of this picture in one of the window.
    pub(super) scale: f64,
    regular: Measure,
    bold: Measure,
}

/// A picture, and what painting it gave.
pub(super) struct Drawing<T> {
    pub(super) svg: String,
    pub(super) outcome: T,
}

/// Draws a picture from its ground up.
pub(super) fn draw<T>(
    look: &Look,
    title: &str,
    alt: &str,
    paint: impl FnOnce(&Canvas<'_>) -> Result<T, Error>,
) -> Result<Drawing<T>, Error> {
    let mut svg = String::new();
    let backend = Svg::new(&mut svg, (look.width, look.height), look.family(), title, alt);
    let canvas = Canvas {
        area: backend.into_drawing_area(),
        look: *look,
        colours: look.colours(),
        scale: look.scale(),
        regular: Measure::new(false)?,
        bold: Measure::new(true)?,
    };
    canvas.area.fill(&canvas.colours.ground).map_err(failed)?;
    let outcome = paint(&canvas)?;
    canvas.area.present().map_err(failed)?;
    drop(canvas);
    Ok(Drawing { svg, outcome })
}

/// A plot without data: hatching, and words that say what is missing.
pub(super) fn empty(
    look: &Look,
    title: &str,
    reason: &str,
    header: Vec<String>,
    record: Vec<String>,
) -> Result<Plot, Error> {
    let words = words(look.language);
    let alt = format!("{title}{}{}. {reason}.", words.colon, words.no_data);
    let drawing = draw(look, title, &alt, |canvas| canvas.no_data(reason))?;
    Ok(Plot {
        svg: drawing.svg,
        width: look.width,
        height: look.height,
        title: title.to_owned(),
        alt,
        table: vec![header],
        records: vec![record],
        points: Vec::new(),
    })
}

fn failed(error: impl std::fmt::Display) -> Error {
    Error::Drawing(error.to_string())
}

fn units(pixels: f64) -> i32 {
    (pixels * UNITS).round() as i32
}

fn place((x, y): (f64, f64)) -> BackendCoord {
    (units(x), units(y))
}

impl<'a> Canvas<'a> {
    /// Pixels of this picture for pixels of the window.
    pub(super) fn px(&self, window: f64) -> f64 {
        window * self.scale
    }

    pub(super) fn width(&self) -> f64 {
        f64::from(self.look.width)
    }

    pub(super) fn height(&self) -> f64 {
        f64::from(self.look.height)
    }

    /// How wide a text will be, pixels; never less than it will be in the window's font.
    pub(super) fn measure(&self, text: &str, size: f64, bold: bool) -> Result<f64, Error> {
        let face = if bold { &self.bold } else { &self.regular };
        Ok(face.width(text)? * self.px(size) * self.look.widening())
    }

    /// Coordinates of `x` and `y` over a frame, `y` upwards.
    pub(super) fn chart<Y: Ranged<ValueType = f64>>(
        &self,
        frame: Frame,
        x: std::ops::Range<f64>,
        y: impl Into<Y>,
    ) -> Chart<'a, Y> {
        let (left, top) = place((frame.left, frame.top));
        let (right, bottom) = place((frame.right, frame.bottom));
        self.area.apply_coord_spec(Cartesian2d::new(x, y, (left..right, bottom..top)))
    }

    fn add<'e, E>(&self, element: &'e E) -> Result<(), Error>
    where
        &'e E: plotters::element::PointCollection<'e, BackendCoord>,
        E: plotters::element::Drawable<Svg<'a>>,
    {
        self.area.draw(element).map_err(failed)
    }

    pub(super) fn text(&self, text: &str, at: (f64, f64), look: Type) -> Result<(), Error> {
        let style = if look.bold { FontStyle::Bold } else { FontStyle::Normal };
        let font = FontDesc::new(FontFamily::Name(FAMILY), self.px(look.size) * UNITS, style);
        let style = TextStyle::from(font).color(&look.colour).pos(Pos::new(look.across, look.down));
        self.add(&Text::new(text, place(at), style))
    }

    pub(super) fn line(
        &self,
        from: (f64, f64),
        to: (f64, f64),
        colour: RGBColor,
        width: f64,
    ) -> Result<(), Error> {
        self.add(&PathElement::new(vec![place(from), place(to)], stroke(colour, width)))
    }

    /// A hairline of the grid, moved onto whole pixels so that the window draws it one pixel thin.
    pub(super) fn rule(&self, left: f64, right: f64, y: f64, colour: RGBColor) -> Result<(), Error> {
        let y = y.floor() + 0.5;
        self.line((left, y), (right, y), colour, (0.75 * self.scale).max(1.0))
    }

    pub(super) fn fill(&self, frame: Frame, colour: RGBColor) -> Result<(), Error> {
        let corners = [place((frame.left, frame.top)), place((frame.right, frame.bottom))];
        self.add(&Rectangle::new(corners, colour.filled()))
    }

    /// A rectangle with round corners, or with round upper corners only, as bars have.
    pub(super) fn rounded(
        &self,
        frame: Frame,
        radius: f64,
        upper_only: bool,
        fill: RGBColor,
        edge: Option<(RGBColor, f64)>,
    ) -> Result<(), Error> {
        // An outline lies within its frame.
        let inset = edge.map_or(0.0, |(_, width)| width / 2.0);
        let frame = Frame {
            left: frame.left + inset,
            top: frame.top + inset,
            right: frame.right - inset,
            bottom: frame.bottom - inset,
        };
        let mut outline = corners(frame, radius, upper_only);
        self.add(&Polygon::new(outline.clone(), fill))?;
        if let Some((colour, width)) = edge {
            // Over its start, so that the corner there is closed too.
            let start: Vec<BackendCoord> = outline.iter().take(2).copied().collect();
            outline.extend(start);
            self.add(&PathElement::new(outline, stroke(colour, width)))?;
        }
        Ok(())
    }

    /// A full dot with a rim of the ground, so that neighbours stay apart.
    pub(super) fn dot(&self, at: (f64, f64), radius: f64, colour: RGBColor) -> Result<(), Error> {
        self.circle(at, radius + self.px(1.25), self.colours.ground.filled())?;
        self.circle(at, radius, colour.filled())
    }

    /// A dot among many: they show through each other where they are dense.
    pub(super) fn speck(&self, at: (f64, f64), radius: f64, colour: RGBColor) -> Result<(), Error> {
        self.circle(at, radius, colour.mix(0.5).filled())
    }

    /// A hollow dot: too few to be sure.
    pub(super) fn ring(&self, at: (f64, f64), radius: f64, colour: RGBColor) -> Result<(), Error> {
        let width = self.px(1.5);
        self.circle(at, radius, self.colours.ground.filled())?;
        self.circle(at, radius - width / 2.0, stroke(colour, width))
    }

    fn circle(&self, at: (f64, f64), radius: f64, style: ShapeStyle) -> Result<(), Error> {
        self.add(&Circle::new(place(at), units(radius.max(0.0)), style))
    }

    /// Lines of 45° over a frame: no data.
    pub(super) fn hatch(&self, frame: Frame, gap: f64) -> Result<(), Error> {
        let height = frame.bottom - frame.top;
        let mut foot = frame.left - height + gap / 2.0;
        while foot < frame.right {
            let (start, end) = ((frame.left - foot).max(0.0), (frame.right - foot).min(height));
            if start < end {
                let at = |t: f64| (foot + t, frame.bottom - t);
                self.line(at(start), at(end), self.colours.strong, self.px(1.0))?;
            }
            foot += gap;
        }
        Ok(())
    }

    /// Words on a piece of ground in the middle of a hatched frame; nothing where they do not fit.
    pub(super) fn label_hatched(&self, text: &str, frame: Frame) -> Result<bool, Error> {
        let (width, height) = (self.measure(text, LABEL, false)? + self.px(10.0), self.px(18.0));
        if width > frame.right - frame.left || height > frame.bottom - frame.top {
            return Ok(false);
        }
        let (x, y) = ((frame.left + frame.right) / 2.0, (frame.top + frame.bottom) / 2.0);
        let patch = Frame {
            left: x - width / 2.0,
            top: y - height / 2.0,
            right: x + width / 2.0,
            bottom: y + height / 2.0,
        };
        self.fill(patch, self.colours.ground)?;
        self.text(text, (x, y), self.centred())?;
        Ok(true)
    }

    /// A label centred on its point.
    pub(super) fn centred(&self) -> Type {
        Type { size: LABEL, bold: false, colour: self.colours.axis, across: HPos::Center, down: VPos::Center }
    }

    fn no_data(&self, reason: &str) -> Result<(), Error> {
        let margin = self.px(1.0);
        let frame =
            Frame { left: margin, top: margin, right: self.width() - margin, bottom: self.height() - margin };
        self.hatch(frame, self.px(8.0))?;
        let head = words(self.look.language).no_data;
        let wide =
            self.measure(reason, LABEL, false)?.max(self.measure(head, 13.0, true)?) / 2.0 + self.px(16.0);
        let high = self.px(28.0);
        let (x, y) = (self.width() / 2.0, self.height() / 2.0);
        let patch = Frame { left: x - wide, top: y - high, right: x + wide, bottom: y + high };
        self.fill(patch, self.colours.ground)?;
        let small = self.centred();
        let large = Type { size: 13.0, bold: true, colour: self.colours.text, ..small };
        self.text(head, (x, y - self.px(9.0)), large)?;
        self.text(reason, (x, y + self.px(10.0)), small)
    }
}

fn stroke(colour: RGBColor, width: f64) -> ShapeStyle {
    colour.stroke_width(u32::try_from(units(width)).unwrap_or(0))
}

/// Where a value stands, pixels.
pub(super) fn at<Y: Ranged<ValueType = f64>>(chart: &Chart<'_, Y>, point: (f64, f64)) -> (f64, f64) {
    let (x, y) = chart.map_coordinate(&point);
    (f64::from(x) / UNITS, f64::from(y) / UNITS)
}

/// A rectangle's outline with arcs of a few points: at this size nobody sees that they are not round.
fn corners(frame: Frame, radius: f64, upper_only: bool) -> Vec<BackendCoord> {
    let radius = radius.min((frame.right - frame.left) / 2.0).min((frame.bottom - frame.top) / 2.0).max(0.0);
    let lower = if upper_only { 0.0 } else { radius };
    let centres = [
        (frame.right - radius, frame.top + radius, radius),
        (frame.right - lower, frame.bottom - lower, lower),
        (frame.left + lower, frame.bottom - lower, lower),
        (frame.left + radius, frame.top + radius, radius),
    ];
    let mut outline = Vec::with_capacity(20);
    for (quarter, (x, y, radius)) in centres.into_iter().enumerate() {
        let steps = if radius > 0.0 { 4 } else { 0 };
        for step in 0..=steps {
            let part = if steps == 0 { 0.0 } else { f64::from(step) / f64::from(steps) };
            let angle = FRAC_PI_2 * (quarter as f64 - 1.0 + part);
            outline.push(place((x + radius * angle.cos(), y + radius * angle.sin())));
        }
    }
    outline
}
