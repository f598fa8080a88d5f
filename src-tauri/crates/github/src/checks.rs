//! Check runs and commit statuses of one commit, and which of them the repository requires.
//! Source: GitHub's REST API, "Check runs", "Commit statuses", "Branches" and "Rules".

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;

use crate::pages::{Pages, segment};
use crate::{Client, Error, Result};

/// How a check stands, whatever its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckState {
    /// Passed.
    Green,
    /// Failed, timed out, did not start, or waits for a person to decide.
    Red,
    /// Queued or under way.
    Pending,
    /// Cancelled, or given up by GitHub.
    Cancelled,
    /// Skipped or neutral: it ran nothing, so it says nothing about the commit.
    Silent,
    /// A word that this version does not know.
    Unreadable,
}

/// The latest result of one check of a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// Name of the check run, or context of the commit status.
    pub name: String,
    /// App that reported it; none for a commit status.
    pub app: Option<u64>,
    /// How it stands.
    pub state: CheckState,
    /// GitHub's word: `failure`, `timed_out`, `in_progress` …
    pub word: String,
    /// Full sha that it is about, as GitHub says.
    pub commit: String,
    /// Its page.
    pub url: Option<String>,
    /// When it ended, else when it began.
    pub at: Option<Timestamp>,
}

/// A check that the repository requires.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequiredCheck {
    /// Name of the check run, or context of the commit status.
    pub name: String,
    /// App that has to report it, where the rule names one.
    pub app: Option<u64>,
}

/// What is known of a commit's checks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommitChecks {
    /// Every check, the latest of each name and app.
    pub checks: Vec<Check>,
    /// Checks that branch protection and rulesets of the default branch name; none where that may not be read.
    pub required: Option<Vec<RequiredCheck>>,
}

#[derive(Deserialize)]
struct CheckRunsAnswer {
    total_count: usize,
    check_runs: Vec<CheckRunAnswer>,
}

/// octocrab's own has no `status`.
#[derive(Deserialize)]
struct CheckRunAnswer {
    id: u64,
    name: String,
    head_sha: String,
    status: String,
    conclusion: Option<String>,
    html_url: Option<String>,
    started_at: Option<Timestamp>,
    completed_at: Option<Timestamp>,
    app: Option<AppAnswer>,
}

#[derive(Deserialize)]
struct AppAnswer {
    id: u64,
}

/// Its own `state` is not read: it says "pending" where there is no status at all.
#[derive(Deserialize)]
struct CombinedAnswer {
    sha: String,
    total_count: usize,
    statuses: Vec<StatusAnswer>,
}

#[derive(Deserialize)]
struct StatusAnswer {
    id: u64,
    context: String,
    state: String,
    target_url: Option<String>,
    updated_at: Timestamp,
}

#[derive(Deserialize)]
struct RepositoryAnswer {
    default_branch: String,
}

#[derive(Deserialize)]
struct BranchAnswer {
    #[serde(default)]
    protection: Option<ProtectionAnswer>,
}

#[derive(Deserialize)]
struct ProtectionAnswer {
    #[serde(default)]
    required_status_checks: Option<ProtectedChecks>,
}

#[derive(Deserialize)]
struct ProtectedChecks {
    #[serde(default)]
    contexts: Vec<String>,
    #[serde(default)]
    checks: Vec<ProtectedCheck>,
}

#[derive(Deserialize)]
struct ProtectedCheck {
    context: String,
    app_id: Option<i64>,
}

#[derive(Deserialize)]
struct RuleAnswer {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    parameters: Option<serde_json::Value>,
}

#[derive(Deserialize)]
struct RuleParameters {
    required_status_checks: Vec<RuleCheck>,
}

#[derive(Deserialize)]
struct RuleCheck {
    context: String,
    integration_id: Option<i64>,
}

/// Reads all checks of a commit, and which ones the default branch requires.
///
/// # Errors
/// See [`Error`]. What the repository requires may be hidden from a token (403, 404): that is no error, but told.
pub async fn read_checks(client: &Client, repository: &str, sha: &str) -> Result<CommitChecks> {
    let mut checks = check_runs(client, repository, sha).await?;
    checks.extend(statuses(client, repository, sha).await?);
    Ok(CommitChecks { checks, required: required(client, repository).await? })
}

