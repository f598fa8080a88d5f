//! Why a container does not run, or does not stay.

use std::time::Duration;

use k8s_openapi::api::core::v1::{Container, ContainerStateTerminated, ContainerStatus, Probe};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::{Cause, CauseId, MISSING, NETWORK, PLACING, Patience, RESTARTS, image, missing_reference};
use crate::kubernetes::events::EventLine;

/// A container: what is asked for, what is seen, and the pod's events, newest first.
pub(super) struct Seen<'a> {
    pub object: &'a str,
    pub spec: Option<&'a Container>,
    pub status: &'a ContainerStatus,
    pub events: &'a [&'a EventLine],
    /// Whether the pod starts its containers again when they end well, too.
    pub restarts_always: bool,
    /// Whether a failed container is started again.
    pub restarts_failed: bool,
    /// Whether it is expected to end: an init container that is no sidecar.
    pub ends: bool,
    /// Whether it was ready since it was started.
    pub was_ready: bool,
}

impl Seen<'_> {
    fn name(&self) -> &str {
        &self.status.name
    }

    fn image(&self) -> &str {
        self.spec.and_then(|spec| spec.image.as_deref()).unwrap_or(&self.status.image)
    }

    fn restarts(&self) -> u32 {
        u32::try_from(self.status.restart_count).unwrap_or(0)
    }

    fn probe(&self, kind: &str) -> Option<&Probe> {
        let spec = self.spec?;
        match kind {
            "startup" => spec.startup_probe.as_ref(),
            "liveness" => spec.liveness_probe.as_ref(),
            _ => spec.readiness_probe.as_ref(),
        }
    }
}

/// The cause that the states of a container tell.
pub(super) fn cause(seen: &Seen<'_>) -> Option<Cause> {
    let state = seen.status.state.as_ref()?;
    if let Some(waiting) = &state.waiting {
        let reason = waiting.reason.as_deref().unwrap_or_default();
        let message = waiting.message.as_deref().unwrap_or_default();
        return match reason {
            reason if image::is_about(reason) => {
                Some(image::cause(seen.object, seen.name(), seen.image(), (reason, message), seen.events))
            }
            "CreateContainerConfigError" => Some(configuration(seen, reason, message)),
            "CrashLoopBackOff" => Some(ended_again(seen, format!("{reason}: {message}"))),
            "ContainerCreating" | "PodInitializing" | "" => None,
            _ => Some(not_started(seen, reason, message)),
        };
    }
    if let Some(ended) = &state.terminated {
        let failed = ended.exit_code != 0;
        return match (failed, seen.ends) {
            (false, true) => None,
            (false, false) if !seen.restarts_always => None,
            _ => Some(ended_again(seen, String::new())),
        };
    }
    // It runs now. That it ended before is the cause of a pod that is not ready only where it ended badly.
    let before = seen.status.last_state.as_ref()?.terminated.as_ref()?;
    let steady = seen.status.ready || (seen.restarts() == 0);
    (!steady && (before.exit_code != 0 || seen.restarts_always)).then(|| ended_again(seen, String::new()))
}

/// Volumes, network: what the kubelet does before the containers of a pod, told by events only.
pub(super) fn before_start(object: &str, events: &[&EventLine]) -> Option<Cause> {
    let recent = events.iter().find(|event| {
        matches!(
            event.reason.as_str(),
            "FailedMount"
                | "FailedAttachVolume"
                | "FailedMapVolume"
                | "FailedCreatePodSandBox"
                | "NetworkNotReady"
        )
    })?;
    let message = &recent.message;
    let told = match recent.reason.as_str() {
        "FailedCreatePodSandBox" | "NetworkNotReady" => Cause::new(
            CauseId::Network,
            object,
            "The pod gets no network: its sandbox cannot be made.",
            Patience::After(NETWORK),
        )
        .with("reason", "sandbox"),
        "FailedMount" if let Some((missing, key)) = missing(message) => missing_cause(object, &missing, key),
        _ => {
            let claim = super::between(message, "volume \"", "\"");
            Cause::new(
                CauseId::Storage,
                object,
                "A volume of the pod cannot be mounted.",
                Patience::After(PLACING),
            )
            .with("reason", if recent.reason == "FailedMount" { "mount" } else { "attach" })
            .maybe("volume", claim)
        }
    };
    Some(told.shown(recent.quoted()))
}

