//! The grammar of dates: the first date of a text.

use jiff::ToSpan;
use jiff::civil::{Date, ISOWeekDate, Weekday};

use super::{Day, Kind, Match, Problem, Token, Written, tokens};

/// The first date of `text`, if there is one. Time is linear in the text: every position looks a bounded
/// number of tokens ahead.
pub(crate) fn find(text: &str) -> Option<Match> {
    // Every date has a digit; most texts have none.
    if !text.bytes().any(|b| b.is_ascii_digit()) {
        return None;
    }
    let tokens = tokens(text);
    let scan = Scan(&tokens);
    (0..tokens.len()).filter(|i| scan.may_open(*i)).find_map(|i| {
        let (when, after) = scan.deadline(i)?;
        Some(Match { when, range: tokens[i].start..tokens[after - 1].end })
    })
}

/// Words that open a week.
const WEEK: [&str; 4] = ["semaine", "week", "semaines", "weeks"];

/// What one date reads as: a day, an ISO week, or a day that no calendar has.
type Read<T> = Option<(Result<T, Problem>, usize)>;

struct Scan<'a>(&'a [Token<'a>]);

impl Scan<'_> {
    fn word(&self, i: usize) -> Option<&str> {
        self.0.get(i)?.word()
    }

    fn mark(&self, i: usize) -> Option<char> {
        self.0.get(i)?.mark()
    }

    fn number(&self, i: usize) -> Option<(u32, usize)> {
        match self.0.get(i)?.kind {
            Kind::Number { value, digits } => Some((value, digits)),
            _ => None,
        }
    }

    fn glued(&self, i: usize) -> bool {
        self.0.get(i).is_some_and(|token| !token.spaced)
    }

    fn is(&self, i: usize, words: &[&str]) -> bool {
        self.word(i).is_some_and(|word| words.contains(&word))
    }

    /// Whether a date may start at token `i`: a cheap look before the careful one.
    fn may_open(&self, i: usize) -> bool {
        match &self.0[i].kind {
            // A day or a year, with a month, a mark or a link between days behind it.
            Kind::Number { digits: 1 | 2 | 4, .. } => {
                self.0.get(i + 1).is_some_and(|next| !matches!(next.kind, Kind::Number { .. }))
            }
            Kind::Number { .. } | Kind::Mark(_) => false,
            Kind::Word(word) => {
                WEEK.contains(&word.as_ref()) || weekday(word).is_some() || month(word).is_some()
            }
        }
    }

    /// A deadline that starts at token `i`, and the token after it.
    fn deadline(&self, i: usize) -> Read<Written> {
        if let Some((dates, after)) = self.iso_week(i) {
            return Some((dates.map(|(from, to)| Written::Fixed(from, to)), after));
        }
        if self.is(i, &WEEK) {
            if let Some(read) = self.numbered_week(i) {
                return Some(read);
            }
            let mut at = i + 1;
            while at < i + 4
                && self.is(
                    at,
                    &["du", "de", "of", "la", "le", "the", "commencing", "beginning", "starting", "on"],
                )
            {
                at += 1;
            }
            let (written, after) = self.span(at)?;
            let week = written.map(|written| match written {
                Written::Days(from, to) if from == to => Written::Week(from),
                span => span,
            });
            return Some((week, after));
        }
        self.span(i)
    }

    /// `2024-W50`, `2024W50`.
    fn iso_week(&self, i: usize) -> Read<(Date, Date)> {
        let year = self.year(i)?;
        let at = if self.mark(i + 1) == Some('-') { i + 2 } else { i + 1 };
        if !self.is(at, &["w"]) || !self.glued(at) || !self.glued(at + 1) {
            return None;
        }
        let (week, 1..=2) = self.number(at + 1)? else {
            return None;
        };
        Some((iso_week(year, week), at + 2))
    }

    /// `semaine 50 de 2024`, `week 50, 2024`; without a year a week's number may as well count from the
    /// project's start.
    fn numbered_week(&self, i: usize) -> Read<Written> {
        let (week, 1..=2) = self.number(i + 1)? else {
            return None;
        };
        let mut at = i + 2;
        if self.is(at, &["de", "of"]) || self.mark(at) == Some(',') {
            at += 1;
        }
        let dates = iso_week(self.year(at)?, week);
        Some((dates.map(|(from, to)| Written::Fixed(from, to)), at + 1))
    }

    /// One day or a span of days.
    fn span(&self, i: usize) -> Read<Written> {
        if let Some(read) = self.short_span(i) {
            return Some(read);
        }
        let (from, after) = self.day(i)?;
        let Ok(from) = from else {
            return Some((Err(Problem::Impossible), after));
        };
        if let Some(at) = self.connector(after, i) {
            if let Some((to, end)) = self.day(at) {
                return Some((to.and_then(|to| ordered(from, to)), end));
            }
            if let Some((day, end)) = self.bare_day(at).filter(|_| from.year.is_none() && self.named_month(i))
            {
                let (year, end) = self.trailing_year(end);
                let to = checked(year, from.month.unsigned_abs().into(), day, None);
                return Some((to.and_then(|to| ordered(Day { year, ..from }, to)), end));
            }
        }
        Some((Ok(Written::Days(from, from)), after))
    }

    /// `12 au 16 décembre 2024`: the first day without a month.
    fn short_span(&self, i: usize) -> Read<Written> {
        let (weekday, at) = self.weekday(i);
        let (day, after) = self.bare_day(at)?;
        let to_at = self.connector(after, i)?;
        let (to, end) = self.day_month(to_at)?;
        let Ok(to) = to else {
            return Some((Err(Problem::Impossible), end));
        };
        let from = checked(to.year, to.month.unsigned_abs().into(), day, weekday);
        Some((from.and_then(|from| ordered(from, to)), end))
    }

    /// The token after `to`, `au`, `-` and their like.
    fn connector(&self, i: usize, start: usize) -> Option<usize> {
        if matches!(self.mark(i), Some('-' | '–' | '—' | '‑' | '→' | '~')) {
            return Some(i + 1);
        }
        if self.is(i, &["jusqu"]) && self.mark(i + 1).is_some() {
            return Some(i + 3);
        }
        let opened = start > 0 && self.is(start - 1, &["entre", "between"]);
        if self.is(i, &["au", "to", "until", "till", "through", "a"])
            || (opened && self.is(i, &["et", "and"]))
        {
            return Some(if self.is(i + 1, &["le", "the"]) { i + 2 } else { i + 1 });
        }
        None
    }

    /// One day in any notation.
    fn day(&self, i: usize) -> Read<Day> {
        self.numeric(i).or_else(|| self.day_month(i)).or_else(|| self.month_day(i))
    }

    /// `2024-11-10`, `10/11/2024`, `10.11.24`, `10/11`.
    fn numeric(&self, i: usize) -> Read<Day> {
        let (a, a_digits) = self.number(i)?;
        let separator = self.mark(i + 1).filter(|c| matches!(c, '.' | '/' | '-' | '‑' | '–'))?;
        let (b, b_digits) = self.number(i + 2)?;
        if !self.glued(i + 1) || !self.glued(i + 2) || b_digits > 2 {
            return None;
        }
        // A part of a longer number, such as an address, is no date.
        let joins = |at: usize| {
            matches!(self.mark(at), Some('.' | '/' | '-')) && self.glued(at) && self.glued(at + 1)
        };
        if i >= 2 && joins(i - 1) && self.glued(i) && self.number(i - 2).is_some() {
            return None;
        }
        let third = self
            .number(i + 4)
            .filter(|_| self.mark(i + 3) == Some(separator) && self.glued(i + 3) && self.glued(i + 4));
        let Some((c, c_digits)) = third else {
            if separator != '/' || a_digits > 2 {
                return None;
            }
            let day = checked(None, b, a, None).or_else(|_| checked(None, a, b, None)).ok()?;
            return Some((Ok(day), i + 3));
        };
        if joins(i + 5) && self.number(i + 6).is_some() {
            return None;
        }
        if a_digits == 4 {
            let year = year(a)?;
            return (c_digits <= 2).then(|| (checked(Some(year), b, c, None), i + 5));
        }
        let year = match c_digits {
            4 => year(c)?,
            2 => 2000 + i16::try_from(c).ok()?,
            _ => return None,
        };
        if a_digits > 2 {
            return None;
        }
        let day = checked(Some(year), b, a, None).or_else(|_| checked(Some(year), a, b, None));
        Some((day, i + 5))
    }

    /// `[lundi] 12 [of] décembre [2024]`.
    fn day_month(&self, i: usize) -> Read<Day> {
        let (weekday, at) = self.weekday(i);
        let (day, mut at) = self.bare_day(at)?;
        if self.is(at, &["of", "de"]) || (self.mark(at) == Some('-') && self.glued(at)) {
            at += 1;
        }
        let month = month(self.word(at)?)?;
        let (year, end) = self.trailing_year(at + 1);
        Some((checked(year, month, day, weekday), end))
    }

    /// `[Monday,] December 12 [, 2024]`.
    fn month_day(&self, i: usize) -> Read<Day> {
        let (weekday, at) = self.weekday(i);
        let month = month(self.word(at)?)?;
        let at = if self.mark(at + 1) == Some('.') { at + 2 } else { at + 1 };
        let (day, at) = self.bare_day(at)?;
        let (year, end) = self.trailing_year(at);
        Some((checked(year, month, day, weekday), end))
    }

    /// Whether the date at `i` opens with a month's name.
    fn named_month(&self, i: usize) -> bool {
        let (_, at) = self.weekday(i);
        self.word(at).and_then(month).is_some()
    }

    /// A number of one or two digits with its ordinal ending.
    fn bare_day(&self, i: usize) -> Option<(u32, usize)> {
        let (day, 1..=2) = self.number(i)? else {
            return None;
        };
        let next = self.0.get(i + 1).filter(|token| !token.spaced);
        match next.map(|token| &token.kind) {
            Some(Kind::Word(word)) => {
                ["er", "st", "nd", "rd", "th", "e", "eme"].contains(&word.as_ref()).then_some((day, i + 2))
            }
            Some(Kind::Mark('°' | 'ᵉ' | 'ʳ')) => Some((day, i + 2)),
            _ => Some((day, i + 1)),
        }
    }

    /// A year after a month: `. 2024`, `, 2024`, `-2024`.
    fn trailing_year(&self, i: usize) -> (Option<i16>, usize) {
        let after_dot = if self.mark(i) == Some('.') && self.glued(i) { i + 1 } else { i };
        let at = match self.mark(after_dot) {
            Some(',') => after_dot + 1,
            Some('-') if self.glued(after_dot) && self.glued(after_dot + 1) => after_dot + 1,
            _ => after_dot,
        };
        match self.year(at) {
            Some(year) => (Some(year), at + 1),
            None => (None, i),
        }
    }

    /// A weekday before a day, and what follows it.
    fn weekday(&self, i: usize) -> (Option<Weekday>, usize) {
        let Some(weekday) = self.word(i).and_then(weekday) else {
            return (None, i);
        };
        let mut at = i + 1;
        while at < i + 3 && matches!(self.mark(at), Some(',' | '.')) {
            at += 1;
        }
        if self.is(at, &["the", "le"]) {
            at += 1;
        }
        // "mar" is Tuesday in French and March in English: a weekday only where a whole date follows.
        let dated = self.bare_day(at).is_some_and(|(_, next)| {
            let next = if self.is(next, &["of", "de"]) { next + 1 } else { next };
            self.word(next).is_some_and(|word| month(word).is_some()) || self.connector(next, at).is_some()
        });
        if dated || self.word(at).and_then(month).is_some() { (Some(weekday), at) } else { (None, i) }
    }

    fn year(&self, i: usize) -> Option<i16> {
        match self.number(i)? {
            (value, 4) => year(value),
            _ => None,
        }
    }
}

