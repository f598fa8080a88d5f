//! Puts the report together: what every chapter uses to add headings, tables, pictures, captions and footnotes.

use crate::Error;
use crate::content::{Content, Picture};
use crate::measure::Fonts;
use crate::office::{one_line, shortened};
use crate::package::{Package, Relationships};
use crate::picture::raster;
use crate::typography;
use crate::words::Words;

use super::body::RIGHT_ROOM;
use super::model::{
    Block, Cell, Drawing, Entry, Field, Inline, Look, Page, Paragraph, Section, Table, Twips,
};
use super::pictures::EMU;
use super::styles::Style;

/// Width of a plot: 15 cm in EMU.
const PLOT: i64 = 5_400_000;
/// EMU a CSS pixel (96 an inch).
const PIXEL: i64 = 9_525;
/// Space above what follows a table, in twips.
const AFTER_TABLE: Twips = 240;

/// The report being put together.
pub(crate) struct Composer<'a> {
    pub content: &'a Content,
    pub words: &'a Words,
    pub fonts: &'a Fonts,
    pub blocks: Vec<Block>,
    pub relations: Relationships,
    pub note_relations: Relationships,
    pub package: Package,
    /// Words of the footnotes.
    pub notes: Vec<Vec<Inline>>,
    /// First numbers of the ordered lists.
    pub ordered: Vec<u64>,
    /// Headings of the contents list.
    pub entries: Vec<Entry>,
    /// Whether headings are counted.
    pub numbered: bool,
    /// The section being filled.
    pub section: Section,
    counters: [u32; 3],
    figures: u32,
    tables: u32,
    after_table: bool,
}

impl<'a> Composer<'a> {
    /// An empty report.
    pub fn new(content: &'a Content, words: &'a Words, fonts: &'a Fonts, numbered: bool) -> Self {
        Self {
            content,
            words,
            fonts,
            blocks: Vec::new(),
            relations: Relationships::default(),
            note_relations: Relationships::default(),
            package: Package::default(),
            notes: Vec::new(),
            ordered: Vec::new(),
            entries: Vec::new(),
            numbered,
            section: Section { landscape: false, dressed: true },
            counters: [0; 3],
            figures: 0,
            tables: 0,
            after_table: false,
        }
    }

    /// Room of the pages being filled.
    pub fn page(&self) -> Page {
        self.section.page()
    }

    /// Adds a paragraph; after a table it keeps its distance.
    pub fn add(&mut self, mut paragraph: Paragraph) {
        let turns = paragraph.page_break || paragraph.style.spec().page_break;
        if self.after_table && !turns {
            let own = paragraph.before.unwrap_or(paragraph.style.spec().before);
            paragraph.before = Some(own.max(AFTER_TABLE));
        }
        self.after_table = false;
        self.blocks.push(Block::Paragraph(paragraph));
    }

    /// Adds a paragraph of plain words.
    pub fn say(&mut self, style: Style, text: impl Into<String>) {
        self.add(Paragraph::new(style, text));
    }

    /// Adds a table.
    pub fn add_table(&mut self, table: Table) {
        self.blocks.push(Block::Table(table));
        self.after_table = true;
    }

    /// Begins a part that Jalon may refresh later.
    pub fn begin(&mut self, tag: &str, title: &str) {
        // Word cuts both at 64 characters.
        self.blocks.push(Block::Begin(shortened(tag, 64), shortened(title, 64)));
    }

    /// Tag of a chapter of the team: its title in plain letters, with a number where another chapter has the same.
    pub fn source_tag(&self, title: &str) -> String {
        let mut slug = String::new();
        for c in title.to_lowercase().chars() {
            match c {
                'a'..='z' | '0'..='9' if slug.len() < 40 => slug.push(c),
                _ if !slug.is_empty() && !slug.ends_with('-') && slug.len() < 40 => slug.push('-'),
                _ => {}
            }
        }
        let base = format!("jalon:source:{}", slug.trim_end_matches('-'));
        let taken =
            |tag: &str| self.blocks.iter().any(|block| matches!(block, Block::Begin(one, _) if one == tag));
        let numbered = (2..).map(|number| format!("{base}-{number}"));
        std::iter::once(base.clone()).chain(numbered).find(|tag| !taken(tag)).unwrap_or(base)
    }

    /// Ends it.
    pub fn end(&mut self) {
        self.blocks.push(Block::End);
    }

