//! Words that name a stage's sections, in French and in English.

use crate::fold::phrase;

/// A known section of a stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Section {
    /// What there is to do.
    Activities,
    /// What there is to hand in.
    Deliverables,
    /// Optional work.
    Extras,
    /// Bonus steps.
    Bonus,
    /// When it is due.
    Deadline,
    /// Remarks.
    Notes,
}

/// Longest heading that is looked at, in bytes; a longer one is a sentence.
const MAX_HEADING: usize = 80;

/// The section that a heading names, and nothing else: `Deliverables`, `2.1 Livrables :`.
pub(super) fn exact(heading: &str) -> Option<Section> {
    if heading.len() > MAX_HEADING {
        return None;
    }
    section(&phrase(unnumbered(heading)))
}

/// The section that a heading names among other words: `Expected deliverables`, `Livrables du jury`.
pub(super) fn loose(heading: &str) -> Option<Section> {
    if heading.len() > MAX_HEADING {
        return None;
    }
    let words = phrase(unnumbered(heading));
    let count = words.split(' ').count();
    if count > 6 {
        return None;
    }
    let named = |word: &str| match word {
        "activities" | "activites" | "tasks" | "taches" | "travaux" => Some(Section::Activities),
        "deliverable" | "deliverables" | "livrable" | "livrables" | "rendus" => Some(Section::Deliverables),
        "extras" => Some(Section::Extras),
        "bonus" => Some(Section::Bonus),
        "deadline" | "deadlines" | "echeance" | "echeances" => Some(Section::Deadline),
        _ => None,
    };
    words.split(' ').next().and_then(named).or_else(|| words.split(' ').next_back().and_then(named))
}

/// A heading without its number: `2.1 Livrables`, `3) Bonus`. Other numbers, of a date say, stay.
fn unnumbered(heading: &str) -> &str {
    let trimmed = heading.trim_start();
    if !trimmed.starts_with(|c: char| c.is_ascii_digit()) {
        return heading;
    }
    let Some((number, rest)) = trimmed.split_once(char::is_whitespace) else {
        return heading;
    };
    let number = number.strip_suffix(['.', ')']).unwrap_or(number);
    let counts =
        number.split('.').all(|part| matches!(part.len(), 1..=2) && part.bytes().all(|b| b.is_ascii_digit()));
    if counts { rest } else { heading }
}

fn section(words: &str) -> Option<Section> {
    let section = match words {
        "activity"
        | "activities"
        | "main activities"
        | "task"
        | "tasks"
        | "work"
        | "work to do"
        | "to do"
        | "todo"
        | "todos"
        | "things to do"
        | "what to do"
        | "actions"
        | "activite"
        | "activites"
        | "activites principales"
        | "activites a realiser"
        | "tache"
        | "taches"
        | "taches a realiser"
        | "travail"
        | "travaux"
        | "travail a faire"
        | "travaux a realiser"
        | "travail a realiser"
        | "a faire" => Section::Activities,
        "deliverable"
        | "deliverables"
        | "expected deliverables"
        | "output"
        | "outputs"
        | "hand in"
        | "to hand in"
        | "livrable"
        | "livrables"
        | "livrables attendus"
        | "livrable attendu"
        | "rendu"
        | "rendus"
        | "rendus attendus"
        | "rendu attendu"
        | "a rendre"
        | "a livrer"
        | "documents a rendre"
        | "elements a rendre" => Section::Deliverables,
        "extra" | "extras" | "extra work" | "optional" | "optional work" | "optional tasks" | "options"
        | "option" | "optionnel" | "optionnels" | "optionnelle" | "optionnelles" | "facultatif"
        | "facultatifs" | "en option" | "supplement" | "supplements" | "complement" | "complements" => {
            Section::Extras
        }
        "bonus"
        | "bonus step"
        | "bonus steps"
        | "bonus task"
        | "bonus tasks"
        | "bonuses"
        | "etape bonus"
        | "etapes bonus"
        | "pour aller plus loin"
        | "aller plus loin"
        | "going further"
        | "to go further"
        | "go further"
        | "stretch goal"
        | "stretch goals"
        | "nice to have" => Section::Bonus,
        "deadline"
        | "deadlines"
        | "due"
        | "due date"
        | "due dates"
        | "when"
        | "date"
        | "dates"
        | "date limite"
        | "dates limites"
        | "echeance"
        | "echeances"
        | "date de rendu"
        | "date de remise"
        | "date butoir"
        | "date limite de rendu"
        | "date limite de remise"
        | "date d echeance"
        | "date de livraison"
        | "delai"
        | "delais"
        | "quand" => Section::Deadline,
        "note" | "notes" | "remark" | "remarks" | "remarque" | "remarques" | "comment" | "comments"
        | "commentaire" | "commentaires" | "a noter" | "nb" => Section::Notes,
        _ => return None,
    };
    Some(section)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_languages_singular_and_plural() {
        for (heading, section) in [
            ("Activities", Section::Activities),
            ("Activités :", Section::Activities),
            ("Tâches", Section::Activities),
            ("Travaux", Section::Activities),
            ("🚀 Deliverable", Section::Deliverables),
            ("2.1. Livrables", Section::Deliverables),
            ("LIVRABLE", Section::Deliverables),
            ("Rendus", Section::Deliverables),
            ("Extras", Section::Extras),
            ("Optionnel", Section::Extras),
            ("Bonus step", Section::Bonus),
            ("Pour aller plus loin…", Section::Bonus),
            ("Date limite", Section::Deadline),
            ("Échéance", Section::Deadline),
            ("Remarques", Section::Notes),
        ] {
            assert_eq!(exact(heading), Some(section), "{heading}");
        }
        for heading in ["Training and defence", "2024-11-10 Deadline", "10/11 Livrables", "3"] {
            assert_eq!(exact(heading), None, "{heading}");
        }
        assert_eq!(loose("Livrables attendus par le jury"), Some(Section::Deliverables));
        assert_eq!(loose("Main technical activities"), Some(Section::Activities));
        assert_eq!(loose("Our activities are many and they change every single week"), None);
    }
}
