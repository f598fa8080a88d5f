//! One command of a run, run to its end: own process group, output by line, asked to end before it is made to.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio_util::sync::CancellationToken;

use crate::process::{ProcessId, Signal, signal};
use crate::{Error, LogWriter, Result, RunFolder, Stream};

/// Time that a command has to end after it was asked to.
const GRACE: Duration = Duration::from_secs(10);
/// Output that a process left open by a grandchild is waited for.
const LAST_WORDS: Duration = Duration::from_secs(2);
/// Read at once.
const PIECE: usize = 16 * 1024;
/// What follows in a longer line is dropped. The log cuts earlier, after masking, so that no secret is cut in two.
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
            .kill_on_drop(true);
        #[cfg(unix)]
        command.process_group(0);
        let mut child = command.spawn().map_err(fail)?;
        let pid = child.id().unwrap_or_default();
        folder.note_child(ProcessId::of(pid))?;
        let out = tokio::spawn(copy(child.stdout.take(), Stream::Stdout, log.clone()));
        let err = tokio::spawn(copy(child.stderr.take(), Stream::Stderr, log.clone()));
        let end = tokio::select! {
            status = child.wait() => ChildEnd::Exited(status.map_err(fail)?.code()),
            () = cancel.cancelled() => ChildEnd::Cancelled,
            () = tokio::time::sleep(limit) => ChildEnd::TimedOut,
        };
        if !matches!(end, ChildEnd::Exited(_)) {
            signal(pid, Signal::Interrupt);
            if tokio::time::timeout(GRACE, child.wait()).await.is_err() {
                log.say(format!(
                    "{program} did not end within {} s of being asked: it is made to",
                    GRACE.as_secs()
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

async fn copy(from: Option<impl AsyncRead + Unpin>, stream: Stream, log: LogWriter) {
    let Some(from) = from else { return };
    let mut from = BufReader::with_capacity(PIECE, from);
    let mut line = Vec::new();
    // Reading goes on whatever the log does: a full pipe would stop the command.
    while let Ok(buffer) = from.fill_buf().await {
        if buffer.is_empty() {
            break;
        }
        let (taken, ended) = match buffer.iter().position(|byte| *byte == b'\n') {
            Some(at) => (at + 1, true),
            None => (buffer.len(), false),
        };
        let room = LONGEST_LINE.saturating_sub(line.len()).min(taken);
        line.extend_from_slice(&buffer[..room]);
        from.consume(taken);
        if ended {
            put(&mut line, stream, &log);
        }
    }
    if !line.is_empty() {
        put(&mut line, stream, &log);
    }
}

fn put(line: &mut Vec<u8>, stream: Stream, log: &LogWriter) {
    log.write(stream, String::from_utf8_lossy(line).trim_end_matches(['\r', '\n']));
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
            assert!(place.folder.child().is_some_and(|child| child.is_alive()));
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
    async fn a_flood_without_line_ends_does_not_stop_it() {
        let place = place();
        let flood = child(&place, "head -c 3000000 /dev/zero | tr '\\0' x; echo; echo end");
        let end = flood.run(&place.folder, &place.log, LONG, &CancellationToken::new()).await.unwrap();
        assert_eq!(end, ChildEnd::Exited(Some(0)));
    }
}
