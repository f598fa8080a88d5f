//! The journal: plans runs, starts their processes, tells how they are, finds those whose process is gone.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use store::outbox::Share;
use store::run::{Journalled, NewRun, Run, RunEnd, RunState};
use store::{Clock, Store};

use crate::folder::Lock;
use crate::{Error, LogPage, Result, RunFolder, Running};

/// A run's process says within this time that it began.
const BEGINS: Duration = Duration::from_secs(20);
/// Between two looks at whether it has.
const LOOK: Duration = Duration::from_millis(4);

/// Starts a run's process: Jalon's own binary, with arguments that only it knows.
#[derive(Debug, Clone)]
pub struct Launcher {
    /// The binary.
    pub program: PathBuf,
    /// Its arguments; the run's id follows.
    pub arguments: Vec<OsString>,
    /// All of its environment: secrets of the run among it, and nothing of them anywhere else.
    pub environment: BTreeMap<OsString, OsString>,
}

/// What is asked for, and whether somebody still waits for it.
#[derive(Debug, Default)]
enum Asked {
    /// Nothing is journalled yet.
    #[default]
    NotYet,
    /// A run.
    For(i64),
    /// Nobody waits any more.
    NoMore,
}

fn locked(run: &Mutex<Asked>) -> MutexGuard<'_, Asked> {
    run.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Cancels the run that is asked for where it is dropped before its answer.
struct Asking {
    journal: Journal,
    run: Arc<Mutex<Asked>>,
}

impl Drop for Asking {
    fn drop(&mut self) {
        if let Asked::For(id) = std::mem::replace(&mut *locked(&self.run), Asked::NoMore) {
            // A run that cannot be asked to end goes on, and is shown.
            let _ = self.journal.cancel(id);
        }
    }
}

/// Journal and folders of one data folder.
#[derive(Clone)]
pub struct Journal {
    pub(crate) store: Arc<Store>,
    home: PathBuf,
    pub(crate) clock: Clock,
}

impl Journal {
    /// The journal of a data folder.
    pub fn new(store: Arc<Store>, home: PathBuf, clock: Clock) -> Self {
        Self { store, home, clock }
    }

    /// A run's folder.
    pub fn folder(&self, id: i64) -> RunFolder {
        RunFolder::of(&self.home, id)
    }

    /// One run.
    ///
    /// # Errors
    /// There is none with this id, or the journal cannot be read.
    pub fn run(&self, id: i64) -> Result<Run> {
        self.store.run_of(id)?.ok_or_else(|| Error::Unknown { id: id.to_string() })
    }

    /// Lines of a run's log from an offset on.
    ///
    /// # Errors
    /// The log is there but cannot be read.
    pub fn log(&self, id: i64, from: u64) -> Result<LogPage> {
        crate::log::read(&self.folder(id).log(), from)
    }

    /// Journals a run, then starts its process and waits until it says that it began. The process lives on when this one
    /// ends.
    ///
    /// # Errors
    /// Another run is under way for the same service and environment, or the process does not begin; the run is then
    /// journalled as failed. Who drops the call before it answers has the run cancelled, however far it is.
    pub async fn start(&self, new: &NewRun, launcher: &Launcher) -> Result<i64> {
        self.start_as(None, None, new, launcher).await
    }

    /// The same for a run that GitHub is told of.
    ///
    /// # Errors
    /// As [`Journal::start`].
    pub async fn start_shared(
        &self,
        new: &NewRun,
        share: Option<&Share>,
        launcher: &Launcher,
    ) -> Result<i64> {
        self.start_as(None, share, new, launcher).await
    }

    /// The same in place of a run that waits for confirmation: that one is cancelled in the moment in which the new one is
    /// journalled. Where it no longer waits nothing happens to it.
    ///
    /// # Errors
    /// As [`Journal::start`].
    pub async fn start_instead(
        &self,
        of: Option<(i64, RunEnd)>,
        new: &NewRun,
        launcher: &Launcher,
    ) -> Result<i64> {
        self.start_as(of, None, new, launcher).await
    }

    async fn start_as(
        &self,
        of: Option<(i64, RunEnd)>,
        share: Option<&Share>,
        new: &NewRun,
        launcher: &Launcher,
    ) -> Result<i64> {
        // While this is held nobody takes the run for one whose process is gone.
        let planning = self.planning().await?;
        let journal = self.clone();
        let (share, new, launcher) = (share.cloned(), new.clone(), launcher.clone());
        let mut asking = Asking { journal: self.clone(), run: Arc::default() };
        let run = Arc::clone(&asking.run);
        // What is journalled comes to its beginning or its end even where nobody waits for it any more.
        let starting = tokio::spawn(async move {
            let _planning = planning;
            journal.journal_and_launch(of, share.as_ref(), &new, &launcher, &run).await
        });
        let started = starting
            .await
            .unwrap_or_else(|panic| Err(Error::NotStarted { run: 0, reason: panic.to_string() }));
        asking.run = Arc::default();
        started
    }

