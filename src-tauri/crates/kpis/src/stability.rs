//! What went wrong: change fail rate, recovery time, rework rate.

use std::collections::HashSet;

use crate::bands;
use crate::events::Kind;
use crate::failures::Failure;
use crate::kpi::{Contribution, ContributionKind, Kpi, KpiId, Measure, Unit};
use crate::view::{View, of_attempt, of_chain, seconds};

pub(crate) fn change_fail_rate(view: &View<'_>, failures: &[Failure<'_>]) -> Kpi {
    let failed: HashSet<&str> =
        failures.iter().filter_map(|failure| failure.deployment).map(|success| success.id.as_str()).collect();
    let mut events = view.left_out();
    let (mut count, mut of) = (0, 0);
    for (chain, success, finished) in view.deployments() {
        if success.kind != Kind::Rollback {
            let failed = failed.contains(success.id.as_str());
            of += 1;
            count += u64::from(failed);
            events.push(of_chain(chain, finished, if failed { 1.0 } else { 0.0 }));
        }
    }
    let nowhere = failures.iter().filter(|failure| failure.deployment.is_none());
    events.extend(
        nowhere
            .filter(|failure| view.window.contains(failure.began))
            .map(|failure| contribution(failure, None, Some("unsuccessful"))),
    );
    Kpi::new(KpiId::ChangeFailRate, Measure::ratio(count, of), events, Vec::new())
}

pub(crate) fn recovery_time(view: &View<'_>, failures: &[Failure<'_>]) -> Kpi {
    let (mut values, mut from_detection, mut events) = (Vec::new(), Vec::new(), Vec::new());
    for failure in failures {
        let Some(restored) = failure.restored else {
            events.push(contribution(failure, None, Some("open")));
            continue;
        };
        if !view.window.contains(restored) {
            continue;
        }
        let left_out = match failure.attempt.finished {
            None => Some("unfinished"),
            Some(finished) if restored < finished => Some("out_of_order"),
            Some(finished) => {
                let value = seconds(finished, restored);
                values.push(value);
                from_detection.extend(failure.detected.map(|detected| seconds(detected, restored)));
                events.push(contribution(failure, Some(value), None));
                continue;
            }
        };
        events.push(contribution(failure, None, left_out));
    }
    let secondary = vec![
        Measure::mean(&values).beside("mean", Unit::Seconds),
        Measure::median(&from_detection).beside("from_detection", Unit::Seconds),
    ];
    let mut kpi = Kpi::new(KpiId::RecoveryTime, Measure::median(&values), events, secondary);
    kpi.band = bands::duration(kpi.interval);
    kpi
}

pub(crate) fn rework_rate(view: &View<'_>) -> Kpi {
    let mut events = view.left_out();
    let (mut count, mut of) = (0, 0);
    for (chain, success, finished) in view.deployments() {
        let unplanned = success.kind != Kind::Planned;
        of += 1;
        count += u64::from(unplanned);
        events.push(of_chain(chain, finished, if unplanned { 1.0 } else { 0.0 }));
    }
    Kpi::new(KpiId::ReworkRate, Measure::ratio(count, of), events, Vec::new())
}

fn contribution(failure: &Failure<'_>, value: Option<f64>, left_out: Option<&'static str>) -> Contribution {
    let at = failure.restored.unwrap_or(failure.began);
    Contribution {
        kind: ContributionKind::Incident,
        id: failure.id.to_owned(),
        left_out,
        ..of_attempt(failure.attempt, failure.label, at, value)
    }
}
