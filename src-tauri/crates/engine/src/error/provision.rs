//! Errors of provisioning, and their code, params and hints.

use provisioning::Error as Room;

use super::Parts;
use super::local::run_parts;

/// What can go wrong with a stack.
#[derive(Debug, thiserror::Error)]
pub enum ProvisionError {
    /// No such stack.
    #[error("there is no stack {stack:?} in jalon.toml")]
    StackUnknown {
        /// As asked.
        stack: String,
        /// Stacks there.
        known: String,
    },
    /// Not a tool that this version runs.
    #[error("{stack} is made with {tool}, which this version cannot run yet")]
    ToolUnsupported {
        /// Stack.
        stack: String,
        /// Its tool.
        tool: String,
    },
    /// Its state is HCP Terraform's.
    #[error(
        "the state of {stack} in {environment} lives in the HCP Terraform workspace {workspace} ({found_in}): planned here it would be created again"
    )]
    Hcp {
        /// Stack.
        stack: String,
        /// Environment.
        environment: String,
        /// `organization/workspace`, or the workspace alone.
        workspace: String,
        /// Where that stands.
        found_in: String,
    },
    /// The folder is not there.
    #[error("{stack} has no folder {dir}")]
    NoFolder {
        /// Stack.
        stack: String,
        /// Folder, relative.
        dir: String,
    },
    /// Another environment has the same folder, and so the same state.
    #[error(
        "{dir} is the folder of {owner}: planned for {environment}, it would change what belongs to that"
    )]
    SharedFolder {
        /// Folder, relative.
        dir: String,
        /// Environment that was asked for.
        environment: String,
        /// `stack in environment`.
        owner: String,
    },
    /// A run without a plan that could be shown or applied.
    #[error("run {run} has no plan that waits: it is {state}")]
    NoPlan {
        /// Run.
        run: i64,
        /// Its state.
        state: String,
    },
    /// Nobody confirmed.
    #[error("the plan of run {run} for {environment} waits for confirmation; nothing was changed")]
    Unconfirmed {
        /// Run.
        run: String,
        /// Environment.
        environment: String,
        /// What would confirm it.
        command: String,
    },
    /// Which lock was not said.
    #[error("which lock shall be taken off is not said{}", lock.as_ref().map_or(String::new(), |lock| format!(": it is {lock}")))]
    LockUnnamed {
        /// What is noted beside the state.
        lock: Option<String>,
    },
    /// The tool.
    #[error(transparent)]
    Room(#[from] Room),
}

impl ProvisionError {
    /// Reason of a run whose place another one took.
    pub(crate) const SUPERSEDED: &'static str = "provision.superseded";

    /// Whether a gate or a check refused: exit 3.
    pub fn is_gate(&self) -> bool {
        matches!(
            self,
            Self::Hcp { .. }
                | Self::SharedFolder { .. }
                | Self::NoPlan { .. }
                | Self::Unconfirmed { .. }
                | Self::LockUnnamed { .. }
                | Self::Room(Room::Stale { .. })
        )
    }

