//! As much of Terraform's language as is needed to find blocks and what they say in plain text, without evaluating
//! anything. What is not understood is passed over: the tool itself will name it.

use serde_json::Value;

/// A body: attributes that are plain texts or lists of them, and blocks.
#[derive(Debug, Default)]
pub(crate) struct Body {
    texts: Vec<(String, Vec<String>)>,
    blocks: Vec<(String, Vec<String>, Body)>,
}

impl Body {
    /// Reads a file of the language itself.
    pub(crate) fn of_text(text: &str) -> Self {
        let tokens = tokens(text);
        let mut at = 0;
        body(&tokens, &mut at)
    }

    /// Reads a file of its JSON form.
    pub(crate) fn of_json(text: &str) -> Self {
        serde_json::from_str(text).map_or_else(|_| Self::default(), |value| body_of_json(&value, 0))
    }

    /// A text of this name.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.texts(name)?.first().map(String::as_str)
    }

    /// A list of texts of this name.
    pub(crate) fn texts(&self, name: &str) -> Option<&[String]> {
        self.texts.iter().find(|(known, _)| known == name).map(|(_, texts)| texts.as_slice())
    }

    /// Blocks of this type, with their labels.
    pub(crate) fn blocks<'b>(&'b self, kind: &'b str) -> impl Iterator<Item = (&'b [String], &'b Body)> {
        self.blocks
            .iter()
            .filter(move |(known, ..)| known == kind)
            .map(|(_, labels, body)| (labels.as_slice(), body))
    }
}

#[derive(Debug, PartialEq)]
enum Token {
    Word(String),
    /// A text without `${…}`.
    Text(String),
    /// A text that has to be evaluated.
    Template,
    Open(char),
    Close,
    Equals,
    Line,
    Other,
}

/// Deeper nesting is not followed.
const DEEPEST: usize = 64;

fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let after = &rest[c.len_utf8()..];
        rest = match c {
            '\n' => {
                tokens.push(Token::Line);
                after
            }
            '#' => line_end(rest),
            '/' if after.starts_with('/') => line_end(rest),
            '/' if after.starts_with('*') => after.split_once("*/").map_or("", |(_, rest)| rest),
            '"' => {
                let (token, rest) = quoted(after);
                tokens.push(token);
                rest
            }
            '<' if after.starts_with('<') => {
                tokens.push(Token::Template);
                heredoc(&after[1..])
            }
            '{' | '[' | '(' => {
                tokens.push(Token::Open(c));
                after
            }
            '}' | ']' | ')' => {
                tokens.push(Token::Close);
                after
            }
            '=' if !after.starts_with(['=', '>']) => {
                tokens.push(Token::Equals);
                after
            }
            // `==` and `=>` are one thing, and no attribute.
            '=' | '!' | '>' if after.starts_with(['=', '>']) => {
                tokens.push(Token::Other);
                &after[1..]
            }
            c if c.is_alphabetic() || c == '_' => {
                let end =
                    rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '-')).unwrap_or(rest.len());
                tokens.push(Token::Word(rest[..end].to_owned()));
                &rest[end..]
            }
            c if c.is_whitespace() || c == ',' => after,
            _ => {
                tokens.push(Token::Other);
                after
            }
        };
    }
    tokens
}

fn line_end(text: &str) -> &str {
    text.find('\n').map_or("", |end| &text[end..])
}

/// What follows an opening quote: the text, and the rest after its end. Quotes within `${…}` belong to it.
fn quoted(text: &str) -> (Token, &str) {
    let mut found = String::new();
    let (mut template, mut depth, mut inner) = (false, 0_usize, false);
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => {
                let escaped = chars.next().map_or(' ', |(_, c)| c);
                found.push(match escaped {
                    'n' => '\n',
                    't' => '\t',
                    other => other,
                });
            }
            '$' | '%' if !inner && depth == 0 && chars.peek().is_some_and(|(_, next)| *next == c) => {
                chars.next();
                found.push(c);
                // `$${` is the text `${`.
                if chars.peek().is_some_and(|(_, next)| *next == '{') {
                    chars.next();
                    found.push('{');
                }
            }
            '$' | '%' if !inner && chars.peek().is_some_and(|(_, next)| *next == '{') => {
                chars.next();
                template = true;
                depth += 1;
            }
            '"' if depth > 0 => inner = !inner,
            '{' if depth > 0 && !inner => depth += 1,
            '}' if depth > 0 && !inner => depth -= 1,
            '"' => {
                let token = if template { Token::Template } else { Token::Text(found) };
                return (token, &text[at + 1..]);
            }
            // A text ends with its line: what follows an unclosed one is not lost.
            '\n' if depth == 0 => return (Token::Template, &text[at..]),
            other => found.push(other),
        }
    }
    (Token::Template, "")
}

/// What follows `<<`: the rest after the line that ends it.
fn heredoc(text: &str) -> &str {
    let (first, mut rest) = text.split_once('\n').unwrap_or((text, ""));
    let word = first.trim().trim_start_matches('-').trim();
    loop {
        match rest.split_once('\n') {
            Some((line, after)) if line.trim() == word => return after,
            Some((_, after)) => rest = after,
            None => return "",
        }
    }
}

fn body(tokens: &[Token], at: &mut usize) -> Body {
    fill(tokens, at, 0)
}

fn fill(tokens: &[Token], at: &mut usize, depth: usize) -> Body {
    let mut found = Body::default();
    while let Some(token) = tokens.get(*at) {
        *at += 1;
        match token {
            Token::Close => return found,
            Token::Word(name) => entry(tokens, at, name, depth, &mut found),
            Token::Open(_) => skip(tokens, at),
            _ => {}
        }
    }
    found
}

