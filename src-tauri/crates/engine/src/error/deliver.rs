//! Errors of deployments, runs, KPIs and documents, and their code, params and hints.

use super::Parts;

/// What was asked cannot be done as things are. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// jalon.toml names no service.
    #[error("{path} names no [[service]]")]
    NoServices {
        /// jalon.toml.
        path: String,
    },
    /// No such service.
    #[error("there is no service {service:?} in {at}")]
    ServiceUnknown {
        /// As asked.
        service: String,
        /// Where it was looked for: jalon.toml, or that of a version.
        at: String,
        /// Services there.
        known: String,
    },
    /// No such environment.
    #[error("there is no environment {environment:?} in jalon.toml")]
    EnvironmentUnknown {
        /// As asked.
        environment: String,
        /// Environments there.
        known: String,
    },
    /// The service has no local process.
    #[error("{service} has no command in {at}, so the local target cannot start it")]
    NoCommand {
        /// Service.
        service: String,
        /// Which jalon.toml.
        at: String,
    },
    /// The service has nothing that its target could run.
    #[error("{service} has no {wanted} in {at}, so it cannot be brought to {target}")]
    NotForTarget {
        /// Service.
        service: String,
        /// Which jalon.toml.
        at: String,
        /// Kind of target.
        target: String,
        /// Keys that it needs.
        wanted: String,
    },
    /// Somebody else rolls the service out.
    #[error("{service} is rolled out by {owner}, so Jalon leaves its objects alone")]
    OwnedElsewhere {
        /// Service.
        service: String,
        /// Who, and with what.
        owner: String,
    },
    /// The context may only read.
    #[error("{context} may only read in {environment}")]
    ReadOnly {
        /// Environment.
        environment: String,
        /// Context of the kubeconfig.
        context: String,
    },
    /// The environment is no cluster.
    #[error("{environment} is no cluster")]
    NotACluster {
        /// Environment.
        environment: String,
    },
    /// Not a strategy.
    #[error("{strategy:?} is no strategy")]
    StrategyUnknown {
        /// As asked.
        strategy: String,
    },
    /// A cluster rolls out as a workload's manifest says.
    #[error("{environment} is a cluster, where a workload's own strategy counts, not {strategy}")]
    StrategyOfWorkload {
        /// Environment.
        environment: String,
        /// As asked.
        strategy: String,
    },
    /// The repository's commands were not trusted.
    #[error("the commands of {dir} were not trusted yet, so nothing of it runs")]
    NotTrusted {
        /// Folder.
        dir: String,
        /// Digest of the commands.
        digest: String,
        /// The commands, one a line.
        commands: String,
    },
    /// A variable of a command has no value.
    #[error("{at}: {reason}")]
    VariableUnset {
        /// Where the command stands.
        at: String,
        /// Which, and why.
        reason: String,
    },
    /// A secret that the environment names has no value.
    #[error("{environment} needs the secret {name}, which has no value")]
    SecretMissing {
        /// Environment.
        environment: String,
        /// Secret.
        name: String,
    },
    /// Nothing can be gone back to, promoted, or has this name.
    #[error("{reason}")]
    ReleaseUnknown {
        /// Environment.
        environment: String,
        /// English sentence.
        reason: String,
    },
    /// Nothing runs there.
    #[error("{service} does not run in {environment}")]
    NothingRuns {
        /// Service.
        service: String,
        /// Environment.
        environment: String,
    },
    /// What runs there was brought by another computer's Jalon.
    #[error("{service} {version} was brought to {environment} from another computer")]
    BroughtElsewhere {
        /// Service.
        service: String,
        /// Environment.
        environment: String,
        /// Version that runs.
        version: String,
    },
    /// The gate is closed.
    #[error("the gate of {environment} is closed for {version}: {reasons}")]
    GateClosed {
        /// Environment.
        environment: String,
        /// Version.
        version: String,
        /// The conditions that are not met, in English.
        reasons: String,
    },
    /// Files are changed and not committed, and the environment is production.
    #[error("{environment} is production, and {files} changed files are not committed")]
    Dirty {
        /// Environment.
        environment: String,
        /// How many files.
        files: usize,
    },
    /// The environment's name was not typed.
    #[error("{environment} is protected: its name has to be typed, and it was not")]
    Unconfirmed {
        /// Environment.
        environment: String,
    },
    /// Something else was typed.
    #[error("{typed:?} was typed, but the environment is called {environment}")]
    Mistyped {
        /// Environment.
        environment: String,
        /// What was typed.
        typed: String,
    },
    /// The tests of a commit failed.
    #[error("the tests of {service} fail for {version}: {reason}")]
    TestsFailed {
        /// Service.
        service: String,
        /// Version.
        version: String,
        /// How they ended.
        reason: String,
    },
    /// Lines of an events file are wrong.
    #[error("{count} lines cannot be used, and nothing was computed: {lines}")]
    BadLines {
        /// How many.
        count: usize,
        /// Each with its number and what is wrong.
        lines: String,
    },
    /// A window that cannot be.
    #[error("{reason}")]
    BadWindow {
        /// What is wrong.
        reason: String,
    },
    /// No such plot.
    #[error("there is no plot {name:?}")]
    NoPlot {
        /// As asked.
        name: String,
    },
    /// Not a format of this document.
    #[error("{format:?} is no format of this document")]
    FormatUnknown {
        /// As asked.
        format: String,
        /// What can be written.
        known: &'static str,
    },
    /// No such candidate.
    #[error("there is no candidate {login:?} in jalon.toml")]
    CandidateUnknown {
        /// As asked.
        login: String,
    },
    /// A chapter cannot be read.
    #[error("{path} cannot be read: {reason}")]
    SourceUnreadable {
        /// The file.
        path: String,
        /// What the system said.
        reason: String,
    },
    /// A document cannot be made.
    #[error("the document cannot be made: {reason}")]
    DocumentFailed {
        /// Why.
        reason: String,
    },
    /// A file cannot be written.
    #[error("{path} cannot be written: {reason}; the file that was there is as it was")]
    NotWritten {
        /// The file.
        path: String,
        /// What the system said.
        reason: String,
    },
    /// The sample's folder is in use.
    #[error("{dir} is not empty; nothing was changed")]
    SampleNotEmpty {
        /// The folder.
        dir: String,
    },
    /// What was asked of an alarm.
    #[error(transparent)]
    Alarm(#[from] super::AlarmRefusal),
    /// The sample cannot be written.
    #[error("the sample cannot be written to {dir}: {reason}")]
    SampleFailed {
        /// The folder.
        dir: String,
        /// Why.
        reason: String,
    },
}

