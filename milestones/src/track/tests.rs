use super::*;
use crate::{Deadline, Item, MilestoneLink, Stage};

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn stage(number: u32, deadline: &str) -> Stage {
    let to = day(deadline);
    Stage {
        number: Some(number),
        title: format!("Stage {number}"),
        deadline: Some(Deadline { from: to, to, text: deadline.into(), line: 1 }),
        ..Stage::default()
    }
}

fn linked(number: u32, deadline: &str, milestone: u32) -> Stage {
    let url = format!("https://github.com/team/app/milestone/{milestone}");
    let link = MilestoneLink { repository: "Team/App".into(), number: milestone, url };
    Stage { milestone: Some(link), ..stage(number, deadline) }
}

fn milestone(number: u32, title: &str) -> MilestoneState {
    MilestoneState { number, title: title.into(), due_on: None, closed_on: None }
}

fn issue(milestone: u32, closed_on: Option<&str>) -> IssueState {
    IssueState { milestone: Some(milestone), closed_on: closed_on.map(day), assigned: true }
}

/// Tracks with today = 2026-11-20 and no links by hand.
fn run(stages: Vec<Stage>, milestones: &[MilestoneState], issues: &[IssueState]) -> Vec<Tracked> {
    run_with(stages, milestones, issues, &HashMap::new())
}

fn run_with(
    stages: Vec<Stage>,
    milestones: &[MilestoneState],
    issues: &[IssueState],
    by_hand: &HashMap<String, u32>,
) -> Vec<Tracked> {
    let plan = Plan { stages, ..Plan::default() };
    let repository = Some("team/app");
    let today = day("2026-11-20");
    track(&plan, &Facts { repository, milestones, issues, by_hand, synced: true, today })
}

#[test]
fn links_by_hand_then_by_link_then_by_number() {
    let stages = vec![linked(1, "2026-12-01", 11), stage(2, "2026-12-02"), stage(3, "2026-12-03")];
    let milestones = [milestone(11, "x"), milestone(12, "Étape 2"), milestone(13, "Stage 2 again")];
    let by_hand = HashMap::from([("3".to_owned(), 13)]);
    let tracked = run_with(stages, &milestones, &[], &by_hand);
    let found: Vec<_> = tracked.iter().map(|t| t.milestone).collect();
    assert_eq!(found, [Some((11, LinkKind::Link)), Some((12, LinkKind::Number)), Some((13, LinkKind::Hand))]);
}

#[test]
fn a_link_elsewhere_falls_back_to_the_number_and_a_dead_link_is_told() {
    let mut elsewhere = linked(1, "2026-12-01", 1);
    elsewhere.milestone.as_mut().unwrap().repository = "other/app".into();
    let tracked = run(vec![elsewhere, linked(2, "2026-12-02", 99)], &[milestone(5, "Stage 1")], &[]);
    assert_eq!(tracked[0].milestone, Some((5, LinkKind::Number)));
    assert_eq!((tracked[1].milestone, tracked[1].missing_milestone), (None, Some(99)));
    assert!(tracked[1].risks.contains(&Risk::MilestoneMissing { number: 99 }));
}

#[test]
fn done_in_time_late_and_overdue() {
    let stages = vec![linked(1, "2026-11-10", 1), linked(2, "2026-11-12", 2), linked(3, "2026-11-15", 3)];
    let milestones = [milestone(1, "a"), milestone(2, "b"), milestone(3, "c")];
    let issues = [
        issue(1, Some("2026-11-09")),
        issue(2, Some("2026-11-14")),
        issue(3, Some("2026-11-14")),
        issue(3, None),
    ];
    let tracked = run(stages, &milestones, &issues);
    assert_eq!((tracked[0].state, tracked[0].on_time(), tracked[0].days_late), (State::Done, Some(true), 0));
    assert_eq!((tracked[1].state, tracked[1].on_time(), tracked[1].days_late), (State::Done, Some(false), 2));
    assert_eq!(
        (tracked[2].state, tracked[2].on_time(), tracked[2].days_late),
        (State::Overdue, Some(false), 5)
    );
    assert_eq!(tracked[2].done, Some(0.5));
    assert_eq!(tracked[2].risks, [Risk::Overdue { days: 5, open: 1 }]);
    assert_eq!(tracked[1].start, Some(day("2026-11-11")));
}

#[test]
fn without_a_milestone_nothing_is_claimed() {
    let tracked = run(vec![stage(0, "2026-11-01"), stage(1, "2026-12-01"), stage(2, "2026-12-09")], &[], &[]);
    assert_eq!((tracked[0].state, tracked[0].done, tracked[0].on_time()), (State::Unknown, None, None));
    assert_eq!(tracked[0].risks, [Risk::NothingTells { days: 19 }]);
    assert_eq!(tracked[1].state, State::UnderWay);
    assert_eq!(tracked[2].state, State::ToCome);
}

