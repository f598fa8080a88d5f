//! The three KPIs that the plan names.

use crate::bands;
use crate::kpi::{Kpi, KpiId, Measure, Secondary, Unit};
use crate::lead_time::Change;
use crate::statistics::poisson_interval;
use crate::view::{View, of_attempt, of_chain, seconds};

pub(crate) fn cycle_time(view: &View<'_>, changes: &[Change<'_>]) -> Kpi {
    let mut events = view.left_out();
    let (mut cycles, mut waits, mut rollouts) = (Vec::new(), Vec::new(), Vec::new());
    for (chain, success, finished) in view.deployments() {
        let cycle = seconds(chain.requested(), finished);
        cycles.push(cycle);
        events.push(of_chain(chain, finished, cycle));
        if let Some(started) = success.started {
            waits.push(seconds(success.requested, started));
            rollouts.push(seconds(started, finished));
        }
    }
    let commits: Vec<f64> = changes.iter().filter_map(|change| change.until_requested(view)).collect();
    let unsuccessful = view
        .chains
        .iter()
        .filter(|chain| chain.success().is_none())
        .filter(|chain| chain.last().finished.is_some_and(|finished| view.window.contains(finished)))
        .count() as u64;
    let secondary = vec![
        Measure::mean(&cycles).beside("mean", Unit::Seconds),
        Measure::median(&commits).beside("commit_to_request", Unit::Seconds),
        Measure::median(&waits).beside("request_to_start", Unit::Seconds),
        Measure::median(&rollouts).beside("start_to_live", Unit::Seconds),
        Secondary {
            id: "chains_without_success",
            value: Some(unsuccessful as f64),
            unit: None,
            n: unsuccessful,
            interval: None,
        },
    ];
    Kpi::new(KpiId::DeploymentCycleTime, Measure::median(&cycles), events, secondary)
}

pub(crate) fn frequency(view: &View<'_>) -> Kpi {
    let mut events = view.left_out();
    events.extend(view.deployments().map(|(chain, _, finished)| of_chain(chain, finished, 1.0)));
    let n = events.iter().filter(|event| event.left_out.is_none()).count() as u64;
    let elapsed = view.window.weeks_elapsed();
    let (low, high) = poisson_interval(n);
    let measure = Measure {
        value: Some(n as f64 / elapsed),
        n,
        interval: Some((low / elapsed, high / elapsed)),
        count: None,
    };
    let weeks = view.weeks();
    let whole: Vec<f64> = weeks.iter().filter(|week| !week.partial).map(|week| week.success as f64).collect();
    let weekly = Measure::median(&whole).beside("weekly_median", Unit::PerWeek);
    let mut kpi = Kpi::new(KpiId::DeploymentFrequency, measure, events, vec![weekly]);
    kpi.band = bands::frequency(kpi.interval);
    kpi.details.weeks = weeks;
    kpi
}

pub(crate) fn success_rate(view: &View<'_>) -> Kpi {
    let mut events = view.left_out();
    let (mut successes, mut finished_attempts) = (0, 0);
    for attempt in view.settled() {
        let Some(finished) = attempt.finished else { continue };
        finished_attempts += 1;
        successes += u64::from(attempt.succeeded());
        let value = if attempt.succeeded() { 1.0 } else { 0.0 };
        events.push(of_attempt(attempt, attempt.outcome.as_str(), finished, Some(value)));
    }
    let (mut chains, mut at_first, mut eventually) = (0, 0, 0);
    for chain in &view.chains {
        if chain.last().finished.is_some_and(|finished| view.window.contains(finished)) {
            chains += 1;
            at_first += u64::from(chain.first().succeeded());
            eventually += u64::from(chain.success().is_some());
        }
    }
    let secondary = vec![
        Measure::ratio(at_first, chains).beside("first_attempt_rate", Unit::Ratio),
        Measure::ratio(eventually, chains).beside("eventual_rate", Unit::Ratio),
    ];
    let measure = Measure::ratio(successes, finished_attempts);
    let mut kpi = Kpi::new(KpiId::DeploymentSuccessRate, measure, events, secondary);
    kpi.details.weeks = view.weeks();
    kpi
}
