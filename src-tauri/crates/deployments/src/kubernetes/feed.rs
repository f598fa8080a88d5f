//! One kind of object, as a list and then its changes, for as long as somebody listens.
//!
//! kube's own watcher is not used for three reasons, each seen with a proxy that misbehaves: it waits without a limit for the
//! answer to a list or to the start of a watch, it asks for ever with a version that was answered with the status 410, and it
//! opens a watch anew without a pause when a server ends it at once.

use std::fmt::Debug;
use std::pin::pin;
use std::time::Duration;

use futures_util::StreamExt;
use kube::api::{Api, ListParams, WatchEvent, WatchParams};
use kube::{Resource, ResourceExt};
use serde::de::DeserializeOwned;
use tokio::sync::mpsc::Sender;
use tokio::time::{Instant, sleep, timeout};

use super::ReadError;

/// How long a watch may say nothing, in seconds: the server ends it then, and a connection that died is noticed soon after.
const QUIET: u32 = 50;
/// What the server has for ending it.
const MARGIN: Duration = Duration::from_secs(10);
/// Pauses after failures: from the first, doubled, to the last.
const PAUSES: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(10));
/// The pause after what only a person can change.
const DENIED: Duration = Duration::from_secs(30);
/// The longest that a server may ask for.
const ASKED: Duration = Duration::from_secs(60);
/// A watch that lived so long was none that the server refused.
const LIVED: Duration = Duration::from_secs(1);
/// Objects in one answer, and the fewest after answers that took too long.
const PAGE: (u32, u32) = (500, 25);

/// What is read.
#[derive(Debug, Clone, Default)]
pub(super) struct Selection {
    /// Labels.
    pub labels: Option<String>,
    /// Fields.
    pub fields: Option<String>,
}

/// What became known.
#[derive(Debug)]
pub(super) enum News<K> {
    /// All there are: whatever else was known is gone.
    Listed(Vec<K>),
    /// A new or changed one.
    Applied(Box<K>),
    /// One that is gone.
    Deleted(Box<K>),
    /// The watch stands.
    Standing,
    /// It could not be read, and is tried again.
    Trouble(ReadError),
}

/// Why a round ended.
enum End {
    /// The watch ended in good order or broke: resume it.
    Resume,
    /// The version is too old: list again.
    Expired,
    /// It could not be read.
    Failed(ReadError),
    /// Nobody listens.
    Deaf,
}

/// Reads a kind until nobody listens. `what` names it for errors (`watch pods in shop`), `answer` is the limit of each request.
pub(super) async fn feed<K, M>(
    api: Api<K>,
    what: String,
    selection: Selection,
    answer: Duration,
    wrap: impl Fn(News<K>) -> M + Send,
    listener: Sender<M>,
) where
    K: Resource + Clone + DeserializeOwned + Debug + Send + 'static,
    M: Send,
{
    let mut feed =
        Feed { api, what, selection, answer, wrap, listener, version: None, page: PAGE.0, failures: 0 };
    loop {
        let began = Instant::now();
        let end = feed.round().await;
        let pause = match end {
            End::Deaf => return,
            End::Resume if began.elapsed() >= LIVED => {
                feed.failures = 0;
                continue;
            }
            End::Resume => feed.pause(),
            End::Expired => {
                feed.version = None;
                // The first time is a matter of course.
                if feed.failures == 0 {
                    feed.failures = 1;
                    continue;
                }
                feed.pause()
            }
            End::Failed(error) => {
                let pause = if error.is_final() { DENIED } else { feed.pause() };
                let pause = error.retry().map_or(pause, |asked| pause.max(asked.min(ASKED)));
                if !feed.tell(News::Trouble(error)).await {
                    return;
                }
                pause
            }
        };
        tokio::select! {
            () = sleep(pause) => {}
            () = feed.listener.closed() => return,
        }
    }
}

struct Feed<K, M, W> {
    api: Api<K>,
    what: String,
    selection: Selection,
    answer: Duration,
    wrap: W,
    listener: Sender<M>,
    /// The version that is known; none before the first list, and after it was too old.
    version: Option<String>,
    page: u32,
    /// Rounds in a row that led to nothing.
    failures: u32,
}

