//! Shapes of a slide as XML, in the order that `DrawingML` allows.

use super::model::{Align, Anchor, Area, INDENT, Look, Paragraph, Shape, Span, emu};
use super::table;
use crate::content::Language;
use crate::docx::blip;
use crate::office::{DRAWING, RELATIONSHIPS};
use crate::palette;
use crate::xml::{Tag, Xml};

/// `PresentationML`.
pub(crate) const MAIN: &str = "http://schemas.openxmlformats.org/presentationml/2006/main";

/// Declares the names that slides use.
pub(crate) fn named(tag: Tag<'_>) -> Tag<'_> {
    tag.attr("xmlns:a", DRAWING).attr("xmlns:r", RELATIONSHIPS).attr("xmlns:p", MAIN)
}

/// Writes a tree of shapes: `p:cSld`.
pub(crate) fn tree(x: &mut Xml, name: Option<&str>, inside: impl FnOnce(&mut Xml)) {
    tree_on(x, name, false, inside);
}

/// The same, with the theme's white as its ground where it is a master's.
pub(crate) fn tree_on(x: &mut Xml, name: Option<&str>, ground: bool, inside: impl FnOnce(&mut Xml)) {
    x.tag("p:cSld").maybe("name", name).with(|x| {
        if ground {
            x.tag("p:bg").with(|x| {
                x.tag("p:bgPr").with(|x| {
                    x.tag("a:solidFill").with(|x| x.tag("a:schemeClr").attr("val", "bg1").empty());
                    x.tag("a:effectLst").empty();
                });
            });
        }
        x.tag("p:spTree").with(|x| {
            x.tag("p:nvGrpSpPr").with(|x| {
                x.tag("p:cNvPr").attr("id", 1).attr("name", "").empty();
                x.tag("p:cNvGrpSpPr").empty();
                x.tag("p:nvPr").empty();
            });
            x.tag("p:grpSpPr").with(|x| {
                x.tag("a:xfrm").with(|x| {
                    x.tag("a:off").attr("x", 0).attr("y", 0).empty();
                    x.tag("a:ext").attr("cx", 0).attr("cy", 0).empty();
                    x.tag("a:chOff").attr("x", 0).attr("y", 0).empty();
                    x.tag("a:chExt").attr("cx", 0).attr("cy", 0).empty();
                });
            });
            inside(x);
        });
    });
}

/// Writes a shape. Its id follows from its place in the list.
pub(crate) fn write(x: &mut Xml, shape: &Shape, at: usize, language: Language) {
    let id = id(at);
    match shape {
        Shape::Placeholder { kind, index, words, area } => {
            x.tag("p:sp").with(|x| {
                x.tag("p:nvSpPr").with(|x| {
                    x.tag("p:cNvPr").attr("id", id).attr("name", format_args!("{kind} {id}")).empty();
                    x.tag("p:cNvSpPr").with(|x| x.tag("a:spLocks").attr("noGrp", 1).empty());
                    x.tag("p:nvPr").with(|x| placeholder(x, kind, *index));
                });
                x.tag("p:spPr").with(|x| {
                    if let Some(area) = area {
                        place(x, *area);
                    }
                });
                x.tag("p:txBody").with(|x| {
                    x.tag("a:bodyPr").with(|x| x.tag("a:noAutofit").empty());
                    x.tag("a:lstStyle").empty();
                    paragraphs(x, words, *kind == "sldNum", language);
                });
            });
        }
        Shape::Box { name, area, look, words, anchor } => {
            x.tag("p:sp").with(|x| {
                x.tag("p:nvSpPr").with(|x| {
                    x.tag("p:cNvPr").attr("id", id).attr("name", name).empty();
                    x.tag("p:cNvSpPr")
                        .maybe("txBox", (!words.is_empty() && look.fill.is_none()).then_some(1))
                        .empty();
                    x.tag("p:nvPr").empty();
                });
                box_properties(x, *area, *look);
                x.tag("p:txBody").with(|x| {
                    body(x, look.inset, *anchor);
                    x.tag("a:lstStyle").empty();
                    paragraphs(x, words, false, language);
                });
            });
        }
        Shape::Arrow { name, from, to, area } => arrow(x, name, (id, *from, *to), *area),
        Shape::Picture { name, area, raster, svg, alt } => {
            x.tag("p:pic").with(|x| {
                x.tag("p:nvPicPr").with(|x| {
                    let descr = alt.split_whitespace().collect::<Vec<_>>().join(" ");
                    x.tag("p:cNvPr").attr("id", id).attr("name", name).attr("descr", descr).empty();
                    x.tag("p:cNvPicPr").with(|x| x.tag("a:picLocks").attr("noChangeAspect", 1).empty());
                    x.tag("p:nvPr").empty();
                });
                x.tag("p:blipFill").with(|x| {
                    blip(x, raster, svg.as_deref());
                    x.tag("a:stretch").with(|x| x.tag("a:fillRect").empty());
                });
                x.tag("p:spPr").with(|x| {
                    place(x, *area);
                    x.tag("a:prstGeom").attr("prst", "rect").with(|x| x.tag("a:avLst").empty());
                });
            });
        }
        Shape::Table(it) => table::write(x, it, id, language),
    }
}

/// Id of the shape at a place in the list; 1 is the tree.
pub(crate) fn id(at: usize) -> usize {
    at + 2
}

/// `p:ph`.
pub(crate) fn placeholder(x: &mut Xml, kind: &str, index: u32) {
    let small = matches!(kind, "sldNum" | "ftr");
    x.tag("p:ph")
        .maybe("type", (kind != "obj").then_some(kind))
        .maybe("sz", small.then_some("quarter"))
        .maybe("idx", (index > 0).then_some(index))
        .empty();
}

/// `a:xfrm`.
pub(crate) fn place(x: &mut Xml, area: Area) {
    x.tag("a:xfrm").with(|x| {
        x.tag("a:off").attr("x", area.x).attr("y", area.y).empty();
        x.tag("a:ext").attr("cx", area.width).attr("cy", area.height).empty();
    });
}

/// One colour: the theme's where it has it, so that a theme changed by the student changes the slides.
pub(crate) fn fill(x: &mut Xml, color: &str) {
    let scheme = match color {
        palette::TEXT => Some("tx1"),
        palette::TEXT_2 => Some("tx2"),
        palette::SUNKEN => Some("bg2"),
        palette::ACCENT => Some("accent1"),
        palette::OK => Some("accent2"),
        palette::WARN => Some("accent3"),
        palette::BAD => Some("accent4"),
        palette::TEXT_3 => Some("accent5"),
        palette::HAIRLINE => Some("accent6"),
        _ => None,
    };
    x.tag("a:solidFill").with(|x| match scheme {
        Some(name) => x.tag("a:schemeClr").attr("val", name).empty(),
        None => x.tag("a:srgbClr").attr("val", color).empty(),
    });
}

/// `p:spPr` of a box.
pub(crate) fn box_properties(x: &mut Xml, area: Area, look: Look) {
    x.tag("p:spPr").with(|x| {
        place(x, area);
        let round = look.radius > 0;
        x.tag("a:prstGeom").attr("prst", if round { "roundRect" } else { "rect" }).with(|x| {
            x.tag("a:avLst").with(|x| {
                if round {
                    // In 100,000ths of the shorter side.
                    let value = look.radius * 100_000 / area.width.min(area.height).max(1);
                    let formula = format!("val {}", value.min(50_000));
                    x.tag("a:gd").attr("name", "adj").attr("fmla", formula).empty();
                }
            });
        });
        match look.fill {
            Some(color) => fill(x, color),
            None => x.tag("a:noFill").empty(),
        }
        let weight = if look.weight > 0 { look.weight } else { 9_525 };
        x.tag("a:ln").attr("w", weight).with(|x| match look.line {
            Some(color) => fill(x, color),
            None => x.tag("a:noFill").empty(),
        });
    });
}

/// `a:bodyPr`: words stay in the box as they were measured.
pub(crate) fn body(x: &mut Xml, inset: i64, anchor: Anchor) {
    let anchor = match anchor {
        Anchor::Top => "t",
        Anchor::Middle => "ctr",
    };
    x.tag("a:bodyPr")
        .attr("wrap", "square")
        .attr("lIns", inset)
        .attr("tIns", inset)
        .attr("rIns", inset)
        .attr("bIns", inset)
        .attr("anchor", anchor)
        .with(|x| x.tag("a:noAutofit").empty());
}

/// Writes paragraphs; there is always one.
pub(crate) fn paragraphs(x: &mut Xml, words: &[Paragraph], number: bool, language: Language) {
    if words.is_empty() {
        x.tag("a:p").with(|x| x.tag("a:endParaRPr").attr("lang", language.tag()).empty());
    }
    for paragraph in words {
        x.tag("a:p").with(|x| {
            let align = match paragraph.align {
                Align::Left => None,
                Align::Center => Some("ctr"),
                Align::Right => Some("r"),
            };
            let left = (!paragraph.bullet).then_some(if paragraph.under { emu(INDENT) } else { 0 });
            let indent = (!paragraph.bullet).then_some(0);
            let properties = x.tag("a:pPr").maybe("marL", left).maybe("indent", indent).maybe("algn", align);
            properties.with(|x| {
                if paragraph.before > 0.0 {
                    x.tag("a:spcBef")
                        .with(|x| x.tag("a:spcPts").attr("val", hundredths(paragraph.before)).empty());
                }
                if !paragraph.bullet {
                    x.tag("a:buNone").empty();
                }
            });
            for span in &paragraph.spans {
                if number {
                    let field = x.tag("a:fld").attr("id", "{B6F15528-21DE-4FAA-801E-634DDDAF4B2B}");
                    field.attr("type", "slidenum").with(|x| run_inside(x, span, language));
                } else {
                    x.tag("a:r").with(|x| run_inside(x, span, language));
                }
            }
        });
    }
}

#[expect(clippy::cast_possible_truncation, reason = "sizes of words")]
fn hundredths(points: f64) -> i64 {
    (points * 100.0).round() as i64
}

fn run_inside(x: &mut Xml, span: &Span, language: Language) {
    x.tag("a:rPr")
        .attr("lang", language.tag())
        .attr("sz", hundredths(span.points))
        .attr("b", u8::from(span.bold))
        .attr("dirty", 0)
        .with(|x| {
            fill(x, span.color);
            if let Some(color) = span.ground {
                x.tag("a:highlight").with(|x| x.tag("a:srgbClr").attr("val", color).empty());
            }
        });
    x.tag("a:t").text(&span.text);
}

fn arrow(x: &mut Xml, name: &str, (id, from, to): (usize, usize, usize), area: Area) {
    x.tag("p:cxnSp").with(|x| {
        x.tag("p:nvCxnSpPr").with(|x| {
            x.tag("p:cNvPr").attr("id", id).attr("name", name).empty();
            x.tag("p:cNvCxnSpPr").with(|x| {
                // Sites of a rectangle: 0 above, 1 left, 2 below, 3 right.
                x.tag("a:stCxn").attr("id", self::id(from)).attr("idx", 3).empty();
                x.tag("a:endCxn").attr("id", self::id(to)).attr("idx", 1).empty();
            });
            x.tag("p:nvPr").empty();
        });
        x.tag("p:spPr").with(|x| {
            place(x, area);
            x.tag("a:prstGeom").attr("prst", "straightConnector1").with(|x| x.tag("a:avLst").empty());
            x.tag("a:ln").attr("w", 22_225).with(|x| {
                fill(x, palette::ACCENT);
                x.tag("a:tailEnd").attr("type", "triangle").attr("w", "med").attr("len", "med").empty();
            });
        });
    });
}