/// Years a plan may mean; anything else of four digits is some other number.
fn year(value: u32) -> Option<i16> {
    i16::try_from(value).ok().filter(|year| (1900..=2199).contains(year))
}

/// A day that exists: in its year, or in a leap year where none is written.
fn checked(year: Option<i16>, month: u32, day: u32, weekday: Option<Weekday>) -> Result<Day, Problem> {
    let (Ok(month), Ok(day)) = (i8::try_from(month), i8::try_from(day)) else {
        return Err(Problem::Impossible);
    };
    match Date::new(year.unwrap_or(2024), month, day) {
        Ok(_) => Ok(Day { year, month, day, weekday }),
        Err(_) => Err(Problem::Impossible),
    }
}

/// A span in order. A year written once serves both days; December to January turns the year.
fn ordered(from: Day, to: Day) -> Result<Written, Problem> {
    let later = (from.month, from.day) > (to.month, to.day);
    let turns = later && from.month - to.month >= 6;
    let (from, to) = match (from.year, to.year) {
        (None, Some(year)) => (complete(from, year - i16::from(turns))?, to),
        (Some(year), None) => (from, complete(to, year + i16::from(turns))?),
        _ => (from, to),
    };
    let backward = match (from.year, to.year) {
        (Some(a), Some(b)) => (a, from.month, from.day) > (b, to.month, to.day),
        _ => later && !turns,
    };
    if backward { Err(Problem::Backward) } else { Ok(Written::Days(from, to)) }
}

