//! What a host holds: the live instance, the warm one, the candidate, and those that finish. Every act is written to
//! `state.json` before and after.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, MutexGuard, Notify};
use tokio::time::Instant;

use super::instance::{Instance, Launch};
use super::log::Log;
use super::proxy::Proxy;
use super::state::{self, HOST, Intent, Phase, Role, STATE, State};
use super::{Clock, Health, InstanceStatus, Release, Slot, Status, Strategy, Switched, health, orphans};
use crate::Error;
use crate::error::milliseconds;

/// An instance that is stopped has this long before it is killed, where nobody says otherwise.
pub(super) const GRACE: Duration = Duration::from_secs(5);
/// Requests under way have this long when everything is stopped.
const CLOSE: Duration = Duration::from_secs(2);
/// How often the live and the warm instance are asked, and how long one answer may take.
const BEAT: Duration = Duration::from_secs(2);
const PROBE: Duration = Duration::from_secs(2);
/// Less time than this is too little to answer in.
const BLINK: Duration = Duration::from_millis(250);

#[derive(Default)]
struct Held {
    live: Option<Arc<Instance>>,
    warm: Option<Arc<Instance>>,
    candidate: Option<Arc<Instance>>,
    retiring: Vec<Arc<Instance>>,
    /// The client whose deployment is under way.
    claim: Option<u64>,
    clients: usize,
    numbers: u64,
    phase: Phase,
    ending: bool,
}

impl Held {
    /// May this client change something now?
    fn free_for(&self, client: Option<u64>) -> Result<(), Error> {
        if self.ending {
            return Err(Error::Ending);
        }
        if self.claim.is_some_and(|claim| Some(claim) != client) { Err(Error::Busy) } else { Ok(()) }
    }

    fn candidate_of(&self, client: u64) -> Result<Arc<Instance>, Error> {
        self.free_for(Some(client))?;
        self.candidate.clone().ok_or(Error::NoCandidate)
    }

    fn empty(&self) -> bool {
        self.live.is_none() && self.warm.is_none() && self.candidate.is_none() && self.retiring.is_empty()
    }

    fn state(&self, intent: Option<Intent>) -> State {
        let held = [(&self.live, Role::Live), (&self.warm, Role::Warm), (&self.candidate, Role::Candidate)];
        let held = held.into_iter().filter_map(|(instance, role)| Some((instance.as_ref()?, role)));
        let all = held.chain(self.retiring.iter().map(|instance| (instance, Role::Retiring)));
        let instances = all.map(|(instance, role)| instance.recorded(role)).collect();
        State { phase: self.phase, intent, instances }
    }
}

/// The instances of one host.
pub(super) struct Slots {
    folder: PathBuf,
    port: u16,
    identity: String,
    clock: Clock,
    log: Log,
    proxy: Arc<Proxy>,
    held: Mutex<Held>,
    /// Somebody left, or something ended: maybe there is nothing left to do.
    pub changed: Notify,
}

impl Slots {
    pub fn new(
        folder: PathBuf,
        port: u16,
        identity: String,
        clock: Clock,
        log: Log,
        proxy: Arc<Proxy>,
    ) -> Arc<Self> {
        let held = Mutex::new(Held { phase: Phase::Running, ..Held::default() });
        Arc::new(Self { folder, port, identity, clock, log, proxy, held, changed: Notify::new() })
    }

    async fn record(&self, held: &MutexGuard<'_, Held>, intent: Option<Intent>) -> Result<(), Error> {
        let (folder, state) = (self.folder.clone(), held.state(intent));
        let written = tokio::task::spawn_blocking(move || state::write(&folder, STATE, &state)).await;
        written.unwrap_or_else(|error| Err(Error::file(&self.folder.join(STATE), error)))
    }

    /// Writes what has happened already. It stays true if that fails, so the failure is noted and nothing undone.
    async fn record_done(&self, held: &MutexGuard<'_, Held>) {
        if let Err(error) = self.record(held, None).await {
            self.log.note("", format!("what runs could not be written down: {error}"));
        }
    }

