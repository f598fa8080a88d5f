//! What the documents are made of, gathered from plan, GitHub, journal and jalon.toml.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use reports::{Content, content as doc, plots, rules};

use super::{chapters, words};
use crate::project::{Project, Target};
use crate::wire::*;
use crate::{Engine, Error, Refusal, Result, Work};

/// The three plots and the KPI that each belongs to.
const PLOTS: [(&str, &str); 3] = [
    ("deployment_cycle_time", "cycle_time"),
    ("deployment_frequency", "frequency"),
    ("deployment_success_rate", "success_rate"),
];

/// Gathers everything. Nothing is made up: what is not known is left to fill in, or told as a limit.
pub(super) async fn gather(
    engine: &Engine,
    project: &Project,
    candidate: Option<&str>,
    work: &Work,
) -> Result<Content> {
    let dir = project.dir.display().to_string();
    let report = &project.config.report;
    let language = match super::language(project) {
        Language::En => doc::Language::En,
        Language::Fr => doc::Language::Fr,
    };
    let mut limits = Vec::new();
    let sources = chapters::all(project)?;
    let mut images = BTreeMap::new();
    for chapter in &sources {
        chapter.pictures(&project.dir, &mut images);
        if let Err(problem) = &chapter.text {
            limits.push(words::chapter_left_out(language, &chapter.path, problem));
        }
    }
    let (kpis, zone) =
        crate::measure::measure(engine, &KpiQuery { dir: dir.clone(), ..KpiQuery::default() })?;
    if kpis.kpis.iter().any(|kpi| kpi.state == KpiState::Ok) {
        limits.push(words::window(language, &kpis.from, &kpis.to, &zone));
    }
    limits.push(words::clock(language));
    let stages = match crate::milestones(engine, ProjectDir { dir: dir.clone() }, work).await {
        Ok(milestones) => {
            if milestones.sync.synced_at.is_none() {
                limits.push(words::never_synced(language));
            }
            milestones.stages.into_iter().map(stage).collect()
        }
        Err(Error::PlanMissing { .. } | Error::PlanUnreadable { .. }) => {
            limits.push(words::no_plan(language));
            Vec::new()
        }
        Err(error) => return Err(error),
    };
    let rules = rules::Rules::parse(rules::RNCP36061).map_err(crate::measure::failed)?;
    Ok(Content {
        language,
        title: report.title.clone().unwrap_or_default(),
        subtitle: project.config.name.clone(),
        candidates: candidates(project, candidate)?,
        school: report.school.clone().unwrap_or_default(),
        company: report.company.clone().unwrap_or_default(),
        course: report.course.clone().unwrap_or_default(),
        cohort: report.cohort.clone().unwrap_or_default(),
        logos: logos(project)?,
        exported_at: engine.now(),
        project: project.config.name.clone(),
        repository: project.config.github.clone().unwrap_or_default(),
        sources: sources
            .into_iter()
            .filter_map(|chapter| Some(doc::Source { title: String::new(), markdown: chapter.text.ok()? }))
            .collect(),
        images,
        rules: Some(rules),
        stages,
        kpis: kpis.kpis.iter().map(|one| kpi(one, &kpis, &zone, language)).collect::<Result<_>>()?,
        environments: environments(engine, project, language, work).await?,
        runs: crate::runs::rows(engine, &dir, u32::MAX)?.into_iter().map(run).collect(),
        timezone: zone,
        limits,
    })
}

fn candidates(project: &Project, login: Option<&str>) -> Result<Vec<doc::Candidate>> {
    let all = &project.config.report.candidates;
    if let Some(login) = login.filter(|login| !all.iter().any(|one| one.login == **login)) {
        return Err(Refusal::CandidateUnknown { login: login.to_owned() }.into());
    }
    let chosen = all.iter().filter(|one| login.is_none_or(|login| one.login == login));
    Ok(chosen
        .map(|one| doc::Candidate {
            name: one.name.clone(),
            login: one.login.clone(),
            tutor: one.tutor.clone(),
        })
        .collect())
}

fn logos(project: &Project) -> Result<Vec<doc::Logo>> {
    let read = |path: &String| {
        let png = std::fs::read(project.dir.join(path))
            .map_err(|error| Refusal::SourceUnreadable { path: path.clone(), reason: error.to_string() })?;
        let name = path.rsplit('/').next().unwrap_or(path);
        Ok(doc::Logo { png, alt: name.rsplit_once('.').map_or(name, |(stem, _)| stem).to_owned() })
    };
    project.config.report.logos.iter().map(read).collect()
}