/// `references non-existent secret key: KEY` names no object; the volume does.
fn missing(message: &str) -> Option<(String, Option<String>)> {
    if let Some(found) = missing_reference(message) {
        return Some(found);
    }
    let key = |mark: &str| super::between(message, mark, "").map(|key| key.trim().to_owned());
    let volume = super::between(message, "volume \"", "\"").unwrap_or_default();
    key("references non-existent secret key: ")
        .map(|key| (format!("Secret (volume {volume})"), Some(key)))
        .or_else(|| {
            key("references non-existent config key: ")
                .map(|key| (format!("ConfigMap (volume {volume})"), Some(key)))
        })
}

fn missing_cause(object: &str, missing: &str, key: Option<String>) -> Cause {
    let sentence = match &key {
        Some(key) => format!("The pod needs the key {key} of {missing}, which is not there."),
        None => format!("The pod needs {missing}, which is not there."),
    };
    Cause::new(CauseId::Configuration, object, sentence, Patience::After(MISSING))
        .with("missing", missing)
        .maybe("key", key)
}

fn configuration(seen: &Seen<'_>, reason: &str, message: &str) -> Cause {
    let cause = match missing(message) {
        Some((missing, key)) => missing_cause(seen.object, &missing, key),
        None => Cause::new(
            CauseId::Configuration,
            seen.object,
            format!("The container {} cannot be configured: {message}", seen.name()),
            Patience::After(MISSING),
        ),
    };
    cause.with("container", seen.name()).shown(format!("{}: {reason}: {message}", seen.name()))
}

/// The runtime could not start the container: no such command, wrong architecture, a mount that is no folder ….
fn not_started(seen: &Seen<'_>, reason: &str, message: &str) -> Cause {
    let line = format!("{}: {reason}: {message}", seen.name());
    if message.contains("exec format error") {
        return image::cause(seen.object, seen.name(), seen.image(), (reason, message), seen.events);
    }
    let lower = message.to_lowercase();
    let command =
        ["executable file not found", "no such file or directory", "permission denied", "not found in $path"];
    let sentence = if command.iter().any(|word| lower.contains(word)) {
        format!("The command of the container {} cannot be started: {message}", seen.name())
    } else {
        format!("The container {} cannot be started: {reason} {message}", seen.name())
    };
    Cause::new(CauseId::CrashLoop, seen.object, sentence.trim_end(), Patience::After(MISSING))
        .with("container", seen.name())
        .with("reason", reason)
        .after(seen.restarts())
        .shown(line)
}

/// The container ended, as it now stands or before.
fn ended_again(seen: &Seen<'_>, waiting: String) -> Cause {
    let now = seen.status.state.as_ref().and_then(|state| state.terminated.as_ref());
    let before = seen.status.last_state.as_ref().and_then(|state| state.terminated.as_ref());
    let ended = now.or(before);
    let restarts = seen.restarts();
    let patience = if seen.restarts_failed { Patience::Restarts(RESTARTS) } else { Patience::Never };
    let name = seen.name();
    let line = if waiting.is_empty() { String::new() } else { format!("{name}: {waiting}") };
    let quoted = ended.map(|ended| last_exit(name, ended)).unwrap_or_default();
    let finished = |cause: Cause| {
        cause
            .with("container", name)
            .with("restarts", restarts.to_string())
            .maybe("exit_code", ended.map(|ended| ended.exit_code.to_string()))
            .after(restarts)
            .shown(line.clone())
            .shown(quoted.clone())
    };
    if ended.is_some_and(|ended| ended.reason.as_deref() == Some("OOMKilled")) {
        let limit = seen
            .spec
            .and_then(|spec| spec.resources.as_ref()?.limits.as_ref()?.get("memory"))
            .map(|limit| limit.0.clone());
        let sentence = match &limit {
            Some(limit) => format!(
                "The container {name} was ended because it used more memory than its limit of {limit}."
            ),
            None => format!("The container {name} was ended because the node's memory ran out."),
        };
        return finished(
            Cause::new(CauseId::OutOfMemory, seen.object, sentence, patience).maybe("limit", limit),
        );
    }
    if ended.is_some_and(|ended| ended.message.as_deref().unwrap_or_default().contains("exec format error")) {
        let sentence = format!("The image {} was not built for the nodes' architecture.", seen.image());
        return finished(Cause::new(CauseId::Image, seen.object, sentence, patience))
            .with("image", seen.image())
            .with("reason", "architecture");
    }
    let killed = seen.events.iter().find(|event| {
        event.reason == "Unhealthy"
            && (event.message.starts_with("Liveness") || event.message.starts_with("Startup"))
    });
    if let Some(event) =
        killed.filter(|_| ended.is_some_and(|ended| matches!(ended.exit_code, 137 | 143 | 0)))
    {
        let kind = if event.message.starts_with("Startup") { "startup" } else { "liveness" };
        return finished(probe_cause(seen, kind, event, patience));
    }
    let meaning = ended.map_or("It ends again and again.", |ended| meaning(ended.exit_code));
    let sentence = match ended {
        Some(ended) => format!("The container {name} ended with exit code {}: {meaning}", ended.exit_code),
        None => format!("The container {name} ends again and again."),
    };
    let reason = ended.and_then(|ended| ended.reason.clone());
    finished(Cause::new(CauseId::CrashLoop, seen.object, sentence, patience).maybe("reason", reason))
}

