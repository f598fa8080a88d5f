//! Lists: items of a section, dates among them, or a note.

use std::ops::Range;

use super::blocks::ListItem;
use super::build::{Builder, Part};
use super::deadlines::Candidate;
use super::sections::{self, Section};
use crate::dates;
use crate::model::{Item, Link, NoteKind};

impl Builder<'_> {
    /// Sorts a list's items into the section they belong to.
    pub(super) fn list(&mut self, items: Vec<ListItem>, span: &Range<usize>) {
        let section = match &self.part {
            _ if self.draft.stages.is_empty() => None,
            Part::Straight => Some(Section::Activities),
            Part::Known { section, .. } => Some(*section),
            Part::Unknown => None,
        };
        if section == Some(Section::Deadline) {
            return self.deadline_list(items, span);
        }
        let lists = matches!(
            section,
            Some(Section::Activities | Section::Deliverables | Section::Extras | Section::Bonus)
        );
        let straight = matches!(self.part, Part::Straight);
        let sorted = items.into_iter().filter_map(|entry| {
            let whole = entry.item.children.is_empty() && entry.item.links.is_empty() && lists;
            let at = entry.offset..span.end;
            if !self.text_date(&entry.item.text, &entry.breaks, &at, !whole) {
                return None;
            }
            let named = if straight && lists && !entry.item.children.is_empty() {
                sections::exact(&entry.item.text).filter(|section| *section != Section::Notes)
            } else {
                None
            };
            match named {
                Some(section) => {
                    self.named_item(section, entry.item, entry.offset);
                    None
                }
                None => Some(entry.item),
            }
        });
        let left: Vec<Item> = sorted.collect();
        if left.is_empty() {
            return;
        }
        let Some(section) = section.filter(|_| lists) else {
            let links = all_links(&left);
            return self.note(NoteKind::List, self.source(span), links, span.start);
        };
        let line = self.heading.as_ref().map_or(0, |h| self.lines.line(h.offset));
        let group = self.heading.as_mut().map(|heading| {
            let first = !std::mem::replace(&mut heading.grouped, true);
            heading.used = true;
            first.then(|| Item {
                text: heading.text.clone(),
                links: std::mem::take(&mut heading.links),
                line,
                ..Item::default()
            })
        });
        let Some(field) = self.field(section) else { return };
        match group {
            None if field.is_empty() => *field = left,
            None => field.extend(left),
            Some(new) => {
                field.extend(new);
                if let Some(last) = field.last_mut() {
                    last.children.extend(left);
                }
            }
        }
    }

    fn field(&mut self, section: Section) -> Option<&mut Vec<Item>> {
        let stage = self.stage()?;
        Some(match section {
            Section::Deliverables => &mut stage.deliverables,
            Section::Extras => &mut stage.extras,
            Section::Bonus => &mut stage.bonus,
            Section::Activities | Section::Deadline | Section::Notes => &mut stage.activities,
        })
    }

    /// `- Deliverables:` with a list below, straight under the stage's heading.
    fn named_item(&mut self, section: Section, item: Item, offset: usize) {
        if section == Section::Deadline {
            let text = item.children[0].text.clone();
            let dated = dates::find(&text).map(|found| found.when);
            let title = Some(item.text.clone());
            let kept = true;
            self.candidate(Candidate { when: dated, text, title, offset, kept, strong: true });
            if let Some(field) = self.field(Section::Activities) {
                field.push(item);
            }
            return;
        }
        let links = item.links;
        if !links.is_empty() {
            self.bare_note(NoteKind::Paragraph, None, item.text, links, offset);
        }
        if let Some(field) = self.field(section) {
            field.extend(item.children);
        }
    }

    /// A list below a heading such as `Deadline`: one date, or several, of which the first counts.
    fn deadline_list(&mut self, items: Vec<ListItem>, span: &Range<usize>) {
        if let [only] = items.as_slice()
            && only.item.children.is_empty()
        {
            let links = only.item.links.clone();
            if self.text_date(&only.item.text, &only.breaks, span, !links.is_empty()) {
                self.note(NoteKind::List, self.source(span), links, span.start);
            }
            return;
        }
        for entry in &items {
            let Some(found) = dates::find(&entry.item.text) else {
                continue;
            };
            let offset = self.locate(&(entry.offset..span.end), &entry.item.text[found.range]);
            let title = match &mut self.part {
                Part::Known { title, dated, .. } => {
                    *dated = true;
                    Some(title.clone())
                }
                _ => None,
            };
            let text = entry.item.text.clone();
            self.candidate(Candidate {
                when: Some(found.when),
                text,
                title,
                offset,
                kept: true,
                strong: true,
            });
        }
        let all: Vec<Item> = items.into_iter().map(|entry| entry.item).collect();
        self.note(NoteKind::List, self.source(span), all_links(&all), span.start);
    }
}

/// Links of items and of all that is nested in them.
fn all_links(items: &[Item]) -> Vec<Link> {
    let mut links = Vec::new();
    let mut left: Vec<&Item> = items.iter().rev().collect();
    while let Some(item) = left.pop() {
        links.extend(item.links.iter().cloned());
        left.extend(item.children.iter().rev());
    }
    links
}
