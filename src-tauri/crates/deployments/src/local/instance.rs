//! One instance of a service: a child process in a process group of its own, with a free port, its log and its end.

use std::io;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use credentials::Masker;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::process::{Child, Command};
use tokio::sync::watch;
use tokio::time::{Instant, timeout, timeout_at};

use super::log::{Log, Sink, Stream, Tail, collect};
use super::orphans::{self, Force};
use super::proxy::Upstream;
use super::state::{Recorded, Role};
use super::{Candidate, Health, InstanceStatus, MARKER, Release, Slot};
use crate::{Error, Exit};

/// Children of a process that ended by itself have this long to follow.
const LEFTOVERS: Duration = Duration::from_secs(2);
/// How long a killed process may take to vanish, and its last lines to arrive.
const VANISH: Duration = Duration::from_secs(2);
const LAST_LINES: Duration = Duration::from_millis(200);
const POLL: Duration = Duration::from_millis(10);

/// A candidate on the wire. It has secrets in it and goes over the control connection only.
#[derive(Serialize, Deserialize)]
pub(super) struct Launch {
    pub release: Release,
    pub dir: PathBuf,
    pub command: Vec<String>,
    pub environment: std::collections::BTreeMap<String, String>,
    pub secrets: std::collections::BTreeMap<String, String>,
}

impl From<Candidate> for Launch {
    fn from(Candidate { release, dir, command, environment, secrets }: Candidate) -> Self {
        Self { release, dir, command, environment, secrets }
    }
}

/// What is found out about an instance while it runs.
#[derive(Clone)]
struct Seen {
    since_live: Option<Timestamp>,
    health: Health,
    path: String,
}

/// A started process.
pub(super) struct Instance {
    pub release: Release,
    pub slot: Slot,
    pub upstream: Arc<Upstream>,
    pub tail: Tail,
    pub pid: u32,
    mark: String,
    port: u16,
    birth: Option<u64>,
    started_at: Timestamp,
    seen: Mutex<Seen>,
    exit: watch::Receiver<Option<Exit>>,
    ended: watch::Receiver<bool>,
    stop: watch::Sender<Option<Duration>>,
}

