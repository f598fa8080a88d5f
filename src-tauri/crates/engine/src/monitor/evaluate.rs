//! Looks at every indicator of a project, and notes what became of its alarm.

use monitoring::alarm::{Observation, Transition};
use monitoring::{indicator, probe};

use super::indicated::{Indicated, indicated, transition};
use crate::deploy::{At, Place};
use crate::project::{Probe, Project};
use crate::{Engine, Result};

/// An alarm that changed.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Changed {
    /// Names the alarm.
    pub id: String,
    /// What changed, in order.
    pub changes: Vec<Transition>,
}

impl Engine {
    /// Looks at every indicator once; what changed.
    ///
    /// # Errors
    /// The store cannot be read or written.
    pub(super) async fn evaluate(&self, project: &Project) -> Result<Vec<Changed>> {
        let all = indicated(project);
        let found = futures_util::future::join_all(all.iter().map(|one| self.observe(project, one))).await;
        let interval = self.interval();
        let mut changed = Vec::new();
        for (one, found) in all.iter().zip(found) {
            let key = one.key(project);
            let now = self.now().as_millisecond();
            let mut alarm = one.alarm(self.store.alarm(&key)?, now);
            let changes = alarm.observe(now, found, &one.rule(interval));
            let rows: Vec<_> = changes.iter().map(transition).collect();
            self.store.note_alarm(&key, &one.row(&alarm), &rows)?;
            if !changes.is_empty() {
                changed.push(Changed { id: one.id(), changes });
            }
        }
        Ok(changed)
    }

    async fn observe(&self, project: &Project, one: &Indicated<'_>) -> Observation {
        match (&one.indicator.query, &one.indicator.probe) {
            (Some(query), _) => self.queried(project, one, query).await,
            (None, Some(Probe::Http(address))) => self.asked(project, one, address).await,
            (None, Some(Probe::Tls(place))) => match probe::tls(place, self.now().as_second()).await {
                Ok(seconds) => Observation::Value(seconds),
                Err(error) => Observation::Failed(error.to_string()),
            },
            (None, Some(Probe::Sql(_))) => {
                Observation::Failed("sql probes are not supported yet: write a query or another probe".into())
            }
            (None, None) => Observation::Failed("the indicator has neither a query nor a probe".into()),
        }
    }

    async fn queried(&self, project: &Project, one: &Indicated<'_>, query: &str) -> Observation {
        if one.environment.prometheus.is_none()
            && let Some(nothing) = self.nothing_runs(project, one).await
        {
            return nothing;
        }
        let raise = one.rule(self.interval()).raise;
        let told = match self.source(project, one.environment).await {
            Ok(source) => source.instant(query, self.now().as_millisecond()).await,
            Err(error) => Err(error),
        };
        match told {
            Ok(told) => indicator::measure(&told.answer, raise),
            Err(error) => Observation::Failed(error.to_string()),
        }
    }

    /// An address, or a path of the service where it runs on this computer.
    async fn asked(&self, project: &Project, one: &Indicated<'_>, address: &str) -> Observation {
        let whole = if address.starts_with('/') {
            if let Some(nothing) = self.nothing_runs(project, one).await {
                return nothing;
            }
            match self.place_of(project, one) {
                Some(Place { at: At::Local { port }, .. }) => format!("http://127.0.0.1:{port}{address}"),
                _ => {
                    let reason = "a path is asked on this computer alone: write the whole address";
                    return Observation::Failed(reason.to_owned());
                }
            }
        } else {
            address.to_owned()
        };
        match whole.parse() {
            Ok(url) => Observation::Value(probe::http(&self.http, &url).await.0),
            Err(error) => Observation::Failed(format!("{whole} is no address: {error}")),
        }
    }

    /// What there is to say where the service was not deployed, or is stopped: that is no fault, and no data either.
    async fn nothing_runs(&self, project: &Project, one: &Indicated<'_>) -> Option<Observation> {
        let place = self.place_of(project, one)?;
        let At::Local { .. } = place.at else { return None };
        let rests = self.at_rest(&project.dir, &place).await.unwrap_or(false);
        rests.then(|| Observation::NoData(format!("{} does not run in {}", place.service, place.environment)))
    }

    fn place_of(&self, project: &Project, one: &Indicated<'_>) -> Option<Place> {
        project.place(one.service?, one.environment).ok()
    }
}
