//! The live release once more: what it was started as, started anew.

use runs::NewRun;

use super::{At, Plan, Roll, confirmed};
use crate::project::Project;
use crate::wire::Started;
use crate::{AlarmRefusal, Engine, Refusal, Result};

/// Starts the release again that serves in an environment; `command` is the `jalonctl` line that asks for it. No gate
/// asks: the release is there already.
///
/// # Errors
/// Nothing serves there, the environment's name was not typed, or its target cannot restart.
pub(crate) async fn restart(
    engine: &Engine,
    project: &Project,
    service: &str,
    environment: &str,
    confirm: Option<&str>,
    command: String,
) -> Result<Started> {
    let environment = project.environment(environment)?;
    let place = project.place(service, environment)?;
    if let At::Cluster { .. } = place.at {
        let (service, environment) = (place.service, place.environment);
        return Err(Refusal::from(AlarmRefusal::CannotRestart { service, environment }).into());
    }
    engine.expect_trust(&project.dir, &project.config)?;
    let nothing =
        || Refusal::NothingRuns { service: place.service.clone(), environment: place.environment.clone() };
    let live = engine.live(&project.dir, &place).await?.ok_or_else(nothing)?;
    let brought = engine.brought(&project.dir, &place)?;
    let brought = brought
        .iter()
        .find(|run| run.what.sha.as_deref() == Some(&live.commit) && run.what.dirty == live.dirty)
        .ok_or_else(nothing)?;
    let Ok(Plan::Roll(roll)) = serde_json::from_str(&brought.what.plan) else { return Err(nothing().into()) };
    confirmed(environment, confirm)?;
    let roll = Roll { place, confirmed: confirm.map(str::to_owned), back: true, ..*roll };
    let secrets = engine.secrets_of(environment).await?;
    let words = vec![format!(
        "start {} {} again in {}",
        roll.place.service, roll.release.version, roll.place.environment
    )];
    let new = NewRun {
        kind: "action".to_owned(),
        version: Some(roll.release.version.clone()),
        sha: Some(roll.release.sha.clone()),
        dirty: roll.release.dirty.is_some(),
        command,
        ..engine.new_run(project, environment, &Plan::Roll(Box::new(roll))).await?
    };
    engine.start(new, &secrets, words).await
}
