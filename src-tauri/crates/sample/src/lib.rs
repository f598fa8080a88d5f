//! The sample: a project to practise on. [`create`] writes its repository; [`service`] is the small web application that
//! it deploys, played by Jalon's own program, so that nothing has to be installed.

mod create;
mod files;
pub mod service;

pub use create::create;
pub use files::{Language, Options, Release, files};

/// Why there is no sample.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Something is in the way; nothing was changed.
    #[error("{dir} is not empty: choose a folder that does not exist yet, or an empty one")]
    NotEmpty {
        /// The folder.
        dir: String,
    },
    /// The place cannot be written; nothing was left there.
    #[error("the sample cannot be written to {path}: {reason}")]
    Files {
        /// Which path.
        path: String,
        /// The system's words.
        reason: String,
    },
    /// There is no such time zone.
    #[error("{timezone:?} is not a time zone such as Europe/Paris")]
    Timezone {
        /// The name.
        timezone: String,
    },
    /// The two environments need a port each.
    #[error("dev and prod cannot share port {port}, and 0 is no port")]
    Ports {
        /// The port of dev.
        port: u16,
    },
    /// git failed.
    #[error(transparent)]
    Git(#[from] git::Error),
}

/// Result of the room.
pub type Result<T> = std::result::Result<T, Error>;
