//! The last lines of a container's log.

use std::pin::pin;
use std::time::Duration;

use futures_util::AsyncReadExt;
use k8s_openapi::api::core::v1::{ContainerStatus, Pod};
use kube::Client;
use kube::api::{Api, LogParams};
use tokio::time::timeout;

use super::ReadError;

/// The most that is read of a log, in bytes. A server that sends more is cut off: its last lines are lost then, so it is asked
/// for a number of lines, too.
const BYTES: usize = 1024 * 1024;
/// The longest line that is kept, in bytes.
const LONGEST: usize = 16 * 1024;

/// Whose log.
#[derive(Debug, Clone, Copy)]
pub struct LogOf<'a> {
    /// Pod.
    pub pod: &'a str,
    /// Container; the pod's first by default.
    pub container: Option<&'a str>,
    /// Whether that of the container before its last restart is meant.
    pub previous: bool,
}

/// Why there is no log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LogError {
    /// The pod is gone.
    #[error("there is no pod {pod} any more: look at the pods that run now")]
    NoPod {
        /// Pod.
        pod: String,
    },
    /// The pod has no such container.
    #[error("the pod {pod} has no container {container}; it has {}", .known.join(", "))]
    NoContainer {
        /// Pod.
        pod: String,
        /// Container.
        container: String,
        /// Those it has.
        known: Vec<String>,
    },
    /// The container has not run yet.
    #[error("the container {container} of {pod} has not started yet ({reason}), so it has no log")]
    NotStarted {
        /// Pod.
        pod: String,
        /// Container.
        container: String,
        /// What it waits for, in the cluster's word.
        reason: String,
    },
    /// The container never restarted, or what it wrote before is gone.
    #[error(
        "the container {container} of {pod} has no log from before: it has not restarted, or its node removed the log"
    )]
    NoPrevious {
        /// Pod.
        pod: String,
        /// Container.
        container: String,
    },
    /// It could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
}

impl LogError {
    /// A short stable name.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoPod { .. } => "no_pod",
            Self::NoContainer { .. } => "no_container",
            Self::NotStarted { .. } => "not_started",
            Self::NoPrevious { .. } => "no_previous",
            Self::Read(error) => error.code(),
        }
    }
}

/// The last `last` lines of a container's log, oldest first: 1 MiB and 16 KB a line at most, control characters but tabs left
/// out. Not masked. `limit` is for the whole.
///
/// # Errors
/// [`LogError`].
pub async fn logs(
    client: &Client,
    namespace: &str,
    of: &LogOf<'_>,
    last: usize,
    limit: Duration,
) -> Result<Vec<String>, LogError> {
    let what = format!("read the log of {} in {namespace}", of.pod);
    match timeout(limit, read(client, namespace, of, last, &what)).await {
        Ok(read) => read,
        Err(_) => Err(ReadError::no_answer(&what, limit).into()),
    }
}

async fn read(
    client: &Client,
    namespace: &str,
    of: &LogOf<'_>,
    last: usize,
    what: &str,
) -> Result<Vec<String>, LogError> {
    let api = Api::<Pod>::namespaced(client.clone(), namespace);
    let pod = match api.get_opt(of.pod).await {
        Ok(Some(pod)) => pod,
        Ok(None) => return Err(LogError::NoPod { pod: of.pod.to_owned() }),
        Err(error) => return Err(ReadError::of(what, &error).into()),
    };
    let container = container(&pod, of)?;
    let params = LogParams {
        container: Some(container.clone()),
        previous: of.previous,
        tail_lines: Some(i64::try_from(last).unwrap_or(i64::MAX)),
        ..LogParams::default()
    };
    let stream = match api.log_stream(of.pod, &params).await {
        Ok(stream) => stream,
        Err(kube::Error::Api(status)) if status.code == 400 || status.code == 404 => {
            // The kubelet's words, for a container that changed since it was looked at.
            let pod = of.pod.to_owned();
            return Err(if status.message.contains("previous terminated container") {
                LogError::NoPrevious { pod, container }
            } else if status.message.contains("waiting to start")
                || status.message.contains("is not available")
            {
                LogError::NotStarted { pod, container, reason: status.message.clone() }
            } else if status.code == 404 {
                LogError::NoPod { pod }
            } else {
                ReadError::of_status(what, &status).into()
            });
        }
        Err(error) => return Err(ReadError::of(what, &error).into()),
    };
    let mut stream = pin!(stream);
    let mut text = Vec::new();
    let mut block = vec![0; 16 * 1024];
    while text.len() < BYTES {
        match stream.read(&mut block).await {
            Ok(0) => break,
            Ok(read) => text.extend_from_slice(&block[..read.min(BYTES - text.len())]),
            // What arrived is better than nothing.
            Err(_) if !text.is_empty() => break,
            Err(error) => {
                let reason = error.to_string();
                return Err(ReadError::Unreachable { what: what.to_owned(), reason }.into());
            }
        }
    }
    Ok(lines(&text, last))
}

