//! A KPI and everything that stands behind its number.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::window::Week;

/// Which KPI.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum KpiId {
    /// Median time from the first request to success.
    DeploymentCycleTime,
    /// Successful deployments a week.
    DeploymentFrequency,
    /// Share of finished attempts that succeeded.
    DeploymentSuccessRate,
    /// Median time from commit to its first deployment.
    ChangeLeadTime,
    /// Share of deployments that needed a rollback, a hotfix or had an incident.
    ChangeFailRate,
    /// Median time from a failed deployment to service restored.
    RecoveryTime,
    /// Share of deployments that were not planned.
    ReworkRate,
}

impl KpiId {
    /// All seven: the plan's three, then DORA's, as [`compute`](crate::compute) orders them.
    pub const ALL: [Self; 7] = [
        Self::DeploymentCycleTime,
        Self::DeploymentFrequency,
        Self::DeploymentSuccessRate,
        Self::ChangeLeadTime,
        Self::ChangeFailRate,
        Self::RecoveryTime,
        Self::ReworkRate,
    ];

    /// Its name on the command line and in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::DeploymentCycleTime => "deployment_cycle_time",
            Self::DeploymentFrequency => "deployment_frequency",
            Self::DeploymentSuccessRate => "deployment_success_rate",
            Self::ChangeLeadTime => "change_lead_time",
            Self::ChangeFailRate => "change_fail_rate",
            Self::RecoveryTime => "recovery_time",
            Self::ReworkRate => "rework_rate",
        }
    }

    /// What its value is measured in.
    pub fn unit(self) -> Unit {
        match self {
            Self::DeploymentCycleTime | Self::ChangeLeadTime | Self::RecoveryTime => Unit::Seconds,
            Self::DeploymentFrequency => Unit::PerWeek,
            Self::DeploymentSuccessRate | Self::ChangeFailRate | Self::ReworkRate => Unit::Ratio,
        }
    }

    /// Its formula, in the words of the facts behind it.
    pub fn formula(self) -> &'static str {
        match self {
            Self::DeploymentCycleTime => "median(finished − requested) over successful chains",
            Self::DeploymentFrequency => "successful deployments ÷ weeks elapsed",
            Self::DeploymentSuccessRate => "successes ÷ (successes + failures) over finished attempts",
            Self::ChangeLeadTime => "median(first successful deployment − committer date) over commits",
            Self::ChangeFailRate => {
                "deployments that needed a rollback, a hotfix or had an incident ÷ successful deployments other than rollbacks"
            }
            Self::RecoveryTime => "median(service restored − failed deployment finished)",
            Self::ReworkRate => "successful rollbacks and hotfixes ÷ successful deployments",
        }
    }
}

impl std::fmt::Display for KpiId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a value is measured in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unit {
    /// Seconds.
    Seconds,
    /// Deployments in seven times 24 hours.
    PerWeek,
    /// 0 to 1.
    Ratio,
}

impl Unit {
    /// Its name in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Seconds => "s",
            Self::PerWeek => "per_week",
            Self::Ratio => "ratio",
        }
    }
}

/// Whether there is a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// There is.
    Ok,
    /// Nothing that it could be computed from: to be shown as such, never as zero.
    NoData,
}

impl State {
    /// Its name in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::NoData => "no_data",
        }
    }
}

/// One KPI over one window.
#[derive(Debug, Clone, PartialEq)]
pub struct Kpi {
    /// Which one.
    pub id: KpiId,
    /// The value, in `unit`; none without data.
    pub value: Option<f64>,
    /// What value and interval are measured in.
    pub unit: Unit,
    /// How many observations the value rests on: chains, deployments, attempts, commits or recoveries.
    pub n: u64,
    /// Lower and upper end of the 95 % interval, in `unit`; none where n is too small for one.
    pub interval: Option<(f64, f64)>,
    /// What was left out, by reason; a reason that applies to nothing is absent. Attempts: `in_progress`, `cancelled`,
    /// `superseded`, `skipped`, `unknown`. Commits: `undeployed`, `baseline` (in a first deployment), `out_of_order`
    /// (committed after its deployment). Recoveries: `open`, `out_of_order` (restored before the deployment had
    /// finished), `unfinished` (of an attempt that did not finish). Incidents, in the change fail rate: `unsuccessful`
    /// (of an attempt that never became a deployment).
    pub excluded: BTreeMap<String, u64>,
    /// Whether there is a value.
    pub state: State,
    /// DORA's band, for lead time, recovery time and frequency, where the whole interval lies in one. Durations:
    /// `under_hour`, `under_day`, `day_to_week`, `week_to_month`, `month_to_half_year`, `over_half_year`; frequencies:
    /// `on_demand`, `hourly_to_daily`, `daily_to_weekly`, `weekly_to_monthly`, `monthly_to_half_yearly`,
    /// `under_half_yearly`.
    pub band: Option<&'static str>,
    /// What opens behind the number.
    pub details: Details,
}

