//! The host process: takes the place, ends what an earlier host left, opens proxy and control port, and serves clients
//! until there is nothing left to serve.

use std::io::Write;
use std::net::Ipv4Addr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::control::{Act, Lines, Reply, Request, same, write_line};
use super::log::Log;
use super::proxy::Proxy;
use super::slots::{GRACE, Slots};
use super::state::{self, Contact, HOST, Intent, Phase, STATE, State};
use super::{Clock, Place, orphans};
use crate::Error;

/// Clients look at the lock for moments; another host keeps it.
const LOCK: Duration = Duration::from_millis(300);
/// What an earlier host left has this long before it is killed.
const ORPHANS: Duration = Duration::from_secs(2);
/// A client has this long to say who it is.
const HELLO: Duration = Duration::from_secs(2);
/// Whoever launched the host has this long to come.
const FIRST_CLIENT: Duration = Duration::from_secs(10);
/// How long the last lines of the log may take to be written.
const LAST_LINES: Duration = Duration::from_secs(2);

/// The life of a host process. The program that [`super::Launcher`] names calls it with the folder and port of its last two
/// arguments, on a runtime of several threads, and exits when it returns. It says on standard output whether it came up:
/// one line of JSON, for the process that launched it.
///
/// # Errors
/// Why it did not come up, or what could not be stopped at its end.
pub async fn host_main(place: Place, clock: Clock) -> Result<(), Error> {
    // Out of the terminal's reach: Ctrl+C there means the deployment, not the service.
    #[cfg(unix)]
    let _ = rustix::process::setsid();
    let begun = begin(&place, &clock).await;
    let report = serde_json::to_string(&begun.as_ref().map(|_| ()));
    if let Ok(report) = report {
        // Whoever launched it may be gone; the next client comes over the control port.
        let mut out = std::io::stdout();
        let _ = writeln!(out, "{report}").and_then(|()| out.flush());
    }
    let (host, written) = begun?;
    let ended = host.serve().await;
    host.over.cancel();
    let Running { slots, lock, .. } = host;
    drop(slots);
    // A straggling task must not keep the process.
    let _ = timeout(LAST_LINES, written).await;
    drop(lock);
    ended
}

struct Running {
    slots: Arc<Slots>,
    contact: Arc<Contact>,
    listener: TcpListener,
    over: CancellationToken,
    /// Held for as long as the host lives.
    lock: std::fs::File,
}

async fn begin(place: &Place, clock: &Clock) -> Result<(Running, oneshot::Receiver<()>), Error> {
    let folder = &place.folder;
    state::make_folder(folder)?;
    let lock = state::lock(folder, LOCK).await?;
    let identity = inherit(folder).await?;
    let proxy = Proxy::open(place.port).await?;
    let (log, written) = Log::open(folder, clock.clone())?;
    let listening = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
    let found = listening.and_then(|listener| Ok((listener.local_addr()?.port(), listener)));
    let (port, listener) = found.map_err(|error| Error::Listen { port: 0, reason: error.to_string() })?;
    let contact = Contact {
        port,
        pid: std::process::id(),
        token: state::random::<32>()?,
        proof: state::random::<32>()?,
    };
    state::write(folder, STATE, &State { phase: Phase::Running, ..State::default() })?;
    if let Err(error) = state::write(folder, HOST, &contact) {
        // Nothing runs: nobody should take this for a host that died.
        let _ = state::write(folder, STATE, &State::default());
        return Err(error);
    }
    let slots = Slots::new(folder.clone(), place.port, identity, clock.clone(), log, proxy);
    let over = CancellationToken::new();
    Ok((Running { slots, contact: Arc::new(contact), listener, over, lock }, written))
}

/// Ends what an earlier host left and forgets it. The lock is held. Returns the place's identity.
pub(super) async fn inherit(folder: &Path) -> Result<String, Error> {
    let (identity, fresh) = state::identity(folder)?;
    state::remove(folder, HOST)?;
    if !fresh {
        // A state that cannot be read is no reason to leave processes behind: the marker finds them.
        let before: Option<State> = state::read(folder, STATE).unwrap_or_default();
        end_orphans(folder, &identity, before).await?;
    }
    Ok(identity)
}

/// Ends what `before` and the marker name; returns the process ids.
pub(super) async fn end_orphans(
    folder: &Path,
    identity: &str,
    before: Option<State>,
) -> Result<Vec<u32>, Error> {
    if before.as_ref().is_some_and(|state| state.phase == Phase::Stopped) {
        return Ok(Vec::new());
    }
    let before = before.unwrap_or_default();
    let mark = orphans::mark_of_place(identity);
    let mut ended = orphans::end_all(&mark, &before.instances, ORPHANS).await?;
    if matches!(before.intent, Some(Intent::Start { .. })) {
        // It may have been between its birth and its name.
        sleep(Duration::from_millis(50)).await;
        ended.extend(orphans::end_all(&mark, &[], ORPHANS).await?);
    }
    state::write(folder, STATE, &State::default())?;
    Ok(ended)
}

