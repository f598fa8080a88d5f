//! Reads a document as a stranger would: zip, content types, relationships, XML. Nothing of the crate that wrote it.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Cursor, Read};

use quick_xml::Reader;
use quick_xml::events::Event;

/// An element as it begins, in the order of the part.
#[derive(Debug, Clone)]
pub struct Element {
    /// Name with its prefix.
    pub name: String,
    /// Attributes by name.
    pub attributes: BTreeMap<String, String>,
    /// Name of the element around it.
    pub parent: String,
    /// Words directly inside it.
    pub text: String,
}

impl Element {
    /// An attribute.
    pub fn attribute(&self, name: &str) -> &str {
        self.attributes.get(name).map_or("", String::as_str)
    }
}

/// Every part by its name.
pub struct Parts(pub BTreeMap<String, Vec<u8>>);

impl Parts {
    /// Opens a document and checks everything that holds for any package.
    pub fn open(bytes: &[u8]) -> Self {
        let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
        let mut parts = BTreeMap::new();
        for index in 0..zip.len() {
            let mut file = zip.by_index(index).unwrap();
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).unwrap();
            let stamp = file.last_modified().unwrap();
            assert_eq!(
                (stamp.year(), stamp.month(), stamp.day()),
                (1980, 1, 1),
                "{} carries a time",
                file.name()
            );
            assert!(
                parts.insert(file.name().to_owned(), bytes).is_none(),
                "{} stands there twice",
                file.name()
            );
        }
        let parts = Self(parts);
        parts.content_types();
        for name in parts.0.keys() {
            if name.ends_with(".rels") {
                parts.relationships_resolve(name);
            } else if name.ends_with(".xml") {
                parts.references_resolve(name);
            }
        }
        parts
    }

    /// A part as text.
    pub fn text(&self, name: &str) -> &str {
        std::str::from_utf8(self.0.get(name).unwrap_or_else(|| panic!("no part {name}"))).unwrap()
    }

    /// The elements of a part; a part that is not well formed fails.
    pub fn elements(&self, name: &str) -> Vec<Element> {
        let text = self.text(name);
        let allowed =
            |c: char| c >= ' ' && !matches!(c, '\u{fffe}' | '\u{ffff}') || matches!(c, '\t' | '\n' | '\r');
        assert!(text.chars().all(allowed), "{name} holds a character that XML forbids");
        let mut reader = Reader::from_str(text);
        reader.config_mut().check_end_names = true;
        let mut found: Vec<Element> = Vec::new();
        let mut open: Vec<(String, usize)> = Vec::new();
        loop {
            let event = reader.read_event().unwrap_or_else(|error| panic!("{name}: {error}"));
            let empty = matches!(event, Event::Empty(_));
            match event {
                Event::Start(start) | Event::Empty(start) => {
                    let tag = String::from_utf8(start.name().as_ref().to_vec()).unwrap();
                    let attributes = start.attributes().map(|one| {
                        let one = one.unwrap_or_else(|error| panic!("{name}: {error}"));
                        let value =
                            one.normalized_value(quick_xml::XmlVersion::Implicit1_0).unwrap().into_owned();
                        (String::from_utf8(one.key.as_ref().to_vec()).unwrap(), value)
                    });
                    let attributes = attributes.collect();
                    let parent = open.last().map_or_else(String::new, |(name, _)| name.clone());
                    found.push(Element { name: tag.clone(), attributes, parent, text: String::new() });
                    if !empty {
                        open.push((tag, found.len() - 1));
                    }
                }
                Event::End(_) => {
                    open.pop();
                }
                Event::Text(text) => {
                    if let Some((_, at)) = open.last() {
                        found[*at].text.push_str(&text.decode().unwrap());
                    }
                }
                Event::GeneralRef(entity) => {
                    if let Some((_, at)) = open.last() {
                        found[*at].text.push_str(&format!("&{};", entity.decode().unwrap()));
                    }
                }
                Event::Eof => break,
                _ => {}
            }
        }
        assert!(open.is_empty(), "{name} ends inside {open:?}");
        found
    }

    fn content_types(&self) {
        let mut extensions = BTreeSet::new();
        let mut named = BTreeSet::new();
        for element in self.elements("[Content_Types].xml") {
            match element.name.as_str() {
                "Default" => assert!(extensions.insert(element.attribute("Extension").to_owned())),
                "Override" => {
                    let part = element.attribute("PartName").trim_start_matches('/').to_owned();
                    assert!(self.0.contains_key(&part), "a type is given for {part}, which is not there");
                    assert!(named.insert(part));
                }
                _ => {}
            }
        }
        for part in self.0.keys().filter(|part| *part != "[Content_Types].xml") {
            let extension = part.rsplit('.').next().unwrap();
            let typed = named.contains(part) || (extension != "xml" && extensions.contains(extension));
            assert!(typed, "{part} has no content type");
        }
    }

    /// Ids of the relationships of a part.
    pub fn relationships(&self, part: &str) -> BTreeMap<String, Element> {
        let (folder, file) = part.rsplit_once('/').unwrap_or(("", part));
        let slash = if folder.is_empty() { "" } else { "/" };
        let rels = format!("{folder}{slash}_rels/{file}.rels");
        if !self.0.contains_key(&rels) {
            return BTreeMap::new();
        }
        let list = self.elements(&rels).into_iter().filter(|element| element.name == "Relationship");
        list.map(|element| (element.attribute("Id").to_owned(), element)).collect()
    }

    fn relationships_resolve(&self, rels: &str) {
        let (folder, _) = rels.split_once("_rels/").unwrap();
        let elements = self.elements(rels);
        let list: Vec<&Element> = elements.iter().filter(|element| element.name == "Relationship").collect();
        let ids: BTreeSet<&str> = list.iter().map(|element| element.attribute("Id")).collect();
        assert_eq!(ids.len(), list.len(), "{rels} gives an id twice");
        for element in list {
            let target = element.attribute("Target");
            if element.attribute("TargetMode") == "External" {
                assert!(
                    target.starts_with("http") || target.starts_with("mailto:"),
                    "{rels} leads to {target}"
                );
                continue;
            }
            let mut path: Vec<&str> = folder.split('/').filter(|step| !step.is_empty()).collect();
            for step in target.split('/') {
                match step {
                    ".." => {
                        path.pop();
                    }
                    step => path.push(step),
                }
            }
            let path = path.join("/");
            assert!(self.0.contains_key(&path), "{rels} leads to {path}, which is not there");
        }
    }

    fn references_resolve(&self, part: &str) {
        let known = self.relationships(part);
        for element in self.elements(part) {
            for name in ["r:id", "r:embed", "r:link"] {
                if let Some(id) = element.attributes.get(name) {
                    assert!(
                        known.contains_key(id),
                        "{part}: {} refers to {id}, which is not there",
                        element.name
                    );
                }
            }
        }
    }
}

/// Fails where a value stands twice.
pub fn unique<'e>(what: &str, values: impl Iterator<Item = &'e str>) -> usize {
    let mut seen = BTreeSet::new();
    for value in values {
        assert!(seen.insert(value), "{what} {value:?} stands there twice");
    }
    seen.len()
}
