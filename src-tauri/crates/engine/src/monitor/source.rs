//! Where the samples of an environment come from: its Prometheus where jalon.toml names one, else the own store.

use std::time::Duration;

use monitoring::promql::Own;
use monitoring::samples::{SampleStore, Scope};
use monitoring::{Answer, Prometheus, Told};

use crate::project::{Environment, Project};
use crate::{Engine, Error, Result};

/// Credential with the bearer token of a Prometheus; `PROMETHEUS_TOKEN@environment` goes before it.
const TOKEN: &str = "PROMETHEUS_TOKEN";
/// Seconds between two looks, unless `JALON_SCRAPE_INTERVAL` says otherwise.
const INTERVAL: u32 = 15;
/// Longest interval that makes sense.
const LONGEST: u32 = 3600;
/// A query of the own store that takes longer is given up.
const LIMIT: Duration = Duration::from_secs(20);

/// Whoever answers queries about an environment.
pub(super) enum Source<'e> {
    /// The own store.
    Own(Own),
    /// Prometheus.
    Prometheus(Prometheus<'e>),
}

impl Source<'_> {
    /// Asks at one time, in milliseconds since 1970.
    pub(super) async fn instant(&self, query: &str, at: i64) -> Result<Told<Answer>> {
        match self {
            Self::Prometheus(prometheus) => Ok(prometheus.instant(query, at).await?),
            Self::Own(own) => {
                let (own, query) = (own.clone(), query.to_owned());
                told(off_thread(move || Ok(own.instant(&query, at)?)).await?)
            }
        }
    }

    /// Asks over a range, in milliseconds since 1970.
    pub(super) async fn range(&self, query: &str, from: i64, to: i64, step: i64) -> Result<Told<Answer>> {
        match self {
            Self::Prometheus(prometheus) => Ok(prometheus.range(query, from, to, step).await?),
            Self::Own(own) => {
                monitoring::prometheus::expect_steps(from, to, step)?;
                let (own, query) = (own.clone(), query.to_owned());
                told(off_thread(move || Ok(own.range(&query, from, to, step)?)).await?)
            }
        }
    }
}

fn told(answer: Answer) -> Result<Told<Answer>> {
    Ok(Told { answer, warnings: Vec::new() })
}

/// Runs something that waits for the disk, off the async threads and not for ever.
pub(super) async fn off_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    let what = "reading the samples";
    match tokio::time::timeout(LIMIT, tokio::task::spawn_blocking(work)).await {
        Ok(Ok(done)) => done,
        Ok(Err(_)) => Err(Error::BadRequest { reason: format!("{what} broke off") }),
        Err(_) => Err(Error::TimedOut { what, seconds: LIMIT.as_secs() }),
    }
}

/// Names the samples of an environment of a project.
pub(super) fn scope(project: &Project, environment: &str) -> Scope {
    Scope { project: project.dir.display().to_string(), environment: environment.to_owned() }
}

impl Engine {
    /// Between two looks at everything.
    pub(super) fn interval(&self) -> Duration {
        let own = self.around.variable("JALON_SCRAPE_INTERVAL").and_then(|text| text.parse().ok());
        Duration::from_secs(own.unwrap_or(INTERVAL).clamp(1, LONGEST).into())
    }

    /// The own store of samples, opened when it is first needed.
    pub(super) async fn samples(&self) -> Result<SampleStore> {
        if let Some(samples) = self.samples.get() {
            return Ok(samples.clone());
        }
        let home = self.around.home.clone();
        let opened = off_thread(move || Ok(SampleStore::new(store::samples::Samples::open(&home)?))).await?;
        Ok(self.samples.get_or_init(|| opened).clone())
    }

    /// Whoever answers about an environment.
    pub(super) async fn source(&self, project: &Project, environment: &Environment) -> Result<Source<'_>> {
        match &environment.prometheus {
            Some(address) => Ok(Source::Prometheus(self.prometheus(address, &environment.name).await?)),
            None => Ok(Source::Own(Own::new(self.samples().await?, scope(project, &environment.name)))),
        }
    }

    /// The Prometheus at an address.
    pub(super) async fn prometheus(&self, address: &str, environment: &str) -> Result<Prometheus<'_>> {
        let token = self.prometheus_token(environment).await;
        Ok(Prometheus::new(&self.http, address, token)?)
    }

    /// The token of an environment's Prometheus. A keychain that is locked gives none: nobody is prompted every fifteen
    /// seconds, and a Prometheus that wants a token says so.
    async fn prometheus_token(&self, environment: &str) -> Option<credentials::Secret> {
        let kept = self.store.credentials().unwrap_or_default();
        for name in [format!("{TOKEN}@{environment}"), TOKEN.to_owned()] {
            let at_hand =
                self.vault.in_memory(&name) || self.around.secrets().any(|(known, _)| known == name);
            let in_keychain = kept.iter().any(|credential| credential.name == name);
            let open = || async { self.availability().await == credentials::Availability::Ready };
            if (at_hand || (in_keychain && open().await))
                && let Ok(Some(secret)) = self.secret(&name).await
            {
                return Some(secret);
            }
        }
        None
    }
}
