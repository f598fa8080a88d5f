//! From draft to plan: deadlines get their days, and the plan is looked over as a whole.

use std::collections::HashMap;

use jiff::civil::Date;

use super::build::{Draft, DraftStage};
use super::deadlines::{Candidate, Unresolved, resolve};
use super::text::Lines;
use super::{Import, ImportOptions};
use crate::dates;
use crate::diagnostics::{Diagnostic, DiagnosticCode};
use crate::model::{Deadline, Note, NoteKind, Plan, Stage};

/// Finishes a draft of the document `text`.
pub(super) fn finish(mut draft: Draft, text: &str, lines: &Lines<'_>, options: &ImportOptions<'_>) -> Import {
    let mut desk = Desk { text, lines, diagnostics: Vec::new() };
    if draft.stages.is_empty() {
        // Where the text starts, past blank lines and front matter.
        let offset = text.len() - text.trim_start().len();
        let message = "The document has no stage that could be recognised. Give every stage a heading such as \
                       \"## Stage 1: Title\" or \"## Étape 1 : Titre\", with \"### Activities\" and \
                       \"### Deadline\" below.";
        desk.say(DiagnosticCode::NoStage, offset, message.to_owned());
    }
    desk.numbers(&draft.stages);
    desk.milestones(&draft.stages, options.repository);
    overview(&mut draft);
    desk.deadlines(&mut draft);
    let stages = draft.stages.into_iter().map(|draft| draft.stage).collect();
    let plan =
        Plan { title: draft.title, front_matter: draft.front_matter, preamble: draft.preamble, stages };
    Import { plan, diagnostics: desk.diagnostics }
}

/// Hands the dates of an overview table to their stages.
fn overview(draft: &mut Draft) {
    if draft.overview.is_empty() {
        return;
    }
    let mut at = HashMap::new();
    for (i, stage) in draft.stages.iter().enumerate() {
        if let Some(number) = stage.stage.number {
            at.entry(number).or_insert(i);
        }
    }
    for (number, date) in std::mem::take(&mut draft.overview) {
        if let Some(stage) = at.get(&number).and_then(|i| draft.stages.get_mut(*i)) {
            stage.dates.push(date);
        }
    }
}

/// A stage as messages name it.
fn name(stage: &Stage) -> String {
    let title = short(&stage.title);
    match stage.number {
        Some(number) if !stage.title.contains(&number.to_string()) => format!("Stage {number} \"{title}\""),
        _ => format!("\"{title}\""),
    }
}

/// A text that fits into a message.
fn short(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    match line.char_indices().nth(60) {
        Some((at, _)) => format!("{}…", line[..at].trim_end()),
        None => line.to_owned(),
    }
}

fn span(deadline: (Date, Date)) -> String {
    let (from, to) = deadline;
    if from == to { from.to_string() } else { format!("{from} to {to}") }
}

/// Collects diagnostics.
struct Desk<'a> {
    text: &'a str,
    lines: &'a Lines<'a>,
    diagnostics: Vec<Diagnostic>,
}

