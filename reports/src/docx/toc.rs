//! Contents lists, filled: their entries are the headings, their pages come from the layout.

use super::layout::{self, Pages};
use super::model::{Block, Contents, Entry, Inline, Paragraph, Section};
use super::styles::Style;
use crate::measure::Fonts;

/// Fills every contents list. `appendix` is the index of the first heading that belongs to the appendices.
pub(super) fn fill(
    fonts: &Fonts,
    blocks: &mut [Block],
    notes: &[Vec<Inline>],
    mut entries: Vec<Entry>,
    appendix: usize,
    numbered: bool,
) -> Pages {
    let mut depth = 3;
    for list in lists(blocks) {
        list.entries = chosen(list, &entries, appendix, depth);
        let page = Section { landscape: false, dressed: true }.page();
        if list.within.is_none() {
            let whole =
                [Block::Paragraph(Paragraph::new(Style::FrontHeading, "")), Block::Contents(list.clone())];
            // Three levels where they fit one page, otherwise two.
            if layout::height(fonts, &whole, page.width) > page.height {
                depth = 2;
                list.entries = chosen(list, &entries, appendix, depth);
            }
            list.depth = depth;
        }
    }
    // The lists take their room whatever their numbers say, so one layout suffices.
    let pages = layout::pages(fonts, blocks, notes, numbered);
    for entry in &mut entries {
        entry.page = pages.of.get(&entry.bookmark).copied().unwrap_or(1);
    }
    for list in lists(blocks) {
        list.entries = chosen(list, &entries, appendix, depth);
    }
    pages
}

fn lists(blocks: &mut [Block]) -> impl Iterator<Item = &mut Contents> {
    blocks.iter_mut().filter_map(|block| match block {
        Block::Contents(list) => Some(list),
        _ => None,
    })
}

fn chosen(list: &Contents, entries: &[Entry], appendix: usize, depth: u8) -> Vec<Entry> {
    let from = if list.within.is_some() { appendix } else { 0 };
    let wanted = |entry: &&Entry| match list.within {
        // The heading above the list is not in it.
        Some(_) => entry.level > 1,
        None => entry.level <= depth,
    };
    entries[from.min(entries.len())..].iter().filter(wanted).cloned().collect()
}
