//! The contract with the window, declared once: names, params, results, error codes. Dispatch and TypeScript both
//! come from this list, so neither can drift.

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::wire::*;
use crate::{Engine, Error, Result, Work};

mod typescript;

pub use typescript::typescript;

/// Every code that a [`WireError`] can carry.
pub const ERROR_CODES: &[&str] = &[
    "cluster.api",
    "cluster.api_gone",
    "cluster.certificate",
    "cluster.chart",
    "cluster.conflict",
    "cluster.denied",
    "cluster.duplicate",
    "cluster.forbidden",
    "cluster.helm_failed",
    "cluster.helm_missing",
    "cluster.helm_pending",
    "cluster.manifest",
    "cluster.namespace",
    "cluster.no_kubeconfig",
    "cluster.no_log",
    "cluster.not_a_cluster",
    "cluster.owned",
    "cluster.read_only",
    "cluster.rollout_failed",
    "cluster.rollout_timed_out",
    "cluster.secret_in_text",
    "cluster.timeout",
    "cluster.unauthorized",
    "cluster.unknown_context",
    "cluster.unreachable",
    "credentials.keychain_absent",
    "credentials.keychain_failed",
    "credentials.keychain_locked",
    "credentials.name_invalid",
    "credentials.not_found",
    "credentials.value_invalid",
    "deploy.brought_elsewhere",
    "deploy.busy",
    "deploy.environment_unknown",
    "deploy.no_command",
    "deploy.no_services",
    "deploy.not_for_target",
    "deploy.not_trusted",
    "deploy.nothing_runs",
    "deploy.owned_elsewhere",
    "deploy.release_unknown",
    "deploy.secret_missing",
    "deploy.service_unknown",
    "deploy.strategy_unknown",
    "deploy.variable_unset",
    "engine.bad_request",
    "engine.cancelled",
    "engine.timeout",
    "gate.closed",
    "gate.confirm",
    "gate.dirty",
    "gate.unconfirmed",
    "git.failed",
    "git.missing",
    "git.no_commit",
    "git.not_a_clone",
    "git.timeout",
    "git.unknown_version",
    "github.cut_off",
    "github.device_denied",
    "github.device_expired",
    "github.device_refused",
    "github.device_unconfigured",
    "github.forbidden",
    "github.gh_missing",
    "github.gh_not_signed_in",
    "github.no_repository",
    "github.not_found",
    "github.not_json",
    "github.not_signed_in",
    "github.rate_limited",
    "github.redirect_elsewhere",
    "github.server",
    "github.timeout",
    "github.token_refused",
    "github.unreachable",
    "kpis.bad_lines",
    "kpis.bad_window",
    "kpis.no_plot",
    "local.command_failed",
    "local.crashed",
    "local.host_lost",
    "local.never_healthy",
    "local.port_taken",
    "local.tests_failed",
    "monitoring.action_refused",
    "monitoring.action_unsupported",
    "monitoring.address_invalid",
    "monitoring.alarm_unknown",
    "monitoring.cut_off",
    "monitoring.damaged",
    "monitoring.elsewhere",
    "monitoring.no_action",
    "monitoring.not_metrics",
    "monitoring.not_prometheus",
    "monitoring.not_scraped",
    "monitoring.plain_token",
    "monitoring.query",
    "monitoring.server",
    "monitoring.timeout",
    "monitoring.token_refused",
    "monitoring.too_large",
    "monitoring.unreachable",
    "plan.missing",
    "plan.unreadable",
    "project.config_invalid",
    "project.exists",
    "project.no_config",
    "project.not_a_folder",
    "project.not_found",
    "project.not_writable",
    "project.repository_invalid",
    "project.timezone_unknown",
    "project.unreadable",
    "provision.disk_full",
    "provision.failed",
    "provision.folder_unreadable",
    "provision.hcp",
    "provision.lock_unnamed",
    "provision.locked",
    "provision.no_folder",
    "provision.no_plan",
    "provision.plan_unknown",
    "provision.provider_missing",
    "provision.shared_folder",
    "provision.stack_unknown",
    "provision.stale",
    "provision.state_damaged",
    "provision.stream_unknown",
    "provision.superseded",
    "provision.timeout",
    "provision.tool_failed",
    "provision.tool_missing",
    "provision.tool_too_old",
    "provision.tool_unsupported",
    "provision.unconfirmed",
    "report.candidate_unknown",
    "report.failed",
    "report.format_unknown",
    "report.not_written",
    "report.source_unreadable",
    "run.cancelled",
    "run.failed",
    "run.interrupted",
    "run.not_started",
    "run.unknown",
    "sample.failed",
    "sample.not_empty",
    "stage.unknown",
    "store.busy",
    "store.damaged",
    "store.failed",
    "store.newer",
];

