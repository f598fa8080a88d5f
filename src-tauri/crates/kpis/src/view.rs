//! The events as one window sees them: what was known at its end, its scope picked out, names resolved.

use std::collections::HashMap;

use jiff::Timestamp;

use crate::chains::{Chain, chains, order};
use crate::events::{Attempt, Commit, Events, Incident, Kind, Outcome};
use crate::kpi::{Contribution, ContributionKind};
use crate::window::{Week, Window};

pub(crate) struct View<'a> {
    pub window: &'a Window,
    pub incidents: &'a [Incident],
    pub commits: &'a [Commit],
    /// In scope, in the order in which their first attempts finished.
    pub chains: Vec<Chain<'a>>,
    attempts: &'a [Attempt],
    by_id: HashMap<&'a str, &'a Attempt>,
    by_sha: HashMap<&'a str, Vec<&'a Attempt>>,
    /// Index of the chain of every attempt that is part of one.
    chain_of: HashMap<&'a str, usize>,
}

impl<'a> View<'a> {
    /// `known` are the events as of the window's end.
    pub fn new(known: &'a Events, window: &'a Window) -> Self {
        let by_id = known.attempts.iter().map(|attempt| (attempt.id.as_str(), attempt)).collect();
        let mut by_sha: HashMap<&str, Vec<&Attempt>> = HashMap::new();
        for attempt in &known.attempts {
            by_sha.entry(&attempt.sha).or_default().push(attempt);
        }
        let chains = chains(known.attempts.iter().filter(|attempt| in_scope(attempt, window)));
        let chain_of = chains
            .iter()
            .enumerate()
            .flat_map(|(index, chain)| chain.attempts().map(move |attempt| (attempt.id.as_str(), index)))
            .collect();
        Self {
            window,
            incidents: &known.incidents,
            commits: &known.commits,
            chains,
            attempts: &known.attempts,
            by_id,
            by_sha,
            chain_of,
        }
    }

    /// Whether an attempt counts in this window's environment.
    pub fn in_scope(&self, attempt: &Attempt) -> bool {
        in_scope(attempt, self.window)
    }

    /// Attempts in all environments.
    pub fn everywhere(&self) -> &'a [Attempt] {
        self.attempts
    }

    /// Successes and failures in scope that finished in the window, in no order.
    pub fn settled(&self) -> impl Iterator<Item = &'a Attempt> {
        self.attempts.iter().filter(|attempt| {
            self.in_scope(attempt) && attempt.settled().is_some_and(|at| self.window.contains(at))
        })
    }

    /// Chains in scope that ended in success in the window, with that success and its instant.
    pub fn deployments(&self) -> impl Iterator<Item = (&Chain<'a>, &'a Attempt, Timestamp)> {
        self.chains.iter().filter_map(|chain| {
            let success = chain.success()?;
            let finished = success.finished.filter(|at| self.window.contains(*at))?;
            Some((chain, success, finished))
        })
    }

    /// Attempts in scope and in the window that neither succeeded nor failed.
    pub fn left_out(&self) -> Vec<Contribution> {
        let unsettled = |attempt: &&Attempt| self.in_scope(attempt) && attempt.settled().is_none();
        let mut left_out = Vec::new();
        for attempt in self.attempts.iter().filter(unsettled) {
            let at = attempt.finished.unwrap_or(attempt.requested);
            if self.window.contains(at) {
                // Without a finish even a success is nothing that could be counted yet.
                let reason = match attempt.outcome {
                    Outcome::Success | Outcome::Failure => Outcome::InProgress.as_str(),
                    other => other.as_str(),
                };
                left_out
                    .push(Contribution { left_out: Some(reason), ..of_attempt(attempt, reason, at, None) });
            }
        }
        left_out
    }

    /// The chain that an attempt in scope is part of; none for those that are left out.
    pub fn chain_of(&self, attempt: &Attempt) -> Option<&Chain<'a>> {
        self.chain_of.get(attempt.id.as_str()).and_then(|index| self.chains.get(*index))
    }

    /// The attempt that an incident names by id or, failing that, by commit. Of several attempts to deploy the commit:
    /// those that ended before those that did not, production before others, then what was live when the incident was
    /// noticed (a deployment of the change itself before a return to it), then what was under way.
    pub fn blamed(&self, name: &str, detected: Timestamp) -> Option<&'a Attempt> {
        let candidates = self.by_sha.get(name);
        self.by_id.get(name).copied().or_else(|| {
            candidates?.iter().copied().max_by_key(|attempt| {
                let live =
                    attempt.succeeded() && attempt.finished.is_some_and(|finished| finished <= detected);
                let nearness = match (live, attempt.requested <= detected) {
                    (true, _) if attempt.kind != Kind::Rollback => 3,
                    (true, _) => 2,
                    (false, true) => 1,
                    (false, false) => 0,
                };
                (attempt.settled().is_some(), attempt.production, nearness, order(attempt))
            })
        })
    }

    /// The attempts that a commit names by id or, failing that, by the commit that was deployed.
    pub fn named(&self, name: &str) -> Vec<&'a Attempt> {
        if let Some(attempt) = self.by_id.get(name) {
            return vec![attempt];
        }
        let all = self.by_sha.get(name).map(Vec::as_slice).unwrap_or_default();
        let settled: Vec<&Attempt> =
            all.iter().copied().filter(|attempt| attempt.settled().is_some()).collect();
        if settled.is_empty() { all.to_vec() } else { settled }
    }

    /// The window's weeks with what finished in each.
    pub fn weeks(&self) -> Vec<Week> {
        let mut weeks = self.window.weeks();
        for attempt in self.settled() {
            let Some(finished) = attempt.finished else { continue };
            let after = weeks.partition_point(|week| week.from <= finished);
            if let Some(week) = after.checked_sub(1).and_then(|index| weeks.get_mut(index)) {
                if attempt.succeeded() { week.success += 1 } else { week.failure += 1 }
            }
        }
        weeks
    }
}

fn in_scope(attempt: &Attempt, window: &Window) -> bool {
    match window.environment() {
        None => attempt.production,
        Some(environment) => attempt.environment == environment,
    }
}

/// Seconds from one instant to another; negative where the second is earlier.
pub(crate) fn seconds(from: Timestamp, to: Timestamp) -> f64 {
    to.duration_since(from).as_secs_f64()
}

/// An attempt as a contribution.
pub(crate) fn of_attempt(
    attempt: &Attempt,
    label: &'static str,
    at: Timestamp,
    value: Option<f64>,
) -> Contribution {
    Contribution {
        kind: ContributionKind::Attempt,
        id: attempt.id.clone(),
        service: Some(attempt.service.clone()),
        environment: Some(attempt.environment.clone()),
        sha: attempt.sha.clone(),
        attempts: vec![attempt.id.clone()],
        label,
        at,
        value,
        left_out: None,
    }
}

/// A chain as a contribution, named after what ended it.
pub(crate) fn of_chain(chain: &Chain<'_>, at: Timestamp, value: f64) -> Contribution {
    let last = chain.last();
    Contribution {
        kind: ContributionKind::Chain,
        attempts: chain.attempts().map(|attempt| attempt.id.clone()).collect(),
        ..of_attempt(last, last.kind.as_str(), at, Some(value))
    }
}
