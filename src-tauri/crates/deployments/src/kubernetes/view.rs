//! What a person sees of a service on a cluster.

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use k8s_openapi::api::core::v1::{ContainerStatus, Pod};
use kube::core::ObjectMeta;

use super::manifests::{BROUGHT, COMMIT, ENVIRONMENT, RELEASE, VERSION};
use super::{Cause, EventLine, Events, Health, ReadError, Verdict, cause, health};

/// Names a workload, or another object, within a namespace.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WorkloadRef {
    /// Kind, such as `Deployment`.
    pub kind: String,
    /// Name.
    pub name: String,
}

impl WorkloadRef {
    /// Names a workload.
    pub fn new(kind: impl Into<String>, name: impl Into<String>) -> Self {
        Self { kind: kind.into(), name: name.into() }
    }
}

impl fmt::Display for WorkloadRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.kind, self.name)
    }
}

/// A service's objects at a moment. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    /// Changes whenever the view does; 0 until something was read.
    pub revision: u64,
    /// Whether every kind was read once, or is known not to be readable.
    pub complete: bool,
    /// Now while the watches stand, else when they last did; none before anything was read.
    pub as_of: Option<Timestamp>,
    /// Why it cannot be read now; the rest is what was read before.
    pub failure: Option<ReadError>,
    /// Worst of the workloads; [`Health::Missing`] where there are none, [`Health::Unknown`] before everything was read.
    pub health: Health,
    /// Worst first, then by kind and name.
    pub workloads: Arc<[Arc<Workload>]>,
    /// Newest first, at most 100.
    pub events: Arc<[Arc<EventLine>]>,
}

impl View {
    /// Before anything was read.
    pub(super) fn empty() -> Self {
        Self {
            revision: 0,
            complete: false,
            as_of: None,
            failure: None,
            health: Health::Unknown,
            workloads: Arc::new([]),
            events: Arc::new([]),
        }
    }
}

/// A workload or another object of the service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workload {
    /// What it is.
    pub reference: WorkloadRef,
    /// How it is. A cause that stands makes it degraded.
    pub verdict: Verdict,
    /// Images of its containers; with `@sha256:…` where its pods tell which they run.
    pub images: Vec<String>,
    /// Whether an autoscaler sets its replicas.
    pub autoscaled: bool,
    /// Why it is not healthy.
    pub cause: Option<Arc<Cause>>,
    /// Its pods, by name.
    pub pods: Vec<Arc<PodView>>,
    /// The release that it is of, where Jalon brought it.
    pub mark: Option<Mark>,
}

/// What a Jalon marked a workload with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// Run, as the journal calls it of the computer that brought it.
    pub release: String,
    /// Version, as people say it.
    pub version: String,
    /// Full commit; none where files were changed that no commit holds.
    pub commit: Option<String>,
    /// When it was brought.
    pub brought: Option<Timestamp>,
    /// Environment that it was brought to.
    pub environment: Option<String>,
}

impl Mark {
    pub(super) fn of(object: &ObjectMeta) -> Option<Self> {
        let marks = object.annotations.as_ref()?;
        let text = |name: &str| marks.get(name).cloned();
        Some(Self {
            release: text(RELEASE)?,
            version: text(VERSION)?,
            commit: text(COMMIT),
            brought: text(BROUGHT).and_then(|time| time.parse().ok()),
            environment: text(ENVIRONMENT),
        })
    }
}

/// A pod.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PodView {
    /// Name.
    pub name: String,
    /// Status as `kubectl get pods` words it.
    pub status: String,
    /// How it is.
    pub health: Health,
    /// Containers that are ready, and that there are.
    pub ready: (u32, u32),
    /// Restarts of its containers.
    pub restarts: u32,
    /// Node, once it has one.
    pub node: Option<String>,
    /// When it was created.
    pub created: Option<Timestamp>,
    /// Containers in their order, init containers first, for their logs.
    pub containers: Vec<String>,
    /// Images that run, those of init containers among them.
    pub images: Vec<RunningImage>,
    /// Why it is not ready.
    pub cause: Option<Arc<Cause>>,
}

