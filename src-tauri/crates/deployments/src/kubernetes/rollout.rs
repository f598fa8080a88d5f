//! Follows workloads until they have come up: by watch, from the moment they were applied, and gives up as soon as a cause is
//! named that time does not heal.

mod following;

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use kube::Client;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use super::cause::PROBING;
use super::logs::{LogOf, logs};
use super::{Cause, CauseId, EventLine, ReadError, RunningImage, Verdict, WorkloadRef};
use following::Following;

/// The kinds that are followed; all others are there once they are applied.
const FOLLOWED: [&str; 6] = ["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "Pod"];
/// Lines of a crashed container's log.
const LOG: usize = 20;
/// How long that log is waited for.
const LOG_LIMIT: Duration = Duration::from_secs(3);

/// Whether a kind is followed.
pub fn is_followed(kind: &str) -> bool {
    FOLLOWED.contains(&kind)
}

/// How long to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// For all workloads together.
    pub total: Duration,
    /// For the answer to one request.
    pub answer: Duration,
    /// For a container that may still be starting and whose probe fails, at least; more where the probe's own settings allow
    /// it more. Others get [`PROBING`], where that is less.
    pub probes: Duration,
}

impl Limits {
    /// A limit for the whole, 10 s for one request, and three fifths of the whole for a start, but no less than [`PROBING`]:
    /// who allows a rollout more time means the slow starts, and a probe that fails for good is still named before the end.
    pub fn within(total: Duration) -> Self {
        Self { total, answer: Duration::from_secs(10).min(total), probes: PROBING.max(total / 5 * 3) }
    }
}

/// What happens meanwhile, for the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// How a workload is, whenever its words change.
    Workload {
        /// Which.
        workload: WorkloadRef,
        /// How it is.
        verdict: Verdict,
    },
    /// A warning of the cluster about it or its pods, each once. Not masked.
    Warning {
        /// The event.
        event: Arc<EventLine>,
    },
    /// A cause that is not final yet. Not masked.
    Cause {
        /// Whose.
        workload: WorkloadRef,
        /// Which.
        cause: Arc<Cause>,
    },
    /// The cluster could not be read; it is asked again.
    Trouble {
        /// Why.
        error: ReadError,
    },
}

impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Workload { workload, verdict } => write!(f, "{workload}: {}", verdict.message),
            Self::Warning { event } => write!(f, "{}: {}", event.object, event.quoted()),
            Self::Cause { workload, cause } => write!(f, "{workload}: {}", cause.message),
            Self::Trouble { error } => write!(f, "{error}; it is asked again"),
        }
    }
}

/// Workloads that have come up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RolledOut {
    /// In the order in which they were asked for.
    pub workloads: Vec<Running>,
}

/// A workload that has come up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Running {
    /// Which.
    pub workload: WorkloadRef,
    /// English: `3 of 3 ready`.
    pub message: String,
    /// Images that its pods run, each once.
    pub images: Vec<RunningImage>,
}

/// Why workloads did not come up.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RolloutError {
    /// It cannot come up as it is.
    #[error("{workload} does not come up: {}", .cause.message)]
    Failed {
        /// Which.
        workload: WorkloadRef,
        /// Why. Its evidence is not masked.
        cause: Box<Cause>,
        /// Last lines of the container that ended, oldest first. Not masked.
        log: Vec<String>,
    },
    /// The limit passed.
    #[error("{workload} did not come up within {} s: {message}{}", .limit_ms / 1000, because(.cause.as_deref()))]
    TimedOut {
        /// The first that had not.
        workload: WorkloadRef,
        /// How it was.
        message: String,
        /// Limit, in milliseconds.
        limit_ms: u64,
        /// What is known of the cause. Its evidence is not masked.
        cause: Option<Box<Cause>>,
    },
    /// It is not there, or was deleted meanwhile.
    #[error("{workload} is not there: it was deleted, or never applied to this namespace")]
    Missing {
        /// Which.
        workload: WorkloadRef,
    },
    /// Somebody cancelled the wait. What was applied stays.
    #[error("waiting was cancelled; what was applied goes on coming up")]
    Cancelled,
    /// The cluster could not be read.
    #[error("the rollout cannot be followed: {error}")]
    Read {
        /// Why.
        error: ReadError,
    },
}

impl RolloutError {
    /// A short stable name.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Failed { .. } => "rollout_failed",
            Self::TimedOut { .. } => "rollout_timed_out",
            Self::Missing { .. } => "rollout_missing",
            Self::Cancelled => "cancelled",
            Self::Read { error } => error.code(),
        }
    }
}

fn because(cause: Option<&Cause>) -> String {
    cause.map(|cause| format!("; {}", cause.message)).unwrap_or_default()
}

/// Follows workloads of a namespace until all have come up: Deployments, StatefulSets, DaemonSets and ReplicaSets until their
/// pods of the current version are available, Jobs until they complete, Pods until they are ready. Other kinds are left out.
///
/// Has to be called after they were applied. `client` must not have a read timeout. Ends as soon as the last of them is up, or
/// as one has a cause that is final ([`super::Patience`]). A cluster that cannot be read is asked again until the limit passes; only
/// 401 and 403 end it at once.
///
/// # Errors
/// [`RolloutError`].
pub async fn follow(
    client: Client,
    namespace: &str,
    workloads: &[WorkloadRef],
    limits: Limits,
    cancel: &CancellationToken,
    on_progress: &mut (dyn FnMut(Progress) + Send),
) -> Result<RolledOut, RolloutError> {
    let mut wanted: Vec<WorkloadRef> =
        workloads.iter().filter(|workload| is_followed(&workload.kind)).cloned().collect();
    let mut once = BTreeSet::new();
    wanted.retain(|workload| once.insert(workload.clone()));
    if wanted.is_empty() {
        return Ok(RolledOut { workloads: Vec::new() });
    }
    let deadline = Instant::now() + limits.total;
    let mut following = Following::new(&client, namespace, &wanted, limits, on_progress);
    let followed = tokio::select! {
        followed = following.run(deadline) => followed,
        () = cancel.cancelled() => Err(RolloutError::Cancelled),
        () = sleep_until(deadline) => Err(RolloutError::Cancelled),
    };
    match followed {
        Err(RolloutError::Cancelled) if !cancel.is_cancelled() => Err(following.late()),
        Err(RolloutError::Failed { workload, cause, .. }) => {
            let log = last_lines(&client, namespace, &cause, limits.answer.min(LOG_LIMIT)).await;
            Err(RolloutError::Failed { workload, cause, log })
        }
        followed => followed,
    }
}

/// What a container wrote before it ended.
async fn last_lines(client: &Client, namespace: &str, cause: &Cause, limit: Duration) -> Vec<String> {
    let of_container = matches!(cause.id, CauseId::CrashLoop | CauseId::OutOfMemory | CauseId::Probe);
    let (Some(pod), true) = (cause.object.strip_prefix("Pod/"), of_container) else { return Vec::new() };
    let container = cause.params.get("container").map(String::as_str);
    for previous in [cause.restarts > 0, false] {
        let of = LogOf { pod, container, previous };
        if let Ok(lines) = logs(client, namespace, &of, LOG, limit).await
            && !lines.is_empty()
        {
            return lines;
        }
    }
    Vec::new()
}

#[cfg(test)]
mod patience;
#[cfg(test)]
mod tests;
