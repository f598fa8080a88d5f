//! What runs brought to a place on a cluster, and what those left there that did not come to their end.

use std::collections::BTreeMap;
use std::path::Path;

use deployments::kubernetes::{self, Manifest};
use runs::{Run, RunState};
use store::release::Recorded;

use super::remembered;
use crate::deploy::{Place, Plan, What};
use crate::project::Project;
use crate::{Engine, Result};

/// What ran in the environment in front.
pub(super) struct Proven {
    /// Its images, as they were asked for.
    pub images: Vec<String>,
    /// Their digests, by what they are called without one; not of every image is one known.
    pub digests: BTreeMap<String, String>,
}

impl Engine {
    /// The run whose release serves in a cluster, as the journal has it.
    pub(super) fn last_brought(&self, project: &Path, place: &Place) -> Result<Option<Run>> {
        let stopped = |run: &Run| run.what.kind == "action" && crate::deploy::stopped(run);
        let mut runs = self.store.runs_of_project(&project.display().to_string(), u32::MAX)?;
        runs.retain(|run| {
            run.state == RunState::Succeeded
                && run.what.name == place.service
                && run.what.environment == place.environment
                && (matches!(run.what.kind.as_str(), "deploy" | "rollback") || stopped(run))
        });
        Ok(runs.into_iter().next().filter(|run| !stopped(run)))
    }

    /// What is known of the same commit in the environment in front: what serves there from another computer, else what a run
    /// here recorded; none where nothing has to be.
    pub(super) async fn proven(
        &self,
        project: &Project,
        from: Option<&str>,
        service: &str,
        sha: &str,
    ) -> Result<Option<Proven>> {
        let Some(from) = from else { return Ok(None) };
        if let Some(proven) = self.proven_elsewhere(project, from, service, sha).await? {
            return Ok(Some(proven));
        }
        let Some(recorded) = self.recorded_before(&project.dir, from, service, sha)? else { return Ok(None) };
        let images = kubernetes::images(&remembered([&recorded])?);
        Ok(Some(Proven { images, digests: recorded.images }))
    }

    /// What was recorded when the same commit was brought to the environment in front.
    fn recorded_before(
        &self,
        project: &Path,
        from: &str,
        service: &str,
        sha: &str,
    ) -> Result<Option<Recorded>> {
        let runs = self.store.runs_of_project(&project.display().to_string(), u32::MAX)?;
        let brought = runs.iter().find(|run| {
            run.state == RunState::Succeeded
                && run.what.environment == from
                && run.what.name == service
                && run.what.sha.as_deref() == Some(sha)
                && !run.what.dirty
                && matches!(run.what.kind.as_str(), "deploy" | "rollback")
        });
        match brought {
            Some(run) => Ok(self.store.release_of(run.id)?),
            None => Ok(None),
        }
    }

    /// What was recorded of the release that serves.
    pub(super) fn recorded_at(&self, project: &Path, place: &Place) -> Result<Option<Recorded>> {
        match self.last_brought(project, place)? {
            Some(run) => Ok(self.store.release_of(run.id)?),
            None => Ok(None),
        }
    }

    /// Runs that began to change a place and did not come to their end, since the last one that did; newest first.
    pub(in crate::deploy) fn broken_off_at(&self, project: &Path, place: &Place) -> Result<Vec<Run>> {
        let runs = self.store.runs_of_project(&project.display().to_string(), u32::MAX)?;
        let here = runs.into_iter().filter(|run| {
            run.what.name == place.service
                && run.what.environment == place.environment
                && (matches!(run.what.kind.as_str(), "deploy" | "rollback") || crate::deploy::stopped(run))
        });
        let mut found = Vec::new();
        for run in here.take_while(|run| run.state != RunState::Succeeded) {
            // What is recorded is recorded right before it is applied.
            if run.state.ended() && self.store.release_of(run.id)?.is_some() {
                found.push(run);
            }
        }
        Ok(found)
    }

    /// Objects of a service that may be there: those of the release that serves, and those that later runs began to bring.
    pub(super) fn objects_at(&self, project: &Path, place: &Place) -> Result<Vec<Manifest>> {
        let mut releases: Vec<Recorded> = self.recorded_at(project, place)?.into_iter().collect();
        for run in self.broken_off_at(project, place)? {
            releases.extend(self.store.release_of(run.id)?);
        }
        remembered(&releases)
    }

    /// Whether Helm has the service there: the release that serves, or one that a run began to bring.
    pub(super) fn helm_at(&self, project: &Path, place: &Place) -> Result<bool> {
        if let Some(release) = self.recorded_at(project, place)? {
            return Ok(release.helm_revision.is_some());
        }
        Ok(self.broken_off_at(project, place)?.iter().any(brings_chart))
    }
}

fn brings_chart(run: &Run) -> bool {
    match serde_json::from_str(&run.what.plan) {
        Ok(Plan::Roll(roll)) => matches!(roll.what, What::Chart { .. }),
        _ => false,
    }
}
