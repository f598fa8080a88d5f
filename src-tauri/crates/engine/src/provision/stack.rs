//! A stack in an environment, and what a run of it will do.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use provisioning::{Mode, Program, Workspace};
use serde::{Deserialize, Serialize};

use crate::error::ProvisionError;
use crate::project::{Environment, Project, Stack, Tool, stays_inside};
use crate::wire::{RunStep, StepState};
use crate::{Engine, Error, Result};

/// What a provisioning run will do, written down before it begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub(crate) enum Plan {
    /// Plans, and applies exactly that plan once it is confirmed.
    Provision(Box<Work>),
    /// Takes a lock off.
    Unlock {
        /// Where.
        work: Box<Work>,
        /// Id of the lock.
        lock: String,
    },
}

impl Plan {
    /// What it does, in a word.
    pub(crate) fn deed(&self) -> &'static str {
        match self {
            Self::Provision(work) => work.mode.as_str(),
            Self::Unlock { .. } => "unlock",
        }
    }
}

/// What a run works on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Work {
    pub place: Place,
    pub mode: Mode,
    pub variables: BTreeMap<String, String>,
    /// Names; the values are in the keychain.
    pub secrets: Vec<String>,
    /// Commit that is checked out; none where the project is no clone.
    pub commit: Option<String>,
    /// Whether files of the stack are changed and not committed.
    pub dirty: bool,
}

/// A stack in an environment that can be planned here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Place {
    pub stack: String,
    pub environment: String,
    pub program: Program,
    /// Folder of the configuration, relative, with `/`.
    pub dir: String,
}

impl Place {
    /// Folder of the configuration.
    pub(crate) fn path(&self, project: &Path) -> PathBuf {
        project.join(&self.dir)
    }

    /// What a person has to trust before it is planned: the files of its folder may run anything.
    pub(crate) fn trust_line(&self, project: &Path) -> Result<String> {
        let provisioning::Digest { sha256, files } =
            provisioning::digest(&self.path(project)).map_err(Error::from)?;
        let Self { stack, environment, program, dir } = self;
        let program = program.name();
        Ok(format!("{stack} in {environment}: {program} in {dir}, {files} files, SHA-256 {sha256}"))
    }
}

impl Plan {
    /// The run's steps, all to come.
    pub(crate) fn steps(&self) -> Vec<RunStep> {
        let ids: &[&str] = match self {
            Self::Unlock { .. } => &["tools", "init", "unlock"],
            Self::Provision(work) if work.mode == Mode::Drift => &["tools", "init", "validate", "plan"],
            Self::Provision(_) => &["tools", "init", "validate", "plan", "confirm", "apply", "outputs"],
        };
        let to_come = |id: &&str| RunStep {
            id: (*id).to_owned(),
            state: StepState::ToCome,
            started: None,
            finished: None,
        };
        ids.iter().map(to_come).collect()
    }

    pub(crate) fn work(&self) -> &Work {
        match self {
            Self::Provision(work) | Self::Unlock { work, .. } => work,
        }
    }
}

/// A text of jalon.toml for an environment.
fn fill(text: &str, environment: &str) -> String {
    text.replace("{environment}", environment)
}

/// Folder of a stack in an environment, relative, with `/`.
pub(crate) fn dir_of(stack: &Stack, environment: &Environment) -> String {
    fill(&stack.dir, &environment.name)
}

/// The workspace of HCP Terraform that owns the state of a stack; none where it is planned here.
pub(crate) fn workspace(
    project: &Project,
    stack: &Stack,
    environment: &Environment,
) -> Result<Option<Workspace>> {
    if let Some(hcp) = &stack.hcp {
        return Ok(Some(Workspace {
            organization: hcp.organization.as_ref().map(|name| fill(name, &environment.name)),
            workspace: fill(&hcp.workspace, &environment.name),
            found_in: "jalon.toml".to_owned(),
        }));
    }
    let dir = dir_of(stack, environment);
    if !project.dir.join(&dir).is_dir() {
        return Ok(None);
    }
    provisioning::workspace_of(&project.dir, &dir).map_err(Error::from)
}

