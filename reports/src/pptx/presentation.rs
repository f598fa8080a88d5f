//! The parts put together.

use super::deck::Deck;
use super::master;
use super::model::{HEIGHT, Layout, Slide, WIDTH};
use super::notes;
use super::shapes::{self, named, tree};
use crate::Error;
use crate::content::Language;
use crate::office;
use crate::package::{Package, Relationships};
use crate::xml::Xml;

/// Content type of a presentation's part.
macro_rules! content_type {
    ($part:literal) => {
        concat!("application/vnd.openxmlformats-officedocument.presentationml.", $part, "+xml")
    };
}
const PRESENTATION: &str = content_type!("presentation.main");
const MASTER: &str = content_type!("slideMaster");
const LAYOUT: &str = content_type!("slideLayout");
const SLIDE: &str = content_type!("slide");
const NOTES_MASTER: &str = content_type!("notesMaster");
const NOTES: &str = content_type!("notesSlide");
const PROPERTIES: &str = content_type!("presProps");
const THEME: &str = "application/vnd.openxmlformats-officedocument.theme+xml";

/// The bytes of the presentation.
pub(super) fn write(deck: Deck) -> Result<Vec<u8>, Error> {
    let Deck { content, words, slides, mut package, .. } = deck;
    let language = words.language();
    let none = Relationships::default();

    let mut relations = Relationships::default();
    let of_master = relations.part("slideMaster", "slideMasters/slideMaster1.xml");
    let of_notes = relations.part("notesMaster", "notesMasters/notesMaster1.xml");
    let of_slides: Vec<String> = (1..=slides.len())
        .map(|number| relations.part("slide", &format!("slides/slide{number}.xml")))
        .collect();
    relations.part("presProps", "presProps.xml");
    relations.part("theme", "theme/theme1.xml");
    let main = presentation(&of_master, &of_notes, &of_slides, language)?;
    package.add("ppt/presentation.xml", PRESENTATION, main, &relations)?;
    let mut x = Xml::document();
    named(x.tag("p:presentationPr")).empty();
    package.add("ppt/presProps.xml", PROPERTIES, x.finish("ppt/presProps.xml")?, &none)?;
    for number in 1..=2 {
        let name = format!("ppt/theme/theme{number}.xml");
        package.add(&name, THEME, office::theme(&name)?, &none)?;
    }

    let mut own = Relationships::default();
    let layouts: Vec<String> = Layout::ALL
        .iter()
        .map(|layout| own.part("slideLayout", &format!("../slideLayouts/slideLayout{}.xml", layout.number())))
        .collect();
    own.part("theme", "../theme/theme1.xml");
    let master = master::master(&layouts, language)?;
    package.add("ppt/slideMasters/slideMaster1.xml", MASTER, master, &own)?;
    for layout in Layout::ALL {
        let key = match layout {
            Layout::Opening => "layout-opening",
            Layout::Content => "layout-content",
            Layout::Free => "layout-free",
        };
        let mut own = Relationships::default();
        own.part("slideMaster", "../slideMasters/slideMaster1.xml");
        let bytes = master::layout(layout, &words.get(key), language)?;
        package.add(&format!("ppt/slideLayouts/slideLayout{}.xml", layout.number()), LAYOUT, bytes, &own)?;
    }
    let mut own = Relationships::default();
    own.part("theme", "../theme/theme2.xml");
    let bytes = master::notes_master(language)?;
    package.add("ppt/notesMasters/notesMaster1.xml", NOTES_MASTER, bytes, &own)?;
    for (slide, number) in slides.into_iter().zip(1..) {
        add_slide(&mut package, slide, number, language)?;
    }
    office::properties(&mut package, content, "ppt/presentation.xml")?;
    package.finish()
}

fn add_slide(package: &mut Package, slide: Slide, number: usize, language: Language) -> Result<(), Error> {
    let name = format!("ppt/slides/slide{number}.xml");
    let mut x = Xml::document();
    named(x.tag("p:sld")).with(|x| {
        tree(x, None, |x| {
            for (at, shape) in slide.shapes.iter().enumerate() {
                shapes::write(x, shape, at, language);
            }
        });
        x.tag("p:clrMapOvr").with(|x| x.tag("a:masterClrMapping").empty());
    });
    let mut own = slide.relations;
    own.part("slideLayout", &format!("../slideLayouts/slideLayout{}.xml", slide.layout.number()));
    own.part("notesSlide", &format!("../notesSlides/notesSlide{number}.xml"));
    package.add(&name, SLIDE, x.finish(&name)?, &own)?;

    let name = format!("ppt/notesSlides/notesSlide{number}.xml");
    let mut own = Relationships::default();
    own.part("notesMaster", "../notesMasters/notesMaster1.xml");
    own.part("slide", &format!("../slides/slide{number}.xml"));
    package.add(&name, NOTES, notes::write(&slide.notes, &name, language)?, &own)
}

fn presentation(master: &str, notes: &str, slides: &[String], language: Language) -> Result<Vec<u8>, Error> {
    let mut x = Xml::document();
    named(x.tag("p:presentation")).attr("saveSubsetFonts", 1).with(|x| {
        x.tag("p:sldMasterIdLst").with(|x| {
            x.tag("p:sldMasterId").attr("id", 2_147_483_648_u32).attr("r:id", master).empty();
        });
        x.tag("p:notesMasterIdLst").with(|x| x.tag("p:notesMasterId").attr("r:id", notes).empty());
        x.tag("p:sldIdLst").with(|x| {
            // Ids of slides begin at 256.
            for (id, relation) in (256_u32..).zip(slides) {
                x.tag("p:sldId").attr("id", id).attr("r:id", relation).empty();
            }
        });
        x.tag("p:sldSz").attr("cx", WIDTH).attr("cy", HEIGHT).empty();
        x.tag("p:notesSz").attr("cx", master::NOTES_WIDTH).attr("cy", master::NOTES_HEIGHT).empty();
        x.tag("p:defaultTextStyle").with(|x| {
            x.tag("a:defPPr").with(|x| x.tag("a:defRPr").attr("lang", language.tag()).empty());
        });
    });
    x.finish("ppt/presentation.xml")
}
