//! The styles of the report, in one table: what `styles.xml` says is what the page numbers are measured with.

use super::model::Twips;
use super::properties::{Edge, Line};
use crate::palette;

/// Family of all words; Liberation Sans stands in where it is missing, with the same widths.
pub(crate) const FONT: &str = "Arial";
/// Family of code.
pub(crate) const CODE_FONT: &str = "Consolas";
/// Where the words of a numbered heading begin, in twips.
pub(crate) const NUMBER_ROOM: Twips = 900;
/// Where the words of a first-level line of a contents list begin, in twips.
const ENTRY: Twips = 480;

/// A style of paragraphs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Style {
    #[default]
    Normal,
    Heading1,
    Heading2,
    Heading3,
    Heading4,
    /// Heading of what comes before the first chapter: begins a page, is in no contents list.
    FrontHeading,
    Title,
    Subtitle,
    List,
    Quote,
    Code,
    /// A picture stands in it.
    Figure,
    Caption,
    /// Where facts come from.
    Remark,
    TableText,
    TableHead,
    CoverLabel,
    CoverValue,
    FootnoteText,
    Header,
    Footer,
    Toc1,
    Toc2,
    Toc3,
}

/// What a style says.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spec {
    pub id: &'static str,
    /// Name; Word knows its own styles by it.
    pub name: &'static str,
    /// Style of the paragraph after it.
    pub next: Option<&'static str>,
    /// Size of the words in half-points.
    pub half_points: u32,
    pub bold: bool,
    pub italic: bool,
    pub color: &'static str,
    /// Space above and below, in twips.
    pub before: Twips,
    pub after: Twips,
    pub line: Line,
    /// Indents in twips.
    pub left: Twips,
    pub right: Twips,
    pub hanging: Twips,
    pub keep_next: bool,
    pub keep_lines: bool,
    pub page_break: bool,
    /// Level in the outline, from 0.
    pub outline: Option<u8>,
    pub edges: &'static [Edge],
    pub shade: Option<&'static str>,
    /// Whether its words are code.
    pub code: bool,
}

/// What every other style is based on.
pub(crate) const BASE: Spec = Spec {
    id: "Normal",
    name: "Normal",
    next: None,
    half_points: 24,
    bold: false,
    italic: false,
    color: palette::TEXT,
    before: 0,
    after: 160,
    line: Line::Auto(276),
    left: 0,
    right: 0,
    hanging: 0,
    keep_next: false,
    keep_lines: false,
    page_break: false,
    outline: None,
    edges: &[],
    shade: None,
    code: false,
};

const HEADING: Spec = Spec {
    next: Some("Normal"),
    bold: true,
    line: Line::Auto(259),
    keep_next: true,
    keep_lines: true,
    ..BASE
};

const SMALL: Spec = Spec { half_points: 18, color: palette::TEXT_3, after: 0, line: Line::Auto(252), ..BASE };

const CODE_EDGES: &[Edge] = &[
    Edge { side: "top", width: 4, space: 6, color: palette::SUNKEN },
    Edge { side: "left", width: 18, space: 9, color: palette::HAIRLINE },
    Edge { side: "bottom", width: 4, space: 6, color: palette::SUNKEN },
];
const QUOTE_EDGES: &[Edge] = &[Edge { side: "left", width: 18, space: 11, color: palette::ACCENT_BORDER }];

impl Style {
    /// Every style, in the order they are written.
    pub const ALL: [Style; 24] = [
        Style::Normal,
        Style::Heading1,
        Style::Heading2,
        Style::Heading3,
        Style::Heading4,
        Style::FrontHeading,
        Style::Title,
        Style::Subtitle,
        Style::List,
        Style::Quote,
        Style::Code,
        Style::Figure,
        Style::Caption,
        Style::Remark,
        Style::TableText,
        Style::TableHead,
        Style::CoverLabel,
        Style::CoverValue,
        Style::FootnoteText,
        Style::Header,
        Style::Footer,
        Style::Toc1,
        Style::Toc2,
        Style::Toc3,
    ];

    /// The heading of a level, from 1.
    pub fn heading(level: u8) -> Self {
        match level {
            0 | 1 => Style::Heading1,
            2 => Style::Heading2,
            3 => Style::Heading3,
            _ => Style::Heading4,
        }
    }

    /// Level of a heading that a contents list may show.
    pub fn level(self) -> Option<u8> {
        match self {
            Style::Heading1 => Some(1),
            Style::Heading2 => Some(2),
            Style::Heading3 => Some(3),
            _ => None,
        }
    }

