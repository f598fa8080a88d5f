//! KPIs: the figures of the plan, then a slide a plot.

use super::deck::{Deck, shares};
use super::model::{
    Anchor, Area, BOTTOM, Emu, FLOOR, Layout, Look, MARGIN, POINT, Paragraph, ROOM, Row, Shape, Span, TOP,
};
use super::{fit, table};
use crate::Error;
use crate::content::{Evidence, Kpi, Picture};
use crate::docx::evidence_key;
use crate::palette;

/// The figures that the plan names.
const NAMED: [&str; 3] = ["deployment_cycle_time", "deployment_frequency", "deployment_success_rate"];
/// Height of a card.
const CARD: Emu = 132 * POINT;
/// Space between two things.
const GAP: Emu = 14 * POINT;
/// Share of the width that a plot takes, in percent.
const PLOT: Emu = 66;

/// Adds the slides of the KPIs.
pub(super) fn add(deck: &mut Deck) -> Result<(), Error> {
    let words = deck.words;
    let kpis = &deck.content.kpis;
    if kpis.is_empty() {
        let mut slide = deck.slide(Layout::Content, &words.get("slide-no-kpis"));
        let said = vec![Paragraph::new(vec![Span::new(words.get("kpis-none"), 20.0, palette::TEXT_2)])];
        slide.shapes.push(Shape::Placeholder { kind: "obj", index: 1, words: said, area: None });
        slide.notes = vec![words.get("kpis-none"), deck.source(&[Evidence::Observed])];
        deck.push(slide);
        return Ok(());
    }
    let named: Vec<&Kpi> = NAMED.iter().filter_map(|id| kpis.iter().find(|kpi| kpi.id == *id)).collect();
    let first: Vec<&Kpi> = if named.is_empty() { kpis.iter().take(NAMED.len()).collect() } else { named };
    let others: Vec<&Kpi> =
        kpis.iter().filter(|kpi| !first.iter().any(|one| std::ptr::eq(*one, *kpi))).collect();
    let mut slide = deck.slide(Layout::Free, &words.get("slide-kpis"));
    let count = Emu::try_from(first.len()).unwrap_or(1).max(1);
    let width = (ROOM - GAP * (count - 1)) / count;
    for (kpi, place) in first.iter().zip(0..) {
        slide.shapes.push(card(deck, kpi, Area::new(MARGIN + (width + GAP) * place, TOP, width, CARD)));
    }
    slide.notes = notes(deck, &first);
    let widths = shares(&[34, 18, 26, 8, 14]);
    let heads = deck.heads(&["kpi", "value", "interval", "events", "evidence"], &widths);
    let mut rows: Vec<Row> = others.iter().map(|kpi| row(deck, kpi, &widths)).collect();
    let top = TOP + CARD + 2 * GAP;
    let room = BOTTOM - top - heads.height;
    let mut used = 0;
    let fits = rows
        .iter()
        .take_while(|row| {
            used += row.height;
            used <= room
        })
        .count();
    let more = rows.split_off(fits);
    if !rows.is_empty() {
        slide.shapes.push(deck.table(words.get("kpis-caption"), top, &widths, &heads, rows));
        slide.notes.splice(first.len()..first.len(), others.iter().take(fits).map(|kpi| in_words(deck, kpi)));
    }
    deck.push(slide);
    let mut shown = fits;
    let pages = if more.is_empty() { Vec::new() } else { table::pages(more, BOTTOM - TOP - heads.height) };
    for rows in pages {
        let mut slide = deck.slide(Layout::Free, &words.get("slide-kpis"));
        slide.notes = notes(deck, &others[shown..shown + rows.len()]);
        shown += rows.len();
        slide.shapes.push(deck.table(words.get("kpis-caption"), TOP, &widths, &heads, rows));
        deck.push(slide);
    }
    for kpi in kpis {
        if let Some(plot) = &kpi.plot {
            plotted(deck, kpi, plot)?;
        }
    }
    Ok(())
}

fn value(deck: &Deck, kpi: &Kpi, points: f64) -> Span {
    match &kpi.value {
        Some(value) => Span::bold(value.as_str(), points, palette::TEXT),
        None => Span::new(deck.words.get("no-data"), points, palette::TEXT_2),
    }
}

fn interval(deck: &Deck, kpi: &Kpi) -> String {
    kpi.interval.clone().unwrap_or_else(|| deck.words.get("no-interval"))
}

fn n(deck: &Deck, kpi: &Kpi) -> String {
    deck.words.with("slide-n", &[("n", kpi.n.into())])
}

