//! How high everything is: words measured with the font, line by line and row by row.

use super::body::{code_size, right_room};
use super::model::{Cell, Contents, Inline, Look, Paragraph, Section, Table, Twips};
use super::pictures::EMU;
use super::properties::Line;
use super::styles::{NUMBER_ROOM, Spec, Style};
use crate::measure::{Face, Fonts, Piece};

/// Height of a line of Liberation Sans (and Arial): ascent, descent and gap of 1,854, 434 and 67 in 2,048 units.
const HEIGHT: f64 = 2_355.0 / 2_048.0;
/// Size of a footnote's number beside the words around it.
const RAISED: f64 = 0.58;

/// A line: its height and what footnotes hang on it, in twips.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Measured {
    pub height: Twips,
    pub notes: Twips,
    /// What of the height may hang over the foot of the page: the extra space between lines.
    pub over: Twips,
}

/// Something that flows, measured.
pub(super) enum Item<'a> {
    Lines { lines: Vec<Measured>, spec: Flow, bookmarks: &'a [String] },
    Rows { head: Twips, rows: Vec<Measured> },
    Section,
}

/// How a paragraph flows.
#[derive(Clone, Copy)]
pub(super) struct Flow {
    pub before: Twips,
    pub after: Twips,
    pub keep_next: bool,
    pub keep_lines: bool,
    pub page_break: bool,
    /// Height of the borders above and below, which every part of a torn paragraph has.
    pub edges: Twips,
}

fn flow(spec: &Spec) -> Flow {
    Flow {
        before: spec.before,
        after: spec.after,
        keep_next: spec.keep_next,
        keep_lines: spec.keep_lines,
        page_break: spec.page_break,
        edges: edges(spec),
    }
}

fn edges(spec: &Spec) -> Twips {
    let flat = spec.edges.iter().filter(|edge| edge.side != "left");
    flat.map(|edge| twips(f64::from(edge.space) * 20.0 + f64::from(edge.width) * 2.5)).sum()
}

/// Measures words.
pub(super) struct Ruler<'a> {
    pub fonts: &'a Fonts,
    pub notes: &'a [Vec<Inline>],
    /// Whether headings are counted.
    pub numbered: bool,
}

impl Ruler<'_> {
    /// Measures a paragraph in a column.
    pub fn paragraph<'b>(&self, paragraph: &'b Paragraph, width: Twips) -> Item<'b> {
        let spec = paragraph.style.spec();
        let mut flow = flow(&spec);
        flow.before = paragraph.before.unwrap_or(flow.before);
        flow.after = paragraph.after.unwrap_or(flow.after);
        flow.keep_next |= paragraph.keep_next;
        flow.keep_lines |= paragraph.keep_lines;
        flow.page_break |= paragraph.page_break;
        Item::Lines { lines: self.lines_of(paragraph, width), spec: flow, bookmarks: &paragraph.bookmarks }
    }

    fn lines_of(&self, paragraph: &Paragraph, width: Twips) -> Vec<Measured> {
        let spec = paragraph.style.spec();
        let counted = self.numbered && paragraph.number.is_some() && paragraph.style.level().is_some();
        let left = match paragraph.indent {
            Some(indent) => indent,
            None if counted => NUMBER_ROOM,
            None => paragraph.list.map_or(spec.left, |(_, level)| LIST_STEP * (Twips::from(level) + 1)),
        };
        let right = right_room(paragraph).unwrap_or(spec.right);
        self.lines(&paragraph.inlines, &spec, paragraph.size, width - left - right, 0)
    }

    /// Lines of some words in a column, `first` twips further in on the first line.
    fn lines(
        &self,
        inlines: &[Inline],
        spec: &Spec,
        size: Option<u32>,
        width: Twips,
        first: Twips,
    ) -> Vec<Measured> {
        let points = f64::from(size.unwrap_or(spec.half_points)) / 2.0;
        let mut parts = Parts { code: spec.code, points, bold: spec.bold, ..Parts::default() };
        parts.gather(inlines);
        let pieces: Vec<Piece> = parts
            .words
            .iter()
            .map(|(text, face, points)| Piece { text, face: *face, points: *points })
            .collect();
        let wide = |twips: Twips| f64::from(twips.max(200)) / 20.0;
        let single = twips(points * 20.0 * HEIGHT);
        let own = match spec.line {
            Line::Auto(line) => single * line / 240,
            Line::Exact(line) => line,
        };
        let extra = if matches!(spec.line, Line::Auto(_)) { (own - single).max(0) } else { 0 };
        let ranges = self.fonts.lines(&pieces, wide(width - first), wide(width));
        ranges
            .iter()
            .enumerate()
            .map(|(index, range)| {
                let last = index + 1 == ranges.len();
                let here =
                    |at: usize| range.contains(&at) || (last && at >= range.end) || (at == range.start);
                let pictures = parts.pictures.iter().filter(|(at, _)| here(*at)).map(|(_, height)| *height);
                let height = own.max(pictures.max().unwrap_or(0));
                let notes =
                    parts.notes.iter().filter(|(at, _)| here(*at)).map(|(_, id)| self.note(*id)).sum();
                let over = if height == own { extra } else { 0 };
                Measured { height, notes, over }
            })
            .collect()
    }

    /// Height of a footnote on a portrait page.
    fn note(&self, id: u32) -> Twips {
        let spec = Style::FootnoteText.spec();
        let words = usize::try_from(id).ok().and_then(|id| self.notes.get(id.checked_sub(1)?));
        let Some(words) = words else { return 0 };
        let width = Section { landscape: false, dressed: true }.page().width;
        let lines = self.lines(words, &spec, None, width, 160);
        lines.iter().map(|line| line.height).sum::<Twips>() + spec.after
    }

    /// Measures the lines of a contents list.
    pub fn contents<'b>(&self, list: &Contents) -> Vec<Item<'b>> {
        let entries = list.entries.iter().map(|entry| {
            let spec = Style::entry(entry.level).spec();
            let start = entry.number.as_ref().map_or(spec.left - spec.hanging, |_| spec.left);
            // The page's number and some dots stay free at the right.
            let lines = self.lines(&[Inline::text(&entry.text)], &spec, None, list.width - start - 500, 0);
            Item::Lines { lines, spec: flow(&spec), bookmarks: &[] }
        });
        entries.collect()
    }

    /// Measures a table.
    pub fn table<'b>(&self, table: &Table) -> Item<'b> {
        let margin = table.look.margins();
        let row = |cells: &[Cell]| {
            let cells = cells.iter().zip(&table.widths).map(|(cell, width)| {
                let mut height = 2 * margin.0;
                let mut notes = 0;
                for (index, paragraph) in cell.iter().enumerate() {
                    let lines = self.lines_of(paragraph, width - margin.1);
                    let spec = paragraph.style.spec();
                    let before = paragraph.before.unwrap_or(spec.before);
                    let after = paragraph.after.unwrap_or(spec.after);
                    let above = if index == 0 { 0 } else { before };
                    height += lines.iter().map(|line| line.height).sum::<Twips>() + above + after;
                    notes += lines.iter().map(|line| line.notes).sum::<Twips>();
                }
                (height, notes)
            });
            let (height, notes) = cells.fold((0, 0), |(height, notes), (h, n)| (height.max(h), notes + n));
            Measured { height: height + if table.look == Look::Bare { 0 } else { BORDER }, notes, over: 0 }
        };
        // The line under the heads is twice as thick.
        let head = if table.head.is_empty() { 0 } else { row(&table.head).height + BORDER };
        Item::Rows { head, rows: table.rows.iter().map(|cells| row(cells)).collect() }
    }
}

