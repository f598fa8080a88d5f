//! What runs where: a box an environment, its services inside, and the gate on the way to the next one.

use super::deck::Deck;
use super::fit;
use super::model::{
    Align, Anchor, Area, BOTTOM, Emu, FLOOR, Layout, Look, MARGIN, POINT, Paragraph, ROOM, Shape, Slide,
    Span, TOP,
};
use crate::content::{Environment, Evidence, Service};
use crate::office;
use crate::palette;

/// Environments side by side.
const ABREAST: usize = 3;
/// Room of an arrow and its gate.
const GATE: Emu = 104 * POINT;
/// Height of an environment's own words.
const HEAD: Emu = 66 * POINT;
/// Space inside the edge of a box.
const INSET: Emu = 12 * POINT;
/// Space between services.
const GAP: Emu = 8 * POINT;
/// Services below each other in large words.
const FEW: usize = 3;
/// The same in small words.
const MANY: usize = 5;

/// Adds the slides of the environments.
pub(super) fn add(deck: &mut Deck) {
    let words = deck.words;
    let environments = &deck.content.environments;
    if environments.is_empty() {
        let mut slide = deck.slide(Layout::Content, &words.get("slide-no-environments"));
        let said = vec![Paragraph::new(vec![Span::new(words.get("where-none"), 20.0, palette::TEXT_2)])];
        slide.shapes.push(Shape::Placeholder { kind: "obj", index: 1, words: said, area: None });
        slide.notes = vec![words.get("where-none"), deck.source(&[Evidence::Declared])];
        deck.push(slide);
        return;
    }
    // A slide a group of environments, and another where one of them has more services than fit.
    let mut pages = Vec::new();
    for group in environments.chunks(ABREAST) {
        let most = group.iter().map(|one| one.services.len()).max().unwrap_or(0);
        let room = if group.len() == 1 { MANY * 2 } else { MANY };
        for part in 0..most.div_ceil(room).max(1) {
            pages.push((group, part * room, room));
        }
    }
    let count = pages.len();
    let title = words.get("slide-architecture");
    for (page, (group, from, room)) in pages.into_iter().enumerate() {
        let mut slide = deck.slide(Layout::Free, &deck.page_title(&title, page, count));
        draw(deck, &mut slide, group, from, room);
        slide.notes = notes(deck, group, from, room);
        deck.push(slide);
    }
}

fn shown(environment: &Environment, from: usize, room: usize) -> &[Service] {
    let end = environment.services.len().min(from + room);
    environment.services.get(from.min(end)..end).unwrap_or_default()
}

fn draw(deck: &Deck, slide: &mut Slide, group: &[Environment], from: usize, room: usize) {
    let columns = if group.len() == 1 { 2 } else { 1 };
    let most =
        group.iter().map(|one| shown(one, from, room).len().div_ceil(columns)).max().unwrap_or(0).max(1);
    let large = most <= FEW;
    let block = if large { 88 * POINT } else { 50 * POINT };
    let rows = Emu::try_from(most).unwrap_or(1);
    let height = (HEAD + INSET + rows * (block + GAP)).min(BOTTOM - TOP);
    let count = Emu::try_from(group.len()).unwrap_or(1);
    let width = (ROOM - GATE * (count - 1)) / count;
    let mut boxes = Vec::new();
    for (environment, place) in group.iter().zip(0..) {
        let area = Area::new(MARGIN + (width + GATE) * place, TOP, width, height);
        boxes.push((slide.shapes.len(), area));
        slide.shapes.push(ground(environment, area));
        let before = place.checked_sub(1).and_then(|at| group.get(usize::try_from(at).ok()?));
        let beside =
            before.is_some_and(|one| environment.promotes_from.as_deref() == Some(one.name.as_str()));
        slide.shapes.push(head(deck, environment, Area { height: HEAD, ..area }, beside));
        let wide =
            (width - INSET * (Emu::try_from(columns).unwrap_or(1) + 1)) / Emu::try_from(columns).unwrap_or(1);
        let services = shown(environment, from, room);
        for (index, service) in services.iter().enumerate() {
            let (column, line) = (index % columns, index / columns);
            let x = area.x + INSET + (wide + INSET) * Emu::try_from(column).unwrap_or(0);
            let y = area.y + HEAD + (block + GAP) * Emu::try_from(line).unwrap_or(0);
            slide.shapes.push(service_box(deck, service, Area::new(x, y, wide, block), large));
        }
        if services.is_empty() {
            let area = Area::new(area.x + INSET, area.y + HEAD, width - 2 * INSET, block);
            let none = if environment.services.is_empty() { "slide-no-services" } else { "slide-before" };
            let none = Paragraph::new(vec![Span::new(deck.words.get(none), 14.0, palette::TEXT_2)]);
            slide.shapes.push(deck.text(&environment.name, area, &[none], Anchor::Top));
        }
        if beside && let [.., (from, left), (to, _)] = boxes[..] {
            gate(deck, slide, (from, left), (to, area));
        }
    }
}

