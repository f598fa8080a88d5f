//! Blocks into stages: every block goes to a field, or becomes a note of its stage.

use std::ops::Range;

use super::blocks::{Block, BlockKind, flatten, plain_source};
use super::deadlines::{Candidate, date_text, labelled};
use super::headings::Role;
use super::inline::Inline;
use super::sections::{self, Section};
use super::text::Lines;
use super::titles::admonition;
use super::{links, tables};
use crate::dates;
use crate::model::{Link, Note, NoteKind, Stage};

/// A plan whose deadlines have no years yet.
#[derive(Debug, Default)]
pub(super) struct Draft {
    pub title: Option<String>,
    pub front_matter: Option<String>,
    pub preamble: Vec<Note>,
    pub stages: Vec<DraftStage>,
    /// Dates of an overview table, by the number of their stage.
    pub overview: Vec<(u32, Candidate)>,
}

/// A stage, where its heading stands, and the dates that may be its deadline.
#[derive(Debug)]
pub(super) struct DraftStage {
    pub stage: Stage,
    /// Bytes of the heading.
    pub span: Range<usize>,
    pub dates: Vec<Candidate>,
}

/// Sorts blocks into a draft. `roles` are those of the headings, by index of their block, ascending.
pub(super) fn build(text: &str, lines: &Lines<'_>, blocks: Vec<Block>, roles: Vec<(usize, Role)>) -> Draft {
    let first_stage = roles.iter().find(|(_, role)| matches!(role, Role::Stage { .. })).map(|(at, _)| *at);
    let mut builder = Builder { text, lines, draft: Draft::default(), part: Part::Straight, heading: None };
    let mut roles = roles.into_iter().peekable();
    let count = blocks.len();
    let mut blocks = blocks.into_iter();
    while let Some(block) = blocks.next() {
        let i = count - blocks.len() - 1;
        if let BlockKind::Heading(level) = block.kind {
            let role = roles.next_if(|(at, _)| *at == i).map_or(Role::Other, |(_, role)| role);
            builder.heading(level, role, block, first_stage.is_none());
            continue;
        }
        let mut body = Vec::new();
        if matches!(block.kind, BlockKind::Paragraph) && admonition(&block.inline).is_some() {
            // MkDocs indents an admonition's body; to Markdown, what follows a blank line is code.
            while let [Block { kind: BlockKind::Code(Some(_)), .. }, ..] = blocks.as_slice() {
                if let Some(BlockKind::Code(Some(content))) = blocks.next().map(|block| block.kind) {
                    body.push(content);
                }
            }
        }
        builder.block(block, body);
    }
    builder.close_heading();
    builder.draft
}

/// Which part of a stage the blocks belong to.
#[derive(Debug)]
pub(super) enum Part {
    /// Between the stage's heading and the first other one.
    Straight,
    /// A known section: its heading's text and level, whether it gave a date already, and how many notes the
    /// stage had before it.
    Known { section: Section, title: String, level: u8, dated: bool, notes: usize },
    /// Below a heading that says nothing known.
    Unknown,
}

/// A heading that is neither a stage nor a section: title of what follows it.
#[derive(Debug)]
pub(super) struct Heading {
    pub text: String,
    pub links: Vec<Link>,
    pub offset: usize,
    /// Something below has it as its title.
    pub used: bool,
    /// A list below made it an item.
    pub grouped: bool,
}

pub(super) struct Builder<'a> {
    pub(super) text: &'a str,
    pub(super) lines: &'a Lines<'a>,
    pub(super) draft: Draft,
    pub(super) part: Part,
    pub(super) heading: Option<Heading>,
}

