//! How wide words are and where lines end, from the font's own widths (Liberation Sans has those of Arial) and UAX #14.

use std::ops::Range;

use ttf_parser::Face as Font;
use unicode_linebreak::{BreakOpportunity, linebreaks};

use crate::Error;
use crate::plots::fonts;

/// Widths are asked for mostly below this character.
const QUICK: usize = 0x250;
/// Share of the em that a character of the code font takes.
const CODE: f64 = 0.602;

/// Which font words are set in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Face {
    /// Regular and italic, which have the same widths.
    Regular,
    /// Bold.
    Bold,
    /// The font of code: every character is as wide as another.
    Code,
}

/// Widths of one font.
struct Widths {
    font: Font<'static>,
    quick: Vec<f64>,
    em: f64,
}

impl Widths {
    fn read(bytes: &'static [u8]) -> Result<Self, Error> {
        let font = Font::parse(bytes, 0).map_err(|error| Error::Font(error.to_string()))?;
        let em = f64::from(font.units_per_em());
        let mut widths = Self { font, quick: Vec::new(), em };
        widths.quick = (0..QUICK)
            .map(|code| u32::try_from(code).ok().and_then(char::from_u32).map_or(0.0, |c| widths.look_up(c)))
            .collect();
        Ok(widths)
    }

    fn look_up(&self, c: char) -> f64 {
        if matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{300}'..='\u{36f}' | '\u{fe0f}')
            || c.is_control()
        {
            return 0.0;
        }
        let units = self.font.glyph_index(c).and_then(|glyph| self.font.glyph_hor_advance(glyph));
        // What the font does not have comes from another one and is seldom wider than an em.
        units.map_or(1.0, |units| f64::from(units) / self.em)
    }

    fn of(&self, c: char) -> f64 {
        self.quick.get(c as usize).copied().unwrap_or_else(|| self.look_up(c))
    }
}

/// The fonts of the documents.
pub(crate) struct Fonts {
    regular: Widths,
    bold: Widths,
}

/// Words of one font and size.
#[derive(Debug, Clone)]
pub(crate) struct Piece<'a> {
    /// The words; an end of line ends the line.
    pub text: &'a str,
    /// Font.
    pub face: Face,
    /// Size in points.
    pub points: f64,
}

impl Fonts {
    /// Reads the built-in fonts.
    pub fn read() -> Result<Self, Error> {
        Ok(Self { regular: Widths::read(fonts::REGULAR)?, bold: Widths::read(fonts::BOLD)? })
    }

    fn character(&self, c: char, face: Face) -> f64 {
        match face {
            Face::Regular => self.regular.of(c),
            Face::Bold => self.bold.of(c),
            Face::Code if c.is_control() => 0.0,
            Face::Code => CODE,
        }
    }

    /// Width in points of words on one line.
    pub fn width(&self, text: &str, face: Face, points: f64) -> f64 {
        text.chars().map(|c| self.character(c, face)).sum::<f64>() * points
    }

    /// Where the lines end when words run into a column: the range of bytes of every line, counted over all pieces.
    ///
    /// `first` and `other` are the widths in points of the first and of all other lines.
    pub fn lines(&self, pieces: &[Piece], first: f64, other: f64) -> Vec<Range<usize>> {
        let text: String = pieces.iter().map(|piece| piece.text).collect();
        if text.is_empty() {
            return std::iter::once(0..0).collect();
        }
        let widths = self.advances(pieces, text.len());
        let mut lines = Lines { start: 0, used: 0.0, room: first, other, done: Vec::new() };
        let mut from = 0;
        for (to, kind) in linebreaks(&text) {
            let word = &text[from..to];
            let seen = word.trim_end_matches([' ', '\n', '\r']).len();
            let sum = |range: Range<usize>| widths[range].iter().sum::<f64>();
            let (wide, all) = (sum(from..from + seen), sum(from..to));
            if lines.used > 0.0 && lines.used + wide > lines.room + EASE {
                lines.end(from);
            }
            if wide > lines.room + EASE {
                lines.cut(&text, &widths, from..from + seen);
                lines.used += all - wide;
            } else {
                lines.used += all;
            }
            if kind == BreakOpportunity::Mandatory && to < text.len() {
                lines.end(to);
            }
            from = to;
        }
        lines.end(text.len());
        lines.done
    }

    /// Width in points at the first byte of every character, zero at all others.
    fn advances(&self, pieces: &[Piece], length: usize) -> Vec<f64> {
        let mut widths = vec![0.0; length];
        let mut offset = 0;
        for piece in pieces {
            for (at, c) in piece.text.char_indices() {
                widths[offset + at] = self.character(c, piece.face) * piece.points;
            }
            offset += piece.text.len();
        }
        widths
    }
}

/// A line that would be full to the last hair is not: word processors round every width up. In points.
const EASE: f64 = -0.07;

struct Lines {
    start: usize,
    used: f64,
    room: f64,
    other: f64,
    done: Vec<Range<usize>>,
}

impl Lines {
    fn end(&mut self, at: usize) {
        self.done.push(self.start..at);
        self.start = at;
        self.used = 0.0;
        self.room = self.other;
    }

    /// Breaks a word that no line holds between any two characters.
    fn cut(&mut self, text: &str, widths: &[f64], range: Range<usize>) {
        for (at, _) in text[range.clone()].char_indices() {
            let at = range.start + at;
            if self.used > 0.0 && self.used + widths[at] > self.room + EASE {
                self.end(at);
            }
            self.used += widths[at];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str, width: f64) -> Vec<&str> {
        let fonts = Fonts::read().unwrap();
        let lines = fonts.lines(&[Piece { text, face: Face::Regular, points: 10.0 }], width, width);
        lines.into_iter().map(|line| &text[line]).collect()
    }

    #[test]
    fn widths_are_those_of_arial() {
        let fonts = Fonts::read().unwrap();
        // Arial's A is 1366, its space 569 of 2048; bold A is 1479.
        assert!((fonts.width("A ", Face::Regular, 2048.0) - 1935.0).abs() < 0.001);
        assert!((fonts.width("A", Face::Bold, 2048.0) - 1479.0).abs() < 0.001);
        assert!((fonts.width("ab", Face::Code, 10.0) - 12.04).abs() < 0.001);
        assert!(fonts.width("\u{1f600}", Face::Regular, 10.0) > 5.0);
    }

    #[test]
    fn lines_end_at_spaces_hyphens_and_never_at_narrow_spaces() {
        assert_eq!(cut("aaaa bbbb cccc", 50.0), ["aaaa bbbb ", "cccc"]);
        assert_eq!(cut("aaaa-bbbb", 30.0), ["aaaa-", "bbbb"]);
        assert_eq!(cut("aaaa bbb\u{202f}:", 44.0), ["aaaa ", "bbb\u{202f}:"]);
        assert_eq!(cut("a\nb", 100.0), ["a\n", "b"]);
    }

    #[test]
    fn what_no_line_holds_is_cut() {
        let long = "m".repeat(30);
        let lines = cut(&long, 51.0);
        assert!(lines.iter().all(|line| line.len() == 6), "{lines:?}");
        assert_eq!(lines.concat(), long);
        assert_eq!(cut("", 10.0), [""]);
        assert_eq!(cut("mm", 0.0).len(), 2);
    }
}
