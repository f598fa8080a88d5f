//! A program that is asked for something and ends: no shell, no terminal, a deadline, bounded output.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::Command;

/// More than this of either stream is not kept.
const MOST_OUTPUT: u64 = 64 * 1024 * 1024;

/// A program with its arguments, and all of its environment.
pub(super) struct Program<'a> {
    pub(super) program: &'a str,
    pub(super) arguments: &'a [OsString],
    pub(super) environment: &'a BTreeMap<OsString, OsString>,
    pub(super) dir: Option<&'a Path>,
    /// How long it has to end after it was asked to, once its time is over.
    pub(super) grace: Duration,
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
        let mut child = command.spawn().map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => Failure::NotFound,
            _ => Failure::NotStarted(error),
        })?;
        let group = Group(child.id());
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        let ended = async {
            let (stdout, stderr) = tokio::join!(read(stdout), read(stderr));
            child.wait().await.map(|status| (status, stdout, stderr))
        };
        let ended = tokio::time::timeout(limit, ended).await;
        let Ok(ended) = ended else {
            group.interrupt();
            let _ = tokio::time::timeout(self.grace, child.wait()).await;
            return Err(Failure::TimedOut);
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

/// The process group of a child, which ends when this is dropped.
struct Group(Option<u32>);

impl Group {
    #[cfg(unix)]
    fn signal(&self, signal: rustix::process::Signal) {
        let leader = self.0.and_then(|pid| i32::try_from(pid).ok()).and_then(rustix::process::Pid::from_raw);
        if let Some(leader) = leader {
            // A group that ended meanwhile needs no signal.
            let _ = rustix::process::kill_process_group(leader, signal);
        }
    }

    fn interrupt(&self) {
        #[cfg(unix)]
        self.signal(rustix::process::Signal::INT);
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        #[cfg(unix)]
        self.signal(rustix::process::Signal::KILL);
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
    #[tokio::test]
    async fn a_program_that_hangs_ends_with_what_it_started() {
        let environment = BTreeMap::from([("PATH".into(), "/usr/bin:/bin".into())]);
        let dir = tempfile::tempdir().unwrap();
        let script = "sleep 300 & echo $! > pid; cat; sleep 300";
        let arguments = ["-c".into(), script.into()];
        let program = Program {
            program: "sh",
            arguments: &arguments,
            environment: &environment,
            dir: Some(dir.path()),
            grace: Duration::from_secs(5),
        };
        let failure = program.run(Duration::from_millis(300)).await.map(|_| ()).unwrap_err();
        assert!(matches!(failure, Failure::TimedOut), "{failure:?}");
        let pid: i32 = std::fs::read_to_string(dir.path().join("pid")).unwrap().trim().parse().unwrap();
        let pid = rustix::process::Pid::from_raw(pid).unwrap();
        let gone = async {
            // A zombie of a container without an init still has its number, but no command.
            let command = format!("/proc/{}/cmdline", pid.as_raw_nonzero());
            while std::fs::read(&command).is_ok_and(|command| !command.is_empty()) {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(10), gone).await.unwrap();
    }
}
