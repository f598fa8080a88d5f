//! What a cluster shows of a service, kept up to date while somebody looks.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use credentials::Masker;
use deployments::kubernetes::{self, Cluster, Live, LogOf, Selector, view::View};
use jiff::Timestamp;

use super::shape::{cause, news, on_wire, unreadable, whole};
use super::{ANSWERS, release_name, remembered};
use crate::deploy::{At, Place};
use crate::project::Project;
use crate::wire::*;
use crate::{Engine, Error, Refusal, Result, Work};

/// A watcher is answered after this time at the latest.
const WATCH: Duration = Duration::from_secs(5);
/// Watches that nobody asked about for so long are ended.
const IDLE: Duration = Duration::from_secs(120);
/// What is known of secrets is looked at again after this time.
const KNOWN: Duration = Duration::from_secs(5);
/// Views that are remembered: of more windows than that, some are told everything again.
const TOLD: usize = 4;
/// More views than a watch ever draws; with the number of the watch they are exact in JavaScript.
const VIEWS: u64 = 1 << 32;
/// Lines of a pod's log.
const LINES: usize = 500;

/// What is watched on clusters.
#[derive(Default)]
pub(crate) struct Watched {
    all: Vec<Watching>,
    /// How many watches were begun.
    begun: u32,
}

/// Watches of one service in a namespace.
struct Watching {
    place: Place,
    helm: bool,
    seeing: Seeing,
    asked: Timestamp,
    /// When it was looked which secrets are known.
    masked: Timestamp,
    /// Views that were handed out with this mask, the newest last.
    told: VecDeque<View>,
}

/// A watched service.
#[derive(Clone)]
struct Seeing {
    cluster: Cluster,
    read_only: bool,
    live: Live,
    /// Tells this watch from an earlier one of the same service.
    number: u32,
    /// Knows the environment's secrets: a container's last words can hold one.
    mask: Arc<Masker>,
}

/// What is known of a service on a cluster.
pub(super) struct OnCluster {
    pub view: View,
    pub cluster: Cluster,
    pub read_only: bool,
    pub mask: Arc<Masker>,
    number: u32,
}

impl Seeing {
    fn with(self, view: View) -> OnCluster {
        let Self { cluster, read_only, number, mask, .. } = self;
        OnCluster { view, cluster, read_only, mask, number }
    }

    /// The revision of its own views that is called so outside; none for one of another watch.
    fn revision(&self, outside: u64) -> Option<u64> {
        outside.checked_sub(u64::from(self.number) * VIEWS).filter(|revision| *revision < VIEWS)
    }
}

impl OnCluster {
    /// What the revision of one of its views is called outside, where watches come and go: none is called like another.
    pub(super) fn revision(&self, view: &View) -> u64 {
        u64::from(self.number) * VIEWS + view.revision
    }
}

impl Engine {
    /// What a cluster shows of a service; it is watched from the first question on.
    pub(super) async fn seen(&self, project: &Path, place: &Place, limit: Duration) -> Result<OnCluster> {
        let seeing = self.live_on_cluster(project, place, limit).await?;
        let view = seeing.live.ready(limit).await;
        Ok(seeing.with(view))
    }

    async fn live_on_cluster(&self, project: &Path, place: &Place, limit: Duration) -> Result<Seeing> {
        let helm = self.helm_at(project, place)?;
        let mut lock = self.watched.lock().await;
        let watched = &mut *lock;
        let all = &mut watched.all;
        let now = self.now();
        all.retain(|watching| {
            let idle = now.duration_since(watching.asked);
            watching.place == *place || Duration::try_from(idle).is_ok_and(|idle| idle < IDLE)
        });
        if let Some(known) = all.iter_mut().find(|known| known.place == *place && known.helm == helm) {
            known.asked = now;
            if Duration::try_from(now.duration_since(known.masked)).is_ok_and(|age| age >= KNOWN) {
                // A keychain may have been unlocked, or a secret replaced.
                let project = Project::load(&project.display().to_string())?;
                let (mut mask, unknown) = self.mask_of(&project, place).await?;
                if !unknown.is_empty() {
                    // A keychain that was locked again takes nothing back.
                    mask = mask.and(&known.seeing.mask);
                }
                if mask != *known.seeing.mask {
                    known.seeing.mask = Arc::new(mask);
                    // What was told shows what is masked now: to whoever was told it, this is another watch.
                    known.told.clear();
                    watched.begun += 1;
                    known.seeing.number = watched.begun;
                }
                known.masked = now;
            }
            return Ok(known.seeing.clone());
        }
        drop(lock);
        // A cluster that does not answer keeps nobody from looking at another one.
        let cluster = self.cluster_of(place, limit).await?;
        let read_only = cluster.read_only(limit).await?;
        let selector = if helm {
            Selector::Helm(release_name(&place.service))
        } else {
            Selector::Label(format!("jalon.app/service={}", place.service))
        };
        let clock = self.around.clock.clone();
        let live = Live::start(cluster.watching(), cluster.namespace(), selector, clock);
        let (mask, _) = self.mask_of(&Project::load(&project.display().to_string())?, place).await?;
        let mut watched = self.watched.lock().await;
        watched.begun += 1;
        let seeing = Seeing { cluster, read_only, live, number: watched.begun, mask: Arc::new(mask) };
        watched.all.retain(|known| known.place != *place);
        watched.all.push(Watching {
            place: place.clone(),
            helm,
            seeing: seeing.clone(),
            asked: now,
            masked: now,
            told: VecDeque::new(),
        });
        Ok(seeing)
    }

