//! The team's Markdown as blocks that a document can show. Nothing is executed and nothing is fetched.

use std::collections::HashMap;

use pulldown_cmark::{Alignment, CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use crate::content::Language;
use crate::typography::spaced;

/// Deepest list level that is told apart; Word knows nine.
const DEEPEST: u8 = 8;

/// A chapter as read.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Chapter {
    /// What stands in it, in order.
    pub blocks: Vec<Block>,
    /// Footnotes by their label.
    pub notes: HashMap<String, Vec<Inline>>,
}

/// A block and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Block {
    /// What it is.
    pub kind: Kind,
    /// Lists around it.
    pub depth: u8,
    /// Whether it stands in a quotation.
    pub quoted: bool,
    /// The list whose mark it carries: a number unique in the chapter, and the first number of an ordered list.
    pub mark: Option<(usize, Option<u64>)>,
}

/// What a block is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Kind {
    /// A heading, 1 to 6.
    Heading(u8, Vec<Inline>),
    /// A paragraph.
    Text(Vec<Inline>),
    /// Code, its lines without the last end of line.
    Code(String),
    /// A table; every row has as many cells as the first.
    Table { right: Vec<bool>, head: Vec<Vec<Inline>>, rows: Vec<Vec<Vec<Inline>>> },
    /// A picture by its path.
    Image { path: String, alt: String },
    /// A line across.
    Rule,
}

/// What stands in a line.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Inline {
    /// Words.
    Text(String, Marks),
    /// A line ends here.
    Break,
    /// Words that lead somewhere.
    Link(String, Vec<Inline>),
    /// A footnote by its label.
    Note(String),
}

/// How words are set.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Marks {
    /// Bold.
    pub bold: bool,
    /// Italic.
    pub italic: bool,
    /// Code.
    pub code: bool,
    /// Struck through.
    pub strike: bool,
}

/// The words alone.
pub(crate) fn plain(inlines: &[Inline]) -> String {
    let words = inlines.iter().map(|inline| match inline {
        Inline::Text(text, _) => text.clone(),
        Inline::Break => " ".to_owned(),
        Inline::Link(_, inside) => plain(inside),
        Inline::Note(_) => String::new(),
    });
    words.collect()
}

/// Reads a chapter.
pub(crate) fn read(language: Language, markdown: &str) -> Chapter {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_YAML_STYLE_METADATA_BLOCKS;
    let mut reader = Reader { language, ..Reader::default() };
    for event in Parser::new_ext(markdown, options) {
        reader.event(event);
    }
    reader.flush();
    reader.chapter
}

#[derive(Default)]
struct Table {
    right: Vec<bool>,
    head: Vec<Vec<Inline>>,
    rows: Vec<Vec<Vec<Inline>>>,
    row: Vec<Vec<Inline>>,
}

struct Reader {
    language: Language,
    chapter: Chapter,
    inlines: Vec<Inline>,
    links: Vec<(String, Vec<Inline>)>,
    bold: u8,
    italic: u8,
    strike: u8,
    lists: Vec<(usize, Option<u64>)>,
    next_list: usize,
    pending: Option<(usize, Option<u64>)>,
    quotes: u32,
    heading: Option<u8>,
    code: Option<String>,
    html: Option<String>,
    image: Option<(String, String)>,
    table: Option<Table>,
    note: Option<String>,
    skipped: bool,
}

impl Default for Reader {
    fn default() -> Self {
        Self {
            language: Language::En,
            chapter: Chapter::default(),
            inlines: Vec::new(),
            links: Vec::new(),
            bold: 0,
            italic: 0,
            strike: 0,
            lists: Vec::new(),
            next_list: 0,
            pending: None,
            quotes: 0,
            heading: None,
            code: None,
            html: None,
            image: None,
            table: None,
            note: None,
            skipped: false,
        }
    }
}