impl Instance {
    /// Starts the command, marked `mark`.
    ///
    /// # Errors
    /// Why the program could not be started.
    pub fn start(
        launch: Launch,
        slot: Slot,
        mark: String,
        log: &Log,
        now: Timestamp,
    ) -> Result<Arc<Self>, Error> {
        let port = free_port()?;
        let Launch { release, dir, command, environment, secrets } = launch;
        let Some((program, arguments)) = command.split_first().filter(|(program, _)| !program.is_empty())
        else {
            return Err(Error::EmptyCommand { release: release.id });
        };
        if !dir.is_dir() {
            return Err(Error::DirectoryMissing { dir: dir.display().to_string(), program: program.clone() });
        }
        let with_port = |text: &String| text.replace("${PORT}", &port.to_string());
        let program = (program.as_str(), resolve(program, &dir));
        let mut child = Command::new(&program.1);
        // A service is no business of Jalon's own settings, tokens among them.
        for (name, _) in std::env::vars_os() {
            if name.as_encoded_bytes().starts_with(b"JALON_") {
                child.env_remove(name);
            }
        }
        child
            .args(arguments.iter().map(with_port))
            .envs(environment.iter().map(|(name, value)| (name, with_port(value))))
            .envs(&secrets)
            .env("PORT", port.to_string())
            .env(MARKER, &mark)
            .current_dir(&dir)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        #[cfg(unix)]
        child.process_group(0);
        let mut child = child.spawn().map_err(|error| refused(program.0, &program.1, &error))?;
        let pid = child.id().unwrap_or_default();
        let (upstream, tail) = (Upstream::new(port, &release.id), Tail::default());
        let masker = Arc::new(Masker::new(secrets.values().map(String::as_str)));
        let sink = |stream| Sink {
            log: log.clone(),
            tail: tail.clone(),
            masker: masker.clone(),
            release: release.id.clone(),
            stream,
        };
        let out = child.stdout.take().map(|out| tokio::spawn(collect(out, sink(Stream::Stdout))));
        let err = child.stderr.take().map(|err| tokio::spawn(collect(err, sink(Stream::Stderr))));
        let (exited, exit) = watch::channel(None);
        let (finished, ended) = watch::channel(false);
        let (stop, asked) = watch::channel(None);
        let tender = Tender {
            child,
            pid,
            mark: mark.clone(),
            release: release.id.clone(),
            log: log.clone(),
            upstream: upstream.clone(),
            readers: [out, err].into_iter().flatten().collect(),
            asked,
        };
        tokio::spawn(async move {
            tender.tend(exited).await;
            finished.send_replace(true);
        });
        log.note(&release.id, format!("started, process {pid}, port {port}"));
        let seen = Seen { since_live: None, health: Health::Unknown, path: "/health".to_owned() };
        let birth = orphans::birth(pid);
        let seen = Mutex::new(seen);
        Ok(Arc::new(Self {
            release,
            slot,
            upstream,
            tail,
            pid,
            mark,
            port,
            birth,
            started_at: now,
            seen,
            exit,
            ended,
            stop,
        }))
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Its own port, behind the proxy.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// How it ended, if it has.
    pub fn exit(&self) -> Option<Exit> {
        *self.exit.borrow()
    }

    /// Waits until its process ends.
    pub async fn exited(&self) -> Exit {
        let mut exit = self.exit.clone();
        let found = exit.wait_for(Option::is_some).await.ok().and_then(|exit| *exit);
        // Nobody watches it any more: nobody will ever know.
        found.unwrap_or(Exit { code: None, signal: None })
    }

    /// Waits, within limits, until its end is complete: children gone, last lines stored.
    pub async fn settled(&self) {
        let _ = timeout(LEFTOVERS + VANISH, self.ended.clone().wait_for(|ended| *ended)).await;
    }

    /// The path that tells its health.
    pub fn path(&self) -> String {
        self.seen().path.clone()
    }

    /// From now on this path is asked.
    pub fn set_path(&self, path: &str) {
        path.clone_into(&mut self.seen().path);
    }

    /// How it answered last.
    pub fn health(&self) -> Health {
        self.seen().health.clone()
    }

    /// Remembers how it answered.
    pub fn set_health(&self, probed: Result<(), String>) {
        self.seen().health = match probed {
            Ok(()) => Health::Healthy,
            Err(reason) => Health::Unhealthy { reason },
        };
    }

    /// Requests go to it since `since`, or no longer.
    pub fn set_live(&self, since: Option<Timestamp>) {
        self.seen().since_live = since;
    }

    /// For `state.json`.
    pub fn recorded(&self, role: Role) -> Recorded {
        let (release, slot) = (self.release.clone(), self.slot);
        Recorded { release, slot, role, port: self.port, pid: self.pid, birth: self.birth }
    }

    /// For whoever asks.
    pub fn status(&self) -> InstanceStatus {
        let (seen, exit) = (self.seen().clone(), self.exit());
        let health = match exit {
            Some(exit) => Health::Unhealthy { reason: format!("its process ended with {exit}") },
            None => seen.health,
        };
        InstanceStatus {
            release: self.release.clone(),
            slot: self.slot,
            pid: self.pid,
            port: self.port,
            started_at: self.started_at,
            since_live: seen.since_live,
            health,
            exit,
        }
    }

    /// Ends it and everything it started: asked first, killed after `grace`.
    ///
    /// # Errors
    /// [`Error::Survivors`] if something does not even end when killed.
    pub async fn stop(&self, grace: Duration) -> Result<(), Error> {
        self.stop.send_replace(Some(grace));
        let limit = grace + LEFTOVERS + VANISH * 2;
        let _ = timeout(limit, self.ended.clone().wait_for(|ended| *ended)).await;
        // A child may have left the group.
        orphans::end_all(&self.mark, &[self.recorded(Role::Retiring)], Duration::ZERO).await.map(|_| ())
    }
}

/// Owns the child: the only one that waits for it, and that signals its group, so that the number is still its own.
struct Tender {
    child: Child,
    pid: u32,
    mark: String,
    release: String,
    log: Log,
    upstream: Arc<Upstream>,
    readers: Vec<tokio::task::JoinHandle<()>>,
    asked: watch::Receiver<Option<Duration>>,
}

impl Tender {
    async fn tend(mut self, exited: watch::Sender<Option<Exit>>) {
        let (exit, asked) = self.wait().await;
        self.upstream.ended(exit.to_string());
        if !asked {
            self.log.note(&self.release, format!("ended by itself with {exit}"));
        }
        let last_lines = Instant::now() + LAST_LINES;
        for reader in &mut self.readers {
            let _ = timeout_at(last_lines, reader).await;
        }
        exited.send_replace(Some(exit));
        self.leftovers().await;
        // Whoever still holds the pipe is not of this instance's group; the line ends here.
        self.readers.iter().for_each(tokio::task::JoinHandle::abort);
        if asked {
            self.log.note(&self.release, format!("stopped with {exit}"));
        }
    }

