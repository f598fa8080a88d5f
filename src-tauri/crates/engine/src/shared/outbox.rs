//! Tells GitHub what waits in the outbox: one write at a time, each once, whoever is killed in between.

use std::fs::File;
use std::time::Duration;

use github::{Client, NewDeployment, StatusState};
use jiff::{SignedDuration, Timestamp};
use runs::{Run, RunState};
use serde_json::json;
use store::outbox::{Message, SharedRun};
use tokio_util::sync::CancellationToken;

use super::{reason, refused_key};
use crate::wire::RunReason;
use crate::{Engine, Error, Result};

/// GitHub asks for a second between two writes.
const PACE: Duration = Duration::from_secs(1);
/// A deployment that was sent and is not there may still arrive within this time.
const ARRIVES: Duration = Duration::from_secs(5);
/// Between two looks at whether another process is done telling.
const LOOK: Duration = Duration::from_millis(25);

/// What came of telling GitHub.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Told {
    /// Writes that GitHub took.
    pub sent: usize,
    /// English sentences: what was given up, and why something still waits.
    pub notes: Vec<String>,
}

/// Tells GitHub what waits, within a limit. What cannot be told now stays in the outbox.
///
/// # Errors
/// The store cannot be read or written. That GitHub cannot be told is part of the answer.
pub async fn tell_github(engine: &Engine, limit: Duration, cancel: &CancellationToken) -> Result<Told> {
    let mut told = Told::default();
    if engine.store.next_message(engine.endpoint.as_str())?.is_none() {
        return Ok(told);
    }
    let telling = tell(engine, &mut told);
    let ended = tokio::select! {
        biased;
        () = cancel.cancelled() => None,
        ended = tokio::time::timeout(limit, telling) => ended.ok(),
    };
    let waits = |why: String| format!("GitHub is told later: {why}");
    match ended {
        Some(Ok(())) => {}
        Some(Err(error @ Error::Store(_))) => return Err(error),
        Some(Err(error)) => {
            if let Error::GitHub(github::Error::RateLimited { retry_at, .. }) = &error {
                engine.store.set_setting(&engine.limit_key(), Some(&retry_at.to_string()))?;
            }
            told.notes.push(waits(error.to_string()));
        }
        None => told.notes.push(waits(format!("not all was told within {} s", limit.as_secs()))),
    }
    Ok(told)
}

async fn tell(engine: &Engine, told: &mut Told) -> Result<()> {
    let _turn = turn(engine).await?;
    let mut client = None;
    while let Some(message) = engine.store.next_message(engine.endpoint.as_str())? {
        let client = match &client {
            Some(client) => client,
            None => {
                let (token, _) = engine.token().await?;
                client.insert(engine.client(&token)?)
            }
        };
        let (Some(shared), Some(run)) =
            (engine.store.shared_run(message.run)?, engine.store.run_of(message.run)?)
        else {
            engine.store.message_sent(message.id)?;
            continue;
        };
        let telling = Telling { engine, client, shared: &shared, run: &run };
        match telling.one(&message, &mut told.sent).await {
            Ok(()) => {}
            Err(error) => match telling.hopeless(&error)? {
                None => return Err(error),
                Some(why) => {
                    engine.store.give_up_telling(run.id, &reason("share.given_up", &why))?;
                    told.notes.push(why);
                }
            },
        }
    }
    Ok(())
}

/// One process tells at a time; the lock goes with the process that has it.
async fn turn(engine: &Engine) -> Result<File> {
    let path = engine.around.home.join("outbox.lock");
    let failed = |error: std::io::Error| Error::DataFolder {
        path: path.display().to_string(),
        reason: error.to_string(),
    };
    let file = File::options().create(true).truncate(false).write(true).open(&path).map_err(failed)?;
    let mut look = tokio::time::interval(LOOK);
    loop {
        look.tick().await;
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(std::fs::TryLockError::WouldBlock) => {}
            Err(std::fs::TryLockError::Error(error)) => return Err(failed(error)),
        }
    }
}

/// One run that is told of.
struct Telling<'a> {
    engine: &'a Engine,
    client: &'a Client,
    shared: &'a SharedRun,
    run: &'a Run,
}

