//! The team's deployments: read page by page with ETags, written one at a time.
//! Source: GitHub's REST API, "Deployments" and "Deployment statuses".

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};
use store::Store;
use store::deployment::{About, Deployment, Status};
use store::repository::RepositoryId;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::model::UserAnswer;
use crate::pages::{Pages, segment};
use crate::{Client, Error, Result, link};

/// What Jalon calls itself in the payload of a deployment.
const APP: &str = "jalon";
/// Longest description that GitHub takes, in characters.
const DESCRIPTION: usize = 140;
/// Longest text of a payload that is kept, in characters: anybody may write a payload.
const KEPT: usize = 200;
/// The newest deployments are looked at with every sync: one may be superseded or fail later.
const NEWEST: u32 = 20;
/// An open deployment is looked at for so long.
const OPEN: SignedDuration = SignedDuration::from_hours(7 * 24);
/// Most pages of a repository's deployments that are read: 2,000 deployments.
const MOST_PAGES: usize = 20;

/// A deployment to be made.
#[derive(Debug, Clone, PartialEq)]
pub struct NewDeployment {
    /// Full commit.
    pub sha: String,
    /// Environment.
    pub environment: String,
    /// Whether that is production.
    pub production: bool,
    /// One line; cut to what GitHub takes.
    pub description: String,
    /// The run's name everywhere: by it a deployment is found again.
    pub run: String,
    /// What else teammates need to know: `attempt`, `kind`, `rollback_of`, `service`, `version`.
    pub more: serde_json::Map<String, Value>,
}

/// States of a deployment that Jalon tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatusState {
    /// Asked for.
    Queued,
    /// Begun.
    InProgress,
    /// Live.
    Success,
    /// Ended without being live.
    Failure,
    /// Nobody knows how it would have ended.
    Error,
    /// Refused or cancelled before it was live.
    Inactive,
}

impl StatusState {
    /// GitHub's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::InProgress => "in_progress",
            Self::Success => "success",
            Self::Failure => "failure",
            Self::Error => "error",
            Self::Inactive => "inactive",
        }
    }
}

#[derive(Deserialize)]
struct DeploymentAnswer {
    id: u64,
    sha: String,
    environment: String,
    #[serde(default)]
    production_environment: Option<bool>,
    creator: Option<UserAnswer>,
    #[serde(default)]
    payload: Value,
    created_at: Timestamp,
}

#[derive(Deserialize)]
struct StatusAnswer {
    state: String,
    #[serde(default)]
    description: Option<String>,
    created_at: Timestamp,
}

#[derive(Deserialize)]
struct Made {
    id: u64,
}

/// What a sync read of the deployments.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DeploymentsRead {
    /// Deployments that were not known.
    pub new: usize,
    /// Deployments whose statuses changed.
    pub changed: usize,
}

/// Makes a deployment and returns its id. The gate has passed before: GitHub checks and merges nothing.
///
/// # Errors
/// See [`Error`]. After anything but an answer nobody knows whether it was made: look with [`find_deployment`] first.
pub async fn create_deployment(client: &Client, repository: &str, new: &NewDeployment) -> Result<u64> {
    let mut payload = new.more.clone();
    payload.insert("app".to_owned(), json!(APP));
    payload.insert("run".to_owned(), json!(new.run));
    let body = json!({
        "ref": new.sha,
        "auto_merge": false,
        "required_contexts": [],
        "environment": new.environment,
        "production_environment": new.production,
        "transient_environment": false,
        "description": cut(&new.description, DESCRIPTION),
        "payload": payload,
    });
    let address = client.endpoint().url(&format!("/repos/{repository}/deployments"));
    let answer = client.post(&address, &format!("deployments of {repository}"), &body).await?;
    if answer.status != 201 {
        // 202 is a merge, which was not asked for.
        let reason = "it made no deployment".to_owned();
        return Err(Error::Unexpected { host: client.endpoint().host(), status: answer.status, reason });
    }
    Ok(client.parse::<Made>(&answer.body)?.id)
}

/// Tells a state of a deployment. `address` is where the service answers; it is told only where others can reach it.
///
/// # Errors
/// See [`Error`].
pub async fn create_status(
    client: &Client,
    repository: &str,
    deployment: u64,
    state: StatusState,
    description: &str,
    address: Option<&str>,
) -> Result<()> {
    let mut body = json!({ "state": state.as_str(), "description": cut(description, DESCRIPTION) });
    if let Some(address) = address.filter(|address| reachable(address)) {
        body["environment_url"] = json!(address);
    }
    let path = format!("/repos/{repository}/deployments/{deployment}/statuses");
    let what = format!("deployment {deployment} of {repository}");
    client.post(&client.endpoint().url(&path), &what, &body).await.map(drop)
}

