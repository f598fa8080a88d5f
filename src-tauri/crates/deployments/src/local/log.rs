//! The service's log: what its instances write, masked and bounded, as lines of JSON in two files of 5 MB at most.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use credentials::Masker;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::sync::oneshot;

use super::Clock;
use crate::Error;

const NAME: &str = "service.log";
const EARLIER: &str = "service.log.1";
/// When a file is full, in bytes.
const FULL: u64 = 5 * 1024 * 1024;
/// The longest line that is kept, in bytes.
const LONGEST: usize = 16 * 1024;
/// What one stream of an instance may write in a second: lines and bytes. The rest is counted.
const LINES: usize = 2000;
const BYTES: usize = 1024 * 1024;
const WINDOW: Duration = Duration::from_secs(1);
/// Lines that wait for the disk.
const WAITING: usize = 4096;
/// The lines of an instance that are told when it fails.
const TAIL: usize = 20;

/// Where a line comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stream {
    /// The service's standard output.
    Stdout,
    /// Its standard error.
    Stderr,
    /// Jalon itself: what happened to the instance, and what was left out.
    Jalon,
}

/// One line of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogLine {
    /// When it was read.
    pub at: Timestamp,
    /// The id of the release that wrote it.
    pub release: String,
    /// Where it comes from.
    pub stream: Stream,
    /// What it says: masked, 16 KB at most, no line break.
    pub text: String,
}

/// The last `last` lines of a service's log, oldest first. Needs no host; no log is no lines.
///
/// # Errors
/// [`Error::File`] if the log is there but cannot be read.
pub fn read_log(folder: &Path, last: usize) -> Result<Vec<LogLine>, Error> {
    let mut lines = Vec::new();
    for name in [NAME, EARLIER] {
        if lines.len() < last {
            let path = folder.join(name);
            read_back(&path, last, &mut lines).map_err(|error| Error::file(&path, error))?;
        }
    }
    lines.truncate(last);
    lines.reverse();
    Ok(lines)
}

/// Reads a file from its end, newest line first, until there are `wanted` lines.
fn read_back(path: &Path, wanted: usize, lines: &mut Vec<LogLine>) -> io::Result<()> {
    const BLOCK: u64 = 64 * 1024;
    let mut file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        opened => opened?,
    };
    let mut at = file.metadata()?.len();
    let mut rest: Vec<u8> = Vec::new();
    while lines.len() < wanted && (at > 0 || !rest.is_empty()) {
        if at > 0 {
            let start = at.saturating_sub(BLOCK);
            let mut block = vec![0; usize::try_from(at - start).unwrap_or_default()];
            file.seek(SeekFrom::Start(start))?;
            file.read_exact(&mut block)?;
            block.append(&mut rest);
            rest = block;
            at = start;
        }
        // What stands before the first line break may go on further in front.
        let whole = if at == 0 {
            0
        } else {
            rest.iter().position(|byte| *byte == b'\n').map_or(rest.len(), |n| n + 1)
        };
        let complete = rest.split_off(whole);
        let parsed =
            complete.split(|byte| *byte == b'\n').rev().filter_map(|line| serde_json::from_slice(line).ok());
        lines.extend(parsed);
        if at == 0 {
            break;
        }
    }
    Ok(())
}

/// Takes lines for the log, from any task, without ever waiting.
#[derive(Clone)]
pub(super) struct Log {
    lines: SyncSender<LogLine>,
    clock: Clock,
}

impl Log {
    /// Opens the log and the thread that writes it. The thread ends with the last `Log`, and then says so.
    pub fn open(folder: &Path, clock: Clock) -> Result<(Self, oneshot::Receiver<()>), Error> {
        let mut writer = Writer::open(folder).map_err(|error| Error::file(&folder.join(NAME), error))?;
        let (lines, waiting) = sync_channel(WAITING);
        let (done, written) = oneshot::channel();
        let thread = std::thread::Builder::new().name("service-log".to_owned()).spawn(move || {
            writer.run(&waiting);
            // Nobody may be there to hear it.
            let _ = done.send(());
        });
        thread.map_err(|error| Error::file(&folder.join(NAME), error))?;
        Ok((Self { lines, clock }, written))
    }

    /// Adds a line; false if the disk is too slow for it.
    pub fn line(&self, release: &str, stream: Stream, text: String) -> bool {
        let line = LogLine { at: (self.clock)(), release: release.to_owned(), stream, text };
        !matches!(self.lines.try_send(line), Err(TrySendError::Full(_)))
    }

    /// A note of Jalon's own.
    pub fn note(&self, release: &str, text: impl Into<String>) {
        self.line(release, Stream::Jalon, text.into());
    }
}

struct Writer {
    folder: PathBuf,
    file: File,
    length: u64,
    /// The last write failed half way: the next line starts on a line of its own.
    torn: bool,
}

