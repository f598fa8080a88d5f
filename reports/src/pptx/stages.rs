//! The stages of the plan against their deadlines.

use super::deck::{Deck, shares};
use super::model::{
    Align, Anchor, Area, BOTTOM, Emu, FLOOR, Layout, Look, MARGIN, POINT, Paragraph, ROOM, Row, Shape, Span,
    TOP,
};
use super::table;
use crate::content::{Evidence, Stage, StageState};
use crate::docx::{milestone_issues, stages_in_words, state_color};
use crate::palette;
use crate::summary;
use crate::typography;

/// Segments of the bar that can still be told apart.
const MOST_SEGMENTS: usize = 16;
/// Height of the bar with its numbers.
const BAR: Emu = 46 * POINT;
/// Height of a segment.
const SEGMENT: Emu = 12 * POINT;

/// Adds the slides of the stages.
pub(super) fn add(deck: &mut Deck) {
    let words = deck.words;
    let stages = &deck.content.stages;
    if stages.is_empty() {
        let mut slide = deck.slide(Layout::Content, &words.get("slide-no-stages"));
        let said = vec![Paragraph::new(vec![Span::new(words.get("stages-none"), 20.0, palette::TEXT_2)])];
        slide.shapes.push(Shape::Placeholder { kind: "obj", index: 1, words: said, area: None });
        slide.notes = vec![words.get("stages-none"), deck.source(&[Evidence::Declared])];
        deck.push(slide);
        return;
    }
    let title = title(deck);
    let widths = shares(&[5, 34, 24, 19, 18]);
    let heads = deck.heads(&["number-short", "stage", "deadline", "milestone", "state"], &widths);
    let bar = if stages.len() <= MOST_SEGMENTS { BAR } else { 0 };
    let room = BOTTOM - TOP - bar - heads.height;
    let sized =
        |size| table::pages(stages.iter().map(|stage| row(deck, stage, &widths, size)).collect(), room);
    // Few stages are set larger; many go on on the next slide.
    let large = sized(16.0);
    let pages = if large.len() == 1 { large } else { sized(14.0) };
    let count = pages.len();
    let mut first = 0;
    for (page, rows) in pages.into_iter().enumerate() {
        let mut slide = deck.slide(Layout::Free, &deck.page_title(&title, page, count));
        if bar > 0 {
            let here = first..first + rows.len();
            slide.shapes.extend(segments(deck, stages, &here));
        }
        let shown = &stages[first..first + rows.len()];
        first += rows.len();
        let alt = words.get("milestones-caption");
        slide.shapes.push(deck.table(alt, TOP + bar, &widths, &heads, rows));
        slide.notes.push(stages_in_words(words, stages));
        slide.notes.extend(shown.iter().map(|stage| in_words(deck, stage)));
        slide.notes.push(words.get("note-stages"));
        slide.notes.push(deck.source(&[Evidence::ThirdParty, Evidence::Declared]));
        deck.push(slide);
    }
}

/// How many are finished, overdue and unknown.
fn title(deck: &Deck) -> String {
    let words = deck.words;
    let counts = summary::stages(&deck.content.stages);
    let mut parts =
        vec![words.with("slide-stages", &[("done", counts.done.into()), ("total", counts.total.into())])];
    for (key, n) in [("slide-stages-late", counts.overdue), ("slide-stages-unknown", counts.unknown)] {
        if n > 0 {
            parts.push(words.count(key, n));
        }
    }
    parts.join(", ")
}

fn deadline(deck: &Deck, stage: &Stage) -> String {
    match stage.deadline {
        Some(deadline) => typography::days(deck.words.language(), deadline.from, deadline.to),
        None => deck.words.get("no-deadline"),
    }
}

fn milestone(deck: &Deck, stage: &Stage) -> String {
    match stage.milestone {
        Some(milestone) => milestone_issues(deck.words, milestone),
        None => deck.words.get("no-milestone"),
    }
}

/// What stands below the state: days late, or the share done.
fn detail(deck: &Deck, stage: &Stage) -> Option<String> {
    if stage.days_late > 0 {
        return Some(deck.words.with("late-by", &[("n", stage.days_late.into())]));
    }
    let share = stage.done.filter(|share| share.is_finite() && stage.state != StageState::Done)?;
    Some(
        deck.words.with("share-done", &[("share", typography::percent(deck.words.language(), share).into())]),
    )
}