/// Looks for the deployment that a run made: of this commit and environment, with the run's name in its payload.
///
/// # Errors
/// See [`Error`].
pub async fn find_deployment(
    client: &Client,
    repository: &str,
    sha: &str,
    environment: &str,
    run: &str,
) -> Result<Option<u64>> {
    let start = format!(
        "/repos/{repository}/deployments?sha={}&environment={}&per_page=100",
        segment(sha),
        segment(environment)
    );
    let mut pages = Pages::new(client, &start, format!("deployments of {repository}"));
    while let Some(body) = pages.next().await? {
        let page: Vec<DeploymentAnswer> = client.parse(&body)?;
        let found = page.into_iter().find(|one| about(&one.payload).run.as_deref() == Some(run));
        if let Some(found) = found {
            return Ok(Some(found.id));
        }
    }
    Ok(None)
}

/// GitHub's words for the states that a deployment has had, newest first.
///
/// # Errors
/// See [`Error`].
pub async fn states_of(client: &Client, repository: &str, deployment: u64) -> Result<Vec<String>> {
    let start = format!("/repos/{repository}/deployments/{deployment}/statuses?per_page=100");
    let mut pages = Pages::new(client, &start, format!("deployment {deployment} of {repository}"));
    let mut states = Vec::new();
    while let Some(body) = pages.next().await? {
        states.extend(client.parse::<Vec<StatusAnswer>>(&body)?.into_iter().map(|status| status.state));
    }
    Ok(states)
}

/// Reads deployments that are not known yet, newest first, then the statuses of at most `most` that may have changed.
/// Each answer is stored as it comes: what breaks off goes on the next time.
///
/// # Errors
/// See [`Error`]; what was read before is kept.
pub async fn read_deployments(
    client: &Client,
    store: &Store,
    id: &RepositoryId,
    now: Timestamp,
    most: u32,
    cancel: &CancellationToken,
) -> Result<DeploymentsRead> {
    let mut read = DeploymentsRead { new: lists(client, store, id, cancel).await?, changed: 0 };
    let since = now.checked_sub(OPEN).unwrap_or(Timestamp::MIN);
    for one in store.unsettled_deployments(id, client.owner(), since, NEWEST, most)? {
        let path = format!("/repos/{}/deployments/{}/statuses?per_page=100", id.full_name, one.id);
        let what = format!("deployment {} of {}", one.id, id.full_name);
        let asked = client.endpoint().url(&path);
        let answer = match or_cancelled(cancel, client.get(&asked, &what, one.etag.as_deref())).await {
            // It was deleted since its list was read: nothing more will be known of it.
            Err(Error::NotFound { .. }) => {
                store.note_statuses(id, one.id, &[], false, None)?;
                continue;
            }
            answer => answer?,
        };
        if answer.unchanged {
            continue;
        }
        let mut statuses: Vec<StatusAnswer> = client.parse(&answer.body)?;
        if let Some(next) = answer.link.as_deref().and_then(link::next) {
            let mut pages = Pages::at(client, next, what);
            while let Some(body) = or_cancelled(cancel, pages.next()).await? {
                statuses.extend(client.parse::<Vec<StatusAnswer>>(&body)?);
            }
        }
        let mut statuses: Vec<Status> = statuses.into_iter().map(|status| status.told(one.own)).collect();
        // GitHub lists the newest first; of two of one second, the later one stays the later one.
        statuses.reverse();
        statuses.sort_by_key(|status| status.at);
        let over =
            |status: &Status| matches!(status.state.as_str(), "success" | "failure" | "error" | "inactive");
        let open = !statuses.iter().any(over);
        let etag = answer.etag.as_deref().map(|etag| (etag, client.owner()));
        store.note_statuses(id, one.id, &statuses, open, etag)?;
        read.changed += 1;
    }
    Ok(read)
}

/// Reads the list from its newest end until everything is known; says how many were new.
async fn lists(
    client: &Client,
    store: &Store,
    id: &RepositoryId,
    cancel: &CancellationToken,
) -> Result<usize> {
    // Until its oldest end was reached once, what is known may have a hole below it.
    let whole = format!("github.deployments_whole@{}/{}", id.api, id.full_name.to_lowercase());
    let first = format!("github.deployments_etag@{}/{}", id.api, id.full_name.to_lowercase());
    let complete = store.setting(&whole)?.is_some();
    let known = store.setting(&first)?;
    let etag = known.as_deref().and_then(|text| text.strip_prefix(&format!("{} ", client.owner())));
    let what = format!("deployments of {}", id.full_name);
    let mut next = Some(client.endpoint().url(&format!("/repos/{}/deployments?per_page=100", id.full_name)));
    let (mut new, mut pages, mut newest) = (0, 0, None);
    while let Some(address) = next.filter(|_| pages < MOST_PAGES) {
        let conditional = etag.filter(|_| complete && pages == 0);
        let answer = or_cancelled(cancel, client.get(&address, &what, conditional)).await?;
        if answer.unchanged {
            return Ok(0);
        }
        let page: Vec<DeploymentAnswer> = client.parse(&answer.body)?;
        let length = page.len();
        let page: Vec<Deployment> = page.into_iter().map(Into::into).collect();
        let unknown = store.note_deployments(id, &page)?;
        if pages == 0 {
            newest = answer.etag.clone();
        }
        (new, pages) = (new + unknown, pages + 1);
        next = answer.link.as_deref().and_then(link::next).map(str::to_owned);
        if complete && unknown < length {
            break;
        }
        // From here on something older may be missing, should this break off.
        store.set_setting(&whole, None)?;
    }
    store.set_setting(&whole, Some("yes"))?;
    // An ETag of the first page stands for everything: it is kept once all of it is stored.
    let etag = newest.map(|etag| format!("{} {etag}", client.owner()));
    store.set_setting(&first, etag.as_deref())?;
    Ok(new)
}