#[test]
fn ticked_boxes_count_where_there_is_no_milestone() {
    let boxed = |done| Item { text: "t".into(), done: Some(done), ..Item::default() };
    let half = Stage { activities: vec![boxed(true), boxed(false)], ..stage(1, "2026-12-01") };
    let nested = Item { text: "t".into(), children: vec![boxed(true)], ..Item::default() };
    let full = Stage { activities: vec![nested], ..stage(2, "2026-11-01") };
    let tracked = run(vec![half, full], &[], &[]);
    assert_eq!((tracked[0].done, tracked[0].state), (Some(0.5), State::UnderWay));
    assert_eq!((tracked[1].done, tracked[1].state, tracked[1].on_time()), (Some(1.0), State::Done, None));
}

#[test]
fn a_closed_milestone_is_finished_even_with_issues_open_and_an_empty_one_is_not() {
    let closed = MilestoneState { closed_on: Some(day("2026-11-09")), ..milestone(1, "a") };
    let stages = vec![linked(1, "2026-11-10", 1), linked(2, "2026-12-10", 2)];
    let tracked = run(stages, &[closed, milestone(2, "b")], &[issue(1, None)]);
    assert_eq!(
        (tracked[0].state, tracked[0].done, tracked[0].on_time()),
        (State::Done, Some(0.0), Some(true))
    );
    assert_eq!((tracked[1].state, tracked[1].done), (State::UnderWay, None));
    assert_eq!(tracked[1].risks, [Risk::NoIssues]);
}

#[test]
fn the_pace_decides_in_the_last_week_only() {
    let issues: Vec<_> = (0..4)
        .map(|_| issue(1, Some("2026-11-18")))
        .chain((0..3).map(|_| issue(2, None)))
        .chain((0..9).map(|_| issue(3, None)))
        .collect();
    let milestones = [milestone(1, "a"), milestone(2, "b"), milestone(3, "c")];
    let stages = |due: &str| vec![linked(1, "2026-11-19", 1), linked(2, due, 2), linked(3, "2026-12-20", 3)];
    let behind = run(stages("2026-11-22"), &milestones, &issues);
    assert_eq!(behind[1].state, State::AtRisk);
    assert_eq!(behind[1].risks, [Risk::BehindPace { days: 2, open: 3, per_week: 2.0 }]);
    assert_eq!(behind[2].risks, []);

    let few = &issues[..5];
    let soon = run(stages("2026-11-23"), &milestones, few);
    assert_eq!(soon[1].risks[0], Risk::BehindPace { days: 3, open: 1, per_week: 2.0 });
    let more: Vec<_> = few.iter().cloned().chain((0..4).map(|_| issue(1, Some("2026-11-19")))).collect();
    let soon = run(stages("2026-11-23"), &milestones, &more);
    assert_eq!(
        (soon[1].state, &soon[1].risks[..]),
        (State::UnderWay, &[Risk::DueSoon { days: 3, open: 1 }][..])
    );
}

#[test]
fn differing_dates_missing_deadlines_and_nobody_assigned_are_told() {
    let due = MilestoneState { due_on: Some(day("2026-11-26")), ..milestone(1, "a") };
    let undated = Stage { deadline: None, ..stage(2, "2026-01-01") };
    let mut alone = issue(1, None);
    alone.assigned = false;
    let closed = (0..8).map(|_| issue(9, Some("2026-11-19")));
    let issues: Vec<_> = closed.chain([alone]).collect();
    let tracked = run(vec![linked(1, "2026-11-25", 1), undated], &[due], &issues);
    let (plan, github) = (day("2026-11-25"), day("2026-11-26"));
    assert_eq!(tracked[0].risks, [Risk::Unassigned { count: 1 }, Risk::DatesDiffer { plan, github }]);
    assert_eq!(tracked[1].risks, [Risk::NoDeadline]);
}

#[test]
fn an_open_milestone_is_not_done_before_its_deadline_and_a_weeks_deadline_holds_all_its_days() {
    let mut week = linked(1, "2026-11-29", 1);
    week.deadline.as_mut().unwrap().from = day("2026-11-23");
    let due = MilestoneState { due_on: Some(day("2026-11-24")), ..milestone(1, "a") };
    let tracked = run(vec![week], &[due], &[issue(1, Some("2026-11-10"))]);
    assert_eq!((tracked[0].state, tracked[0].done, tracked[0].on_time()), (State::UnderWay, Some(1.0), None));
    assert_eq!(tracked[0].risks, []);
}
