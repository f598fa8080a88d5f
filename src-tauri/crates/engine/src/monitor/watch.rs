//! Looks at everything every fifteen seconds while the window is open, or `jalonctl monitor watch` runs.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::{Instant, MissedTickBehavior};
use tokio_util::sync::CancellationToken;

use super::evaluate::Changed;
use super::notice::Notice;
use super::source::off_thread;
use crate::project::Project;
use crate::{Engine, Error, Result, Work};

/// Longest time that one look at a project may take: each of its requests has a limit of its own.
const LIMIT: Duration = Duration::from_secs(60);
/// A folder that did not answer is left alone for so long: whoever asks it again is stuck with it once more.
const PATIENCE: Duration = Duration::from_secs(10 * 60);
/// Between two looks at what can be thrown away.
const MAINTENANCE: i64 = 3600;

/// Told what the watch sees.
pub trait Watcher: Send + Sync {
    /// A project was looked at.
    fn looked(&self, _dir: &str) {}
    /// An alarm changed its state.
    fn changed(&self, _change: &AlarmChange) {}
    /// There is something to tell a person.
    fn notice(&self, _notice: &Notice) {}
    /// Whether notices are wanted: whoever cannot show them leaves them to others.
    fn wants_notices(&self) -> bool {
        false
    }
    /// A project could not be looked at; told once until that changes.
    fn failed(&self, _dir: &str, _error: &Error) {}
}

/// A change of an alarm's state.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct AlarmChange {
    /// Folder of the project.
    pub dir: String,
    /// Names the alarm.
    pub id: String,
    /// When, RFC 3339.
    pub at: String,
    /// State before.
    pub from: String,
    /// State after.
    pub to: String,
    /// Value that caused it.
    pub value: Option<f64>,
    /// What missing data or the error is about.
    pub message: Option<String>,
}

/// Watches until it is cancelled: the projects opened on this computer, and `dir`. Of several processes one scrapes and
/// evaluates; the others show people what it finds.
///
/// # Errors
/// The data folder cannot be used.
pub async fn watch(
    engine: &Engine,
    dir: Option<&str>,
    watcher: &dyn Watcher,
    cancel: &CancellationToken,
) -> Result<()> {
    let mut turn = Turn::default();
    let mut ticks = tokio::time::interval(engine.interval());
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            biased;
            () = cancel.cancelled() => return Ok(()),
            _ = ticks.tick() => {}
        }
        let looking = engine.look(dir, watcher, &mut turn);
        tokio::select! {
            biased;
            () = cancel.cancelled() => return Ok(()),
            done = looking => done?,
        }
    }
}

/// Whether it is this process that scrapes and evaluates, and when it tidied up.
#[derive(Default)]
struct Turn {
    lock: Option<File>,
    tidied: Option<Timestamp>,
    /// Projects that could not be looked at: why, and since when a folder did not answer.
    failed: Mutex<BTreeMap<String, (String, Option<Instant>)>>,
}

impl Turn {
    /// Whether a project's folder did not answer a moment ago.
    fn rests(&self, dir: &str) -> bool {
        let failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        failed.get(dir).and_then(|(_, since)| *since).is_some_and(|since| since.elapsed() < PATIENCE)
    }

    /// Notes how a look went; whether that is news.
    fn note(&self, dir: &str, error: Option<&Error>) -> bool {
        let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(error) = error else { return failed.remove(dir).is_some() };
        let silent = matches!(error, Error::ProjectUnreadable { .. } | Error::TimedOut { .. });
        let words = error.to_string();
        let news = failed.get(dir).is_none_or(|(before, _)| *before != words);
        failed.insert(dir.to_owned(), (words, silent.then(Instant::now)));
        news
    }
}

impl Engine {
    async fn look(&self, dir: Option<&str>, watcher: &dyn Watcher, turn: &mut Turn) -> Result<()> {
        let own = self.has_turn(turn)?;
        let mut dirs: Vec<String> = self.store.recent_projects()?.into_iter().map(|one| one.dir).collect();
        if let Some(dir) = dir.and_then(|dir| crate::project::folder(dir).ok()) {
            let dir = dir.display().to_string();
            dirs.retain(|other| *other != dir);
            dirs.insert(0, dir);
        }
        let about = &*turn;
        let looks = dirs.iter().filter(|dir| !about.rests(dir)).map(|dir| async move {
            let looked = tokio::time::timeout(LIMIT, self.look_at(dir, own, watcher)).await;
            let late = || Error::TimedOut { what: "looking at the project", seconds: LIMIT.as_secs() };
            let error = looked.unwrap_or_else(|_| Err(late())).err();
            let news = about.note(dir, error.as_ref());
            match error {
                None => watcher.looked(dir),
                Some(error) if news => watcher.failed(dir, &error),
                Some(_) => {}
            }
        });
        futures_util::future::join_all(looks).await;
        if own {
            self.tidy(turn).await;
        }
        Ok(())
    }

    async fn look_at(&self, dir: &str, own: bool, watcher: &dyn Watcher) -> Result<()> {
        let project = Project::load_in_time(dir, &Work::silent()).await?;
        // Nothing of a repository is asked or evaluated that nobody trusted.
        if self.trust_request(&project.dir, &project.config)?.is_some() {
            return Ok(());
        }
        if own {
            let scraped = self.scrape(&project).await;
            for change in self.evaluate(&project).await? {
                tell(dir, &change, watcher);
            }
            scraped?;
        }
        if watcher.wants_notices() {
            for notice in self.notices(&project).await? {
                watcher.notice(&notice);
            }
        }
        Ok(())
    }

    /// Takes the lock of whoever scrapes, or keeps it. It ends with the process.
    fn has_turn(&self, turn: &mut Turn) -> Result<bool> {
        if turn.lock.is_some() {
            return Ok(true);
        }
        let path = self.around.home.join("monitor.lock");
        let failed = |error: &std::io::Error| Error::DataFolder {
            path: path.display().to_string(),
            reason: error.to_string(),
        };
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path);
        let file = file.map_err(|error| failed(&error))?;
        match file.try_lock() {
            Ok(()) => turn.lock = Some(file),
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(error)) => return Err(failed(&error)),
        }
        Ok(turn.lock.is_some())
    }

    /// Throws away what is too old. What cannot be thrown away now can be later.
    async fn tidy(&self, turn: &mut Turn) {
        let now = self.now();
        let due = turn.tidied.is_none_or(|last| now.duration_since(last).as_secs() >= MAINTENANCE);
        if due && let Ok(samples) = self.samples().await {
            turn.tidied = Some(now);
            let _ = off_thread(move || Ok(samples.maintain(now)?)).await;
        }
    }
}

fn tell(dir: &str, changed: &Changed, watcher: &dyn Watcher) {
    for change in &changed.changes {
        watcher.changed(&AlarmChange {
            dir: dir.to_owned(),
            id: changed.id.clone(),
            at: super::alarms::moment(change.at).to_string(),
            from: change.from.as_str().to_owned(),
            to: change.to.as_str().to_owned(),
            value: change.value.filter(|value| value.is_finite()),
            message: change.message.clone(),
        });
    }
}
