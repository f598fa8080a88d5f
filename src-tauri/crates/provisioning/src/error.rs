//! Errors of the room.

use crate::Lock;

/// What can go wrong with a tool.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such program.
    #[error("{program} is not installed, or not on the PATH")]
    Missing {
        /// The program.
        program: String,
    },
    /// A version that does not know what Jalon needs.
    #[error("{program} {found} is too old: {needed} or newer is needed")]
    TooOld {
        /// The program.
        program: String,
        /// Its version.
        found: String,
        /// Oldest one that works.
        needed: String,
    },
    /// It does not say which version it is.
    #[error("{program} does not say which version it is: {reason}")]
    NoVersion {
        /// The program.
        program: String,
        /// What it said instead.
        reason: String,
    },
    /// Its deadline passed: it was asked to end, then made to.
    #[error("{what} took more than {seconds} s and was ended")]
    TimedOut {
        /// Which command.
        what: String,
        /// The deadline, in seconds.
        seconds: u64,
    },
    /// Somebody asked to cancel.
    #[error("cancelled")]
    Cancelled,
    /// Somebody holds the state's lock.
    #[error("the state is locked: {0}")]
    Locked(Box<Lock>),
    /// What a saved plan was made from has changed.
    #[error("the plan is stale: {reason}")]
    Stale {
        /// What changed.
        reason: String,
    },
    /// The state cannot be read.
    #[error("the state cannot be read: {reason}")]
    State {
        /// What the tool said.
        reason: String,
    },
    /// A provider or module cannot be had.
    #[error("a provider or module is missing: {reason}")]
    Provider {
        /// What the tool said.
        reason: String,
    },
    /// The disk is full.
    #[error("the disk is full: {reason}")]
    DiskFull {
        /// What the tool said.
        reason: String,
    },
    /// A message stream of another time.
    #[error("{program} speaks version {found} of its message stream, and this Jalon knows version 1")]
    StreamVersion {
        /// The program.
        program: String,
        /// Version of the stream.
        found: String,
    },
    /// A plan that cannot be shown in full must not be confirmed.
    #[error("the plan cannot be read: {reason}")]
    PlanUnknown {
        /// What is not understood.
        reason: String,
    },
    /// The tool failed otherwise.
    #[error("{what} failed{}: {reason}", at.as_ref().map_or(String::new(), |at| format!(" at {at}")))]
    Failed {
        /// Which command.
        what: String,
        /// What the tool said.
        reason: String,
        /// Resource, or file and line.
        at: Option<String>,
    },
    /// The folder of a configuration cannot be read.
    #[error("{path} cannot be read: {reason}")]
    Folder {
        /// Which path.
        path: String,
        /// Why.
        reason: String,
    },
    /// The run.
    #[error(transparent)]
    Runs(#[from] runs::Error),
}

/// Result of the room.
pub type Result<T> = std::result::Result<T, Error>;