impl Running {
    async fn serve(&self) -> Result<(), Error> {
        let terminated = terminated();
        tokio::pin!(terminated);
        let first = sleep(FIRST_CLIENT);
        tokio::pin!(first);
        let mut alone = true;
        loop {
            tokio::select! {
                accepted = self.listener.accept() => match accepted {
                    Ok((stream, _)) => {
                        let client = serve_client(stream, self.contact.clone(), self.slots.clone(), self.over.clone());
                        tokio::spawn(client);
                    }
                    Err(_) => sleep(Duration::from_millis(50)).await,
                },
                () = self.over.cancelled() => return Ok(()),
                () = &mut terminated => return self.slots.stop(None, GRACE).await,
                () = self.slots.changed.notified() => if self.slots.end_if_idle().await { return Ok(()) },
                () = &mut first, if alone => {
                    alone = false;
                    if self.slots.end_if_idle().await { return Ok(()) }
                }
            }
        }
    }
}

/// Waits until the system wants this process to end.
async fn terminated() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut terminate) => terminate.recv().await.unwrap_or_default(),
            Err(_) => std::future::pending().await,
        }
    }
    #[cfg(not(unix))]
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending().await
    }
}

async fn serve_client(stream: TcpStream, contact: Arc<Contact>, slots: Arc<Slots>, over: CancellationToken) {
    let _ = stream.set_nodelay(true);
    let (from, mut to) = stream.into_split();
    let mut lines = Lines::new(from);
    let Ok(Ok(Some(token))) = timeout(HELLO, lines.next::<String>()).await else { return };
    if !same(&token, &contact.token) {
        return;
    }
    let Ok(number) = slots.join().await else { return };
    if write_line(&mut to, &contact.proof).await.is_ok() {
        let mut client = Client { number, lines, to, slots: slots.clone(), over };
        client.serve().await;
    }
    slots.leave(number).await;
}

struct Client {
    number: u64,
    lines: Lines<OwnedReadHalf>,
    to: OwnedWriteHalf,
    slots: Arc<Slots>,
    over: CancellationToken,
}

impl Client {
    async fn serve(&mut self) {
        let mut next: Option<Request> = None;
        loop {
            let request = match next.take() {
                Some(request) => request,
                None => tokio::select! {
                    line = self.lines.next() => match line {
                        Ok(Some(request)) => request,
                        _ => return,
                    },
                    () = self.over.cancelled() => return,
                },
            };
            let ends = matches!(request.act, Act::Stop { .. });
            let id = request.id;
            let result = if let Act::WaitHealthy { path, limit_ms, pause_ms } = request.act {
                let (limit, pause) = (Duration::from_millis(limit_ms), Duration::from_millis(pause_ms));
                tokio::select! {
                    waited = self.slots.wait_healthy(self.number, &path, limit, pause) => told(waited),
                    // Anything a client says while it waits means that it no longer does.
                    line = self.lines.next() => match line {
                        Ok(Some(request)) => {
                            next = Some(request);
                            Err(Error::Cancelled { release: self.candidate().await })
                        }
                        _ => return,
                    },
                }
            } else {
                self.act(request.act).await
            };
            let ended = ends && !matches!(result, Err(Error::Busy | Error::Ending));
            let written = write_line(&mut self.to, &Reply { id, result }).await;
            if ended {
                self.over.cancel();
            }
            if ended || written.is_err() {
                return;
            }
        }
    }

    async fn candidate(&self) -> String {
        self.slots.status().await.candidate.map(|candidate| candidate.release.id).unwrap_or_default()
    }

    async fn act(&self, act: Act) -> Result<serde_json::Value, Error> {
        let (slots, number) = (&self.slots, self.number);
        match act {
            Act::Start(launch) => told(slots.start(number, *launch).await),
            Act::Switch { strategy, drain_ms } => {
                told(slots.switch(number, strategy, Duration::from_millis(drain_ms)).await)
            }
            Act::Back { release } => told(slots.back(number, release).await),
            Act::Discard { grace_ms } => told(slots.discard(number, Duration::from_millis(grace_ms)).await),
            Act::Stop { grace_ms } => told(slots.stop(Some(number), Duration::from_millis(grace_ms)).await),
            Act::Status => told(Ok(slots.status().await)),
            // The wait it was for is over.
            Act::WaitHealthy { .. } | Act::Cancel => told(Ok(())),
        }
    }
}

fn told<T: serde::Serialize>(result: Result<T, Error>) -> Result<serde_json::Value, Error> {
    let value = serde_json::to_value(result?);
    value.map_err(|error| Error::Protocol { reason: error.to_string() })
}