impl Reader {
    fn event(&mut self, event: Event) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) => self.text(&text, false),
            Event::Code(text) => self.text(&text, true),
            Event::SoftBreak => self.text(" ", false),
            Event::HardBreak => self.push(Inline::Break),
            Event::Rule => self.block(Kind::Rule),
            Event::FootnoteReference(label) => self.push(Inline::Note(label.into_string())),
            Event::TaskListMarker(done) => self.text(if done { "[x] " } else { "[ ] " }, false),
            Event::Html(html) => self.html.get_or_insert_default().push_str(&html),
            Event::InlineHtml(html) if html.starts_with("<br") => self.push(Inline::Break),
            Event::InlineHtml(_) => {}
            Event::InlineMath(text) | Event::DisplayMath(text) => self.text(&text, true),
        }
    }

    fn start(&mut self, tag: Tag) {
        match tag {
            Tag::Heading { level, .. } => {
                self.flush();
                self.heading = Some(level_number(level));
            }
            Tag::Paragraph => self.separate(),
            Tag::BlockQuote(_) => {
                self.flush();
                self.quotes += 1;
            }
            Tag::CodeBlock(kind) => {
                self.flush();
                // What a fence says after its language is for other programs.
                let _ = matches!(kind, CodeBlockKind::Indented);
                self.code = Some(String::new());
            }
            Tag::HtmlBlock => {
                self.flush();
                self.html = Some(String::new());
            }
            Tag::List(start) => {
                self.flush();
                self.lists.push((self.next_list, start));
                self.next_list += 1;
            }
            Tag::Item => {
                self.flush();
                self.pending = self.lists.last().copied();
            }
            Tag::FootnoteDefinition(label) => {
                self.flush();
                self.note = Some(label.into_string());
            }
            Tag::Table(alignments) => {
                self.flush();
                let right = alignments.iter().map(|one| *one == Alignment::Right).collect();
                self.table = Some(Table { right, ..Table::default() });
            }
            Tag::Emphasis => self.italic += 1,
            Tag::Strong => self.bold += 1,
            Tag::Strikethrough => self.strike += 1,
            Tag::Link { dest_url, .. } => self.links.push((dest_url.into_string(), Vec::new())),
            Tag::Image { dest_url, .. } => self.image = Some((dest_url.into_string(), String::new())),
            Tag::MetadataBlock(_) => self.skipped = true,
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Heading(_) | TagEnd::Paragraph | TagEnd::Item => {
                if self.note.is_none() {
                    self.flush();
                }
                if tag == TagEnd::Item {
                    self.pending = None;
                }
            }
            TagEnd::BlockQuote(_) => {
                self.flush();
                self.quotes = self.quotes.saturating_sub(1);
            }
            TagEnd::CodeBlock => {
                if let Some(code) = self.code.take() {
                    let lines = code.strip_suffix('\n').unwrap_or(&code).replace('\t', "    ");
                    self.block(Kind::Code(lines));
                }
            }
            TagEnd::HtmlBlock => {
                let words = self.html.take().map(|html| without_tags(&html)).unwrap_or_default();
                if !words.is_empty() {
                    self.text(&words, false);
                    self.flush();
                }
            }
            TagEnd::List(_) => {
                self.flush();
                self.lists.pop();
            }
            TagEnd::FootnoteDefinition => {
                if let Some(label) = self.note.take() {
                    let words = std::mem::take(&mut self.inlines);
                    self.chapter.notes.insert(label, words);
                }
            }
            TagEnd::TableCell => {
                let cell = std::mem::take(&mut self.inlines);
                if let Some(table) = &mut self.table {
                    table.row.push(cell);
                }
            }
            TagEnd::TableHead => {
                if let Some(table) = &mut self.table {
                    table.head = std::mem::take(&mut table.row);
                }
            }
            TagEnd::TableRow => {
                if let Some(table) = &mut self.table {
                    let row = std::mem::take(&mut table.row);
                    table.rows.push(row);
                }
            }
            TagEnd::Table => {
                if let Some(Table { right, head, rows, .. }) = self.table.take() {
                    self.block(Kind::Table { right, head, rows });
                }
            }
            TagEnd::Emphasis => self.italic = self.italic.saturating_sub(1),
            TagEnd::Strong => self.bold = self.bold.saturating_sub(1),
            TagEnd::Strikethrough => self.strike = self.strike.saturating_sub(1),
            TagEnd::Link => {
                if let Some((address, words)) = self.links.pop() {
                    self.push(Inline::Link(address, words));
                }
            }
            TagEnd::Image => self.end_of_image(),
            TagEnd::MetadataBlock(_) => self.skipped = false,
            _ => {}
        }
    }

    /// A picture stands by itself, between what is before and after it; inside a table, a heading, a link or a footnote its
    /// description stands for it.
    fn end_of_image(&mut self) {
        let Some((path, alt)) = self.image.take() else { return };
        let alone =
            self.table.is_none() && self.heading.is_none() && self.links.is_empty() && self.note.is_none();
        if alone {
            self.flush();
            self.block(Kind::Image { path, alt });
        } else {
            let words = if alt.is_empty() { path } else { alt };
            self.text(&words, false);
        }
    }

    fn text(&mut self, text: &str, code: bool) {
        if self.skipped {
        } else if let Some((_, alt)) = &mut self.image {
            alt.push_str(text);
        } else if let Some(lines) = &mut self.code {
            lines.push_str(text);
        } else {
            let marks = Marks { bold: self.bold > 0, italic: self.italic > 0, strike: self.strike > 0, code };
            let set = if code { text.to_owned() } else { spaced(self.language, text) };
            self.push(Inline::Text(set, marks));
        }
    }

    fn push(&mut self, inline: Inline) {
        let inlines = self.links.last_mut().map_or(&mut self.inlines, |(_, words)| words);
        match (inlines.last_mut(), inline) {
            (Some(Inline::Text(before, marks)), Inline::Text(text, same)) if *marks == same => {
                before.push_str(&text)
            }
            (_, inline) => inlines.push(inline),
        }
    }

    /// Keeps the paragraphs of a footnote apart.
    fn separate(&mut self) {
        if self.note.is_some() && !self.inlines.is_empty() {
            self.inlines.push(Inline::Break);
        }
    }

    fn flush(&mut self) {
        let inlines = std::mem::take(&mut self.inlines);
        let heading = self.heading.take();
        if inlines.iter().all(|inline| matches!(inline, Inline::Text(text, _) if text.trim().is_empty())) {
            return;
        }
        self.block(heading.map_or(Kind::Text(inlines.clone()), |level| Kind::Heading(level, inlines)));
    }

    fn block(&mut self, kind: Kind) {
        let depth = u8::try_from(self.lists.len()).unwrap_or(DEEPEST).min(DEEPEST);
        let mark = if matches!(kind, Kind::Text(_)) { self.pending.take() } else { None };
        self.chapter.blocks.push(Block { kind, depth, quoted: self.quotes > 0, mark });
    }
}

