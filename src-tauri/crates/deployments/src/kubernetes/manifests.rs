//! Manifests: files with variables in, objects out, each with the place it stands at.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use serde_saphyr::Spanned;

use super::references::{self, reference};
use super::{Error, Result};
use crate::template;

/// A file of manifests that is larger is not read, nor are all of them together when eight times as large, in bytes.
const LARGEST_FILE: usize = 4 * 1024 * 1024;
/// A release of more objects is not read.
const MOST_OBJECTS: usize = 2_000;

/// Who manages an object (a recommended label of Kubernetes).
pub(super) const MANAGED_BY: &str = "app.kubernetes.io/managed-by";
/// Which service an object belongs to (label).
pub const SERVICE: &str = "jalon.app/service";
/// Which release a workload is of (annotation).
pub const RELEASE: &str = "jalon.app/release";
/// Which version a workload is of (annotation).
pub const VERSION: &str = "jalon.app/version";
/// Which commit a workload is of (annotation); none where files were changed that no commit holds.
pub const COMMIT: &str = "jalon.app/commit";
/// When a workload was brought (annotation), RFC 3339: of two computers' releases the later one is what serves.
pub const BROUGHT: &str = "jalon.app/brought";
/// Which environment a workload was brought to (annotation): two of them may share a namespace.
pub const ENVIRONMENT: &str = "jalon.app/environment";
/// The annotations of a release: every release has others, which is no change of what runs.
pub(super) const MARKS: [&str; 5] = [RELEASE, VERSION, COMMIT, BROUGHT, ENVIRONMENT];

/// Names an object of a cluster.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ObjectId {
    /// `apps/v1`.
    pub api_version: String,
    /// `Deployment`.
    pub kind: String,
    /// Namespace; none for objects of the whole cluster, and where it is the environment's.
    pub namespace: Option<String>,
    /// Name.
    pub name: String,
}

impl ObjectId {
    /// The API group; empty for the core's.
    pub fn group(&self) -> &str {
        self.api_version.split_once('/').map_or("", |(group, _)| group)
    }

    /// Whether both name the same object, in whatever version and however the namespace is given.
    pub fn is_same(&self, other: &Self) -> bool {
        (self.group(), &self.kind, &self.name) == (other.group(), &other.kind, &other.name)
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.kind, self.name)
    }
}

/// An object as it is wanted. A secret is a reference in it, never a value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// The object.
    pub object: Value,
    /// Where it stands: `k8s/web.yaml:12`.
    pub at: String,
}

impl Manifest {
    /// `apps/v1`.
    pub fn api_version(&self) -> &str {
        self.text("/apiVersion")
    }

    /// `Deployment`.
    pub fn kind(&self) -> &str {
        self.text("/kind")
    }

    /// Name.
    pub fn name(&self) -> &str {
        self.text("/metadata/name")
    }

    /// Namespace, where the manifest gives one.
    pub fn namespace(&self) -> Option<&str> {
        self.object.pointer("/metadata/namespace").and_then(Value::as_str)
    }

    /// What it names.
    pub fn id(&self) -> ObjectId {
        ObjectId {
            api_version: self.api_version().to_owned(),
            kind: self.kind().to_owned(),
            namespace: self.namespace().map(str::to_owned),
            name: self.name().to_owned(),
        }
    }

    /// Whether it runs pods: Deployment, StatefulSet, DaemonSet, Job or CronJob.
    pub fn is_workload(&self) -> bool {
        matches!(
            (self.id().group(), self.kind()),
            ("apps", "Deployment" | "StatefulSet" | "DaemonSet") | ("batch", "Job" | "CronJob")
        )
    }

    fn text(&self, path: &str) -> &str {
        self.object.pointer(path).and_then(Value::as_str).unwrap_or_default()
    }
}

/// What manifests are read for.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// Environment, for `{environment}`.
    pub environment: &'a str,
    /// Its namespace.
    pub namespace: &'a str,
    /// Its variables, for `${NAME}`.
    pub variables: &'a BTreeMap<String, String>,
    /// Names of its secrets: `${NAME}` stays a reference, and may stand in a Secret's `stringData` only.
    pub secrets: &'a BTreeSet<String>,
}

