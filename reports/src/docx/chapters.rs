//! The chapters that Jalon writes from its data: competences, stages, deployments and KPIs, limits.

use super::compose::{Composer, cell, head, number, number_head, plain};
use super::model::{Cell, Inline, Look, Paragraph, Table, Twips};
use super::styles::Style;
use crate::Error;
use crate::content::{Evidence, Kpi, Milestone, Service, Stage, StageState};
use crate::palette;
use crate::summary;
use crate::typography;
use crate::words::Words;

/// Columns whose widths are given as shares of the page's.
pub(super) fn shares(width: Twips, shares: &[i32]) -> Vec<Twips> {
    let all: i32 = shares.iter().sum();
    shares.iter().map(|share| width * share / all.max(1)).collect()
}

/// The competences of the rule set; nothing where there is none.
pub(super) fn competences(composer: &mut Composer) {
    let Some(rules) = &composer.content.rules else { return };
    let words = composer.words;
    let language = words.language();
    composer.begin("jalon:competences", &words.get("competences"));
    composer.heading(1, &words.get("competences"), true);
    let count = rules.activities.iter().map(|activity| activity.competences.len()).sum::<usize>();
    let name = rules.name.in_language(language);
    composer.say(
        Style::Normal,
        words.with(
            "competences-intro",
            &[("name", name.into()), ("activities", rules.activities.len().into()), ("n", count.into())],
        ),
    );
    let fill = composer.placeholder("fill-competences");
    composer.add(Paragraph { inlines: vec![fill], ..Paragraph::default() });
    for activity in &rules.activities {
        composer.heading(2, activity.name.in_language(language), true);
        let rows = activity.competences.iter().map(|competence| {
            let mark = if competence.compulsory { words.get("compulsory") } else { String::new() };
            vec![
                plain(competence.number.to_string()),
                plain(competence.name.in_language(language)),
                cell(Style::TableText, vec![Inline::coloured(mark, palette::ACCENT)]),
            ]
        });
        let rows = rows.collect();
        let widths = shares(composer.page().width, &[7, 76, 17]);
        let head = vec![head(words.get("number-short")), head(words.get("competence")), head("")];
        composer.add_table(Table { widths, head, rows, look: Look::Airy });
    }
    composer.end();
}

/// The sentences that sum up the stages.
pub(crate) fn stages_in_words(words: &Words, stages: &[Stage]) -> String {
    let counts = summary::stages(stages);
    if counts.total == 0 {
        return words.get("stages-none");
    }
    let some = |key: &str, n: usize| {
        (n > 0).then(|| words.with(key, &[("n", n.into()), ("worst", counts.worst.into())]))
    };
    let parts: Vec<String> = [some("stages-on-time", counts.on_time), some("stages-late", counts.late)]
        .into_iter()
        .flatten()
        .collect();
    let done = words.with("stages-done", &[("n", counts.done.into()), ("total", counts.total.into())]);
    let first = if parts.is_empty() {
        format!("{done}.")
    } else {
        words.with("stages-done-parts", &[("done", done.into()), ("parts", parts.join(", ").into())])
    };
    let rest = [
        some("stages-overdue", counts.overdue),
        some("stages-unknown", counts.unknown),
        some("stages-undated", counts.undated),
    ];
    std::iter::once(first).chain(rest.into_iter().flatten()).collect::<Vec<_>>().join(" ")
}

/// Milestones against deadlines.
pub(super) fn milestones(composer: &mut Composer) {
    let words = composer.words;
    let stages = &composer.content.stages;
    composer.begin("jalon:milestones", &words.get("milestones"));
    composer.heading(1, &words.get("milestones"), true);
    composer.say(Style::Normal, stages_in_words(words, stages));
    if !stages.is_empty() {
        composer.table_caption(&words.get("milestones-caption"));
        let rows = stages.iter().map(|stage| stage_row(composer, stage)).collect();
        let keys = ["number-short", "stage", "deadline", "milestone", "finished", "state"];
        let head = keys.iter().map(|key| head(words.get(key))).collect();
        let widths = shares(composer.page().width, &[5, 25, 21, 16, 15, 18]);
        composer.add_table(Table { widths, head, rows, look: Look::Airy });
        let at = composer.at();
        composer.say(Style::Remark, words.with("milestones-source", &[("at", at.into())]));
    }
    composer.end();
}

