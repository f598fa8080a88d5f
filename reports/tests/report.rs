//! The written report, read back part by part.

#![allow(clippy::unwrap_used, reason = "tests")]

mod hostile;
mod package;
mod sample;

use std::collections::{BTreeMap, BTreeSet};

use package::{Element, Parts, unique};
use reports::content::{Content, Language};

const DOCUMENT: &str = "word/document.xml";

fn open(content: &Content) -> Parts {
    let parts = Parts::open(&reports::docx(content).unwrap());
    check(&parts);
    parts
}

/// What must hold for every report.
fn check(parts: &Parts) {
    let document = parts.elements(DOCUMENT);
    let named = |name: &'static str| document.iter().filter(move |element| element.name == name);
    unique("bookmark id", named("w:bookmarkStart").map(|element| element.attribute("w:id")));
    unique("bookmark", named("w:bookmarkStart").map(|element| element.attribute("w:name")));
    unique("picture id", named("wp:docPr").map(|element| element.attribute("id")));
    let controls = named("w:id").filter(|element| element.parent == "w:sdtPr");
    unique("control id", controls.map(|element| element.attribute("w:val")));
    for picture in named("wp:docPr").chain(named("pic:cNvPr")) {
        assert!(!picture.attribute("descr").is_empty(), "a picture without description: {picture:?}");
    }
    let bookmarks: BTreeSet<&str> =
        named("w:bookmarkStart").map(|element| element.attribute("w:name")).collect();
    assert_eq!(named("w:bookmarkStart").count(), named("w:bookmarkEnd").count());
    for instruction in named("w:instrText") {
        if let Some(name) = instruction.text.trim().strip_prefix("PAGEREF ") {
            let name = name.split(' ').next().unwrap();
            assert!(bookmarks.contains(name), "PAGEREF {name} leads nowhere");
        }
    }
    for link in named("w:hyperlink").filter(|link| link.attributes.contains_key("w:anchor")) {
        assert!(bookmarks.contains(link.attribute("w:anchor")), "{link:?} leads nowhere");
    }
    fields_are_whole(&document);
    tables_are_whole(&document);
    styles_and_lists_exist(parts, &document);
    let notes = parts.elements("word/footnotes.xml");
    let known: BTreeSet<&str> = notes
        .iter()
        .filter(|element| element.name == "w:footnote")
        .map(|note| note.attribute("w:id"))
        .collect();
    for reference in named("w:footnoteReference") {
        assert!(known.contains(reference.attribute("w:id")), "footnote {reference:?} is not there");
    }
    let settings = parts.text("word/settings.xml");
    assert!(!settings.contains("updateFields") && !parts.text(DOCUMENT).contains("w:dirty"));
    unique("tag", named("w:tag").map(|tag| tag.attribute("w:val")));
    for tag in named("w:tag") {
        let tag = tag.attribute("w:val");
        assert!(tag.starts_with("jalon:") && tag.len() <= 64, "{tag}");
    }
    for alias in named("w:alias") {
        assert!(
            alias.attribute("w:val").chars().count() <= 64,
            "Word cuts a control's title at 64 characters"
        );
    }
}

/// Every field begins, separates and ends, in this order, within its paragraphs.
fn fields_are_whole(document: &[Element]) {
    let mut open: Vec<&str> = Vec::new();
    for mark in document.iter().filter(|element| element.name == "w:fldChar") {
        match mark.attribute("w:fldCharType") {
            "begin" => open.push("begin"),
            "separate" => assert_eq!(open.pop().replace("separate").map(|_| open.push("separate")), Some(())),
            "end" => assert!(open.pop().is_some(), "a field ends that did not begin"),
            other => panic!("{other}"),
        }
    }
    assert!(open.is_empty(), "{open:?}");
}

