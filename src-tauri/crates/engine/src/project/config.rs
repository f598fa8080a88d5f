//! `jalon.toml`: the project as code. What this version uses is read; every key is checked against the whole format.

use std::path::{Component, Path};

use toml_edit::{Document, Item, TableLike};

use crate::{Error, Result};

/// File name.
pub(crate) const FILE: &str = "jalon.toml";

/// Tables of the format and their keys.
const FORMAT: [(&str, &[&str]); 7] = [
    ("project", &["name", "github", "plan", "rules", "timezone", "language"]),
    ("environment", &["name", "production", "promotes_from", "target", "variables", "secrets", "protection"]),
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
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Config {
    /// Name of the project.
    pub name: String,
    /// `owner/name`.
    pub github: Option<String>,
    /// Planning document, relative, with `/`.
    pub plan: Option<String>,
    /// IANA time zone; UTC where none is named.
    pub timezone: String,
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

    fn parse(text: &str, path: &Path) -> Result<Self> {
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
        source.project(root.get("project"))
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
        let name = name.ok_or_else(|| self.at_table(item, "[project] has no name".into()))?;
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
        if let Some(language) = self.text(table, "language")?
            && !["en", "fr"].contains(&language.as_str())
        {
            return Err(self.at_key(table, "language", format!("{language:?} is neither \"en\" nor \"fr\"")));
        }
        Ok(Config { name, github, plan, timezone })
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

    fn at_table(&self, item: Option<&Item>, reason: String) -> Error {
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
    fn little_is_needed() {
        let config = parse("[project]\nname = \"app\"\n").unwrap();
        assert_eq!(config, Config { name: "app".into(), github: None, plan: None, timezone: "UTC".into() });
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
