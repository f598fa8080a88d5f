//! Inline Markdown as plain text and links.

use pulldown_cmark::{Event, Tag, TagEnd};

use crate::model::Link;

/// The text of one block.
#[derive(Debug, Clone, Default)]
pub(super) struct Inline {
    /// Plain text: soft breaks are spaces, hard breaks newlines.
    pub text: String,
    /// Links and images, in order of their ends.
    pub links: Vec<Link>,
    /// Inline HTML that is more than formatting, one tag or comment a line.
    pub html: String,
    /// Bytes of `text` where a source line ended.
    pub breaks: Vec<usize>,
    /// The text opens with strong emphasis.
    pub opens_strong: bool,
    /// All of the text is strongly emphasised, a final colon apart.
    pub only_strong: bool,
}

/// Collects [`Inline`] from a block's events. Serves block after block, so that the text grows in place.
#[derive(Default)]
pub(super) struct InlineWriter {
    out: Inline,
    open: Vec<(usize, Link, Option<String>)>,
    strong: usize,
    weak_text: bool,
}

/// Text of a link inside this many others is not copied again: nesting would make that quadratic.
const MAX_OPEN_LINKS: usize = 4;

impl InlineWriter {
    /// Takes one event; block events are ignored.
    pub fn push(&mut self, event: &Event<'_>) {
        match event {
            Event::Text(text) | Event::Code(text) => {
                self.plain(text);
            }
            Event::FootnoteReference(label) => {
                self.out.text.push_str("[^");
                self.out.text.push_str(label);
                self.out.text.push(']');
            }
            Event::InlineHtml(html) | Event::Html(html) => match formatting(html) {
                Some("br") => self.out.text.push('\n'),
                Some(_) => {}
                None => {
                    self.out.html.push_str(html.trim_end());
                    self.out.html.push('\n');
                }
            },
            Event::SoftBreak => {
                self.out.breaks.push(self.out.text.len());
                self.out.text.push(' ');
            }
            Event::HardBreak => {
                self.out.breaks.push(self.out.text.len());
                self.out.text.push('\n');
            }
            Event::Start(Tag::Strong) => {
                self.out.opens_strong |= self.out.text.is_empty();
                self.strong += 1;
            }
            Event::End(TagEnd::Strong) => self.strong = self.strong.saturating_sub(1),
            Event::Start(Tag::Link { dest_url, title, .. } | Tag::Image { dest_url, title, .. }) => {
                let link = Link { text: String::new(), url: dest_url.to_string() };
                let title = (!title.is_empty()).then(|| title.to_string());
                self.open.push((self.out.text.len(), link, title));
            }
            Event::End(TagEnd::Link | TagEnd::Image) => {
                if let Some((start, mut link, title)) = self.open.pop() {
                    if self.open.len() < MAX_OPEN_LINKS {
                        link.text = self.out.text[start..].to_owned();
                    }
                    let titled = title.map(|text| Link { text, url: link.url.clone() });
                    self.out.links.push(link);
                    self.out.links.extend(titled);
                }
            }
            _ => {}
        }
    }

    fn plain(&mut self, text: &str) {
        if self.strong == 0 && !self.weak_text && text.contains(|c: char| !c.is_whitespace() && c != ':') {
            self.weak_text = true;
        }
        self.out.text.push_str(text);
    }

    /// Text as written, such as a code block inside an item, on lines of its own.
    pub fn verbatim(&mut self, text: &str) {
        self.line();
        self.weak_text = true;
        self.out.text.push_str(text);
    }

    /// Starts a new line, unless the text is at the start of one.
    pub fn line(&mut self) {
        let text = &self.out.text;
        if !text.is_empty() && !text.ends_with('\n') {
            self.out.breaks.push(self.out.text.len());
            self.out.text.push('\n');
        }
    }

    /// Whether only a list item's dash stands on the current line.
    pub fn at_dash(&self) -> bool {
        self.out.text.ends_with("\n- ") || self.out.text == "- "
    }

    /// What was collected; the writer is empty again.
    pub fn take(&mut self) -> Inline {
        let written = &mut self.out;
        let text = written.text.trim_end();
        let trimmed = text.trim_start();
        let start = text.len() - trimmed.len();
        let mut breaks = std::mem::take(&mut written.breaks);
        if start > 0 {
            breaks.iter_mut().for_each(|at| *at = at.saturating_sub(start));
        }
        breaks.retain(|at| *at > 0 && *at < trimmed.len());
        let inline = Inline {
            text: trimmed.to_owned(),
            links: std::mem::take(&mut written.links),
            html: std::mem::take(&mut written.html),
            breaks,
            opens_strong: written.opens_strong,
            only_strong: written.opens_strong && !self.weak_text,
        };
        self.clear();
        inline
    }

    /// Forgets what was collected.
    pub fn clear(&mut self) {
        self.out.text.clear();
        self.out.links.clear();
        self.out.html.clear();
        self.out.breaks.clear();
        self.out.opens_strong = false;
        self.open.clear();
        self.strong = 0;
        self.weak_text = false;
    }
}

/// The name of a tag that formats and says nothing else: no attributes, a well-known name.
fn formatting(html: &str) -> Option<&'static str> {
    let name = html.trim().strip_prefix('<')?.strip_suffix('>')?;
    let name = name.strip_prefix('/').unwrap_or(name);
    let name = name.strip_suffix('/').unwrap_or(name).trim_end();
    const NAMES: [&str; 16] = [
        "br", "b", "i", "em", "strong", "u", "s", "del", "ins", "sub", "sup", "kbd", "code", "mark", "small",
        "span",
    ];
    NAMES.into_iter().find(|known| known.eq_ignore_ascii_case(name))
}
