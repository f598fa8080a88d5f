//! Figures and facts in the words of the documents' language.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use reports::content::Language;

/// One of the two languages.
fn of<'t>(language: Language, en: &'t str, fr: &'t str) -> &'t str {
    match language {
        Language::En => en,
        Language::Fr => fr,
    }
}

/// Name of a KPI.
pub(super) fn name(language: Language, id: &str) -> String {
    let (en, fr) = match id {
        "deployment_cycle_time" => ("Deployment cycle time", "Durée du cycle de déploiement"),
        "deployment_frequency" => ("Deployment frequency", "Fréquence de déploiement"),
        "deployment_success_rate" => ("Deployment success rate", "Taux de réussite des déploiements"),
        "change_lead_time" => ("Change lead time", "Délai de mise en production d’un changement"),
        "change_fail_rate" => ("Change fail rate", "Taux d’échec des changements"),
        "recovery_time" => ("Failed deployment recovery time", "Temps de rétablissement après un échec"),
        "rework_rate" => ("Deployment rework rate", "Taux de reprise des déploiements"),
        other => (other, other),
    };
    of(language, en, fr).to_owned()
}

/// How a KPI is computed, in one sentence.
pub(super) fn definition(language: Language, id: &str) -> String {
    let (en, fr) = match id {
        "deployment_cycle_time" => (
            "Median time from the first request to success, over successful deployments to production; retries of one release count as one.",
            "Temps médian entre la première demande et la réussite, pour les déploiements réussis en production ; les reprises d’une version comptent pour une.",
        ),
        "deployment_frequency" => (
            "Successful deployments to production divided by the weeks elapsed.",
            "Déploiements réussis en production divisés par le nombre de semaines écoulées.",
        ),
        "deployment_success_rate" => (
            "Successful attempts divided by finished attempts in production.",
            "Tentatives réussies divisées par les tentatives terminées en production.",
        ),
        "change_lead_time" => (
            "Median time from a commit to the first successful deployment that contains it.",
            "Temps médian entre un commit et le premier déploiement réussi qui le contient.",
        ),
        "change_fail_rate" => (
            "Share of deployments that needed a rollback, a hotfix or had an incident.",
            "Part des déploiements suivis d’un retour arrière, d’un correctif ou d’un incident.",
        ),
        "recovery_time" => (
            "Median time from a failed deployment to service restored.",
            "Temps médian entre un déploiement défaillant et le rétablissement du service.",
        ),
        "rework_rate" => (
            "Share of successful deployments that were not planned.",
            "Part des déploiements réussis qui n’étaient pas planifiés.",
        ),
        _ => ("", ""),
    };
    of(language, en, fr).to_owned()
}

/// A value with its unit: `5 min 56 s`, `4.0 a week`, `85.7 %`.
pub(super) fn value(language: Language, unit: &str, value: f64) -> String {
    match unit {
        "s" => duration(language, value),
        "per_week" => format!("{} {}", decimal(language, value, 1), of(language, "a week", "par semaine")),
        _ => format!("{}\u{202f}%", decimal(language, value * 100.0, 1)),
    }
}

/// Both ends of an interval.
pub(super) fn interval(language: Language, unit: &str, lo: f64, hi: f64) -> String {
    let to = of(language, "to", "à");
    match unit {
        "per_week" => format!("{} {to} {}", decimal(language, lo, 1), value(language, unit, hi)),
        "ratio" => format!("{} {to} {}", decimal(language, lo * 100.0, 1), value(language, unit, hi)),
        _ => format!("{} {to} {}", value(language, unit, lo), value(language, unit, hi)),
    }
}

fn decimal(language: Language, value: f64, places: usize) -> String {
    let text = format!("{value:.places$}");
    match language {
        Language::En => text,
        Language::Fr => text.replace('.', ","),
    }
}

/// A duration in its two largest units.
fn duration(language: Language, seconds: f64) -> String {
    if seconds < 10.0 {
        return format!("{} s", decimal(language, seconds, 1));
    }
    let whole = seconds.round().max(0.0) as u64;
    let day = of(language, "d", "j");
    let (large, small) = match whole {
        0..60 => return format!("{whole} s"),
        60..3600 => ((whole / 60, "min"), (whole % 60, "s")),
        3600..86_400 => ((whole / 3600, "h"), (whole % 3600 / 60, "min")),
        _ => ((whole / 86_400, day), (whole % 86_400 / 3600, "h")),
    };
    match small {
        (0, _) => format!("{} {}", large.0, large.1),
        (rest, unit) => format!("{} {} {rest} {unit}", large.0, large.1),
    }
}

