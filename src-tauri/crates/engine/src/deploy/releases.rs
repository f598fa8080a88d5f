//! Releases: what serves in an environment, and what can be gone back to.

use std::path::Path;

use runs::{Run, RunState};

use super::view::Live;
use super::{At, Place, Release};
use crate::project::Project;
use crate::wire::ReleaseRef;
use crate::{Engine, Refusal, Result};

/// Releases that can be gone back to.
const KEPT: usize = 10;

impl Engine {
    /// Runs that brought a release into an environment, newest first.
    pub(crate) fn brought(&self, project: &Path, place: &Place) -> Result<Vec<Run>> {
        let mut runs = self.store.runs_of_project(&project.display().to_string(), u32::MAX)?;
        runs.retain(|run| {
            run.state == RunState::Succeeded
                && run.what.name == place.service
                && run.what.environment == place.environment
                && matches!(run.what.kind.as_str(), "deploy" | "rollback")
                && run.what.sha.is_some()
        });
        Ok(runs)
    }

    /// Releases that ran in an environment before the one that serves now, newest first, each once.
    pub(crate) fn releases_before(
        &self,
        project: &Path,
        place: &Place,
        live: Option<&Live>,
    ) -> Result<Vec<Run>> {
        let mut runs = self.brought(project, place)?;
        // Of a service that is stopped or lost, the last one that was brought counts as the one that serves.
        let now = match live {
            // On a cluster a run that broke off leaves its objects behind: what served before is what to go back to.
            Some(_)
                if matches!(place.at, At::Cluster { .. })
                    && !self.broken_off_at(project, place)?.is_empty() =>
            {
                None
            }
            Some(live) => Some(identity(&live.commit, live.dirty)),
            None => runs.first().map(identity_of),
        };
        let mut seen: Vec<(String, bool)> = now.into_iter().collect();
        runs.retain(|run| {
            let own = identity_of(run);
            let fresh = !seen.contains(&own);
            if fresh {
                seen.push(own);
            }
            fresh
        });
        // Changed files can be brought back only while their copy is there.
        runs.retain(|run| match super::released(run) {
            Some(release) => release.dirty.is_none() || self.release_folder(project, &release).is_dir(),
            None => false,
        });
        runs.truncate(KEPT);
        Ok(runs)
    }

    /// The release that somebody wants to go back to: named by run, version or commit, else the one before.
    pub(super) async fn release_to_go_back_to(
        &self,
        project: &Project,
        place: &Place,
        to: Option<&str>,
    ) -> Result<(i64, Release)> {
        let live = self.live(&project.dir, place).await?;
        let runs = self.releases_before(&project.dir, place, live.as_ref())?;
        let named = |run: &&Run| match to {
            None => true,
            Some(name) => {
                run.id.to_string() == name
                    || run.what.version.as_deref() == Some(name)
                    || (name.len() >= 7 && run.what.sha.as_deref().is_some_and(|sha| sha.starts_with(name)))
            }
        };
        let found = runs.iter().find(named).and_then(|run| Some((run.id, super::released(run)?)));
        found.ok_or_else(|| {
            let Place { service, environment, .. } = place;
            let reason = match to {
                None => format!("no other release of {service} ran in {environment} before, so there is none to go back to"),
                Some(name) => format!("no release {name:?} of {service} ran in {environment} before the one that serves now"),
            };
            Refusal::ReleaseUnknown { environment: environment.clone(), reason }.into()
        })
    }
}

fn identity(sha: &str, dirty: bool) -> (String, bool) {
    (sha.to_owned(), dirty)
}

fn identity_of(run: &Run) -> (String, bool) {
    identity(run.what.sha.as_deref().unwrap_or_default(), run.what.dirty)
}

/// A release on the wire.
pub(super) fn reference(run: &Run) -> ReleaseRef {
    ReleaseRef {
        run: run.id.to_string(),
        version: run.what.version.clone().unwrap_or_default(),
        commit: run.what.sha.clone().unwrap_or_default(),
        at: run.finished.unwrap_or(run.requested).to_string(),
    }
}
