//! What a run will do, written down before it begins: it applies this and nothing else.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::project::{Checks, Config, Environment, Owner, Project, Service, Strategy, Target};
use crate::wire::{RunStep, StepState};
use crate::{Engine, Error, Refusal, Result};

/// What a run will do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub(crate) enum Plan {
    /// Brings a release.
    Roll(Box<Roll>),
    /// Replaces the pods of what serves on a cluster.
    Restart {
        /// Where it is.
        place: Place,
        /// What serves there.
        release: Release,
    },
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
    #[serde(flatten)]
    pub at: At,
}

/// Where an environment is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum At {
    /// Behind a proxy on this port of this computer.
    Local { port: u16 },
    /// A namespace of a cluster.
    Cluster { context: Option<String>, namespace: String },
}

/// What a release consists of, with its `${…}` as written; expanded when it runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum What {
    /// A process: program, then arguments.
    Process { command: Vec<String> },
    /// A Helm chart: its folder, and values files of which the last one wins.
    Chart { helm: String, values: Vec<String> },
    /// Manifests: globs.
    Manifests { manifests: Vec<String> },
}

impl Place {
    /// Where people find it: an address, or context and namespace.
    pub(crate) fn address(&self) -> String {
        match &self.at {
            At::Local { port } => format!("http://127.0.0.1:{port}"),
            At::Cluster { context: Some(context), namespace } => format!("{context}/{namespace}"),
            At::Cluster { context: None, namespace } => namespace.clone(),
        }
    }
}

/// Brings a release into an environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Roll {
    pub place: Place,
    pub production: bool,
    pub release: Release,
    #[serde(flatten)]
    pub what: What,
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
    /// Run that brought that release first.
    #[serde(default)]
    pub back_to_run: Option<i64>,
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
        let mut ids = Vec::new();
        match self {
            Self::Stop { .. } => ids.push("stop"),
            Self::Restart { .. } => ids.extend(["restart", "rollout"]),
            Self::Roll(roll) => {
                if roll.gated() {
                    ids.push("gate");
                }
                if roll.gated() && roll.checks == Checks::Local {
                    ids.push("tests");
                }
                ids.extend_from_slice(match roll.place.at {
                    At::Local { .. } => &["export", "start", "health", "switch"][..],
                    At::Cluster { .. } => &["export", "render", "diff", "apply", "rollout", "record"][..],
                });
            }
        }
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
        let at = match &environment.target {
            // The first service has the environment's port, the second the one above it, and so on.
            Target::Local { port } => At::Local {
                port: u16::try_from(index).ok().and_then(|index| port.checked_add(index)).unwrap_or(*port),
            },
            Target::Kubernetes { context, namespace } => {
                At::Cluster { context: context.clone(), namespace: namespace.clone() }
            }
        };
        Ok(Place { service: service.to_owned(), environment: environment.name.clone(), at })
    }
}

/// What of a service is brought to a place, as the jalon.toml called `at` says it.
pub(crate) fn what(service: &Service, place: &Place, at: &str) -> Result<What> {
    let wrong = |target: &str, wanted: &str| {
        let (service, at) = (service.name.clone(), at.to_owned());
        Err(Refusal::NotForTarget { service, at, target: target.to_owned(), wanted: wanted.to_owned() }
            .into())
    };
    match (&place.at, &service.command, &service.helm) {
        (At::Local { .. }, Some(command), _) => Ok(What::Process { command: command.clone() }),
        (At::Local { .. }, None, _) => {
            Err(Refusal::NoCommand { service: service.name.clone(), at: at.to_owned() }.into())
        }
        (At::Cluster { .. }, _, Some(helm)) => {
            Ok(What::Chart { helm: helm.clone(), values: service.values.clone() })
        }
        (At::Cluster { .. }, _, None) if !service.manifests.is_empty() => {
            Ok(What::Manifests { manifests: service.manifests.clone() })
        }
        (At::Cluster { .. }, _, None) => wrong("a cluster", "helm or manifests"),
    }
}

/// Refuses where somebody else rolls the service out: an object with two owners is the worst outcome.
pub(crate) fn expect_own(service: &Service) -> Result<()> {
    match owner(service) {
        None => Ok(()),
        Some((kind, detail)) => {
            let owner = detail.map_or(kind.to_owned(), |detail| format!("{kind} ({detail})"));
            Err(Refusal::OwnedElsewhere { service: service.name.clone(), owner }.into())
        }
    }
}

/// Who rolls a service out instead of Jalon, and with what.
pub(crate) fn owner(service: &Service) -> Option<(&'static str, Option<String>)> {
    match &service.deployed_by {
        Owner::Jalon => None,
        Owner::GitHubActions { workflow } => Some(("github-actions", workflow.clone())),
        Owner::Terraform { stack } => Some(("terraform", stack.clone())),
        Owner::ArgoCd { application } => Some(("argo-cd", application.clone())),
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
    pub(crate) fn local_place(&self, project: &Path, place: &Place, port: u16) -> deployments::local::Place {
        let folder = self.around.home.join("local").join(key(project));
        deployments::local::Place { folder: folder.join(&place.environment).join(&place.service), port }
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
