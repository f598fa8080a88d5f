//! A place of its own for each test: folder, port, host. Whatever is left at the end is ended by pid.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use deployments::Error;
use deployments::local::{
    Candidate, Host, InstanceStatus, Launcher, MARKER, Place, Release, Strategy, Switched, read_log,
};
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::SendRequest;
use hyper_util::rt::TokioIo;
use sysinfo::{ProcessRefreshKind, ProcessStatus, ProcessesToUpdate, System, UpdateKind};
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;

/// A limit that only a fault reaches.
pub const LIMIT: Duration = Duration::from_secs(30);
pub const PAUSE: Duration = Duration::from_millis(20);
pub const GRACE: Duration = Duration::from_millis(400);

pub struct Scene {
    pub folder: TempDir,
    pub place: Place,
    pub launcher: Launcher,
}

impl Scene {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let place = Place { folder: folder.path().join("place"), port: free_port() };
        let launcher = Launcher { program: program(), leading_args: vec!["host".into()] };
        Self { folder, place, launcher }
    }

    pub async fn host(&self) -> Host {
        Host::connect_or_launch(&self.place, &self.launcher, LIMIT).await.unwrap()
    }

    pub fn candidate(&self, name: &str, faults: &[&str]) -> Candidate {
        let mut command =
            vec![program().display().to_string(), "serve".into(), "${PORT}".into(), name.into()];
        command.extend(faults.iter().map(|fault| (*fault).to_owned()));
        Candidate {
            release: release(name),
            dir: self.folder.path().to_owned(),
            command,
            environment: BTreeMap::new(),
            secrets: BTreeMap::new(),
        }
    }

    /// Starts a service and sends requests to it.
    pub async fn deploy(&self, host: &mut Host, name: &str, faults: &[&str], strategy: Strategy) -> Switched {
        host.start(self.candidate(name, faults), LIMIT).await.unwrap();
        healthy(host, LIMIT).await.unwrap();
        host.switch(strategy, LIMIT, LIMIT).await.unwrap()
    }

    /// What the environment's port answers.
    pub async fn get(&self, path: &str) -> (StatusCode, String) {
        get(self.place.port, path).await.unwrap()
    }

    /// A JSON file of the place.
    pub fn file(&self, name: &str) -> serde_json::Value {
        serde_json::from_slice(&std::fs::read(self.place.folder.join(name)).unwrap()).unwrap()
    }

    pub fn host_pid(&self) -> u32 {
        u32::try_from(self.file("host.json")["pid"].as_u64().unwrap()).unwrap()
    }

    /// Every living process of this place's services.
    pub fn marked(&self) -> Vec<u32> {
        let Ok(identity) = std::fs::read(self.place.folder.join("identity")) else { return Vec::new() };
        let identity: String = serde_json::from_slice(&identity).unwrap();
        let mark = format!("{MARKER}={identity}-");
        processes(|process| {
            process.environ().iter().any(|entry| entry.as_encoded_bytes().starts_with(mark.as_bytes()))
        })
    }

    /// The log, as one text.
    pub fn log(&self) -> String {
        let lines = read_log(&self.place.folder, 10_000).unwrap();
        lines.into_iter().map(|line| format!("{} {:?} {}\n", line.release, line.stream, line.text)).collect()
    }

    /// Nothing runs, nothing listens, and the place says so.
    pub async fn is_gone(&self) {
        eventually("the host to end", async || !self.locked()).await;
        assert_eq!(self.marked(), Vec::<u32>::new());
        assert!(!self.place.folder.join("host.json").exists());
        assert_eq!(self.file("state.json")["phase"], "stopped");
        assert_eq!(self.file("state.json")["instances"], serde_json::json!([]));
        std::net::TcpListener::bind(("127.0.0.1", self.place.port)).unwrap();
    }

    pub fn locked(&self) -> bool {
        deployments::local::status_offline(&self.place) == Ok(deployments::local::Offline::Running)
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        // What a failed test left. Its own processes only: they carry this folder or its mark.
        let place = self.place.folder.as_os_str().as_encoded_bytes().to_owned();
        let hosts = processes(|process| process.cmd().iter().any(|word| word.as_encoded_bytes() == place));
        for pid in hosts.into_iter().chain(self.marked()) {
            kill(pid);
        }
    }
}

