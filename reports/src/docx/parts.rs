//! The smaller parts of a Word document: settings, fonts, lists, headers, footers, footnotes.

use super::body::{self, Ids, Size};
use super::model::{Inline, Paragraph, Twips};
use super::properties::ParagraphProperties;
use super::ruler::LIST_STEP;
use super::styles::{CODE_FONT, FONT, NUMBER_ROOM, Style};
use crate::Error;
use crate::content::Language;
use crate::office::{DRAWING, RELATIONSHIPS};
use crate::palette;
use crate::xml::{Tag, Xml};

/// `WordprocessingML`.
pub(crate) const MAIN: &str = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";

/// Declares the names that the flow of a document uses.
pub(crate) fn named(tag: Tag<'_>) -> Tag<'_> {
    tag.attr("xmlns:w", MAIN)
        .attr("xmlns:r", RELATIONSHIPS)
        .attr("xmlns:wp", "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing")
        .attr("xmlns:a", DRAWING)
        .attr("xmlns:pic", "http://schemas.openxmlformats.org/drawingml/2006/picture")
}

/// `word/settings.xml`. Fields are not marked for an update: their results are already right.
pub(crate) fn settings(language: Language) -> Result<Vec<u8>, Error> {
    let mut x = Xml::document();
    x.tag("w:settings").attr("xmlns:w", MAIN).with(|x| {
        x.tag("w:zoom").attr("w:percent", 100).empty();
        x.tag("w:defaultTabStop").attr("w:val", 708).empty();
        x.tag("w:characterSpacingControl").attr("w:val", "doNotCompress").empty();
        x.tag("w:footnotePr").with(|x| {
            x.tag("w:footnote").attr("w:id", -1).empty();
            x.tag("w:footnote").attr("w:id", 0).empty();
        });
        x.tag("w:compat").with(|x| {
            x.tag("w:compatSetting")
                .attr("w:name", "compatibilityMode")
                .attr("w:uri", "http://schemas.microsoft.com/office/word")
                .attr("w:val", 15)
                .empty();
        });
        x.tag("w:themeFontLang").attr("w:val", language.tag()).empty();
        let (decimal, list) = if language == Language::Fr { (",", ";") } else { (".", ",") };
        x.tag("w:decimalSymbol").attr("w:val", decimal).empty();
        x.tag("w:listSeparator").attr("w:val", list).empty();
    });
    x.finish("word/settings.xml")
}

/// `word/fontTable.xml`: what may stand in where a font is missing. None is embedded.
pub(crate) fn fonts() -> Result<Vec<u8>, Error> {
    let mut x = Xml::document();
    x.tag("w:fonts").attr("xmlns:w", MAIN).with(|x| {
        for (name, other, family, pitch) in [
            (FONT, "Liberation Sans", "swiss", "variable"),
            (CODE_FONT, "Liberation Mono", "modern", "fixed"),
        ] {
            x.tag("w:font").attr("w:name", name).with(|x| {
                x.tag("w:altName").attr("w:val", other).empty();
                x.tag("w:charset").attr("w:val", "00").empty();
                x.tag("w:family").attr("w:val", family).empty();
                x.tag("w:pitch").attr("w:val", pitch).empty();
            });
        }
    });
    x.finish("word/fontTable.xml")
}

/// Number of the list of headings.
pub(crate) const HEADINGS: u32 = 1;
/// Number of the list of bullets.
pub(crate) const BULLETS: u32 = 2;
/// Number of the first ordered list.
pub(crate) const FIRST_ORDERED: u32 = 3;

/// `word/numbering.xml`. `ordered` holds the first number of every ordered list.
pub(crate) fn numbering(ordered: &[u64], numbered: bool) -> Result<Vec<u8>, Error> {
    let mut x = Xml::document();
    x.tag("w:numbering").attr("xmlns:w", MAIN).with(|x| {
        define(x, HEADINGS, |x, level| {
            let style = Style::heading(level + 1).spec().id;
            let counted = numbered && level < 3;
            let text: String = (1..=level + 1).map(|n| format!("%{n}")).collect::<Vec<_>>().join(".");
            let style = counted.then_some(style);
            let text = if counted { text } else { String::new() };
            one(x, level, "decimal", style, &text, (NUMBER_ROOM, NUMBER_ROOM), Some(palette::ACCENT));
        });
        define(x, BULLETS, |x, level| {
            let text = if level % 2 == 0 { "•" } else { "–" };
            one(x, level, "bullet", None, text, step(level), Some(palette::TEXT_3));
        });
        define(x, FIRST_ORDERED, |x, level| {
            let format = ["decimal", "lowerLetter", "lowerRoman"][usize::from(level % 3)];
            one(x, level, format, None, &format!("%{}.", level + 1), step(level), None);
        });
        let count = u32::try_from(ordered.len()).unwrap_or(u32::MAX - FIRST_ORDERED);
        for id in 1..FIRST_ORDERED + count {
            x.tag("w:num").attr("w:numId", id).with(|x| {
                x.tag("w:abstractNumId").attr("w:val", id.min(FIRST_ORDERED)).empty();
                let start =
                    id.checked_sub(FIRST_ORDERED).and_then(|at| ordered.get(usize::try_from(at).ok()?));
                if let Some(start) = start {
                    for level in 0..9 {
                        x.tag("w:lvlOverride").attr("w:ilvl", level).with(|x| {
                            // Word counts with 16 bits.
                            x.tag("w:startOverride").attr("w:val", (*start).min(32_767)).empty();
                        });
                    }
                }
            });
        }
    });
    x.finish("word/numbering.xml")
}

fn step(level: u8) -> (Twips, Twips) {
    (LIST_STEP * (Twips::from(level) + 1), LIST_STEP)
}

fn define(x: &mut Xml, id: u32, level: impl Fn(&mut Xml, u8)) {
    x.tag("w:abstractNum").attr("w:abstractNumId", id).with(|x| {
        x.tag("w:multiLevelType").attr("w:val", "multilevel").empty();
        for at in 0..9 {
            level(x, at);
        }
    });
}

fn one(
    x: &mut Xml,
    level: u8,
    format: &str,
    style: Option<&str>,
    text: &str,
    (left, hanging): (Twips, Twips),
    color: Option<&'static str>,
) {
    x.tag("w:lvl").attr("w:ilvl", level).with(|x| {
        x.tag("w:start").attr("w:val", 1).empty();
        x.tag("w:numFmt").attr("w:val", format).empty();
        if let Some(style) = style {
            x.tag("w:pStyle").attr("w:val", style).empty();
        }
        x.tag("w:lvlText").attr("w:val", text).empty();
        x.tag("w:lvlJc").attr("w:val", "left").empty();
        ParagraphProperties { left: Some(left), hanging: Some(hanging), ..ParagraphProperties::default() }
            .write(x);
        super::properties::RunProperties { color, ..super::properties::RunProperties::default() }.write(x);
    });
}

/// A header or footer of one paragraph.
pub(crate) fn edge(name: &'static str, paragraph: &Paragraph, part: &str) -> Result<Vec<u8>, Error> {
    let mut x = Xml::document();
    named(x.tag(name)).with(|x| body::paragraph(x, paragraph, &mut Ids::default()));
    x.finish(part)
}

/// `word/footnotes.xml`.
pub(crate) fn footnotes(notes: &[Vec<Inline>]) -> Result<Vec<u8>, Error> {
    let mut x = Xml::document();
    let style = Style::FootnoteText.spec();
    let size = Size { half_points: style.half_points, own: false };
    named(x.tag("w:footnotes")).with(|x| {
        for (id, kind, mark) in
            [(-1, "separator", "w:separator"), (0, "continuationSeparator", "w:continuationSeparator")]
        {
            x.tag("w:footnote").attr("w:type", kind).attr("w:id", id).with(|x| {
                x.tag("w:p").with(|x| {
                    x.tag("w:pPr").with(|x| {
                        x.tag("w:spacing")
                            .attr("w:after", 0)
                            .attr("w:line", 240)
                            .attr("w:lineRule", "auto")
                            .empty();
                    });
                    x.tag("w:r").with(|x| x.tag(mark).empty());
                });
            });
        }
        for (index, words) in notes.iter().enumerate() {
            x.tag("w:footnote").attr("w:id", index + 1).with(|x| {
                x.tag("w:p").with(|x| {
                    ParagraphProperties { style: Some(style.id), ..ParagraphProperties::default() }.write(x);
                    x.tag("w:r").with(|x| {
                        x.tag("w:rPr").with(|x| x.tag("w:rStyle").attr("w:val", "FootnoteReference").empty());
                        x.tag("w:footnoteRef").empty();
                    });
                    x.tag("w:r").with(|x| x.tag("w:t").attr("xml:space", "preserve").text(" "));
                    for word in words {
                        body::inline(x, word, size, &mut Ids::default());
                    }
                });
            });
        }
    });
    x.finish("word/footnotes.xml")
}
