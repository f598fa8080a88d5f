//! Checks of commits and deployments, as GitHub keeps them.

use std::collections::{HashMap, VecDeque};

use axum::http::{HeaderMap, Method, Uri};
use axum::response::Response;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{REPOSITORY, json_answer, message, text};

/// Checks, rules and deployments of the repository.
pub struct Delivery {
    /// Check runs by commit.
    pub check_runs: HashMap<String, Vec<Value>>,
    /// Check runs of a commit once they were read the next time, the time after that, and so on.
    pub then: VecDeque<(String, Vec<Value>)>,
    /// Commit statuses by commit, the latest of each context.
    pub statuses: HashMap<String, Vec<Value>>,
    /// What branch protection names; none may not be read.
    pub protection: Option<Vec<&'static str>>,
    /// What rulesets name; none may not be read.
    pub rules: Option<Vec<&'static str>>,
    /// Commits that were not pushed.
    pub unknown: Vec<String>,
    /// Deployments, oldest first.
    pub deployments: Vec<Value>,
    /// Their statuses by id, oldest first.
    pub deployment_statuses: HashMap<u64, Vec<Value>>,
    /// The clock of what is written; each write takes a second.
    pub now: Timestamp,
    /// Who writes.
    pub login: &'static str,
}

impl Default for Delivery {
    fn default() -> Self {
        Self {
            check_runs: HashMap::new(),
            then: VecDeque::new(),
            statuses: HashMap::new(),
            protection: Some(Vec::new()),
            rules: Some(Vec::new()),
            unknown: Vec::new(),
            deployments: Vec::new(),
            deployment_statuses: HashMap::new(),
            now: "2026-11-23T08:00:00Z".parse().unwrap(),
            login: "student-a",
        }
    }
}

impl Delivery {
    /// Sets the only check runs of a commit: name, status, conclusion.
    pub fn runs(&mut self, sha: &str, runs: &[(&str, &str, Option<&str>)]) {
        let of = |(id, (name, status, conclusion)): (usize, &(&str, &str, Option<&str>))| {
            check_run(id as u64 + 1, sha, name, status, *conclusion)
        };
        self.check_runs.insert(sha.to_owned(), runs.iter().enumerate().map(of).collect());
    }

    /// States of a deployment, oldest first.
    pub fn states(&self, id: u64) -> Vec<String> {
        let all = self.deployment_statuses.get(&id).into_iter().flatten();
        all.map(|status| status["state"].as_str().unwrap().to_owned()).collect()
    }

    /// Adds a deployment of somebody's, with its statuses a minute apart; its id.
    pub fn add(&mut self, sha: &str, environment: &str, by: &str, payload: Value, states: &[&str]) -> u64 {
        let created = self.tick();
        let id = self.deployments.len() as u64 + 1;
        let body = json!({ "ref": sha, "environment": environment, "payload": payload });
        self.deployments.push(deployment(id, &body, by, created));
        let statuses = (1..).zip(states).map(|(minute, state)| {
            status(&json!({ "state": state }), by, created + SignedDuration::from_mins(minute))
        });
        self.deployment_statuses.insert(id, statuses.collect());
        id
    }

    fn tick(&mut self) -> Timestamp {
        self.now += SignedDuration::from_secs(1);
        self.now
    }
}

/// A check run.
pub fn check_run(id: u64, sha: &str, name: &str, status: &str, conclusion: Option<&str>) -> Value {
    json!({
        "id": id, "name": name, "head_sha": sha, "status": status, "conclusion": conclusion,
        "html_url": format!("https://github.com/{REPOSITORY}/runs/{id}"),
        "started_at": "2026-11-20T08:00:00Z",
        "completed_at": conclusion.map(|_| "2026-11-20T08:05:00Z"), "app": { "id": 15368 },
    })
}

/// A commit status.
pub fn commit_status(id: u64, context: &str, state: &str) -> Value {
    json!({
        "id": id, "context": context, "state": state, "target_url": null,
        "updated_at": "2026-11-20T08:05:00Z",
    })
}

fn deployment(id: u64, body: &Value, by: &str, at: Timestamp) -> Value {
    json!({
        "id": id, "sha": body["ref"], "ref": body["ref"], "task": "deploy", "environment": body["environment"],
        "production_environment": body["production_environment"].as_bool().unwrap_or(false),
        "payload": body["payload"], "description": body["description"], "creator": { "login": by },
        "created_at": at.to_string(), "updated_at": at.to_string(),
    })
}

fn status(body: &Value, by: &str, at: Timestamp) -> Value {
    json!({
        "id": at.as_second(), "state": body["state"], "description": body["description"], "creator": { "login": by },
        "created_at": at.to_string(), "updated_at": at.to_string(),
    })
}

