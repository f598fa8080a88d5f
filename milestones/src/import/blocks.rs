//! The document as a flat list of top-level blocks, nothing left out.
//!
//! Losing nothing rests on offsets: whatever lies between two blocks and holds letters or digits (link
//! definitions, mostly) becomes a block of its own.

use std::ops::Range;

use pulldown_cmark::{BlockQuoteKind, CodeBlockKind, Event, OffsetIter, Options, Parser, Tag, TagEnd};

use super::inline::{Inline, InlineWriter};
use super::text::Lines;
use crate::model::{Item, MAX_DEPTH};

/// A top-level block.
#[derive(Debug)]
pub(super) struct Block {
    /// What it is.
    pub kind: BlockKind,
    /// Bytes of the document.
    pub span: Range<usize>,
    /// Its plain text; empty for kinds that are kept as written.
    pub inline: Inline,
}

/// Kind of a [`Block`].
#[derive(Debug)]
pub(super) enum BlockKind {
    /// A heading and its level, 1..=6.
    Heading(u8),
    /// A paragraph.
    Paragraph,
    /// A list, item by item; `inline` holds the HTML met inside.
    List(Vec<ListItem>),
    /// A table: the cells' texts, the header row first.
    Table(Vec<Vec<String>>),
    /// A code block; with its content if it is an indented one.
    Code(Option<String>),
    /// HTML.
    Html,
    /// A quote; with its type if it is a GitHub alert.
    Quote(Option<&'static str>),
    /// A footnote's definition and its label.
    Footnote(String),
    /// Source that the parser has no event for: link definitions.
    Leftover,
}

/// A top-level item: the model's item, and what the search for deadlines needs.
#[derive(Debug)]
pub(super) struct ListItem {
    /// The item with its children.
    pub item: Item,
    /// Its own text's line ends.
    pub breaks: Vec<usize>,
    /// First byte in the document.
    pub offset: usize,
}

/// One less than the model allows: a sub-heading may group a list's items under one more.
const MAX_LIST_DEPTH: usize = MAX_DEPTH - 1;

/// Reads the document from byte `base` on.
pub(super) fn read(text: &str, base: usize, lines: &Lines<'_>) -> Vec<Block> {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_GFM;
    let mut reader = Reader {
        text: &text[base..],
        base,
        lines,
        events: Parser::new_ext(&text[base..], options).into_offset_iter(),
        covered: 0,
        gaps: Vec::new(),
        writer: InlineWriter::default(),
        list: ListReader::default(),
    };
    // Between two blocks stands a blank line, mostly.
    let mut blocks = Vec::with_capacity(lines.count() / 2 + 1);
    let mut end = 0;
    while let Some((event, span)) = reader.events.next() {
        reader.leftover(end..span.start, &mut blocks);
        end = end.max(span.end);
        reader.covered = span.start;
        if let Event::Start(tag) = event {
            let (kind, inline) = reader.block(tag, &span);
            blocks.push(Block { kind, span: base + span.start..base + span.end, inline });
            if !reader.gaps.is_empty() {
                for gap in std::mem::take(&mut reader.gaps) {
                    reader.leftover(gap, &mut blocks);
                }
            }
        }
    }
    reader.leftover(end..reader.text.len(), &mut blocks);
    blocks
}

/// Plain text of a fragment, for the bodies of admonitions.
pub(super) fn flatten(markdown: &str) -> Inline {
    let lines = Lines::new(markdown);
    let mut all = InlineWriter::default();
    let mut links = Vec::new();
    let mut html = String::new();
    for block in read(markdown, 0, &lines) {
        match block.kind {
            BlockKind::Paragraph | BlockKind::Heading(_) | BlockKind::Quote(_) => {
                all.verbatim(&block.inline.text);
            }
            _ => all.verbatim(markdown[block.span].trim_end()),
        }
        links.extend(block.inline.links);
        html.push_str(&block.inline.html);
    }
    Inline { links, html, ..all.take() }
}

struct Reader<'a> {
    text: &'a str,
    base: usize,
    lines: &'a Lines<'a>,
    events: OffsetIter<'a>,
    /// Inside the current block: bytes before this one are in some event.
    covered: usize,
    /// Inside the current block: link definitions that no event covers.
    gaps: Vec<Range<usize>>,
    /// Empty between two blocks.
    writer: InlineWriter,
    /// Empty between two lists.
    list: ListReader,
}