/// The container that is meant, where it has or had a log.
fn container(pod: &Pod, of: &LogOf<'_>) -> Result<String, LogError> {
    let spec = pod.spec.as_ref();
    let main = spec.map(|spec| spec.containers.as_slice()).unwrap_or_default();
    let init = spec.and_then(|spec| spec.init_containers.as_deref()).unwrap_or_default();
    let mut known = init.iter().chain(main).map(|container| container.name.clone());
    let name = match of.container {
        Some(wanted) => match known.find(|name| name == wanted) {
            Some(name) => name,
            None => {
                let known = init.iter().chain(main).map(|container| container.name.clone()).collect();
                return Err(LogError::NoContainer {
                    pod: of.pod.to_owned(),
                    container: wanted.to_owned(),
                    known,
                });
            }
        },
        None => main.first().map(|container| container.name.clone()).unwrap_or_default(),
    };
    let states = pod.status.iter().flat_map(|status| {
        let init = status.init_container_statuses.iter().flatten();
        init.chain(status.container_statuses.iter().flatten())
    });
    let state = states.into_iter().find(|state| state.name == name);
    if of.previous {
        let restarted = state.is_some_and(|state| state.restart_count > 0 || ended_before(state));
        return if restarted {
            Ok(name)
        } else {
            Err(LogError::NoPrevious { pod: of.pod.to_owned(), container: name })
        };
    }
    match waits_for(pod, state) {
        Some(reason) => Err(LogError::NotStarted { pod: of.pod.to_owned(), container: name, reason }),
        None => Ok(name),
    }
}

fn ended_before(state: &ContainerStatus) -> bool {
    state.last_state.as_ref().is_some_and(|state| state.terminated.is_some())
}

/// What a container that has never run waits for.
fn waits_for(pod: &Pod, state: Option<&ContainerStatus>) -> Option<String> {
    let Some(state) = state else {
        let unscheduled = pod.spec.as_ref().is_none_or(|spec| spec.node_name.is_none());
        let waits = if unscheduled { "no node has taken its pod" } else { "its node has not begun with it" };
        return Some(waits.to_owned());
    };
    let waiting = state.state.as_ref()?.waiting.as_ref()?;
    let never = state.restart_count == 0 && !ended_before(state);
    never.then(|| waiting.reason.clone().unwrap_or_else(|| "waiting".to_owned()))
}

/// Lines as they may be shown: valid text, no control characters, bounded.
fn lines(text: &[u8], last: usize) -> Vec<String> {
    let text = String::from_utf8_lossy(text);
    let clean = |line: &str| -> String {
        let mut kept = String::new();
        for letter in
            line.trim_end_matches('\r').chars().filter(|letter| *letter == '\t' || !letter.is_control())
        {
            if kept.len() + letter.len_utf8() > LONGEST {
                break;
            }
            kept.push(letter);
        }
        kept
    };
    let mut lines: Vec<String> = text.lines().map(clean).collect();
    lines.drain(..lines.len().saturating_sub(last));
    lines
}