    /// Adds a heading that the contents list shows. `counted` headings get a number where headings are counted at all.
    pub fn heading(&mut self, level: u8, text: &str, counted: bool) {
        let style = Style::heading(level);
        let text = &one_line(text);
        let number = match style.level() {
            Some(level) if counted && self.numbered => Some(self.count(level)),
            _ => None,
        };
        let mut paragraph = Paragraph::new(style, text);
        paragraph.number.clone_from(&number);
        paragraph.unnumbered = self.numbered && number.is_none() && style.level().is_some();
        if let Some(level) = style.level() {
            let bookmark = format!("_Toc{:09}", self.entries.len() + 1);
            paragraph.bookmarks.push(bookmark.clone());
            self.entries.push(Entry { level, number, text: text.to_owned(), bookmark, page: 0 });
        }
        self.add(paragraph);
    }

    fn count(&mut self, level: u8) -> String {
        let at = usize::from(level) - 1;
        // Word counts a level that was jumped over as one.
        for above in &mut self.counters[..at] {
            *above = (*above).max(1);
        }
        self.counters[at] += 1;
        self.counters[at + 1..].fill(0);
        self.counters[..=at].iter().map(u32::to_string).collect::<Vec<_>>().join(".")
    }

    /// Adds the caption of the next table, above it.
    pub fn table_caption(&mut self, text: &str) {
        self.tables += 1;
        let label = self.words.get("table");
        let number = self.tables.to_string();
        let mut caption = self.caption(label, Field::Sequence("Table"), number, text);
        caption.keep_next = true;
        caption.before = Some(240);
        caption.after = Some(120);
        self.add(caption);
    }

    fn caption(&self, label: String, field: Field, number: String, text: &str) -> Paragraph {
        let inlines = vec![
            Inline::strong(format!("{label}\u{a0}")),
            Inline::Field(field, number),
            Inline::text(format!(" \u{2013} {text}")),
        ];
        Paragraph { style: Style::Caption, inlines, ..Paragraph::default() }
    }

    /// Adds a picture with its caption below.
    pub fn figure(&mut self, drawing: Drawing, caption: &str) {
        self.figures += 1;
        let picture = Inline::Picture(Box::new(drawing));
        let keep_next = !caption.is_empty();
        self.add(Paragraph {
            style: Style::Figure,
            inlines: vec![picture],
            keep_next,
            ..Paragraph::default()
        });
        let label = self.words.get("figure");
        let number = self.figures.to_string();
        let caption = self.caption(label, Field::Sequence("Figure"), number, caption);
        self.add(caption);
    }

    /// Stores a plot in both its forms.
    pub fn plot(&mut self, picture: &Picture) -> Result<Drawing, Error> {
        raster(&picture.png).map_err(|why| Error::Picture { what: picture.alt.clone(), why })?;
        let (width, height) = (i64::from(picture.width_px.max(1)), i64::from(picture.height_px.max(1)));
        let raster = self.picture_part("png", &picture.png);
        let svg = (!picture.svg.is_empty()).then(|| self.picture_part("svg", picture.svg.as_bytes()));
        let (width, height) = self.fitted(width * PIXEL, height * PIXEL, Some(PLOT));
        Ok(Drawing { raster, svg, width, height, alt: picture.alt.clone() })
    }