fn number(stage: &Stage) -> String {
    stage.number.map_or_else(String::new, |number| number.to_string())
}

fn row(deck: &Deck, stage: &Stage, widths: &[Emu], size: f64) -> Row {
    let (shape, word) = deck.words.stage_state(stage.state);
    let mut state = deck.cell(
        vec![
            Span::new(format!("{shape}\u{a0}"), size, state_color(stage.state)),
            Span::new(word, size, palette::TEXT),
        ],
        widths[4],
        1,
    );
    state.extend(
        detail(deck, stage).map(|text| Paragraph::new(vec![Span::new(text, FLOOR, palette::TEXT_2)])),
    );
    let plain =
        |text: String, color, column: usize| deck.cell(vec![Span::new(text, size, color)], widths[column], 2);
    let cells = vec![
        plain(number(stage), palette::TEXT_3, 0),
        deck.cell(vec![Span::bold(stage.title.as_str(), size, palette::TEXT)], widths[1], 2),
        plain(deadline(deck, stage), palette::TEXT, 2),
        plain(milestone(deck, stage), palette::TEXT_2, 3),
        state,
    ];
    table::row(deck.fonts, cells, widths)
}

fn in_words(deck: &Deck, stage: &Stage) -> String {
    let (_, state) = deck.words.stage_state(stage.state);
    let mut parts = vec![deadline(deck, stage), state];
    parts.extend(detail(deck, stage));
    parts.extend(stage.milestone.map(|one| {
        let number = deck.words.with("milestone-number", &[("number", one.number.into())]);
        format!("{} {number} ({})", deck.words.get("milestone"), milestone_issues(deck.words, one))
    }));
    let title = crate::office::shortened(&stage.title, 200);
    let name =
        [number(stage), title].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(". ");
    format!("{name} – {}", parts.join(", "))
}

/// The bar: a segment a stage, filled by its share done; those of this slide carry their number and the shape of their
/// state, the others are paler.
fn segments(deck: &Deck, stages: &[Stage], here: &std::ops::Range<usize>) -> Vec<Shape> {
    let count = Emu::try_from(stages.len()).unwrap_or(1).max(1);
    let gap = 5 * POINT;
    let width = (ROOM - gap * (count - 1)) / count;
    let mut shapes = Vec::new();
    for ((index, stage), place) in stages.iter().enumerate().zip(0..) {
        let x = MARGIN + (width + gap) * place;
        let color = if here.contains(&index) { state_color(stage.state) } else { palette::LINE };
        let (shape, word) = deck.words.stage_state(stage.state);
        let name = format!("{} {} – {word}", deck.words.get("stage"), number(stage));
        let label = vec![Paragraph {
            align: Align::Left,
            ..Paragraph::new(vec![
                Span::new(format!("{shape}\u{a0}"), FLOOR, color),
                Span::new(number(stage), FLOOR, palette::TEXT_2),
            ])
        }];
        let area = Area::new(x, TOP, width, 16 * POINT);
        shapes.push(Shape::Box {
            name: name.clone(),
            area,
            look: Look::default(),
            words: label,
            anchor: Anchor::Top,
        });
        let area = Area::new(x, TOP + 18 * POINT, width, SEGMENT);
        // Nobody knows how much is done: the segment stays open.
        let known = stage.state != StageState::Unknown;
        let look =
            Look { fill: known.then_some(palette::TRACK), line: Some(palette::HAIRLINE), ..Look::default() };
        shapes.push(Shape::Box { name: name.clone(), area, look, words: Vec::new(), anchor: Anchor::Top });
        let share = if stage.state == StageState::Done { Some(1.0) } else { stage.done.filter(|_| known) };
        let done = filled(width, share.unwrap_or(0.0));
        if done > 0 {
            let look = Look { fill: Some(color), ..Look::default() };
            let area = Area { width: done, ..area };
            shapes.push(Shape::Box { name, area, look, words: Vec::new(), anchor: Anchor::Top });
        }
    }
    shapes
}

#[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "lengths on a slide")]
fn filled(width: Emu, share: f64) -> Emu {
    if share.is_finite() { (width as f64 * share.clamp(0.0, 1.0)) as Emu } else { 0 }
}
