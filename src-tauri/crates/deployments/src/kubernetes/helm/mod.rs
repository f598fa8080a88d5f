//! Charts, through the `helm` program (3.13 and newer, or 4), so that a release is one that `helm list` knows too. Nothing
//! waits inside Helm: its `--wait` burns its whole time on a crash loop, so the rollout is followed by watching.

mod failure;
mod pinned;
mod values;

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use credentials::{Masker, Secret};
use serde::Deserialize;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::manifests::read_rendered;
use super::program::{Failure, Output, Program};
use super::release::images;
use super::{Cluster, Error, Manifest, Result};
pub use pinned::{PIN_PROCESS, Pins, post_render};
use values::Values;

/// Oldest 3.x whose dry run asks the server.
const OLDEST: (u64, u64) = (3, 13);
/// Revisions that Helm keeps, for the way back.
const HISTORY: &str = "20";
/// How long Helm has to end an operation properly once its time is over; killed, it leaves the release pending.
const GRACE: Duration = Duration::from_secs(10);

/// The `helm` program, pointed at a cluster.
#[derive(Debug, Clone)]
pub struct Helm {
    cluster: Cluster,
    environment: BTreeMap<OsString, OsString>,
    version: String,
    cancel: CancellationToken,
}

/// A chart with its values.
#[derive(Clone, Copy)]
pub struct Chart<'a> {
    /// Name of the Helm release.
    pub release: &'a str,
    /// Folder of the chart.
    pub dir: &'a Path,
    /// Values files (path, text), `${…}` not filled in; the last one wins.
    pub values: &'a [(String, String)],
    /// Environment, for `{environment}`.
    pub environment: &'a str,
    /// Its variables.
    pub variables: &'a BTreeMap<String, String>,
    /// Its secrets. Helm keeps what a chart makes of them in its release, which is a Secret of the namespace.
    pub secrets: &'a BTreeMap<String, Secret>,
    /// What its images are pinned to, if they are. Images of hooks stay as they are with Helm 3, which shows a
    /// post-renderer none of them.
    pub pins: Option<Pins<'a>>,
    /// Folder in which the filled-in values files stand (0600, in a folder 0700) while Helm runs.
    pub private: &'a Path,
}

/// What a chart would apply.
#[derive(Debug, Clone, PartialEq)]
pub struct Rendered {
    /// Its objects, hooks left out.
    pub manifests: Vec<Manifest>,
    /// Images that its hooks run, sorted, each once.
    pub hook_images: Vec<String>,
}

/// A revision of a Helm release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revision {
    /// Its number, from 1.
    pub revision: u32,
    /// `deployed`, `superseded`, `failed`, `pending-upgrade` ….
    pub status: String,
    /// When, as Helm writes it (RFC 3339).
    pub updated: String,
    /// Chart with its version: `web-0.1.0`.
    pub chart: String,
    /// Version of what the chart runs.
    pub app_version: String,
    /// What it was for.
    pub description: String,
}

#[derive(Deserialize)]
struct Entry {
    revision: u32,
    status: String,
    updated: String,
    #[serde(default)]
    chart: String,
    #[serde(default)]
    app_version: String,
    #[serde(default)]
    description: String,
}

impl Helm {
    /// Finds the program on PATH and asks for its version. `environment` is all that it gets.
    ///
    /// # Errors
    /// It is missing, too old, of an unknown major version, or does not answer.
    pub async fn find(
        environment: &BTreeMap<OsString, OsString>,
        cluster: &Cluster,
        limit: Duration,
    ) -> Result<Self> {
        let mut helm = Self {
            cluster: cluster.clone(),
            environment: environment.clone(),
            version: String::new(),
            cancel: CancellationToken::new(),
        };
        let arguments = ["version", "--template", "{{.Version}}"].map(OsString::from);
        let output = helm.start(&arguments, "say its version", limit, Duration::ZERO).await?;
        let version = String::from_utf8_lossy(&output.stdout).trim().trim_start_matches('v').to_owned();
        let mut numbers = version.split(['.', '-', '+']).map_while(|part| part.parse::<u64>().ok());
        let fits = match (numbers.next(), numbers.next()) {
            (Some(3), Some(minor)) => (3, minor) >= OLDEST,
            (Some(4), Some(_)) => true,
            _ => false,
        };
        if !output.success || !fits {
            let version = if version.is_empty() { "(it did not say which)".to_owned() } else { version };
            return Err(Error::HelmTooOld { version });
        }
        helm.version = version;
        Ok(helm)
    }

