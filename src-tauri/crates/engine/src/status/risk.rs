//! Risks on the wire, with their English sentences.

use std::collections::BTreeMap;

use milestones::Stage;
use milestones::track::{self, Risk as Domain};

use crate::wire::{Risk, RiskCode, Severity};

/// A risk of a stage.
pub(super) fn wire(risk: &Domain, key: Option<&str>, stage: &Stage) -> Risk {
    let name = match stage.number {
        Some(number) => format!("stage {number}"),
        None => format!("{:?}", stage.title),
    };
    let (code, params, message) = match risk {
        Domain::Overdue { days, open } => (
            RiskCode::Overdue,
            vec![("days", days.to_string()), ("open", open.to_string())],
            format!("{name} is {days} d past its deadline with {open} open"),
        ),
        Domain::BehindPace { days, open, per_week } => (
            RiskCode::BehindPace,
            vec![("days", days.to_string()), ("open", open.to_string()), ("per_week", per_week.to_string())],
            format!("{name} has {open} open and {days} d left, at {per_week} closed a week"),
        ),
        Domain::DueSoon { days, open } => (
            RiskCode::DueSoon,
            vec![("days", days.to_string()), ("open", open.to_string())],
            format!("{name} is due in {days} d with {open} open"),
        ),
        Domain::NothingTells { days } => (
            RiskCode::NothingTells,
            vec![("days", days.to_string())],
            format!("{name} was due {days} d ago, and no milestone tells whether it is done"),
        ),
        Domain::MilestoneMissing { number } => (
            RiskCode::MilestoneMissing,
            vec![("number", number.to_string())],
            format!("the plan links {name} to milestone {number}, which GitHub does not have"),
        ),
        Domain::DatesDiffer { plan, github } => (
            RiskCode::DatesDiffer,
            vec![("plan", plan.to_string()), ("github", github.to_string())],
            format!("{name} is due on {plan} in the plan and on {github} on GitHub"),
        ),
        Domain::NoDeadline => (RiskCode::NoDeadline, vec![], format!("{name} has no deadline in the plan")),
        Domain::NoIssues => (RiskCode::NoIssues, vec![], format!("the milestone of {name} has no issues")),
        Domain::Unassigned { count } => (
            RiskCode::Unassigned,
            vec![("count", count.to_string())],
            format!("{count} open in {name} without an assignee"),
        ),
    };
    let mut params: BTreeMap<String, String> = params.into_iter().map(|(k, v)| (k.to_owned(), v)).collect();
    params.insert("stage".into(), stage.number.map(|n| n.to_string()).unwrap_or_default());
    params.insert("title".into(), stage.title.clone());
    let severity = match risk.severity() {
        track::Severity::Bad => Severity::Bad,
        track::Severity::Warn => Severity::Warn,
        track::Severity::Info => Severity::Info,
    };
    Risk { code, params, severity, stage: key.map(str::to_owned), message }
}
