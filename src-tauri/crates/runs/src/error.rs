//! Errors of the room.

/// What can go wrong with a run.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No such run.
    #[error("there is no run {id}")]
    Unknown {
        /// Id as given.
        id: String,
    },
    /// Another one is under way for the same service and environment.
    #[error("run {run} is under way for {name} in {environment}")]
    Busy {
        /// Id of the other one.
        run: i64,
        /// Service or stack.
        name: String,
        /// Environment.
        environment: String,
    },
    /// It does not wait for confirmation.
    #[error("run {run} does not wait for confirmation")]
    NotWaiting {
        /// Id.
        run: i64,
    },
    /// Its process did not begin.
    #[error("run {run} did not begin: {reason}")]
    NotStarted {
        /// Id.
        run: i64,
        /// What the system or the process said.
        reason: String,
    },
    /// A file of a run's folder cannot be used.
    #[error("{path} cannot be used: {reason}")]
    Folder {
        /// The file.
        path: String,
        /// What the system said.
        reason: String,
    },
    /// A command could not be started.
    #[error("{program} cannot be started: {reason}")]
    Command {
        /// The program.
        program: String,
        /// What the system said.
        reason: String,
    },
    /// The journal.
    #[error(transparent)]
    Store(#[from] store::Error),
}

impl Error {
    pub(crate) fn folder(path: &std::path::Path, error: &std::io::Error) -> Self {
        Self::Folder { path: path.display().to_string(), reason: error.to_string() }
    }
}

/// Result of the room.
pub type Result<T> = std::result::Result<T, Error>;
