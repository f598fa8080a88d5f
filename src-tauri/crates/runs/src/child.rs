//! One command of a run, run to its end: own process group, output by line, asked to end before it is made to.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio_util::sync::CancellationToken;

use crate::folder::NotedChild;
use crate::process::{ProcessId, Signal, signal};
use crate::{Error, LogWriter, Result, RunFolder, Stream};

/// Output that a process left open by a grandchild is waited for.
const LAST_WORDS: Duration = Duration::from_secs(2);
/// Read at once.
const PIECE: usize = 16 * 1024;
/// What follows in a longer line is dropped, unless its reader takes more. The log cuts earlier, after masking, so that no
/// secret is cut in two.
const LONGEST_LINE: usize = 4 * PIECE;

/// A command: no shell, nothing inherited but what stands here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Child {
    /// Program, then arguments.
    pub command: Vec<String>,
    /// Folder it runs in.
    pub dir: PathBuf,
    /// All of its environment.
    pub environment: BTreeMap<OsString, OsString>,
    /// Time that it has to end after it was asked to; [`Child::GRACE`] unless it has something to save.
    pub grace: Duration,
    /// Whether it holds what would be lost if it were killed, such as a state or a lock. Then it survives its run's process:
    /// whoever finds the run interrupted asks it to end and does not make it.
    pub gentle: bool,
}

/// Takes one line of a command's output, without its end.
pub type EachLine = dyn Fn(Stream, &str) + Send + Sync;

/// Who reads a command's output, line by line: nothing is written to the log but what the reader writes.
#[derive(Clone)]
pub struct Lines {
    /// Longest line in bytes; what follows in a longer one is dropped.
    pub longest: usize,
    /// Takes each line. Called from one task for each stream.
    pub each: Arc<EachLine>,
}

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChildEnd {
    /// By itself, with this status; none where a signal ended it.
    Exited(Option<i32>),
    /// It was asked to, because the run is cancelled.
    Cancelled,
    /// It was made to, because its time was over.
    TimedOut,
}

impl Child {
    /// Time that a command has to end after it was asked to, where it has nothing to save.
    pub const GRACE: Duration = Duration::from_secs(10);

    /// Runs the command to its end and writes its output to the log. It is noted in the run's folder while it runs.
    ///
    /// # Errors
    /// It cannot be started, or the folder cannot be written.
    pub async fn run(
        &self,
        folder: &RunFolder,
        log: &LogWriter,
        limit: Duration,
        cancel: &CancellationToken,
    ) -> Result<ChildEnd> {
        let writer = log.clone();
        let each = Arc::new(move |stream, line: &str| writer.write(stream, line));
        self.run_with(&Lines { longest: LONGEST_LINE, each }, folder, log, limit, cancel).await
    }

    /// The same for somebody who reads the output: `log` is told only what becomes of the command.
    ///
    /// # Errors
    /// It cannot be started, or the folder cannot be written.
    pub async fn run_with(
        &self,
        lines: &Lines,
        folder: &RunFolder,
        log: &LogWriter,
        limit: Duration,
        cancel: &CancellationToken,
    ) -> Result<ChildEnd> {
        let (program, arguments) = self
            .command
            .split_first()
            .ok_or_else(|| Error::Command { program: "the command".into(), reason: "it is empty".into() })?;
        let fail =
            |error: std::io::Error| Error::Command { program: program.clone(), reason: error.to_string() };
        let mut command = tokio::process::Command::new(program);
        command
            .args(arguments)
            .current_dir(&self.dir)
            .env_clear()
            .envs(&self.environment)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(!self.gentle);
        #[cfg(unix)]
        command.process_group(0);
        #[cfg(unix)]
        let kept = if self.gentle { Some(keep_output(&mut command).map_err(fail)?) } else { None };
        // Where Jalon was started with SIGINT ignored (a shell's background), so would be its children, which could then
        // not be asked to end. What is caught here is the default again there.
        #[cfg(unix)]
        let _caught = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::interrupt());
        let mut child = command.spawn().map_err(fail)?;
        // It holds the ends of the pipe; while this process held the writing one, too, its output would never end.
        drop(command);
        let pid = child.id().unwrap_or_default();
        folder.note_child(ProcessId::of(pid).map(|process| NotedChild { process, gentle: self.gentle }))?;
        #[cfg(unix)]
        let out = match kept {
            Some(kept) => tokio::spawn(copy(Some(kept), Stream::Stdout, lines.clone())),
            None => tokio::spawn(copy(child.stdout.take(), Stream::Stdout, lines.clone())),
        };
        #[cfg(not(unix))]
        let out = tokio::spawn(copy(child.stdout.take(), Stream::Stdout, lines.clone()));
        let err = tokio::spawn(copy(child.stderr.take(), Stream::Stderr, lines.clone()));
        let end = tokio::select! {
            status = child.wait() => ChildEnd::Exited(status.map_err(fail)?.code()),
            () = cancel.cancelled() => ChildEnd::Cancelled,
            () = tokio::time::sleep(limit) => ChildEnd::TimedOut,
        };
        if !matches!(end, ChildEnd::Exited(_)) {
            log.say(format!("{program} is asked to end, and has {} s for it", self.grace.as_secs()));
            signal(pid, Signal::Interrupt);
            if tokio::time::timeout(self.grace, child.wait()).await.is_err() {
                log.say(format!(
                    "{program} did not end within {} s of being asked: it is made to",
                    self.grace.as_secs()
                ));
            }
        }
        // Whatever it started and left running ends with it.
        signal(pid, Signal::Kill);
        let _ = child.wait().await;
        let _ = tokio::time::timeout(LAST_WORDS, async { (out.await, err.await) }).await;
        folder.note_child(None)?;
        Ok(end)
    }
}