impl Telling<'_> {
    async fn one(&self, message: &Message, sent: &mut usize) -> Result<()> {
        let store = &self.engine.store;
        let repository = &self.shared.repository;
        let deployment = match self.shared.deployment {
            Some(id) => id,
            None => self.deployment(sent).await?,
        };
        let state = state(message.state);
        // Sent before, and nobody knows whether it came: each state of a run is told once.
        if message.tried.is_some() {
            let there = github::states_of(self.client, repository, deployment).await?;
            if there.iter().any(|word| word == state.as_str()) {
                return Ok(store.message_sent(message.id)?);
            }
        }
        store.try_message(message.id, Some(self.engine.now()))?;
        self.pace().await?;
        let words = words(self.run, message);
        let address = self.shared.address.as_deref();
        let written =
            github::create_status(self.client, repository, deployment, state, &words, address).await;
        self.written()?;
        if let Err(error) = written {
            if refused(&error) {
                store.try_message(message.id, None)?;
            }
            return Err(error.into());
        }
        *sent += 1;
        Ok(store.message_sent(message.id)?)
    }

    /// The run's deployment on GitHub: the one that an earlier try made, else a new one.
    async fn deployment(&self, sent: &mut usize) -> Result<u64> {
        let store = &self.engine.store;
        let new = self.as_deployment()?;
        if let Some(tried) = self.shared.tried {
            let find = || {
                let repository = &self.shared.repository;
                github::find_deployment(self.client, repository, &new.sha, &new.environment, &new.run)
            };
            let mut found = find().await?;
            let since = self.engine.now().duration_since(tried);
            if found.is_none()
                && let Some(left) =
                    Duration::try_from(since).ok().and_then(|since| ARRIVES.checked_sub(since))
            {
                tokio::time::sleep(left).await;
                found = find().await?;
            }
            if let Some(id) = found {
                store.note_deployment(self.run.id, id)?;
                return Ok(id);
            }
        }
        store.try_deployment(self.run.id, Some(self.engine.now()))?;
        self.pace().await?;
        let made = github::create_deployment(self.client, &self.shared.repository, &new).await;
        self.written()?;
        match made {
            Ok(id) => {
                store.note_deployment(self.run.id, id)?;
                *sent += 1;
                Ok(id)
            }
            Err(error) => {
                if refused(&error) {
                    store.try_deployment(self.run.id, None)?;
                }
                Err(error.into())
            }
        }
    }

    fn as_deployment(&self) -> Result<NewDeployment> {
        let what = &self.run.what;
        let rows = crate::runs::rows(self.engine, &what.project, u32::MAX)?;
        let id = self.run.id.to_string();
        let attempt = rows.iter().find(|row| row.id == id).map_or(1, |row| row.attempt);
        let kind = match (what.kind.as_str(), what.rework) {
            ("rollback", _) => "rollback",
            (_, true) => "rework",
            _ => "planned",
        };
        let mut more = serde_json::Map::new();
        more.insert("attempt".to_owned(), json!(attempt));
        more.insert("kind".to_owned(), json!(kind));
        more.insert("rollback_of".to_owned(), json!(self.rolled_back()?));
        more.insert("service".to_owned(), json!(what.name));
        more.insert("version".to_owned(), json!(what.version));
        let version = what.version.as_deref().unwrap_or_default();
        Ok(NewDeployment {
            sha: what.sha.clone().unwrap_or_default(),
            environment: what.environment.clone(),
            production: what.production,
            description: format!("{} {version} by Jalon", what.name),
            run: self.shared.name.clone(),
            more,
        })
    }

    /// Of a rollback: the run whose release it takes away, by its name everywhere where it has one.
    fn rolled_back(&self) -> Result<Option<String>> {
        let what = &self.run.what;
        if what.kind != "rollback" {
            return Ok(None);
        }
        let runs = self.engine.store.runs_of_project(&what.project, u32::MAX)?;
        let before = runs.iter().find(|run| {
            run.id < self.run.id
                && run.state == RunState::Succeeded
                && matches!(run.what.kind.as_str(), "deploy" | "rollback")
                && (run.what.name == what.name && run.what.environment == what.environment)
        });
        let Some(before) = before else { return Ok(None) };
        let shared = self.engine.store.shared_run(before.id)?;
        Ok(Some(shared.map_or_else(|| before.id.to_string(), |shared| shared.name)))
    }

    /// Waits until a second has passed since the last write of any process.
    async fn pace(&self) -> Result<()> {
        let last = self.engine.store.setting(&self.last_write())?;
        let Some(last) = last.and_then(|text| text.parse::<Timestamp>().ok()) else { return Ok(()) };
        let since = self.engine.now().duration_since(last).max(SignedDuration::ZERO);
        let since = Duration::try_from(since).unwrap_or_default();
        if let Some(left) = self.engine.pace().checked_sub(since) {
            tokio::time::sleep(left).await;
        }
        Ok(())
    }

    fn written(&self) -> Result<()> {
        Ok(self.engine.store.set_setting(&self.last_write(), Some(&self.engine.now().to_string()))?)
    }

    fn last_write(&self) -> String {
        format!("github.last_write@{}", self.engine.endpoint.origin())
    }

    /// Why nothing more is told of this run, where trying again would not help.
    fn hopeless(&self, error: &Error) -> Result<Option<String>> {
        use github::Error as E;
        let what = &self.run.what;
        let told = |why: &str| Some(format!("GitHub is not told of run {}: {why}", self.run.id));
        Ok(match error {
            Error::GitHub(E::Forbidden { .. } | E::NotFound { .. }) => {
                let key = refused_key(&self.shared.api, &self.shared.repository);
                let note = format!("{} {}", self.client.owner(), self.engine.now());
                self.engine.store.set_setting(&key, Some(&note))?;
                told(&format!(
                    "{error}. Give the token write access to deployments; until then runs stay on this computer"
                ))
            }
            Error::GitHub(E::Unexpected { status: 422, .. }) if self.shared.deployment.is_none() => {
                let sha = what.sha.as_deref().unwrap_or_default();
                let short = sha.get(..7).unwrap_or(sha);
                told(&format!("it does not know the commit {short}; push it before you deploy it ({error})"))
            }
            Error::GitHub(E::Unexpected { .. }) => told(&error.to_string()),
            _ => None,
        })
    }
}

