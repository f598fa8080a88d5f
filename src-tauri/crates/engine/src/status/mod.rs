//! Where the project stands: the plan beside what is stored of GitHub. Nothing here asks the network.

mod hand;
mod risk;

use std::collections::HashMap;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use milestones::Plan;
use milestones::track::{self, Facts, IssueState, MilestoneState, Tracked, track};
use store::RepositorySnapshot;
use store::issue::Issue;

use crate::project::Project;
use crate::wire::*;
use crate::{Engine, Error, Result, Work, plan, project};

/// Closed issues that the overview lists.
const LATELY: usize = 6;
/// Deadlines that the overview lists.
const DUE: usize = 6;

/// Everything that the three views are made of.
struct Standing {
    project: Project,
    plan: Plan,
    diagnostics: Vec<PlanDiagnostic>,
    snapshot: RepositorySnapshot,
    sync: SyncState,
    today: Date,
    tracked: Vec<Tracked>,
}

impl Standing {
    async fn load(engine: &Engine, dir: &str, work: &Work) -> Result<Self> {
        let project = Project::load_in_time(dir, work).await?;
        let import = project.plan_in_time(work).await?;
        let by_hand = links_in_time(&project, work).await?;
        let zone = project.zone()?;
        let today = engine.now().to_zoned(zone.clone()).date();
        let (snapshot, sync) = work.in_time(engine, stored(engine, &project)).await?;
        let milestones: Vec<MilestoneState> =
            snapshot.milestones.iter().map(|m| milestone_state(m, &zone)).collect();
        let issues: Vec<IssueState> =
            snapshot.issues.iter().filter(|i| !i.pull_request).map(|i| issue_state(i, &zone)).collect();
        let facts = Facts {
            repository: project.config.github.as_deref(),
            milestones: &milestones,
            issues: &issues,
            by_hand: &by_hand.links,
            synced: sync.synced_at.is_some(),
            today,
        };
        let tracked = track(&import.plan, &facts);
        let mut diagnostics = plan::diagnostics(import.diagnostics);
        diagnostics.extend(by_hand.unreadable.iter().map(|(path, reason)| PlanDiagnostic {
            code: "stage.link_unreadable".to_owned(),
            message: format!("{} cannot be read: {reason}; the link it sets is left out", path.display()),
            excerpt: path.display().to_string(),
            line: 1,
            column: 1,
        }));
        let plan = import.plan;
        Ok(Self { project, plan, diagnostics, snapshot, sync, today, tracked })
    }

    fn stages(&self) -> impl Iterator<Item = (&milestones::Stage, &Tracked)> {
        self.plan.stages.iter().zip(&self.tracked)
    }

    /// The stage that an issue's milestone belongs to.
    fn stage_of(&self, milestone: Option<u32>) -> Option<String> {
        let number = milestone?;
        let owner = self.tracked.iter().find(|t| t.milestone.is_some_and(|(own, _)| own == number))?;
        Some(owner.key.clone())
    }

    fn fact(&self, number: u32) -> Option<MilestoneFact> {
        let milestone = self.snapshot.milestones.iter().find(|m| m.number == number)?;
        let issues =
            || self.snapshot.issues.iter().filter(|i| !i.pull_request && i.milestone == Some(number));
        Some(MilestoneFact {
            number,
            title: milestone.title.clone(),
            url: milestone.url.clone(),
            is_closed: milestone.closed,
            due_on: milestone.due_on.map(|day| day.to_string()),
            open: count(issues().filter(|i| !i.closed)),
            closed: count(issues().filter(|i| i.closed)),
            closed_at: milestone.closed_at.map(|at| at.to_string()),
        })
    }
}

async fn links_in_time(project: &Project, work: &Work) -> Result<hand::ByHand> {
    let dir = project.dir.clone();
    let path = hand::folder(&dir).display().to_string();
    let late = |reason| Error::ProjectUnreadable { path, reason };
    project::read(work, project::READING, late, move || Ok(hand::read(&dir))).await
}

async fn stored(engine: &Engine, project: &Project) -> Result<(RepositorySnapshot, SyncState)> {
    let signed_in = crate::auth_status(engine, (), &Work::silent()).await?.signed_in;
    let Ok(id) = engine.repository(project) else {
        let nothing = SyncState { synced_at: None, tried_at: None, error: None, signed_in };
        return Ok((RepositorySnapshot::default(), nothing));
    };
    let state = engine.store.sync_state(&id)?;
    let sync = SyncState {
        synced_at: state.synced_at.map(|at| at.to_string()),
        tried_at: state.tried_at.map(|at| at.to_string()),
        error: state.error.and_then(|text| serde_json::from_str(&text).ok()),
        signed_in,
    };
    Ok((engine.store.repository_snapshot(&id)?, sync))
}

