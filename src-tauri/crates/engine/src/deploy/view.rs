//! The deployments screen: environments side by side, the gates between them, the history.

use std::path::Path;
use std::time::Duration;

use deployments::Gate;
use deployments::local::{self, Host, Offline};
use futures_util::future::try_join_all;

use super::releases::reference;
use super::{At, Place, Release, Roll, checks::For, gate};
use crate::project::{Environment, Project, Target};
use crate::wire::*;
use crate::{Engine, Refusal, Result, Work};

/// A host answers at once or is not there.
const ANSWERS: Duration = Duration::from_secs(2);
/// Versions that are offered.
const VERSIONS: usize = 40;
/// Commits that are listed as ahead.
const AHEAD: usize = 20;
/// Runs of the history.
const HISTORY: usize = 50;
/// Changed files that are named.
const CHANGED: usize = 100;
/// Lines of a log when nobody says how many.
const LINES: u32 = 500;

/// Environments, releases, gates and history of a service.
///
/// # Errors
/// jalon.toml or the store cannot be read. A clone that cannot be read is told in the answer.
pub async fn deployments(engine: &Engine, params: DeploymentsQuery, work: &Work) -> Result<Deployments> {
    work.soon("reading the deployments", async {
        engine.journal().reconcile()?;
        let project = Project::load(&params.dir)?;
        let config = &project.config;
        let services: Vec<String> = config.services.iter().map(|service| service.name.clone()).collect();
        let service = match &params.service {
            Some(name) => Some(super::plan::service_of(config, name, "jalon.toml")?.name.clone()),
            None => services.first().cloned(),
        };
        let named =
            service.as_ref().and_then(|name| config.services.iter().find(|known| known.name == *name));
        let owner = named.and_then(super::plan::owner);
        let owner = owner.map(|(kind, detail)| ServiceOwner { kind: kind.to_owned(), detail });
        let trust = engine.trust_request(&project.dir, config)?;
        // Until a person trusts the repository not even git runs in it.
        let clone = if trust.is_none() && service.is_some() {
            Some(engine.clone_of(&project.dir).await)
        } else {
            None
        };
        let (clone, mut clone_error) = match clone {
            None => (None, None),
            Some(Ok(clone)) => (Some(clone), None),
            Some(Err(error)) => (None, Some(error.to_wire())),
        };
        let state = match &clone {
            None => None,
            Some(clone) => match clone_state(clone).await {
                Ok(state) => Some(state),
                Err(error) => {
                    clone_error = Some(error.to_wire());
                    None
                }
            },
        };
        let mut history = crate::runs::rows(engine, &project.dir.display().to_string(), u32::MAX)?;
        history.retain(|run| Some(&run.name) == service.as_ref());
        let (mut environments, mut gates) = (Vec::new(), Vec::new());
        if let Some(service) = &service {
            let view = View { engine, project: &project, service, clone: clone.as_ref(), history: &history };
            // Together: a cluster that is away is waited for once.
            environments =
                try_join_all(config.environments.iter().map(|environment| view.environment(environment)))
                    .await?;
            for environment in &config.environments {
                gates.extend(view.gate(environment, &environments).await?);
            }
        }
        // What teammates did is told after what runs here was looked at: an environment here is not theirs.
        let name = service.clone().unwrap_or_default();
        let theirs = engine.teammates(&project)?.into_iter().map(|theirs| theirs.row);
        history.extend(theirs.filter(|row| row.name == name || row.name == project.config.name));
        history.sort_by(|a, b| b.requested.cmp(&a.requested));
        let count = |runs: usize| u32::try_from(runs).unwrap_or(u32::MAX);
        Ok(Deployments {
            project: project.header(),
            services,
            service,
            trust,
            clone: state,
            clone_error,
            environments,
            gates,
            owner,
            runs: count(history.len()),
            runs_production: count(history.iter().filter(|run| run.production).count()),
            history: history.into_iter().take(HISTORY).collect(),
        })
    })
    .await
}