/// Every row has a cell a column.
fn tables_are_whole(document: &[Element]) {
    let mut columns = 0;
    let mut cells = None;
    for element in document {
        match element.name.as_str() {
            "w:tblGrid" => columns = 0,
            "w:gridCol" => columns += 1,
            "w:tr" => {
                assert!(
                    cells.is_none_or(|cells| cells == columns || cells == 0),
                    "{cells:?} of {columns} cells"
                );
                cells = Some(0);
            }
            "w:tc" => cells = cells.map(|cells| cells + 1),
            "w:tbl" => {
                assert!(cells.is_none_or(|cells| cells == columns), "{cells:?} of {columns} cells");
                cells = None;
            }
            _ => {}
        }
    }
}

fn styles_and_lists_exist(parts: &Parts, document: &[Element]) {
    let sheet = parts.elements("word/styles.xml");
    let styles: Vec<&Element> = sheet.iter().filter(|element| element.name == "w:style").collect();
    unique("style", styles.iter().map(|style| style.attribute("w:styleId")));
    unique(
        "style's name",
        styles
            .iter()
            .filter(|one| one.attribute("w:type") == "paragraph")
            .map(|one| one.attribute("w:styleId")),
    );
    let known: BTreeSet<&str> = styles.iter().map(|style| style.attribute("w:styleId")).collect();
    let numbering = parts.elements("word/numbering.xml");
    let lists: BTreeSet<&str> = numbering
        .iter()
        .filter(|element| element.name == "w:num")
        .map(|list| list.attribute("w:numId"))
        .collect();
    for element in document {
        match element.name.as_str() {
            "w:pStyle" | "w:rStyle" | "w:tblStyle" => {
                assert!(known.contains(element.attribute("w:val")), "no style {element:?}");
            }
            "w:numId" if element.attribute("w:val") != "0" => {
                assert!(lists.contains(element.attribute("w:val")), "no list {element:?}");
            }
            _ => {}
        }
    }
}

fn words(parts: &Parts) -> String {
    let texts = parts.elements(DOCUMENT).into_iter().filter(|element| element.name == "w:t");
    texts.map(|element| element.text).collect::<Vec<_>>().join("\u{1}").replace(['\u{a0}', '\u{202f}'], " ")
}

#[test]
fn a_report_is_whole_in_both_languages() {
    for (language, tag) in [(Language::Fr, "fr-FR"), (Language::En, "en-GB")] {
        let parts = open(&sample::content(language));
        let defaults = parts.text("word/styles.xml").split("</w:docDefaults>").next().unwrap();
        assert!(
            defaults.contains(&format!("w:lang w:val=\"{tag}\"")) && defaults.contains("w:ascii=\"Arial\"")
        );
        assert!(
            defaults.contains("<w:sz w:val=\"24\"/>") && defaults.contains("w:line=\"276\""),
            "12 pt, 1.15"
        );
        assert!(parts.text("word/fontTable.xml").contains("<w:altName w:val=\"Liberation Sans\"/>"));
        assert!(!parts.0.keys().any(|name| name.contains("fonts/")), "no font is embedded");
        let text = parts.text(DOCUMENT);
        for block in [
            "cover",
            "contents",
            "competences",
            "source:introduction",
            "milestones",
            "deployments",
            "kpis",
            "limits",
            "runs",
        ] {
            assert!(text.contains(&format!("<w:tag w:val=\"jalon:{block}\"/>")), "no block {block}");
        }
        assert!(text.contains("asvg:svgBlip"), "plots are drawn sharp where the reader can");
        assert!(parts.text("word/footer1.xml").contains(" NUMPAGES "));
    }
}

#[test]
fn the_same_content_gives_the_same_bytes() {
    let content = sample::content(Language::Fr);
    assert!(reports::docx(&content).unwrap() == reports::docx(&content).unwrap());
}