impl Desk<'_> {
    fn say(&mut self, code: DiagnosticCode, offset: usize, message: String) {
        let (line, column) = self.lines.position(offset);
        let excerpt = short(self.text.get(offset..).unwrap_or_default().trim_start());
        self.diagnostics.push(Diagnostic { code, message, excerpt, line, column });
    }

    fn numbers(&mut self, stages: &[DraftStage]) {
        let mut first = HashMap::with_capacity(stages.len());
        for draft in stages {
            let Some(number) = draft.stage.number else {
                continue;
            };
            let line = *first.entry(number).or_insert(draft.stage.line);
            if line != draft.stage.line {
                let message = format!(
                    "{}: the stage on line {line} has the number {number} too. Give each stage a number of its own.",
                    name(&draft.stage)
                );
                self.say(DiagnosticCode::DuplicateNumber, draft.span.start, message);
            }
        }
    }

    fn milestones(&mut self, stages: &[DraftStage], repository: Option<&str>) {
        let linked = || stages.iter().filter_map(|draft| Some((draft, draft.stage.milestone.as_ref()?)));
        let mut counts: Vec<(&str, usize)> = Vec::new();
        let mut at = HashMap::new();
        for (_, milestone) in linked() {
            let i = *at.entry(milestone.repository.to_ascii_lowercase()).or_insert_with(|| {
                counts.push((&milestone.repository, 0));
                counts.len() - 1
            });
            counts[i].1 += 1;
        }
        // Of repositories named equally often, the first counts.
        let most = counts.iter().rev().max_by_key(|(_, count)| *count).map(|(repository, _)| *repository);
        let Some(home) = repository.or(most) else { return };
        let mut first = HashMap::new();
        for (draft, milestone) in linked() {
            if !milestone.repository.eq_ignore_ascii_case(home) {
                let message = format!(
                    "{}: the heading links to milestone {} of {}, but the project is {home}. \
                     Link to the project's own milestone.",
                    name(&draft.stage),
                    milestone.number,
                    milestone.repository
                );
                self.say(DiagnosticCode::MilestoneElsewhere, draft.span.start, message);
            }
            let key = (milestone.repository.to_ascii_lowercase(), milestone.number);
            let line = *first.entry(key).or_insert(draft.stage.line);
            if line != draft.stage.line {
                let message = format!(
                    "{}: the stage on line {line} links to milestone {} too. Link each stage to a milestone of its own.",
                    name(&draft.stage),
                    milestone.number
                );
                self.say(DiagnosticCode::DuplicateMilestone, draft.span.start, message);
            }
        }
    }

    fn deadlines(&mut self, draft: &mut Draft) {
        let hint = year_hint(draft);
        let chosen: Vec<Option<Candidate>> =
            draft.stages.iter_mut().map(|stage| self.choose(stage)).collect();
        let written: Vec<_> = chosen.iter().map(|date| date.as_ref().and_then(Candidate::written)).collect();
        let mut previous: Option<((Date, Date), u32)> = None;
        for ((draft, date), days) in draft.stages.iter_mut().zip(chosen).zip(resolve(&written, hint)) {
            let (Some(date), Some(days)) = (date, days) else {
                continue;
            };
            match days {
                Ok((from, to)) => {
                    if let Some((day, weekday)) = date.written().and_then(|w| w.wrong_weekday(from, to)) {
                        let message = format!(
                            "{}: \"{}\" says {weekday:?}, but {day} is a {:?}. Correct the weekday or the date.",
                            name(&draft.stage),
                            short(&date.text),
                            day.weekday()
                        );
                        self.say(DiagnosticCode::WeekdayMismatch, date.offset, message);
                    }
                    if let Some((before, other)) = previous.as_ref().filter(|(before, _)| to < before.0) {
                        let message = format!(
                            "{}: the deadline {} comes before that of the stage before it (line {}), {}. \
                             Correct one of them, or the stages' order.",
                            name(&draft.stage),
                            span((from, to)),
                            other,
                            span(*before)
                        );
                        self.say(DiagnosticCode::DeadlineBeforePrevious, date.offset, message);
                    }
                    previous = Some(((from, to), draft.stage.line));
                    let line = self.lines.line(date.offset);
                    draft.stage.deadline = Some(Deadline { from, to, text: date.text, line });
                }
                Err(Unresolved::YearUnknown) => {
                    let message = format!(
                        "{}: \"{}\" has no year, and no other date of the plan has one. Add the year.",
                        name(&draft.stage),
                        short(&date.text)
                    );
                    self.say(DiagnosticCode::YearUnknown, date.offset, message);
                    self.keep(&mut draft.stage, date);
                }
                Err(Unresolved::Impossible) => {
                    let message = format!(
                        "{}: the year that fits \"{}\" lacks this day. Correct the date.",
                        name(&draft.stage),
                        short(&date.text)
                    );
                    self.say(DiagnosticCode::DateImpossible, date.offset, message);
                    self.keep(&mut draft.stage, date);
                }
            }
            draft.stage.notes.sort_by_key(|note| note.line);
        }
    }

    /// The date that is the stage's deadline: its first readable one, those of its own first. What is wrong
    /// with the others is said, and their text kept.
    fn choose(&mut self, draft: &mut DraftStage) -> Option<Candidate> {
        let dates = std::mem::take(&mut draft.dates);
        let own = dates.iter().any(|date| date.strong);
        let readable = |strong: bool| dates.iter().position(|d| d.strong == strong && d.written().is_some());
        let chosen = readable(true).or_else(|| readable(false));
        let used = chosen.and_then(|at| dates[at].written());
        let line = chosen.map(|at| self.lines.line(dates[at].offset));
        let mut result = None;
        for (i, date) in dates.into_iter().enumerate() {
            if chosen == Some(i) {
                result = Some(date);
                continue;
            }
            if date.strong || !own {
                if let Some((code, advice)) = date.complaint() {
                    let message =
                        format!("{}: the deadline \"{}\" {advice}.", name(&draft.stage), short(&date.text));
                    self.say(code, date.offset, message);
                } else if let (true, Some(line), true) = (date.strong, line, date.written() != used) {
                    let message = format!(
                        "{}: \"{}\" is a second deadline; the one on line {line} counts. Leave one.",
                        name(&draft.stage),
                        short(&date.text)
                    );
                    self.say(DiagnosticCode::DeadlineRepeated, date.offset, message);
                }
            }
            self.keep(&mut draft.stage, date);
        }
        draft.stage.notes.sort_by_key(|note| note.line);
        result
    }

    /// Keeps a date that became no deadline, unless it stands elsewhere.
    fn keep(&self, stage: &mut Stage, date: Candidate) {
        if !date.kept {
            let line = self.lines.line(date.offset);
            let note = Note {
                text: date.text,
                kind: NoteKind::Paragraph,
                title: date.title,
                links: Vec::new(),
                line,
            };
            stage.notes.push(note);
        }
    }
}

/// Years named by the document's title, front matter, preamble or stages' titles.
fn year_hint(draft: &Draft) -> Option<(i16, Option<i16>)> {
    let title = draft.title.as_deref();
    let front = draft.front_matter.as_deref();
    let preamble =
        draft.preamble.iter().flat_map(|note| [note.title.as_deref(), Some(note.text.as_str())]).flatten();
    let stages = draft.stages.iter().map(|draft| draft.stage.title.as_str());
    title.into_iter().chain(front).chain(preamble).chain(stages).find_map(dates::years)
}
