//! What the documents say in one sentence, counted from the data and from nothing else.

use crate::content::{Content, Run, Stage, StageState};

/// How the stages stand.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Stages {
    pub total: usize,
    /// Finished.
    pub done: usize,
    /// Finished, by the last day of the deadline.
    pub on_time: usize,
    /// Finished after it.
    pub late: usize,
    /// Days of the latest one among them.
    pub worst: u32,
    /// Past the deadline and not finished.
    pub overdue: usize,
    /// Past the deadline, and nothing tells.
    pub unknown: usize,
    /// Without a deadline.
    pub undated: usize,
}

/// Counts the stages.
pub(crate) fn stages(stages: &[Stage]) -> Stages {
    let mut counts = Stages { total: stages.len(), ..Stages::default() };
    for stage in stages {
        match stage.state {
            StageState::Done => {
                counts.done += 1;
                let dated = stage.finished_on.is_some() && stage.deadline.is_some();
                if stage.days_late > 0 {
                    counts.late += 1;
                    counts.worst = counts.worst.max(stage.days_late);
                } else if dated {
                    counts.on_time += 1;
                }
            }
            StageState::Overdue => counts.overdue += 1,
            StageState::Unknown => counts.unknown += 1,
            StageState::UnderWay | StageState::AtRisk | StageState::ToCome => {}
        }
        counts.undated += usize::from(stage.deadline.is_none());
    }
    counts
}

/// How the deployments ended. Rollbacks are counted apart.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Deployments {
    pub total: usize,
    pub succeeded: usize,
    pub failed: usize,
    pub cancelled: usize,
    /// Not ended, or interrupted.
    pub other: usize,
    pub rollbacks: usize,
}

/// Counts the deployments among the runs.
pub(crate) fn deployments<'r>(runs: impl IntoIterator<Item = &'r Run>) -> Deployments {
    let mut counts = Deployments::default();
    for run in runs {
        match run.kind.as_str() {
            "rollback" => counts.rollbacks += 1,
            "deploy" => {
                counts.total += 1;
                match run.state.as_str() {
                    "succeeded" => counts.succeeded += 1,
                    "failed" => counts.failed += 1,
                    "cancelled" => counts.cancelled += 1,
                    _ => counts.other += 1,
                }
            }
            _ => {}
        }
    }
    counts
}

/// Environments of the runs: those of the content in their order, then any other by name.
pub(crate) fn environments(content: &Content) -> Vec<&str> {
    let mut names: Vec<&str> = content.environments.iter().map(|one| one.name.as_str()).collect();
    let mut others: Vec<&str> = content
        .runs
        .iter()
        .map(|run| run.environment.as_str())
        .filter(|name| !names.contains(name))
        .collect();
    others.sort_unstable();
    others.dedup();
    names.extend(others);
    names.retain(|name| content.runs.iter().any(|run| run.environment == *name));
    names
}