    /// The same, asked to end as soon as somebody cancels: it then notes in its history that it did not finish.
    #[must_use]
    pub fn cancelled_by(self, cancel: &CancellationToken) -> Self {
        Self { cancel: cancel.clone(), ..self }
    }

    /// Its version: `3.21.4`.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// What the chart would apply, rendered for this cluster and this release. Nothing is changed.
    ///
    /// # Errors
    /// The chart is missing or does not render, a value is missing, an API is gone, another operation is under way, or Helm
    /// does not end.
    pub async fn rendered(&self, chart: &Chart<'_>, limit: Duration) -> Result<Rendered> {
        let values = Values::write(chart)?;
        let (helm, mut arguments) = self.upgrading(chart, &values, limit).await?;
        arguments.extend(["--dry-run=server", "--output", "json"].map(OsString::from));
        let what = format!("render the chart for {}", chart.release);
        let output = helm.run(&arguments, &what, limit, Duration::ZERO).await?;
        let output = self.good(output, &what, chart.release, Some((chart, &values)), limit).await?;
        let release = json(&output, &what)?;
        let text = release.get("manifest").and_then(Value::as_str).unwrap_or_default();
        let name = format!("{} (rendered)", chart.dir.display());
        let mut hook_images = BTreeSet::new();
        for hook in release.get("hooks").and_then(Value::as_array).into_iter().flatten() {
            let text = hook.get("manifest").and_then(Value::as_str).unwrap_or_default();
            hook_images.extend(images(&read_rendered(&name, text)?));
        }
        let manifests = read_rendered(&name, text)?;
        Ok(Rendered { manifests, hook_images: hook_images.into_iter().collect() })
    }

    /// Installs or upgrades the release and returns once the objects are applied and the hooks have ended; whether the pods
    /// come up is not waited for. `description` is kept in Helm's history.
    ///
    /// # Errors
    /// As [`Self::rendered`], and whatever the cluster refuses. What was applied then stays, as a failed revision.
    pub async fn upgrade(&self, chart: &Chart<'_>, description: &str, limit: Duration) -> Result<Revision> {
        let values = Values::write(chart)?;
        let (helm, mut arguments) = self.upgrading(chart, &values, limit).await?;
        arguments.extend(["--output", "json", "--description"].map(OsString::from));
        arguments.extend([description.into(), "--timeout".into(), timeout(limit)]);
        let what = format!("upgrade {}", chart.release);
        let output = helm.run(&arguments, &what, limit, GRACE).await?;
        let output = self.good(output, &what, chart.release, Some((chart, &values)), limit).await?;
        let release = json(&output, &what)?;
        let text = |path: &str| release.pointer(path).and_then(Value::as_str).unwrap_or_default().to_owned();
        let revision =
            release.get("version").and_then(Value::as_u64).and_then(|number| u32::try_from(number).ok());
        Ok(Revision {
            revision: revision.ok_or_else(|| unreadable(&what))?,
            status: text("/info/status"),
            updated: text("/info/last_deployed"),
            chart: format!("{}-{}", text("/chart/metadata/name"), text("/chart/metadata/version")),
            app_version: text("/chart/metadata/appVersion"),
            description: text("/info/description"),
        })
    }

