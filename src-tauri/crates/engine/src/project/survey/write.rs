//! Writes what was found as jalon.toml: what is certain as it is, what is not as a comment with the reason.

use toml_edit::value;

use super::environments::is_production;
use super::{FoundOwner, FoundStack, MadeOf, ServiceFound, Survey};

/// First port of environments on this computer.
const PORT: u16 = 8081;

/// The part of jalon.toml that follows `[project]`.
pub(crate) fn text(survey: &Survey) -> String {
    let mut out = String::new();
    environments(survey, &mut out);
    for stack in &survey.stacks {
        out.push_str(&of_stack(stack));
    }
    for service in &survey.services {
        out.push_str(&of_service(service));
    }
    if let Some(first) = survey.compose.first() {
        out.push_str(&format!(
            "\n# {first} starts containers on a developer's computer; Jalon does not run it. A service as a process of\n\
             # this computer, for an environment with target = {{ kind = \"local\", port = {PORT} }}, would be:\n\
             # [[service]]\n# name = \"app\"\n# command = [\"program\", \"--port\", \"${{PORT}}\"]\n# health = \"/health\"\n"
        ));
    }
    out
}

fn quoted(text: &str) -> String {
    value(text).to_string().trim().to_owned()
}

fn list(texts: &[String]) -> String {
    format!("[{}]", texts.iter().map(|text| quoted(text)).collect::<Vec<_>>().join(", "))
}

fn environments(survey: &Survey, out: &mut String) {
    let anything = !survey.stacks.is_empty() || !survey.services.is_empty();
    if survey.environments.is_empty() && anything {
        out.push_str(
            "\n# No file names an environment. One looks like this; protection is that of production by default:\n\
             # checks = \"required\" (GitHub's checks are green for that commit) and confirm = \"name\" (it is typed).\n\
             # [[environment]]\n# name = \"dev\"\n\
             # target = { kind = \"kubernetes\", context = \"dev\", namespace = \"default\" }\n",
        );
    }
    let clustered = !survey.services.is_empty();
    let mut before: Option<&String> = None;
    for (index, name) in survey.environments.iter().enumerate() {
        out.push_str(&format!("\n[[environment]]\nname = {}\n", quoted(name)));
        if is_production(name) {
            out.push_str(
                "production = true  # wants GitHub's checks green and its name typed, unless protection says otherwise\n",
            );
            if let Some(before) = before {
                out.push_str(&format!(
                    "promotes_from = {}  # only what ran there before gets here\n",
                    quoted(before)
                ));
            }
        }
        if clustered {
            let namespace =
                survey.namespace.clone().unwrap_or_else(|| name.to_lowercase().replace(['_', '.'], "-"));
            out.push_str(&format!(
                "# No file says which context of the kubeconfig this is: kubectl config get-contexts lists them.\n\
                 target = {{ kind = \"kubernetes\", context = {}, namespace = {} }}{}\n",
                quoted(name),
                quoted(&namespace),
                if survey.namespace.is_some() { "  # the namespace is the manifests'" } else { "" },
            ));
        } else {
            let port = PORT + u16::try_from(index).unwrap_or_default();
            out.push_str(&format!(
                "target = {{ kind = \"local\", port = {port} }}  # no service was found; a cluster would be kind = \"kubernetes\"\n"
            ));
        }
        if !survey.variables.is_empty() {
            let names: Vec<String> =
                survey.variables.iter().take(12).map(|name| format!("{name} = \"\"")).collect();
            out.push_str(&format!(
                "# The manifests want these; what is secret goes into secrets = [\"NAME\"] and the keychain:\n\
                 # variables = {{ {} }}\n",
                names.join(", ")
            ));
        }
        before = Some(name);
    }
}

fn of_stack(stack: &FoundStack) -> String {
    let mut lines = vec![
        "[[stack]]".to_owned(),
        format!("name = {}", quoted(&stack.name)),
        format!("tool = {}", quoted(stack.tool)),
    ];
    let seen = if stack.environments.is_empty() {
        String::new()
    } else {
        format!("  # found for {}", stack.environments.join(", "))
    };
    lines.push(format!("dir = {}{seen}", quoted(&stack.dir)));
    if let Some(hcp) = &stack.hcp {
        let organization = hcp.organization.as_ref();
        let organization =
            organization.map_or(String::new(), |name| format!("organization = {}, ", quoted(name)));
        let line = format!("hcp = {{ {organization}workspace = {} }}", quoted(&hcp.workspace));
        match &hcp.doubt {
            None => lines
                .push(format!("{line}  # its state lives in HCP Terraform: it is planned there, not here")),
            Some(doubt) => {
                lines.push(format!("# {doubt}:"));
                lines.push(format!("# {line}"));
            }
        }
    }
    block(lines, &stack.notes, stack.doubt.as_deref())
}

fn of_service(service: &ServiceFound) -> String {
    let mut lines = vec!["[[service]]".to_owned(), format!("name = {}", quoted(&service.name))];
    match &service.made_of {
        MadeOf::Helm { dir, values } => {
            lines.push(format!("helm = {}", quoted(dir)));
            if !values.is_empty() {
                lines.push(format!("values = {}", list(values)));
            }
        }
        MadeOf::Kustomize { dir } => lines.push(format!("kustomize = {}", quoted(dir))),
        MadeOf::Manifests { globs } => lines.push(format!("manifests = {}", list(globs))),
    }
    match &service.owner {
        None => lines
            .push("# deployed_by = \"jalon\"  # nothing here shows anybody else who rolls it out".to_owned()),
        Some(owner) => {
            let seen = owner.seen_in();
            let (by, more) = match owner {
                FoundOwner::GitHubActions { workflow } => {
                    ("github-actions", Some(format!("workflow = {}", quoted(workflow))))
                }
                FoundOwner::Terraform { stack, .. } => {
                    ("terraform", stack.as_ref().map(|stack| format!("stack = {}", quoted(stack))))
                }
                FoundOwner::ArgoCd { application, .. } => {
                    ("argo-cd", Some(format!("application = {}", quoted(application))))
                }
            };
            lines.push(format!("deployed_by = {}  # {seen} does; remove it once Jalon shall", quoted(by)));
            lines.extend(more);
        }
    }
    lines.push("# health = \"/health\"  # no file says where it answers whether it is well".to_owned());
    block(lines, &service.notes, service.doubt.as_deref())
}

fn block(lines: Vec<String>, notes: &[String], doubt: Option<&str>) -> String {
    let mut out = String::from("\n");
    for note in notes.iter().map(String::as_str).chain(doubt) {
        // A line break in a file's name must not end the comment.
        out.push_str(&format!("# {}\n", note.replace(char::is_control, " ")));
    }
    for line in lines {
        match doubt {
            Some(_) if line.starts_with('#') => out.push_str(&format!("{line}\n")),
            Some(_) => out.push_str(&format!("# {line}\n")),
            None => out.push_str(&format!("{line}\n")),
        }
    }
    out
}
