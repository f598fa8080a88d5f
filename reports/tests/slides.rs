//! The slides as a file: parts, relationships, ids, places, words, in both languages and with content nobody expects.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod sample;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use reports::Content;
use reports::content::{Candidate, Environment, Language, Picture, Service, Stage, StageState};

const WIDTH: i64 = 12_192_000;
const HEIGHT: i64 = 6_858_000;

type Parts = BTreeMap<String, Vec<u8>>;

fn parts(content: &Content) -> Parts {
    let bytes = reports::pptx(content).unwrap();
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    let mut parts = Parts::new();
    for index in 0..zip.len() {
        let mut file = zip.by_index(index).unwrap();
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).unwrap();
        assert!(parts.insert(file.name().to_owned(), bytes).is_none(), "{} stands there twice", file.name());
    }
    parts
}

/// One element with its attributes and, for a start tag, the names of those around it.
struct Element {
    name: String,
    inside: Vec<String>,
    attributes: BTreeMap<String, String>,
    text: String,
}

impl Element {
    fn get(&self, name: &str) -> Option<&str> {
        self.attributes.get(name).map(String::as_str)
    }

    fn number(&self, name: &str) -> i64 {
        self.attributes[name].parse().unwrap()
    }
}

/// Every element of a part in order; fails where the part is not well-formed.
fn elements(part: &str, bytes: &[u8]) -> Vec<Element> {
    let mut reader = Reader::from_reader(bytes);
    let mut inside: Vec<(String, usize)> = Vec::new();
    let mut found = Vec::new();
    let mut buffer = Vec::new();
    let begin = |tag: &BytesStart, inside: &[(String, usize)]| Element {
        name: String::from_utf8(tag.name().as_ref().to_vec()).unwrap(),
        inside: inside.iter().map(|(name, _)| name.clone()).collect(),
        attributes: tag
            .attributes()
            .map(|attribute| {
                let attribute = attribute.unwrap_or_else(|error| panic!("{part}: {error}"));
                let name = String::from_utf8(attribute.key.as_ref().to_vec()).unwrap();
                (name, attribute.normalized_value(quick_xml::XmlVersion::default()).unwrap().into_owned())
            })
            .collect(),
        text: String::new(),
    };
    loop {
        match reader.read_event_into(&mut buffer).unwrap_or_else(|error| panic!("{part}: {error}")) {
            Event::Start(tag) => {
                let element = begin(&tag, &inside);
                inside.push((element.name.clone(), found.len()));
                found.push(element);
            }
            Event::Empty(tag) => found.push(begin(&tag, &inside)),
            Event::End(_) => {
                inside.pop().unwrap();
            }
            Event::Text(text) => {
                let text = text.decode().unwrap().into_owned();
                if let Some((_, at)) = inside.last() {
                    found[*at].text.push_str(&text);
                }
            }
            Event::Eof => break,
            _ => {}
        }
        buffer.clear();
    }
    assert!(inside.is_empty(), "{part} is not closed");
    found
}

fn is_xml(name: &str) -> bool {
    name.ends_with(".xml") || name.ends_with(".rels")
}

fn slides(parts: &Parts) -> Vec<(&String, Vec<Element>)> {
    let is_slide = |name: &str| name.starts_with("ppt/slides/slide");
    parts
        .iter()
        .filter(|(name, _)| is_slide(name))
        .map(|(name, bytes)| (name, elements(name, bytes)))
        .collect()
}

/// The part that a relationship names.
fn target(source: &str, target: &str) -> String {
    let mut path: Vec<&str> =
        source.rsplit_once('/').map_or(Vec::new(), |(folder, _)| folder.split('/').collect());
    for step in target.split('/') {
        if step == ".." {
            path.pop().unwrap();
        } else {
            path.push(step);
        }
    }
    path.join("/")
}