fn stage_row(composer: &Composer, stage: &Stage) -> Vec<Cell> {
    let words = composer.words;
    let language = words.language();
    let number = stage.number.map_or_else(String::new, |number| number.to_string());
    let deadline = match stage.deadline {
        Some(deadline) => typography::days(language, deadline.from, deadline.to),
        None => words.get("no-deadline"),
    };
    let milestone = match stage.milestone {
        None => plain(words.get("no-milestone")),
        Some(it) => {
            let mut made = plain(words.with("milestone-number", &[("number", it.number.into())]));
            made.push(detail(milestone_issues(words, it)));
            made
        }
    };
    let finished = stage.finished_on.map_or_else(|| words.get("none"), |day| words.day(day));
    let mut state = vec![state_line(composer, stage)];
    let more = if stage.days_late > 0 {
        Some(words.with("late-by", &[("n", stage.days_late.into())]))
    } else {
        let share = stage.done.filter(|_| stage.state != StageState::Done);
        share.map(|share| words.with("share-done", &[("share", typography::percent(language, share).into())]))
    };
    state.extend(more.map(detail));
    let title = cell(Style::TableText, vec![Inline::strong(&stage.title)]);
    let number = cell(Style::TableText, vec![Inline::coloured(number, palette::TEXT_3)]);
    vec![number, title, plain(deadline), milestone, plain(finished), state]
}

/// A second, quieter line of a cell.
fn detail(text: String) -> Paragraph {
    let inlines = vec![Inline::coloured(text, palette::TEXT_3)];
    Paragraph { style: Style::TableText, inlines, size: Some(18), ..Paragraph::default() }
}

/// How many of a milestone's issues are closed.
pub(crate) fn milestone_issues(words: &Words, milestone: Milestone) -> String {
    let total = milestone.open + milestone.closed;
    if total == 0 {
        return words.get("milestone-bare");
    }
    words.with("milestone-issues", &[("closed", milestone.closed.into()), ("total", total.into())])
}

/// Colour of a state's shape; the word stays black.
pub(crate) fn state_color(state: StageState) -> &'static str {
    match state {
        StageState::Done => palette::OK,
        StageState::UnderWay => palette::ACCENT,
        StageState::AtRisk => palette::WARN,
        StageState::Overdue => palette::BAD,
        StageState::ToCome | StageState::Unknown => palette::TEXT_3,
    }
}

fn state_line(composer: &Composer, stage: &Stage) -> Paragraph {
    let (shape, word) = composer.words.stage_state(stage.state);
    let inlines =
        vec![Inline::coloured(format!("{shape}\u{a0}"), state_color(stage.state)), Inline::text(word)];
    Paragraph { style: Style::TableText, inlines, ..Paragraph::default() }
}

/// Key of an evidence's label.
pub(crate) fn evidence_key(evidence: Evidence) -> &'static str {
    match evidence {
        Evidence::ThirdParty => "evidence-third-party",
        Evidence::Observed => "evidence-observed",
        Evidence::Declared => "evidence-declared",
    }
}

/// Deployments and KPIs.
pub(super) fn deployments(composer: &mut Composer) -> Result<(), Error> {
    let words = composer.words;
    composer.begin("jalon:deployments", &words.get("deployments-and-kpis"));
    composer.heading(1, &words.get("deployments-and-kpis"), true);
    composer.heading(2, &words.get("where"), true);
    environments(composer);
    composer.heading(2, &words.get("deployments"), true);
    composer.say(Style::Normal, deployments_in_words(composer));
    composer.end();
    composer.begin("jalon:kpis", &words.get("kpis"));
    kpis(composer)?;
    composer.end();
    Ok(())
}

