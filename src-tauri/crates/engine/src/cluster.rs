//! A service on a cluster.

use crate::wire::*;
use crate::{Engine, Error, Result, Work};

fn not_yet<T>() -> Result<T> {
    Err(Error::BadRequest { reason: "not there yet".into() })
}

/// What a deployment would change.
///
/// # Errors
/// Always: the slice that brings it replaces this.
pub async fn diff(_engine: &Engine, _params: DiffQuery, _work: &Work) -> Result<Diff> {
    not_yet()
}

/// Workloads and events.
///
/// # Errors
/// Always: the slice that brings it replaces this.
pub async fn cluster(_engine: &Engine, _params: ClusterQuery, _work: &Work) -> Result<ClusterView> {
    not_yet()
}

/// News of them.
///
/// # Errors
/// Always: the slice that brings it replaces this.
pub async fn cluster_watch(_engine: &Engine, _params: ClusterWatch, _work: &Work) -> Result<ClusterView> {
    not_yet()
}

/// A log.
///
/// # Errors
/// Always: the slice that brings it replaces this.
pub async fn pod_log(_engine: &Engine, _params: PodLogQuery, _work: &Work) -> Result<Log> {
    not_yet()
}