async fn check_runs(client: &Client, repository: &str, sha: &str) -> Result<Vec<Check>> {
    let start = format!("/repos/{repository}/commits/{}/check-runs?filter=latest&per_page=100", segment(sha));
    let mut pages = Pages::new(client, &start, format!("check runs of {repository}"));
    let (mut all, mut told): (Vec<CheckRunAnswer>, usize) = (Vec::new(), 0);
    while let Some(body) = pages.next().await? {
        let page: CheckRunsAnswer = client.parse(&body)?;
        told = page.total_count;
        all.extend(page.check_runs);
    }
    whole(client, told, all.len(), "check runs")?;
    // A check can be run again, and by several suites: of one name and app, the newest run counts.
    let mut latest: BTreeMap<(String, Option<u64>), CheckRunAnswer> = BTreeMap::new();
    for run in all {
        let key = (run.name.clone(), run.app.as_ref().map(|app| app.id));
        if latest.get(&key).is_none_or(|known| known.id < run.id) {
            latest.insert(key, run);
        }
    }
    Ok(latest.into_values().map(CheckRunAnswer::check).collect())
}

impl CheckRunAnswer {
    fn check(self) -> Check {
        let (state, word) = match (self.status.as_str(), self.conclusion) {
            ("completed", Some(conclusion)) => (concluded(&conclusion), conclusion),
            ("completed", None) => (CheckState::Unreadable, self.status),
            ("queued" | "in_progress" | "waiting" | "requested" | "pending", _) => {
                (CheckState::Pending, self.status)
            }
            _ => (CheckState::Unreadable, self.status),
        };
        Check {
            name: self.name,
            app: self.app.map(|app| app.id),
            state,
            word,
            commit: self.head_sha,
            url: self.html_url,
            at: self.completed_at.or(self.started_at),
        }
    }
}

fn concluded(conclusion: &str) -> CheckState {
    match conclusion {
        "success" => CheckState::Green,
        "failure" | "timed_out" | "startup_failure" | "action_required" => CheckState::Red,
        "cancelled" | "stale" => CheckState::Cancelled,
        "skipped" | "neutral" => CheckState::Silent,
        _ => CheckState::Unreadable,
    }
}

async fn statuses(client: &Client, repository: &str, sha: &str) -> Result<Vec<Check>> {
    let start = format!("/repos/{repository}/commits/{}/status?per_page=100", segment(sha));
    let mut pages = Pages::new(client, &start, format!("commit statuses of {repository}"));
    let (mut all, mut told): (Vec<(String, StatusAnswer)>, usize) = (Vec::new(), 0);
    while let Some(body) = pages.next().await? {
        let page: CombinedAnswer = client.parse(&body)?;
        told = page.total_count;
        all.extend(page.statuses.into_iter().map(|status| (page.sha.clone(), status)));
    }
    whole(client, told, all.len(), "commit statuses")?;
    let mut latest: BTreeMap<String, (String, StatusAnswer)> = BTreeMap::new();
    for (commit, status) in all {
        if latest.get(&status.context).is_none_or(|(_, known)| known.id < status.id) {
            latest.insert(status.context.clone(), (commit, status));
        }
    }
    let check = |(commit, status): (String, StatusAnswer)| Check {
        state: match status.state.as_str() {
            "success" => CheckState::Green,
            "failure" | "error" => CheckState::Red,
            "pending" => CheckState::Pending,
            _ => CheckState::Unreadable,
        },
        name: status.context,
        app: None,
        word: status.state,
        commit,
        url: status.target_url.filter(|url| !url.is_empty()),
        at: Some(status.updated_at),
    };
    Ok(latest.into_values().map(check).collect())
}

/// A list that lost its next page could hide the one check that is red.
fn whole(client: &Client, told: usize, read: usize, what: &str) -> Result<()> {
    if read >= told {
        return Ok(());
    }
    let reason = format!("it names {told} {what} and sent {read}");
    Err(Error::NotJson { host: client.endpoint().host(), reason })
}