/// The box of an environment.
fn ground(environment: &Environment, area: Area) -> Shape {
    let fill = if environment.production { palette::PROD_SOFT } else { palette::DEV_SOFT };
    let line = if environment.production { palette::PROD } else { palette::DEV };
    let look = Look { fill: Some(fill), line: Some(line), radius: 10 * POINT, inset: INSET, weight: 0 };
    let name = office::shortened(&environment.name, 100);
    Shape::Box { name, area, look, words: Vec::new(), anchor: Anchor::Top }
}

/// Its name, what it is, where it is. Where it is promoted from is said in words if no arrow can say it.
fn head(deck: &Deck, environment: &Environment, area: Area, beside: bool) -> Shape {
    let color = if environment.production { palette::PROD } else { palette::DEV };
    let area =
        Area::new(area.x + INSET, area.y + 9 * POINT, area.width - 2 * INSET, area.height - 11 * POINT);
    let tag =
        if environment.production && !environment.name.eq_ignore_ascii_case(&deck.words.get("production")) {
            format!("  {}", deck.words.get("production"))
        } else {
            String::new()
        };
    let room =
        area.width - super::model::emu(deck.fonts.width(&tag, crate::measure::Face::Regular, FLOOR)) - POINT;
    let name = fit::span(
        deck.fonts,
        &Span::bold(environment.name.as_str(), 22.0, color),
        &[22.0, 20.0, 18.0, 16.0, 14.0],
        room,
        1,
    );
    let mut first = vec![name];
    if !tag.is_empty() {
        first.push(Span::new(tag, FLOOR, color));
    }
    let mut parts = Vec::new();
    if !environment.target.trim().is_empty() {
        parts.push(environment.target.trim().to_owned());
    }
    if !beside && let Some(source) = &environment.promotes_from {
        parts.push(deck.words.with("slide-promoted", &[("environment", source.as_str().into())]));
    }
    let second = Span::new(parts.join("  ·  "), 14.0, palette::TEXT_2);
    let second = fit::span(deck.fonts, &second, &[14.0, FLOOR], area.width, 1);
    let said = [Paragraph::new(first), Paragraph { before: 1.0, ..Paragraph::new(vec![second]) }];
    deck.text(&office::shortened(&environment.name, 100), area, &said, Anchor::Top)
}

/// Health as a shape with its word.
fn health(deck: &Deck, service: &Service) -> (&'static str, String, &'static str) {
    let words = deck.words;
    match service.healthy {
        _ if service.release.is_none() => ("○", words.get("nothing-deployed"), palette::TEXT_3),
        None => ("◊", words.get("not-asked"), palette::TEXT_3),
        Some(true) => ("●", words.get("healthy"), palette::OK),
        Some(false) => ("■", words.get("unhealthy"), palette::BAD),
    }
}

