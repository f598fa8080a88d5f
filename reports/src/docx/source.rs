//! The team's own chapters in the flow of the report.

use std::collections::{HashMap, HashSet};

use super::compose::{Composer, cell};
use super::model::{Format, Inline, Look, Paragraph, Table, Twips};
use super::parts::{BULLETS, FIRST_ORDERED};
use super::ruler::LIST_STEP;
use super::styles::Style;
use crate::content::Source;
use crate::markdown::{self, Block, Chapter, Kind};

/// Longer addresses are printed but lead nowhere: Word refuses them.
const LONGEST_ADDRESS: usize = 2_000;

/// Code of at most so many lines is not torn between pages.
const SHORT_CODE: usize = 15;

/// A chapter with its title, read.
pub(crate) struct Read {
    pub title: String,
    chapter: Chapter,
    /// What is added to a heading's level in the text to get the one in the report.
    shift: i8,
}

/// Reads a source: its first heading is the chapter's title when it repeats it or when there is no other.
pub(crate) fn read(composer: &Composer, source: &Source) -> Read {
    let mut chapter = markdown::read(composer.words.language(), &source.markdown);
    let mut title = source.title.trim().to_owned();
    let first = chapter.blocks.iter().position(|block| matches!(block.kind, Kind::Heading(..)));
    if let Some(at) = first
        && let Kind::Heading(_, inlines) = &chapter.blocks[at].kind
    {
        let words = markdown::plain(inlines).trim().to_owned();
        let leads = chapter.blocks[..at].is_empty();
        if title.is_empty() || (leads && words.to_lowercase() == title.to_lowercase()) {
            if title.is_empty() {
                title = words;
            }
            chapter.blocks.remove(at);
        }
    }
    let levels = chapter.blocks.iter().filter_map(|block| match block.kind {
        Kind::Heading(level, _) => Some(level),
        _ => None,
    });
    let top = levels.min().unwrap_or(2);
    let shift = 2 - i8::try_from(top).unwrap_or(2);
    Read { title, chapter, shift }
}

impl Read {
    /// Whether a heading already carries a number of its own.
    pub fn is_numbered(&self) -> bool {
        let headings = self.chapter.blocks.iter().filter_map(|block| match &block.kind {
            Kind::Heading(_, inlines) => Some(markdown::plain(inlines)),
            _ => None,
        });
        headings.chain([self.title.clone()]).any(|text| carries_number(&text))
    }
}

/// `1. Context`, `2) Needs`, `3.1 Tools`, `IV. Tools`, `Chapter 2`; not `2026 in review`.
fn carries_number(text: &str) -> bool {
    let first = text.split_whitespace().next().unwrap_or_default();
    let ends = first.ends_with(['.', ')', ':']);
    let bare = first.trim_end_matches(['.', ')', ':']);
    let digits = !bare.is_empty() && bare.len() < 6 && bare.chars().all(|c| c.is_ascii_digit() || c == '.');
    let roman = !bare.is_empty() && bare.chars().all(|c| "IVX".contains(c));
    let word = ["chapter", "chapitre", "part", "partie"].contains(&bare.to_lowercase().as_str());
    let counted =
        text.split_whitespace().nth(1).is_some_and(|next| next.starts_with(|c: char| c.is_ascii_digit()));
    (digits && (ends || bare.contains('.'))) || (roman && ends) || (word && counted)
}

/// What a chapter remembers while it is written.
struct Memory<'r> {
    chapter: &'r Chapter,
    lists: HashMap<usize, u32>,
    seen: HashSet<String>,
}

/// Adds a chapter.
pub(crate) fn add(composer: &mut Composer, read: &Read) {
    let title = if read.title.is_empty() { composer.words.get("untitled") } else { read.title.clone() };
    let tag = composer.source_tag(&title);
    composer.begin(&tag, &title);
    composer.heading(1, &title, true);
    let mut memory = Memory { chapter: &read.chapter, lists: HashMap::new(), seen: HashSet::new() };
    if read.chapter.blocks.is_empty() {
        let empty = composer.placeholder("fill-chapter");
        composer.add(Paragraph { inlines: vec![empty], ..Paragraph::default() });
    }
    for block in &read.chapter.blocks {
        add_block(composer, block, read.shift, &mut memory);
    }
    composer.end();
}