/// What the default branch requires; none where any of it may not be read.
async fn required(client: &Client, repository: &str) -> Result<Option<Vec<RequiredCheck>>> {
    let what = format!("repository {repository}");
    let address = client.endpoint().url(&format!("/repos/{repository}"));
    let about: RepositoryAnswer = client.parse(&client.get(&address, &what, None).await?.body)?;
    let branch = segment(&about.default_branch);
    let (Some(mut found), Some(rules)) = (
        readable(protected(client, repository, &branch).await)?,
        readable(ruled(client, repository, &branch).await)?,
    ) else {
        return Ok(None);
    };
    found.extend(rules);
    found.sort_by(|a, b| (&a.name, a.app).cmp(&(&b.name, b.app)));
    found.dedup();
    Ok(Some(found))
}

fn readable<T>(read: Result<T>) -> Result<Option<T>> {
    match read {
        Ok(value) => Ok(Some(value)),
        Err(Error::Forbidden { .. } | Error::NotFound { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

async fn protected(client: &Client, repository: &str, branch: &str) -> Result<Vec<RequiredCheck>> {
    let address = client.endpoint().url(&format!("/repos/{repository}/branches/{branch}"));
    let what = format!("the protection of {repository}");
    let answer: BranchAnswer = client.parse(&client.get(&address, &what, None).await?.body)?;
    let Some(checks) = answer.protection.and_then(|protection| protection.required_status_checks) else {
        return Ok(Vec::new());
    };
    let mut found: Vec<RequiredCheck> = checks.checks.into_iter().map(|c| one(c.context, c.app_id)).collect();
    for context in checks.contexts {
        if !found.iter().any(|known| known.name == context) {
            found.push(one(context, None));
        }
    }
    Ok(found)
}

async fn ruled(client: &Client, repository: &str, branch: &str) -> Result<Vec<RequiredCheck>> {
    let start = format!("/repos/{repository}/rules/branches/{branch}?per_page=100");
    let mut pages = Pages::new(client, &start, format!("the rules of {repository}"));
    let mut found = Vec::new();
    while let Some(body) = pages.next().await? {
        let rules: Vec<RuleAnswer> = client.parse(&body)?;
        for rule in rules.into_iter().filter(|rule| rule.kind == "required_status_checks") {
            let parameters = rule.parameters.unwrap_or_default();
            let parameters: RuleParameters = client.parse(parameters.to_string().as_bytes())?;
            found.extend(
                parameters.required_status_checks.into_iter().map(|c| one(c.context, c.integration_id)),
            );
        }
    }
    Ok(found)
}

/// An app of -1 means any app.
fn one(name: String, app: Option<i64>) -> RequiredCheck {
    RequiredCheck { name, app: app.and_then(|app| u64::try_from(app).ok()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(status: &str, conclusion: Option<&str>) -> (CheckState, String) {
        let answer: CheckRunAnswer = serde_json::from_value(serde_json::json!({
            "id": 1, "name": "build", "head_sha": "a", "status": status, "conclusion": conclusion,
            "html_url": null, "started_at": null, "completed_at": null, "app": { "id": 15368 }, "output": {}
        }))
        .unwrap();
        let check = answer.check();
        (check.state, check.word)
    }

    #[test]
    fn only_success_is_green() {
        for (status, conclusion, state) in [
            ("completed", Some("success"), CheckState::Green),
            ("completed", Some("failure"), CheckState::Red),
            ("completed", Some("timed_out"), CheckState::Red),
            ("completed", Some("startup_failure"), CheckState::Red),
            ("completed", Some("action_required"), CheckState::Red),
            ("completed", Some("cancelled"), CheckState::Cancelled),
            ("completed", Some("stale"), CheckState::Cancelled),
            ("completed", Some("skipped"), CheckState::Silent),
            ("completed", Some("neutral"), CheckState::Silent),
            ("completed", Some("sideways"), CheckState::Unreadable),
            ("completed", None, CheckState::Unreadable),
            ("in_progress", None, CheckState::Pending),
            ("queued", Some("success"), CheckState::Pending),
            ("waiting", None, CheckState::Pending),
            ("tomorrow", None, CheckState::Unreadable),
        ] {
            let (found, word) = run(status, conclusion);
            assert_eq!(found, state, "{status} {conclusion:?}");
            assert!(word == status || Some(word.as_str()) == conclusion);
        }
    }

    #[test]
    fn an_app_of_minus_one_is_any() {
        assert_eq!(one("a".into(), Some(-1)).app, None);
        assert_eq!(one("a".into(), Some(7)).app, Some(7));
    }
}
