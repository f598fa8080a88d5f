//! The control connection between a host and its clients: JSON lines over TCP on 127.0.0.1. The first line of a client is
//! the token, that of the host the proof; both stand in `host.json`, which its owner alone can read.

use std::io;
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::Strategy;
use super::instance::Launch;
use crate::Error;

/// The longest line: an environment with many secrets fits in many times.
const LONGEST: usize = 4 * 1024 * 1024;
/// How long writing a line may take.
const WRITE: Duration = Duration::from_secs(5);

/// What a client wants.
#[derive(Serialize, Deserialize)]
#[serde(tag = "op", rename_all = "snake_case")]
pub(super) enum Act {
    Start(Box<Launch>),
    WaitHealthy {
        path: String,
        limit_ms: u64,
        pause_ms: u64,
    },
    /// Ends a wait.
    Cancel,
    Switch {
        strategy: Strategy,
        drain_ms: u64,
    },
    Back {
        release: String,
    },
    Discard {
        grace_ms: u64,
    },
    Stop {
        grace_ms: u64,
    },
    Status,
}

#[derive(Serialize, Deserialize)]
pub(super) struct Request {
    /// Comes back in the reply, so that one that comes too late is told from the next.
    pub id: u64,
    pub act: Act,
}

#[derive(Serialize, Deserialize)]
pub(super) struct Reply {
    pub id: u64,
    pub result: Result<serde_json::Value, Error>,
}

/// Reads lines. Waiting for the next one may be given up and begun again without losing anything.
pub(super) struct Lines<R> {
    from: R,
    buffer: Vec<u8>,
    longest: usize,
}

impl<R: AsyncRead + Unpin> Lines<R> {
    pub fn new(from: R) -> Self {
        Self { from, buffer: Vec::new(), longest: LONGEST }
    }

    /// The next line, read as `T`; none at the end.
    pub async fn next<T: DeserializeOwned>(&mut self) -> io::Result<Option<T>> {
        loop {
            if let Some(end) = self.buffer.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.buffer.drain(..=end).collect();
                return serde_json::from_slice(&line).map(Some).map_err(io::Error::from);
            }
            if self.buffer.len() > self.longest {
                return Err(io::Error::new(io::ErrorKind::InvalidData, "the line is too long"));
            }
            if self.from.read_buf(&mut self.buffer).await? == 0 {
                return Ok(None);
            }
        }
    }
}

/// Writes one line.
pub(super) async fn write_line<T: Serialize>(
    to: &mut (impl AsyncWrite + Unpin),
    value: &T,
) -> io::Result<()> {
    let mut line = serde_json::to_vec(value)?;
    line.push(b'\n');
    match tokio::time::timeout(WRITE, to.write_all(&line)).await {
        Ok(written) => written,
        Err(_) => Err(io::ErrorKind::TimedOut.into()),
    }
}

/// Whether two tokens are one, in a time that tells nothing about where they differ.
pub(super) fn same(one: &str, other: &str) -> bool {
    let differences = one.bytes().zip(other.bytes()).fold(0, |found, (a, b)| found | (a ^ b));
    one.len() == other.len() && differences == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn lines_survive_being_given_up() {
        let (mut one, other) = tokio::io::duplex(64);
        let mut lines = Lines::new(other);
        one.write_all(b"\"a\"\n\"b").await.unwrap();
        assert_eq!(lines.next::<String>().await.unwrap().as_deref(), Some("a"));
        let given_up = tokio::time::timeout(Duration::from_millis(20), lines.next::<String>()).await;
        assert!(given_up.is_err());
        one.write_all(b"c\"\n").await.unwrap();
        drop(one);
        assert_eq!(lines.next::<String>().await.unwrap().as_deref(), Some("bc"));
        assert_eq!(lines.next::<String>().await.unwrap(), None);
    }

    #[tokio::test]
    async fn endless_and_foreign_lines_are_refused() {
        let mut lines = Lines { from: &b"1234567890"[..], buffer: Vec::new(), longest: 4 };
        assert_eq!(lines.next::<String>().await.unwrap_err().kind(), io::ErrorKind::InvalidData);
        assert!(Lines::new(&b"GET / HTTP/1.1\r\n"[..]).next::<String>().await.is_err());
    }

    #[test]
    fn tokens_are_compared_whole() {
        assert!(same("abc", "abc") && same("", ""));
        assert!(!same("abc", "abd") && !same("abc", "ab") && !same("ab", "abc"));
    }
}
