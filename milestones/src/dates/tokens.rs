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
    let mut chars = text.char_indices().peekable();
    let mut spaced = false;
    while let Some((start, c)) = chars.next() {
        if c.is_whitespace() {
            spaced = true;
            continue;
        }
        let mut end = start + c.len_utf8();
        let kind = if let Some(digit) = c.to_digit(10) {
            let (mut value, mut digits) = (digit, 1);
            while let Some((at, digit)) = chars.peek().and_then(|(at, c)| Some((*at, c.to_digit(10)?))) {
                digits += 1;
                if digits <= 8 {
                    value = value * 10 + digit;
                }
                end = at + 1;
                chars.next();
            }
            Kind::Number { value, digits }
        } else if c.is_alphabetic() {
            while let Some((at, c)) =
                chars.next_if(|(_, c)| c.is_alphabetic() || ('\u{300}'..='\u{36f}').contains(c))
            {
                end = at + c.len_utf8();
            }
            let word = &text[start..end];
            Kind::Word(if word.bytes().all(|b| b.is_ascii_lowercase()) {
                Cow::Borrowed(word)
            } else {
                Cow::Owned(fold(word))
            })
        } else {
            Kind::Mark(c)
        };
        tokens.push(Token {
            kind,
            start,
            end,
            spaced,
        });
        spaced = false;
    }
    tokens
}
