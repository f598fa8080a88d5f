//! Which milestone belongs to which stage: by hand, by the link in the plan, by the number in the milestone's title.

use std::collections::HashSet;

use super::Facts;
use crate::Plan;

/// How a stage and its milestone were brought together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkKind {
    /// Somebody set it.
    Hand,
    /// The heading links to it.
    Link,
    /// The milestone's title holds the stage's number.
    Number,
}

/// Result for one stage.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Linked {
    pub milestone: Option<(u32, LinkKind)>,
    pub missing: Option<u32>,
}

/// Finds each stage's milestone. A milestone belongs to one stage at most; the stronger claim wins.
pub(super) fn link(plan: &Plan, keys: &[String], facts: &Facts) -> Vec<Linked> {
    let exists = |number: u32| facts.milestones.iter().any(|m| m.number == number);
    let mut linked = vec![Linked::default(); plan.stages.len()];
    let mut taken = HashSet::new();
    let mut claim = |linked: &mut Linked, number: u32, kind: LinkKind| {
        if exists(number) && taken.insert(number) {
            linked.milestone = Some((number, kind));
        } else if !exists(number) && facts.synced {
            linked.missing = Some(number);
        }
    };
    for (linked, key) in linked.iter_mut().zip(keys) {
        if let Some(number) = facts.by_hand.get(key) {
            claim(linked, *number, LinkKind::Hand);
        }
    }
    for ((linked, stage), key) in linked.iter_mut().zip(&plan.stages).zip(keys) {
        let by_hand = facts.by_hand.contains_key(key);
        let ours =
            |repository: &str| facts.repository.is_none_or(|ours| ours.eq_ignore_ascii_case(repository));
        if let Some(link) = stage.milestone.as_ref().filter(|link| !by_hand && ours(&link.repository)) {
            claim(linked, link.number, LinkKind::Link);
        }
    }
    for (linked, stage) in linked.iter_mut().zip(&plan.stages) {
        if linked.milestone.is_some() || linked.missing.is_some() {
            continue;
        }
        let Some(number) = stage.number else { continue };
        let named = facts.milestones.iter().find(|m| number_in_title(&m.title) == Some(number));
        if let Some(milestone) = named {
            claim(linked, milestone.number, LinkKind::Number);
        }
    }
    linked
}

/// The stage number a milestone's title names: `Stage 3: …`, `Étape n° 3`, `3. …`, `[3] …`, `S3 …`.
fn number_in_title(title: &str) -> Option<u32> {
    const WORDS: [&str; 9] =
        ["stage", "étape", "etape", "milestone", "jalon", "phase", "sprint", "step", "s"];
    let lower = title.trim().to_lowercase();
    let rest = WORDS
        .iter()
        .find_map(|word| lower.strip_prefix(word).filter(|rest| !rest.starts_with(char::is_alphabetic)))
        .unwrap_or(&lower)
        .trim_start_matches(|c: char| c.is_whitespace() || "#[(-:n°º.".contains(c));
    let digits = rest.find(|c: char| !c.is_ascii_digit()).map_or(rest, |end| &rest[..end]);
    // "2024 goals" or "3D model" name no stage.
    let after = rest[digits.len()..].chars().next();
    if digits.is_empty() || digits.len() > 2 || after.is_some_and(char::is_alphanumeric) {
        return None;
    }
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::number_in_title;

    #[test]
    fn numbers_in_titles() {
        for (title, number) in [
            ("Stage 3: Data", Some(3)),
            ("Étape 3 – Données", Some(3)),
            ("ETAPE n°3", Some(3)),
            ("Jalon #6", Some(6)),
            ("3. Data", Some(3)),
            ("[3] Data", Some(3)),
            ("S3 Data", Some(3)),
            ("Data", None),
            ("2024 goals", None),
            ("3D model", None),
            ("Stages of grief 3", None),
            ("", None),
        ] {
            assert_eq!(number_in_title(title), number, "{title:?}");
        }
    }
}
