//! Brings a release to a cluster, step by step.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use deployments::kubernetes::{
    self, Action, Applying, Chart, Cluster, Helm, Labels, Manifest, ObjectId, Outcome, Owner, Wanted,
    WorkloadRef, rollout,
};
use store::release::Recorded;

use super::history::Proven;
use super::{beside_charts, names, recorded, release_name, render, secret_name, values};
use crate::carry_out::Carrying;
use crate::deploy::gate::expect_still_open;
use crate::deploy::{At, Place, Roll, What, variables};
use crate::project::Project;
use crate::wire::StepState;
use crate::{Error, Refusal, Result};

/// One step of talking to the cluster.
pub(super) const STEP: Duration = Duration::from_secs(60);
/// A workload is up within this time, unless `JALON_HEALTH_TIMEOUT` (seconds) says otherwise.
pub(super) const UP: Duration = Duration::from_secs(300);

/// What is being brought.
struct Bringing {
    cluster: Cluster,
    helm: Option<Helm>,
    manifests: Vec<Manifest>,
    /// What Jalon itself puts beside a chart: the Secret with the environment's secrets.
    beside: Vec<Manifest>,
    /// What may be there of the releases before.
    before: Vec<Manifest>,
    /// What the same commit was in the environment in front.
    proven: Option<Proven>,
    /// Objects of Jalon's that were there before and are no part of this release.
    doomed: Vec<ObjectId>,
    /// Objects that it creates or changes.
    touched: Vec<ObjectId>,
}

