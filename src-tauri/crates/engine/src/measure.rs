//! KPIs of a project's runs, or of a file of events, and their plots.

use std::path::Path;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use kpis::{Attempt, Commit, Events, Kind, Outcome, Window};
use reports::plots;
use runs::{Run, RunState as State};

use crate::project::Project;
use crate::wire::*;
use crate::{Engine, Error, Refusal, Result, Work};

/// KPIs of a project's runs.
///
/// # Errors
/// The window cannot be, or the project or the store cannot be read.
pub async fn kpis(engine: &Engine, params: KpiQuery, work: &Work) -> Result<Kpis> {
    work.soon("computing the KPIs", async { Ok(measure(engine, &params)?.0) }).await
}

/// KPIs over the events of a file, in UTC unless a project says otherwise. Nothing is computed from half a file.
///
/// # Errors
/// The file cannot be read, lines of it are wrong, or the window cannot be.
pub fn kpis_of_events(engine_now: Timestamp, path: &Path, params: &KpiQuery) -> Result<Kpis> {
    let bytes = std::fs::read(path).map_err(|error| Error::ProjectUnreadable {
        path: path.display().to_string(),
        reason: error.to_string(),
    })?;
    let events = kpis::parse_bytes(&bytes).map_err(|bad| Refusal::BadLines {
        count: bad.count,
        lines: bad.lines.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"),
    })?;
    let window = window(&events, params, &TimeZone::UTC, engine_now)?;
    Ok(on_wire(&events, &window, Vec::new(), &|id| id.to_owned()))
}

/// A plot of a KPI, drawn for the window or for print.
///
/// # Errors
/// There is no such plot, or it cannot be drawn at this size.
pub async fn kpi_plot(engine: &Engine, params: PlotQuery, work: &Work) -> Result<Plot> {
    work.soon("drawing the plot", async {
        let theme = match params.theme {
            PlotTheme::Light => plots::Theme::Light,
            PlotTheme::Dark => plots::Theme::Dark,
            PlotTheme::Print => plots::Theme::Print,
        };
        let look = plots::Look::window(theme, language(params.language), params.width, params.height);
        let (kpis, zone) = measure(engine, &params.kpis)?;
        let plot = draw(&kpis, &zone, &params.name, &look)?;
        let point =
            |point: plots::PlotPoint| PlotPoint { x: point.x, y: point.y, label: point.label, id: point.id };
        Ok(Plot {
            svg: plot.svg,
            width: plot.width,
            height: plot.height,
            title: plot.title,
            alt: plot.alt,
            table: plot.table,
            points: plot.points.into_iter().map(point).collect(),
        })
    })
    .await
}

/// A plot as a file's bytes: SVG, or PNG at twice its size; by the file's ending.
///
/// # Errors
/// As [`kpi_plot`], or the ending is neither.
pub fn plot_file(engine: &Engine, params: &PlotQuery, out: &Path) -> Result<Vec<u8>> {
    let (kpis, zone) = measure(engine, &params.kpis)?;
    plot_of(&kpis, &zone, params, out)
}

/// [`plot_file`] over KPIs that are there already.
///
/// # Errors
/// As [`plot_file`].
pub fn plot_of(kpis: &Kpis, zone: &TimeZone, params: &PlotQuery, out: &Path) -> Result<Vec<u8>> {
    let look = plots::Look {
        width: params.width,
        height: params.height,
        ..plots::Look::document(language(params.language))
    };
    let plot = draw(kpis, zone, &params.name, &look)?;
    match out.extension().and_then(|extension| extension.to_str()) {
        Some("svg") => Ok(plot.svg.into_bytes()),
        Some("png") => Ok(plots::to_png(&plot, 2.0).map_err(failed)?),
        other => {
            Err(Refusal::FormatUnknown { format: other.unwrap_or("").to_owned(), known: "svg, png" }.into())
        }
    }
}

pub(crate) fn failed(error: impl std::fmt::Display) -> Error {
    Refusal::DocumentFailed { reason: error.to_string() }.into()
}

fn language(language: Language) -> plots::Language {
    match language {
        Language::En => plots::Language::En,
        Language::Fr => plots::Language::Fr,
    }
}

