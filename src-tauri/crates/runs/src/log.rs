//! A run's log: one JSON object a line, masked before it is written.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use credentials::Masker;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use store::Clock;

use crate::{Error, Result};

/// A longer line is cut.
const LONGEST_LINE: usize = 16 * 1024;
/// A command that floods its log cannot fill the disk: beyond this only Jalon's own lines are kept.
const LARGEST: u64 = 20 * 1024 * 1024;
/// At most so much is read at once.
const PAGE: usize = 1024 * 1024;

/// Where a line came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stream {
    /// Jalon says what it does.
    Jalon,
    /// A command's standard output.
    Stdout,
    /// A command's standard error.
    Stderr,
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// When it was written.
    pub at: Timestamp,
    /// Where it came from.
    pub stream: Stream,
    /// The masked text.
    pub text: String,
}

/// Some lines and where the next ones begin.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogPage {
    /// Oldest first.
    pub lines: Vec<Line>,
    /// Offset to go on from, in bytes.
    pub next: u64,
}

/// Writes a log. Cheap to clone; lines of several writers do not mix.
#[derive(Clone)]
pub struct LogWriter {
    inner: Arc<Mutex<Inner>>,
    mask: Masker,
    clock: Clock,
}

struct Inner {
    file: File,
    size: u64,
    full: bool,
}

impl LogWriter {
    /// Opens a log to add to it.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn open(path: &Path, mask: Masker, clock: Clock) -> Result<Self> {
        let fail = |error: std::io::Error| Error::folder(path, &error);
        let file = OpenOptions::new().create(true).append(true).open(path).map_err(fail)?;
        let size = file.metadata().map_err(fail)?.len();
        Ok(Self { inner: Arc::new(Mutex::new(Inner { file, size, full: false })), mask, clock })
    }

    /// Adds what Jalon has to say.
    pub fn say(&self, text: impl AsRef<str>) {
        self.write(Stream::Jalon, text.as_ref());
    }

    /// Adds a line. A log that cannot be written is no reason to stop what it tells of.
    pub fn write(&self, stream: Stream, text: &str) {
        let text = cut(self.mask.apply(text), LONGEST_LINE);
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        if inner.size > LARGEST && stream != Stream::Jalon {
            if !inner.full {
                inner.full = true;
                let text =
                    format!("the log is full at {} MB: further output is left out", LARGEST / 1024 / 1024);
                self.put(&mut inner, Stream::Jalon, text);
            }
            return;
        }
        self.put(&mut inner, stream, text);
    }

    fn put(&self, inner: &mut Inner, stream: Stream, text: String) {
        let line = Line { at: (self.clock)(), stream, text };
        if let Ok(mut bytes) = serde_json::to_vec(&line) {
            bytes.push(b'\n');
            if inner.file.write_all(&bytes).is_ok() {
                inner.size += bytes.len() as u64;
            }
        }
    }
}

/// Reads lines from an offset on, about a megabyte at most. A line that is still being written is left for later.
///
/// # Errors
/// The log is there but cannot be read.
pub(crate) fn read(path: &Path, from: u64) -> Result<LogPage> {
    let fail = |error: std::io::Error| Error::folder(path, &error);
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Ok(LogPage { lines: Vec::new(), next: from });
        }
        Err(error) => return Err(fail(error)),
    };
    file.seek(SeekFrom::Start(from)).map_err(fail)?;
    let mut bytes = Vec::new();
    file.take(PAGE as u64).read_to_end(&mut bytes).map_err(fail)?;
    let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |last| last + 1);
    let lines = bytes[..whole]
        .split(|byte| *byte == b'\n')
        // A line that was cut by a full disk is lost; those after it are not.
        .filter_map(|line| serde_json::from_slice(line).ok())
        .collect();
    Ok(LogPage { lines, next: from + whole as u64 })
}

fn cut(mut text: String, longest: usize) -> String {
    if text.len() > longest {
        let mut end = longest;
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text.truncate(end);
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn writer(path: &Path) -> LogWriter {
        let mask = Masker::new(["hunter22"]);
        LogWriter::open(path, mask, Arc::new(|| Timestamp::UNIX_EPOCH)).unwrap()
    }

    #[test]
    fn lines_are_masked_and_read_from_an_offset_on() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        assert_eq!(read(&path, 0).unwrap(), LogPage::default());
        let log = writer(&path);
        log.say("starting with hunter22");
        let first = read(&path, 0).unwrap();
        assert_eq!(first.lines[0].text, "starting with •••");
        log.write(Stream::Stderr, "second");
        let second = read(&path, first.next).unwrap();
        assert_eq!((second.lines.len(), second.lines[0].stream), (1, Stream::Stderr));
        assert!(!std::fs::read_to_string(&path).unwrap().contains("hunter22"));
    }

    #[test]
    fn a_line_half_written_is_left_for_later_and_a_damaged_one_skipped() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        std::fs::write(&path, "{\"at\":\"half\n").unwrap();
        writer(&path).say("whole");
        let mut file = OpenOptions::new().append(true).open(&path).unwrap();
        file.write_all(b"{\"at\":\"1970-01-01T00:00:00Z\",\"stream\":\"jal").unwrap();
        let page = read(&path, 0).unwrap();
        assert_eq!(page.lines.len(), 1);
        file.write_all(b"on\",\"text\":\"later\"}\n").unwrap();
        assert_eq!(read(&path, page.next).unwrap().lines[0].text, "later");
    }

    #[test]
    fn a_flood_ends_and_what_jalon_says_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let log = writer(&path);
        let line = "x".repeat(2 * LONGEST_LINE);
        for _ in 0..1400 {
            log.write(Stream::Stdout, &line);
        }
        log.say("done");
        let size = std::fs::metadata(&path).unwrap().len();
        assert!(size < LARGEST + 2 * LONGEST_LINE as u64, "{size}");
        let mut from = 0;
        let mut last = Vec::new();
        loop {
            let page = read(&path, from).unwrap();
            if page.lines.is_empty() {
                break;
            }
            from = page.next;
            last = page.lines;
        }
        assert_eq!(last.last().unwrap().text, "done");
        assert!(last[last.len() - 2].text.contains("left out"));
    }
}