/// An image that a container runs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RunningImage {
    /// Container.
    pub container: String,
    /// As the pod asks for it.
    pub image: String,
    /// What the node's runtime calls it: `docker.io/library/nginx@sha256:…`.
    pub id: String,
    /// Digest by which the registry that was asked hands it out: `sha256:…`. None for an image that was loaded into the node,
    /// whose id is no registry's: containerd calls one that `kind load` brought `docker.io/library/import-…@sha256:…`.
    pub digest: Option<String>,
}

impl RunningImage {
    fn of(status: &ContainerStatus, asked: Option<&str>) -> Option<Self> {
        let id = status.image_id.trim_start_matches("docker-pullable://").to_owned();
        if id.is_empty() {
            return None;
        }
        let image = asked.unwrap_or(&status.image).to_owned();
        let digest = id
            .rsplit_once('@')
            .filter(|(named, digest)| digest.contains(':') && repository(named) == repository(&image))
            .map(|(_, digest)| digest.to_owned());
        Some(Self { container: status.name.clone(), image, id, digest })
    }

    /// The image with its digest: `nginx:1.27@sha256:…`.
    pub fn pinned(&self) -> String {
        match &self.digest {
            Some(digest) if !self.image.contains('@') => format!("{}@{digest}", self.image),
            _ => self.image.clone(),
        }
    }
}

/// Where an image comes from, in full: `docker.io/library/nginx` for `nginx:1.27`. The first part names a registry only where
/// it could be a host (distribution/reference: `splitDockerDomain`).
fn repository(image: &str) -> String {
    const HUB: &str = "docker.io";
    let named = image.split_once('@').map_or(image, |(named, _)| named);
    let (host, path) = match named.split_once('/') {
        Some(("index.docker.io", path)) => (HUB, path),
        Some((host, path)) if host.contains(['.', ':']) || host == "localhost" => (host, path),
        _ => (HUB, named),
    };
    // A port's colon stands in the host.
    let path = path.split_once(':').map_or(path, |(path, _)| path);
    let library = if host == HUB && !path.contains('/') { "library/" } else { "" };
    format!("{host}/{library}{path}")
}

impl PodView {
    /// What a pod and its events tell.
    pub fn of(pod: &Pod, events: &Events) -> Self {
        let spec = pod.spec.as_ref();
        let status = pod.status.as_ref();
        let containers = spec.map(|spec| spec.containers.as_slice()).unwrap_or_default();
        let init = spec.and_then(|spec| spec.init_containers.as_deref()).unwrap_or_default();
        let states = status.and_then(|status| status.container_statuses.as_deref()).unwrap_or_default();
        let init_states =
            status.and_then(|status| status.init_container_statuses.as_deref()).unwrap_or_default();
        let verdict = health::pod(pod);
        let all = || init.iter().chain(containers);
        let asked = |name: &str| all().find(|container| container.name == name)?.image.as_deref();
        let restarts = states.iter().chain(init_states).map(|state| state.restart_count);
        let running = init_states.iter().chain(states);
        let mut images: Vec<RunningImage> =
            running.filter_map(|state| RunningImage::of(state, asked(&state.name))).collect();
        images.sort();
        Self {
            name: pod.metadata.name.clone().unwrap_or_default(),
            status: status_word(pod),
            health: verdict.health,
            ready: verdict.ready.unwrap_or_default(),
            restarts: restarts.map(|count| u32::try_from(count).unwrap_or(0)).sum(),
            node: spec.and_then(|spec| spec.node_name.clone()),
            created: pod.metadata.creation_timestamp.as_ref().map(|time| time.0),
            containers: all().map(|container| container.name.clone()).collect(),
            images,
            cause: cause::of_pod(pod, events).map(Arc::new),
        }
    }
}