/// Indent of a level of a list, in twips.
pub(crate) const LIST_STEP: Twips = 400;
/// Height of the line between two rows, in twips.
const BORDER: Twips = 10;

#[expect(clippy::cast_possible_truncation, reason = "heights on a page of 16,838 twips")]
fn twips(value: f64) -> Twips {
    value.round() as Twips
}

/// What stands in a paragraph, as the ruler wants it.
#[derive(Default)]
struct Parts {
    words: Vec<(String, Face, f64)>,
    length: usize,
    pictures: Vec<(usize, Twips)>,
    notes: Vec<(usize, u32)>,
    points: f64,
    bold: bool,
    code: bool,
}

impl Parts {
    fn gather(&mut self, inlines: &[Inline]) {
        for inline in inlines {
            match inline {
                Inline::Text(text, format) => {
                    let code = self.code || format.code;
                    let points = if format.code { self.code_points() } else { self.points };
                    let bold = self.bold || format.bold;
                    let face = if code {
                        Face::Code
                    } else if bold {
                        Face::Bold
                    } else {
                        Face::Regular
                    };
                    self.push(text.clone(), face, points);
                }
                Inline::Break => self.push("\n".to_owned(), Face::Regular, self.points),
                Inline::Tab => {}
                Inline::Link(_, inside) | Inline::Anchor(_, inside) => self.gather(inside),
                Inline::Note(id) => {
                    // The number must not be parted from its word, and belongs to the word's line.
                    self.notes.push((self.length.saturating_sub(1), *id));
                    self.push(id.to_string(), Face::Regular, self.points * RAISED);
                }
                Inline::Field(_, shown) => {
                    let face = if self.bold { Face::Bold } else { Face::Regular };
                    self.push(shown.clone(), face, self.points);
                }
                Inline::Picture(drawing) => {
                    let height = Twips::try_from(drawing.height / EMU).unwrap_or(Twips::MAX);
                    self.pictures.push((self.length, height));
                }
            }
        }
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "sizes of fonts are small and positive"
    )]
    fn code_points(&self) -> f64 {
        f64::from(code_size((self.points * 2.0) as u32)) / 2.0
    }

    fn push(&mut self, text: String, face: Face, points: f64) {
        self.length += text.len();
        self.words.push((text, face, points));
    }
}
