//! A team in the middle of its plan: milestones and issues that fit the plan at hand.

use std::sync::LazyLock;

use engine::wire::PlanDocument;
use jiff::ToSpan;
use jiff::civil::Date;
use serde_json::Value;

use crate::github::{issue, milestone, pull_request};
use crate::project::plan;

/// The plan at hand, imported.
pub static PLAN: LazyLock<PlanDocument> = LazyLock::new(|| {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), plan()).unwrap();
    engine::plan_of_file(file.path()).unwrap()
});

/// Last day of a stage's deadline.
pub fn due(number: u32) -> Date {
    let stage = PLAN.stages.iter().find(|stage| stage.number == Some(number)).unwrap();
    stage.deadline.as_ref().unwrap().to.parse().unwrap()
}

/// Title of a stage.
pub fn title(number: u32) -> &'static str {
    let stage = PLAN.stages.iter().find(|stage| stage.number == Some(number)).unwrap();
    &stage.title
}

/// Noon, four days before stage 3 is due: stages 1 and 2 are done, 3 is under way.
pub fn now() -> String {
    format!("{}T12:00:00Z", before(3, 4))
}

fn before(number: u32, days: i32) -> String {
    due(number).checked_sub(days.days()).unwrap().to_string()
}

/// Milestones 1 to 5 as the plan links them, and 7 for stage 6, which only its title names.
pub fn milestones() -> Vec<Value> {
    let all = [(1, 1, Some(0)), (2, 2, Some(-1)), (3, 3, None), (4, 4, None), (5, 5, None), (7, 6, None)];
    let one = |(number, stage, closed): (u32, u32, Option<i32>)| {
        let closed = closed.map(|days| before(stage, days));
        let title = format!("Stage {stage}: {}", title(stage));
        milestone(number, &title, &due(stage).to_string(), closed.as_deref())
    };
    all.into_iter().map(one).collect()
}

/// Issues named after the plan's activities: stage 1 closed in time, stage 2 a day late, stage 3 partly, 4 to 6 open.
pub fn issues() -> Vec<Value> {
    let people = ["student-a", "student-b", "student-c", "student-d"];
    let mut all = Vec::new();
    let mut number = 10;
    for (stage, milestone) in [(1, 1), (2, 2), (3, 3), (4, 4), (5, 5), (6, 7)] {
        let planned = PLAN.stages.iter().find(|s| s.number == Some(stage)).unwrap();
        for (index, item) in planned.activities.iter().chain(&planned.deliverables).enumerate() {
            number += 1;
            let closed = match stage {
                1 => Some(before(1, 1)),
                2 => Some(before(2, if index == 0 { -1 } else { 1 })),
                3 if index < 7 => Some(before(3, 11 - i32::try_from(index).unwrap())),
                _ => None,
            };
            let person = people[number as usize % people.len()];
            let assignee = (index != 8).then_some(person);
            all.push(issue(number, &item.text, milestone, closed.as_deref(), assignee));
        }
    }
    all.push(pull_request(number + 1, "Import the application source", 1, Some(&before(1, 2))));
    all
}
