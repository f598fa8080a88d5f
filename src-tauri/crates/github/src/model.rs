//! The few fields that Jalon reads of GitHub's answers; everything else is ignored, so new fields break nothing.
//! Source: GitHub's REST API, "Milestones" and "Issues".

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Deserialize;
use store::issue::Issue;
use store::milestone::Milestone;

#[derive(Deserialize)]
pub(crate) struct UserAnswer {
    pub login: String,
}

#[derive(Deserialize)]
pub(crate) struct ErrorAnswer {
    pub message: String,
}

#[derive(Deserialize)]
pub(crate) struct MilestoneAnswer {
    number: u32,
    title: String,
    description: Option<String>,
    html_url: String,
    state: String,
    due_on: Option<Timestamp>,
    created_at: Timestamp,
    closed_at: Option<Timestamp>,
}

impl From<MilestoneAnswer> for Milestone {
    fn from(answer: MilestoneAnswer) -> Self {
        Self {
            number: answer.number,
            title: answer.title,
            description: answer.description,
            url: answer.html_url,
            closed: answer.state == "closed",
            // GitHub stores a day picked in its calendar as a time of that day in UTC: the date part is the day.
            due_on: answer.due_on.map(|at| at.to_zoned(TimeZone::UTC).date()),
            created_at: answer.created_at,
            closed_at: answer.closed_at,
        }
    }
}

#[derive(Deserialize)]
pub(crate) struct IssueAnswer {
    number: u32,
    title: String,
    html_url: String,
    pull_request: Option<serde::de::IgnoredAny>,
    state: String,
    state_reason: Option<String>,
    milestone: Option<MilestoneNumber>,
    #[serde(default)]
    assignees: Option<Vec<UserAnswer>>,
    #[serde(default)]
    labels: Vec<Label>,
    created_at: Timestamp,
    updated_at: Timestamp,
    closed_at: Option<Timestamp>,
}

#[derive(Deserialize)]
struct MilestoneNumber {
    number: u32,
}

/// GitHub's own description allows a label as an object or as its bare name.
#[derive(Deserialize)]
#[serde(untagged)]
enum Label {
    Full { name: Option<String> },
    Name(String),
}

impl From<IssueAnswer> for Issue {
    fn from(answer: IssueAnswer) -> Self {
        Self {
            number: answer.number,
            title: answer.title,
            url: answer.html_url,
            pull_request: answer.pull_request.is_some(),
            closed: answer.state == "closed",
            state_reason: answer.state_reason,
            milestone: answer.milestone.map(|milestone| milestone.number),
            assignees: answer.assignees.unwrap_or_default().into_iter().map(|user| user.login).collect(),
            labels: answer
                .labels
                .into_iter()
                .filter_map(|label| match label {
                    Label::Full { name } => name,
                    Label::Name(name) => Some(name),
                })
                .collect(),
            created_at: answer.created_at,
            updated_at: answer.updated_at,
            closed_at: answer.closed_at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_due_day_is_never_shifted() {
        for due in ["2026-11-02T08:00:00Z", "2026-11-02T00:00:00Z", "2026-11-02T23:59:59Z"] {
            let answer: MilestoneAnswer = serde_json::from_value(serde_json::json!({
                "number": 1, "title": "t", "description": null, "html_url": "u", "state": "open",
                "due_on": due, "created_at": "2026-10-01T00:00:00Z", "closed_at": null, "unknown": {}
            }))
            .unwrap();
            assert_eq!(Milestone::from(answer).due_on.unwrap().to_string(), "2026-11-02");
        }
    }

    #[test]
    fn pull_requests_labels_and_missing_people() {
        let answer: IssueAnswer = serde_json::from_value(serde_json::json!({
            "number": 2, "title": "t", "html_url": "u", "pull_request": {"url": "x"}, "state": "closed",
            "milestone": {"number": 3}, "assignees": null, "labels": ["a", {"name": "b"}, {"name": null}],
            "created_at": "2026-10-01T00:00:00Z", "updated_at": "2026-10-01T00:00:00Z",
            "closed_at": "2026-10-02T00:00:00Z"
        }))
        .unwrap();
        let issue = Issue::from(answer);
        assert!(issue.pull_request && issue.closed);
        assert_eq!((issue.milestone, issue.labels), (Some(3), vec!["a".to_owned(), "b".to_owned()]));
        assert!(issue.assignees.is_empty());
    }
}
