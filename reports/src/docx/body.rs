//! `word/document.xml`: the flow of the document as XML.

use super::model::{
    Block, Contents, Entry, Field, Format, Inline, LONG, MARGIN, Paragraph, SHORT, Section, Twips,
};
use super::parts;
use super::pictures;
use super::properties::{ParagraphProperties, RunProperties, TabStop};
use super::styles::{CODE_FONT, Style};
use super::tables;
use crate::Error;
use crate::xml::Xml;

/// Relationships of a section's header and footer.
#[derive(Debug, Clone)]
pub(crate) struct Dress {
    /// Header and footer of portrait pages.
    pub portrait: (String, String),
    /// Header and footer of landscape pages.
    pub landscape: (String, String),
}

/// Ids that must not repeat in a document.
#[derive(Debug, Default)]
pub(crate) struct Ids {
    bookmark: u32,
    control: u32,
    picture: u32,
    marks: Vec<(&'static str, u32)>,
}

impl Ids {
    /// The next id of a picture.
    pub fn picture(&mut self) -> u32 {
        self.picture += 1;
        self.picture
    }
}

/// Writes the document. The last block is a section.
pub(crate) fn write(blocks: &[Block], dress: &Dress) -> Result<Vec<u8>, Error> {
    let mut x = Xml::document();
    let mut ids = Ids::default();
    let last = blocks.iter().rposition(|block| matches!(block, Block::Section(_)));
    parts::named(x.tag("w:document")).with(|x| {
        x.tag("w:body").with(|x| {
            for (index, item) in blocks.iter().enumerate() {
                match item {
                    Block::Section(section) if Some(index) == last => section_properties(x, *section, dress),
                    _ => block(x, item, &mut ids, dress),
                }
            }
        });
    });
    x.finish("word/document.xml")
}

fn block(x: &mut Xml, block: &Block, ids: &mut Ids, dress: &Dress) {
    match block {
        Block::Paragraph(it) => paragraph(x, it, ids),
        Block::Table(table) => tables::write(x, table, ids),
        Block::Begin(tag, title) => {
            ids.control += 1;
            x.tag("w:sdt").open();
            let gallery = tag.ends_with("contents");
            x.tag("w:sdtPr").with(|x| {
                x.tag("w:alias").attr("w:val", title).empty();
                x.tag("w:tag").attr("w:val", tag).empty();
                x.tag("w:id").attr("w:val", ids.control).empty();
                if gallery {
                    x.tag("w:docPartObj").with(|x| {
                        x.tag("w:docPartGallery").attr("w:val", "Table of Contents").empty();
                        x.tag("w:docPartUnique").empty();
                    });
                }
            });
            x.tag("w:sdtContent").open();
        }
        Block::End => {
            x.close("w:sdtContent");
            x.close("w:sdt");
        }
        Block::Contents(list) => contents(x, list),
        Block::Mark(name) => {
            ids.bookmark += 1;
            ids.marks.push((name, ids.bookmark));
            x.tag("w:bookmarkStart").attr("w:id", ids.bookmark).attr("w:name", name).empty();
        }
        Block::EndMark(name) => {
            if let Some(at) = ids.marks.iter().position(|(open, _)| open == name) {
                let (_, id) = ids.marks.remove(at);
                x.tag("w:bookmarkEnd").attr("w:id", id).empty();
            }
        }
        Block::Section(section) => x.tag("w:p").with(|x| {
            // The paragraph that carries a section's end takes no room worth speaking of.
            x.tag("w:pPr").with(|x| {
                x.tag("w:spacing").attr("w:after", 0).attr("w:line", 20).attr("w:lineRule", "exact").empty();
                section_properties(x, *section, dress);
            });
        }),
    }
}

/// Writes a paragraph.
pub(crate) fn paragraph(x: &mut Xml, paragraph: &Paragraph, ids: &mut Ids) {
    let spec = paragraph.style.spec();
    let style_stop = Section { landscape: false, dressed: true }.page().width;
    let stop = |side, at| TabStop { side, at, dots: false };
    let tabs = paragraph.tab.map_or_else(Vec::new, |at| vec![stop("clear", style_stop), stop("right", at)]);
    x.tag("w:p").with(|x| {
        ParagraphProperties {
            tabs: &tabs,
            style: (paragraph.style != Style::Normal).then_some(spec.id),
            keep_next: paragraph.keep_next && !spec.keep_next,
            keep_lines: paragraph.keep_lines && !spec.keep_lines,
            page_break: paragraph.page_break && !spec.page_break,
            list: paragraph.list.or(paragraph.unnumbered.then_some((0, 0))),
            before: paragraph.before,
            after: paragraph.after,
            left: paragraph.indent.or(paragraph.unnumbered.then_some(0)),
            right: right_room(paragraph),
            hanging: paragraph.unnumbered.then_some(0),
            align: paragraph.right.then_some("right"),
            ..ParagraphProperties::default()
        }
        .write(x);
        let first = ids.bookmark;
        for name in &paragraph.bookmarks {
            ids.bookmark += 1;
            x.tag("w:bookmarkStart").attr("w:id", ids.bookmark).attr("w:name", name).empty();
        }
        let size =
            Size { half_points: paragraph.size.unwrap_or(spec.half_points), own: paragraph.size.is_some() };
        for one in &paragraph.inlines {
            inline(x, one, size, ids);
        }
        for id in (first + 1..=ids.bookmark).rev() {
            x.tag("w:bookmarkEnd").attr("w:id", id).empty();
        }
    });
}

/// How far numbers keep away from the next column, in twips.
pub(crate) const RIGHT_ROOM: Twips = 200;

/// Numbers at the right of their column keep away from the next one.
pub(crate) fn right_room(paragraph: &Paragraph) -> Option<Twips> {
    let in_table = matches!(paragraph.style, Style::TableText | Style::TableHead);
    (paragraph.right && in_table).then_some(RIGHT_ROOM)
}

/// Size of the words of a paragraph.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Size {
    /// In half-points.
    pub half_points: u32,
    /// Whether it is another than the style's.
    pub own: bool,
}