impl Reader<'_> {
    /// Keeps source between blocks if it says anything.
    fn leftover(&self, span: Range<usize>, blocks: &mut Vec<Block>) {
        let Some(source) = self.text.get(span.clone()).filter(|s| s.contains(char::is_alphanumeric)) else {
            return;
        };
        let start = self.base + span.start + (source.len() - source.trim_start().len());
        let inline = Inline { text: plain_source(source.trim()), ..Inline::default() };
        blocks.push(Block { kind: BlockKind::Leftover, span: start..self.base + span.end, inline });
    }

    fn block(&mut self, tag: Tag<'_>, span: &Range<usize>) -> (BlockKind, Inline) {
        match tag {
            Tag::Heading { level, .. } => (BlockKind::Heading(level as u8), self.inline(tag.to_end())),
            Tag::List(_) => self.list(),
            Tag::Table(_) => self.table(),
            Tag::CodeBlock(kind) => {
                let mut content = String::new();
                for (event, _) in self.events.by_ref() {
                    match event {
                        Event::Text(text) => content.push_str(&text),
                        Event::End(TagEnd::CodeBlock) => break,
                        _ => {}
                    }
                }
                let indented = matches!(kind, CodeBlockKind::Indented).then_some(content);
                (BlockKind::Code(indented), Inline::default())
            }
            Tag::HtmlBlock => {
                self.skip();
                (BlockKind::Html, Inline::default())
            }
            Tag::BlockQuote(kind) => {
                let alert = kind.map(|kind| match kind {
                    BlockQuoteKind::Note => "note",
                    BlockQuoteKind::Tip => "tip",
                    BlockQuoteKind::Important => "important",
                    BlockQuoteKind::Warning => "warning",
                    BlockQuoteKind::Caution => "caution",
                });
                (BlockKind::Quote(alert), self.container(span))
            }
            Tag::FootnoteDefinition(label) => {
                self.covered = (span.start + label.len() + "[^]:".len()).min(span.end);
                let inline = self.container(span);
                (BlockKind::Footnote(label.to_string()), inline)
            }
            other => (BlockKind::Paragraph, self.inline(other.to_end())),
        }
    }

    /// Reads up to the end of a block of inline text.
    fn inline(&mut self, end: TagEnd) -> Inline {
        for (event, _) in self.events.by_ref() {
            if matches!(&event, Event::End(tag) if *tag == end) {
                break;
            }
            self.writer.push(&event);
        }
        self.writer.take()
    }

    /// Reads past the end of the element whose start was just read.
    fn skip(&mut self) {
        let mut depth = 1usize;
        for (event, _) in self.events.by_ref() {
            match event {
                Event::Start(_) => depth += 1,
                Event::End(_) => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                break;
            }
        }
    }

    fn table(&mut self) -> (BlockKind, Inline) {
        let mut rows: Vec<Vec<String>> = Vec::new();
        let writer = &mut self.writer;
        let mut links = Vec::new();
        for (event, _) in self.events.by_ref() {
            match event {
                Event::Start(Tag::TableHead | Tag::TableRow) => rows.push(Vec::new()),
                Event::Start(Tag::TableCell) => writer.clear(),
                Event::End(TagEnd::TableCell) => {
                    let inline = writer.take();
                    links.extend(inline.links);
                    if let Some(row) = rows.last_mut() {
                        row.push(inline.text);
                    }
                }
                Event::End(TagEnd::Table) => break,
                event => writer.push(&event),
            }
        }
        writer.clear();
        (BlockKind::Table(rows), Inline { links, ..Inline::default() })
    }

    /// Flattens a quote or a footnote: one line a block inside.
    fn container(&mut self, span: &Range<usize>) -> Inline {
        let mut depth = 1usize;
        while let Some((event, range)) = self.events.next() {
            self.cover(&event, &range);
            match &event {
                Event::Start(Tag::CodeBlock(_) | Tag::Table(_) | Tag::HtmlBlock) => {
                    self.writer.verbatim(&plain_source(self.text[range].trim_end()));
                    self.skip();
                    continue;
                }
                Event::Start(Tag::Item) => {
                    self.writer.verbatim("- ");
                }
                // The text of an item's first paragraph stays behind its dash.
                Event::Start(Tag::Paragraph | Tag::Heading { .. } | Tag::BlockQuote(_))
                    if !self.writer.at_dash() =>
                {
                    self.writer.line();
                }
                _ => {}
            }
            match event {
                Event::Start(_) => depth += 1,
                Event::End(_) => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                break;
            }
            self.writer.push(&event);
        }
        self.gap(span.end);
        self.writer.take()
    }

    /// Notes that an event speaks for a range, and keeps a link definition that no event speaks for.
    fn cover(&mut self, event: &Event<'_>, range: &Range<usize>) {
        let holds_blocks = matches!(
            event,
            Event::Start(Tag::List(_) | Tag::Item | Tag::BlockQuote(_) | Tag::FootnoteDefinition(_))
        );
        if holds_blocks || matches!(event, Event::End(_)) {
            return;
        }
        self.gap(range.start);
        self.covered = self.covered.max(range.end);
    }

    fn gap(&mut self, end: usize) {
        if let Some(gap) =
            self.text.get(self.covered..end).filter(|gap| gap.as_bytes().windows(2).any(|pair| pair == b"]:"))
        {
            // Markers of the surrounding quote or item come before the definition.
            let start = self.covered + gap.find('[').unwrap_or(0);
            self.gaps.push(start..end);
            self.covered = end;
        }
    }

    fn list(&mut self) -> (BlockKind, Inline) {
        let mut depth = 1usize;
        let mut end = self.covered;
        while let Some((event, range)) = self.events.next() {
            self.cover(&event, &range);
            end = end.max(range.end);
            match &event {
                Event::Start(Tag::Item) => self.list.open(self.lines, self.base + range.start),
                Event::End(TagEnd::Item) => self.list.close(),
                Event::Start(Tag::HtmlBlock) => {
                    self.list.html.push_str(self.text[range].trim_end());
                    self.list.html.push('\n');
                    self.skip();
                    continue;
                }
                Event::Start(Tag::CodeBlock(_) | Tag::Table(_)) => {
                    let source = plain_source(self.text[range].trim_end());
                    self.list.writer.verbatim(&source);
                    self.skip();
                    continue;
                }
                Event::Start(Tag::Paragraph | Tag::Heading { .. } | Tag::BlockQuote(_)) => {
                    self.list.writer.line();
                }
                Event::Start(Tag::List(_)) => self.list.flush(),
                Event::TaskListMarker(done) => self.list.done(*done),
                _ => {}
            }
            match event {
                Event::Start(_) => depth += 1,
                Event::End(_) => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                break;
            }
            self.list.writer.push(&event);
        }
        self.gap(end);
        self.list.take()
    }
}

