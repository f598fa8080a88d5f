//! Which deployments failed, and when service was restored.

use std::collections::{BTreeMap, HashSet};

use jiff::Timestamp;

use crate::chains::{Chain, order};
use crate::events::{Attempt, Kind};
use crate::view::View;

/// One degradation of service that a deployment caused.
pub(crate) struct Failure<'a> {
    /// The incident's id, or that of the first rollback or hotfix where there was no incident.
    pub id: &'a str,
    /// What tells of it: `incident`, `rollback` or `rework`.
    pub label: &'static str,
    /// What caused it, in scope.
    pub attempt: &'a Attempt,
    /// The success of that attempt's chain; none where it never became a deployment.
    pub deployment: Option<&'a Attempt>,
    /// When somebody noticed; nobody says so of a rollback or hotfix without an incident.
    pub detected: Option<Timestamp>,
    /// When it was first told of.
    pub began: Timestamp,
    /// When service was restored.
    pub restored: Option<Timestamp>,
}

/// What happened to one service in one environment.
#[derive(Default)]
struct Place<'a> {
    /// In the order in which they finished.
    successes: Vec<&'a Attempt>,
    /// Finished rollbacks and hotfixes, in that order.
    interventions: Vec<&'a Attempt>,
    /// When incidents were noticed, ascending.
    detected: Vec<Timestamp>,
}

impl<'a> Place<'a> {
    /// What was live at an instant.
    fn live(&self, at: Timestamp) -> Option<&'a Attempt> {
        let after = self.successes.partition_point(|success| success.finished.is_some_and(|end| end <= at));
        after.checked_sub(1).map(|index| self.successes[index])
    }

    /// Whether an incident was noticed after one instant and not after another.
    fn noticed(&self, after: Option<Timestamp>, until: Timestamp) -> bool {
        let up_to = |limit: Timestamp| self.detected.partition_point(|at| *at <= limit);
        up_to(until) > after.map_or(0, up_to)
    }

    /// The end of the first successful rollback to another commit that ended after an instant.
    fn rolled_back(&self, sha: &str, after: Timestamp) -> Option<Timestamp> {
        let from =
            self.interventions.partition_point(|attempt| attempt.finished.is_none_or(|end| end <= after));
        self.interventions[from..]
            .iter()
            .find(|attempt| attempt.kind == Kind::Rollback && attempt.succeeded() && attempt.sha != sha)
            .and_then(|attempt| attempt.finished)
    }
}

type Places<'a> = BTreeMap<(&'a str, &'a str), Place<'a>>;

/// All failures in scope, whenever they were, in no order.
pub(crate) fn failures<'a>(view: &View<'a>) -> Vec<Failure<'a>> {
    let mut places: Places<'a> = BTreeMap::new();
    let mut settled: Vec<&Attempt> = view.chains.iter().flat_map(Chain::attempts).collect();
    settled.sort_by(|a, b| order(a).cmp(&order(b)));
    for attempt in settled {
        let place = places.entry((&attempt.service, &attempt.environment)).or_default();
        if attempt.succeeded() {
            place.successes.push(attempt);
        }
        if attempt.kind != Kind::Planned {
            place.interventions.push(attempt);
        }
    }
    let mut failures = of_incidents(view, &mut places);
    let blamed: HashSet<&str> =
        failures.iter().filter_map(|failure| failure.deployment).map(|success| success.id.as_str()).collect();
    for place in places.values() {
        failures.extend(of_interventions(place, &blamed));
    }
    failures
}

fn of_incidents<'a>(view: &View<'a>, places: &mut Places<'a>) -> Vec<Failure<'a>> {
    let mut failures = Vec::new();
    for incident in view.incidents {
        let blamed = view.blamed(&incident.attempt, incident.detected);
        let Some(attempt) = blamed.filter(|attempt| view.in_scope(attempt)) else {
            continue;
        };
        let place = places.entry((&attempt.service, &attempt.environment)).or_default();
        place.detected.push(incident.detected);
        failures.push(Failure {
            id: &incident.id,
            label: "incident",
            attempt,
            deployment: view.chain_of(attempt).and_then(Chain::success),
            detected: Some(incident.detected),
            began: incident.detected,
            restored: incident.restored.or_else(|| place.rolled_back(&attempt.sha, incident.detected)),
        });
    }
    for place in places.values_mut() {
        place.detected.sort();
    }
    failures
}

/// What rollbacks and hotfixes tell that no incident does.
fn of_interventions<'a>(place: &Place<'a>, blamed: &HashSet<&str>) -> Vec<Failure<'a>> {
    let mut by_deployment: BTreeMap<&str, Failure<'a>> = BTreeMap::new();
    let mut previous = None;
    for intervention in &place.interventions {
        let Some(finished) = intervention.finished else { continue };
        let restored = intervention.succeeded().then_some(finished);
        let live = place
            .live(intervention.requested)
            .filter(|live| live.sha != intervention.sha && !blamed.contains(live.id.as_str()))
            .filter(|_| !place.noticed(previous, finished));
        if let Some(live) = live {
            let failure = by_deployment.entry(&live.id).or_insert(Failure {
                id: &intervention.id,
                label: intervention.kind.as_str(),
                attempt: live,
                deployment: Some(live),
                detected: None,
                began: intervention.requested,
                restored,
            });
            failure.restored = failure.restored.or(restored);
        }
        previous = restored.or(previous);
    }
    by_deployment.into_values().collect()
}
