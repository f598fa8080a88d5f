//! The written report as a Word document (ECMA-376, transitional), written part by part.

mod appendix;
mod body;
mod chapters;
mod compose;
mod cover;
mod layout;
mod model;
mod parts;
mod pictures;
mod properties;
mod ruler;
mod sheet;
mod source;
mod styles;
mod tables;
mod toc;

use crate::Error;
use crate::content::Content;
use crate::measure::Fonts;
use crate::office;
use crate::package::{Package, Relationships};
use crate::words::Words;

use body::Dress;
use compose::Composer;
use model::{Block, Field, Inline, Paragraph, Section};
use styles::Style;

pub(crate) use appendix::run_color;
pub(crate) use chapters::{evidence_key, milestone_issues, stages_in_words, state_color};
pub(crate) use pictures::blip;

/// Content type of a Word document's part.
macro_rules! content_type {
    ($part:literal) => {
        concat!("application/vnd.openxmlformats-officedocument.wordprocessingml.", $part, "+xml")
    };
}
const DOCUMENT: &str = content_type!("document.main");
const STYLES: &str = content_type!("styles");
const SETTINGS: &str = content_type!("settings");
const FONTS: &str = content_type!("fontTable");
const NUMBERING: &str = content_type!("numbering");
const FOOTNOTES: &str = content_type!("footnotes");
const HEADER: &str = content_type!("header");
const FOOTER: &str = content_type!("footer");
const THEME: &str = "application/vnd.openxmlformats-officedocument.theme+xml";
/// Longest title in a header, in characters.
const LONGEST_HEADER: usize = 70;

/// Writes the report.
///
/// The same content gives the same bytes. Parts that Jalon wrote stand in content controls whose tags begin with `jalon:`.
///
/// # Errors
/// [`Error::Picture`] for a logo or plot that is no PNG; everything else would be a fault of this crate.
pub fn docx(content: &Content) -> Result<Vec<u8>, Error> {
    let words = Words::new(content.language)?;
    let fonts = Fonts::read()?;
    let reader = Composer::new(content, &words, &fonts, false);
    let chapters: Vec<source::Read> = content.sources.iter().map(|one| source::read(&reader, one)).collect();
    let numbered = !chapters.iter().any(source::Read::is_numbered);
    let mut composer = Composer::new(content, &words, &fonts, numbered);
    cover::add(&mut composer)?;
    cover::front(&mut composer);
    chapters::competences(&mut composer);
    for chapter in &chapters {
        source::add(&mut composer, chapter);
    }
    chapters::milestones(&mut composer);
    chapters::deployments(&mut composer)?;
    chapters::limits(&mut composer);
    composer.blocks.push(Block::Section(composer.section));
    let appendix = composer.entries.len();
    appendix::add(&mut composer);
    composer.blocks.push(Block::Section(composer.section));
    let bytes = package(composer, appendix)?;
    words.complete()?;
    Ok(bytes)
}

fn package(mut composer: Composer, appendix: usize) -> Result<Vec<u8>, Error> {
    let numbered = composer.numbered;
    let entries = std::mem::take(&mut composer.entries);
    let pages = toc::fill(composer.fonts, &mut composer.blocks, &composer.notes, entries, appendix, numbered);
    let language = composer.words.language();
    let portrait = Section { landscape: false, dressed: true }.page().width;
    let landscape = Section { landscape: true, dressed: true }.page().width;
    let (head, foot) = edges(&composer, pages.count);
    let mut package = std::mem::take(&mut composer.package);
    let mut relations = std::mem::take(&mut composer.relations);
    let none = Relationships::default();
    let mut add =
        |relations: &mut Relationships, name: &str, what: &str, content_type, bytes, own: &Relationships| {
            package.add(&format!("word/{name}.xml"), content_type, bytes, own)?;
            Ok::<String, Error>(relations.part(what, &format!("{name}.xml")))
        };
    let styles = sheet::write(language, portrait, numbered)?;
    add(&mut relations, "styles", "styles", STYLES, styles, &none)?;
    add(&mut relations, "settings", "settings", SETTINGS, parts::settings(language)?, &none)?;
    add(&mut relations, "fontTable", "fontTable", FONTS, parts::fonts()?, &none)?;
    let lists = parts::numbering(&composer.ordered, numbered)?;
    add(&mut relations, "numbering", "numbering", NUMBERING, lists, &none)?;
    add(&mut relations, "theme/theme1", "theme", THEME, office::theme("word/theme/theme1.xml")?, &none)?;
    let notes = parts::footnotes(&composer.notes)?;
    add(&mut relations, "footnotes", "footnotes", FOOTNOTES, notes, &composer.note_relations)?;
    let mut dress = Vec::new();
    for (index, width) in [portrait, landscape].into_iter().enumerate() {
        let shifted =
            |paragraph: &Paragraph| Paragraph { tab: (index > 0).then_some(width), ..paragraph.clone() };
        let (header, footer) = (format!("header{}", index + 1), format!("footer{}", index + 1));
        let top = parts::edge("w:hdr", &shifted(&head), &header)?;
        let bottom = parts::edge("w:ftr", &shifted(&foot), &footer)?;
        dress.push((
            add(&mut relations, &header, "header", HEADER, top, &none)?,
            add(&mut relations, &footer, "footer", FOOTER, bottom, &none)?,
        ));
    }
    let dress = Dress { portrait: dress[0].clone(), landscape: dress[1].clone() };
    let document = body::write(&composer.blocks, &dress)?;
    package.add("word/document.xml", DOCUMENT, document, &relations)?;
    office::properties(&mut package, composer.content, "word/document.xml")?;
    Package::finish(package)
}

/// Header and footer: the title and the candidates, the project and the page.
fn edges(composer: &Composer, pages: usize) -> (Paragraph, Paragraph) {
    let content = composer.content;
    let names: Vec<&str> =
        content.candidates.iter().map(|one| one.name.as_str()).filter(|name| !name.is_empty()).collect();
    let head = vec![
        Inline::text(office::shortened(&content.title, LONGEST_HEADER)),
        Inline::Tab,
        Inline::text(office::shortened(&names.join(", "), LONGEST_HEADER / 2)),
    ];
    let foot = vec![
        Inline::text(office::shortened(&content.project, LONGEST_HEADER)),
        Inline::Tab,
        Inline::text(format!("{}\u{a0}", composer.words.get("page"))),
        Inline::Field(Field::Page, "1".to_owned()),
        Inline::text("\u{a0}/\u{a0}"),
        Inline::Field(Field::Pages, pages.to_string()),
    ];
    let paragraph = |style, inlines| Paragraph { style, inlines, ..Paragraph::default() };
    (paragraph(Style::Header, head), paragraph(Style::Footer, foot))
}
