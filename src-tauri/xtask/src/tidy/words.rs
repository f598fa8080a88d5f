//! Names: which words they are made of, and which of those say nothing.

/// Words that name no thing. `Service` alone is one of Jalon's own words (what a deployment rolls out); as the second half
/// of a name it is padding.
const EMPTY: &[&str] = &["manager", "helper", "helpers", "util", "utils", "common", "misc"];

/// The empty word in a name, if there is one.
pub(super) fn empty(name: &str) -> Option<String> {
    let words = split(name);
    let padded = words.len() > 1 && words.last().is_some_and(|word| word == "service" || word == "services");
    let found = words.iter().find(|word| EMPTY.contains(&word.as_str())).cloned();
    found.or_else(|| padded.then(|| "service".to_owned()))
}

/// The type or module that a line of Rust declares.
pub(super) fn declared(line: &str) -> Option<&str> {
    let mut rest = line.trim_start();
    if let Some(after) = rest.strip_prefix("pub") {
        rest = match after.strip_prefix('(') {
            Some(scope) => scope.split_once(')')?.1,
            None => after,
        }
        .trim_start();
    }
    let (keyword, rest) = rest.split_once(' ')?;
    if !["struct", "enum", "trait", "type", "mod", "union"].contains(&keyword) {
        return None;
    }
    let rest = rest.trim_start();
    let end = rest.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(rest.len());
    (end > 0).then(|| &rest[..end])
}

/// `ETagCache` and `etag_cache` as lower-case words.
fn split(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut previous = '_';
    for letter in name.chars() {
        if !letter.is_alphanumeric() {
            previous = '_';
            continue;
        }
        let begins = previous == '_' || (letter.is_uppercase() && !previous.is_uppercase());
        match words.last_mut() {
            Some(word) if !begins => word.extend(letter.to_lowercase()),
            _ => words.push(letter.to_lowercase().collect()),
        }
        previous = letter;
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_apart_into_words() {
        assert_eq!(split("PlanService"), ["plan", "service"]);
        assert_eq!(split("date_utils"), ["date", "utils"]);
        assert_eq!(split("error-helpers"), ["error", "helpers"]);
    }

    #[test]
    fn empty_words_are_found_whole_only() {
        for bad in ["RunManager", "utils", "common", "date_helper", "PlanService"] {
            assert!(empty(bad).is_some(), "{bad}");
        }
        for good in ["Service", "service", "ServiceName", "Commonality", "Utility", "Miscount"] {
            assert_eq!(empty(good), None, "{good}");
        }
    }

    #[test]
    fn declarations_are_seen_behind_their_visibility() {
        assert_eq!(declared("pub(crate) struct Outbox<T> {"), Some("Outbox"));
        assert_eq!(declared("    pub mod plan;"), Some("plan"));
        assert_eq!(declared("pub(in crate::a) enum State {"), Some("State"));
        assert_eq!(declared("// struct Helper talks"), None);
        assert_eq!(declared("use k8s::Service;"), None);
        assert_eq!(declared("let published = 1;"), None);
    }
}