    /// A client has come. Returns its number.
    ///
    /// # Errors
    /// [`Error::Ending`]: it is too late.
    pub async fn join(&self) -> Result<u64, Error> {
        let mut held = self.held.lock().await;
        if held.ending {
            return Err(Error::Ending);
        }
        held.clients += 1;
        held.numbers += 1;
        Ok(held.numbers)
    }

    /// A client has gone, and its candidate with it.
    pub async fn leave(&self, client: u64) {
        let _ = self.discard(client, GRACE).await;
        self.held.lock().await.clients -= 1;
        self.changed.notify_one();
    }

    /// Starts a candidate for `client`.
    pub async fn start(self: &Arc<Self>, client: u64, launch: Launch) -> Result<InstanceStatus, Error> {
        let mut held = self.held.lock().await;
        held.free_for(Some(client))?;
        held.claim = Some(client);
        if let Some(before) = held.candidate.take() {
            let _ = before.stop(GRACE).await;
        }
        let slot = held.live.as_ref().map_or(Slot::Blue, |live| live.slot.other());
        held.numbers += 1;
        let mark = orphans::mark_of_instance(&self.identity, held.numbers);
        let started = match self.record(&held, Some(Intent::Start { release: launch.release.clone() })).await
        {
            Ok(()) => Instance::start(launch, slot, mark, &self.log, (self.clock)()),
            Err(error) => Err(error),
        };
        let instance = match started {
            Ok(instance) => instance,
            Err(error) => {
                held.claim = None;
                self.record_done(&held).await;
                return Err(error);
            }
        };
        held.candidate = Some(instance.clone());
        if let Err(error) = self.record(&held, None).await {
            // What cannot be written down cannot be found again.
            (held.candidate, held.claim) = (None, None);
            let _ = instance.stop(GRACE).await;
            return Err(error);
        }
        tokio::spawn(self.clone().watch(instance.clone()));
        Ok(instance.status())
    }

    /// Asks the candidate until it is healthy. Returns after how long it was.
    pub async fn wait_healthy(
        &self,
        client: u64,
        path: &str,
        limit: Duration,
        pause: Duration,
    ) -> Result<InstanceStatus, Error> {
        let instance = self.held.lock().await.candidate_of(client)?;
        instance.set_path(path);
        let deadline = Instant::now() + limit;
        let mut last = None;
        for pause in health::pauses(pause) {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            let asked = tokio::select! {
                biased;
                exit = instance.exited() => return Err(exited(&instance, exit).await),
                asked = health::probe(instance.port(), path, left.min(PROBE)) => asked,
            };
            // Another program's answer is no health of one that has ended meanwhile.
            if let Some(exit) = instance.exit() {
                return Err(exited(&instance, exit).await);
            }
            match asked {
                Ok(()) => {
                    instance.set_health(Ok(()));
                    return Ok(instance.status());
                }
                // A question without time for an answer says less than the one before it.
                Err(_) if last.is_some() && left < BLINK => {}
                Err(reason) => last = Some(reason),
            }
            tokio::select! {
                exit = instance.exited() => return Err(exited(&instance, exit).await),
                () = tokio::time::sleep_until(deadline.min(Instant::now() + pause)) => {}
            }
        }
        let last = last.unwrap_or_else(|| "it was not asked".to_owned());
        instance.set_health(Err(last.clone()));
        let (release, path, log) = (instance.release.id.clone(), path.to_owned(), instance.tail.lines());
        Err(Error::NeverHealthy { release, path, limit_ms: milliseconds(limit), last, log })
    }

