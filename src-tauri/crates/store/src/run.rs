//! Runs and the journal of their states. A change of state is written here before it is acted on.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row, params};

use crate::issue::{maybe_time, time};
use crate::outbox::Share;
use crate::{Result, Store};

pub(crate) const MIGRATION_1: &str = "
CREATE TABLE run (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    project TEXT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    environment TEXT NOT NULL,
    production INTEGER NOT NULL,
    promoted_from TEXT,
    version TEXT,
    sha TEXT,
    dirty INTEGER NOT NULL,
    rework INTEGER NOT NULL,
    asked_by TEXT,
    plan TEXT NOT NULL,
    command TEXT NOT NULL,
    state TEXT NOT NULL,
    refused INTEGER NOT NULL DEFAULT 0,
    steps TEXT NOT NULL,
    reason TEXT,
    left_behind TEXT NOT NULL DEFAULT '[]',
    requested INTEGER NOT NULL,
    started INTEGER,
    finished INTEGER,
    revision INTEGER NOT NULL DEFAULT 1
);
CREATE INDEX run_of_project ON run (project, id);
-- One run at a time for a service in an environment: the database itself refuses a second one.
CREATE UNIQUE INDEX run_under_way ON run (project, environment, name)
    WHERE state IN ('planned', 'waiting_for_confirmation', 'running');
CREATE TABLE run_change (
    id INTEGER PRIMARY KEY,
    run INTEGER NOT NULL REFERENCES run (id),
    at INTEGER NOT NULL,
    state TEXT NOT NULL
);
CREATE INDEX run_change_of_run ON run_change (run, id);
";

/// A stack and a service may share a name: what provisions does not stand in the way of what deploys.
pub(crate) const MIGRATION_2: &str = "
DROP INDEX run_under_way;
CREATE UNIQUE INDEX run_under_way ON run (project, environment, name, (kind = 'provision'))
    WHERE state IN ('planned', 'waiting_for_confirmation', 'running');
";

/// States of a run; see the design's run model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunState {
    /// Journalled, not begun.
    Planned,
    /// A person has to confirm what it will do.
    WaitingForConfirmation,
    /// Under way.
    Running,
    /// Done, and checked to be so.
    Succeeded,
    /// Ended with an error.
    Failed,
    /// Ended because a person, or a gate, said so.
    Cancelled,
    /// Its process is gone.
    Interrupted,
}

impl RunState {
    /// As stored, and as written on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::WaitingForConfirmation => "waiting_for_confirmation",
            Self::Running => "running",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Interrupted => "interrupted",
        }
    }

    pub(crate) fn parse(text: &str) -> Self {
        match text {
            "planned" => Self::Planned,
            "waiting_for_confirmation" => Self::WaitingForConfirmation,
            "running" => Self::Running,
            "succeeded" => Self::Succeeded,
            "failed" => Self::Failed,
            "cancelled" => Self::Cancelled,
            // A word of a newer Jalon is not taken for a success.
            _ => Self::Interrupted,
        }
    }

    /// Whether nothing follows.
    pub fn ended(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Cancelled | Self::Interrupted)
    }
}

/// What is journalled before a run begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRun {
    /// Folder of the project.
    pub project: String,
    /// `deploy`, `rollback`, `provision`, `backup` or `action`.
    pub kind: String,
    /// Service or stack.
    pub name: String,
    /// Environment.
    pub environment: String,
    /// Whether it is production.
    pub production: bool,
    /// Environment whose release is promoted.
    pub promoted_from: Option<String>,
    /// Version as people say it.
    pub version: Option<String>,
    /// Full commit.
    pub sha: Option<String>,
    /// Whether files were changed and not committed.
    pub dirty: bool,
    /// Whether an incident brought it forward.
    pub rework: bool,
    /// Login of who asked.
    pub asked_by: Option<String>,
    /// What it will do, as JSON: it applies this and nothing else. References to secrets, never values.
    pub plan: String,
    /// The `jalonctl` line that asks for the same.
    pub command: String,
    /// Steps, as JSON.
    pub steps: String,
}