/// Reads files (path, text) of one or more YAML documents. Empty documents are left out and Lists are taken apart.
///
/// # Errors
/// What is not good, with file, line and column: the template, the YAML, a missing kind or name, an object that stands
/// twice, another namespace, a secret's value in plain text, or too much of it.
pub fn read(files: &[(String, String)], place: &Place<'_>) -> Result<Vec<Manifest>> {
    let whole: usize = files.iter().map(|(_, text)| text.len()).sum();
    let large = files.iter().find(|(_, text)| text.len() > LARGEST_FILE).map(|(path, _)| path.as_str());
    if let Some(what) = large.or((whole > 8 * LARGEST_FILE).then_some("the manifests together")) {
        return Err(Error::TooLarge {
            what: what.to_owned(),
            limit: format!("{} MiB a file", LARGEST_FILE >> 20),
        });
    }
    let mut variables = place.variables.clone();
    variables.extend(place.secrets.iter().map(|name| (name.clone(), reference(name))));
    let mut objects = Objects::default();
    for (path, text) in files {
        let expanded = expand(path, text, place.environment, &variables)?;
        for (line, object) in documents(path, &expanded)? {
            for manifest in taken_apart(object, &format!("{path}:{line}"))? {
                belongs(&manifest, place)?;
                references::check(&manifest)?;
                objects.add(manifest)?;
            }
        }
    }
    Ok(objects.all)
}

/// Reads what Helm rendered: no templates, any Secret, any namespace. Each document says which template it is from; `name`
/// stands for those that do not.
pub(super) fn read_rendered(name: &str, text: &str) -> Result<Vec<Manifest>> {
    const SOURCE: &str = "# Source: ";
    let sources: Vec<(usize, &str)> = text
        .lines()
        .enumerate()
        .filter_map(|(index, line)| Some((index + 1, line.strip_prefix(SOURCE)?.trim())))
        .collect();
    let mut objects = Objects::default();
    for (line, object) in documents(name, text)? {
        let source = sources.iter().take_while(|(at, _)| *at <= line).last();
        let at = source.map_or_else(|| format!("{name}:{line}"), |(_, source)| (*source).to_owned());
        for manifest in taken_apart(object, &at)? {
            objects.add(manifest)?;
        }
    }
    Ok(objects.all)
}

/// Reads a values file.
pub(super) fn values(path: &str, text: &str) -> Result<Value> {
    let mut all = documents(path, text)?;
    match all.len() {
        0 | 1 => Ok(all.pop().map_or(Value::Null, |(_, value)| value)),
        _ => Err(Error::Manifest {
            at: format!("{path}:{}", all[1].0),
            reason: "values are one document".into(),
        }),
    }
}

/// Fills in a file's variables.
pub(super) fn expand(
    path: &str,
    text: &str,
    environment: &str,
    variables: &BTreeMap<String, String>,
) -> Result<String> {
    if let Some(at) = text.find(references::MARKS) {
        let reason = "it holds a character of the private use area that stands for secrets here".to_owned();
        return Err(Error::Manifest { at: format!("{path}:{}", line_of(text, at)), reason });
    }
    template::expand(text, environment, variables).map_err(|error| Error::Manifest {
        at: format!("{path}:{}", line_of(text, error.offset())),
        reason: format!("{error}; set it in the environment's variables in jalon.toml"),
    })
}

fn line_of(text: &str, offset: usize) -> usize {
    text.as_bytes()[..offset.min(text.len())].iter().filter(|byte| **byte == b'\n').count() + 1
}

/// Objects, each once.
#[derive(Default)]
struct Objects {
    all: Vec<Manifest>,
    /// Which one has a name, by API group, kind, namespace and name.
    by_name: HashMap<[String; 4], usize>,
}

impl Objects {
    fn add(&mut self, manifest: Manifest) -> Result<()> {
        let id = manifest.id();
        let namespace = id.namespace.clone().unwrap_or_default();
        let key = [id.group().to_owned(), id.kind.clone(), namespace, id.name.clone()];
        if let Some(first) = self.by_name.get(&key) {
            return Err(Error::Duplicate {
                id: id.into(),
                first: self.all[*first].at.clone(),
                second: manifest.at,
            });
        }
        if self.all.len() == MOST_OBJECTS {
            return Err(Error::TooLarge {
                what: "the release".into(),
                limit: format!("{MOST_OBJECTS} objects"),
            });
        }
        self.by_name.insert(key, self.all.len());
        self.all.push(manifest);
        Ok(())
    }
}