    /// The view that was told with a revision, if it still is the one to compare `next` with; `next` is told from now on.
    async fn told_before(&self, place: &Place, next: &OnCluster, revision: Option<u64>) -> Option<View> {
        let mut watched = self.watched.lock().await;
        let mut all = watched.all.iter_mut();
        let known = all.find(|known| known.place == *place && known.seeing.number == next.number)?;
        if !Arc::ptr_eq(&known.seeing.mask, &next.mask) {
            return None;
        }
        let base = revision.and_then(|revision| known.told.iter().find(|told| told.revision == revision));
        let base = base.cloned();
        known.told.retain(|told| told.revision != next.view.revision);
        known.told.push_back(next.view.clone());
        if known.told.len() > TOLD {
            known.told.pop_front();
        }
        base
    }

    /// Fills in what only a cluster knows.
    pub(in crate::deploy) async fn on_cluster(
        &self,
        project: &Path,
        place: &Place,
        view: &mut EnvironmentView,
    ) -> Result<()> {
        let At::Cluster { context, namespace } = &place.at else { return Ok(()) };
        view.cluster = Some(ClusterPlace {
            context: context.clone().unwrap_or_default(),
            namespace: namespace.clone(),
            read_only: false,
        });
        let recorded = match &view.release {
            Some(release) if release.elsewhere => None,
            _ => self.recorded_at(project, place)?,
        };
        view.image = recorded.and_then(|release| {
            let manifests = remembered([&release]).ok()?;
            let image = kubernetes::main_image(&manifests)?;
            // An image without a digest is looked for among those that run.
            let digest = release.images.get(image.split('@').next()?)?;
            Some(if image.contains('@') { image.to_owned() } else { format!("{image}@{digest}") })
        });
        if view.release.is_none() {
            return Ok(());
        }
        let Ok(seen) = self.seen(project, place, super::GLANCE).await else { return Ok(()) };
        view.cluster = Some(ClusterPlace {
            context: seen.cluster.context().to_owned(),
            namespace: namespace.clone(),
            read_only: seen.read_only,
        });
        let counts = seen.view.workloads.iter().filter_map(|workload| workload.verdict.ready);
        view.replicas = counts.reduce(|(ready, wanted), (r, w)| (ready + r, wanted + w));
        if view.image.is_none() {
            view.image = seen.view.workloads.iter().find_map(|workload| workload.images.first().cloned());
        }
        let first = seen.view.workloads.iter().find_map(|workload| workload.cause.as_deref());
        view.cause = first.map(|first| cause(first, &seen.mask));
        Ok(())
    }
}

/// A view as the health of a service.
pub(super) fn as_health(seen: &OnCluster) -> (HealthState, Option<String>) {
    let view = &seen.view;
    if let Some(failure) = &view.failure {
        return (HealthState::Unknown, Some(failure.to_string()));
    }
    if !view.complete {
        return (HealthState::Unknown, None);
    }
    let worst = view.workloads.iter().find(|workload| workload.verdict.health == view.health);
    let detail = worst.map(|workload| {
        let why = workload.cause.as_ref().map_or(&workload.verdict.message, |cause| &cause.message);
        seen.mask.apply(&format!("{}/{}: {why}", workload.reference.kind, workload.reference.name))
    });
    match view.health {
        kubernetes::Health::Healthy => (HealthState::Healthy, None),
        kubernetes::Health::Missing => (HealthState::Lost, None),
        kubernetes::Health::Suspended => (HealthState::Stopped, detail),
        kubernetes::Health::Unknown => (HealthState::Unknown, detail),
        kubernetes::Health::Degraded | kubernetes::Health::Progressing => (HealthState::Failing, detail),
    }
}

