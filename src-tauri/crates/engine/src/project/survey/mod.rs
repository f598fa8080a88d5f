//! Looks through a clone for what jalon.toml has to say: stacks, services, environments, and who deploys. Files are
//! read, nothing is run. What is not certain is told as such.

mod environments;
mod files;
mod kubernetes;
mod terraform;
mod workflows;
mod write;

use std::path::Path;

use crate::{Result, Work};
use files::Files;

pub(crate) use write::text;

/// What was found in a clone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Survey {
    /// Environments in the order in which releases usually pass them.
    pub environments: Vec<String>,
    /// Stacks.
    pub stacks: Vec<FoundStack>,
    /// Services.
    pub services: Vec<ServiceFound>,
    /// The namespace that all manifests name, where they name one.
    pub namespace: Option<String>,
    /// `${NAMES}` without a default that templates want.
    pub variables: Vec<String>,
    /// Compose files.
    pub compose: Vec<String>,
}

/// A stack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FoundStack {
    /// Name.
    pub name: String,
    /// `terraform`, `tofu`, `ansible` or `vagrant`.
    pub tool: &'static str,
    /// Folder; may hold `{environment}`.
    pub dir: String,
    /// Environments it has a folder for; empty where its folder names none.
    pub environments: Vec<String>,
    /// Workspace of HCP Terraform.
    pub hcp: Option<FoundWorkspace>,
    /// Sentences for the person who reads jalon.toml.
    pub notes: Vec<String>,
    /// Why it is only proposed; none where it is certain.
    pub doubt: Option<String>,
}

/// A workspace of HCP Terraform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FoundWorkspace {
    /// Organization.
    pub organization: Option<String>,
    /// Workspace; may hold `{environment}`.
    pub workspace: String,
    /// Why it is only proposed; none where it is certain.
    pub doubt: Option<String>,
}

/// A service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ServiceFound {
    /// Name.
    pub name: String,
    /// What it is made of.
    pub made_of: MadeOf,
    /// Who rolls it out, where that is not Jalon.
    pub owner: Option<FoundOwner>,
    /// Sentences for the person who reads jalon.toml.
    pub notes: Vec<String>,
    /// Why it is only proposed; none where it is certain.
    pub doubt: Option<String>,
}

/// What a service is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum MadeOf {
    /// A chart.
    Helm {
        /// Its folder.
        dir: String,
        /// Its values files; may hold `{environment}`.
        values: Vec<String>,
    },
    /// A kustomization.
    Kustomize {
        /// Its folder; may hold `{environment}`.
        dir: String,
    },
    /// Manifests.
    Manifests {
        /// Globs; may hold `{environment}`.
        globs: Vec<String>,
    },
}

/// Who rolls a service out, and where that was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum FoundOwner {
    /// A workflow.
    GitHubActions {
        /// Its file in `.github/workflows`.
        workflow: String,
    },
    /// Terraform's `helm_release`.
    Terraform {
        /// The stack, where it is one that was found.
        stack: Option<String>,
        /// The file that says so.
        file: String,
    },
    /// Argo CD.
    ArgoCd {
        /// The application.
        application: String,
        /// The file that says so.
        file: String,
    },
}

/// Looks through a folder.
///
/// # Errors
/// It was cancelled.
pub(crate) fn survey(dir: &Path, work: &Work) -> Result<Survey> {
    let files = Files::collect(dir, work)?;
    Ok(of_files(&files))
}

fn of_files(files: &Files) -> Survey {
    let (mut stacks, releases) = terraform::stacks(files);
    workflows::workspaces(files, &mut stacks);
    stacks.extend(terraform::other_tools(files));
    let found = kubernetes::services(files);
    let mut services = found.services;
    workflows::owners(files, &releases, &stacks, &found.applications, &mut services);
    for (index, name) in unique(stacks.iter().map(|stack| stack.name.clone())).into_iter().enumerate() {
        stacks[index].name = name;
    }
    for (index, name) in unique(services.iter().map(|service| service.name.clone())).into_iter().enumerate() {
        services[index].name = name;
    }
    let named = stacks.iter().flat_map(|stack| stack.environments.iter());
    let environments = environments::in_order(named.chain(&found.environments));
    Survey {
        environments,
        stacks,
        services,
        namespace: found.namespace,
        variables: found.variables,
        compose: files
            .paths()
            .filter(|path| {
                let name = files::name(path);
                let stem = name.strip_suffix(".yaml").or_else(|| name.strip_suffix(".yml"));
                matches!(stem, Some("compose" | "docker-compose"))
            })
            .map(str::to_owned)
            .collect(),
    }
}

/// Names as jalon.toml takes them, each once.
fn unique(names: impl Iterator<Item = String>) -> Vec<String> {
    let mut seen: Vec<String> = Vec::new();
    for name in names {
        let plain: String = name
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.') { c } else { '-' })
            .take(50)
            .collect();
        let plain = plain.trim_start_matches(['-', '_', '.']).to_owned();
        let plain = if plain.is_empty() { "unnamed".to_owned() } else { plain };
        let free = std::iter::once(plain.clone())
            .chain((2..).map(|number| format!("{plain}-{number}")))
            .find(|name| !seen.contains(name));
        seen.extend(free);
    }
    seen
}

#[cfg(test)]
mod tests;
