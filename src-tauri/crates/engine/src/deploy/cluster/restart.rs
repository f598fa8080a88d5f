//! Restarts what serves on a cluster, and follows it.

use std::path::Path;
use std::time::Duration;

use deployments::kubernetes::{self, Cluster, Helm, Owner, RolledOut, WorkloadRef, rollout};

use super::roll::{STEP, UP, workloads};
use super::{recorded, release_name};
use crate::carry_out::Carrying;
use crate::deploy::{Place, Release};
use crate::wire::StepState;
use crate::{Error, Refusal, Result};

impl Carrying<'_> {
    /// Replaces the pods of what serves by new ones of the same release.
    pub(in crate::deploy) async fn restart_on_cluster(
        &mut self,
        project: &Path,
        place: &Place,
        release: &Release,
    ) -> Result<()> {
        self.step("restart", StepState::Running)?;
        let cluster = self.reach(place).await?;
        self.engine.expect_brought_here(project, place, STEP).await?;
        let name = release_name(&place.service);
        let (manifests, owner) = if self.engine.helm_at(project, place)? {
            let helm = Helm::find(&self.engine.around.inherited, &cluster, STEP).await?;
            (helm.manifests(&name, None, STEP).await?, Owner::Helm { release: &name })
        } else {
            let release = self.engine.recorded_at(project, place)?;
            (recorded(release.as_ref())?, Owner::Jalon { service: &place.service })
        };
        let wanted: Vec<WorkloadRef> = workloads(&manifests)
            .into_iter()
            .filter(|workload| kubernetes::is_restarted(&workload.kind))
            .collect();
        if wanted.is_empty() {
            let (service, environment) = (place.service.clone(), place.environment.clone());
            return Err(Refusal::from(crate::AlarmRefusal::CannotRestart { service, environment }).into());
        }
        let names: Vec<String> = wanted.iter().map(ToString::to_string).collect();
        self.leaves(vec![format!(
            "pods of {} in {} may be on their way to new ones of {}",
            names.join(", "),
            place.address(),
            release.version
        )])?;
        let at = self.engine.now().to_string();
        for workload in kubernetes::restart(&cluster, &wanted, owner, &at, STEP).await? {
            self.log.say(format!("{workload}: its pods are replaced"));
        }
        self.step("rollout", StepState::Running)?;
        for running in self.follow(&cluster, &wanted).await?.workloads {
            self.log.say(format!("{}: {}", running.workload, running.message));
        }
        self.step("rollout", StepState::Done)
    }

    /// The cluster of a place, which may be changed.
    pub(super) async fn reach(&self, place: &Place) -> Result<Cluster> {
        let cluster = self.engine.cluster_of(place, STEP).await?;
        let (context, namespace) = (cluster.context(), cluster.namespace());
        self.log.say(format!("{context} at {}, namespace {namespace}", cluster.server()));
        if cluster.read_only(STEP).await? {
            let (environment, context) = (place.environment.clone(), context.to_owned());
            return Err(Refusal::ReadOnly { environment, context }.into());
        }
        Ok(cluster)
    }

    /// Follows workloads until they are up, or cannot be.
    pub(super) async fn follow(&self, cluster: &Cluster, workloads: &[WorkloadRef]) -> Result<RolledOut> {
        let limit = self.engine.around.variable("JALON_HEALTH_TIMEOUT").and_then(|text| text.parse().ok());
        let limits = rollout::Limits::within(limit.map_or(UP, Duration::from_secs));
        let log = self.log.clone();
        let mut say = |progress: rollout::Progress| log.say(progress.to_string());
        let (client, namespace, cancel) = (cluster.watching(), cluster.namespace(), &self.running.cancel);
        match rollout::follow(client, namespace, workloads, limits, cancel, &mut say).await {
            Ok(up) => Ok(up),
            Err(rollout::RolloutError::Cancelled) => Err(Error::Cancelled),
            Err(error) => {
                if let rollout::RolloutError::Failed { cause, log, .. } = &error {
                    for line in cause.evidence.iter().chain(log) {
                        self.log.say(line);
                    }
                }
                Err(Error::Rollout(error))
            }
        }
    }
}
