//! Names of environments in paths.

/// Words that name an environment, with their place on the way to production.
const WORDS: [(&str, u8); 23] = [
    ("dev", 1),
    ("develop", 1),
    ("development", 1),
    ("sandbox", 1),
    ("int", 2),
    ("integration", 2),
    ("test", 3),
    ("testing", 3),
    ("qa", 3),
    ("recette", 3),
    ("uat", 4),
    ("stage", 4),
    ("staging", 4),
    ("stg", 4),
    ("preprod", 5),
    ("pre-prod", 5),
    ("preproduction", 5),
    ("pre-production", 5),
    ("demo", 5),
    ("prd", 6),
    ("prod", 6),
    ("production", 6),
    ("live", 6),
];
/// Words that mean something else as often: they count only beside another environment.
const WEAK: [&str; 8] = ["test", "testing", "int", "integration", "demo", "live", "stage", "sandbox"];

/// Stands for the name of an environment.
pub(super) const PLACE: &str = "{environment}";

/// A name without its environment, and the environment: `dev`, `cluster-dev`, `dev-cluster`.
pub(super) fn split(name: &str) -> Option<(String, String)> {
    if rank(name).is_some() {
        return Some((PLACE.to_owned(), name.to_owned()));
    }
    for (at, _) in name.match_indices(['-', '_', '.']) {
        let (before, after) = (&name[..at], &name[at + 1..]);
        let sign = &name[at..=at];
        if rank(after).is_some() && !before.is_empty() {
            return Some((format!("{before}{sign}{PLACE}"), after.to_owned()));
        }
        if rank(before).is_some() && !after.is_empty() {
            return Some((format!("{PLACE}{sign}{after}"), before.to_owned()));
        }
    }
    None
}

/// The same for a path: the last of its parts that names one.
pub(super) fn split_path(path: &str) -> Option<(String, String)> {
    let parts: Vec<&str> = path.split('/').collect();
    (0..parts.len()).rev().find_map(|index| {
        let (template, environment) = split(parts[index])?;
        let mut parts: Vec<&str> = parts.clone();
        parts[index] = &template;
        Some((parts.join("/"), environment))
    })
}

/// Whether these names are environments: one that means something else as often needs company.
pub(super) fn believable(names: &[String]) -> bool {
    names.len() > 1 || names.iter().any(|name| !WEAK.contains(&name.to_lowercase().as_str()))
}

/// Whether a name is that of production.
pub(super) fn is_production(name: &str) -> bool {
    rank(name) == Some(6)
}

/// Each name once, in the order in which releases usually pass them.
pub(super) fn in_order<'a>(names: impl Iterator<Item = &'a String>) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for name in names {
        if !all.contains(name) {
            all.push(name.clone());
        }
    }
    all.sort_by_key(|name| rank(name).unwrap_or(3));
    all
}

fn rank(name: &str) -> Option<u8> {
    let lower = name.to_lowercase();
    WORDS.iter().find(|(word, _)| *word == lower).map(|(_, rank)| *rank)
}