/// Last lines of a service's log.
///
/// # Errors
/// There is no such service or environment, or the log cannot be read.
pub async fn service_log(engine: &Engine, params: LogQuery, _work: &Work) -> Result<Log> {
    let project = Project::load(&params.dir)?;
    let environment = project.environment(&params.environment)?;
    let place = project.place(&params.service, environment)?;
    let At::Local { port } = place.at else {
        return super::cluster::service_log(engine, &project, &place, params.lines.unwrap_or(LINES)).await;
    };
    let folder = engine.local_place(&project.dir, &place, port).folder;
    let lines = local::read_log(&folder, params.lines.unwrap_or(LINES) as usize)?;
    if lines.is_empty() && !folder.exists() {
        return Err(Refusal::NothingRuns { service: params.service, environment: params.environment }.into());
    }
    let line = |line: local::LogLine| LogLine {
        at: line.at.to_string(),
        stream: match line.stream {
            local::Stream::Stdout => "stdout",
            local::Stream::Stderr => "stderr",
            local::Stream::Jalon => "jalon",
        }
        .to_owned(),
        text: line.text,
        release: Some(line.release).filter(|release| !release.is_empty()),
    };
    Ok(Log { lines: lines.into_iter().map(line).collect() })
}

async fn clone_state(clone: &git::Clone) -> Result<CloneState> {
    let head = clone.head().await?;
    let branch = head.branches.first().cloned();
    let mut changed = clone.changed().await?;
    changed.truncate(CHANGED);
    Ok(CloneState {
        branch,
        changed,
        versions: clone.versions(VERSIONS).await?.into_iter().map(commit_line).collect(),
        head: commit_line(head),
    })
}

fn commit_line(commit: git::Commit) -> CommitLine {
    CommitLine {
        version: super::label(&commit),
        branch: commit.branches.first().cloned(),
        subject: commit.subject,
        committed: commit.committed.to_string(),
        commit: commit.sha,
    }
}

struct View<'a> {
    engine: &'a Engine,
    project: &'a Project,
    service: &'a str,
    clone: Option<&'a git::Clone>,
    history: &'a [RunRow],
}

