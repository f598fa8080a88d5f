//! Deadlines: finding them beside their labels, and giving them years.

use jiff::civil::Date;

use crate::dates::{self, Problem, Written};
use crate::diagnostics::DiagnosticCode;
use crate::fold::phrase;

/// A labelled deadline inside a text.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Labelled {
    /// The label as written, without its colon.
    pub label: String,
    /// What it says; `None` if no date could be read.
    pub when: Option<Result<Written, Problem>>,
    /// The date as written.
    pub text: String,
    /// First byte of the label in the text.
    pub start: usize,
    /// The label opens the text.
    pub leads: bool,
    /// `text` and label are all that the source says.
    pub whole: bool,
}

/// What may follow the label besides a date: kept whole up to this many bytes.
const MAX_TEXT: usize = 100;

/// Words that name a deadline with a colon (or a date right behind).
const NAMES: [&str; 22] = [
    "deadline",
    "deadlines",
    "due date",
    "due",
    "date limite",
    "date limite de rendu",
    "date limite de remise",
    "date butoir",
    "date de rendu",
    "date de remise",
    "date d echeance",
    "date de livraison",
    "echeance",
    "echeances",
    "submission date",
    "submission deadline",
    "delivery date",
    "a rendre",
    "rendu",
    "remise",
    "date",
    "dates",
];

/// Words that open a deadline without a colon; a date must follow.
const PHRASES: [&str; 23] = [
    "due on",
    "due by",
    "due before",
    "due",
    "deadline",
    "date limite",
    "echeance",
    "a rendre le",
    "a rendre pour le",
    "a rendre avant le",
    "a rendre au plus tard le",
    "a rendre",
    "a remettre le",
    "rendu le",
    "remise le",
    "date limite de rendu",
    "date limite de remise",
    "date de rendu",
    "date de remise",
    "date butoir",
    "date d echeance",
    "due date",
    "submission deadline",
];

/// Labels too common to complain about when no date follows.
const WEAK: [&str; 6] = ["due", "date", "dates", "rendu", "remise", "a rendre"];

/// The first labelled deadline of a text; `breaks` are the ends of its source lines. Linear in the text: only
/// words that open a label are looked at closely.
pub(super) fn labelled(text: &str, breaks: &[usize]) -> Option<Labelled> {
    let bytes = text.as_bytes();
    // Behind every label stands a digit or a colon, of one byte or three; most texts have none.
    let follows = |byte: &u8| matches!(byte, b'0'..=b':' | 0xef);
    // No early end: this way the compiler looks at many bytes at once.
    if !bytes.iter().fold(false, |any, byte| any | follows(byte)) {
        return None;
    }
    let last = bytes.iter().rposition(follows)?;
    let mut unreadable = None;
    let mut line = Line::default();
    let mut before = b' ';
    for (start, byte) in bytes[..last].iter().enumerate() {
        if std::mem::replace(&mut before, *byte).is_ascii_alphanumeric() {
            continue;
        }
        // How labels open, É and À being two bytes each; a cheap look before the careful one.
        let next = bytes.get(start + 1).map_or(b' ', u8::to_ascii_lowercase);
        let may_open = match byte.to_ascii_lowercase() {
            b'd' => matches!(next, b'e' | b'u' | b'a'),
            b'e' => matches!(next, b'c' | 0xcc),
            b'r' => next == b'e',
            b's' => next == b'u',
            b'a' => !next.is_ascii_alphanumeric(),
            0xc3 => true,
            _ => false,
        };
        if !may_open {
            continue;
        }
        let inside_word = text[..start].chars().next_back().is_some_and(char::is_alphanumeric);
        if inside_word || !opens_label(&text[start..]) {
            continue;
        }
        line.go_to(start, text, breaks);
        let leads = line.first_word.is_none_or(|word| word >= start);
        let Some(found) = at_label(&text[start..line.end], start, leads) else {
            continue;
        };
        let found = Labelled { whole: found.whole && breaks.is_empty() && leads, ..found };
        if found.when.is_some() {
            return Some(found);
        }
        unreadable.get_or_insert(found);
    }
    unreadable
}

/// The source line that the search for labels has come to.
#[derive(Default)]
struct Line {
    /// Byte after its last; 0 before the first line.
    end: usize,
    /// First byte of its first word.
    first_word: Option<usize>,
}

impl Line {
    /// Moves on to the line of byte `at`. Every line is read once, however many labels it has.
    fn go_to(&mut self, at: usize, text: &str, breaks: &[usize]) {
        if at <= self.end && self.end > 0 {
            return;
        }
        let line = breaks.partition_point(|end| *end < at);
        let start = if line == 0 { 0 } else { breaks[line - 1] };
        self.end = breaks.get(line).copied().unwrap_or(text.len());
        self.first_word = text[start..self.end].find(char::is_alphanumeric).map(|word| start + word);
    }
}