fn card(deck: &Deck, kpi: &Kpi, area: Area) -> Shape {
    let inset = 12 * POINT;
    let inside = area.inside(inset);
    let line = |span: Span, sizes: &[f64], lines| {
        Paragraph::new(vec![fit::span(deck.fonts, &span, sizes, inside.width, lines)])
    };
    let said = [
        line(Span::new(kpi.name.as_str(), 14.0, palette::TEXT_2), &[14.0, 12.0], 2),
        Paragraph { before: 6.0, ..line(value(deck, kpi, 32.0), &[32.0, 28.0, 24.0, 20.0, 16.0], 1) },
        Paragraph {
            before: 2.0,
            ..line(Span::new(interval(deck, kpi), 14.0, palette::TEXT), &[14.0, 12.0], 2)
        },
        Paragraph {
            before: 4.0,
            ..line(
                Span::new(
                    format!("{}  ·  {}", n(deck, kpi), deck.words.get(evidence_key(kpi.evidence))),
                    12.0,
                    palette::TEXT_2,
                ),
                &[12.0],
                1,
            )
        },
    ];
    let words = fit::paragraphs(deck.fonts, &said, inside.width, inside.height);
    let look =
        Look { fill: Some("FFFFFF"), line: Some(palette::HAIRLINE), radius: 8 * POINT, inset, weight: 0 };
    Shape::Box { name: crate::office::shortened(&kpi.name, 100), area, look, words, anchor: Anchor::Top }
}

fn row(deck: &Deck, kpi: &Kpi, widths: &[Emu]) -> Row {
    let cell = |span: Span, column: usize| deck.cell(vec![span], widths[column], 2);
    let plain = |text: String, column: usize| cell(Span::new(text, 16.0, palette::TEXT), column);
    let events = crate::typography::whole(deck.words.language(), i64::try_from(kpi.n).unwrap_or(i64::MAX));
    let cells = vec![
        plain(kpi.name.clone(), 0),
        cell(value(deck, kpi, 16.0), 1),
        plain(interval(deck, kpi), 2),
        plain(events, 3),
        plain(deck.words.get(evidence_key(kpi.evidence)), 4),
    ];
    table::row(deck.fonts, cells, widths)
}

/// A slide with a plot and what it says beside it.
fn plotted(deck: &mut Deck, kpi: &Kpi, plot: &Picture) -> Result<(), Error> {
    let words = deck.words;
    let mut slide = deck.slide(Layout::Free, &kpi.name);
    let left = Area::new(MARGIN, TOP, ROOM * PLOT / 100, BOTTOM - TOP);
    deck.picture(&mut slide, (&plot.png, &plot.svg), &plot.alt, left, false)?;
    let x = left.x + left.width + 2 * GAP;
    let right = Area::new(x, TOP, MARGIN + ROOM - x, BOTTOM - TOP);
    let one = |span: Span, sizes: &[f64], lines| {
        Paragraph::new(vec![fit::span(deck.fonts, &span, sizes, right.width, lines)])
    };
    let mut said = vec![
        one(value(deck, kpi, 32.0), &[32.0, 28.0, 24.0, 20.0, 16.0], 1),
        one(Span::new(interval(deck, kpi), 16.0, palette::TEXT), &[16.0, 14.0], 2),
        Paragraph { before: 2.0, ..one(Span::new(n(deck, kpi), 16.0, palette::TEXT), &[16.0], 1) },
    ];
    let excluded = if kpi.excluded.is_empty() { words.get("nothing-excluded") } else { kpi.excluded.clone() };
    let mut detail = |key: &str, text: &str, lines| {
        let head = Span::new(words.get(key), FLOOR, palette::TEXT_3);
        said.push(Paragraph { before: 12.0, ..one(head, &[FLOOR], 1) });
        said.push(one(Span::new(text, 14.0, palette::TEXT), &[14.0, 12.0], lines));
    };
    detail("excluded", &excluded, 4);
    detail("evidence", &words.get(evidence_key(kpi.evidence)), 1);
    if !kpi.definition.is_empty() {
        detail("definition", &kpi.definition, 7);
    }
    slide.shapes.push(deck.text(&words.get("kpi"), right, &said, Anchor::Top));
    slide.notes = notes(deck, &[kpi]);
    slide.notes.insert(1, plot.alt.clone());
    deck.push(slide);
    Ok(())
}

/// A KPI in a sentence, with everything that belongs to its number.
fn in_words(deck: &Deck, kpi: &Kpi) -> String {
    let words = deck.words;
    let name = crate::office::shortened(&kpi.name, 100);
    let mut said = match &kpi.value {
        Some(value) => {
            let rest =
                words.with("kpi-detail", &[("interval", interval(deck, kpi).into()), ("n", kpi.n.into())]);
            format!("{name} – {value}{rest}")
        }
        None => format!("{name} – {}", words.get("kpi-no-data")),
    };
    if !kpi.excluded.is_empty() {
        said.push(' ');
        said.push_str(&words.with("kpi-excluded", &[("excluded", kpi.excluded.as_str().into())]));
    }
    if !kpi.definition.is_empty() {
        said.push(' ');
        said.push_str(&kpi.definition);
    }
    said
}

/// A sentence a KPI, then who vouches for them.
fn notes(deck: &Deck, kpis: &[&Kpi]) -> Vec<String> {
    let mut notes: Vec<String> = kpis.iter().map(|kpi| in_words(deck, kpi)).collect();
    let mut evidence: Vec<Evidence> = kpis.iter().map(|kpi| kpi.evidence).collect();
    evidence.sort_unstable();
    evidence.dedup();
    notes.push(deck.source(&evidence));
    notes
}
