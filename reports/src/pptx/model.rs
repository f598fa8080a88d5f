//! A slide between its content and its XML. Places are in EMU (914,400 an inch), sizes of words in points.

use crate::measure::{Face, Fonts, Piece};
use crate::package::Relationships;

/// EMU, `DrawingML`'s unit.
pub(crate) type Emu = i64;
/// EMU a point.
pub(crate) const POINT: Emu = 12_700;
/// Width of a slide, 16:9.
pub(crate) const WIDTH: Emu = 12_192_000;
/// Height of a slide.
pub(crate) const HEIGHT: Emu = 6_858_000;
/// Margin at the left and the right.
pub(crate) const MARGIN: Emu = 762_000;
/// Where the content begins below the title.
pub(crate) const TOP: Emu = 1_460_000;
/// Where the content ends above the footer.
pub(crate) const BOTTOM: Emu = 6_180_000;
/// Width between the margins.
pub(crate) const ROOM: Emu = WIDTH - 2 * MARGIN;
/// Line height of the font in em.
pub(crate) const LINE: f64 = 1.15;
/// Smallest words on a slide, in points: what the last row of a room can still read.
pub(crate) const FLOOR: f64 = 12.0;
/// Share of a width that words may take: programs round and kern each in its own way.
pub(crate) const CAREFUL: f64 = 0.985;
/// Room of a bullet before its words, in points.
pub(crate) const INDENT: f64 = 18.0;

/// A place on a slide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Area {
    pub x: Emu,
    pub y: Emu,
    pub width: Emu,
    pub height: Emu,
}

impl Area {
    /// A place.
    pub const fn new(x: Emu, y: Emu, width: Emu, height: Emu) -> Self {
        Self { x, y, width, height }
    }

    /// The same place with a margin inside.
    pub const fn inside(self, margin: Emu) -> Self {
        Self {
            x: self.x + margin,
            y: self.y + margin,
            width: self.width - 2 * margin,
            height: self.height - 2 * margin,
        }
    }
}

/// Words set one way.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Span {
    pub text: String,
    pub points: f64,
    pub bold: bool,
    pub color: &'static str,
    /// Ground behind the words.
    pub ground: Option<&'static str>,
}

impl Span {
    /// Plain words.
    pub fn new(text: impl Into<String>, points: f64, color: &'static str) -> Self {
        Self { text: text.into(), points, bold: false, color, ground: None }
    }

    /// Bold words.
    pub fn bold(text: impl Into<String>, points: f64, color: &'static str) -> Self {
        Self { bold: true, ..Self::new(text, points, color) }
    }
}

/// Where words stand in their line.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Align {
    #[default]
    Left,
    Center,
    Right,
}

/// A paragraph.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Paragraph {
    pub spans: Vec<Span>,
    pub align: Align,
    /// Space above in points.
    pub before: f64,
    /// Whether the layout's bullet stands before it.
    pub bullet: bool,
    /// Whether it belongs to the bullet above it and begins below its words.
    pub under: bool,
}

impl Paragraph {
    /// A paragraph of some spans.
    pub fn new(spans: Vec<Span>) -> Self {
        Self { spans, ..Self::default() }
    }

    /// Number of lines in a width in points.
    pub fn lines(&self, fonts: &Fonts, width: f64) -> usize {
        let pieces: Vec<Piece> = self
            .spans
            .iter()
            .map(|span| Piece {
                text: &span.text,
                face: if span.bold { Face::Bold } else { Face::Regular },
                points: span.points,
            })
            .collect();
        let width = if self.bullet || self.under { width - INDENT } else { width } * CAREFUL;
        fonts.lines(&pieces, width, width).len()
    }

    /// Height in points in a width in points.
    pub fn height(&self, fonts: &Fonts, width: f64) -> f64 {
        let points = self.spans.iter().map(|span| span.points).fold(0.0, f64::max);
        let lines = u32::try_from(self.lines(fonts, width)).unwrap_or(u32::MAX);
        self.before + f64::from(lines) * points * LINE
    }
}

/// Where words stand in their box.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Anchor {
    #[default]
    Top,
    Middle,
}

/// Something on a slide.
#[derive(Debug, Clone)]
pub(crate) enum Shape {
    /// What the layout has a place for: its type, its index, and its place where that is another than the layout's.
    Placeholder { kind: &'static str, index: u32, words: Vec<Paragraph>, area: Option<Area> },
    /// A box, with or without words.
    Box { name: String, area: Area, look: Look, words: Vec<Paragraph>, anchor: Anchor },
    /// An arrow from one shape to another, by their places in the list.
    Arrow { name: String, from: usize, to: usize, area: Area },
    /// A picture by the ids of its relationships.
    Picture { name: String, area: Area, raster: String, svg: Option<String>, alt: String },
    /// A table.
    Table(Table),
}

/// How a box looks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Look {
    pub fill: Option<&'static str>,
    pub line: Option<&'static str>,
    /// Width of the edge; 0 means a hairline.
    pub weight: Emu,
    /// Rounded corners: radius in EMU.
    pub radius: Emu,
    /// Space between edge and words.
    pub inset: Emu,
}

/// A table.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    pub name: String,
    /// What it shows, for those who cannot see it.
    pub alt: String,
    pub x: Emu,
    pub y: Emu,
    pub widths: Vec<Emu>,
    /// The first row holds the heads.
    pub rows: Vec<Row>,
}

/// A row of a table.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub height: Emu,
    /// A paragraph or more a cell.
    pub cells: Vec<Vec<Paragraph>>,
}

/// A slide.
#[derive(Debug, Clone)]
pub(crate) struct Slide {
    pub layout: Layout,
    /// The first one is the title.
    pub shapes: Vec<Shape>,
    /// What the speaker sees, a paragraph each.
    pub notes: Vec<String>,
    /// Of its pictures.
    pub relations: Relationships,
}

/// What a slide has places for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Layout {
    /// Title and subtitle.
    Opening,
    /// Title and paragraphs.
    Content,
    /// Title alone, the rest is free.
    Free,
}

impl Layout {
    /// All of them, in the order of their parts.
    pub const ALL: [Self; 3] = [Self::Opening, Self::Content, Self::Free];

    /// Number of its part, from 1.
    pub const fn number(self) -> usize {
        self as usize + 1
    }
}

/// Points of a length.
#[expect(clippy::cast_precision_loss, reason = "lengths on a slide")]
pub(crate) fn points(length: Emu) -> f64 {
    length as f64 / POINT as f64
}

/// A length of some points.
#[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "lengths on a slide")]
pub(crate) fn emu(points: f64) -> Emu {
    (points * POINT as f64).ceil() as Emu
}
