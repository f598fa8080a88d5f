//! How a plot looks: theme, language, medium, size, and the colours of each theme.

use super::Error;
use plotters::style::RGBColor;

/// Which colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Theme {
    /// The window by day.
    Light,
    /// The window by night.
    Dark,
    /// Paper: white ground, black text, told apart without colour too.
    Print,
}

/// The language of the words and the way numbers are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// English.
    En,
    /// French: decimal comma, narrow no-break spaces.
    Fr,
}

/// Where the picture goes: decides the family of its text and how large it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Medium {
    /// Shown pixel for pixel: Inter at 11 px.
    Window,
    /// Placed over the width of a page (15 cm) or a slide: Liberation Sans, which is 9 pt on that page.
    Document,
}

/// How a plot looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// Colours.
    pub theme: Theme,
    /// Words and numbers.
    pub language: Language,
    /// Family and size of the text.
    pub medium: Medium,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
}

impl Look {
    /// A plot in the window, `width` × `height` pixels.
    pub const fn window(theme: Theme, language: Language, width: u32, height: u32) -> Self {
        Self { theme, language, medium: Medium::Window, width, height }
    }

    /// A plot for a page or a slide: 800 × 450 in the colours of print.
    pub const fn document(language: Language) -> Self {
        Self { theme: Theme::Print, language, medium: Medium::Document, width: 800, height: 450 }
    }

    /// How much larger than in the window everything is drawn. On paper, 11 px of the window become 9 pt where the
    /// picture is 15 cm (425 pt) wide.
    pub(super) fn scale(&self) -> f64 {
        match self.medium {
            Medium::Window => 1.0,
            Medium::Document => f64::from(self.width) * 9.0 / (425.2 * 11.0),
        }
    }

    /// # Errors
    /// [`Error::Size`] where the labels would not find room.
    pub(super) fn check(&self) -> Result<(), Error> {
        // The scale of a document follows its width, so that only its height can be too small for its text.
        let scale = self.scale();
        let least = if self.medium == Medium::Window { 280 } else { 100 };
        let least_height = (120.0 * scale).ceil() as u32;
        let fits = (least..=8000).contains(&self.width) && (least_height..=8000).contains(&self.height);
        if fits {
            Ok(())
        } else {
            Err(Error::Size { width: self.width, height: self.height, least, least_height })
        }
    }

    /// What SVG calls the family.
    pub(super) fn family(&self) -> &'static str {
        match self.medium {
            Medium::Window => "Inter Variable, Inter, Liberation Sans, sans-serif",
            Medium::Document => "Liberation Sans, Arial, sans-serif",
        }
    }

    /// How much wider the family's text may be than Liberation Sans, with which it is measured: Inter is 8 % wider in
    /// the worst of our labels.
    pub(super) fn widening(&self) -> f64 {
        match self.medium {
            Medium::Window => 1.09,
            Medium::Document => 1.0,
        }
    }

    pub(super) fn colours(&self) -> Colours {
        match self.theme {
            Theme::Light => LIGHT,
            Theme::Dark => DARK,
            Theme::Print => PRINT,
        }
    }
}

/// The colours that plots use, after the window's tokens; a test compares them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Colours {
    /// `bg-panel`: the ground.
    pub(super) ground: RGBColor,
    /// `text`: figures, and the line of a median.
    pub(super) text: RGBColor,
    /// `plot-axis`: labels and words of the key.
    pub(super) axis: RGBColor,
    /// `plot-grid`.
    pub(super) grid: RGBColor,
    /// `border-strong`: the zero line and hatching.
    pub(super) strong: RGBColor,
    /// `plot-1`.
    pub(super) series: RGBColor,
    /// `plot-band`: an interval.
    pub(super) band: RGBColor,
    /// The edge of an interval, half way between `plot-1` and the ground: the band alone hardly shows.
    pub(super) edge: RGBColor,
    /// `ok-mark`: what succeeded.
    pub(super) ok: RGBColor,
    /// `bad-mark`: the outline of what failed.
    pub(super) bad: RGBColor,
    /// `bad-soft`: inside that outline.
    pub(super) bad_soft: RGBColor,
}