fn service_box(deck: &Deck, service: &Service, area: Area, large: bool) -> Shape {
    let inset = 7 * POINT;
    let width = area.width - 2 * inset;
    let (size, small) = if large { (20.0, 16.0) } else { (14.0, FLOOR) };
    let release = service.release.as_deref().map(|release| format!("  {release}")).unwrap_or_default();
    let name = fit::span(
        deck.fonts,
        &Span::bold(service.name.as_str(), size, palette::TEXT),
        &[size, 16.0, 14.0],
        width * 6 / 10,
        1,
    );
    let taken = super::model::emu(deck.fonts.width(&name.text, crate::measure::Face::Bold, name.points));
    let mut first = vec![name];
    if !release.is_empty() {
        let like = Span::new(release.trim(), size, palette::TEXT);
        let mut release =
            fit::span(deck.fonts, &like, &[size, 16.0, 14.0, FLOOR], width - taken - 14 * POINT, 1);
        release.text = format!("  {}", release.text);
        first.push(release);
    }
    let (shape, word, color) = health(deck, service);
    let mut state =
        vec![Span::new(format!("{shape}\u{a0}"), small, color), Span::new(word, small, palette::TEXT)];
    let address = address(&service.address);
    let mut said = vec![Paragraph::new(first)];
    if large {
        said.push(Paragraph { before: 1.0, ..Paragraph::new(state) });
        if !address.is_empty() {
            let address = fit::span(
                deck.fonts,
                &Span::new(address, small, palette::TEXT_2),
                &[small, 14.0, FLOOR],
                width,
                1,
            );
            said.push(Paragraph::new(vec![address]));
        }
    } else {
        let taken: f64 =
            state.iter().map(|span| deck.fonts.width(&span.text, crate::measure::Face::Regular, small)).sum();
        let rest = width - super::model::emu(taken) - 16 * POINT;
        if !address.is_empty() && rest > 40 * POINT {
            let like = Span::new(address, small, palette::TEXT_2);
            let mut address = fit::span(deck.fonts, &like, &[small], rest, 1);
            address.text = format!("  {}", address.text);
            state.push(address);
        }
        said.push(Paragraph { before: 1.0, ..Paragraph::new(state) });
    }
    let words = fit::paragraphs(deck.fonts, &said, width, area.height - 2 * inset);
    let look =
        Look { fill: Some("FFFFFF"), line: Some(palette::HAIRLINE), radius: 5 * POINT, inset, weight: 0 };
    Shape::Box { name: office::shortened(&service.name, 100), area, look, words, anchor: Anchor::Middle }
}

/// An address without what every address begins with.
fn address(address: &str) -> &str {
    let address = address.trim();
    let bare =
        address.strip_prefix("https://").or_else(|| address.strip_prefix("http://")).unwrap_or(address);
    bare.trim_end_matches('/')
}

/// The arrow from one environment to the next, with a lock on it.
fn gate(deck: &Deck, slide: &mut Slide, (from, left): (usize, Area), (to, right): (usize, Area)) {
    let word = deck.words.get("slide-gate");
    let start = left.x + left.width;
    let y = left.y + left.height / 2;
    slide.shapes.push(Shape::Arrow {
        name: word.clone(),
        from,
        to,
        area: Area::new(start, y, right.x - start, 0),
    });
    let middle = i64::midpoint(start, right.x);
    let side = |wide: Emu, top: Emu, high: Emu| Area::new(middle - wide / 2, y - top, wide, high);
    let bare =
        |area, look| Shape::Box { name: word.clone(), area, look, words: Vec::new(), anchor: Anchor::Top };
    let shackle =
        Look { line: Some(palette::ACCENT), weight: 2 * POINT, radius: 6 * POINT, ..Look::default() };
    slide.shapes.push(bare(side(11 * POINT, 35 * POINT, 18 * POINT), shackle));
    let body = Look { fill: Some(palette::ACCENT), radius: 2 * POINT, ..Look::default() };
    slide.shapes.push(bare(side(18 * POINT, 25 * POINT, 15 * POINT), body));
    let label = Paragraph {
        align: Align::Center,
        ..Paragraph::new(vec![Span::new(word.as_str(), 14.0, palette::ACCENT)])
    };
    let area = side(GATE - 8 * POINT, -8 * POINT, 20 * POINT);
    slide.shapes.push(deck.text(&word, area, &[label], Anchor::Top));
}

fn notes(deck: &Deck, group: &[Environment], from: usize, room: usize) -> Vec<String> {
    let words = deck.words;
    let mut notes = Vec::new();
    for environment in group {
        let services: Vec<String> = shown(environment, from, room)
            .iter()
            .map(|service| {
                let release = service.release.clone().unwrap_or_default();
                let (_, state, _) = health(deck, service);
                let parts = [service.name.as_str(), &release, &state, &service.address];
                parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
            })
            .collect();
        let name = [environment.name.as_str(), environment.target.as_str()];
        let name = name.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ");
        let services = if services.is_empty() { words.get("nothing-deployed") } else { services.join(" ; ") };
        notes.push(format!("{name} – {services}"));
        if let Some(source) = &environment.promotes_from {
            let arguments = [("from", source.as_str().into()), ("to", environment.name.as_str().into())];
            notes.push(words.with("note-gate", &arguments));
        }
    }
    notes.push(deck.source(&[Evidence::Observed, Evidence::Declared]));
    notes
}
