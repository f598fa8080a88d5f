//! What the KPIs are computed from.

use jiff::Timestamp;

/// How an attempt ended, or that it has not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Outcome {
    /// It rolled out and is healthy.
    Success,
    /// It ended without being healthy.
    Failure,
    /// Somebody stopped it.
    Cancelled,
    /// Another attempt took its place before it was a success.
    Superseded,
    /// It was decided not to run it.
    Skipped,
    /// It has not ended.
    InProgress,
    /// It should have ended long ago, and nothing tells how.
    Unknown,
}

impl Outcome {
    /// All of them, in the order in which messages list them.
    pub const ALL: [Self; 7] = [
        Self::Success,
        Self::Failure,
        Self::Cancelled,
        Self::Superseded,
        Self::Skipped,
        Self::InProgress,
        Self::Unknown,
    ];

    /// The word for it in JSON lines and in [`Kpi::excluded`](crate::Kpi::excluded).
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failure => "failure",
            Self::Cancelled => "cancelled",
            Self::Superseded => "superseded",
            Self::Skipped => "skipped",
            Self::InProgress => "in_progress",
            Self::Unknown => "unknown",
        }
    }
}

/// Why something was deployed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// A change that was planned.
    Planned,
    /// Back to an earlier release.
    Rollback,
    /// An unplanned change that repairs an incident (hotfix).
    Rework,
}

impl Kind {
    /// All of them, in the order in which messages list them.
    pub const ALL: [Self; 3] = [Self::Planned, Self::Rollback, Self::Rework];

    /// The word for it in JSON lines.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Rollback => "rollback",
            Self::Rework => "rework",
        }
    }
}

/// One attempt to deploy one commit of one service to one environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// Unique among attempts.
    pub id: String,
    /// What was deployed.
    pub service: String,
    /// Where to.
    pub environment: String,
    /// Whether that environment is production.
    pub production: bool,
    /// The commit.
    pub sha: String,
    /// 1 for the first, rising with each retry.
    pub attempt: u32,
    /// When somebody, or a workflow, asked for it.
    pub requested: Timestamp,
    /// When work began.
    pub started: Option<Timestamp>,
    /// When it ended. A success or failure without it counts as in progress.
    pub finished: Option<Timestamp>,
    /// How it ended.
    pub outcome: Outcome,
    /// Why it was made.
    pub kind: Kind,
}

impl Attempt {
    /// When it ended in success or failure; none for everything that is left out.
    pub fn settled(&self) -> Option<Timestamp> {
        match self.outcome {
            Outcome::Success | Outcome::Failure => self.finished,
            _ => None,
        }
    }

    /// Whether it ended in success.
    pub fn succeeded(&self) -> bool {
        self.outcome == Outcome::Success && self.finished.is_some()
    }
}

/// Service was degraded or down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incident {
    /// Unique among incidents.
    pub id: String,
    /// What caused it: the id of an attempt, or the commit that was deployed.
    pub attempt: String,
    /// When it was noticed.
    pub detected: Timestamp,
    /// When service was restored; none while it is open.
    pub restored: Option<Timestamp>,
}

/// A commit in the range of a deployment. A commit that several services contain stands once for each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// The commit. After a squash merge: the pull request's original one.
    pub sha: String,
    /// Its committer date.
    pub committed: Timestamp,
    /// The first deployment whose range it is in: the id of an attempt, or the commit that was deployed. None for a
    /// commit that no deployment contains yet.
    pub attempt: Option<String>,
}

/// Everything that is known. The order within the lists means nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Events {
    /// Attempts in all environments.
    pub attempts: Vec<Attempt>,
    /// Incidents.
    pub incidents: Vec<Incident>,
    /// Commits.
    pub commits: Vec<Commit>,
}

impl Events {
    /// The first and the last instant that anything tells of; none where there are no events.
    pub fn span(&self) -> Option<(Timestamp, Timestamp)> {
        let attempts = self.attempts.iter().flat_map(|attempt| {
            [Some(attempt.requested), attempt.started, attempt.finished].into_iter().flatten()
        });
        let incidents = self
            .incidents
            .iter()
            .flat_map(|incident| [Some(incident.detected), incident.restored].into_iter().flatten());
        let commits = self.commits.iter().map(|commit| commit.committed);
        attempts.chain(incidents).chain(commits).fold(None, |span, instant| match span {
            None => Some((instant, instant)),
            Some((first, last)) => Some((instant.min(first), instant.max(last))),
        })
    }

    /// What was known at an instant: nothing at or after it has happened yet.
    pub fn as_of(&self, end: Timestamp) -> Self {
        let before = |instant: &Timestamp| *instant < end;
        let attempts = self.attempts.iter().filter(|attempt| before(&attempt.requested)).map(|attempt| {
            let mut known = attempt.clone();
            known.started = attempt.started.filter(before);
            known.finished = attempt.finished.filter(before);
            if attempt.finished.is_some_and(|finished| finished >= end) {
                known.outcome = Outcome::InProgress;
            }
            known
        });
        let incidents = self.incidents.iter().filter(|incident| before(&incident.detected)).map(|incident| {
            let mut known = incident.clone();
            known.restored = incident.restored.filter(before);
            known
        });
        Self {
            attempts: attempts.collect(),
            incidents: incidents.collect(),
            commits: self.commits.iter().filter(|commit| before(&commit.committed)).cloned().collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn attempt() -> Attempt {
        Attempt {
            id: "a".to_owned(),
            service: "app".to_owned(),
            environment: "prod".to_owned(),
            production: true,
            sha: "1".to_owned(),
            attempt: 1,
            requested: at("2025-01-01T10:00:00Z"),
            started: Some(at("2025-01-01T10:01:00Z")),
            finished: Some(at("2025-01-01T10:05:00Z")),
            outcome: Outcome::Success,
            kind: Kind::Planned,
        }
    }

    #[test]
    fn nothing_at_or_after_the_end_is_known() {
        let events = Events { attempts: vec![attempt()], ..Events::default() };
        let known = |text: &str| events.as_of(at(text)).attempts;
        assert!(known("2025-01-01T10:00:00Z").is_empty());
        let halfway = known("2025-01-01T10:05:00Z");
        assert_eq!(
            (halfway[0].outcome, halfway[0].finished, halfway[0].settled()),
            (Outcome::InProgress, None, None)
        );
        assert_eq!(halfway[0].started, Some(at("2025-01-01T10:01:00Z")));
        assert_eq!(known("2025-01-01T10:05:01Z"), [attempt()]);
    }

    #[test]
    fn the_span_covers_every_instant() {
        assert_eq!(Events::default().span(), None);
        let commit = Commit { sha: "1".to_owned(), committed: at("2024-12-31T00:00:00Z"), attempt: None };
        let incident = Incident {
            id: "i".to_owned(),
            attempt: "a".to_owned(),
            detected: at("2025-01-01T11:00:00Z"),
            restored: Some(at("2025-01-02T00:00:00Z")),
        };
        let events = Events { attempts: vec![attempt()], incidents: vec![incident], commits: vec![commit] };
        assert_eq!(events.span(), Some((at("2024-12-31T00:00:00Z"), at("2025-01-02T00:00:00Z"))));
    }
}
