//! `[[service]]`: what deployments roll out.

use toml_edit::TableLike;

use super::{Source, stays_inside, tables};
use crate::Result;

/// A service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Service {
    /// Name.
    pub name: String,
    /// Local process: program, then arguments; none for a service of another kind.
    pub command: Option<Vec<String>>,
    /// Folder of a Helm chart, relative, with `/`; may hold `{environment}`.
    pub helm: Option<String>,
    /// Values files of the chart, the last one wins; may hold `{environment}`.
    pub values: Vec<String>,
    /// Folder of a kustomization.
    pub kustomize: Option<String>,
    /// Globs of manifests; may hold `{environment}`.
    pub manifests: Vec<String>,
    /// How a new release takes over.
    pub strategy: Strategy,
    /// Path of the health check.
    pub health: String,
    /// Path of its metrics in Prometheus' text format or OpenMetrics.
    pub metrics: Option<String>,
    /// Command whose status says whether a commit is good.
    pub test: Option<Vec<String>>,
    /// Who rolls it out. Jalon deploys what is its own alone: an object with two owners is the worst outcome.
    pub deployed_by: Owner,
}

/// Who rolls a service out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Owner {
    /// Jalon.
    Jalon,
    /// A GitHub workflow.
    GitHubActions {
        /// Its file.
        workflow: Option<String>,
    },
    /// Terraform.
    Terraform {
        /// Its stack.
        stack: Option<String>,
    },
    /// Argo CD.
    ArgoCd {
        /// Its application.
        application: Option<String>,
    },
}

/// How a new release takes over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Strategy {
    /// The old one ends once the new one serves.
    Rolling,
    /// The old one is kept warm.
    BlueGreen,
}

impl Strategy {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Rolling => "rolling",
            Self::BlueGreen => "blue-green",
        }
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        [Self::Rolling, Self::BlueGreen].into_iter().find(|strategy| strategy.as_str() == text)
    }
}

/// What a service is made of; one of them.
const KINDS: &[&str] = &["command", "helm", "kustomize", "manifests"];

impl Source<'_> {
    pub(super) fn services(&self, root: &dyn TableLike) -> Result<Vec<Service>> {
        let mut all: Vec<Service> = Vec::new();
        for table in tables(root, "service") {
            let service = self.service(table)?;
            if all.iter().any(|other| other.name == service.name) {
                return Err(self.at_key(
                    table,
                    "name",
                    format!("two services are called {:?}", service.name),
                ));
            }
            all.push(service);
        }
        Ok(all)
    }

    fn service(&self, table: &dyn TableLike) -> Result<Service> {
        let name = self.name(table, "service")?;
        let kinds: Vec<&str> = KINDS.iter().copied().filter(|kind| table.contains_key(kind)).collect();
        if let [first, second, ..] = kinds[..] {
            return Err(self.at_key(
                table,
                second,
                format!("{name} has {first} already: a service is one of them"),
            ));
        }
        let strategy = match self.text(table, "strategy")? {
            None => Strategy::Rolling,
            Some(text) => Strategy::parse(&text).ok_or_else(|| {
                let reason = format!("strategy {text:?} is neither \"rolling\" nor \"blue-green\"");
                self.at_key(table, "strategy", reason)
            })?,
        };
        let metrics = self.text(table, "metrics")?;
        if let Some(path) = metrics.as_deref().filter(|path| !path.starts_with('/')) {
            return Err(self.at_key(table, "metrics", format!("metrics is a path: write \"/{path}\"")));
        }
        let inside = |key: &str, path: &str| {
            if stays_inside(path) {
                Ok(())
            } else {
                Err(self.at_key(table, key, format!("{path:?} leads out of the project")))
            }
        };
        let (helm, kustomize) = (self.text(table, "helm")?, self.text(table, "kustomize")?);
        let (values, manifests) = (self.texts(table, "values")?, self.texts(table, "manifests")?);
        for (key, paths) in [
            ("helm", helm.as_slice()),
            ("kustomize", kustomize.as_slice()),
            ("values", &values),
            ("manifests", &manifests),
        ] {
            for path in paths {
                inside(key, path)?;
            }
        }
        if !values.is_empty() && helm.is_none() {
            return Err(self.at_key(table, "values", format!("{name} has values but no helm chart")));
        }
        let health = self.text(table, "health")?.unwrap_or_else(|| "/".to_owned());
        if !health.starts_with('/') {
            return Err(self.at_key(table, "health", format!("health is a path: write \"/{health}\"")));
        }
        Ok(Service {
            command: self.command(table, "command")?,
            test: self.command(table, "test")?,
            deployed_by: self.owner(table)?,
            name,
            strategy,
            health,
            metrics,
            helm,
            values,
            kustomize,
            manifests,
        })
    }

    fn owner(&self, table: &dyn TableLike) -> Result<Owner> {
        match self.text(table, "deployed_by")?.as_deref() {
            None | Some("jalon") => Ok(Owner::Jalon),
            Some("github-actions") => Ok(Owner::GitHubActions { workflow: self.text(table, "workflow")? }),
            Some("terraform") => Ok(Owner::Terraform { stack: self.text(table, "stack")? }),
            Some("argo-cd") => Ok(Owner::ArgoCd { application: self.text(table, "application")? }),
            Some(other) => {
                let reason = format!(
                    "deployed_by = {other:?} is none of \"jalon\", \"github-actions\", \"terraform\", \"argo-cd\""
                );
                Err(self.at_key(table, "deployed_by", reason))
            }
        }
    }

    /// A command as a list: program, then arguments. A single text would need a shell.
    fn command(&self, table: &dyn TableLike, key: &str) -> Result<Option<Vec<String>>> {
        if table.get(key).is_some_and(|item| item.is_str()) {
            let reason =
                format!("write {key} as a list, [\"program\", \"argument\"]: no shell takes it apart");
            return Err(self.at_key(table, key, reason));
        }
        let command = self.texts(table, key)?;
        if table.contains_key(key) && command.first().is_none_or(|program| program.is_empty()) {
            return Err(self.at_key(table, key, format!("{key} names no program")));
        }
        Ok(Some(command).filter(|command| !command.is_empty()))
    }
}
