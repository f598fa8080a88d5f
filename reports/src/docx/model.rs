//! The written report between its content and its XML: what is written is also what is measured.

use super::styles::Style;

/// Twentieths of a point, Word's unit.
pub(crate) type Twips = i32;

/// Something in the flow of the document.
#[derive(Debug, Clone)]
pub(crate) enum Block {
    /// A paragraph.
    Paragraph(Paragraph),
    /// A table.
    Table(Table),
    /// Begins a part that Jalon wrote and may refresh: its name and its title for a person.
    Begin(String, String),
    /// Ends it.
    End,
    /// A contents list.
    Contents(Contents),
    /// Begins a bookmark around what follows.
    Mark(&'static str),
    /// Ends it.
    EndMark(&'static str),
    /// Ends a section; what follows stands on a new page.
    Section(Section),
}

/// A paragraph.
#[derive(Debug, Clone, Default)]
pub(crate) struct Paragraph {
    /// Style.
    pub style: Style,
    /// What stands in it.
    pub inlines: Vec<Inline>,
    /// Bookmarks around it.
    pub bookmarks: Vec<String>,
    /// List and level.
    pub list: Option<(u32, u8)>,
    /// Number that Word counts for its heading; measured, never written.
    pub number: Option<String>,
    /// Without the number that its style has.
    pub unnumbered: bool,
    /// Stays on the page of what follows.
    pub keep_next: bool,
    /// Stays on one page.
    pub keep_lines: bool,
    /// Begins a page.
    pub page_break: bool,
    /// Aligned to the right.
    pub right: bool,
    /// Space above instead of the style's, in twips.
    pub before: Option<Twips>,
    /// Space below instead of the style's, in twips.
    pub after: Option<Twips>,
    /// Left indent instead of the style's, in twips.
    pub indent: Option<Twips>,
    /// Size instead of the style's, in half-points.
    pub size: Option<u32>,
    /// Where a right tab stop stands instead of the style's, in twips.
    pub tab: Option<Twips>,
}

impl Paragraph {
    /// A paragraph of some words.
    pub fn new(style: Style, text: impl Into<String>) -> Self {
        Self { style, inlines: vec![Inline::text(text)], ..Self::default() }
    }
}

/// What stands in a line.
#[derive(Debug, Clone)]
pub(crate) enum Inline {
    /// Words.
    Text(String, Format),
    /// A line ends here.
    Break,
    /// The next tab stop.
    Tab,
    /// Words that lead to an address outside, by the id of its relationship.
    Link(String, Vec<Inline>),
    /// Words that lead to a bookmark.
    Anchor(String, Vec<Inline>),
    /// A footnote by its id.
    Note(u32),
    /// Something that Word computes, with what it last came to.
    Field(Field, String),
    /// A picture.
    Picture(Box<Drawing>),
}

impl Inline {
    /// Plain words.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into(), Format::default())
    }

    /// Bold words.
    pub fn strong(text: impl Into<String>) -> Self {
        Self::Text(text.into(), Format { bold: true, ..Format::default() })
    }

    /// Words that a student has to replace.
    pub fn placeholder(text: impl Into<String>) -> Self {
        Self::Text(text.into(), Format { style: Some("Placeholder"), ..Format::default() })
    }

    /// Words in a colour.
    pub fn coloured(text: impl Into<String>, color: &'static str) -> Self {
        Self::Text(text.into(), Format { color: Some(color), ..Format::default() })
    }
}

/// How words are set.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Format {
    /// Character style.
    pub style: Option<&'static str>,
    /// Bold.
    pub bold: bool,
    /// Italic.
    pub italic: bool,
    /// Struck through.
    pub strike: bool,
    /// In the font of code.
    pub code: bool,
    /// Colour.
    pub color: Option<&'static str>,
}

/// What Word can compute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Field {
    /// Number of this page.
    Page,
    /// Number of all pages.
    Pages,
    /// Next number of a sequence, such as `Figure`.
    Sequence(&'static str),
    /// Page of a bookmark.
    PageOf(String),
}

/// A picture in the flow.
#[derive(Debug, Clone)]
pub(crate) struct Drawing {
    /// Relationship of the picture that every program can show.
    pub raster: String,
    /// Relationship of the same picture as SVG.
    pub svg: Option<String>,
    /// Width in EMU (914,400 an inch).
    pub width: i64,
    /// Height in EMU.
    pub height: i64,
    /// Description.
    pub alt: String,
}

/// A table.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    /// Widths of the columns.
    pub widths: Vec<Twips>,
    /// Heads; repeated on every page. Empty for a table without heads.
    pub head: Vec<Cell>,
    /// Rows; every row has a cell a column.
    pub rows: Vec<Vec<Cell>>,
    /// How it looks.
    pub look: Look,
}

/// How a table looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Look {
    /// Columns alone.
    Bare,
    /// Lines between rows, room around words.
    Airy,
    /// Lines between rows, for many of them.
    Dense,
}

impl Look {
    /// Space above and below the words of a cell, and between columns, in twips.
    pub fn margins(self) -> (Twips, Twips) {
        match self {
            Look::Bare => (0, 0),
            Look::Airy => (70, 150),
            Look::Dense => (34, 150),
        }
    }

    /// Id of its style.
    pub fn style(self) -> &'static str {
        match self {
            Look::Bare => "TableNormal",
            Look::Airy => "JalonTable",
            Look::Dense => "JalonDense",
        }
    }
}

/// A cell: its paragraphs.
pub(crate) type Cell = Vec<Paragraph>;

/// A contents list.
#[derive(Debug, Clone)]
pub(crate) struct Contents {
    /// Deepest level that is listed.
    pub depth: u8,
    /// Bookmark around what is listed; none for the whole document.
    pub within: Option<&'static str>,
    /// Width of its lines in twips.
    pub width: Twips,
    /// Entries.
    pub entries: Vec<Entry>,
}

/// A line of a contents list.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    /// Level, from 1.
    pub level: u8,
    /// Number of the heading, if it has one.
    pub number: Option<String>,
    /// Words of the heading.
    pub text: String,
    /// Bookmark of the heading.
    pub bookmark: String,
    /// Its page.
    pub page: usize,
}

/// A section of the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Section {
    /// Landscape.
    pub landscape: bool,
    /// With header and footer.
    pub dressed: bool,
}

/// Room of a page for text, in twips.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Page {
    /// Width.
    pub width: Twips,
    /// Height.
    pub height: Twips,
}

/// A4, shorter side.
pub(crate) const SHORT: Twips = 11_906;
/// A4, longer side.
pub(crate) const LONG: Twips = 16_838;
/// Margin at every side.
pub(crate) const MARGIN: Twips = 1_417;

impl Section {
    /// Room inside the margins.
    pub fn page(self) -> Page {
        let (width, height) = if self.landscape { (LONG, SHORT) } else { (SHORT, LONG) };
        Page { width: width - 2 * MARGIN, height: height - 2 * MARGIN }
    }
}
