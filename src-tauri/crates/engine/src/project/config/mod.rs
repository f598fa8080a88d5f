//! `jalon.toml`: the project as code. What this version uses is read; every key is checked against the whole format.

mod environment;
mod indicator;
mod report;
mod service;
mod stack;

use std::collections::BTreeMap;
use std::path::{Component, Path};

use toml_edit::{Document, Item, TableLike};

use crate::{Error, Result};

pub(crate) use environment::{Checks, Environment, Target};
pub(crate) use indicator::{Comparison, Indicator, Probe};
pub(crate) use report::{Candidate, Report};
pub(crate) use service::{Owner, Service, Strategy};
pub(crate) use stack::{Stack, Tool};

/// File name.
pub(crate) const FILE: &str = "jalon.toml";

/// Tables of the format and their keys.
const FORMAT: [(&str, &[&str]); 7] = [
    ("project", &["name", "github", "plan", "rules", "timezone", "language"]),
    (
        "environment",
        &[
            "name",
            "production",
            "promotes_from",
            "target",
            "variables",
            "secrets",
            "protection",
            "prometheus",
        ],
    ),
    ("stack", &["name", "tool", "dir", "hcp"]),
    (
        "service",
        &[
            "name",
            "helm",
            "kustomize",
            "manifests",
            "command",
            "values",
            "strategy",
            "health",
            "metrics",
            "test",
            "deployed_by",
            "workflow",
            "stack",
            "application",
        ],
    ),
    (
        "indicator",
        &["name", "query", "probe", "unit", "environments", "raise", "clear", "for", "weight", "action"],
    ),
    ("backup", &["name", "environment", "command", "schedule", "restore", "verify", "max_age"]),
    (
        "report",
        &[
            "title",
            "candidates",
            "school",
            "company",
            "logos",
            "course",
            "cohort",
            "sources",
            "bibliography",
            "template",
        ],
    ),
];

/// What this version reads of jalon.toml.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Config {
    /// Name of the project.
    pub name: String,
    /// `owner/name`.
    pub github: Option<String>,
    /// Planning document, relative, with `/`.
    pub plan: Option<String>,
    /// IANA time zone; UTC where none is named.
    pub timezone: String,
    /// Language of documents: `en` or `fr`.
    pub language: Option<String>,
    /// `[[environment]]`, in order.
    pub environments: Vec<Environment>,
    /// `[[service]]`, in order.
    pub services: Vec<Service>,
    /// `[[stack]]`, in order.
    pub stacks: Vec<Stack>,
    /// `[[indicator]]`, in order.
    pub indicators: Vec<Indicator>,
    /// `[report]`.
    pub report: Report,
}

impl Config {
    /// Reads the jalon.toml of a folder.
    pub(crate) fn load(dir: &Path) -> Result<Self> {
        let path = dir.join(FILE);
        match std::fs::read_to_string(&path) {
            Ok(text) => Self::parse(&text, &path),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                Err(Error::ProjectNoConfig { dir: dir.display().to_string() })
            }
            Err(error) => {
                Err(Error::ProjectUnreadable { path: path.display().to_string(), reason: error.to_string() })
            }
        }
    }

    /// Reads the text of a jalon.toml; `path` is what errors call it.
    pub(crate) fn parse(text: &str, path: &Path) -> Result<Self> {
        let source = Source { text, path };
        let document = Document::parse(text).map_err(|error| {
            let reason = error.message().trim().lines().next().unwrap_or("it is not TOML").to_owned();
            source.error(error.span().map_or(0, |span| span.start), reason)
        })?;
        let root = document.as_table();
        let tables: Vec<&str> = FORMAT.iter().map(|(name, _)| *name).collect();
        source.check_keys(root, &tables, "")?;
        for (name, keys) in FORMAT {
            match root.get(name) {
                Some(Item::ArrayOfTables(all)) if name != "project" && name != "report" => {
                    for table in all {
                        source.check_keys(table, keys, name)?;
                    }
                }
                Some(item) => match item.as_table_like() {
                    Some(table) if name == "project" || name == "report" => {
                        source.check_keys(table, keys, name)?
                    }
                    _ => {
                        let wanted = if name == "project" || name == "report" { "[" } else { "[[" };
                        let close = if wanted == "[" { "]" } else { "]]" };
                        return Err(source.at(item, format!("write it as {wanted}{name}{close}")));
                    }
                },
                None => {}
            }
        }
        let project = source.project(root.get("project"))?;
        let environments = source.environments(root)?;
        let names: Vec<String> = environments.iter().map(|environment| environment.name.clone()).collect();
        Ok(Config {
            environments,
            services: source.services(root)?,
            stacks: source.stacks(root)?,
            indicators: source.indicators(root, &names)?,
            report: source.report(root.get("report"))?,
            ..project
        })
    }
}

