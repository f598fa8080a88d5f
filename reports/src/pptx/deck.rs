//! The slides being gathered, and what they have in common: title, footer, number, words to fill in.

use super::fit;
use super::model::{
    Align, Anchor, Area, Emu, FLOOR, Layout, Look, MARGIN, Paragraph, ROOM, Row, Shape, Slide, Span, Table,
    emu,
};
use super::{master, table};
use crate::Error;
use crate::content::{Content, Evidence};
use crate::docx::evidence_key;
use crate::measure::{Face, Fonts};
use crate::office;
use crate::package::{Package, Relationships};
use crate::palette;
use crate::picture::raster;
use crate::typography;
use crate::words::Words;

/// Sizes of a title, the last one the smallest.
const TITLE: &[f64] = &[28.0, 26.0, 24.0, 22.0, 20.0];
/// Characters of a line of the notes.
const LONGEST_NOTE: usize = 600;

/// Slides being gathered.
pub(super) struct Deck<'c> {
    pub content: &'c Content,
    pub words: &'c Words,
    pub fonts: &'c Fonts,
    pub slides: Vec<Slide>,
    pub package: Package,
}

impl<'c> Deck<'c> {
    /// No slides yet.
    pub fn new(content: &'c Content, words: &'c Words, fonts: &'c Fonts) -> Self {
        Self { content, words, fonts, slides: Vec::new(), package: Package::default() }
    }

    /// A slide with its title in at most two lines.
    pub fn slide(&self, layout: Layout, title: &str) -> Slide {
        let like = Span::bold(title, TITLE[0], palette::TEXT);
        let words = vec![Paragraph::new(vec![fit::span(self.fonts, &like, TITLE, ROOM, 2)])];
        let title = Shape::Placeholder { kind: "title", index: 0, words, area: None };
        Slide { layout, shapes: vec![title], notes: Vec::new(), relations: Relationships::default() }
    }

    /// Adds a finished slide with its footer, its number and its notes; the last note tells from when the facts are.
    pub fn push(&mut self, mut slide: Slide) {
        let number = self.slides.len() + 1;
        let small = |text: String| Span::new(text, FLOOR, palette::TEXT_3);
        if slide.layout != Layout::Opening {
            let at = self.words.with("slide-as-of", &[("at", self.at().into())]);
            let project = office::shortened(&self.content.project, 60);
            let footer = if project.is_empty() { at } else { format!("{project}  ·  {at}") };
            let footer = fit::span(self.fonts, &small(footer), &[FLOOR], master::FOOTER.width, 1);
            let words = vec![Paragraph::new(vec![footer])];
            slide.shapes.push(Shape::Placeholder { kind: "ftr", index: 11, words, area: None });
            let words =
                vec![Paragraph { align: Align::Right, ..Paragraph::new(vec![small(number.to_string())]) }];
            slide.shapes.push(Shape::Placeholder { kind: "sldNum", index: 12, words, area: None });
        }
        for note in &mut slide.notes {
            *note = office::shortened(note, LONGEST_NOTE);
        }
        self.slides.push(slide);
    }

    /// When the data was gathered.
    pub fn at(&self) -> String {
        typography::instant(self.words.language(), self.content.exported_at, &self.content.timezone)
    }

    /// Zone in which days and times are printed.
    pub fn zone(&self) -> String {
        typography::zone(&self.content.timezone, self.content.exported_at)
    }

    /// The note that tells who vouches for a slide's facts, and from when they are.
    pub fn source(&self, evidence: &[Evidence]) -> String {
        let names: Vec<String> =
            evidence.iter().map(|one| self.words.get(evidence_key(*one)).to_lowercase()).collect();
        let arguments =
            [("evidence", names.join(", ").into()), ("at", self.at().into()), ("zone", self.zone().into())];
        self.words.with("note-source", &arguments)
    }

    /// Something that the student has to write, marked.
    pub fn fill(&self, what: &str, points: f64) -> Span {
        let text = self.words.with("fill-in", &[("what", self.words.get(what).into())]);
        Span { ground: Some(palette::WARN_SOFT), ..Span::new(text, points, palette::WARN) }
    }