/// Draws one of the three plots.
pub(crate) fn draw(kpis: &Kpis, zone: &TimeZone, name: &str, look: &plots::Look) -> Result<plots::Plot> {
    let of = |id: &str| kpis.kpis.iter().find(|kpi| kpi.id == id);
    let monday = |week: &KpiWeek| week.monday.parse::<Date>().unwrap_or_default();
    let plot = match name {
        "frequency" => {
            let week = |week: &KpiWeek| plots::Week {
                label_date: monday(week),
                succeeded: week.succeeded,
                failed: week.failed,
                partial: week.partial,
            };
            // Weeks of a window in which nothing was ever tried say nothing.
            let any = kpis.weeks.iter().any(|week| week.succeeded + week.failed > 0);
            let weeks: Vec<_> = kpis.weeks.iter().map(week).collect();
            plots::attempts_a_week(if any { &weeks } else { &[] }, look)
        }
        "cycle_time" => {
            let kpi = of("deployment_cycle_time");
            let points: Vec<plots::Point> = kpi
                .into_iter()
                .flat_map(|kpi| &kpi.events)
                .filter_map(|event| {
                    Some(plots::Point {
                        at: event.at.parse().ok()?,
                        seconds: event.value?,
                        label: event.label.clone(),
                        id: event.id.clone(),
                    })
                })
                .collect();
            plots::cycle_times(
                &points,
                kpi.and_then(|kpi| kpi.value),
                kpi.and_then(|kpi| kpi.interval),
                zone,
                look,
            )
        }
        "success_rate" => {
            let rate = |succeeded: u32, finished: u32| plots::Rate {
                succeeded,
                finished,
                interval: kpis::statistics::wilson(u64::from(succeeded), u64::from(finished)),
            };
            let week = |week: &KpiWeek| plots::RateWeek {
                label_date: monday(week),
                rate: Some(rate(week.succeeded, week.succeeded + week.failed))
                    .filter(|rate| rate.finished > 0),
                partial: week.partial,
            };
            let weeks: Vec<_> = kpis.weeks.iter().map(week).collect();
            let succeeded = kpis.weeks.iter().map(|week| week.succeeded).sum();
            let finished = kpis.weeks.iter().map(|week| week.succeeded + week.failed).sum();
            let overall = (finished > 0).then(|| rate(succeeded, finished));
            plots::success_rate(if overall.is_some() { &weeks } else { &[] }, overall, look)
        }
        other => return Err(Refusal::NoPlot { name: other.to_owned() }.into()),
    };
    plot.map_err(failed)
}

/// KPIs of a project, and the zone its weeks follow.
pub(crate) fn measure(engine: &Engine, params: &KpiQuery) -> Result<(Kpis, TimeZone)> {
    engine.journal().reconcile()?;
    let project = Project::load(&params.dir)?;
    let zone = project.zone()?;
    let name = project.dir.display().to_string();
    let runs = engine.store.runs_of_project(&name, u32::MAX)?;
    let mut environments: Vec<String> = project.config.environments.iter().map(|e| e.name.clone()).collect();
    for run in &runs {
        if !environments.contains(&run.what.environment) {
            environments.push(run.what.environment.clone());
        }
    }
    if let Some(environment) = params.environment.as_ref().filter(|wanted| !environments.contains(wanted)) {
        let known = environments.join(", ");
        return Err(Refusal::EnvironmentUnknown { environment: environment.clone(), known }.into());
    }
    let production = |name: &String| {
        project
            .config
            .environments
            .iter()
            .any(|environment| environment.name == *name && environment.production)
    };
    environments.sort_by_key(|name| !production(name));
    let mut attempts: Vec<Attempt> = Vec::new();
    for row in crate::runs::rows(engine, &name, u32::MAX)? {
        let run = runs.iter().find(|run| run.id.to_string() == row.id);
        attempts.extend(run.and_then(|run| attempt(run, row.attempt)));
    }
    let theirs = engine.teammates(&project)?;
    attempts.extend(theirs.iter().map(|theirs| theirs.attempt.clone()));
    let commits = engine.store.commits_of_project(&name)?;
    let commit = |c: store::deployed_commit::DeployedCommit| Commit {
        sha: c.sha,
        committed: c.committed,
        attempt: Some(c.run.to_string()),
    };
    let events =
        Events { attempts, incidents: Vec::new(), commits: commits.into_iter().map(commit).collect() };
    let window = window(&events, params, &zone, engine.now())?;
    let label = |id: &str| {
        let run = runs.iter().find(|run| run.id.to_string() == id);
        let version = run.and_then(|run| run.what.version.clone()).or_else(|| {
            theirs.iter().find(|theirs| theirs.row.id == id).and_then(|theirs| theirs.row.version.clone())
        });
        version.unwrap_or_else(|| id.get(..7).unwrap_or(id).to_owned())
    };
    Ok((on_wire(&events, &window, environments, &label), zone))
}

