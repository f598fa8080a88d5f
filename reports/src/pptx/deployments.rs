//! How the deployments ended, and the newest of them.

use super::deck::{Deck, shares};
use super::model::{
    Anchor, Area, BOTTOM, Emu, FLOOR, Layout, MARGIN, POINT, Paragraph, ROOM, Row, Shape, Span, TOP,
};
use super::table;
use crate::content::{Evidence, Run};
use crate::docx::run_color;
use crate::palette;
use crate::summary;
use crate::typography;

/// Runs in the table.
const NEWEST: usize = 10;
/// Height of the figures.
const FIGURES: Emu = 64 * POINT;
/// Height of the words above the table.
const CAPTION: Emu = 20 * POINT;

/// How the deployments ended, as the slide tells it.
struct Counts {
    total: usize,
    rollbacks: usize,
    /// Key, number, colour; zeros stay.
    figures: Vec<(&'static str, usize, &'static str)>,
}

fn counts(runs: &[Run]) -> Counts {
    let all = summary::deployments(runs);
    let of = |state: &str| runs.iter().filter(|run| run.kind == "deploy" && run.state == state).count();
    let (refused, interrupted) = (of("refused"), of("interrupted"));
    let open = all.other - refused - interrupted;
    let mut figures = vec![
        ("slide-succeeded", all.succeeded, palette::OK),
        ("slide-failed", all.failed, palette::BAD),
        ("slide-cancelled", all.cancelled + refused, palette::TEXT_2),
        ("slide-interrupted", interrupted, palette::WARN),
    ];
    if open > 0 {
        figures.push(("slide-other", open, palette::ACCENT));
    }
    Counts { total: all.total, rollbacks: all.rollbacks, figures }
}

/// Adds the slide of the deployments.
pub(super) fn add(deck: &mut Deck) {
    let words = deck.words;
    let runs = &deck.content.runs;
    let counts = counts(runs);
    let newest: Vec<&Run> =
        runs.iter().filter(|run| matches!(run.kind.as_str(), "deploy" | "rollback")).take(NEWEST).collect();
    if newest.is_empty() {
        let mut slide = deck.slide(Layout::Content, &words.get("slide-no-deployments"));
        let said =
            vec![Paragraph::new(vec![Span::new(words.get("deployments-none"), 20.0, palette::TEXT_2)])];
        slide.shapes.push(Shape::Placeholder { kind: "obj", index: 1, words: said, area: None });
        slide.notes = vec![words.get("deployments-none"), deck.source(&[Evidence::Observed])];
        deck.push(slide);
        return;
    }
    let succeeded = counts.figures[0].1;
    let title =
        words.with("slide-deployments", &[("n", counts.total.into()), ("succeeded", succeeded.into())]);
    let widths = shares(&[22, 14, 17, 15, 16, 16]);
    let heads = deck.heads(&["requested", "service", "environment", "version", "state", "duration"], &widths);
    let rows: Vec<Row> = newest.iter().map(|run| row(deck, run, &widths)).collect();
    let pages = table::pages(rows, BOTTOM - TOP - FIGURES - CAPTION - heads.height);
    let count = pages.len();
    for (page, rows) in pages.into_iter().enumerate() {
        let mut slide = deck.slide(Layout::Free, &deck.page_title(&title, page, count));
        slide.shapes.extend(figures(deck, &counts));
        let recent = words.count("slide-recent", newest.len());
        let said = [Paragraph::new(vec![Span::bold(recent.as_str(), 14.0, palette::TEXT)])];
        let area = Area::new(MARGIN, TOP + FIGURES, ROOM, CAPTION);
        slide.shapes.push(deck.text(&recent, area, &said, Anchor::Top));
        slide.shapes.push(deck.table(recent, TOP + FIGURES + CAPTION, &widths, &heads, rows));
        slide.notes = notes(deck, &counts);
        deck.push(slide);
    }
}

/// The numbers side by side, each with its word.
fn figures(deck: &Deck, counts: &Counts) -> Vec<Shape> {
    let mut shown: Vec<(String, usize, &'static str)> =
        counts.figures.iter().map(|(key, n, color)| (deck.words.count(key, *n), *n, *color)).collect();
    if counts.rollbacks > 0 {
        shown.push((
            deck.words.count("slide-rollbacks", counts.rollbacks),
            counts.rollbacks,
            palette::TEXT_2,
        ));
    }
    let width = ROOM / Emu::try_from(shown.len()).unwrap_or(1).max(1);
    let figure = |((word, n, color), place): ((String, usize, &'static str), Emu)| {
        // A zero is a fact like any other, but nothing to look at.
        let color = if n == 0 { palette::TEXT_3 } else { color };
        let number = Span::bold(
            typography::whole(deck.words.language(), i64::try_from(n).unwrap_or(i64::MAX)),
            26.0,
            color,
        );
        let said = [
            Paragraph::new(vec![number]),
            Paragraph::new(vec![Span::new(word.as_str(), FLOOR, palette::TEXT_2)]),
        ];
        let area = Area::new(MARGIN + width * place, TOP - 4 * POINT, width - 8 * POINT, FIGURES - 8 * POINT);
        deck.text(&word, area, &said, Anchor::Top)
    };
    shown.into_iter().zip(0..).map(figure).collect()
}

fn row(deck: &Deck, run: &Run, widths: &[Emu]) -> Row {
    let words = deck.words;
    let state = words.term("run", &run.state);
    let color = run_color(&run.state);
    let (shape, word) = match state.split_once(' ') {
        Some((shape, word)) if shape.chars().count() == 1 => (format!("{shape}\u{a0}"), word.to_owned()),
        _ => (String::new(), state),
    };
    let took = match run.duration {
        Some(length) => typography::duration(words.language(), length),
        None => words.get("none"),
    };
    let version = if run.kind == "rollback" && !run.version.is_empty() {
        format!("↓\u{a0}{}", run.version)
    } else {
        run.version.clone()
    };
    let plain = |text: String, column: usize| {
        deck.cell(vec![Span::new(text, FLOOR, palette::TEXT)], widths[column], 1)
    };
    let cells = vec![
        plain(typography::instant(words.language(), run.requested, &deck.content.timezone), 0),
        plain(run.service.clone(), 1),
        plain(run.environment.clone(), 2),
        plain(version, 3),
        deck.cell(vec![Span::new(shape, FLOOR, color), Span::new(word, FLOOR, palette::TEXT)], widths[4], 1),
        plain(took, 5),
    ];
    table::row(deck.fonts, cells, widths)
}

fn notes(deck: &Deck, counts: &Counts) -> Vec<String> {
    let words = deck.words;
    let parts: Vec<String> =
        counts.figures.iter().map(|(key, n, _)| format!("{n} {}", words.count(key, *n))).collect();
    let n = words.with("slide-n", &[("n", counts.total.into())]);
    let mut notes = vec![format!("{} ({n}) – {}", words.get("deployments"), parts.join(", "))];
    if counts.rollbacks > 0 {
        notes.push(words.count("deployments-rollbacks", counts.rollbacks));
    }
    notes.push(words.get("note-runs"));
    notes.push(deck.source(&[Evidence::Observed]));
    notes
}
