//! Retries of one deployment, merged.

use std::collections::HashMap;

use jiff::Timestamp;

use crate::events::{Attempt, Kind};

/// Finished attempts (success or failure) to deploy one commit of one service to one environment, in the order in which
/// they finished. Ends with its first success, or with a failure that nobody has retried yet. Never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain<'a> {
    first: &'a Attempt,
    rest: Vec<&'a Attempt>,
}

impl<'a> Chain<'a> {
    /// The attempt that finished first.
    pub fn first(&self) -> &'a Attempt {
        self.first
    }

    /// The attempt that finished last.
    pub fn last(&self) -> &'a Attempt {
        self.rest.last().copied().unwrap_or(self.first)
    }

    /// All attempts.
    pub fn attempts(&self) -> impl Iterator<Item = &'a Attempt> {
        std::iter::once(self.first).chain(self.rest.iter().copied())
    }

    /// The attempt that ended it; none where none succeeded.
    pub fn success(&self) -> Option<&'a Attempt> {
        Some(self.last()).filter(|attempt| attempt.succeeded())
    }

    /// When it was first asked for.
    pub fn requested(&self) -> Timestamp {
        self.attempts().map(|attempt| attempt.requested).fold(self.first.requested, Timestamp::min)
    }
}

/// Merges attempts into chains, in the order in which the chains' first attempts finished. Attempts that neither
/// succeeded nor failed are left out. A rollback joins none but a rollback's chain: returning to a commit is no retry of
/// deploying it.
pub fn chains<'a>(attempts: impl IntoIterator<Item = &'a Attempt>) -> Vec<Chain<'a>> {
    let mut settled: Vec<&Attempt> =
        attempts.into_iter().filter(|attempt| attempt.settled().is_some()).collect();
    settled.sort_by(|a, b| order(a).cmp(&order(b)));
    let mut chains: Vec<Chain<'a>> = Vec::new();
    let mut open: HashMap<_, usize> = HashMap::new();
    for attempt in settled {
        let key = (
            attempt.service.as_str(),
            attempt.environment.as_str(),
            attempt.sha.as_str(),
            attempt.kind == Kind::Rollback,
        );
        let index = match open.get(&key) {
            Some(&index) => {
                chains[index].rest.push(attempt);
                index
            }
            None => {
                chains.push(Chain { first: attempt, rest: Vec::new() });
                chains.len() - 1
            }
        };
        if attempt.succeeded() {
            open.remove(&key);
        } else {
            open.insert(key, index);
        }
    }
    chains
}

/// The order in which attempts finished; what finished at once is told apart so that the order of a file means nothing.
pub(crate) fn order(attempt: &Attempt) -> (Option<Timestamp>, Timestamp, u32, &str) {
    (attempt.finished, attempt.requested, attempt.attempt, &attempt.id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::events::Outcome;

    fn attempt(id: &str, sha: &str, minutes: (i64, i64), outcome: Outcome, kind: Kind) -> Attempt {
        let at = |minute: i64| Timestamp::from_second(minute * 60).unwrap();
        Attempt {
            id: id.to_owned(),
            service: "app".to_owned(),
            environment: "prod".to_owned(),
            production: true,
            sha: sha.to_owned(),
            attempt: 1,
            requested: at(minutes.0),
            started: None,
            finished: Some(at(minutes.1)),
            outcome,
            kind,
        }
    }

    fn ids(attempts: &[Attempt]) -> Vec<Vec<&str>> {
        chains(attempts)
            .iter()
            .map(|chain| chain.attempts().map(|attempt| attempt.id.as_str()).collect())
            .collect()
    }

    #[test]
    fn retries_merge_until_the_first_success() {
        let (s, f) = (Outcome::Success, Outcome::Failure);
        let attempts = [
            attempt("3", "x", (30, 40), s, Kind::Planned),
            attempt("1", "x", (0, 10), f, Kind::Planned),
            attempt("2", "x", (15, 20), f, Kind::Rework),
            attempt("4", "x", (50, 60), s, Kind::Planned),
        ];
        assert_eq!(ids(&attempts), [vec!["1", "2", "3"], vec!["4"]]);
        let chains = chains(&attempts);
        assert_eq!(chains[0].requested(), attempts[1].requested);
        assert_eq!(chains[0].success().unwrap().id, "3");
    }

    #[test]
    fn what_is_left_out_does_not_touch_a_chain() {
        let attempts = [
            attempt("0", "x", (0, 5), Outcome::Cancelled, Kind::Planned),
            attempt("1", "x", (10, 20), Outcome::Failure, Kind::Planned),
            attempt("2", "x", (20, 25), Outcome::Superseded, Kind::Planned),
            attempt("3", "x", (30, 40), Outcome::Success, Kind::Planned),
        ];
        assert_eq!(ids(&attempts), [["1", "3"]]);
        assert_eq!(chains(&attempts)[0].requested(), attempts[1].requested);
    }

    #[test]
    fn a_rollback_is_a_chain_of_its_own_with_its_own_retries() {
        let (s, f) = (Outcome::Success, Outcome::Failure);
        let attempts = [
            attempt("a", "x", (0, 10), s, Kind::Planned),
            attempt("b", "y", (20, 30), s, Kind::Planned),
            attempt("r1", "x", (40, 41), f, Kind::Rollback),
            attempt("r2", "x", (42, 43), s, Kind::Rollback),
            // Never a success before: the rollback still is none of its retries.
            attempt("z1", "z", (50, 51), f, Kind::Planned),
            attempt("z2", "z", (52, 53), s, Kind::Rollback),
        ];
        assert_eq!(ids(&attempts), [vec!["a"], vec!["b"], vec!["r1", "r2"], vec!["z1"], vec!["z2"]]);
        assert!(chains(&attempts)[3].success().is_none());
    }

    #[test]
    fn overlapping_attempts_are_one_chain_from_the_first_request() {
        let attempts = [
            attempt("1", "x", (0, 30), Outcome::Success, Kind::Planned),
            attempt("2", "x", (5, 20), Outcome::Failure, Kind::Planned),
        ];
        assert_eq!(ids(&attempts), [["2", "1"]]);
        assert_eq!(chains(&attempts)[0].requested(), attempts[0].requested);
    }
}