    /// Sends requests to the candidate from now on.
    pub async fn switch(
        self: &Arc<Self>,
        client: u64,
        strategy: Strategy,
        drain: Duration,
    ) -> Result<Switched, Error> {
        let mut held = self.held.lock().await;
        let next = held.candidate_of(client)?;
        if let Some(exit) = next.exit() {
            return Err(exited(&next, exit).await);
        }
        if next.health() != Health::Healthy {
            return Err(Error::NotHealthy { release: next.release.id.clone() });
        }
        self.record(&held, Some(Intent::Switch { to: next.release.clone() })).await?;
        self.proxy.switch(Some(next.upstream.clone()));
        next.set_live(Some((self.clock)()));
        (held.candidate, held.claim) = (None, None);
        let before = held.live.replace(next.clone());
        let from = before.as_ref().map(|before| before.release.clone());
        let mut leaving: Vec<Arc<Instance>> = held.warm.take().into_iter().collect();
        if let Some(before) = before {
            before.set_live(None);
            if strategy == Strategy::BlueGreen && before.exit().is_none() {
                held.warm = Some(before);
            } else {
                leaving.push(before);
            }
        }
        self.retire(&mut held, leaving, drain);
        self.record_done(&held).await;
        tokio::spawn(monitor(next.clone()));
        self.log.note(&next.release.id, "is live");
        Ok(Switched { from, live: next.status() })
    }

    /// Sends requests back to the warm instance, if it runs `wanted` and is healthy. The live one is kept warm instead.
    pub async fn back(self: &Arc<Self>, client: u64, wanted: String) -> Result<Switched, Error> {
        let mut held = self.held.lock().await;
        held.free_for(Some(client))?;
        let Some(warm) = held.warm.clone() else { return Err(Error::NoWarm { wanted }) };
        if warm.release.id != wanted {
            return Err(Error::OtherWarm { wanted, warm: warm.release.id.clone() });
        }
        let unhealthy = |reason: String| Error::WarmUnhealthy { release: warm.release.id.clone(), reason };
        if let Some(exit) = warm.exit() {
            return Err(unhealthy(format!("its process ended with {exit}")));
        }
        let asked = health::probe(warm.port(), &warm.path(), PROBE).await;
        warm.set_health(asked.clone());
        asked.map_err(unhealthy)?;
        self.record(&held, Some(Intent::Switch { to: warm.release.clone() })).await?;
        self.proxy.switch(Some(warm.upstream.clone()));
        warm.set_live(Some((self.clock)()));
        let before = held.live.replace(warm.clone());
        held.warm = None;
        let from = before.as_ref().map(|before| before.release.clone());
        if let Some(before) = before {
            before.set_live(None);
            match before.exit() {
                None => held.warm = Some(before),
                Some(_) => self.retire(&mut held, vec![before], Duration::ZERO),
            }
        }
        self.record_done(&held).await;
        self.log.note(&warm.release.id, "is live again");
        Ok(Switched { from, live: warm.status() })
    }

    /// Lets instances finish their requests and stops them, in the background.
    fn retire(
        self: &Arc<Self>,
        held: &mut MutexGuard<'_, Held>,
        leaving: Vec<Arc<Instance>>,
        drain: Duration,
    ) {
        for instance in leaving {
            held.retiring.push(instance.clone());
            let slots = self.clone();
            tokio::spawn(async move {
                let cut = instance.upstream.quiet(drain).await;
                if cut > 0 {
                    slots
                        .log
                        .note(&instance.release.id, format!("{cut} requests took too long and are cut off"));
                }
                if let Err(error) = instance.stop(GRACE).await {
                    slots.log.note(&instance.release.id, error.to_string());
                }
                let mut held = slots.held.lock().await;
                held.retiring.retain(|retiring| !Arc::ptr_eq(retiring, &instance));
                slots.record_done(&held).await;
                slots.changed.notify_one();
            });
        }
    }

