//! The slide master, its layouts and the master of the notes: where things stand, and how words look by default.

use super::model::{Area, BOTTOM, Emu, INDENT, Layout, MARGIN, POINT, ROOM, TOP, WIDTH, emu};
use super::shapes::{self, named, tree};
use crate::Error;
use crate::content::Language;
use crate::palette;
use crate::xml::Xml;

/// Where a slide's title stands.
pub(crate) const TITLE: Area = Area::new(MARGIN, 500_000, ROOM, 860_000);
/// Where paragraphs stand.
pub(crate) const BODY: Area = Area::new(MARGIN, TOP, ROOM, BOTTOM - TOP);
/// Where the footer stands.
pub(crate) const FOOTER: Area = Area::new(MARGIN, 6_356_000, 8_000_000, 260_000);
/// Where the number stands.
const NUMBER: Area = Area::new(WIDTH - MARGIN - 1_200_000, 6_356_000, 1_200_000, 260_000);
/// Where the title of the first slide stands.
pub(crate) const OPENING_TITLE: Area = Area::new(MARGIN, 1_560_000, ROOM, 1_800_000);
/// Where the words below it stand.
pub(crate) const OPENING_BODY: Area = Area::new(MARGIN, 3_760_000, ROOM, 2_600_000);
/// The short line between both.
const OPENING_LINE: Area = Area::new(MARGIN, 3_520_000, 90 * POINT, 4 * POINT);
/// A page of notes, A4 upright.
pub(crate) const NOTES_WIDTH: Emu = 6_858_000;
/// A page of notes.
pub(crate) const NOTES_HEIGHT: Emu = 9_906_000;
/// Where the slide stands on its page of notes.
pub(crate) const NOTES_SLIDE: Area = Area::new(857_250, 742_950, 5_143_500, 2_893_219);
/// Where the notes stand.
pub(crate) const NOTES_BODY: Area = Area::new(857_250, 3_900_000, 5_143_500, 5_300_000);

/// A place for words.
struct Place {
    kind: &'static str,
    index: u32,
    name: &'static str,
    area: Area,
    anchor: &'static str,
}

const fn spot(kind: &'static str, index: u32, name: &'static str, area: Area, anchor: &'static str) -> Place {
    Place { kind, index, name, area, anchor }
}

/// Writes a place: `words` stand in it where a slide is made from the layout by hand.
fn write_place(x: &mut Xml, id: usize, place: &Place, size: Option<(u32, bool, &str)>, language: Language) {
    x.tag("p:sp").with(|x| {
        x.tag("p:nvSpPr").with(|x| {
            x.tag("p:cNvPr").attr("id", id).attr("name", place.name).empty();
            x.tag("p:cNvSpPr").with(|x| x.tag("a:spLocks").attr("noGrp", 1).empty());
            x.tag("p:nvPr").with(|x| shapes::placeholder(x, place.kind, place.index));
        });
        x.tag("p:spPr").with(|x| {
            shapes::place(x, place.area);
            x.tag("a:prstGeom").attr("prst", "rect").with(|x| x.tag("a:avLst").empty());
        });
        x.tag("p:txBody").with(|x| {
            let body = x.tag("a:bodyPr").attr("lIns", 0).attr("tIns", 0).attr("rIns", 0).attr("bIns", 0);
            body.attr("anchor", place.anchor).with(|x| x.tag("a:normAutofit").empty());
            x.tag("a:lstStyle").with(|x| {
                if let Some((size, bold, color)) = size {
                    let align = if place.kind == "sldNum" { "r" } else { "l" };
                    let level = x.tag("a:lvl1pPr").attr("marL", 0).attr("indent", 0).attr("algn", align);
                    level.with(|x| {
                        x.tag("a:buNone").empty();
                        x.tag("a:defRPr").attr("sz", size).attr("b", u8::from(bold)).with(|x| {
                            shapes::fill(x, color);
                            // LibreOffice does not take a footer's font from the theme by itself.
                            let font = if place.kind == "ctrTitle" { "+mj-lt" } else { "+mn-lt" };
                            x.tag("a:latin").attr("typeface", font).empty();
                        });
                    });
                }
            });
            x.tag("a:p").with(|x| {
                if place.kind == "sldNum" {
                    let field = x.tag("a:fld").attr("id", "{B6F15528-21DE-4FAA-801E-634DDDAF4B2B}");
                    field.attr("type", "slidenum").with(|x| {
                        x.tag("a:rPr").attr("lang", language.tag()).empty();
                        x.tag("a:t").text("‹#›");
                    });
                } else {
                    x.tag("a:endParaRPr").attr("lang", language.tag()).empty();
                }
            });
        });
    });
}

fn footers(x: &mut Xml, first: usize, index: u32, language: Language) {
    let small = Some((1_200, false, palette::TEXT_3));
    write_place(x, first, &spot("ftr", index, "Footer", FOOTER, "ctr"), small, language);
    write_place(x, first + 1, &spot("sldNum", index + 1, "Slide number", NUMBER, "ctr"), small, language);
}

