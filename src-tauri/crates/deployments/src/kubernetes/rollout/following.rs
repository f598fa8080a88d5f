//! What is known of a rollout while it is followed, and when it has ended.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use kube::Client;
use kube::api::{Api, DynamicObject};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until, timeout};

use super::{FOLLOWED, Limits, Progress, RolledOut, RolloutError, Running};
use crate::error::milliseconds;
use crate::kubernetes::cause::PROBING;
use crate::kubernetes::feed::{News, Selection};
use crate::kubernetes::model::{Model, Selector};
use crate::kubernetes::watch::{Feeds, Message, resource};
use crate::kubernetes::{Cause, EventLine, Health, Patience, ReadError, RunningImage, Workload, WorkloadRef};

/// How long a cause is borne that stood when following began: what was just applied may be about to end it.
pub(super) const STOOD: Duration = Duration::from_secs(5);
/// How long the pods' images are waited for once a workload is ready: news of both come on two connections.
const IMAGES: Duration = Duration::from_secs(2);
/// More selections than this are one for the whole namespace.
const SELECTIONS: usize = 4;
/// Warnings that wait to be told.
const UNTOLD: usize = 1000;
/// Workloads that are followed.
pub(super) struct Following<'a> {
    client: &'a Client,
    namespace: &'a str,
    wanted: &'a [WorkloadRef],
    limits: Limits,
    on_progress: &'a mut (dyn FnMut(Progress) + Send),
    model: Model,
    /// Kinds that were listed, or may not be.
    listed: BTreeMap<&'static str, usize>,
    /// Feeds of each kind.
    feeds: BTreeMap<&'static str, usize>,
    told: HashMap<WorkloadRef, String>,
    told_causes: HashSet<String>,
    /// Warnings about objects that are not known yet: an event may come before what it is about.
    untold: Vec<Arc<EventLine>>,
    /// Since when a workload has a cause, and whether it stood from the beginning.
    standing: HashMap<(WorkloadRef, String), (Instant, bool)>,
    /// Restarts of a container when it was first seen with a cause, by pod.
    restarts: HashMap<String, u32>,
    /// Since when everything is up, while images are waited for.
    up: Option<Instant>,
    began: bool,
    trouble: Option<ReadError>,
    last: Vec<Arc<Workload>>,
}

impl<'a> Following<'a> {
    pub(super) fn new(
        client: &'a Client,
        namespace: &'a str,
        wanted: &'a [WorkloadRef],
        limits: Limits,
        on_progress: &'a mut (dyn FnMut(Progress) + Send),
    ) -> Self {
        Self {
            client,
            namespace,
            wanted,
            limits,
            on_progress,
            model: Model::new(Selector::Named(wanted.to_vec())),
            listed: BTreeMap::new(),
            feeds: BTreeMap::new(),
            told: HashMap::new(),
            told_causes: HashSet::new(),
            untold: Vec::new(),
            standing: HashMap::new(),
            restarts: HashMap::new(),
            up: None,
            began: false,
            trouble: None,
            last: Vec::new(),
        }
    }

    /// Follows to the end. Does not look at the deadline but for what it waits for itself.
    pub(super) async fn run(&mut self, deadline: Instant) -> Result<RolledOut, RolloutError> {
        let selections = self.selections().await?;
        let (listener, mut news) = mpsc::channel(256);
        let mut feeds = Feeds {
            client: self.client,
            namespace: self.namespace,
            answer: self.limits.answer,
            listener,
            tasks: JoinSet::new(),
        };
        let kinds: BTreeSet<&str> = self.wanted.iter().map(|workload| workload.kind.as_str()).collect();
        for kind in FOLLOWED.into_iter().filter(|kind| kinds.contains(kind) && *kind != "Pod") {
            let mut names = self.wanted.iter().filter(|workload| workload.kind == kind);
            let fields = match (names.next(), names.next()) {
                (Some(only), None) => Some(format!("metadata.name={}", only.name)),
                _ => None,
            };
            // Replica sets are read for their deployments, too: those carry other names.
            let fields = fields.filter(|_| kind != "ReplicaSet");
            feeds.objects(kind, Selection { labels: None, fields });
            *self.feeds.entry(kind).or_default() += 1;
        }
        for labels in &selections {
            let selection = Selection { labels: labels.clone(), fields: None };
            feeds.pods(selection.clone());
            *self.feeds.entry("Pod").or_default() += 1;
            if kinds.contains("Deployment") && !kinds.contains("ReplicaSet") {
                feeds.objects("ReplicaSet", selection);
                *self.feeds.entry("ReplicaSet").or_default() += 1;
            }
        }
        feeds.events();
        *self.feeds.entry("Event").or_default() += 1;
        let mut batch = Vec::new();
        loop {
            let alarm = self.alarm().unwrap_or(deadline);
            tokio::select! {
                _ = news.recv_many(&mut batch, 256) => {}
                () = sleep_until(alarm) => {}
            }
            for message in batch.drain(..) {
                self.take_in(message)?;
            }
            if let Some(ended) = self.look()? {
                return Ok(ended);
            }
        }
    }

