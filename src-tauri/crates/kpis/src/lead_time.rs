//! Change lead time: which deployment first contained a commit, and how long that took.

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::Timestamp;

use crate::bands;
use crate::chains::{Chain, order};
use crate::events::{Attempt, Commit, Kind};
use crate::kpi::{Contribution, ContributionKind, Kpi, KpiId, Measure, Secondary, Unit};
use crate::view::{View, of_attempt, seconds};

/// A commit with the deployment in scope that first contained it.
pub(crate) struct Change<'a> {
    sha: &'a str,
    committed: Timestamp,
    /// The success, and the instant at which it finished.
    deployed: Option<(&'a Attempt, Timestamp)>,
    /// Whether that was the first deployment of its service in its environment.
    baseline: bool,
}

impl Change<'_> {
    /// Seconds from commit to the first request of the deployment that counts; none where the lead time has none.
    pub fn until_requested(&self, view: &View<'_>) -> Option<f64> {
        let (attempt, finished) = self.deployed.filter(|_| !self.baseline)?;
        let requested = view.chain_of(attempt).map(Chain::requested)?;
        (view.window.contains(finished) && requested >= self.committed)
            .then(|| seconds(self.committed, requested))
    }
}

/// Where a deployed commit stands among those of its service: when it was first requested; before all others where only
/// rollbacks deployed it, because then it is older than the record.
type Rank<'a> = (Option<Timestamp>, &'a str);

/// The successes of one service in scope, by rank, each replaced by the earliest of those that rank as high or higher.
type Releases<'a> = Vec<(Rank<'a>, &'a Attempt)>;

/// Every commit, once.
pub(crate) fn changes<'a>(view: &View<'a>) -> Vec<Change<'a>> {
    let requested = first_requests(view);
    let (releases, baselines) = releases(view, &requested);
    let mut lines: BTreeMap<&str, Vec<&Commit>> = BTreeMap::new();
    for commit in view.commits {
        lines.entry(&commit.sha).or_default().push(commit);
    }
    let containing = |attempt: &'a Attempt| -> Option<&'a Attempt> {
        let own = (attempt.kind != Kind::Rollback).then_some(attempt.requested);
        let service = (attempt.service.as_str(), attempt.sha.as_str());
        let rank = (requested.get(&service).copied().or(own), attempt.sha.as_str());
        let releases = releases.get(attempt.service.as_str())?;
        releases.get(releases.partition_point(|(other, _)| *other < rank)).map(|(_, success)| *success)
    };
    let change = |(sha, commits): (&'a str, Vec<&'a Commit>)| {
        let names = commits.iter().filter_map(|commit| commit.attempt.as_deref());
        let first = names
            .flat_map(|name| view.named(name))
            .filter_map(containing)
            .min_by(|a, b| order(a).cmp(&order(b)));
        Some(Change {
            sha,
            committed: commits.iter().map(|commit| commit.committed).min()?,
            deployed: first.and_then(|success| Some((success, success.finished?))),
            baseline: first.is_some_and(|success| baselines.contains(success.id.as_str())),
        })
    };
    lines.into_iter().filter_map(change).collect()
}

/// When each commit of a service was first requested, in any environment.
fn first_requests<'a>(view: &View<'a>) -> HashMap<(&'a str, &'a str), Timestamp> {
    let mut first = HashMap::new();
    for attempt in view.everywhere() {
        if attempt.kind != Kind::Rollback && attempt.settled().is_some() {
            first
                .entry((attempt.service.as_str(), attempt.sha.as_str()))
                .and_modify(|at: &mut Timestamp| *at = attempt.requested.min(*at))
                .or_insert(attempt.requested);
        }
    }
    first
}

/// Releases by service, and the ids of the baselines.
fn releases<'a>(
    view: &View<'a>,
    requested: &HashMap<(&'a str, &'a str), Timestamp>,
) -> (HashMap<&'a str, Releases<'a>>, HashSet<&'a str>) {
    let mut releases: HashMap<&str, Releases<'a>> = HashMap::new();
    let mut first: HashMap<(&str, &str), &Attempt> = HashMap::new();
    for success in view.chains.iter().filter_map(Chain::success) {
        let rank = requested.get(&(success.service.as_str(), success.sha.as_str())).copied();
        releases.entry(&success.service).or_default().push(((rank, &success.sha), success));
        first
            .entry((&success.service, &success.environment))
            .and_modify(|earliest| *earliest = earlier(earliest, success))
            .or_insert(success);
    }
    for list in releases.values_mut() {
        list.sort_by(|(a, first), (b, second)| (a, order(first)).cmp(&(b, order(second))));
        for index in (1..list.len()).rev() {
            list[index - 1].1 = earlier(list[index - 1].1, list[index].1);
        }
    }
    (releases, first.into_values().map(|attempt| attempt.id.as_str()).collect())
}

fn earlier<'a>(a: &'a Attempt, b: &'a Attempt) -> &'a Attempt {
    if order(b) < order(a) { b } else { a }
}

pub(crate) fn lead_time(view: &View<'_>, changes: &[Change<'_>]) -> Kpi {
    let (mut values, mut events) = (Vec::new(), Vec::new());
    let (mut waiting, mut oldest) = (0, None::<Timestamp>);
    for change in changes {
        let Some((attempt, finished)) = change.deployed else {
            waiting += 1;
            oldest = Some(oldest.map_or(change.committed, |at| at.min(change.committed)));
            events.push(undeployed(change));
            continue;
        };
        if !view.window.contains(finished) {
            continue;
        }
        let value = seconds(change.committed, finished);
        let left_out = match () {
            () if change.baseline => Some("baseline"),
            () if value < 0.0 => Some("out_of_order"),
            () => None,
        };
        let counted = left_out.is_none().then_some(value);
        values.extend(counted);
        let label = if change.baseline { "baseline" } else { "deployed" };
        events.push(Contribution {
            kind: ContributionKind::Commit,
            id: change.sha.to_owned(),
            sha: change.sha.to_owned(),
            left_out,
            ..of_attempt(attempt, label, finished, counted)
        });
    }
    let age = oldest.map(|committed| seconds(committed, view.window.to()));
    let secondary = vec![
        Measure::mean(&values).beside("mean", Unit::Seconds),
        Secondary {
            id: "oldest_undeployed_age",
            value: age,
            unit: Some(Unit::Seconds),
            n: waiting,
            interval: None,
        },
    ];
    let mut kpi = Kpi::new(KpiId::ChangeLeadTime, Measure::median(&values), events, secondary);
    kpi.band = bands::duration(kpi.interval);
    kpi
}

fn undeployed(change: &Change<'_>) -> Contribution {
    Contribution {
        kind: ContributionKind::Commit,
        id: change.sha.to_owned(),
        service: None,
        environment: None,
        sha: change.sha.to_owned(),
        attempts: Vec::new(),
        label: "undeployed",
        at: change.committed,
        value: None,
        left_out: Some("undeployed"),
    }
}