/// What was left out of a KPI.
pub(super) fn excluded(language: Language, excluded: &BTreeMap<String, u64>) -> String {
    let word = |reason: &str| match reason {
        "in_progress" => of(language, "in progress", "en cours").to_owned(),
        "cancelled" => of(language, "cancelled or refused", "annulés ou refusés").to_owned(),
        "superseded" => of(language, "superseded", "remplacés").to_owned(),
        "skipped" => of(language, "skipped", "ignorés").to_owned(),
        "unknown" => of(language, "interrupted", "interrompus").to_owned(),
        "undeployed" => of(language, "not deployed yet", "pas encore déployés").to_owned(),
        "baseline" => {
            of(language, "older than the first deployment", "antérieurs au premier déploiement").to_owned()
        }
        "open" => of(language, "still open", "encore ouverts").to_owned(),
        other => other.replace('_', " "),
    };
    let parts: Vec<String> = excluded.iter().map(|(reason, n)| format!("{n} {}", word(reason))).collect();
    parts.join(", ")
}

/// Where an environment on the local target is.
pub(super) fn this_computer(language: Language) -> String {
    of(language, "processes on this computer", "processus sur cet ordinateur").to_owned()
}

/// A chapter that is not in the document.
pub(super) fn chapter_left_out(language: Language, path: &str, problem: &str) -> String {
    match language {
        Language::En => format!("The chapter {path} is left out: {problem}."),
        Language::Fr => format!("Le chapitre {path} est absent : {problem}."),
    }
}

/// Between which days the KPIs were computed.
pub(super) fn window(language: Language, from: &str, to: &str, zone: &TimeZone) -> String {
    let day = |text: &str| {
        text.parse::<Timestamp>()
            .map_or_else(|_| text.to_owned(), |at| at.to_zoned(zone.clone()).date().to_string())
    };
    let (from, to) = (day(from), day(to));
    match language {
        Language::En => format!("KPIs count production from {from} to {to}, and nothing outside these days."),
        Language::Fr => {
            format!("Les indicateurs portent sur la production du {from} au {to}, et sur rien d’autre.")
        }
    }
}

/// Whose clock it was.
pub(super) fn clock(language: Language) -> String {
    of(
        language,
        "Runs were recorded by Jalon on the computer that carried them out: observed, not attested by a third party.",
        "Les exécutions ont été enregistrées par Jalon sur l’ordinateur qui les a menées : observées, non attestées par un tiers.",
    )
    .to_owned()
}

/// GitHub was never read.
pub(super) fn never_synced(language: Language) -> String {
    of(
        language,
        "GitHub was never read, so no milestone vouches for the state of the stages.",
        "GitHub n’a jamais été lu : aucun jalon n’atteste l’état des étapes.",
    )
    .to_owned()
}

/// There is no plan.
pub(super) fn no_plan(language: Language) -> String {
    of(
        language,
        "There is no planning document, so no stages are shown.",
        "Il n’y a pas de document de planification : aucune étape n’est présentée.",
    )
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_read_as_people_say_them() {
        let en = |unit, v| value(Language::En, unit, v);
        assert_eq!(en("s", 0.4), "0.4 s");
        assert_eq!(en("s", 356.0), "5 min 56 s");
        assert_eq!(en("s", 3600.0), "1 h");
        assert_eq!(en("s", 90_000.0), "1 d 1 h");
        assert_eq!(en("per_week", 4.0), "4.0 a week");
        assert_eq!(value(Language::Fr, "ratio", 0.857), "85,7\u{202f}%");
        assert_eq!(interval(Language::En, "ratio", 0.208, 0.939), "20.8 to 93.9\u{202f}%");
        assert_eq!(interval(Language::Fr, "s", 60.0, 90.0), "1 min à 1 min 30 s");
    }

    #[test]
    fn what_was_left_out_is_named() {
        let excluded_of = |reason: &str| BTreeMap::from([(reason.to_owned(), 2)]);
        assert_eq!(excluded(Language::En, &excluded_of("cancelled")), "2 cancelled or refused");
        assert_eq!(excluded(Language::Fr, &excluded_of("unknown")), "2 interrompus");
        assert_eq!(excluded(Language::En, &BTreeMap::new()), "");
    }
}