    /// The pods' selectors, as the workloads tell them: the namespace may hold thousands of others.
    async fn selections(&mut self) -> Result<Vec<Option<String>>, RolloutError> {
        let mut pause = Duration::from_millis(250);
        loop {
            let (client, namespace, answer) = (self.client, self.namespace, self.limits.answer);
            let asked = self.wanted.iter().map(|workload| selector(client, namespace, workload, answer));
            let found = join_all(asked).await;
            match found.into_iter().collect::<Result<BTreeSet<_>, _>>() {
                Ok(found) if found.len() <= SELECTIONS && !found.contains(&None) => {
                    return Ok(found.into_iter().collect());
                }
                Ok(_) => return Ok(vec![None]),
                Err(RolloutError::Read { error }) if !error.is_final() => {
                    let asked = error.retry().unwrap_or_default();
                    self.trouble(error);
                    sleep(pause.max(asked)).await;
                    pause = (pause * 2).min(Duration::from_secs(5));
                }
                Err(error) => return Err(error),
            }
        }
    }

    fn trouble(&mut self, error: ReadError) {
        if self.trouble.as_ref() != Some(&error) {
            (self.on_progress)(Progress::Trouble { error: error.clone() });
        }
        self.trouble = Some(error);
    }

    pub(super) fn take_in(&mut self, message: Message) -> Result<(), RolloutError> {
        let kind = message.kind();
        if let Some(error) = message.trouble() {
            // Without events, replica sets and autoscalers there is less to tell, but enough to follow.
            let optional =
                matches!(kind, "Event" | "ReplicaSet") && !self.wanted.iter().any(|one| one.kind == kind);
            if error.is_final() && optional {
                *self.listed.entry(kind).or_default() += 1;
            } else if error.is_final() {
                return Err(RolloutError::Read { error: error.clone() });
            } else {
                self.trouble(error.clone());
            }
            return Ok(());
        }
        self.trouble = None;
        if message.is_list() {
            *self.listed.entry(kind).or_default() += 1;
        }
        match message {
            Message::Object(kind, news) => self.model.objects(kind, news),
            Message::Pod(news) => self.model.pods(news),
            Message::Event(news) => {
                let is_list = matches!(news, News::Listed(_));
                let lines = self.model.event(news);
                // What happened before is no news.
                if !is_list {
                    self.untold.extend(lines.into_iter().filter(|line| line.warning));
                    self.untold.truncate(UNTOLD);
                }
            }
        }
        Ok(())
    }

    fn is_listed(&self) -> bool {
        self.feeds.iter().all(|(kind, feeds)| self.listed.get(kind).is_some_and(|listed| listed >= feeds))
    }

    /// Looks at where it stands: up, failed, or neither.
    pub(super) fn look(&mut self) -> Result<Option<RolledOut>, RolloutError> {
        if !self.is_listed() {
            return Ok(None);
        }
        self.last = self.model.workloads();
        let (ours, others) =
            std::mem::take(&mut self.untold).into_iter().partition(|line| self.model.is_ours(line));
        self.untold = others;
        for event in ours {
            (self.on_progress)(Progress::Warning { event });
        }
        let now = Instant::now();
        let mut all_up = true;
        let mut kept = HashMap::new();
        for wanted in self.wanted {
            let Some(workload) = self.last.iter().find(|workload| workload.reference == *wanted).cloned()
            else {
                return Err(RolloutError::Missing { workload: wanted.clone() });
            };
            if self.told.get(wanted) != Some(&workload.verdict.message) {
                self.told.insert(wanted.clone(), workload.verdict.message.clone());
                let verdict = workload.verdict.clone();
                (self.on_progress)(Progress::Workload { workload: wanted.clone(), verdict });
            }
            if is_up(&workload) {
                continue;
            }
            all_up = false;
            if let Some(cause) = &workload.cause {
                let key = (wanted.clone(), format!("{:?}", cause.key()));
                let (since, stood) = *self.standing.get(&key).unwrap_or(&(now, !self.began));
                kept.insert(key, (since, stood));
                let before = *self.restarts.entry(cause.object.clone()).or_insert(cause.restarts);
                if is_final(cause, now - since, stood, before, self.limits.probes) {
                    let cause = Box::new(Cause::clone(cause));
                    return Err(RolloutError::Failed { workload: wanted.clone(), cause, log: Vec::new() });
                }
                if self.told_causes.insert(format!("{wanted} {}", cause.message)) {
                    (self.on_progress)(Progress::Cause {
                        workload: wanted.clone(),
                        cause: Arc::clone(cause),
                    });
                }
            }
        }
        self.standing = kept;
        self.began = true;
        if !all_up {
            self.up = None;
            return Ok(None);
        }
        let since = *self.up.get_or_insert(now);
        let running: Vec<Running> = self.last_wanted().map(|workload| self.running(&workload)).collect();
        let known = self.last_wanted().all(|workload| {
            let ready = self.model.current(&workload.reference);
            let ready = ready.iter().filter(|pod| pod.health == Health::Healthy).count();
            workload.verdict.ready.is_none_or(|(wanted, _)| ready >= wanted as usize)
        });
        Ok((known || now - since >= IMAGES).then_some(RolledOut { workloads: running }))
    }