fn complete(day: Day, year: i16) -> Result<Day, Problem> {
    // The month and the day are positive: they were checked when read.
    checked(Some(year), day.month.unsigned_abs().into(), day.day.unsigned_abs().into(), day.weekday)
}

fn iso_week(year: i16, week: u32) -> Result<(Date, Date), Problem> {
    let monday = i8::try_from(week)
        .ok()
        .and_then(|week| ISOWeekDate::new(year, week, Weekday::Monday).ok())
        .ok_or(Problem::Impossible)?
        .date();
    let sunday = monday.checked_add(6.days()).map_err(|_| Problem::Impossible)?;
    Ok((monday, sunday))
}

fn month(word: &str) -> Option<u32> {
    let month = match word {
        "janvier" | "january" | "janv" | "jan" => 1,
        "fevrier" | "february" | "fevr" | "fev" | "feb" => 2,
        "mars" | "march" | "mar" => 3,
        "avril" | "april" | "avr" | "apr" => 4,
        "mai" | "may" => 5,
        "juin" | "june" | "jun" => 6,
        "juillet" | "july" | "juill" | "juil" | "jul" => 7,
        "aout" | "august" | "aug" => 8,
        "septembre" | "september" | "sept" | "sep" => 9,
        "octobre" | "october" | "oct" => 10,
        "novembre" | "november" | "nov" => 11,
        "decembre" | "december" | "dec" => 12,
        _ => return None,
    };
    Some(month)
}

fn weekday(word: &str) -> Option<Weekday> {
    let weekday = match word {
        "lundi" | "monday" | "lun" | "mon" => Weekday::Monday,
        "mardi" | "tuesday" | "mar" | "tue" | "tues" => Weekday::Tuesday,
        "mercredi" | "wednesday" | "mer" | "wed" => Weekday::Wednesday,
        "jeudi" | "thursday" | "jeu" | "thu" | "thur" | "thurs" => Weekday::Thursday,
        "vendredi" | "friday" | "ven" | "fri" => Weekday::Friday,
        "samedi" | "saturday" | "sam" | "sat" => Weekday::Saturday,
        "dimanche" | "sunday" | "dim" | "sun" => Weekday::Sunday,
        _ => return None,
    };
    Some(weekday)
}
