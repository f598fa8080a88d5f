//! A run in its own process.

use std::time::Duration;

use store::run::{Run, RunEnd, RunState};
use tokio_util::sync::CancellationToken;

use crate::folder::Lock;
use crate::journal::given_up;
use crate::{Journal, Result, RunFolder};

/// Between two looks at whether it shall cancel.
const CANCEL_LOOK: Duration = Duration::from_millis(50);

/// A run in its own process. Dropping it gives the lock up: a run that was not ended is then interrupted.
pub struct Running {
    journal: Journal,
    /// Its folder.
    pub folder: RunFolder,
    /// What was journalled.
    pub run: Run,
    /// Whether it waited for confirmation before, and has it.
    pub confirmed: bool,
    /// Cancelled once somebody asked for it; see [`Running::watch`].
    pub cancel: CancellationToken,
    _lock: Lock,
}

impl Running {
    pub(crate) fn new(journal: Journal, folder: RunFolder, run: Run, confirmed: bool, lock: Lock) -> Self {
        Self { journal, folder, run, confirmed, cancel: CancellationToken::new(), _lock: lock }
    }

    /// Looks now and then whether somebody asked to cancel. Never ends by itself; drop it with the run.
    pub async fn watch(&self) {
        let mut look = tokio::time::interval(CANCEL_LOOK);
        loop {
            look.tick().await;
            if self.folder.asked_to_cancel() {
                self.cancel.cancel();
                return std::future::pending().await;
            }
        }
    }

    /// Notes how the steps stand, as JSON.
    ///
    /// # Errors
    /// The journal cannot be written.
    pub fn steps(&self, steps: &str) -> Result<()> {
        Ok(self.journal.store.note_steps(self.run.id, steps)?)
    }

    /// Notes what stays behind if the run's process is killed from now on: English sentences, masked. Whoever finds the run
    /// interrupted tells them; how the run itself ends says what really stayed.
    ///
    /// # Errors
    /// The journal cannot be written.
    pub fn leaves(&self, sentences: &[String]) -> Result<()> {
        let text = serde_json::to_string(sentences).unwrap_or_else(|_| "[]".to_owned());
        Ok(self.journal.store.note_left_behind(self.run.id, &text)?)
    }

    /// Lets the run wait for confirmation: this process ends, and another one goes on once a person confirmed. Somebody who
    /// asked to cancel meanwhile has it cancelled.
    ///
    /// # Errors
    /// The journal cannot be written: the run will be found interrupted.
    pub fn wait_for_confirmation(self) -> Result<bool> {
        let (journal, id) = (self.journal.clone(), self.run.id);
        let to = RunState::WaitingForConfirmation;
        let at = (journal.clock)();
        let waits = journal.store.advance_run(id, RunState::Running, to, at, &RunEnd::default())?;
        let asked = self.folder.asked_to_cancel();
        drop(self);
        if asked {
            journal.discard(id, &given_up())?;
        }
        Ok(waits)
    }

    /// Ends the run; what it kept private is deleted first.
    ///
    /// # Errors
    /// The journal cannot be written: the run will be found interrupted.
    pub fn end(&self, state: RunState, end: &RunEnd) -> Result<bool> {
        self.folder.remove_private()?;
        let at = (self.journal.clock)();
        Ok(self.journal.store.advance_run(self.run.id, RunState::Running, state, at, end)?)
    }
}