/// All that a reader needs to open the file.
fn check(content: &Content) -> Parts {
    let parts = parts(content);
    let mut reached: BTreeSet<String> = BTreeSet::from(["[Content_Types].xml".to_owned()]);
    let mut typed = BTreeSet::new();
    let mut extensions = BTreeSet::new();
    for element in elements("[Content_Types].xml", &parts["[Content_Types].xml"]) {
        match element.name.as_str() {
            "Override" => {
                let name = element.get("PartName").unwrap().trim_start_matches('/').to_owned();
                assert!(parts.contains_key(&name), "a type for {name}, which is not there");
                assert!(typed.insert(name.clone()), "two types for {name}");
            }
            "Default" => assert!(extensions.insert(element.get("Extension").unwrap().to_owned())),
            _ => {}
        }
    }
    for (name, bytes) in parts.iter().filter(|(name, _)| is_xml(name)) {
        if name.ends_with(".rels") {
            reached.insert(name.clone());
            let source = name.replace("_rels/", "").trim_end_matches(".rels").to_owned();
            for relation in elements(name, bytes).iter().filter(|element| element.name == "Relationship") {
                let to = target(&source, relation.get("Target").unwrap());
                assert!(parts.contains_key(&to), "{name} names {to}, which is not there");
                reached.insert(to);
            }
            continue;
        }
        let all = elements(name, bytes);
        let relations = match name.rsplit_once('/') {
            Some((folder, file)) => parts.get(&format!("{folder}/_rels/{file}.rels")),
            None => None,
        };
        let known: BTreeSet<String> = relations
            .map(|bytes| {
                elements(name, bytes).iter().filter_map(|one| one.get("Id").map(str::to_owned)).collect()
            })
            .unwrap_or_default();
        let mut ids = BTreeSet::new();
        for element in &all {
            for key in ["r:id", "r:embed", "r:link"] {
                if let Some(id) = element.get(key) {
                    assert!(known.contains(id), "{name} uses {id}, which it does not have");
                }
            }
            if element.name == "p:cNvPr" {
                assert!(ids.insert(element.number("id")), "{name}: id {} twice", element.number("id"));
            }
            if element.name == "p:cNvPr" && element.inside.last().is_some_and(|one| one == "p:nvPicPr") {
                assert!(
                    element.get("descr").is_some_and(|descr| !descr.is_empty()),
                    "{name}: a picture nobody can hear"
                );
            }
            if element.name.ends_with("RPr") || element.name == "a:rPr" {
                let size = element.get("sz").map_or(1_200, |size| size.parse::<i64>().unwrap());
                assert!(size >= 1_200, "{name}: words of {size} hundredths of a point");
            }
            if let Some(language) = element.get("lang") {
                assert_eq!(
                    language,
                    if content.language == Language::Fr { "fr-FR" } else { "en-GB" },
                    "{name}"
                );
            }
        }
    }
    for name in parts.keys() {
        assert!(reached.contains(name), "nothing leads to {name}");
        let extension = name.rsplit_once('.').unwrap().1;
        // The default type of XML says nothing: such a part needs a type of its own.
        let own = extension == "xml" && name != "[Content_Types].xml";
        assert!(
            if own { typed.contains(name) } else { extensions.contains(extension) },
            "{name} has no type"
        );
    }
    for (name, all) in slides(&parts) {
        check_places(name, &all);
        let number: usize =
            name.trim_start_matches("ppt/slides/slide").trim_end_matches(".xml").parse().unwrap();
        let notes = format!("ppt/notesSlides/notesSlide{number}.xml");
        let said: String =
            elements(&notes, &parts[&notes]).iter().map(|element| element.text.as_str()).collect();
        assert!(said.trim().len() > 20, "{notes} tells nothing: {said}");
        let field = all.iter().find(|element| element.get("type") == Some("slidenum"));
        assert_eq!(field.is_some(), number > 1, "number of {name}");
    }
    parts
}

/// Everything stands on the slide, and no table reaches into the footer.
fn check_places(name: &str, all: &[Element]) {
    let mut origin = (0, 0);
    let mut rows = 0;
    for element in all {
        match element.name.as_str() {
            "a:off" => origin = (element.number("x"), element.number("y")),
            "a:ext" if element.get("cx").is_some() => {
                let (x, y) = (origin.0 + element.number("cx"), origin.1 + element.number("cy"));
                assert!(
                    origin.0 >= 0 && origin.1 >= 0 && x <= WIDTH && y <= HEIGHT,
                    "{name}: {origin:?} to {x}, {y}"
                );
                rows = origin.1;
            }
            "a:tr" => {
                rows += element.number("h");
                assert!(rows <= 6_300_000, "{name}: a table reaches {rows}");
            }
            _ => {}
        }
    }
}

