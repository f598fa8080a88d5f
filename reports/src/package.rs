//! The package around the parts (ECMA-376 part 2): relationships, content types, and a zip that is the same every time.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Cursor, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use crate::Error;
use crate::xml::Xml;

/// Base of the relationship types of ECMA-376 part 1 (transitional).
const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

/// Relationships of one part, with their ids.
#[derive(Debug, Default, Clone)]
pub(crate) struct Relationships {
    list: Vec<(String, String, bool)>,
}

impl Relationships {
    /// Relates to another part; `kind` is the last word of the type. Returns the id.
    pub fn part(&mut self, kind: &str, target: &str) -> String {
        self.add(format!("{OFFICE}/{kind}"), target, false)
    }

    /// Relates to a part by a type outside [`OFFICE`].
    pub fn part_of_type(&mut self, kind: &str, target: &str) -> String {
        self.add(kind.to_owned(), target, false)
    }

    /// Relates to an address outside the package.
    pub fn hyperlink(&mut self, address: &str) -> String {
        self.add(format!("{OFFICE}/hyperlink"), address, true)
    }

    fn add(&mut self, kind: String, target: &str, external: bool) -> String {
        let known = self.list.iter().position(|(k, t, e)| *k == kind && t == target && *e == external);
        let index = known.unwrap_or_else(|| {
            self.list.push((kind, target.to_owned(), external));
            self.list.len() - 1
        });
        format!("rId{}", index + 1)
    }

    fn write(&self, part: &str) -> Result<Vec<u8>, Error> {
        let mut xml = Xml::document();
        xml.tag("Relationships")
            .attr("xmlns", "http://schemas.openxmlformats.org/package/2006/relationships")
            .with(|xml| {
                for (index, (kind, target, external)) in self.list.iter().enumerate() {
                    xml.tag("Relationship")
                        .attr("Id", format_args!("rId{}", index + 1))
                        .attr("Type", kind)
                        .attr("Target", target)
                        .maybe("TargetMode", external.then_some("External"))
                        .empty();
                }
            });
        xml.finish(part)
    }
}

/// Parts being gathered.
#[derive(Default)]
pub(crate) struct Package {
    parts: Vec<(String, Vec<u8>)>,
    overrides: Vec<(String, &'static str)>,
    media: BTreeMap<Vec<u8>, String>,
    extensions: BTreeSet<&'static str>,
}

impl Package {
    /// Adds a part with its content type and, where it has any, its relationships.
    pub fn add(
        &mut self,
        name: &str,
        content_type: &'static str,
        bytes: Vec<u8>,
        relationships: &Relationships,
    ) -> Result<(), Error> {
        self.overrides.push((name.to_owned(), content_type));
        self.parts.push((name.to_owned(), bytes));
        self.relate(name, relationships)
    }

    /// Adds the relationships of a part; an empty name stands for the package itself.
    pub fn relate(&mut self, name: &str, relationships: &Relationships) -> Result<(), Error> {
        if relationships.list.is_empty() {
            return Ok(());
        }
        let (folder, file) = name.rsplit_once('/').map_or(("", name), |(folder, file)| (folder, file));
        let slash = if folder.is_empty() { "" } else { "/" };
        let path = format!("{folder}{slash}_rels/{file}.rels");
        let bytes = relationships.write(&path)?;
        self.parts.push((path, bytes));
        Ok(())
    }

    /// Adds a picture below `folder` and returns its file name; the same bytes are stored once.
    pub fn media(&mut self, folder: &str, extension: &'static str, bytes: &[u8]) -> String {
        if let Some(name) = self.media.get(bytes) {
            return name.clone();
        }
        let name = format!("image{}.{extension}", self.media.len() + 1);
        self.extensions.insert(extension);
        self.media.insert(bytes.to_vec(), name.clone());
        self.parts.push((format!("{folder}/{name}"), bytes.to_vec()));
        name
    }

    fn content_types(&self) -> Result<Vec<u8>, Error> {
        let mut xml = Xml::document();
        xml.tag("Types").attr("xmlns", "http://schemas.openxmlformats.org/package/2006/content-types").with(
            |xml| {
                let fixed = [
                    ("rels", "application/vnd.openxmlformats-package.relationships+xml"),
                    ("xml", "application/xml"),
                ];
                let pictures = self.extensions.iter().map(|extension| {
                    let kind = match *extension {
                        "svg" => "image/svg+xml",
                        "jpeg" => "image/jpeg",
                        _ => "image/png",
                    };
                    (*extension, kind)
                });
                for (extension, kind) in fixed.into_iter().chain(pictures) {
                    xml.tag("Default").attr("Extension", extension).attr("ContentType", kind).empty();
                }
                for (name, kind) in &self.overrides {
                    xml.tag("Override")
                        .attr("PartName", format_args!("/{name}"))
                        .attr("ContentType", kind)
                        .empty();
                }
            },
        );
        xml.finish("[Content_Types].xml")
    }

    /// The bytes of the file. Nothing in them depends on when they were written.
    pub fn finish(mut self) -> Result<Vec<u8>, Error> {
        let types = self.content_types()?;
        // Office looks for the content types first.
        self.parts.insert(0, ("[Content_Types].xml".to_owned(), types));
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in self.parts {
            let packed = name.ends_with(".png") || name.ends_with(".jpeg");
            let method = if packed { CompressionMethod::Stored } else { CompressionMethod::Deflated };
            let options = SimpleFileOptions::default()
                .compression_method(method)
                .last_modified_time(DateTime::default())
                .unix_permissions(0o644);
            zip.start_file(name, options)?;
            zip.write_all(&bytes)?;
        }
        Ok(zip.finish()?.into_inner())
    }
}
