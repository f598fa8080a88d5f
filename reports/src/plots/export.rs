//! A plot as PNG and as CSV.

use super::{Error, Plot, fonts};
use resvg::{tiny_skia, usvg};
use std::sync::{Arc, OnceLock};

/// The most pixels of a PNG: 400 MB of memory.
const MOST_PIXELS: f32 = 1e8;

/// The picture as PNG, `scale` times its size in pixels (2.0 for print), with the embedded fonts and no others: the same
/// on every machine.
///
/// # Errors
/// [`Error::Scale`] where that gives no pixels or over a hundred million, [`Error::Svg`] and [`Error::Png`] where the
/// picture cannot be read or encoded.
pub fn to_png(plot: &Plot, scale: f32) -> Result<Vec<u8>, Error> {
    let refused = || Error::Scale { width: plot.width, height: plot.height, scale };
    let (width, height) = ((plot.width as f32 * scale).round(), (plot.height as f32 * scale).round());
    // Not a number fails both comparisons.
    if !(width >= 1.0 && height >= 1.0 && width * height <= MOST_PIXELS) {
        return Err(refused());
    }
    let options = usvg::Options { fontdb: embedded(), ..usvg::Options::default() };
    let tree = usvg::Tree::from_str(&plot.svg, &options)?;
    let mut pixels = tiny_skia::Pixmap::new(width as u32, height as u32).ok_or_else(refused)?;
    resvg::render(&tree, tiny_skia::Transform::from_scale(scale, scale), &mut pixels.as_mut());
    pixels.encode_png().map_err(|error| Error::Png(error.to_string()))
}

fn embedded() -> Arc<usvg::fontdb::Database> {
    static FONTS: OnceLock<Arc<usvg::fontdb::Database>> = OnceLock::new();
    let load = || {
        let mut fonts = usvg::fontdb::Database::new();
        fonts.load_font_data(fonts::REGULAR.to_vec());
        fonts.load_font_data(fonts::BOLD.to_vec());
        // Whatever family is asked for, Inter of the window too, is drawn with what is embedded.
        fonts.set_sans_serif_family(fonts::FAMILY);
        fonts.set_serif_family(fonts::FAMILY);
        Arc::new(fonts)
    };
    FONTS.get_or_init(load).clone()
}

/// The plot's records as CSV after RFC 4180, in UTF-8: commas, decimal points, ISO 8601, English column names.
///
/// A cell that a spreadsheet would take for a formula, which text of a repository can be made to look like, starts with an
/// apostrophe.
pub fn to_csv(plot: &Plot) -> String {
    let mut csv = String::new();
    for record in &plot.records {
        for (i, cell) in record.iter().enumerate() {
            if i > 0 {
                csv.push(',');
            }
            csv.push_str(&quoted(cell));
        }
        csv.push_str("\r\n");
    }
    csv
}

fn quoted(cell: &str) -> String {
    let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let cell = if formula { format!("'{cell}") } else { cell.to_owned() };
    if cell.contains([',', '"', '\n', '\r']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell }
}