    fn last_wanted(&self) -> impl Iterator<Item = Arc<Workload>> {
        let find =
            |wanted: &WorkloadRef| self.last.iter().find(|workload| workload.reference == *wanted).cloned();
        self.wanted.iter().filter_map(find)
    }

    fn running(&self, workload: &Workload) -> Running {
        let pods = self.model.current(&workload.reference);
        let mut images: Vec<RunningImage> = pods.iter().flat_map(|pod| pod.images.iter().cloned()).collect();
        images.sort();
        images.dedup();
        Running { workload: workload.reference.clone(), message: workload.verdict.message.clone(), images }
    }

    /// When to look again although nothing happens.
    pub(super) fn alarm(&self) -> Option<Instant> {
        let causes = self.last.iter().filter_map(|workload| {
            let cause = workload.cause.as_ref()?;
            let key = (workload.reference.clone(), format!("{:?}", cause.key()));
            let (since, stood) = *self.standing.get(&key)?;
            match cause.patience {
                Patience::AtOnce if stood => Some(since + STOOD),
                patience => Some(since + grace(patience, self.limits.probes)?),
            }
        });
        causes.chain(self.up.map(|up| up + IMAGES)).min()
    }

    /// What there is to say when the limit passed.
    pub(super) fn late(&self) -> RolloutError {
        let limit_ms = milliseconds(self.limits.total);
        let late = self.wanted.iter().find_map(|wanted| {
            let known = self.last.iter().find(|workload| workload.reference == *wanted);
            match known {
                Some(workload) if is_up(workload) => None,
                known => Some((wanted.clone(), known)),
            }
        });
        match (late, &self.trouble) {
            (Some((_, None)) | None, Some(error)) => RolloutError::Read { error: error.clone() },
            (Some((workload, known)), _) => RolloutError::TimedOut {
                workload,
                message: known.map_or_else(
                    || "nothing is known of it yet".to_owned(),
                    |known| known.verdict.message.clone(),
                ),
                limit_ms,
                cause: known.and_then(|known| known.cause.as_deref().cloned()).map(Box::new),
            },
            (None, None) => RolloutError::TimedOut {
                workload: self.wanted[0].clone(),
                message: "its images were waited for".to_owned(),
                limit_ms,
                cause: None,
            },
        }
    }
}

/// The labels by which a workload finds its pods; none where it has no such.
async fn selector(
    client: &Client,
    namespace: &str,
    workload: &WorkloadRef,
    answer: Duration,
) -> Result<Option<String>, RolloutError> {
    let Some(resource) = resource(&workload.kind) else { return Ok(None) };
    let api = Api::<DynamicObject>::namespaced_with(client.clone(), namespace, &resource);
    let what = format!("get {workload} in {}", namespace);
    let object = match timeout(answer, api.get(&workload.name)).await {
        Err(_) => Err(ReadError::no_answer(&what, answer)),
        Ok(Err(kube::Error::Api(status))) if status.code == 404 => {
            return Err(RolloutError::Missing { workload: workload.clone() });
        }
        Ok(Err(error)) => Err(ReadError::of(&what, &error)),
        Ok(Ok(object)) => Ok(object),
    };
    let object = object.map_err(|error| RolloutError::Read { error })?;
    let selector = &object.data["spec"]["selector"];
    // Expressions are rare: the whole namespace is read for them.
    let plain = selector["matchExpressions"].as_array().is_none_or(Vec::is_empty);
    let labels = selector["matchLabels"].as_object().filter(|labels| plain && !labels.is_empty());
    Ok(labels.map(|labels| {
        let pairs = labels.iter().map(|(key, value)| format!("{key}={}", value.as_str().unwrap_or_default()));
        pairs.collect::<Vec<_>>().join(",")
    }))
}

/// Whether a workload has come up. What is scaled to zero is as it should be; what is paused is not.
fn is_up(workload: &Workload) -> bool {
    match workload.verdict.health {
        Health::Healthy => true,
        Health::Suspended => workload.cause.is_none(),
        _ => false,
    }
}

/// How long a cause is borne, where that is a matter of time. `probes`: what a start is given.
fn grace(patience: Patience, probes: Duration) -> Option<Duration> {
    match patience {
        Patience::After(grace) => Some(grace),
        Patience::Probing(own) => Some(own.max(PROBING.min(probes))),
        Patience::Starting(own) => Some(own.max(probes)),
        Patience::AtOnce | Patience::Restarts(_) | Patience::Never => None,
    }
}

/// Whether time does not heal it. `stood`: it was there from the beginning; `before`: restarts at first sight; `probes`: what
/// a start is given.
pub(super) fn is_final(cause: &Cause, lasts: Duration, stood: bool, before: u32, probes: Duration) -> bool {
    match cause.patience {
        Patience::AtOnce => !stood || lasts >= STOOD,
        // A container that restarted often before has to do it once more: what it waited for may be there now.
        Patience::Restarts(times) => cause.restarts >= times && (before < times || cause.restarts > before),
        patience => grace(patience, probes).is_some_and(|grace| lasts >= grace),
    }
}