fn day(at: Timestamp, zone: &TimeZone) -> Date {
    at.to_zoned(zone.clone()).date()
}

fn milestone_state(milestone: &store::milestone::Milestone, zone: &TimeZone) -> MilestoneState {
    // GitHub always dates a closed milestone; the day it was made is the earliest it can be.
    let closed_on = milestone.closed.then(|| day(milestone.closed_at.unwrap_or(milestone.created_at), zone));
    MilestoneState {
        number: milestone.number,
        title: milestone.title.clone(),
        due_on: milestone.due_on,
        closed_on,
    }
}

fn issue_state(issue: &Issue, zone: &TimeZone) -> IssueState {
    IssueState {
        milestone: issue.milestone,
        closed_on: issue.closed.then(|| day(issue.closed_at.unwrap_or(issue.updated_at), zone)),
        assigned: !issue.assignees.is_empty(),
    }
}

/// `status`: one line a stage.
///
/// # Errors
/// The project, its plan or the store cannot be read.
pub async fn status(engine: &Engine, params: ProjectDir, work: &Work) -> Result<Status> {
    let standing = Standing::load(engine, &params.dir, work).await?;
    let stages = standing.stages().map(|(stage, tracked)| StatusStage {
        number: stage.number,
        title: stage.title.clone(),
        deadline: stage.deadline.as_ref().map(plan::deadline),
        milestone: tracked.milestone.and_then(|(number, _)| standing.fact(number)).map(|fact| {
            StatusMilestone {
                number: fact.number,
                state: if fact.is_closed { "closed" } else { "open" }.to_owned(),
                open: fact.open,
                closed: fact.closed,
            }
        }),
        done: tracked.done,
        on_time: tracked.on_time(),
        forecast: None,
        risks: tracked.risks.iter().map(|risk| risk::wire(risk, None, stage).message).collect(),
    });
    Ok(Status {
        project: standing.project.config.name.clone(),
        as_of: standing.sync.synced_at.clone(),
        stages: stages.collect(),
    })
}

/// The overview: where do we stand, what is due next, what is at risk.
///
/// # Errors
/// The project, its plan or the store cannot be read.
pub async fn overview(engine: &Engine, params: ProjectDir, work: &Work) -> Result<Overview> {
    let standing = Standing::load(engine, &params.dir, work).await?;
    let mut risks: Vec<Risk> = standing
        .stages()
        .flat_map(|(stage, tracked)| {
            tracked.risks.iter().map(|risk| risk::wire(risk, Some(&tracked.key), stage))
        })
        .collect();
    risks.sort_by_key(|risk| risk.severity);
    let mut due_next: Vec<Due> =
        standing.stages().filter_map(|(stage, tracked)| due(stage, tracked)).collect();
    due_next.sort_by_key(|due| due.days_left);
    due_next.truncate(DUE);
    let mut closed: Vec<&Issue> = standing.snapshot.issues.iter().filter(|i| i.closed_at.is_some()).collect();
    closed.sort_by_key(|issue| std::cmp::Reverse((issue.closed_at, issue.number)));
    let lately = closed.into_iter().take(LATELY).map(|issue| ClosedIssue {
        number: issue.number,
        title: issue.title.clone(),
        url: issue.url.clone(),
        closed_at: issue.closed_at.map(|at| at.to_string()).unwrap_or_default(),
        is_pull_request: issue.pull_request,
        stage: standing.stage_of(issue.milestone),
    });
    Ok(Overview {
        project: standing.project.header(),
        today: standing.today.to_string(),
        stages: standing.stages().map(|(stage, tracked)| brief(stage, tracked)).collect(),
        risks,
        due_next,
        lately: lately.collect(),
        sync: standing.sync.clone(),
        diagnostics: count(standing.diagnostics.iter()),
    })
}

/// The milestones screen: the plan beside GitHub's state.
///
/// # Errors
/// The project, its plan or the store cannot be read.
pub async fn milestones(engine: &Engine, params: ProjectDir, work: &Work) -> Result<Milestones> {
    let standing = Standing::load(engine, &params.dir, work).await?;
    let linked: Vec<u32> =
        standing.tracked.iter().filter_map(|t| t.milestone).map(|(number, _)| number).collect();
    let mut by_milestone: HashMap<u32, Vec<&Issue>> = HashMap::new();
    for issue in &standing.snapshot.issues {
        if let Some(number) = issue.milestone {
            by_milestone.entry(number).or_default().push(issue);
        }
    }
    let unlinked = standing.snapshot.milestones.iter().filter(|m| !linked.contains(&m.number));
    let stages = standing.stages().map(|(stage, tracked)| {
        let number = tracked.milestone.map(|(number, _)| number);
        let issues = number.and_then(|number| by_milestone.get(&number)).map_or(&[][..], Vec::as_slice);
        detail(&standing, stage, tracked, issues)
    });
    Ok(Milestones {
        project: standing.project.header(),
        today: standing.today.to_string(),
        stages: stages.collect(),
        unlinked: unlinked.filter_map(|m| standing.fact(m.number)).collect(),
        diagnostics: standing.diagnostics.clone(),
        preamble: plan::notes(standing.plan.preamble.clone()),
        sync: standing.sync.clone(),
    })
}

