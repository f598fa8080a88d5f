//! Stacks: Terraform's and OpenTofu's root modules, playbooks, Vagrantfiles.

use std::collections::{BTreeMap, BTreeSet};

use super::environments::{self, PLACE};
use super::files::{self, Files, name, parent, resolve};
use super::{FoundStack, FoundWorkspace};

/// A `helm_release` in a Terraform file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct HelmRelease {
    /// Name of the release.
    pub name: Option<String>,
    /// Folder of the chart, where it is one of the clone.
    pub chart: Option<String>,
    /// The file.
    pub file: String,
}

/// Root modules as stacks, and the Helm releases that Terraform files hold.
pub(super) fn stacks(files: &Files) -> (Vec<FoundStack>, Vec<HelmRelease>) {
    let mut folders: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for path in files.paths().filter(|path| path.ends_with(".tf") || path.ends_with(".tofu")) {
        folders.entry(parent(path)).or_default().push(path);
    }
    let (mut modules, mut releases) = (BTreeSet::new(), Vec::new());
    for (dir, paths) in &folders {
        for path in paths {
            let text = plain(&files.text(path));
            let sources = blocks(&text, "module").into_iter().filter_map(|(_, body)| value(&body, "source"));
            modules.extend(sources.filter(|source| source.starts_with('.')).filter_map(|s| resolve(dir, &s)));
            for (labels, body) in blocks(&text, "resource") {
                if labels.first().is_some_and(|kind| kind == "helm_release") {
                    let chart = value(&body, "chart")
                        .map(|chart| chart.replace("${path.module}", ".").replace("${path.root}", "."));
                    releases.push(HelmRelease {
                        name: value(&body, "name"),
                        chart: chart
                            .filter(|chart| chart.starts_with('.'))
                            .and_then(|chart| resolve(dir, &chart)),
                        file: (*path).to_owned(),
                    });
                }
            }
        }
    }
    let roots = folders.iter().filter(|(dir, _)| {
        !modules.contains(**dir)
            && !dir.split('/').any(|part| matches!(part, "modules" | "examples" | "tests"))
    });
    let mut groups: BTreeMap<String, Vec<(Option<String>, &str)>> = BTreeMap::new();
    for (dir, _) in roots {
        match environments::split_path(dir) {
            Some((template, environment)) => {
                groups.entry(template).or_default().push((Some(environment), *dir));
            }
            None => groups.entry((*dir).to_owned()).or_default().push((None, *dir)),
        }
    }
    let mut found = Vec::new();
    for (template, members) in groups {
        let named: Vec<String> = members.iter().filter_map(|(name, _)| name.clone()).collect();
        if !named.is_empty() && !environments::believable(&named) {
            found.extend(members.iter().map(|(_, dir)| stack(files, dir, &[(None, *dir)], &folders)));
        } else {
            found.push(stack(files, &template, &members, &folders));
        }
    }
    (found, releases)
}

fn stack(
    files: &Files,
    template: &str,
    members: &[(Option<String>, &str)],
    folders: &BTreeMap<&str, Vec<&str>>,
) -> FoundStack {
    let texts = |dir: &str| -> Vec<String> {
        folders.get(dir).into_iter().flatten().map(|path| plain(&files.text(path))).collect()
    };
    let tofu = members
        .iter()
        .any(|(_, dir)| folders.get(dir).into_iter().flatten().any(|path| path.ends_with(".tofu")));
    let environments: Vec<String> = members.iter().filter_map(|(name, _)| name.clone()).collect();
    let mut notes = Vec::new();
    let dir = template.to_owned();
    let settings: Vec<&str> = files
        .paths()
        .filter(|path| path.ends_with(".tfvars") && members.iter().any(|(_, dir)| files::within(path, dir)))
        .filter(|path| !matches!(name(path), "terraform.tfvars") && !path.ends_with(".auto.tfvars"))
        .collect();
    if !settings.is_empty() {
        notes.push(format!(
            "{} set its variables: Terraform does not read them by itself, so put them into an environment's variables as TF_VAR_name",
            settings.join(", ")
        ));
    }
    let workspaces: Vec<(Option<String>, Cloud)> = members
        .iter()
        .filter_map(|(environment, dir)| {
            Some((environment.clone(), texts(dir).iter().find_map(|text| cloud(text))?))
        })
        .collect();
    FoundStack {
        name: named_after(&dir),
        tool: if tofu { "tofu" } else { "terraform" },
        hcp: workspace(&workspaces),
        dir: if dir.is_empty() { ".".to_owned() } else { dir },
        environments,
        notes,
        doubt: None,
    }
}

/// The last part of a folder that says what it is.
pub(super) fn named_after(dir: &str) -> String {
    let telling = |part: &&str| !part.is_empty() && !part.contains(PLACE);
    let words = |part: &str| part.replace(PLACE, "").trim_matches(['-', '_', '.']).to_owned();
    let general = ["environments", "environment", "envs", "env", "live", "overlays", "stacks"];
    let last = dir.rsplit('/').find(|part| telling(part) && !general.contains(part));
    match (dir.rsplit('/').find(|part| part.contains(PLACE) && !words(part).is_empty()), last) {
        (Some(own), _) => words(own),
        (None, Some(part)) => part.to_owned(),
        (None, None) => "infrastructure".to_owned(),
    }
}

/// What a `cloud` block or the older `remote` backend says.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Cloud {
    organization: Option<String>,
    name: Option<String>,
    prefix: Option<String>,
}

