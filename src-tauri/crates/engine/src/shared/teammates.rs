//! Deployments that GitHub knows and this data folder's runs do not: teammates', workflows', one's own other computers'.

use std::collections::HashMap;

use jiff::Timestamp;
use kpis::{Attempt, DeploymentStatus, Kind, Outcome, attempt_of_statuses};
use store::deployment::Deployment;

use crate::project::Project;
use crate::wire::{RunChange, RunDetail, RunKind, RunOrigin, RunRow, RunState};
use crate::{Engine, Result};

/// Prefix of the ids of what GitHub knows.
const GITHUB: &str = "github-";

/// A deployment of somebody else.
#[derive(Debug, Clone)]
pub(crate) struct Teammate {
    /// As the KPIs count it.
    pub attempt: Attempt,
    /// As the history shows it.
    pub row: RunRow,
}

/// GitHub's id in the id of a run; none for runs of this data folder.
pub(crate) fn of_github(id: &str) -> Option<u64> {
    id.strip_prefix(GITHUB)?.parse().ok()
}

impl Engine {
    /// What GitHub knows of a project beside its own runs, newest first. A run of this data folder comes before the
    /// deployment that tells of it: nothing counts twice.
    pub(crate) fn teammates(&self, project: &Project) -> Result<Vec<Teammate>> {
        let Ok(repository) = self.repository(project) else { return Ok(Vec::new()) };
        let own: HashMap<String, i64> =
            self.store.shared_names(&project.dir.display().to_string())?.into_iter().collect();
        let all = self.store.deployments_of(&repository)?;
        let others =
            all.into_iter().filter(|one| !one.about.run.as_ref().is_some_and(|run| own.contains_key(run)));
        Ok(others.filter_map(|one| self.teammate(project, one)).collect())
    }

    /// One deployment in an environment of the project; a preview of somebody's pull request is none.
    fn teammate(&self, project: &Project, one: Deployment) -> Option<Teammate> {
        let environments = &project.config.environments;
        let environment =
            environments.iter().find(|known| known.name.eq_ignore_ascii_case(&one.environment))?;
        let service = match (&one.about.service, &project.config.services[..]) {
            (Some(service), _) => service.clone(),
            // Who else deploys does not say what: it can only be the one service there is.
            (None, [only]) => only.name.clone(),
            (None, _) => project.config.name.clone(),
        };
        let kind = match one.about.kind.as_deref() {
            Some("rollback") => Kind::Rollback,
            Some("rework") => Kind::Rework,
            _ => Kind::Planned,
        };
        let known = one.statuses.unwrap_or_default();
        let statuses: Vec<DeploymentStatus> = known
            .iter()
            .filter_map(|status| Some(DeploymentStatus { state: status.state.parse().ok()?, at: status.at }))
            .collect();
        let id = format!("{GITHUB}{}", one.id);
        let deployment = kpis::Deployment {
            id: id.clone(),
            service: service.clone(),
            environment: environment.name.clone(),
            production: environment.production,
            sha: one.sha.clone(),
            attempt: one.about.attempt.unwrap_or(1),
            kind,
            created: one.created,
        };
        let mut attempt = attempt_of_statuses(deployment, &statuses, self.now());
        // A Jalon says "inactive" of what was refused or cancelled.
        if one.about.run.is_some() && attempt.outcome == Outcome::Superseded {
            attempt.outcome = Outcome::Cancelled;
        }
        let time = |at: Option<Timestamp>| at.map(|at| at.to_string());
        let row = RunRow {
            id,
            kind: if kind == Kind::Rollback { RunKind::Rollback } else { RunKind::Deploy },
            deed: None,
            name: service,
            environment: environment.name.clone(),
            production: environment.production,
            promoted_from: None,
            version: one.about.version.or_else(|| one.sha.get(..7).map(str::to_owned)),
            commit: Some(one.sha),
            dirty: false,
            by: one.creator,
            state: match attempt.outcome {
                Outcome::Success => RunState::Succeeded,
                Outcome::Failure => RunState::Failed,
                Outcome::Cancelled | Outcome::Superseded | Outcome::Skipped => RunState::Cancelled,
                Outcome::Unknown => RunState::Interrupted,
                Outcome::InProgress if attempt.started.is_some() => RunState::Running,
                Outcome::InProgress => RunState::Planned,
            },
            refused: false,
            attempt: attempt.attempt,
            requested: attempt.requested.to_string(),
            started: time(attempt.started),
            finished: time(attempt.finished),
            reason: None,
            origin: RunOrigin::Github,
        };
        Some(Teammate { attempt, row })
    }

    /// A deployment of GitHub's as the detail of a run: it has neither steps nor a log here.
    pub(crate) fn teammate_detail(&self, id: u64) -> Result<Option<RunDetail>> {
        for known in self.store.recent_projects()? {
            let Ok(project) = Project::load(&known.dir) else { continue };
            let Ok(repository) = self.repository(&project) else { continue };
            let Some(one) = self.store.deployment_of(&repository, id)? else { continue };
            let statuses = one.statuses.clone().unwrap_or_default();
            let Some(Teammate { row, .. }) = self.teammate(&project, one) else { continue };
            let change = |status: &store::deployment::Status| RunChange {
                at: status.at.to_string(),
                state: match status.state.as_str() {
                    "in_progress" => RunState::Running,
                    "success" => RunState::Succeeded,
                    "failure" | "error" => RunState::Failed,
                    "inactive" => RunState::Cancelled,
                    _ => RunState::Planned,
                },
            };
            let version = row.version.clone().unwrap_or_default();
            let (service, environment) = (&row.name, &row.environment);
            return Ok(Some(RunDetail {
                command: format!("jalonctl deploy {service} --env {environment} --version {version}"),
                steps: Vec::new(),
                journal: statuses.iter().map(change).collect(),
                left_behind: Vec::new(),
                cancellable: false,
                shared: None,
                run: row,
            }));
        }
        Ok(None)
    }
}
