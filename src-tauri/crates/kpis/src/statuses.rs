//! GitHub's deployment statuses, folded into an attempt (<https://docs.github.com/en/rest/deployments/statuses>).

use std::str::FromStr;

use jiff::{SignedDuration, Timestamp};

use crate::events::{Attempt, Kind, Outcome};

/// How long a deployment may go without a final status before nothing is known of it.
pub const OPEN_AT_MOST: SignedDuration = SignedDuration::from_hours(24);

/// The state that a deployment status tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StatusState {
    /// Asked for.
    Queued,
    /// Asked for; GitHub's older word.
    Pending,
    /// Begun.
    InProgress,
    /// Live.
    Success,
    /// Ended without being live.
    Failure,
    /// Ended for a reason of its own.
    Error,
    /// Another deployment took its place, before or after it was live.
    Inactive,
}

/// A state that GitHub's description does not know.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no state of a deployment status")]
pub struct UnknownStatusState(pub String);

impl FromStr for StatusState {
    type Err = UnknownStatusState;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Ok(match word {
            "queued" => Self::Queued,
            "pending" => Self::Pending,
            "in_progress" => Self::InProgress,
            "success" => Self::Success,
            "failure" => Self::Failure,
            "error" => Self::Error,
            "inactive" => Self::Inactive,
            other => return Err(UnknownStatusState(other.to_owned())),
        })
    }
}

/// One status of a deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeploymentStatus {
    /// What it tells.
    pub state: StatusState,
    /// When it was created.
    pub at: Timestamp,
}

/// A deployment as GitHub has it, without its statuses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deployment {
    /// Becomes the attempt's id.
    pub id: String,
    /// What was deployed.
    pub service: String,
    /// Where to.
    pub environment: String,
    /// Whether that is production.
    pub production: bool,
    /// The full sha.
    pub sha: String,
    /// 1 for the first of its chain.
    pub attempt: u32,
    /// Why it was made.
    pub kind: Kind,
    /// When it was created.
    pub created: Timestamp,
}

/// Folds all statuses of a deployment, in any order, into an attempt.
///
/// Requested is the first `queued` or `pending` (else the deployment's creation), started the first `in_progress`. The
/// last of `success`, `failure` and `error` is the outcome, and the first status since which it stayed so is the finish.
/// `inactive` is superseded only where there is none of these. What is not final [`OPEN_AT_MOST`] after its request is
/// unknown.
pub fn attempt_of_statuses(
    deployment: Deployment,
    statuses: &[DeploymentStatus],
    as_of: Timestamp,
) -> Attempt {
    let mut statuses = statuses.to_vec();
    statuses.sort_by_key(|status| status.at);
    let first = |wanted: &[StatusState]| {
        statuses.iter().find(|status| wanted.contains(&status.state)).map(|status| status.at)
    };
    let asked = first(&[StatusState::Queued, StatusState::Pending]).unwrap_or(deployment.created);
    // A status cannot come before its request: clocks that differ must not make durations negative.
    let requested = statuses.first().map_or(asked, |status| status.at.min(asked));
    let (outcome, finished) = match last_outcome(&statuses) {
        Some((outcome, at)) => (outcome, Some(at)),
        None => match first(&[StatusState::Inactive]) {
            Some(at) => (Outcome::Superseded, Some(at)),
            None if as_of.duration_since(requested) > OPEN_AT_MOST => (Outcome::Unknown, None),
            None => (Outcome::InProgress, None),
        },
    };
    let begun = first(&[StatusState::InProgress]);
    Attempt {
        id: deployment.id,
        service: deployment.service,
        environment: deployment.environment,
        production: deployment.production,
        sha: deployment.sha,
        attempt: deployment.attempt,
        requested,
        started: begun.filter(|at| finished.is_none_or(|end| *at <= end)),
        finished,
        outcome,
        kind: deployment.kind,
    }
}

/// The outcome that stayed, and since when.
fn last_outcome(statuses: &[DeploymentStatus]) -> Option<(Outcome, Timestamp)> {
    let mut last = None;
    for status in statuses {
        let outcome = match status.state {
            StatusState::Success => Outcome::Success,
            StatusState::Failure | StatusState::Error => Outcome::Failure,
            _ => continue,
        };
        if last.is_none_or(|(previous, _)| previous != outcome) {
            last = Some((outcome, status.at));
        }
    }
    last
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_second(minute * 60).unwrap()
    }

    fn fold(statuses: &[(&str, i64)], now: i64) -> (Outcome, i64, Option<i64>, Option<i64>) {
        let statuses: Vec<DeploymentStatus> = statuses
            .iter()
            .map(|(state, minute)| DeploymentStatus { state: state.parse().unwrap(), at: at(*minute) })
            .collect();
        let deployment = Deployment {
            id: "1".to_owned(),
            service: "app".to_owned(),
            environment: "prod".to_owned(),
            production: true,
            sha: "x".to_owned(),
            attempt: 1,
            kind: Kind::Planned,
            created: at(5),
        };
        let attempt = attempt_of_statuses(deployment, &statuses, at(now));
        let minute = |instant: Timestamp| instant.as_second() / 60;
        let Attempt { outcome, requested, started, finished, .. } = attempt;
        (outcome, minute(requested), started.map(minute), finished.map(minute))
    }

    #[test]
    fn nothing_yet_is_in_progress_and_unknown_after_a_day() {
        assert_eq!(fold(&[], 10), (Outcome::InProgress, 5, None, None));
        let open = [("queued", 10), ("in_progress", 12)];
        assert_eq!(fold(&open, 10 + 24 * 60), (Outcome::InProgress, 10, Some(12), None));
        assert_eq!(fold(&open, 11 + 24 * 60), (Outcome::Unknown, 10, Some(12), None));
    }

    #[test]
    fn inactive_is_superseded_only_if_it_never_ended() {
        assert_eq!(fold(&[("queued", 10), ("inactive", 20)], 30), (Outcome::Superseded, 10, None, Some(20)));
        let was_live = [("success", 15), ("inactive", 20)];
        assert_eq!(fold(&was_live, 30), (Outcome::Success, 5, None, Some(15)));
        let failed = [("pending", 10), ("error", 15), ("inactive", 20)];
        assert_eq!(fold(&failed, 30), (Outcome::Failure, 10, None, Some(15)));
    }

    #[test]
    fn the_last_outcome_counts_from_when_it_stayed() {
        let statuses = [("success", 40), ("queued", 10), ("failure", 20), ("success", 30)];
        assert_eq!(fold(&statuses, 60), (Outcome::Success, 10, None, Some(30)));
        let fell = [("success", 20), ("failure", 30), ("error", 35)];
        assert_eq!(fold(&fell, 60), (Outcome::Failure, 5, None, Some(30)));
        let flapped = [("success", 20), ("failure", 30), ("success", 35)];
        assert_eq!(fold(&flapped, 60), (Outcome::Success, 5, None, Some(35)));
    }

    #[test]
    fn clocks_that_differ_give_no_negative_times() {
        assert_eq!(fold(&[("success", 2), ("in_progress", 4)], 60), (Outcome::Success, 2, None, Some(2)));
        assert!("destroyed".parse::<StatusState>().is_err());
    }
}
