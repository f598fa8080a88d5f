//! What a run will do, written down before it begins: it applies this and nothing else.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::project::{Checks, Config, Environment, Project, Service, Strategy, Target};
use crate::wire::{RunStep, StepState};
use crate::{Engine, Error, Refusal, Result};

/// What a run will do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub(crate) enum Plan {
    /// Brings a release.
    Roll(Box<Roll>),
    /// Stops a service.
    Stop {
        /// Where it is.
        place: Place,
    },
}

/// One service in one environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Place {
    pub service: String,
    pub environment: String,
    pub port: u16,
}

/// Brings a release into an environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Roll {
    pub place: Place,
    pub production: bool,
    pub release: Release,
    /// Command with its `${…}` as written; expanded when it runs.
    pub command: Vec<String>,
    pub test: Option<Vec<String>>,
    pub health: String,
    pub strategy: Strategy,
    pub variables: BTreeMap<String, String>,
    /// Names; the values are in the keychain.
    pub secrets: Vec<String>,
    pub checks: Checks,
    /// Environment that the release must have run in.
    pub promotes_from: Option<String>,
    /// What was typed where the name has to be.
    pub confirmed: Option<String>,
    /// Whether it goes back to a release that ran here before: then no gate asks again.
    pub back: bool,
}

/// A version of the repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Release {
    /// As people say it.
    pub version: String,
    /// Full commit.
    pub sha: String,
    /// For changed files that no commit holds: the name of the folder they were copied to.
    pub dirty: Option<String>,
}

impl Roll {
    /// Whether conditions have to be met first.
    pub(crate) fn gated(&self) -> bool {
        !self.back && (self.checks != Checks::None || self.promotes_from.is_some() || self.production)
    }
}

impl Plan {
    /// The run's steps, all to come.
    pub(crate) fn steps(&self) -> Vec<RunStep> {
        let ids: &[&str] = match self {
            Self::Stop { .. } => &["stop"],
            Self::Roll(roll) if roll.gated() && roll.checks == Checks::Local => {
                &["gate", "tests", "export", "start", "health", "switch"]
            }
            Self::Roll(roll) if roll.gated() => &["gate", "export", "start", "health", "switch"],
            Self::Roll(_) => &["export", "start", "health", "switch"],
        };
        let to_come = |id: &&str| RunStep {
            id: (*id).to_owned(),
            state: StepState::ToCome,
            started: None,
            finished: None,
        };
        ids.iter().map(to_come).collect()
    }
}

impl Project {
    pub(crate) fn environment(&self, name: &str) -> Result<&Environment> {
        let all = &self.config.environments;
        all.iter().find(|environment| environment.name == name).ok_or_else(|| {
            let known =
                all.iter().map(|environment| environment.name.as_str()).collect::<Vec<_>>().join(", ");
            Refusal::EnvironmentUnknown { environment: name.to_owned(), known }.into()
        })
    }

    pub(crate) fn place(&self, service: &str, environment: &Environment) -> Result<Place> {
        let index = self.config.services.iter().position(|known| known.name == service);
        let index = index.ok_or_else(|| service_unknown(&self.config, service, "jalon.toml"))?;
        match environment.target {
            // The first service has the environment's port, the second the one above it, and so on.
            Target::Local { port } => Ok(Place {
                service: service.to_owned(),
                environment: environment.name.clone(),
                port: u16::try_from(index).ok().and_then(|index| port.checked_add(index)).unwrap_or(port),
            }),
            Target::Kubernetes { .. } => Err(Refusal::TargetUnsupported {
                environment: environment.name.clone(),
                target: "kubernetes".to_owned(),
            }
            .into()),
        }
    }
}

pub(crate) fn service_of<'c>(config: &'c Config, name: &str, at: &str) -> Result<&'c Service> {
    config
        .services
        .iter()
        .find(|service| service.name == name)
        .ok_or_else(|| service_unknown(config, name, at))
}

fn service_unknown(config: &Config, service: &str, at: &str) -> Error {
    let known = config.services.iter().map(|service| service.name.as_str()).collect::<Vec<_>>().join(", ");
    Refusal::ServiceUnknown { service: service.to_owned(), at: at.to_owned(), known }.into()
}

/// Names a project's folder among others in the data folder.
fn key(project: &Path) -> String {
    let digest = Sha256::digest(project.as_os_str().as_encoded_bytes());
    digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

impl Engine {
    /// Where the host of a service in an environment keeps its files.
    pub(crate) fn local_place(&self, project: &Path, place: &Place) -> deployments::local::Place {
        let folder = self.around.home.join("local").join(key(project));
        deployments::local::Place {
            folder: folder.join(&place.environment).join(&place.service),
            port: place.port,
        }
    }

    /// Where the files of a release are, or will be.
    pub(crate) fn release_folder(&self, project: &Path, release: &Release) -> PathBuf {
        let name = release.dirty.as_ref().unwrap_or(&release.sha);
        self.around.home.join("releases").join(key(project)).join(name)
    }

    /// The team's clone.
    pub(crate) async fn clone_of(&self, project: &Path) -> Result<git::Clone> {
        let git = git::Git::new(self.around.git.clone(), self.around.inherited.clone());
        Ok(git::Clone::open(&git, project).await?)
    }
}