/// The text, for positions.
struct Source<'a> {
    text: &'a str,
    path: &'a Path,
}

impl Source<'_> {
    fn project(&self, item: Option<&Item>) -> Result<Config> {
        let table = item
            .and_then(Item::as_table_like)
            .ok_or_else(|| self.error(0, "there is no [project] with a name".into()))?;
        let name = self.text(table, "name")?;
        let name = name.ok_or_else(|| self.at_item(item, "[project] has no name".into()))?;
        let github = self.text(table, "github")?;
        if let Some(full) = github.as_deref().filter(|full| !is_repository(full)) {
            return Err(self.at_key(table, "github", format!("{full:?} is not owner/name")));
        }
        let plan = self.text(table, "plan")?;
        if let Some(plan) = plan.as_deref().filter(|plan| !stays_inside(plan)) {
            return Err(self.at_key(table, "plan", format!("{plan:?} leads out of the project")));
        }
        let timezone = self.text(table, "timezone")?.unwrap_or_else(|| "UTC".to_owned());
        if jiff::tz::TimeZone::get(&timezone).is_err() {
            let reason = format!("{timezone:?} is not a time zone such as Europe/Paris");
            return Err(self.at_key(table, "timezone", reason));
        }
        let language = self.text(table, "language")?;
        if let Some(language) = language.as_deref().filter(|language| !["en", "fr"].contains(language)) {
            return Err(self.at_key(table, "language", format!("{language:?} is neither \"en\" nor \"fr\"")));
        }
        Ok(Config {
            name,
            github,
            plan,
            timezone,
            language,
            environments: Vec::new(),
            services: Vec::new(),
            stacks: Vec::new(),
            indicators: Vec::new(),
            report: Report::default(),
        })
    }

    /// A text value; blank counts as absent.
    fn text(&self, table: &dyn TableLike, key: &str) -> Result<Option<String>> {
        match table.get(key) {
            None => Ok(None),
            Some(item) => match item.as_str() {
                Some(text) => Ok(Some(text.trim().to_owned()).filter(|text| !text.is_empty())),
                None => Err(self.at(item, format!("{key} is not a text in quotes"))),
            },
        }
    }

    /// The name of an environment or a service: it becomes part of paths and is typed on command lines.
    fn name(&self, table: &dyn TableLike, within: &str) -> Result<String> {
        let Some(name) = self.text(table, "name")? else {
            let at = table.iter().find_map(|(_, item)| item.span()).map_or(0, |span| span.start);
            return Err(self.error(at, format!("[[{within}]] has no name")));
        };
        let fits = name.len() <= 63
            && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
            && name.starts_with(|c: char| c.is_ascii_alphanumeric());
        if fits {
            Ok(name)
        } else {
            let reason =
                format!("{name:?} cannot name a {within}: use letters, digits and - _ ., at most 63");
            Err(self.at_key(table, "name", reason))
        }
    }

    fn flag(&self, table: &dyn TableLike, key: &str) -> Result<Option<bool>> {
        match table.get(key) {
            None => Ok(None),
            Some(item) => match item.as_bool() {
                Some(value) => Ok(Some(value)),
                None => Err(self.at(item, format!("{key} is true or false, without quotes"))),
            },
        }
    }

    fn text_or_number(&self, table: &dyn TableLike, key: &str) -> Result<Option<String>> {
        match table.get(key).and_then(Item::as_integer) {
            Some(number) => Ok(Some(number.to_string())),
            None => self.text(table, key),
        }
    }

    /// A list of texts; empty where there is none.
    fn texts(&self, table: &dyn TableLike, key: &str) -> Result<Vec<String>> {
        let Some(item) = table.get(key) else { return Ok(Vec::new()) };
        let wrong = || self.at(item, format!("{key} is a list of texts in quotes"));
        let list = item.as_array().ok_or_else(wrong)?;
        list.iter().map(|value| value.as_str().map(str::to_owned).ok_or_else(wrong)).collect()
    }

    /// Texts by name, as in `{ REPLICAS = "3" }`.
    fn texts_by_name(&self, table: &dyn TableLike, key: &str) -> Result<BTreeMap<String, String>> {
        let Some(item) = table.get(key) else { return Ok(BTreeMap::new()) };
        let wrong = || self.at(item, format!("{key} is written as {{ NAME = \"value\" }}"));
        let names = item.as_table_like().ok_or_else(wrong)?;
        names
            .iter()
            .map(|(name, value)| Ok((name.to_owned(), value.as_str().ok_or_else(wrong)?.to_owned())))
            .collect()
    }

    /// A table within a table, such as `target = { … }`, with its keys checked.
    fn part<'t>(
        &self,
        table: &'t dyn TableLike,
        key: &str,
        known: &[&str],
    ) -> Result<Option<&'t dyn TableLike>> {
        let Some(item) = table.get(key) else { return Ok(None) };
        let part = item.as_table_like().ok_or_else(|| self.at(item, format!("write {key} as {{ … }}")))?;
        self.check_keys(part, known, key)?;
        Ok(Some(part))
    }

    fn check_keys(&self, table: &dyn TableLike, known: &[&str], within: &str) -> Result<()> {
        for (key, item) in table.iter() {
            if known.contains(&key) {
                continue;
            }
            let nearest = known.iter().max_by(|a, b| strsim::jaro(key, a).total_cmp(&strsim::jaro(key, b)));
            let place = if within.is_empty() { String::new() } else { format!(" in [{within}]") };
            let guess = nearest.map_or(String::new(), |nearest| format!("; did you mean {nearest:?}"));
            let at = table.key(key).and_then(toml_edit::Key::span).or_else(|| item.span());
            return Err(
                self.error(at.map_or(0, |span| span.start), format!("unknown key {key:?}{place}{guess}?"))
            );
        }
        Ok(())
    }

    fn at(&self, item: &Item, reason: String) -> Error {
        self.error(item.span().map_or(0, |span| span.start), reason)
    }

    fn at_item(&self, item: Option<&Item>, reason: String) -> Error {
        self.error(item.and_then(Item::span).map_or(0, |span| span.start), reason)
    }

    fn at_key(&self, table: &dyn TableLike, key: &str, reason: String) -> Error {
        self.error(table.get(key).and_then(Item::span).map_or(0, |span| span.start), reason)
    }

    fn error(&self, offset: usize, reason: String) -> Error {
        let before = self.text.get(..offset).unwrap_or(self.text);
        let line = before.matches('\n').count() + 1;
        Error::ConfigInvalid { path: self.path.display().to_string(), line, reason }
    }
}

/// The tables of `[[name]]`.
fn tables<'t>(root: &'t dyn TableLike, name: &str) -> impl Iterator<Item = &'t dyn TableLike> {
    let all = root.get(name).and_then(Item::as_array_of_tables);
    all.into_iter().flatten().map(|table| table as &dyn TableLike)
}

/// Whether a text names a repository: `owner/name` of GitHub's letters.
pub(crate) fn is_repository(text: &str) -> bool {
    let part = |part: &str| {
        !part.is_empty()
            && part.len() <= 100
            && part != "."
            && part != ".."
            && part.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
    };
    text.split_once('/').is_some_and(|(owner, name)| part(owner) && part(name))
}

/// Whether a relative path stays below the folder it starts from.
pub(crate) fn stays_inside(path: &str) -> bool {
    !path.is_empty()
        && Path::new(path).components().all(|c| matches!(c, Component::Normal(_) | Component::CurDir))
}

#[cfg(test)]
mod tests;
