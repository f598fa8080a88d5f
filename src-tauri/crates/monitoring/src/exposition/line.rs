//! One line of a text.

use std::borrow::Cow;

use super::{Format, Kind, NAME};
use crate::answer::Labels;

/// What is wrong with a line.
#[derive(Debug)]
pub(super) struct Syntax(pub(super) String);

impl Syntax {
    pub(super) fn new(reason: &str) -> Self {
        Self(reason.to_owned())
    }
}

pub(super) enum Line<'a> {
    /// Empty, a comment, help or a unit.
    Nothing,
    /// `# EOF`.
    End,
    Type {
        name: Cow<'a, str>,
        kind: Kind,
    },
    Sample {
        labels: Labels,
        value: f64,
        at: Option<i64>,
    },
}

pub(super) fn read(line: &str, format: Format) -> Result<Line<'_>, Syntax> {
    let mut rest = Rest { text: line };
    rest.blanks();
    if rest.text.is_empty() {
        return Ok(Line::Nothing);
    }
    if let Some(comment) = rest.text.strip_prefix('#') {
        return comment_line(line, comment, format);
    }
    let labels = series(&mut rest)?;
    let value = number(rest.word().ok_or_else(|| Syntax::new("there is no value"))?)?;
    let at = match rest.word() {
        None => None,
        // An exemplar; what it says is not kept.
        Some("#") => return Ok(Line::Sample { labels, value, at: None }),
        Some(word) => Some(time(word, format)?),
    };
    match rest.word() {
        None | Some("#") => Ok(Line::Sample { labels, value, at }),
        Some(word) => Err(Syntax(format!("{} stands after the timestamp", shown(word)))),
    }
}

fn comment_line<'a>(line: &str, comment: &'a str, format: Format) -> Result<Line<'a>, Syntax> {
    if format == Format::OpenMetrics && line == "# EOF" {
        return Ok(Line::End);
    }
    let mut rest = Rest { text: comment };
    rest.blanks();
    if rest.word() != Some("TYPE") {
        return Ok(Line::Nothing);
    }
    let name = if rest.text.starts_with('"') {
        rest.quoted()?
    } else {
        Cow::Borrowed(rest.word().ok_or_else(|| Syntax::new("TYPE without a name"))?)
    };
    rest.blanks();
    let word = rest.word().ok_or_else(|| Syntax(format!("TYPE of {} without a type", shown(&name))))?;
    match Kind::parse(word, format) {
        Some(kind) => Ok(Line::Type { name, kind }),
        None => Err(Syntax(format!("{} is no type", shown(word)))),
    }
}

/// `name`, `name{…}` or `{"name", …}`.
fn series(rest: &mut Rest) -> Result<Labels, Syntax> {
    let mut labels = Labels::new();
    let name = rest.until(|c| c == '{' || c == ' ' || c == '\t');
    if !name.is_empty() {
        if !is_name(name, true) {
            return Err(Syntax(format!("{} is no name of a metric", shown(name))));
        }
        labels.insert(NAME.to_owned(), name.to_owned());
    }
    rest.blanks();
    if rest.take('{') {
        braces(rest, &mut labels)?;
    }
    if labels.contains_key(NAME) { Ok(labels) } else { Err(Syntax::new("there is no name")) }
}

fn braces(rest: &mut Rest, labels: &mut Labels) -> Result<(), Syntax> {
    loop {
        rest.blanks();
        if rest.take('}') {
            return Ok(());
        }
        let quoted = rest.text.starts_with('"');
        let name = if quoted {
            rest.quoted()?
        } else {
            Cow::Borrowed(rest.until(|c| matches!(c, '=' | ' ' | '\t' | ',' | '}')))
        };
        rest.blanks();
        if rest.take('=') {
            if name.is_empty() || !quoted && !is_name(&name, false) {
                return Err(Syntax(format!("{} is no name of a label", shown(&name))));
            }
            rest.blanks();
            let value = rest.quoted()?;
            if name == NAME {
                return Err(Syntax::new("the label __name__ is not for labels"));
            }
            // An empty label is the same as none.
            if !value.is_empty() && labels.insert(name.clone().into_owned(), value.into_owned()).is_some() {
                return Err(Syntax(format!("the label {} stands twice", shown(&name))));
            }
        } else if quoted && !name.is_empty() {
            if labels.insert(NAME.to_owned(), name.into_owned()).is_some() {
                return Err(Syntax::new("there are two names"));
            }
        } else {
            return Err(Syntax(format!("the label {} has no value", shown(&name))));
        }
        rest.blanks();
        if !rest.take(',') && !rest.text.starts_with('}') {
            return Err(Syntax::new("the labels do not end"));
        }
    }
}