/// A service's workloads, pods and events.
///
/// # Errors
/// There is no such service or environment, or its environment is no cluster.
pub async fn cluster(engine: &Engine, params: ClusterQuery, work: &Work) -> Result<ClusterView> {
    work.soon("reading the cluster", async {
        let (project, place) = place_of(&params.dir, &params.service, &params.environment)?;
        match engine.seen(&project.dir, &place, ANSWERS).await {
            Ok(seen) => Ok(on_wire(&seen, engine.now())),
            Err(error) => Ok(unreadable(&place, &error, engine.now())),
        }
    })
    .await
}

/// What is new of it, once something is.
///
/// # Errors
/// There is no such service or environment, or its environment is no cluster.
pub async fn cluster_watch(engine: &Engine, params: ClusterWatch, work: &Work) -> Result<ClusterNews> {
    work.soon("watching the cluster", async {
        let (project, place) = place_of(&params.dir, &params.service, &params.environment)?;
        match engine.live_on_cluster(&project.dir, &place, ANSWERS).await {
            Ok(seeing) => {
                let known = seeing.revision(params.revision);
                let view = seeing.live.changed(known.unwrap_or(0), WATCH).await;
                let seen = seeing.with(view);
                let base = engine.told_before(&place, &seen, known).await;
                Ok(news(&seen, base.as_ref(), engine.now()))
            }
            Err(error) => {
                // A page that asks again at once would ask a cluster that is away all the time.
                if params.revision != 0 {
                    tokio::time::sleep(WATCH).await;
                }
                Ok(whole(unreadable(&place, &error, engine.now())))
            }
        }
    })
    .await
}

/// Last lines of a pod's log, masked.
///
/// # Errors
/// There is no such pod or container, or the cluster cannot be read.
pub async fn pod_log(engine: &Engine, params: PodLogQuery, work: &Work) -> Result<Log> {
    work.soon("reading the pod's log", async {
        let (project, place) = place_of(&params.dir, &params.service, &params.environment)?;
        let cluster = engine.cluster_of(&place, ANSWERS).await?;
        let of = LogOf {
            pod: &params.pod,
            container: params.container.as_deref().filter(|name| !name.is_empty()),
            previous: params.previous,
        };
        let lines = kubernetes::logs(&cluster.client(), cluster.namespace(), &of, LINES, ANSWERS).await?;
        engine.masked(&project, &place, lines).await
    })
    .await
}

/// The logs of a service's pods, one after the other.
pub(in crate::deploy) async fn service_log(
    engine: &Engine,
    project: &Project,
    place: &Place,
    lines: u32,
) -> Result<Log> {
    let seen = engine.seen(&project.dir, place, ANSWERS).await?;
    let mut all = Vec::new();
    for pod in seen.view.workloads.iter().flat_map(|workload| &workload.pods) {
        let of = LogOf { pod: &pod.name, container: None, previous: false };
        let client = seen.cluster.client();
        match kubernetes::logs(&client, seen.cluster.namespace(), &of, lines as usize, ANSWERS).await {
            Ok(lines) => all.extend(lines.into_iter().map(|line| format!("{}: {line}", pod.name))),
            Err(error) => all.push(format!("{}: {error}", pod.name)),
        }
    }
    if seen.view.workloads.is_empty() {
        return super::nothing(place);
    }
    engine.masked(project, place, all).await
}

impl Engine {
    /// What hides an environment's secrets, and the names of those that it does not know.
    async fn mask_of(&self, project: &Project, place: &Place) -> Result<(Masker, Vec<String>)> {
        let (known, unknown) = self.known_secrets_of(project.environment(&place.environment)?).await;
        Ok((Masker::new(known.iter().map(|(_, value)| value.expose())), unknown))
    }

    async fn masked(&self, project: &Project, place: &Place, lines: Vec<String>) -> Result<Log> {
        let (mask, unknown) = self.mask_of(project, place).await?;
        let at = self.now().to_string();
        let line = |stream: &str, text: String| LogLine {
            at: at.clone(),
            stream: stream.to_owned(),
            text,
            release: None,
        };
        let warning = (!unknown.is_empty()).then(|| {
            let names = unknown.join(", ");
            line("jalon", format!("not masked below, because its value is not known here: {names}"))
        });
        let lines = lines.into_iter().map(|text| line("stdout", mask.apply(&text)));
        Ok(Log { lines: warning.into_iter().chain(lines).collect() })
    }
}

pub(super) fn place_of(dir: &str, service: &str, environment: &str) -> Result<(Project, Place)> {
    let project = Project::load(dir)?;
    let place = project.place(service, project.environment(environment)?)?;
    match place.at {
        At::Cluster { .. } => Ok((project, place)),
        At::Local { .. } => Err(not_a_cluster(&place)),
    }
}

pub(super) fn not_a_cluster(place: &Place) -> Error {
    Refusal::NotACluster { environment: place.environment.clone() }.into()
}
