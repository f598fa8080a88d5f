//! The backend that plotters draws on: compact SVG with fractions of a pixel.
//!
//! plotters counts in whole units, so a unit is a hundredth of a pixel here and is written as a decimal. Text is placed
//! by its baseline in pixels, because renderers differ in what they make of `dy` in em and ex.

use plotters::prelude::DrawingBackend;
use plotters_backend::text_anchor::{HPos, VPos};
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingErrorKind, FontStyle,
};
use std::convert::Infallible;
use std::fmt::Write as _;

/// Units of plotters in a pixel.
pub(super) const UNITS: f64 = 100.0;

/// Height of a digit over the font's size, in Liberation Sans and nearly in Inter.
const DIGIT_HEIGHT: f64 = 0.7;

type Drawn = Result<(), DrawingErrorKind<Infallible>>;

/// Writes into a string that outlives it; the document ends with `present`.
pub(super) struct Svg<'a> {
    out: &'a mut String,
    size: (u32, u32),
    open: bool,
}

impl<'a> Svg<'a> {
    /// Starts a document of `width` × `height` pixels. `title` is its accessible name, `description` a sentence.
    pub(super) fn new(
        out: &'a mut String,
        (width, height): (u32, u32),
        family: &str,
        title: &str,
        description: &str,
    ) -> Self {
        let _ = write!(
            out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
             viewBox=\"0 0 {width} {height}\" role=\"img\" font-family=\"{family}\"><title>"
        );
        escape(out, title);
        out.push_str("</title><desc>");
        escape(out, description);
        out.push_str("</desc>\n");
        let units = UNITS as u32;
        Self { out, size: (width * units, height * units), open: true }
    }

    fn attribute(&mut self, name: &str, units: i32) {
        let _ = write!(self.out, " {name}=\"");
        decimal(self.out, units);
        self.out.push('"');
    }

    fn paint(&mut self, name: &str, colour: BackendColor) {
        let (r, g, b) = colour.rgb;
        let _ = write!(self.out, " {name}=\"#{r:02x}{g:02x}{b:02x}\"");
        if colour.alpha < 1.0 {
            let _ = write!(self.out, " {name}-opacity=\"{:.2}\"", colour.alpha);
        }
    }

    fn stroke<S: BackendStyle>(&mut self, style: &S) {
        self.out.push_str(" fill=\"none\"");
        self.paint("stroke", style.color());
        self.attribute("stroke-width", i32::try_from(style.stroke_width()).unwrap_or(i32::MAX));
    }

    fn outline(&mut self, points: impl IntoIterator<Item = BackendCoord>, close: bool) {
        self.out.push_str("<path d=\"");
        for (i, (x, y)) in points.into_iter().enumerate() {
            self.out.push(if i == 0 { 'M' } else { 'L' });
            decimal(self.out, x);
            self.out.push(' ');
            decimal(self.out, y);
        }
        self.out.push_str(if close { "Z\"" } else { "\"" });
    }

    fn end(&mut self) -> Drawn {
        self.out.push_str("/>\n");
        Ok(())
    }
}

/// Hundredths as a decimal without needless zeros.
fn decimal(out: &mut String, units: i32) {
    let (whole, rest) = (units.unsigned_abs() / 100, units.unsigned_abs() % 100);
    let sign = if units < 0 { "-" } else { "" };
    let _ = match (rest, rest % 10) {
        (0, _) => write!(out, "{sign}{whole}"),
        (_, 0) => write!(out, "{sign}{whole}.{}", rest / 10),
        _ => write!(out, "{sign}{whole}.{rest:02}"),
    };
}

/// Text as XML; what XML cannot hold at all becomes a space.
fn escape(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '\u{fffe}' | '\u{ffff}' => out.push(' '),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
}

impl DrawingBackend for Svg<'_> {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        self.size
    }

    fn ensure_prepared(&mut self) -> Drawn {
        Ok(())
    }

    fn present(&mut self) -> Drawn {
        if std::mem::take(&mut self.open) {
            self.out.push_str("</svg>\n");
        }
        Ok(())
    }

    fn draw_pixel(&mut self, (x, y): BackendCoord, colour: BackendColor) -> Drawn {
        self.draw_rect((x, y), (x + 1, y + 1), &colour, true)
    }

    fn draw_line<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, style: &S) -> Drawn {
        self.draw_path([from, to], style)
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        (x0, y0): BackendCoord,
        (x1, y1): BackendCoord,
        style: &S,
        fill: bool,
    ) -> Drawn {
        self.out.push_str("<rect");
        self.attribute("x", x0);
        self.attribute("y", y0);
        self.attribute("width", x1 - x0);
        self.attribute("height", y1 - y0);
        if fill {
            self.paint("fill", style.color())
        } else {
            self.stroke(style)
        }
        self.end()
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Drawn {
        self.outline(path, false);
        self.stroke(style);
        self.end()
    }

    fn draw_circle<S: BackendStyle>(
        &mut self,
        (x, y): BackendCoord,
        radius: u32,
        style: &S,
        fill: bool,
    ) -> Drawn {
        self.out.push_str("<circle");
        self.attribute("cx", x);
        self.attribute("cy", y);
        self.attribute("r", i32::try_from(radius).unwrap_or(i32::MAX));
        if fill {
            self.paint("fill", style.color())
        } else {
            self.stroke(style)
        }
        self.end()
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        vert: I,
        style: &S,
    ) -> Drawn {
        self.outline(vert, true);
        self.paint("fill", style.color());
        self.end()
    }

    fn draw_text<T: BackendTextStyle>(&mut self, text: &str, style: &T, (x, y): BackendCoord) -> Drawn {
        let raised = match style.anchor().v_pos {
            VPos::Top => 1.0,
            VPos::Center => 0.5,
            VPos::Bottom => 0.0,
        };
        self.out.push_str("<text");
        self.attribute("x", x);
        self.attribute("y", y + (raised * DIGIT_HEIGHT * style.size()).round() as i32);
        self.attribute("font-size", style.size().round() as i32);
        match style.anchor().h_pos {
            HPos::Left => {}
            HPos::Center => self.out.push_str(" text-anchor=\"middle\""),
            HPos::Right => self.out.push_str(" text-anchor=\"end\""),
        }
        if matches!(style.style(), FontStyle::Bold) {
            self.out.push_str(" font-weight=\"600\"");
        }
        self.paint("fill", style.color());
        self.out.push('>');
        escape(self.out, text);
        self.out.push_str("</text>\n");
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_trimmed() {
        for (units, expected) in
            [(0, "0"), (100, "1"), (150, "1.5"), (107, "1.07"), (-5, "-0.05"), (-230, "-2.3")]
        {
            let mut out = String::new();
            decimal(&mut out, units);
            assert_eq!(out, expected);
        }
    }

    #[test]
    fn words_cannot_become_markup() {
        let mut out = String::new();
        Svg::new(&mut out, (10, 10), "F", "<b>&\u{1}", "]]>\u{ffff}").present().unwrap();
        let document = resvg::usvg::roxmltree::Document::parse(&out).unwrap();
        let texts: Vec<_> = document.descendants().filter(|n| n.is_text()).filter_map(|n| n.text()).collect();
        assert_eq!(texts[..2], ["<b>& ", "]]> "]);
    }
}