/// A journalled run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// Grows with every run of this computer.
    pub id: i64,
    /// What was journalled before it began.
    pub what: NewRun,
    /// How it stands.
    pub state: RunState,
    /// Whether a gate refused it.
    pub refused: bool,
    /// Why it did not succeed, as JSON.
    pub reason: Option<String>,
    /// What it left behind, as a JSON list of sentences.
    pub left_behind: String,
    /// When it was asked for.
    pub requested: Timestamp,
    /// When it began.
    pub started: Option<Timestamp>,
    /// When it ended.
    pub finished: Option<Timestamp>,
    /// Grows with every change.
    pub revision: i64,
}

/// How a run ends.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RunEnd {
    /// Whether a gate refused it.
    pub refused: bool,
    /// Why it did not succeed, as JSON.
    pub reason: Option<String>,
    /// What it left behind, as a JSON list of sentences; none leaves what is noted.
    pub left_behind: Option<String>,
}

/// What became of an attempt to journal a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Journalled {
    /// It has this id.
    Run(i64),
    /// This run is under way for the same service and environment.
    Busy(i64),
}

const UNDER_WAY: &str = "state IN ('planned', 'waiting_for_confirmation', 'running')";

impl Store {
    /// Journals a run as planned, unless one is under way for the same service and environment.
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn journal_run(&self, run: &NewRun, at: Timestamp) -> Result<Journalled> {
        self.journal_shared_run(run, None, at)
    }

    /// The same for a run that GitHub is told of: from now on each of its states goes into the outbox as it is
    /// journalled.
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn journal_shared_run(
        &self,
        run: &NewRun,
        share: Option<&Share>,
        at: Timestamp,
    ) -> Result<Journalled> {
        self.transact(|t| {
            let journalled = insert(t, run, at)?;
            if let (Journalled::Run(id), Some(share)) = (&journalled, share) {
                crate::outbox::share(t, *id, share, at)?;
            }
            Ok(journalled)
        })
    }

    /// The same in place of a run that waits for confirmation, which is cancelled in the same moment. One that no longer
    /// waits is left alone.
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn journal_run_instead(
        &self,
        old: i64,
        end: &RunEnd,
        run: &NewRun,
        at: Timestamp,
    ) -> Result<Journalled> {
        self.transact(|t| {
            advance(t, old, RunState::WaitingForConfirmation, RunState::Cancelled, at, end)?;
            insert(t, run, at)
        })
    }

    /// Takes a run from one state to the next; says whether it was in the first one. Of two processes that try, one wins.
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn advance_run(
        &self,
        id: i64,
        from: RunState,
        to: RunState,
        at: Timestamp,
        end: &RunEnd,
    ) -> Result<bool> {
        self.transact(|t| advance(t, id, from, to, at, end))
    }

    /// Notes how the steps of a run stand.
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn note_steps(&self, id: i64, steps: &str) -> Result<()> {
        self.run(|c| {
            c.execute("UPDATE run SET steps = ?2, revision = revision + 1 WHERE id = ?1", (id, steps))
                .map(drop)
        })
    }

    /// Notes what a run would leave behind if it did not come to its end now (a JSON list of sentences).
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn note_left_behind(&self, id: i64, sentences: &str) -> Result<()> {
        self.run(|c| c.execute("UPDATE run SET left_behind = ?2 WHERE id = ?1", (id, sentences)).map(drop))
    }

    /// One run.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn run_of(&self, id: i64) -> Result<Option<Run>> {
        self.run(|c| c.query_row("SELECT * FROM run WHERE id = ?1", [id], read).optional())
    }

    /// Runs of a project, newest first.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn runs_of_project(&self, project: &str, limit: u32) -> Result<Vec<Run>> {
        self.run(|c| {
            c.prepare_cached("SELECT * FROM run WHERE project = ?1 ORDER BY id DESC LIMIT ?2")?
                .query_map((project, limit), read)?
                .collect()
        })
    }

    /// Every run that has not ended, of all projects.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn runs_under_way(&self) -> Result<Vec<Run>> {
        self.run(|c| {
            c.prepare_cached(&format!("SELECT * FROM run WHERE {UNDER_WAY} ORDER BY id"))?
                .query_map([], read)?
                .collect()
        })
    }

    /// Journalled changes of a run's state, oldest first.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn changes_of_run(&self, id: i64) -> Result<Vec<(Timestamp, RunState)>> {
        self.run(|c| {
            c.prepare_cached("SELECT at, state FROM run_change WHERE run = ?1 ORDER BY id")?
                .query_map([id], |row| Ok((time(row, 0)?, RunState::parse(&row.get::<_, String>(1)?))))?
                .collect()
        })
    }
}

