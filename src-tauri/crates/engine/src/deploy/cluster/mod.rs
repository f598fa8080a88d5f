//! A service on a cluster: reaching it, what of it serves, and how that is.

mod diff;
mod elsewhere;
mod history;
mod render;
mod restart;
mod roll;
mod shape;
mod view;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use credentials::Secret;
use deployments::kubernetes::{self, Access, Cluster, Manifest, Pins};
use store::release::Recorded;

use super::view::Live;
use super::{At, Place};
use crate::project::{Environment, Project};
use crate::wire::{Health, HealthState};
use crate::{Engine, Refusal, Result};
use history::Proven;

pub use diff::diff;
pub(crate) use view::Watched;
pub(super) use view::service_log;
pub use view::{cluster, cluster_watch, pod_log};

/// A cluster that does not answer within this time is told so, where a person waits.
pub(super) const ANSWERS: Duration = Duration::from_secs(10);
/// A look at a cluster beside other things.
const GLANCE: Duration = Duration::from_secs(4);

impl Engine {
    /// How a chart's images are pinned to the digests of what ran before, if something did.
    fn pins<'a>(&'a self, proven: Option<&'a Proven>) -> Option<Pins<'a>> {
        let digests = &proven.filter(|proven| !proven.digests.is_empty())?.digests;
        Some(Pins { digests, program: &self.around.program })
    }

    /// Whether a service is on a cluster in an environment.
    fn is_on_cluster(&self, project: &Project, environment: &str, service: &str) -> Result<bool> {
        let place = project.place(service, project.environment(environment)?)?;
        Ok(matches!(place.at, At::Cluster { .. }))
    }

    /// The cluster of a place.
    pub(crate) async fn cluster_of(&self, place: &Place, limit: Duration) -> Result<Cluster> {
        let At::Cluster { context, namespace } = &place.at else { return nothing(place) };
        let access = Access {
            environment: &self.around.inherited,
            context: context.as_deref(),
            namespace,
            now: self.around.clock.clone(),
        };
        Ok(Cluster::connect(&access, limit).await?)
    }

    /// What serves in a cluster, and how it is. A cluster that cannot be read leaves its health unknown, with the reason.
    pub(super) async fn at_cluster(&self, project: &Path, place: &Place) -> Result<(Option<Live>, Health)> {
        let health = |state, detail| Health { state, detail, checked: Some(self.now().to_string()) };
        let mine = self.last_brought(project, place)?;
        let nothing_yet = mine.is_none() && self.brought(project, place)?.is_empty();
        if nothing_yet && !self.is_trusted(project)? {
            // A context of a repository that nobody trusted is not asked for anything.
            return Ok((None, health(HealthState::Empty, None)));
        }
        let seen = self.seen(project, place, GLANCE).await;
        if let Ok(seen) = &seen
            && let Some(theirs) = self.elsewhere(project, place, &seen.view)?
        {
            let (state, detail) = view::as_health(seen);
            return Ok((Some(theirs), health(state, detail)));
        }
        let Some(run) = mine else {
            // Whether somebody else brought something is known only where the cluster answers.
            return Ok((
                None,
                match &seen {
                    _ if !nothing_yet => health(HealthState::Stopped, None),
                    Ok(seen) if seen.view.complete => health(HealthState::Empty, None),
                    Ok(seen) => health(HealthState::Unknown, view::as_health(seen).1),
                    Err(error) => health(HealthState::Unknown, Some(error.to_string())),
                },
            ));
        };
        let live = Live {
            version: run.what.version.clone().unwrap_or_default(),
            commit: run.what.sha.clone().unwrap_or_default(),
            dirty: run.what.dirty,
            since: run.finished.unwrap_or(run.requested).to_string(),
            elsewhere: false,
            whole: true,
            by: None,
        };
        let seen = match seen {
            Ok(seen) => seen,
            Err(error) => return Ok((Some(live), health(HealthState::Unknown, Some(error.to_string())))),
        };
        let (state, detail) = view::as_health(&seen);
        Ok((Some(live), health(state, detail)))
    }
}

/// The error of a place where nothing runs.
pub(super) fn nothing<T>(place: &Place) -> Result<T> {
    let (service, environment) = (place.service.clone(), place.environment.clone());
    Err(Refusal::NothingRuns { service, environment }.into())
}

/// Recorded manifests, to be applied again or compared with.
fn recorded(release: Option<&Recorded>) -> Result<Vec<Manifest>> {
    Ok(match release {
        Some(release) => kubernetes::from_recorded(&release.manifests)?,
        None => Vec::new(),
    })
}

/// Names and images of recorded releases, each object as its newest release has it.
fn remembered<'a>(releases: impl IntoIterator<Item = &'a Recorded>) -> Result<Vec<Manifest>> {
    let mut all: Vec<Manifest> = Vec::new();
    for release in releases {
        for manifest in kubernetes::remembered(&release.manifests)? {
            if !all.iter().any(|known| known.id().is_same(&manifest.id())) {
                all.push(manifest);
            }
        }
    }
    Ok(all)
}

/// The Secret of a service that has the environment's secrets in it.
fn secret_name(service: &str) -> String {
    format!("{service}-secrets")
}

/// What is Jalon's of what was recorded with a chart.
fn beside_charts(recorded: &[Manifest], service: &str) -> Vec<Manifest> {
    let own = |manifest: &&Manifest| {
        let id = manifest.id();
        id.kind == "Secret" && id.name == secret_name(service)
    };
    recorded.iter().filter(own).cloned().collect()
}

/// Values by name, of those that the environment names.
fn values(secrets: &[(String, Secret)], names: &[String]) -> BTreeMap<String, Secret> {
    secrets.iter().filter(|(name, _)| names.contains(name)).cloned().collect()
}

/// Names of an environment's secrets.
fn names(environment: &Environment) -> BTreeSet<String> {
    environment.secrets.iter().cloned().collect()
}

/// The name of a service's Helm release, and of its objects' label.
fn release_name(service: &str) -> String {
    service.to_ascii_lowercase().replace(['_', '.'], "-")
}
