//! Which page everything stands on, so that the contents list can be filled without asking a word processor.
//!
//! Lines are broken with the font's widths, pages by the rules that both Word and LibreOffice follow: headings keep with
//! what follows, two lines at least stay together, rows are not torn, heads of tables repeat, footnotes take the foot.

use std::collections::HashMap;

use super::model::{Block, Inline, Section, Twips};
use super::ruler::{Flow, Item, Measured, Ruler};
use crate::measure::Fonts;

/// Room for the line above footnotes, in twips.
const ABOVE_NOTES: Twips = 45;
/// What LibreOffice keeps free below a paragraph with borders, in twips.
const TORN: Twips = 60;
/// Lines that stay together at the foot and at the top of a page.
const TOGETHER: usize = 2;

/// Where everything stands.
#[derive(Debug, Default)]
pub(crate) struct Pages {
    /// Page of every bookmark, from 1.
    pub of: HashMap<String, usize>,
    /// Number of pages.
    pub count: usize,
}

/// Lays out the whole document. `notes` are the words of the footnotes, by their id from 1.
pub(crate) fn pages(fonts: &Fonts, blocks: &[Block], notes: &[Vec<Inline>], numbered: bool) -> Pages {
    let ruler = Ruler { fonts, notes, numbered };
    let mut setter = Setter { page: 1, top: true, ..Setter::default() };
    let sections = blocks.iter().filter_map(|block| match block {
        Block::Section(section) => Some(*section),
        _ => None,
    });
    let mut sections: Vec<Section> = sections.collect();
    sections.reverse();
    let mut room =
        sections.pop().map_or_else(|| Section { landscape: false, dressed: true }.page(), Section::page);
    let mut items = Vec::new();
    let mut rooms = Vec::new();
    for block in blocks {
        match block {
            Block::Paragraph(paragraph) => items.push(ruler.paragraph(paragraph, room.width)),
            Block::Table(table) => items.push(ruler.table(table)),
            Block::Contents(list) => items.extend(ruler.contents(list)),
            Block::Section(_) => {
                items.push(Item::Section);
                rooms.push(room.height);
                room = sections.pop().map_or(room, Section::page);
            }
            Block::Begin(..) | Block::End | Block::Mark(_) | Block::EndMark(_) => {}
        }
    }
    rooms.reverse();
    setter.room = rooms.pop().unwrap_or(room.height);
    setter.set(&items, &mut rooms);
    Pages { of: setter.found, count: setter.page }
}

/// Height of some blocks on one endless page of a width, in twips.
pub(crate) fn height(fonts: &Fonts, blocks: &[Block], width: Twips) -> Twips {
    let ruler = Ruler { fonts, notes: &[], numbered: false };
    let items = blocks.iter().map(|block| match block {
        Block::Paragraph(paragraph) => vec![ruler.paragraph(paragraph, width)],
        Block::Table(table) => vec![ruler.table(table)],
        Block::Contents(list) => ruler.contents(list),
        _ => Vec::new(),
    });
    let items: Vec<Item> = items.flatten().collect();
    // Space above the first paragraph counts at the top of a document.
    let mut setter = Setter { page: 1, room: Twips::MAX / 4, ..Setter::default() };
    setter.set(&items, &mut Vec::new());
    setter.used
}

/// Fills pages.
#[derive(Default)]
struct Setter {
    room: Twips,
    page: usize,
    /// Height used on this page, footnotes left out.
    used: Twips,
    /// Height of this page's footnotes.
    notes: Twips,
    /// Space that the last paragraph wants below it.
    below: Twips,
    /// Whether nothing stands on this page yet.
    top: bool,
    found: HashMap<String, usize>,
}

impl Setter {
    fn set(&mut self, items: &[Item], rooms: &mut Vec<Twips>) {
        for (index, item) in items.iter().enumerate() {
            match item {
                Item::Section => {
                    if index + 1 < items.len() {
                        self.turn();
                        self.room = rooms.pop().unwrap_or(self.room);
                    }
                }
                Item::Lines { lines, spec, bookmarks } => {
                    if spec.page_break && !self.top {
                        self.turn();
                    }
                    let chained =
                        index > 0 && matches!(&items[index - 1], Item::Lines { spec, .. } if spec.keep_next);
                    if spec.keep_next && !chained && !self.top && !self.fits(need(&items[index..])) {
                        self.turn();
                    }
                    self.lines(lines, *spec, bookmarks);
                }
                Item::Rows { head, rows } => self.rows(*head, rows),
            }
        }
    }