fn is_name(name: &str, metric: bool) -> bool {
    let start = |c: char| c.is_ascii_alphabetic() || c == '_' || metric && c == ':';
    name.starts_with(start) && name.chars().all(|c| start(c) || c.is_ascii_digit())
}

/// Numbers as Go reads and writes them.
fn number(word: &str) -> Result<f64, Syntax> {
    let wrong = || Syntax(format!("{} is no number", shown(word)));
    // Rust takes "infinity" and "nan" in all their forms; hexadecimal floats are nobody's habit.
    word.parse().map_err(|_| wrong())
}

fn time(word: &str, format: Format) -> Result<i64, Syntax> {
    let wrong = || Syntax(format!("{} is no timestamp", shown(word)));
    match format {
        Format::Text => word.parse().map_err(|_| wrong()),
        Format::OpenMetrics => {
            let seconds: f64 = word.parse().map_err(|_| wrong())?;
            let milliseconds = (seconds * 1000.0).round();
            if milliseconds.is_nan() || milliseconds.abs() >= 9e15 {
                return Err(wrong());
            }
            #[expect(clippy::cast_possible_truncation, reason = "below 2^53")]
            Ok(milliseconds as i64)
        }
    }
}

/// A part of a line in a message: no line is too long for it.
fn shown(word: &str) -> String {
    const LONGEST: usize = 60;
    let mut text: String = word.chars().take(LONGEST).collect();
    if word.chars().nth(LONGEST).is_some() {
        text.push('…');
    }
    format!("{text:?}")
}

/// What of a line is still to be read.
struct Rest<'a> {
    text: &'a str,
}

impl<'a> Rest<'a> {
    fn blanks(&mut self) {
        self.text = self.text.trim_start_matches([' ', '\t']);
    }

    fn take(&mut self, wanted: char) -> bool {
        match self.text.strip_prefix(wanted) {
            Some(rest) => {
                self.text = rest;
                true
            }
            None => false,
        }
    }

    fn until(&mut self, ends: impl Fn(char) -> bool) -> &'a str {
        let (part, rest) = self.text.split_at(self.text.find(ends).unwrap_or(self.text.len()));
        self.text = rest;
        part
    }

    /// The next word, if there is one, and the blanks after it.
    fn word(&mut self) -> Option<&'a str> {
        self.blanks();
        let word = self.until(|c| c == ' ' || c == '\t');
        self.blanks();
        (!word.is_empty()).then_some(word)
    }

    /// A quoted text, unescaped: `\\`, `\"` and `\n`; any other backslash stands for itself.
    fn quoted(&mut self) -> Result<Cow<'a, str>, Syntax> {
        if !self.take('"') {
            return Err(Syntax::new("a value without quotes"));
        }
        let plain = self.until(|c| c == '"' || c == '\\');
        if self.take('"') {
            return Ok(Cow::Borrowed(plain));
        }
        let mut text = plain.to_owned();
        loop {
            text.push_str(self.until(|c| c == '"' || c == '\\'));
            if self.take('"') {
                return Ok(Cow::Owned(text));
            }
            if !self.take('\\') {
                return Err(Syntax::new("a quoted text does not end"));
            }
            let mut characters = self.text.chars();
            match characters.next() {
                Some('n') => text.push('\n'),
                Some(c @ ('"' | '\\')) => text.push(c),
                Some(c) => text.extend(['\\', c]),
                None => return Err(Syntax::new("a quoted text does not end")),
            }
            self.text = characters.as_str();
        }
    }
}