/// Lets a command hold the reading end of its own output, as the input that it does not read: where its run's process is
/// killed, its next line does not end it by a broken pipe, and it can save what it did.
#[cfg(unix)]
fn keep_output(command: &mut tokio::process::Command) -> std::io::Result<tokio::net::unix::pipe::Receiver> {
    let (read, write) = std::io::pipe()?;
    command.stdin(read.try_clone()?).stdout(write);
    tokio::net::unix::pipe::Receiver::from_owned_fd(read.into())
}

async fn copy(from: Option<impl AsyncRead + Unpin>, stream: Stream, lines: Lines) {
    let Some(from) = from else { return };
    let mut from = BufReader::with_capacity(PIECE, from);
    let mut line = Vec::new();
    // Reading goes on whatever the reader does: a full pipe would stop the command.
    while let Ok(buffer) = from.fill_buf().await {
        if buffer.is_empty() {
            break;
        }
        let (taken, ended) = match buffer.iter().position(|byte| *byte == b'\n') {
            Some(at) => (at + 1, true),
            None => (buffer.len(), false),
        };
        let room = lines.longest.saturating_sub(line.len()).min(taken);
        line.extend_from_slice(&buffer[..room]);
        from.consume(taken);
        if ended {
            put(&mut line, stream, &lines);
        }
    }
    if !line.is_empty() {
        put(&mut line, stream, &lines);
    }
}

