//! What is known of a namespace, kept up to date by news and drawn as a view. A change costs what it touches: one pod, or one
//! event; drawing the view walks over the pods without looking into them.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use k8s_openapi::api::core::v1::{Event, Pod};
use kube::api::DynamicObject;
use kube::{Resource, ResourceExt};
use serde_json::Value;

use super::cause::{self, Owned};
use super::feed::News;
use super::view::Mark;
use super::{EventLine, Events, Health, PodView, RunningImage, Workload, WorkloadRef, health};

/// Events in a view.
const EVENTS: usize = 100;
/// Objects that were once seen to belong to the service, so that their events are still told when they are gone.
const RELATED: usize = 20_000;

/// Whose objects are meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selector {
    /// Objects with a label: `jalon.app/service=web`.
    Label(String),
    /// Objects of a Helm release, by the annotation that Helm writes on each.
    Helm(String),
    /// Objects by name.
    Named(Vec<WorkloadRef>),
}

impl Selector {
    fn matches(&self, kind: &str, object: &kube::core::ObjectMeta) -> bool {
        match self {
            Self::Label(label) => {
                let (key, value) = label.split_once('=').unwrap_or((label, ""));
                let labels = object.labels.as_ref();
                labels.and_then(|labels| labels.get(key)).map(String::as_str) == Some(value)
            }
            Self::Helm(release) => {
                let annotations = object.annotations.as_ref();
                annotations.and_then(|all| all.get("meta.helm.sh/release-name")) == Some(release)
            }
            Self::Named(names) => {
                names.iter().any(|name| name.kind == kind && object.name.as_deref() == Some(&name.name))
            }
        }
    }
}

struct KnownPod {
    pod: Pod,
    view: Arc<PodView>,
    /// `Pod/NAME`, as events name it.
    object: String,
    /// Kind and name of its controller.
    owner: Option<(String, String)>,
}

/// What is known.
pub(super) struct Model {
    selector: Selector,
    /// By kind, then by name. ReplicaSets are here too.
    objects: BTreeMap<String, BTreeMap<String, DynamicObject>>,
    pods: BTreeMap<String, KnownPod>,
    events: Events,
    related: HashSet<String>,
    drawn: HashMap<WorkloadRef, Arc<Workload>>,
    /// Whether replica sets can be read: without them, pods of all revisions count.
    sets_known: bool,
}

impl Model {
    pub(super) fn new(selector: Selector) -> Self {
        Self {
            selector,
            objects: BTreeMap::new(),
            pods: BTreeMap::new(),
            events: Events::default(),
            related: HashSet::new(),
            drawn: HashMap::new(),
            sets_known: false,
        }
    }

    /// Takes in news of a kind that is neither pods nor events.
    pub(super) fn objects(&mut self, kind: &'static str, news: News<DynamicObject>) {
        let known = self.objects.entry(kind.to_owned()).or_default();
        match news {
            News::Listed(objects) => {
                *known = objects.into_iter().map(|object| (object.name_any(), object)).collect();
                self.sets_known |= kind == "ReplicaSet";
            }
            News::Applied(object) => {
                known.insert(object.name_any(), *object);
            }
            News::Deleted(object) => {
                known.remove(&object.name_any());
            }
            News::Standing | News::Trouble(_) => {}
        }
    }

    /// Takes in news of pods.
    pub(super) fn pods(&mut self, news: News<Pod>) {
        match news {
            News::Listed(pods) => {
                let mut before = std::mem::take(&mut self.pods);
                for pod in pods {
                    let name = pod.name_any();
                    let known = before.remove(&name);
                    let known = self.known(pod, known);
                    self.pods.insert(name, known);
                }
            }
            News::Applied(pod) => {
                let name = pod.name_any();
                let before = self.pods.remove(&name);
                let known = self.known(*pod, before);
                self.pods.insert(name, known);
            }
            News::Deleted(pod) => {
                self.pods.remove(&pod.name_any());
            }
            News::Standing | News::Trouble(_) => {}
        }
    }

    fn known(&self, pod: Pod, before: Option<KnownPod>) -> KnownPod {
        let view = Arc::new(PodView::of(&pod, &self.events));
        let view = match before {
            Some(before) if before.view == view => before.view,
            _ => view,
        };
        KnownPod { object: format!("Pod/{}", view.name), owner: controller(&pod), view, pod }
    }