fn words(parts: &Parts) -> String {
    let mut said = Vec::new();
    for (_, all) in slides(parts) {
        said.extend(all.into_iter().filter(|element| element.name == "a:t").map(|element| element.text));
    }
    said.join("\n")
}

fn bare(language: Language) -> Content {
    let mut content = sample::content(language);
    content.title = String::new();
    content.subtitle = String::new();
    content.candidates = vec![Candidate::default()];
    content.school = String::new();
    content.company = " ".to_owned();
    content.course = String::new();
    content.cohort = String::new();
    content.project = String::new();
    content.logos = Vec::new();
    content.stages = Vec::new();
    content.kpis = Vec::new();
    content.environments = Vec::new();
    content.runs = Vec::new();
    content.limits = Vec::new();
    content
}

fn odd(sample: &Content, text: &str) -> Content {
    let mut content = sample.clone();
    let text = text.to_owned();
    content.title.clone_from(&text);
    content.subtitle.clone_from(&text);
    content.candidates = vec![Candidate { name: text.clone(), login: text.clone(), tutor: text.clone() }; 5];
    content.school.clone_from(&text);
    content.company.clone_from(&text);
    content.course.clone_from(&text);
    content.cohort.clone_from(&text);
    content.project.clone_from(&text);
    content.repository.clone_from(&text);
    content.limits = vec![text.clone(); 30];
    let state = [StageState::Unknown, StageState::AtRisk, StageState::Overdue];
    content.stages = (0..40_u32)
        .map(|n| Stage {
            number: (n % 7 > 0).then_some(n * 1_000_000),
            title: text.clone(),
            deadline: None,
            milestone: None,
            state: state[usize::try_from(n % 3).unwrap()],
            finished_on: None,
            days_late: n * 100_000,
            done: Some([f64::NAN, -1.0, 7.0, f64::INFINITY][usize::try_from(n % 4).unwrap()]),
        })
        .collect();
    let service =
        Service { name: text.clone(), address: text.clone(), release: Some(text.clone()), healthy: None };
    content.environments = (0..5)
        .map(|n| Environment {
            name: format!("{n}{text}"),
            production: n == 4,
            target: text.clone(),
            promotes_from: (n > 0).then(|| format!("{}{text}", n - 1)),
            services: vec![service.clone(); n * 4],
        })
        .collect();
    for run in &mut content.runs {
        run.service.clone_from(&text);
        run.environment.clone_from(&text);
        run.version.clone_from(&text);
        run.state.clone_from(&text);
        run.by.clone_from(&text);
    }
    let kpi = content.kpis[0].clone();
    content.kpis.extend((0..30).map(|n| {
        let mut kpi = kpi.clone();
        kpi.id = n.to_string();
        kpi.plot = kpi.plot.filter(|_| n == 0).map(|plot| Picture { alt: text.clone() + "x", ..plot });
        kpi
    }));
    for kpi in &mut content.kpis {
        kpi.name.clone_from(&text);
        kpi.value = Some(text.clone());
        kpi.interval = Some(text.clone());
        kpi.excluded.clone_from(&text);
        kpi.definition.clone_from(&text);
        kpi.n = u64::MAX;
    }
    content
}

#[test]
fn both_languages_are_whole() {
    for language in [Language::Fr, Language::En] {
        let parts = check(&sample::content(language));
        assert_eq!(slides(&parts).len(), 10);
        let said = words(&parts);
        assert_eq!(said.contains("terminées sur 6"), language == Language::Fr);
        assert_eq!(said.contains("stages finished"), language == Language::En);
        let marked = if language == Language::Fr { "[à compléter" } else { "[to fill in" };
        assert_eq!(said.matches(marked).count(), 5, "only the conclusion is the student's to write");
    }
}

