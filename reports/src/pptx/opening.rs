//! The first slide: subject, candidates, where and when.

use super::deck::Deck;
use super::fit;
use super::master::{OPENING_BODY, OPENING_TITLE};
use super::model::{Area, Emu, Layout, MARGIN, Paragraph, ROOM, Shape, Slide, Span};
use crate::Error;
use crate::content::Evidence;
use crate::package::Relationships;
use crate::palette;
use crate::typography;

/// Sizes of the subject.
const SIZES: &[f64] = &[40.0, 36.0, 32.0, 28.0, 24.0];
/// Height of the logos.
const LOGOS: Emu = 560_000;

/// Adds it.
pub(super) fn add(deck: &mut Deck) -> Result<(), Error> {
    let content = deck.content;
    let title = if content.title.trim().is_empty() {
        deck.fill("fill-title", SIZES[0])
    } else {
        Span::bold(content.title.as_str(), SIZES[0], palette::TEXT)
    };
    let title = fit::span(deck.fonts, &title, SIZES, OPENING_TITLE.width, 3);
    let words = vec![Paragraph::new(vec![title])];
    let mut slide = Slide {
        layout: Layout::Opening,
        shapes: vec![Shape::Placeholder { kind: "ctrTitle", index: 0, words, area: None }],
        notes: notes(deck),
        relations: Relationships::default(),
    };
    let words = fit::paragraphs(deck.fonts, &below(deck), OPENING_BODY.width, OPENING_BODY.height);
    slide.shapes.push(Shape::Placeholder { kind: "subTitle", index: 1, words, area: None });
    for (index, logo) in content.logos.iter().take(2).enumerate() {
        // The first one at the left, the second one at the right.
        let half = ROOM / 2 - 200_000;
        let x = if index == 0 { MARGIN } else { MARGIN + ROOM - half };
        deck.picture(&mut slide, (&logo.png, ""), &logo.alt, Area::new(x, 440_000, half, LOGOS), index > 0)?;
    }
    deck.push(slide);
    Ok(())
}

fn names(deck: &Deck) -> String {
    let names = deck.content.candidates.iter().map(|one| one.name.trim()).filter(|name| !name.is_empty());
    names.collect::<Vec<_>>().join(", ")
}

/// The words below the subject.
fn below(deck: &Deck) -> Vec<Paragraph> {
    let content = deck.content;
    let width = OPENING_BODY.width;
    let mut words = Vec::new();
    if !content.subtitle.trim().is_empty() {
        let subtitle = Span::new(content.subtitle.as_str(), 20.0, palette::TEXT_2);
        words.push(Paragraph::new(vec![fit::span(deck.fonts, &subtitle, &[20.0, 18.0], width, 2)]));
    }
    let mut candidates = deck.or_fill(&names(deck), "fill-candidate", 18.0, palette::TEXT);
    candidates.bold = true;
    let candidates = fit::span(deck.fonts, &candidates, &[18.0, 16.0, 14.0], width, 2);
    words.push(Paragraph { before: 14.0, ..Paragraph::new(vec![candidates]) });
    let pairs = [
        [(&content.school, "fill-school"), (&content.company, "fill-company")],
        [(&content.course, "fill-course"), (&content.cohort, "fill-cohort")],
    ];
    for (index, pair) in pairs.into_iter().enumerate() {
        let mut spans = Vec::new();
        for (text, what) in pair {
            if !spans.is_empty() {
                spans.push(Span::new("  ·  ", 16.0, palette::TEXT_3));
            }
            let span = deck.or_fill(text, what, 16.0, palette::TEXT_2);
            // Half a line each, so that both can be read.
            spans.push(fit::span(deck.fonts, &span, &[16.0], width / 2 - 400_000, 1));
        }
        words.push(Paragraph { before: if index == 0 { 8.0 } else { 2.0 }, ..Paragraph::new(spans) });
    }
    let day = content.timezone.to_datetime(content.exported_at).date();
    let day = Span::new(deck.words.day(day), 14.0, palette::TEXT_3);
    words.push(Paragraph { before: 14.0, ..Paragraph::new(vec![day]) });
    words
}

fn notes(deck: &Deck) -> Vec<String> {
    let content = deck.content;
    let mut notes = vec![content.title.clone(), names(deck)];
    if !content.repository.is_empty() {
        notes.push(format!("{} : {}", deck.words.get("repository"), content.repository));
    }
    notes.retain(|note| !note.trim().is_empty());
    let language = deck.words.language();
    for note in &mut notes {
        *note = typography::spaced(language, note);
    }
    notes.push(deck.source(&[Evidence::Declared]));
    notes
}
