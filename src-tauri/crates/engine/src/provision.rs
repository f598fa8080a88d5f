//! Provisioning.

use crate::wire::*;
use crate::{Engine, Error, Result, Work};

fn not_yet<T>() -> Result<T> {
    Err(Error::BadRequest { reason: "not there yet".into() })
}

/// Stacks.
///
/// # Errors
/// Always: the slice that brings it replaces this.
pub async fn provisioning(_engine: &Engine, _params: ProjectDir, _work: &Work) -> Result<Provisioning> {
    not_yet()
}

/// Plans.
///
/// # Errors
/// Always: the slice that brings it replaces this.
pub async fn provision_plan(_engine: &Engine, _params: ProvisionRequest, _work: &Work) -> Result<Started> {
    not_yet()
}

/// A plan.
///
/// # Errors
/// Always: the slice that brings it replaces this.
pub async fn provision_show(_engine: &Engine, _params: RunId, _work: &Work) -> Result<ProvisionPlan> {
    not_yet()
}

/// Applies.
///
/// # Errors
/// Always: the slice that brings it replaces this.
pub async fn provision_apply(_engine: &Engine, _params: ProvisionApply, _work: &Work) -> Result<Started> {
    not_yet()
}

/// Discards.
///
/// # Errors
/// Always: the slice that brings it replaces this.
pub async fn provision_discard(_engine: &Engine, _params: RunId, _work: &Work) -> Result<RunDetail> {
    not_yet()
}

/// Unlocks.
///
/// # Errors
/// Always: the slice that brings it replaces this.
pub async fn provision_unlock(_engine: &Engine, _params: ProvisionUnlock, _work: &Work) -> Result<Started> {
    not_yet()
}
