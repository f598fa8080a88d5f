//! How French and English are set: spaces, numbers, days, times and durations.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::content::Language;

/// Narrow no-break space.
const NARROW: char = '\u{202f}';
/// No-break space.
const FIXED: char = '\u{a0}';
const MONTHS_FR: [&str; 12] =
    ["janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."];
const MONTHS_EN: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// In French, turns the spaces before `: ; ? ! » %` and after `«` into narrow no-break ones. No space is added, and a mark
/// that starts a word (`:latest`) is left alone.
pub(crate) fn spaced(language: Language, text: &str) -> String {
    if language == Language::En {
        return text.to_owned();
    }
    let mut set = String::with_capacity(text.len() + 8);
    let mut before = ' ';
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let space = c == ' ' || c == FIXED;
        let next = rest.peek().copied();
        let mark = next.is_some_and(|next| ":;?!»%".contains(next));
        let ends = {
            let mut ahead = rest.clone();
            ahead.next();
            ahead.next().is_none_or(|after| !after.is_alphanumeric() && !":;/%".contains(after))
        };
        set.push(if space && (before == '«' || (mark && ends)) { NARROW } else { c });
        before = c;
    }
    set
}

/// A whole number with its thousands set apart.
pub(crate) fn whole(language: Language, number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut set = String::with_capacity(digits.len() + 4);
    if number < 0 {
        set.push('\u{2212}');
    }
    for (index, digit) in digits.chars().enumerate() {
        // Four digits read well without a space: years, ports.
        if index > 0 && digits.len() > 4 && (digits.len() - index).is_multiple_of(3) {
            set.push(if language == Language::Fr { NARROW } else { ',' });
        }
        set.push(digit);
    }
    set
}

/// A share (0 to 1) in whole percent; never 0 or 100 unless it is exactly that.
pub(crate) fn percent(language: Language, share: f64) -> String {
    let exact = (share.clamp(0.0, 1.0) * 100.0).round();
    let shown = match exact {
        _ if share <= 0.0 => 0.0,
        _ if share >= 1.0 => 100.0,
        rounded => rounded.clamp(1.0, 99.0),
    };
    match language {
        Language::Fr => format!("{shown}{NARROW}%"),
        Language::En => format!("{shown}%"),
    }
}

/// A day: `13 nov. 2026`, `13 Nov 2026`, without a break inside.
pub(crate) fn day(language: Language, day: Date) -> String {
    format!("{}{FIXED}{}", day_and_month(language, day), day.year())
}

fn day_and_month(language: Language, day: Date) -> String {
    let month = usize::from(day.month().unsigned_abs()) - 1;
    match language {
        Language::Fr => {
            let first = if day.day() == 1 { "er" } else { "" };
            format!("{}{first}{FIXED}{}", day.day(), MONTHS_FR[month])
        }
        Language::En => format!("{}{FIXED}{}", day.day(), MONTHS_EN[month]),
    }
}

/// First and last day: `16 – 20 nov. 2026`; one day when both are the same.
pub(crate) fn days(language: Language, from: Date, to: Date) -> String {
    let start = if from == to {
        return day(language, to);
    } else if from.year() != to.year() {
        day(language, from)
    } else if from.month() != to.month() {
        day_and_month(language, from)
    } else if language == Language::Fr && from.day() == 1 {
        "1er".to_owned()
    } else {
        from.day().to_string()
    };
    // A line may end after the dash only where both ends carry their month.
    let gap = if from.month() == to.month() && from.year() == to.year() { FIXED } else { ' ' };
    format!("{start}{FIXED}\u{2013}{gap}{}", day(language, to))
}

/// A day with its time to the minute, in a zone.
pub(crate) fn instant(language: Language, at: Timestamp, zone: &TimeZone) -> String {
    let local = zone.to_datetime(at);
    format!("{}{FIXED}{:02}:{:02}", day(language, local.date()), local.hour(), local.minute())
}

