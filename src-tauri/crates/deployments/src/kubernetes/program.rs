//! A program that is asked for something and ends: no shell, no terminal, a deadline, bounded output.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{Child, Command};
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

/// More than this of either stream is not kept.
const MOST_OUTPUT: u64 = 64 * 1024 * 1024;

/// A program with its arguments, and all of its environment.
pub(super) struct Program<'a> {
    pub(super) program: &'a str,
    pub(super) arguments: &'a [OsString],
    pub(super) environment: &'a BTreeMap<OsString, OsString>,
    pub(super) dir: Option<&'a Path>,
    /// How long it has to end after it was asked to, once its time is over or nobody waits for it any more.
    pub(super) grace: Duration,
    /// Asks it to end before its time is over.
    pub(super) cancel: Option<&'a CancellationToken>,
}

/// What came of it.
pub(super) struct Output {
    pub(super) success: bool,
    pub(super) code: Option<i32>,
    pub(super) stdout: Vec<u8>,
    pub(super) stderr: String,
}

/// Why nothing came of it.
#[derive(Debug)]
pub(super) enum Failure {
    NotFound,
    NotStarted(std::io::Error),
    TimedOut,
    Cancelled,
}

impl Program<'_> {
    /// Runs it to its end. Whatever it started ends with it, also when the future is dropped.
    pub(super) async fn run(&self, limit: Duration) -> Result<Output, Failure> {
        let mut command = Command::new(self.program);
        command
            .args(self.arguments)
            .env_clear()
            .envs(self.environment)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        if let Some(dir) = self.dir {
            command.current_dir(dir);
        }
        #[cfg(unix)]
        command.process_group(0);
        // Without this a console window flashes up on Windows.
        #[cfg(windows)]
        command.creation_flags(0x0800_0000);
        // Where Jalon was started with SIGINT ignored, so would be its children, which could then not be asked to end. What
        // is caught here is the default again there. From then on it ends this process no more, so whoever can be ended by
        // Ctrl-C has to listen for it: the window in its `main`, jalonctl in its `terminal`.
        #[cfg(unix)]
        let _caught = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::interrupt());
        let mut child = command.spawn().map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => Failure::NotFound,
            _ => Failure::NotStarted(error),
        })?;
        // Apart from the waiting: who is asked to end says so, and nobody reading would end it in the middle of its work.
        let stdout = tokio::spawn(read(child.stdout.take()));
        let stderr = tokio::spawn(read(child.stderr.take()));
        let mut running = Running { group: child.id(), child: Some(child), grace: self.grace };
        let ended = async {
            let (stdout, stderr) = tokio::join!(stdout, stderr);
            running
                .wait()
                .await
                .map(|status| (status, stdout.unwrap_or_default(), stderr.unwrap_or_default()))
        };
        let cancelled = async {
            match self.cancel {
                Some(cancel) => cancel.cancelled().await,
                None => std::future::pending().await,
            }
        };
        let ended = tokio::select! {
            ended = ended => Ok(ended),
            () = tokio::time::sleep(limit) => Err(Failure::TimedOut),
            () = cancelled => Err(Failure::Cancelled),
        };
        let ended = match ended {
            Ok(ended) => ended,
            Err(failure) => {
                running.interrupt();
                let _ = tokio::time::timeout(self.grace, running.wait()).await;
                running.grace = Duration::ZERO;
                return Err(failure);
            }
        };
        let (status, stdout, stderr) = ended.map_err(Failure::NotStarted)?;
        let stderr = String::from_utf8_lossy(&stderr).into_owned();
        Ok(Output { success: status.success(), code: status.code(), stdout, stderr })
    }
}

async fn read(from: Option<impl AsyncRead + Unpin>) -> Vec<u8> {
    let mut all = Vec::new();
    if let Some(mut from) = from {
        let _ = (&mut from).take(MOST_OUTPUT).read_to_end(&mut all).await;
        // Reading goes on: a full pipe would stop the program.
        let _ = tokio::io::copy(&mut from, &mut tokio::io::sink()).await;
    }
    all
}

/// A child and its process group, which end when this is dropped: at once, or with a grace after being asked.
struct Running {
    child: Option<Child>,
    group: Option<u32>,
    grace: Duration,
}

impl Running {
    async fn wait(&mut self) -> std::io::Result<ExitStatus> {
        match &mut self.child {
            Some(child) => {
                let status = child.wait().await?;
                // Nobody is left who would have to be asked.
                self.grace = Duration::ZERO;
                Ok(status)
            }
            None => Err(std::io::ErrorKind::NotFound.into()),
        }
    }

    fn interrupt(&self) {
        #[cfg(unix)]
        signal(self.group, rustix::process::Signal::INT);
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let (child, group, grace) = (self.child.take(), self.group, self.grace);
        if let (false, Ok(runtime), Some(mut child)) = (grace.is_zero(), Handle::try_current(), child) {
            self.interrupt();
            runtime.spawn(async move {
                let _ = tokio::time::timeout(grace, child.wait()).await;
                end(group);
            });
        } else {
            end(group);
        }
    }
}

/// Ends whatever is left of a group; the child itself ends when it is dropped.
fn end(group: Option<u32>) {
    #[cfg(unix)]
    signal(group, rustix::process::Signal::KILL);
    #[cfg(not(unix))]
    let _ = group;
}

#[cfg(unix)]
fn signal(group: Option<u32>, signal: rustix::process::Signal) {
    let leader = group.and_then(|pid| i32::try_from(pid).ok()).and_then(rustix::process::Pid::from_raw);
    if let Some(leader) = leader {
        // A group that ended meanwhile needs no signal.
        let _ = rustix::process::kill_process_group(leader, signal);
    }
}