impl View<'_> {
    async fn environment(&self, environment: &Environment) -> Result<EnvironmentView> {
        let runs: Vec<&RunRow> =
            self.history.iter().filter(|run| run.environment == environment.name).collect();
        let brings = |run: &&&RunRow| matches!(run.kind, RunKind::Deploy | RunKind::Rollback);
        let under_way = |run: &&&RunRow| {
            matches!(run.state, RunState::Planned | RunState::WaitingForConfirmation | RunState::Running)
        };
        let service = super::plan::service_of(&self.project.config, self.service, "jalon.toml")?;
        let mut view = EnvironmentView {
            name: environment.name.clone(),
            production: environment.production,
            promotes_from: environment.promotes_from.clone(),
            target: match environment.target {
                Target::Local { .. } => "local",
                Target::Kubernetes { .. } => "kubernetes",
            }
            .to_owned(),
            address: None,
            strategy: service.strategy.as_str().to_owned(),
            confirm_name: environment.confirm_name,
            release: None,
            health: Health { state: HealthState::Unknown, detail: None, checked: None },
            slots: Vec::new(),
            cluster: None,
            image: None,
            replicas: None,
            cause: None,
            back_to: None,
            releases: Vec::new(),
            ahead: Vec::new(),
            running: runs.iter().find(under_way).map(|run| run.id.clone()),
            last_failed: runs
                .iter()
                .find(brings)
                .filter(|run| matches!(run.state, RunState::Failed | RunState::Interrupted) || run.refused)
                .map(|run| (*run).clone()),
        };
        let Ok(place) = self.project.place(self.service, environment) else { return Ok(view) };
        let (live, health) = self.engine.at_place(&self.project.dir, &place).await?;
        view.health = health;
        let before = self.engine.releases_before(&self.project.dir, &place, live.as_ref())?;
        view.releases = before.iter().map(reference).collect();
        view.back_to = view.releases.first().cloned();
        view.release = live.map(|live| {
            let mut brought = runs.iter().filter(|run| run.state == RunState::Succeeded && !live.elsewhere);
            let brought = brought.find(brings_commit(&live));
            ReleaseView {
                run: brought.map(|run| run.id.clone()).unwrap_or_default(),
                by: live.by.or_else(|| brought.and_then(|run| run.by.clone())),
                elsewhere: live.elsewhere,
                version: live.version,
                commit: live.commit,
                dirty: live.dirty,
                since: live.since,
            }
        });
        match place.at {
            At::Local { port } => {
                view.address = Some(place.address());
                if let Some(status) = self.engine.status_at(&self.project.dir, &place, port).await {
                    view.slots = slots(&status);
                }
            }
            At::Cluster { .. } => self.engine.on_cluster(&self.project.dir, &place, &mut view).await?,
        }
        self.ahead(environment, &mut view).await?;
        Ok(view)
    }

    /// Commits of this environment that the next one does not have.
    async fn ahead(&self, environment: &Environment, view: &mut EnvironmentView) -> Result<()> {
        let next = self.project.config.environments.iter();
        let next = next.clone().find(|next| next.promotes_from.as_deref() == Some(&environment.name));
        let (Some(next), Some(clone), Some(release)) = (next, self.clone, &view.release) else {
            return Ok(());
        };
        let Ok(place) = self.project.place(self.service, next) else { return Ok(()) };
        let Some(there) = self.engine.live(&self.project.dir, &place).await? else { return Ok(()) };
        // A commit that was rewritten away is no reason to show nothing else.
        let commits = clone.between(Some(&there.commit), &release.commit, AHEAD).await.unwrap_or_default();
        view.ahead = commits.into_iter().map(commit_line).collect();
        Ok(())
    }

    async fn gate(&self, to: &Environment, all: &[EnvironmentView]) -> Result<Option<GateView>> {
        let (Some(from), Some(clone)) = (&to.promotes_from, self.clone) else { return Ok(None) };
        let Ok(place) = self.project.place(self.service, to) else { return Ok(None) };
        let mut view = GateView {
            from: from.clone(),
            to: to.name.clone(),
            candidate: None,
            open: false,
            conditions: Vec::new(),
        };
        let release = all.iter().find(|view| view.name == *from).and_then(|view| view.release.as_ref());
        let Some(release) = release else { return Ok(Some(view)) };
        view.candidate = Some(ReleaseRef {
            run: release.run.clone(),
            version: release.version.clone(),
            commit: release.commit.clone(),
            at: release.since.clone(),
        });
        let Ok((config, at)) = super::config_at(self.project, clone, &release.commit).await else {
            return Ok(Some(view));
        };
        let Ok(service) = super::plan::service_of(&config, self.service, &at) else { return Ok(Some(view)) };
        let Ok(what) = super::plan::what(service, &place, &at) else { return Ok(Some(view)) };
        let roll = Roll {
            place,
            production: to.production,
            release: Release { version: release.version.clone(), sha: release.commit.clone(), dirty: None },
            what,
            test: service.test.clone(),
            health: service.health.clone(),
            strategy: service.strategy,
            variables: to.variables.clone(),
            secrets: Vec::new(),
            checks: to.checks,
            promotes_from: to.promotes_from.clone(),
            confirmed: None,
            back: false,
            back_to_run: None,
        };
        let mut facts = gate::facts(self.engine, self.project, clone, &roll, For::View).await?;
        if to.confirm_name {
            facts.confirmation = Some(deployments::gate::Confirmation { name: to.name.clone(), typed: None });
        }
        let gate = Gate::judge(&facts);
        view.conditions = gate.conditions.iter().map(gate::on_wire).collect();
        view.open = gate.open();
        Ok(Some(view))
    }
}

fn brings_commit(live: &Live) -> impl Fn(&&&RunRow) -> bool {
    let (commit, dirty) = (live.commit.clone(), live.dirty);
    move |run| {
        matches!(run.kind, RunKind::Deploy | RunKind::Rollback)
            && run.commit.as_deref() == Some(&commit)
            && run.dirty == dirty
    }
}

