//! The values of the upright axis: a hairline across and a label at its left, in every plot the same.

use super::Error;
use super::canvas::{Canvas, LABEL, Type};
use plotters::style::text_anchor::HPos;

/// Between a label and the lines, pixels of the window.
const GAP: f64 = 8.0;
/// Least distance of two labels' middles, pixels of the window.
const APART: f64 = 14.0;

/// Where the lines start: right of the longest label.
pub(super) fn left(canvas: &Canvas<'_>, names: &[String]) -> Result<f64, Error> {
    let mut widest = 0.0_f64;
    for name in names {
        widest = widest.max(canvas.measure(name, LABEL, false)?);
    }
    Ok(widest + canvas.px(GAP + 1.0))
}

/// Draws the values at their heights, the lowest first. Where they would touch, only the ends are left; where even those
/// would, only the lowest is. `zero` is drawn stronger: bars stand on it.
pub(super) fn draw(
    canvas: &Canvas<'_>,
    (left, right): (f64, f64),
    levels: &[(f64, String)],
    zero: Option<f64>,
) -> Result<(), Error> {
    let free = |a: f64, b: f64| a - b >= canvas.px(APART);
    let all = levels.windows(2).all(|pair| matches!(pair, [a, b] if free(a.0, b.0)));
    let ends = matches!(levels, [first, .., last] if free(first.0, last.0));
    for (i, (y, name)) in levels.iter().enumerate() {
        let kept = all || i == 0 || (ends && i + 1 == levels.len());
        if kept {
            let colour = if zero == Some(*y) { canvas.colours.strong } else { canvas.colours.grid };
            canvas.rule(left, right, *y, colour)?;
            let look = Type { across: HPos::Right, ..canvas.centred() };
            canvas.text(name, (left - canvas.px(GAP), *y), look)?;
        }
    }
    Ok(())
}