async fn or_cancelled<T>(cancel: &CancellationToken, answer: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::select! {
        biased;
        () = cancel.cancelled() => Err(Error::Cancelled),
        answer = answer => answer,
    }
}

impl From<DeploymentAnswer> for Deployment {
    fn from(answer: DeploymentAnswer) -> Self {
        Self {
            id: answer.id,
            sha: answer.sha,
            environment: answer.environment,
            production: answer.production_environment.unwrap_or(false),
            creator: answer.creator.map(|user| user.login),
            about: about(&answer.payload),
            created: answer.created_at,
            statuses: None,
        }
    }
}

impl StatusAnswer {
    /// A Jalon that was offline tells later, and says in its description when it was: `… (2026-11-23T08:00:00Z)`.
    fn told(self, own: bool) -> Status {
        let said = self.description.as_deref().filter(|_| own).and_then(|text| {
            let (_, moment) = text.strip_suffix(')')?.rsplit_once('(')?;
            moment.parse::<Timestamp>().ok()
        });
        let at = said.filter(|said| *said <= self.created_at).unwrap_or(self.created_at);
        Status { state: self.state, at }
    }
}

/// What a Jalon wrote into a payload, which comes as an object or as its text.
fn about(payload: &Value) -> About {
    let parsed;
    let payload = match payload {
        Value::String(text) => {
            parsed = serde_json::from_str(text).unwrap_or(Value::Null);
            &parsed
        }
        other => other,
    };
    if payload["app"] != json!(APP) {
        return About::default();
    }
    let text = |name: &str| payload[name].as_str().map(|text| cut(text, KEPT));
    About {
        run: text("run"),
        attempt: payload["attempt"].as_u64().and_then(|attempt| u32::try_from(attempt).ok()),
        kind: text("kind"),
        service: text("service"),
        version: text("version"),
    }
}

/// Whether others can open an address: a page of the web, and not of this computer.
fn reachable(address: &str) -> bool {
    let Ok(url) = Url::parse(address) else { return false };
    let own = match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(ip)) => ip.is_loopback() || ip.is_unspecified(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback() || ip.is_unspecified(),
        None => true,
    };
    matches!(url.scheme(), "http" | "https") && !own
}

fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn payloads_of_jalon_alone_are_believed_and_bounded() {
        let own = json!({
            "app": "jalon", "run": "abcd-7", "attempt": 2, "kind": "rework", "service": "campus", "version": "v1",
        });
        let read = about(&own);
        assert_eq!(
            (read.run.as_deref(), read.attempt, read.kind.as_deref()),
            (Some("abcd-7"), Some(2), Some("rework"))
        );
        assert_eq!(about(&json!(own.to_string())), read, "GitHub hands a text back as a text");
        for other in [json!({ "run": "abcd-7" }), json!("deploy"), json!(""), Value::Null, json!([1])] {
            assert_eq!(about(&other), About::default(), "{other}");
        }
        let long = json!({ "app": "jalon", "run": "x".repeat(5000), "attempt": -1 });
        assert_eq!((about(&long).run.unwrap().chars().count(), about(&long).attempt), (KEPT, None));
    }

    #[test]
    fn addresses_of_this_computer_are_nobodys_business() {
        for address in ["https://campus.example.org/", "http://10.0.0.7:8080"] {
            assert!(reachable(address), "{address}");
        }
        for address in [
            "http://127.0.0.1:8081",
            "http://localhost:8081",
            "http://[::1]:80",
            "ftp://example.org",
            "javascript:alert(1)",
            "nonsense",
        ] {
            assert!(!reachable(address), "{address}");
        }
    }

    #[test]
    fn a_status_is_as_old_as_it_says_and_never_younger_than_itself() {
        let told = |description: &str, own: bool| {
            let created_at = "2026-11-23T09:00:00Z".parse().unwrap();
            let answer =
                StatusAnswer { state: "success".into(), description: Some(description.into()), created_at };
            answer.told(own).at.to_string()
        };
        assert_eq!(told("v1 is live (2026-11-23T08:00:00Z)", true), "2026-11-23T08:00:00Z");
        assert_eq!(told("v1 is live (2026-11-23T08:00:00Z)", false), "2026-11-23T09:00:00Z");
        assert_eq!(told("v1 is live (2026-11-23T10:00:00Z)", true), "2026-11-23T09:00:00Z");
        assert_eq!(told("v1 is live (soon)", true), "2026-11-23T09:00:00Z");
    }

    #[test]
    fn long_texts_are_cut_at_characters() {
        assert_eq!(cut("été", 3), "été");
        assert_eq!(cut("étés", 3), "ét…");
    }
}
