//! Whether a folder's state lives in HCP Terraform: then planning here, against an empty state, would propose to create
//! everything again.

use std::path::Path;

use serde_json::Value;

use crate::folder::configuration;
use crate::{Error, Result};

/// A workspace of HCP Terraform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workspace {
    /// Organization, where it is known.
    pub organization: Option<String>,
    /// Workspace by name, by prefix (`app-*`) or by tags.
    pub workspace: String,
    /// Where that stands: `cloud block`, `backend block`, or a workflow's path.
    pub found_in: String,
}

/// Folder of GitHub's workflows.
const WORKFLOWS: &str = ".github/workflows";
/// A larger workflow is not read.
const LARGEST: u64 = 1024 * 1024;

/// The workspace that owns the state of the configuration in `dir` (relative to `project`, with `/`): by its own blocks, else
/// by a workflow that names one for this folder.
///
/// # Errors
/// A file of the configuration cannot be read.
pub fn workspace_of(project: &Path, dir: &str) -> Result<Option<Workspace>> {
    let body = configuration(&project.join(dir))?;
    for body in &body {
        for (_, terraform) in body.blocks("terraform") {
            let cloud = terraform.blocks("cloud").map(|(_, block)| ("cloud block", block));
            let remote = terraform
                .blocks("backend")
                .filter(|(labels, _)| labels.first().is_some_and(|label| label == "remote"))
                .map(|(_, block)| ("backend block", block));
            if let Some((found_in, block)) = cloud.chain(remote).next() {
                let organization = block.text("organization").map(str::to_owned);
                return Ok(Some(Workspace {
                    organization,
                    workspace: name(block),
                    found_in: found_in.to_owned(),
                }));
            }
        }
    }
    of_workflows(project, dir)
}

fn name(block: &crate::hcl::Body) -> String {
    let workspaces = block.blocks("workspaces").next().map(|(_, workspaces)| workspaces);
    // `workspaces = { … }` is no block, and says the same.
    let named = workspaces.and_then(|workspaces| {
        let name = workspaces.text("name").map(str::to_owned);
        let prefix = || workspaces.text("prefix").map(|prefix| format!("{prefix}*"));
        let tags = || workspaces.texts("tags").map(|tags| format!("tags {}", tags.join(", ")));
        name.or_else(prefix).or_else(tags)
    });
    named.or_else(|| block.text("workspaces").map(str::to_owned)).unwrap_or_else(|| "not named".to_owned())
}

fn of_workflows(project: &Path, dir: &str) -> Result<Option<Workspace>> {
    let folder = project.join(WORKFLOWS);
    let Ok(entries) = std::fs::read_dir(&folder) else { return Ok(None) };
    let mut paths: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        let is_yaml = path.extension().is_some_and(|ending| ending == "yml" || ending == "yaml");
        let fits = std::fs::metadata(&path).is_ok_and(|meta| meta.is_file() && meta.len() <= LARGEST);
        if !is_yaml || !fits {
            continue;
        }
        let text = std::fs::read_to_string(&path)
            .map_err(|error| Error::Folder { path: path.display().to_string(), reason: error.to_string() })?;
        // A workflow that cannot be read is GitHub's to complain about.
        let Ok(workflow) = serde_saphyr::from_str::<Value>(&text) else { continue };
        if let Some((organization, workspace)) = of_workflow(&workflow, dir) {
            let file = path.file_name().unwrap_or_default().to_string_lossy();
            return Ok(Some(Workspace { organization, workspace, found_in: format!("{WORKFLOWS}/{file}") }));
        }
    }
    Ok(None)
}

/// What a workflow's variables are here: of the whole, a job, a step; the inner one wins.
struct Scope<'w> {
    variables: Vec<&'w Value>,
    folder: Option<&'w Value>,
}

impl<'w> Scope<'w> {
    fn within(&self, inner: &'w Value) -> Self {
        let mut variables = vec![&inner["env"]];
        variables.extend(&self.variables);
        let own = [&inner["defaults"]["run"]["working-directory"], &inner["working-directory"]];
        Self { variables, folder: own.into_iter().find(|folder| folder.is_string()).or(self.folder) }
    }

    fn variable(&self, name: &str) -> Option<&'w str> {
        self.variables.iter().find_map(|variables| variables[name].as_str())
    }

    /// A text with `${{ env.NAME }}` replaced; none where anything else is left to evaluate.
    fn expand(&self, text: &str) -> Option<String> {
        let mut out = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${{") {
            let (inner, after) = after.split_once("}}")?;
            out.push_str(before);
            out.push_str(self.variable(inner.trim().strip_prefix("env.")?)?);
            rest = after;
        }
        out.push_str(rest);
        Some(out)
    }
}