/// Declares the commands: a line of documentation, name, params, result. The name is also the use case's.
macro_rules! commands {
    ($( $(#[doc = $doc:literal])+ $name:ident($params:ty) -> $result:ty; )+) => {
        /// Runs a command by name, with params and result as JSON.
        ///
        /// # Errors
        /// The use case's, or `engine.bad_request` for an unknown name or params that do not fit.
        pub async fn dispatch(engine: &Engine, name: &str, params: Value, work: &Work) -> Result<Value> {
            match name {
                $( stringify!($name) => {
                    let params: $params = read(name, params)?;
                    // Each on the heap: together on one stack they would not fit it.
                    write(name, Box::pin(crate::$name(engine, params, work)).await?)
                } )+
                _ => Err(Error::BadRequest { reason: format!("there is no command {name:?}") }),
            }
        }

        fn declare(out: &mut typescript::Declarations) {
            $( out.command::<$params, $result>(stringify!($name), &[$($doc),+]); )+
        }
    };
}

commands! {
    /// Everything the first frame needs.
    start(()) -> Start;
    /// Changes personal settings; what is absent stays.
    change_settings(SettingsChange) -> Settings;
    /// Looks through a folder and proposes a project.
    inspect_project(ProjectDir) -> Proposal;
    /// Writes jalon.toml (and a plan of Jalon's, when chosen) and opens the project.
    create_project(NewProject) -> ProjectHeader;
    /// Opens a project and remembers it.
    open_project(ProjectDir) -> ProjectHeader;
    /// Closes the open project: the next start begins with the choice.
    close_project(()) -> ();
    /// Takes a project out of the list of recent ones; its folder is left alone.
    forget_project(ProjectDir) -> ();
    /// Names the project's GitHub repository in jalon.toml.
    set_repository(SetRepository) -> ProjectHeader;
    /// Where the project stands.
    overview(ProjectDir) -> Overview;
    /// The plan beside GitHub's state.
    milestones(ProjectDir) -> Milestones;
    /// Brings a stage and a milestone together by hand.
    link_stage(LinkStage) -> Milestones;
    /// Reads milestones and issues from GitHub. Reports progress; can be cancelled.
    sync(ProjectDir) -> SyncOutcome;
    /// Who is signed in.
    auth_status(()) -> AuthStatus;
    /// Signs in with a pasted token, after asking GitHub whose it is.
    auth_token(PastedToken) -> AuthStatus;
    /// Signs in with the token of GitHub's command line.
    auth_gh(()) -> AuthStatus;
    /// Asks GitHub for a code to enter.
    auth_device_start(()) -> DeviceCode;
    /// Waits until the code is entered. Can be cancelled.
    auth_device_finish(()) -> AuthStatus;
    /// Removes the token.
    auth_logout(()) -> AuthStatus;
    /// Names and ages of credentials.
    credentials_list(()) -> Credentials;
    /// Stores or replaces a credential.
    credentials_set(NewCredential) -> Credentials;
    /// Removes a credential.
    credentials_remove(CredentialName) -> Credentials;
    /// Looks for the keychain again.
    keychain_retry(()) -> Keychain;
    /// What is in order, and what is missing.
    doctor(()) -> Doctor;
    /// Writes the sample project, trusts it and opens it.
    create_sample(NewSample) -> ProjectHeader;
    /// Trusts the commands of a repository, by their digest.
    trust(Trust) -> Trusted;
    /// Environments, releases, gates and history of a service.
    deployments(DeploymentsQuery) -> Deployments;
    /// Starts a deployment. Follow it with `run_watch`.
    deploy(DeployRequest) -> Started;
    /// Starts the promotion of what runs in one environment to another.
    promote(PromoteRequest) -> Started;
    /// Starts going back to a release that ran before.
    rollback(RollbackRequest) -> Started;
    /// Stops a service; nothing of it stays behind.
    stop(StopRequest) -> Started;
    /// Last lines of a service's log.
    service_log(LogQuery) -> Log;
    /// What a deployment would change.
    diff(DiffQuery) -> Diff;
    /// A service's workloads and events on a cluster.
    cluster(ClusterQuery) -> ClusterView;
    /// The same once something about it is new; waits a few seconds for that.
    cluster_watch(ClusterWatch) -> ClusterNews;
    /// Last lines of a pod's log.
    pod_log(PodLogQuery) -> Log;
    /// Stacks, their plans and runs.
    provisioning(ProjectDir) -> Provisioning;
    /// Starts planning a stack. Follow it with `run_watch`.
    provision_plan(ProvisionRequest) -> Started;
    /// The plan of a run.
    provision_show(RunId) -> ProvisionPlan;
    /// Applies a plan that was shown, and nothing else.
    provision_apply(ProvisionApply) -> Started;
    /// Throws a plan away that waits.
    provision_discard(RunId) -> RunDetail;
    /// Takes a lock off that somebody left.
    provision_unlock(ProvisionUnlock) -> Started;
    /// Golden signals, indicators and alarms of a service.
    monitoring(MonitoringQuery) -> Monitoring;
    /// Alarms of a project.
    alarms(ProjectDir) -> Alarms;
    /// Silences an alarm.
    alarm_silence(Silence) -> Alarms;
    /// Notes that a person knows of an alarm.
    alarm_acknowledge(AlarmId) -> Alarms;
    /// Starts what an alarm proposes. Follow it with `run_watch`.
    alarm_act(AlarmAct) -> Started;
    /// A PromQL query, answered as Prometheus does.
    monitor_query(MetricsQuery) -> MetricsAnswer;
    /// Runs of a project, after looking whether their processes are still there.
    runs_list(RunsQuery) -> Runs;
    /// One run with its steps.
    run_show(RunId) -> RunDetail;
    /// All of a run's log.
    run_log(RunId) -> Log;
    /// What is new about a run; waits a few seconds for something.
    run_watch(RunWatch) -> RunUpdate;
    /// Asks a run to cancel.
    run_cancel(RunId) -> RunDetail;
    /// KPIs of a project's runs.
    kpis(KpiQuery) -> Kpis;
    /// A plot of a KPI.
    kpi_plot(PlotQuery) -> Plot;
    /// What can be exported, and what is missing.
    reports(ProjectDir) -> Reports;
    /// Writes the report.
    export_report(ExportRequest) -> Exported;
    /// Writes the slides.
    export_slides(ExportRequest) -> Exported;
}

fn read<T: DeserializeOwned>(name: &str, params: Value) -> Result<T> {
    // serde's sentence can quote a value, and a value can be a secret: only its kind of error is told.
    serde_json::from_value(params)
        .map_err(|_| Error::BadRequest { reason: format!("the params of {name} have another shape") })
}

fn write<T: serde::Serialize>(name: &str, result: T) -> Result<Value> {
    serde_json::to_value(result)
        .map_err(|error| Error::BadRequest { reason: format!("the result of {name} is no JSON: {error}") })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::Surroundings;

    /// Text literals of the one place where codes are written that look like one: `room.what`.
    fn written() -> BTreeSet<&'static str> {
        let texts = [
            include_str!("error/mod.rs"),
            include_str!("error/rooms.rs"),
            include_str!("error/deliver.rs"),
            include_str!("error/local.rs"),
            include_str!("error/cluster.rs"),
            include_str!("error/provision.rs"),
            include_str!("error/monitor.rs"),
            // Where a run's end is journalled without an error of the engine's.
            include_str!("../../runs/src/journal.rs"),
            include_str!("carry_out.rs"),
        ];
        let literals = texts.iter().flat_map(|text| text.split('"').skip(1).step_by(2));
        let rooms = [
            "cluster.",
            "credentials.",
            "deploy.",
            "engine.",
            "gate.",
            "git.",
            "github.",
            "kpis.",
            "local.",
            "monitoring.",
            "plan.",
            "project.",
            "provision.",
            "report.",
            "run.",
            "sample.",
            "stage.",
            "store.",
        ];
        let word = |text: &&str| text.chars().all(|c| c.is_ascii_lowercase() || c == '.' || c == '_');
        literals.filter(|text| rooms.iter().any(|room| text.starts_with(room))).filter(word).collect()
    }

    #[test]
    fn every_code_is_declared_and_every_declared_code_is_used() {
        let declared: BTreeSet<&str> = ERROR_CODES.iter().copied().collect();
        assert_eq!(written(), declared);
        assert!(ERROR_CODES.is_sorted());
    }

    #[test]
    fn commands_without_a_window() {
        let home = tempfile::tempdir().unwrap();
        let variables =
            [("JALON_HOME".into(), home.path().into()), ("JALON_NOW".into(), "2026-11-20T09:00:00Z".into())];
        let around = Surroundings::read(variables, None, crate::Fallback::Memory).unwrap();
        let engine = Engine::open(around).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let call = |name: &str, params: Value| {
            let result = runtime.block_on(dispatch(&engine, name, params, &Work::silent()));
            result.map_err(|error| error.to_wire())
        };
        let changed =
            call("change_settings", serde_json::json!({ "theme": "dark", "language": "fr" })).unwrap();
        assert_eq!(changed["theme"], "dark");
        let start = call("start", Value::Null).unwrap();
        assert_eq!(
            (&start["settings"]["language"], &start["now"]),
            (&"fr".into(), &"2026-11-20T09:00:00Z".into())
        );
        assert_eq!(call("nonsense", Value::Null).unwrap_err().code, "engine.bad_request");
        // A secret in params of the wrong shape is not quoted back.
        let error = call("auth_token", serde_json::json!({ "token": ["ghp_canary"] })).unwrap_err();
        assert_eq!(error.code, "engine.bad_request");
        assert!(!serde_json::to_string(&error).unwrap().contains("ghp_canary"));
    }
}