/// The documents of a file that are not empty, with the line on which each begins.
fn documents(path: &str, text: &str) -> Result<Vec<(usize, Value)>> {
    let options = serde_saphyr::options! {
        // What Kubernetes' own reader (YAML 1.1) makes of `defaultMode: 0644`.
        legacy_octal_numbers: true,
        budget: serde_saphyr::budget! { max_documents: 2 * MOST_OBJECTS },
        // Aliases of aliases: ten lines that would be a million.
        alias_limits: serde_saphyr::alias_limits! { max_total_replayed_events: 50_000 },
    };
    let read: std::result::Result<Vec<Spanned<Value>>, _> =
        serde_saphyr::from_multiple_with_options(text, options);
    let read = read.map_err(|error| broken(path, text, &error))?;
    let line = |document: &Spanned<Value>| usize::try_from(document.defined.line()).unwrap_or_default();
    let read = read.into_iter().map(|document| (line(&document), document.value));
    Ok(read.filter(|(_, value)| !value.is_null()).collect())
}

/// A document's objects: itself, or the items of a List.
fn taken_apart(object: Value, at: &str) -> Result<Vec<Manifest>> {
    if object.get("kind").and_then(Value::as_str) != Some("List") {
        return Ok(vec![checked(object, at.to_owned())?]);
    }
    let items = object.get("items").and_then(Value::as_array);
    let items = items.into_iter().flatten().enumerate();
    items.map(|(index, item)| checked(item.clone(), format!("{at} (item {})", index + 1))).collect()
}

/// What is wrong with YAML, where. Tabs are named: they look like spaces.
fn broken(path: &str, text: &str, error: &serde_saphyr::Error) -> Error {
    let Some(place) = error.location() else {
        return Error::Manifest { at: path.to_owned(), reason: format!("this is no YAML: {}", words(error)) };
    };
    let (mut line, mut column) = (place.line(), place.column());
    let mut reason = format!("this is no YAML: {}", words(error));
    // The parser may notice a tab a line before or after where it stands.
    let near = usize::try_from(line).unwrap_or_default();
    for candidate in [near, near + 1, near.saturating_sub(1)] {
        let found = text.lines().nth(candidate.wrapping_sub(1)).and_then(|line| {
            let indent = &line[..line.len() - line.trim_start().len()];
            indent.find('\t')
        });
        if let Some(at) = found {
            (line, column) = (candidate as u64, at as u64 + 1);
            reason = "this line is indented with a tab; YAML is indented with spaces only".to_owned();
            break;
        }
    }
    Error::Manifest { at: format!("{path}:{line}:{column}"), reason }
}

/// The parser's words in one line, without its own place and picture.
fn words(error: &serde_saphyr::Error) -> String {
    let text = error.without_snippet().to_string();
    let first = text.lines().next().unwrap_or_default();
    let (before, _) = first.split_once(" at line ").unwrap_or((first, ""));
    before.trim_end_matches([':', ',', ' ']).to_owned()
}

fn checked(object: Value, at: String) -> Result<Manifest> {
    let manifest = Manifest { object, at };
    let wrong = |reason: &str| Err(Error::Manifest { at: manifest.at.clone(), reason: reason.to_owned() });
    if !manifest.object.is_object() {
        return wrong("a manifest is a mapping with apiVersion, kind and metadata");
    }
    if manifest.api_version().is_empty() {
        return wrong("apiVersion is missing");
    }
    if manifest.kind().is_empty() {
        return wrong("kind is missing");
    }
    let name = manifest.name();
    if name.is_empty() {
        return match manifest.object.pointer("/metadata/generateName") {
            Some(_) => wrong("generateName makes another object each time; give it metadata.name"),
            None => wrong("metadata.name is missing"),
        };
    }
    // RFC 1123 names, and the `:` of RBAC's.
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | ':' | '_');
    if !name.chars().all(fits) || name.len() > 253 || name.trim_matches('.').is_empty() {
        return wrong(&format!("{name:?} cannot name an object: use lower-case letters, digits, - and ."));
    }
    Ok(manifest)
}

