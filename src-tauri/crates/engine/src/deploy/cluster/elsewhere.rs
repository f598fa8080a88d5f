//! What another computer brought to a cluster: a teammate's Jalon, whose journal is not here. Workloads are marked with
//! their release, and the one that was brought last serves.

use std::path::Path;
use std::time::Duration;

use deployments::kubernetes::Health;
use deployments::kubernetes::view::{Mark, View};
use jiff::{SignedDuration, Timestamp};
use runs::{Run, RunState};

use super::ANSWERS;
use super::history::Proven;
use super::roll::unpinned;
use crate::deploy::view::Live;
use crate::deploy::{At, Place};
use crate::project::Project;
use crate::{Engine, Error, Refusal, Result};

/// The journal's times are whole milliseconds.
const ROUNDED: SignedDuration = SignedDuration::from_secs(1);

impl Engine {
    /// What serves of another computer's; none where it is a run's of this one, or where nothing is marked.
    pub(super) fn elsewhere(&self, project: &Path, place: &Place, seen: &View) -> Result<Option<Live>> {
        let marks = || seen.workloads.iter().filter_map(|workload| workload.mark.as_ref()).filter(of(place));
        let (mut theirs, mut own): (Vec<&Mark>, Option<Timestamp>) = (Vec::new(), None);
        for mark in marks() {
            match self.run_of(mark)? {
                None => theirs.push(mark),
                Some(run) if is_at(&run, project, place) => own = own.max(mark.brought),
                Some(_) => {}
            }
        }
        let Some(newest) = theirs.into_iter().max_by_key(|mark| mark.brought) else { return Ok(None) };
        // What is older than what was brought or stopped from here was left behind by it.
        let since = own.max(self.last_stop(project, place)?);
        if since.is_some() && newest.brought <= since {
            return Ok(None);
        }
        let commit = newest.commit.clone().unwrap_or_default();
        // Who it was is known where GitHub was told of it.
        let project = Project::load(&project.display().to_string())?;
        let theirs = self.teammates(&project)?.into_iter().map(|theirs| theirs.row).find(|row| {
            row.name == place.service
                && row.environment == place.environment
                && row.commit.as_ref() == Some(&commit)
                && row.version.as_ref() == Some(&newest.version)
        });
        Ok(Some(Live {
            version: newest.version.clone(),
            dirty: newest.commit.is_none(),
            commit,
            since: newest.brought.unwrap_or_else(|| self.now()).to_string(),
            elsewhere: true,
            whole: marks().all(|mark| mark == newest),
            by: theirs.and_then(|row| row.by),
        }))
    }

    /// The run that a mark is of; none for one of another computer, whose runs are counted from 1, too.
    fn run_of(&self, mark: &Mark) -> Result<Option<Run>> {
        let Ok(id) = mark.release.parse() else { return Ok(None) };
        let run = self.store.run_of(id)?.filter(|run| run.what.version.as_ref() == Some(&mark.version));
        let within = |run: &Run| {
            mark.brought.is_none_or(|at| {
                at >= run.requested - ROUNDED && run.finished.is_none_or(|finished| at <= finished + ROUNDED)
            })
        };
        Ok(run.filter(within))
    }

    /// When the service was last stopped from here.
    fn last_stop(&self, project: &Path, place: &Place) -> Result<Option<Timestamp>> {
        let runs = self.store.runs_of_project(&project.display().to_string(), u32::MAX)?;
        let stops = runs.iter().filter(|run| run.state == RunState::Succeeded && crate::deploy::stopped(run));
        Ok(stops.filter(|run| is_at(run, project, place)).filter_map(|run| run.finished).max())
    }

    /// What another computer brought of a commit to the environment in front, where it serves, all of it, and is healthy:
    /// what runs there is what a promotion brings.
    pub(super) async fn proven_elsewhere(
        &self,
        project: &Project,
        from: &str,
        service: &str,
        sha: &str,
    ) -> Result<Option<Proven>> {
        let Ok(place) = project.place(service, project.environment(from)?) else { return Ok(None) };
        let At::Cluster { .. } = place.at else { return Ok(None) };
        let Ok(seen) = self.seen(&project.dir, &place, ANSWERS).await else { return Ok(None) };
        let theirs = self.elsewhere(&project.dir, &place, &seen.view)?;
        let serves = theirs.is_some_and(|live| live.commit == sha && live.whole);
        if seen.view.health != Health::Healthy || !serves {
            return Ok(None);
        }
        let marked =
            seen.view.workloads.iter().filter(|one| one.mark.as_ref().is_some_and(|mark| of(&place)(&mark)));
        // Of a workload's pods those of its current revision say which image that is.
        let images: Vec<String> = marked.flat_map(|workload| workload.images.iter().cloned()).collect();
        let digests = images.iter().filter_map(|image| image.split_once('@'));
        let digests = digests.map(|(name, digest)| (name.to_owned(), digest.to_owned())).collect();
        let images = images.iter().map(|image| unpinned(image).to_owned()).collect();
        Ok(Some(Proven { images, digests }))
    }

    /// Refuses to change, without bringing anything, what another computer brought, because what belongs to it is not known
    /// here; and where it cannot be told whose it is.
    pub(in crate::deploy) async fn expect_brought_here(
        &self,
        project: &Path,
        place: &Place,
        limit: Duration,
    ) -> Result<()> {
        let At::Cluster { .. } = place.at else { return Ok(()) };
        let seen = self.seen(project, place, limit).await?;
        if let Some(failure) = seen.view.failure {
            return Err(Error::ClusterRead(failure));
        }
        if !seen.view.complete {
            return Err(Error::TimedOut { what: "reading the cluster", seconds: limit.as_secs() });
        }
        match self.elsewhere(project, place, &seen.view)? {
            Some(live) => {
                let Place { service, environment, .. } = place;
                let (service, version) = (service.clone(), live.version);
                Err(Refusal::BroughtElsewhere { service, environment: environment.clone(), version }.into())
            }
            None => Ok(()),
        }
    }
}

/// Whether a mark is of a place: environments may share a namespace.
fn of<'p>(place: &'p Place) -> impl Fn(&&Mark) -> bool + 'p {
    |mark| mark.environment.as_ref().is_none_or(|environment| *environment == place.environment)
}

fn is_at(run: &Run, project: &Path, place: &Place) -> bool {
    run.what.project == project.display().to_string()
        && run.what.name == place.service
        && run.what.environment == place.environment
}
