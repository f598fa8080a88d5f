//! Counts, rates and durations as people write them, in both languages.

use super::Language;

/// Between a number and its unit in French, and before "%" in both: never broken, and narrow.
const NARROW: char = '\u{202f}';
/// Between a number and a word of its unit.
const FIXED: char = '\u{a0}';

/// `12`, `1,200`; French `1 200`.
pub(super) fn count(n: u64, language: Language) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() * 2);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(if language == Language::Fr { NARROW } else { ',' });
        }
        out.push(digit);
    }
    out
}

/// A share of 1 in percent without its sign, to a tenth: `85.7`, `96.0`; whole where it is exactly none or all.
pub(super) fn share(value: f64, language: Language) -> String {
    // Half a tenth goes up, as in the window: `format!` alone would round 81.25 to 81.2.
    let tenths = (value * 1000.0).round() / 10.0;
    let text = if value == 0.0 || value == 1.0 { format!("{tenths:.0}") } else { format!("{tenths:.1}") };
    decimal(text, language)
}

/// `85.7 %`.
pub(super) fn percent(value: f64, language: Language) -> String {
    format!("{}{NARROW}%", share(value, language))
}

/// `60.1 to 96.0 %`; French `de 60,1 à 96,0 %`.
pub(super) fn percents((low, high): (f64, f64), language: Language) -> String {
    between(&share(low, language), &percent(high, language), language)
}

/// `4 min 58 s to 6 min 40 s`; French `de 4 min 58 s à 6 min 40 s`.
pub(super) fn durations((low, high): (f64, f64), language: Language) -> String {
    between(&duration(low, language), &duration(high, language), language)
}

fn between(low: &str, high: &str, language: Language) -> String {
    match language {
        Language::En => format!("{low} to {high}"),
        Language::Fr => format!("de {low} à {high}"),
    }
}

/// Seconds with the two largest units: `4.2 s`, `42 s`, `5 min 02 s`, `9 h 20 min`, `3 d 04 h`. `seconds` is finite and
/// not negative.
pub(super) fn duration(seconds: f64, language: Language) -> String {
    let day = if language == Language::Fr { 'j' } else { 'd' };
    if seconds < 9.95 {
        let tenths = (seconds * 10.0).round();
        // Anything that took time is not written as none.
        let text = if seconds > 0.0 && tenths < 1.0 {
            "< 0.1".replace(' ', "\u{a0}")
        } else if tenths % 10.0 == 0.0 {
            format!("{:.0}", tenths / 10.0)
        } else {
            format!("{:.1}", tenths / 10.0)
        };
        return format!("{}{FIXED}s", decimal(text, language));
    }
    let s = seconds.round();
    if s < 60.0 {
        return format!("{s:.0}{FIXED}s");
    }
    if s < 3600.0 {
        let s = s as u64;
        return format!("{}{FIXED}min{FIXED}{:02}{FIXED}s", s / 60, s % 60);
    }
    let minutes = (seconds / 60.0).round() as u64;
    if minutes < 24 * 60 {
        return format!("{}{FIXED}h{FIXED}{:02}{FIXED}min", minutes / 60, minutes % 60);
    }
    let hours = (seconds / 3600.0).round() as u64;
    format!("{}{FIXED}{day}{FIXED}{:02}{FIXED}h", count(hours / 24, language), hours % 24)
}

/// A tick of a duration axis, which is a round value: `100 ms`, `6 s`, `10 m`, `1 h`, `1 d`.
pub(super) fn tick(seconds: f64, language: Language) -> String {
    let (value, unit) = match (seconds, language) {
        (s, _) if s < 1.0 => (s * 1000.0, "ms"),
        (s, _) if s < 60.0 => (s, "s"),
        (s, Language::En) if s < 3600.0 => (s / 60.0, "m"),
        (s, Language::Fr) if s < 3600.0 => (s / 60.0, "min"),
        (s, _) if s < 86_400.0 => (s / 3600.0, "h"),
        (s, Language::En) => (s / 86_400.0, "d"),
        (s, Language::Fr) => (s / 86_400.0, "j"),
    };
    format!("{}{FIXED}{unit}", count(value.round() as u64, language))
}

fn decimal(text: String, language: Language) -> String {
    match language {
        Language::En => text,
        Language::Fr => text.replace('.', ","),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Language::{En, Fr};

    fn plain(text: &str) -> String {
        text.replace([NARROW, FIXED], " ")
    }

    #[test]
    fn durations_carry_and_keep_two_units() {
        let cases = [
            (0.0, "0 s"),
            (0.04, "< 0.1 s"),
            (0.42, "0.4 s"),
            (2.0, "2 s"),
            (9.94, "9.9 s"),
            (9.96, "10 s"),
            (59.4, "59 s"),
            (59.7, "1 min 00 s"),
            (302.0, "5 min 02 s"),
            (3599.7, "1 h 00 min"),
            (33_600.0, "9 h 20 min"),
            (86_399.0, "1 d 00 h"),
            (360_000.0, "4 d 04 h"),
            (3.1536e9, "36,500 d 00 h"),
        ];
        for (seconds, expected) in cases {
            assert_eq!(plain(&duration(seconds, En)), expected, "{seconds}");
        }
        assert_eq!(plain(&duration(4.2, Fr)), "4,2 s");
        assert_eq!(plain(&duration(360_000.0, Fr)), "4 j 04 h");
        assert_eq!(plain(&durations((298.0, 400.0), Fr)), "de 4 min 58 s à 6 min 40 s");
    }

    #[test]
    fn rates_show_a_tenth_and_never_round_to_all_or_none() {
        assert_eq!(percent(0.857_142, En), "85.7\u{202f}%");
        assert_eq!(percent(0.96, Fr), "96,0\u{202f}%");
        assert_eq!(share(0.8125, En), "81.3");
        assert_eq!(plain(&percent(1.0, En)), "100 %");
        assert_eq!(plain(&percent(0.0, En)), "0 %");
        assert_eq!(plain(&percent(0.9999, En)), "100.0 %");
        assert_eq!(plain(&percents((0.601, 0.96), En)), "60.1 to 96.0 %");
        assert_eq!(plain(&percents((0.601, 1.0), Fr)), "de 60,1 à 100 %");
    }

    #[test]
    fn counts_and_ticks() {
        assert_eq!(count(100_000, En), "100,000");
        assert_eq!(count(1_234_567, Fr), "1\u{202f}234\u{202f}567");
        let ticks = [(0.01, "10 ms", "10 ms"), (6.0, "6 s", "6 s"), (600.0, "10 m", "10 min")];
        for (seconds, en, fr) in ticks {
            assert_eq!(
                (plain(&tick(seconds, En)), plain(&tick(seconds, Fr))),
                (en.to_owned(), fr.to_owned())
            );
        }
        assert_eq!(
            (plain(&tick(3600.0, Fr)), plain(&tick(864_000.0, Fr))),
            ("1 h".to_owned(), "10 j".to_owned())
        );
    }
}
