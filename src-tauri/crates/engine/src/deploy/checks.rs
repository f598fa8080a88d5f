//! The repository's checks of a commit, read from GitHub for the gate.

use std::time::Duration;

use deployments::gate::{Check, Hindrance, Named, Required, Said};
use github::{CheckState, CommitChecks};
use jiff::{SignedDuration, Timestamp};

use crate::project::Project;
use crate::{Engine, Error, Result};

/// A person who asked for something, and a run, wait so long for GitHub.
const ASKED: Duration = Duration::from_secs(20);
/// A view waits so long.
const SHOWN: Duration = Duration::from_secs(5);
/// A view takes an answer of this age: it is drawn again and again.
const FRESH: SignedDuration = SignedDuration::from_secs(20);

/// What checks are read for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum For {
    /// To decide: GitHub is asked now.
    Decision,
    /// To show: an answer that is a few seconds old does.
    View,
}

/// What the last view was told.
pub(crate) struct Shown {
    repository: String,
    sha: String,
    at: Timestamp,
    required: Required,
}

/// Reads the checks of a commit. What hinders that is part of the answer: the gate is closed then.
pub(super) async fn required(engine: &Engine, project: &Project, sha: &str, purpose: For) -> Required {
    let repository = project.config.github.clone().unwrap_or_default();
    let now = engine.now();
    if purpose == For::View
        && let Some(shown) = &*engine.shown_checks.lock().await
        && (shown.repository == repository && shown.sha == sha)
        && now.duration_since(shown.at).abs() < FRESH
    {
        return shown.required.clone();
    }
    let limit = if purpose == For::View { SHOWN } else { ASKED };
    let read = tokio::time::timeout(limit, read(engine, project, sha)).await.unwrap_or_else(|_| {
        Err(github::Error::Timeout { host: engine.endpoint.host(), seconds: limit.as_secs() }.into())
    });
    let required = match read {
        Ok(found) => Required::Read {
            checks: found.checks.into_iter().map(check).collect(),
            named: found
                .required
                .map(|all| all.into_iter().map(|one| Named { name: one.name, app: one.app }).collect()),
        },
        Err(error) => Required::Unreadable(hindrance(&error, sha)),
    };
    let shown = Shown { repository, sha: sha.to_owned(), at: now, required: required.clone() };
    *engine.shown_checks.lock().await = Some(shown);
    required
}

async fn read(engine: &Engine, project: &Project, sha: &str) -> Result<CommitChecks> {
    let repository = engine.repository(project)?;
    let (token, _) = engine.token().await?;
    let client = engine.client(&token)?;
    Ok(github::read_checks(&client, &repository.full_name, sha).await?)
}

fn hindrance(error: &Error, sha: &str) -> Hindrance {
    let short = sha.get(..7).unwrap_or(sha);
    // GitHub answers with 422 about a commit that it does not have.
    if let Error::GitHub(github::Error::Unexpected { host, status: 422, .. }) = error {
        return Hindrance {
            code: "github.not_found".to_owned(),
            reason: format!("{host} does not know the commit {short}"),
            fix: Some("push it, and let its checks run".to_owned()),
        };
    }
    let fix = error.hints().into_iter().next().map(str::to_owned);
    let fix = match error {
        Error::GitHub(github::Error::Forbidden { .. }) => {
            Some("give the token read access to checks and commit statuses".to_owned())
        }
        _ => fix,
    };
    Hindrance { code: error.code().to_owned(), reason: error.to_string(), fix }
}

fn check(check: github::Check) -> Check {
    Check {
        said: match check.state {
            CheckState::Green => Said::Green,
            CheckState::Red => Said::Red,
            CheckState::Pending => Said::Pending,
            CheckState::Cancelled => Said::Cancelled,
            CheckState::Silent => Said::Absent,
            CheckState::Unreadable => Said::Unreadable,
        },
        name: check.name,
        app: check.app,
        word: check.word,
        commit: check.commit,
        url: check.url,
        at: check.at,
    }
}