    /// The words, or where there are none what the student has to write.
    pub fn or_fill(&self, text: &str, what: &str, points: f64, color: &'static str) -> Span {
        if text.trim().is_empty() { self.fill(what, points) } else { Span::new(text.trim(), points, color) }
    }

    /// A page of several, in words; the title alone where there is one page.
    pub fn page_title(&self, title: &str, page: usize, pages: usize) -> String {
        if pages < 2 {
            return title.to_owned();
        }
        self.words.with(
            "slide-page",
            &[("title", title.into()), ("page", (page + 1).into()), ("pages", pages.into())],
        )
    }

    /// A cell of one paragraph that is at most so many lines high.
    pub fn cell(&self, mut spans: Vec<Span>, width: Emu, lines: usize) -> Vec<Paragraph> {
        if let Some(last) = spans.pop() {
            // Only the last words are long; those before them are a number or a shape.
            let before = spans.iter().map(|span| self.fonts.width(&span.text, Face::Bold, span.points)).sum();
            let room = width - table::GUTTER - emu(before);
            spans.push(fit::span(self.fonts, &last, &[last.points, FLOOR.min(last.points)], room, lines));
        }
        vec![Paragraph::new(spans)]
    }

    /// The heads of a table.
    pub fn heads(&self, keys: &[&str], widths: &[Emu]) -> Row {
        let cells = keys.iter().zip(widths).map(|(key, width)| {
            let text = if key.is_empty() { String::new() } else { self.words.get(key) };
            self.cell(vec![Span::bold(text, FLOOR, palette::TEXT_2)], *width, 1)
        });
        table::row(self.fonts, cells.collect(), widths)
    }

    /// A table between the margins.
    pub fn table(&self, alt: String, top: Emu, widths: &[Emu], heads: &Row, rows: Vec<Row>) -> Shape {
        let rows = std::iter::once(heads.clone()).chain(rows).collect();
        let name = self.words.get("table");
        Shape::Table(Table { name, alt, x: MARGIN, y: top, widths: widths.to_vec(), rows })
    }

    /// Words in a place of their own, made to fit.
    pub fn text(&self, name: &str, area: Area, words: &[Paragraph], anchor: Anchor) -> Shape {
        let words = fit::paragraphs(self.fonts, words, area.width, area.height);
        Shape::Box { name: name.to_owned(), area, look: Look::default(), words, anchor }
    }

    /// A picture as large as a place allows, related to its slide. `svg` may be empty.
    pub fn picture(
        &mut self,
        slide: &mut Slide,
        (png, svg): (&[u8], &str),
        alt: &str,
        area: Area,
        right: bool,
    ) -> Result<(), Error> {
        let found = raster(png).map_err(|why| Error::Picture { what: alt.to_owned(), why })?;
        let (wide, high) = (i64::from(found.width), i64::from(found.height));
        let (width, height) = if area.width * high <= area.height * wide {
            (area.width, (area.width * high / wide).max(1))
        } else {
            ((area.height * wide / high).max(1), area.height)
        };
        let raster = self.relate(slide, found.extension, png);
        let svg = (!svg.is_empty()).then(|| self.relate(slide, "svg", svg.as_bytes()));
        let x = if right { area.x + area.width - width } else { area.x };
        let area = Area::new(x, area.y, width, height);
        let name = self.words.get("figure");
        slide.shapes.push(Shape::Picture { name, area, raster, svg, alt: office::shortened(alt, 2_000) });
        Ok(())
    }

    fn relate(&mut self, slide: &mut Slide, extension: &'static str, bytes: &[u8]) -> String {
        let name = self.package.media("ppt/media", extension, bytes);
        slide.relations.part("image", &format!("../media/{name}"))
    }
}

/// Columns whose widths are given as shares of what is between the margins.
pub(super) fn shares(shares: &[i64]) -> Vec<Emu> {
    let all: i64 = shares.iter().sum();
    shares.iter().map(|share| ROOM * share / all.max(1)).collect()
}