/// Brings a stage and a milestone together by hand, in `.jalon/stages/`, where the team shares it.
///
/// # Errors
/// The plan has no such stage, or the file cannot be written.
pub async fn link_stage(engine: &Engine, params: LinkStage, work: &Work) -> Result<Milestones> {
    let project = Project::load_in_time(&params.dir, work).await?;
    if !project.plan_in_time(work).await?.plan.keys().contains(&params.stage) {
        return Err(Error::StageUnknown { stage: params.stage });
    }
    hand::write(&project.dir, &params.stage, params.milestone)?;
    milestones(engine, ProjectDir { dir: params.dir }, work).await
}

fn due(stage: &milestones::Stage, tracked: &Tracked) -> Option<Due> {
    let deadline = stage.deadline.as_ref()?;
    let days_left = tracked.days_left.filter(|days| *days >= 0 && tracked.state != track::State::Done)?;
    Some(Due {
        stage: tracked.key.clone(),
        number: stage.number,
        title: stage.title.clone(),
        deadline: plan::deadline(deadline),
        days_left,
        open: tracked.milestone.map(|_| tracked.open),
    })
}

fn brief(stage: &milestones::Stage, tracked: &Tracked) -> StageBrief {
    StageBrief {
        key: tracked.key.clone(),
        number: stage.number,
        title: stage.title.clone(),
        start: tracked.start.map(|day| day.to_string()),
        deadline: stage.deadline.as_ref().map(plan::deadline),
        state: match tracked.state {
            track::State::Done => StageState::Done,
            track::State::UnderWay => StageState::UnderWay,
            track::State::AtRisk => StageState::AtRisk,
            track::State::Overdue => StageState::Overdue,
            track::State::ToCome => StageState::ToCome,
            track::State::Unknown => StageState::Unknown,
        },
        done: tracked.done,
        open: tracked.open,
        closed: tracked.closed,
        finished_on: tracked.finished_on.map(|day| day.to_string()),
        days_left: tracked.days_left,
        days_late: tracked.days_late,
        milestone: tracked.milestone.map(|(number, _)| number),
        forecast: None,
    }
}

fn detail(
    standing: &Standing,
    stage: &milestones::Stage,
    tracked: &Tracked,
    issues: &[&Issue],
) -> StageDetail {
    let mut issues: Vec<&Issue> = issues.to_vec();
    issues.sort_by_key(|issue| (issue.closed, issue.number));
    let facts = |pull_requests: bool| {
        issues
            .iter()
            .filter(|issue| issue.pull_request == pull_requests)
            .map(|issue| issue_fact(issue))
            .collect()
    };
    StageDetail {
        brief: brief(stage, tracked),
        activities: plan::items(stage.activities.clone()),
        deliverables: plan::items(stage.deliverables.clone()),
        extras: plan::items(stage.extras.clone()),
        bonus: plan::items(stage.bonus.clone()),
        notes: plan::notes(stage.notes.clone()),
        line: stage.line,
        milestone: tracked.milestone.and_then(|(number, _)| standing.fact(number)),
        link: tracked.milestone.map(|(_, kind)| match kind {
            track::LinkKind::Hand => LinkKind::Hand,
            track::LinkKind::Link => LinkKind::Link,
            track::LinkKind::Number => LinkKind::Number,
        }),
        missing_milestone: tracked.missing_milestone,
        issues: facts(false),
        pull_requests: facts(true),
        risks: tracked.risks.iter().map(|risk| risk::wire(risk, Some(&tracked.key), stage)).collect(),
    }
}

fn issue_fact(issue: &Issue) -> IssueFact {
    IssueFact {
        number: issue.number,
        title: issue.title.clone(),
        url: issue.url.clone(),
        is_closed: issue.closed,
        assignees: issue.assignees.clone(),
        labels: issue.labels.clone(),
        closed_at: issue.closed_at.map(|at| at.to_string()),
    }
}

fn count(items: impl Iterator) -> u32 {
    u32::try_from(items.count()).unwrap_or(u32::MAX)
}