fn add_block(composer: &mut Composer, block: &Block, shift: i8, memory: &mut Memory) {
    let indent = (block.depth > 0).then(|| LIST_STEP * Twips::from(block.depth));
    match &block.kind {
        Kind::Heading(level, inlines) => {
            let level = i8::try_from(*level).unwrap_or(6) + shift;
            composer.heading(level.clamp(2, 4).unsigned_abs(), markdown::plain(inlines).trim(), true);
        }
        Kind::Text(inlines) => {
            let inlines = words(composer, inlines, memory);
            let style = match (block.depth, block.quoted) {
                (0, false) => Style::Normal,
                (0, true) => Style::Quote,
                _ => Style::List,
            };
            let list =
                block.mark.map(|(list, start)| (number_of(composer, list, start, memory), block.depth - 1));
            let indent = if list.is_some() { None } else { indent };
            composer.add(Paragraph { style, inlines, list, indent, ..Paragraph::default() });
        }
        Kind::Code(lines) => {
            let mut paragraph = Paragraph::new(Style::Code, lines);
            paragraph.keep_lines = lines.lines().count() <= SHORT_CODE;
            paragraph.indent = indent.map(|indent| indent + Style::Code.spec().left);
            composer.add(paragraph);
        }
        Kind::Table { right, head, rows } => {
            table(composer, (right, head, rows), indent.unwrap_or(0), memory)
        }
        Kind::Image { path, alt } => image(composer, path, alt),
        Kind::Rule => {}
    }
}

fn number_of(composer: &mut Composer, list: usize, start: Option<u64>, memory: &mut Memory) -> u32 {
    *memory.lists.entry(list).or_insert_with(|| match start {
        None => BULLETS,
        Some(first) => {
            composer.ordered.push(first);
            FIRST_ORDERED + u32::try_from(composer.ordered.len() - 1).unwrap_or(0)
        }
    })
}

fn image(composer: &mut Composer, path: &str, alt: &str) {
    let found = composer.content.images.get(path);
    let shown = if alt.trim().is_empty() { path } else { alt.trim() };
    let drawing = match found {
        Some(bytes) => composer.image(bytes, shown),
        None => Err("not found"),
    };
    match drawing {
        Ok(drawing) => composer.figure(drawing, shown),
        Err(_) => {
            let note = composer.words.with("image-missing", &[("path", path.into()), ("alt", alt.into())]);
            composer.add(Paragraph { inlines: vec![Inline::placeholder(note)], ..Paragraph::default() });
        }
    }
}

type Rows<'r> = (&'r [bool], &'r [Vec<markdown::Inline>], &'r [Vec<Vec<markdown::Inline>>]);

fn table(composer: &mut Composer, (right, head, rows): Rows, indent: Twips, memory: &mut Memory) {
    let count = head.len();
    if count == 0 {
        return;
    }
    let texts: Vec<Vec<String>> = std::iter::once(head)
        .chain(rows.iter().map(Vec::as_slice))
        .map(|row| row.iter().map(|cell| markdown::plain(cell)).collect())
        .collect();
    let width = composer.page().width - indent;
    let widths = composer.columns(&texts, right, Style::TableText.spec().half_points, width);
    let mut make = |composer: &mut Composer, style: Style, cells: &[Vec<markdown::Inline>]| {
        (0..count)
            .map(|column| {
                let inlines = cells.get(column).map(|cell| words(composer, cell, memory)).unwrap_or_default();
                let mut made = cell(style, inlines);
                made[0].right = right.get(column).copied().unwrap_or(false);
                made
            })
            .collect::<Vec<_>>()
    };
    let head = make(composer, Style::TableHead, head);
    let rows = rows.iter().map(|row| make(composer, Style::TableText, row)).collect();
    composer.add_table(Table { widths, head, rows, look: Look::Airy });
}

/// Words of the team with their links and footnotes.
fn words(composer: &mut Composer, inlines: &[markdown::Inline], memory: &mut Memory) -> Vec<Inline> {
    let mut made = Vec::new();
    for inline in inlines {
        match inline {
            markdown::Inline::Text(text, marks) => made.push(Inline::Text(text.clone(), format(*marks))),
            markdown::Inline::Break => made.push(Inline::Break),
            markdown::Inline::Link(address, label) => link(composer, &mut made, address, label, memory),
            markdown::Inline::Note(label) => {
                let Some(words) = memory.chapter.notes.get(label) else {
                    made.push(Inline::text(format!("[^{label}]")));
                    continue;
                };
                let words = note_words(composer, words);
                made.push(composer.note(words));
            }
        }
    }
    made
}

fn format(marks: markdown::Marks) -> Format {
    Format {
        bold: marks.bold,
        italic: marks.italic,
        strike: marks.strike,
        code: marks.code,
        ..Format::default()
    }
}

fn linked(words: &[markdown::Inline]) -> Vec<Inline> {
    let style = Some("Hyperlink");
    words
        .iter()
        .filter_map(|word| match word {
            markdown::Inline::Text(text, marks) => {
                Some(Inline::Text(text.clone(), Format { style, ..format(*marks) }))
            }
            markdown::Inline::Break => Some(Inline::Break),
            markdown::Inline::Link(..) | markdown::Inline::Note(_) => None,
        })
        .collect()
}