fn deployments_in_words(composer: &Composer) -> String {
    let words = composer.words;
    let counts = summary::deployments(&composer.content.runs);
    if counts.total + counts.rollbacks == 0 {
        return words.get("deployments-none");
    }
    let numbers = [
        ("n", counts.total.into()),
        ("succeeded", counts.succeeded.into()),
        ("failed", counts.failed.into()),
        ("cancelled", counts.cancelled.into()),
    ];
    let mut said = vec![words.with("deployments-count", &numbers)];
    if counts.other > 0 {
        said.push(words.count("deployments-other", counts.other));
    }
    if counts.rollbacks > 0 {
        said.push(words.count("deployments-rollbacks", counts.rollbacks));
    }
    said.push(words.get("deployments-where"));
    said.join(" ")
}

fn environments(composer: &mut Composer) {
    let words = composer.words;
    let environments = &composer.content.environments;
    if environments.is_empty() {
        composer.say(Style::Normal, words.get("where-none"));
        return;
    }
    composer.table_caption(&words.get("where-caption"));
    let mut rows = Vec::new();
    for environment in environments {
        let mut name = vec![Inline::strong(&environment.name)];
        if environment.production {
            name.push(Inline::Break);
            name.push(Inline::coloured(words.get("production"), palette::ACCENT));
        }
        if environment.services.is_empty() {
            let none = plain(words.get("nothing-deployed"));
            rows.push(vec![
                cell(Style::TableText, name.clone()),
                plain(&environment.target),
                none,
                plain(""),
                plain(""),
            ]);
        }
        for (index, service) in environment.services.iter().enumerate() {
            let first = if index == 0 { cell(Style::TableText, name.clone()) } else { plain("") };
            let target = if index == 0 { environment.target.as_str() } else { "" };
            rows.push(vec![
                first,
                plain(target),
                service_cell(service),
                plain(service.release.clone().unwrap_or_else(|| words.get("nothing-deployed"))),
                health_cell(composer, service),
            ]);
        }
    }
    let keys = ["environment", "target", "service", "release", "health"];
    let head = keys.iter().map(|key| head(words.get(key))).collect();
    let widths = shares(composer.page().width, &[17, 23, 30, 15, 15]);
    composer.add_table(Table { widths, head, rows, look: Look::Airy });
}

fn service_cell(service: &Service) -> Cell {
    let mut made = plain(&service.name);
    if !service.address.is_empty() {
        made.push(detail(service.address.clone()));
    }
    made
}

fn health_cell(composer: &Composer, service: &Service) -> Cell {
    let words = composer.words;
    let inlines = match service.healthy {
        _ if service.release.is_none() => vec![Inline::text(words.get("none"))],
        None => vec![Inline::text(words.get("not-asked"))],
        Some(true) => vec![Inline::coloured("●\u{a0}", palette::OK), Inline::text(words.get("healthy"))],
        Some(false) => vec![Inline::coloured("■\u{a0}", palette::BAD), Inline::text(words.get("unhealthy"))],
    };
    cell(Style::TableText, inlines)
}

fn kpis(composer: &mut Composer) -> Result<(), Error> {
    let words = composer.words;
    let kpis = &composer.content.kpis;
    composer.heading(2, &words.get("kpis"), true);
    if kpis.is_empty() {
        composer.say(Style::Normal, words.get("kpis-none"));
        return Ok(());
    }
    composer.table_caption(&words.get("kpis-caption"));
    let rows = kpis.iter().map(|kpi| kpi_row(composer, kpi)).collect();
    let mut heads: Vec<Cell> = ["kpi", "value", "interval"].iter().map(|key| head(words.get(key))).collect();
    heads.push(number_head(words.get("events")));
    heads.extend(["excluded", "evidence"].iter().map(|key| head(words.get(key))));
    let widths = shares(composer.page().width, &[25, 17, 22, 9, 15, 12]);
    composer.add_table(Table { widths, head: heads, rows, look: Look::Airy });
    for kpi in kpis {
        composer.heading(3, &kpi.name, true);
        let inlines = kpi_in_words(composer, kpi);
        let keep_next = kpi.plot.is_some();
        composer.add(Paragraph { inlines, keep_next, ..Paragraph::default() });
        if let Some(picture) = &kpi.plot {
            let drawing = composer.plot(picture)?;
            composer.figure(drawing, &kpi.name);
        }
    }
    Ok(())
}

