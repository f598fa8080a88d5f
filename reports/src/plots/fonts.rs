//! The embedded typeface of documents and pictures: Liberation Sans 2.1.5, metric-compatible with Arial, under the SIL
//! Open Font License 1.1 (`fonts/LICENSE-OFL.txt`). No font of the system is ever asked.

use super::Error;
use plotters::style::{FontDesc, FontFamily, FontStyle, register_font};
use std::sync::OnceLock;

/// Liberation Sans Regular, a whole TrueType file.
pub const REGULAR: &[u8] = include_bytes!("../../fonts/LiberationSans-Regular.ttf");

/// Liberation Sans Bold, a whole TrueType file.
pub const BOLD: &[u8] = include_bytes!("../../fonts/LiberationSans-Bold.ttf");

/// The family's name in SVG, Word and PowerPoint.
pub const FAMILY: &str = "Liberation Sans";

/// plotters' ab_glyph takes the height from ascender to descender where CSS takes the em: 1854 + 434 units of 2048.
const HEIGHT_OF_EM: f64 = 2288.0 / 2048.0;

/// Texts are measured this large, because plotters rounds widths to whole units.
const MEASURED_AT: f64 = 1000.0;

/// plotters' fonts are one table a process; registering twice would only cost time.
fn registered() -> Result<(), Error> {
    static DONE: OnceLock<Result<(), &'static str>> = OnceLock::new();
    DONE.get_or_init(|| {
        register_font(FAMILY, FontStyle::Normal, REGULAR).map_err(|_| "Liberation Sans Regular")?;
        register_font(FAMILY, FontStyle::Bold, BOLD).map_err(|_| "Liberation Sans Bold")
    })
    .map_err(Error::Font)
}

/// One face, ready to measure texts through plotters.
pub(super) struct Measure(FontDesc<'static>);

impl Measure {
    pub(super) fn new(bold: bool) -> Result<Self, Error> {
        registered()?;
        let style = if bold { FontStyle::Bold } else { FontStyle::Normal };
        Ok(Self(FontDesc::new(FontFamily::Name(FAMILY), MEASURED_AT * HEIGHT_OF_EM, style)))
    }

    /// How wide `text` is on one line, in em: times the size of the text, whatever its unit.
    pub(super) fn width(&self, text: &str) -> Result<f64, Error> {
        let (width, _) = self.0.box_size(text).map_err(|_| Error::Font(FAMILY))?;
        Ok(f64::from(width) / MEASURED_AT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn width(text: &str, bold: bool) -> Result<f64, Error> {
        Measure::new(bold)?.width(text)
    }

    #[test]
    fn widths_are_the_fonts_own() {
        // Advance widths of Arial, which Liberation Sans keeps: digits 1139/2048, M 1706/2048, bold M 1706/2048.
        assert!((width("0", false).unwrap() - 1139.0 / 2048.0).abs() < 0.002);
        assert!((width("M", false).unwrap() - 1706.0 / 2048.0).abs() < 0.002);
        assert!((width("10", false).unwrap() - 2.0 * 1139.0 / 2048.0).abs() < 0.003);
        assert!(width("failed", true).unwrap() > width("failed", false).unwrap());
        assert!(width("", false).unwrap() < 0.001);
    }
}
