//! The appendix: every run, in landscape, with a contents list of its own.

use super::chapters::shares;
use super::compose::{Composer, cell, head, number, number_head};
use super::model::{Block, Cell, Contents, Format, Inline, Look, Paragraph, Section, Table};
use super::styles::Style;
use crate::content::Run;
use crate::palette;
use crate::summary;
use crate::typography;

/// Bookmark around the appendices, for their contents list.
pub(super) const APPENDICES: &str = "_JalonAppendices";
/// Size of the words, in half-points.
const SMALL: u32 = 17;
/// Characters of a commit that are printed.
const COMMIT: usize = 10;

/// Adds the appendix. The section before it has been ended.
pub(super) fn add(composer: &mut Composer) {
    let words = composer.words;
    composer.section = Section { landscape: true, dressed: true };
    composer.begin("jalon:runs", &words.get("appendices"));
    composer.heading(1, &words.get("appendices"), false);
    if composer.content.runs.is_empty() {
        composer.say(Style::Normal, words.get("runs-none"));
        composer.end();
        return;
    }
    let zone = composer.zone();
    composer.say(Style::Normal, words.with("runs-source", &[("zone", zone.into())]));
    composer.say(Style::Heading4, words.get("appendix-contents"));
    composer.blocks.push(Block::Contents(Contents {
        depth: 2,
        within: Some(APPENDICES),
        width: composer.page().width,
        entries: Vec::new(),
    }));
    composer.blocks.push(Block::Mark(APPENDICES));
    for (index, name) in summary::environments(composer.content).into_iter().enumerate() {
        let runs: Vec<&Run> = composer.content.runs.iter().filter(|run| run.environment == name).collect();
        let letter = letters(index);
        let title = if name.is_empty() {
            words.count("runs-elsewhere", runs.len())
        } else {
            words.with("runs-in", &[("n", runs.len().into()), ("environment", name.into())])
        };
        let label = words.with("appendix", &[("letter", letter.into())]);
        composer.heading(2, &format!("{label} \u{2013} {title}"), false);
        let rows = runs.iter().map(|run| row(composer, run)).collect();
        let keys = ["requested", "kind", "service", "version", "commit", "by", "state"];
        let mut heads: Vec<Cell> = keys.iter().map(|key| head(words.get(key))).collect();
        heads.push(number_head(words.get("duration")));
        heads.push(head(words.get("run")));
        let widths = shares(composer.page().width, &[14, 11, 13, 9, 10, 10, 11, 9, 13]);
        composer.add_table(Table { widths, head: heads, rows, look: Look::Dense });
    }
    composer.blocks.push(Block::EndMark(APPENDICES));
    // Word wants a paragraph after the last table; this one takes next to no room.
    let end = Paragraph {
        style: Style::Remark,
        before: Some(0),
        after: Some(0),
        size: Some(2),
        ..Paragraph::default()
    };
    composer.blocks.push(Block::Paragraph(end));
    composer.end();
}

/// A, B … Z, AA, AB …
fn letters(mut index: usize) -> String {
    let mut name = Vec::new();
    loop {
        name.push(b'A' + u8::try_from(index % 26).unwrap_or(0));
        if index < 26 {
            break;
        }
        index = index / 26 - 1;
    }
    name.iter().rev().map(|byte| char::from(*byte)).collect()
}

/// Colour of the shape of a run's state.
pub(crate) fn run_color(state: &str) -> &'static str {
    match state {
        "succeeded" => palette::OK,
        "failed" => palette::BAD,
        "interrupted" => palette::WARN,
        "running" => palette::ACCENT,
        _ => palette::TEXT_3,
    }
}

fn small(inlines: Vec<Inline>) -> Cell {
    let mut made = cell(Style::TableText, inlines);
    made[0].size = Some(SMALL);
    made
}

fn row(composer: &Composer, run: &Run) -> Vec<Cell> {
    let words = composer.words;
    let language = words.language();
    let zone = &composer.content.timezone;
    let commit: String = run.commit.chars().take(COMMIT).collect();
    let code = |text: &str| {
        let format = Format { code: true, ..Format::default() };
        small(vec![Inline::Text(text.to_owned(), format)])
    };
    let state = words.term("run", &run.state);
    let (shape, word) = match state.split_once(' ') {
        Some((shape, word)) if shape.chars().count() == 1 => (shape.to_owned(), word.to_owned()),
        _ => (String::new(), state),
    };
    let color = run_color(&run.state);
    let state = match shape.is_empty() {
        true => vec![Inline::text(word)],
        false => vec![Inline::coloured(format!("{shape}\u{a0}"), color), Inline::text(word)],
    };
    let took = match run.duration {
        Some(length) => typography::duration(language, length),
        None => words.get("running"),
    };
    let mut duration = number(took);
    duration[0].size = Some(SMALL);
    let text = |text: &str| small(vec![Inline::text(text)]);
    vec![
        text(&typography::instant(language, run.requested, zone)),
        text(&words.term("kind", &run.kind)),
        text(&run.service),
        text(&run.version),
        code(&commit),
        text(&run.by),
        small(state),
        duration,
        code(&run.id),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn appendices_never_run_out_of_letters() {
        assert_eq!(
            [letters(0), letters(25), letters(26), letters(27), letters(702)],
            ["A", "Z", "AA", "AB", "AAA"]
        );
    }
}
