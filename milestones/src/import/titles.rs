//! Titles that say more than a title: admonitions and dates in headings.

use super::deadlines::{Candidate, labelled};
use super::inline::Inline;
use crate::dates;

/// Title of an admonition that opens with a line such as `!!! note "Read this"`, and where its body starts.
pub(super) fn admonition(inline: &Inline) -> Option<(String, usize)> {
    let rest = inline.text.strip_prefix("!!!").or_else(|| inline.text.strip_prefix("???"))?;
    let rest = rest.strip_prefix('+').unwrap_or(rest);
    if !rest.starts_with([' ', '\t']) {
        return None;
    }
    let end = inline.breaks.first().copied().unwrap_or(inline.text.len());
    let start = inline.text.len() - rest.len();
    let line = inline.text[start..end].trim();
    let (kind, title) = line.split_once(['"', '“']).unwrap_or((line, ""));
    let title = title.trim_end_matches(['"', '”']).trim();
    let title = match (kind.trim(), title) {
        ("", title) => title.to_owned(),
        (kind, "") => kind.to_owned(),
        (kind, title) => format!("{kind}: {title}"),
    };
    Some((title, end))
}

/// `Build (deadline 2024-11-10)`, `Build – 10 November 2024` as title and date.
pub(super) fn heading_date(title: &str) -> Option<(String, Candidate)> {
    let candidate = |when, text: &str, label: Option<String>| Candidate {
        when,
        text: text.trim().to_owned(),
        title: label,
        offset: 0,
        kept: false,
        strong: true,
    };
    let joins =
        |c: char| c.is_whitespace() || matches!(c, '(' | '[' | '-' | '–' | '—' | ',' | ':' | ';' | '|' | '·');
    if let Some(found) = labelled(title, &[]).filter(|found| found.when.is_some()) {
        let before = title[..found.start].trim_end_matches(joins);
        let text_at = found.start + title[found.start..].find(&found.text)?;
        let text = &title[text_at..];
        let (text, after) = text.find([')', ']']).map_or((text, ""), |at| (&text[..at], &text[at + 1..]));
        let rest = format!("{before}{after}");
        return rest
            .contains(char::is_alphanumeric)
            .then(|| (rest.trim().to_owned(), candidate(found.when, text, Some(found.label))));
    }
    let found = dates::find(title)?;
    let before = title[..found.range.start].trim_end();
    let after = title[found.range.end..].trim();
    let before =
        before.strip_suffix(" le").or_else(|| before.strip_suffix(" du")).unwrap_or(before).trim_end();
    let joined =
        before.ends_with(['(', '[', '-', '–', '—', '|', ':', ',']) && matches!(after, "" | ")" | "]");
    let before = before.trim_end_matches(joins);
    (joined && before.contains(char::is_alphanumeric))
        .then(|| (before.to_owned(), candidate(Some(found.when), &title[found.range], None)))
}