/// Name of a zone, or its distance from UTC where it has none.
pub(crate) fn zone(zone: &TimeZone, at: Timestamp) -> String {
    zone.iana_name().map_or_else(|| format!("UTC{}", zone.to_offset(at)), str::to_owned)
}

/// A length of time in its two largest units.
pub(crate) fn duration(language: Language, length: SignedDuration) -> String {
    let seconds = length.as_secs().max(0);
    let unit_of_day = if language == Language::Fr { "j" } else { "d" };
    let parts = [
        (seconds / 86_400, unit_of_day),
        (seconds / 3_600 % 24, "h"),
        (seconds / 60 % 60, "min"),
        (seconds % 60, "s"),
    ];
    if seconds == 0 {
        let millis = length.subsec_millis().max(0);
        return format!("{millis}{FIXED}ms");
    }
    let first = parts.iter().position(|(count, _)| *count > 0).unwrap_or(parts.len() - 1);
    let shown: Vec<String> = parts[first..]
        .iter()
        .take(2)
        .enumerate()
        .filter(|(index, (count, _))| *index == 0 || *count > 0)
        .map(|(_, (count, unit))| format!("{count}{FIXED}{unit}"))
        .collect();
    shown.join(&FIXED.to_string())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn french_marks_get_narrow_spaces_and_nothing_else_changes() {
        assert_eq!(
            spaced(Language::Fr, "Quoi : « oui » ? 4,8 % !"),
            "Quoi\u{202f}: «\u{202f}oui\u{202f}»\u{202f}? 4,8\u{202f}%\u{202f}!"
        );
        assert_eq!(
            spaced(Language::Fr, "image :latest, a :: b, http://x"),
            "image :latest, a :: b, http://x"
        );
        assert_eq!(spaced(Language::En, "a : b"), "a : b");
    }

    #[test]
    fn days_are_short_and_unbroken() {
        assert_eq!(day(Language::Fr, date(2026, 11, 13)), "13\u{a0}nov.\u{a0}2026");
        assert_eq!(day(Language::Fr, date(2026, 8, 1)), "1er\u{a0}août\u{a0}2026");
        assert_eq!(day(Language::En, date(2026, 11, 13)), "13\u{a0}Nov\u{a0}2026");
        let range = |from, to| days(Language::Fr, from, to);
        assert_eq!(range(date(2026, 11, 16), date(2026, 11, 20)), "16\u{a0}–\u{a0}20\u{a0}nov.\u{a0}2026");
        assert_eq!(range(date(2026, 10, 30), date(2026, 11, 2)), "30\u{a0}oct.\u{a0}– 2\u{a0}nov.\u{a0}2026");
        assert_eq!(range(date(2025, 12, 30), date(2025, 12, 30)), "30\u{a0}déc.\u{a0}2025");
    }

    #[test]
    fn numbers_never_round_to_an_end() {
        assert_eq!(percent(Language::En, 0.999), "99%");
        assert_eq!(percent(Language::Fr, 0.001), "1\u{202f}%");
        assert_eq!(percent(Language::En, 1.0), "100%");
        assert_eq!(whole(Language::Fr, 12_345), "12\u{202f}345");
        assert_eq!(whole(Language::En, 1_234_567), "1,234,567");
        assert_eq!(whole(Language::En, 8080), "8080");
    }

    #[test]
    fn durations_show_two_units() {
        let shown =
            |seconds| duration(Language::Fr, SignedDuration::from_secs(seconds)).replace('\u{a0}', " ");
        assert_eq!(shown(48), "48 s");
        assert_eq!(shown(356), "5 min 56 s");
        assert_eq!(shown(3600), "1 h");
        assert_eq!(shown(2 * 86_400 + 3 * 3600 + 59), "2 j 3 h");
        assert_eq!(duration(Language::En, SignedDuration::from_millis(412)), "412\u{a0}ms");
    }
}