    /// How the process ended, and whether it was asked to.
    async fn wait(&mut self) -> (Exit, bool) {
        let unknown = Exit { code: None, signal: None };
        let told = |status: io::Result<std::process::ExitStatus>| status.map_or(unknown, Exit::from);
        let grace = tokio::select! {
            status = self.child.wait() => return (told(status), false),
            grace = self.asked.wait_for(Option::is_some) => grace.ok().and_then(|grace| *grace).unwrap_or_default(),
        };
        orphans::end_group(self.pid, Force::Ask);
        if let Ok(status) = timeout(grace, self.child.wait()).await {
            return (told(status), true);
        }
        self.log.note(&self.release, format!("did not stop within {} ms and is killed", grace.as_millis()));
        orphans::end_group(self.pid, Force::Kill);
        let killed = timeout(VANISH, self.child.wait()).await;
        (killed.map_or(unknown, told), true)
    }

    /// Ends what the process started and left. The group's number stays its own as long as it has members.
    async fn leftovers(&self) {
        let began = Instant::now();
        let mut look = POLL * 10;
        if orphans::group_exists(self.pid) {
            orphans::end_group(self.pid, Force::Ask);
        }
        while orphans::group_exists(self.pid) {
            let waited = began.elapsed();
            // The dead that nobody buries keep the group in being. Looking closer costs more, so it is done rarely.
            let mut alone = false;
            if waited > look {
                look = waited * 2;
                let mark = self.mark.clone();
                let marked = tokio::task::spawn_blocking(move || orphans::marked(&mark)).await;
                alone = marked.is_ok_and(|marked| marked.is_empty());
            }
            if alone || waited > LEFTOVERS {
                orphans::end_group(self.pid, Force::Kill);
                return;
            }
            tokio::time::sleep(POLL).await;
        }
    }
}

/// A port that is free now.
fn free_port() -> Result<u16, Error> {
    let found =
        std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|listener| listener.local_addr());
    found.map(|address| address.port()).map_err(|error| Error::Listen { port: 0, reason: error.to_string() })
}

/// A relative program with a separator is meant from the folder it runs in; systems disagree on that.
fn resolve(program: &str, dir: &Path) -> PathBuf {
    let path = Path::new(program);
    if path.is_relative() && program.contains(std::path::is_separator) {
        dir.join(path)
    } else {
        path.to_owned()
    }
}

fn refused(program: &str, path: &Path, error: &io::Error) -> Error {
    let program = program.to_owned();
    match error.kind() {
        io::ErrorKind::NotFound if path.is_file() => Error::Spawn {
            program,
            reason: "the interpreter that its first line names does not exist".to_owned(),
        },
        io::ErrorKind::NotFound => Error::CommandNotFound { program },
        io::ErrorKind::PermissionDenied => Error::NotExecutable { program },
        _ => Error::Spawn { program, reason: error.to_string() },
    }
}
