//! Every word of the plots, in both languages side by side.

use super::Language;
use super::numbers::count;

/// The words of one language.
pub(super) struct Words {
    pub(super) attempts: &'static str,
    pub(super) cycle_times: &'static str,
    pub(super) success_rate: &'static str,
    pub(super) no_data: &'static str,
    pub(super) no_attempts: &'static str,
    pub(super) no_cycle_times: &'static str,
    pub(super) succeeded: &'static str,
    pub(super) failed: &'static str,
    pub(super) part_week: &'static str,
    pub(super) interval: &'static str,
    pub(super) no_interval: &'static str,
    pub(super) few: &'static str,
    pub(super) median: &'static str,
    pub(super) cycle_time: &'static str,
    pub(super) span: &'static str,
    pub(super) week_rate: &'static str,
    pub(super) overall: &'static str,
    pub(super) colon: &'static str,
    pub(super) yes: &'static str,
    pub(super) head_attempts: [&'static str; 4],
    pub(super) head_cycle_times: [&'static str; 3],
    pub(super) head_success_rate: [&'static str; 5],
}

const EN: Words = Words {
    attempts: "Attempts a week",
    cycle_times: "Deployment cycle time",
    success_rate: "Deployment success rate",
    no_data: "no data",
    no_attempts: "No attempt finished in this period",
    no_cycle_times: "No deployment succeeded in this period",
    succeeded: "succeeded",
    failed: "failed",
    part_week: "part week",
    interval: "95\u{202f}% interval",
    no_interval: "no interval",
    few: "no interval below n\u{a0}=\u{a0}6",
    median: "median",
    cycle_time: "one deployment",
    span: "shortest to longest",
    week_rate: "one week",
    overall: "overall",
    colon: ": ",
    yes: "yes",
    head_attempts: ["Week of", "Succeeded", "Failed", "Part week"],
    head_cycle_times: ["Finished", "Release", "Cycle time"],
    head_success_rate: ["Week of", "Succeeded", "Finished", "Rate", "95\u{202f}% interval"],
};

const FR: Words = Words {
    attempts: "Tentatives par semaine",
    cycle_times: "Durée du cycle de déploiement",
    success_rate: "Taux de réussite des déploiements",
    no_data: "pas de données",
    no_attempts: "Aucune tentative terminée sur cette période",
    no_cycle_times: "Aucun déploiement réussi sur cette période",
    succeeded: "réussies",
    failed: "échouées",
    part_week: "semaine entamée",
    interval: "intervalle à 95\u{202f}%",
    no_interval: "sans intervalle",
    few: "pas d'intervalle sous n\u{a0}=\u{a0}6",
    median: "médiane",
    cycle_time: "un déploiement",
    span: "de la plus courte à la plus longue",
    week_rate: "une semaine",
    overall: "ensemble",
    colon: "\u{a0}: ",
    yes: "oui",
    head_attempts: ["Semaine du", "Réussies", "Échouées", "Semaine entamée"],
    head_cycle_times: ["Fin", "Version", "Durée du cycle"],
    head_success_rate: ["Semaine du", "Réussies", "Terminées", "Taux", "Intervalle à 95\u{202f}%"],
};

pub(super) fn words(language: Language) -> &'static Words {
    match language {
        Language::En => &EN,
        Language::Fr => &FR,
    }
}

/// `n = 12`.
pub(super) fn n(n: u64, language: Language) -> String {
    format!("n\u{a0}=\u{a0}{}", count(n, language))
}

/// `12 of 14`; French `12 sur 14`.
pub(super) fn of(part: u64, whole: u64, language: Language) -> String {
    let (part, whole) = (count(part, language), count(whole, language));
    match language {
        Language::En => format!("{part} of {whole}"),
        Language::Fr => format!("{part} sur {whole}"),
    }
}

/// `1 week`, `3 weeks`; French takes the singular for none too.
pub(super) fn weeks(n: usize, language: Language) -> String {
    let number = count(n as u64, language);
    match (language, n) {
        (Language::En, 1) => format!("{number} week"),
        (Language::En, _) => format!("{number} weeks"),
        (Language::Fr, 0 | 1) => format!("{number} semaine"),
        (Language::Fr, _) => format!("{number} semaines"),
    }
}

/// `1 attempt succeeded`, `3 attempts succeeded`; French agrees the participle too.
pub(super) fn attempts_succeeded(n: u64, language: Language) -> String {
    let number = count(n, language);
    match (language, n) {
        (Language::En, 1) => format!("{number} attempt succeeded"),
        (Language::En, _) => format!("{number} attempts succeeded"),
        (Language::Fr, 0 | 1) => format!("{number} tentative réussie"),
        (Language::Fr, _) => format!("{number} tentatives réussies"),
    }
}

/// `2 succeeded`; French agrees.
pub(super) fn succeeded(n: u64, language: Language) -> String {
    let number = count(n, language);
    match (language, n) {
        (Language::En, _) => format!("{number} succeeded"),
        (Language::Fr, 0 | 1) => format!("{number} réussie"),
        (Language::Fr, _) => format!("{number} réussies"),
    }
}

/// `2 failed`; French agrees.
pub(super) fn failed(n: u64, language: Language) -> String {
    let number = count(n, language);
    match (language, n) {
        (Language::En, _) => format!("{number} failed"),
        (Language::Fr, 0 | 1) => format!("{number} échouée"),
        (Language::Fr, _) => format!("{number} échouées"),
    }
}

/// `12 deployments`.
pub(super) fn deployments(n: u64, language: Language) -> String {
    let number = count(n, language);
    match (language, n) {
        (Language::En, 1) => format!("{number} deployment"),
        (Language::En, _) => format!("{number} deployments"),
        (Language::Fr, 0 | 1) => format!("{number} déploiement"),
        (Language::Fr, _) => format!("{number} déploiements"),
    }
}

/// What the bars say.
pub(super) fn attempts_sentence(
    weeks: &str,
    period: &str,
    (succeeded, failed): (u64, u64),
    most: u64,
    language: Language,
) -> String {
    let (good, bad) = (attempts_succeeded(succeeded, language), self::failed(failed, language));
    let most = count(most, language);
    match language {
        Language::En => format!("In {weeks}, {period}, {good} and {bad}, at most {most} in one week."),
        Language::Fr => {
            format!("En {weeks}, {period}, on compte {good} et {bad}, au plus {most} par semaine.")
        }
    }
}

/// What the cycle times say. `range` is the shortest and the longest, `interval` as `… to …`.
pub(super) fn cycle_sentence(
    n: u64,
    period: &str,
    (shortest, longest): (&str, &str),
    median: Option<&str>,
    interval: Option<&str>,
    language: Language,
) -> String {
    let number = deployments(n, language);
    let mut text = match language {
        Language::En if n == 1 => format!("{number} {period} took {shortest}"),
        Language::En => format!("{number} {period} took {shortest} to {longest}"),
        Language::Fr if n == 1 => format!("{number} {period} a duré {shortest}"),
        Language::Fr => format!("{number} {period} ont duré de {shortest} à {longest}"),
    };
    if let Some(median) = median {
        text += &match language {
            Language::En => format!("; the median is {median}"),
            Language::Fr => format!("\u{a0}; la médiane est de {median}"),
        };
        text += &match (interval, language) {
            (Some(interval), Language::En) => format!(", its 95\u{202f}% interval {interval}"),
            (Some(interval), Language::Fr) => format!(", son intervalle à 95\u{202f}% {interval}"),
            (None, Language::En) => ", without an interval".to_owned(),
            (None, Language::Fr) => ", sans intervalle".to_owned(),
        };
    }
    text + "."
}

/// What the success rate says. `weeks` are the lowest and the highest week's rate, `missing` the weeks without data.
pub(super) fn rate_sentence(
    overall: Option<(&str, &str, Option<&str>)>,
    weeks: Option<(&str, &str, &str)>,
    missing: usize,
    language: Language,
) -> String {
    let mut parts = Vec::new();
    if let Some((rate, of, interval)) = overall {
        parts.push(match (interval, language) {
            (Some(interval), Language::En) => {
                format!("{of} attempts succeeded, {rate}, 95\u{202f}% interval {interval}")
            }
            (None, Language::En) => format!("{of} attempts succeeded, {rate}, without an interval"),
            (Some(interval), Language::Fr) => {
                format!("{of} tentatives ont réussi, soit {rate}, intervalle à 95\u{202f}% {interval}")
            }
            (None, Language::Fr) => format!("{of} tentatives ont réussi, soit {rate}, sans intervalle"),
        });
    }
    if let Some((period, lowest, highest)) = weeks {
        parts.push(match language {
            Language::En if lowest == highest => format!("week by week {period} the rate is {lowest}"),
            Language::En => format!("week by week {period} the rate lies between {lowest} and {highest}"),
            Language::Fr if lowest == highest => format!("chaque semaine {period} le taux est de {lowest}"),
            Language::Fr => {
                format!("chaque semaine {period} le taux est compris entre {lowest} et {highest}")
            }
        });
    }
    if missing > 0 {
        let missing = self::weeks(missing, language);
        parts.push(match language {
            Language::En => format!("without data in {missing}"),
            Language::Fr => format!("sans données pour {missing}"),
        });
    }
    let apart = if language == Language::Fr { "\u{a0}; " } else { "; " };
    let text = parts.join(apart);
    let mut letters = text.chars();
    let first: String = letters.next().map(|c| c.to_uppercase().collect()).unwrap_or_default();
    first + letters.as_str() + "."
}