/// A run as an attempt; none for those that bring no release.
fn attempt(run: &Run, attempt: u32) -> Option<Attempt> {
    let kind = match run.what.kind.as_str() {
        "deploy" if run.what.rework => Kind::Rework,
        "deploy" => Kind::Planned,
        "rollback" => Kind::Rollback,
        _ => return None,
    };
    Some(Attempt {
        id: run.id.to_string(),
        service: run.what.name.clone(),
        environment: run.what.environment.clone(),
        production: run.what.production,
        sha: run.what.sha.clone()?,
        attempt,
        requested: run.requested,
        started: run.started,
        finished: run.finished,
        outcome: match run.state {
            State::Succeeded => Outcome::Success,
            State::Failed => Outcome::Failure,
            State::Cancelled => Outcome::Cancelled,
            // Nobody knows how it would have ended: left out, and its count shown.
            State::Interrupted => Outcome::Unknown,
            State::Planned | State::WaitingForConfirmation | State::Running => Outcome::InProgress,
        },
        kind,
    })
}

/// [from, to) in the project's zone: days where they are given, else from the first event's day to now.
fn window(events: &Events, params: &KpiQuery, zone: &TimeZone, now: Timestamp) -> Result<Window> {
    let wrong = |reason: String| Error::from(Refusal::BadWindow { reason });
    let day = |name: &str, text: &Option<String>| -> Result<Option<Timestamp>> {
        let Some(text) = text else { return Ok(None) };
        if let Ok(moment) = text.parse::<Timestamp>() {
            return Ok(Some(moment));
        }
        let day: Date =
            text.parse().map_err(|_| wrong(format!("{name} {text:?} is not a day such as 2026-11-23")))?;
        let start = day.to_zoned(zone.clone()).map_err(|error| wrong(format!("{name}: {error}")))?;
        Ok(Some(start.timestamp()))
    };
    let first = events.attempts.iter().map(|attempt| attempt.requested).min().unwrap_or(now).min(now);
    let start_of_day =
        first.to_zoned(zone.clone()).start_of_day().map_err(|error| wrong(error.to_string()))?;
    let from = day("from", &params.from)?.unwrap_or(start_of_day.timestamp());
    // The window is half open: what ends now is in it.
    let just_after = now.checked_add(jiff::SignedDuration::from_millis(1)).unwrap_or(now);
    let to = day("to", &params.to)?.unwrap_or(just_after);
    let window = Window::new(from, to, zone.clone()).map_err(|error| wrong(error.to_string()))?;
    Ok(window.in_environment(params.environment.clone()))
}

fn on_wire(
    events: &Events,
    window: &Window,
    environments: Vec<String>,
    label: &dyn Fn(&str) -> String,
) -> Kpis {
    let all = kpis::compute(events, window);
    let count = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
    let weeks = all.iter().flat_map(|kpi| &kpi.details.weeks).map(|week| KpiWeek {
        monday: week.from.to_zoned(window.timezone().clone()).date().to_string(),
        succeeded: count(week.success),
        failed: count(week.failure),
        partial: week.partial,
    });
    let mut weeks: Vec<KpiWeek> = weeks.collect();
    weeks.sort_by(|a, b| a.monday.cmp(&b.monday));
    weeks.dedup_by(|a, b| a.monday == b.monday);
    Kpis {
        from: window.from().to_string(),
        to: window.to().to_string(),
        environment: window.environment().map(str::to_owned),
        environments,
        kpis: all.into_iter().map(|kpi| one(kpi, label)).collect(),
        weeks,
    }
}

fn one(kpi: kpis::Kpi, label: &dyn Fn(&str) -> String) -> Kpi {
    let secondary = kpi.details.secondary.iter().filter_map(|also| Some((also.id.to_owned(), also.value?)));
    let event = |event: &kpis::Contribution| KpiEvent {
        id: event.id.clone(),
        label: label(&event.id),
        at: event.at.to_string(),
        value: event.value,
        mark: match (event.left_out, event.label, event.attempts.len()) {
            (Some(reason), _, _) => Some(reason.to_owned()),
            (None, "planned" | "success" | "deployed", 0 | 1) => None,
            (None, "planned", attempts) => Some(format!("{attempts} attempts")),
            (None, word, _) => Some(word.to_owned()),
        },
    };
    Kpi {
        id: kpi.id.as_str().to_owned(),
        value: kpi.value,
        unit: kpi.unit.as_str().to_owned(),
        n: kpi.n,
        interval: kpi.interval,
        excluded: kpi.excluded,
        state: match kpi.state {
            kpis::State::Ok => KpiState::Ok,
            kpis::State::NoData => KpiState::NoData,
        },
        formula: kpi.details.formula.to_owned(),
        also: secondary.collect(),
        band: kpi.band.map(str::to_owned),
        events: kpi.details.events.iter().map(event).collect(),
    }
}
