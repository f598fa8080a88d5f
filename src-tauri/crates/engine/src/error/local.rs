//! Errors of git, runs and the local target as code, params and hints.

use super::Parts;

pub(super) fn git_parts(error: &git::Error) -> Parts {
    use git::Error as E;
    let reason = vec![("reason", error.to_string())];
    match error {
        E::Missing { .. } | E::TooOld { .. } => (
            "git.missing",
            reason,
            vec!["install git 2.31 or newer from git-scm.com or your system's packages"],
        ),
        E::NotClone { .. } | E::NotTop { .. } | E::Ownership { .. } => (
            "git.not_a_clone",
            reason,
            vec!["open the top folder of a git clone: what is deployed comes from its commits"],
        ),
        E::NoCommit { .. } => ("git.no_commit", reason, vec!["commit something first"]),
        E::Unknown { .. } | E::Ambiguous { .. } | E::BadName { .. } => {
            ("git.unknown_version", reason, vec!["name a tag, a branch or a commit of this clone"])
        }
        E::TimedOut { .. } => ("git.timeout", reason, vec!["try again when the disk is less busy"]),
        E::TooLarge { .. } | E::Failed { .. } | E::Exists { .. } | E::Refused { .. } | E::Files { .. } => {
            ("git.failed", reason, vec!["try the same with git in a terminal"])
        }
    }
}

pub(super) fn run_parts(error: &runs::Error) -> Parts {
    use runs::Error as E;
    match error {
        E::Unknown { id } => ("run.unknown", vec![("id", id.clone())], vec!["jalonctl runs list shows them"]),
        E::Busy { run, name, environment } => (
            "deploy.busy",
            vec![("run", run.to_string()), ("name", name.clone()), ("environment", environment.clone())],
            vec!["wait for it, or cancel it: jalonctl runs cancel ID"],
        ),
        E::NotWaiting { run } => (
            "provision.no_plan",
            vec![("run", run.to_string()), ("state", String::new())],
            vec!["plan again: jalonctl provision plan STACK --env E"],
        ),
        E::NotStarted { run, reason } => (
            "run.not_started",
            vec![("run", run.to_string()), ("reason", reason.clone())],
            vec!["try again; nothing was changed"],
        ),
        E::Folder { path, reason } => (
            "run.failed",
            vec![("path", path.clone()), ("reason", reason.clone())],
            vec!["check that the disk is not full and that you may write there"],
        ),
        E::Command { program, reason } => (
            "local.command_failed",
            vec![("program", program.clone()), ("reason", reason.clone())],
            vec!["check the command in jalon.toml"],
        ),
        E::Store(error) => super::store_parts(error),
    }
}

pub(super) fn local_parts(error: &deployments::Error) -> Parts {
    use deployments::Error as E;
    let reason = vec![("reason", error.to_string())];
    match error {
        E::PortTaken { port } => (
            "local.port_taken",
            vec![("port", port.to_string())],
            vec!["end the other program, or choose another port for the environment in jalon.toml"],
        ),
        E::EmptyCommand { .. }
        | E::CommandNotFound { .. }
        | E::NotExecutable { .. }
        | E::DirectoryMissing { .. }
        | E::Spawn { .. } => ("local.command_failed", reason, vec!["check the command in jalon.toml"]),
        E::Exited { .. } => (
            "local.crashed",
            reason,
            vec!["read the service's last lines in the run's log; what served before still does"],
        ),
        E::NeverHealthy { .. } | E::NotHealthy { .. } | E::WarmUnhealthy { .. } => (
            "local.never_healthy",
            reason,
            vec![
                "read the service's log, and check its health path in jalon.toml; what served before still does",
            ],
        ),
        E::Cancelled { .. } => ("run.cancelled", reason, vec![]),
        E::Busy | E::Ending => ("local.host_lost", reason, vec!["try again in a moment"]),
        E::HostNotStarted { .. }
        | E::HostRuns { .. }
        | E::HostLost { .. }
        | E::Deadline { .. }
        | E::Protocol { .. }
        | E::Survivors { .. }
        | E::NoCandidate
        | E::NoWarm { .. }
        | E::OtherWarm { .. }
        | E::Listen { .. } => {
            ("local.host_lost", reason, vec!["deploy again; what is left of it is tidied up then"])
        }
        E::File { .. } => {
            ("run.failed", reason, vec!["check that the disk is not full and that you may write there"])
        }
    }
}