    /// Takes in news of events. A list never takes an event away: clusters forget, and the list is read to be told of new ones.
    /// Returns the new lines.
    pub(super) fn event(&mut self, news: News<Event>) -> Vec<Arc<EventLine>> {
        let taken: Vec<_> = match news {
            News::Listed(events) => events.iter().filter_map(|event| self.events.take(event)).collect(),
            News::Applied(event) => self.events.take(&event).into_iter().collect(),
            News::Deleted(_) | News::Standing | News::Trouble(_) => Vec::new(),
        };
        let touched: HashSet<&str> =
            taken.iter().filter_map(|line| line.object.strip_prefix("Pod/")).collect();
        // A claim's event is the cause of the pods that wait for it, which are few: all that wait are looked at again.
        let claims = taken.iter().any(|line| line.object.starts_with("PersistentVolumeClaim/"));
        for (name, known) in &mut self.pods {
            if touched.contains(name.as_str()) || (claims && known.view.node.is_none()) {
                let view = PodView::of(&known.pod, &self.events);
                if *known.view != view {
                    known.view = Arc::new(view);
                }
            }
        }
        taken
    }

    /// An object by its kind and name.
    pub(super) fn object(&self, name: &WorkloadRef) -> Option<&DynamicObject> {
        self.objects.get(&name.kind)?.get(&name.name)
    }

    /// The workloads of the service as they are, worst first.
    pub(super) fn workloads(&mut self) -> Vec<Arc<Workload>> {
        let family = Family::of(&self.objects, &self.pods);
        let mut drawn = HashMap::new();
        let mut related: Vec<String> = Vec::new();
        for (kind, objects) in &self.objects {
            for (name, object) in objects {
                // What another object controls is drawn with that one.
                if !self.selector.matches(kind, &object.metadata) || controller(object).is_some() {
                    continue;
                }
                let reference = WorkloadRef::new(kind, name);
                let pods = family.pods(&reference);
                related.extend(pods.iter().map(|pod| pod.object.clone()).chain(family.names(&reference)));
                related.push(reference.to_string());
                let workload = self.workload(&reference, object, &family, &pods);
                let workload = match self.drawn.get(&reference) {
                    Some(before) if **before == workload => Arc::clone(before),
                    _ => Arc::new(workload),
                };
                drawn.insert(reference, workload);
            }
        }
        for known in self.pods.values() {
            if known.owner.is_none() && self.selector.matches("Pod", &known.pod.metadata) {
                let reference = WorkloadRef::new("Pod", &known.view.name);
                related.push(known.object.clone());
                drawn.insert(reference.clone(), Arc::new(bare(reference, known)));
            }
        }
        if self.related.len() > RELATED {
            self.related.clear();
        }
        self.related.extend(related);
        let mut workloads: Vec<Arc<Workload>> = drawn.values().cloned().collect();
        workloads.sort_by(|a, b| (a.verdict.health, &a.reference).cmp(&(b.verdict.health, &b.reference)));
        self.drawn = drawn;
        workloads
    }

    /// Whether an event is about one of the service's objects.
    pub(super) fn is_ours(&self, line: &EventLine) -> bool {
        self.related.contains(&line.object)
    }

    /// Events about the service's objects, those that are gone included, newest first. To be asked after
    /// [`Model::workloads`], which finds out what belongs to the service.
    pub(super) fn lines(&self) -> Vec<Arc<EventLine>> {
        self.events.newest().filter(|line| self.is_ours(line)).take(EVENTS).cloned().collect()
    }

