//! What every longer use case is given: somebody to tell, and a way to be stopped.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use crate::wire::{Progress, Step};

/// Told about progress: a line in a terminal, a channel to the window.
pub trait Reporter: Send + Sync {
    /// One step further.
    fn progress(&self, progress: Progress);
}

/// Tells nobody.
struct Silent;

impl Reporter for Silent {
    fn progress(&self, _progress: Progress) {}
}

/// One call's reporter and cancellation.
#[derive(Clone)]
pub struct Work {
    /// Told about progress.
    pub reporter: Arc<dyn Reporter>,
    /// Cancelled when the person says so.
    pub cancel: CancellationToken,
}

impl Work {
    /// Work that tells nobody and is never cancelled.
    pub fn silent() -> Self {
        Self {
            reporter: Arc::new(Silent),
            cancel: CancellationToken::new(),
        }
    }

    /// Work with a reporter.
    pub fn reporting(reporter: Arc<dyn Reporter>) -> Self {
        Self {
            reporter,
            cancel: CancellationToken::new(),
        }
    }

    pub(crate) fn report(&self, step: Step, done: u32, total: Option<u32>) {
        self.reporter.progress(Progress { step, done, total });
    }
}