impl Builder<'_> {
    /// The stage that blocks go to.
    pub(super) fn stage(&mut self) -> Option<&mut Stage> {
        self.draft.stages.last_mut().map(|draft| &mut draft.stage)
    }

    fn push_note(&mut self, note: Note) {
        match self.draft.stages.last_mut() {
            Some(draft) => draft.stage.notes.push(note),
            None => self.draft.preamble.push(note),
        }
    }

    /// Keeps a text below the current heading.
    pub(super) fn note(&mut self, kind: NoteKind, text: String, mut links: Vec<Link>, offset: usize) {
        let title = match (&mut self.heading, &self.part) {
            (Some(heading), _) => {
                heading.used = true;
                links.append(&mut heading.links);
                Some(heading.text.clone())
            }
            (None, Part::Known { section, title, .. }) if *section != Section::Activities => {
                Some(title.clone())
            }
            _ => None,
        };
        let line = self.lines.line(offset);
        self.push_note(Note { text, kind, title: title.filter(|t| !t.is_empty()), links, line });
    }

    /// Keeps a text without a heading above.
    pub(super) fn bare_note(
        &mut self,
        kind: NoteKind,
        title: Option<String>,
        text: String,
        links: Vec<Link>,
        offset: usize,
    ) {
        let line = self.lines.line(offset);
        self.push_note(Note { text, kind, title, links, line });
    }

    pub(super) fn html(&mut self, html: &str, offset: usize) {
        if !html.trim().is_empty() {
            self.bare_note(NoteKind::Html, None, html.trim_end().to_owned(), Vec::new(), offset);
        }
    }

    /// A heading that nothing followed is a note itself. Returns the part that ends here.
    pub(super) fn close_heading(&mut self) -> Part {
        if let Some(heading) =
            self.heading.take().filter(|h| !h.used && (!h.text.is_empty() || !h.links.is_empty()))
        {
            self.bare_note(NoteKind::Paragraph, None, heading.text, heading.links, heading.offset);
        }
        let part = std::mem::replace(&mut self.part, Part::Straight);
        let Part::Known { section: Section::Deadline, dated: false, title, notes, .. } = &part else {
            return part;
        };
        let Some(draft) = self.draft.stages.last_mut() else {
            return part;
        };
        let says = |note: &&Note| {
            note.title.as_ref() == Some(title) && !matches!(note.kind, NoteKind::Html | NoteKind::Code)
        };
        if let Some(note) = draft.stage.notes[*notes..].iter().find(says) {
            let (text, offset) = (note.text.clone(), self.lines.start(note.line));
            draft.dates.push(Candidate { when: None, text, title: None, offset, kept: true, strong: true });
        }
        part
    }

    /// The part that a section's heading opens.
    pub(super) fn open_part(&mut self, section: Section, title: String, level: u8, dated: bool) {
        let notes = self.stage().map_or(0, |stage| stage.notes.len());
        self.part = Part::Known { section, title, level, dated, notes };
    }

    /// Remembers a date of the current stage.
    pub(super) fn candidate(&mut self, candidate: Candidate) {
        if let Some(draft) = self.draft.stages.last_mut() {
            draft.dates.push(candidate);
        }
    }

    /// Where a text stands in a block; the block's start if it is written differently there.
    pub(super) fn locate(&self, span: &Range<usize>, text: &str) -> usize {
        let first = text.lines().next().unwrap_or_default();
        // The usual case: the text is all that the block says.
        if self.text.get(span.start..).is_some_and(|rest| rest.starts_with(first)) {
            return span.start;
        }
        let mut end = span.end.min(span.start + 2_000).min(self.text.len());
        while !self.text.is_char_boundary(end) {
            end -= 1;
        }
        let found = self.text.get(span.start..end).and_then(|source| source.find(first));
        span.start + found.unwrap_or(0)
    }

    /// A block as written.
    pub(super) fn source(&self, span: &Range<usize>) -> String {
        plain_source(self.text.get(span.clone()).unwrap_or_default().trim_end())
    }

    fn in_deadline(&self) -> bool {
        matches!(self.part, Part::Known { section: Section::Deadline, dated: false, .. })
    }

    fn block(&mut self, block: Block, body: Vec<String>) {
        let Block { kind, span, mut inline } = block;
        let html = std::mem::take(&mut inline.html);
        match kind {
            BlockKind::Paragraph => self.paragraph(inline, body, &span),
            BlockKind::List(items) => self.list(items, &span),
            BlockKind::Table(rows) => {
                self.note(NoteKind::Table, self.source(&span), inline.links, span.start);
                self.table(&rows, &span);
            }
            BlockKind::Code(_) => self.note(NoteKind::Code, self.source(&span), Vec::new(), span.start),
            BlockKind::Html => self.note(NoteKind::Html, self.source(&span), Vec::new(), span.start),
            BlockKind::Quote(alert) => {
                let kind = if alert.is_some() { NoteKind::Admonition } else { NoteKind::Paragraph };
                self.text_date(&inline.text, &inline.breaks, &span, true);
                match alert {
                    Some(alert) => {
                        self.bare_note(kind, Some(alert.to_owned()), inline.text, inline.links, span.start)
                    }
                    None => self.note(kind, inline.text, inline.links, span.start),
                }
            }
            BlockKind::Footnote(label) => {
                let title = Some(format!("[^{label}]"));
                self.bare_note(NoteKind::Paragraph, title, inline.text, inline.links, span.start);
            }
            BlockKind::Leftover => {
                self.bare_note(NoteKind::Paragraph, None, inline.text, Vec::new(), span.start);
            }
            BlockKind::Heading(_) => {}
        }
        self.html(&html, span.start);
    }

    fn paragraph(&mut self, inline: Inline, body: Vec<String>, span: &Range<usize>) {
        if let Some((title, from)) = admonition(&inline) {
            let mut text = inline.text[from..].trim_start().to_owned();
            let mut links = inline.links;
            for part in body {
                let part = flatten(&part);
                if !text.is_empty() {
                    text.push('\n');
                }
                text.push_str(&part.text);
                links.extend(part.links);
                self.html(&part.html, span.start);
            }
            self.text_date(&text, &[], span, true);
            self.bare_note(NoteKind::Admonition, Some(title), text, links, span.start);
            return;
        }
        if inline.text.is_empty() && inline.links.is_empty() {
            return;
        }
        let like_a_heading = inline.only_strong || inline.text.ends_with(':');
        if like_a_heading
            && inline.links.is_empty()
            && !self.draft.stages.is_empty()
            && let Some(section) = sections::exact(&inline.text).filter(|section| *section != Section::Notes)
        {
            self.close_heading();
            // Deeper than any heading, so that the next one ends it.
            self.open_part(section, inline.text, 7, false);
            return;
        }
        self.milestone_line(&inline);
        if !self.text_date(&inline.text, &inline.breaks, span, !inline.links.is_empty()) {
            return;
        }
        let kind = if inline.opens_strong { NoteKind::Statement } else { NoteKind::Paragraph };
        self.note(kind, inline.text, inline.links, span.start);
    }

    /// A paragraph that is nothing but the link to the stage's milestone.
    fn milestone_line(&mut self, inline: &Inline) {
        let [link] = inline.links.as_slice() else { return };
        let word = inline.text.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
        let named = word.eq_ignore_ascii_case("milestone") || word.eq_ignore_ascii_case("jalon");
        let only = link.text == inline.text || named;
        if let (true, Some(found), Some(stage)) = (only, links::milestone(&link.url), self.stage()) {
            stage.milestone.get_or_insert(found);
        }
    }

    /// Takes a deadline out of a text. `keep` says that the text is kept in any case. Returns whether it
    /// must be kept as a note.
    pub(super) fn text_date(
        &mut self,
        text: &str,
        breaks: &[usize],
        span: &Range<usize>,
        keep: bool,
    ) -> bool {
        if self.draft.stages.is_empty() {
            return true;
        }
        if self.in_deadline() {
            let Some(found) = dates::find(text) else {
                return true;
            };
            let (written, whole) = date_text(text, &found);
            let kept = keep || !whole;
            let offset = self.locate(span, &text[found.range]);
            let title = match &mut self.part {
                Part::Known { title, dated, .. } => {
                    *dated = true;
                    Some(title.clone())
                }
                _ => None,
            };
            self.candidate(Candidate {
                when: Some(found.when),
                text: written,
                title,
                offset,
                kept,
                strong: true,
            });
            return kept;
        }
        let Some(found) = labelled(text, breaks) else {
            return true;
        };
        let kept = keep || !found.whole;
        let offset = self.locate(span, &found.text);
        self.candidate(Candidate {
            when: found.when,
            text: found.text,
            title: Some(found.label),
            offset,
            kept,
            strong: found.leads,
        });
        kept
    }

    fn table(&mut self, rows: &[Vec<String>], span: &Range<usize>) {
        for cell in tables::deadlines(rows) {
            let Some(found) = dates::find(&cell.text) else {
                continue;
            };
            let offset = self.locate(span, &cell.text);
            if let Part::Known { dated, .. } = &mut self.part {
                *dated = true;
            }
            let candidate = Candidate {
                when: Some(found.when),
                text: cell.text,
                title: Some(cell.label),
                offset,
                kept: true,
                strong: true,
            };
            match cell.stage {
                Some(number) => self.draft.overview.push((number, Candidate { strong: false, ..candidate })),
                None => self.candidate(candidate),
            }
        }
    }
}
