//! Monitoring: golden signals, indicators, alarms and what can be done about them.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{ProjectHeader, TrustRequest, WireError};

/// Which part of monitoring is shown.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct MonitoringQuery {
[ts(type = "{ status/// Folder of the project.
[ts(type = "{ statuspub dir: String,
[ts(type = "{ status/// Service; the first by default.
[ts(type = "{ status#[ts(optional)]
[ts(type = "{ statuspub service: Option<String>,
[ts(type = "{ status/// Environment; production by default, else the first.
[ts(type = "{ status#[ts(optional)]
[ts(type = "{ statuspub environment: Option<String>,
[ts(type = "{ status/// Seconds up to now; an hour by default.
[ts(type = "{ status#[ts(optional)]
[ts(type = "{ statuspub range: Option<u32>,
[ts(type = "{ status/// Pixels of a plot's width: how many points are worth sending; 600 by default.
[ts(type = "{ status#[ts(optional)]
[ts(type = "{ statuspub width: Option<u32>,
}

/// The monitoring screen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Monitoring {
[ts(type = "{ status/// The project.
[ts(type = "{ statuspub project: ProjectHeader,
[ts(type = "{ status/// What has to be trusted before anything of this repository is scraped; none once it is.
[ts(type = "{ statuspub trust: Option<TrustRequest>,
[ts(type = "{ status/// Services of jalon.toml.
[ts(type = "{ statuspub services: Vec<String>,
[ts(type = "{ status/// Environments of jalon.toml, in order, and whether each is production.
[ts(type = "{ statuspub environments: Vec<(String, bool)>,
[ts(type = "{ status/// Service shown.
[ts(type = "{ statuspub service: Option<String>,
[ts(type = "{ status/// Environment shown.
[ts(type = "{ statuspub environment: Option<String>,
[ts(type = "{ status/// Where the samples come from.
[ts(type = "{ statuspub source: MetricsSource,
[ts(type = "{ status/// Window shown, RFC 3339.
[ts(type = "{ statuspub from: String,
[ts(type = "{ status/// Its end.
[ts(type = "{ statuspub to: String,
[ts(type = "{ status/// The four golden signals: latency, errors, traffic, saturation.
[ts(type = "{ statuspub signals: Vec<Signal>,
[ts(type = "{ status/// Deployments within the window.
[ts(type = "{ statuspub deployments: Vec<DeploymentMark>,
[ts(type = "{ status/// Indicators of jalon.toml in this environment.
[ts(type = "{ statuspub indicators: Vec<IndicatorView>,
[ts(type = "{ status/// Alarms of this service and environment, firing ones first.
[ts(type = "{ statuspub alarms: Vec<AlarmView>,
}

/// Where samples come from, and how that is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct MetricsSource {
[ts(type = "{ status/// `own` (Jalon's scraper), `prometheus`, or `none` where nothing names metrics.
[ts(type = "{ statuspub kind: String,
[ts(type = "{ status/// Address of what is scraped or asked.
[ts(type = "{ statuspub address: Option<String>,
[ts(type = "{ status/// Seconds between two samples, where Jalon scrapes.
[ts(type = "{ statuspub interval: Option<u32>,
[ts(type = "{ status/// When it last answered.
[ts(type = "{ statuspub last: Option<String>,
[ts(type = "{ status/// Why it did not answer the last time.
[ts(type = "{ statuspub error: Option<WireError>,
[ts(type = "{ status/// What it warns of.
[ts(type = "{ statuspub warnings: Vec<String>,
}

/// One golden signal of a service.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Signal {
[ts(type = "{ status/// `latency`, `errors`, `traffic` or `saturation`.
[ts(type = "{ statuspub id: String,
[ts(type = "{ status/// `s`, `ratio`, `per_s`, `bytes` or `1`.
[ts(type = "{ statuspub unit: String,
[ts(type = "{ status/// Lines, in the order of the plot's styles.
[ts(type = "{ statuspub series: Vec<Series>,
[ts(type = "{ status/// Value to show beside the title: the last of the most telling line.
[ts(type = "{ statuspub last: Option<f64>,
[ts(type = "{ status/// Thresholds of indicators that speak of this signal.
[ts(type = "{ statuspub thresholds: Vec<Threshold>,
[ts(type = "{ status/// Queries of the lines, in PromQL: what "explain" shows.
[ts(type = "{ statuspub queries: Vec<String>,
[ts(type = "{ status/// Times `[from, to]` in seconds since 1970 in which an alarm about it was firing; `to` is null while it is.
[ts(type = "{ statuspub firing: Vec<(f64, Option<f64>)>,
[ts(type = "{ status/// Why there is nothing, in English: no such metric, an error.
[ts(type = "{ statuspub problem: Option<String>,
}

/// A line of a plot.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Series {
[ts(type = "{ status/// Label, such as `p95`.
[ts(type = "{ statuspub label: String,
[ts(type = "{ status/// Points `[seconds since 1970, value]`, oldest first; null where there is no data.
[ts(type = "{ statuspub points: Vec<(f64, Option<f64>)>,
}

/// A threshold line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Threshold {
[ts(type = "{ status/// Indicator.
[ts(type = "{ statuspub indicator: String,
[ts(type = "{ status/// Value in the signal's unit.
[ts(type = "{ statuspub value: f64,
}

/// A deployment on the time axis.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DeploymentMark {
[ts(type = "{ status/// Run.
[ts(type = "{ statuspub run: String,
[ts(type = "{ status/// Version.
[ts(type = "{ statuspub version: String,
[ts(type = "{ status/// When it was done, RFC 3339.
[ts(type = "{ statuspub at: String,
[ts(type = "{ status/// `deploy` or `rollback`.
[ts(type = "{ statuspub kind: String,
[ts(type = "{ status/// Whether it succeeded.
[ts(type = "{ statuspub succeeded: bool,
}

/// An indicator and how it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct IndicatorView {
[ts(type = "{ status/// Name.
[ts(type = "{ statuspub name: String,
[ts(type = "{ status/// PromQL, or the probe in words.
[ts(type = "{ statuspub query: String,
[ts(type = "{ status/// Unit, as jalon.toml says.
[ts(type = "{ statuspub unit: Option<String>,
[ts(type = "{ status/// Rule that raises, such as `> 1`.
[ts(type = "{ statuspub raise: String,
[ts(type = "{ status/// Rule that clears.
[ts(type = "{ statuspub clear: Option<String>,
[ts(type = "{ status/// Seconds it has to hold.
[ts(type = "{ statuspub for_seconds: u32,
[ts(type = "{ status/// Last value; none where there is none.
[ts(type = "{ statuspub value: Option<f64>,
[ts(type = "{ status/// How it is.
[ts(type = "{ statuspub state: AlarmState,
[ts(type = "{ status/// Since when, RFC 3339.
[ts(type = "{ statuspub since: Option<String>,
[ts(type = "{ status/// Weight among the health points.
[ts(type = "{ statuspub weight: f64,
}

/// States of an alarm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum AlarmState {
[ts(type = "{ status/// Raised for long enough.
[ts(type = "{ statusFiring,
[ts(type = "{ status/// Below the clear threshold, not yet long enough.
[ts(type = "{ statusRecovering,
[ts(type = "{ status/// Raised, not yet long enough.
[ts(type = "{ statusPending,
[ts(type = "{ status/// It could not be evaluated.
[ts(type = "{ statusError,
[ts(type = "{ status/// There is no data: never the same as fine.
[ts(type = "{ statusNoData,
[ts(type = "{ status/// The computer slept, or nobody looked yet.
[ts(type = "{ statusUnknown,
[ts(type = "{ status/// Fine.
[ts(type = "{ statusOk,
}

/// All alarms of a project.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Alarms {
[ts(type = "{ status/// Jalon's and Prometheus' own, firing ones first.
[ts(type = "{ statuspub alarms: Vec<AlarmView>,
[ts(type = "{ status/// When they were evaluated.
[ts(type = "{ statuspub as_of: String,
[ts(type = "{ status/// Why a Prometheus could not be asked for its alerts: its alarms are missing then.
[ts(type = "{ statuspub problems: Vec<WireError>,
}

/// One alarm.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct AlarmView {
[ts(type = "{ status/// Names it in calls.
[ts(type = "{ statuspub id: String,
[ts(type = "{ status/// `jalon` or `prometheus`.
[ts(type = "{ statuspub source: String,
[ts(type = "{ status/// Indicator, or Prometheus' alert name.
[ts(type = "{ statuspub name: String,
[ts(type = "{ status/// Environment.
[ts(type = "{ statuspub environment: Option<String>,
[ts(type = "{ status/// Service.
[ts(type = "{ statuspub service: Option<String>,
[ts(type = "{ status/// How it is.
[ts(type = "{ statuspub state: AlarmState,
[ts(type = "{ status/// Since when, RFC 3339.
[ts(type = "{ statuspub since: Option<String>,
[ts(type = "{ status/// Last value.
[ts(type = "{ statuspub value: Option<f64>,
[ts(type = "{ status/// Unit of the value.
[ts(type = "{ statuspub unit: Option<String>,
[ts(type = "{ status/// The rule, such as `> 1 for 2m, clears < 0.5`.
[ts(type = "{ statuspub rule: String,
[ts(type = "{ status/// English: what the error or missing data is about, or the alert's own words.
[ts(type = "{ statuspub message: Option<String>,
[ts(type = "{ status/// Until when it is silenced, RFC 3339.
[ts(type = "{ statuspub silenced_until: Option<String>,
[ts(type = "{ status/// When a person acknowledged it, and who.
[ts(type = "{ statuspub acknowledged: Option<Acknowledgement>,
[ts(type = "{ status/// What probably caused it: correlated, not proven.
[ts(type = "{ statuspub suspect: Option<Suspect>,
[ts(type = "{ status/// What could be done; none where nothing is allowed.
[ts(type = "{ statuspub action: Option<ProposedAction>,
}

/// Who acknowledged an alarm, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Acknowledgement {
[ts(type = "{ status/// When, RFC 3339.
[ts(type = "{ statuspub at: String,
[ts(type = "{ status/// Login, where somebody is signed in.
[ts(type = "{ statuspub by: Option<String>,
}

/// A deployment shortly before an alarm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Suspect {
[ts(type = "{ status/// Run that brought it.
[ts(type = "{ statuspub run: String,
[ts(type = "{ status/// Version.
[ts(type = "{ statuspub version: String,
[ts(type = "{ status/// Seconds between it and the alarm.
[ts(type = "{ statuspub seconds_before: u32,
}

/// An action that a person may confirm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ProposedAction {
[ts(type = "{ status/// `rollback` or `restart`.
[ts(type = "{ statuspub kind: String,
[ts(type = "{ status/// Version it goes back to, for a rollback.
[ts(type = "{ statuspub to: Option<String>,
[ts(type = "{ status/// What has to be true for it.
[ts(type = "{ statuspub checks: Vec<ActionCheck>,
[ts(type = "{ status/// Whether all of them are.
[ts(type = "{ statuspub allowed: bool,
[ts(type = "{ status/// Whether the environment's name has to be typed.
[ts(type = "{ statuspub confirm_name: bool,
}

/// One condition of an action.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ActionCheck {
[ts(type = "{ status/// `recent_deployment`, `previous_release`, `no_migration`, `cooldown`, `limit`, `state`.
[ts(type = "{ statuspub id: String,
[ts(type = "{ status/// Whether it is met.
[ts(type = "{ statuspub met: bool,
[ts(type = "{ status/// English fact.
[ts(type = "{ statuspub message: String,
[ts(type = "{ status/// What the fact is about.
[ts(type = "{ status#[ts(type = "{ [key in string]?: string }")]
[ts(type = "{ statuspub params: std::collections::BTreeMap<String, String>,
}

/// Silences an alarm, or takes the silence off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Silence {
[ts(type = "{ status/// Folder of the project.
[ts(type = "{ statuspub dir: String,
[ts(type = "{ status/// The alarm.
[ts(type = "{ statuspub id: String,
[ts(type = "{ status/// Seconds; 0 takes it off.
[ts(type = "{ statuspub seconds: u32,
}

/// Names an alarm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AlarmId {
[ts(type = "{ status/// Folder of the project.
[ts(type = "{ statuspub dir: String,
[ts(type = "{ status/// The alarm.
[ts(type = "{ statuspub id: String,
}

/// Confirms an alarm's proposed action.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AlarmAct {
[ts(type = "{ status/// Folder of the project.
[ts(type = "{ statuspub dir: String,
[ts(type = "{ status/// The alarm.
[ts(type = "{ statuspub id: String,
[ts(type = "{ status/// The environment's name, typed.
[ts(type = "{ status#[ts(optional)]
[ts(type = "{ statuspub confirm: Option<String>,
}

/// A PromQL query over the own store or the environment's Prometheus.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct MetricsQuery {
[ts(type = "{ status/// Folder of the project.
[ts(type = "{ statuspub dir: String,
[ts(type = "{ status/// Environment; production by default, else the first.
[ts(type = "{ status#[ts(optional)]
[ts(type = "{ statuspub environment: Option<String>,
[ts(type = "{ status/// PromQL.
[ts(type = "{ statuspub query: String,
[ts(type = "{ status/// For a range: its start, RFC 3339 or seconds since 1970.
[ts(type = "{ status#[ts(optional)]
[ts(type = "{ statuspub from: Option<String>,
[ts(type = "{ status/// Its end, or the time of an instant query; now by default.
[ts(type = "{ status#[ts(optional)]
[ts(type = "{ statuspub to: Option<String>,
[ts(type = "{ status/// Step of a range in seconds.
[ts(type = "{ status#[ts(optional)]
[ts(type = "{ statuspub step: Option<u32>,
}

/// Answer of a PromQL query, in the shape of Prometheus' own HTTP API: `{ status, data: { resultType, result } }`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct MetricsAnswer(
    /// The answer.
[ts(type = "{ status#[ts(type = "{ status: string, data: { resultType: string, result: unknown } }")] pub serde_json::Value,
);
