//! What workflows and other tools deploy: an object with two owners is the worst outcome, so who owns one is named.

use super::environments::PLACE;
use super::files::{Files, name, within};
use super::kubernetes::Application;
use super::terraform::HelmRelease;
use super::{FoundOwner, FoundStack, FoundWorkspace, MadeOf, ServiceFound};

/// Commands and actions of a workflow that roll something out.
const ROLLS_OUT: [&str; 10] = [
    "helm upgrade",
    "helm install",
    "kubectl apply",
    "kubectl set image",
    "kubectl rollout",
    "kubectl create -f",
    "helmfile",
    "azure/k8s-deploy",
    "kustomize build",
    "skaffold",
];

fn workflows(files: &Files) -> impl Iterator<Item = &str> {
    files.paths().filter(|path| within(path, ".github/workflows"))
}

/// Lines of a workflow that are no comments.
fn active(text: &str) -> String {
    text.lines().filter(|line| !line.trim_start().starts_with('#')).collect::<Vec<_>>().join("\n")
}

/// Workspaces of HCP Terraform that a workflow names: proposed where the files of the stack do not say it.
pub(super) fn workspaces(files: &Files, stacks: &mut [FoundStack]) {
    for path in workflows(files) {
        let text = active(&files.text(path));
        let of = |keys: &[&str]| {
            text.lines().find_map(|line| {
                let line = line.trim().trim_start_matches("- ");
                let (key, value) = line.split_once(':')?;
                let value = value.trim().trim_matches(['"', '\'']);
                (keys.contains(&key.trim()) && !value.is_empty()).then(|| value.to_owned())
            })
        };
        let Some(workspace) = of(&["TF_WORKSPACE", "TF_CLOUD_WORKSPACE", "workspace"]) else { continue };
        let organization = of(&["TF_CLOUD_ORGANIZATION", "cloud_organization", "organization"])
            .filter(|name| !name.contains("${{"));
        let about = text.contains("hashicorp/") || text.contains("TF_") || text.contains("terraform");
        if !about {
            continue;
        }
        let workspace = match workspace.split_once("${{") {
            None => workspace,
            Some((before, rest)) => {
                format!("{before}{PLACE}{}", rest.split_once("}}").map_or("", |(_, after)| after))
            }
        };
        for stack in stacks.iter_mut().filter(|stack| stack.hcp.is_none()) {
            let folder = stack.dir.replace(PLACE, "");
            if text.contains(folder.trim_matches('/')) || workspace.contains(&stack.name) {
                stack.hcp = Some(FoundWorkspace {
                    organization: organization.clone(),
                    workspace: workspace.clone(),
                    doubt: Some(format!("{path} names this workspace, the files of the stack do not")),
                });
            }
        }
    }
}

/// Says of each service who rolls it out, where that is not Jalon.
pub(super) fn owners(
    files: &Files,
    releases: &[HelmRelease],
    stacks: &[FoundStack],
    applications: &[Application],
    services: &mut [ServiceFound],
) {
    let only = services.len() == 1;
    for service in services {
        let place = match &service.made_of {
            MadeOf::Helm { dir, .. } | MadeOf::Kustomize { dir } => dir.clone(),
            MadeOf::Manifests { globs } => globs
                .first()
                .and_then(|glob| glob.rsplit_once('/'))
                .map_or(String::new(), |(dir, _)| dir.to_owned()),
        };
        let folder = place.split(PLACE).next().unwrap_or_default().trim_matches('/').to_owned();
        let mut found = Vec::new();
        for release in releases {
            let same = release.chart.as_ref() == Some(&place)
                || (release.chart.is_none() && release.name.as_ref() == Some(&service.name));
            if same {
                found.push(FoundOwner::Terraform {
                    stack: stack_of(&release.file, stacks),
                    file: release.file.clone(),
                });
            }
        }
        for application in applications {
            let path = application.path.as_deref().unwrap_or_default().trim_matches('/');
            if !folder.is_empty() && within(path, &folder) || application.name == service.name {
                found.push(FoundOwner::ArgoCd {
                    application: application.name.clone(),
                    file: application.file.clone(),
                });
            }
        }
        for path in workflows(files) {
            let text = active(&files.text(path));
            let rolls_out = ROLLS_OUT.iter().any(|words| text.contains(words));
            let means = only
                || (!folder.is_empty() && text.contains(&folder))
                || text
                    .split(|c: char| !c.is_alphanumeric() && c != '-' && c != '_')
                    .any(|word| word == service.name);
            if rolls_out && means {
                found.push(FoundOwner::GitHubActions { workflow: name(path).to_owned() });
            }
        }
        found.dedup();
        let mut found = found.into_iter();
        service.owner = found.next();
        for other in found {
            service
                .notes
                .push(format!("{} seems to roll it out, too: one object wants one owner", other.seen_in()));
        }
    }
}

fn stack_of(file: &str, stacks: &[FoundStack]) -> Option<String> {
    let fits = |stack: &&FoundStack| {
        let (before, after) = stack.dir.split_once(PLACE).unwrap_or((&stack.dir, ""));
        let rest = file.strip_prefix(before);
        rest.is_some_and(|rest| after.is_empty() || rest.contains(after))
    };
    stacks.iter().filter(fits).max_by_key(|stack| stack.dir.len()).map(|stack| stack.name.clone())
}

impl FoundOwner {
    /// The file that says so.
    pub(super) fn seen_in(&self) -> String {
        match self {
            Self::GitHubActions { workflow } => format!(".github/workflows/{workflow}"),
            Self::Terraform { file, .. } | Self::ArgoCd { file, .. } => file.clone(),
        }
    }
}
