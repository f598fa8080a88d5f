//! Monitoring: golden signals, indicators, alarms and what can be done about them.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{ProjectHeader, TrustRequest, WireError};

/// Which part of monitoring is shown.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct MonitoringQuery {
    /// Folder of the project.
    pub dir: String,
    /// Service; the first by default.
    #[ts(optional)]
    pub service: Option<String>,
    /// Environment; production by default, else the first.
    #[ts(optional)]
    pub environment: Option<String>,
    /// Seconds up to now; an hour by default.
    #[ts(optional)]
    pub range: Option<u32>,
    /// Pixels of a plot's width: how many points are worth sending; 600 by default.
    #[ts(optional)]
    pub width: Option<u32>,
}

/// The monitoring screen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Monitoring {
    /// The project.
    pub project: ProjectHeader,
    /// What has to be trusted before anything of this repository is scraped; none once it is.
    pub trust: Option<TrustRequest>,
    /// Services of jalon.toml.
    pub services: Vec<String>,
    /// Environments of jalon.toml, in order, and whether each is production.
    pub environments: Vec<(String, bool)>,
    /// Service shown.
    pub service: Option<String>,
    /// Environment shown.
    pub environment: Option<String>,
    /// Where the samples come from.
    pub source: MetricsSource,
    /// Window shown, RFC 3339.
    pub from: String,
    /// Its end.
    pub to: String,
    /// The four golden signals: latency, errors, traffic, saturation.
    pub signals: Vec<Signal>,
    /// Deployments within the window.
    pub deployments: Vec<DeploymentMark>,
    /// Indicators of jalon.toml in this environment.
    pub indicators: Vec<IndicatorView>,
    /// Alarms of this service and environment, firing ones first.
    pub alarms: Vec<AlarmView>,
}

/// Where samples come from, and how that is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct MetricsSource {
    /// `own` (Jalon's scraper), `prometheus`, or `none` where nothing names metrics.
    pub kind: String,
    /// Address of what is scraped or asked.
    pub address: Option<String>,
    /// Seconds between two samples, where Jalon scrapes.
    pub interval: Option<u32>,
    /// When it last answered.
    pub last: Option<String>,
    /// Why it did not answer the last time.
    pub error: Option<WireError>,
    /// What it warns of.
    pub warnings: Vec<String>,
}

/// One golden signal of a service.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Signal {
    /// `latency`, `errors`, `traffic` or `saturation`.
    pub id: String,
    /// `s`, `ratio`, `per_s`, `bytes` or `1`.
    pub unit: String,
    /// Lines, in the order of the plot's styles.
    pub series: Vec<Series>,
    /// Value to show beside the title: the last of the most telling line.
    pub last: Option<f64>,
    /// Thresholds of indicators that speak of this signal.
    pub thresholds: Vec<Threshold>,
    /// Queries of the lines, in PromQL: what "explain" shows.
    pub queries: Vec<String>,
    /// Times `[from, to]` in seconds since 1970 in which an alarm about it was firing; `to` is null while it is.
    pub firing: Vec<(f64, Option<f64>)>,
    /// Why there is nothing, in English: no such metric, an error.
    pub problem: Option<String>,
}

/// A line of a plot.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Series {
    /// Label, such as `p95`.
    pub label: String,
    /// Points `[seconds since 1970, value]`, oldest first; null where there is no data.
    pub points: Vec<(f64, Option<f64>)>,
}

/// A threshold line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Threshold {
    /// Indicator.
    pub indicator: String,
    /// Value in the signal's unit.
    pub value: f64,
}

/// A deployment on the time axis.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DeploymentMark {
    /// Run.
    pub run: String,
    /// Version.
    pub version: String,
    /// When it was done, RFC 3339.
    pub at: String,
    /// `deploy` or `rollback`.
    pub kind: String,
    /// Whether it succeeded.
    pub succeeded: bool,
}

/// An indicator and how it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct IndicatorView {
    /// Name.
    pub name: String,
    /// PromQL, or the probe in words.
    pub query: String,
    /// Unit, as jalon.toml says.
    pub unit: Option<String>,
    /// Rule that raises, such as `> 1`.
    pub raise: String,
    /// Rule that clears.
    pub clear: Option<String>,
    /// Seconds it has to hold.
    pub for_seconds: u32,
    /// Last value; none where there is none.
    pub value: Option<f64>,
    /// How it is.
    pub state: AlarmState,
    /// Since when, RFC 3339.
    pub since: Option<String>,
    /// Weight among the health points.
    pub weight: f64,
}