fn insert(t: &rusqlite::Transaction, run: &NewRun, at: Timestamp) -> rusqlite::Result<Journalled> {
    let busy = t
        .query_row(
            &format!(
                "SELECT id FROM run WHERE project = ?1 AND environment = ?2 AND name = ?3
                 AND (kind = 'provision') = (?4 = 'provision') AND {UNDER_WAY}"
            ),
            (&run.project, &run.environment, &run.name, &run.kind),
            |row| row.get(0),
        )
        .optional()?;
    if let Some(id) = busy {
        return Ok(Journalled::Busy(id));
    }
    t.execute(
        "INSERT INTO run (project, kind, name, environment, production, promoted_from, version, sha, dirty,
         rework, asked_by, plan, command, steps, state, requested)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, 'planned', ?15)",
        params![
            run.project,
            run.kind,
            run.name,
            run.environment,
            run.production,
            run.promoted_from,
            run.version,
            run.sha,
            run.dirty,
            run.rework,
            run.asked_by,
            run.plan,
            run.command,
            run.steps,
            at.as_millisecond()
        ],
    )?;
    let id = t.last_insert_rowid();
    change(t, id, at, RunState::Planned)?;
    Ok(Journalled::Run(id))
}

fn advance(
    t: &rusqlite::Transaction,
    id: i64,
    from: RunState,
    to: RunState,
    at: Timestamp,
    end: &RunEnd,
) -> rusqlite::Result<bool> {
    let began = (to == RunState::Running).then(|| at.as_millisecond());
    let ended = to.ended().then(|| at.as_millisecond());
    let changed = t.execute(
        "UPDATE run SET state = ?3, started = coalesce(started, ?4), finished = ?5, refused = ?6, reason = ?7,
         left_behind = coalesce(?8, left_behind), revision = revision + 1 WHERE id = ?1 AND state = ?2",
        params![id, from.as_str(), to.as_str(), began, ended, end.refused, end.reason, end.left_behind],
    )?;
    if changed == 1 {
        change(t, id, at, to)?;
        crate::outbox::tell(t, id, to, at)?;
    }
    Ok(changed == 1)
}

fn change(t: &rusqlite::Transaction, run: i64, at: Timestamp, state: RunState) -> rusqlite::Result<()> {
    t.execute(
        "INSERT INTO run_change (run, at, state) VALUES (?1, ?2, ?3)",
        (run, at.as_millisecond(), state.as_str()),
    )
    .map(drop)
}

fn read(row: &Row) -> rusqlite::Result<Run> {
    let moment = |name: &str| maybe_time(row, row.as_ref().column_index(name)?);
    Ok(Run {
        id: row.get("id")?,
        what: NewRun {
            project: row.get("project")?,
            kind: row.get("kind")?,
            name: row.get("name")?,
            environment: row.get("environment")?,
            production: row.get("production")?,
            promoted_from: row.get("promoted_from")?,
            version: row.get("version")?,
            sha: row.get("sha")?,
            dirty: row.get("dirty")?,
            rework: row.get("rework")?,
            asked_by: row.get("asked_by")?,
            plan: row.get("plan")?,
            command: row.get("command")?,
            steps: row.get("steps")?,
        },
        state: RunState::parse(&row.get::<_, String>("state")?),
        refused: row.get("refused")?,
        reason: row.get("reason")?,
        left_behind: row.get("left_behind")?,
        requested: moment("requested")?.unwrap_or_default(),
        started: moment("started")?,
        finished: moment("finished")?,
        revision: row.get("revision")?,
    })
}

#[cfg(test)]
mod tests;