/// Builds items from events without recursion.
#[derive(Default)]
struct ListReader {
    writer: InlineWriter,
    items: Vec<ListItem>,
    open: Vec<ListItem>,
    /// Items open beyond [`MAX_LIST_DEPTH`].
    over: usize,
    html: String,
}

impl ListReader {
    fn open(&mut self, lines: &Lines<'_>, offset: usize) {
        self.flush();
        if self.open.len() == MAX_LIST_DEPTH {
            self.over += 1;
            self.pop();
        }
        let item = Item { line: lines.line(offset), ..Item::default() };
        self.open.push(ListItem { item, breaks: Vec::new(), offset });
    }

    fn close(&mut self) {
        self.flush();
        if self.over > 0 {
            self.over -= 1;
        } else {
            self.pop();
        }
    }

    fn pop(&mut self) {
        let Some(done) = self.open.pop() else { return };
        let item = &done.item;
        if item.text.is_empty() && item.children.is_empty() && item.links.is_empty() {
            return;
        }
        match self.open.last_mut() {
            Some(parent) => parent.item.children.push(done.item),
            None => self.items.push(done),
        }
    }

    fn done(&mut self, done: bool) {
        if let Some(open) = self.open.last_mut() {
            open.item.done = Some(done);
        }
    }

    /// What was read; the reader is empty again.
    fn take(&mut self) -> (BlockKind, Inline) {
        self.writer.clear();
        self.open.clear();
        self.over = 0;
        let inline = Inline { html: std::mem::take(&mut self.html), ..Inline::default() };
        (BlockKind::List(self.items.drain(..).collect()), inline)
    }

    /// Hands the text so far to the innermost item.
    fn flush(&mut self) {
        let inline = self.writer.take();
        self.html.push_str(&inline.html);
        let Some(open) = self.open.last_mut() else { return };
        if open.item.text.is_empty() {
            open.item.text = inline.text;
            open.breaks = inline.breaks;
        } else if !inline.text.is_empty() {
            open.item.text.push('\n');
            open.item.text.push_str(&inline.text);
        }
        open.item.links.extend(inline.links);
    }
}

/// Source with plain line ends.
pub(super) fn plain_source(source: &str) -> String {
    if source.contains('\r') { source.replace("\r\n", "\n").replace('\r', "\n") } else { source.to_owned() }
}