fn level_number(level: HeadingLevel) -> u8 {
    match level {
        HeadingLevel::H1 => 1,
        HeadingLevel::H2 => 2,
        HeadingLevel::H3 => 3,
        HeadingLevel::H4 => 4,
        HeadingLevel::H5 => 5,
        HeadingLevel::H6 => 6,
    }
}

/// The words of an HTML block: tags and comments go, what stands between them stays.
fn without_tags(html: &str) -> String {
    let mut words = String::new();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        words.push_str(&rest[..at]);
        words.push(' ');
        let tag = &rest[at..];
        let end = if tag.starts_with("<!--") {
            tag.find("-->").map(|at| at + 3)
        } else {
            tag.find('>').map(|at| at + 1)
        };
        rest = end.map_or("", |end| &tag[end..]);
    }
    words.push_str(rest);
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(markdown: &str) -> Vec<Kind> {
        read(Language::En, markdown).blocks.into_iter().map(|block| block.kind).collect()
    }

    fn words(text: &str) -> Vec<Inline> {
        vec![Inline::Text(text.to_owned(), Marks::default())]
    }

    #[test]
    fn blocks_come_in_order_with_their_lists() {
        let chapter = read(
            Language::En,
            "# A\n\n1. one\n   - deep\n2. two\n\n   more\n\n> said\n\n```sh\na\tb\n\nc\n```\n",
        );
        let shown: Vec<_> = chapter.blocks.iter().map(|b| (b.depth, b.quoted, b.mark)).collect();
        assert_eq!(chapter.blocks[0].kind, Kind::Heading(1, words("A")));
        assert_eq!(chapter.blocks[4].kind, Kind::Text(words("more")));
        assert_eq!(chapter.blocks[6].kind, Kind::Code("a    b\n\nc".to_owned()));
        assert_eq!(
            shown,
            [
                (0, false, None),
                (1, false, Some((0, Some(1)))),
                (2, false, Some((1, None))),
                (1, false, Some((0, Some(1)))),
                (1, false, None),
                (0, true, None),
                (0, false, None),
            ]
        );
    }

    #[test]
    fn marks_links_and_notes_are_kept() {
        let chapter = read(Language::Fr, "**a** `b :c` [d](https://e.example) : f[^1]\n\n[^1]: Note *x*\n");
        let Kind::Text(inlines) = &chapter.blocks[0].kind else { panic!("{chapter:?}") };
        assert_eq!(inlines[0], Inline::Text("a".to_owned(), Marks { bold: true, ..Marks::default() }));
        assert_eq!(inlines[2], Inline::Text("b :c".to_owned(), Marks { code: true, ..Marks::default() }));
        assert_eq!(inlines[4], Inline::Link("https://e.example".to_owned(), words("d")));
        assert_eq!(inlines[5], Inline::Text("\u{202f}: f".to_owned(), Marks::default()));
        assert_eq!(inlines[6], Inline::Note("1".to_owned()));
        assert_eq!(plain(&chapter.notes["1"]), "Note x");
    }

    #[test]
    fn tables_pictures_and_html() {
        let found = kinds("a ![p](i.png) b\n\n|x|y|\n|-|-:|\n|1|2|\n\n<!-- c -->\n<p>h <b>i</b></p>\n");
        assert_eq!(found[1], Kind::Image { path: "i.png".to_owned(), alt: "p".to_owned() });
        let Kind::Table { right, head, rows } = &found[3] else { panic!("{found:?}") };
        assert_eq!((right.as_slice(), head.len(), rows.len()), (&[false, true][..], 2, 1));
        assert_eq!(found[4], Kind::Text(words("h i")));
    }

    #[test]
    fn deep_nesting_and_front_matter_do_no_harm() {
        let deep = format!("{}x", "> ".repeat(3000));
        assert_eq!(kinds(&deep).len(), 1);
        let list: String = (0..200).map(|n| format!("{}- a\n", "  ".repeat(n))).collect();
        assert!(read(Language::En, &list).blocks.iter().all(|block| block.depth <= DEEPEST));
        assert_eq!(kinds("---\ntitle: x\n---\n\ntext"), [Kind::Text(words("text"))]);
    }
}
