//! Runs: listed, shown, watched, cancelled. What they do is in [`crate::deploy`] and [`crate::provision`].

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use runs::{Journal, Run, RunState as State};

use crate::wire::*;
use crate::{Engine, Error, Result, Work};

/// Runs that are listed when nobody says how many.
const LISTED: u32 = 200;
/// A watcher is answered after this time at the latest.
const WATCH: Duration = Duration::from_secs(5);
/// Between two looks while watching.
const LOOK: Duration = Duration::from_millis(25);

impl Engine {
    /// The journal of this data folder.
    pub(crate) fn journal(&self) -> Journal {
        Journal::new(self.store.clone(), self.around.home.clone(), self.around.clock.clone())
    }
}

/// Runs of a project, newest first. Runs whose process is gone are found out first.
///
/// # Errors
/// The journal cannot be read.
pub async fn runs_list(engine: &Engine, params: RunsQuery, _work: &Work) -> Result<Runs> {
    engine.journal().reconcile()?;
    let dir = crate::project::folder(&params.dir)?;
    let limit = params.limit.unwrap_or(LISTED);
    Ok(Runs { runs: rows(engine, &dir.display().to_string(), limit)? })
}

/// Runs of a project on the wire, newest first.
pub(crate) fn rows(engine: &Engine, project: &str, limit: u32) -> Result<Vec<RunRow>> {
    // Attempts are counted over all of them, whatever the limit.
    let all = engine.store.runs_of_project(project, u32::MAX)?;
    let mut attempts: BTreeMap<(&str, &str, &str, &str), u32> = BTreeMap::new();
    let mut rows: Vec<RunRow> = Vec::with_capacity(all.len());
    for run in all.iter().rev() {
        let what = &run.what;
        let chain = (
            what.name.as_str(),
            what.environment.as_str(),
            what.kind.as_str(),
            what.sha.as_deref().unwrap_or_default(),
        );
        let counted = !(run.refused || run.state == State::Cancelled);
        let attempt = attempts.entry(chain).or_default();
        *attempt += u32::from(counted);
        rows.push(row(run, (*attempt).max(1)));
        if run.state == State::Succeeded {
            attempts.remove(&chain);
        }
    }
    rows.reverse();
    rows.truncate(limit as usize);
    Ok(rows)
}

/// One run with its steps.
///
/// # Errors
/// There is no such run.
pub async fn run_show(engine: &Engine, params: RunId, _work: &Work) -> Result<RunDetail> {
    if let Some(detail) = teammate(engine, &params.id)? {
        return Ok(detail);
    }
    engine.journal().reconcile()?;
    detail(engine, number(&params.id)?)
}

/// All of a run's log.
///
/// # Errors
/// There is no such run, or its log cannot be read.
pub async fn run_log(engine: &Engine, params: RunId, _work: &Work) -> Result<Log> {
    if teammate(engine, &params.id)?.is_some() {
        // Its log is where it ran.
        return Ok(Log { lines: Vec::new() });
    }
    let id = number(&params.id)?;
    let journal = engine.journal();
    journal.run(id)?;
    let mut lines = Vec::new();
    let mut from = 0;
    loop {
        let page = journal.log(id, from)?;
        if page.next == from {
            return Ok(Log { lines });
        }
        from = page.next;
        lines.extend(page.lines.into_iter().map(line));
    }
}

/// What is new about a run since the last answer: at once if something is, else as soon as something is, else after a
/// few seconds.
///
/// # Errors
/// There is no such run, or its log cannot be read.
pub async fn run_watch(engine: &Engine, params: RunWatch, work: &Work) -> Result<RunUpdate> {
    if let Some(run) = teammate(engine, &params.id)? {
        return Ok(RunUpdate { run, lines: Vec::new(), next: 0, revision: 1, ended: true, waits: false });
    }
    let id = number(&params.id)?;
    let journal = engine.journal();
    journal.run(id)?;
    let watching = async {
        let mut look = tokio::time::interval(LOOK);
        loop {
            look.tick().await;
            if let Some(update) = news(engine, &journal, id, &params)? {
                return Ok(update);
            }
        }
    };
    tokio::select! {
        biased;
        () = work.cancel.cancelled() => Err(Error::Cancelled),
        update = tokio::time::timeout(WATCH, watching) => match update {
            Ok(update) => update,
            Err(_) => {
                // Nothing happens: perhaps because its process is gone.
                journal.reconcile()?;
                update_of(engine, &journal, id, params.from)
            }
        },
    }
}

fn news(engine: &Engine, journal: &Journal, id: i64, asked: &RunWatch) -> Result<Option<RunUpdate>> {
    let run = journal.run(id)?;
    let changed = revision(&run) != asked.revision;
    if changed || run.state.ended() || journal.log(id, asked.from)?.next != asked.from {
        return update_of(engine, journal, id, asked.from).map(Some);
    }
    Ok(None)
}

