//! A plan of the product's own, for teams that have none.

use jiff::ToSpan;
use jiff::civil::Date;

/// Language of a [`template`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TemplateLanguage {
    /// English.
    En,
    /// French.
    Fr,
}

/// The template plan as Markdown, for a project that starts on `first_day` and takes six weeks.
///
/// Deadlines are ISO dates in both languages; with a Monday as first day they fall on weekdays. The document
/// imports without diagnostics. Dates past the calendar's end (the year 9999) become its last day.
pub fn template(language: TemplateLanguage, first_day: Date) -> String {
    let source = match language {
        TemplateLanguage::En => include_str!("../plans/en.md"),
        TemplateLanguage::Fr => include_str!("../plans/fr.md"),
    };
    let mut plan = String::with_capacity(source.len());
    let mut rest = source;
    while let Some((before, after)) = rest.split_once("{{day ") {
        plan.push_str(before);
        let (days, after) = after.split_once("}}").unwrap_or((after, ""));
        let days: i64 = days.trim().parse().unwrap_or(0);
        plan.push_str(&first_day.saturating_add(days.days()).to_string());
        rest = after;
    }
    plan.push_str(rest);
    plan
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ImportOptions, Item, Plan, import};
    use jiff::civil::{Weekday, date};

    fn plan(language: TemplateLanguage) -> Plan {
        let imported = import(template(language, date(2026, 9, 7)).as_bytes(), &ImportOptions::default());
        assert_eq!(imported.diagnostics, []);
        imported.plan
    }

    fn shape(items: &[Item]) -> Vec<usize> {
        items.iter().map(|item| item.children.len()).collect()
    }

    #[test]
    fn both_languages_import_cleanly_and_alike() {
        let (en, fr) = (plan(TemplateLanguage::En), plan(TemplateLanguage::Fr));
        assert_eq!(en.stages.len(), 9);
        assert_eq!(
            en.stages.iter().map(|s| s.number).collect::<Vec<_>>()[..7],
            [0, 1, 2, 3, 4, 5, 6].map(Some)
        );
        assert_eq!(en.stages.len(), fr.stages.len());
        for (en, fr) in en.stages.iter().zip(&fr.stages) {
            assert_eq!(en.number, fr.number);
            assert_eq!(en.line, fr.line);
            for (a, b) in [
                (&en.activities, &fr.activities),
                (&en.deliverables, &fr.deliverables),
                (&en.extras, &fr.extras),
                (&en.bonus, &fr.bonus),
            ] {
                assert_eq!(shape(a), shape(b), "{}", en.title);
            }
            let kinds = |notes: &[crate::Note]| notes.iter().map(|n| n.kind).collect::<Vec<_>>();
            assert_eq!(kinds(&en.notes), kinds(&fr.notes));
            let (a, b) = (en.deadline.as_ref().unwrap(), fr.deadline.as_ref().unwrap());
            assert_eq!((a.from, a.to), (b.from, b.to));
            assert!(!matches!(a.from.weekday(), Weekday::Saturday | Weekday::Sunday), "{}", a.from);
            assert!(!en.activities.is_empty() && !en.deliverables.is_empty());
        }
        assert_eq!(en.stages[0].deadline.as_ref().unwrap().from, date(2026, 9, 11));
        assert_eq!(en.stages[8].deadline.as_ref().unwrap().to, date(2026, 10, 16));
        assert!(
            en.stages.iter().any(|s| !s.extras.is_empty()) && en.stages.iter().any(|s| !s.bonus.is_empty())
        );
    }

    #[test]
    fn no_placeholder_is_left_even_at_the_calendars_end() {
        let text = template(TemplateLanguage::Fr, Date::MAX);
        assert!(!text.contains("{{") && text.contains("9999-12-31"));
    }
}
