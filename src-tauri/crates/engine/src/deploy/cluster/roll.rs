//! Brings a release to a cluster, step by step.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use deployments::kubernetes::{
    self, Action, Applying, Chart, Cluster, Helm, Labels, Manifest, ObjectId, Outcome, Owner, Wanted,
    WorkloadRef, rollout,
};
use store::release::Recorded;

use super::{names, recorded, release_name, render, values};
use crate::deploy::carry_out::Carrying;
use crate::deploy::{At, Place, Roll, What, variables};
use crate::project::Project;
use crate::wire::StepState;
use crate::{Error, Refusal, Result};

/// One step of talking to the cluster.
const STEP: Duration = Duration::from_secs(60);
/// A workload is up within this time, unless `JALON_HEALTH_TIMEOUT` (seconds) says otherwise.
const UP: Duration = Duration::from_secs(300);

/// What is being brought.
struct Bringing {
    cluster: Cluster,
    helm: Option<Helm>,
    manifests: Vec<Manifest>,
    before: Option<Recorded>,
    /// What the same commit was in the environment in front.
    proven: Option<Recorded>,
    /// Objects of the release before that this one has not.
    doomed: Vec<ObjectId>,
}

impl Carrying<'_> {
    /// Renders, compares, applies, follows, records.
    pub(in crate::deploy) async fn roll_on_cluster(&mut self, project: &Project, roll: &Roll) -> Result<()> {
        self.step("render", StepState::Running)?;
        let mut bringing = self.render(project, roll).await?;
        self.step("diff", StepState::Running)?;
        self.compare(project, roll, &mut bringing).await?;
        self.step("apply", StepState::Running)?;
        let revision = self.apply(project, roll, &bringing).await?;
        self.step("rollout", StepState::Running)?;
        let images = self.rollout(roll, &bringing).await?;
        self.step("record", StepState::Running)?;
        if revision.is_none() && !bringing.doomed.is_empty() {
            let gone =
                kubernetes::prune(&bringing.cluster, &bringing.doomed, &roll.place.service, STEP).await?;
            for id in gone {
                self.log.say(format!("{id} deleted: it is no part of this release"));
            }
        }
        self.engine.store.record_release(&Recorded {
            run: self.running.run.id,
            manifests: kubernetes::recorded(&bringing.manifests),
            digest: kubernetes::digest(&bringing.manifests),
            images,
            helm_revision: revision,
        })?;
        self.log.say(format!("{} serves in {}", roll.release.version, roll.place.address()));
        self.step("record", StepState::Done)
    }

    async fn render(&mut self, project: &Project, roll: &Roll) -> Result<Bringing> {
        let cluster = self.engine.cluster_of(&roll.place, STEP).await?;
        self.log.say(format!(
            "{} at {}, namespace {}",
            cluster.context(),
            cluster.server(),
            cluster.namespace()
        ));
        if cluster.read_only(STEP).await? {
            let (environment, context) = (roll.place.environment.clone(), cluster.context().to_owned());
            return Err(Refusal::ReadOnly { environment, context }.into());
        }
        let before = self.engine.recorded_at(&project.dir, &roll.place)?;
        let folder = self.engine.release_folder(&project.dir, &roll.release);
        let environment = project.environment(&roll.place.environment)?;
        let (secret_names, own) = (names(environment), variables(self.engine, roll));
        let mut helm = None;
        let mut manifests = match (&roll.what, roll.back_to_run) {
            (What::Chart { .. }, _) => {
                let found = Helm::find(&self.engine.around.inherited, &cluster, STEP).await?;
                self.log.say(format!("helm {}", found.version()));
                let manifests = match self.helm_revision(roll)? {
                    Some(revision) => {
                        let release = release_name(&roll.place.service);
                        found.manifests(&release, Some(revision), STEP).await?
                    }
                    None => self.with_chart(project, roll, &folder, &found, Asked::Render).await?.0,
                };
                helm = Some(found);
                manifests
            }
            (What::Manifests { .. }, Some(run)) => {
                let release = self.engine.store.release_of(run)?;
                if release.is_none() {
                    let reason = format!("run {run} recorded no manifests, so they cannot be brought back");
                    return Err(
                        Refusal::ReleaseUnknown { environment: environment.name.clone(), reason }.into()
                    );
                }
                recorded(release.as_ref())?
            }
            (What::Manifests { manifests }, None) => {
                let at = &roll.place;
                let mut read =
                    render::manifests(&folder, manifests, at, cluster.namespace(), &own, &secret_names)?;
                if !secret_names.is_empty() {
                    read.push(kubernetes::secret(&format!("{}-secrets", at.service), &secret_names));
                }
                read
            }
            (What::Process { .. }, _) => Vec::new(),
        };
        let proven = self.engine.recorded_before(&project.dir, roll)?;
        if let Some(proven) = &proven {
            expect_same_images(roll, &manifests, proven)?;
        }
        if helm.is_none() {
            let pinned = proven.as_ref().map_or(0, |proven| kubernetes::pin(&mut manifests, &proven.images));
            if pinned > 0 {
                self.log.say(format!("{pinned} images pinned to the digests that ran before"));
            }
            let run = self.running.run.id.to_string();
            let labels =
                Labels { service: &roll.place.service, release: &run, version: &roll.release.version };
            kubernetes::label(&mut manifests, &labels);
        }
        self.log.say(format!("{} objects, {}", manifests.len(), kubernetes::digest(&manifests)));
        Ok(Bringing { cluster, helm, manifests, before, proven, doomed: Vec::new() })
    }

    /// Asks the server what would change, and refuses where an object has another owner.
    async fn compare(&mut self, project: &Project, roll: &Roll, bringing: &mut Bringing) -> Result<()> {
        let environment = project.environment(&roll.place.environment)?;
        let secrets = values(self.secrets, &environment.secrets);
        let release = release_name(&roll.place.service);
        let before = match &bringing.helm {
            Some(helm) => helm.manifests(&release, None, STEP).await?,
            None => recorded(bringing.before.as_ref())?,
        };
        let owner = match &bringing.helm {
            Some(_) => Owner::Helm { release: &release },
            None => Owner::Jalon { service: &roll.place.service },
        };
        let wanted = Wanted { manifests: &bringing.manifests, before: &before, secrets: &secrets, owner };
        let diff = kubernetes::diff(&bringing.cluster, &wanted, STEP).await?;
        bringing.doomed = diff.deletions();
        for change in &diff.changes {
            let fields = match change.fields.len() {
                0 => String::new(),
                1 => ", 1 field".to_owned(),
                many => format!(", {many} fields"),
            };
            self.log.say(format!("{} {}{fields}", verb(change.action), change.id));
        }
        for warning in &diff.warnings {
            self.log.say(format!("the server warns: {warning}"));
        }
        self.log.say(format!("{} objects stay as they are", diff.unchanged));
        match diff.refused() {
            Some(error) => Err(error.into()),
            None => Ok(()),
        }
    }

    /// Applies; the revision of the Helm release, where it is one.
    async fn apply(&mut self, project: &Project, roll: &Roll, bringing: &Bringing) -> Result<Option<u32>> {
        let environment = project.environment(&roll.place.environment)?;
        let secrets = values(self.secrets, &environment.secrets);
        let service = roll.place.service.as_str();
        let Some(helm) = &bringing.helm else {
            let applying = Applying { manifests: &bringing.manifests, secrets: &secrets, service };
            let log = self.log.clone();
            let mut say = |applied: &kubernetes::Applied| match applied.outcome {
                Outcome::Created => log.say(format!("{} created", applied.id)),
                Outcome::Changed => log.say(format!("{} changed", applied.id)),
                Outcome::Unchanged => {}
            };
            kubernetes::apply(&bringing.cluster, &applying, STEP, &mut say).await?;
            return Ok(None);
        };
        if !secrets.is_empty() {
            // A chart reads the environment's secrets from an object beside it.
            let mut own = vec![kubernetes::secret(&format!("{service}-secrets"), &names(environment))];
            let run = self.running.run.id.to_string();
            let labels = Labels { service, release: &run, version: &roll.release.version };
            kubernetes::label(&mut own, &labels);
            let applying = Applying { manifests: &own, secrets: &secrets, service };
            kubernetes::apply(&bringing.cluster, &applying, STEP, &mut |_| {}).await?;
        }
        let release = release_name(service);
        let revision = match self.helm_revision(roll)? {
            Some(revision) => helm.rollback(&release, revision, STEP).await?,
            None => {
                let folder = self.engine.release_folder(&project.dir, &roll.release);
                let (_, revision) = self.with_chart(project, roll, &folder, helm, Asked::Upgrade).await?;
                match revision {
                    Some(revision) => revision,
                    None => return Ok(None),
                }
            }
        };
        self.log.say(format!("Helm release {release}, revision {}", revision.revision));
        Ok(Some(revision.revision))
    }

    async fn with_chart(
        &self,
        project: &Project,
        roll: &Roll,
        folder: &Path,
        helm: &Helm,
        asked: Asked,
    ) -> Result<(Vec<Manifest>, Option<kubernetes::Revision>)> {
        let What::Chart { helm: dir, values: files } = &roll.what else { return Ok((Vec::new(), None)) };
        let environment = project.environment(&roll.place.environment)?;
        let release = release_name(&roll.place.service);
        let texts = render::values(folder, files, &environment.name)?;
        let chart = Chart {
            release: &release,
            dir: &folder.join(dir.replace("{environment}", &environment.name)),
            values: &texts,
            environment: &environment.name,
            variables: &variables(self.engine, roll),
            secrets: &values(self.secrets, &environment.secrets),
            private: self.running.folder.path(),
        };
        Ok(match asked {
            Asked::Render => (helm.rendered(&chart, STEP).await?, None),
            Asked::Upgrade => {
                let words = format!("jalon run {}, {}", self.running.run.id, roll.release.version);
                (Vec::new(), Some(helm.upgrade(&chart, &words, STEP).await?))
            }
        })
    }

    /// The revision that a roll back of a Helm release goes to.
    fn helm_revision(&self, roll: &Roll) -> Result<Option<u32>> {
        let Some(run) = roll.back_to_run else { return Ok(None) };
        let revision = self.engine.store.release_of(run)?.and_then(|release| release.helm_revision);
        match revision {
            Some(revision) => Ok(Some(revision)),
            None => {
                let reason = format!("run {run} recorded no revision of the Helm release");
                let environment = roll.place.environment.clone();
                Err(Refusal::ReleaseUnknown { environment, reason }.into())
            }
        }
    }

    /// Follows the workloads until they are up; digests of the images that run.
    async fn rollout(&mut self, roll: &Roll, bringing: &Bringing) -> Result<BTreeMap<String, String>> {
        let limit = self.engine.around.variable("JALON_HEALTH_TIMEOUT").and_then(|text| text.parse().ok());
        let limit = limit.map_or(UP, Duration::from_secs);
        let workloads = workloads(&bringing.manifests);
        if workloads.is_empty() {
            self.log.say("nothing in it has pods: there is no rollout to follow");
            return Ok(BTreeMap::new());
        }
        let log = self.log.clone();
        let mut say = |progress: rollout::Progress| log.say(progress.to_string());
        let (client, namespace) = (bringing.cluster.watching(), bringing.cluster.namespace());
        let limits = rollout::Limits::within(limit);
        let followed =
            rollout::follow(client, namespace, &workloads, limits, &self.running.cancel, &mut say).await;
        let up = match followed {
            Ok(up) => up,
            Err(rollout::RolloutError::Cancelled) => return Err(Error::Cancelled),
            Err(error) => {
                if let rollout::RolloutError::Failed { cause, log, .. } = &error {
                    for line in cause.evidence.iter().chain(log) {
                        self.log.say(line);
                    }
                }
                return Err(Error::Rollout(error));
            }
        };
        let mut images = BTreeMap::new();
        for running in &up.workloads {
            self.log.say(format!("{}: {}", running.workload, running.message));
            for image in &running.images {
                if let Some(digest) = &image.digest {
                    images.insert(unpinned(&image.image).to_owned(), digest.clone());
                }
            }
        }
        if let Some(proven) = &bringing.proven {
            expect_same_digests(roll, &images, proven)?;
        }
        Ok(images)
    }

    pub(in crate::deploy) async fn stop_on_cluster(
        &mut self,
        project: &Project,
        place: &Place,
    ) -> Result<()> {
        let cluster = self.engine.cluster_of(place, STEP).await?;
        let At::Cluster { .. } = place.at else { return super::nothing(place) };
        let release = self.engine.recorded_at(&project.dir, place)?;
        let manifests = recorded(release.as_ref())?;
        if release.as_ref().is_some_and(|release| release.helm_revision.is_some()) {
            let helm = Helm::find(&self.engine.around.inherited, &cluster, STEP).await?;
            helm.uninstall(&release_name(&place.service), STEP).await?;
        }
        // Data outlives the service that wrote it.
        let (kept, ids): (Vec<_>, Vec<_>) =
            manifests.iter().map(Manifest::id).partition(|id| id.kind == "PersistentVolumeClaim");
        for id in kubernetes::prune(&cluster, &ids, &place.service, STEP).await? {
            self.log.say(format!("{id} deleted"));
        }
        for id in kept {
            self.log
                .say(format!("{id} stays: it holds data; delete it with kubectl once that is not needed"));
        }
        self.log.say(format!("{} is stopped in {}", place.service, place.environment));
        self.step("stop", StepState::Done)
    }
}