impl Writer {
    fn open(folder: &Path) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        options.append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(folder.join(NAME))?;
        let length = file.metadata()?.len();
        // A host that was killed may have left half a line.
        Ok(Self { folder: folder.to_owned(), file, length, torn: length > 0 })
    }

    fn run(&mut self, waiting: &Receiver<LogLine>) {
        let mut text = Vec::new();
        while let Ok(first) = waiting.recv() {
            text.clear();
            for line in std::iter::once(first).chain(waiting.try_iter().take(256)) {
                if serde_json::to_writer(&mut text, &line).is_ok() {
                    text.push(b'\n');
                }
            }
            self.write(&text);
        }
    }

    /// Writes whole lines. A disk that is full costs these lines, never the service.
    fn write(&mut self, text: &[u8]) {
        if self.length + text.len() as u64 > FULL {
            let turned = fs::rename(self.folder.join(NAME), self.folder.join(EARLIER));
            match turned.and_then(|()| Self::open(&self.folder)) {
                Ok(fresh) => *self = fresh,
                // Without a fresh file the full one would grow.
                Err(_) => return,
            }
        }
        let written = if self.torn { self.file.write_all(b"\n") } else { Ok(()) }
            .and_then(|()| self.file.write_all(text));
        self.length += text.len() as u64 + u64::from(self.torn);
        self.torn = written.is_err();
    }
}

/// The last lines of an instance, in memory.
#[derive(Clone, Default)]
pub(super) struct Tail(Arc<Mutex<std::collections::VecDeque<String>>>);

impl Tail {
    fn push(&self, text: &str) {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.len() == TAIL {
            lines.pop_front();
        }
        // A message is no place for 16 KB.
        lines.push_back(text.chars().take(500).collect());
    }

    /// The lines, oldest first.
    pub fn lines(&self) -> Vec<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }
}

/// Where the lines of one stream go.
pub(super) struct Sink {
    pub log: Log,
    pub tail: Tail,
    pub masker: Arc<Masker>,
    pub release: String,
    pub stream: Stream,
}

/// Reads a stream to its end: lines are put together, masked, bounded and stored. Never waits for the disk, so that a
/// service never waits for its log.
pub(super) async fn collect(mut from: impl AsyncRead + Unpin, sink: Sink) {
    let mut collector = Collector::new(sink);
    let mut chunk = vec![0; 16 * 1024];
    loop {
        let read = match collector.next_note() {
            None => from.read(&mut chunk).await,
            Some(until) => match tokio::time::timeout_at(until.into(), from.read(&mut chunk)).await {
                Ok(read) => read,
                Err(_) => {
                    collector.turn();
                    continue;
                }
            },
        };
        match read {
            Ok(0) | Err(_) => break,
            Ok(length) => collector.take(&chunk[..length]),
        }
    }
    collector.finish();
}

struct Collector {
    sink: Sink,
    line: Vec<u8>,
    /// The rest of the current line is left out: it is too long.
    cut: bool,
    window: Instant,
    lines: usize,
    bytes: usize,
    dropped: u64,
}

impl Collector {
    fn new(sink: Sink) -> Self {
        Self { sink, line: Vec::new(), cut: false, window: Instant::now(), lines: 0, bytes: 0, dropped: 0 }
    }

    /// When something has to be noted even if nothing is written any more.
    fn next_note(&self) -> Option<Instant> {
        (self.dropped > 0).then(|| self.window + WINDOW)
    }

    fn take(&mut self, mut bytes: &[u8]) {
        // A secret that begins in the part that is kept has to be seen whole.
        let most = LONGEST + self.sink.masker.longest();
        while !bytes.is_empty() {
            let end = bytes.iter().position(|byte| *byte == b'\n');
            let part = &bytes[..end.unwrap_or(bytes.len())];
            let room = most - self.line.len();
            self.line.extend_from_slice(&part[..part.len().min(room)]);
            if part.len() > room && !self.cut {
                self.cut = true;
                self.store();
            }
            match end {
                Some(end) => {
                    if !self.cut {
                        self.store();
                    }
                    self.cut = false;
                    self.line.clear();
                    bytes = &bytes[end + 1..];
                }
                None => return,
            }
        }
    }

    fn finish(&mut self) {
        if !self.line.is_empty() && !self.cut {
            self.store();
        }
        self.turn();
    }

    /// Ends the second and notes what was left out in it.
    fn turn(&mut self) {
        self.window = Instant::now();
        (self.lines, self.bytes) = (0, 0);
        if self.dropped > 0 {
            let text = format!("{} lines were left out: the service writes too fast", self.dropped);
            if self.sink.log.line(&self.sink.release, Stream::Jalon, text) {
                self.dropped = 0;
            }
        }
    }