    /// Revisions that Helm still has, oldest first; none if there is no such release.
    ///
    /// # Errors
    /// Helm fails or does not end.
    pub async fn history(&self, release: &str, limit: Duration) -> Result<Vec<Revision>> {
        let what = format!("read the history of {release}");
        let arguments = ["history", release, "--max", HISTORY, "--output", "json"].map(OsString::from);
        let output = self.run(&arguments, &what, limit, Duration::ZERO).await?;
        if failure::is_unknown(&output) {
            return Ok(Vec::new());
        }
        let output = self.good(output, &what, release, None, limit).await?;
        let entries: Vec<Entry> = serde_json::from_slice(&output.stdout).map_err(|_| unreadable(&what))?;
        let mut revisions: Vec<Revision> = entries
            .into_iter()
            .map(|entry| Revision {
                revision: entry.revision,
                status: entry.status,
                updated: entry.updated,
                chart: entry.chart,
                app_version: entry.app_version,
                description: entry.description,
            })
            .collect();
        revisions.sort_by_key(|revision| revision.revision);
        Ok(revisions)
    }

    /// What a revision applied (the last one by default), hooks left out; none if there is no such release.
    ///
    /// # Errors
    /// Helm fails or does not end.
    pub async fn manifests(
        &self,
        release: &str,
        revision: Option<u32>,
        limit: Duration,
    ) -> Result<Vec<Manifest>> {
        let what = format!("read the manifests of {release}");
        let mut arguments = ["get", "manifest", release].map(OsString::from).to_vec();
        if let Some(revision) = revision {
            arguments.extend(["--revision".into(), revision.to_string().into()]);
        }
        let output = self.run(&arguments, &what, limit, Duration::ZERO).await?;
        if failure::is_unknown(&output) {
            return Ok(Vec::new());
        }
        let output = self.good(output, &what, release, None, limit).await?;
        read_rendered(&format!("{release} (Helm)"), &String::from_utf8_lossy(&output.stdout))
    }

    /// Goes back to a revision, which becomes a new one. As with an upgrade, the pods are not waited for.
    ///
    /// # Errors
    /// There is no such revision, another operation is under way, or the cluster refuses.
    pub async fn rollback(&self, release: &str, revision: u32, limit: Duration) -> Result<Revision> {
        let what = format!("roll {release} back to revision {revision}");
        let mut arguments = ["rollback", release].map(OsString::from).to_vec();
        arguments.extend([revision.to_string().into(), "--history-max".into(), HISTORY.into()]);
        arguments.extend(["--timeout".into(), timeout(limit)]);
        let output = self.run(&arguments, &what, limit, GRACE).await?;
        self.good(output, &what, release, None, limit).await?;
        self.history(release, limit).await?.pop().ok_or_else(|| unreadable(&what))
    }

    /// Removes the release with its history, where there is one.
    ///
    /// # Errors
    /// The cluster refuses, or Helm does not end.
    pub async fn uninstall(&self, release: &str, limit: Duration) -> Result<()> {
        let what = format!("uninstall {release}");
        let mut arguments =
            ["uninstall", release, "--ignore-not-found", "--timeout"].map(OsString::from).to_vec();
        arguments.push(timeout(limit));
        let output = self.run(&arguments, &what, limit, GRACE).await?;
        self.good(output, &what, release, None, limit).await.map(|_| ())
    }

    /// The arguments of an upgrade, and the Helm that takes them: one that knows who pins the images.
    async fn upgrading(
        &self,
        chart: &Chart<'_>,
        values: &Values,
        limit: Duration,
    ) -> Result<(Self, Vec<OsString>)> {
        let mut arguments: Vec<OsString> = vec!["upgrade".into(), chart.release.into(), chart.dir.into()];
        arguments.extend(["--install", "--history-max", HISTORY].map(OsString::from));
        for path in values.paths() {
            arguments.extend(["--values".into(), path.into()]);
        }
        let mut helm = self.clone();
        if let Some(renderer) = values.renderer() {
            let major =
                self.version.split('.').next().and_then(|major| major.parse().ok()).unwrap_or_default();
            arguments.extend(renderer.arguments(major));
            if major >= 4 {
                let what = "say where its plugins are";
                let asked = ["env", "HELM_PLUGINS"].map(OsString::from);
                let own = self.start(&asked, what, limit, Duration::ZERO).await?;
                let own = String::from_utf8_lossy(&own.stdout).trim().to_owned();
                let folders = std::env::split_paths(&own).chain([renderer.plugins().to_path_buf()]);
                let folders = std::env::join_paths(folders).map_err(|_| unreadable(what))?;
                helm.environment.insert("HELM_PLUGINS".into(), folders);
            }
        }
        Ok((helm, arguments))
    }