    /// Stops the candidate of `client`. The way is free for others at once.
    pub async fn discard(&self, client: u64, grace: Duration) -> Result<(), Error> {
        let mut held = self.held.lock().await;
        if held.claim != Some(client) {
            return Ok(());
        }
        held.claim = None;
        let Some(candidate) = held.candidate.take() else { return Ok(()) };
        held.retiring.push(candidate.clone());
        // Stopping takes its time, and others may ask how things are.
        drop(held);
        let stopped = candidate.stop(grace).await;
        let mut held = self.held.lock().await;
        held.retiring.retain(|retiring| !Arc::ptr_eq(retiring, &candidate));
        self.record_done(&held).await;
        stopped
    }

    /// Stops everything and gives the port back. After this the host has only to end. `client` is the one that asked.
    pub async fn stop(&self, client: Option<u64>, grace: Duration) -> Result<(), Error> {
        let held = self.held.lock().await;
        if client.is_some() {
            held.free_for(client)?;
        }
        self.end(held, grace).await
    }

    /// Ends, unless there is something to live for. Returns whether it has ended.
    pub async fn end_if_idle(&self) -> bool {
        let held = self.held.lock().await;
        if held.clients > 0 || held.ending || !held.empty() {
            return false;
        }
        let _ = self.end(held, GRACE).await;
        true
    }

    async fn end(&self, mut held: MutexGuard<'_, Held>, grace: Duration) -> Result<(), Error> {
        held.ending = true;
        let others = [held.live.take(), held.warm.take(), held.candidate.take()];
        held.retiring.extend(others.into_iter().flatten());
        let all = held.retiring.clone();
        // The wish is noted if it can be; it is carried out in any case.
        let _ = self.record(&held, Some(Intent::Stop)).await;
        drop(held);
        self.proxy.close(CLOSE).await;
        let stopping: Vec<_> =
            all.into_iter().map(|instance| tokio::spawn(async move { instance.stop(grace).await })).collect();
        let mut survivors = Vec::new();
        for stopped in stopping {
            if let Ok(Err(Error::Survivors { pids })) = stopped.await {
                survivors.extend(pids);
            }
        }
        if !survivors.is_empty() {
            return Err(Error::Survivors { pids: survivors });
        }
        let mut held = self.held.lock().await;
        held.retiring.clear();
        held.phase = Phase::Stopped;
        state::remove(&self.folder, HOST)?;
        self.record(&held, None).await
    }

    /// How everything is.
    pub async fn status(&self) -> Status {
        let held = self.held.lock().await;
        let (requests_total, errors_total, in_flight) = self.proxy.counts();
        let status = |instance: &Option<Arc<Instance>>| instance.as_ref().map(|instance| instance.status());
        Status {
            port: self.port,
            address: format!("http://127.0.0.1:{}", self.port),
            live: status(&held.live),
            warm: status(&held.warm),
            candidate: status(&held.candidate),
            retiring: held.retiring.len(),
            requests_total,
            errors_total,
            in_flight,
        }
    }

    /// Writes down that a process has ended.
    async fn watch(self: Arc<Self>, instance: Arc<Instance>) {
        instance.exited().await;
        instance.settled().await;
        let held = self.held.lock().await;
        if !held.ending {
            self.record_done(&held).await;
        }
    }
}

async fn exited(instance: &Instance, exit: crate::Exit) -> Error {
    Error::Exited { release: instance.release.id.clone(), exit, log: instance.tail.lines() }
}

/// Asks an instance for as long as it runs.
async fn monitor(instance: Arc<Instance>) {
    loop {
        tokio::select! {
            _ = instance.exited() => return,
            () = tokio::time::sleep(BEAT) => {}
        }
        let asked = health::probe(instance.port(), &instance.path(), PROBE).await;
        instance.set_health(asked);
    }
}

/// A release, as an intent names it.
pub(super) fn meant(state: &State) -> Option<Release> {
    if let Some(Intent::Switch { to }) = &state.intent {
        return Some(to.clone());
    }
    let live = state.instances.iter().find(|recorded| recorded.role == Role::Live);
    live.map(|recorded| recorded.release.clone())
}
