//! Programs: found, started, awaited, ended by process id.

use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

/// Longest wait for anything; a first cold start on a busy machine takes over 9 s.
pub const LIMIT: Duration = Duration::from_secs(60);

/// The workspace's root.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

/// A program that this workspace built, e.g. `jalonctl`.
pub fn built(name: &str) -> PathBuf {
    let deps = std::env::current_exe().unwrap();
    let profile = deps.parent().and_then(Path::parent).unwrap();
    let path = profile.join(name);
    assert!(path.is_file(), "{} is missing: cargo xtask test builds it", path.display());
    path
}

/// A port that no other test of this run gets, below those that the system hands out by itself: one of those could become
/// the near end of anybody's connection before it is listened on.
pub fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let first = 20_000 + u16::try_from(std::process::id() % 300).unwrap() * 40;
    let ports = std::iter::repeat_with(|| first + NEXT.fetch_add(1, Ordering::Relaxed));
    ports.take(1000).find(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok()).unwrap()
}

/// Polls until `ready` holds; fails after [`LIMIT`] with `what`.
pub fn until(what: &str, ready: impl FnMut() -> bool) {
    until_within(LIMIT, what, ready);
}

/// The same, with a limit of the caller's.
pub fn until_within(limit: Duration, what: &str, mut ready: impl FnMut() -> bool) {
    let start = Instant::now();
    while !ready() {
        assert!(start.elapsed() < limit, "{what} did not happen within {} s", limit.as_secs());
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A program that ends with its owner.
pub struct Running {
    child: Child,
    name: String,
    log: PathBuf,
}

impl Running {
    /// Starts a program with its output in a file of `folder`.
    pub fn start(command: &mut Command, folder: &Path) -> Self {
        Self::with_input(command, folder, Stdio::null())
    }

    /// The same, with something on its standard input.
    pub fn with_input(command: &mut Command, folder: &Path, input: Stdio) -> Self {
        let program = Path::new(command.get_program()).file_name().unwrap().to_string_lossy().into_owned();
        let log = folder.join(format!("{program}.log"));
        let output = std::fs::File::create(&log).unwrap();
        let errors = output.try_clone().unwrap();
        let child = command.stdin(input).stdout(output).stderr(errors).spawn();
        Self { child: child.unwrap_or_else(|e| panic!("{program} does not start: {e}")), name: program, log }
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Fails if it has ended, with the end of what it said.
    pub fn assert_running(&mut self) {
        if let Some(status) = self.child.try_wait().unwrap() {
            let said = std::fs::read_to_string(&self.log).unwrap_or_default();
            let lines: Vec<&str> = said.lines().collect();
            let end = lines[lines.len().saturating_sub(20)..].join("\n");
            panic!("{} ended with {status}:\n{end}", self.name);
        }
    }

    /// Waits until it has ended by itself, and returns its exit code.
    pub fn ended(self) -> Option<i32> {
        self.ended_within(LIMIT)
    }

    /// The same, with a limit of the caller's.
    pub fn ended_within(mut self, limit: Duration) -> Option<i32> {
        let mut code = None;
        until_within(limit, &format!("the end of {}", self.name), || {
            let status = self.child.try_wait().unwrap();
            code = status.and_then(|status| status.code());
            status.is_some()
        });
        code
    }

    /// Waits until it answers on a port.
    pub fn listening(&mut self, port: u16) {
        until(&format!("{} listening on {port}", self.name.clone()), || {
            self.assert_running();
            TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok()
        });
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            let said = std::fs::read_to_string(&self.log).unwrap_or_default();
            let last: Vec<&str> = said.lines().rev().take(20).collect();
            let last = last.into_iter().rev().collect::<Vec<_>>().join("\n");
            println!("the last that {} said:\n{last}", self.name);
        }
    }
}

/// Runs a program to its end within [`LIMIT`], with text on its standard input.
pub fn run(command: &mut Command, input: &str) -> Output {
    run_within(LIMIT, command, input)
}

/// The same, with a limit of the caller's.
pub fn run_within(limit: Duration, command: &mut Command, input: &str) -> Output {
    use std::io::Write;
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // A program that refuses early does not read: a broken pipe is its right.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let start = Instant::now();
    let id = child.id();
    let waiter = std::thread::spawn(move || child.wait_with_output().unwrap());
    while !waiter.is_finished() {
        assert!(start.elapsed() < limit, "process {id} did not end within {} s", limit.as_secs());
        std::thread::sleep(Duration::from_millis(5));
    }
    waiter.join().unwrap()
}

/// Process ids below a process.
pub fn descendants(of: u32) -> Vec<u32> {
    let parent = |id: u32| -> Option<u32> {
        let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
        // The name, in parentheses, may hold spaces; what follows it does not.
        stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()
    };
    let names =
        std::fs::read_dir("/proc").unwrap().flatten().filter_map(|e| e.file_name().into_string().ok());
    let pairs: Vec<(u32, u32)> =
        names.filter_map(|n| n.parse().ok()).filter_map(|id| Some((id, parent(id)?))).collect();
    let mut found = vec![of];
    let mut next = 0;
    while next < found.len() {
        let parent = found[next];
        found.extend(pairs.iter().filter(|(_, above)| *above == parent).map(|(id, _)| *id));
        next += 1;
    }
    found.split_off(1)
}

/// Whether a process runs; one that ended and was not waited for yet does not.
pub fn alive(id: u32) -> bool {
    std::fs::read_to_string(format!("/proc/{id}/stat"))
        .is_ok_and(|stat| stat.rsplit_once(')').is_some_and(|(_, rest)| !rest.trim_start().starts_with('Z')))
}
