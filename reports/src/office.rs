//! Parts that Word and PowerPoint share: document properties and the theme.

use jiff::Timestamp;

use crate::Error;
use crate::content::Content;
use crate::package::{Package, Relationships};
use crate::palette;
use crate::xml::Xml;

/// `DrawingML`.
pub(crate) const DRAWING: &str = "http://schemas.openxmlformats.org/drawingml/2006/main";
/// Relationships inside a part.
pub(crate) const RELATIONSHIPS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const CORE: &str = "http://schemas.openxmlformats.org/package/2006/metadata/core-properties";
const EXTENDED: &str = "http://schemas.openxmlformats.org/officeDocument/2006/extended-properties";
/// Longer titles are cut in the properties; programs list files by them.
const LONGEST_TITLE: usize = 200;

/// Adds `docProps/core.xml` and `docProps/app.xml`, and relates the package to them and to `main`.
pub(crate) fn properties(package: &mut Package, content: &Content, main: &str) -> Result<(), Error> {
    let none = Relationships::default();
    let core = core(content)?;
    package.add(
        "docProps/core.xml",
        "application/vnd.openxmlformats-package.core-properties+xml",
        core,
        &none,
    )?;
    let mut x = Xml::document();
    x.tag("Properties").attr("xmlns", EXTENDED).with(|x| {
        x.tag("Application").text("Jalon");
        x.tag("Company").text(&content.company);
    });
    let kind = "application/vnd.openxmlformats-officedocument.extended-properties+xml";
    package.add("docProps/app.xml", kind, x.finish("docProps/app.xml")?, &none)?;
    let mut root = Relationships::default();
    root.part("officeDocument", main);
    let base = "http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties";
    root.part_of_type(base, "docProps/core.xml");
    root.part("extended-properties", "docProps/app.xml");
    package.relate("", &root)
}

fn core(content: &Content) -> Result<Vec<u8>, Error> {
    let names: Vec<&str> = content.candidates.iter().map(|one| one.name.as_str()).collect();
    let mut x = Xml::document();
    x.tag("cp:coreProperties")
        .attr("xmlns:cp", CORE)
        .attr("xmlns:dc", "http://purl.org/dc/elements/1.1/")
        .attr("xmlns:dcterms", "http://purl.org/dc/terms/")
        .attr("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance")
        .with(|x| {
            // A file needs a title for those who hear it read; the project's name is better than none.
            let title = if content.title.trim().is_empty() { &content.project } else { &content.title };
            x.tag("dc:title").text(&shortened(title, LONGEST_TITLE));
            x.tag("dc:subject").text(&shortened(&content.subtitle, LONGEST_TITLE));
            x.tag("dc:creator").text(&shortened(&names.join("; "), LONGEST_TITLE));
            x.tag("dc:language").text(content.language.tag());
            for name in ["dcterms:created", "dcterms:modified"] {
                x.tag(name).attr("xsi:type", "dcterms:W3CDTF").text(&whole_seconds(content.exported_at));
            }
        });
    x.finish("docProps/core.xml")
}

fn whole_seconds(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// Words without ends of line and runs of spaces; no-break spaces stay.
pub(crate) fn one_line(text: &str) -> String {
    let plain = |c: char| matches!(c, ' ' | '\t' | '\n' | '\r' | '\u{b}' | '\u{c}');
    text.split(plain).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// At most `longest` characters on one line, the last one an ellipsis where something was cut.
pub(crate) fn shortened(text: &str, longest: usize) -> String {
    let line = one_line(text);
    if line.chars().count() <= longest {
        return line;
    }
    let kept: String = line.chars().take(longest.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

/// A theme: the one accent, Arial for everything.
pub(crate) fn theme(part: &str) -> Result<Vec<u8>, Error> {
    let mut x = Xml::document();
    let color = |x: &mut Xml, name: &'static str, value: &str| {
        x.tag(name).with(|x| x.tag("a:srgbClr").attr("val", value).empty());
    };
    x.tag("a:theme").attr("xmlns:a", DRAWING).attr("name", "Jalon").with(|x| {
        x.tag("a:themeElements").with(|x| {
            x.tag("a:clrScheme").attr("name", "Jalon").with(|x| {
                color(x, "a:dk1", palette::TEXT);
                color(x, "a:lt1", "FFFFFF");
                color(x, "a:dk2", palette::TEXT_2);
                color(x, "a:lt2", palette::SUNKEN);
                color(x, "a:accent1", palette::ACCENT);
                color(x, "a:accent2", palette::OK);
                color(x, "a:accent3", palette::WARN);
                color(x, "a:accent4", palette::BAD);
                color(x, "a:accent5", palette::TEXT_3);
                color(x, "a:accent6", palette::HAIRLINE);
                color(x, "a:hlink", palette::ACCENT);
                color(x, "a:folHlink", palette::TEXT_2);
            });
            x.tag("a:fontScheme").attr("name", "Jalon").with(|x| {
                for name in ["a:majorFont", "a:minorFont"] {
                    x.tag(name).with(|x| {
                        x.tag("a:latin").attr("typeface", "Arial").empty();
                        x.tag("a:ea").attr("typeface", "").empty();
                        x.tag("a:cs").attr("typeface", "").empty();
                    });
                }
            });
            x.literal(FORMATS);
        });
    });
    x.finish(part)
}

/// Every theme must define three fills, lines, effects and grounds: all plain here.
const FORMATS: &str = concat!(
    r#"<a:fmtScheme name="Jalon"><a:fillStyleLst>"#,
    r#"<a:solidFill><a:schemeClr val="phClr"/></a:solidFill><a:solidFill><a:schemeClr val="phClr"/></a:solidFill>"#,
    r#"<a:solidFill><a:schemeClr val="phClr"/></a:solidFill></a:fillStyleLst><a:lnStyleLst>"#,
    r#"<a:ln w="9525"><a:solidFill><a:schemeClr val="phClr"/></a:solidFill></a:ln>"#,
    r#"<a:ln w="12700"><a:solidFill><a:schemeClr val="phClr"/></a:solidFill></a:ln>"#,
    r#"<a:ln w="19050"><a:solidFill><a:schemeClr val="phClr"/></a:solidFill></a:ln></a:lnStyleLst><a:effectStyleLst>"#,
    r#"<a:effectStyle><a:effectLst/></a:effectStyle><a:effectStyle><a:effectLst/></a:effectStyle>"#,
    r#"<a:effectStyle><a:effectLst/></a:effectStyle></a:effectStyleLst><a:bgFillStyleLst>"#,
    r#"<a:solidFill><a:schemeClr val="phClr"/></a:solidFill><a:solidFill><a:schemeClr val="phClr"/></a:solidFill>"#,
    r#"<a:solidFill><a:schemeClr val="phClr"/></a:solidFill></a:bgFillStyleLst></a:fmtScheme>"#
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_titles_are_cut_between_characters() {
        assert_eq!(shortened("a  b\nc", 9), "a b c");
        assert_eq!(shortened("ééééé", 4), "ééé…");
        assert_eq!(one_line("4,8\u{202f}%\t\nx"), "4,8\u{202f}% x");
    }
}
