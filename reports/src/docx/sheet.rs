//! `word/styles.xml`: the table of styles as XML.

use super::model::{Look, Twips};
use super::properties::{Edge, ParagraphProperties, RunProperties, TabStop, edges};
use super::styles::{BASE, CODE_FONT, FONT, NUMBER_ROOM, Style};
use crate::Error;
use crate::content::Language;
use crate::palette;
use crate::xml::Xml;

/// `word/styles.xml`. `width` is the width of text on a portrait page, `numbered` whether headings are counted.
pub(crate) fn write(language: Language, width: Twips, numbered: bool) -> Result<Vec<u8>, Error> {
    let mut x = Xml::document();
    x.tag("w:styles").attr("xmlns:w", super::parts::MAIN).with(|x| {
        x.tag("w:docDefaults").with(|x| {
            x.tag("w:rPrDefault").with(|x| {
                RunProperties {
                    font: Some(FONT),
                    half_points: Some(BASE.half_points),
                    language: Some(language.tag()),
                    ..RunProperties::default()
                }
                .write(x);
            });
            x.tag("w:pPrDefault").with(|x| {
                ParagraphProperties {
                    after: Some(0),
                    line: Some(BASE.line),
                    ..ParagraphProperties::default()
                }
                .write(x);
            });
        });
        for style in Style::ALL {
            paragraph_style(x, style, width, numbered);
        }
        character_styles(x);
        table_styles(x);
        x.tag("w:style").attr("w:type", "numbering").attr("w:default", 1).attr("w:styleId", "NoList").with(
            |x| {
                x.tag("w:name").attr("w:val", "No List").empty();
            },
        );
    });
    x.finish("word/styles.xml")
}

fn paragraph_style(x: &mut Xml, style: Style, width: Twips, numbered: bool) {
    let spec = style.spec();
    let normal = style == Style::Normal;
    let own = matches!(
        style,
        Style::FrontHeading
            | Style::Code
            | Style::Figure
            | Style::Remark
            | Style::TableText
            | Style::TableHead
            | Style::CoverLabel
            | Style::CoverValue
    );
    let right = TabStop { side: "right", at: width, dots: style.is_entry() };
    let tabs = match style {
        Style::Header | Style::Footer => vec![right],
        _ if style.is_entry() => vec![TabStop { side: "left", at: spec.left, dots: false }, right],
        _ => Vec::new(),
    };
    let level = if numbered { style.level() } else { None };
    let hanging = if level.is_some() { NUMBER_ROOM } else { spec.hanging };
    let left = if level.is_some() { NUMBER_ROOM } else { spec.left };
    x.tag("w:style")
        .attr("w:type", "paragraph")
        .maybe("w:default", normal.then_some(1))
        .maybe("w:customStyle", own.then_some(1))
        .attr("w:styleId", spec.id)
        .with(|x| {
            x.tag("w:name").attr("w:val", spec.name).empty();
            if !normal {
                x.tag("w:basedOn").attr("w:val", "Normal").empty();
            }
            if let Some(next) = spec.next {
                x.tag("w:next").attr("w:val", next).empty();
            }
            x.tag("w:qFormat").empty();
            ParagraphProperties {
                keep_next: spec.keep_next,
                keep_lines: spec.keep_lines,
                page_break: spec.page_break,
                widow_control: normal.then_some(true),
                list: level.map(|level| (1, level - 1)),
                edges: spec.edges,
                shade: spec.shade,
                tabs: &tabs,
                before: Some(spec.before),
                after: Some(spec.after),
                line: Some(spec.line),
                left: Some(left).filter(|left| *left > 0),
                right: Some(spec.right).filter(|right| *right > 0),
                hanging: Some(hanging).filter(|hanging| *hanging > 0),
                outline: spec.outline,
                ..ParagraphProperties::default()
            }
            .write(x);
            RunProperties {
                font: spec.code.then_some(CODE_FONT),
                bold: spec.bold,
                italic: spec.italic,
                no_proof: spec.code,
                color: Some(spec.color),
                half_points: Some(spec.half_points),
                ..RunProperties::default()
            }
            .write(x);
        });
}

fn character_style(x: &mut Xml, id: &str, name: &str, properties: &RunProperties) {
    x.tag("w:style").attr("w:type", "character").attr("w:styleId", id).with(|x| {
        x.tag("w:name").attr("w:val", name).empty();
        properties.write(x);
    });
}

fn character_styles(x: &mut Xml) {
    let none = RunProperties::default;
    x.tag("w:style")
        .attr("w:type", "character")
        .attr("w:default", 1)
        .attr("w:styleId", "DefaultParagraphFont")
        .with(|x| x.tag("w:name").attr("w:val", "Default Paragraph Font").empty());
    character_style(x, "Hyperlink", "Hyperlink", &RunProperties { color: Some(palette::ACCENT), ..none() });
    character_style(
        x,
        "FootnoteReference",
        "footnote reference",
        &RunProperties { color: Some(palette::ACCENT), superscript: true, ..none() },
    );
    character_style(
        x,
        "CodeText",
        "Code text",
        &RunProperties { font: Some(CODE_FONT), no_proof: true, ..none() },
    );
    character_style(
        x,
        "Placeholder",
        "Placeholder",
        &RunProperties { color: Some(palette::WARN), shade: Some(palette::WARN_SOFT), ..none() },
    );
}

fn table_styles(x: &mut Xml) {
    let margins = |x: &mut Xml, top: Twips, side: Twips| {
        x.tag("w:tblCellMar").with(|x| {
            for (name, width) in [("w:top", top), ("w:left", 0), ("w:bottom", top), ("w:right", side)] {
                x.tag(name).attr("w:w", width).attr("w:type", "dxa").empty();
            }
        });
    };
    x.tag("w:style").attr("w:type", "table").attr("w:default", 1).attr("w:styleId", "TableNormal").with(
        |x| {
            x.tag("w:name").attr("w:val", "Normal Table").empty();
            x.tag("w:tblPr").with(|x| {
                x.tag("w:tblInd").attr("w:w", 0).attr("w:type", "dxa").empty();
                margins(x, 0, 0);
            });
        },
    );
    let rule = |side, width, color| Edge { side, width, space: 0, color };
    for (look, name) in [(Look::Airy, "Jalon table"), (Look::Dense, "Jalon dense table")] {
        x.tag("w:style")
            .attr("w:type", "table")
            .attr("w:customStyle", 1)
            .attr("w:styleId", look.style())
            .with(|x| {
                x.tag("w:name").attr("w:val", name).empty();
                x.tag("w:basedOn").attr("w:val", "TableNormal").empty();
                x.tag("w:tblPr").with(|x| {
                    x.tag("w:tblBorders").with(|x| {
                        edges(
                            x,
                            &[rule("bottom", 4, palette::HAIRLINE), rule("insideH", 4, palette::HAIRLINE)],
                        );
                    });
                    let (top, side) = look.margins();
                    margins(x, top, side);
                });
                x.tag("w:tblStylePr").attr("w:type", "firstRow").with(|x| {
                    x.tag("w:tcPr").with(|x| {
                        x.tag("w:tcBorders").with(|x| edges(x, &[rule("bottom", 8, palette::LINE)]));
                    });
                });
            });
    }
}