    fn store(&mut self) {
        if self.window.elapsed() >= WINDOW {
            self.turn();
        }
        self.lines += 1;
        self.bytes += self.line.len();
        if self.lines > LINES || self.bytes > BYTES {
            self.dropped += 1;
            return;
        }
        let line = self.line.strip_suffix(b"\r").unwrap_or(&self.line);
        let whole = String::from_utf8_lossy(line);
        let mut text = self.sink.masker.mask(&whole, LONGEST);
        if self.cut || whole.len() > LONGEST {
            text.push_str(" […]");
        }
        self.sink.tail.push(&text);
        if !self.sink.log.line(&self.sink.release, self.sink.stream, text) {
            self.dropped += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tokio::io::AsyncWriteExt;

    use super::*;

    fn line(text: &str) -> LogLine {
        LogLine { at: Timestamp::UNIX_EPOCH, release: "r".into(), stream: Stream::Stdout, text: text.into() }
    }

    fn texts(folder: &Path, last: usize) -> Vec<String> {
        read_log(folder, last).unwrap().into_iter().map(|line| line.text).collect()
    }

    #[test]
    fn two_files_hold_the_newest_lines() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(texts(folder.path(), 5), Vec::<String>::new());
        let mut writer = Writer::open(folder.path()).unwrap();
        let filler = "x".repeat(10_000);
        for number in 0..1200 {
            let mut text = serde_json::to_vec(&line(&format!("{number} {filler}"))).unwrap();
            text.push(b'\n');
            writer.write(&text);
        }
        for name in [NAME, EARLIER] {
            let size = fs::metadata(folder.path().join(name)).unwrap().len();
            assert!(size > 0 && size <= FULL, "{name}: {size}");
        }
        let all = texts(folder.path(), usize::MAX);
        assert!(all.len() > 500, "{}", all.len());
        let first = 1200 - all.len();
        for (number, text) in (first..).zip(&all) {
            assert!(text.starts_with(&format!("{number} ")), "{}", &text[..20]);
        }
        // More than one block, and over the border between the files.
        for last in [0, 1, 7, 300, 600] {
            assert_eq!(texts(folder.path(), last), all[all.len() - last..], "{last}");
        }
    }

    #[test]
    fn half_a_line_of_a_killed_host_costs_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(NAME);
        fs::write(&path, serde_json::to_string(&line("one")).unwrap() + "\n{\"at\":\"2026-").unwrap();
        let mut writer = Writer::open(folder.path()).unwrap();
        writer.write((serde_json::to_string(&line("two")).unwrap() + "\n").as_bytes());
        assert_eq!(texts(folder.path(), 9), ["one", "two"]);
    }

    /// What is stored of these chunks.
    async fn stored(secrets: &[&str], chunks: &[&[u8]]) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        let (log, written) = Log::open(folder.path(), Arc::new(|| Timestamp::UNIX_EPOCH)).unwrap();
        let secrets: Vec<String> = secrets.iter().map(|secret| (*secret).to_owned()).collect();
        let sink = Sink {
            log,
            tail: Tail::default(),
            masker: Arc::new(Masker::new(secrets.iter().map(String::as_str))),
            release: "r".into(),
            stream: Stream::Stderr,
        };
        let (mut to, from) = tokio::io::duplex(16);
        let collected = tokio::spawn(collect(from, sink));
        for chunk in chunks {
            to.write_all(chunk).await.unwrap();
        }
        drop(to);
        collected.await.unwrap();
        written.await.unwrap();
        texts(folder.path(), usize::MAX)
    }

    #[tokio::test]
    async fn lines_are_put_together_whatever_the_chunks() {
        let lines = stored(&["s3cret"], &[b"one\r\ntw", b"o s3", b"cr", b"et\n\n\xff\xfe end"]).await;
        assert_eq!(lines, ["one", "two •••", "", "\u{fffd}\u{fffd} end"]);
    }

    #[tokio::test]
    async fn a_secret_at_the_cut_is_masked_whole() {
        for before in [LONGEST - 3, LONGEST - 1, LONGEST] {
            let long = [&vec![b'x'; before][..], b"s3cret", &vec![b'y'; 40_000], b"s3cret\nnext\n"].concat();
            let lines = stored(&["s3cret"], &[&long]).await;
            let mask = if before < LONGEST { "•••" } else { "" };
            assert_eq!(lines[0], format!("{}{mask} […]", "x".repeat(before)));
            assert_eq!(lines[1..], ["next"]);
        }
    }

    #[tokio::test]
    async fn a_flood_is_cut_and_counted() {
        let flood: Vec<u8> = (0..LINES * 3).flat_map(|number| format!("{number}\n").into_bytes()).collect();
        let lines = stored(&[], &[&flood]).await;
        let kept = lines.iter().filter(|line| line.parse::<usize>().is_ok()).count();
        let dropped: usize = lines
            .iter()
            .filter_map(|line| line.strip_suffix(" lines were left out: the service writes too fast"))
            .map(|count| count.parse::<usize>().unwrap())
            .sum();
        assert_eq!(kept + dropped, LINES * 3);
        assert!(kept >= LINES && dropped > 0, "{kept} kept, {dropped} dropped");
    }
}
