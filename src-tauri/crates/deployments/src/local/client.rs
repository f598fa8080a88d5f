//! The client of a host: what a deployment's run, `jalonctl` and the window use.

use std::process::Stdio;
use std::time::{Duration, Instant};

use serde::de::DeserializeOwned;
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::process::Command;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::control::{Act, Lines, Reply, Request, same, write_line};
use super::state::{self, Contact, HOST, STATE, State};
use super::{
    Candidate, InstanceStatus, Launcher, MARKER, Offline, Place, Status, Strategy, Switched, host, orphans,
    slots,
};
use crate::Error;
use crate::error::milliseconds;

const POLL: Duration = Duration::from_millis(10);
/// What a wait may take on top of its own limit: the last question, and the way back.
const SLACK: Duration = Duration::from_secs(5);

/// A connection to the host of one service in one environment. Dropping it, or dying, stops a candidate that was not
/// switched to; the live instance stays.
pub struct Host {
    place: Place,
    lines: Lines<OwnedReadHalf>,
    to: OwnedWriteHalf,
    id: u64,
}

impl Host {
    /// The host, if one lives.
    ///
    /// # Errors
    /// [`Error::Deadline`] if one lives but cannot be reached within `limit`; [`Error::File`].
    pub async fn connect(place: &Place, limit: Duration) -> Result<Option<Self>, Error> {
        let began = Instant::now();
        loop {
            if !state::locked(&place.folder)? {
                return Ok(None);
            }
            // It may have just begun, or be about to end: its file comes and goes.
            let contact: Option<Contact> = state::read(&place.folder, HOST).unwrap_or_default();
            if let Some(contact) = contact {
                let left = limit.saturating_sub(began.elapsed()).max(POLL);
                if let Ok(Some(host)) = timeout(left, Self::open(place, &contact)).await {
                    return Ok(Some(host));
                }
            }
            if began.elapsed() >= limit {
                return Err(Error::deadline("reach the host of the service", limit));
            }
            sleep(POLL).await;
        }
    }

    /// The host; a new one if none lives. A new one first ends whatever an earlier one left, which takes up to two seconds
    /// for processes that have to be killed.
    ///
    /// # Errors
    /// [`Error::PortTaken`], [`Error::HostNotStarted`], [`Error::Survivors`], and those of [`Host::connect`].
    pub async fn connect_or_launch(
        place: &Place,
        launcher: &Launcher,
        limit: Duration,
    ) -> Result<Self, Error> {
        let began = Instant::now();
        loop {
            let left = limit.saturating_sub(began.elapsed());
            if left.is_zero() {
                return Err(Error::deadline("start the host of the service", limit));
            }
            if let Some(host) = Self::connect(place, left).await? {
                return Ok(host);
            }
            match timeout(left, launch(place, launcher)).await {
                Ok(Ok(())) => {}
                // Somebody else launched one at the same moment.
                Ok(Err(Error::HostRuns { .. })) => sleep(POLL).await,
                Ok(Err(error)) => return Err(error),
                Err(_) => return Err(Error::deadline("start the host of the service", limit)),
            }
        }
    }

    async fn open(place: &Place, contact: &Contact) -> Option<Self> {
        let stream = TcpStream::connect((std::net::Ipv4Addr::LOCALHOST, contact.port)).await.ok()?;
        let _ = stream.set_nodelay(true);
        let (from, mut to) = stream.into_split();
        write_line(&mut to, &contact.token).await.ok()?;
        let mut lines = Lines::new(from);
        let proof: String = lines.next().await.ok()??;
        same(&proof, &contact.proof).then(|| Self { place: place.clone(), lines, to, id: 0 })
    }

    async fn send(&mut self, act: Act) -> std::io::Result<u64> {
        self.id += 1;
        write_line(&mut self.to, &Request { id: self.id, act }).await?;
        Ok(self.id)
    }