/// Size of code among words, in half-points: its letters are larger than those around it.
pub(crate) fn code_size(half_points: u32) -> u32 {
    half_points * 23 / 25
}

/// Writes what stands in a line.
pub(crate) fn inline(x: &mut Xml, inline: &Inline, size: Size, ids: &mut Ids) {
    match inline {
        Inline::Text(text, format) => run(x, *format, size, |x| words(x, text)),
        Inline::Break => run(x, Format::default(), size, |x| x.tag("w:br").empty()),
        Inline::Tab => run(x, Format::default(), size, |x| x.tag("w:tab").empty()),
        Inline::Link(relation, inside) => {
            x.tag("w:hyperlink").attr("r:id", relation).attr("w:history", 1).with(|x| {
                for one in inside {
                    self::inline(x, one, size, ids);
                }
            });
        }
        Inline::Anchor(bookmark, inside) => {
            x.tag("w:hyperlink").attr("w:anchor", bookmark).attr("w:history", 1).with(|x| {
                for one in inside {
                    self::inline(x, one, size, ids);
                }
            });
        }
        Inline::Note(id) => {
            let format = Format { style: Some("FootnoteReference"), ..Format::default() };
            run(x, format, size, |x| x.tag("w:footnoteReference").attr("w:id", id).empty());
        }
        Inline::Field(kind, shown) => field(x, kind, shown),
        Inline::Picture(drawing) => {
            run(x, Format::default(), size, |x| pictures::write(x, drawing, ids.picture()));
        }
    }
}

fn run(x: &mut Xml, format: Format, size: Size, inside: impl FnOnce(&mut Xml)) {
    let own = size.own.then_some(size.half_points);
    x.tag("w:r").with(|x| {
        RunProperties {
            style: format.style.or(format.code.then_some("CodeText")),
            // LibreOffice forgets a character style's font inside tables with a style.
            font: format.code.then_some(CODE_FONT),
            bold: format.bold,
            italic: format.italic,
            strike: format.strike,
            color: format.color,
            half_points: if format.code { Some(code_size(size.half_points)) } else { own },
            ..RunProperties::default()
        }
        .write(x);
        inside(x);
    });
}

/// Words, with their ends of lines as breaks.
fn words(x: &mut Xml, text: &str) {
    for (index, line) in text.split('\n').enumerate() {
        if index > 0 {
            x.tag("w:br").empty();
        }
        if !line.is_empty() {
            x.tag("w:t").attr("xml:space", "preserve").text(line);
        }
    }
}

