//! Properties of paragraphs and of words, written in the one order that the schema allows (ECMA-376 part 1, 17.3).

use super::model::Twips;
use crate::xml::Xml;

/// Distance from line to line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Line {
    /// Of the font's own height, in 240ths.
    Auto(i32),
    /// In twips, whatever the font.
    Exact(Twips),
}

/// A line beside a paragraph.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Edge {
    /// `top`, `left`, `bottom` or `right`, as an element's name.
    pub side: &'static str,
    /// Width in eighths of a point.
    pub width: u32,
    /// Distance from the words in points.
    pub space: u32,
    /// Colour.
    pub color: &'static str,
}

/// A tab stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TabStop {
    /// `left` or `right`.
    pub side: &'static str,
    /// Place in twips from the margin.
    pub at: Twips,
    /// With dots up to it.
    pub dots: bool,
}

/// `w:pPr`. Empty fields leave the style's value.
#[derive(Debug, Clone, Default)]
pub(crate) struct ParagraphProperties<'a> {
    pub style: Option<&'a str>,
    pub keep_next: bool,
    pub keep_lines: bool,
    pub page_break: bool,
    pub widow_control: Option<bool>,
    pub list: Option<(u32, u8)>,
    pub edges: &'a [Edge],
    pub shade: Option<&'static str>,
    pub tabs: &'a [TabStop],
    pub before: Option<Twips>,
    pub after: Option<Twips>,
    pub line: Option<Line>,
    pub left: Option<Twips>,
    pub right: Option<Twips>,
    pub hanging: Option<Twips>,
    pub align: Option<&'static str>,
    pub outline: Option<u8>,
}

fn flag(x: &mut Xml, name: &'static str, on: bool) {
    if on {
        x.tag(name).empty();
    }
}

impl ParagraphProperties<'_> {
    fn is_empty(&self) -> bool {
        !(self.keep_next || self.keep_lines || self.page_break)
            && self.style.is_none()
            && self.widow_control.is_none()
            && self.list.is_none()
            && self.edges.is_empty()
            && self.shade.is_none()
            && self.tabs.is_empty()
            && self.before.or(self.after).or(self.left).or(self.right).or(self.hanging).is_none()
            && self.line.is_none()
            && self.align.is_none()
            && self.outline.is_none()
    }

    /// Writes the element, or nothing where every field is empty.
    pub fn write(&self, x: &mut Xml) {
        if !self.is_empty() {
            x.tag("w:pPr").with(|x| self.inside(x));
        }
    }

    fn inside(&self, x: &mut Xml) {
        if let Some(style) = self.style {
            x.tag("w:pStyle").attr("w:val", style).empty();
        }
        flag(x, "w:keepNext", self.keep_next);
        flag(x, "w:keepLines", self.keep_lines);
        flag(x, "w:pageBreakBefore", self.page_break);
        if let Some(on) = self.widow_control {
            x.tag("w:widowControl").attr("w:val", u8::from(on)).empty();
        }
        if let Some((list, level)) = self.list {
            x.tag("w:numPr").with(|x| {
                x.tag("w:ilvl").attr("w:val", level).empty();
                x.tag("w:numId").attr("w:val", list).empty();
            });
        }
        if !self.edges.is_empty() {
            x.tag("w:pBdr").with(|x| edges(x, self.edges));
        }
        if let Some(color) = self.shade {
            shade(x, color);
        }
        if !self.tabs.is_empty() {
            x.tag("w:tabs").with(|x| {
                for tab in self.tabs {
                    x.tag("w:tab")
                        .attr("w:val", tab.side)
                        .maybe("w:leader", tab.dots.then_some("dot"))
                        .attr("w:pos", tab.at)
                        .empty();
                }
            });
        }
        if self.before.or(self.after).is_some() || self.line.is_some() {
            let (line, rule) = match self.line {
                Some(Line::Auto(line)) => (Some(line), Some("auto")),
                Some(Line::Exact(line)) => (Some(line), Some("exact")),
                None => (None, None),
            };
            x.tag("w:spacing")
                .maybe("w:before", self.before)
                .maybe("w:after", self.after)
                .maybe("w:line", line)
                .maybe("w:lineRule", rule)
                .empty();
        }
        if self.left.or(self.right).or(self.hanging).is_some() {
            x.tag("w:ind")
                .maybe("w:left", self.left)
                .maybe("w:right", self.right)
                .maybe("w:hanging", self.hanging)
                .empty();
        }
        if let Some(align) = self.align {
            x.tag("w:jc").attr("w:val", align).empty();
        }
        if let Some(level) = self.outline {
            x.tag("w:outlineLvl").attr("w:val", level).empty();
        }
    }
}