pub fn program() -> PathBuf {
    let own = std::env::current_exe().unwrap();
    let built = own.parent().and_then(Path::parent).unwrap().join("examples");
    let program = built.join(format!("stand_in{}", std::env::consts::EXE_SUFFIX));
    assert!(program.is_file(), "{} is missing: cargo build -p deployments --examples", program.display());
    program
}

pub fn release(name: &str) -> Release {
    Release { id: name.into(), version: format!("1.0-{name}"), commit: "c0ffee".into(), dirty: false }
}

/// A free port below those that systems hand out for outgoing connections, so that no other test's request is given it.
pub fn free_port() -> u16 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let start = std::process::id() * 37;
    std::iter::repeat_with(|| start + NEXT.fetch_add(1, Ordering::Relaxed))
        .map(|number| u16::try_from(20_000 + number % 12_000).unwrap())
        .find(|port| std::net::TcpListener::bind(("0.0.0.0", *port)).is_ok())
        .unwrap()
}

pub async fn healthy(host: &mut Host, limit: Duration) -> Result<InstanceStatus, Error> {
    host.wait_healthy("/health", limit, PAUSE, &CancellationToken::new()).await
}

/// One request on a connection of its own.
pub async fn get(port: u16, path: &str) -> Result<(StatusCode, String), String> {
    let mut sender = connect(port).await?;
    ask(&mut sender, Request::get(path).body(Full::default()).unwrap()).await
}

pub async fn connect(port: u16) -> Result<SendRequest<Full<Bytes>>, String> {
    let stream = TcpStream::connect(("127.0.0.1", port)).await.map_err(|error| error.to_string())?;
    let shaken = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await;
    let (sender, connection) = shaken.map_err(|error| error.to_string())?;
    tokio::spawn(connection);
    Ok(sender)
}

pub async fn ask(
    sender: &mut SendRequest<Full<Bytes>>,
    mut request: Request<Full<Bytes>>,
) -> Result<(StatusCode, String), String> {
    request.headers_mut().insert("host", "service.test".parse().unwrap());
    sender.ready().await.map_err(|error| error.to_string())?;
    let response: Response<_> = sender.send_request(request).await.map_err(|error| error.to_string())?;
    let status = response.status();
    let body = response.into_body().collect().await.map_err(|error| error.to_string())?.to_bytes();
    Ok((status, String::from_utf8(body.to_vec()).unwrap()))
}

/// Waits for a condition, with a limit.
pub async fn eventually(what: &str, mut condition: impl AsyncFnMut() -> bool) {
    let began = Instant::now();
    while !condition().await {
        assert!(began.elapsed() < LIMIT, "waited in vain for {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

pub fn alive(pid: u32) -> bool {
    !processes(|process| process.pid().as_u32() == pid).is_empty()
}

pub async fn ends(pid: u32) {
    eventually(&format!("process {pid} to end"), async || !alive(pid)).await;
}

fn processes(wanted: impl Fn(&sysinfo::Process) -> bool) -> Vec<u32> {
    let mut system = System::new();
    let kind = ProcessRefreshKind::nothing()
        .with_environ(UpdateKind::Always)
        .with_cmd(UpdateKind::Always)
        .without_tasks();
    system.refresh_processes_specifics(ProcessesToUpdate::All, true, kind);
    let living = system
        .processes()
        .values()
        .filter(|process| !matches!(process.status(), ProcessStatus::Zombie | ProcessStatus::Dead));
    living.filter(|process| wanted(process)).map(|process| process.pid().as_u32()).collect()
}

/// The environment and the arguments of a process, as one text each.
pub fn seen_from_outside(pid: u32) -> (String, String) {
    let mut system = System::new();
    let pid = sysinfo::Pid::from_u32(pid);
    let kind = ProcessRefreshKind::nothing().with_environ(UpdateKind::Always).with_cmd(UpdateKind::Always);
    system.refresh_processes_specifics(ProcessesToUpdate::Some(&[pid]), true, kind);
    let process = system.process(pid).unwrap();
    let text = |words: &[std::ffi::OsString]| {
        words.iter().map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join("\n")
    };
    (text(process.environ()), text(process.cmd()))
}

/// SIGKILL, or what comes closest.
pub fn kill(pid: u32) {
    let mut system = System::new();
    let pid = sysinfo::Pid::from_u32(pid);
    system.refresh_processes_specifics(ProcessesToUpdate::Some(&[pid]), true, ProcessRefreshKind::nothing());
    if let Some(process) = system.process(pid) {
        process.kill();
    }
}
