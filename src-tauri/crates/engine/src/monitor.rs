//! Monitoring.

use crate::wire::*;
use crate::{Engine, Error, Result, Work};

fn not_yet<T>() -> Result<T> {
    Err(Error::BadRequest { reason: "not there yet".into() })
}

/// The screen.
///
/// # Errors
/// Always: the slice that brings it replaces this.
pub async fn monitoring(_engine: &Engine, _params: MonitoringQuery, _work: &Work) -> Result<Monitoring> {
    not_yet()
}

/// Alarms.
///
/// # Errors
/// Always: the slice that brings it replaces this.
pub async fn alarms(_engine: &Engine, _params: ProjectDir, _work: &Work) -> Result<Alarms> {
    not_yet()
}

/// Silences.
///
/// # Errors
/// Always: the slice that brings it replaces this.
pub async fn alarm_silence(_engine: &Engine, _params: Silence, _work: &Work) -> Result<Alarms> {
    not_yet()
}

/// Acknowledges.
///
/// # Errors
/// Always: the slice that brings it replaces this.
pub async fn alarm_acknowledge(_engine: &Engine, _params: AlarmId, _work: &Work) -> Result<Alarms> {
    not_yet()
}

/// Acts.
///
/// # Errors
/// Always: the slice that brings it replaces this.
pub async fn alarm_act(_engine: &Engine, _params: AlarmAct, _work: &Work) -> Result<Started> {
    not_yet()
}

/// PromQL.
///
/// # Errors
/// Always: the slice that brings it replaces this.
pub async fn monitor_query(_engine: &Engine, _params: MetricsQuery, _work: &Work) -> Result<MetricsAnswer> {
    not_yet()
}