    /// The reply to request `id`; those to requests that were given up are passed over.
    async fn reply<T: DeserializeOwned>(&mut self, id: u64, what: &str) -> Result<T, Error> {
        loop {
            match self.lines.next::<Reply>().await {
                Ok(Some(reply)) if reply.id == id => {
                    let broken = |error: serde_json::Error| Error::Protocol { reason: error.to_string() };
                    return serde_json::from_value(reply.result?).map_err(broken);
                }
                Ok(Some(_)) => {}
                Ok(None) => return Err(Error::HostLost { what: what.to_owned() }),
                Err(error) if error.kind() == std::io::ErrorKind::InvalidData => {
                    return Err(Error::Protocol { reason: error.to_string() });
                }
                Err(_) => return Err(Error::HostLost { what: what.to_owned() }),
            }
        }
    }

    async fn ask<T: DeserializeOwned>(&mut self, what: &str, act: Act, limit: Duration) -> Result<T, Error> {
        let asked = async {
            let lost = |_| Error::HostLost { what: what.to_owned() };
            let id = self.send(act).await.map_err(lost)?;
            self.reply(id, what).await
        };
        timeout(limit, asked).await.unwrap_or_else(|_| Err(Error::deadline(what, limit)))
    }

    /// Starts a candidate. It belongs to this connection until [`Host::switch`].
    ///
    /// # Errors
    /// [`Error::Busy`]; why the command could not be started; [`Error::File`] if it could not be written down.
    pub async fn start(&mut self, candidate: Candidate, limit: Duration) -> Result<InstanceStatus, Error> {
        self.ask("start the release", Act::Start(Box::new(candidate.into())), limit).await
    }

    /// Waits until the candidate answers 2xx at `path`: asked at once, then with pauses that grow from `pause` (5 to
    /// 20 ms are good) to a quarter of a second. The candidate stays, whatever comes out; see [`Host::discard`].
    ///
    /// # Errors
    /// [`Error::Exited`] at once if it ends, [`Error::NeverHealthy`] after `limit`, [`Error::Cancelled`].
    pub async fn wait_healthy(
        &mut self,
        path: &str,
        limit: Duration,
        pause: Duration,
        cancel: &CancellationToken,
    ) -> Result<InstanceStatus, Error> {
        let what = "wait for the release";
        let lost = |_| Error::HostLost { what: what.to_owned() };
        let act = Act::WaitHealthy {
            path: path.to_owned(),
            limit_ms: milliseconds(limit),
            pause_ms: milliseconds(pause),
        };
        let waited = async {
            let id = self.send(act).await.map_err(lost)?;
            tokio::select! {
                reply = self.reply(id, what) => return reply,
                () = cancel.cancelled() => {}
            }
            self.send(Act::Cancel).await.map_err(lost)?;
            self.reply(id, what).await
        };
        timeout(limit + SLACK, waited).await.unwrap_or_else(|_| Err(Error::deadline(what, limit)))
    }

    /// Sends every new request to the candidate. Requests under way end undisturbed: under [`Strategy::Rolling`] the
    /// instance that was live is stopped after them, or after `drain`; under [`Strategy::BlueGreen`] it is kept warm. Returns
    /// when the switch is durable, without waiting for the rest.
    ///
    /// # Errors
    /// [`Error::NoCandidate`], [`Error::NotHealthy`], [`Error::Exited`]; after any error the same release is live as before,
    /// but after [`Error::HostLost`] and [`Error::Deadline`] only [`Host::status`] can tell.
    pub async fn switch(
        &mut self,
        strategy: Strategy,
        drain: Duration,
        limit: Duration,
    ) -> Result<Switched, Error> {
        let act = Act::Switch { strategy, drain_ms: milliseconds(drain) };
        self.ask("switch to the release", act, limit).await
    }

    /// Sends requests back to the warm instance, if it runs the release `wanted` (an id) and is healthy now.
    ///
    /// # Errors
    /// [`Error::NoWarm`], [`Error::OtherWarm`], [`Error::WarmUnhealthy`]: deploy it again instead. [`Error::Busy`].
    pub async fn back(&mut self, wanted: &str, limit: Duration) -> Result<Switched, Error> {
        self.ask("go back", Act::Back { release: wanted.to_owned() }, limit).await
    }

    /// Stops this connection's candidate, if there is one: asked first, killed after `grace`.
    ///
    /// # Errors
    /// [`Error::Survivors`].
    pub async fn discard(&mut self, grace: Duration, limit: Duration) -> Result<(), Error> {
        let act = Act::Discard { grace_ms: milliseconds(grace) };
        self.ask("stop the candidate", act, limit).await
    }