/// The word of `kubectl get pods` (kubectl: pkg/printers/internalversion, `printPod`).
fn status_word(pod: &Pod) -> String {
    let Some(status) = &pod.status else { return "Unknown".to_owned() };
    if pod.metadata.deletion_timestamp.is_some() {
        let lost = status.reason.as_deref() == Some("NodeLost");
        return if lost { "Unknown" } else { "Terminating" }.to_owned();
    }
    let init = status.init_container_statuses.as_deref().unwrap_or_default();
    let specs = pod.spec.as_ref().and_then(|spec| spec.init_containers.as_deref()).unwrap_or_default();
    for (index, state) in init.iter().enumerate() {
        let sidecar = specs
            .iter()
            .any(|spec| spec.name == state.name && spec.restart_policy.as_deref() == Some("Always"));
        let now = state.state.as_ref();
        let ended = now.and_then(|now| now.terminated.as_ref());
        if ended.is_some_and(|ended| ended.exit_code == 0) || (sidecar && state.started == Some(true)) {
            continue;
        }
        if let Some(word) =
            word_of(state).filter(|word| word != "PodInitializing" && word != "ContainerCreating")
        {
            return format!("Init:{word}");
        }
        return format!("Init:{index}/{}", specs.len().max(init.len()));
    }
    let phase =
        status.reason.clone().or_else(|| status.phase.clone()).unwrap_or_else(|| "Unknown".to_owned());
    let states = status.container_statuses.as_deref().unwrap_or_default();
    let word = states.iter().filter_map(word_of).next().unwrap_or(phase);
    let runs = states
        .iter()
        .any(|state| state.ready && state.state.as_ref().is_some_and(|now| now.running.is_some()));
    match word.as_str() {
        "Completed" if runs && health::is_ready(pod) => "Running".to_owned(),
        "Completed" if runs => "NotReady".to_owned(),
        _ => word,
    }
}

/// What a container that does not run says.
fn word_of(state: &ContainerStatus) -> Option<String> {
    let now = state.state.as_ref()?;
    if let Some(waiting) = &now.waiting {
        return waiting.reason.clone();
    }
    let ended = now.terminated.as_ref()?;
    Some(match (&ended.reason, ended.signal) {
        (Some(reason), _) => reason.clone(),
        (None, Some(signal)) if signal != 0 => format!("Signal:{signal}"),
        (None, _) => format!("ExitCode:{}", ended.exit_code),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn running(id: &str, image: &str) -> RunningImage {
        let status = json!({"name": "app", "image": image, "imageID": id, "ready": true, "restartCount": 0});
        RunningImage::of(&serde_json::from_value(status).unwrap(), Some(image)).unwrap()
    }

    #[test]
    fn a_digest_is_believed_where_its_registry_was_asked() {
        for (image, named) in [
            ("nginx:1.27", "docker.io/library/nginx"),
            ("nginx", "docker-pullable://nginx"),
            ("library/nginx:1", "index.docker.io/library/nginx"),
            ("shop/web:1", "docker.io/shop/web"),
            ("registry.example:5000/shop/web:1", "registry.example:5000/shop/web"),
            ("localhost/web:1", "localhost/web:1"),
            ("registry.example/web:1@sha256:bb", "registry.example/web"),
        ] {
            let found = running(&format!("{named}@sha256:aa"), image);
            assert_eq!(found.digest.as_deref(), Some("sha256:aa"), "{found:?}");
        }
    }

    #[test]
    fn what_no_registry_has_is_no_digest() {
        for (image, id) in [
            // What `kind load` brings, however the image is called.
            ("web:1", "docker.io/library/import-2026-01-02@sha256:aa"),
            ("registry.example/web:1", "docker.io/library/import-2026-01-02@sha256:aa"),
            ("registry.example/web:1", "docker.io/library/web@sha256:aa"),
            ("registry.example:5000/web:1", "registry.example/web@sha256:aa"),
            ("localhost/web:1", "docker.io/localhost/web@sha256:aa"),
            ("web:1", "sha256:aa"),
            ("web:1", "docker://sha256:aa"),
        ] {
            let found = running(id, image);
            assert_eq!((found.digest.as_deref(), found.pinned()), (None, image.to_owned()), "{found:?}");
        }
    }
}