fn cloud(text: &str) -> Option<Cloud> {
    blocks(text, "terraform").into_iter().find_map(|(_, body)| {
        let remote = |(labels, body): (Vec<String>, String)| {
            labels.first().is_some_and(|kind| kind == "remote").then_some(body)
        };
        let inner = blocks(&body, "cloud").into_iter().map(|(_, body)| body).next();
        let inner = inner.or_else(|| blocks(&body, "backend").into_iter().find_map(remote))?;
        let workspaces = blocks(&inner, "workspaces").into_iter().map(|(_, body)| body).next();
        let of = |key: &str| workspaces.as_deref().and_then(|body| value(body, key));
        Some(Cloud { organization: value(&inner, "organization"), name: of("name"), prefix: of("prefix") })
    })
}

fn workspace(found: &[(Option<String>, Cloud)]) -> Option<FoundWorkspace> {
    let (_, first) = found.first()?;
    let organization = first.organization.clone();
    let template = |(environment, cloud): &(Option<String>, Cloud)| -> Option<String> {
        match (&cloud.name, &cloud.prefix, environment) {
            (Some(name), _, Some(environment)) => Some(name.replace(environment.as_str(), PLACE)),
            (Some(name), _, None) => Some(name.clone()),
            (None, Some(prefix), _) => Some(format!("{prefix}{PLACE}")),
            (None, None, _) => None,
        }
    };
    let templates: BTreeSet<Option<String>> = found.iter().map(template).collect();
    let mut all = templates.into_iter();
    match (all.next().flatten(), all.next()) {
        (Some(workspace), None) => Some(FoundWorkspace { organization, workspace, doubt: None }),
        (first, _) => Some(FoundWorkspace {
            organization,
            workspace: first.unwrap_or_else(|| format!("name-{PLACE}")),
            doubt: Some("the cloud blocks name their workspaces by tags, or not alike".to_owned()),
        }),
    }
}

/// Playbooks and Vagrantfiles.
pub(super) fn other_tools(files: &Files) -> Vec<FoundStack> {
    let later =
        |what: &str| Some(format!("found {what}; this version provisions with Terraform and OpenTofu"));
    let mut found: BTreeMap<(String, &'static str), FoundStack> = BTreeMap::new();
    for path in files.paths() {
        let dir = parent(path);
        let tool = if name(path) == "Vagrantfile" {
            "vagrant"
        } else if is_playbook(files, path) {
            "ansible"
        } else {
            continue;
        };
        let dir = if dir.is_empty() { "." } else { dir };
        found.entry((dir.to_owned(), tool)).or_insert_with(|| FoundStack {
            name: if dir == "." || name(dir) == tool {
                tool.to_owned()
            } else {
                format!("{tool}-{}", name(dir))
            },
            tool,
            dir: dir.to_owned(),
            environments: Vec::new(),
            hcp: None,
            notes: Vec::new(),
            doubt: later(path),
        });
    }
    found.into_values().collect()
}

fn is_playbook(files: &Files, path: &str) -> bool {
    let yaml = path.ends_with(".yml") || path.ends_with(".yaml");
    let apart = path.split('/').any(|part| matches!(part, "templates" | "roles" | ".github" | "group_vars"));
    yaml && !apart
        && files.text(path).lines().any(|line| line.starts_with("- hosts:") || line.starts_with("  hosts:"))
}

/// HCL without its comments: `#`, `//`, `/* */`, outside of texts.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut quoted = false;
    while let Some(c) = rest.chars().next() {
        if quoted && c == '\\' {
            out.extend(rest.chars().take(2));
            rest = &rest[rest.char_indices().nth(2).map_or(rest.len(), |(at, _)| at)..];
            continue;
        }
        if c == '"' || (quoted && c == '\n') {
            quoted = c == '"' && !quoted;
        } else if !quoted && (c == '#' || rest.starts_with("//")) {
            rest = &rest[rest.find('\n').unwrap_or(rest.len())..];
            continue;
        } else if !quoted && rest.starts_with("/*") {
            rest = rest.find("*/").map_or("", |at| &rest[at + 2..]);
            continue;
        }
        out.push(c);
        rest = &rest[c.len_utf8()..];
    }
    out
}

/// Blocks of a kind in HCL without comments: their labels and what is between their braces.
fn blocks(text: &str, kind: &str) -> Vec<(Vec<String>, String)> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices(kind) {
        let before = text[..at].chars().next_back();
        let rest = &text[at + kind.len()..];
        let apart = before.is_none_or(|c| c.is_whitespace() || c == '{');
        let Some((labels, body)) = rest.split_once('{').filter(|_| apart) else { continue };
        let words = labels.split_whitespace().all(|label| label.starts_with('"') && label.ends_with('"'));
        if labels.contains(['=', '}', '\n'])
            || !words
            || rest.starts_with(|c: char| c.is_alphanumeric() || c == '_')
        {
            continue;
        }
        let labels = labels.split_whitespace().map(|label| label.trim_matches('"').to_owned()).collect();
        found.push((labels, until_closed(body).to_owned()));
    }
    found
}

fn until_closed(text: &str) -> &str {
    let (mut depth, mut quoted, mut escaped) = (1_usize, false, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '{' if !quoted => depth += 1,
            '}' if !quoted => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return &text[..at];
        }
    }
    text
}

/// The text that a key has: `key = "text"`.
fn value(body: &str, key: &str) -> Option<String> {
    body.lines().find_map(|line| {
        let (own, value) = line.split_once('=')?;
        let value = value.trim().strip_prefix('"')?;
        (own.trim() == key).then(|| value.split('"').next().unwrap_or_default().to_owned())
    })
}
