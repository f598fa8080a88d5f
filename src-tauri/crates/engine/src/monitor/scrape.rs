//! What the own scraper watches: services with `metrics` on local targets that run.

use monitoring::Labels;
use monitoring::samples::Scope;
use monitoring::scrape::{Limits, Target, scrape};

use super::source::{off_thread, scope};
use crate::deploy::{At, Place};
use crate::project::Project;
use crate::{Engine, Result};

/// A service that is watched in an environment.
pub(super) struct Watched {
    /// Where it is.
    pub place: Place,
    /// What is asked.
    pub target: Target,
}

impl Engine {
    /// Every service of a project that the own scraper can watch, whether it runs or not.
    pub(super) fn watched(&self, project: &Project) -> Vec<Watched> {
        let mut all = Vec::new();
        for environment in project.config.environments.iter().filter(|one| one.prometheus.is_none()) {
            for service in &project.config.services {
                let Some(path) = &service.metrics else { continue };
                let Ok(place) = project.place(&service.name, environment) else { continue };
                let At::Local { port } = place.at else { continue };
                let Ok(url) = format!("http://127.0.0.1:{port}{path}").parse() else { continue };
                let labels = [
                    ("job", service.name.clone()),
                    ("instance", format!("127.0.0.1:{port}")),
                    ("environment", environment.name.clone()),
                ];
                let labels: Labels = labels.map(|(name, value)| (name.to_owned(), value)).into();
                all.push(Watched { place, target: Target { url, labels, interval: self.interval() } });
            }
        }
        all
    }

    /// Scrapes everything of a project that runs. What does not answer is stored as such.
    ///
    /// # Errors
    /// The samples cannot be written.
    pub(super) async fn scrape(&self, project: &Project) -> Result<()> {
        let scrapes = self.watched(project).into_iter().map(|watched| self.scrape_one(project, watched));
        for done in futures_util::future::join_all(scrapes).await {
            done?;
        }
        Ok(())
    }

    async fn scrape_one(&self, project: &Project, watched: Watched) -> Result<()> {
        let scope = scope(project, &watched.place.environment);
        let samples = self.samples().await?;
        // One last look at what was stopped ends its series: they are not drawn on for five minutes.
        if self.at_rest(&project.dir, &watched.place).await? && !self.was_up(&scope, &watched.target).await? {
            return Ok(());
        }
        let at = self.now();
        let scraped = scrape(&watched.target, &Limits::default(), at).await;
        off_thread(move || Ok(samples.record(&scope, &watched.target, &scraped)?)).await.map(drop)
    }

    async fn was_up(&self, scope: &Scope, target: &Target) -> Result<bool> {
        let (samples, scope, labels) = (self.samples().await?, scope.clone(), target.labels.clone());
        let sources = off_thread(move || Ok(samples.sources(&scope)?)).await?;
        Ok(sources.iter().any(|source| source.labels == labels && source.error.is_none()))
    }
}
