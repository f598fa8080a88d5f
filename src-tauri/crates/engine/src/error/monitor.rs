//! Errors of monitoring, and their code, params and hints.

use super::Parts;

/// What was asked of an alarm cannot be done. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum AlarmRefusal {
    /// No such alarm.
    #[error("there is no alarm {id:?}")]
    Unknown {
        /// As asked.
        id: String,
    },
    /// The alarm's indicator names no action.
    #[error("nothing is proposed about the alarm {id}: its indicator names no action")]
    NoAction {
        /// Alarm.
        id: String,
    },
    /// Conditions of its action are not met.
    #[error("nothing is done about the alarm {id}: {reasons}")]
    ActionRefused {
        /// Alarm.
        id: String,
        /// The conditions that are not met, in English.
        reasons: String,
    },
    /// There is nothing that could be started anew.
    #[error(
        "{service} in {environment} has no Deployment, StatefulSet or DaemonSet, so nothing of it can be restarted"
    )]
    CannotRestart {
        /// Service.
        service: String,
        /// Environment.
        environment: String,
    },
    /// A target did not give its metrics.
    #[error("{reason}")]
    NotScraped {
        /// Address.
        address: String,
        /// Why, as a sentence that names the address.
        reason: String,
    },
}

impl AlarmRefusal {
    pub(super) fn parts(&self) -> Parts {
        match self {
            Self::Unknown { id } => (
                "monitoring.alarm_unknown",
                vec![("id", id.clone())],
                vec!["jalonctl alarms list shows them"],
            ),
            Self::NoAction { id } => (
                "monitoring.no_action",
                vec![("id", id.clone())],
                vec!["write action = { kind = \"rollback\" } in its [[indicator]], or roll back by hand"],
            ),
            Self::ActionRefused { id, reasons } => (
                "monitoring.action_refused",
                vec![("id", id.clone()), ("reasons", reasons.clone())],
                vec!["roll back or deploy by hand if you know better: jalonctl rollback SERVICE --env E"],
            ),
            Self::CannotRestart { service, environment } => (
                "monitoring.action_unsupported",
                vec![("service", service.clone()), ("environment", environment.clone())],
                vec!["deploy again: what runs once, such as a Job, is made anew by that"],
            ),
            Self::NotScraped { address, reason } => (
                "monitoring.not_scraped",
                vec![("address", address.clone()), ("reason", reason.clone())],
                vec!["check that the service runs, and metrics in its [[service]]"],
            ),
        }
    }
}

pub(super) fn monitoring_parts(error: &monitoring::Error) -> Parts {
    use monitoring::Error as E;
    let with = |at: &String, name: &'static str, value: String| vec![("address", at.clone()), (name, value)];
    match error {
        E::Store(error) => super::store_parts(error),
        E::BadAddress { address, reason } => (
            "monitoring.address_invalid",
            with(address, "reason", reason.clone()),
            vec!["correct it in jalon.toml: prometheus = \"https://prometheus.example.org\""],
        ),
        E::PlainToken { address } => (
            "monitoring.plain_token",
            vec![("address", address.clone())],
            vec!["name its https address in jalon.toml, or remove the credential PROMETHEUS_TOKEN"],
        ),
        E::Unreachable { address, reason } => (
            "monitoring.unreachable",
            with(address, "reason", reason.clone()),
            vec!["check that it runs, and its address in jalon.toml"],
        ),
        E::TimedOut { address, seconds } => (
            "monitoring.timeout",
            with(address, "seconds", seconds.to_string()),
            vec!["ask for a shorter range or fewer series, or try again"],
        ),
        E::CutOff { address } => {
            ("monitoring.cut_off", vec![("address", address.clone())], vec!["try again"])
        }
        E::Redirected { address, to } => (
            "monitoring.elsewhere",
            with(address, "elsewhere", to.clone()),
            vec!["name the address where it answers itself; a login page may stand between"],
        ),
        E::NotPrometheus { address, reason } => (
            "monitoring.not_prometheus",
            with(address, "reason", reason.clone()),
            vec!["open the address in a browser: a login page or another service may stand there"],
        ),
        E::TokenRefused { address, status } => (
            "monitoring.token_refused",
            with(address, "status", status.to_string()),
            vec!["keep its bearer token: jalonctl credentials set PROMETHEUS_TOKEN@ENVIRONMENT"],
        ),
        E::Status { address, status } | E::Server { address, status } => (
            "monitoring.server",
            with(address, "status", status.to_string()),
            vec!["try again in a few minutes, and read its log"],
        ),
        E::TooLarge { .. } | E::TooManySeries { .. } => (
            "monitoring.too_large",
            vec![("reason", error.to_string())],
            vec!["drop labels with many values, such as ids or paths"],
        ),
        E::NotMetrics { .. } | E::Syntax { .. } => (
            "monitoring.not_metrics",
            vec![("reason", error.to_string())],
            vec!["check metrics in its [[service]]: the path is often /metrics"],
        ),
        E::Damaged { .. } => (
            "monitoring.damaged",
            vec![("reason", error.to_string())],
            vec!["move samples.sqlite away: what was measured is lost, what is measured is kept anew"],
        ),
        E::Api { message, .. } => {
            ("monitoring.query", vec![("reason", message.clone())], vec!["correct the query"])
        }
        _ => ("monitoring.query", vec![("reason", error.to_string())], vec!["correct the query"]),
    }
}
