//! Services: charts with their values, kustomizations, manifests.

use std::collections::{BTreeMap, BTreeSet};

use super::environments;
use super::files::{Files, join, name, parent, within};
use super::terraform::named_after;
use super::{MadeOf, ServiceFound};

/// Kinds that run something.
const WORKLOADS: [&str; 6] = ["Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob", "Rollout"];

/// An application of Argo CD.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Application {
    /// Its name.
    pub name: String,
    /// Folder that it rolls out.
    pub path: Option<String>,
    /// The file.
    pub file: String,
}

/// What the YAML files of a clone say.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub services: Vec<ServiceFound>,
    pub environments: Vec<String>,
    pub namespace: Option<String>,
    pub variables: Vec<String>,
    pub applications: Vec<Application>,
}

/// One document of a YAML file.
struct Document {
    file: String,
    kind: String,
    name: Option<String>,
    namespace: Option<String>,
    text: String,
}

/// Looks for services.
pub(super) fn services(files: &Files) -> Found {
    let yaml: Vec<&str> = files.paths().filter(|path| is_yaml(path) && !within(path, ".github")).collect();
    let charts: Vec<&str> =
        yaml.iter().filter(|path| name(path) == "Chart.yaml").map(|path| parent(path)).collect();
    // A chart below another one is a part of it.
    let charts: Vec<&str> = charts
        .iter()
        .copied()
        .filter(|dir| !charts.iter().any(|other| other != dir && within(dir, other)))
        .collect();
    let kustomized: Vec<&str> = yaml
        .iter()
        .filter(|path| matches!(name(path), "kustomization.yaml" | "kustomization.yml"))
        .map(|path| parent(path))
        .collect();
    let mut found = Found::default();
    for dir in &charts {
        found.services.extend(chart(files, &yaml, dir, &mut found.environments));
    }
    found.services.extend(kustomizations(&kustomized, &mut found.environments));
    let free = |path: &&str| {
        !charts.iter().any(|dir| within(path, dir)) && !kustomized.iter().any(|dir| within(path, family(dir)))
    };
    let documents: Vec<Document> =
        yaml.iter().copied().filter(free).flat_map(|path| documents(files, path)).collect();
    manifests(&documents, &mut found);
    found
}

fn is_yaml(path: &str) -> bool {
    path.ends_with(".yaml") || path.ends_with(".yml")
}

/// The chart of a folder with the values files that belong to it; a library chart rolls nothing out.
fn chart(files: &Files, yaml: &[&str], dir: &str, environments: &mut Vec<String>) -> Option<ServiceFound> {
    let about = files.text(&join(dir, "Chart.yaml"));
    if top(&about, "type").as_deref() == Some("library") {
        return None;
    }
    let chart = top(&about, "name").unwrap_or_else(|| named_after(dir));
    // Values stand in the chart, in its folder of values, or beside it.
    let beside = parent(dir);
    let mut groups: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    for path in yaml.iter().copied() {
        let (own, near) = (within(path, dir) && !within(path, &join(dir, "templates")), within(path, beside));
        let of_values = path.rsplit('/').take(3).any(|part| part.contains("values"));
        let direct = parent(path) == beside || (!beside.is_empty() && near && !within(path, dir));
        if !of_values || !(own || direct) || name(path) == "values.yaml" && parent(path) == dir {
            continue;
        }
        let (stem, ending) = path.rsplit_once('.').unwrap_or((path, "yaml"));
        let rest = stem.strip_prefix(beside).unwrap_or(stem);
        if let Some((template, environment)) = environments::split_path(rest) {
            let template = format!("{}{template}.{ending}", &stem[..stem.len() - rest.len()]);
            groups.entry(template).or_default().push((environment, path.to_owned()));
        }
    }
    let (mut values, mut notes) = (Vec::new(), Vec::new());
    for (template, members) in &groups {
        let names: Vec<String> = members.iter().map(|(environment, _)| environment.clone()).collect();
        if !environments::believable(&names) {
            continue;
        }
        // Values beside several charts belong to the one that they are named after.
        if !within(template, dir) && !template.contains(name(dir)) && several_charts(yaml, beside) {
            continue;
        }
        notes.push(format!(
            "found {}",
            members.iter().map(|(_, path)| path.as_str()).collect::<Vec<_>>().join(", ")
        ));
        values.push(template.clone());
        environments.extend(names);
    }
    Some(ServiceFound {
        name: chart,
        made_of: MadeOf::Helm { dir: if dir.is_empty() { ".".to_owned() } else { dir.to_owned() }, values },
        owner: None,
        notes,
        doubt: None,
    })
}

fn several_charts(yaml: &[&str], beside: &str) -> bool {
    yaml.iter().filter(|path| name(path) == "Chart.yaml" && parent(parent(path)) == beside).count() > 1
}

/// The folder that holds base and overlays of a kustomization.
fn family(dir: &str) -> &str {
    match dir.split_once("/overlays/").or_else(|| dir.split_once("/base")) {
        Some((family, _)) => family,
        None => dir,
    }
}

fn kustomizations(dirs: &[&str], environments: &mut Vec<String>) -> Vec<ServiceFound> {
    let mut groups: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut plain = Vec::new();
    for dir in dirs {
        match environments::split_path(dir) {
            Some((template, environment)) => groups.entry(template).or_default().push(environment),
            None => plain.push(*dir),
        }
    }
    let service = |dir: &str| ServiceFound {
        name: named_after(family(dir)),
        made_of: MadeOf::Kustomize { dir: if dir.is_empty() { ".".to_owned() } else { dir.to_owned() } },
        owner: None,
        notes: Vec::new(),
        doubt: Some("this version deploys charts and manifests; a kustomization is shown alone".to_owned()),
    };
    let mut found = Vec::new();
    for (template, names) in &groups {
        if environments::believable(names) {
            environments.extend(names.iter().cloned());
            found.push(service(template));
        }
    }
    // What overlays stand on is no service of its own.
    let alone = plain.into_iter().filter(|dir| !groups.keys().any(|overlay| family(overlay) == family(dir)));
    found.extend(alone.map(service));
    found
}