/// What opens behind a number.
#[derive(Debug, Clone, PartialEq)]
pub struct Details {
    /// The formula.
    pub formula: &'static str,
    /// How many of n a ratio counts; none for other KPIs.
    pub count: Option<u64>,
    /// Values to show beside the main one.
    pub secondary: Vec<Secondary>,
    /// What was counted and what was left out, by time.
    pub events: Vec<Contribution>,
    /// The window's weeks, for frequency and success rate; otherwise empty.
    pub weeks: Vec<Week>,
}

/// A value to show beside the main one.
#[derive(Debug, Clone, PartialEq)]
pub struct Secondary {
    /// Which one. `mean`; of the cycle time `commit_to_request`, `request_to_start`, `start_to_live` (its stages) and
    /// `chains_without_success` (a number); of the frequency `weekly_median`; of the success rate `first_attempt_rate`
    /// and `eventual_rate`; of the lead time `oldest_undeployed_age`; of the recovery time `from_detection`.
    pub id: &'static str,
    /// The value; none without data.
    pub value: Option<f64>,
    /// What it is measured in; none for a number of things.
    pub unit: Option<Unit>,
    /// How many observations it rests on.
    pub n: u64,
    /// 95 % interval, in the same unit.
    pub interval: Option<(f64, f64)>,
}

/// What sort of thing a contribution is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ContributionKind {
    /// Attempts merged.
    Chain,
    /// One attempt.
    Attempt,
    /// One commit.
    Commit,
    /// One incident, or a rollback or hotfix that stands for one.
    Incident,
}

impl ContributionKind {
    /// Its name in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Chain => "chain",
            Self::Attempt => "attempt",
            Self::Commit => "commit",
            Self::Incident => "incident",
        }
    }
}

/// One thing that was counted in a KPI, or left out of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Contribution {
    /// What sort of thing.
    pub kind: ContributionKind,
    /// Its own id: the last attempt's of a chain, an attempt's, a commit's sha, an incident's, or that of the first
    /// rollback or hotfix.
    pub id: String,
    /// The service; none for a commit that was never deployed.
    pub service: Option<String>,
    /// The environment; none for a commit that was never deployed.
    pub environment: Option<String>,
    /// The commit that was deployed (of an incident: the one that failed), or the commit itself.
    pub sha: String,
    /// The attempts it consists of or belongs to, in the order in which they finished.
    pub attempts: Vec<String>,
    /// What to call it: of a chain its kind (`planned`, `rollback`, `rework`), of an attempt its outcome, of a commit
    /// `deployed`, `undeployed`, `baseline`, of an incident what told of it (`incident`, `rollback`, `rework`).
    pub label: &'static str,
    /// When it counts: finished, deployed, restored; for what has none of them, when it began.
    pub at: Timestamp,
    /// Its value in the KPI's unit; of a ratio 1 or 0, of the frequency 1. None where it was left out.
    pub value: Option<f64>,
    /// Why it was left out, as in [`Kpi::excluded`]; none where it was counted.
    pub left_out: Option<&'static str>,
}

impl Kpi {
    /// Puts a KPI together; `excluded` is counted from the contributions that were left out.
    pub(crate) fn new(
        id: KpiId,
        measure: Measure,
        mut events: Vec<Contribution>,
        secondary: Vec<Secondary>,
    ) -> Self {
        events.sort_by(|a, b| (a.at, a.kind, &a.id, &a.attempts).cmp(&(b.at, b.kind, &b.id, &b.attempts)));
        let mut excluded = BTreeMap::new();
        for reason in events.iter().filter_map(|event| event.left_out) {
            *excluded.entry(reason.to_owned()).or_default() += 1;
        }
        let Measure { value, n, interval, count } = measure;
        let state = if value.is_some() { State::Ok } else { State::NoData };
        let details = Details { formula: id.formula(), count, secondary, events, weeks: Vec::new() };
        Self { id, value, unit: id.unit(), n, interval, excluded, state, band: None, details }
    }
}

/// A number with what it rests on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Measure {
    pub value: Option<f64>,
    pub n: u64,
    pub interval: Option<(f64, f64)>,
    pub count: Option<u64>,
}

impl Measure {
    /// Median of durations, with its interval.
    pub fn median(values: &[f64]) -> Self {
        Self {
            value: crate::statistics::median(values),
            n: values.len() as u64,
            interval: crate::statistics::median_interval(values),
            count: None,
        }
    }

    /// Mean, without an interval.
    pub fn mean(values: &[f64]) -> Self {
        Self { value: crate::statistics::mean(values), n: values.len() as u64, interval: None, count: None }
    }

    /// A share, with its interval.
    pub fn ratio(count: u64, of: u64) -> Self {
        Self {
            value: (of > 0).then(|| count as f64 / of as f64),
            n: of,
            interval: crate::statistics::wilson(count, of),
            count: Some(count),
        }
    }

    /// The same as a value beside another.
    pub fn beside(self, id: &'static str, unit: Unit) -> Secondary {
        let Self { value, n, interval, .. } = self;
        Secondary { id, value, unit: Some(unit), n, interval }
    }
}
