//! Headings: they open stages, sections, or title what follows.

use std::ops::Range;

use super::blocks::Block;
use super::build::{Builder, DraftStage, Heading, Part};
use super::deadlines::{Candidate, labelled};
use super::headings::Role;
use super::links;
use super::sections::Section;
use super::titles::heading_date;
use crate::model::{Link, NoteKind, Stage};

impl Builder<'_> {
    /// Takes a heading in its role. `no_stages` says that the whole document has none.
    pub(super) fn heading(&mut self, level: u8, role: Role, block: Block, no_stages: bool) {
        let nested = match (&self.part, &role) {
            (Part::Known { section, level: own, .. }, Role::Other) => {
                level > *own && !matches!(section, Section::Deadline | Section::Notes)
            }
            _ => false,
        };
        let part = self.close_heading();
        let Block { span, inline, .. } = block;
        match role {
            Role::Stage { number, title } => {
                self.open_stage(number, title, span.clone(), inline.links, &inline.text)
            }
            Role::Section { .. } if self.draft.stages.is_empty() => {
                self.other(level, inline.text, inline.links, &span, no_stages)
            }
            Role::Section { section, whole } => {
                let mut dated = false;
                if let Some(found) = labelled(&inline.text, &[]).filter(|l| l.leads && l.when.is_some()) {
                    let offset = self.locate(&span, &found.text);
                    dated = section == Section::Deadline;
                    self.candidate(Candidate {
                        when: found.when,
                        text: found.text,
                        title: Some(found.label),
                        offset,
                        kept: false,
                        strong: true,
                    });
                } else if !whole || !inline.links.is_empty() {
                    self.bare_note(NoteKind::Paragraph, None, inline.text.clone(), inline.links, span.start);
                }
                self.open_part(section, inline.text, level, dated);
            }
            Role::Other => {
                self.other(level, inline.text, inline.links, &span, no_stages);
                self.part = if nested { part } else { Part::Unknown };
            }
        }
        self.html(&inline.html, span.start);
    }

    /// Any other heading: the document's title, or the title of what follows.
    fn other(&mut self, level: u8, text: String, links: Vec<Link>, span: &Range<usize>, no_stages: bool) {
        let titles = self.draft.title.is_none()
            && self.draft.stages.is_empty()
            && !text.is_empty()
            && (level == 1
                || (level == 2 && !no_stages && self.draft.preamble.iter().all(|n| n.title.is_none())));
        if titles {
            if !links.is_empty() {
                self.bare_note(NoteKind::Paragraph, None, text.clone(), links, span.start);
            }
            self.draft.title = Some(text);
            return;
        }
        self.heading = Some(Heading { text, links, offset: span.start, used: false, grouped: false });
    }

    fn open_stage(
        &mut self,
        number: Option<u32>,
        title: String,
        span: Range<usize>,
        links: Vec<Link>,
        heading: &str,
    ) {
        let milestone = links.iter().find_map(|link| links::milestone(&link.url));
        let others: Vec<Link> = links
            .into_iter()
            .filter(|link| {
                let is_it = milestone.as_ref().is_some_and(|m| m.url == link.url);
                // A link's own title is not part of the heading.
                !is_it || !heading.contains(&link.text)
            })
            .collect();
        let (title, date) = match heading_date(&title) {
            Some((title, mut date)) => {
                date.offset = self.locate(&span, &date.text);
                (title, Some(date))
            }
            None => (title, None),
        };
        let line = self.lines.line(span.start);
        let stage = Stage { number, title, milestone, line, ..Stage::default() };
        self.draft.stages.push(DraftStage { stage, span: span.clone(), dates: date.into_iter().collect() });
        if !others.is_empty() {
            let texts: Vec<&str> =
                others.iter().map(|link| link.text.as_str()).filter(|t| !t.is_empty()).collect();
            self.bare_note(NoteKind::Paragraph, None, texts.join(", "), others, span.start);
        }
    }
}