/// Whether GitHub said that it did not do what was asked.
fn refused(error: &github::Error) -> bool {
    use github::Error as E;
    matches!(
        error,
        E::RateLimited { .. }
            | E::Forbidden { .. }
            | E::NotFound { .. }
            | E::TokenRefused { .. }
            | E::Unexpected { .. }
    )
}

fn state(state: RunState) -> StatusState {
    match state {
        RunState::Planned | RunState::WaitingForConfirmation => StatusState::Queued,
        RunState::Running => StatusState::InProgress,
        RunState::Succeeded => StatusState::Success,
        RunState::Failed => StatusState::Failure,
        RunState::Interrupted => StatusState::Error,
        RunState::Cancelled => StatusState::Inactive,
    }
}

/// What a status says: facts and codes alone, because a reason can quote what a service wrote. It ends with the moment,
/// which may be long before GitHub is told.
fn words(run: &Run, message: &Message) -> String {
    let what = &run.what;
    let version = what.version.as_deref().unwrap_or_default();
    let code = || {
        let reason = run.reason.as_deref().and_then(|text| serde_json::from_str::<RunReason>(text).ok());
        reason.map_or(String::new(), |reason| format!(": {}", reason.code))
    };
    let said = match message.state {
        RunState::Planned | RunState::WaitingForConfirmation => "asked for".to_owned(),
        RunState::Running => "begun".to_owned(),
        RunState::Succeeded => "live".to_owned(),
        RunState::Failed => format!("failed{}", code()),
        RunState::Interrupted => "interrupted".to_owned(),
        RunState::Cancelled if run.refused => format!("refused by the gate{}", code()),
        RunState::Cancelled => "cancelled".to_owned(),
    };
    let name: String = format!("{} {version}", what.name).chars().take(60).collect();
    format!("{name}: {said} ({})", message.at)
}

impl Engine {
    /// Time between two writes to GitHub: `JALON_GITHUB_PACE`, in milliseconds, else a second.
    fn pace(&self) -> Duration {
        let own = self.around.variable("JALON_GITHUB_PACE").and_then(|text| text.parse().ok());
        own.map_or(PACE, Duration::from_millis)
    }
}