fn update_of(engine: &Engine, journal: &Journal, id: i64, from: u64) -> Result<RunUpdate> {
    // The run before its log: a log read after the run ended is whole.
    let run = journal.run(id)?;
    let page = journal.log(id, from)?;
    let whole = journal.log(id, page.next)?.next == page.next;
    Ok(RunUpdate {
        revision: revision(&run),
        ended: run.state.ended() && whole,
        waits: run.state == State::WaitingForConfirmation && whole,
        run: detail_of(engine, run)?,
        lines: page.lines.into_iter().map(line).collect(),
        next: page.next,
    })
}

/// Asks a run to cancel.
///
/// # Errors
/// There is no such run.
pub async fn run_cancel(engine: &Engine, params: RunId, _work: &Work) -> Result<RunDetail> {
    let id = number(&params.id)?;
    let journal = engine.journal();
    journal.cancel(id)?;
    journal.reconcile()?;
    detail(engine, id)
}

/// What GitHub alone knows of.
fn teammate(engine: &Engine, id: &str) -> Result<Option<RunDetail>> {
    match crate::shared::of_github(id) {
        Some(id) => engine.teammate_detail(id),
        None => Ok(None),
    }
}

pub(crate) fn number(id: &str) -> Result<i64> {
    id.parse().map_err(|_| Error::Runs(runs::Error::Unknown { id: id.to_owned() }))
}

pub(crate) fn detail(engine: &Engine, id: i64) -> Result<RunDetail> {
    detail_of(engine, engine.journal().run(id)?)
}

fn detail_of(engine: &Engine, run: Run) -> Result<RunDetail> {
    let id = run.id.to_string();
    let rows = rows(engine, &run.what.project, u32::MAX)?;
    let row = rows.into_iter().find(|row| row.id == id).unwrap_or_else(|| row(&run, 1));
    let journal = engine.store.changes_of_run(run.id)?;
    let mut steps: Vec<RunStep> = serde_json::from_str(&run.what.steps).unwrap_or_default();
    if run.state.ended() {
        // A process that was killed could not note how its step ended.
        for step in &mut steps {
            match step.state {
                // A confirmation that never came is no failure.
                StepState::Running if step.id == "confirm" => step.state = StepState::Skipped,
                StepState::Running => step.state = StepState::Failed,
                StepState::ToCome => step.state = StepState::Skipped,
                _ => {}
            }
        }
    }
    Ok(RunDetail {
        run: RunRow { state: state(run.state), ..row },
        steps,
        journal: journal
            .into_iter()
            .map(|(at, to)| RunChange { at: at.to_string(), state: state(to) })
            .collect(),
        // A run that is under way has noted what it would leave, and leaves nothing yet.
        left_behind: match run.state.ended() {
            true => serde_json::from_str(&run.left_behind).unwrap_or_default(),
            false => Vec::new(),
        },
        shared: engine.shared_on_wire(run.id)?,
        command: run.what.command,
        cancellable: !run.state.ended(),
    })
}

fn revision(run: &Run) -> u64 {
    u64::try_from(run.revision).unwrap_or_default()
}

fn line(line: runs::Line) -> LogLine {
    let stream = match line.stream {
        runs::Stream::Jalon => "jalon",
        runs::Stream::Stdout => "stdout",
        runs::Stream::Stderr => "stderr",
    };
    LogLine { at: line.at.to_string(), stream: stream.to_owned(), text: line.text, release: None }
}

/// A run as a row; `attempt` counts those at the same release.
fn row(run: &Run, attempt: u32) -> RunRow {
    let time = |time: Option<Timestamp>| time.map(|time| time.to_string());
    let what = &run.what;
    RunRow {
        id: run.id.to_string(),
        kind: kind(&what.kind),
        deed: crate::carry_out::deed(what),
        name: what.name.clone(),
        environment: what.environment.clone(),
        production: what.production,
        promoted_from: what.promoted_from.clone(),
        version: what.version.clone(),
        commit: what.sha.clone(),
        dirty: what.dirty,
        by: what.asked_by.clone(),
        state: state(run.state),
        refused: run.refused,
        attempt,
        requested: run.requested.to_string(),
        started: time(run.started),
        finished: time(run.finished),
        reason: run.reason.as_deref().and_then(|reason| serde_json::from_str(reason).ok()),
        origin: RunOrigin::Here,
    }
}

fn kind(text: &str) -> RunKind {
    match text {
        "deploy" => RunKind::Deploy,
        "rollback" => RunKind::Rollback,
        "provision" => RunKind::Provision,
        "backup" => RunKind::Backup,
        _ => RunKind::Action,
    }
}

fn state(state: State) -> RunState {
    match state {
        State::Planned => RunState::Planned,
        State::WaitingForConfirmation => RunState::WaitingForConfirmation,
        State::Running => RunState::Running,
        State::Succeeded => RunState::Succeeded,
        State::Failed => RunState::Failed,
        State::Cancelled => RunState::Cancelled,
        State::Interrupted => RunState::Interrupted,
    }
}
