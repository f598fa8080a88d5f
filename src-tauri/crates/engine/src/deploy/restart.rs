//! The live release once more: what it was started as, started anew.

use runs::NewRun;

use super::{At, Plan, Roll, confirmed};
use crate::project::Project;
use crate::wire::Started;
use crate::{Engine, Refusal, Result};

/// Starts the release again that serves in an environment; `command` is the `jalonctl` line that asks for it. No gate
/// asks: the release is there already.
///
/// # Errors
/// Nothing serves there, somebody else rolls it out, or the environment's name was not typed.
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
    engine.expect_trust(&project.dir, &project.config)?;
    let nothing =
        || Refusal::NothingRuns { service: place.service.clone(), environment: place.environment.clone() };
    let live = engine.live(&project.dir, &place).await?.ok_or_else(nothing)?;
    engine.expect_brought_here(&project.dir, &place, super::cluster::ANSWERS).await?;
    let brought = engine.brought(&project.dir, &place)?;
    let brought = brought
        .iter()
        .find(|run| run.what.sha.as_deref() == Some(&live.commit) && run.what.dirty == live.dirty)
        .ok_or_else(nothing)?;
    let Ok(Plan::Roll(roll)) = serde_json::from_str(&brought.what.plan) else { return Err(nothing().into()) };
    confirmed(environment, confirm)?;
    if let At::Cluster { .. } = place.at {
        // Its pods are replaced as they are, which must be those of the release that is said to serve.
        if let Some(run) = engine.broken_off_at(&project.dir, &place)?.first() {
            let reason = format!("{}; deploy again or roll back first", super::left_by(run));
            return Err(Refusal::ReleaseUnknown { environment: environment.name.clone(), reason }.into());
        }
        super::plan::expect_own(super::plan::service_of(&project.config, service, "jalon.toml")?)?;
        let release = roll.release;
        let words = vec![format!(
            "replace the pods of {service} {} in {} by new ones",
            release.version,
            place.address()
        )];
        let new = NewRun {
            kind: "action".to_owned(),
            version: Some(release.version.clone()),
            sha: Some(release.sha.clone()),
            dirty: release.dirty.is_some(),
            command,
            ..engine.new_run(project, environment, &Plan::Restart { place, release }).await?
        };
        // Nothing is rendered or applied, so no secret is needed; those that are known are masked in what pods say.
        let (known, _) = engine.known_secrets_of(environment).await;
        return engine.start(new, &known, words).await;
    }
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
