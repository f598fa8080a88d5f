//! The last slides: what the data cannot say, and what only the student can.

use super::deck::{Deck, shares};
use super::fit;
use super::master::BODY;
use super::model::{Area, BOTTOM, Emu, Layout, POINT, Paragraph, ROOM, Row, Shape, Span, emu, points};
use super::table;
use crate::content::Evidence;
use crate::docx::evidence_key;
use crate::palette;

/// Lines that one limit takes at most.
const LINES: usize = 4;

/// Adds the slides of the limits.
pub(super) fn limits(deck: &mut Deck) {
    let words = deck.words;
    let as_of = words.with("limits-as-of", &[("at", deck.at().into()), ("zone", deck.zone().into())]);
    let mut said = vec![Paragraph::new(vec![Span::new(as_of, 14.0, palette::TEXT_2)])];
    if deck.content.limits.is_empty() {
        let none = Span::new(words.get("limits-none"), 18.0, palette::TEXT);
        said.push(Paragraph { before: 8.0, ..Paragraph::new(vec![none]) });
    }
    for limit in &deck.content.limits {
        let span = Span::new(limit.as_str(), 18.0, palette::TEXT);
        let span =
            fit::span(deck.fonts, &span, &[18.0, 16.0, 14.0], BODY.width - emu(super::model::INDENT), LINES);
        said.push(Paragraph { before: 8.0, bullet: true, ..Paragraph::new(vec![span]) });
    }
    let pages = split(deck, said);
    let (heads, rows, widths) = labels(deck);
    let table = heads.height + rows.iter().map(|row| row.height).sum::<Emu>();
    let used = pages.last().map_or(0, |page| emu(fit::height(deck.fonts, page, BODY.width))) + 24 * POINT;
    // The labels stand below the last limits where they find room, else on a slide of their own.
    let below = BODY.y + used + table <= BOTTOM;
    let count = pages.len() + usize::from(!below);
    let title = words.get("limits");
    let last = pages.len() - 1;
    let alt = words.get("limits-evidence-caption");
    for (page, said) in pages.into_iter().enumerate() {
        let mut slide = deck.slide(Layout::Content, &deck.page_title(&title, page, count));
        slide.notes =
            said.iter().map(|one| one.spans.iter().map(|span| span.text.as_str()).collect()).collect();
        let with_table = page == last && below;
        let area = with_table.then_some(Area { height: used, ..BODY });
        slide.shapes.push(Shape::Placeholder { kind: "obj", index: 1, words: said, area });
        if with_table {
            slide.shapes.push(deck.table(alt.clone(), BODY.y + used, &widths, &heads, rows.clone()));
        }
        slide.notes.push(words.get("slide-labels"));
        deck.push(slide);
    }
    if !below {
        let mut slide = deck.slide(Layout::Free, &deck.page_title(&title, count - 1, count));
        slide.shapes.push(deck.table(alt, BODY.y, &widths, &heads, rows));
        slide.notes = vec![words.get("slide-labels")];
        deck.push(slide);
    }
}

/// As many paragraphs a slide as it holds.
fn split(deck: &Deck, said: Vec<Paragraph>) -> Vec<Vec<Paragraph>> {
    let mut pages: Vec<Vec<Paragraph>> = Vec::new();
    let mut used = f64::INFINITY;
    for paragraph in said {
        let height = paragraph.height(deck.fonts, points(BODY.width));
        if used + height > points(BODY.height) {
            pages.push(Vec::new());
            used = 0.0;
        }
        used += height;
        if let Some(page) = pages.last_mut() {
            page.push(paragraph);
        }
    }
    pages
}

/// The labels of evidence and what they mean.
fn labels(deck: &Deck) -> (Row, Vec<Row>, Vec<Emu>) {
    let words = deck.words;
    let widths = shares(&[16, 52, 32]);
    let heads = deck.heads(&["label", "meaning", "slide-here"], &widths);
    let rows = [Evidence::ThirdParty, Evidence::Observed, Evidence::Declared].map(|evidence| {
        let key = evidence_key(evidence);
        let label = key.trim_start_matches("evidence-");
        let here = if evidence == Evidence::Declared { "slide-here" } else { "here" };
        let cells = vec![
            deck.cell(vec![Span::bold(words.get(key), 14.0, palette::TEXT)], widths[0], 1),
            deck.cell(
                vec![Span::new(words.get(&format!("meaning-{label}")), 14.0, palette::TEXT)],
                widths[1],
                3,
            ),
            deck.cell(
                vec![Span::new(words.get(&format!("{here}-{label}")), 14.0, palette::TEXT)],
                widths[2],
                3,
            ),
        ];
        table::row(deck.fonts, cells, &widths)
    });
    (heads, rows.into(), widths)
}

/// Adds the conclusion: only what it should hold, marked as the student's to write.
pub(super) fn conclusion(deck: &mut Deck) {
    let words = deck.words;
    let mut slide = deck.slide(Layout::Content, &words.get("slide-conclusion"));
    let mut said = Vec::new();
    for what in ["answer", "satisfactions", "difficulties", "benefits", "outlook"] {
        let head = Span::bold(words.get(&format!("slide-{what}")), 20.0, palette::TEXT);
        said.push(Paragraph { before: 12.0, bullet: true, ..Paragraph::new(vec![head]) });
        let fill = deck.fill(&format!("slide-fill-{what}"), 18.0);
        // The marked words begin below the words of the bullet.
        said.push(Paragraph { before: 2.0, under: true, ..Paragraph::new(vec![fill]) });
    }
    let words_fit = fit::paragraphs(deck.fonts, &said, ROOM, BODY.height);
    slide.shapes.push(Shape::Placeholder { kind: "obj", index: 1, words: words_fit, area: None });
    slide.notes = vec![words.get("slide-fill-note"), words.get("note-conclusion")];
    deck.push(slide);
}