fn put(line: &mut Vec<u8>, stream: Stream, lines: &Lines) {
    (lines.each)(stream, String::from_utf8_lossy(line).trim_end_matches(['\r', '\n']));
    line.clear();
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;
    use credentials::Masker;
    use jiff::Timestamp;
    use std::sync::Arc;

    struct Place {
        _home: tempfile::TempDir,
        folder: RunFolder,
        log: LogWriter,
    }

    fn place() -> Place {
        let home = tempfile::tempdir().unwrap();
        let folder = RunFolder::of(home.path(), 1);
        folder.create().unwrap();
        let mask = Masker::new(["hunter22"]);
        let log = LogWriter::open(&folder.log(), mask, Arc::new(|| Timestamp::UNIX_EPOCH)).unwrap();
        Place { _home: home, folder, log }
    }

    fn child(place: &Place, script: &str) -> Child {
        // The shell is the thing under test's command, as a team's Makefile would be; Jalon itself starts none.
        Child {
            command: ["/bin/sh", "-c", script].map(str::to_owned).to_vec(),
            dir: place.folder.path().to_owned(),
            environment: [("PATH", "/usr/bin:/bin"), ("TOKEN", "hunter22")]
                .map(|(name, value)| (name.into(), value.into()))
                .into(),
            grace: Child::GRACE,
            gentle: false,
        }
    }

    fn texts(place: &Place) -> Vec<String> {
        crate::log::read(&place.folder.log(), 0).unwrap().lines.into_iter().map(|line| line.text).collect()
    }

    const LONG: Duration = Duration::from_secs(60);

    #[tokio::test]
    async fn output_is_masked_and_the_status_told() {
        let place = place();
        let child = child(&place, "echo token $TOKEN; echo oops >&2; exit 3");
        let end = child.run(&place.folder, &place.log, LONG, &CancellationToken::new()).await.unwrap();
        assert_eq!(end, ChildEnd::Exited(Some(3)));
        let mut texts = texts(&place);
        texts.sort();
        assert_eq!(texts, ["oops", "token •••"]);
        assert!(place.folder.child().is_none());
    }

    #[tokio::test]
    async fn cancelling_ends_it_with_everything_it_started() {
        let place = place();
        let cancel = CancellationToken::new();
        let child =
            child(&place, "sleep 300 & echo $!; trap 'echo asked; exit 0' INT; while :; do sleep 0.05; done");
        let run = child.run(&place.folder, &place.log, LONG, &cancel);
        let wait = async {
            let seen = async {
                while texts(&place).is_empty() {
                    tokio::task::yield_now().await;
                }
            };
            tokio::time::timeout(LONG, seen).await.unwrap();
            assert!(place.folder.child().is_some_and(|child| child.process.is_alive()));
            cancel.cancel();
        };
        let (end, ()) = tokio::join!(run, wait);
        assert_eq!(end.unwrap(), ChildEnd::Cancelled);
        let texts = texts(&place);
        assert!(texts.iter().any(|text| text == "asked"), "{texts:?}");
        let grandchild: u32 = texts[0].parse().unwrap();
        let gone = async {
            while ProcessId::of(grandchild).is_some() {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(LONG, gone).await.unwrap();
    }

    #[tokio::test]
    async fn a_command_that_hangs_is_ended_and_one_that_is_not_there_named() {
        let place = place();
        let hang = child(&place, "sleep 300");
        let limit = Duration::from_millis(50);
        let end = hang.run(&place.folder, &place.log, limit, &CancellationToken::new()).await.unwrap();
        assert_eq!(end, ChildEnd::TimedOut);
        let missing = Child { command: vec!["/no/such/program".into()], ..hang };
        let error =
            missing.run(&place.folder, &place.log, LONG, &CancellationToken::new()).await.unwrap_err();
        assert!(error.to_string().starts_with("/no/such/program cannot be started"), "{error}");
    }

    #[tokio::test]
    async fn a_reader_takes_long_lines_and_nothing_of_them_is_logged() {
        let place = place();
        let seen = Arc::new(std::sync::Mutex::new(Vec::new()));
        let into = seen.clone();
        let each = Arc::new(move |stream, line: &str| into.lock().unwrap().push((stream, line.len())));
        for gentle in [false, true] {
            let script = "head -c 300000 /dev/zero | tr '\\0' x; echo; echo oops >&2";
            let child = Child { gentle, ..child(&place, script) };
            let lines = Lines { longest: 1_000_000, each: each.clone() };
            let end =
                child.run_with(&lines, &place.folder, &place.log, LONG, &CancellationToken::new()).await;
            assert_eq!(end.unwrap(), ChildEnd::Exited(Some(0)));
            let mut seen = std::mem::take(&mut *seen.lock().unwrap());
            seen.sort_unstable_by_key(|(_, length)| *length);
            assert_eq!(seen, [(Stream::Stderr, 4), (Stream::Stdout, 300_000)], "{gentle}");
        }
        assert!(texts(&place).is_empty());
    }

    #[tokio::test]
    async fn a_gentle_command_writes_on_when_nobody_reads() {
        let place = place();
        let done = place.folder.path().join("done");
        let script = format!(
            "trap 'echo saving; touch {}; exit 0' INT; echo begun; while :; do echo more; sleep 0.01; done",
            done.display()
        );
        let gentle = Child { gentle: true, ..child(&place, &script) };
        let never = CancellationToken::new();
        let begun = async {
            while texts(&place).is_empty() {
                tokio::task::yield_now().await;
            }
        };
        // As if this process were killed: whoever read is gone, and nobody ended the command.
        tokio::select! {
            _ = gentle.run(&place.folder, &place.log, LONG, &never) => panic!("it ended"),
            seen = tokio::time::timeout(LONG, begun) => seen.unwrap(),
        }
        let left = place.folder.child().unwrap();
        assert!(left.gentle && left.process.is_alive());
        left.process.interrupt();
        let saved = async {
            while !done.exists() {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(LONG, saved).await.unwrap();
    }

    #[tokio::test]
    async fn a_flood_without_line_ends_does_not_stop_it() {
        let place = place();
        let flood = child(&place, "head -c 3000000 /dev/zero | tr '\\0' x; echo; echo end");
        let end = flood.run(&place.folder, &place.log, LONG, &CancellationToken::new()).await.unwrap();
        assert_eq!(end, ChildEnd::Exited(Some(0)));
    }
}
