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
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Config> {
        Config::parse(text, Path::new("jalon.toml"))
    }

    fn refusal(text: &str) -> (usize, String) {
        match parse(text).unwrap_err() {
            Error::ConfigInvalid { line, reason, .. } => (line, reason),
            other => panic!("{other}"),
        }
    }

    #[test]
    fn the_whole_format_is_accepted() {
        let config = parse(
            "[project]\nname = \"app\"\ngithub = \"team/app\"\nplan = \"docs/planning.md\"\nrules = \"rncp36061\"\n\
             timezone = \"Europe/Paris\"\nlanguage = \"fr\"\n\
             [[environment]]\nname = \"dev\"\ntarget = { kind = \"local\", port = 8080 }\n\
             [[environment]]\nname = \"prod\"\nproduction = true\npromotes_from = \"dev\"\n\
             target = { kind = \"kubernetes\", context = \"c\", namespace = \"n\" }\nsecrets = [\"DATABASE_URL\"]\n\
             [[stack]]\nname = \"cluster\"\ndir = \"terraform/{environment}\"\n\
             [[service]]\nname = \"app\"\nhelm = \"helm/app\"\ntest = [\"make\"]\n\
             [[indicator]]\nname = \"errors\"\nquery = 'up'\nraise = \"> 1\"\nfor = \"2m\"\n\
             [[backup]]\nname = \"db\"\nmax_age = \"26h\"\n[report]\ntitle = \"t\"\n",
        )
        .unwrap();
        assert_eq!(config.github.as_deref(), Some("team/app"));
        assert_eq!(config.timezone, "Europe/Paris");
    }

    #[test]
    fn production_is_protected_unless_it_says_otherwise() {
        let config = parse(
            "[project]\nname = \"app\"\n[[environment]]\nname = \"prod\"\nproduction = true\n\
             target = { kind = \"local\", port = 9000 }\nvariables = { A = \"1\" }\nsecrets = [\"TOKEN\"]\n\
             [[environment]]\nname = \"dev\"\ntarget = { kind = \"local\", port = 9001 }\n\
             [[service]]\nname = \"s\"\ncommand = [\"serve\", \"${PORT}\"]\nstrategy = \"blue-green\"\n\
             [report]\ncohort = 2026\ncandidates = [{ name = \"\", login = \"student-a\" }]\n",
        )
        .unwrap();
        let [prod, dev] = &config.environments[..] else { panic!("{config:?}") };
        assert_eq!((prod.checks, prod.confirm_name), (Checks::Required, true));
        assert_eq!((dev.checks, dev.confirm_name), (Checks::None, false));
        assert_eq!(
            (&prod.target, prod.secrets.as_slice()),
            (&Target::Local { port: 9000 }, &["TOKEN".to_owned()][..])
        );
        let service = &config.services[0];
        assert_eq!((service.strategy, service.health.as_str()), (Strategy::BlueGreen, "/"));
        assert_eq!(config.report.cohort.as_deref(), Some("2026"));
        assert_eq!(config.report.candidates[0].login, "student-a");
    }

    #[test]
    fn wrong_environments_services_and_reports_name_their_line() {
        let local = "target = { kind = \"local\", port = 9000 }\n";
        for (text, line, word) in [
            ("[[environment]]\nname = \"a\"\n".to_owned(), 4, "no target"),
            ("[[environment]]\nname = \"a\"\ntarget = { kind = \"local\" }\n".to_owned(), 5, "port"),
            ("[[environment]]\nname = \"a\"\ntarget = { kind = \"moon\" }\n".to_owned(), 5, "moon"),
            ("[[environment]]\nname = \"a\"\ntarget = { kin = \"local\" }\n".to_owned(), 5, "kind"),
            (format!("[[environment]]\nname = \"a b\"\n{local}"), 4, "cannot name"),
            (format!("[[environment]]\nname = \"a\"\npromotes_from = \"x\"\n{local}"), 5, "no environment"),
            (
                format!("[[environment]]\nname = \"a\"\n{local}[[environment]]\nname = \"b\"\n{local}"),
                1,
                "9000",
            ),
            (
                format!("[[environment]]\nname = \"a\"\n{local}protection = {{ checks = \"x\" }}\n"),
                6,
                "local",
            ),
            (format!("[[environment]]\nname = \"a\"\n{local}production = \"yes\"\n"), 6, "true or false"),
            ("[[service]]\nname = \"s\"\ncommand = \"make run\"\n".to_owned(), 5, "as a list"),
            ("[[service]]\nname = \"s\"\ncommand = [\"a\"]\nhelm = \"h\"\n".to_owned(), 6, "one of them"),
            ("[[service]]\nname = \"s\"\nhealth = \"health\"\n".to_owned(), 5, "path"),
            ("[[service]]\nname = \"s\"\nstrategy = \"canary\"\n".to_owned(), 5, "blue-green"),
            ("[[service]]\nname = \"s\"\ndeployed_by = \"flux\"\n".to_owned(), 5, "argo-cd"),
            ("[[service]]\nname = \"s\"\nhelm = \"../x\"\n".to_owned(), 5, "out of"),
            ("[[service]]\nname = \"s\"\nvalues = [\"x\"]\n".to_owned(), 5, "no helm"),
            ("[[service]]\nname = \"s\"\nmetrics = \"metrics\"\n".to_owned(), 5, "path"),
            ("[[stack]]\nname = \"s\"\n".to_owned(), 4, "no dir"),
            ("[[stack]]\nname = \"s\"\ndir = \"/etc\"\n".to_owned(), 5, "out of"),
            ("[[stack]]\nname = \"s\"\ndir = \"d\"\ntool = \"pulumi\"\n".to_owned(), 6, "vagrant"),
            (
                "[[stack]]\nname = \"s\"\ndir = \"d\"\nhcp = { organization = \"o\" }\n".to_owned(),
                6,
                "workspace",
            ),
            ("[[indicator]]\nname = \"i\"\n".to_owned(), 4, "query or a probe"),
            ("[[indicator]]\nname = \"i\"\nquery = 'up'\nraise = \"high\"\n".to_owned(), 6, "comparison"),
            ("[[indicator]]\nname = \"i\"\nquery = 'up'\nfor = \"long\"\n".to_owned(), 6, "duration"),
            (
                "[[indicator]]\nname = \"i\"\nquery = 'up'\nenvironments = [\"x\"]\n".to_owned(),
                6,
                "no environment",
            ),
            (
                "[[indicator]]\nname = \"i\"\nquery = 'up'\naction = { kind = \"scale\" }\n".to_owned(),
                6,
                "restart",
            ),
            (
                "[[environment]]\nname = \"a\"\ntarget = { kind = \"kubernetes\", namespace = \"A\" }\n"
                    .to_owned(),
                5,
                "namespace",
            ),
            (format!("[[environment]]\nname = \"a\"\n{local}prometheus = \"ftp://x\"\n"), 6, "address"),
            ("[report]\nsources = [\"../x.md\"]\n".to_owned(), 4, "out of"),
            ("[report]\ncandidates = [{ nam = \"x\" }]\n".to_owned(), 4, "name"),
        ] {
            let (at, reason) = refusal(&format!("[project]\nname = \"app\"\n{text}"));
            assert!(reason.contains(word), "{text:?}: {reason}");
            assert_eq!(at, line, "{text:?}: {reason}");
        }
    }

    #[test]
    fn little_is_needed() {
        let config = parse("[project]\nname = \"app\"\n").unwrap();
        assert_eq!((config.name.as_str(), config.timezone.as_str()), ("app", "UTC"));
        assert_eq!((config.github, config.plan), (None, None));
        assert!(config.environments.is_empty() && config.services.is_empty());
    }

    #[test]
    fn unknown_keys_name_the_nearest_and_the_line() {
        let (line, reason) = refusal("[project]\nname = \"app\"\ngithb = \"a/b\"\n");
        assert_eq!(
            (line, reason.as_str()),
            (3, "unknown key \"githb\" in [project]; did you mean \"github\"?")
        );
        let (line, reason) = refusal("[project]\nname = \"a\"\n[[enviroment]]\nname = \"dev\"\n");
        assert_eq!((line, reason.as_str()), (3, "unknown key \"enviroment\"; did you mean \"environment\"?"));
        let (line, _) = refusal("[project]\nname = \"a\"\n[[service]]\nname = \"s\"\nhelth = \"/\"\n");
        assert_eq!(line, 5);
    }

    #[test]
    fn wrong_values_name_their_line() {
        for (text, line, word) in [
            ("", 1, "name"),
            ("[project]\n", 1, "name"),
            ("[project]\nname = 3\n", 2, "quotes"),
            ("[project]\nname = \"a\"\ngithub = \"a\"\n", 3, "owner/name"),
            ("[project]\nname = \"a\"\ngithub = \"a/../b\"\n", 3, "owner/name"),
            ("[project]\nname = \"a\"\nplan = \"../secret.md\"\n", 3, "out of"),
            ("[project]\nname = \"a\"\nplan = \"/etc/passwd\"\n", 3, "out of"),
            ("[project]\nname = \"a\"\ntimezone = \"Mars/Base\"\n", 3, "time zone"),
            ("[project]\nname = \"a\"\nlanguage = \"de\"\n", 3, "neither"),
            ("[project]\nname = \"a\"\n[service]\nname = \"x\"\n", 3, "[[service]]"),
            ("[project]\nname = \"a\n", 2, ""),
        ] {
            let (at, reason) = refusal(text);
            assert_eq!(at, line, "{text:?}: {reason}");
            assert!(reason.contains(word), "{text:?}: {reason}");
        }
    }
}
