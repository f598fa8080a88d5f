//! The local target. For each service in each environment there is one *host*: a process that outlives Jalon, owns the
//! built-in proxy on the environment's fixed port, and has the service's *instances* as children. A deployment is a
//! short-lived client of it ([`Host`]).
//!
//! What a data folder holds: `identity` (the random name that marks our processes), `host.lock` (held as long as the host
//! lives), `host.json` (how to reach it; readable by its owner alone), `state.json` (what runs, written before and after
//! every act), `service.log`. No secret is in any of them.

mod client;
mod control;
mod health;
mod host;
mod instance;
mod log;
mod orphans;
mod proxy;
mod slots;
mod state;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Exit;

pub use client::{Host, clean_up, status_offline};
pub use host::host_main;
pub use log::{LogLine, Stream, read_log};

/// The injected clock.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// In the environment of every instance: whose process it is. How processes of a host that was killed are found.
pub const MARKER: &str = "JALON_INSTANCE";

/// Where one service of one environment lives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Its data folder, for nothing else. Made if missing.
    pub folder: PathBuf,
    /// The environment's fixed port on 127.0.0.1, where the proxy listens.
    pub port: u16,
}

/// How a host process is started: `program leading_args… FOLDER PORT`. That process calls [`host_main`] and exits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Launcher {
    /// The program: Jalon itself.
    pub program: PathBuf,
    /// What makes it a host.
    pub leading_args: Vec<OsString>,
}

/// What is deployed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Release {
    /// Jalon's own id of the release.
    pub id: String,
    /// The version a person reads.
    pub version: String,
    /// The commit it was built from.
    pub commit: String,
    /// Whether the working tree held changes that the commit does not.
    pub dirty: bool,
}

/// A release to start, and how. `${PORT}` in the command and in the values of `environment` becomes the instance's own
/// free port; `PORT` is set as well.
#[derive(Clone, PartialEq, Eq)]
pub struct Candidate {
    /// What it is.
    pub release: Release,
    /// The folder the command runs in.
    pub dir: PathBuf,
    /// Program and arguments. No shell sees them. A relative program with a separator is looked for in `dir`.
    pub command: Vec<String>,
    /// Variables on top of those of the host.
    pub environment: BTreeMap<String, String>,
    /// More variables, whose values are written nowhere and masked in the log.
    pub secrets: BTreeMap<String, String>,
}

impl fmt::Debug for Candidate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Candidate")
            .field("release", &self.release)
            .field("dir", &self.dir)
            .field("command", &self.command)
            .field("environment", &self.environment)
            .field("secrets", &self.secrets.keys().collect::<Vec<_>>())
            .finish()
    }
}

/// What becomes of the release that was live.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Strategy {
    /// It is stopped once its last request is answered.
    Rolling,
    /// It is kept warm, for [`Host::back`].
    BlueGreen,
}

/// The two places of a blue/green deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Slot {
    /// The first.
    Blue,
    /// The second.
    Green,
}

impl Slot {
    /// The slot beside this one.
    pub fn other(self) -> Self {
        match self {
            Self::Blue => Self::Green,
            Self::Green => Self::Blue,
        }
    }
}

/// How an instance answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Health {
    /// It was not asked yet.
    Unknown,
    /// It answered 2xx when it was last asked.
    Healthy,
    /// It did not.
    Unhealthy {
        /// What asking led to.
        reason: String,
    },
}

/// One instance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstanceStatus {
    /// What it runs.
    pub release: Release,
    /// Where.
    pub slot: Slot,
    /// Its process, and its process group on Unix.
    pub pid: u32,
    /// Its own port on 127.0.0.1, behind the proxy.
    pub port: u16,
    /// When it was started.
    pub started_at: Timestamp,
    /// Since when requests go to it; none if they don't.
    pub since_live: Option<Timestamp>,
    /// How it answered when it was last asked, every two seconds.
    pub health: Health,
    /// How it ended, if it has.
    pub exit: Option<Exit>,
}

/// A service of an environment, as its host sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// The environment's fixed port.
    pub port: u16,
    /// Where the service is reached.
    pub address: String,
    /// The instance that requests go to.
    pub live: Option<InstanceStatus>,
    /// The one that is kept for going back.
    pub warm: Option<InstanceStatus>,
    /// The one that is being deployed.
    pub candidate: Option<InstanceStatus>,
    /// How many earlier instances finish their last requests.
    pub retiring: usize,
    /// Requests the proxy has taken since the host began.
    pub requests_total: u64,
    /// Those that ended with 5xx, the proxy's own answers included.
    pub errors_total: u64,
    /// Those under way.
    pub in_flight: u64,
}

/// A switch that has happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Switched {
    /// What was live before.
    pub from: Option<Release>,
    /// What is live now.
    pub live: InstanceStatus,
}

/// What is known of a service without asking a host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Offline {
    /// It was never deployed here, or was stopped.
    Stopped,
    /// Its host died.
    Lost {
        /// What was live, or was about to be.
        release: Option<Release>,
        /// Processes of it that still run; the next deployment, or [`clean_up`], ends them.
        survivors: Vec<u32>,
    },
    /// A host lives: connect to it.
    Running,
}