    fn turn(&mut self) {
        self.page += 1;
        self.used = 0;
        self.notes = 0;
        self.below = 0;
        self.top = true;
    }

    fn gap(&self, before: Twips) -> Twips {
        if self.top { 0 } else { self.below.max(before) }
    }

    fn footnotes(&self, more: Twips) -> Twips {
        if self.notes + more == 0 { 0 } else { ABOVE_NOTES + self.notes + more }
    }

    fn fits(&self, (before, height, notes): (Twips, Twips, Twips)) -> bool {
        self.used + self.gap(before) + height + self.footnotes(notes) <= self.room
    }

    /// How many of the lines fit here after a gap.
    fn fitting(&self, before: Twips, lines: &[Measured], edges: Twips) -> usize {
        let (mut height, mut notes) = (edges + if edges > 0 { TORN } else { 0 }, 0);
        for (index, line) in lines.iter().enumerate() {
            height += line.height;
            notes += line.notes;
            let over = if self.notes + notes == 0 { line.over } else { 0 };
            if !self.fits((before, height - over, notes)) {
                return index;
            }
        }
        lines.len()
    }

    fn lines(&mut self, lines: &[Measured], spec: Flow, bookmarks: &[String]) {
        let mut rest = lines;
        let mut first = true;
        while !rest.is_empty() {
            let before = if first { spec.before } else { 0 };
            let mut count = self.fitting(before, rest, spec.edges);
            if count < rest.len() && !spec.keep_lines {
                // Neither a lone line here nor a lone one over there.
                count = count.min(rest.len().saturating_sub(TOGETHER));
                if first && count < TOGETHER {
                    count = 0;
                }
            } else if count < rest.len() && spec.keep_lines && !self.top {
                count = 0;
            }
            if count == 0 && !self.top {
                self.turn();
                continue;
            }
            // A page takes at least what an empty one would: a line too high for any page stands alone.
            let count = count.max(1);
            if first {
                for name in bookmarks {
                    self.found.insert(name.clone(), self.page);
                }
            }
            self.used +=
                self.gap(before) + spec.edges + rest[..count].iter().map(|line| line.height).sum::<Twips>();
            self.notes += rest[..count].iter().map(|line| line.notes).sum::<Twips>();
            self.top = false;
            self.below = 0;
            first = false;
            rest = &rest[count..];
            if !rest.is_empty() {
                self.turn();
            }
        }
        self.below = spec.after;
    }

    fn rows(&mut self, head: Twips, rows: &[Measured]) {
        let mut begun = false;
        for row in rows {
            let above = if begun { 0 } else { head };
            if !self.fits((0, above + row.height, row.notes)) && !self.top {
                self.turn();
                begun = false;
            }
            let above = if begun { 0 } else { head };
            self.used += self.gap(0) + above + row.height;
            self.notes += row.notes;
            self.below = 0;
            self.top = false;
            begun = true;
            // A row that no page holds runs over several, each with the heads.
            while self.used > self.room {
                let rest = self.used - self.room;
                self.turn();
                (self.used, self.top) = (head + rest, head + rest == 0);
                if head >= self.room {
                    break;
                }
            }
        }
    }
}

/// What must stand on one page from a paragraph that keeps with the next: space before, height, footnotes.
fn need(items: &[Item]) -> (Twips, Twips, Twips) {
    let mut start = None;
    let (mut height, mut notes, mut below) = (0, 0, 0);
    for item in items {
        match item {
            // What begins a page of its own is not what a heading keeps with.
            Item::Lines { spec, .. } if spec.page_break && start.is_some() => break,
            Item::Lines { lines, spec, .. } => {
                let gap = if start.is_none() { 0 } else { below.max(spec.before) };
                start.get_or_insert(spec.before);
                let whole = spec.keep_lines || spec.keep_next || lines.len() < 2 * TOGETHER;
                let count = if whole { lines.len() } else { TOGETHER };
                height += gap + spec.edges + lines[..count].iter().map(|line| line.height).sum::<Twips>();
                notes += lines[..count].iter().map(|line| line.notes).sum::<Twips>();
                below = spec.after;
                if !spec.keep_next {
                    break;
                }
            }
            Item::Rows { head, rows } => {
                height += below + head + rows.first().map_or(0, |row| row.height);
                notes += rows.first().map_or(0, |row| row.notes);
                break;
            }
            Item::Section => break,
        }
    }
    (start.unwrap_or(0), height, notes)
}