    /// The line of a contents list for a level.
    pub fn entry(level: u8) -> Self {
        match level {
            0 | 1 => Style::Toc1,
            2 => Style::Toc2,
            _ => Style::Toc3,
        }
    }

    /// What it says.
    pub fn spec(self) -> Spec {
        let named = |id, name| Spec { id, name, ..BASE };
        match self {
            Style::Normal => BASE,
            Style::Heading1 => Spec {
                id: "Heading1",
                name: "heading 1",
                half_points: 48,
                after: 400,
                page_break: true,
                outline: Some(0),
                ..HEADING
            },
            Style::Heading2 => Spec {
                id: "Heading2",
                name: "heading 2",
                half_points: 30,
                before: 400,
                after: 140,
                outline: Some(1),
                ..HEADING
            },
            Style::Heading3 => Spec {
                id: "Heading3",
                name: "heading 3",
                half_points: 25,
                before: 280,
                after: 100,
                outline: Some(2),
                ..HEADING
            },
            Style::Heading4 => Spec {
                id: "Heading4",
                name: "heading 4",
                color: palette::TEXT_2,
                before: 240,
                after: 80,
                outline: Some(3),
                ..HEADING
            },
            Style::FrontHeading => Spec {
                id: "FrontHeading",
                name: "Front heading",
                half_points: 48,
                after: 400,
                page_break: true,
                ..HEADING
            },
            Style::Title => Spec {
                id: "Title",
                name: "Title",
                half_points: 64,
                after: 200,
                line: Line::Auto(250),
                keep_next: false,
                ..HEADING
            },
            Style::Subtitle => Spec {
                id: "Subtitle",
                name: "Subtitle",
                half_points: 32,
                color: palette::TEXT_2,
                after: 0,
                ..BASE
            },
            Style::List => Spec { after: 80, ..named("ListParagraph", "List Paragraph") },
            Style::Quote => {
                Spec { color: palette::TEXT_2, left: 360, edges: QUOTE_EDGES, ..named("Quote", "Quote") }
            }
            Style::Code => Spec {
                half_points: 18,
                before: 200,
                after: 320,
                line: Line::Exact(250),
                left: 227,
                edges: CODE_EDGES,
                shade: Some(palette::SUNKEN),
                code: true,
                ..named("Code", "Code")
            },
            Style::Figure => Spec {
                before: 200,
                after: 0,
                line: Line::Auto(240),
                keep_next: true,
                ..named("Figure", "Figure")
            },
            Style::Caption => Spec {
                half_points: 19,
                color: palette::TEXT_2,
                before: 100,
                after: 300,
                line: Line::Auto(259),
                keep_lines: true,
                ..named("Caption", "caption")
            },
            Style::Remark => Spec { id: "Remark", name: "Remark", before: 120, after: 240, ..SMALL },
            Style::TableText => {
                Spec { half_points: 20, after: 0, line: Line::Auto(259), ..named("TableText", "Table text") }
            }
            Style::TableHead => Spec {
                id: "TableHead",
                name: "Table head",
                bold: true,
                color: palette::TEXT_2,
                keep_next: true,
                ..SMALL
            },
            // A little lower, so that it stands on the line of the larger words beside it.
            Style::CoverLabel => Spec {
                half_points: 20,
                before: 36,
                ..Spec { id: "CoverLabel", name: "Cover label", ..SMALL }
            },
            Style::CoverValue => Spec { after: 0, ..named("CoverValue", "Cover value") },
            Style::FootnoteText => Spec {
                id: "FootnoteText",
                name: "footnote text",
                color: palette::TEXT_2,
                after: 40,
                line: Line::Auto(240),
                ..SMALL
            },
            Style::Header => Spec { id: "Header", name: "header", ..SMALL },
            Style::Footer => Spec { id: "Footer", name: "footer", ..SMALL },
            Style::Toc1 => Spec {
                bold: true,
                before: 200,
                after: 0,
                left: ENTRY,
                hanging: ENTRY,
                ..named("TOC1", "toc 1")
            },
            Style::Toc2 => Spec {
                half_points: 22,
                before: 40,
                after: 0,
                left: ENTRY + 620,
                hanging: 620,
                ..named("TOC2", "toc 2")
            },
            Style::Toc3 => Spec {
                half_points: 20,
                color: palette::TEXT_2,
                before: 20,
                after: 0,
                left: ENTRY + 620 + 800,
                hanging: 800,
                ..named("TOC3", "toc 3")
            },
        }
    }

    /// Whether it is a line of a contents list.
    pub fn is_entry(self) -> bool {
        matches!(self, Style::Toc1 | Style::Toc2 | Style::Toc3)
    }
}