impl Project {
    pub(crate) fn stack(&self, name: &str) -> Result<&Stack> {
        let all = &self.config.stacks;
        all.iter().find(|stack| stack.name == name).ok_or_else(|| {
            let known = all.iter().map(|stack| stack.name.as_str()).collect::<Vec<_>>().join(", ");
            ProvisionError::StackUnknown { stack: name.to_owned(), known }.into()
        })
    }

    /// A stack in an environment, or why it cannot be planned here.
    pub(crate) fn stack_place(&self, stack: &Stack, environment: &Environment) -> Result<Place> {
        let program = match stack.tool {
            Tool::Terraform => Program::Terraform,
            Tool::Tofu => Program::Tofu,
            tool @ (Tool::Ansible | Tool::Vagrant) => {
                let tool = tool.as_str().to_owned();
                return Err(ProvisionError::ToolUnsupported { stack: stack.name.clone(), tool }.into());
            }
        };
        if let Some(Workspace { organization, workspace, found_in }) = workspace(self, stack, environment)? {
            return Err(ProvisionError::Hcp {
                stack: stack.name.clone(),
                environment: environment.name.clone(),
                workspace: organization.map_or(workspace.clone(), |name| format!("{name}/{workspace}")),
                found_in,
            }
            .into());
        }
        let dir = dir_of(stack, environment);
        if !stays_inside(&dir) || !self.dir.join(&dir).is_dir() {
            return Err(ProvisionError::NoFolder { stack: stack.name.clone(), dir }.into());
        }
        let owner = self.owner_of(&dir);
        if let Some((owner_stack, owner)) = owner.filter(|owner| *owner != (&stack.name, &environment.name)) {
            return Err(ProvisionError::SharedFolder {
                dir,
                environment: environment.name.clone(),
                owner: format!("{owner_stack} in {owner}"),
            }
            .into());
        }
        Ok(Place { stack: stack.name.clone(), environment: environment.name.clone(), program, dir })
    }

    /// Whose a folder is where several stacks or environments name it: one folder has one state, and the strictest
    /// protection of it must not be gone round. Production's, else the first one's.
    fn owner_of(&self, dir: &str) -> Option<(&String, &String)> {
        let naming = self.config.stacks.iter().flat_map(|stack| {
            let here =
                self.config.environments.iter().filter(|environment| dir_of(stack, environment) == dir);
            here.map(move |environment| (stack, environment))
        });
        naming
            .min_by_key(|(_, environment)| !environment.production)
            .map(|(stack, environment)| (&stack.name, &environment.name))
    }

    /// Every stack in every environment that can be planned here.
    pub(crate) fn stack_places(&self) -> Vec<Place> {
        let all = self.config.stacks.iter().flat_map(|stack| {
            self.config
                .environments
                .iter()
                .filter_map(move |environment| self.stack_place(stack, environment).ok())
        });
        all.collect()
    }
}

impl Engine {
    /// Commit of a project and whether files below a folder are changed beside it; none where the project is no clone with a
    /// commit.
    pub(crate) async fn commit_of(&self, project: &Path, dir: &str) -> Result<(Option<String>, bool)> {
        let clone = match self.clone_of(project).await {
            Ok(clone) => clone,
            Err(Error::Git(
                git::Error::NotClone { .. }
                | git::Error::NotTop { .. }
                | git::Error::NoCommit { .. }
                | git::Error::Missing { .. },
            )) => return Ok((None, false)),
            Err(error) => return Err(error),
        };
        let head = clone.head().await?;
        let below = |path: &String| {
            path.starts_with(&format!("{dir}/")) || (path.ends_with('/') && dir.starts_with(path.as_str()))
        };
        Ok((Some(head.sha), clone.changed().await?.iter().any(below)))
    }
}
