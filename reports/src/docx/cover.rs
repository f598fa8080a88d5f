//! The cover and what stands before the first chapter.

use super::compose::{Composer, cell};
use super::layout;
use super::model::{Block, Contents, Inline, Look, Paragraph, Section, Table, Twips};
use super::pictures::EMU;
use super::styles::Style;
use crate::Error;
use crate::palette;

/// Height of a logo on the cover: 1.6 cm in EMU.
const LOGO_HIGH: i64 = 576_000;
/// Widest logo: 6 cm in EMU.
const LOGO_WIDE: i64 = 2_160_000;
/// Where the title begins on the page when there is room, in twips below the margin.
const TITLE: Twips = 3_600;
/// Titles longer than this many characters are set smaller.
const LONG_TITLE: usize = 60;

/// Adds the cover and ends its section.
pub(super) fn add(composer: &mut Composer) -> Result<(), Error> {
    composer.section = Section { landscape: false, dressed: false };
    let words = composer.words;
    composer.begin("jalon:cover", &words.get("report-kind"));
    logos(composer)?;
    let kind = Inline::coloured(words.get("report-kind"), palette::ACCENT);
    let used = layout::height(composer.fonts, &composer.blocks, composer.page().width);
    let before = (TITLE - used).max(600);
    composer.add(Paragraph {
        style: Style::CoverLabel,
        inlines: vec![kind],
        before: Some(before),
        after: Some(160),
        size: Some(24),
        ..Paragraph::default()
    });
    let content = composer.content;
    let title = composer.or_placeholder(&content.title, "fill-title");
    let size = match content.title.chars().count() {
        0..=LONG_TITLE => None,
        61..=160 => Some(48),
        _ => Some(32),
    };
    composer.add(Paragraph { style: Style::Title, inlines: vec![title], size, ..Paragraph::default() });
    if !content.subtitle.trim().is_empty() {
        composer.say(Style::Subtitle, content.subtitle.trim());
    }
    let rows = details(composer);
    let widths = vec![2_300, composer.page().width - 2_300];
    let table = Table { widths, head: Vec::new(), rows, look: Look::Airy };
    let (at, zone) = (composer.at(), composer.zone());
    let mut as_of =
        Paragraph::new(Style::Remark, words.with("exported", &[("at", at.into()), ("zone", zone.into())]));
    as_of.after = Some(0);
    // The details stand at the foot of the page, as far as the title leaves them there.
    let below = [Block::Table(table.clone()), Block::Paragraph(as_of.clone())];
    let page = composer.page();
    let used = layout::height(composer.fonts, &composer.blocks, page.width)
        + layout::height(composer.fonts, &below, page.width);
    let gap = (page.height - used - 900).max(400);
    composer.add(Paragraph { style: Style::CoverLabel, before: Some(gap), ..Paragraph::default() });
    composer.add_table(table);
    composer.add(as_of);
    composer.end();
    composer.blocks.push(Block::Section(composer.section));
    composer.section = Section { landscape: false, dressed: true };
    Ok(())
}

fn logos(composer: &mut Composer) -> Result<(), Error> {
    let content = composer.content;
    let mut cells = Vec::new();
    for logo in content.logos.iter().take(2) {
        let broken = |why| Error::Picture { what: logo.alt.clone(), why };
        let found = crate::picture::raster(&logo.png).map_err(broken)?;
        let mut drawing = composer.image(&logo.png, &logo.alt).map_err(broken)?;
        let (width, height) = (i64::from(found.width), i64::from(found.height));
        drawing.height = LOGO_HIGH.min(LOGO_WIDE * height / width).max(1);
        drawing.width = (drawing.height * width / height).max(1);
        let mut made = cell(Style::CoverLabel, vec![Inline::Picture(Box::new(drawing))]);
        made[0].right = cells.len() == 1;
        cells.push(made);
    }
    if cells.is_empty() {
        return Ok(());
    }
    if cells.len() == 1 {
        cells.push(cell(Style::CoverLabel, Vec::new()));
    }
    let half = composer.page().width / 2;
    composer.add_table(Table {
        widths: vec![half, half],
        head: Vec::new(),
        rows: vec![cells],
        look: Look::Bare,
    });
    Ok(())
}

/// Who, where, under whom: a line each.
fn details(composer: &Composer) -> Vec<Vec<super::model::Cell>> {
    let content = composer.content;
    let line = |key: &str, value: Inline| {
        let label = composer.words.get(key);
        vec![cell(Style::CoverLabel, vec![Inline::text(label)]), cell(Style::CoverValue, vec![value])]
    };
    let mut rows = Vec::new();
    for candidate in &content.candidates {
        let mut row = line("candidate", composer.or_placeholder(&candidate.name, "fill-candidate"));
        if !candidate.login.trim().is_empty() {
            row[1][0]
                .inlines
                .push(Inline::coloured(format!("  {}", candidate.login.trim()), palette::TEXT_3));
        }
        rows.push(row);
        rows.push(line("tutor", composer.or_placeholder(&candidate.tutor, "fill-tutor")));
    }
    if content.candidates.is_empty() {
        rows.push(line("candidate", composer.placeholder("fill-candidate")));
        rows.push(line("tutor", composer.placeholder("fill-tutor")));
    }
    rows.push(line("course", composer.or_placeholder(&content.course, "fill-course")));
    rows.push(line("cohort", composer.or_placeholder(&content.cohort, "fill-cohort")));
    rows.push(line("school", composer.or_placeholder(&content.school, "fill-school")));
    rows.push(line("company", composer.or_placeholder(&content.company, "fill-company")));
    if !content.repository.trim().is_empty() {
        rows.push(line("repository", Inline::text(content.repository.trim())));
    }
    rows
}

/// Adds the acknowledgements, which the student writes, and the place of the contents list.
pub(super) fn front(composer: &mut Composer) {
    let words = composer.words;
    composer.say(Style::FrontHeading, words.get("thanks"));
    let fill = composer.placeholder("fill-thanks");
    composer.add(Paragraph { inlines: vec![fill], ..Paragraph::default() });
    composer.begin("jalon:contents", &words.get("contents"));
    composer.say(Style::FrontHeading, words.get("contents"));
    composer.blocks.push(Block::Contents(Contents {
        depth: 3,
        within: None,
        width: composer.page().width,
        entries: Vec::new(),
    }));
    composer.end();
}

const _: () = assert!(LOGO_HIGH / EMU < 1_000, "a logo is lower than the space above the title");