    fn workload(
        &self,
        reference: &WorkloadRef,
        object: &DynamicObject,
        family: &Family<'_>,
        pods: &[&KnownPod],
    ) -> Workload {
        let kind = reference.kind.as_str();
        let mut verdict = health::of(kind, object);
        let set = (kind == "Deployment").then(|| current_set(object, family.children(reference))).flatten();
        let is_current = |pod: &&&KnownPod| match kind {
            "Deployment" if self.sets_known => set.is_some_and(|set| {
                pod.owner.as_ref().is_some_and(|(_, name)| Some(name) == set.metadata.name.as_ref())
            }),
            "StatefulSet" | "DaemonSet" => is_of_revision(kind, object, &pod.pod),
            _ => true,
        };
        // Until the controller has seen the change, the pods are those of the version before.
        let current: Vec<&&KnownPod> =
            if is_behind(object) { Vec::new() } else { pods.iter().filter(is_current).collect() };
        let cause = match verdict.health {
            _ if kind == "Service" => cause::of_service(object, self.pods.values().map(|known| &known.pod)),
            Health::Healthy => None,
            _ => cause::of_workload(&Owned {
                kind,
                object,
                replica_set: set,
                pods: current.iter().filter_map(|pod| pod.view.cause.as_deref()).collect(),
                events: &self.events,
            }),
        };
        if let Some(cause) = &cause {
            let fails = cause.is_failing() && verdict.health == Health::Progressing;
            if fails || kind == "Service" {
                verdict.health = Health::Degraded;
            }
        }
        Workload {
            images: images(object, &current),
            autoscaled: self.autoscaled(reference),
            cause: cause.map(Arc::new),
            pods: pods.iter().map(|pod| Arc::clone(&pod.view)).collect(),
            mark: Mark::of(&object.metadata),
            reference: reference.clone(),
            verdict,
        }
    }

    /// The pods that run the current revision of a workload.
    pub(super) fn current(&self, reference: &WorkloadRef) -> Vec<Arc<PodView>> {
        if reference.kind == "Pod" {
            return self.pods.get(&reference.name).map(|known| Arc::clone(&known.view)).into_iter().collect();
        }
        let Some(object) = self.object(reference) else { return Vec::new() };
        let family = Family::of(&self.objects, &self.pods);
        let set = current_set(object, family.children(reference)).and_then(|set| set.metadata.name.as_ref());
        let pods = family.pods(reference).into_iter().filter(|known| match reference.kind.as_str() {
            "Deployment" if self.sets_known => known.owner.as_ref().map(|(_, name)| name) == set,
            "StatefulSet" | "DaemonSet" => is_of_revision(&reference.kind, object, &known.pod),
            _ => true,
        });
        pods.filter(|known| known.pod.metadata.deletion_timestamp.is_none())
            .map(|known| Arc::clone(&known.view))
            .collect()
    }

    fn autoscaled(&self, reference: &WorkloadRef) -> bool {
        let scalers = self.objects.get("HorizontalPodAutoscaler").into_iter().flat_map(BTreeMap::values);
        scalers.filter_map(|scaler| scaler.data.pointer("/spec/scaleTargetRef")).any(|target| {
            target["kind"] == reference.kind.as_str() && target["name"] == reference.name.as_str()
        })
    }
}

/// Who controls whom.
struct Family<'a> {
    /// By kind, then by name, of what controls them.
    pods: HashMap<&'a str, HashMap<&'a str, Vec<&'a KnownPod>>>,
    /// Replica sets and jobs by what controls them.
    children: HashMap<(String, String), Vec<(&'a str, &'a DynamicObject)>>,
}

impl<'a> Family<'a> {
    fn of(
        objects: &'a BTreeMap<String, BTreeMap<String, DynamicObject>>,
        pods: &'a BTreeMap<String, KnownPod>,
    ) -> Self {
        let mut by_owner: HashMap<&str, HashMap<&str, Vec<&KnownPod>>> = HashMap::new();
        for known in pods.values() {
            if let Some((kind, name)) = &known.owner {
                by_owner.entry(kind).or_default().entry(name).or_default().push(known);
            }
        }
        let mut children: HashMap<(String, String), Vec<(&str, &DynamicObject)>> = HashMap::new();
        for kind in ["ReplicaSet", "Job"] {
            for object in objects.get(kind).into_iter().flat_map(BTreeMap::values) {
                if let Some(owner) = controller(object) {
                    children.entry(owner).or_default().push((kind, object));
                }
            }
        }
        Self { pods: by_owner, children }
    }

    fn children(&self, reference: &WorkloadRef) -> &[(&'a str, &'a DynamicObject)] {
        let key = (reference.kind.clone(), reference.name.clone());
        self.children.get(&key).map(Vec::as_slice).unwrap_or_default()
    }

    fn names(&self, reference: &WorkloadRef) -> Vec<String> {
        let children = self.children(reference).iter();
        children.map(|(kind, child)| format!("{kind}/{}", child.name_any())).collect()
    }

    fn controlled(&self, kind: &str, name: &str) -> &[&'a KnownPod] {
        self.pods.get(kind).and_then(|names| names.get(name)).map(Vec::as_slice).unwrap_or_default()
    }

