//! Which commands of a repository may run here: those that a person read and allowed, by digest.

use std::path::Path;

use sha2::{Digest, Sha256};

use crate::project::{Config, Probe, Project};
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
    let commands = commands(&config);
    let now = digest(&commands);
    if params.digest.is_some_and(|shown| shown != now) {
        return Err(Refusal::NotTrusted {
            dir: project.dir.display().to_string(),
            digest: now,
            commands: commands.join("\n"),
        }
        .into());
    }
    engine.store.trust(&project.dir.display().to_string(), &now, engine.now())?;
    Ok(Trusted { digest: now, commands })
}