    /// Runs Helm against the cluster's context and namespace.
    async fn run(
        &self,
        arguments: &[OsString],
        what: &str,
        limit: Duration,
        grace: Duration,
    ) -> Result<Output> {
        let place = ["--kube-context", self.cluster.context(), "--namespace", self.cluster.namespace()];
        let arguments: Vec<OsString> = arguments.iter().cloned().chain(place.map(OsString::from)).collect();
        self.start(&arguments, what, limit, grace).await
    }

    async fn start(
        &self,
        arguments: &[OsString],
        what: &str,
        limit: Duration,
        grace: Duration,
    ) -> Result<Output> {
        let program = Program {
            program: "helm",
            arguments,
            environment: &self.environment,
            dir: None,
            grace,
            cancel: Some(&self.cancel),
        };
        program.run(limit).await.map_err(|failure| match failure {
            Failure::NotFound => Error::HelmMissing,
            Failure::NotStarted(error) => Error::Helm { what: what.to_owned(), reason: error.to_string() },
            Failure::TimedOut => Error::timeout(format!("helm: {what}"), limit),
            Failure::Cancelled => Error::Helm { what: what.to_owned(), reason: "cancelled".to_owned() },
        })
    }

    /// The output of a run that succeeded, or what its failure means.
    async fn good(
        &self,
        output: Output,
        what: &str,
        release: &str,
        chart: Option<(&Chart<'_>, &Values)>,
        limit: Duration,
    ) -> Result<Output> {
        if output.success {
            return Ok(output);
        }
        let (words, mask) = match chart {
            None => (output.stderr.clone(), Masker::default()),
            Some((chart, values)) => {
                (values.named(&output.stderr), Masker::new(chart.secrets.values().map(Secret::expose)))
            }
        };
        let dir = chart.map(|(chart, _)| chart.dir);
        Err(match failure::told(&words, &mask, what, dir, &self.cluster) {
            Error::HelmPending { .. } => self.pending(release, limit).await,
            Error::ApiGone { at, api_version, kind, .. } => {
                let resources = super::resources::Resources::discover(&self.cluster).await;
                let id = super::ObjectId { api_version, kind, namespace: None, name: String::new() };
                match resources.and_then(|resources| resources.find(&id, &at).map(|_| ())) {
                    Err(error @ Error::ApiGone { .. }) => error,
                    _ => Error::ApiGone { at, api_version: id.api_version, kind: id.kind, successor: None },
                }
            }
            error => error,
        })
    }

    /// Which operation has not ended, and since when.
    async fn pending(&self, release: &str, limit: Duration) -> Error {
        // Boxed, because reading the history may itself fail in every way that a call can.
        let last = Box::pin(self.history(release, limit)).await.ok().and_then(|mut all| all.pop());
        let (status, since) = last.map(|last| (last.status, last.updated)).unwrap_or_default();
        Error::HelmPending { release: release.to_owned(), status, since }
    }
}

fn timeout(limit: Duration) -> OsString {
    // A little less than the caller's, so that it is Helm that ends the operation.
    format!("{}s", limit.saturating_sub(GRACE / 2).as_secs().max(1)).into()
}

fn json(output: &Output, what: &str) -> Result<Value> {
    serde_json::from_slice(&output.stdout).map_err(|_| unreadable(what))
}

fn unreadable(what: &str) -> Error {
    Error::Helm { what: what.to_owned(), reason: "its answer cannot be read".into() }
}
