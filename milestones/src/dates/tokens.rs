//! Text as numbers, words and marks.

use std::borrow::Cow;

use crate::fold::fold;

/// A token and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Token<'a> {
    /// What it is.
    pub kind: Kind<'a>,
    /// First byte in the text.
    pub start: usize,
    /// Byte after the last.
    pub end: usize,
    /// White space comes before it.
    pub spaced: bool,
}

/// Kind of a [`Token`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind<'a> {
    /// Decimal digits; values over eight digits are cut off.
    Number {
        /// The number.
        value: u32,
        /// How many digits it is written with.
        digits: usize,
    },
    /// Letters, folded.
    Word(Cow<'a, str>),
    /// Any other character that is no white space.
    Mark(char),
}

impl Token<'_> {
    /// The folded word.
    pub fn word(&self) -> Option<&str> {
        match &self.kind {
            Kind::Word(word) => Some(word),
            _ => None,
        }
    }

    /// The mark.
    pub fn mark(&self) -> Option<char> {
        match self.kind {
            Kind::Mark(mark) => Some(mark),
            _ => None,
        }
    }
}

/// Tokens of `text`. `W50` and `10th` are two tokens each: letters and digits part.
pub(crate) fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::with_capacity(text.len() / 4 + 1);
    let mut spaced = false;
    let mut end = 0;
    while let Some(c) = text[end..].chars().next() {
        let start = end;
        let rest = &text[start..];
        end += c.len_utf8();
        if c.is_whitespace() {
            spaced = true;
            continue;
        }
        let kind = if c.is_ascii_digit() {
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            end = start + digits;
            let value = rest[..digits.min(8)].parse().unwrap_or(0);
            Kind::Number { value, digits }
        } else if c.is_alphabetic() {
            let letters = rest.find(|c: char| !c.is_alphabetic() && !('\u{300}'..='\u{36f}').contains(&c));
            let word = &rest[..letters.unwrap_or(rest.len())];
            end = start + word.len();
            Kind::Word(if word.bytes().all(|b| b.is_ascii_lowercase()) {
                Cow::Borrowed(word)
            } else {
                Cow::Owned(fold(word))
            })
        } else {
            Kind::Mark(c)
        };
        tokens.push(Token { kind, start, end, spaced });
        spaced = false;
    }
    tokens
}