fn mark(x: &mut Xml, kind: &str) {
    x.tag("w:r").with(|x| x.tag("w:fldChar").attr("w:fldCharType", kind).empty());
}

fn begin_field(x: &mut Xml, instruction: &str) {
    mark(x, "begin");
    x.tag("w:r").with(|x| x.tag("w:instrText").attr("xml:space", "preserve").text(instruction));
    mark(x, "separate");
}

/// Writes a field with what it last came to. It is never marked as out of date: Word would ask the reader about it.
fn field(x: &mut Xml, field: &Field, shown: &str) {
    let instruction = match field {
        Field::Page => " PAGE ".to_owned(),
        Field::Pages => " NUMPAGES ".to_owned(),
        Field::Sequence(name) => format!(" SEQ {name} \\* ARABIC "),
        Field::PageOf(bookmark) => format!(" PAGEREF {bookmark} \\h "),
    };
    begin_field(x, &instruction);
    x.tag("w:r").with(|x| words(x, shown));
    mark(x, "end");
}

fn contents(x: &mut Xml, list: &Contents) {
    let within = list.within.map(|bookmark| format!("\\b {bookmark} ")).unwrap_or_default();
    let instruction = format!(" TOC {within}\\o \"1-{}\" \\h \\z \\u ", list.depth);
    let last = list.entries.len().saturating_sub(1);
    if list.entries.is_empty() {
        x.tag("w:p").with(|x| {
            begin_field(x, &instruction);
            mark(x, "end");
        });
    }
    for (index, entry) in list.entries.iter().enumerate() {
        x.tag("w:p").with(|x| {
            entry_properties(x, entry, list.width);
            if index == 0 {
                begin_field(x, &instruction);
            }
            let mut inside = Vec::new();
            if let Some(number) = &entry.number {
                inside.extend([Inline::text(number), Inline::Tab]);
            }
            let page = Inline::Field(Field::PageOf(entry.bookmark.clone()), entry.page.to_string());
            inside.extend([Inline::text(&entry.text), Inline::Tab, page]);
            let size = Size { half_points: Style::entry(entry.level).spec().half_points, own: false };
            inline(x, &Inline::Anchor(entry.bookmark.clone(), inside), size, &mut Ids::default());
            if index == last {
                mark(x, "end");
            }
        });
    }
}

/// A line without a number has no tab stop after one, or its page would stand there.
fn entry_properties(x: &mut Xml, entry: &Entry, width: Twips) {
    let style = Style::entry(entry.level);
    let spec = style.spec();
    let bare = entry.number.is_none();
    let portrait = Section { landscape: false, dressed: true }.page().width;
    let mut tabs = Vec::new();
    if bare {
        tabs.push(TabStop { side: "clear", at: spec.left, dots: false });
    }
    if width != portrait {
        tabs.push(TabStop { side: "clear", at: portrait, dots: false });
        tabs.push(TabStop { side: "right", at: width, dots: true });
    }
    ParagraphProperties {
        style: Some(spec.id),
        tabs: &tabs,
        left: bare.then_some(spec.left - spec.hanging),
        hanging: bare.then_some(0),
        ..ParagraphProperties::default()
    }
    .write(x);
}

fn section_properties(x: &mut Xml, section: Section, dress: &Dress) {
    let (header, footer) = if section.landscape { &dress.landscape } else { &dress.portrait };
    let (width, height) = if section.landscape { (LONG, SHORT) } else { (SHORT, LONG) };
    x.tag("w:sectPr").with(|x| {
        if section.dressed {
            x.tag("w:headerReference").attr("w:type", "default").attr("r:id", header).empty();
            x.tag("w:footerReference").attr("w:type", "default").attr("r:id", footer).empty();
        }
        x.tag("w:type").attr("w:val", "nextPage").empty();
        x.tag("w:pgSz")
            .attr("w:w", width)
            .attr("w:h", height)
            .maybe("w:orient", section.landscape.then_some("landscape"))
            .empty();
        x.tag("w:pgMar")
            .attr("w:top", MARGIN)
            .attr("w:right", MARGIN)
            .attr("w:bottom", MARGIN)
            .attr("w:left", MARGIN)
            .attr("w:header", MARGIN / 2)
            .attr("w:footer", MARGIN / 2)
            .attr("w:gutter", 0)
            .empty();
        x.tag("w:cols").attr("w:space", 708).empty();
    });
}