#[test]
fn the_same_content_gives_the_same_bytes() {
    let content = sample::content(Language::Fr);
    assert_eq!(reports::pptx(&content).unwrap(), reports::pptx(&content).unwrap());
}

#[test]
fn what_is_not_there_is_said_and_never_zero() {
    for language in [Language::Fr, Language::En] {
        let parts = check(&bare(language));
        assert_eq!(slides(&parts).len(), 7);
        let said = words(&parts);
        let fr = language == Language::Fr;
        for (french, english) in [
            ("Aucune étape", "No stages"),
            ("Aucun environnement", "No environment"),
            ("Aucun déploiement", "No deployment"),
            ("Aucun KPI", "No KPI"),
            ("titre du sujet", "title of the subject"),
            ("nom et prénom", "surname and first name"),
        ] {
            assert!(said.contains(if fr { french } else { english }), "{english}: {said}");
        }
        assert!(!said.lines().any(|line| line == "0"), "{said}");
    }
}

#[test]
fn a_kpi_without_data_says_so() {
    let mut content = sample::content(Language::En);
    for kpi in &mut content.kpis {
        (kpi.value, kpi.interval, kpi.n, kpi.plot) = (None, None, 0, None);
    }
    let parts = check(&content);
    assert_eq!(slides(&parts).len(), 7);
    assert_eq!(words(&parts).lines().filter(|line| *line == "no data").count(), 4);
}

#[test]
fn nobody_expects_this_and_it_still_opens() {
    let long = "Ein sehr langer Titel ".repeat(500);
    let unbroken = "x".repeat(10_000);
    let texts = [
        "",
        " ",
        "\u{0}\u{1}\u{b}\u{ffff}",
        "<&>\"']]>",
        "👩‍💻🚀 déploiement",
        "نشر الخدمة إلى الإنتاج",
        "a\u{301}\u{202e}b\r\n\tc",
        &long,
        &unbroken,
    ];
    let sample = sample::content(Language::Fr);
    for text in texts {
        let parts = check(&odd(&sample, text));
        assert!(!words(&parts).contains("NaN"), "{text:?}");
    }
}

#[test]
fn what_does_not_fit_goes_on_on_the_next_slide() {
    let mut content = sample::content(Language::Fr);
    let stage = content.stages[3].clone();
    content.stages = (0..40).map(|n| Stage { title: format!("Étape-{n:02}"), ..stage.clone() }).collect();
    let environment = content.environments[0].clone();
    let service = environment.services[0].clone();
    content.environments = (0..5)
        .map(|n| Environment {
            name: format!("lieu-{n}"),
            services: (0..n * 4)
                .map(|m| Service { name: format!("service-{n}-{m}"), ..service.clone() })
                .collect(),
            ..environment.clone()
        })
        .collect();
    content.limits = (0..40).map(|n| format!("Limite-{n:02}")).collect();
    let said = words(&check(&content));
    let once = |wanted: String| {
        assert_eq!(said.lines().filter(|line| *line == wanted).count(), 1, "{wanted} in {said}");
    };
    (0..40).for_each(|n| once(format!("Étape-{n:02}")));
    (0..40).for_each(|n| once(format!("Limite-{n:02}")));
    for n in 0..5 {
        (0..n * 4).for_each(|m| once(format!("service-{n}-{m}")));
    }
    assert!(said.contains("en retard (2 sur 5)"), "{said}");
}

#[test]
fn every_plot_stands_on_its_own_slide_in_both_forms() {
    let parts = check(&sample::content(Language::Fr));
    let plots: Vec<usize> = slides(&parts)
        .iter()
        .map(|(_, all)| all.iter().filter(|element| element.name == "asvg:svgBlip").count())
        .filter(|count| *count > 0)
        .collect();
    assert_eq!(plots, [1, 1, 1]);
    assert_eq!(parts.keys().filter(|name| name.ends_with(".svg")).count(), 3);
}

#[test]
fn a_picture_that_is_none_is_refused() {
    let mut content = sample::content(Language::En);
    content.logos[0].png = b"nothing".to_vec();
    let error = reports::pptx(&content).unwrap_err().to_string();
    assert!(error.contains("COMPANY") && error.contains("PNG"), "{error}");
}