    /// Stores a picture of the team, or says why it cannot be shown.
    pub fn image(&mut self, bytes: &[u8], alt: &str) -> Result<Drawing, &'static str> {
        let found = raster(bytes)?;
        let raster = self.picture_part(found.extension, bytes);
        let (width, height) =
            self.fitted(i64::from(found.width) * PIXEL, i64::from(found.height) * PIXEL, None);
        Ok(Drawing { raster, svg: None, width, height, alt: alt.to_owned() })
    }

    /// Stores a picture and relates the document to it.
    pub fn picture_part(&mut self, extension: &'static str, bytes: &[u8]) -> String {
        let name = self.package.media("word/media", extension, bytes);
        self.relations.part("image", &format!("media/{name}"))
    }

    /// A size in EMU that fits the page, or is as wide as asked for.
    fn fitted(&self, width: i64, height: i64, wanted: Option<i64>) -> (i64, i64) {
        let page = self.page();
        let (most_wide, most_high) = (i64::from(page.width) * EMU, i64::from(page.height) * EMU * 7 / 10);
        let target = wanted.unwrap_or(width).min(most_wide).min((width * most_high / height).max(1));
        (target, (height * target / width).clamp(1, most_high))
    }

    /// When the data was gathered, in words.
    pub fn at(&self) -> String {
        typography::instant(self.words.language(), self.content.exported_at, &self.content.timezone)
    }

    /// The zone of all times, in words.
    pub fn zone(&self) -> String {
        typography::zone(&self.content.timezone, self.content.exported_at)
    }

    /// Adds a footnote and returns what refers to it.
    pub fn note(&mut self, words: Vec<Inline>) -> Inline {
        self.notes.push(words);
        Inline::Note(u32::try_from(self.notes.len()).unwrap_or(u32::MAX))
    }

    /// The field, or a marked placeholder that says what to fill in.
    pub fn or_placeholder(&self, value: &str, what: &str) -> Inline {
        let value = value.trim();
        if value.is_empty() { self.placeholder(what) } else { Inline::text(value) }
    }

    /// A marked placeholder; `what` is the key of what to fill in.
    pub fn placeholder(&self, what: &str) -> Inline {
        let what = self.words.get(what);
        Inline::placeholder(self.words.with("fill-in", &[("what", what.into())]))
    }

    /// Widths of columns whose words are given, together as wide as asked for. `right` tells columns aligned to the right.
    pub fn columns(&self, cells: &[Vec<String>], right: &[bool], size: u32, total: Twips) -> Vec<Twips> {
        let count = cells.first().map_or(0, Vec::len);
        let points = f64::from(size) / 2.0;
        let face = crate::measure::Face::Bold;
        let mut least = vec![0.0_f64; count];
        let mut wanted = vec![0.0_f64; count];
        let room = f64::from(total) / 20.0;
        for row in cells {
            for (column, text) in row.iter().enumerate().take(count) {
                let whole = self.fonts.width(text, face, points).min(room * 2.0);
                let word = text
                    .split([' ', '\n'])
                    .map(|word| self.fonts.width(word, face, points))
                    .fold(0.0, f64::max);
                least[column] = least[column].max(word.min(room / 3.0));
                wanted[column] = wanted[column].max(whole);
            }
        }
        let gutter = f64::from(Look::Airy.margins().1) / 20.0 + 1.0;
        for column in 0..count {
            let aside = if right.get(column) == Some(&true) { f64::from(RIGHT_ROOM) / 20.0 } else { 0.0 };
            least[column] += gutter + aside;
            wanted[column] += gutter + aside;
        }
        share(room, &least, &wanted)
    }
}

/// Shares `room` points among columns that need at least `least` and would like `wanted`; the result is in twips.
#[expect(clippy::cast_possible_truncation, reason = "widths on a page")]
fn share(room: f64, least: &[f64], wanted: &[f64]) -> Vec<Twips> {
    let sum = |widths: &[f64]| widths.iter().sum::<f64>();
    let (low, high) = (sum(least), sum(wanted));
    let widths: Vec<f64> = if high <= room {
        wanted.iter().map(|w| w * room / high.max(1.0)).collect()
    } else if low <= room {
        let extra = (room - low) / (high - low).max(0.001);
        least.iter().zip(wanted).map(|(low, high)| low + (high - low) * extra).collect()
    } else {
        least.iter().map(|w| w * room / low).collect()
    };
    widths.iter().map(|w| ((w * 20.0) as Twips).max(200)).collect()
}

/// A cell of one paragraph.
pub(crate) fn cell(style: Style, inlines: Vec<Inline>) -> Cell {
    vec![Paragraph { style, inlines, ..Paragraph::default() }]
}

/// A cell of plain words.
pub(crate) fn plain(text: impl Into<String>) -> Cell {
    cell(Style::TableText, vec![Inline::text(text)])
}

/// A cell of plain words at the right, for numbers.
pub(crate) fn number(text: impl Into<String>) -> Cell {
    vec![Paragraph { right: true, ..Paragraph::new(Style::TableText, text) }]
}

/// A head.
pub(crate) fn head(text: impl Into<String>) -> Cell {
    vec![Paragraph::new(Style::TableHead, text)]
}

/// A head above numbers.
pub(crate) fn number_head(text: impl Into<String>) -> Cell {
    vec![Paragraph { right: true, ..Paragraph::new(Style::TableHead, text) }]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_share_the_room() {
        assert_eq!(share(100.0, &[10.0, 10.0], &[20.0, 30.0]), [800, 1200]);
        assert_eq!(share(100.0, &[10.0, 10.0], &[20.0, 300.0]).iter().sum::<Twips>(), 1999);
        let tight = share(100.0, &[300.0, 100.0], &[400.0, 400.0]);
        assert_eq!(tight, [1500, 500]);
    }
}