/// States of an alarm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum AlarmState {
    /// Raised for long enough.
    Firing,
    /// Below the clear threshold, not yet long enough.
    Recovering,
    /// Raised, not yet long enough.
    Pending,
    /// It could not be evaluated.
    Error,
    /// There is no data: never the same as fine.
    NoData,
    /// The computer slept, or nobody looked yet.
    Unknown,
    /// Fine.
    Ok,
}

/// All alarms of a project.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Alarms {
    /// Jalon's and Prometheus' own, firing ones first.
    pub alarms: Vec<AlarmView>,
    /// When they were evaluated.
    pub as_of: String,
    /// Why a Prometheus could not be asked for its alerts: its alarms are missing then.
    pub problems: Vec<WireError>,
}

/// One alarm.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct AlarmView {
    /// Names it in calls.
    pub id: String,
    /// `jalon` or `prometheus`.
    pub source: String,
    /// Indicator, or Prometheus' alert name.
    pub name: String,
    /// Environment.
    pub environment: Option<String>,
    /// Service.
    pub service: Option<String>,
    /// How it is.
    pub state: AlarmState,
    /// Since when, RFC 3339.
    pub since: Option<String>,
    /// Last value.
    pub value: Option<f64>,
    /// Unit of the value.
    pub unit: Option<String>,
    /// The rule, such as `> 1 for 2m, clears < 0.5`.
    pub rule: String,
    /// English: what the error or missing data is about, or the alert's own words.
    pub message: Option<String>,
    /// Until when it is silenced, RFC 3339.
    pub silenced_until: Option<String>,
    /// When a person acknowledged it, and who.
    pub acknowledged: Option<Acknowledgement>,
    /// What probably caused it: correlated, not proven.
    pub suspect: Option<Suspect>,
    /// What could be done; none where nothing is allowed.
    pub action: Option<ProposedAction>,
}

/// Who acknowledged an alarm, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Acknowledgement {
    /// When, RFC 3339.
    pub at: String,
    /// Login, where somebody is signed in.
    pub by: Option<String>,
}

/// A deployment shortly before an alarm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Suspect {
    /// Run that brought it.
    pub run: String,
    /// Version.
    pub version: String,
    /// Seconds between it and the alarm.
    pub seconds_before: u32,
}

/// An action that a person may confirm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ProposedAction {
    /// `rollback` or `restart`.
    pub kind: String,
    /// Version it goes back to, for a rollback.
    pub to: Option<String>,
    /// What has to be true for it.
    pub checks: Vec<ActionCheck>,
    /// Whether all of them are.
    pub allowed: bool,
    /// Whether the environment's name has to be typed.
    pub confirm_name: bool,
}

/// One condition of an action.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ActionCheck {
    /// `recent_deployment`, `previous_release`, `no_migration`, `cooldown`, `limit`, `state`.
    pub id: String,
    /// Whether it is met.
    pub met: bool,
    /// English fact.
    pub message: String,
    /// What the fact is about.
    #[ts(type = "{ [key in string]?: string }")]
    pub params: std::collections::BTreeMap<String, String>,
}

/// Silences an alarm, or takes the silence off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Silence {
    /// Folder of the project.
    pub dir: String,
    /// The alarm.
    pub id: String,
    /// Seconds; 0 takes it off.
    pub seconds: u32,
}

/// Names an alarm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AlarmId {
    /// Folder of the project.
    pub dir: String,
    /// The alarm.
    pub id: String,
}

/// Confirms an alarm's proposed action.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AlarmAct {
    /// Folder of the project.
    pub dir: String,
    /// The alarm.
    pub id: String,
    /// The environment's name, typed.
    #[ts(optional)]
    pub confirm: Option<String>,
}

/// A PromQL query over the own store or the environment's Prometheus.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct MetricsQuery {
    /// Folder of the project.
    pub dir: String,
    /// Environment; production by default, else the first.
    #[ts(optional)]
    pub environment: Option<String>,
    /// PromQL.
    pub query: String,
    /// For a range: its start, RFC 3339 or seconds since 1970.
    #[ts(optional)]
    pub from: Option<String>,
    /// Its end, or the time of an instant query; now by default.
    #[ts(optional)]
    pub to: Option<String>,
    /// Step of a range in seconds.
    #[ts(optional)]
    pub step: Option<u32>,
}

/// Answer of a PromQL query, in the shape of Prometheus' own HTTP API: `{ status, data: { resultType, result } }`.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct MetricsAnswer(
    /// The answer.
    #[ts(type = "{ status: string, data: { resultType: string, result: unknown } }")]
    pub monitoring::Told<monitoring::Answer>,
);