const LIGHT: Colours = Colours {
    ground: RGBColor(0xff, 0xff, 0xff),
    text: RGBColor(0x1e, 0x1d, 0x1b),
    axis: RGBColor(0x6b, 0x68, 0x62),
    grid: RGBColor(0xec, 0xea, 0xe6),
    strong: RGBColor(0xd3, 0xd0, 0xc9),
    series: RGBColor(0x2b, 0x54, 0xc9),
    band: RGBColor(0xdf, 0xe7, 0xfb),
    edge: RGBColor(0x95, 0xaa, 0xe4),
    ok: RGBColor(0x12, 0x8a, 0x72),
    bad: RGBColor(0xcf, 0x3a, 0x17),
    bad_soft: RGBColor(0xfd, 0xec, 0xe7),
};

const DARK: Colours = Colours {
    ground: RGBColor(0x1a, 0x1a, 0x19),
    text: RGBColor(0xec, 0xeb, 0xe8),
    axis: RGBColor(0x94, 0x91, 0x8b),
    grid: RGBColor(0x27, 0x26, 0x24),
    strong: RGBColor(0x3d, 0x3b, 0x38),
    series: RGBColor(0x90, 0xaa, 0xf8),
    band: RGBColor(0x23, 0x2c, 0x48),
    edge: RGBColor(0x55, 0x62, 0x88),
    ok: RGBColor(0x35, 0xa9, 0x8d),
    bad: RGBColor(0xea, 0x5f, 0x3d),
    bad_soft: RGBColor(0x38, 0x1d, 0x17),
};

/// The light theme with black words; hairlines a little darker, because printers drop what is nearly white.
const PRINT: Colours = Colours {
    text: RGBColor(0, 0, 0),
    axis: RGBColor(0, 0, 0),
    grid: RGBColor(0xdd, 0xdb, 0xd6),
    strong: RGBColor(0xa8, 0xa5, 0x9e),
    bad_soft: RGBColor(0xff, 0xff, 0xff),
    ..LIGHT
};

#[cfg(test)]
mod tests {
    use super::*;

    const TOKENS: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../ui/src/lib/look/tokens.css"));

    fn token(theme: Theme, name: &str) -> (u8, u8, u8) {
        let dark = TOKENS.find("[data-theme=\"dark\"] {").unwrap();
        let css = if theme == Theme::Dark { &TOKENS[dark..] } else { &TOKENS[..dark] };
        let start = css.find(&format!("--{name}: #")).unwrap() + name.len() + 5;
        let hex = |i: usize| u8::from_str_radix(&css[start + i..start + i + 2], 16).unwrap();
        (hex(0), hex(2), hex(4))
    }

    #[test]
    fn colours_are_the_windows_tokens() {
        for (theme, colours) in [(Theme::Light, LIGHT), (Theme::Dark, DARK)] {
            let pairs = [
                ("bg-panel", colours.ground),
                ("text", colours.text),
                ("plot-axis", colours.axis),
                ("plot-grid", colours.grid),
                ("border-strong", colours.strong),
                ("plot-1", colours.series),
                ("plot-band", colours.band),
                ("ok-mark", colours.ok),
                ("bad-mark", colours.bad),
                ("bad-soft", colours.bad_soft),
            ];
            for (name, RGBColor(r, g, b)) in pairs {
                assert_eq!((r, g, b), token(theme, name), "{name} in {theme:?}");
            }
            let half = |a: u8, b: u8| ((u16::from(a) + u16::from(b)) / 2) as u8;
            let (s, g) = (colours.series, colours.ground);
            let RGBColor(r, gr, b) = colours.edge;
            for (got, expected) in [(r, half(s.0, g.0)), (gr, half(s.1, g.1)), (b, half(s.2, g.2))] {
                assert!(got.abs_diff(expected) <= 1, "edge in {theme:?}");
            }
        }
    }

    #[test]
    fn sizes_without_room_are_refused() {
        let window = |width, height| Look::window(Theme::Light, Language::En, width, height);
        assert!(window(592, 132).check().is_ok());
        assert!(Look::document(Language::Fr).check().is_ok());
        for look in [window(0, 0), window(279, 200), window(300, 119), window(8001, 200), window(400, 8001)] {
            let error = look.check().unwrap_err();
            assert!(error.to_string().contains(&format!("{} × {}", look.width, look.height)), "{error}");
        }
        let flat = Look { height: 150, ..Look::document(Language::Fr) };
        assert!(flat.check().is_err(), "its text is larger than a window's");
    }
}
