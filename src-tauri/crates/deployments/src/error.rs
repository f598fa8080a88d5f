//! What can go wrong with a service on the local target. The same values cross the control connection between a host and
//! its clients, so they hold plain data only.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exit {
    /// The exit code, where there is one.
    pub code: Option<i32>,
    /// The signal that ended it (Unix only).
    pub signal: Option<i32>,
}

impl From<std::process::ExitStatus> for Exit {
    fn from(status: std::process::ExitStatus) -> Self {
        #[cfg(unix)]
        let signal = std::os::unix::process::ExitStatusExt::signal(&status);
        #[cfg(not(unix))]
        let signal = None;
        Self { code: status.code(), signal }
    }
}

impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.code, self.signal) {
            (_, Some(signal)) => write!(f, "signal {signal}"),
            (Some(code), None) => write!(f, "exit code {code}"),
            (None, None) => f.write_str("an unknown status"),
        }
    }
}

/// What can go wrong on the local target.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Error {
    /// A program that is not ours listens on the environment's port.
    #[error("port {port} is taken by another program; nothing was started")]
    PortTaken {
        /// The environment's fixed port.
        port: u16,
    },
    /// The proxy could not listen for another reason.
    #[error("cannot listen on 127.0.0.1:{port}: {reason}")]
    Listen {
        /// The port; 0 is any.
        port: u16,
        /// What the system said.
        reason: String,
    },
    /// The service has no command.
    #[error("release {release} has no command to start")]
    EmptyCommand {
        /// The release's id.
        release: String,
    },
    /// The program does not exist.
    #[error("command not found: {program}")]
    CommandNotFound {
        /// The program as it was looked for.
        program: String,
    },
    /// The program exists, but the system does not let it run.
    #[error("{program} is not executable")]
    NotExecutable {
        /// The program as it was looked for.
        program: String,
    },
    /// The folder that the command runs in does not exist.
    #[error("the folder {dir} does not exist, so {program} cannot run in it")]
    DirectoryMissing {
        /// The folder.
        dir: String,
        /// The program that should have run there.
        program: String,
    },
    /// The system refused to start the program for another reason.
    #[error("{program} could not be started: {reason}")]
    Spawn {
        /// The program.
        program: String,
        /// What the system said.
        reason: String,
    },
    /// The instance ended before it was healthy or could be switched to.
    #[error("release {release} ended by itself with {exit}{}", last_lines(.log))]
    Exited {
        /// The release's id.
        release: String,
        /// How it ended.
        exit: Exit,
        /// The last lines it wrote, masked, oldest first.
        log: Vec<String>,
    },
    /// The instance runs but did not answer 2xx in time.
    #[error("release {release} was not healthy within {limit_ms} ms at {path}: {last}{}", last_lines(.log))]
    NeverHealthy {
        /// The release's id.
        release: String,
        /// The path that was asked.
        path: String,
        /// The limit, in milliseconds.
        limit_ms: u64,
        /// What the last question led to.
        last: String,
        /// The last lines it wrote, masked, oldest first.
        log: Vec<String>,
    },
    /// Somebody cancelled the wait.
    #[error("waiting for release {release} was cancelled")]
    Cancelled {
        /// The release's id.
        release: String,
    },
    /// Another deployment of this service to this environment is under way.
    #[error("another deployment of this service is under way in this environment")]
    Busy,
    /// The host is about to end.
    #[error("the service is being stopped")]
    Ending,
    /// There is nothing to wait for or to switch to.
    #[error("no candidate was started on this connection")]
    NoCandidate,
    /// The candidate was never healthy.
    #[error("release {release} was not found healthy, so no request is sent to it")]
    NotHealthy {
        /// The release's id.
        release: String,
    },
    /// Nothing is kept warm to go back to.
    #[error("no release is kept warm, so {wanted} has to be deployed again")]
    NoWarm {
        /// The wanted release's id.
        wanted: String,
    },
    /// Another release is kept warm.
    #[error("release {warm} is kept warm, not {wanted}")]
    OtherWarm {
        /// The wanted release's id.
        wanted: String,
        /// The id of the one that is kept warm.
        warm: String,
    },
    /// The warm release does not answer.
    #[error("release {release} is kept warm but is not healthy: {reason}")]
    WarmUnhealthy {
        /// Its id.
        release: String,
        /// What asking it led to.
        reason: String,
    },
    /// The host process did not come up.
    #[error("the host of the service did not start: {reason}")]
    HostNotStarted {
        /// Why.
        reason: String,
    },
    /// Another host has the folder.
    #[error("another host already runs for {folder}")]
    HostRuns {
        /// The data folder.
        folder: String,
    },
    /// The control connection ended in the middle.
    #[error("the host of the service ended while it was asked to {what}")]
    HostLost {
        /// What it was asked.
        what: String,
    },
    /// The caller's limit passed.
    #[error("no answer within {limit_ms} ms to: {what}")]
    Deadline {
        /// What was waited for.
        what: String,
        /// The limit, in milliseconds.
        limit_ms: u64,
    },
    /// The other side of the control connection does not speak as it should.
    #[error("the control connection broke: {reason}")]
    Protocol {
        /// What was wrong.
        reason: String,
    },
    /// A file of the data folder could not be read or written.
    #[error("{path}: {reason}")]
    File {
        /// The file.
        path: String,
        /// What the system said.
        reason: String,
    },
    /// Processes of an earlier host did not end.
    #[error("processes of an earlier deployment did not end: {}", numbers(.pids))]
    Survivors {
        /// Their process ids.
        pids: Vec<u32>,
    },
}

impl Error {
    /// A failed operation on a file.
    pub(crate) fn file(path: &std::path::Path, reason: impl fmt::Display) -> Self {
        Self::File { path: path.display().to_string(), reason: reason.to_string() }
    }

    /// A limit that passed.
    pub(crate) fn deadline(what: &str, limit: std::time::Duration) -> Self {
        Self::Deadline { what: what.to_owned(), limit_ms: milliseconds(limit) }
    }
}

/// A duration for a message or the wire.
pub(crate) fn milliseconds(duration: std::time::Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

fn last_lines(log: &[String]) -> String {
    match log {
        [] => "; it wrote nothing".to_owned(),
        lines => format!("; its last lines: {}", lines.join(" | ")),
    }
}

fn numbers(pids: &[u32]) -> String {
    pids.iter().map(u32::to_string).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_name_what_happened_and_to_what() {
        let exited = Error::Exited {
            release: "r2".into(),
            exit: Exit { code: Some(3), signal: None },
            log: vec!["one".into(), "two".into()],
        };
        assert_eq!(
            exited.to_string(),
            "release r2 ended by itself with exit code 3; its last lines: one | two"
        );
        let killed = Exit { code: None, signal: Some(9) };
        assert_eq!(killed.to_string(), "signal 9");
        assert_eq!(
            Error::PortTaken { port: 8080 }.to_string(),
            "port 8080 is taken by another program; nothing was started"
        );
    }

    #[test]
    fn errors_cross_the_wire_unchanged() {
        let error = Error::Survivors { pids: vec![7, 9] };
        let wire = serde_json::to_string(&error).unwrap();
        assert_eq!(serde_json::from_str::<Error>(&wire).unwrap(), error);
        assert_eq!(error.to_string(), "processes of an earlier deployment did not end: 7, 9");
    }
}