/// Refuses images that did not run in the environment in front.
fn expect_same_images(roll: &Roll, manifests: &[Manifest], proven: &Recorded) -> Result<()> {
    let names = |manifests: &[Manifest]| -> Vec<String> {
        kubernetes::images(manifests).iter().map(|image| unpinned(image).to_owned()).collect()
    };
    let ran = names(&recorded(Some(proven))?);
    let others: Vec<String> = names(manifests).into_iter().filter(|image| !ran.contains(image)).collect();
    if others.is_empty() {
        return Ok(());
    }
    let from = roll.promotes_from.as_deref().unwrap_or_default();
    Err(closed(roll, format!("{} did not run in {from}: there it was {}", others.join(", "), ran.join(", "))))
}

/// An image's name and tag without its digest.
fn unpinned(image: &str) -> &str {
    image.split_once('@').map_or(image, |(name, _)| name)
}

/// Refuses a tag that means another image now than it did in the environment in front.
fn expect_same_digests(roll: &Roll, images: &BTreeMap<String, String>, proven: &Recorded) -> Result<()> {
    let moved =
        images.iter().find(|(image, digest)| proven.images.get(*image).is_some_and(|ran| ran != *digest));
    let Some((image, digest)) = moved else { return Ok(()) };
    let from = roll.promotes_from.as_deref().unwrap_or_default();
    let ran = &proven.images[image];
    Err(closed(
        roll,
        format!("{image} is {digest} now, and was {ran} in {from}: its tag was moved; roll back"),
    ))
}

fn closed(roll: &Roll, reasons: String) -> Error {
    let (environment, version) = (roll.place.environment.clone(), roll.release.version.clone());
    Refusal::GateClosed { environment, version, reasons }.into()
}

/// Objects whose pods a rollout waits for.
fn workloads(manifests: &[Manifest]) -> Vec<WorkloadRef> {
    let ids = manifests.iter().map(Manifest::id);
    let followed = ids.filter(|id| rollout::is_followed(&id.kind));
    followed.map(|id| WorkloadRef { kind: id.kind, name: id.name }).collect()
}

fn verb(action: Action) -> &'static str {
    match action {
        Action::Delete => "delete",
        Action::Update => "update",
        Action::Create => "create",
    }
}

/// What a chart is asked for.
enum Asked {
    Render,
    Upgrade,
}
