//! What can cost a deadline.

use jiff::civil::Date;

use super::{Facts, State, Tracked, count, days};
use crate::Stage;

/// Days over which the pace is measured.
const PACE_DAYS: i32 = 14;
/// A stage is judged by its pace once this many days are left.
const JUDGED_DAYS: i32 = 7;
/// "Soon" for a deadline.
const SOON_DAYS: i32 = 3;

/// How bad a risk is; worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Costs the deadline now.
    Bad,
    /// Will cost it if nothing happens.
    Warn,
    /// Worth knowing.
    Info,
}

/// Something that needs attention.
#[derive(Debug, Clone, PartialEq)]
pub enum Risk {
    /// The deadline passed with work open.
    Overdue {
        /// Days since the deadline.
        days: i32,
        /// Open issues.
        open: u32,
    },
    /// A week or less is left, and the pace of the last 14 days does not close what is open.
    BehindPace {
        /// Days left.
        days: i32,
        /// Open issues.
        open: u32,
        /// Issues closed a week, over the last 14 days.
        per_week: f64,
    },
    /// Three days or fewer are left with issues open.
    DueSoon {
        /// Days left.
        days: i32,
        /// Open issues.
        open: u32,
    },
    /// Past its deadline, and nothing tells whether it is done.
    NothingTells {
        /// Days since the deadline.
        days: i32,
    },
    /// The plan names a milestone that GitHub does not have.
    MilestoneMissing {
        /// Its number.
        number: u32,
    },
    /// Plan and GitHub name different days.
    DatesDiffer {
        /// Last day in the plan.
        plan: Date,
        /// Due day on GitHub.
        github: Date,
    },
    /// A numbered stage without a deadline.
    NoDeadline,
    /// Its turn has come, and its milestone has no issues.
    NoIssues,
    /// Open issues without an assignee, a week or less before the deadline.
    Unassigned {
        /// How many.
        count: u32,
    },
}

impl Risk {
    /// How bad it is.
    pub fn severity(&self) -> Severity {
        match self {
            Self::Overdue { .. } => Severity::Bad,
            Self::BehindPace { .. } | Self::DueSoon { .. } | Self::MilestoneMissing { .. } => Severity::Warn,
            Self::DatesDiffer { .. } | Self::Unassigned { .. } => Severity::Warn,
            Self::NothingTells { .. } | Self::NoDeadline | Self::NoIssues => Severity::Info,
        }
    }
}

/// Issues closed a week, over the last 14 days and all milestones.
pub(super) fn pace(facts: &Facts) -> f64 {
    let recent = |day: &Date| (0..PACE_DAYS).contains(&days(*day, facts.today));
    let closed = count(facts.issues.iter().filter_map(|i| i.closed_on).filter(recent));
    f64::from(closed) * 7.0 / f64::from(PACE_DAYS)
}

/// Risks of a stage, worst first; marks the stage as at risk where the pace does not suffice.
pub(super) fn risks(stage: &Stage, tracked: &mut Tracked, per_week: &f64, facts: &Facts) -> Vec<Risk> {
    let mut risks = Vec::new();
    let open = tracked.open;
    let done = tracked.state == State::Done;
    if let Some(number) = tracked.missing_milestone {
        risks.push(Risk::MilestoneMissing { number });
    }
    match (tracked.state, tracked.days_left) {
        (State::Overdue, Some(left)) => risks.push(Risk::Overdue { days: -left, open }),
        (State::Unknown, Some(left)) => risks.push(Risk::NothingTells { days: -left }),
        (State::UnderWay | State::ToCome, Some(left)) if open > 0 && left <= JUDGED_DAYS => {
            let possible = per_week * f64::from(left.max(1)) / 7.0;
            if f64::from(open) > possible {
                tracked.state = State::AtRisk;
                risks.push(Risk::BehindPace { days: left, open, per_week: *per_week });
            } else if left <= SOON_DAYS {
                risks.push(Risk::DueSoon { days: left, open });
            }
            let unassigned = facts.issues.iter().filter(|issue| {
                issue.closed_on.is_none()
                    && !issue.assigned
                    && issue.milestone == tracked.milestone.map(|(number, _)| number)
            });
            match count(unassigned) {
                0 => {}
                count => risks.push(Risk::Unassigned { count }),
            }
        }
        (State::UnderWay, _) if tracked.milestone.is_some() && open + tracked.closed == 0 => {
            risks.push(Risk::NoIssues);
        }
        _ => {}
    }
    let github = tracked
        .milestone
        .and_then(|(number, _)| facts.milestones.iter().find(|m| m.number == number))
        .and_then(|milestone| milestone.due_on);
    match (&stage.deadline, github) {
        // Any day of a week's deadline is that deadline.
        (Some(deadline), Some(github)) if !done && !(deadline.from..=deadline.to).contains(&github) => {
            risks.push(Risk::DatesDiffer { plan: deadline.to, github });
        }
        (None, _) if !done && stage.number.is_some() => risks.push(Risk::NoDeadline),
        _ => {}
    }
    risks.sort_by_key(Risk::severity);
    risks
}