/// What an exit code says. Sources: POSIX (126, 127), 128 + signal.
fn meaning(code: i32) -> &'static str {
    match code {
        0 => "its command came to its end, but a server has to keep running.",
        126 => "its command is not executable.",
        127 => "its command was not found.",
        128 => "the runtime could not start its command.",
        134 => "it aborted itself (SIGABRT).",
        137 => "it was killed (SIGKILL), which need not be for its memory.",
        139 => "it accessed memory that is not its own (segmentation fault).",
        143 => "it was asked to end (SIGTERM).",
        _ => "its own error; its log tells more.",
    }
}

fn last_exit(name: &str, ended: &ContainerStateTerminated) -> String {
    let reason = ended.reason.as_deref().unwrap_or("ended");
    let message = ended.message.as_deref().map(str::trim).filter(|message| !message.is_empty());
    let message = message.map(|message| format!(": {message}")).unwrap_or_default();
    format!("{name}: {reason}, exit code {}{message}", ended.exit_code)
}

/// A container that runs and does not answer its probe. None without an event that says so.
pub(super) fn probing(seen: &Seen<'_>) -> Option<Cause> {
    let state = seen.status.state.as_ref()?;
    if state.running.is_none() || seen.status.ready {
        return None;
    }
    let event = seen.events.iter().find(|event| event.reason == "Unhealthy")?;
    let kind = if event.message.starts_with("Startup") {
        "startup"
    } else if event.message.starts_with("Liveness") {
        "liveness"
    } else {
        "readiness"
    };
    let own = seen.probe(kind).map_or(Duration::ZERO, allowed);
    // What answered once, or was started again already, is not just slow to start.
    let starting = !seen.was_ready && seen.restarts() == 0;
    let patience = if starting { Patience::Starting(own) } else { Patience::Probing(own) };
    Some(probe_cause(seen, kind, event, patience).with("container", seen.name()))
}

fn probe_cause(seen: &Seen<'_>, kind: &str, event: &EventLine, patience: Patience) -> Cause {
    let (path, port) = seen.probe(kind).map_or((None, None), target);
    let place = match (&path, &port) {
        (Some(path), Some(port)) => format!(" at {path} on port {port}"),
        (None, Some(port)) => format!(" on port {port}"),
        _ => String::new(),
    };
    let sentence = format!("The container {} does not answer its {kind} probe{place}.", seen.name());
    Cause::new(CauseId::Probe, seen.object, sentence, patience)
        .with("probe", kind)
        .maybe("path", path)
        .maybe("port", port)
        .shown(event.quoted())
}

/// How long a probe may fail before it says something: its delay and its attempts, by the API's defaults where it has none.
fn allowed(probe: &Probe) -> Duration {
    let seconds = |value: Option<i32>, default: u64| {
        value.and_then(|value| u64::try_from(value).ok()).unwrap_or(default)
    };
    let attempts = seconds(probe.period_seconds, 10) * seconds(probe.failure_threshold, 3);
    Duration::from_secs(seconds(probe.initial_delay_seconds, 0) + attempts)
}

fn target(probe: &Probe) -> (Option<String>, Option<String>) {
    let named = |port: &IntOrString| match port {
        IntOrString::Int(number) => number.to_string(),
        IntOrString::String(name) => name.clone(),
    };
    if let Some(get) = &probe.http_get {
        return (Some(get.path.clone().unwrap_or_else(|| "/".to_owned())), Some(named(&get.port)));
    }
    let tcp = probe.tcp_socket.as_ref().map(|tcp| named(&tcp.port));
    (None, tcp.or_else(|| probe.grpc.as_ref().map(|grpc| grpc.port.to_string())))
}
