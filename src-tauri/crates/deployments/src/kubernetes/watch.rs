//! A live view of a service on a cluster: watched in the background, shared by whoever looks, ended with the last of them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use k8s_openapi::api::core::v1::{Event, Pod};
use kube::Client;
use kube::api::{Api, ApiResource, DynamicObject};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::feed::{News, Selection, feed};
use super::model::{Model, Selector};
use super::{Health, ReadError, View};
use crate::local::Clock;

/// The limit of one request.
const ANSWER: Duration = Duration::from_secs(15);
/// Views are drawn at most so often; news that come alone are drawn at once.
const PACE: Duration = Duration::from_millis(20);
/// News that wait to be taken in; feeds wait where there are more.
const WAITING: usize = 256;

/// Kinds of a view beside pods and events: API group with version, kind, plural.
const KINDS: [(&str, &str, &str); 10] = [
    ("apps/v1", "Deployment", "deployments"),
    ("apps/v1", "StatefulSet", "statefulsets"),
    ("apps/v1", "DaemonSet", "daemonsets"),
    ("apps/v1", "ReplicaSet", "replicasets"),
    ("batch/v1", "Job", "jobs"),
    ("batch/v1", "CronJob", "cronjobs"),
    ("v1", "Service", "services"),
    ("networking.k8s.io/v1", "Ingress", "ingresses"),
    ("v1", "PersistentVolumeClaim", "persistentvolumeclaims"),
    ("autoscaling/v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers"),
];

/// Kinds without which there is nothing to see.
const ESSENTIAL: [&str; 2] = ["Deployment", "Pod"];

/// The resource of a kind that Jalon knows.
pub(super) fn resource(kind: &str) -> Option<ApiResource> {
    let (version, kind, plural) = KINDS.iter().find(|known| known.1 == kind)?;
    let (group, number) = version.split_once('/').unwrap_or(("", version));
    Some(ApiResource {
        group: group.to_owned(),
        version: number.to_owned(),
        api_version: (*version).to_owned(),
        kind: (*kind).to_owned(),
        plural: (*plural).to_owned(),
    })
}

/// News of one feed.
pub(super) enum Message {
    /// Of objects, by kind.
    Object(&'static str, News<DynamicObject>),
    /// Of pods.
    Pod(News<Pod>),
    /// Of events.
    Event(News<Event>),
}

impl Message {
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Object(kind, _) => kind,
            Self::Pod(_) => "Pod",
            Self::Event(_) => "Event",
        }
    }

    pub(super) fn trouble(&self) -> Option<&ReadError> {
        match self {
            Self::Object(_, News::Trouble(error))
            | Self::Pod(News::Trouble(error))
            | Self::Event(News::Trouble(error)) => Some(error),
            _ => None,
        }
    }

    pub(super) fn is_list(&self) -> bool {
        matches!(
            self,
            Self::Object(_, News::Listed(_)) | Self::Pod(News::Listed(_)) | Self::Event(News::Listed(_))
        )
    }

    fn is_standing(&self) -> bool {
        matches!(
            self,
            Self::Object(_, News::Standing) | Self::Pod(News::Standing) | Self::Event(News::Standing)
        )
    }
}

/// Feeds of a namespace, ended when this is dropped.
pub(super) struct Feeds<'a> {
    pub client: &'a Client,
    pub namespace: &'a str,
    pub answer: Duration,
    pub listener: mpsc::Sender<Message>,
    pub tasks: JoinSet<()>,
}

impl Feeds<'_> {
    pub(super) fn objects(&mut self, kind: &'static str, selection: Selection) {
        let Some(resource) = resource(kind) else { return };
        let what = format!("watch {} in {}", resource.plural, self.namespace);
        let api = Api::<DynamicObject>::namespaced_with(self.client.clone(), self.namespace, &resource);
        let wrap = move |news| Message::Object(kind, news);
        self.tasks.spawn(feed(api, what, selection, self.answer, wrap, self.listener.clone()));
    }

    pub(super) fn pods(&mut self, selection: Selection) {
        let api = Api::<Pod>::namespaced(self.client.clone(), self.namespace);
        let what = format!("watch pods in {}", self.namespace);
        self.tasks.spawn(feed(api, what, selection, self.answer, Message::Pod, self.listener.clone()));
    }

    pub(super) fn events(&mut self) {
        let api = Api::<Event>::namespaced(self.client.clone(), self.namespace);
        let what = format!("watch events in {}", self.namespace);
        let selection = Selection::default();
        self.tasks.spawn(feed(api, what, selection, self.answer, Message::Event, self.listener.clone()));
    }
}

/// A service's objects, kept up to date in the background. Clones share it; with the last one the watches end.
#[derive(Clone)]
pub struct Live {
    views: watch::Receiver<View>,
    clock: Clock,
    _guard: Arc<DropGuard>,
}

impl Live {
    /// Begins to watch, at once and without waiting; the first answers come as views. Has to be called in a tokio runtime.
    /// `client` must not have a read timeout, for a watch may be quiet for long.
    pub fn start(client: Client, namespace: &str, selector: Selector, clock: Clock) -> Self {
        let (sender, views) = watch::channel(View::empty());
        let stop = CancellationToken::new();
        let watched = keep(client, namespace.to_owned(), selector, Arc::clone(&clock), sender);
        tokio::spawn(stop.clone().run_until_cancelled_owned(watched));
        Self { views, clock, _guard: Arc::new(stop.drop_guard()) }
    }