#[test]
fn nothing_breaks_a_report() {
    let parts = open(&hostile::everything(Language::Fr));
    let text = words(&parts);
    assert!(text.contains(&"T".repeat(10_000)), "no word of a title is lost");
    for lost in ["javascript", "passwd"] {
        let linked = parts.relationships(DOCUMENT);
        assert!(linked.values().all(|one| !one.attribute("Target").contains(lost)), "{lost} is live");
    }
    let rows = parts.text(DOCUMENT).matches("<w:tr>").count();
    assert!(rows > 2_000, "every run has its row: {rows}");
    assert!(text.contains("run-1999"));
}

#[test]
fn empty_fields_are_placeholders_and_no_data_is_never_zero() {
    let parts = open(&hostile::nothing(Language::Fr));
    let text = words(&parts);
    for what in [
        "titre du sujet",
        "nom et prénom",
        "tuteur",
        "école",
        "entreprise",
        "intitulé du cursus",
        "année de la promotion",
    ] {
        assert!(text.contains(&format!("[à compléter : {what}]")), "{what}");
    }
    for sentence in
        ["Le plan ne compte aucune étape.", "Aucun KPI n’est défini.", "Aucune exécution n’est enregistrée."]
    {
        assert!(text.contains(sentence), "{sentence}");
    }
    let text = words(&open(&hostile::no_data(Language::En)));
    assert!(text.contains("no data") && text.contains("no interval"), "{text}");
    assert!(!text.contains("0%") && !text.contains("0 min"), "{text}");
}

#[test]
fn the_summary_says_what_the_table_shows() {
    let text = words(&open(&sample::content(Language::En)));
    assert!(text.contains(
        "3 of 6 stages are finished: 2 by the deadline, 1 late, by 2 days at most. 1 stage is past its deadline and not finished."
    ));
    let text = words(&open(&sample::content(Language::Fr)));
    assert!(text.contains(
        "3 étapes sur 6 sont terminées : 2 dans les délais, 1 en retard, de 2 jours au plus. 1 étape a dépassé son échéance sans être terminée."
    ));
    assert!(text.contains("5 min 56 s") && text.contains("4 min 58 s à 6 min 40 s"));
}

#[test]
fn the_team_s_own_chapters_come_as_written() {
    let parts = open(&sample::content(Language::Fr));
    let document = parts.elements(DOCUMENT);
    let text = words(&parts);
    assert!(
        text.contains("    await session.execute(text(&quot;SELECT 1&quot;))"),
        "code keeps its spaces and marks"
    );
    let styles: BTreeMap<&str, usize> = document.iter().filter(|element| element.name == "w:pStyle").fold(
        BTreeMap::new(),
        |mut counts, style| {
            *counts.entry(style.attribute("w:val")).or_default() += 1;
            counts
        },
    );
    for style in [
        "Heading1",
        "Heading2",
        "Heading3",
        "ListParagraph",
        "Quote",
        "Code",
        "Caption",
        "TableHead",
        "TOC1",
        "TOC2",
    ] {
        assert!(styles.contains_key(style), "{style} is not used: {styles:?}");
    }
    let notes = parts.text("word/footnotes.xml");
    assert!(notes.contains("https://fastapi.tiangolo.com/") && notes.contains("sur les secrets chiffrés."));
    let linked = parts.relationships("word/footnotes.xml");
    assert!(linked.values().any(|one| one.attribute("Target") == "https://fastapi.tiangolo.com/"));
}

#[test]
fn headings_that_carry_numbers_are_not_counted_again() {
    let mut content = sample::content(Language::Fr);
    let counted = |parts: &Parts| parts.text("word/numbering.xml").contains("<w:pStyle w:val=\"Heading1\"/>");
    assert!(counted(&open(&content)));
    content.sources[1].title = "1. Cahier des charges".to_owned();
    assert!(!counted(&open(&content)));
}

#[test]
fn a_logo_that_is_no_picture_is_named() {
    let mut content = sample::content(Language::En);
    content.logos[0].png = b"<svg/>".to_vec();
    let error = reports::docx(&content).unwrap_err().to_string();
    assert_eq!(error, "picture of COMPANY cannot be used: neither PNG nor JPEG");
}
