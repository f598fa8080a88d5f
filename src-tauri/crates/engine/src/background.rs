//! Syncs while the window is open. Only the background waits out a limit.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::project::LAST;
use crate::wire::ProjectDir;
use crate::{Engine, Error, Work};

/// Between two syncs; a sync of an unchanged repository costs nothing of GitHub's limit.
const EVERY: Duration = Duration::from_secs(5 * 60);
/// Longest time one sync may take: each of its requests has a limit of its own.
const LIMIT: Duration = Duration::from_secs(10 * 60);
/// After a failure.
const AGAIN: Duration = Duration::from_secs(60);

/// Syncs the open project now and then until cancelled; tells `done` the folder after each try, failed or not.
pub async fn run(engine: &Engine, cancel: &CancellationToken, done: impl Fn(&str)) {
    loop {
        let wait = match once(engine, cancel).await {
            Some((dir, wait)) => {
                done(&dir);
                wait
            }
            None => EVERY,
        };
        // Somebody who signed in or opened another project need not wait for it.
        let woken = async {
            tokio::select! {
                () = cancel.cancelled() => true,
                () = engine.woken.notified() => false,
            }
        };
        if tokio::time::timeout(wait, woken).await == Ok(true) {
            return;
        }
    }
}

/// One try; none where there is no project that can be synced.
async fn once(engine: &Engine, cancel: &CancellationToken) -> Option<(String, Duration)> {
    let dir = engine.store.setting(LAST).ok()??;
    let status = crate::auth_status(engine, (), &Work::silent()).await.ok()?;
    if !status.signed_in {
        return None;
    }
    let work = Work { cancel: cancel.clone(), ..Work::silent() };
    // What waits for GitHub does not depend on whether its milestones can be read.
    let _ = crate::shared::tell_github(engine, LIMIT, cancel).await;
    let wait = match crate::sync::sync_within(engine, ProjectDir { dir: dir.clone() }, &work, LIMIT).await {
        Ok(_) => EVERY,
        Err(Error::GitHub(github::Error::RateLimited { retry_at, .. })) => {
            let wait = Duration::try_from(retry_at.duration_since(engine.now())).unwrap_or(AGAIN);
            wait.max(Duration::from_secs(1))
        }
        Err(Error::NoRepository { .. } | Error::Cancelled) => return None,
        Err(_) => AGAIN,
    };
    Some((dir, wait))
}
