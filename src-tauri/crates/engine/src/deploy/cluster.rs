//! A service on a cluster.

use std::path::Path;

use super::Place;
use super::view::Live;
use crate::project::Project;
use crate::wire::{EnvironmentView, Health, HealthState, Log};
use crate::{Engine, Refusal, Result};

pub(super) async fn service_log(
    _engine: &Engine,
    _project: &Project,
    place: &Place,
    _lines: u32,
) -> Result<Log> {
    nothing(place)
}

pub(super) fn nothing<T>(place: &Place) -> Result<T> {
    let (service, environment) = (place.service.clone(), place.environment.clone());
    Err(Refusal::NothingRuns { service, environment }.into())
}

impl Engine {
    pub(super) async fn on_cluster(
        &self,
        _project: &Path,
        _place: &Place,
        _view: &mut EnvironmentView,
    ) -> Result<()> {
        Ok(())
    }

    pub(super) async fn at_cluster(&self, _project: &Path, _place: &Place) -> Result<(Option<Live>, Health)> {
        Ok((None, Health { state: HealthState::Unknown, detail: None, checked: None }))
    }
}