fn documents(files: &Files, path: &str) -> Vec<Document> {
    let text = files.text(path);
    let mut found = Vec::new();
    for part in text.split("\n---") {
        let (Some(_), Some(kind)) = (top(part, "apiVersion"), top(part, "kind")) else { continue };
        found.push(Document {
            file: path.to_owned(),
            kind,
            name: below(part, "metadata", "name"),
            namespace: below(part, "metadata", "namespace"),
            text: part.to_owned(),
        });
    }
    found
}

/// Manifests by folder: one service for each folder, with `{environment}` where folders or files differ by it.
fn manifests(documents: &[Document], found: &mut Found) {
    for document in documents.iter().filter(|document| document.kind == "Application") {
        if document.text.contains("argoproj.io") {
            found.applications.push(Application {
                name: document.name.clone().unwrap_or_default(),
                path: document.text.lines().find_map(|line| key_of(line.trim(), "path")),
                file: document.file.clone(),
            });
        }
    }
    let rolled_out: Vec<&Document> =
        documents.iter().filter(|document| document.kind != "Application").collect();
    let mut groups: BTreeMap<String, Vec<&Document>> = BTreeMap::new();
    let mut named: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for document in &rolled_out {
        let (template, environment) = match environments::split_path(parent(&document.file)) {
            Some((template, environment)) => (template, Some(environment)),
            None => (parent(&document.file).to_owned(), None),
        };
        named.entry(template.clone()).or_default().extend(environment);
        groups.entry(template).or_default().push(document);
    }
    for (template, members) in &groups {
        let names: Vec<String> = named.get(template).into_iter().flatten().cloned().collect();
        let doubtful = !names.is_empty() && !environments::believable(&names);
        let dir = if doubtful { parent(&members[0].file).to_owned() } else { template.clone() };
        if !doubtful {
            found.environments.extend(names);
        }
        let workloads: BTreeSet<&str> = members
            .iter()
            .filter(|document| WORKLOADS.contains(&document.kind.as_str()))
            .filter_map(|document| document.name.as_deref())
            .collect();
        let name = match workloads.iter().next() {
            Some(only) if workloads.len() == 1 && !only.contains(['{', '$']) => (*only).to_owned(),
            _ => named_after(&dir),
        };
        let endings: BTreeSet<&str> = members
            .iter()
            .filter_map(|document| document.file.rsplit_once('.').map(|(_, ending)| ending))
            .collect();
        found.services.push(ServiceFound {
            name,
            made_of: MadeOf::Manifests {
                globs: endings.iter().map(|ending| join(&dir, &format!("*.{ending}"))).collect(),
            },
            owner: None,
            notes: Vec::new(),
            doubt: workloads.is_empty().then(|| {
                let kinds: BTreeSet<&str> = members.iter().map(|document| document.kind.as_str()).collect();
                let kinds = kinds.into_iter().take(5).collect::<Vec<_>>().join(", ");
                format!("these manifests run nothing themselves: {kinds}")
            }),
        });
        for document in members {
            found.variables.extend(variables(&document.text));
        }
    }
    found.variables.sort();
    found.variables.dedup();
    // Two services that apply one object are the worst outcome: who has a chart is rolled out by it.
    let charts: Vec<String> = found
        .services
        .iter()
        .filter(|service| !matches!(service.made_of, MadeOf::Manifests { .. }))
        .map(|service| service.name.clone())
        .collect();
    for service in &mut found.services {
        if matches!(service.made_of, MadeOf::Manifests { .. }) && charts.contains(&service.name) {
            service.doubt = Some(format!("{} has a chart above; choose one of them", service.name));
        }
    }
    let spaces: BTreeSet<&String> =
        rolled_out.iter().filter_map(|document| document.namespace.as_ref()).collect();
    found.namespace = match spaces.iter().next() {
        Some(only) if spaces.len() == 1 && !only.contains(['{', '$']) => Some((*only).clone()),
        _ => None,
    };
}

/// `${NAMES}` that have no default.
fn variables(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices("${") {
        let literal = text[..at].ends_with('$');
        let inner = text[at + 2..].split('}').next().unwrap_or_default();
        let name = !inner.is_empty()
            && inner.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
            && inner.starts_with(|c: char| c.is_ascii_uppercase());
        if name && !literal {
            found.push(inner.to_owned());
        }
    }
    found
}

/// A text at the top of a document: `key: text`.
fn top(text: &str, key: &str) -> Option<String> {
    text.lines().find_map(|line| key_of(line, key))
}

/// A text directly below a key at the top.
fn below(text: &str, parent: &str, key: &str) -> Option<String> {
    let mut lines = text.lines().skip_while(|line| line.trim_end() != format!("{parent}:"));
    lines.next()?;
    lines
        .take_while(|line| line.starts_with(' ') || line.trim().is_empty())
        .find_map(|line| key_of(line.trim(), key).filter(|_| line.len() - line.trim_start().len() <= 4))
}

fn key_of(line: &str, key: &str) -> Option<String> {
    let value = line.strip_prefix(key)?.strip_prefix(':')?;
    let value = value.split(" #").next().unwrap_or_default().trim().trim_matches(['"', '\'']);
    Some(value.to_owned()).filter(|value| !value.is_empty())
}
