//! The plan beside GitHub's state: which milestone belongs to which stage, how far each stage is, what is at risk.
//!
//! Days are the project's own (its time zone is applied by the caller). Nothing here guesses: where nothing tells
//! how far a stage is, `done` is none.

mod link;
mod risk;

use std::collections::HashMap;

use jiff::civil::Date;

use crate::{Plan, Stage};

pub use link::LinkKind;
pub use risk::{Risk, Severity};

/// A milestone as far as tracking needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MilestoneState {
    /// Number in the repository.
    pub number: u32,
    /// Title.
    pub title: String,
    /// Day it is due on GitHub.
    pub due_on: Option<Date>,
    /// Day it was closed; none while it is open.
    pub closed_on: Option<Date>,
}

/// An issue (not a pull request) as far as tracking needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssueState {
    /// Number of its milestone.
    pub milestone: Option<u32>,
    /// Day it was closed; none while it is open.
    pub closed_on: Option<Date>,
    /// Whether somebody is assigned.
    pub assigned: bool,
}

/// What is known besides the plan.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// `owner/name` of the project, when it has one.
    pub repository: Option<&'a str>,
    /// Milestones of the repository.
    pub milestones: &'a [MilestoneState],
    /// Issues of the repository.
    pub issues: &'a [IssueState],
    /// Milestone numbers set by hand, by stage key.
    pub by_hand: &'a HashMap<String, u32>,
    /// Whether GitHub was read at all: before that, nothing is "missing" there.
    pub synced: bool,
    /// Today in the project's time zone.
    pub today: Date,
}

/// How a stage stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Finished.
    Done,
    /// Begun, or its turn has come.
    UnderWay,
    /// Under way, and the pace does not suffice.
    AtRisk,
    /// Past its deadline and not finished.
    Overdue,
    /// Not begun, deadline ahead.
    ToCome,
    /// Past its deadline, and nothing tells whether it is finished.
    Unknown,
}

/// A stage, tracked.
#[derive(Debug, Clone, PartialEq)]
pub struct Tracked {
    /// Key of the stage, unique in the plan.
    pub key: String,
    /// Day after the latest deadline before it; none for the first.
    pub start: Option<Date>,
    /// How it stands.
    pub state: State,
    /// Share of issues closed (or tasks ticked), 0..1; none where nothing tells.
    pub done: Option<f64>,
    /// Open issues of its milestone.
    pub open: u32,
    /// Closed issues of its milestone.
    pub closed: u32,
    /// Day it was finished, where that is known.
    pub finished_on: Option<Date>,
    /// Days from today to the deadline's last day; negative once it passed.
    pub days_left: Option<i32>,
    /// Days it was finished after its deadline, or is overdue.
    pub days_late: i32,
    /// Number of its milestone, and how it was found.
    pub milestone: Option<(u32, LinkKind)>,
    /// Milestone that the plan (or a hand) names, though GitHub does not have it.
    pub missing_milestone: Option<u32>,
    /// What needs attention, worst first.
    pub risks: Vec<Risk>,
}

impl Tracked {
    /// Whether it was in time: known once it is finished or overdue.
    pub fn on_time(&self) -> Option<bool> {
        match self.state {
            State::Done => self.finished_on.map(|_| self.days_late == 0),
            State::Overdue => Some(false),
            _ => None,
        }
    }
}

/// Tracks every stage of a plan, in its order.
pub fn track(plan: &Plan, facts: &Facts) -> Vec<Tracked> {
    let keys = plan.keys();
    let links = link::link(plan, &keys, facts);
    let pace = risk::pace(facts);
    let mut latest: Option<Date> = None;
    let mut tracked = Vec::with_capacity(keys.len());
    for ((stage, key), link) in plan.stages.iter().zip(keys).zip(links) {
        let start = latest.and_then(|day| day.tomorrow().ok());
        if let Some(deadline) = &stage.deadline {
            latest = latest.max(Some(deadline.to));
        }
        let mut one = measure(stage, key, start, &link, facts);
        one.risks = risk::risks(stage, &mut one, &pace, facts);
        tracked.push(one);
    }
    tracked
}

fn measure(stage: &Stage, key: String, start: Option<Date>, link: &link::Linked, facts: &Facts) -> Tracked {
    let milestone =
        link.milestone.and_then(|(number, _)| facts.milestones.iter().find(|m| m.number == number));
    let issues = || facts.issues.iter().filter(|i| milestone.is_some_and(|m| i.milestone == Some(m.number)));
    let closed = count(issues().filter(|i| i.closed_on.is_some()));
    let open = count(issues().filter(|i| i.closed_on.is_none()));
    let tasks = milestone.is_none().then(|| ticked(stage)).flatten();
    let done = match (milestone, tasks) {
        (Some(_), _) if open + closed > 0 => Some(f64::from(closed) / f64::from(open + closed)),
        (Some(milestone), _) => milestone.closed_on.map(|_| 1.0),
        (None, Some((ticked, all))) => Some(f64::from(ticked) / f64::from(all)),
        (None, None) => None,
    };
    let last_day = stage.deadline.as_ref().map(|deadline| deadline.to);
    let days_left = last_day.map(|day| days(facts.today, day));
    let past = days_left.is_some_and(|days| days < 0);
    let closed_on = milestone.and_then(|m| m.closed_on);
    let all_closed = milestone.is_some() && open == 0 && closed > 0;
    let all_ticked = tasks.is_some_and(|(ticked, all)| ticked == all);
    // An open milestone whose issues are closed may get more of them, until its deadline has passed.
    let finished = closed_on.is_some() || (all_closed && past) || all_ticked;
    // A milestone is often closed days after its last issue: the work was finished with the issue.
    let last_issue = issues().filter_map(|i| i.closed_on).max().filter(|_| all_closed);
    let finished_on = finished.then(|| last_issue.or(closed_on)).flatten();
    let begun =
        closed > 0 || done.is_some_and(|done| done > 0.0) || start.is_none_or(|start| start <= facts.today);
    let state = match () {
        () if finished => State::Done,
        () if past && done.is_some() => State::Overdue,
        () if past => State::Unknown,
        () if begun => State::UnderWay,
        () => State::ToCome,
    };
    let days_late = match (state, last_day) {
        (State::Done, Some(day)) => finished_on.map_or(0, |finished| days(day, finished).max(0)),
        (State::Overdue, Some(day)) => days(day, facts.today),
        _ => 0,
    };
    Tracked {
        key,
        start,
        state,
        done,
        open,
        closed,
        finished_on,
        days_left,
        days_late,
        milestone: link.milestone,
        missing_milestone: link.missing,
        risks: Vec::new(),
    }
}

/// Days from one day to another.
fn days(from: Date, to: Date) -> i32 {
    from.until(to).map_or(0, |span| span.get_days())
}

fn count(items: impl Iterator) -> u32 {
    u32::try_from(items.count()).unwrap_or(u32::MAX)
}

/// Ticked and all boxes of a stage's task lists; none without any box.
fn ticked(stage: &Stage) -> Option<(u32, u32)> {
    let mut boxes = (0, 0);
    let mut rest: Vec<&crate::Item> = stage.activities.iter().chain(&stage.deliverables).collect();
    while let Some(item) = rest.pop() {
        if let Some(done) = item.done {
            boxes.0 += u32::from(done);
            boxes.1 += 1;
        }
        rest.extend(&item.children);
    }
    (boxes.1 > 0).then_some(boxes)
}

#[cfg(test)]
mod tests;