    async fn journal_and_launch(
        &self,
        of: Option<(i64, RunEnd)>,
        share: Option<&Share>,
        new: &NewRun,
        launcher: &Launcher,
        run: &Mutex<Asked>,
    ) -> Result<i64> {
        let journalled = match of {
            None => self.store.journal_shared_run(new, share, (self.clock)())?,
            Some((old, end)) => {
                // As long as its lock is held it cannot begin to do what it waits with.
                let _held = self.still_waits(old)?;
                let journalled = self.store.journal_run_instead(old, &end, new, (self.clock)())?;
                self.folder(old).remove_private()?;
                journalled
            }
        };
        let id = match journalled {
            Journalled::Run(id) => id,
            Journalled::Busy(run) => {
                let (name, environment) = (new.name.clone(), new.environment.clone());
                return Err(Error::Busy { run, name, environment });
            }
        };
        let launched = async {
            self.folder(id).create()?;
            let before = std::mem::replace(&mut *locked(run), Asked::For(id));
            if let Asked::NoMore = before {
                self.cancel(id)?;
            }
            self.launch(id, RunState::Planned, launcher).await
        };
        match launched.await {
            Ok(()) => Ok(id),
            Err(error) => {
                let reason = serde_json::json!({ "code": "run.not_started", "params": {}, "message": error.to_string() });
                let end = RunEnd { reason: Some(reason.to_string()), ..RunEnd::default() };
                self.store.advance_run(id, RunState::Planned, RunState::Failed, (self.clock)(), &end)?;
                Err(error)
            }
        }
    }

    /// Starts a process for a run that waits for confirmation, now that it has it, and waits until it says that it goes on.
    ///
    /// # Errors
    /// It does not wait (any more), or the process does not begin; the run then waits as before.
    pub async fn confirm(&self, id: i64, launcher: &Launcher) -> Result<()> {
        let run = self.run(id)?;
        if run.state != RunState::WaitingForConfirmation {
            return Err(Error::NotWaiting { run: id });
        }
        self.launch(id, RunState::WaitingForConfirmation, launcher).await
    }

    /// Cancels a run that waits for confirmation and deletes what it kept; says whether it still waited.
    ///
    /// # Errors
    /// There is no such run, or journal or folder cannot be written.
    pub fn discard(&self, id: i64, end: &RunEnd) -> Result<bool> {
        let Some(_held) = self.still_waits(id)? else { return Ok(false) };
        self.folder(id).remove_private()?;
        let from = RunState::WaitingForConfirmation;
        Ok(self.store.advance_run(id, from, RunState::Cancelled, (self.clock)(), end)?)
    }

    /// The lock of a run that waits for confirmation; none where it does not, or is about to go on.
    fn still_waits(&self, id: i64) -> Result<Option<Lock>> {
        let waits = || Ok::<_, Error>(self.run(id)?.state == RunState::WaitingForConfirmation);
        // The lock of any other run is for its process, which may be about to take it.
        if !waits()? {
            return Ok(None);
        }
        let lock = Lock::try_take(&self.folder(id).lock_path())?;
        let waits = waits()?;
        Ok(lock.filter(|_| waits))
    }

    async fn launch(&self, id: i64, from: RunState, launcher: &Launcher) -> Result<()> {
        let folder = self.folder(id);
        folder.create()?;
        let path = folder.outcry();
        let outcry = std::fs::File::create(&path).map_err(|error| Error::folder(&path, &error))?;
        let mut command = tokio::process::Command::new(&launcher.program);
        command
            .args(&launcher.arguments)
            .arg(id.to_string())
            .args((from == RunState::WaitingForConfirmation).then_some(CONFIRMED))
            .env_clear()
            .envs(&launcher.environment)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(outcry);
        // A group of its own: Ctrl C in the terminal asks this process, not the run.
        #[cfg(unix)]
        command.process_group(0);
        let not_started = |reason: String| Error::NotStarted { run: id, reason };
        let mut child = command.spawn().map_err(|error| not_started(error.to_string()))?;
        let begins = async {
            let mut look = tokio::time::interval(LOOK);
            loop {
                look.tick().await;
                if self.run(id)?.state != from {
                    return Ok(());
                }
                if let Ok(Some(status)) = child.try_wait() {
                    if self.run(id)?.state != from {
                        return Ok(());
                    }
                    let said = std::fs::read_to_string(&path).unwrap_or_default();
                    let said = said.lines().next().unwrap_or_default().trim().to_owned();
                    return Err(not_started(
                        format!("its process ended with {status} {said}").trim_end().to_owned(),
                    ));
                }
            }
        };
        match tokio::time::timeout(BEGINS, begins).await {
            Ok(result) => result,
            Err(_) => {
                let _ = child.start_kill();
                Err(not_started(format!("its process did not say so within {} s", BEGINS.as_secs())))
            }
        }
    }

