//! What a cluster shows of a service, kept up to date while somebody looks.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use credentials::Masker;
use deployments::kubernetes::{self, Cluster, Live as Watched, LogOf, Selector, view::View};
use jiff::Timestamp;

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
/// Lines of a pod's log.
const LINES: usize = 500;

/// Watches of one service in a namespace.
pub(crate) struct Watching {
    place: Place,
    helm: bool,
    seeing: Seeing,
    asked: Timestamp,
    /// When it was looked which secrets are known.
    masked: Timestamp,
}

/// A watched service.
#[derive(Clone)]
struct Seeing {
    cluster: Cluster,
    read_only: bool,
    live: Watched,
    /// Knows the environment's secrets: a container's last words can hold one.
    mask: Arc<Masker>,
}

/// What is known of a service on a cluster.
pub(super) struct OnCluster {
    pub view: View,
    pub cluster: Cluster,
    pub read_only: bool,
    pub mask: Arc<Masker>,
}

impl Seeing {
    fn with(self, view: View) -> OnCluster {
        OnCluster { view, cluster: self.cluster, read_only: self.read_only, mask: self.mask }
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
        let mut all = self.watching.lock().await;
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
                known.seeing.mask = Arc::new(self.mask_of(&project, place).await?.0);
                known.masked = now;
            }
            return Ok(known.seeing.clone());
        }
        drop(all);
        // A cluster that does not answer keeps nobody from looking at another one.
        let cluster = self.cluster_of(place, limit).await?;
        let read_only = cluster.read_only(limit).await?;
        let selector = if helm {
            Selector::Helm(release_name(&place.service))
        } else {
            Selector::Label(format!("jalon.app/service={}", place.service))
        };
        let clock = self.around.clock.clone();
        let live = Watched::start(cluster.watching(), cluster.namespace(), selector, clock);
        let (mask, _) = self.mask_of(&Project::load(&project.display().to_string())?, place).await?;
        let seeing = Seeing { cluster, read_only, live, mask: Arc::new(mask) };
        let mut all = self.watching.lock().await;
        all.retain(|known| known.place != *place);
        all.push(Watching { place: place.clone(), helm, seeing: seeing.clone(), asked: now, masked: now });
        Ok(seeing)
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
        let recorded = self.recorded_at(project, place)?;
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

/// The same once something about it is new.
///
/// # Errors
/// There is no such service or environment, or its environment is no cluster.
pub async fn cluster_watch(engine: &Engine, params: ClusterWatch, work: &Work) -> Result<ClusterView> {
    work.soon("watching the cluster", async {
        let (project, place) = place_of(&params.dir, &params.service, &params.environment)?;
        match engine.live_on_cluster(&project.dir, &place, ANSWERS).await {
            Ok(seeing) => {
                let view = seeing.live.changed(params.revision, WATCH).await;
                Ok(on_wire(&seeing.with(view), engine.now()))
            }
            Err(error) => {
                // A page that asks again at once would ask a cluster that is away all the time.
                if params.revision != 0 {
                    tokio::time::sleep(WATCH).await;
                }
                Ok(unreadable(&place, &error, engine.now()))
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

fn unreadable(place: &Place, error: &Error, now: Timestamp) -> ClusterView {
    let (context, namespace) = match &place.at {
        At::Cluster { context, namespace } => (context.clone().unwrap_or_default(), namespace.clone()),
        At::Local { .. } => Default::default(),
    };
    ClusterView {
        context,
        namespace,
        server: String::new(),
        read_only: false,
        error: Some(error.to_wire()),
        health: WorkloadHealth::Unknown,
        workloads: Vec::new(),
        events: Vec::new(),
        as_of: now.to_string(),
        revision: 1,
    }
}

fn on_wire(seen: &OnCluster, now: Timestamp) -> ClusterView {
    let view = &seen.view;
    ClusterView {
        context: seen.cluster.context().to_owned(),
        namespace: seen.cluster.namespace().to_owned(),
        server: seen.cluster.server().to_owned(),
        read_only: seen.read_only,
        error: view.failure.as_ref().map(|failure| Error::ClusterRead(failure.clone()).to_wire()),
        health: health(view.health),
        workloads: view.workloads.iter().map(|workload| self::workload(workload, &seen.mask)).collect(),
        events: view.events.iter().map(|event| self::event(event, &seen.mask)).collect(),
        as_of: view.as_of.unwrap_or(now).to_string(),
        revision: view.revision,
    }
}

fn health(health: kubernetes::Health) -> WorkloadHealth {
    match health {
        kubernetes::Health::Degraded => WorkloadHealth::Degraded,
        kubernetes::Health::Missing => WorkloadHealth::Missing,
        kubernetes::Health::Unknown => WorkloadHealth::Unknown,
        kubernetes::Health::Progressing => WorkloadHealth::Progressing,
        kubernetes::Health::Suspended => WorkloadHealth::Suspended,
        kubernetes::Health::Healthy => WorkloadHealth::Healthy,
    }
}

fn workload(workload: &kubernetes::view::Workload, mask: &Masker) -> Workload {
    Workload {
        kind: workload.reference.kind.clone(),
        name: workload.reference.name.clone(),
        health: health(workload.verdict.health),
        message: mask.apply(&workload.verdict.message),
        ready: workload.verdict.ready,
        images: workload.images.clone(),
        autoscaled: workload.autoscaled,
        cause: workload.cause.as_deref().map(|found| cause(found, mask)),
        pods: workload.pods.iter().map(|pod| self::pod(pod, mask)).collect(),
    }
}

fn pod(pod: &kubernetes::view::PodView, mask: &Masker) -> PodView {
    PodView {
        name: pod.name.clone(),
        status: pod.status.clone(),
        ready: pod.ready,
        restarts: pod.restarts,
        node: pod.node.clone(),
        created: pod.created.map(|at| at.to_string()),
        containers: pod.containers.clone(),
        cause: pod.cause.as_deref().map(|found| cause(found, mask)),
    }
}

fn cause(cause: &kubernetes::Cause, mask: &Masker) -> Cause {
    let params = cause.params.iter().map(|(name, value)| (name.clone(), mask.apply(value)));
    Cause {
        id: cause.id.as_str().to_owned(),
        object: cause.object.clone(),
        params: params.collect(),
        message: mask.apply(&cause.message),
        evidence: cause.evidence.iter().map(|line| mask.apply(line)).collect(),
    }
}

fn event(event: &kubernetes::EventLine, mask: &Masker) -> EventLine {
    EventLine {
        at: event.at.to_string(),
        warning: event.warning,
        object: event.object.clone(),
        reason: event.reason.clone(),
        message: mask.apply(&event.message),
        count: event.count,
    }
}