/// Lines around a paragraph, a table or a cell, in the order given (top, left, bottom, right).
pub(crate) fn edges(x: &mut Xml, edges: &[Edge]) {
    for edge in edges {
        let name = match edge.side {
            "top" => "w:top",
            "left" => "w:left",
            "bottom" => "w:bottom",
            "insideH" => "w:insideH",
            _ => "w:right",
        };
        x.tag(name)
            .attr("w:val", "single")
            .attr("w:sz", edge.width)
            .attr("w:space", edge.space)
            .attr("w:color", edge.color)
            .empty();
    }
}

/// A plain ground.
pub(crate) fn shade(x: &mut Xml, color: &str) {
    x.tag("w:shd").attr("w:val", "clear").attr("w:color", "auto").attr("w:fill", color).empty();
}

/// `w:rPr`. Empty fields leave the style's value.
#[derive(Debug, Clone, Default)]
pub(crate) struct RunProperties<'a> {
    pub style: Option<&'a str>,
    pub font: Option<&'static str>,
    pub bold: bool,
    pub italic: bool,
    pub strike: bool,
    pub no_proof: bool,
    pub color: Option<&'static str>,
    pub half_points: Option<u32>,
    pub underline: bool,
    pub shade: Option<&'static str>,
    pub superscript: bool,
    pub language: Option<&'a str>,
}

impl RunProperties<'_> {
    /// Writes the element, or nothing where every field is empty.
    pub fn write(&self, x: &mut Xml) {
        let plain = self.style.is_none()
            && self.font.is_none()
            && !(self.bold
                || self.italic
                || self.strike
                || self.no_proof
                || self.underline
                || self.superscript)
            && self.color.or(self.shade).is_none()
            && self.half_points.is_none()
            && self.language.is_none();
        if plain {
            return;
        }
        x.tag("w:rPr").with(|x| self.inside(x));
    }

    fn inside(&self, x: &mut Xml) {
        if let Some(style) = self.style {
            x.tag("w:rStyle").attr("w:val", style).empty();
        }
        if let Some(font) = self.font {
            x.tag("w:rFonts")
                .attr("w:ascii", font)
                .attr("w:hAnsi", font)
                .attr("w:eastAsia", font)
                .attr("w:cs", font)
                .empty();
        }
        flag(x, "w:b", self.bold);
        flag(x, "w:bCs", self.bold);
        flag(x, "w:i", self.italic);
        flag(x, "w:iCs", self.italic);
        flag(x, "w:strike", self.strike);
        flag(x, "w:noProof", self.no_proof);
        if let Some(color) = self.color {
            x.tag("w:color").attr("w:val", color).empty();
        }
        if let Some(size) = self.half_points {
            x.tag("w:sz").attr("w:val", size).empty();
            x.tag("w:szCs").attr("w:val", size).empty();
        }
        if self.underline {
            x.tag("w:u").attr("w:val", "single").empty();
        }
        if let Some(color) = self.shade {
            shade(x, color);
        }
        if self.superscript {
            x.tag("w:vertAlign").attr("w:val", "superscript").empty();
        }
        if let Some(language) = self.language {
            x.tag("w:lang").attr("w:val", language).attr("w:eastAsia", language).empty();
        }
    }
}