    pub(super) fn parts(&self) -> Parts {
        match self {
            Self::StackUnknown { stack, known } => (
                "provision.stack_unknown",
                vec![("stack", stack.clone()), ("known", known.clone())],
                vec!["name one that is there"],
            ),
            Self::ToolUnsupported { stack, tool } => (
                "provision.tool_unsupported",
                vec![("stack", stack.clone()), ("tool", tool.clone())],
                vec!["run it in a terminal; Jalon plans terraform and tofu"],
            ),
            Self::Hcp { stack, environment, workspace, found_in } => (
                "provision.hcp",
                vec![
                    ("stack", stack.clone()),
                    ("environment", environment.clone()),
                    ("workspace", workspace.clone()),
                    ("found_in", found_in.clone()),
                ],
                vec!["plan and confirm it in that workspace"],
            ),
            Self::NoFolder { stack, dir } => (
                "provision.no_folder",
                vec![("stack", stack.clone()), ("dir", dir.clone())],
                vec!["check dir of the [[stack]] in jalon.toml"],
            ),
            Self::SharedFolder { dir, environment, owner } => (
                "provision.shared_folder",
                vec![("dir", dir.clone()), ("environment", environment.clone()), ("owner", owner.clone())],
                vec!["give each environment a folder of its own: dir = \"terraform/{environment}\""],
            ),
            Self::NoPlan { run, state } => (
                "provision.no_plan",
                vec![("run", run.to_string()), ("state", state.clone())],
                vec!["plan again: jalonctl provision plan STACK --env E"],
            ),
            Self::Unconfirmed { run, environment, command } => (
                "provision.unconfirmed",
                vec![
                    ("run", run.clone()),
                    ("environment", environment.clone()),
                    ("command", command.clone()),
                ],
                vec!["read the plan, then confirm it: jalonctl provision apply STACK --env E --plan ID"],
            ),
            Self::LockUnnamed { lock } => (
                "provision.lock_unnamed",
                vec![("lock", lock.clone().unwrap_or_default())],
                vec!["ask who holds it first, then name it: --lock ID, as a failed plan tells it"],
            ),
            Self::Room(error) => room_parts(error),
        }
    }
}

fn room_parts(error: &Room) -> Parts {
    let reason = |reason: &String| vec![("reason", reason.clone())];
    match error {
        Room::Missing { program } => (
            "provision.tool_missing",
            vec![("program", program.clone())],
            vec!["install it, and start Jalon where it is on the PATH"],
        ),
        Room::TooOld { program, found, needed } => (
            "provision.tool_too_old",
            vec![("program", program.clone()), ("found", found.clone()), ("needed", needed.clone())],
            vec!["install a newer version"],
        ),
        Room::NoVersion { program, reason } => (
            "provision.tool_failed",
            vec![("program", program.clone()), ("reason", reason.clone())],
            vec!["try the same in a terminal: terraform version"],
        ),
        Room::TimedOut { what, seconds } => (
            "provision.timeout",
            vec![("what", what.clone()), ("seconds", seconds.to_string())],
            vec!["read the run's log: what it waited for stands last"],
        ),
        Room::Cancelled => ("run.cancelled", vec![], vec![]),
        Room::Locked(lock) => (
            "provision.locked",
            vec![
                ("who", lock.who.clone()),
                ("since", lock.created.clone()),
                ("operation", lock.operation.clone()),
                ("lock", lock.id.clone()),
            ],
            vec![
                "wait for them, or ask them",
                "if they are gone: jalonctl provision unlock STACK --env E --lock ID",
            ],
        ),
        Room::Stale { reason: why } => {
            ("provision.stale", reason(why), vec!["plan again and read what has changed"])
        }
        Room::State { reason: why } => (
            "provision.state_damaged",
            reason(why),
            vec![
                "check that its place answers; a damaged one comes back from its backup: Jalon does not touch it",
            ],
        ),
        Room::Provider { reason: why } => (
            "provision.provider_missing",
            reason(why),
            vec!["check the network and the provider's source and version"],
        ),
        Room::DiskFull { reason: why } => (
            "provision.disk_full",
            reason(why),
            vec!["make room, then look at what the run left behind before planning again"],
        ),
        Room::StreamVersion { program, found } => (
            "provision.stream_unknown",
            vec![("program", program.clone()), ("found", found.clone())],
            vec!["use a newer Jalon, or an older version of the program"],
        ),
        Room::PlanUnknown { reason: why } => (
            "provision.plan_unknown",
            reason(why),
            vec!["use a newer Jalon: what cannot be shown in full cannot be confirmed"],
        ),
        Room::Failed { what, reason, at } => (
            "provision.failed",
            vec![("what", what.clone()), ("reason", reason.clone()), ("at", at.clone().unwrap_or_default())],
            vec!["read the run's log; what was done before is in the state"],
        ),
        Room::Folder { path, reason } => (
            "provision.folder_unreadable",
            vec![("path", path.clone()), ("reason", reason.clone())],
            vec!["check that it is there and that you may read it"],
        ),
        Room::Runs(error) => run_parts(error),
    }
}