/// A link is live on screen, and its address is printed as a footnote the first time the chapter names it.
fn link(
    composer: &mut Composer,
    made: &mut Vec<Inline>,
    address: &str,
    label: &[markdown::Inline],
    memory: &mut Memory,
) {
    let text = markdown::plain(label);
    let live = web_address(address);
    match &live {
        Some(live) => {
            let relation = composer.relations.hyperlink(live);
            made.push(Inline::Link(relation, linked(label)));
        }
        None => made.extend(label.iter().filter_map(|word| match word {
            markdown::Inline::Text(text, marks) => Some(Inline::Text(text.clone(), format(*marks))),
            _ => None,
        })),
    }
    let says_itself =
        address.trim_start_matches("mailto:") == text || address.starts_with('#') || address.is_empty();
    if says_itself || !memory.seen.insert(address.to_owned()) {
        return;
    }
    let shown = match &live {
        Some(live) => {
            let style = Some("Hyperlink");
            let words = vec![Inline::Text(address.to_owned(), Format { style, ..Format::default() })];
            Inline::Link(composer.note_relations.hyperlink(live), words)
        }
        None => Inline::text(address),
    };
    made.push(composer.note(vec![shown]));
}

/// Words of a footnote that the team wrote; an address follows what it belongs to.
fn note_words(composer: &mut Composer, words: &[markdown::Inline]) -> Vec<Inline> {
    let mut made = Vec::new();
    for word in words {
        match word {
            markdown::Inline::Text(text, marks) => made.push(Inline::Text(text.clone(), format(*marks))),
            markdown::Inline::Break => made.push(Inline::Break),
            markdown::Inline::Link(address, label) => {
                let text = markdown::plain(label);
                let shown =
                    if text == *address { Vec::new() } else { vec![Inline::text(format!("{text} ("))] };
                let closed = !shown.is_empty();
                made.extend(shown);
                match web_address(address) {
                    Some(live) => {
                        let relation = composer.note_relations.hyperlink(&live);
                        let style = Some("Hyperlink");
                        let format = Format { style, ..Format::default() };
                        made.push(Inline::Link(relation, vec![Inline::Text(address.clone(), format)]));
                    }
                    None => made.push(Inline::text(address)),
                }
                if closed {
                    made.push(Inline::text(")"));
                }
            }
            markdown::Inline::Note(_) => {}
        }
    }
    made
}

/// An address that Word may follow, escaped as RFC 3986 wants it; none for anything but the web and mail.
pub(crate) fn web_address(address: &str) -> Option<String> {
    let lower = address.to_ascii_lowercase();
    let after = ["http://", "https://", "mailto:"].iter().find_map(|scheme| lower.strip_prefix(scheme))?;
    if after.is_empty() || after.starts_with(['/', '?', '#', ':', '@']) || address.len() > LONGEST_ADDRESS {
        return None;
    }
    let host = after.split(['/', '?', '#']).next().unwrap_or_default();
    let (name, port) = host.rsplit_once(':').unwrap_or((host, ""));
    let known = if lower.starts_with("mailto:") { ".-_@%+'" } else { ".-_" };
    if name.contains(|c: char| !(c.is_ascii_alphanumeric() || known.contains(c)))
        || port.len() > 4 && port.parse::<u16>().is_err()
        || port.contains(|c: char| !c.is_ascii_digit())
    {
        return None;
    }
    let kept = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/?#@!$&'()*+,;=".contains(&byte);
    let bytes = address.as_bytes();
    let mut escaped = String::with_capacity(address.len());
    for (at, byte) in bytes.iter().enumerate() {
        let is_escape = *byte == b'%'
            && bytes.get(at + 1..at + 3).is_some_and(|two| two.iter().all(u8::is_ascii_hexdigit));
        if kept(*byte) || is_escape {
            escaped.push(char::from(*byte))
        } else {
            escaped.push_str(&format!("%{byte:02X}"))
        }
    }
    Some(escaped)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_the_team_are_recognised() {
        for text in ["1. Context", "2) Needs", "3.1 Tools", "IV. Tools", "Chapitre 2 : outils", "10. x"] {
            assert!(carries_number(text), "{text}");
        }
        for text in ["Context", "2026 in review", "3 environments", "I built it", "Part of the work", ""] {
            assert!(!carries_number(text), "{text}");
        }
    }

    #[test]
    fn only_the_web_and_mail_are_followed() {
        assert_eq!(
            web_address("https://e.example/a b?é=[1]").as_deref(),
            Some("https://e.example/a%20b?%C3%A9=%5B1%5D")
        );
        assert_eq!(web_address("mailto:student-a@e.example").as_deref(), Some("mailto:student-a@e.example"));
        for refused in [
            "file:///etc/passwd",
            "javascript:alert(1)",
            "../a.md",
            "http://[bad",
            "https://",
            "http://a b/",
            "http://a:b/",
            "http://a:99999/",
        ] {
            assert_eq!(web_address(refused), None, "{refused}");
        }
    }
}
