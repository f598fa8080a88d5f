//! What every longer use case is given: somebody to tell, and a way to be stopped.

use std::future::Future;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use crate::wire::{Progress, Step};
use crate::{Engine, Error, FOREGROUND, Result};

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
        Self { reporter: Arc::new(Silent), cancel: CancellationToken::new() }
    }

    /// Work with a reporter.
    pub fn reporting(reporter: Arc<dyn Reporter>) -> Self {
        Self { reporter, cancel: CancellationToken::new() }
    }

    /// Runs what a person waits for: it ends when it is cancelled, and within [`FOREGROUND`].
    pub(crate) async fn in_time<T>(
        &self,
        engine: &Engine,
        work: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        tokio::select! {
            biased;
            () = self.cancel.cancelled() => Err(Error::Cancelled),
            result = tokio::time::timeout(FOREGROUND, Box::pin(work)) => result.unwrap_or_else(|_| {
                let host = engine.endpoint().host();
                Err(Error::GitHub(github::Error::Timeout { host, seconds: FOREGROUND.as_secs() }))
            }),
        }
    }

    /// [`Work::in_time`] for what needs no network: its limit names what took too long.
    pub(crate) async fn soon<T>(
        &self,
        what: &'static str,
        work: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        tokio::select! {
            biased;
            () = self.cancel.cancelled() => Err(Error::Cancelled),
            result = tokio::time::timeout(FOREGROUND, Box::pin(work)) => {
                result.unwrap_or_else(|_| Err(Error::TimedOut { what, seconds: FOREGROUND.as_secs() }))
            }
        }
    }

    pub(crate) fn report(&self, step: Step, done: u32, total: Option<u32>) {
        self.reporter.progress(Progress { step, done, total });
    }
}
