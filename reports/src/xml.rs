//! XML written element by element. Characters that XML forbids are left out, everything else is escaped.

use std::borrow::Cow;
use std::fmt::{Display, Write as _};

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

use crate::Error;

/// A part being written. The first error is kept and told by [`Xml::finish`].
pub(crate) struct Xml {
    writer: Writer<Vec<u8>>,
    failed: Option<String>,
}

impl Xml {
    /// A part with its declaration.
    pub fn document() -> Self {
        let mut xml = Self { writer: Writer::new(Vec::with_capacity(16 * 1024)), failed: None };
        xml.write(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), Some("yes"))));
        xml
    }

    fn write(&mut self, event: Event) {
        if let Err(error) = self.writer.write_event(event) {
            self.failed.get_or_insert_with(|| error.to_string());
        }
    }

    /// Begins an element; nothing is written until the tag is ended in one of its three ways.
    pub fn tag(&mut self, name: &'static str) -> Tag<'_> {
        Tag { xml: self, name, start: BytesStart::new(name) }
    }

    /// Words between two tags.
    pub fn text(&mut self, text: &str) {
        let clean = allowed(text);
        self.write(Event::Text(BytesText::new(&clean)));
    }

    /// Ends an element that [`Tag::open`] began.
    pub fn close(&mut self, name: &'static str) {
        self.write(Event::End(BytesEnd::new(name)));
    }

    /// XML that was written as text in the source of this crate.
    pub fn literal(&mut self, xml: &'static str) {
        self.write(Event::Text(BytesText::from_escaped(xml)));
    }

    /// The bytes of the part.
    pub fn finish(self, part: &str) -> Result<Vec<u8>, Error> {
        match self.failed {
            None => Ok(self.writer.into_inner()),
            Some(what) => Err(Error::Part { part: part.to_owned(), what }),
        }
    }
}

/// The start of an element.
#[must_use = "a tag is written by `empty`, `open`, `with` or `text`"]
pub(crate) struct Tag<'x> {
    xml: &'x mut Xml,
    name: &'static str,
    start: BytesStart<'static>,
}

impl<'x> Tag<'x> {
    /// Adds an attribute.
    pub fn attr(mut self, name: &'static str, value: impl Display) -> Self {
        let mut text = String::new();
        // Writing to a String cannot fail unless a Display says so; such a value stays empty.
        let _ = write!(text, "{value}");
        self.start.push_attribute((name, allowed(&text).as_ref()));
        self
    }

    /// Adds an attribute if there is a value.
    pub fn maybe(self, name: &'static str, value: Option<impl Display>) -> Self {
        match value {
            Some(value) => self.attr(name, value),
            None => self,
        }
    }

    /// Ends it without anything inside.
    pub fn empty(self) {
        self.xml.write(Event::Empty(self.start));
    }

    /// Leaves it open; [`Xml::close`] ends it.
    pub fn open(self) {
        self.xml.write(Event::Start(self.start));
    }

    /// Ends it after what `inside` writes.
    pub fn with(self, inside: impl FnOnce(&mut Xml)) {
        let Tag { xml, name, start } = self;
        xml.write(Event::Start(start));
        inside(xml);
        xml.close(name);
    }

    /// Ends it after some words.
    pub fn text(self, text: &str) {
        self.with(|xml| xml.text(text));
    }
}

/// `text` without the characters that XML 1.0 forbids (section 2.2, `Char`).
pub(crate) fn allowed(text: &str) -> Cow<'_, str> {
    let forbidden = |c: char| matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}');
    if text.contains(forbidden) { Cow::Owned(text.replace(forbidden, "")) } else { Cow::Borrowed(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(write: impl FnOnce(&mut Xml)) -> String {
        let mut xml = Xml::document();
        write(&mut xml);
        String::from_utf8(xml.finish("test").unwrap()).unwrap()
    }

    #[test]
    fn text_and_attributes_are_escaped_and_cleaned() {
        let text = written(|x| x.tag("a").attr("b", "\"<\u{1}&>").text("]]> \u{0}<b>\u{b}&\u{1f600}"));
        assert!(text.ends_with("<a b=\"&quot;&lt;&amp;&gt;\">]]&gt; &lt;b&gt;&amp;\u{1f600}</a>"), "{text}");
    }

    #[test]
    fn elements_nest_in_the_order_they_are_written() {
        let text = written(|x| {
            x.tag("a").with(|x| {
                x.tag("b").attr("n", 1).maybe("m", None::<u8>).empty();
                x.tag("c").open();
                x.close("c");
            });
        });
        assert!(text.ends_with("<a><b n=\"1\"/><c></c></a>"), "{text}");
    }
}
