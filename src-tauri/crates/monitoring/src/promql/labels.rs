//! Functions that change labels.

use regex::Regex;

use super::value::{Row, merged};
use crate::error::{Error, Result};

/// `label_replace`: `texts` are destination, replacement, source and pattern.
pub(super) fn replace(mut rows: Vec<Row>, texts: &[String]) -> Result<Vec<Row>> {
    let [destination, replacement, source, pattern] = texts else {
        return Err(Error::Evaluation { reason: "label_replace needs four texts".to_owned() });
    };
    let wrong = |reason: String| Error::Evaluation { reason: format!("label_replace: {reason}") };
    let regex = Regex::new(&format!("^(?s:{pattern})$"))
        .map_err(|_| wrong(format!("{pattern:?} is no regular expression")))?;
    is_label(destination).map_err(wrong)?;
    for row in &mut rows {
        let value = row.labels.get(source).map_or("", String::as_str);
        let Some(captures) = regex.captures(value) else { continue };
        let mut text = String::new();
        captures.expand(replacement, &mut text);
        set(row, destination, text);
    }
    merged(rows)
}

/// `label_join`: `texts` are destination, separator and sources.
pub(super) fn join(mut rows: Vec<Row>, texts: &[String]) -> Result<Vec<Row>> {
    let [destination, separator, sources @ ..] = texts else {
        return Err(Error::Evaluation { reason: "label_join needs two texts at least".to_owned() });
    };
    is_label(destination).map_err(|reason| Error::Evaluation { reason: format!("label_join: {reason}") })?;
    for row in &mut rows {
        let value = |source: &String| row.labels.get(source).map_or("", String::as_str);
        let text = sources.iter().map(value).collect::<Vec<_>>().join(separator);
        set(row, destination, text);
    }
    merged(rows)
}

fn set(row: &mut Row, label: &str, value: String) {
    if value.is_empty() {
        row.labels.remove(label);
    } else {
        row.labels.insert(label.to_owned(), value);
    }
}

fn is_label(name: &str) -> std::result::Result<(), String> {
    if name.is_empty() { Err("a label has no name".to_owned()) } else { Ok(()) }
}