/// A cheap look at the first word.
fn opens_label(text: &str) -> bool {
    let end = text.find(|c: char| !c.is_alphabetic()).unwrap_or(text.len());
    if end > 12 {
        return false;
    }
    let word = &text[..end];
    // "a" is the commonest word of English: only "à rendre" and "à remettre" are worth more than a look.
    if matches!(word, "a" | "A" | "à" | "À") {
        let next = text[end..].trim_start();
        return ["rendre", "remettre"]
            .iter()
            .any(|verb| next.get(..verb.len()).is_some_and(|start| start.eq_ignore_ascii_case(verb)));
    }
    const WORDS: [&str; 9] =
        ["deadline", "deadlines", "due", "date", "dates", "submission", "delivery", "rendu", "remise"];
    WORDS.iter().any(|known| known.eq_ignore_ascii_case(word))
        || (word.starts_with(['e', 'E', 'é', 'É'])
            && matches!(phrase(word).as_str(), "echeance" | "echeances"))
}

/// Reads the label at the start of `line`.
fn at_label(line: &str, start: usize, leads: bool) -> Option<Labelled> {
    let colon =
        line.char_indices().take(32).find(|(_, c)| matches!(c, ':' | '：')).map(|(at, c)| (at, c.len_utf8()));
    if let Some((at, width)) = colon {
        let label = line[..at].trim_end();
        let words = phrase(label);
        if NAMES.contains(&words.as_str()) {
            let rest = line[at + width..].trim_start();
            let weak = WEAK.contains(&words.as_str());
            // Only one label leads a line: looking far ahead from every other one would be quadratic.
            let rest = if leads { rest } else { window(rest) };
            if let Some(found) = dates::find(rest) {
                return Some(labelled_text(label, rest, found, start, leads));
            }
            let unreadable = leads && !weak && rest.contains(char::is_alphanumeric);
            return unreadable.then(|| Labelled {
                label: label.to_owned(),
                when: None,
                text: rest.trim().to_owned(),
                start,
                leads,
                whole: false,
            });
        }
    }
    // Without a colon the date follows at once, or after "is on the", "fixée au", a dash.
    let found = dates::find(window(line))?;
    let before = phrase(&line[..found.range.start]);
    let label = PHRASES.iter().filter(|p| words_start(&before, p)).max_by_key(|p| p.len())?;
    let between = before[label.len()..].split_whitespace().count();
    if between > 3 {
        return None;
    }
    let at = found.range.start;
    let shifted = dates::Match { range: 0..found.range.end - at, ..found };
    Some(labelled_text(line[..at].trim_end(), &line[at..], shifted, start, leads))
}

/// As much of a text as one date with its label takes.
fn window(text: &str) -> &str {
    text.char_indices().nth(90).map_or(text, |(at, _)| &text[..at])
}

fn words_start(words: &str, label: &str) -> bool {
    words.strip_prefix(label).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
}

fn labelled_text(label: &str, rest: &str, found: dates::Match, start: usize, leads: bool) -> Labelled {
    let (text, whole) = date_text(rest, &found);
    Labelled { label: label.to_owned(), when: Some(found.when), text, start, leads, whole }
}

/// The text to keep as a deadline's own, and whether it is all of `text`.
pub(super) fn date_text(text: &str, found: &dates::Match) -> (String, bool) {
    let trimmed = text.trim();
    if trimmed.len() <= MAX_TEXT {
        return (trimmed.to_owned(), true);
    }
    (text[found.range.clone()].to_owned(), false)
}

/// A date that may become its stage's deadline.
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    /// What it says; `None` if no date could be read.
    pub when: Option<Result<Written, Problem>>,
    /// The date as written.
    pub text: String,
    /// Heading or label above it, for the note that keeps a date which cannot be used.
    pub title: Option<String>,
    /// First byte in the document.
    pub offset: usize,
    /// The text stands in a note or an item as well.
    pub kept: bool,
    /// Names the stage's own deadline: a section, a label that opens its line. Others only fill in.
    pub strong: bool,
}

impl Candidate {
    /// The date, where one was read.
    pub fn written(&self) -> Option<Written> {
        self.when.and_then(Result::ok)
    }

    /// The diagnostic for a date that cannot be used, with advice.
    pub fn complaint(&self) -> Option<(DiagnosticCode, &'static str)> {
        match self.when {
            None => Some((
                DiagnosticCode::DateUnreadable,
                "holds no date that could be read; write it as 2024-11-10 or \"10 November 2024\"",
            )),
            Some(Err(Problem::Impossible)) => Some((
                DiagnosticCode::DateImpossible,
                "is no day of the calendar; correct the day, the month or the week",
            )),
            Some(Err(Problem::Backward)) => {
                Some((DiagnosticCode::DateBackward, "ends before it starts; write the first day first"))
            }
            Some(Ok(_)) => None,
        }
    }
}

/// Why a date has no days.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unresolved {
    /// No year anywhere.
    YearUnknown,
    /// The year that fits lacks the day (29 February).
    Impossible,
}