    /// What is known now. Does not wait.
    pub fn view(&self) -> View {
        self.dated(self.views.borrow().clone())
    }

    /// The view as soon as it is another than that of `revision`, or as it is once `limit` has passed.
    pub async fn changed(&self, revision: u64, limit: Duration) -> View {
        self.wait(limit, |view| view.revision != revision).await
    }

    /// The view once everything was read, or cannot be; or as it is once `limit` has passed.
    pub async fn ready(&self, limit: Duration) -> View {
        self.wait(limit, |view| view.complete || view.failure.is_some()).await
    }

    async fn wait(&self, limit: Duration, wanted: impl FnMut(&View) -> bool) -> View {
        let mut views = self.views.clone();
        let found = timeout(limit, views.wait_for(wanted)).await;
        let view = match found {
            Ok(Ok(view)) => view.clone(),
            _ => self.views.borrow().clone(),
        };
        self.dated(view)
    }

    /// While the watches stand, what is known is what is.
    fn dated(&self, mut view: View) -> View {
        if view.complete && view.failure.is_none() {
            view.as_of = Some((self.clock)());
        }
        view
    }
}

/// What is known of the feeds.
#[derive(Default)]
struct Standing {
    /// Kinds that were read, or may not be.
    settled: BTreeSet<&'static str>,
    troubles: BTreeMap<&'static str, ReadError>,
}

impl Standing {
    fn note(&mut self, message: &Message) {
        let kind = message.kind();
        match message.trouble() {
            Some(error) => {
                // Nobody waits for a kind that is not essential.
                if error.is_final() || !ESSENTIAL.contains(&kind) {
                    self.settled.insert(kind);
                }
                self.troubles.insert(kind, error.clone());
            }
            None => {
                if message.is_list() {
                    self.settled.insert(kind);
                }
                self.troubles.remove(kind);
            }
        }
    }

    fn is_complete(&self) -> bool {
        self.settled.len() == KINDS.len() + 2
    }

    fn failure(&self) -> Option<ReadError> {
        ESSENTIAL.iter().find_map(|kind| self.troubles.get(kind)).cloned()
    }
}

async fn keep(
    client: Client,
    namespace: String,
    selector: Selector,
    clock: Clock,
    views: watch::Sender<View>,
) {
    let (listener, mut news) = mpsc::channel(WAITING);
    let mut feeds =
        Feeds { client: &client, namespace: &namespace, answer: ANSWER, listener, tasks: JoinSet::new() };
    for (_, kind, _) in KINDS {
        feeds.objects(kind, selection(&selector, kind));
    }
    feeds.pods(Selection::default());
    feeds.events();
    let mut model = Model::new(selector);
    let mut standing = Standing::default();
    let mut drawn = Instant::now().checked_sub(PACE).unwrap_or_else(Instant::now);
    let mut batch = Vec::with_capacity(WAITING);
    loop {
        if news.recv_many(&mut batch, WAITING).await == 0 {
            return;
        }
        take_in(&mut model, &mut standing, &mut batch);
        // What comes in the meantime is drawn with it.
        while drawn.elapsed() < PACE {
            let more = tokio::select! {
                more = news.recv_many(&mut batch, WAITING) => more,
                () = sleep_until(drawn + PACE) => break,
            };
            if more == 0 {
                return;
            }
            take_in(&mut model, &mut standing, &mut batch);
        }
        drawn = Instant::now();
        draw(&mut model, &standing, &clock, &views);
    }
}

fn take_in(model: &mut Model, standing: &mut Standing, batch: &mut Vec<Message>) {
    for message in batch.drain(..) {
        standing.note(&message);
        if message.is_standing() {
            continue;
        }
        match message {
            Message::Object(kind, news) => model.objects(kind, news),
            Message::Pod(news) => model.pods(news),
            Message::Event(news) => {
                model.event(news);
            }
        }
    }
}

/// Draws the view and tells it, if it is another.
fn draw(model: &mut Model, standing: &Standing, clock: &Clock, views: &watch::Sender<View>) {
    let workloads = model.workloads();
    let lines = model.lines();
    let complete = standing.is_complete();
    let failure = standing.failure();
    let worst = workloads.iter().map(|workload| workload.verdict.health).min();
    let health = match worst {
        _ if !complete => Health::Unknown,
        Some(worst) => worst,
        None if failure.is_some() => Health::Unknown,
        None => Health::Missing,
    };
    views.send_if_modified(|view| {
        let same = view.complete == complete
            && view.failure == failure
            && view.health == health
            && *view.workloads == *workloads
            && *view.events == *lines;
        let was_standing = view.complete && view.failure.is_none();
        if was_standing || (complete && failure.is_none()) {
            view.as_of = Some(clock());
        }
        if same {
            return false;
        }
        view.revision += 1;
        view.complete = complete;
        view.failure = failure;
        view.health = health;
        view.workloads = workloads.into();
        view.events = lines.into();
        true
    });
}

/// What the server leaves out already.
fn selection(selector: &Selector, kind: &str) -> Selection {
    // Replica sets and autoscalers belong to a service by what they control, not by their labels.
    if matches!(kind, "ReplicaSet" | "HorizontalPodAutoscaler") {
        return Selection::default();
    }
    match selector {
        Selector::Label(label) => Selection { labels: Some(label.clone()), fields: None },
        Selector::Helm(_) => {
            Selection { labels: Some("app.kubernetes.io/managed-by=Helm".to_owned()), fields: None }
        }
        Selector::Named(_) => Selection::default(),
    }
}

#[cfg(test)]
mod tests;
