//! `[[environment]]`: where services run, and what protects them.

use std::collections::BTreeMap;

use toml_edit::{Item, TableLike};

use super::{Source, tables};
use crate::Result;

/// An environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Environment {
    /// Name.
    pub name: String,
    /// Whether it is production.
    pub production: bool,
    /// Environment whose releases it takes.
    pub promotes_from: Option<String>,
    /// Where it is.
    pub target: Target,
    /// Variables for templates and processes.
    pub variables: BTreeMap<String, String>,
    /// Names of secrets.
    pub secrets: Vec<String>,
    /// Which checks must be green.
    pub checks: Checks,
    /// Whether changes want its name typed.
    pub confirm_name: bool,
    /// Address of the Prometheus (or what speaks its API) that watches it; Jalon's own scraper where none is named.
    pub prometheus: Option<String>,
}

/// Where an environment is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Target {
    /// Processes on this computer behind a proxy on this port.
    Local { port: u16 },
    /// A cluster.
    Kubernetes {
        /// Context of the kubeconfig; its current one where none is named.
        context: Option<String>,
        /// Namespace.
        namespace: String,
    },
}

/// Checks that must be green before a release enters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Checks {
    /// GitHub's required checks.
    Required,
    /// The service's own test command.
    Local,
    /// None.
    None,
}

const TARGET: &[&str] = &["kind", "port", "context", "namespace"];
const PROTECTION: &[&str] = &["checks", "confirm"];

impl Source<'_> {
    pub(super) fn environments(&self, root: &dyn TableLike) -> Result<Vec<Environment>> {
        let mut all: Vec<Environment> = Vec::new();
        for table in tables(root, "environment") {
            let environment = self.environment(table)?;
            if all.iter().any(|other| other.name == environment.name) {
                let reason = format!("two environments are called {:?}", environment.name);
                return Err(self.at_key(table, "name", reason));
            }
            all.push(environment);
        }
        for table in tables(root, "environment") {
            if let Some(from) = self.text(table, "promotes_from")?
                && !all.iter().any(|environment| environment.name == from)
            {
                let reason = format!("promotes_from names {from:?}, which is no environment here");
                return Err(self.at_key(table, "promotes_from", reason));
            }
        }
        let ports = all.iter().filter_map(|environment| match environment.target {
            Target::Local { port } => Some((port, environment.name.as_str())),
            Target::Kubernetes { .. } => None,
        });
        let mut seen: BTreeMap<u16, &str> = BTreeMap::new();
        for (port, name) in ports {
            if let Some(other) = seen.insert(port, name) {
                return Err(self.error(0, format!("{other} and {name} are both on port {port}")));
            }
        }
        Ok(all)
    }

    fn environment(&self, table: &dyn TableLike) -> Result<Environment> {
        let name = self.name(table, "environment")?;
        let production = self.flag(table, "production")?.unwrap_or(false);
        let (checks, confirm_name) = self.protection(table, production)?;
        Ok(Environment {
            name,
            production,
            promotes_from: self.text(table, "promotes_from")?,
            target: self.target(table)?,
            variables: self.texts_by_name(table, "variables")?,
            secrets: self.texts(table, "secrets")?,
            checks,
            confirm_name,
            prometheus: self.address(table, "prometheus")?,
        })
    }

    /// An http or https address.
    fn address(&self, table: &dyn TableLike, key: &str) -> Result<Option<String>> {
        let Some(text) = self.text(table, key)? else { return Ok(None) };
        match url::Url::parse(&text) {
            Ok(url) if matches!(url.scheme(), "http" | "https") && url.password().is_none() => Ok(Some(text)),
            _ => {
                let reason =
                    format!("{text:?} is no address such as \"http://127.0.0.1:9090\" without a password");
                Err(self.at_key(table, key, reason))
            }
        }
    }

    fn target(&self, table: &dyn TableLike) -> Result<Target> {
        let item = table.get("target");
        let Some(target) = self.part(table, "target", TARGET)? else {
            let reason = "[[environment]] has no target: write { kind = \"local\", port = 8080 } or { kind = \"kubernetes\", … }";
            return Err(self.at_key(table, "name", reason.into()));
        };
        match self.text(target, "kind")?.as_deref() {
            Some("local") => {
                let port = target.get("port").and_then(Item::as_integer);
                match port.map(u16::try_from) {
                    Some(Ok(port)) if port > 0 => Ok(Target::Local { port }),
                    _ => Err(self.at_item(item, "a local target has a port from 1 to 65535".into())),
                }
            }
            Some("kubernetes") => self.cluster(target, item),
            Some(other) => {
                Err(self
                    .at_item(item, format!("target kind {other:?} is neither \"local\" nor \"kubernetes\"")))
            }
            None => Err(self.at_item(item, "target has no kind: \"local\" or \"kubernetes\"".into())),
        }
    }

    fn cluster(&self, target: &dyn TableLike, item: Option<&Item>) -> Result<Target> {
        let context = self.text(target, "context")?;
        let namespace = self.text(target, "namespace")?.unwrap_or_else(|| "default".to_owned());
        let fits = namespace.len() <= 63
            && namespace.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
            && !namespace.starts_with('-')
            && !namespace.ends_with('-');
        if !fits {
            let reason =
                format!("{namespace:?} is no namespace: lower-case letters, digits and -, at most 63");
            return Err(self.at_item(item, reason));
        }
        Ok(Target::Kubernetes { context, namespace })
    }

    /// Production is protected unless jalon.toml says otherwise.
    fn protection(&self, table: &dyn TableLike, production: bool) -> Result<(Checks, bool)> {
        let default = if production { Checks::Required } else { Checks::None };
        let Some(protection) = self.part(table, "protection", PROTECTION)? else {
            return Ok((default, production));
        };
        let checks = match self.text(protection, "checks")?.as_deref() {
            None => default,
            Some("required") => Checks::Required,
            Some("local") => Checks::Local,
            Some("none") => Checks::None,
            Some(other) => {
                let reason = format!("checks = {other:?} is none of \"required\", \"local\", \"none\"");
                return Err(self.at_key(protection, "checks", reason));
            }
        };
        let confirm = match self.text(protection, "confirm")?.as_deref() {
            None => production,
            Some("name") => true,
            Some("none") => false,
            Some(other) => {
                let reason = format!("confirm = {other:?} is neither \"name\" nor \"none\"");
                return Err(self.at_key(protection, "confirm", reason));
            }
        };
        Ok((checks, confirm))
    }
}