fn stage(stage: StageDetail) -> doc::Stage {
    let StageDetail { brief, milestone, .. } = stage;
    let day = |text: &String| text.parse::<Date>().ok();
    let deadline =
        brief.deadline.as_ref().and_then(|d| Some(doc::Deadline { from: day(&d.from)?, to: day(&d.to)? }));
    doc::Stage {
        number: brief.number,
        title: brief.title,
        deadline,
        milestone: milestone.map(|fact| doc::Milestone {
            number: fact.number,
            is_open: !fact.is_closed,
            open: fact.open,
            closed: fact.closed,
        }),
        state: match brief.state {
            StageState::Done => doc::StageState::Done,
            StageState::UnderWay => doc::StageState::UnderWay,
            StageState::AtRisk => doc::StageState::AtRisk,
            StageState::Overdue => doc::StageState::Overdue,
            StageState::ToCome => doc::StageState::ToCome,
            StageState::Unknown => doc::StageState::Unknown,
        },
        finished_on: brief.finished_on.as_ref().and_then(day),
        days_late: u32::try_from(brief.days_late).unwrap_or_default(),
        done: brief.done,
    }
}

fn kpi(one: &Kpi, all: &Kpis, zone: &jiff::tz::TimeZone, language: doc::Language) -> Result<doc::Kpi> {
    let look = plots::Look::document(match language {
        doc::Language::En => plots::Language::En,
        doc::Language::Fr => plots::Language::Fr,
    });
    let plot = match PLOTS.iter().find(|(id, _)| *id == one.id) {
        Some((_, name)) if one.state == KpiState::Ok && one.n > 0 => {
            let plot = crate::measure::draw(all, zone, name, &look)?;
            let png = plots::to_png(&plot, 2.0).map_err(crate::measure::failed)?;
            Some(doc::Picture {
                png,
                svg: plot.svg,
                width_px: plot.width,
                height_px: plot.height,
                alt: plot.alt,
            })
        }
        _ => None,
    };
    Ok(doc::Kpi {
        id: one.id.clone(),
        name: words::name(language, &one.id),
        value: one.value.map(|value| words::value(language, &one.unit, value)),
        interval: one.interval.map(|(lo, hi)| words::interval(language, &one.unit, lo, hi)),
        n: one.n,
        excluded: words::excluded(language, &one.excluded),
        definition: words::definition(language, &one.id),
        evidence: doc::Evidence::Observed,
        plot,
    })
}

async fn environments(
    engine: &Engine,
    project: &Project,
    language: doc::Language,
    work: &Work,
) -> Result<Vec<doc::Environment>> {
    let mut all: Vec<doc::Environment> = Vec::new();
    for environment in &project.config.environments {
        all.push(doc::Environment {
            name: environment.name.clone(),
            production: environment.production,
            target: match environment.target {
                Target::Local { .. } => words::this_computer(language),
                Target::Kubernetes { .. } => "Kubernetes".to_owned(),
            },
            promotes_from: environment.promotes_from.clone(),
            services: Vec::new(),
        });
    }
    for service in &project.config.services {
        let query =
            DeploymentsQuery { dir: project.dir.display().to_string(), service: Some(service.name.clone()) };
        let seen = crate::deployments(engine, query, work).await?;
        for (view, own) in seen.environments.into_iter().zip(&mut all) {
            own.services.push(doc::Service {
                name: service.name.clone(),
                address: view.address.unwrap_or_default(),
                release: view.release.map(|release| release.version),
                healthy: match view.health.state {
                    HealthState::Healthy => Some(true),
                    HealthState::Failing | HealthState::Crashed => Some(false),
                    _ => None,
                },
            });
        }
    }
    Ok(all)
}

fn run(row: RunRow) -> doc::Run {
    let time = |text: &Option<String>| text.as_ref().and_then(|text| text.parse::<Timestamp>().ok());
    let word = |value: serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let (started, finished) = (time(&row.started), time(&row.finished));
    doc::Run {
        kind: word(serde_json::json!(row.kind)),
        state: word(serde_json::json!(row.state)),
        id: row.id,
        service: row.name,
        environment: row.environment,
        version: row.version.unwrap_or_default(),
        commit: row.commit.unwrap_or_default(),
        by: row.by.unwrap_or_default(),
        requested: row.requested.parse().unwrap_or_default(),
        duration: started.zip(finished).map(|(from, to)| to.duration_since(from)),
        finished,
    }
}