fn kpi_row(composer: &Composer, kpi: &Kpi) -> Vec<Cell> {
    let words = composer.words;
    let value = match &kpi.value {
        Some(value) => vec![Inline::strong(value)],
        None => vec![Inline::coloured(words.get("no-data"), palette::TEXT_2)],
    };
    let excluded = if kpi.excluded.is_empty() { words.get("nothing-excluded") } else { kpi.excluded.clone() };
    let n = i64::try_from(kpi.n).unwrap_or(i64::MAX);
    vec![
        plain(&kpi.name),
        cell(Style::TableText, value),
        plain(kpi.interval.clone().unwrap_or_else(|| words.get("no-interval"))),
        number(typography::whole(words.language(), n)),
        plain(excluded),
        plain(words.get(evidence_key(kpi.evidence))),
    ]
}

fn kpi_in_words(composer: &Composer, kpi: &Kpi) -> Vec<Inline> {
    let words = composer.words;
    let mut said = Vec::new();
    match &kpi.value {
        Some(value) => {
            let interval = kpi.interval.clone().unwrap_or_else(|| words.get("no-interval"));
            said.push(Inline::strong(value));
            said.push(Inline::text(
                words.with("kpi-detail", &[("interval", interval.into()), ("n", kpi.n.into())]),
            ));
        }
        None => said.push(Inline::text(words.get("kpi-no-data"))),
    }
    if !kpi.excluded.is_empty() {
        let excluded = words.with("kpi-excluded", &[("excluded", kpi.excluded.as_str().into())]);
        said.push(Inline::text(format!(" {excluded}")));
    }
    if !kpi.definition.is_empty() {
        said.push(Inline::text(format!(" {}", kpi.definition)));
    }
    said
}

/// What was left out, and who vouches for what.
pub(super) fn limits(composer: &mut Composer) {
    let words = composer.words;
    composer.begin("jalon:limits", &words.get("limits"));
    composer.heading(1, &words.get("limits"), true);
    let (at, zone) = (composer.at(), composer.zone());
    composer.say(Style::Normal, words.with("limits-as-of", &[("at", at.into()), ("zone", zone.into())]));
    composer.heading(2, &words.get("limits-left-out"), true);
    if composer.content.limits.is_empty() {
        composer.say(Style::Normal, words.get("limits-none"));
    }
    for limit in &composer.content.limits {
        let mut item = Paragraph::new(Style::List, limit);
        item.list = Some((super::parts::BULLETS, 0));
        composer.add(item);
    }
    composer.heading(2, &words.get("limits-evidence"), true);
    composer.say(Style::Normal, words.get("limits-evidence-intro"));
    composer.table_caption(&words.get("limits-evidence-caption"));
    let rows = ["third-party", "observed", "declared"].map(|label| {
        vec![
            cell(Style::TableText, vec![Inline::strong(words.get(&format!("evidence-{label}")))]),
            plain(words.get(&format!("meaning-{label}"))),
            plain(words.get(&format!("here-{label}"))),
        ]
    });
    let head = ["label", "meaning", "here"].iter().map(|key| head(words.get(key))).collect();
    let widths = shares(composer.page().width, &[16, 52, 32]);
    composer.add_table(Table { widths, head, rows: rows.into(), look: Look::Airy });
    composer.end();
}