/// Gives every stage's date its days. A missing year is the first that puts the date not before the previous
/// one; before the first written year, the last that puts it not after the next. `hint` holds the years named
/// elsewhere in the document, for when no deadline has one.
pub(super) fn resolve(
    written: &[Option<Written>],
    hint: Option<(i16, Option<i16>)>,
) -> Vec<Option<Result<(Date, Date), Unresolved>>> {
    let mut days: Vec<Option<Result<(Date, Date), Unresolved>>> = written.iter().map(|_| None).collect();
    let anchor = written.iter().position(|w| w.is_some_and(|w| w.year().is_some()));
    let start = match anchor {
        Some(anchor) => {
            let mut next: Option<(Date, Date)> = None;
            for i in (0..=anchor).rev() {
                let Some(date) = written[i] else { continue };
                let found = match (date.year(), next) {
                    (Some(year), _) => date.at_year(year),
                    (None, Some((limit, _))) => (0..3)
                        .filter_map(|back| date.at_year(limit.year().checked_sub(back)?))
                        .find(|(from, _)| *from <= limit),
                    (None, None) => None,
                };
                next = found.or(next);
                days[i] = Some(found.ok_or(Unresolved::Impossible));
            }
            anchor + 1
        }
        None => 0,
    };
    let mut previous = days.iter().flatten().rev().find_map(|d| d.as_ref().ok().copied());
    for i in start..written.len() {
        let Some(date) = written[i] else { continue };
        let found = match (date.year(), previous, hint) {
            (Some(year), _, _) => date.at_year(year),
            (None, Some((limit, _)), _) => (-1..=1)
                .filter_map(|ahead| date.at_year(limit.year().checked_add(ahead)?))
                .find(|(_, to)| *to >= limit),
            // A school year starts in August at the earliest.
            (None, None, Some((first, second))) => {
                date.at_year(second.filter(|_| date.month() < 8).unwrap_or(first))
            }
            (None, None, None) => {
                days[i] = Some(Err(Unresolved::YearUnknown));
                continue;
            }
        };
        previous = found.or(previous);
        days[i] = Some(found.ok_or(Unresolved::Impossible));
    }
    days
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn text(text: &str) -> Option<(String, bool)> {
        labelled(text, &[]).map(|l| (l.text, l.whole))
    }

    #[test]
    fn labels_of_both_languages() {
        for line in [
            "Date limite : 30 octobre 2024",
            "Deadline: 30 octobre 2024",
            "Échéance : 30 octobre 2024",
            "À rendre le 30 octobre 2024",
            "Due on 30 octobre 2024",
            "📅 Due date: 30 octobre 2024",
            "Deadline – 30 octobre 2024",
            "Date limite de rendu fixée au 30 octobre 2024",
        ] {
            assert_eq!(text(line), Some(("30 octobre 2024".to_owned(), true)), "{line}");
        }
        let middle = labelled("Ends with a review. Deadline: 30 octobre 2024.", &[]).unwrap();
        assert!(!middle.leads && !middle.whole && middle.when.is_some());
        let marked = labelled("(((due date due: 2024-10-30", &[]).unwrap();
        assert!(marked.leads && marked.start == 3);
        let second = labelled("A line. Deadline: 2024-10-30", &[7]).unwrap();
        assert!(second.leads && !second.whole);
    }

    #[test]
    fn sentences_are_no_labels() {
        for line in [
            "A rendered page",
            "Meet the deadline: be early",
            "Due to rain we stay in",
            "update: 3",
            "due: soon",
        ] {
            assert_eq!(labelled(line, &[]), None, "{line}");
        }
        assert_eq!(labelled("Deadline: soon", &[]).unwrap().when, None);
    }

    fn written(text: &str) -> Option<Written> {
        dates::find(text).and_then(|found| found.when.ok())
    }

    #[test]
    fn years_come_from_the_neighbours() {
        let dates = [
            "20 octobre",
            "5 novembre",
            "1 décembre 2023",
            "Semaine du 12 Décembre",
            "8 janvier",
            "2 janvier",
        ];
        let days = resolve(&dates.map(written), None);
        let days: Vec<_> = days.into_iter().map(|d| d.unwrap().unwrap()).collect();
        assert_eq!(days[0].0, date(2023, 10, 20));
        assert_eq!(days[1].0, date(2023, 11, 5));
        assert_eq!(days[3], (date(2023, 12, 11), date(2023, 12, 17)));
        assert_eq!(days[4].0, date(2024, 1, 8));
        assert_eq!(days[5].0, date(2025, 1, 2));
    }

    #[test]
    fn years_come_from_the_title_or_not_at_all() {
        let dates = ["20 octobre", "5 mars"].map(written);
        let days = resolve(&dates, Some((2024, Some(2025))));
        assert_eq!(days[0], Some(Ok((date(2024, 10, 20), date(2024, 10, 20)))));
        assert_eq!(days[1], Some(Ok((date(2025, 3, 5), date(2025, 3, 5)))));
        assert_eq!(
            resolve(&dates, None),
            [Some(Err(Unresolved::YearUnknown)), Some(Err(Unresolved::YearUnknown))]
        );
        let leap = ["1 février 2025", "29 février"].map(written);
        assert_eq!(resolve(&leap, None)[1], Some(Err(Unresolved::Impossible)));
    }
}