/// Organization and workspace that a workflow names for a folder.
fn of_workflow(workflow: &Value, dir: &str) -> Option<(Option<String>, String)> {
    let whole = Scope { variables: Vec::new(), folder: None }.within(workflow);
    for job in workflow["jobs"].as_object()?.values() {
        let job_scope = whole.within(job);
        let steps = job["steps"].as_array().map_or(&[][..], Vec::as_slice);
        // The actions of a job work on one workspace: the one that uploads names the folder, the others may not.
        let uploads = steps.iter().any(|step| {
            let folder = step["with"]["directory"].as_str();
            is_action(step)
                && folder.and_then(|text| job_scope.expand(text)).is_some_and(|text| same(&text, dir))
        });
        for step in steps {
            let scope = job_scope.within(step);
            let here = scope.folder.and_then(Value::as_str).and_then(|text| scope.expand(text));
            let here = here.is_some_and(|text| same(&text, dir));
            let organization = || {
                let names = ["TF_CLOUD_ORGANIZATION"];
                let own = step["with"]["organization"].as_str().map(str::to_owned);
                own.or_else(|| names.iter().find_map(|name| scope.variable(name)).map(str::to_owned))
                    .and_then(|text| scope.expand(&text))
            };
            let action = step["with"]["workspace"].as_str().filter(|_| is_action(step) && (uploads || here));
            let variable = scope.variable("TF_WORKSPACE").filter(|_| {
                // Without an organization it is a workspace of the tool's own, whose state lies elsewhere.
                here && (scope.variable("TF_CLOUD_ORGANIZATION").is_some()
                    || scope.variable("TF_API_TOKEN").is_some())
            });
            if let Some(workspace) = action.or(variable) {
                let workspace = scope.expand(workspace).unwrap_or_else(|| workspace.to_owned());
                return Some((organization(), workspace));
            }
        }
    }
    None
}

/// Whether a step is one of HashiCorp's actions for HCP Terraform, or one that is called like them.
fn is_action(step: &Value) -> bool {
    let uses = step["uses"].as_str().unwrap_or_default().to_lowercase();
    ["hashicorp/tfc-workflows", "tfc-", "terraform-cloud", "/tfe-"].iter().any(|word| uses.contains(word))
}

/// Whether two relative folders are the same.
fn same(a: &str, b: &str) -> bool {
    let plain = |text: &str| {
        let parts = text.split('/').filter(|part| !part.is_empty() && *part != ".");
        parts.map(str::to_owned).collect::<Vec<_>>()
    };
    plain(a) == plain(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn project(files: &[(&str, &str)]) -> tempfile::TempDir {
        let project = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = project.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        project
    }

    fn found(files: &[(&str, &str)]) -> Option<(Option<String>, String, String)> {
        let project = project(files);
        let found = workspace_of(project.path(), "infra/prod").unwrap()?;
        Some((found.organization, found.workspace, found.found_in))
    }

    fn named(
        organization: Option<&str>,
        workspace: &str,
        found_in: &str,
    ) -> Option<(Option<String>, String, String)> {
        Some((organization.map(str::to_owned), workspace.to_owned(), found_in.to_owned()))
    }

    #[test]
    fn blocks_of_the_configuration_name_it() {
        let cloud = "terraform {\n  cloud {\n    organization = \"acme\"\n    workspaces {\n      name = \"app-prod\"\n    }\n  }\n}\n";
        assert_eq!(
            found(&[("infra/prod/versions.tf", cloud)]),
            named(Some("acme"), "app-prod", "cloud block")
        );
        let tags = "terraform {\n cloud {\n workspaces { tags = [\"app\", \"prod\"] }\n }\n}\n";
        assert_eq!(found(&[("infra/prod/a.tf", tags)]), named(None, "tags app, prod", "cloud block"));
        let bare = "terraform { cloud {} }";
        assert_eq!(found(&[("infra/prod/a.tf", bare)]), named(None, "not named", "cloud block"));
        let remote =
            r#"{"terraform":{"backend":{"remote":{"organization":"acme","workspaces":{"prefix":"app-"}}}}}"#;
        assert_eq!(found(&[("infra/prod/a.tf.json", remote)]), named(Some("acme"), "app-*", "backend block"));
        let local = "terraform {\n  backend \"s3\" {\n    bucket = \"cloud\"\n  }\n}\n# cloud {}\n";
        assert_eq!(found(&[("infra/prod/a.tf", local)]), None);
        // The configuration of another folder is of no matter here.
        assert_eq!(found(&[("infra/prod/a.tf", ""), ("infra/dev/a.tf", bare)]), None);
    }

    #[test]
    fn a_workflow_names_it_for_its_folder_alone() {
        let workflow = |directory: &str| {
            format!(
                "name: apply\non: push\nenv:\n  TF_CLOUD_ORGANIZATION: acme\n  CONFIG_DIRECTORY: {directory}\n\
                 jobs:\n  apply:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@v4\n      \
                 - uses: hashicorp/tfc-workflows-github/actions/upload-configuration@v1.3.0\n        with:\n          \
                 workspace: app-prod\n          directory: ${{{{ env.CONFIG_DIRECTORY }}}}\n"
            )
        };
        let at = ".github/workflows/apply.yaml";
        let tf = ("infra/prod/main.tf", "");
        assert_eq!(found(&[tf, (at, &workflow("./infra/prod"))]), named(Some("acme"), "app-prod", at));
        assert_eq!(found(&[tf, (at, &workflow("./infra/dev"))]), None);
        let variable = "jobs:\n  a:\n    env:\n      TF_WORKSPACE: app-prod\n      TF_CLOUD_ORGANIZATION: acme\n    defaults:\n      \
                        run:\n        working-directory: infra/prod\n    steps:\n      - run: terraform apply\n";
        assert_eq!(found(&[tf, (at, variable)]), named(Some("acme"), "app-prod", at));
        assert_eq!(found(&[tf, (at, &variable.replace("TF_CLOUD_ORGANIZATION", "OTHER"))]), None);
        assert_eq!(found(&[tf, (at, "jobs: [\n\tbroken"), (".github/workflows/x.txt", variable)]), None);
    }
}