/// Answers what is about checks and deployments; `rest` is the path below the repository. Lists are handed back to be
/// cut into pages.
pub(super) enum Routed {
    /// An answer.
    Done(Response),
    /// A list.
    List(Vec<Value>),
    /// A list inside an object, under a name.
    Within(Value, &'static str, Vec<Value>),
}

/// See [`Routed`]; none where it is about something else.
pub(super) fn route(
    delivery: &mut Delivery,
    method: &Method,
    rest: &str,
    uri: &Uri,
    headers: &HeaderMap,
    body: &[u8],
) -> Option<Routed> {
    let parts: Vec<&str> = rest.split('/').filter(|part| !part.is_empty()).collect();
    let refused = |status, words| Some(Routed::Done(message(status, words)));
    match (method.as_str(), &parts[..]) {
        ("GET", []) => Some(Routed::Done(json_answer(&json!({ "default_branch": "main" }), headers, None))),
        ("GET", ["commits", sha, what]) => {
            if delivery.unknown.iter().any(|unknown| unknown == sha) {
                return refused(422, "No commit found for SHA");
            }
            let of = |all: &HashMap<String, Vec<Value>>| all.get(*sha).cloned().unwrap_or_default();
            match *what {
                "check-runs" => {
                    let runs = of(&delivery.check_runs);
                    if delivery.then.front().is_some_and(|(of, _)| of == sha)
                        && let Some((sha, then)) = delivery.then.pop_front()
                    {
                        delivery.check_runs.insert(sha, then);
                    }
                    Some(Routed::Within(json!({}), "check_runs", runs))
                }
                "status" => {
                    let about = json!({ "sha": sha, "state": "pending" });
                    Some(Routed::Within(about, "statuses", of(&delivery.statuses)))
                }
                _ => None,
            }
        }
        ("GET", ["branches", "main"]) => match &delivery.protection {
            None => refused(404, "Not Found"),
            Some(contexts) => {
                let checks = json!({ "enforcement_level": "everyone", "contexts": contexts, "checks": [] });
                let branch = json!({ "name": "main", "protection": { "required_status_checks": checks } });
                Some(Routed::Done(json_answer(&branch, headers, None)))
            }
        },
        ("GET", ["rules", "branches", "main"]) => match &delivery.rules {
            None => refused(403, "Resource not accessible by personal access token"),
            Some(names) => {
                let checks: Vec<Value> = names.iter().map(|name| json!({ "context": name })).collect();
                let parameters = json!({ "required_status_checks": checks });
                let rules = vec![
                    json!({ "type": "deletion" }),
                    json!({ "type": "required_status_checks", "parameters": parameters }),
                ];
                Some(Routed::List(rules))
            }
        },
        ("GET", ["deployments"]) => {
            let wanted = |name: &str, value: &Value| {
                text(uri, name).is_none_or(|asked| value.as_str() == Some(asked.as_str()))
            };
            let newest = delivery.deployments.iter().rev();
            let found =
                newest.filter(|one| wanted("sha", &one["sha"]) && wanted("environment", &one["environment"]));
            Some(Routed::List(found.cloned().collect()))
        }
        ("POST", ["deployments"]) => {
            let body: Value = serde_json::from_slice(body).unwrap_or_default();
            let sha = body["ref"].as_str().unwrap_or_default();
            if sha.len() != 40 || delivery.unknown.iter().any(|unknown| unknown == sha) {
                return refused(422, "No ref found");
            }
            if body["auto_merge"] != json!(false) || body["required_contexts"] != json!([]) {
                return refused(409, "Conflict merging main, or commit statuses are pending");
            }
            let id = delivery.deployments.len() as u64 + 1;
            let at = delivery.tick();
            let made = deployment(id, &body, delivery.login, at);
            delivery.deployments.push(made.clone());
            Some(Routed::Done(created(&made)))
        }
        (method, ["deployments", id, "statuses"]) => {
            let id: u64 = id.parse().unwrap();
            if id == 0 || id > delivery.deployments.len() as u64 {
                return refused(404, "Not Found");
            }
            if method == "GET" {
                let newest = delivery.deployment_statuses.get(&id).into_iter().flatten().rev();
                return Some(Routed::List(newest.cloned().collect()));
            }
            let body: Value = serde_json::from_slice(body).unwrap_or_default();
            let described = body["description"].as_str().unwrap_or_default();
            if body["state"].as_str().is_none() || described.chars().count() > 140 {
                return refused(422, "Validation Failed");
            }
            let at = delivery.tick();
            let made = status(&body, delivery.login, at);
            delivery.deployment_statuses.entry(id).or_default().push(made.clone());
            Some(Routed::Done(created(&made)))
        }
        _ => None,
    }
}

fn created(value: &Value) -> Response {
    let mut response = json_answer(value, &HeaderMap::new(), None);
    *response.status_mut() = axum::http::StatusCode::CREATED;
    response
}
