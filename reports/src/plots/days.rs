//! Days and clock times as labels, in both languages.

use super::Language;
use jiff::civil::{Date, Time};

const EN: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
/// The abbreviations of the Imprimerie nationale, which the CLDR keeps too.
const FR: [&str; 12] =
    ["janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."];

/// `Nov`; French `nov.`.
pub(super) fn month(date: Date, language: Language) -> &'static str {
    let names = if language == Language::Fr { &FR } else { &EN };
    let month = usize::try_from(date.month()).unwrap_or(1);
    names.get(month.saturating_sub(1)).copied().unwrap_or_default()
}

/// `2 Nov`; French `2 nov.`, and `1er nov.` in sentences and labels alike.
pub(super) fn day(date: Date, language: Language) -> String {
    let first = if language == Language::Fr && date.day() == 1 { "er" } else { "" };
    format!("{}{first}\u{a0}{}", date.day(), month(date, language))
}

/// `2 Nov 2025`.
pub(super) fn day_of_year(date: Date, language: Language) -> String {
    format!("{}\u{a0}{}", day(date, language), date.year())
}

/// `14:20`.
pub(super) fn clock(time: Time) -> String {
    format!("{:02}:{:02}", time.hour(), time.minute())
}

/// `from 30 Oct to 16 Nov 2025`; French `du 30 oct. au 16 nov. 2025`. One day alone: `on …`, `le …`.
pub(super) fn period(from: Date, to: Date, language: Language) -> String {
    let end = day_of_year(to, language);
    if from == to {
        return match language {
            Language::En => format!("on {end}"),
            Language::Fr => format!("le {end}"),
        };
    }
    let start = if from.year() == to.year() { day(from, language) } else { day_of_year(from, language) };
    match language {
        Language::En => format!("from {start} to {end}"),
        Language::Fr => format!("du {start} au {end}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn days_in_both_languages() {
        let plain = |text: String| text.replace('\u{a0}', " ");
        assert_eq!(plain(day(date(2025, 11, 2), Language::En)), "2 Nov");
        assert_eq!(plain(day(date(2025, 11, 1), Language::En)), "1 Nov");
        assert_eq!(plain(day(date(2025, 11, 1), Language::Fr)), "1er nov.");
        assert_eq!(plain(day_of_year(date(2026, 8, 31), Language::Fr)), "31 août 2026");
        assert_eq!(
            plain(period(date(2025, 12, 29), date(2026, 1, 5), Language::Fr)),
            "du 29 déc. 2025 au 5 janv. 2026"
        );
        assert_eq!(plain(period(date(2025, 11, 3), date(2025, 11, 3), Language::En)), "on 3 Nov 2025");
        assert_eq!(clock(jiff::civil::time(9, 5, 59, 0)), "09:05");
    }
}