impl<K, M, W> Feed<K, M, W>
where
    K: Resource + Clone + DeserializeOwned + Debug + Send + 'static,
    M: Send,
    W: Fn(News<K>) -> M + Send,
{
    async fn tell(&self, news: News<K>) -> bool {
        self.listener.send((self.wrap)(news)).await.is_ok()
    }

    fn pause(&mut self) -> Duration {
        let pause = PAUSES.0.saturating_mul(1 << self.failures.min(10)).min(PAUSES.1);
        self.failures += 1;
        pause
    }

    /// A list, where one is needed, and then a watch to its end.
    async fn round(&mut self) -> End {
        let version = match &self.version {
            Some(version) => version.clone(),
            None => match self.list().await {
                Ok((objects, version)) => {
                    self.version = Some(version.clone());
                    if !self.tell(News::Listed(objects)).await {
                        return End::Deaf;
                    }
                    version
                }
                Err(end) => return end,
            },
        };
        self.watch(&version).await
    }

    async fn list(&mut self) -> Result<(Vec<K>, String), End> {
        let mut objects = Vec::new();
        let mut next: Option<String> = None;
        loop {
            let params = ListParams {
                label_selector: self.selection.labels.clone(),
                field_selector: self.selection.fields.clone(),
                limit: Some(self.page),
                continue_token: next.take(),
                ..ListParams::default()
            };
            let answered = tokio::select! {
                answered = timeout(self.answer, self.api.list(&params)) => answered,
                () = self.listener.closed() => return Err(End::Deaf),
            };
            let page = match answered {
                Err(_) => {
                    self.page = (self.page / 2).max(PAGE.1);
                    return Err(End::Failed(ReadError::no_answer(&self.what, self.answer)));
                }
                Ok(Err(kube::Error::Api(status))) if status.code == 410 => return Err(End::Expired),
                Ok(Err(error)) => return Err(End::Failed(ReadError::of(&self.what, &error))),
                Ok(Ok(page)) => page,
            };
            objects.extend(page.items.into_iter().map(lighter));
            next = page.metadata.continue_.filter(|token| !token.is_empty());
            if next.is_some() {
                continue;
            }
            let version = page.metadata.resource_version.filter(|version| !version.is_empty());
            return match version {
                Some(version) => Ok((objects, version)),
                None => Err(End::Failed(ReadError::Unreadable {
                    what: self.what.clone(),
                    reason: "the list has no resourceVersion".to_owned(),
                })),
            };
        }
    }

    async fn watch(&mut self, version: &str) -> End {
        let params = WatchParams {
            label_selector: self.selection.labels.clone(),
            field_selector: self.selection.fields.clone(),
            timeout: Some(QUIET),
            bookmarks: true,
            send_initial_events: false,
        };
        let began = tokio::select! {
            began = timeout(self.answer, self.api.watch(&params, version)) => began,
            () = self.listener.closed() => return End::Deaf,
        };
        let stream = match began {
            Err(_) => return End::Failed(ReadError::no_answer(&self.what, self.answer)),
            Ok(Err(kube::Error::Api(status))) if status.code == 410 => return End::Expired,
            Ok(Err(error)) => return End::Failed(ReadError::of(&self.what, &error)),
            Ok(Ok(stream)) => stream,
        };
        if !self.tell(News::Standing).await {
            return End::Deaf;
        }
        let mut stream = pin!(stream);
        let quiet = Duration::from_secs(u64::from(QUIET)) + MARGIN;
        loop {
            let next = tokio::select! {
                next = timeout(quiet, stream.next()) => next,
                () = self.listener.closed() => return End::Deaf,
            };
            let (news, version) = match next {
                // Quiet for longer than the server keeps a watch: the connection is dead. Ended or broken: resume.
                Err(_) | Ok(None) | Ok(Some(Err(kube::Error::ReadEvents(_)))) => return End::Resume,
                Ok(Some(Err(kube::Error::Api(status)))) | Ok(Some(Ok(WatchEvent::Error(status)))) => {
                    return if status.code == 410 {
                        End::Expired
                    } else {
                        End::Failed(ReadError::of_status(&self.what, &status))
                    };
                }
                Ok(Some(Err(error))) => return End::Failed(ReadError::of(&self.what, &error)),
                Ok(Some(Ok(WatchEvent::Added(object) | WatchEvent::Modified(object)))) => {
                    let version = object.resource_version();
                    (News::Applied(Box::new(lighter(object))), version)
                }
                Ok(Some(Ok(WatchEvent::Deleted(object)))) => {
                    let version = object.resource_version();
                    (News::Deleted(Box::new(object)), version)
                }
                Ok(Some(Ok(WatchEvent::Bookmark(bookmark)))) => {
                    (News::Standing, Some(bookmark.metadata.resource_version))
                }
            };
            if let Some(version) = version.filter(|version| !version.is_empty()) {
                self.version = Some(version);
            }
            self.failures = 0;
            if !self.tell(news).await {
                return End::Deaf;
            }
        }
    }
}

/// Without what nobody here reads and what makes up half of an object: who set which field, and the manifest it was applied from.
fn lighter<K: Resource>(mut object: K) -> K {
    let meta = object.meta_mut();
    meta.managed_fields = None;
    if let Some(annotations) = &mut meta.annotations {
        annotations.remove("kubectl.kubernetes.io/last-applied-configuration");
    }
    object
}