    fn pods(&self, reference: &WorkloadRef) -> Vec<&'a KnownPod> {
        let mut pods: Vec<&KnownPod> = self.controlled(&reference.kind, &reference.name).to_vec();
        for (kind, child) in self.children(reference) {
            pods.extend(self.controlled(kind, child.metadata.name.as_deref().unwrap_or_default()));
        }
        // Without permission to read replica sets, their names tell whose they are.
        if reference.kind == "Deployment" && pods.is_empty() && self.children.is_empty() {
            let theirs = self
                .pods
                .get("ReplicaSet")
                .into_iter()
                .flatten()
                .filter(|(name, _)| name.rsplit_once('-').map(|(stem, _)| stem) == Some(&reference.name));
            pods.extend(theirs.flat_map(|(_, pods)| pods.iter().copied()));
        }
        pods.sort_by(|a, b| a.view.name.cmp(&b.view.name));
        pods
    }
}

/// Kind and name of what controls an object.
fn controller(object: &impl Resource) -> Option<(String, String)> {
    let owners = object.meta().owner_references.as_deref()?;
    let owner = owners.iter().find(|owner| owner.controller == Some(true))?;
    Some((owner.kind.clone(), owner.name.clone()))
}

fn is_behind(object: &DynamicObject) -> bool {
    let seen = object.data.pointer("/status/observedGeneration").and_then(Value::as_i64);
    seen.zip(object.metadata.generation).is_some_and(|(seen, wanted)| seen < wanted)
}

/// The replica set of a deployment's current revision.
fn current_set<'a>(
    deployment: &DynamicObject,
    sets: &[(&'a str, &'a DynamicObject)],
) -> Option<&'a DynamicObject> {
    const REVISION: &str = "deployment.kubernetes.io/revision";
    let revision = deployment.annotations().get(REVISION)?;
    sets.iter().map(|(_, set)| *set).find(|set| set.annotations().get(REVISION) == Some(revision))
}

/// Whether a pod is of the revision that is rolled out.
fn is_of_revision(kind: &str, object: &DynamicObject, pod: &Pod) -> bool {
    let label = |key: &str| pod.metadata.labels.as_ref()?.get(key).map(String::as_str);
    if kind == "DaemonSet" {
        let wanted = object.annotations().get("deprecated.daemonset.template.generation");
        let has = label("pod-template-generation");
        return wanted.is_none() || has.is_none() || has == wanted.map(String::as_str);
    }
    let staged = object.data.pointer("/spec/updateStrategy/type").and_then(Value::as_str) == Some("OnDelete")
        || object.data.pointer("/spec/updateStrategy/rollingUpdate/partition").and_then(Value::as_i64)
            > Some(0);
    let wanted = object.data.pointer("/status/updateRevision").and_then(Value::as_str);
    staged || wanted.is_none() || label("controller-revision-hash") == wanted
}

/// Images that run, or that are asked for where nothing runs yet.
fn images(object: &DynamicObject, pods: &[&&KnownPod]) -> Vec<String> {
    let mut images: Vec<String> =
        pods.iter().flat_map(|pod| &pod.view.images).map(RunningImage::pinned).collect();
    if images.is_empty() {
        let specs = ["/spec/template/spec", "/spec/jobTemplate/spec/template/spec"];
        let spec = specs.iter().find_map(|pointer| object.data.pointer(pointer));
        let lists = ["containers", "initContainers"].into_iter().filter_map(|list| spec?[list].as_array());
        let asked = lists.flatten().filter_map(|container| container["image"].as_str());
        images = asked.map(str::to_owned).collect();
    }
    images.sort();
    images.dedup();
    images
}

/// A pod that nothing controls.
fn bare(reference: WorkloadRef, known: &KnownPod) -> Workload {
    let mut verdict = health::pod(&known.pod);
    let cause = known.view.cause.clone();
    if cause.as_ref().is_some_and(|cause| cause.is_failing()) && verdict.health == Health::Progressing {
        verdict.health = Health::Degraded;
    }
    let mut images: Vec<String> = known.view.images.iter().map(RunningImage::pinned).collect();
    images.dedup();
    let (mark, pods) = (Mark::of(&known.pod.metadata), vec![Arc::clone(&known.view)]);
    Workload { reference, verdict, images, autoscaled: false, cause, pods, mark }
}