/// Takes out of a program's words what could be a secret: the values it was given, and long runs of letters and digits such
/// as tokens. The last lines only: what went wrong stands there.
pub(super) fn masked_words(text: &str, given: &credentials::Masker) -> String {
    const LINES: usize = 3;
    const LONGEST: usize = 600;
    let text = given.apply(text);
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let last = lines[lines.len().saturating_sub(LINES)..].join(" | ");
    let words: Vec<String> = last.split(' ').map(masked_word).collect();
    let mut text = words.join(" ");
    text.truncate(text.floor_char_boundary(LONGEST));
    text
}

fn masked_word(word: &str) -> String {
    const SHORTEST: usize = 20;
    let opaque = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '=' | '_' | '-' | '.');
    let mut masked = String::with_capacity(word.len());
    let mut rest = word;
    while !rest.is_empty() {
        let run = rest.find(|c| !opaque(c)).unwrap_or(rest.len());
        let (part, after) = rest.split_at(run);
        let has = |wanted: fn(&char) -> bool| part.chars().any(|c| wanted(&c));
        let token = part.len() >= SHORTEST
            && has(char::is_ascii_digit)
            && (has(char::is_ascii_uppercase) || !part.contains(['-', '.']));
        masked.push_str(if token { credentials::MASK } else { part });
        let next = after.find(opaque).unwrap_or(after.len());
        masked.push_str(&after[..next]);
        rest = &after[next..];
    }
    masked
}

#[cfg(test)]
mod tests {
    use super::*;
    use credentials::Masker;

    #[test]
    fn tokens_go_and_words_stay() {
        let masked = |text: &str| masked_words(text, &Masker::new(["hunter22"]));
        assert_eq!(masked("error: bad password hunter22"), "error: bad password •••");
        assert_eq!(
            masked("token=eyJhbGciOiJSUzI1NiIsImtpZCI6IjEyMyJ9.eyJpc3MiOiJrIn0.c2lnbmF0dXJl expired"),
            "••• expired"
        );
        assert_eq!(
            masked("got \"k8s-aws-v1.aHR0cHM6Ly9zdHMuYW1hem9uYXdz\" for cluster prod-eks-1"),
            "got \"•••\" for cluster prod-eks-1"
        );
        assert_eq!(masked("one\ntwo\n\nthree\nfour\n"), "two | three | four");
        assert_eq!(
            masked("An error occurred (ExpiredTokenException)"),
            "An error occurred (ExpiredTokenException)"
        );
    }

    #[cfg(unix)]
    struct Scene {
        dir: tempfile::TempDir,
        arguments: [OsString; 2],
        environment: BTreeMap<OsString, OsString>,
    }

    #[cfg(unix)]
    impl Scene {
        fn new(script: &str) -> Self {
            Self {
                dir: tempfile::tempdir().unwrap(),
                arguments: ["-c".into(), script.into()],
                environment: BTreeMap::from([("PATH".into(), "/usr/bin:/bin".into())]),
            }
        }

        fn program(&self, grace: Duration) -> Program<'_> {
            let (arguments, environment) = (&self.arguments, &self.environment);
            Program { program: "sh", arguments, environment, dir: Some(self.dir.path()), grace, cancel: None }
        }

        async fn until(&self, mut holds: impl FnMut(&Path) -> bool) {
            let waiting = async {
                while !holds(self.dir.path()) {
                    tokio::task::yield_now().await;
                }
            };
            tokio::time::timeout(Duration::from_secs(60), waiting).await.unwrap();
        }
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn a_program_that_hangs_ends_with_what_it_started() {
        let scene = Scene::new("sleep 300 & echo $! > pid; cat; sleep 300");
        let program = scene.program(Duration::from_secs(5));
        let failure = program.run(Duration::from_millis(300)).await.map(|_| ()).unwrap_err();
        assert!(matches!(failure, Failure::TimedOut), "{failure:?}");
        let pid = std::fs::read_to_string(scene.dir.path().join("pid")).unwrap();
        // A zombie of a container without an init still has its number, but no command.
        let command = format!("/proc/{}/cmdline", pid.trim());
        scene.until(|_| std::fs::read(&command).map_or(true, |command| command.is_empty())).await;
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn a_program_that_is_cancelled_may_say_so_and_end_in_order() {
        // What it says goes to a pipe that somebody has to read, or it would end at that very line.
        let scene = Scene::new(
            "trap 'echo cancelled; sleep 0.1; echo asked > asked; exit 1' INT; echo > ready; while :; do sleep 0.05; done",
        );
        let cancel = CancellationToken::new();
        let program = Program { cancel: Some(&cancel), ..scene.program(Duration::from_secs(60)) };
        let stop = async {
            scene.until(|dir| dir.join("ready").exists()).await;
            cancel.cancel();
        };
        let (end, ()) = tokio::join!(program.run(Duration::from_secs(60)), stop);
        assert!(matches!(end.map(|_| ()), Err(Failure::Cancelled)));
        assert!(scene.dir.path().join("asked").exists());
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn a_program_that_nobody_waits_for_is_asked_to_end() {
        let scene =
            Scene::new("trap 'echo asked > asked; exit 0' INT; echo > ready; while :; do sleep 0.05; done");
        let program = scene.program(Duration::from_secs(60));
        tokio::select! {
            _ = program.run(Duration::from_secs(60)) => panic!("it does not end by itself"),
            () = scene.until(|dir| dir.join("ready").exists()) => {}
        }
        scene.until(|dir| dir.join("asked").exists()).await;
    }
}