/// What follows a name at the beginning of an entry: an attribute's value, or a block.
fn entry(tokens: &[Token], at: &mut usize, name: &str, depth: usize, found: &mut Body) {
    if tokens.get(*at) == Some(&Token::Equals) {
        *at += 1;
        let texts = value(tokens, at);
        found.texts.push((name.to_owned(), texts));
        return;
    }
    let mut labels = Vec::new();
    while let Some(Token::Word(label) | Token::Text(label)) = tokens.get(*at) {
        labels.push(label.clone());
        *at += 1;
    }
    if tokens.get(*at) == Some(&Token::Open('{')) {
        *at += 1;
        if depth < DEEPEST {
            let inner = fill(tokens, at, depth + 1);
            found.blocks.push((name.to_owned(), labels, inner));
        } else {
            skip(tokens, at);
        }
    }
}

/// An expression to the end of its line: its texts where it is a text or a list of texts.
fn value(tokens: &[Token], at: &mut usize) -> Vec<String> {
    let mut texts = Vec::new();
    let mut depth = 0_usize;
    while let Some(token) = tokens.get(*at) {
        match token {
            Token::Line if depth == 0 => break,
            Token::Close if depth == 0 => return texts,
            Token::Close => depth -= 1,
            Token::Open(_) => depth += 1,
            Token::Text(text) => texts.push(text.clone()),
            _ => {}
        }
        *at += 1;
    }
    texts
}

/// Passes over what a bracket holds.
fn skip(tokens: &[Token], at: &mut usize) {
    let mut depth = 1_usize;
    while let Some(token) = tokens.get(*at) {
        *at += 1;
        match token {
            Token::Open(_) => depth += 1,
            Token::Close => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return;
        }
    }
}

/// In JSON, `{"terraform": {"cloud": {…}}}` and `{"backend": {"remote": {…}}}`: labels are keys, and every block may be a
/// list.
fn body_of_json(value: &Value, depth: usize) -> Body {
    let mut found = Body::default();
    for (name, value) in value.as_object().into_iter().flatten() {
        let items = value.as_array().map_or_else(|| vec![value], |list| list.iter().collect());
        let texts: Vec<String> = items.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect();
        if !texts.is_empty() {
            found.texts.push((name.clone(), texts));
            continue;
        }
        for item in items.into_iter().filter(|item| item.is_object() && depth < DEEPEST) {
            if matches!(name.as_str(), "backend" | "module") {
                for (label, inner) in item.as_object().into_iter().flatten() {
                    let inner = body_of_json(inner, depth + 1);
                    found.blocks.push((name.clone(), vec![label.clone()], inner));
                }
            } else {
                found.blocks.push((name.clone(), Vec::new(), body_of_json(item, depth + 1)));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_found_among_comments_texts_and_templates() {
        let body = Body::of_text(
            "# terraform { cloud { organization = \"comment\" } }\n\
             /* terraform { cloud {} } */ // cloud\n\
             locals {\n  text = \"terraform { cloud { organization = \\\"text\\\" } }\"\n  t = \"a${join(\"}\", [\"{\"])}b\"\n\
             doc = <<-EOT\n    terraform {\n      cloud {}\n    }\n  EOT\n  n = 1 == 2 ? \"x\" : \"y\"\n}\n\
             terraform {\n  required_version = \">= 1.5\"\n  cloud {\n    organization = \"acme\"\n    workspaces {\n\
             tags = [\"app\",\n \"prod\"]\n    }\n  }\n}\nmodule \"vpc\" { source = \"../modules/vpc\" }\n",
        );
        let terraform: Vec<&Body> = body.blocks("terraform").map(|(_, body)| body).collect();
        assert_eq!(terraform.len(), 1);
        let cloud: Vec<&Body> = terraform[0].blocks("cloud").map(|(_, body)| body).collect();
        assert_eq!(cloud[0].text("organization"), Some("acme"));
        let (_, workspaces) = cloud[0].blocks("workspaces").next().unwrap();
        assert_eq!(workspaces.texts("tags").unwrap(), ["app", "prod"]);
        let (labels, module) = body.blocks("module").next().unwrap();
        assert_eq!((labels, module.text("source")), (&["vpc".to_owned()][..], Some("../modules/vpc")));
    }

    #[test]
    fn json_has_the_same_blocks() {
        let body = Body::of_json(
            r#"{"terraform":[{"backend":{"remote":{"organization":"acme","workspaces":[{"prefix":"app-"}]}}}],
                "module":{"vpc":{"source":"./vpc"}}}"#,
        );
        let (_, terraform) = body.blocks("terraform").next().unwrap();
        let (labels, backend) = terraform.blocks("backend").next().unwrap();
        assert_eq!((labels, backend.text("organization")), (&["remote".to_owned()][..], Some("acme")));
        assert_eq!(backend.blocks("workspaces").next().unwrap().1.text("prefix"), Some("app-"));
        assert_eq!(body.blocks("module").next().unwrap().1.text("source"), Some("./vpc"));
    }

    #[test]
    fn nothing_makes_it_stop() {
        for text in [
            "\"",
            "a = \"${",
            "<<",
            "<<EOT\nx",
            "{{{{",
            "}}}}",
            "a {",
            "a = [",
            "/*",
            "x \"y\" z",
            "\u{feff}a",
        ] {
            Body::of_text(text);
        }
        Body::of_text(&"a {\n".repeat(100_000));
        Body::of_json(&"{\"a\":".repeat(1000));
        // After a text that was never closed the next line is read as usual.
        let body = Body::of_text("a = \"open\nterraform {\n}\n");
        assert_eq!(body.blocks("terraform").count(), 1);
    }
}