impl Refusal {
    /// Whether a gate or a check refused: exit 3.
    pub fn is_gate(&self) -> bool {
        matches!(
            self,
            Self::NotTrusted { .. }
                | Self::GateClosed { .. }
                | Self::Dirty { .. }
                | Self::Unconfirmed { .. }
                | Self::Mistyped { .. }
                | Self::TestsFailed { .. }
                | Self::OwnedElsewhere { .. }
                | Self::BroughtElsewhere { .. }
                | Self::ReadOnly { .. }
                | Self::Alarm(super::AlarmRefusal::ActionRefused { .. })
        )
    }

    pub(super) fn parts(&self) -> Parts {
        match self {
            Self::Alarm(refusal) => refusal.parts(),
            Self::NoServices { path } => (
                "deploy.no_services",
                vec![("path", path.clone())],
                vec!["add a [[service]] with a name and a command"],
            ),
            Self::ServiceUnknown { service, at, known } => (
                "deploy.service_unknown",
                vec![("service", service.clone()), ("at", at.clone()), ("known", known.clone())],
                vec!["name one that is there"],
            ),
            Self::EnvironmentUnknown { environment, known } => (
                "deploy.environment_unknown",
                vec![("environment", environment.clone()), ("known", known.clone())],
                vec!["name one that is there"],
            ),
            Self::NoCommand { service, at } => (
                "deploy.no_command",
                vec![("service", service.clone()), ("at", at.clone())],
                vec!["write command = [\"program\", \"argument\"] in its [[service]]"],
            ),
            Self::NotForTarget { service, at, target, wanted } => (
                "deploy.not_for_target",
                vec![
                    ("service", service.clone()),
                    ("at", at.clone()),
                    ("target", target.clone()),
                    ("wanted", wanted.clone()),
                ],
                vec!["write helm = \"folder\" or manifests = [\"k8s/*.yaml\"] in its [[service]]"],
            ),
            Self::OwnedElsewhere { service, owner } => (
                "deploy.owned_elsewhere",
                vec![("service", service.clone()), ("owner", owner.clone())],
                vec!["deploy it there", "or give it to Jalon: deployed_by = \"jalon\" in jalon.toml"],
            ),
            Self::ReadOnly { environment, context } => (
                "cluster.read_only",
                vec![("environment", environment.clone()), ("context", context.clone())],
                vec!["use a context with the right to change Deployments there"],
            ),
            Self::NotACluster { environment } => (
                "cluster.not_a_cluster",
                vec![("environment", environment.clone())],
                vec!["jalonctl logs shows what runs on the local target"],
            ),
            Self::StrategyUnknown { strategy } => (
                "deploy.strategy_unknown",
                vec![("strategy", strategy.clone())],
                vec!["use rolling or blue-green"],
            ),
            Self::StrategyOfWorkload { environment, strategy } => (
                "deploy.strategy_unknown",
                vec![("environment", environment.clone()), ("strategy", strategy.clone())],
                vec!["write strategy in the workload's manifest, and deploy without --strategy"],
            ),
            Self::NotTrusted { dir, digest, commands } => (
                "deploy.not_trusted",
                vec![("dir", dir.clone()), ("digest", digest.clone()), ("commands", commands.clone())],
                vec!["read the commands, then: jalonctl trust"],
            ),
            Self::VariableUnset { at, reason } => (
                "deploy.variable_unset",
                vec![("at", at.clone()), ("reason", reason.clone())],
                vec!["set it in the environment's variables, or give it a default: ${NAME:-value}"],
            ),
            Self::SecretMissing { environment, name } => (
                "deploy.secret_missing",
                vec![("environment", environment.clone()), ("name", name.clone())],
                vec!["store it: jalonctl credentials set NAME", "or supply it as JALON_SECRET_<NAME>"],
            ),
            Self::ReleaseUnknown { environment, reason } => (
                "deploy.release_unknown",
                vec![("environment", environment.clone()), ("reason", reason.clone())],
                vec!["jalonctl runs list shows what ran"],
            ),
            Self::NothingRuns { service, environment } => (
                "deploy.nothing_runs",
                vec![("service", service.clone()), ("environment", environment.clone())],
                vec!["deploy it first"],
            ),
            Self::BroughtElsewhere { service, environment, version } => (
                "deploy.brought_elsewhere",
                vec![
                    ("service", service.clone()),
                    ("environment", environment.clone()),
                    ("version", version.clone()),
                ],
                vec!["ask who brought it, or deploy or roll back from here first"],
            ),
            Self::GateClosed { environment, version, reasons } => (
                "gate.closed",
                vec![
                    ("environment", environment.clone()),
                    ("version", version.clone()),
                    ("reasons", reasons.clone()),
                ],
                vec!["meet the conditions, then ask again"],
            ),
            Self::Dirty { environment, files } => (
                "gate.dirty",
                vec![("environment", environment.clone()), ("files", files.to_string())],
                vec!["commit or stash them, then ask again"],
            ),
            Self::Unconfirmed { environment } => (
                "gate.unconfirmed",
                vec![("environment", environment.clone())],
                vec!["type its name: --confirm NAME"],
            ),
            Self::Mistyped { environment, typed } => (
                "gate.confirm",
                vec![("environment", environment.clone()), ("typed", typed.clone())],
                vec!["type the environment's name exactly"],
            ),
            Self::TestsFailed { service, version, reason } => (
                "local.tests_failed",
                vec![("service", service.clone()), ("version", version.clone()), ("reason", reason.clone())],
                vec!["read the run's log, mend the commit, deploy it where it is tried first"],
            ),
            Self::BadLines { count, lines } => (
                "kpis.bad_lines",
                vec![("count", count.to_string()), ("lines", lines.clone())],
                vec!["correct these lines and try again"],
            ),
            Self::BadWindow { reason } => (
                "kpis.bad_window",
                vec![("reason", reason.clone())],
                vec!["write days as YYYY-MM-DD, the earlier one first"],
            ),
            Self::NoPlot { name } => (
                "kpis.no_plot",
                vec![("name", name.clone())],
                vec!["ask for frequency, cycle_time or success_rate"],
            ),
            Self::FormatUnknown { format, known } => (
                "report.format_unknown",
                vec![("format", format.clone()), ("known", (*known).to_owned())],
                vec!["reports are written as docx, slides as pptx"],
            ),
            Self::CandidateUnknown { login } => (
                "report.candidate_unknown",
                vec![("login", login.clone())],
                vec!["add them to candidates in [report]"],
            ),
            Self::SourceUnreadable { path, reason } => (
                "report.source_unreadable",
                vec![("path", path.clone()), ("reason", reason.clone())],
                vec!["check the file, or take it out of sources in [report]"],
            ),
            Self::DocumentFailed { reason } => {
                ("report.failed", vec![("reason", reason.clone())], vec!["tell us what the document holds"])
            }
            Self::NotWritten { path, reason } => (
                "report.not_written",
                vec![("path", path.clone()), ("reason", reason.clone())],
                vec!["close it in other programs, or choose another file"],
            ),
            Self::SampleNotEmpty { dir } => (
                "sample.not_empty",
                vec![("dir", dir.clone())],
                vec!["choose a folder that is not there yet"],
            ),
            Self::SampleFailed { dir, reason } => (
                "sample.failed",
                vec![("dir", dir.clone()), ("reason", reason.clone())],
                vec!["choose a folder that you may write to"],
            ),
        }
    }
}
