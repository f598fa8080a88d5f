//! Just enough JSON to compare two files of messages.

use std::iter::Peekable;
use std::str::Chars;

/// Every string in a document under its path (`run.cancel`), in the document's order. Values that are not strings count
/// as their text.
pub(super) fn texts(document: &str) -> Result<Vec<(String, String)>, String> {
    let mut reader = Reader { rest: document.chars().peekable(), found: Vec::new() };
    reader.value("")?;
    reader.space();
    match reader.rest.next() {
        None => Ok(reader.found),
        Some(letter) => Err(format!("`{letter}` after the end")),
    }
}

struct Reader<'a> {
    rest: Peekable<Chars<'a>>,
    found: Vec<(String, String)>,
}

impl Reader<'_> {
    fn space(&mut self) {
        while self.rest.next_if(char::is_ascii_whitespace).is_some() {}
    }

    fn take(&mut self, wanted: char) -> Result<(), String> {
        self.space();
        match self.rest.next() {
            Some(letter) if letter == wanted => Ok(()),
            Some(letter) => Err(format!("`{letter}` where `{wanted}` should be")),
            None => Err(format!("it ends where `{wanted}` should be")),
        }
    }

    fn value(&mut self, path: &str) -> Result<(), String> {
        self.space();
        match self.rest.peek() {
            Some('{') => self.members('{', '}', path),
            Some('[') => self.members('[', ']', path),
            Some('"') => {
                let text = self.string()?;
                self.found.push((path.to_owned(), text));
                Ok(())
            }
            Some(_) => {
                let mut text = String::new();
                while let Some(letter) =
                    self.rest.next_if(|letter| letter.is_ascii_alphanumeric() || "+-.".contains(*letter))
                {
                    text.push(letter);
                }
                if text.is_empty() {
                    return Err(format!("no value at `{path}`"));
                }
                self.found.push((path.to_owned(), text));
                Ok(())
            }
            None => Err("it ends in the middle".to_owned()),
        }
    }

    fn members(&mut self, open: char, close: char, path: &str) -> Result<(), String> {
        self.take(open)?;
        self.space();
        if self.rest.next_if_eq(&close).is_some() {
            return Ok(());
        }
        for index in 0.. {
            self.space();
            let name = if open == '{' {
                let name = self.string()?;
                self.take(':')?;
                name
            } else {
                format!("{index}")
            };
            let below = if path.is_empty() { name } else { format!("{path}.{name}") };
            self.value(&below)?;
            self.space();
            if self.rest.next_if_eq(&',').is_none() {
                break;
            }
        }
        self.take(close)
    }

    fn string(&mut self) -> Result<String, String> {
        self.take('"')?;
        let mut text = String::new();
        while let Some(letter) = self.rest.next() {
            match letter {
                '"' => return Ok(text),
                // Escapes are kept as they are written: only emptiness and equality of keys matter here.
                '\\' => {
                    text.push('\\');
                    text.extend(self.rest.next());
                }
                _ => text.push(letter),
            }
        }
        Err("a string does not end".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::texts;

    #[test]
    fn nested_keys_become_paths() {
        let found = texts(r#" {"a": {"b": "x \"y\""}, "c": ["1", 2], "d": {} } "#).unwrap();
        let pairs: Vec<(&str, &str)> =
            found.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
        assert_eq!(pairs, [("a.b", "x \\\"y\\\""), ("c.0", "1"), ("c.1", "2")]);
    }

    #[test]
    fn broken_documents_are_refused() {
        for broken in [r#"{"a": "x""#, r#"{"a" "x"}"#, r#"{"a": }"#, r#"{"a": "x"} y"#, r#"{"a": "x",}"#, ""]
        {
            assert!(texts(broken).is_err(), "{broken}");
        }
    }
}