fn slots(status: &local::Status) -> Vec<Slot> {
    let slot = |instance: &local::InstanceStatus, live: bool| Slot {
        name: match instance.slot {
            local::Slot::Blue => "blue",
            local::Slot::Green => "green",
        }
        .to_owned(),
        live,
        version: instance.release.version.clone(),
        healthy: instance.health == local::Health::Healthy && instance.exit.is_none(),
        traffic: if live { 100 } else { 0 },
        since: instance.since_live.filter(|_| live).unwrap_or(instance.started_at).to_string(),
    };
    let live = status.live.as_ref().map(|instance| slot(instance, true));
    live.into_iter().chain(status.warm.as_ref().map(|instance| slot(instance, false))).collect()
}

/// What serves somewhere.
pub(crate) struct Live {
    pub version: String,
    pub commit: String,
    pub dirty: bool,
    pub since: String,
    /// Whether it was brought by another computer's Jalon.
    pub elsewhere: bool,
    /// Whether all of it is of this release, as far as can be told.
    pub whole: bool,
    /// Who brought it from there, as far as is known.
    pub by: Option<String>,
}

impl Engine {
    /// What the host of a place says; none where there is no host, or it does not answer.
    pub(super) async fn status_at(&self, project: &Path, place: &Place, port: u16) -> Option<local::Status> {
        let mut host = Host::connect(&self.local_place(project, place, port), ANSWERS).await.ok()??;
        host.status(ANSWERS).await.ok()
    }

    /// Whether nothing runs there, and nothing is left of what ran.
    pub(crate) async fn at_rest(&self, project: &Path, place: &Place) -> Result<bool> {
        match place.at {
            At::Local { port } => {
                let at = self.local_place(project, place, port);
                Ok(matches!(local::status_offline(&at), Ok(Offline::Stopped)))
            }
            // What a run began to bring is there, although nothing serves.
            At::Cluster { .. } => {
                Ok(self.live(project, place).await?.is_none()
                    && self.broken_off_at(project, place)?.is_empty())
            }
        }
    }

    /// What serves at a place.
    pub(crate) async fn live(&self, project: &Path, place: &Place) -> Result<Option<Live>> {
        Ok(self.at_place(project, place).await?.0)
    }

    /// What serves at a place, and how it is.
    pub(super) async fn at_place(&self, project: &Path, place: &Place) -> Result<(Option<Live>, Health)> {
        let At::Local { port } = place.at else { return self.at_cluster(project, place).await };
        let at = self.local_place(project, place, port);
        let health =
            |state, detail: Option<String>| Health { state, detail, checked: Some(self.now().to_string()) };
        let Some(status) = self.status_at(project, place, port).await else {
            let state = match local::status_offline(&at)? {
                Offline::Running => HealthState::Unknown,
                Offline::Lost { .. } => HealthState::Lost,
                Offline::Stopped if self.brought(project, place)?.is_empty() => HealthState::Empty,
                Offline::Stopped => HealthState::Stopped,
            };
            return Ok((None, health(state, None)));
        };
        let Some(live) = status.live else {
            let state = if self.brought(project, place)?.is_empty() {
                HealthState::Empty
            } else {
                HealthState::Stopped
            };
            return Ok((None, health(state, None)));
        };
        let health = match (&live.exit, &live.health) {
            (Some(exit), _) => health(HealthState::Crashed, Some(exit.to_string())),
            (None, local::Health::Healthy) => health(HealthState::Healthy, None),
            (None, local::Health::Unhealthy { reason }) => health(HealthState::Failing, Some(reason.clone())),
            (None, local::Health::Unknown) => health(HealthState::Unknown, None),
        };
        let since = live.since_live.unwrap_or(live.started_at).to_string();
        let local::Release { version, commit, dirty, .. } = live.release;
        Ok((Some(Live { version, commit, dirty, since, elsewhere: false, whole: true, by: None }), health))
    }
}
