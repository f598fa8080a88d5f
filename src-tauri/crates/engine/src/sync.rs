//! Reads GitHub into the store: all of it or nothing.

use std::sync::Arc;
use std::time::Duration;

use github::{Fetched, read_repository};
use store::repository::RepositoryId;

use crate::project::Project;
use crate::wire::{ProjectDir, Step, SyncOutcome};
use crate::{Engine, Error, FOREGROUND, Result, Work};

/// What is about deployments ends so long before the limit of a sync.
const LEFT: Duration = Duration::from_secs(5);
/// Deployments whose statuses one sync looks at.
const LOOKED_AT: u32 = 200;

/// Reads milestones and issues of a project's repository, then its deployments. Ends within 30 s; a limit is told, not waited out.
///
/// # Errors
/// Nobody is signed in, or GitHub cannot be read; what was stored before is intact.
pub async fn sync(engine: &Engine, params: ProjectDir, work: &Work) -> Result<SyncOutcome> {
    sync_within(engine, params, work, FOREGROUND).await
}

/// [`sync`] with another limit: the background reads repositories that nobody would wait for.
pub(crate) async fn sync_within(
    engine: &Engine,
    params: ProjectDir,
    work: &Work,
    limit: Duration,
) -> Result<SyncOutcome> {
    let begun = tokio::time::Instant::now();
    let project = Project::load_in_time(&params.dir, work).await?;
    let id = engine.repository(&project)?;
    let attempt = async {
        // One at a time: what one reads from the store must not be replaced by another before it is written back.
        let _turn = engine.syncing.lock().await;
        read_and_store(engine, &id, work).await
    };
    match tokio::time::timeout_at(begun + limit, attempt).await {
        Ok(Ok(outcome)) => {
            share(engine, &id, work, begun + limit.saturating_sub(LEFT)).await?;
            Ok(outcome)
        }
        Ok(Err(error)) => Err(record(engine, &id, error)),
        Err(_) => {
            // The background begins at once, where there is one.
            engine.woken.notify_one();
            let (repository, host) = (id.full_name.clone(), engine.endpoint.host());
            Err(record(engine, &id, Error::SyncUnfinished { repository, host, seconds: limit.as_secs() }))
        }
    }
}

/// Tells GitHub what waits, and reads what teammates deployed. What this does not reach is done the next time; only a
/// limit is an error, because the next try has to wait for it.
async fn share(engine: &Engine, id: &RepositoryId, work: &Work, until: tokio::time::Instant) -> Result<()> {
    let left = until.saturating_duration_since(tokio::time::Instant::now());
    crate::shared::tell_github(engine, left / 2, &work.cancel).await?;
    let reading = async {
        let (token, _) = engine.token().await?;
        let client = engine.client(&token)?;
        let now = engine.now();
        Ok(github::read_deployments(&client, &engine.store, id, now, LOOKED_AT, &work.cancel).await?)
    };
    match tokio::time::timeout_at(until, reading).await {
        Ok(Err(error @ Error::GitHub(github::Error::RateLimited { .. } | github::Error::Cancelled))) => {
            Err(record(engine, id, error))
        }
        Ok(Err(error @ Error::Store(_))) => Err(error),
        // A token that may not read deployments still reads milestones.
        _ => Ok(()),
    }
}

async fn read_and_store(engine: &Engine, id: &RepositoryId, work: &Work) -> Result<SyncOutcome> {
    let (token, _) = engine.token().await?;
    let client = engine.client(&token)?;
    let reporter = Pages(work.clone());
    let Fetched { snapshot, pages, read, unchanged } =
        read_repository(&client, &engine.store, id, &reporter, &work.cancel).await?;
    work.report(Step::Storing, 0, None);
    let at = engine.now();
    let pull_requests = count(snapshot.issues.iter().filter(|issue| issue.pull_request));
    let outcome = SyncOutcome {
        repository: id.full_name.clone(),
        synced_at: at.to_string(),
        milestones: count(snapshot.milestones.iter()),
        issues: count(snapshot.issues.iter()) - pull_requests,
        pull_requests,
        pages_read: read,
        pages_unchanged: unchanged,
    };
    // SQLite's own waiting must not hold up the async threads.
    let store = Arc::clone(&engine.store);
    let id = id.clone();
    let write = move || store.replace_repository(&id, at, &snapshot, &pages);
    tokio::task::spawn_blocking(write).await.map_err(|_| Error::Cancelled)??;
    engine.store.set_setting(&engine.limit_key(), None)?;
    Ok(outcome)
}

/// Notes why a try failed, so that the window can say so after a restart too.
fn record(engine: &Engine, id: &RepositoryId, error: Error) -> Error {
    if let Error::GitHub(github::Error::RateLimited { retry_at, .. }) = &error {
        let _ = engine.store.set_setting(&engine.limit_key(), Some(&retry_at.to_string()));
    }
    let cancelled = matches!(error, Error::Cancelled | Error::GitHub(github::Error::Cancelled));
    if !cancelled && let Ok(text) = serde_json::to_string(&error.to_wire()) {
        // The error itself is on its way to the person: failing to note it changes nothing.
        let _ = engine.store.record_failed_sync(id, engine.now(), &text);
    }
    error
}

fn count(items: impl Iterator) -> u32 {
    u32::try_from(items.count()).unwrap_or(u32::MAX)
}

struct Pages(Work);

impl github::Reporter for Pages {
    fn pages(&self, step: github::Step, done: u32, total: Option<u32>) {
        let step = match step {
            github::Step::Milestones => Step::Milestones,
            github::Step::Issues => Step::Issues,
        };
        self.0.report(step, done, total);
    }
}

impl Engine {
    /// The project's repository on this GitHub.
    pub(crate) fn repository(&self, project: &Project) -> Result<RepositoryId> {
        let full_name = project
            .config
            .github
            .clone()
            .ok_or_else(|| Error::NoRepository { name: project.config.name.clone() })?;
        Ok(RepositoryId { api: self.endpoint.as_str().to_owned(), full_name })
    }
}