/// `ppt/slideMasters/slideMaster1.xml`; `layouts` are the ids of its relationships.
pub(crate) fn master(layouts: &[String], language: Language) -> Result<Vec<u8>, Error> {
    let mut x = Xml::document();
    named(x.tag("p:sldMaster")).with(|x| {
        shapes::tree_on(x, None, true, |x| {
            write_place(x, 2, &spot("title", 0, "Title", TITLE, "t"), None, language);
            write_place(x, 3, &spot("body", 1, "Text", BODY, "t"), None, language);
            footers(x, 4, 3, language);
        });
        colors(x);
        x.tag("p:sldLayoutIdLst").with(|x| {
            // Ids of layouts begin at 2^31, and the master has the first one.
            for (id, relation) in (2_147_483_649_u32..).zip(layouts) {
                x.tag("p:sldLayoutId").attr("id", id).attr("r:id", relation).empty();
            }
        });
        x.tag("p:txStyles").with(|x| {
            x.tag("p:titleStyle").with(|x| {
                x.tag("a:lvl1pPr").attr("algn", "l").with(|x| {
                    x.tag("a:buNone").empty();
                    words(x, 2_800, true, "+mj-lt");
                });
            });
            x.tag("p:bodyStyle").with(|x| {
                for (level, size) in [("a:lvl1pPr", 2_000), ("a:lvl2pPr", 1_800), ("a:lvl3pPr", 1_600)] {
                    let depth = match level {
                        "a:lvl1pPr" => 1.0,
                        "a:lvl2pPr" => 2.0,
                        _ => 3.0,
                    };
                    let tag = x.tag(level).attr("marL", emu(INDENT * depth)).attr("indent", -emu(INDENT));
                    tag.attr("algn", "l").with(|x| {
                        x.tag("a:spcBef").with(|x| x.tag("a:spcPts").attr("val", 600).empty());
                        x.tag("a:buClr").with(|x| x.tag("a:schemeClr").attr("val", "accent1").empty());
                        x.tag("a:buFont").attr("typeface", "Arial").empty();
                        x.tag("a:buChar").attr("char", "•").empty();
                        words(x, size, false, "+mn-lt");
                    });
                }
            });
            x.tag("p:otherStyle").with(|x| {
                x.tag("a:lvl1pPr").attr("algn", "l").with(|x| words(x, 1_400, false, "+mn-lt"));
            });
        });
    });
    x.finish("ppt/slideMasters/slideMaster1.xml")
}

fn words(x: &mut Xml, size: u32, bold: bool, font: &str) {
    x.tag("a:defRPr").attr("sz", size).attr("b", u8::from(bold)).attr("kern", 1_200).with(|x| {
        shapes::fill(x, palette::TEXT);
        x.tag("a:latin").attr("typeface", font).empty();
    });
}

fn colors(x: &mut Xml) {
    let map = x.tag("p:clrMap").attr("bg1", "lt1").attr("tx1", "dk1").attr("bg2", "lt2").attr("tx2", "dk2");
    let map = map.attr("accent1", "accent1").attr("accent2", "accent2").attr("accent3", "accent3");
    let map = map.attr("accent4", "accent4").attr("accent5", "accent5").attr("accent6", "accent6");
    map.attr("hlink", "hlink").attr("folHlink", "folHlink").empty();
}

/// `ppt/slideLayouts/slideLayout{n}.xml`.
pub(crate) fn layout(layout: Layout, name: &str, language: Language) -> Result<Vec<u8>, Error> {
    let kind = match layout {
        Layout::Opening => "title",
        Layout::Content => "obj",
        Layout::Free => "titleOnly",
    };
    let mut x = Xml::document();
    named(x.tag("p:sldLayout")).attr("type", kind).attr("preserve", 1).with(|x| {
        tree(x, Some(name), |x| {
            if layout == Layout::Opening {
                let title = spot("ctrTitle", 0, "Title", OPENING_TITLE, "b");
                write_place(x, 2, &title, Some((4_000, true, palette::TEXT)), language);
                let body = spot("subTitle", 1, "Subtitle", OPENING_BODY, "t");
                write_place(x, 3, &body, Some((2_000, false, palette::TEXT_2)), language);
                rule(x, 4);
                return;
            }
            write_place(x, 2, &spot("title", 0, "Title", TITLE, "t"), None, language);
            if layout == Layout::Content {
                write_place(x, 3, &spot("obj", 1, "Content", BODY, "t"), None, language);
            }
            footers(x, 4, 11, language);
        });
        x.tag("p:clrMapOvr").with(|x| x.tag("a:masterClrMapping").empty());
    });
    x.finish("ppt/slideLayouts")
}

/// The one ornament: a short line in the accent.
fn rule(x: &mut Xml, id: usize) {
    x.tag("p:sp").with(|x| {
        x.tag("p:nvSpPr").with(|x| {
            x.tag("p:cNvPr").attr("id", id).attr("name", "Line").empty();
            x.tag("p:cNvSpPr").empty();
            x.tag("p:nvPr").attr("userDrawn", 1).empty();
        });
        let look = super::model::Look { fill: Some(palette::ACCENT), ..super::model::Look::default() };
        shapes::box_properties(x, OPENING_LINE, look);
    });
}

/// `ppt/notesMasters/notesMaster1.xml`.
pub(crate) fn notes_master(language: Language) -> Result<Vec<u8>, Error> {
    let mut x = Xml::document();
    named(x.tag("p:notesMaster")).with(|x| {
        shapes::tree_on(x, None, true, |x| {
            super::notes::picture(x, 2, 2, Some(NOTES_SLIDE));
            let body = spot("body", 3, "Notes", NOTES_BODY, "t");
            write_place(x, 3, &body, Some((1_200, false, palette::TEXT)), language);
        });
        colors(x);
        x.tag("p:notesStyle").with(|x| {
            x.tag("a:lvl1pPr").attr("marL", 0).attr("algn", "l").with(|x| words(x, 1_200, false, "+mn-lt"));
        });
    });
    x.finish("ppt/notesMasters/notesMaster1.xml")
}