    /// Stops every instance (asked first, killed after `grace`), gives the port back and ends the host. When it returns,
    /// nothing is left.
    ///
    /// # Errors
    /// [`Error::Busy`] while somebody else deploys; [`Error::Survivors`].
    pub async fn stop(mut self, grace: Duration, limit: Duration) -> Result<(), Error> {
        let (what, began) = ("stop the service", Instant::now());
        let act = Act::Stop { grace_ms: milliseconds(grace) };
        let () = self.ask(what, act, limit).await?;
        while state::locked(&self.place.folder)? {
            if began.elapsed() >= limit {
                return Err(Error::deadline(what, limit));
            }
            sleep(POLL).await;
        }
        Ok(())
    }

    /// How the service is.
    ///
    /// # Errors
    /// [`Error::HostLost`], [`Error::Deadline`].
    pub async fn status(&mut self, limit: Duration) -> Result<Status, Error> {
        self.ask("tell its status", Act::Status, limit).await
    }
}

/// Starts a host and waits for its word.
async fn launch(place: &Place, launcher: &Launcher) -> Result<(), Error> {
    state::make_folder(&place.folder)?;
    let folder = std::path::absolute(&place.folder).map_err(|error| Error::file(&place.folder, error))?;
    let failed = |reason: String| Error::HostNotStarted { reason };
    let mut command = Command::new(&launcher.program);
    command.args(&launcher.leading_args).arg(&folder).arg(place.port.to_string());
    // A host lives long and needs none of the secrets of whoever happens to launch it.
    for (name, _) in std::env::vars_os() {
        let secret = [b"JALON_SECRET_".as_slice(), b"JALON_GITHUB_TOKEN"];
        if secret.iter().any(|start| name.as_encoded_bytes().starts_with(start)) {
            command.env_remove(name);
        }
    }
    command.env_remove(MARKER).current_dir(&folder);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    // Detached, in a process group of its own.
    #[cfg(windows)]
    command.creation_flags(0x0000_0008 | 0x0000_0200);
    let mut child = command
        .spawn()
        .map_err(|error| failed(format!("{} could not be started: {error}", launcher.program.display())))?;
    let Some(out) = child.stdout.take() else { return Err(failed("it has no output".to_owned())) };
    let told = Lines::new(out).next::<Result<(), Error>>().await;
    match told {
        Ok(Some(begun)) => begun,
        Ok(None) => {
            let status = timeout(Duration::from_secs(1), child.wait()).await;
            let how = status.ok().and_then(Result::ok).map(crate::Exit::from);
            Err(failed(how.map_or("it said nothing".to_owned(), |how| format!("it ended with {how}"))))
        }
        Err(error) => Err(failed(format!("{} is no host: {error}", launcher.program.display()))),
    }
}

/// What is known of a service without a host.
///
/// # Errors
/// [`Error::File`].
pub fn status_offline(place: &Place) -> Result<Offline, Error> {
    if state::locked(&place.folder)? {
        return Ok(Offline::Running);
    }
    let state: Option<State> = state::read(&place.folder, STATE)?;
    let Some(state) = state.filter(|state| state.phase == state::Phase::Running) else {
        return Ok(Offline::Stopped);
    };
    let living = state.instances.iter().filter(|recorded| orphans::alive(recorded));
    let survivors = living.map(|recorded| recorded.pid).collect();
    Ok(Offline::Lost { release: slots::meant(&state), survivors })
}

/// Ends what a host that died left behind, without starting another: how a lost service is stopped. Returns the processes
/// that were ended.
///
/// # Errors
/// [`Error::HostRuns`]: connect and [`Host::stop`] instead. [`Error::Survivors`], [`Error::File`].
pub async fn clean_up(place: &Place) -> Result<Vec<u32>, Error> {
    if !place.folder.is_dir() {
        return Ok(Vec::new());
    }
    let _lock = state::lock(&place.folder, Duration::from_secs(1)).await?;
    let (identity, _) = state::identity(&place.folder)?;
    state::remove(&place.folder, HOST)?;
    let before = state::read(&place.folder, STATE).unwrap_or_default();
    host::end_orphans(&place.folder, &identity, before).await
}
