//! Which commands of a repository may run here: those that a person read and allowed, by digest.

use std::path::Path;

use sha2::{Digest, Sha256};

use crate::project::{Config, Probe, Project};
use crate::provision::Place;
use crate::wire::{Trust, TrustRequest, Trusted};
use crate::{Engine, Refusal, Result, Work};

/// Every command of a jalon.toml that Jalon would run, and every other computer that it would ask, one a line: a token
/// goes to none that nobody saw.
fn commands(config: &Config) -> Vec<String> {
    processes(config).into_iter().chain(addresses(config)).collect()
}

/// Computers that are asked for metrics or probed.
fn addresses(config: &Config) -> Vec<String> {
    let asked = config.environments.iter().filter_map(|environment| {
        let address = environment.prometheus.as_ref()?;
        Some(format!("{}: metrics are asked of {address}", environment.name))
    });
    let probed = config.indicators.iter().filter_map(|indicator| match &indicator.probe {
        Some(Probe::Http(address)) if !address.starts_with('/') => {
            Some(format!("{}: asks {address}", indicator.name))
        }
        Some(Probe::Tls(place)) => Some(format!("{}: asks {place}", indicator.name)),
        _ => None,
    });
    asked.chain(probed).collect()
}

fn processes(config: &Config) -> Vec<String> {
    let line = |service: &str, what: &str, command: &Option<Vec<String>>| {
        let command = command.as_ref()?;
        // JSON, so that arguments with spaces, quotes or line ends can be told apart.
        let text = serde_json::to_string(command).ok()?;
        Some(format!("{service}: {what} = {text}"))
    };
    config
        .services
        .iter()
        .flat_map(|service| {
            [line(&service.name, "command", &service.command), line(&service.name, "test", &service.test)]
        })
        .flatten()
        .collect()
}

fn digest(commands: &[String]) -> String {
    let digest = Sha256::digest(commands.join("\n").as_bytes());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Engine {
    /// What a person has to allow before anything of this jalon.toml runs; none once it is allowed, or where there is
    /// nothing to run.
    pub(crate) fn trust_request(&self, project: &Path, config: &Config) -> Result<Option<TrustRequest>> {
        let commands = commands(config);
        let digest = digest(&commands);
        let project = project.display().to_string();
        if commands.is_empty() || self.store.trusts(&project, &digest)? {
            return Ok(None);
        }
        Ok(Some(TrustRequest { digest, commands, changed: self.store.trusted_before(&project)? }))
    }

    /// What a person has to allow before stacks are planned: the files of their folders may run anything. Each folder is
    /// allowed by itself, so that a change of one asks for that one alone.
    pub(crate) fn stack_trust_request(&self, project: &Project) -> Result<Option<TrustRequest>> {
        let dir = project.dir.display().to_string();
        let mut lines = Vec::new();
        for place in project.stack_places() {
            let line = place.trust_line(&project.dir)?;
            if !self.store.trusts(&dir, &digest(std::slice::from_ref(&line)))? {
                lines.push(line);
            }
        }
        if lines.is_empty() {
            return Ok(None);
        }
        let changed = self.store.trusted_before(&dir)?;
        Ok(Some(TrustRequest { digest: digest(&lines), commands: lines, changed }))
    }

    /// Refuses where the files of a stack were not allowed.
    pub(crate) fn expect_stack_trust(&self, project: &Path, place: &Place) -> Result<()> {
        let lines = vec![place.trust_line(project)?];
        let dir = project.display().to_string();
        let digest = digest(&lines);
        if self.store.trusts(&dir, &digest)? {
            return Ok(());
        }
        Err(Refusal::NotTrusted { dir, digest, commands: lines.join("\n") }.into())
    }

    /// Allows stacks by the digest that was shown: of all that were not allowed, or of one; all of them where none was
    /// shown. Says which ones.
    fn trust_stacks(&self, project: &Project, shown: Option<&str>) -> Result<Vec<String>> {
        let request = self.stack_trust_request(project)?;
        let lines = request.as_ref().map_or(&[][..], |request| request.commands.as_slice());
        let allowed: Vec<String> = match shown {
            None => lines.to_vec(),
            Some(shown) if request.as_ref().is_some_and(|request| request.digest == shown) => lines.to_vec(),
            Some(shown) => {
                lines.iter().filter(|line| digest(std::slice::from_ref(line)) == shown).cloned().collect()
            }
        };
        for line in &allowed {
            let now = digest(std::slice::from_ref(line));
            self.store.trust(&project.dir.display().to_string(), &now, self.now())?;
        }
        Ok(allowed)
    }

    /// Whether what a project's jalon.toml names may be used.
    pub(crate) fn is_trusted(&self, project: &Path) -> Result<bool> {
        let project = Project::load(&project.display().to_string())?;
        Ok(self.trust_request(&project.dir, &project.config)?.is_none())
    }

    /// Refuses where the commands of a jalon.toml were not allowed.
    pub(crate) fn expect_trust(&self, project: &Path, config: &Config) -> Result<()> {
        match self.trust_request(project, config)? {
            None => Ok(()),
            Some(request) => Err(Refusal::NotTrusted {
                dir: project.display().to_string(),
                digest: request.digest,
                commands: request.commands.join("\n"),
            }
            .into()),
        }
    }
}

/// Allows the commands of a project, by the digest that was shown.
///
/// # Errors
/// The commands are not those that were shown.
pub async fn trust(engine: &Engine, params: Trust, _work: &Work) -> Result<Trusted> {
    let project = Project::load(&params.dir)?;
    let config = match &params.version {
        None => project.config.clone(),
        Some(version) => {
            let clone = engine.clone_of(&project.dir).await?;
            let commit = clone.resolve(version).await?;
            super::config_at(&project, &clone, &commit.sha).await?.0
        }
    };
    let mut commands = commands(&config);
    let now = digest(&commands);
    let of_stacks = match &params.version {
        None if params.digest.as_ref() != Some(&now) => {
            engine.trust_stacks(&project, params.digest.as_deref())?
        }
        _ => Vec::new(),
    };
    if let (Some(shown), false) = (&params.digest, of_stacks.is_empty()) {
        return Ok(Trusted { digest: shown.clone(), commands: of_stacks });
    }
    if params.digest.is_some_and(|shown| shown != now) {
        return Err(Refusal::NotTrusted {
            dir: project.dir.display().to_string(),
            digest: now,
            commands: commands.join("\n"),
        }
        .into());
    }
    engine.store.trust(&project.dir.display().to_string(), &now, engine.now())?;
    commands.extend(of_stacks);
    Ok(Trusted { digest: digest(&commands), commands })
}