fn belongs(manifest: &Manifest, place: &Place<'_>) -> Result<()> {
    if (manifest.api_version(), manifest.kind()) == ("v1", "Namespace") {
        let reason = "a release does not hold its namespace, because removing it would remove everything in it; create it once and leave it out";
        return Err(Error::Manifest { at: manifest.at.clone(), reason: reason.to_owned() });
    }
    match manifest.namespace() {
        Some(namespace) if namespace != place.namespace => Err(Error::OtherNamespace {
            id: manifest.id().into(),
            at: manifest.at.clone(),
            namespace: namespace.to_owned(),
            expected: place.namespace.to_owned(),
        }),
        _ => Ok(()),
    }
}

/// What objects are marked with.
#[derive(Debug, Clone, Copy)]
pub struct Labels<'a> {
    /// Service.
    pub service: &'a str,
    /// Release or run.
    pub release: &'a str,
    /// Version, as a person calls it.
    pub version: &'a str,
    /// Commit, where the release is one.
    pub commit: Option<&'a str>,
    /// When it is brought, RFC 3339.
    pub brought: &'a str,
    /// Environment.
    pub environment: &'a str,
}

/// Marks every object with who manages it and for which service, and the workloads with their release. Pod templates
/// stay as they are: a label there would restart every pod.
pub fn label(manifests: &mut [Manifest], labels: &Labels<'_>) {
    for manifest in manifests {
        let workload = manifest.is_workload();
        mark(&mut manifest.object, "labels", MANAGED_BY, "jalon");
        mark(&mut manifest.object, "labels", SERVICE, &label_value(labels.service));
        if workload {
            mark(&mut manifest.object, "annotations", RELEASE, labels.release);
            mark(&mut manifest.object, "annotations", VERSION, labels.version);
            mark(&mut manifest.object, "annotations", BROUGHT, labels.brought);
            mark(&mut manifest.object, "annotations", ENVIRONMENT, labels.environment);
            match labels.commit {
                Some(commit) => mark(&mut manifest.object, "annotations", COMMIT, commit),
                // A release that is brought back has the marks that it had.
                None => unmark(&mut manifest.object, "annotations", COMMIT),
            }
        }
    }
}

/// What Helm writes into every object besides what the chart says. Helm 4 applies it on the server, like the rest.
pub(super) fn label_as_helm(object: &mut Value, release: &str, namespace: &str) {
    mark(object, "labels", MANAGED_BY, "Helm");
    mark(object, "annotations", "meta.helm.sh/release-name", release);
    mark(object, "annotations", "meta.helm.sh/release-namespace", namespace);
}

/// What a label can hold of a text: at most 63 letters, digits, `-`, `_` and `.`, with letters or digits at both ends.
pub fn label_value(text: &str) -> String {
    let fits = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.') { c } else { '-' };
    let value: String = text.chars().map(fits).take(63).collect();
    value.trim_matches(['-', '_', '.']).to_owned()
}

fn mark(object: &mut Value, group: &str, name: &str, value: &str) {
    let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) else { return };
    let group = metadata.entry(group).or_insert(Value::Null);
    if group.is_null() {
        *group = json!({});
    }
    if let Some(group) = group.as_object_mut() {
        group.insert(name.to_owned(), value.into());
    }
}

pub(super) fn unmark(object: &mut Value, group: &str, name: &str) {
    let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) else { return };
    if let Some(marks) = metadata.get_mut(group).and_then(Value::as_object_mut) {
        marks.remove(name);
        if marks.is_empty() {
            metadata.remove(group);
        }
    }
}

/// The secrets of an environment as one Kubernetes Secret, each under its own name. It holds references: the values are put
/// in when it is sent.
pub fn secret(name: &str, names: &BTreeSet<String>) -> Manifest {
    let values: BTreeMap<&String, String> = names.iter().map(|name| (name, reference(name))).collect();
    let object = json!({
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": { "name": name },
        "type": "Opaque",
        "stringData": values,
    });
    Manifest { object, at: "the environment's secrets".to_owned() }
}

#[cfg(test)]
mod tests;
