//! GitHub's REST API as Jalon needs it: conditional requests, limits, sign-in, milestones and issues, checks of a commit,
//! deployments.
//!
//! octocrab carries the requests; its retry and cache are left off (a retried POST writes twice, its cache keeps error
//! bodies). A token leaves for the origin it was made for and no other, wherever a `Link` or a redirect points.

mod checks;
mod client;
mod device;
mod endpoint;
mod gh;
mod limits;
mod link;
mod model;
mod pages;
mod read;

use jiff::Timestamp;

pub use checks::{Check, CheckState, CommitChecks, RequiredCheck, read_checks};
pub use client::Client;
pub use device::{DeviceGrant, start_device_flow};
pub use endpoint::Endpoint;
pub use gh::token_of_gh;
pub use limits::Limits;
pub use read::{Fetched, Reporter, Step, read_repository};

/// What can go wrong between Jalon and GitHub. Each has one clear sentence; none carries a token.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// 401.
    #[error("{host} refused the token: it is wrong, has expired or was revoked")]
    TokenRefused {
        /// Host that refused.
        host: String,
    },
    /// 403 that is no rate limit.
    #[error("{host} does not open {what} to this token: {reason}")]
    Forbidden {
        /// Host.
        host: String,
        /// What was asked for.
        what: String,
        /// GitHub's words.
        reason: String,
    },
    /// 404: not there, or private and the token may not know it.
    #[error("{host} has no {what}, or this token may not see it")]
    NotFound {
        /// Host.
        host: String,
        /// What was asked for.
        what: String,
    },
    /// 429, or 403 with an exhausted limit.
    #[error("{host} asks to wait until {retry_at}: the request limit is used up")]
    RateLimited {
        /// Host.
        host: String,
        /// When to ask again.
        retry_at: Timestamp,
    },
    /// 5xx.
    #[error("{host} is having trouble (HTTP {status})")]
    Server {
        /// Host.
        host: String,
        /// HTTP status.
        status: u16,
    },
    /// A body that is not the JSON expected, e.g. a login page of a proxy.
    #[error("{host} answered with something other than GitHub's JSON: {reason}")]
    NotJson {
        /// Host.
        host: String,
        /// What came instead.
        reason: String,
    },
    /// The connection ended inside an answer.
    #[error("the answer of {host} broke off")]
    CutOff {
        /// Host.
        host: String,
    },
    /// A redirect or a next page on another host: not followed, because the token would go there.
    #[error(
        "{host} points to another host, {elsewhere}; Jalon does not follow, so that the token stays with {host}"
    )]
    RedirectElsewhere {
        /// Host asked.
        host: String,
        /// Host named.
        elsewhere: String,
    },
    /// No connection.
    #[error("{host} cannot be reached: {reason}")]
    Unreachable {
        /// Host.
        host: String,
        /// What the system said.
        reason: String,
    },
    /// No answer in time.
    #[error("{host} did not answer within {seconds} s")]
    Timeout {
        /// Host.
        host: String,
        /// How long was waited.
        seconds: u64,
    },
    /// Any other status.
    #[error("{host} answered with HTTP {status}: {reason}")]
    Unexpected {
        /// Host.
        host: String,
        /// HTTP status.
        status: u16,
        /// GitHub's words.
        reason: String,
    },
    /// The person, or the program's end, cancelled.
    #[error("cancelled")]
    Cancelled,
    /// The address of the API is not one.
    #[error("{address:?} is not an address of an API: {reason}")]
    BadEndpoint {
        /// As given.
        address: String,
        /// What is wrong.
        reason: String,
    },
    /// The person declined on GitHub.
    #[error("the request was declined on {host}")]
    DeviceDenied {
        /// Host.
        host: String,
    },
    /// Nobody entered the code in time.
    #[error("the code has expired before it was entered on {host}")]
    DeviceExpired {
        /// Host.
        host: String,
    },
    /// GitHub does not know the client id, or device flow is off for it.
    #[error("{host} refused the client id: {reason}")]
    DeviceRefused {
        /// Host.
        host: String,
        /// GitHub's words.
        reason: String,
    },
    /// `gh` is not installed.
    #[error("the program gh is not installed")]
    GhMissing,
    /// `gh` is installed, but not signed in for the host.
    #[error("gh is not signed in to {host}: {reason}")]
    GhNotSignedIn {
        /// Host.
        host: String,
        /// What gh said, first line.
        reason: String,
    },
    /// The store failed underneath.
    #[error(transparent)]
    Store(std::sync::Arc<store::Error>),
}

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        Self::Store(std::sync::Arc::new(error))
    }
}

/// Result of the room.
pub type Result<T> = std::result::Result<T, Error>;
