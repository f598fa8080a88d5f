//! Errors of the use cases, and their one translation to the wire: code, params, hints.

mod cluster;
mod deliver;
mod local;
mod monitor;
mod provision;
mod rooms;

use std::collections::BTreeMap;

use crate::wire::WireError;

pub use deliver::Refusal;
use local::{git_parts, local_parts, run_parts};
pub use monitor::AlarmRefusal;
use monitor::monitoring_parts;
pub use provision::ProvisionError;
use rooms::{credential_parts, github_parts, store_parts};

/// What can go wrong. Every sentence says what happened and to what; [`Error::hints`] says what to do.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The folder is not there.
    #[error("{dir} does not exist")]
    ProjectNotFound {
        /// Folder.
        dir: String,
    },
    /// It is a file.
    #[error("{dir} is not a folder")]
    ProjectNotAFolder {
        /// Path.
        dir: String,
    },
    /// No jalon.toml.
    #[error("{dir} has no jalon.toml")]
    ProjectNoConfig {
        /// Folder.
        dir: String,
    },
    /// jalon.toml is wrong.
    #[error("{path}, line {line}: {reason}")]
    ConfigInvalid {
        /// jalon.toml.
        path: String,
        /// 1-based line.
        line: usize,
        /// What is wrong.
        reason: String,
    },
    /// A file that would be written is there already.
    #[error("{path} exists already; nothing was changed")]
    ProjectExists {
        /// The file.
        path: String,
    },
    /// A file of the project cannot be read.
    #[error("{path} cannot be read: {reason}")]
    ProjectUnreadable {
        /// The file.
        path: String,
        /// What the system said.
        reason: String,
    },
    /// A file of the project cannot be written.
    #[error("{path} cannot be written: {reason}; nothing was changed")]
    ProjectNotWritable {
        /// The file.
        path: String,
        /// What the system said.
        reason: String,
    },
    /// Not `owner/name`.
    #[error("{repository:?} does not name a GitHub repository: write owner/name")]
    RepositoryInvalid {
        /// As given.
        repository: String,
    },
    /// Not an IANA zone.
    #[error("{timezone:?} is not a time zone: write one such as Europe/Paris")]
    TimezoneUnknown {
        /// As given.
        timezone: String,
    },
    /// The project names no plan, and none was found.
    #[error("{dir} has no planning document")]
    PlanMissing {
        /// Folder.
        dir: String,
    },
    /// The plan cannot be read.
    #[error("the plan {path} cannot be read: {reason}")]
    PlanUnreadable {
        /// The document.
        path: String,
        /// What the system or the import said.
        reason: String,
    },
    /// No stage has this key.
    #[error("the plan has no stage {stage:?}")]
    StageUnknown {
        /// Key as given.
        stage: String,
    },
    /// GitHub.
    #[error(transparent)]
    GitHub(#[from] github::Error),
    /// GitHub answers, yet all of a repository takes longer than somebody waits.
    #[error("reading {repository} from {host} takes longer than {seconds} s")]
    SyncUnfinished {
        /// `owner/name`.
        repository: String,
        /// Host.
        host: String,
        /// How long was waited.
        seconds: u64,
    },
    /// No token.
    #[error("nobody is signed in to {host}")]
    NotSignedIn {
        /// Host.
        host: String,
    },
    /// The project names no repository.
    #[error("{name} names no GitHub repository")]
    NoRepository {
        /// Project.
        name: String,
    },
    /// No client id for sign-in by code.
    #[error("sign-in by code needs the client id of an OAuth app, and none is set")]
    DeviceUnconfigured,
    /// No code was asked for, or it was used.
    #[error("no sign-in by code is under way")]
    DeviceNotStarted,
    /// Secrets.
    #[error(transparent)]
    Credentials(#[from] credentials::Error),
    /// No such credential.
    #[error("there is no credential {name}")]
    CredentialNotFound {
        /// Name.
        name: String,
    },
    /// The store.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// What was asked of deployments, KPIs or documents cannot be done as things are.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Provisioning.
    #[error(transparent)]
    Provision(#[from] ProvisionError),
    /// The clone.
    #[error(transparent)]
    Git(#[from] git::Error),
    /// Runs.
    #[error(transparent)]
    Runs(#[from] runs::Error),
    /// Monitoring.
    #[error(transparent)]
    Monitoring(#[from] monitoring::Error),
    /// The local target.
    #[error(transparent)]
    Local(#[from] deployments::Error),
    /// A cluster, or what was to be brought there.
    #[error(transparent)]
    Cluster(#[from] deployments::kubernetes::Error),
    /// A release that does not come up on a cluster.
    #[error(transparent)]
    Rollout(deployments::kubernetes::rollout::RolloutError),
    /// A cluster that cannot be watched.
    #[error(transparent)]
    ClusterRead(deployments::kubernetes::ReadError),
    /// A pod's log.
    #[error(transparent)]
    PodLog(#[from] deployments::kubernetes::LogError),
    /// The data folder cannot be made or used.
    #[error("the data folder {path} cannot be used: {reason}")]
    DataFolder {
        /// Folder.
        path: String,
        /// What the system said.
        reason: String,
    },
    /// Cancelled.
    #[error("cancelled; nothing was changed")]
    Cancelled,
    /// Something on this computer took too long.
    #[error("{what} took more than {seconds} s and was given up")]
    TimedOut {
        /// What.
        what: &'static str,
        /// The limit.
        seconds: u64,
    },
    /// A call whose arguments do not fit.
    #[error("the request does not fit: {reason}")]
    BadRequest {
        /// What does not fit.
        reason: String,
    },
}

/// The wire's description of an error: code, params, hints, in this order.
type Parts = (&'static str, Vec<(&'static str, String)>, Vec<&'static str>);

impl From<provisioning::Error> for Error {
    fn from(error: provisioning::Error) -> Self {
        Self::Provision(error.into())
    }
}

impl Error {
    /// Whether a gate or a check refused, so that nothing was changed: exit 3.
    pub fn is_gate(&self) -> bool {
        match self {
            Self::Refused(refusal) => refusal.is_gate(),
            Self::Cluster(error) => error.is_refusal(),
            Self::Provision(error) => error.is_gate(),
            _ => false,
        }
    }

    /// Stable name of the error.
    pub fn code(&self) -> &'static str {
        self.parts().0
    }

    /// What to do next, most useful first.
    pub fn hints(&self) -> Vec<&'static str> {
        self.parts().2
    }

    /// The error as it crosses to the window and to `--json`.
    pub fn to_wire(&self) -> WireError {
        let (code, params, hints) = self.parts();
        let params: BTreeMap<String, String> = params.into_iter().map(|(k, v)| (k.to_owned(), v)).collect();
        let hints = hints.into_iter().map(str::to_owned).collect();
        WireError { code: code.to_owned(), params, message: self.to_string(), hints }
    }

    fn parts(&self) -> Parts {
        let path = |path: &str| vec![("path", path.to_owned())];
        let dir = |dir: &str| vec![("dir", dir.to_owned())];
        match self {
            Self::ProjectNotFound { dir: at } => {
                ("project.not_found", dir(at), vec!["choose the folder of your clone"])
            }
            Self::ProjectNotAFolder { dir: at } => {
                ("project.not_a_folder", dir(at), vec!["choose the folder that holds the file"])
            }
            Self::ProjectNoConfig { dir: at } => (
                "project.no_config",
                dir(at),
                vec![
                    "open the folder in the window, which proposes a jalon.toml",
                    "name another folder with --project",
                ],
            ),
            Self::ConfigInvalid { path, line, reason } => (
                "project.config_invalid",
                vec![("path", path.clone()), ("line", line.to_string()), ("reason", reason.clone())],
                vec!["correct that line and try again"],
            ),
            Self::ProjectExists { path: at } => {
                ("project.exists", path(at), vec!["open the project as it is, or choose another folder"])
            }
            Self::ProjectUnreadable { path, reason } => (
                "project.unreadable",
                vec![("path", path.clone()), ("reason", reason.clone())],
                vec!["check that the file is there and that you may read it"],
            ),
            Self::ProjectNotWritable { path, reason } => (
                "project.not_writable",
                vec![("path", path.clone()), ("reason", reason.clone())],
                vec!["check that you may write to this folder and that the disk is not full"],
            ),
            Self::RepositoryInvalid { repository } => (
                "project.repository_invalid",
                vec![("repository", repository.clone())],
                vec!["write owner/name as in the repository's address"],
            ),
            Self::TimezoneUnknown { timezone } => (
                "project.timezone_unknown",
                vec![("timezone", timezone.clone())],
                vec!["write an IANA name such as Europe/Paris"],
            ),
            Self::PlanMissing { dir: at } => {
                ("plan.missing", dir(at), vec!["name it in jalon.toml: plan = \"docs/planning.md\""])
            }
            Self::PlanUnreadable { path, reason } => (
                "plan.unreadable",
                vec![("path", path.clone()), ("reason", reason.clone())],
                vec!["check the path in jalon.toml"],
            ),
            Self::StageUnknown { stage } => {
                ("stage.unknown", vec![("stage", stage.clone())], vec!["jalonctl plan show lists the stages"])
            }
            Self::GitHub(error) => github_parts(error),
            Self::SyncUnfinished { repository, host, seconds } => (
                "github.timeout",
                vec![
                    ("host", host.clone()),
                    ("repository", repository.clone()),
                    ("seconds", seconds.to_string()),
                ],
                vec![
                    "leave the project open in the window: it goes on in the background at once, for up to 10 minutes",
                    "what was read before is intact and still shown",
                ],
            ),
            Self::NotSignedIn { host } => (
                "github.not_signed_in",
                vec![("host", host.clone())],
                vec!["sign in: jalonctl auth login", "or set JALON_GITHUB_TOKEN"],
            ),
            Self::NoRepository { name } => (
                "github.no_repository",
                vec![("name", name.clone())],
                vec!["name it in jalon.toml: github = \"owner/name\""],
            ),
            Self::DeviceUnconfigured => (
                "github.device_unconfigured",
                vec![],
                vec!["paste a token instead, or use gh's sign-in", "or set the client id in the settings"],
            ),
            Self::DeviceNotStarted => ("github.device_expired", vec![], vec!["ask for a new code"]),
            Self::Credentials(error) => credential_parts(error),
            Self::CredentialNotFound { name } => (
                "credentials.not_found",
                vec![("name", name.clone())],
                vec!["jalonctl credentials list shows what there is"],
            ),
            Self::Store(error) => store_parts(error),
            Self::Refused(refusal) => refusal.parts(),
            Self::Provision(error) => error.parts(),
            Self::Git(error) => git_parts(error),
            Self::Runs(error) => run_parts(error),
            Self::Monitoring(error) => monitoring_parts(error),
            Self::Local(error) => local_parts(error),
            Self::Cluster(error) => cluster::cluster_parts(error),
            Self::Rollout(error) => cluster::rollout_parts(error),
            Self::ClusterRead(error) => cluster::read_parts(error),
            Self::PodLog(error) => cluster::log_parts(error),
            Self::DataFolder { path, reason } => (
                "store.failed",
                vec![("path", path.clone()), ("reason", reason.clone())],
                vec!["check that you may write there, or move it with JALON_HOME"],
            ),
            Self::TimedOut { what, seconds } => (
                "engine.timeout",
                vec![("what", (*what).to_owned()), ("seconds", seconds.to_string())],
                vec!["try again when the computer is less busy"],
            ),
            Self::Cancelled => ("engine.cancelled", vec![], vec![]),
            Self::BadRequest { reason } => ("engine.bad_request", vec![("reason", reason.clone())], vec![]),
        }
    }
}