impl Carrying<'_> {
    /// Renders, compares, applies, follows, records.
    pub(in crate::deploy) async fn roll_on_cluster(
        &mut self,
        project: &Project,
        clone: &git::Clone,
        roll: &Roll,
    ) -> Result<()> {
        self.step("render", StepState::Running)?;
        let mut bringing = self.render_objects(project, roll).await?;
        self.step("diff", StepState::Running)?;
        self.compare(project, roll, &mut bringing).await?;
        self.step("apply", StepState::Running)?;
        // Rendering and comparing took a while: a check may have turned red, and somebody may have thought better of it.
        if roll.gated() {
            expect_still_open(self.engine, project, clone, roll).await?;
        }
        if self.running.cancel.is_cancelled() {
            return Err(Error::Cancelled);
        }
        self.record(&bringing, BTreeMap::new(), None)?;
        self.leaves(in_part(roll, &bringing))?;
        let revision = self.apply_objects(project, roll, &bringing).await?;
        self.leaves(applied(roll, &bringing, revision))?;
        self.step("rollout", StepState::Running)?;
        let images = self.rollout(&bringing).await?;
        self.step("record", StepState::Running)?;
        if !bringing.doomed.is_empty() {
            let gone =
                kubernetes::prune(&bringing.cluster, &bringing.doomed, &roll.place.service, STEP).await?;
            for id in gone {
                self.log.say(format!("{id} deleted: it is no part of this release"));
            }
        }
        self.record(&bringing, images, revision)?;
        self.log.say(format!("{} serves in {}", roll.release.version, roll.place.address()));
        self.step("record", StepState::Done)
    }

    /// Records what is brought. It is so before it is applied, so that what a killed run left can be found again.
    fn record(
        &self,
        bringing: &Bringing,
        images: BTreeMap<String, String>,
        helm_revision: Option<u32>,
    ) -> Result<()> {
        let manifests = match &bringing.helm {
            None => kubernetes::recorded(&bringing.manifests),
            Some(_) => {
                let all: Vec<_> = bringing.manifests.iter().chain(&bringing.beside).cloned().collect();
                kubernetes::recorded_masked(&all, self.mask)
            }
        };
        let digest = kubernetes::digest(&bringing.manifests);
        let run = self.running.run.id;
        Ok(self.engine.store.record_release(&Recorded { run, manifests, digest, images, helm_revision })?)
    }

    async fn render_objects(&mut self, project: &Project, roll: &Roll) -> Result<Bringing> {
        let cluster = self.reach(&roll.place).await?;
        let before = self.engine.objects_at(&project.dir, &roll.place)?;
        for run in self.engine.broken_off_at(&project.dir, &roll.place)? {
            self.log.say(crate::deploy::left_by(&run));
        }
        let folder = self.engine.release_folder(&project.dir, &roll.release);
        let environment = project.environment(&roll.place.environment)?;
        let (secret_names, own) = (names(environment), variables(self.engine, roll));
        let from = roll.promotes_from.as_deref().filter(|_| !roll.back);
        let proven = self.engine.proven(project, from, &roll.place.service, &roll.release.sha).await?;
        if let (Some(from), None) = (from, &proven)
            && self.engine.is_on_cluster(project, from, &roll.place.service)?
        {
            return Err(closed(roll, format!("nothing is recorded here of the images that ran in {from}")));
        }
        let mut helm = None;
        let mut manifests = match (&roll.what, roll.back_to_run) {
            (What::Chart { .. }, _) => {
                let found = Helm::find(&self.engine.around.inherited, &cluster, STEP).await?;
                let found = found.cancelled_by(&self.running.cancel);
                self.log.say(format!("helm {}", found.version()));
                let manifests = match self.helm_revision(roll)? {
                    Some(revision) => {
                        let release = release_name(&roll.place.service);
                        found.manifests(&release, Some(revision), STEP).await?
                    }
                    None => self.with_chart(project, roll, proven.as_ref(), &found, Asked::Render).await?.0,
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
                let mut manifests = recorded(release.as_ref())?;
                // A tag may mean another image by now.
                kubernetes::pin(&mut manifests, &release.unwrap_or_default().images);
                manifests
            }
            (What::Manifests { manifests }, None) => {
                let at = &roll.place;
                let mut read =
                    render::manifests(&folder, manifests, at, cluster.namespace(), &own, &secret_names)?;
                if !secret_names.is_empty() {
                    read.push(kubernetes::secret(&secret_name(&at.service), &secret_names));
                }
                read
            }
            (What::Process { .. }, _) => Vec::new(),
        };
        if let Some(proven) = &proven {
            expect_same_images(roll, &manifests, proven)?;
            if helm.is_none() {
                kubernetes::pin(&mut manifests, &proven.digests);
            }
            let (pinned, others): (Vec<_>, Vec<_>) =
                kubernetes::images(&manifests).into_iter().partition(|image| image.contains('@'));
            if !pinned.is_empty() {
                self.log.say(format!("images pinned to the digests that ran before: {}", pinned.len()));
            }
            if !others.is_empty() {
                let others = others.join(", ");
                self.log.say(format!("not pinned, because the cluster named no digest of it: {others}"));
            }
        }
        let run = self.running.run.id.to_string();
        let labels = Labels {
            service: &roll.place.service,
            release: &run,
            version: &roll.release.version,
            commit: roll.release.dirty.is_none().then_some(roll.release.sha.as_str()),
            brought: &self.engine.now().to_string(),
            environment: &roll.place.environment,
        };
        let mut beside = Vec::new();
        if helm.is_none() {
            kubernetes::label(&mut manifests, &labels);
        } else if !secret_names.is_empty() {
            beside.push(kubernetes::secret(&secret_name(&roll.place.service), &secret_names));
            kubernetes::label(&mut beside, &labels);
        }
        self.log.say(format!("{} objects, {}", manifests.len(), kubernetes::digest(&manifests)));
        let (doomed, touched) = (Vec::new(), Vec::new());
        Ok(Bringing { cluster, helm, manifests, beside, before, proven, doomed, touched })
    }

    /// Asks the server what would change, and refuses where an object has another owner.
    async fn compare(&mut self, project: &Project, roll: &Roll, bringing: &mut Bringing) -> Result<()> {
        let environment = project.environment(&roll.place.environment)?;
        let secrets = values(self.secrets, &environment.secrets);
        let service = roll.place.service.as_str();
        let owner = Owner::Jalon { service };
        let Some(helm) = &bringing.helm else {
            let (manifests, before) = (&bringing.manifests, &bringing.before);
            let wanted = Wanted { manifests, before, secrets: &secrets, owner };
            (bringing.doomed, bringing.touched) = self.differs(&bringing.cluster, &wanted).await?;
            return Ok(());
        };
        let release = release_name(service);
        let before = helm.manifests(&release, None, STEP).await?;
        let manifests = &bringing.manifests;
        let owner_of_chart = Owner::Helm { release: &release };
        let wanted = Wanted { manifests, before: &before, secrets: &secrets, owner: owner_of_chart };
        self.differs(&bringing.cluster, &wanted).await?;
        let before = beside_charts(&bringing.before, service);
        let wanted = Wanted { manifests: &bringing.beside, before: &before, secrets: &secrets, owner };
        bringing.doomed = self.differs(&bringing.cluster, &wanted).await?.0;
        Ok(())
    }

    /// Asks the server, and tells the log; objects that are to go, and those that are created or changed.
    async fn differs(
        &self,
        cluster: &Cluster,
        wanted: &Wanted<'_>,
    ) -> Result<(Vec<ObjectId>, Vec<ObjectId>)> {
        let diff = kubernetes::diff(cluster, wanted, STEP).await?;
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
            None => {
                let touched = diff.changes.iter().filter(|change| change.action != Action::Delete);
                Ok((diff.deletions(), touched.map(|change| change.id.clone()).collect()))
            }
        }
    }

    /// Applies; the revision of the Helm release, where it is one.
    async fn apply_objects(
        &mut self,
        project: &Project,
        roll: &Roll,
        bringing: &Bringing,
    ) -> Result<Option<u32>> {
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
        if !bringing.beside.is_empty() {
            // A chart reads the environment's secrets from an object beside it.
            let applying = Applying { manifests: &bringing.beside, secrets: &secrets, service };
            kubernetes::apply(&bringing.cluster, &applying, STEP, &mut |_| {}).await?;
        }
        let release = release_name(service);
        let revision = match self.helm_revision(roll)? {
            Some(revision) => helm.rollback(&release, revision, STEP).await?,
            None => {
                let proven = bringing.proven.as_ref();
                let (_, revision) = self.with_chart(project, roll, proven, helm, Asked::Upgrade).await?;
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
        proven: Option<&Proven>,
        helm: &Helm,
        asked: Asked,
    ) -> Result<(Vec<Manifest>, Option<kubernetes::Revision>)> {
        let What::Chart { helm: dir, values: files } = &roll.what else { return Ok((Vec::new(), None)) };
        let folder = self.engine.release_folder(&project.dir, &roll.release);
        let environment = project.environment(&roll.place.environment)?;
        let release = release_name(&roll.place.service);
        let texts = render::values(&folder, files, &environment.name)?;
        let chart = Chart {
            release: &release,
            dir: &folder.join(dir.replace("{environment}", &environment.name)),
            values: &texts,
            environment: &environment.name,
            variables: &variables(self.engine, roll),
            secrets: &values(self.secrets, &environment.secrets),
            pins: self.engine.pins(proven),
            private: self.running.folder.path(),
        };
        Ok(match asked {
            Asked::Render => {
                let rendered = helm.rendered(&chart, STEP).await?;
                if proven.is_some() && !rendered.hook_images.is_empty() {
                    let images = rendered.hook_images.join(", ");
                    self.log.say(format!("neither pinned nor compared, because hooks run them: {images}"));
                }
                (rendered.manifests, None)
            }
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
    async fn rollout(&mut self, bringing: &Bringing) -> Result<BTreeMap<String, String>> {
        let workloads = workloads(&bringing.manifests);
        if workloads.is_empty() {
            self.log.say("nothing in it has pods: there is no rollout to follow");
            return Ok(BTreeMap::new());
        }
        let up = self.follow(&bringing.cluster, &workloads).await?;
        for running in &up.workloads {
            self.log.say(format!("{}: {}", running.workload, running.message));
        }
        let running = up.workloads.iter().flat_map(|running| &running.images);
        let known = running.filter_map(|image| Some((&image.image, image.digest.clone()?)));
        Ok(known.map(|(image, digest)| (unpinned(image).to_owned(), digest)).collect())
    }

    pub(in crate::deploy) async fn stop_on_cluster(
        &mut self,
        project: &Project,
        place: &Place,
    ) -> Result<()> {
        let cluster = self.engine.cluster_of(place, STEP).await?;
        let At::Cluster { .. } = place.at else { return super::nothing(place) };
        self.engine.expect_brought_here(&project.dir, place, STEP).await?;
        if cluster.read_only(STEP).await? {
            let (environment, context) = (place.environment.clone(), cluster.context().to_owned());
            return Err(Refusal::ReadOnly { environment, context }.into());
        }
        self.leaves(vec![format!(
            "{} in {} may be gone in part; stop again, or deploy",
            place.service,
            place.address()
        )])?;
        let mut manifests = Vec::new();
        if self.engine.helm_at(&project.dir, place)? {
            let release = release_name(&place.service);
            let helm = Helm::find(&self.engine.around.inherited, &cluster, STEP).await?;
            // An installation that broke off may have begun before Helm knew of it.
            if !helm.history(&release, STEP).await?.is_empty() {
                helm.uninstall(&release, STEP).await?;
            }
            // The object beside the chart, from which it reads the secrets.
            manifests.push(kubernetes::secret(&secret_name(&place.service), &BTreeSet::new()));
        } else {
            manifests = self.engine.objects_at(&project.dir, place)?;
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

/// Refuses images that did not run in the environment in front: others by name, and others by digest.
fn expect_same_images(roll: &Roll, manifests: &[Manifest], proven: &Proven) -> Result<()> {
    let ran = &proven.images;
    let same = |image: &String| match image.split_once('@') {
        Some((name, digest)) => {
            ran.contains(image) || proven.digests.get(name).is_some_and(|known| known == digest)
        }
        None => ran.iter().any(|ran| unpinned(ran) == image),
    };
    let others: Vec<String> =
        kubernetes::images(manifests).into_iter().filter(|image| !same(image)).collect();
    if others.is_empty() {
        return Ok(());
    }
    let from = roll.promotes_from.as_deref().unwrap_or_default();
    Err(closed(roll, format!("{} did not run in {from}: there it was {}", others.join(", "), ran.join(", "))))
}

/// An image's name and tag without its digest.
pub(super) fn unpinned(image: &str) -> &str {
    image.split_once('@').map_or(image, |(name, _)| name)
}

fn closed(roll: &Roll, reasons: String) -> Error {
    let (environment, version) = (roll.place.environment.clone(), roll.release.version.clone());
    Refusal::GateClosed { environment, version, reasons }.into()
}

/// What a run leaves that goes no further than applying.
fn in_part(roll: &Roll, bringing: &Bringing) -> Vec<String> {
    let (version, address) = (&roll.release.version, roll.place.address());
    let (service, environment) = (&roll.place.service, &roll.place.environment);
    match &bringing.helm {
        Some(_) => vec![format!(
            "the Helm release {} in {address} may be in part {version}, and stay pending where Helm was ended, too; then \
             jalonctl rollback {service} --env {environment} goes back, and jalonctl stop removes a first installation",
            release_name(service)
        )],
        None if bringing.touched.is_empty() => Vec::new(),
        None => vec![format!(
            "of {version}, these may be in {address} already: {}; the next deployment or roll back replaces them",
            listed(&bringing.touched)
        )],
    }
}

/// What a run leaves that applied everything and does not see it come up.
fn applied(roll: &Roll, bringing: &Bringing, revision: Option<u32>) -> Vec<String> {
    let (version, address) = (&roll.release.version, roll.place.address());
    let what = match revision {
        Some(revision) => format!("Helm release {}, revision {revision}", release_name(&roll.place.service)),
        None if bringing.touched.is_empty() => return Vec::new(),
        None => listed(&bringing.touched),
    };
    vec![format!(
        "{version} is applied in {address} ({what}) and comes up as far as it can; deploy again, or roll back"
    )]
}

/// Objects by name; of many the first.
fn listed(ids: &[ObjectId]) -> String {
    const NAMED: usize = 8;
    let mut names: Vec<String> = ids.iter().take(NAMED).map(ToString::to_string).collect();
    if ids.len() > NAMED {
        names.push(format!("{} more", ids.len() - NAMED));
    }
    names.join(", ")
}

/// Objects whose pods a rollout waits for.
pub(super) fn workloads(manifests: &[Manifest]) -> Vec<WorkloadRef> {
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