#[cfg(test)]
mod tests {
    use super::super::model::{Look, Paragraph, Table};
    use super::super::styles::Style;
    use super::*;

    /// 2.5 cm margins leave 14,004 twips: 44 lines of 317.
    const LINES: usize = 44;

    fn line(name: &str) -> Block {
        let bookmarks = if name.is_empty() { Vec::new() } else { vec![name.to_owned()] };
        Block::Paragraph(Paragraph { after: Some(0), bookmarks, ..Paragraph::new(Style::Normal, "x") })
    }

    fn long(lines: usize, name: &str) -> Block {
        let text = vec!["x"; lines].join("\n");
        let bookmarks = vec![name.to_owned()];
        Block::Paragraph(Paragraph { after: Some(0), bookmarks, ..Paragraph::new(Style::Normal, text) })
    }

    fn laid(blocks: Vec<Block>) -> Pages {
        let fonts = Fonts::read().unwrap();
        pages(&fonts, &blocks, &[vec![Inline::text("a note")]], false)
    }

    fn full(lines: usize) -> Vec<Block> {
        (0..lines).map(|_| line("")).collect()
    }

    #[test]
    fn a_page_holds_as_many_lines_as_fit() {
        let mut blocks = full(LINES - 1);
        blocks.extend([line("last"), line("next")]);
        let pages = laid(blocks);
        assert_eq!((pages.of["last"], pages.of["next"], pages.count), (1, 2, 2));
    }

    #[test]
    fn no_line_stands_alone() {
        // One line of room: two must stay together, so the paragraph goes as a whole.
        let mut blocks = full(LINES - 1);
        blocks.push(long(4, "moved"));
        assert_eq!(laid(blocks).of["moved"], 2);
        // Two lines of room: a paragraph of four is torn in the middle, one of three is not.
        for (lines, page) in [(4, 1), (3, 2)] {
            let mut blocks = full(LINES - 2);
            blocks.push(long(lines, "here"));
            assert_eq!(laid(blocks).of["here"], page, "{lines} lines");
        }
    }

    #[test]
    fn a_heading_stays_with_what_follows() {
        let heading = |name: &str| {
            Block::Paragraph(Paragraph {
                bookmarks: vec![name.to_owned()],
                ..Paragraph::new(Style::Heading3, "x")
            })
        };
        let mut blocks = full(LINES - 3);
        blocks.extend([heading("moved"), long(4, "text")]);
        let pages = laid(blocks);
        assert_eq!((pages.of["moved"], pages.of["text"]), (2, 2));
        // Nothing follows on this page: it may stand at the foot.
        let mut blocks = full(LINES - 3);
        let chapter =
            Paragraph { bookmarks: vec!["chapter".to_owned()], ..Paragraph::new(Style::Heading1, "x") };
        blocks.extend([heading("last"), Block::Paragraph(chapter)]);
        let pages = laid(blocks);
        assert_eq!((pages.of["last"], pages.of["chapter"]), (1, 2));
    }

    #[test]
    fn heads_are_repeated_and_rows_are_whole() {
        let cell = |text: &str| vec![Paragraph::new(Style::TableText, text)];
        let table = |rows: usize| {
            let rows = (0..rows).map(|_| vec![cell("x")]).collect();
            vec![
                Block::Table(Table { widths: vec![2_000], head: vec![cell("head")], rows, look: Look::Airy }),
                line("end"),
            ]
        };
        // A row takes 248 + 140 + 10 twips: 34 with the heads fill a page, 68 need a third for their second heads.
        assert_eq!(laid(table(33)).of["end"], 1);
        assert_eq!(laid(table(34)).of["end"], 2);
        assert_eq!(laid(table(68)).of["end"], 3);
    }

    #[test]
    fn footnotes_take_the_foot_of_the_page() {
        let noted = || {
            Block::Paragraph(Paragraph {
                after: Some(0),
                inlines: vec![Inline::text("x"), Inline::Note(1)],
                ..Paragraph::default()
            })
        };
        let mut blocks = vec![noted()];
        blocks.extend(full(LINES - 2));
        blocks.push(line("moved"));
        assert_eq!(laid(blocks).of["moved"], 2);
    }

    #[test]
    fn space_above_the_first_paragraph_counts_on_a_cover() {
        let fonts = Fonts::read().unwrap();
        let lowered = Paragraph { before: Some(3_600), after: Some(0), ..Paragraph::new(Style::Normal, "x") };
        assert_eq!(height(&fonts, &[Block::Paragraph(lowered)], 9_072), 3_600 + 317);
    }
}
