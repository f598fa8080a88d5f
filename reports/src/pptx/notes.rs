//! Pages of notes: what the speaker sees.

use super::model::Area;
use super::shapes::{self, named, tree};
use crate::Error;
use crate::content::Language;
use crate::xml::Xml;

/// The picture of the slide on a page of notes.
pub(crate) fn picture(x: &mut Xml, id: usize, index: u32, area: Option<Area>) {
    x.tag("p:sp").with(|x| {
        x.tag("p:nvSpPr").with(|x| {
            x.tag("p:cNvPr").attr("id", id).attr("name", "Slide").empty();
            let locks = |x: &mut Xml| {
                x.tag("a:spLocks").attr("noGrp", 1).attr("noRot", 1).attr("noChangeAspect", 1).empty();
            };
            x.tag("p:cNvSpPr").with(locks);
            x.tag("p:nvPr").with(|x| x.tag("p:ph").attr("type", "sldImg").attr("idx", index).empty());
        });
        x.tag("p:spPr").with(|x| {
            if let Some(area) = area {
                shapes::place(x, area);
                x.tag("a:prstGeom").attr("prst", "rect").with(|x| x.tag("a:avLst").empty());
                x.tag("a:noFill").empty();
                x.tag("a:ln").attr("w", 6_350).with(|x| shapes::fill(x, crate::palette::HAIRLINE));
            }
        });
    });
}

/// `ppt/notesSlides/notesSlide{n}.xml`.
pub(crate) fn write(notes: &[String], part: &str, language: Language) -> Result<Vec<u8>, Error> {
    let mut x = Xml::document();
    named(x.tag("p:notes")).with(|x| {
        tree(x, None, |x| {
            picture(x, 2, 2, None);
            x.tag("p:sp").with(|x| {
                x.tag("p:nvSpPr").with(|x| {
                    x.tag("p:cNvPr").attr("id", 3).attr("name", "Notes").empty();
                    x.tag("p:cNvSpPr").with(|x| x.tag("a:spLocks").attr("noGrp", 1).empty());
                    x.tag("p:nvPr").with(|x| x.tag("p:ph").attr("type", "body").attr("idx", 3).empty());
                });
                x.tag("p:spPr").empty();
                x.tag("p:txBody").with(|x| {
                    x.tag("a:bodyPr").empty();
                    x.tag("a:lstStyle").empty();
                    for note in notes {
                        x.tag("a:p").with(|x| {
                            x.tag("a:r").with(|x| {
                                x.tag("a:rPr").attr("lang", language.tag()).attr("dirty", 0).empty();
                                x.tag("a:t").text(note);
                            });
                        });
                    }
                    if notes.is_empty() {
                        x.tag("a:p").with(|x| x.tag("a:endParaRPr").attr("lang", language.tag()).empty());
                    }
                });
            });
        });
        x.tag("p:clrMapOvr").with(|x| x.tag("a:masterClrMapping").empty());
    });
    x.finish(part)
}