    /// Called by a run's process: takes the run over, or none where somebody else has or it was given up. `confirmed` says
    /// that it was started for a run that waited for confirmation.
    ///
    /// # Errors
    /// There is no such run, or journal or folder cannot be written.
    pub fn begin(&self, id: i64, confirmed: bool) -> Result<Option<Running>> {
        let folder = self.folder(id);
        folder.create()?;
        let Some(lock) = Lock::try_take(&folder.lock_path())? else { return Ok(None) };
        let run = self.run(id)?;
        let begins = RunEnd::default();
        let from = if confirmed { RunState::WaitingForConfirmation } else { RunState::Planned };
        if !self.store.advance_run(id, from, RunState::Running, (self.clock)(), &begins)? {
            return Ok(None);
        }
        Ok(Some(Running::new(self.clone(), folder, run, confirmed, lock)))
    }

    /// Marks runs as interrupted whose process is gone, ends what such a process left running, and tells their ids.
    /// A live run is left alone, whoever started it, and so is one that waits for confirmation: it needs no process.
    ///
    /// # Errors
    /// The journal cannot be read or written.
    pub fn reconcile(&self) -> Result<Vec<i64>> {
        let mut interrupted = Vec::new();
        for run in self.store.runs_under_way()? {
            let folder = self.folder(run.id);
            if run.state == RunState::WaitingForConfirmation || !Lock::is_free(&folder.lock_path()) {
                continue;
            }
            // A planned run has no lock yet: as long as somebody plans, it may be about to begin.
            let planning = if run.state == RunState::Planned {
                std::fs::create_dir_all(self.home.join("runs")).map_err(|e| Error::folder(&self.home, &e))?;
                match Lock::try_take(&self.planning_path())? {
                    Some(lock) => Some(lock),
                    None => continue,
                }
            } else {
                None
            };
            // Read again: until its process was gone it may have noted more.
            let noted = self.run(run.id)?.left_behind;
            let mut left_behind: Vec<String> = serde_json::from_str(&noted).unwrap_or_default();
            if let Some(child) = folder.child().filter(|child| child.process.is_alive()) {
                let pid = child.process.pid;
                if child.gentle {
                    child.process.interrupt();
                    left_behind.push(format!(
                        "its command went on as process {pid} and was asked to end: it saves what it did first"
                    ));
                } else {
                    child.process.kill();
                    left_behind.push(format!("its command went on as process {pid} and was ended"));
                }
            }
            folder.remove_private()?;
            let reason = serde_json::json!({
                "code": "run.interrupted",
                "params": {},
                "message": "its process is gone: the computer or the process was stopped while it was under way",
            });
            let end = RunEnd {
                refused: false,
                reason: Some(reason.to_string()),
                left_behind: serde_json::to_string(&left_behind).ok(),
            };
            if self.store.advance_run(run.id, run.state, RunState::Interrupted, (self.clock)(), &end)? {
                interrupted.push(run.id);
            }
            drop(planning);
        }
        Ok(interrupted)
    }

    /// Asks a run to cancel; says whether it was under way. It ends when it has tidied up; one that waits for confirmation
    /// ends at once.
    ///
    /// # Errors
    /// There is no such run, or its folder cannot be written.
    pub fn cancel(&self, id: i64) -> Result<bool> {
        let run = self.run(id)?;
        if run.state.ended() {
            return Ok(false);
        }
        self.folder(id).ask_to_cancel()?;
        self.discard(id, &given_up())?;
        Ok(true)
    }

    fn planning_path(&self) -> PathBuf {
        self.home.join("runs").join("planning.lock")
    }

    async fn planning(&self) -> Result<Lock> {
        let runs = self.home.join("runs");
        std::fs::create_dir_all(&runs).map_err(|error| Error::folder(&runs, &error))?;
        let path = self.planning_path();
        let take = async {
            let mut look = tokio::time::interval(LOOK);
            loop {
                look.tick().await;
                if let Some(lock) = Lock::try_take(&path)? {
                    return Ok(lock);
                }
            }
        };
        tokio::time::timeout(BEGINS * 2, take).await.unwrap_or_else(|_| {
            let reason = "another run has been beginning for too long".to_owned();
            Err(Error::Folder { path: path.display().to_string(), reason })
        })
    }
}

/// Argument after the id, for a run that was confirmed.
pub const CONFIRMED: &str = "confirmed";

/// How a run ends that was cancelled while it waited.
pub(crate) fn given_up() -> RunEnd {
    let reason = serde_json::json!({
        "code": "run.cancelled",
        "params": {},
        "message": "cancelled before it was confirmed: nothing was changed",
    });
    RunEnd { reason: Some(reason.to_string()), ..RunEnd::default() }
}

#[cfg(test)]
mod tests;
